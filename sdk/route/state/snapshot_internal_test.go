package state

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// TestSnapshot_PartsOfOtherTokens checks that parts of unknown tokens are
// refused.
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
