package accounts_test

import (
	"bytes"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestValidatorListView_ReadsInPlace(t *testing.T) {
	list := validators(7)
	data := append(list.Encode(), make([]byte, 100)...) // unused space
	view, err := accounts.ViewValidatorList(accounts.Account{
		Owner: accounts.StakePoolProgram,
		Data:  data,
	})

	require.NoError(t, err)
	require.Equal(t, list.MaxValidators, view.MaxValidators())
	require.Equal(t, 7, view.Len())
	for i, want := range list.Validators {
		require.Equal(t, want, view.At(i))
		require.Equal(t, want.VoteAccount, view.VoteAt(i))
	}

	for _, i := range []int{-1, 7, 8, 1 << 30} {
		require.Zero(t, view.At(i))
		require.Zero(t, view.VoteAt(i))
	}

	data[9] ^= 0xFF
	require.NotEqual(t, list.Validators[0], view.At(0), "the view has no copy")

	var none accounts.ValidatorListView
	require.Zero(t, none.Len())
	require.Zero(t, none.At(0))
}

func TestDecodeValidatorListInto_ReusesMemory(t *testing.T) {
	var list accounts.ValidatorList
	decode := func(n int) error {
		a := accounts.Account{Owner: accounts.SanctumStakePoolProgram, Data: validators(n).Encode()}
		return accounts.DecodeValidatorListInto(a, &list)
	}

	require.NoError(t, decode(5))
	first := &list.Validators[0]
	for _, n := range []int{3, 0, 5} {
		require.NoError(t, decode(n))
		require.Equal(t, *validators(n), list)
		require.Same(t, first, &list.Validators[:1][0])
	}

	require.NoError(t, decode(6))
	require.Equal(t, *validators(6), list)

	require.ErrorIs(t, accounts.DecodeValidatorListInto(accounts.Account{}, nil), accounts.ErrNil)
}

// FuzzViewValidatorList compares the view and the reused list with the copying
// decoder: the same entries, or the same error.
func FuzzViewValidatorList(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte, owner byte) {
		programs := append(accounts.StakePoolPrograms(), key(owner))
		for _, named := range [][]solana.PublicKey{nil, programs} {
			for _, program := range append(programs, accounts.StakeProgram) {
				a := accounts.Account{Address: sampleAddress, Owner: program, Data: data}
				requireSameValidators(t, a, named)
			}
		}
	})
}

func requireSameValidators(t *testing.T, a accounts.Account, programs []solana.PublicKey) {
	t.Helper()
	of := programs
	if of == nil {
		of = accounts.StakePoolPrograms()
	}

	want, wantErr := accounts.DecodeValidatorListOf(a, of...)
	view, viewErr := accounts.ViewValidatorList(a, programs...)
	into := *validators(2)
	intoErr := accounts.DecodeValidatorListInto(a, &into, programs...)
	if wantErr != nil {
		require.EqualError(t, viewErr, wantErr.Error())
		require.EqualError(t, intoErr, wantErr.Error())
		require.Zero(t, view)
		require.Zero(t, into.MaxValidators)
		require.Empty(t, into.Validators)

		return
	}

	require.NoError(t, viewErr)
	require.NoError(t, intoErr)
	require.Equal(t, *want, into)
	require.Equal(t, want.MaxValidators, view.MaxValidators())
	require.Len(t, want.Validators, view.Len())
	for i, entry := range want.Validators {
		require.Equal(t, entry, view.At(i))
		require.Equal(t, entry.VoteAccount, view.VoteAt(i))
	}

	require.True(t, bytes.HasPrefix(a.Data, want.Encode()))
}
