package route_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// buildJune2025 is the hash of a build of the stake pool program that rounds
// fees down.
const buildJune2025 = "ef6cacb43ad5a4853f37c1254eb5ff9983bfdb77dfa9452a9dde375c5d762a37"

// All combinations of the conditions that differ between networks and epochs:
// the price of storage, the minimum delegation, how the deployed build rounds
// fees, and whether the pools were updated. Each venue either matches package
// quote or refuses for the expected reason.
func TestMarket_QuotesMatrix(t *testing.T) {
	builds := map[string]string{"up": "", "down": buildJune2025, "unknown": "00"}
	for _, perByte := range []uint64{6960, 5080, 696} {
		for _, minimum := range []uint64{1, sol} {
			for rounding, build := range builds {
				for _, stale := range []bool{false, true} {
					t.Run(fmt.Sprintf("rent %d, minimum %d, fees %s, stale %t", perByte, minimum,
						rounding, stale),
						func(t *testing.T) {
							w := newStakeWorld(t)
							w.Chain.Rent, w.Chain.MinimumDelegation = accounts.NewRent(
								perByte,
							), minimum
							// An odd amount shows the rounding.
							for _, symbol := range []string{source, target} {
								if build != "" {
									w.builds[w.pool(t, symbol).Program] = build
								}

								if stale {
									w.age(t, symbol)
								}
							}

							m := w.market(t)
							served, tooLarge := 0, 0
							for _, v := range venueTrades {
								for _, amount := range []uint64{3*sol + 333_333_333, 100*sol + 1} {
									for _, mode := range []route.SwapMode{route.ExactIn,
										route.ExactOut} {
										r := v.request(t, w, amount, mode)
										r.AllowPoolUpdate = r.AllowPoolUpdate || stale
										q, err := of(t, m, v.venue, r)
										if stale && errors.Is(err, txn.ErrTransactionTooLarge) {
											tooLarge++
											continue
										}

										if want := w.refusal(t, v, perByte); want != nil {
											require.ErrorIs(t, err, want, v)
											continue
										}

										require.NoError(t, err, v)
										served++
										requireComposed(t, w, v, r, q)
										_, err = q.Steps(paramsWith(0))
										require.NoError(t, err, v)
									}
								}
							}
						})
				}
			}
		}
	}
}

// refusal returns the reason why a trade cannot be served, or nil.
func (w *stakeWorld) refusal(t tester, v venueTrade, perByte uint64) error {
	for _, symbol := range []string{v.from, v.to} {
		if v.venue == routerDeposit || symbol != source && symbol != target {
			continue
		}

		if _, _, err := w.poolAndStake(t, symbol); err != nil {
			return quote.ErrBuildDependent
		}
	}

	switch {
	case v.venue == routerPrefunded && v.to == mSOLName && perByte != 6960:
		// The Router lends the current rent, and Marinade expects the rent
		// stored in stake accounts.
		return quote.ErrStakeSurplus
	}

	return nil
}

// A build that rounds fees down pays more. An unknown build counts as the less
// generous one, and the quote mentions it.
func TestMarket_QuotesOfEachBuild(t *testing.T) {
	out := make(map[string]uint64)
	v := venueTrade{stakeDeposit, "own", target}
	for rounding, build := range map[string]string{"up": "", "down": buildJune2025,
		"unknown": "00"} {
		w := newStakeWorld(t)
		if build != "" {
			w.builds[w.pool(t, target).Program] = build
		}

		q, err := of(t, w.market(t), v.venue, v.request(t, w, 100*sol+1, route.ExactIn))
		require.NoError(t, err)
		require.Equal(t, rounding != "unknown", q.Exact)
		out[rounding] = q.Out
	}

	require.Greater(t, out["down"], out["up"])
	require.Equal(t, out["up"], out["unknown"])
}

// If rent exceeds the reserve stored in stake accounts, Marinade accepts no new
// account.
func TestMarket_QuotesRentAboveMarinades(t *testing.T) {
	w := newStakeWorld(t)
	w.Chain.Rent = accounts.NewRent(6961)
	m := w.market(t)
	for _, v := range venueTrades {
		q, err := of(t, m, v.venue, v.request(t, w, 100*sol, route.ExactIn))
		if v.to == mSOLName && v.from != "SOL" {
			require.ErrorIs(t, err, quote.ErrStakeSurplus, v)
			continue
		}

		require.NoError(t, err, v)
		requireComposed(t, w, v, q.Request, q)
	}
}

// An unknown build of Marinade counts with the fees of the newer version, and
// the quote mentions it.
func TestMarket_QuotesUnknownMarinadeBuild(t *testing.T) {
	w := newStakeWorld(t)
	w.builds[accounts.MarinadeProgram] = ""
	w.Marinade.State.DepositSOLFee, w.Marinade.State.DepositStakeAccountFee = 500, 700
	m := w.market(t)
	for _, v := range venueTrades {
		if v.from != mSOLName && v.to != mSOLName {
			continue
		}

		q, err := of(t, m, v.venue, v.request(t, w, 100*sol, route.ExactIn))
		if v.from == mSOLName && v.venue != marinadeUnstake {
			require.ErrorIs(t, err, quote.ErrBuildDependent,
				"the newer version may not have completed its migration")
			continue
		}

		require.NoError(t, err, v)
		require.False(t, q.Exact, v)
		requireComposed(t, w, v, q.Request, q)
		if v.to == mSOLName {
			fee := "stake deposit fee"
			if v.from == "SOL" {
				fee = "SOL deposit fee"
			}

			require.Contains(t, fees(q), fee, v)
		}
	}
}

// fees returns the names of a quote's fees.
func fees(q route.Quote) []string {
	var names []string
	for _, f := range q.Fees {
		names = append(names, f.Name)
	}
	return names
}
