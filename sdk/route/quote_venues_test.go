package route_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// requireComposed compares a quote with the result of package quote.
func requireComposed(t tester, w *stakeWorld, v venueTrade, r route.Request, q route.Quote) {
	t.Helper()
	if r.SwapMode == route.ExactIn {
		require.Equal(t, r.Amount, q.In)
	}

	want, err := w.compose(t, v, q.In)
	require.NoError(t, err, "%s: quoted %d for %d", v, q.Out, q.In)
	require.Equal(t, want.out, q.Out, "%s of %d", v, q.In)
	require.Equal(t, want.exact, q.Exact, v)
	require.Equal(t, q.In, q.MaxIn, v)
	fees := make(map[string]uint64)
	for _, f := range q.Fees {
		require.NotZero(t, f.Amount, "%s: %s", v, f.Name)
		require.NotEmpty(t, f.Rate, "%s: %s", v, f.Name)
		require.False(t, f.Mint.IsZero() || f.Recipient.IsZero(), "%s: %s", v, f.Name)
		name, _, _ := strings.Cut(f.Name, ",")
		fees[name] += f.Amount
	}

	require.Equal(t, want.withdrawalFee, fees["stake withdrawal fee"]+fees["liquid unstake fee"], v)
	require.Equal(t, want.depositFee, fees["stake deposit fee"]+fees["SOL deposit fee"], v)
	require.Equal(t, want.reserveFee, fees["Reserve fee"], v)
	require.Equal(t, want.routerFee, fees["Router fee"], v)
	require.Equal(t, want.prefund, fees["prefund"], v)
	requireRent(t, w, v, want, q)

	if r.SwapMode == route.ExactOut {
		require.Equal(t, r.Amount, q.MinOut, v)
		require.GreaterOrEqual(t, want.limited(v), r.Amount, v)
	} else {
		// 1 % of slippage, rounded up.
		require.Equal(t, min(((want.out-want.referral)*99+99)/100, want.limited(v)), q.MinOut, v)
	}

	require.Equal(t, w.checkOf(v), q.MinOutCheck, v)
	account, guarded, err := q.BalanceCheckAccount(params.Owner)
	require.NoError(t, err)
	require.Equal(t, q.MinOutCheck == route.CheckedByBalance, guarded, v)
	if guarded {
		require.Equal(t, w.ata(t, v.to), account, v)
	}

	require.Equal(t, w.Chain.Clock.Epoch, q.Epoch)
	require.Equal(t, v.venue, string(q.Venue))
	require.Equal(t, r, q.Request)
}

// requireRent checks that rent is in UpfrontRent if it is returned in SOL, and
// otherwise in Costs.
func requireRent(t tester, w *stakeWorld, v venueTrade, want composed, q route.Quote) {
	t.Helper()
	temporary := w.rentOf(t, accounts.TokenAccountSpace)
	costs := uint64(0)
	for _, c := range q.Costs {
		costs += c.Lamports
		require.NotEmpty(t, c.Name)
		require.Equal(t, v.venue == stakeWithdrawal || c.Name == route.ReceiptRentCost,
			c.Recoverable, v)
	}

	switch {
	case v.to == "SOL":
		require.Equal(t, want.rent+temporary, q.UpfrontRent, v)
		require.Zero(t, costs, v)
	case v.venue == routerDeposit:
		require.Equal(t, temporary, q.UpfrontRent, v)
		require.Zero(t, costs, v)
	default:
		if v.paysReceipt() {
			want.rent += w.rentOf(t, accounts.InterceptorReceiptSpace)
		}

		require.Zero(t, q.UpfrontRent, v)
		require.Equal(t, want.rent, costs, v)
	}
}

// checkOf returns the expected check of the minimum output.
func (w *stakeWorld) checkOf(v venueTrade) route.MinOutCheck {
	switch {
	case v.to == "SOL":
		return route.CheckedByTempAccount
	case v.paysReceipt():
		return route.CheckedByReceipt
	case v.to == "stake" && (v.from == mSOLName || v.from == stSOLs):
		return route.BoundedByProgram
	case v.venue == stakeWithdrawal, v.to == target &&
		(v.venue == stakeDeposit || v.venue == throughDeposit):
		return route.CheckedByProgram
	}
	return route.CheckedByBalance
}

// All venues that move stake, and the deposits, match package quote applied to
// the test data: amounts, fees, costs, upfront rent, checks and limits, in both
// swap modes. A refusal of one is a refusal of the other.
func TestQuote_MatchesPackageQuoteAtAllVenues(t *testing.T) {
	const seed = 2707
	rng := rand.New(rand.NewPCG(seed, seed))
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range venueTrades {
		t.Run(v.String(), func(t *testing.T) {
			answered := make(map[route.SwapMode]int)
			amounts := []uint64{1, 1_000, sol - 1, sol, 2*sol + 1, 100 * sol, 499 * sol,
				w.own.Lamports, 1 << 56}
			for range 6 {
				amounts = append(amounts, sol+rng.Uint64N(300*sol))
			}

			for _, amount := range amounts {
				for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
					r := v.request(t, w, amount, mode)
					q, err := of(t, m, v.venue, r)
					if err != nil {
						if mode == route.ExactIn {
							_, wantErr := w.compose(t, v, amount)
							require.Error(t, wantErr, "refused %d: %v", amount, err)
						}

						continue
					}

					answered[mode]++
					requireComposed(t, w, v, r, q)
				}
			}

			require.GreaterOrEqual(t, answered[route.ExactIn], 6)
			require.GreaterOrEqual(t, answered[route.ExactOut], 6)
		})
	}
}

// Every venue pays at least the requested output, and one base unit less of
// input would not suffice.
func TestQuote_ExactOutAtAllVenues(t *testing.T) {
	w := newStakeWorld(t)
	m := w.market(t)
	for _, v := range venueTrades {
		t.Run(v.String(), func(t *testing.T) {
			answered, least := 0, 0
			rapid.Check(t, func(rt *rapid.T) {
				amount := rapid.OneOf(rapid.Uint64Range(1, 1_000*sol),
					rapid.Uint64Range(sol-1000, 3*sol), rapid.Uint64Range(1, 1<<62)).Draw(rt,
					"amount")
				r := v.request(t, w, amount, route.ExactOut)
				q, err := of(rt, m, v.venue, r)
				if err != nil {
					return
				}

				answered++
				require.GreaterOrEqual(rt, q.Out, amount)
				require.Equal(rt, amount, q.MinOut)
				requireComposed(rt, w, v, r, q)
				less, err := w.compose(t, v, q.In-1)
				if err != nil {
					// Too small for the stake program or the pool.
					require.True(rt, isSmall(err), "%v", err)
					least++
					return
				}

				require.Less(rt, less.limited(v), amount, "%d would have done", q.In-1)
			})

			require.Greater(t, answered, 5)
			t.Logf("%d answered, of which %d by the least there is", answered, least)
		})
	}
}

func isSmall(err error) bool {
	for _, reason := range []error{quote.ErrBelowMinimumDelegation, quote.ErrAmountTooSmall,
		quote.ErrZeroAmount, quote.ErrStakeTooSmall} {
		if strings.Contains(err.Error(), reason.Error()) {
			return true
		}
	}
	return false
}
