package accounts_test

import (
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestSeededStakeAccount checks that the address depends on the owner and the
// seed only, as in the system program.
func TestSeededStakeAccount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owner := solana.PublicKey(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "owner"))
		seed := rapid.StringMatching(`[ -~]{0,32}`).Draw(t, "seed")
		got, err := accounts.SeededStakeAccount(owner, seed)
		require.NoError(t, err)
		require.Equal(t, withSeed(owner, seed, accounts.StakeProgram), got)
	})

	_, err := accounts.SeededStakeAccount(key(1), strings.Repeat("x", 33))
	require.Error(t, err)
	require.Contains(t, err.Error(), key(1).String())
	require.NotContains(t, err.Error(), "\n")
}

// TestStakeAccount_Activation follows the rules of the stake program, for stake
// that activates within one epoch.
func TestStakeAccount_Activation(t *testing.T) {
	const never = accounts.NeverEpoch
	for _, test := range []struct {
		name                  string
		state                 accounts.StakeState
		activated, deactivate uint64
		epoch                 uint64
		active, activating    bool
	}{
		{"before", accounts.StakeDelegated, 10, never, 9, false, false},
		{"epoch of delegation", accounts.StakeDelegated, 10, never, 10, false, true},
		{"epoch after", accounts.StakeDelegated, 10, never, 11, true, false},
		{"bootstrap", accounts.StakeDelegated, never, never, 0, true, false},
		{"deactivating", accounts.StakeDelegated, 10, 11, 11, false, false},
		{"deactivated", accounts.StakeDelegated, 10, 11, 12, false, false},
		{"deactivated at once", accounts.StakeDelegated, 10, 10, 10, false, false},
		{"not delegated", accounts.StakeInitialized, 10, never, 11, false, false},
		{"not delegated, same epoch", accounts.StakeInitialized, 10, never, 10, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := stakeDelegated()
			s.State = test.state
			s.Delegation.ActivationEpoch = test.activated
			s.Delegation.DeactivationEpoch = test.deactivate
			require.Equal(t, test.active, s.IsActive(test.epoch))
			require.Equal(t, test.activating, s.IsActivating(test.epoch))
		})
	}
}
