package txn_test

import (
	"encoding/base64"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// withTables returns a signed transaction that uses two lookup tables, with the
// accounts that the network loads for it.
func withTables(t *testing.T) (s *txn.Signed, tables []txn.LookupTable) {
	t.Helper()
	payer := seeded(t, "payer")
	var metas []*solana.AccountMeta
	tables = []txn.LookupTable{{Address: key("first table")}, {Address: key("second table")}}
	for i := range 60 {
		account := solana.PublicKey{9, byte(i)}
		table := &tables[i%2]
		table.Addresses = append(table.Addresses, solana.PublicKey{8, byte(i)}, account)
		metas = append(metas, &solana.AccountMeta{PublicKey: account, IsWritable: i%3 == 0})
	}

	p := plan(payer.PublicKey(), step([]byte{1}, metas...))
	p.Tables = tables
	u := compile(t, p)
	require.Len(t, u.LookupTables(), 2)
	s, err := u.Sign(t.Context(), payer)
	require.NoError(t, err)

	return s, tables
}

// loadedOf returns the accounts that the network loads, resolved by solana-go.
func loadedOf(t *testing.T, s *txn.Signed, tables []txn.LookupTable) (w, r solana.PublicKeySlice) {
	t.Helper()
	of := make(map[solana.PublicKey]solana.PublicKeySlice)
	for _, table := range tables {
		of[table.Address] = table.Addresses
	}

	message := decode(t, s.Base64()).Message
	for _, lookup := range message.AddressTableLookups {
		for _, i := range lookup.WritableIndexes {
			w = append(w, of[lookup.AccountKey][i])
		}
	}

	for _, lookup := range message.AddressTableLookups {
		for _, i := range lookup.ReadonlyIndexes {
			r = append(r, of[lookup.AccountKey][i])
		}
	}

	return w, r
}

func TestParseLanded(t *testing.T) {
	s, tables := withTables(t)
	writable, readonly := loadedOf(t, s, tables)
	landed, keys, err := txn.ParseLanded(s.Base64(), writable, readonly)
	require.NoError(t, err)
	require.Equal(t, s.Signature(), landed.Signature())
	require.Equal(t, s.Raw(), landed.Raw())
	require.True(t, landed.Exposed())
	static := decode(t, s.Base64()).Message.AccountKeys
	require.Equal(t, append(append([]solana.PublicKey(static), writable...), readonly...), keys)
	want := s.Unsigned().Steps()
	for i, step := range landed.Unsigned().Steps() {
		require.Equal(t, want[i].Instruction.ProgramID(), step.Instruction.ProgramID())
		for n, meta := range step.Instruction.Accounts() {
			require.Equal(t, want[i].Instruction.Accounts()[n].PublicKey, meta.PublicKey)
		}
	}

	for name, loaded := range map[string][2][]solana.PublicKey{
		"nothing":         {},
		"no read-only":    {writable, nil},
		"one less":        {writable[1:], readonly},
		"one more":        {append(writable, key("more")), readonly},
		"one of a signer": {append([]solana.PublicKey{keys[0]}, writable[1:]...), readonly},
		"one twice":       {append([]solana.PublicKey{writable[1]}, writable[1:]...), readonly},
	} {
		_, _, err := txn.ParseLanded(s.Base64(), loaded[0], loaded[1])
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "\n", name)
	}
}

// TestParseLanded_Refusals checks that every signature must verify.
func TestParseLanded_Refusals(t *testing.T) {
	payer, owner := seeded(t, "payer"), seeded(t, "owner")
	u := compile(t, plan(payer.PublicKey(),
		step([]byte{1}, solana.Meta(owner.PublicKey()).SIGNER())))
	_, _, err := txn.ParseLanded(u.Base64(), nil, nil)
	require.ErrorIs(t, err, txn.ErrMissingSignature)
	s, err := u.Sign(t.Context(), payer, owner)
	require.NoError(t, err)
	raw := s.Raw()
	for at := range raw {
		raw[at] ^= 1
		_, _, err := txn.ParseLanded(base64.StdEncoding.EncodeToString(raw), nil, nil)
		require.Error(t, err, at)
		raw[at] ^= 1
	}

	_, _, err = txn.ParseLanded("no base64", nil, nil)
	require.ErrorIs(t, err, txn.ErrInvalidTransaction)
	_, _, err = txn.ParseLanded(s.Base64(), []solana.PublicKey{{1}}, nil)
	require.ErrorIs(t, err, txn.ErrLookupTable)
}
