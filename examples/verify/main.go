// Command verify checks a transaction of another party before the owner signs
// it: what it does, and whether it stays within the owner's limits.
//
// It runs on an embedded snapshot of real pools and builds the transaction
// itself. To verify a real one, connect to a node with sdk.New.
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

	// Another party sends a transaction in base64.
	var opts sdk.TradeOptions
	opts.Owner = owner.PublicKey()
	unsigned, _, err := client.Stake(ctx, jitoSOL.Mint, 1_500_000_000, opts)
	if err != nil {
		return err
	}
	foreign := unsigned.Base64()

	// The owner pays at most 1.5 SOL and the rent of one new token account, and
	// receives at least 1.24 jitoSOL.
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

	// With a lower limit, Review refuses the transaction: do not sign it.
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
