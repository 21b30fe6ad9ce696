package state

import (
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestLedger_MemoDerivesTheSame checks that the addresses are those of package
// accounts for any memo size, and that a memo never exceeds its limit.
func TestLedger_MemoDerivesTheSame(t *testing.T) {
	for _, limit := range []int{1, 2, 5, 1000} {
		l := NewLedger(Scope{WithoutStake: true})
		l.memo.limit = limit
		var group sync.WaitGroup
		for worker := range 3 {
			group.Go(func() {
				for i := range 60 {
					owner := solana.PublicKey{byte(i % 7), byte(worker)}
					want, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram,
						accounts.INFMint)
					require.NoError(t, err)
					got, err := l.AssociatedTokenAddress(owner, accounts.TokenProgram,
						accounts.INFMint)
					require.NoError(t, err)
					require.Equal(t, want, got)

					want, err = accounts.RouterBridgeStake(accounts.RouterProgram, owner,
						uint32(i%5))
					require.NoError(t, err)
					got, err = l.RouterBridgeStake(accounts.RouterProgram, owner, uint32(i%5))
					require.NoError(t, err)
					require.Equal(t, want, got)
				}
			})
		}

		group.Wait()
		require.LessOrEqual(t, len(l.memo.young)+len(l.memo.old), max(limit, 2))
	}

	want, err := accounts.AssociatedTokenAddress(solana.PublicKey{1}, accounts.TokenProgram,
		accounts.INFMint)
	require.NoError(t, err)
	got, err := (*Ledger)(nil).AssociatedTokenAddress(solana.PublicKey{1}, accounts.TokenProgram,
		accounts.INFMint)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// TestLedger_SameAnswersWithFullMemos checks that a load has the same parts if
// the memo forgets every address.
func TestLedger_SameAnswersWithFullMemos(t *testing.T) {
	w := newWorld(t, 11, worldOptions{pools: 3, stakes: 2})
	l := NewLedger(w.scope)
	want, _ := w.load(t, l)
	l.memo.limit = 1
	got, _ := w.load(t, l)
	requireSameParts(t, want, got)
}
