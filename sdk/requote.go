package sdk

import (
	"context"
	"fmt"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// movesNoStake are the venues whose prices depend on no validator list.
var movesNoStake = []route.Venue{
	route.VenueInfinity, route.VenueStakePoolDeposit, route.VenueStakePoolWithdrawal,
	route.VenueMarinadeDeposit, route.VenueMarinadeUnstake, route.VenueRouterDeposit,
}

// Requote loads the market of a portable quote that another process sent, and
// prices its route there, see [route.Market.Requote]. Build the transaction of
// the result with [Client.Build].
//
// Set Expected of the portable quote first. A quote that pays a party which is
// not expected there is refused with [route.ErrUnexpectedParty] before anything
// is loaded, and so is one that contradicts itself. Before you build, compare
// the tokens and the amount of the result with the order: who can change the
// JSON can change them too.
func (c *Client) Requote(ctx context.Context, quote route.PortableQuote) (route.Quote, error) {
	if err := c.usable(ctx); err != nil {
		return route.Quote{}, fmt.Errorf("requote: %w", err)
	}

	if err := quote.Check(); err != nil {
		return route.Quote{}, fmt.Errorf("requote: %w", err)
	}

	req := route.Request{
		From:   quote.Request.From,
		To:     quote.Request.To,
		Amount: quote.Request.Amount,
	}

	req.MergeStake = quote.Request.MergeStake
	if !quote.Through.IsZero() && quote.Through != accounts.NativeMint {
		req.Intermediates = append(req.Intermediates, quote.Through)
	}

	market, err := c.loadFor(ctx, req, func(l requestLoader) *route.Loader {
		loader, moves := l.loader.WithLookupTables(quote.LookupTables...), l.isStake || l.lido
		for _, leg := range quote.Legs {
			loader = loader.WithValidators(leg.Validators...)
			moves = moves || !slices.Contains(movesNoStake, leg.Venue)
		}

		if !moves {
			return loader.WithoutStake()
		}

		return loader
	})
	if err != nil {
		return route.Quote{}, err
	}

	return market.Requote(quote)
}
