package route_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// buildJune2025 is the hash of the build of the stake pool program that rounds
// fees down.
const buildJune2025 = "ef6cacb43ad5a4853f37c1254eb5ff9983bfdb77dfa9452a9dde375c5d762a37"

// pooled says whether a way goes through the stake pool of hSOL or bSOL.
func (v way) pooled() bool { return v.from == source || v.to == taker }

// TestMatrix crosses what varies between networks and epochs: the price of
// storage, the minimum delegation, how the deployed build of the stake pool
// program rounds fees, and whether the pools were updated. Every way either
// quotes what package quote comes to or refuses for the reason that is
// expected.
func TestMatrix(t *testing.T) {
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
							// Odd enough for the rounding to show.
							for _, symbol := range []string{source, taker} {
								if build != "" {
									w.builds[w.pool(t, symbol).Program] = build
								}

								if stale {
									w.age(t, symbol)
								}
							}

							m := w.market(t)
							for _, v := range ways {
								for _, amount := range []uint64{3*sol + 333_333_333, 100*sol + 1} {
									for _, side := range []route.SwapMode{route.ExactIn,
										route.ExactOut} {
										r := v.request(t, w, amount, side)
										q, err := of(t, m, v.venue, r)
										if want := w.refusal(v, perByte, stale); want != nil {
											require.ErrorIs(t, err, want, v)
											continue
										}

										require.NoError(t, err, v)
										requireComposed(t, w, v, r, q)
										_, err = q.Steps(partiesWith(0))
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

// refusal is why a way cannot serve, if it cannot.
func (w *stakeWorld) refusal(v way, perByte uint64, stale bool) error {
	switch {
	case stale && v.pooled():
		return quote.ErrStalePool
	case v.venue == routerPrefunded && v.to == mSOLName && perByte != 6960:
		// The Router lends today's rent, and Marinade wants what stake accounts
		// store.
		return quote.ErrStakeSurplus
	}
	return nil
}

// TestMatrixOfRoundings: a build that rounds fees down pays more, one that
// nobody knows is taken for the less generous, and the quote says so.
func TestMatrixOfRoundings(t *testing.T) {
	out := make(map[string]uint64)
	v := way{stakeDeposit, "own", taker}
	for rounding, build := range map[string]string{"up": "", "down": buildJune2025,
		"unknown": "00"} {
		w := newStakeWorld(t)
		if build != "" {
			w.builds[w.pool(t, taker).Program] = build
		}

		q, err := of(t, w.market(t), v.venue, v.request(t, w, 100*sol+1, route.ExactIn))
		require.NoError(t, err)
		require.Equal(t, rounding != "unknown", q.Exact)
		out[rounding] = q.Out
	}

	require.Greater(t, out["down"], out["up"])
	require.Equal(t, out["up"], out["unknown"])
}

// TestRentAboveWhatMarinadeTakes: where storage costs more than the rent that
// stake accounts store, no new account suits Marinade.
func TestRentAboveWhatMarinadeTakes(t *testing.T) {
	w := newStakeWorld(t)
	w.Chain.Rent = accounts.NewRent(6961)
	m := w.market(t)
	for _, v := range ways {
		q, err := of(t, m, v.venue, v.request(t, w, 100*sol, route.ExactIn))
		if v.to == mSOLName && v.from != "SOL" {
			require.ErrorIs(t, err, quote.ErrStakeSurplus, v)
			continue
		}

		require.NoError(t, err, v)
		requireComposed(t, w, v, q.Request, q)
	}
}

// TestUnknownMarinade: of a build that nobody knows the fees of the newer
// version are taken, and the quote says so.
func TestUnknownMarinade(t *testing.T) {
	w := newStakeWorld(t)
	w.builds[accounts.MarinadeProgram] = ""
	w.Marinade.State.DepositSOLFee, w.Marinade.State.DepositStakeAccountFee = 500, 700
	m := w.market(t)
	for _, v := range ways {
		if v.from != mSOLName && v.to != mSOLName {
			continue
		}

		q, err := of(t, m, v.venue, v.request(t, w, 100*sol, route.ExactIn))
		if v.from == mSOLName && v.venue == throughReserve {
			require.ErrorIs(t, err, quote.ErrBuildDependent,
				"the newer version may not be done with taking over")
			continue
		}

		require.NoError(t, err, v)
		require.False(t, q.Exact, v)
		requireComposed(t, w, v, q.Request, q)
		if v.to == mSOLName {
			require.Contains(
				t,
				fees(q),
				map[bool]string{true: "SOL deposit fee", false: "stake deposit fee"}[v.from == "SOL"],
				v,
			)
		}
	}
}

// fees are the names of a quote's fees.
func fees(q route.Quote) []string {
	var names []string
	for _, f := range q.Fees {
		names = append(names, f.Name)
	}
	return names
}
