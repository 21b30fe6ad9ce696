package route_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// tolerated is by how many base units other legs may be better than the
// choice: what rounding may bring to them, see Request.MinGain. For the amounts
// here it is 36 where a base unit of one side is no more than one of the other,
// and twice as much at most in chains.
const tolerated = 72

// shares is how many ways to divide an amount are tried; 200 were, too.
const shares = 16

// pays is what a quote comes to, the more the better.
func pays(q route.Quote) uint64 {
	if q.Request.Side == route.ExactOut {
		return math.MaxUint64 - q.NetIn
	}
	return q.NetOut
}

// TestBestRoute compares the choice with all single venues, all pairs of steps through all tokens, and a grid of splits between all pairs
// of venues, each put together here from quotes of single venues.
func TestBestRoute(t *testing.T) {
	w := newStakeWorld(t)
	// So that the ways have to be mixed: the reserves of the pools and of Infinity hold less than the larger amounts.
	w.pool(t, source).Reserve.Lamports = 40*sol + stakeRent
	w.put(t)
	m := w.market(t)
	tokens := []solana.PublicKey{accounts.NativeMint, ownStake}
	for _, token := range m.Tokens() {
		tokens = append(tokens, token.Mint)
	}
	var single, double, split, none, bounded int
	for _, from := range tokens {
		for _, to := range tokens {
			for _, amount := range []uint64{sol / 1000, 7*sol + 333_333_333, 500*sol + stakeRent, 3000 * sol} {
				for _, side := range []route.Side{route.ExactIn, route.ExactOut} {
					if from == to || to == ownStake {
						continue
					}
					r := route.Request{
						From:    from,
						To:      to,
						Amount:  amount,
						Options: route.Options{Side: side, SlippageBps: 30, MinGain: 1},
					}
					t.Run(fmt.Sprintf("%s to %s, %d, side %d", name(t, m, from), name(t, m, to), amount, side), func(t *testing.T) {
						quotes, rejected := m.Quotes(r)
						best := uint64(0)
						if len(quotes) > 0 {
							best = pays(quotes[0])
						}
						for _, q := range quotes {
							require.LessOrEqual(t, pays(q), best, "the order")
							if len(q.Legs) > 0 {
								requireLegs(t, q)
							}
						}
						singles(t, m, r, best)
						steps(t, m, r, best, rejected)
						grid(t, m, r, best)
						bounded += minGain(t, m, r, quotes)
						switch {
						case len(quotes) == 0:
							none++
						case len(quotes[0].Legs) == 0:
							single++
						case quotes[0].Legs[0].Request.To == to:
							split++
						default:
							double++
						}
					})
				}
			}
		}
	}
	t.Logf("best: a single venue %d, two steps %d, a split %d; no way %d", single, double, split, none)
	require.NotZero(t, single)
	require.NotZero(t, double)
	require.NotZero(t, split)
	require.NotZero(t, bounded, "two legs that gain lamports")
}

// minGain checks that the best two legs are offered while they gain more than
// the request asks for, and not when they gain just that, and returns one if
// they could be checked: if what they gain is lamports.
func minGain(t *testing.T, m *route.Market, r route.Request, quotes []route.Quote) int {
	t.Helper()
	alone := slices.IndexFunc(quotes, func(q route.Quote) bool { return len(q.Legs) == 0 })
	inLamports := r.To == accounts.NativeMint && r.Side == route.ExactIn || r.From == accounts.NativeMint && r.Side == route.ExactOut
	if alone < 1 || !inLamports {
		return 0
	}

	legs := quotes[0]
	gain := pays(legs) - pays(quotes[alone])
	offered := func(least uint64) bool {
		r.MinGain = least
		again, _ := m.Quotes(r)
		return slices.ContainsFunc(again, func(q route.Quote) bool { return q.Venue == legs.Venue && pays(q) == pays(legs) })
	}
	require.True(t, offered(gain-1), legs.Venue)
	require.False(t, offered(gain), legs.Venue)
	return 1
}

// TestFirstStepNeedsALimit: what the Router pays is only checked by the owner's balance, and no second step can rely on that.
func TestFirstStepNeedsALimit(t *testing.T) {
	w := newStakeWorld(t)
	w.Reserve.Lamports = 0
	w.pool(t, source).Reserve.Lamports = stakeRent
	w.pool(t, taker).Reserve.Lamports = 1_000_000 * sol
	m := w.market(t)
	for _, side := range []route.Side{route.ExactIn, route.ExactOut} {
		r := route.Request{
			From:    w.mint(t, source),
			To:      accounts.NativeMint,
			Amount:  60_000 * sol,
			Options: route.Options{Side: side},
		}
		quotes, rejected := m.Quotes(r)
		for _, q := range quotes {
			require.True(t, len(q.Legs) == 0 || q.Legs[0].Guard != route.GuardBalance, q.Venue)
		}
		i := slices.IndexFunc(rejected, func(no route.Rejected) bool { return no.Venue == "Router, then stake pool withdrawal" })
		require.NotEqual(t, -1, i, "%v", rejected)
		require.ErrorIs(t, rejected[i].Err, route.ErrCombination)
		require.ErrorContains(t, rejected[i].Err, "Router takes no limit")
	}
}

// requireLegs checks that a quote is the sum of its legs, and that they can be taken in one transaction.
func requireLegs(t *testing.T, q route.Quote) {
	t.Helper()
	require.Len(t, q.Legs, 2)
	first, second := q.Legs[0], q.Legs[1]
	if first.Request.To == q.Request.To {
		require.Equal(t, q.Request.Amount, first.Request.Amount+second.Request.Amount)
		require.Equal(t, []uint64{first.In + second.In, first.MaxIn + second.MaxIn, first.Out + second.Out, first.MinOut + second.MinOut},
			[]uint64{q.In, q.MaxIn, q.Out, q.MinOut})
		require.Zero(t, q.Leftover)
		require.Equal(t, max(first.Guard, second.Guard), q.Guard)
	} else {
		require.Equal(t, first.Request.To, second.Request.From)
		require.Equal(t, []uint64{first.In, first.MaxIn, second.Out, second.MinOut}, []uint64{q.In, q.MaxIn, q.Out, q.MinOut})
		require.Equal(t, first.Out, second.In+q.Leftover)
		require.LessOrEqual(t, second.MaxIn, first.MinOut, "the second step relies on what the first makes sure of")
		require.NotEqual(t, route.GuardBalance, first.Guard)
		require.Equal(t, second.Guard, q.Guard)
	}
	require.Equal(t, max(first.Advance, second.Advance), q.Advance)
	require.Equal(t, first.Exact && second.Exact, q.Exact)
	require.Len(t, q.Fees, len(first.Fees)+len(second.Fees))
	require.Len(t, q.Costs, len(first.Costs)+len(second.Costs))
	require.Subset(t, q.Accounts, first.Accounts)
	require.Subset(t, q.Accounts, second.Accounts)
	// Infinity is quoted from what a deposit leaves of the pool.
	follows := strings.HasSuffix(string(first.Venue), "deposit") && second.Venue == "Infinity"
	require.True(t, follows || !depends(t, first, second), "%s reads what the first leg writes", q.Venue)
	require.NoError(t, fits(t, first, second))
}

func name(t *testing.T, m *route.Market, key solana.PublicKey) string {
	t.Helper()
	for _, token := range m.Tokens() {
		if token.Mint == key {
			return token.Symbol
		}
	}
	if key == accounts.NativeMint {
		return "SOL"
	}
	return "stake"
}

func singles(t *testing.T, m *route.Market, r route.Request, best uint64) {
	t.Helper()
	r.Direct = true
	quotes, _ := m.Quotes(r)
	for _, q := range quotes {
		require.LessOrEqual(t, pays(q), best, q.Venue)
	}
}

// steps tries all pairs of steps. Those that would be better must have been rejected, by name.
func steps(t *testing.T, m *route.Market, r route.Request, best uint64, rejected []route.Rejected) {
	t.Helper()
	for _, hub := range append(m.StakeAccounts(), accounts.NativeMint) {
		through(t, m, r, hub, best, rejected)
	}
	for _, token := range m.Tokens() {
		through(t, m, r, token.Mint, best, rejected)
	}
}

func through(t *testing.T, m *route.Market, r route.Request, hub solana.PublicKey, best uint64, rejected []route.Rejected) {
	t.Helper()
	one, two := r, r
	one.Direct, one.To, two.Direct, two.From = true, hub, true, hub
	check := func(first, second route.Quote) {
		lost := uint64(0)
		for _, c := range first.Costs {
			if !c.Recoverable {
				lost += c.Lamports
			}
		}
		price := second.Price
		inTokens, err := fixed.MulDivCeil(lost, price.Tokens, price.Lamports)
		require.NoError(t, err)
		q := route.Quote{Request: r, NetIn: first.NetIn, NetOut: fixed.SaturatingSub(second.NetOut, inTokens)}
		if pays(q) <= best+tolerated || first.Venue == second.Venue {
			return
		}
		venue := first.Venue + ", then " + second.Venue
		i := slices.IndexFunc(rejected, func(rej route.Rejected) bool { return rej.Venue == venue })
		require.NotEqual(t, -1, i, "%s would be better by %d", venue, pays(q)-best)
		if !errors.Is(rejected[i].Err, route.ErrCombination) {
			require.ErrorIs(t, rejected[i].Err, txn.ErrTooLarge)
			require.ErrorIs(t, fits(t, first, second), txn.ErrTooLarge)
			return
		}
		require.True(t, first.Guard == route.GuardBalance || depends(t, first, second) || first.NewAccount && second.NewAccount, venue)
	}
	if r.Side == route.ExactIn {
		one.SlippageBps = 1
		firsts, _ := m.Quotes(one)
		for _, first := range firsts {
			two.Amount = first.MinOut
			seconds, _ := m.Quotes(two)
			for _, second := range seconds {
				check(first, second)
			}
		}
		return
	}
	two.SlippageBps = 1
	seconds, _ := m.Quotes(two)
	for _, second := range seconds {
		one.Amount = second.MaxIn
		firsts, _ := m.Quotes(one)
		for _, first := range firsts {
			check(first, second)
		}
	}
}

// grid tries splits between all pairs of venues. One that is better must be of venues that cannot be combined.
func grid(t *testing.T, m *route.Market, r route.Request, best uint64) {
	t.Helper()
	r.Direct = true
	amounts := make(map[uint64]map[string]route.Quote)
	at := func(amount uint64) map[string]route.Quote {
		if _, known := amounts[amount]; !known {
			part := r
			part.Amount = amount
			quotes, _ := m.Quotes(part)
			amounts[amount] = make(map[string]route.Quote)
			for _, q := range quotes {
				amounts[amount][string(q.Venue)] = q
			}
		}
		return amounts[amount]
	}
	if slices.Contains(m.StakeAccounts(), r.From) {
		return // Who sells a part of it changes what the other part is.
	}
	impossible := make(map[[2]string]bool)
	for i := uint64(1); i < shares; i++ {
		share := r.Amount / shares * i
		for _, one := range at(share) {
			for _, other := range at(r.Amount - share) {
				q := route.Quote{Request: r, NetIn: one.NetIn + other.NetIn, NetOut: one.NetOut + other.NetOut}
				pair := [2]string{min(string(one.Venue), string(other.Venue)), max(string(one.Venue), string(other.Venue))}
				if one.Venue == other.Venue || impossible[pair] || pays(q) <= best+tolerated {
					continue
				}
				impossible[pair] = fits(t, one, other) != nil || depends(t, one, other) && depends(t, other, one)
				require.True(t, impossible[pair], "%d by %s, the rest by %s: %d better", share, one.Venue, other.Venue, pays(q)-best)
			}
		}
	}
}

// stepsOf are the instructions of a leg.
func stepsOf(t *testing.T, q route.Quote, seed string) []txn.Step {
	t.Helper()
	p := partiesWith(0)
	p.Payer, p.Seed = p.Owner, seed
	steps, err := q.Steps(p)
	require.NoError(t, err)
	return steps
}

// fits says why two legs do not fit in a transaction.
func fits(t *testing.T, one, other route.Quote) error {
	t.Helper()
	plan := txn.Plan{
		Payer: parties.Owner, Steps: append(stepsOf(t, one, "0123456789a"), stepsOf(t, other, "0123456789")...), Tables: one.Tables,
		Budget:   txn.ComputeBudget{UnitLimit: 1, UnitPrice: 1},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
	}
	_, err := plan.Compile()
	return err
}

// depends says whether the second leg was quoted from an account that the first one writes.
func depends(t *testing.T, first, second route.Quote) bool {
	t.Helper()
	for _, s := range stepsOf(t, first, "0123456789") {
		for _, meta := range s.Instruction.Accounts() {
			if meta.IsWritable && slices.Contains(second.Accounts, meta.PublicKey) {
				return true
			}
		}
	}
	return false
}
