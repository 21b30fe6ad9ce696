// Command delayed turns a liquid staking token into SOL the cheap way, for who can wait: it takes stake out of the token's pool and
// deactivates it, and withdraws the SOL when the stake has cooled down, usually with the end of the epoch.
//
//	go run ./examples/delayed -from jitoSOL -amount 10
//	go run ./examples/delayed -from jitoSOL -amount 10 -deactivate=false
//
// It does so on the embedded market, both steps one after the other, up to the signed transactions. With -rpc, -keypair and -send the
// first step is real, and the second once there is a stake account that has cooled down:
//
//	go run ./examples/delayed -withdraw <stake account> -rpc https://… -keypair id.json -send
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/examples/internal/cli"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

func main() { cli.Main(run) }

// seedLength is how many random characters name the stake account.
const seedLength = 10

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var f cli.Flags
	flags := flag.NewFlagSet("delayed", flag.ContinueOnError)
	flags.SetOutput(errOut)
	f.Register(flags)
	from := flags.String("from", "", "symbol or mint of the token to pay (jitoSOL if there is nothing to withdraw)")
	deactivate := flags.Bool("deactivate", true, "start the cooling down in the same transaction")
	withdraw := flags.String("withdraw", "", "address of a stake account that has cooled down, to turn into SOL")
	if done, err := cli.Parse(flags, args); done {
		return err
	}
	if *from != "" && *withdraw != "" {
		return errors.New("-from and -withdraw exclude each other")
	}
	s, err := cli.Start(f, out, errOut)
	if err != nil {
		return err
	}
	if *withdraw != "" {
		stake, err := s.StakeAccount(*withdraw)
		if err != nil {
			return err
		}
		report, err := withdrawal(ctx, s, stake)
		return s.Print(report, err)
	}
	if *from == "" {
		*from = "jitoSOL"
	}
	report, err := delay(ctx, s, *from, *deactivate)
	return s.Print(report, err)
}

// delay turns a token into a stake account, and on the embedded market that into SOL an epoch later.
func delay(ctx context.Context, s *cli.Session, from string, deactivate bool) (*cli.Report, error) {
	token, err := s.Registry.Lookup(from)
	if err != nil {
		return nil, err
	}
	// With a seed of one's own, the address is known before.
	seed := rand.Text()[:seedLength]
	address, err := accounts.SeededStakeAccount(s.Owner.PublicKey(), seed)
	if err != nil {
		return nil, err
	}
	trade := cli.Trade{From: token, Request: route.Request{
		To:      route.NativeStake,
		Options: route.Options{Deactivate: deactivate},
	}, Seed: seed}
	if token.Kind == lst.KindLido {
		// Lido wants the key of the new account to sign.
		if trade.NewAccount, err = txn.GenerateKeySigner(); err != nil {
			return nil, err
		}
		address = trade.NewAccount.PublicKey()
	}
	stake, err := s.StakeAccount(address.String())
	if err != nil {
		return nil, err
	}
	trade.To = stake
	if !s.Embedded() {
		trade.Details = func(*route.Market, route.Quote) error {
			fmt.Fprintf(s.Out, "  withdraw   with -withdraw %s when it has cooled down\n", address)
			return nil
		}
	}
	report, err := s.Carry(ctx, trade)
	if report == nil {
		return nil, err
	}
	report.StakeAccount = &address
	if err != nil || !s.Embedded() || !deactivate {
		return report, err
	}
	if err := s.Cool(report, token); err != nil {
		return nil, err
	}
	if !s.Flags.JSON {
		fmt.Fprintf(s.Out, "\nAn epoch later\n")
	}
	later := *s
	later.Flags.Amount, later.Flags.ExactOut = "", false
	report.Withdrawal, err = withdrawal(ctx, &later, stake)
	return report, err
}

// withdrawal turns a stake account that has cooled down into SOL.
func withdrawal(ctx context.Context, s *cli.Session, stake lst.LST) (*cli.Report, error) {
	sol, err := s.Registry.ByMint(accounts.NativeMint)
	if err != nil {
		return nil, err
	}
	return s.Carry(ctx, cli.Trade{From: stake, To: sol, Venue: "stake program"})
}
