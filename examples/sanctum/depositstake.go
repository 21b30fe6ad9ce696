package main

import (
	"context"
	"errors"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// depositStake swaps a stake account, or part of it, for an LST.
func depositStake(ctx context.Context, args []string, c *console) error {
	var f flags
	set := flagSet("deposit-stake")
	f.register(set)
	address := set.String("stake", "",
		"`address` of the stake account to pay; without it and -rpc one is made for this run")
	to := set.String("to", "hubSOL", "symbol or mint of the `token` to receive")
	receipt := set.Bool(
		"receipt",
		false,
		"accept a receipt from pools that give one, such as JitoSOL's; the token arrives with its claim",
	)

	if done, err := c.parse(set, args); done {
		return err
	}

	s, err := start(f, c)
	if err != nil {
		return err
	}

	t := trade{Venue: "stake deposit"}
	t.Request.AcceptReceipt = *receipt
	if t.To, err = s.Registry.Lookup(*to); err != nil {
		return err
	}

	switch {
	case t.To.Mint == accounts.NativeMint:
		return errors.New("stake cannot be deposited for SOL (see sanctum unstake)")
	case *address != "":
		t.From, err = s.stakeAccount(*address)
	case s.embedded():
		t.From, err = s.demoStakeAccount(t.To)
	default:
		err = errors.New("-rpc needs -stake")
	}

	if err != nil {
		return err
	}

	t.Details = func(market *route.Market, q route.Quote) error {
		live, err := market.StakeAccount(q.Request.From)
		if err != nil {
			return err
		}

		d := live.Account.Delegation
		s.field("stake", "%s since epoch %d with the validator %s",
			formatSOL(d.Stake), d.ActivationEpoch, d.Voter)
		s.field("price", "1 %s = %s SOL, before fees", t.To.Symbol, q.Price)

		return nil
	}

	return s.trade(ctx, t)
}
