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

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/examples/internal/cli"
)

func main() { cli.Main(run) }

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var f cli.Flags
	flags := flag.NewFlagSet("stake", flag.ContinueOnError)
	flags.SetOutput(errOut)
	f.Register(flags)
	name := flags.String("to", "jitoSOL", "symbol or mint of the token to receive")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := cli.Start(f, out, errOut)
	if err != nil {
		return err
	}
	to, err := s.Registry.Lookup(*name)
	if err != nil {
		return err
	}
	from, err := s.Registry.ByMint(accounts.NativeMint)
	if err != nil {
		return err
	}
	amount, err := s.Amount(from, to)
	if err != nil {
		return err
	}
	market, err := s.Client.Market(ctx, to.Mint)
	if err != nil {
		return err
	}
	quote, err := market.Quote(s.Request(from, to, amount))
	if err != nil {
		return err
	}
	unsigned, err := s.Client.Build(ctx, quote, s.BuildOptions())
	if err != nil {
		return err
	}
	info, err := market.Info(to.Mint)
	if err != nil {
		return err
	}
	return s.Finish(ctx, from, to, quote, unsigned, func() {
		fmt.Fprintf(out, "  price      1 %s = %s SOL, before fees\n", to.Symbol, info.Price)
		if info.YieldErr != nil {
			fmt.Fprintf(out, "  yield      %v\n", info.YieldErr)
			return
		}
		growth, apy := info.Growth.FloatString(8), info.APY.FloatString(4)
		fmt.Fprintf(out, "  yield      grew by %s in the last epoch, %s a year if that goes on\n", growth, apy)
	})
}
