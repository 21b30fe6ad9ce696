// Command verify looks at a transaction that another party made, before the
// owner signs it: what does it do, and does it keep the owner's limits?
//
// It runs on an embedded market of real pools, and makes the transaction itself.
// To verify a real one, connect to a node with sdk.New.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	client, owner, err := sdktest.DemoClient()
	if err != nil {
		return err
	}
	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		return err
	}

	// This comes from elsewhere: a transaction in base64.
	var opts sdk.TradeOptions
	opts.Owner = owner.PublicKey()
	unsigned, _, err := client.Stake(ctx, jitoSOL.Mint, 1_500_000_000, opts)
	if err != nil {
		return err
	}
	foreign := unsigned.Base64()

	// The owner agreed to pay 1.5 SOL, for 1.24 jitoSOL or more, and for one new
	// token account.
	policy := explain.Policy{
		Owner:          owner.PublicKey(),
		MaxLamports:    1_500_000_000,
		MinTokens:      map[solana.PublicKey]uint64{jitoSOL.Mint: 1_240_000_000},
		MaxNewAccounts: 1,
		MaxRent:        5_000_000,
	}
	review, err := client.Review(ctx, foreign, policy)
	if err != nil {
		return err
	}
	last := review.Explanation.Instructions[len(review.Explanation.Instructions)-1]
	fmt.Fprintln(out, "verified:", last.Summary)

	// With less allowed it is refused, and must not be signed.
	policy.MaxLamports = 1_400_000_000
	_, err = client.Review(ctx, foreign, policy)
	if !errors.Is(err, explain.ErrSpendLimit) {
		return fmt.Errorf("not refused as expected: %w", err)
	}
	fmt.Fprintln(out, "refused:", explain.ErrSpendLimit)

	signed, err := review.Transaction.Sign(ctx, owner)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "missing signatures:", len(signed.MissingSigners()))
	return nil
}
