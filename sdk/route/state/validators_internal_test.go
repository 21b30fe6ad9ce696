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
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestBest_IsTheBeginningOfAStableSort of all candidates: the preferred one
// first, then by stake.
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

// TestStakePoolStake_ShortListIsEnough: what package quote says with the short
// list is what it says with the whole one.
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
			if a, _ := given.Accounts.Lookup(address); a != nil {
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

// unsettle gives a pool's validators equal stakes, states and preferences.
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

// TestSnapshotStakePool_TooManyValidators: a stale pool of many validators
// cannot be updated on the way, one of few can.
func TestSnapshotStakePool_TooManyValidators(t *testing.T) {
	for _, c := range []struct {
		validators int
		want       error
	}{
		{MaxCrankedValidators, nil},
		{MaxCrankedValidators + 1, ErrTooManyValidators},
	} {
		for _, withoutStake := range []bool{false, true} {
			w := newWorld(t, 9,
				worldOptions{pools: 1, validators: c.validators, withoutStake: withoutStake})
			w.StakePools[0].State.LastUpdateEpoch--
			w.write(t)
			l := NewLedger(w.scope)
			s, _ := w.load(t, l)
			token, _ := l.Token(w.StakePools[0].State.PoolMint)
			p, err := s.StakePool(token)
			require.NoError(t, err)
			require.True(t, p.Stale())
			require.ErrorIs(t, p.CrankErr, c.want)
			require.Equal(t, c.want == nil, p.Crank != nil)
			var why quote.Refusal
			_, ok := p.Prices.DepositSOL(1_000_000_000, &why)
			require.False(t, ok)
			require.ErrorIs(t, &why, quote.ErrStalePool)
			if p.Crank != nil {
				require.Len(t, p.Crank.List.Validators, c.validators)
				require.Len(t, p.Crank.Read, 1+2*c.validators)
			}
		}
	}
}

// TestVotes_Filter finds what is there and nothing else.
func TestVotes_Filter(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 2))
	set := accounts.NewSet(1)
	var votes []solana.PublicKey
	for range 200 {
		vote := figures.RandomKey(rng)
		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, figures.Delegated(solana.PublicKey{1}, 1, vote, 5, 1).Encode())
		set.Put(accounts.Account{
			Address:  figures.RandomKey(rng),
			Owner:    accounts.StakeProgram,
			Lamports: 6,
			Data:     data,
		})

		votes = append(votes, vote)

		// None of these is delegated stake.
		set.Put(accounts.Account{
			Address:  figures.RandomKey(rng),
			Owner:    accounts.TokenProgram,
			Lamports: 6,
			Data:     data,
		})

		set.Put(accounts.Account{
			Address:  figures.RandomKey(rng),
			Owner:    accounts.StakeProgram,
			Lamports: 6,
			Data:     data[:150],
		})

		set.PutMissing(figures.RandomKey(rng))
	}

	v := votesOf(set)
	require.Len(t, v.numbers, len(votes))
	seen := make(map[Vote]bool)
	for _, vote := range votes {
		n := v.find(&vote)
		require.False(t, seen[n])
		seen[n] = true
		other := figures.RandomKey(rng)
		require.Equal(t, NoVote, v.find(&other))
	}

	require.False(t, seen[NoVote])
}

// TestSnapshot_PartsOfOtherTokens are refused, not invented.
func TestSnapshot_PartsOfOtherTokens(t *testing.T) {
	w := newWorld(t, 4, worldOptions{pools: 1, withoutStake: true})
	l := NewLedger(w.scope)
	s, _ := w.load(t, l)
	for _, snapshot := range []*Snapshot{s, nil} {
		for token := Token(-2); int(token) < l.Tokens()+2; token++ {
			kind := l.LST(token).Kind
			known := snapshot != nil
			_, err := snapshot.StakePool(token)
			require.Equal(t, known && kind.IsStakePool(), err == nil, "%d", token)
			_, err = snapshot.Marinade(token)
			require.Equal(t, known && kind == lst.KindMarinade, err == nil, "%d", token)
			_, err = snapshot.RouterFee(token)
			require.Equal(t, known && (kind.IsStakePool() || kind == lst.KindMarinade), err == nil,
				"%d", token)
			for _, err := range []error{
				second(snapshot.StakePoolStake(token)),
				second(snapshot.MarinadeStake(token)),
				second(snapshot.MarinadeRecords(token)),
				second(snapshot.Lido(token)),
				second(snapshot.StakeAccount(token)),
				second(snapshot.Reserve()),
				second(snapshot.Prefund()),
				second(snapshot.Infinity(-1)),
				second(snapshot.Infinity(1)),
				second(snapshot.LookupTable(-1)),
				second(snapshot.LookupTable(1)),
			} {
				require.ErrorIs(t, err, accounts.ErrNotLoaded)
			}
		}

		require.Equal(t, NoVote, snapshot.Vote(w.Votes[0]))
	}

	require.NotNil(t, (*Snapshot)(nil).Chain())
	require.Nil(t, (*Snapshot)(nil).Account(accounts.ClockSysvar))
	require.NotNil(t, s.Account(accounts.ClockSysvar))
	require.Nil(t, s.Account(solana.PublicKey{0xdd}))
	require.Equal(t, w.Chain.Clock, s.Chain().Clock)
	require.Equal(t, w.Chain.Clock.Slot, s.LoadedSlot())
}

func second[T any](_ T, err error) error { return err }
