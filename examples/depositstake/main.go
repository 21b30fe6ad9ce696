// Command depositstake turns a stake account, or a part of it, into a liquid staking token.
//
//	go run ./examples/depositstake -to hubSOL
//	go run ./examples/depositstake -to mSOL -amount 2.5
//
// It trades on the embedded market, with a stake account that is made there for this run, and stops at the signed transaction. With -rpc,
// -keypair, -stake and -send it is real.
package main

import (
	"context"
	"errors"
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
	flags := flag.NewFlagSet("depositstake", flag.ContinueOnError)
	flags.SetOutput(errOut)
	f.Register(flags)
	stake := flags.String("stake", "", "address of the stake account to pay; without it and -rpc one is made for this run")
	to := flags.String("to", "hubSOL", "symbol or mint of the token to receive")
	if done, err := cli.Parse(flags, args); done {
		return err
	}
	s, err := cli.Start(f, out, errOut)
	if err != nil {
		return err
	}
	trade := cli.Trade{Venue: "stake deposit"}
	if trade.To, err = s.Registry.Lookup(*to); err != nil {
		return err
	}
	switch {
	case trade.To.Mint == accounts.NativeMint:
		return errors.New("SOL is no token to deposit stake for, see examples/unstake")
	case *stake != "":
		trade.From, err = s.StakeAccount(*stake)
	case s.Embedded():
		trade.From, err = s.DemoStakeAccount(trade.To)
	default:
		err = errors.New("-rpc needs -stake")
	}
	if err != nil {
		return err
	}
	trade.Details = func(market *route.Market, q route.Quote) error {
		live, err := market.StakeAccount(q.Request.From)
		if err != nil {
			return err
		}
		d := live.Account.Delegation
		fmt.Fprintf(out, "  stake      %s SOL with the validator %s, since epoch %d\n", cli.SOL(d.Stake), d.Voter, d.ActivationEpoch)
		fmt.Fprintf(out, "  price      1 %s = %s SOL, before fees\n", trade.To.Symbol, q.Price)
		return nil
	}
	return s.Trade(ctx, trade)
}
