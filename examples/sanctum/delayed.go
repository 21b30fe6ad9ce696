package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// seedLength is the number of random characters of a stake account's seed.
const seedLength = 10

// delayed converts an LST to SOL at the lowest cost. It withdraws a stake
// account from the token's pool and deactivates it. Once the stake has cooled
// down, usually at the end of the epoch, it withdraws the SOL. On the embedded
// market it runs both steps; on a node it runs the first one, or the second one
// with -withdraw.
func delayed(ctx context.Context, args []string, c *console) error {
	var f flags
	set := flagSet("delayed")
	f.register(set)
	from := set.String("from", "",
		"symbol or mint of the `token` to pay (jitoSOL without -withdraw)")
	deactivate := set.Bool("deactivate", true, "start the cooling down in the same transaction")
	withdraw := set.String("withdraw", "",
		"`address` of a stake account that has cooled down, to turn into SOL")
	if done, err := c.parse(set, args); done {
		return err
	}

	if *from != "" && *withdraw != "" {
		return errors.New("-from and -withdraw exclude each other")
	}

	s, err := start(f, c)
	if err != nil {
		return err
	}

	if *withdraw != "" {
		account, err := s.stakeAccount(*withdraw)
		if err != nil {
			return err
		}

		report, err := s.withdraw(ctx, account)
		return s.print(report, err)
	}

	if *from == "" {
		*from = "jitoSOL"
	}

	report, err := s.delay(ctx, *from, *deactivate)

	return s.print(report, err)
}

// delay swaps a token for a stake account. On the embedded market it then
// withdraws the SOL one epoch later.
func (s *session) delay(ctx context.Context, from string, deactivate bool) (*tradeReport, error) {
	token, err := s.Registry.Lookup(from)
	if err != nil {
		return nil, err
	}

	// The address of the stake account derives from the seed.
	t := trade{From: token, Seed: rand.Text()[:seedLength]}
	t.Request.To, t.Request.Deactivate = route.NativeStake, deactivate
	address, err := accounts.SeededStakeAccount(s.Owner.PublicKey(), t.Seed)
	if err != nil {
		return nil, err
	}

	if token.Kind == lst.KindLido {
		// Lido requires a signature of the new account's key.
		if t.NewAccount, err = txn.GenerateKeySigner(); err != nil {
			return nil, err
		}

		address = t.NewAccount.PublicKey()
	}

	if t.To, err = s.stakeAccount(address.String()); err != nil {
		return nil, err
	}

	if !s.embedded() {
		t.Details = func(*route.Market, route.Quote) error {
			s.field("withdraw", "with -withdraw %s when it has cooled down", address)
			return nil
		}
	}

	report, err := s.carryOut(ctx, t)
	if report == nil {
		return nil, err
	}

	report.StakeAccount = &address
	if err != nil || !s.embedded() || !deactivate {
		return report, err
	}

	if err := s.cool(report, token); err != nil {
		return nil, err
	}

	if !s.Flags.JSON {
		fmt.Fprintf(s.out, "\nAn epoch later\n")
	}

	later := *s
	later.Flags.Amount, later.Flags.ExactOut = "", false
	report.Withdrawal, err = later.withdraw(ctx, t.To)

	return report, err
}

// withdraw withdraws the SOL of a cooled-down stake account.
func (s *session) withdraw(ctx context.Context, from lst.LST) (*tradeReport, error) {
	sol, err := s.Registry.ByMint(accounts.NativeMint)
	if err != nil {
		return nil, err
	}
	return s.carryOut(ctx, trade{
		From:  from,
		To:    sol,
		Venue: "stake program",
	})
}
