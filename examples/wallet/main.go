// Command wallet stakes SOL of an owner, who signs in a remote wallet, while a
// sponsor pays the fees. It runs on an embedded snapshot of real pools.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var hubSOL = solana.MPK("HUBsveNpjo5pWqNkH57QzxjQASdTVXcSK7bVKTSZtcSX")

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// remote is a txn.Signer that asks a remote service, e.g. a key management
// service. Here, a key in memory stands for the service.
type remote struct{ *txn.KeySigner }

func (r remote) Sign(ctx context.Context, message []byte) (solana.Signature, error) {
	return r.KeySigner.Sign(ctx, message) // a request to the service
}

func run(ctx context.Context, out io.Writer) error {
	client, sponsor, err := sdktest.DemoClient()
	if err != nil {
		return err
	}
	owner, err := txn.GenerateKeySigner()
	if err != nil {
		return err
	}

	// The sponsor pays fees and rent, the owner pays 1 SOL for hubSOL.
	var opts sdk.TradeOptions
	opts.Owner, opts.Payer = owner.PublicKey(), sponsor.PublicKey()
	unsigned, _, err := client.Stake(ctx, hubSOL, 1_000_000_000, opts)
	if err != nil {
		return err
	}

	// The wallet receives the transaction in base64 and returns it signed.
	inWallet, err := txn.Parse(unsigned.Base64(), unsigned.Lifetime())
	if err == nil {
		inWallet, err = inWallet.Sign(ctx, owner)
	}
	if err != nil {
		return err
	}
	// Merge refuses a transaction that the wallet has changed.
	partial, err := unsigned.Partial().Merge(inWallet.Base64())
	if err != nil {
		return err
	}
	partial, err = partial.Sign(ctx, remote{sponsor})
	if err != nil {
		return err
	}
	signed, err := partial.Signed()
	if err != nil {
		return err
	}
	// WithNeverSent declares that no copy of the transaction was sent.
	receipt, err := client.Send(ctx, signed, sdk.WithNeverSent())
	if err == nil {
		fmt.Fprintln(out, "the sponsor paid", receipt.Fee, "lamports to the network")
	}
	return err
}
