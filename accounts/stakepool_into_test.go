package accounts_test

import (
	"testing"
	"unsafe"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// TestDecodeStakePoolInto_OverwritesAll decodes every pair of samples
// into one value, one after the other.
func TestDecodeStakePoolInto_OverwritesAll(t *testing.T) {
	samples := []*accounts.StakePool{poolNone(), poolAll(), poolMixed()}
	for _, before := range samples {
		for _, after := range samples {
			var pool accounts.StakePool
			require.NoError(t, accounts.DecodeStakePoolInto(stakePoolAccount(before), &pool))
			require.Equal(t, *before, pool)
			require.NoError(t, accounts.DecodeStakePoolInto(stakePoolAccount(after), &pool))
			require.Equal(t, *after, pool)
		}
	}
}

// TestDecodeStakePoolInto_SharesOptions checks that the optional keys point
// into the data.
func TestDecodeStakePoolInto_SharesOptions(t *testing.T) {
	a := stakePoolAccount(poolAll())
	var pool accounts.StakePool
	require.NoError(t, accounts.DecodeStakePoolInto(a, &pool))
	for _, option := range []*solana.PublicKey{
		pool.PreferredDepositValidator,
		pool.PreferredWithdrawValidator,
		pool.SOLDepositAuthority,
		pool.SOLWithdrawAuthority,
	} {
		at := uintptr(unsafe.Pointer(option))
		first := uintptr(unsafe.Pointer(&a.Data[0]))
		require.True(t, at >= first && at < first+uintptr(len(a.Data)))
	}

	copied, err := accounts.DecodeStakePool(a)
	require.NoError(t, err)
	clear(a.Data)
	require.Zero(t, *pool.SOLDepositAuthority, "it is part of the data")
	require.Equal(t, poolAll(), copied)
}

func TestDecodeStakePoolInto_Refuses(t *testing.T) {
	other := key(0x77)
	for _, test := range []struct {
		name     string
		change   func(*accounts.Account)
		programs []solana.PublicKey
		want     error
	}{
		{name: "default", change: func(*accounts.Account) {}},
		{
			name:   "other program",
			change: func(a *accounts.Account) { a.Owner = other },
			want:   accounts.ErrWrongOwner,
		},
		{
			name:     "named program",
			change:   func(a *accounts.Account) { a.Owner = other },
			programs: []solana.PublicKey{key(1), other},
		},
		{
			name:     "known program that is not named",
			change:   func(*accounts.Account) {},
			programs: []solana.PublicKey{other},
			want:     accounts.ErrWrongOwner,
		},
		{
			name:   "not initialized",
			change: func(a *accounts.Account) { a.Data[0] = 0 },
			want:   accounts.ErrUninitialized,
		},
		{
			name:   "type",
			change: func(a *accounts.Account) { a.Data[0] = 2 },
			want:   accounts.ErrWrongType,
		},
		{
			name:   "tag",
			change: func(a *accounts.Account) { a.Data[346] = 3 },
			want:   accounts.ErrInvalidValue,
		},
		{
			name:   "short",
			change: func(a *accounts.Account) { a.Data = a.Data[:434] },
			want:   accounts.ErrWrongLength,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := stakePoolAccount(poolNone())
			a.Address = sampleAddress
			test.change(&a)
			pool := *poolAll()
			err := accounts.DecodeStakePoolInto(a, &pool, test.programs...)
			if test.want == nil {
				require.NoError(t, err)
				require.Equal(t, *poolNone(), pool)
				return
			}

			requireDecodeError(t, err, stakePoolName, sampleAddress, test.want)
			require.Zero(t, pool)

			programs := test.programs
			if programs == nil {
				programs = accounts.StakePoolPrograms()
			}

			_, want := accounts.DecodeStakePoolOf(a, programs...)
			require.EqualError(t, err, want.Error())
		})
	}

	err := accounts.DecodeStakePoolInto(stakePoolAccount(poolNone()), nil)
	require.ErrorIs(t, err, accounts.ErrNil)
}
