package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestValidatorList_Dumps(t *testing.T) {
	bsol := decodeFixture(t, "router/bsol-validator-list", accounts.DecodeValidatorList)
	require.Equal(t, uint32(2950), bsol.MaxValidators)
	require.Len(t, bsol.Validators, 1177)
	require.Equal(t, 215_359, bsol.Space())
	require.Len(t, fixtures(t)["router/bsol-validator-list"].Data, bsol.Space())
	status, transient := make(map[accounts.ValidatorStatus]int), 0
	for _, v := range bsol.Validators {
		status[v.Status]++
		require.Zero(t, v.ValidatorSeedSuffix)
		if v.TransientStakeLamports != 0 {
			transient++
		}
	}

	require.Equal(t, map[accounts.ValidatorStatus]int{
		accounts.ValidatorActive:       1176,
		accounts.ValidatorDeactivating: 1,
	}, status)

	require.Equal(t, 57, transient)
	require.NotNil(t, bsol.Find(bsolVote))

	picosol := decodeFixture(t, "router/picosol-validator-list", accounts.DecodeValidatorList)
	require.Equal(t, uint32(1), picosol.MaxValidators)
	require.Len(t, picosol.Validators, 1)
	require.Equal(t, picosolVote, picosol.Validators[0].VoteAccount)
	require.Equal(t, 82, picosol.Space())
}

func TestValidatorList_FindAndSpace(t *testing.T) {
	l := validators(3)
	require.Same(t, &l.Validators[1], l.Find(key(1)))
	require.Nil(t, l.Find(key(3)))
	require.Nil(t, (&accounts.ValidatorList{}).Find(solana.PublicKey{}))
	// The sizes of the picoSOL, JupSOL and bSOL lists on mainnet.
	for validators, space := range map[uint32]int{1: 82, 10_000: 730_009, 2_950: 215_359} {
		require.Equal(t, space, accounts.ValidatorList{MaxValidators: validators}.Space())
	}
}
