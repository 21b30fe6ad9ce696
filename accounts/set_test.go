package accounts_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

func TestSet_Get(t *testing.T) {
	there := key(3)
	missing := key(1)
	unknown := key(2)
	a := accounts.Account{
		Address:  there,
		Owner:    accounts.StakePoolProgram,
		Lamports: 5,
		Data:     poolAll().Encode(),
	}

	s := accounts.NewSet(411_884_877)
	s.Put(a)
	s.PutMissing(missing)

	require.Equal(t, uint64(411_884_877), s.Slot())
	require.Equal(t, 2, s.Len())
	require.Equal(t, []solana.PublicKey{missing, there}, s.Addresses())

	got, err := s.Get(there)
	require.NoError(t, err)
	require.Equal(t, a, got)
	pool, err := accounts.Load(s, there, accounts.DecodeStakePool)
	require.NoError(t, err)
	require.Equal(t, poolAll(), pool)

	list, err := accounts.Load(s, there, accounts.DecodeValidatorList)
	require.Nil(t, list)
	requireDecodeError(t, err, validatorListName, there, accounts.ErrWrongType)

	for _, test := range []struct {
		name    string
		address solana.PublicKey
		want    error
		not     error
		has     bool
	}{
		{"missing", missing, accounts.ErrNotFound, accounts.ErrNotLoaded, true},
		{"unknown", unknown, accounts.ErrNotLoaded, accounts.ErrNotFound, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.has, s.Has(test.address))
			got, err := s.Get(test.address)
			require.Zero(t, got)
			require.ErrorIs(t, err, test.want)
			require.NotErrorIs(t, err, test.not)
			require.ErrorContains(t, err, test.address.String())
			pool, err := accounts.Load(s, test.address, accounts.DecodeStakePool)
			require.Nil(t, pool)
			require.ErrorIs(t, err, test.want)
		})
	}

	require.True(t, s.Has(there))
}

func TestSet_Replaces(t *testing.T) {
	address := key(1)
	s := accounts.NewSet(1)
	s.PutMissing(address)
	s.Put(accounts.Account{Address: address, Lamports: 1})
	got, err := s.Get(address)
	require.NoError(t, err)
	require.Equal(t, uint64(1), got.Lamports)

	s.Put(accounts.Account{Address: address, Lamports: 2})
	got, err = s.Get(address)
	require.NoError(t, err)
	require.Equal(t, uint64(2), got.Lamports)

	s.PutMissing(address)
	_, err = s.Get(address)
	require.ErrorIs(t, err, accounts.ErrNotFound)
	require.Equal(t, 1, s.Len())
}

func TestSet_ZeroValue(t *testing.T) {
	var s accounts.Set
	require.Zero(t, s.Slot())
	require.Zero(t, s.Len())
	require.Empty(t, s.Addresses())
	require.False(t, s.Has(key(1)))
	_, err := s.Get(key(1))
	require.ErrorIs(t, err, accounts.ErrNotLoaded)
	s.Put(accounts.Account{Address: key(1)})
	require.True(t, s.Has(key(1)))
}
