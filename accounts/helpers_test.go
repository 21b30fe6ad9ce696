package accounts_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// value is the method set that every decoded type has in common.
type value interface {
	Encode() []byte
	bin.BinaryMarshaler
	bin.BinaryUnmarshaler
}

// codec is one decoder with samples of all states and options of its type.
type codec struct {
	// name is the name of the type in a DecodeError.
	name   string
	owners []solana.PublicKey
	decode func(accounts.Account) (value, error)
	// fresh returns a pointer to a new zero value.
	fresh   func() value
	samples []sample
}

type sample struct {
	name string
	// owner defaults to the first owner of the codec.
	owner solana.PublicKey
	value value
	// packed is the length of the packed form in the program.
	packed int
	// whole reports whether data that is cut to a length is a valid account
	// again. If whole is nil, no shorter data is.
	whole func(length int) bool
}

func newCodec[T any, P interface {
	*T
	value
}](
	name string,
	decode func(accounts.Account) (*T, error),
	owners []solana.PublicKey,
	samples ...sample,
) codec {
	return codec{
		name:   name,
		owners: owners,
		decode: func(a accounts.Account) (value, error) {
			v, err := decode(a)
			if err != nil {
				return nil, err
			}

			return P(v), nil
		},
		fresh:   func() value { return P(new(T)) },
		samples: samples,
	}
}

// sampleAddress is the address of all samples. Errors must contain it.
var sampleAddress = key(0xAD)

// account is the account of a sample with the given data.
func (c codec) account(s sample, data []byte) accounts.Account {
	owner := s.owner
	if owner.IsZero() {
		owner = c.owners[0]
	}
	return accounts.Account{Address: sampleAddress, Owner: owner, Data: data}
}

// takesAll reports whether the type reads all bytes of the account.
func (c codec) takesAll() bool {
	return slices.Contains([]string{
		mintName, tokenAccountName, lookupTableName, lstStateListName, disableListName,
		flatSlabName, reserveV2PricingName,
	}, c.name)
}

// exact reports whether the type accepts a single length only, although it does
// not read all bytes.
func (c codec) exact() bool {
	return slices.Contains([]string{poolStateName, rebalanceRecordName, flatFeeStateName,
		flatFeeAccountName, calculatorStateName, interceptorAuthorityName,
		interceptorReceiptName},
		c.name)
}

// find returns a codec and one of its samples by name.
func find(t testing.TB, codecName, sampleName string) (codec, sample) {
	t.Helper()
	for _, c := range codecs() {
		for _, s := range c.samples {
			if c.name == codecName && s.name == sampleName {
				return c, s
			}
		}
	}
	require.FailNow(t, "no such sample", "%s %s", codecName, sampleName)
	return codec{}, sample{}
}

// forEachSample runs a test for every sample of every decoder.
func forEachSample(t *testing.T, test func(t *testing.T, c codec, s sample)) {
	for _, c := range codecs() {
		for _, s := range c.samples {
			t.Run(c.name+"/"+s.name, func(t *testing.T) { test(t, c, s) })
		}
	}
}

// sentinels are the possible reasons of a DecodeError.
func sentinels() []error {
	return []error{accounts.ErrWrongOwner, accounts.ErrWrongLength, accounts.ErrWrongType,
		accounts.ErrUninitialized, accounts.ErrInvalidValue}
}

// requireDecodeError checks that err is a DecodeError with the account type,
// the address and exactly one reason.
func requireDecodeError(
	t testing.TB, err error, account string, address solana.PublicKey, reason error,
) *accounts.DecodeError {
	t.Helper()
	var e *accounts.DecodeError
	require.ErrorAs(t, err, &e)
	require.Equal(t, account, e.Account)
	require.Equal(t, address, e.Address)
	for _, s := range sentinels() {
		require.Equal(t, s == reason, errors.Is(err, s), "%v: %v", s, err)
	}
	return e
}

// patch returns a copy of the data with the bytes at offset replaced.
func patch(data []byte, offset int, with ...byte) []byte {
	data = bytes.Clone(data)
	copy(data[offset:offset+len(with)], with)
	return data
}

// key is the public key of 32 equal bytes.
func key(b byte) (k solana.PublicKey) {
	for i := range k {
		k[i] = b
	}
	return k
}

func keyPtr(b byte) *solana.PublicKey {
	k := key(b)
	return &k
}

func ptr[T any](v T) *T { return &v }

// mpk is a short name for tables.
func mpk(s string) solana.PublicKey { return solana.MustPublicKeyFromBase58(s) }

func decoder(data []byte) *bin.Decoder { return bin.NewBorshDecoder(data) }

// withSeed is an independent implementation of the system program's derivation.
func withSeed(base solana.PublicKey, seed string, owner solana.PublicKey) solana.PublicKey {
	return sha256.Sum256(append(append(append([]byte{}, base[:]...), seed...), owner[:]...))
}
