package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// liquidity swaps a token of Infinity for INF, or INF for a token.
func liquidity(ctx context.Context, args []string, c *console) error {
	var f flags
	set := flagSet("liquidity")
	f.register(set)
	add := set.String("add", "",
		"symbol or mint of the `token` to pay for INF (SOL if neither is named)")
	remove := set.String("remove", "", "symbol or mint of the `token` to receive for INF")
	if done, err := c.parse(set, args); done {
		return err
	}

	from, to := *add, "INF"
	switch {
	case *add != "" && *remove != "":
		return errors.New("-add and -remove exclude each other")
	case *remove != "":
		from, to = "INF", *remove
	case *add == "":
		from = "SOL"
	}

	s, err := start(f, c)
	if err != nil {
		return err
	}

	t, err := s.tokens(from, to)
	if err != nil {
		return err
	}

	t.Venue = "Infinity"
	t.Details = func(market *route.Market, q route.Quote) error {
		pool, err := market.InfinityPool(accounts.InfinityProgram)
		if err != nil {
			return err
		}

		s.field("price", "1 INF = %s SOL now, before fees", pool.LPPrice)
		if pool.APY != nil {
			s.field("APY", "%s, from the yield that the pool releases now", apy(pool.APY))
		}

		if q.ValidUntilSlot != 0 {
			s.field("holds", "until slot %d, %d slots from now%s",
				q.ValidUntilSlot, q.ValidUntilSlot-q.Slot,
				duration(q.ValidUntilSlot-q.Slot, market.SlotTime()))
		}

		return nil
	}

	return s.trade(ctx, t)
}

// duration describes the duration of a number of slots and its source. It is
// empty if the slot time is unknown.
func duration(slots uint64, slot quote.SlotTime) string {
	if !slot.Measured() {
		return ""
	}
	passes := time.Duration(slots) * time.Duration(slot.Nanos)
	return fmt.Sprintf(", which is %s at %s", passes.Round(time.Second), slot)
}
