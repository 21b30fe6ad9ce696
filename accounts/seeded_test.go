package accounts_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
)

// withSeed is an independent implementation of the system program's derivation.
func withSeed(base solana.PublicKey, seed string, owner solana.PublicKey) solana.PublicKey {
	return sha256.Sum256(append(append(append([]byte{}, base[:]...), seed...), owner[:]...))
}

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

// TestMarinadeValidatorListAddress checks the address against the state of
// Marinade.
func TestMarinadeValidatorListAddress(t *testing.T) {
	got, err := accounts.MarinadeValidatorListAddress(accounts.MarinadeProgram,
		accounts.MarinadeStateAddress)
	requireAddress(t, "DwFYJNnhLmw19FBTrVaLWZ8SZJpxdPoSYVSJaio9tjbY", got, err)
	require.Equal(t,
		withSeed(accounts.MarinadeStateAddress, "validator_list", accounts.MarinadeProgram), got)
	other, err := accounts.MarinadeValidatorListAddress(accounts.MarinadeProgram, key(1))
	require.NoError(t, err)
	require.NotEqual(t, got, other, "the state is the base")
}
