package route_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// prefundedWays lend the rent.
func prefundedWays() []way {
	var list []way
	for _, v := range ways {
		if v.venue == routerPrefunded {
			list = append(list, v)
		}
	}
	return list
}

// TestPrefundIsOff: without being asked for, nobody pays a SOL to be lent some thousandths of one.
func TestPrefundIsOff(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range prefundedWays() {
		for _, side := range []route.Side{route.ExactIn, route.ExactOut} {
			r := v.request(t, w, 20*sol, side)
			q, err := of(t, m, v.venue, r)
			require.NoError(t, err)
			last := q.Fees[len(q.Fees)-1]
			require.Equal(t, "prefund, to the Router", last.Name)
			require.Equal(t, accounts.NativeMint, last.Mint)
			require.Equal(t, uint64(sol-stakeRent), last.Amount, "the minimum delegation, less the rent that stays")
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

// TestPrefundIsNeverBest: with rent of one's own the outcome is better by what the prefund costs, or as good where it costs next to nothing.
func TestPrefundIsNeverBest(t *testing.T) {
	for _, minimum := range []uint64{1, sol} {
		w := newStakeWorld(t)
		w.Chain.MinimumDelegation = minimum
		m := w.market(t)
		for _, v := range prefundedWays() {
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

// TestPrefundGap: between what is split off for a small loan and what for a large one nothing is lent at all.
func TestPrefundGap(t *testing.T) {
	for _, minimum := range []uint64{stakeRent + 10_000_000/8, 4 * stakeRent} {
		w := newStakeWorld(t)
		w.Chain.MinimumDelegation = minimum
		reserve := w.Reserve.Quote(w.Chain)
		_, err := quote.Prefund{Reserve: reserve, MinimumDelegation: minimum, Prefunder: w.Router.Prefunder}.Quote(100 * sol)
		require.ErrorIs(t, err, quote.ErrPrefundGap)
		m := w.market(t)
		for _, v := range prefundedWays() {
			for _, side := range []route.Side{route.ExactIn, route.ExactOut} {
				r := v.request(t, w, 20*sol, side)
				_, err := of(t, m, v.venue, r)
				require.ErrorIs(t, err, quote.ErrPrefundGap, v)
				paid, err := of(t, m, routerVenue, r)
				require.NoError(t, err, v)
				requireComposed(t, w, way{routerVenue, v.from, v.to}, r, paid)
			}
		}
	}
}

// TestPrefundLeavesTooLittle: what is split off may take the stake below the minimum delegation.
func TestPrefundLeavesTooLittle(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range prefundedWays() {
		r := v.request(t, w, 3*sol/2, route.ExactIn)
		_, err := of(t, m, v.venue, r)
		require.ErrorIs(t, err, quote.ErrBelowMinimumDelegation)
		_, err = of(t, m, routerVenue, r)
		require.NoError(t, err)
	}
}
