// Command liquidator seizes an LST, sells it, repays the debt and tips a block
// engine in one transaction, on an embedded snapshot of real pools. It sends
// nothing.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

var (
	jupSOL     = solana.MPK("jupSoLaHXQiZZTSfEWMTRRgpnyFm8f6sZdosWBjx93v")
	tipAccount = solana.MPK("7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4")
	// lending is a lending protocol, and obligation a debt of 2 SOL in it.
	lending    = solana.PublicKey{1}
	obligation = solana.PublicKey{2}
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// step returns an instruction of the lending protocol.
func step(what string, owner solana.PublicKey, code byte) txn.Step {
	metas := solana.AccountMetaSlice{solana.Meta(obligation).WRITE(), solana.Meta(owner).SIGNER()}
	ix := solana.NewInstruction(lending, metas, []byte{code})
	return txn.Step{Description: what, Instruction: ix}
}

func run(ctx context.Context, out io.Writer) error {
	client, owner, err := sdktest.DemoClient()
	if err != nil {
		return err
	}
	me := owner.PublicKey()
	opts := sdk.TradeOptions{BuildOptions: sdk.BuildOptions{
		Owner:  me,
		Before: []txn.Step{step("seize 2 jupSOL", me, 1)},
		After:  []txn.Step{step("repay 2 SOL", me, 2)},
		Spends: map[solana.PublicKey]uint64{accounts.NativeMint: 2_000_000_000},
		Tip:    sdk.Tip{Lamports: 10_000, Accounts: []solana.PublicKey{tipAccount}},
	}}
	unsigned, quote, err := client.Unstake(ctx, jupSOL, 2_000_000_000, opts)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "profit before the network fee: %d lamports\n", quote.MinOut-2_000_000_000)
	for _, s := range unsigned.Steps()[1:] { // after the compute budget
		fmt.Fprintln(out, strings.ReplaceAll(s.Description, me.String(), "the wallet"))
	}
	return nil
}
