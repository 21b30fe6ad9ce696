// Command stake turns SOL into a liquid staking token through the token's own stake pool.
//
//	go run ./examples/stake -to jitoSOL -amount 1.5
//
// does so on the embedded market and stops at the signed transaction. With -rpc, -keypair and -send it is real.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/sanctum-go/sanctum/examples/internal/cli"
	"github.com/sanctum-go/sanctum/sdk/route"
)

func main() { cli.Main(run) }

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var f cli.Flags
	flags := flag.NewFlagSet("stake", flag.ContinueOnError)
	flags.SetOutput(errOut)
	f.Register(flags)
	f.RegisterRecipient(flags)
	to := flags.String("to", "jitoSOL", "symbol or mint of the token to receive")
	if done, err := cli.Parse(flags, args); done {
		return err
	}
	s, err := cli.Start(f, out, errOut)
	if err != nil {
		return err
	}
	trade, err := s.Tokens("SOL", *to)
	if err != nil {
		return err
	}
	trade.Venue = "stake pool deposit"
	trade.Details = func(market *route.Market, q route.Quote) error {
		info, err := market.Info(q.Request.To)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  price      1 %s = %s SOL, before fees\n", info.Token.Symbol, info.Price)
		if info.YieldErr != nil {
			fmt.Fprintf(out, "  yield      %v\n", info.YieldErr)
			return nil
		}
		growth, apy := info.Growth.FloatString(8), info.APY.FloatString(4)
		fmt.Fprintf(out, "  yield      grew by %s in the last epoch, %s a year if that goes on\n", growth, apy)
		fmt.Fprintf(out, "  slots      take %s\n", info.SlotTime)
		return nil
	}
	return s.Trade(ctx, trade)
}
