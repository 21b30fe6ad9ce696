// Command operator updates a stake pool by a plan, which tells its costs first,
// on an embedded snapshot of real pools.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	node, err := sdktest.Demo()
	if err != nil {
		return err
	}
	client, err := node.Client()
	if err != nil {
		return err
	}
	pool, err := client.Registry().Lookup("phaseSOL")
	if err != nil {
		return err
	}
	payer, err := txn.GenerateKeySigner()
	if err != nil {
		return err
	}
	node.Fund(1_000_000_000, payer.PublicKey())
	execute(node, pool)
	plan, err := operator.Upkeep(operator.UpkeepParams{Pool: pool.Pool, Payer: payer.PublicKey()})
	if err != nil {
		return err
	}
	forecast, err := plan.DryRun(ctx, client)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, forecast)
	report, err := plan.Run(ctx, client, operator.Options{}, payer)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, report)
	return nil
}

// execute makes the embedded node do what an update does to the pool.
func execute(node *sdktest.Node, pool lst.LST) {
	node.AcceptAll()
	node.OnSend(func(raw []byte) *sdktest.Error {
		account, _ := node.Account(pool.Pool)
		state, err := accounts.DecodeStakePool(account)
		if err != nil {
			return &sdktest.Error{Message: err.Error()}
		}
		state.LastUpdateEpoch = 793
		copy(account.Data, state.Encode())
		node.Put(account)
		node.Advance(1)
		node.SetStatus(solana.SignatureFromBytes(raw[1:65]),
			sdktest.Status{Slot: 342_792_001, Confirmation: "confirmed", Fee: 5_000})
		return nil
	})
}
