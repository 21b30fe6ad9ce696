// Command swap turns any token of Infinity into any other: liquid staking tokens and SOL.
//
//	go run ./examples/swap -from jupSOL -to picoSOL -amount 2
//	go run ./examples/swap -from picoSOL -to SOL -amount 1 -exact-out
//
// It trades on the embedded market and stops at the signed transaction. With -rpc, -keypair and -send it is real.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/examples/internal/cli"
	"github.com/sanctum-go/sanctum/sdk/route"
)

func main() { cli.Main(run) }

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var f cli.Flags
	flags := flag.NewFlagSet("swap", flag.ContinueOnError)
	flags.SetOutput(errOut)
	f.Register(flags)
	f.RegisterRecipient(flags)
	from := flags.String("from", "jupSOL", "symbol or mint of the token to pay")
	to := flags.String("to", "picoSOL", "symbol or mint of the token to receive")
	if done, err := cli.Parse(flags, args); done {
		return err
	}
	s, err := cli.Start(f, out, errOut)
	if err != nil {
		return err
	}
	trade, err := s.Tokens(*from, *to)
	if err != nil {
		return err
	}
	trade.Details = func(market *route.Market, q route.Quote) error {
		pool, err := market.Pool(accounts.InfinityProgram)
		if err != nil {
			return err
		}
		fair, err := pool.Fair(q.Request.From, q.Request.To, q.In)
		if err != nil {
			// A trade that does not go through the pool has no fair price there.
			return nil
		}
		token, err := s.Registry.ByMint(q.Request.To)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  fair       %s %s, by the pool's values, without its fees\n", token.Format(fair), token.Symbol)
		return nil
	}
	return s.Trade(ctx, trade)
}
