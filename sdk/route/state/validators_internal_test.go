package state

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

// TestBest_IsTheBeginningOfAStableSort compares the best candidates with a
// stable sort of all: the preferred one first, then by stake.
func TestBest_IsTheBeginningOfAStableSort(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 20_000 {
		all := make([]candidate[int], rng.IntN(8))
		var b best[int]
		preferred := -1
		if rng.IntN(2) == 0 {
			preferred = rng.IntN(8)
		}

		for i := range all {
			all[i] = candidate[int]{entry: i, preferred: i == preferred, stake: rng.Uint64N(4)}
			b.add(i, all[i].preferred, all[i].stake)
		}

		slices.SortStableFunc(all, func(x, y candidate[int]) int {
			switch {
			case x.preferred:
				return -1
			case y.preferred:
				return 1
			}

			return cmp.Compare(y.stake, x.stake)
		})

		want := all[:min(len(all), CandidatesPerPair)]
		require.Equal(t, want, append([]candidate[int]{}, b.entries[:b.size]...))
	}
}

// TestStakePoolStake_ShortListIsEnough checks that package quote returns the
// same results for the short list as for the whole one.
func TestStakePoolStake_ShortListIsEnough(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 300 {
		w := newWorld(t, rng.Uint64(), worldOptions{pools: 2, validators: 1 + rng.IntN(40)})
		pool := w.StakePools[0]
		w.unsettle(t, rng, pool)
		l := NewLedger(w.scope)
		s, given := w.load(t, l)
		token, ok := l.Token(pool.State.PoolMint)
		require.True(t, ok)
		p, err := s.StakePoolStake(token)
		require.NoError(t, err)

		whole := pool.List()
		entries, err := p.Pool.Sources(whole)
		var votes []solana.PublicKey
		for _, e := range entries {
			address, deriveErr := accounts.ValidatorStakeAddress(pool.Program, pool.Address,
				e.VoteAccount, e.ValidatorSeedSuffix)
			require.NoError(t, deriveErr)
			// A validator with less than twice the minimum gives nothing.
			if a, _ := given.Accounts.Lookup(address); a != nil &&
				e.ActiveStakeLamports >= figures.StoredRent+2*w.Chain.MinimumDelegation {
				votes = append(votes, e.VoteAccount)
			}
		}

		var got []solana.PublicKey
		for _, from := range p.Sources {
			got = append(got, from.Source.Entry.VoteAccount)
			require.Equal(t, *whole.Find(from.Source.Entry.VoteAccount), *from.Entry)
		}

		require.Equal(t, votes, got)
		if err != nil {
			require.EqualError(t, p.SourcesErr, err.Error())
		}
	}
}

// unsettle sets equal stakes, other states and other preferences in a stake
// pool.
func (w *world) unsettle(t *testing.T, rng *rand.Rand, pool *figures.StakePool) {
	t.Helper()
	for i := range pool.Validators {
		e := &pool.Validators[i].Entry
		if rng.IntN(3) == 0 {
			e.ActiveStakeLamports = pool.Validators[0].Entry.ActiveStakeLamports
		}

		if rng.IntN(5) == 0 {
			e.Status = accounts.ValidatorStatus(rng.IntN(3))
		}
	}

	switch vote := pool.Validators[rng.IntN(len(pool.Validators))].Entry.VoteAccount; rng.IntN(6) {
	case 0:
		pool.State.PreferredWithdrawValidator = &vote
	case 1:
		other := figures.RandomKey(rng)
		pool.State.PreferredWithdrawValidator = &other
	case 2:
		pool.State.PreferredDepositValidator = &vote
	}

	w.write(t)
}
