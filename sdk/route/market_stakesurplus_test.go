package route_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestMarket_StakeSurplus checks that the stake program pays what an account
// has beyond its stake and rent, also while the stake is active or cools down,
// and not a lamport more.
func TestMarket_StakeSurplus(t *testing.T) {
	const surplus = 3_000_000
	for name, change := range map[string]func(*testing.T, *stakeWorld){
		"active":       unchanged,
		"activating":   activated(0),
		"deactivating": deactivated(0),
	} {
		t.Run(name, func(t *testing.T) {
			w := newStakeWorld(t)
			change(t, w)
			w.own.Lamports += surplus
			m := w.market(t)
			v := venueTrade{stakeProgram, "own", "SOL"}
			for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
				for _, amount := range []uint64{1, surplus} {
					q, err := of(t, m, stakeProgram, v.request(t, w, amount, mode))
					require.NoError(t, err)
					requireStakeProgram(t, w, q, amount)
				}

				for _, amount := range []uint64{surplus + 1, w.own.Lamports} {
					q, err := of(t, m, stakeProgram, v.request(t, w, amount, mode))
					if name == "activating" && amount == w.own.Lamports {
						require.NoError(t, err)
						requireUndelegated(t, q, amount)
						continue
					}

					require.ErrorIs(t, err, quote.ErrStakeActive)
					require.ErrorContains(t, err,
						"it has 3000000 lamports beyond its stake and rent")
				}
			}
		})
	}
}

// requireUndelegated checks a withdrawal of a whole account whose stake was
// delegated in this epoch: it is deactivated first.
func requireUndelegated(t *testing.T, q route.Quote, amount uint64) {
	t.Helper()
	require.Equal(t, amount, q.Out)
	require.Contains(t, q.Assumptions[0], "the stake was delegated in this epoch")
	steps, err := q.Steps(paramsWith(0))
	require.NoError(t, err)
	require.Equal(t, []string{deactivate, withdraw}, labels(t, steps))
	require.Equal(t, amount, u64At(data(t, steps[1]), 4))
}

// TestMarket_StakeUndelegatedByOne checks that an account whose stake another
// key may deactivate is not undelegated, since only that key could.
func TestMarket_StakeUndelegatedByOne(t *testing.T) {
	w := newStakeWorld(t)
	activated(0)(t, w)
	w.own.Account.Staker = solana.PublicKey{9}
	v := venueTrade{stakeProgram, "own", "SOL"}
	_, err := of(t, w.market(t), stakeProgram,
		v.request(t, w, w.own.Lamports, route.ExactIn))
	require.ErrorIs(t, err, quote.ErrStakeActive)
}

// TestMarket_StakeAdaptedToMarinade checks the deposit of an account whose
// balance is not what Marinade wants: the surplus is withdrawn first, or the
// missing rent added, and the mSOL are those of an account with the right
// balance.
func TestMarket_StakeAdaptedToMarinade(t *testing.T) {
	v := venueTrade{stakeDeposit, "own", mSOLName}
	quoteOf := func(change int64) (*stakeWorld, route.Quote) {
		w := newStakeWorld(t)
		w.own.Lamports = uint64(int64(w.own.Lamports) + change)
		q, err := of(t, w.market(t), v.venue, v.request(t, w, w.own.Lamports, route.ExactIn))
		require.NoError(t, err)
		require.Equal(t, w.own.Lamports, q.In)

		return w, q
	}

	_, whole := quoteOf(0)
	require.Zero(t, whole.ReturnedSOL)
	require.Zero(t, whole.AddedSOL)
	plain, err := whole.Steps(paramsWith(0))
	require.NoError(t, err)

	_, q := quoteOf(700_000)
	require.Equal(t, whole.Out, q.Out)
	require.EqualValues(t, 700_000, q.ReturnedSOL)
	require.Greater(t, q.NetOut, q.Out)
	require.Empty(t, q.Costs)
	require.Contains(t, q.String(), "and 0.0007 SOL back")
	require.Contains(
		t,
		q.Assumptions,
		"the owner first withdraws 0.0007 SOL from the stake account, what it has beyond its stake and rent",
	)

	steps, err := q.Steps(paramsWith(0))
	require.NoError(t, err)
	require.Equal(t, join([]string{withdraw}, labels(t, plain)), labels(t, steps))
	require.EqualValues(t, 700_000, u64At(data(t, steps[0]), 4))
	require.Equal(t, []solana.PublicKey{ownStake, params.Owner}, keys(steps[0])[:2])

	_, q = quoteOf(-616_640) // An account that was created at 5,080 lamports per byte.
	require.Equal(t, whole.Out, q.Out)
	require.EqualValues(t, 616_640, q.AddedSOL)
	require.Less(t, q.NetOut, whole.NetOut)
	require.Equal(t, []route.Cost{
		{Name: "rent that the stake account lacks, which the pool keeps", Lamports: 616_640},
	}, q.Costs)
	require.EqualValues(t, stakeRent-616_640, q.Fees[len(q.Fees)-1].Amount)
	steps, err = q.Steps(paramsWith(0))
	require.NoError(t, err)
	require.Len(t, steps, len(plain)+1)
	require.Equal(t, []solana.PublicKey{params.Owner, ownStake}, keys(steps[0])[:2])
	require.EqualValues(t, 616_640, u64At(data(t, steps[0]), 4))
}

// TestMarket_StakeSurplusOfLowerRent checks that the rent that must stay is
// that of today: 1,666,240 lamports at 5,080 lamports per byte, of the
// 2,282,880 that the account holds.
func TestMarket_StakeSurplusOfLowerRent(t *testing.T) {
	w := newStakeWorld(t)
	w.Chain.Rent = accounts.NewRent(5080)
	m := w.market(t)
	v := venueTrade{stakeProgram, "own", "SOL"}
	q, err := of(t, m, stakeProgram, v.request(t, w, 616_640, route.ExactIn))
	require.NoError(t, err)
	requireStakeProgram(t, w, q, 616_640)
	_, err = of(t, m, stakeProgram, v.request(t, w, 616_641, route.ExactIn))
	require.ErrorIs(t, err, quote.ErrStakeActive)
}

// TestMarket_StakeProgramKeepsRent checks that the rent that must stay in an
// account which has cooled down is that of today, whatever the account stores.
func TestMarket_StakeProgramKeepsRent(t *testing.T) {
	for lamportsPerByte, rent := range map[uint64]uint64{5_080: 1_666_240, 6_960: 2_282_880} {
		w := newStakeWorld(t)
		w.Chain.Rent = accounts.NewRent(lamportsPerByte)
		w.own.Account.Delegation.DeactivationEpoch = w.Chain.Clock.Epoch - 1
		w.own.Account.RentExemptReserve = 2_000_000
		m := w.market(t)
		v := venueTrade{stakeProgram, "own", "SOL"}
		_, err := of(t, m, stakeProgram, v.request(t, w, w.own.Lamports-rent, route.ExactIn))
		require.NoError(t, err)
		_, err = of(t, m, stakeProgram, v.request(t, w, w.own.Lamports-rent+1, route.ExactIn))
		require.ErrorIs(t, err, quote.ErrAmountTooLarge)
		require.ErrorContains(t, err, "it must keep")
	}
}
