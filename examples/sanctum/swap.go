package main

import (
	"context"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// swap swaps any token for any other: LSTs and SOL.
func swap(ctx context.Context, args []string, c *console) error {
	var f flags
	set := flagSet("swap")
	f.register(set)
	f.registerRecipient(set)
	from := set.String("from", "jupSOL", "symbol or mint of the `token` to pay")
	to := set.String("to", "picoSOL", "symbol or mint of the `token` to receive")
	if done, err := c.parse(set, args); done {
		return err
	}

	s, err := start(f, c)
	if err != nil {
		return err
	}

	t, err := s.tokens(*from, *to)
	if err != nil {
		return err
	}

	t.Details = func(market *route.Market, q route.Quote) error {
		pool, err := market.InfinityPool(accounts.InfinityProgram)
		if err != nil {
			return err
		}

		fair, err := pool.FairValue(q.Request.From, q.Request.To, q.In)
		if err != nil {
			// A trade outside the pool has no fair value there.
			return nil
		}

		s.field("fair", "%s by the values of Infinity, without its fees",
			s.amount(fair, q.Request.To))

		return nil
	}

	return s.trade(ctx, t)
}
