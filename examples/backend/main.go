// Command backend serves a user who signs elsewhere: it quotes a stake with a
// fee of its own, gives the transaction away to be signed, and sends what comes
// back. It runs on an embedded snapshot of real pools.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var (
	hubSOL   = solana.MPK("HUBsveNpjo5pWqNkH57QzxjQASdTVXcSK7bVKTSZtcSX")
	treasury = solana.MPK("7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4")
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	client, user, err := sdktest.DemoClient()
	if err != nil {
		return err
	}
	// 20 basis points of the 1.5 SOL go to the treasury.
	var opts sdk.TradeOptions
	opts.Owner = user.PublicKey()
	opts.IntegratorFee = route.IntegratorFee{BPS: 20, OnInput: true, Account: treasury}
	unsigned, quote, err := client.Stake(ctx, hubSOL, 1_500_000_000, opts)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, quote)
	fmt.Fprintln(out, quote.Fees[len(quote.Fees)-1])

	returned, err := browser(ctx, unsigned.Base64(), unsigned.Lifetime(), user)
	if err != nil {
		return err
	}
	partial, err := unsigned.Partial().Merge(returned) // refuses a changed transaction
	if err != nil {
		return err
	}
	signed, err := partial.Signed()
	if err != nil {
		return err
	}
	receipt, err := client.Send(ctx, signed, sdk.WithNeverSent())
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "landed, network fee", receipt.Fee, "lamports")
	return nil
}

// browser stands for the user's wallet, which signs the transaction.
func browser(
	ctx context.Context, text string, lifetime txn.Lifetime, user *txn.KeySigner,
) (string, error) {
	partial, err := txn.Parse(text, lifetime)
	if err == nil {
		partial, err = partial.Sign(ctx, user)
	}
	if err != nil {
		return "", err
	}
	return partial.Base64(), nil
}
