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

// tolerated is the gain, in base units, that rounding may give to other legs,
// see Options.MinGain. For the amounts here it is 36 if a base unit of one
// token is worth at most one of the other, and at most twice that for two hops.
const tolerated = 72

// shares is the number of tried shares of an amount. A finer grid of 200 gave
// the same result.
const shares = 16

// pays returns the score of a quote; a higher score is better.
func pays(q route.Quote) uint64 {
	if q.Request.SwapMode == route.ExactOut {
		return math.MaxUint64 - q.NetIn
	}
	return q.NetOut
}

// The best route beats all single venues, all pairs of hops through all tokens,
// and a grid of splits between all pairs of venues. These routes are built here
// from quotes of single venues.
func TestMarket_QuotesBestRoute(t *testing.T) {
	w := newStakeWorld(t)
	// The reserves of the pools and of Infinity hold less than the larger
	// amounts, so those need two legs.
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
			for _, amount := range []uint64{sol / 1000, 7*sol + 333_333_333, 500*sol + stakeRent,
				3000 * sol} {
				for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
					if from == to || to == ownStake {
						continue
					}

					r := route.Request{
						From:    from,
						To:      to,
						Amount:  amount,
						Options: route.Options{SwapMode: mode, SlippageBps: 30, MinGain: 1},
					}

					t.Run(fmt.Sprintf("%s to %s, %d, mode %d", name(t, m, from), name(t, m, to),
						amount, mode),
						func(t *testing.T) {
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

	t.Logf("best: a single venue %d, two hops %d, a split %d; no route %d", single, double, split,
		none)
	require.NotZero(t, single)
	require.NotZero(t, double)
	require.NotZero(t, split)
	require.NotZero(t, bounded, "two legs that gain lamports")
}

// minGain checks that the best route of two legs is offered exactly while its
// gain exceeds MinGain. It returns 1 if the gain is in lamports and could be
// checked, else 0.
func minGain(t *testing.T, m *route.Market, r route.Request, quotes []route.Quote) int {
	t.Helper()
	alone := slices.IndexFunc(quotes, func(q route.Quote) bool { return len(q.Legs) == 0 })
	inLamports := r.To == accounts.NativeMint && r.SwapMode == route.ExactIn ||
		r.From == accounts.NativeMint && r.SwapMode == route.ExactOut
	if alone < 1 || !inLamports {
		return 0
	}

	legs := quotes[0]
	gain := pays(legs) - pays(quotes[alone])
	offered := func(least uint64) bool {
		r.MinGain = least
		again, _ := m.Quotes(r)
		return slices.ContainsFunc(again,
			func(q route.Quote) bool { return q.Venue == legs.Venue && pays(q) == pays(legs) })
	}

	require.True(t, offered(gain-1), legs.Venue)
	require.False(t, offered(gain), legs.Venue)

	return 1
}

// The output of the Router is only checked by the owner's balance, which the
// second hop cannot rely on.
func TestMarket_QuotesFirstHopNeedsProgramCheck(t *testing.T) {
	w := newStakeWorld(t)
	w.Reserve.Lamports = 0
	w.pool(t, source).Reserve.Lamports = stakeRent
	w.pool(t, target).Reserve.Lamports = 1_000_000 * sol
	m := w.market(t)
	for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
		r := route.Request{
			From:    w.mint(t, source),
			To:      accounts.NativeMint,
			Amount:  60_000 * sol,
			Options: route.Options{SwapMode: mode},
		}

		quotes, rejected := m.Quotes(r)
		for _, q := range quotes {
			require.True(t, len(q.Legs) == 0 || q.Legs[0].MinOutCheck != route.CheckedByBalance,
				q.Venue)
		}

		i := slices.IndexFunc(rejected,
			func(no route.Rejection) bool {
				return no.Venue == "Router, then stake pool withdrawal"
			})

		require.NotEqual(t, -1, i, "%v", rejected)
		require.ErrorIs(t, rejected[i].Err, route.ErrLegsConflict)
		require.ErrorContains(t, rejected[i].Err, "the program of Router takes no minimum output")
	}
}

// requireLegs checks that a quote is the sum of its legs, and that one
// transaction can contain them.
func requireLegs(t *testing.T, q route.Quote) {
	t.Helper()
	require.Len(t, q.Legs, 2)
	first, second := q.Legs[0], q.Legs[1]
	if first.Request.To == q.Request.To {
		require.Equal(t, q.Request.Amount, first.Request.Amount+second.Request.Amount)
		require.Equal(t,
			[]uint64{first.In + second.In, first.MaxIn + second.MaxIn, first.Out + second.Out,
				first.MinOut + second.MinOut},
			[]uint64{q.In, q.MaxIn, q.Out, q.MinOut})

		require.Zero(t, q.IntermediateDust)
		require.Equal(t, max(first.MinOutCheck, second.MinOutCheck), q.MinOutCheck)
	} else {
		require.Equal(t, first.Request.To, second.Request.From)
		require.Equal(t, []uint64{first.In, first.MaxIn, second.Out, second.MinOut},
			[]uint64{q.In, q.MaxIn, q.Out, q.MinOut})
		require.Equal(t, first.Out, second.In+q.IntermediateDust)
		require.LessOrEqual(t, second.MaxIn, first.MinOut,
			"the second step relies on what the first makes sure of")
		require.NotEqual(t, route.CheckedByBalance, first.MinOutCheck)
		require.Equal(t, second.MinOutCheck, q.MinOutCheck)
	}

	require.Equal(t, max(first.UpfrontRent, second.UpfrontRent), q.UpfrontRent)
	require.Equal(t, first.Exact && second.Exact, q.Exact)
	require.Len(t, q.Fees, len(first.Fees)+len(second.Fees))
	require.Len(t, q.Costs, len(first.Costs)+len(second.Costs))
	require.Subset(t, q.Accounts, first.Accounts)
	require.Subset(t, q.Accounts, second.Accounts)
	// Infinity is quoted from the state that a deposit leaves in the pool.
	follows := strings.HasSuffix(string(first.Venue), "deposit") && second.Venue == "Infinity"
	require.True(t, follows || !depends(t, first, second), "%s reads what the first leg writes",
		q.Venue)
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
	r.OnlyDirectRoutes = true
	quotes, _ := m.Quotes(r)
	for _, q := range quotes {
		require.LessOrEqual(t, pays(q), best, q.Venue)
	}
}

// steps tries all pairs of hops. A better pair must be among the rejections.
func steps(
	t *testing.T,
	m *route.Market,
	r route.Request,
	best uint64,
	rejected []route.Rejection,
) {
	t.Helper()
	for _, mid := range append(m.StakeAccounts(), accounts.NativeMint) {
		through(t, m, r, mid, best, rejected)
	}
	for _, token := range m.Tokens() {
		through(t, m, r, token.Mint, best, rejected)
	}
}

func through(
	t *testing.T,
	m *route.Market,
	r route.Request,
	mid solana.PublicKey,
	best uint64,
	rejected []route.Rejection,
) {
	t.Helper()
	one, two := r, r
	one.OnlyDirectRoutes, one.To, two.OnlyDirectRoutes, two.From = true, mid, true, mid
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
		q := route.Quote{Request: r, NetIn: first.NetIn,
			NetOut: fixed.SaturatingSub(second.NetOut, inTokens)}
		if pays(q) <= best+tolerated || first.Venue == second.Venue {
			return
		}

		venue := first.Venue + ", then " + second.Venue
		i := slices.IndexFunc(rejected,
			func(rej route.Rejection) bool { return rej.Venue == venue })
		require.NotEqual(t, -1, i, "%s would be better by %d", venue, pays(q)-best)
		if !errors.Is(rejected[i].Err, route.ErrLegsConflict) {
			require.ErrorIs(t, rejected[i].Err, txn.ErrTransactionTooLarge)
			require.ErrorIs(t, fits(t, first, second), txn.ErrTransactionTooLarge)
			return
		}

		require.True(t,
			first.MinOutCheck == route.CheckedByBalance || depends(t, first, second) ||
				first.NeedsStakeKeypair && second.NeedsStakeKeypair,
			venue)
	}
	if r.SwapMode == route.ExactIn {
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

// grid tries splits between all pairs of venues. A better split must be of
// venues that cannot be combined.
func grid(t *testing.T, m *route.Market, r route.Request, best uint64) {
	t.Helper()
	r.OnlyDirectRoutes = true
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
		return // selling a part of a stake account changes the rest
	}

	impossible := make(map[[2]string]bool)
	for i := uint64(1); i < shares; i++ {
		share := r.Amount / shares * i
		for _, one := range at(share) {
			for _, other := range at(r.Amount - share) {
				q := route.Quote{Request: r, NetIn: one.NetIn + other.NetIn,
					NetOut: one.NetOut + other.NetOut}
				pair := [2]string{min(string(one.Venue), string(other.Venue)),
					max(string(one.Venue), string(other.Venue))}
				if one.Venue == other.Venue || impossible[pair] || pays(q) <= best+tolerated {
					continue
				}

				impossible[pair] = fits(t, one, other) != nil ||
					depends(t, one, other) && depends(t, other, one)
				require.True(t, impossible[pair], "%d by %s, the rest by %s: %d better", share,
					one.Venue, other.Venue, pays(q)-best)
			}
		}
	}
}

// stepsOf returns the instructions of a leg.
func stepsOf(t *testing.T, q route.Quote, seed string) []txn.Step {
	t.Helper()
	p := paramsWith(0)
	p.Payer, p.Seed = p.Owner, seed
	steps, err := q.Steps(p)
	require.NoError(t, err)
	return steps
}

// fits returns the reason why two legs do not fit into one transaction, or nil.
func fits(t *testing.T, one, other route.Quote) error {
	t.Helper()
	plan := txn.Plan{
		Payer:    params.Owner,
		Steps:    append(stepsOf(t, one, "0123456789a"), stepsOf(t, other, "0123456789")...),
		Tables:   one.Tables,
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 1, ComputeUnitPrice: 1},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
	}
	_, err := plan.Compile()
	return err
}

// depends reports whether the second leg was quoted from an account that the
// first one writes.
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
