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

// seedLength is how many random characters name the stake account.
const seedLength = 10

// delayed turns an LST into SOL at the lowest cost: it takes stake out of the
// token's pool and deactivates it, and withdraws the SOL when the stake has
// cooled down, usually with the end of the epoch. On the embedded market it
// takes both steps, on a node the first, and with -withdraw the second.
func delayed(ctx context.Context, args []string, c *console) error {
	var f flags
	set := flagSet("delayed")
	f.register(set)
	from := set.String("from", "",
		"symbol or mint of the `token` to pay (jitoSOL if there is nothing to withdraw)")
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

// delay turns a token into a stake account, and on the embedded market that
// into SOL an epoch later.
func (s *session) delay(ctx context.Context, from string, deactivate bool) (*tradeReport, error) {
	token, err := s.Registry.Lookup(from)
	if err != nil {
		return nil, err
	}

	// A seed of one's own tells the address in advance.
	t := trade{From: token, Seed: rand.Text()[:seedLength]}
	t.Request.To, t.Request.Deactivate = route.NativeStake, deactivate
	address, err := accounts.SeededStakeAccount(s.Owner.PublicKey(), t.Seed)
	if err != nil {
		return nil, err
	}
	if token.Kind == lst.KindLido {
		// Lido wants the key of the new account to sign.
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

// withdraw turns a stake account that has cooled down into SOL.
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
