package state

import (
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
)

// TestVotes_Filter checks that exactly the vote accounts of delegated stake are
// found.
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

		// These are not delegated stake accounts.
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
