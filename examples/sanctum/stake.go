package main

import (
	"context"
	"errors"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// stake swaps SOL for an LST by the best route.
func stake(ctx context.Context, args []string, c *console) error {
	var f flags
	set := flagSet("stake")
	f.register(set)
	f.registerRecipient(set)
	to := set.String("to", "jitoSOL", "symbol or mint of the `token` to receive")
	if done, err := c.parse(set, args); done {
		return err
	}

	s, err := start(f, c)
	if err != nil {
		return err
	}

	t, err := s.tokens("SOL", *to)
	if err != nil {
		return err
	}

	t.Details = func(market *route.Market, q route.Quote) error {
		return s.showYield(market, t)
	}

	return s.trade(ctx, t)
}

// showYield shows the price and the yield of the received token, if the market
// knows them.
func (s *session) showYield(market *route.Market, t trade) error {
	info, err := market.TokenInfo(t.To.Mint)
	switch {
	case errors.Is(err, route.ErrUnknownToken):
		return s.showPoolPrice(market, t)
	case err != nil:
		return err
	}

	s.field("price", "1 %s = %s SOL, before fees", info.Token.Symbol, info.Price)
	if info.YieldErr != nil {
		s.field("APY", "not known: %s", s.readable(info.YieldErr.Error()))
		return nil
	}

	s.field("APY", "%s, if the growth of the last epoch (%s) goes on", apy(info.APY),
		percent(info.Growth))
	s.field("slot time", "%s", info.SlotTime)

	return nil
}

// showPoolPrice shows Infinity's value of a token without a stake pool of the
// SPL family, such as INF itself.
func (s *session) showPoolPrice(market *route.Market, t trade) error {
	pool, err := market.InfinityPool(accounts.InfinityProgram)
	if err != nil {
		return nil //nolint:nilerr // a market without the pool has no price to show
	}

	if t.To.Symbol == "INF" {
		s.field("price", "1 INF = %s SOL, before fees", pool.LPPrice)
		if pool.APY != nil {
			s.field("APY", "%s, from the yield that the pool releases now", apy(pool.APY))
			s.field("slot time", "%s", pool.SlotTime)
		}

		return nil
	}

	for _, token := range pool.Tokens {
		if token.Token.Mint == t.To.Mint && token.Price.Tokens != 0 {
			s.field("price", "1 %s = %s SOL, before fees", t.To.Symbol, token.Price)
		}
	}

	return nil
}
