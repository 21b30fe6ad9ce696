package route_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// prefundedTrades returns the trades whose rent the Router lends.
func prefundedTrades() []venueTrade {
	var list []venueTrade
	for _, v := range venueTrades {
		if v.venue == routerPrefunded {
			list = append(list, v)
		}
	}
	return list
}

// Without MaxPrefund no route charges 1 SOL to lend a few thousandths of one.
func TestQuote_PrefundOffByDefault(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range prefundedTrades() {
		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			r := v.request(t, w, 20*sol, mode)
			q, err := of(t, m, v.venue, r)
			require.NoError(t, err)
			last := q.Fees[len(q.Fees)-1]
			require.Equal(t, "prefund, to the Router", last.Name)
			require.Equal(t, accounts.NativeMint, last.Mint)
			require.Equal(t, uint64(sol-stakeRent), last.Amount,
				"the minimum delegation, less the rent that stays")
			prefunder, err := accounts.RouterPrefunder(accounts.RouterProgram)
			require.NoError(t, err)
			require.Equal(t, prefunder, last.Recipient)

			r.MaxPrefund = last.Amount
			_, err = of(t, m, v.venue, r)
			require.NoError(t, err)
			r.MaxPrefund--
			_, err = of(t, m, v.venue, r)
			require.ErrorIs(t, err, quote.ErrPrefundCost)
			require.Contains(t, err.Error(), "997717120 lamports, the request allows 997717119")
			r.MaxPrefund = 0
			_, err = of(t, m, v.venue, r)
			require.ErrorIs(t, err, quote.ErrPrefundCost)
			require.Contains(t, err.Error(), "does not allow")
			best, err := m.Quote(r)
			require.NoError(t, err)
			require.NotEqual(t, routerPrefunded, string(best.Venue))
		}
	}
}

// Paying the rent oneself yields more, by the charge for the prefund.
func TestQuote_PrefundCostsMore(t *testing.T) {
	for _, minimum := range []uint64{1, sol} {
		w := newStakeWorld(t)
		w.Chain.MinimumDelegation = minimum
		m := w.market(t)
		for _, v := range prefundedTrades() {
			r := v.request(t, w, 20*sol, route.ExactIn)
			lent, err := of(t, m, v.venue, r)
			require.NoError(t, err)
			requireComposed(t, w, v, r, lent)
			paid, err := of(t, m, routerVenue, r)
			require.NoError(t, err)
			require.Less(t, lent.Out, paid.Out)
			require.Empty(t, lent.Costs)
			cost := lent.Fees[len(lent.Fees)-1].Amount
			require.Equal(t, minimum == sol, cost > 900_000_000)
			require.Equal(t, minimum == 1, cost < stakeRent*2)
		}
	}
}

// Between the split for a small loan and the one for a large loan, no loan is
// possible.
func TestQuote_PrefundGap(t *testing.T) {
	for _, minimum := range []uint64{stakeRent + 10_000_000/8, 4 * stakeRent} {
		w := newStakeWorld(t)
		w.Chain.MinimumDelegation = minimum
		reserve := w.Reserve.Quote(w.Chain)
		_, err := quote.Prefund{Reserve: reserve, MinimumDelegation: minimum,
			Prefunder: w.Router.Prefunder}.Quote(100 * sol)
		require.ErrorIs(t, err, quote.ErrPrefundGap)
		m := w.market(t)
		for _, v := range prefundedTrades() {
			for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
				r := v.request(t, w, 20*sol, mode)
				_, err := of(t, m, v.venue, r)
				require.ErrorIs(t, err, quote.ErrPrefundGap, v)
				paid, err := of(t, m, routerVenue, r)
				require.NoError(t, err, v)
				requireComposed(t, w, venueTrade{routerVenue, v.from, v.to}, r, paid)
			}
		}
	}
}

// The split for the loan may leave less stake than the minimum delegation.
func TestQuote_PrefundLeavesTooLittle(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range prefundedTrades() {
		r := v.request(t, w, 3*sol/2, route.ExactIn)
		_, err := of(t, m, v.venue, r)
		require.ErrorIs(t, err, quote.ErrBelowMinimumDelegation)
		_, err = of(t, m, routerVenue, r)
		require.NoError(t, err)
	}
}
