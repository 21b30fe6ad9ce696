package txn_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestUnsigned_Reprice checks that a transaction with another price equals the
// one that is compiled with that price, byte by byte, before and after parsing.
func TestUnsigned_Reprice(t *testing.T) {
	for _, version := range []txn.Version{txn.VersionLegacy, txn.Version0, txn.Version1} {
		p := plan(key("payer"), step([]byte{1}, solana.Meta(key("to")).WRITE()))
		p.Versions = []txn.Version{version}
		for _, budget := range []txn.ComputeBudget{
			{ComputeUnitPrice: 7},
			{ComputeUnitPrice: 1, ComputeUnitLimit: 100_000},
			{ComputeUnitPrice: 1 << 60, ComputeUnitLimit: 1, LoadedAccountsDataSizeLimit: 1 << 20},
		} {
			if version == txn.Version1 && budget.ComputeUnitLimit == 0 {
				continue // Its fee is an amount, not a price.
			}

			p.Budget = budget
			first := compile(t, p)
			parsed, err := txn.Parse(first.Base64(), p.Lifetime)
			require.NoError(t, err)
			p.Budget.ComputeUnitPrice = 123_456_789
			want := compile(t, p)
			for _, u := range []*txn.Unsigned{first, parsed.Unsigned()} {
				before := u.Message()
				next, err := u.Reprice(123_456_789)
				require.NoError(t, err)
				require.Equal(t, want.Message(), next.Message())
				require.Equal(t, want.Base64(), next.Base64())
				fee, err := next.Budget().PriorityFee()
				require.NoError(t, err)
				require.Equal(t, must(p.Budget.PriorityFee()), fee)
				require.Equal(t, u.Lifetime(), next.Lifetime())
				require.Equal(t, before, u.Message(), "the first stays")
				for i, s := range want.Steps() {
					data, err := next.Steps()[i].Instruction.Data()
					require.NoError(t, err)
					require.Equal(t, must(s.Instruction.Data()), data)
				}
			}
		}
	}
}

// must returns the value of a call without an error.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// TestUnsigned_Reprice_Version1 checks that the priority fee in lamports is the
// price times the limit, rounded up: 3,000 units at 1,001 micro-lamports are 4
// lamports.
func TestUnsigned_Reprice_Version1(t *testing.T) {
	v := version1Transfer(t)
	p, err := txn.Parse(v.unsigned(), plan(v.addresses[0]).Lifetime)
	require.NoError(t, err)
	next, err := p.Unsigned().Reprice(1_001)
	require.NoError(t, err)
	v.config = slices.Clone(v.config)
	binary.LittleEndian.PutUint64(v.config, 4)
	require.Equal(t, v.message(), next.Message())
	require.Equal(t, uint64(4), next.Budget().PriorityLamports)
	require.Zero(t, next.Budget().ComputeUnitPrice)

	v.mask, v.config = 0x1c, v.config[8:]
	p, err = txn.Parse(v.unsigned(), plan(v.addresses[0]).Lifetime)
	require.NoError(t, err)
	_, err = p.Unsigned().Reprice(5)
	require.ErrorIs(t, err, txn.ErrBudget, "it has no priority fee")
}

func TestUnsigned_Reprice_Refusals(t *testing.T) {
	p := plan(key("payer"), step([]byte{1}))
	_, err := compile(t, p).Reprice(5)
	require.ErrorIs(t, err, txn.ErrBudget)
	created := seeded(t, "created")
	p = plan(key("payer"), step([]byte{1}, solana.Meta(created.PublicKey()).WRITE().SIGNER()))
	p.Budget.ComputeUnitPrice = 5
	p.NewAccountSigners = []*txn.KeySigner{created}
	_, err = compile(t, p).Reprice(6)
	require.ErrorIs(t, err, txn.ErrIncomplete)
	_, err = (*txn.Unsigned)(nil).Reprice(1)
	require.Error(t, err)
}

// TestUnsigned_Reprice_Sign checks that the new transaction is a transaction of
// its own that has not been sent.
func TestUnsigned_Reprice_Sign(t *testing.T) {
	payer := seeded(t, "payer")
	p := plan(payer.PublicKey(), step([]byte{1}))
	p.Budget.ComputeUnitPrice = 5
	first, err := compile(t, p).Sign(t.Context(), payer)
	require.NoError(t, err)
	require.NotEmpty(t, first.Raw())
	next, err := first.Unsigned().Reprice(6)
	require.NoError(t, err)
	second, err := next.Sign(t.Context(), payer)
	require.NoError(t, err)
	require.NotEqual(t, first.Signature(), second.Signature())
	require.True(t, first.Exposed())
	require.False(t, second.Exposed())
	require.True(t, payer.PublicKey().Verify(next.Message(), second.Signature()))
}
