package state

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// TestLedger_Numbers checks the order of the tokens: SOL is 0, then come the
// tokens without duplicates, then the stake accounts in the order of their
// addresses.
func TestLedger_Numbers(t *testing.T) {
	w := newWorld(t, 2, worldOptions{pools: 2})
	stakes := []solana.PublicKey{{9}, {3}, {9}}
	l := NewLedger(Scope{Tokens: append(append([]lst.LST{nativeSOL()}, w.Tokens...), w.Tokens[0]),
		StakeAccounts: stakes})

	require.Equal(t, 1+len(w.Tokens)+2, l.Tokens())
	token, ok := l.Token(accounts.NativeMint)
	require.True(t, ok)
	require.Equal(t, SOL, token)
	for i, entry := range w.Tokens {
		token, ok := l.Token(entry.Mint)
		require.True(t, ok)
		require.Equal(t, Token(i+1), token)
		require.Equal(t, entry, l.LST(token))
		require.Equal(t, entry.Mint, l.Address(token))
	}

	first, end := l.StakeAccounts()
	require.Equal(t, Token(1+len(w.Tokens)), first)
	require.Equal(t, first+2, end)
	require.Equal(t, solana.PublicKey{3}, l.Address(first))
	require.Equal(t, solana.PublicKey{9}, l.Address(first+1))
	token, ok = l.Token(solana.PublicKey{9})
	require.True(t, ok)
	require.Equal(t, first+1, token)
	_, ok = l.Token(solana.PublicKey{8})
	require.False(t, ok)
	require.Zero(t, l.Address(end))
	require.Zero(t, l.LST(-1))

	scope := l.Scope()
	require.Equal(t, []solana.PublicKey{{3}, {9}}, scope.StakeAccounts)
	require.Len(t, scope.Tokens, 1+len(w.Tokens))
}

// TestLedger_FirstNamesEachAccountOnce checks that each account is requested
// once, with the longest length that a part needs.
func TestLedger_FirstNamesEachAccountOnce(t *testing.T) {
	for _, o := range worlds {
		w := newWorld(t, 2, o)
		needs := NewLedger(w.scope).First()
		seen := make(map[solana.PublicKey]int)
		for _, n := range needs.Accounts {
			require.NotContains(t, seen, n.Address)
			seen[n.Address] = n.Length
		}

		require.Contains(t, seen, accounts.ClockSysvar)
		list := w.StakePools[0].State.ValidatorList
		if o.withoutStake {
			require.Equal(t, 9+12*73, seen[list])
		} else {
			require.Zero(t, seen[list])
		}
	}
}

// TestLedger_Nil checks that a nil ledger is empty and that its errors wrap
// accounts.ErrNil.
func TestLedger_Nil(t *testing.T) {
	var l *Ledger
	require.Empty(t, l.First().Accounts)
	_, err := l.Second(new(AccountSnapshot))
	require.ErrorIs(t, err, accounts.ErrNil)
	_, err = l.Load(new(AccountSnapshot))
	require.ErrorIs(t, err, accounts.ErrNil)
	require.Zero(t, l.Tokens())
	_, ok := l.Token(accounts.NativeMint)
	require.False(t, ok)

	l = NewLedger(Scope{})
	_, err = l.Second(nil)
	require.EqualError(t, err, "nil account snapshot")
	_, err = l.Load(nil)
	require.EqualError(t, err, "nil account snapshot")
	_, err = l.Load(new(AccountSnapshot))
	require.ErrorIs(t, err, accounts.ErrNotLoaded)
	require.Contains(t, err.Error(), "clock sysvar")
}

// TestLedger_SharedByLoads checks that loads can use a ledger concurrently. Run
// it with -race.
func TestLedger_SharedByLoads(t *testing.T) {
	w := newWorld(t, 6, worldOptions{pools: 3, stakes: 1, pricing: accounts.FlatFeeProgram})
	l := NewLedger(w.scope)
	_, given := w.load(t, l)
	loaded := make(chan *Snapshot, 4)
	for range cap(loaded) {
		go func() {
			s, _ := l.Load(given)
			loaded <- s
		}()
	}

	first := <-loaded
	require.NotNil(t, first)
	for range cap(loaded) - 1 {
		requireSameParts(t, first, <-loaded)
	}
}
