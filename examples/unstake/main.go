// Command unstake turns a liquid staking token, or a stake account, into SOL at once. It shows all ways side by side and takes the best.
//
//	go run ./examples/unstake -from jitoSOL -amount 10
//	go run ./examples/unstake -from stake
//
// It trades on the embedded market and stops at the signed transaction; "stake" is a stake account that is made there for this run.
// With -rpc, -keypair and -send it is real.
package main

import (
	"context"
	"errors"
	"flag"
	"io"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/examples/internal/cli"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

func main() { cli.Main(run) }

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var f cli.Flags
	flags := flag.NewFlagSet("unstake", flag.ContinueOnError)
	flags.SetOutput(errOut)
	f.Register(flags)
	f.RegisterRecipient(flags)
	from := flags.String("from", "jitoSOL", "symbol or mint of the token to pay, or the address of a stake account")
	prefund := flags.Uint64("max-prefund", 0, "lamports that the Router may take for lending the rent of a stake account")
	if done, err := cli.Parse(flags, args); done {
		return err
	}
	s, err := cli.Start(f, out, errOut)
	if err != nil {
		return err
	}
	trade := cli.Trade{Request: route.Request{
		Options: route.Options{MaxPrefund: *prefund},
	}, Compare: true}
	if trade.To, err = s.Registry.ByMint(accounts.NativeMint); err != nil {
		return err
	}
	if trade.From, err = source(s, *from); err != nil {
		return err
	}
	return s.Trade(ctx, trade)
}

// source is a token, or a stake account if it is the address of something else.
func source(s *cli.Session, name string) (lst.LST, error) {
	token, err := s.Registry.Lookup(name)
	if !errors.Is(err, lst.ErrUnknown) {
		return token, err
	}
	if name == "stake" && s.Embedded() {
		return s.DemoStakeAccount(lst.LST{})
	}
	if stake, notKey := s.StakeAccount(name); notKey == nil {
		return stake, nil
	}
	return lst.LST{}, err
}
