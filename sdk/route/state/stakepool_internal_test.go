package state

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestSnapshotStakePool_TooManyValidators checks that a stale pool can be
// updated in the transaction that uses it up to MaxUpdatedValidators
// validators.
func TestSnapshotStakePool_TooManyValidators(t *testing.T) {
	for _, c := range []struct {
		validators int
		want       error
	}{
		{MaxUpdatedValidators, nil},
		{MaxUpdatedValidators + 1, ErrTooManyValidators},
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
			require.ErrorIs(t, p.UpdateErr, c.want)
			require.Equal(t, c.want == nil, p.Update != nil)
			var why quote.Refusal
			_, ok := p.Prices.DepositSOL(1_000_000_000, &why)
			require.False(t, ok)
			require.ErrorIs(t, &why, quote.ErrStalePool)
			if p.Update != nil {
				require.Len(t, p.Update.List.Validators, c.validators)
				require.Len(t, p.Update.Read, 1+2*c.validators)
			}
		}
	}
}
