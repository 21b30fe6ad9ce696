package route_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// mergedStake is another stake account of the owner, with 20 SOL.
var mergedStake = solana.PublicKey{78}

// merging adds the other stake account to the world, and returns the market
// that merges it.
func (w *stakeWorld) merging(t *testing.T, changes ...func(*accounts.StakeAccount)) *route.Market {
	t.Helper()
	other := figures.Delegated(params.Owner, stakeRent, w.vote, 20*sol, w.Chain.Clock.Epoch-9)
	for _, change := range changes {
		change(&other)
	}

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, other.Encode())
	w.replaced[mergedStake] = &accounts.Account{
		Address:  mergedStake,
		Owner:    accounts.StakeProgram,
		Lamports: 20*sol + stakeRent,
		Data:     data,
	}

	return w.market(t, func(l *route.Loader) *route.Loader {
		return l.WithMergedStake(ownStake, mergedStake)
	})
}

// TestMarket_MergedStake checks that a trade of two accounts equals that of one
// account with their sum, and that it begins with the merge.
func TestMarket_MergedStake(t *testing.T) {
	for _, v := range []venueTrade{
		{reserveVenue, "own", "SOL"},
		{stakeDeposit, "own", target},
		{stakeDeposit, "own", mSOLName},
		{stakeDeposit, "own", source},
	} {
		for _, amount := range []uint64{520*sol + 2*stakeRent, 510 * sol} {
			w := newStakeWorld(t)
			m := w.merging(t)
			request := v.request(t, w, amount, route.ExactIn)
			request.MergeStake = []solana.PublicKey{mergedStake}
			merged, err := of(t, m, v.venue, request)
			require.NoError(t, err, v.String())
			require.Subset(t, merged.Accounts, []solana.PublicKey{ownStake, mergedStake})

			single := newStakeWorld(t)
			single.own.Lamports = 520*sol + 2*stakeRent
			single.own.Account.Delegation.Stake = 520 * sol
			want, err := of(t, single.market(t), v.venue,
				v.request(t, single, amount, route.ExactIn))
			require.NoError(t, err, v.String())
			require.Equal(t, want.Out, merged.Out, v.String())
			require.Equal(t, want.MinOut, merged.MinOut, v.String())
			require.Equal(t, want.ReturnedSOL, merged.ReturnedSOL, v.String())

			steps, err := merged.Steps(paramsWith(0))
			require.NoError(t, err)
			plain, err := want.Steps(paramsWith(0))
			require.NoError(t, err)
			require.Len(t, steps, len(plain)+1)
			require.Equal(t, []byte{7, 0, 0, 0}, data(t, steps[0]))
			require.Equal(t, []solana.PublicKey{ownStake, mergedStake}, keys(steps[0])[:2])
			require.Equal(t, labels(t, plain), labels(t, steps[1:]))
			require.Equal(t, want.ComputeUnits+steps[0].ComputeUnits, merged.ComputeUnits)
		}
	}
}

// TestMarket_MergedStakeWithdrawn checks that the stake program pays the rent
// of the merged account, which is a surplus.
func TestMarket_MergedStakeWithdrawn(t *testing.T) {
	w := newStakeWorld(t)
	m := w.merging(t)
	v := venueTrade{stakeProgram, "own", "SOL"}
	request := v.request(t, w, stakeRent, route.ExactIn)
	request.MergeStake = []solana.PublicKey{mergedStake}
	q, err := of(t, m, stakeProgram, request)
	require.NoError(t, err)
	require.EqualValues(t, stakeRent, q.Out)
	require.Contains(t, q.Assumptions[0], "is first merged into "+ownStake.String())
	steps, err := q.Steps(paramsWith(0))
	require.NoError(t, err)
	require.Len(t, steps, 2)

	request.Amount++
	_, err = of(t, m, stakeProgram, request)
	require.ErrorIs(t, err, quote.ErrStakeActive)
}

// TestMarket_MergedStakeRefuses checks that every venue refuses accounts that
// the stake program does not merge, and markets that were loaded otherwise.
func TestMarket_MergedStakeRefuses(t *testing.T) {
	v := venueTrade{reserveVenue, "own", "SOL"}
	for name, change := range map[string]func(*accounts.StakeAccount){
		"activating":   func(a *accounts.StakeAccount) { a.Delegation.ActivationEpoch += 9 },
		"validator":    func(a *accounts.StakeAccount) { a.Delegation.Voter = solana.PublicKey{9} },
		"withdrawer":   func(a *accounts.StakeAccount) { a.Withdrawer = solana.PublicKey{9} },
		"deactivating": func(a *accounts.StakeAccount) { a.Delegation.DeactivationEpoch = 1_000 },
	} {
		w := newStakeWorld(t)
		m := w.merging(t, change)
		request := v.request(t, w, 520*sol+2*stakeRent, route.ExactIn)
		request.MergeStake = []solana.PublicKey{mergedStake}
		_, err := of(t, m, reserveVenue, request)
		require.ErrorIs(t, err, quote.ErrStakeMerge, name)
		require.ErrorContains(t, err, mergedStake.String(), name)
	}

	w := newStakeWorld(t)
	m := w.merging(t)
	request := v.request(t, w, 520*sol+2*stakeRent, route.ExactIn)
	for _, others := range [][]solana.PublicKey{nil, {ownStake}, {mergedStake, ownStake}} {
		request.MergeStake = others
		_, err := m.Quote(request)
		require.ErrorIs(t, err, route.ErrMergeStake)
	}

	twice := w.market(t, func(l *route.Loader) *route.Loader {
		return l.WithMergedStake(ownStake, mergedStake, mergedStake)
	})
	request.MergeStake = []solana.PublicKey{mergedStake, mergedStake}
	_, err := of(t, twice, reserveVenue, request)
	require.ErrorIs(t, err, quote.ErrStakeMerge)

	// The staker signs for a merge.
	w.own.Account.Staker = solana.PublicKey{9}
	delete(w.replaced, ownStake)
	m = w.merging(t, func(a *accounts.StakeAccount) { a.Staker = solana.PublicKey{9} })
	request.MergeStake = []solana.PublicKey{mergedStake}
	_, err = of(t, m, reserveVenue, request)
	require.ErrorIs(t, err, quote.ErrStakeMerge)

	w = newStakeWorld(t)
	w.Chain.RewardsActive = true
	_, err = of(t, w.merging(t), reserveVenue, request)
	require.ErrorIs(t, err, quote.ErrEpochRewards)
}
