package txn_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// BenchmarkCompile compiles a stake pool deposit without and with a layout.
// solana-go only merges instructions that exist already.
func BenchmarkCompile(b *testing.B) {
	p, _, _ := stakePlan(b)
	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.Compile(); err != nil {
				b.Fatal(err)
			}
		}
	})

	b.Run("layout", func(b *testing.B) {
		_, layout, err := p.CompileWith(nil)
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := p.CompileWith(layout); err != nil {
				b.Fatal(err)
			}
		}
	})

	b.Run("solana-go", func(b *testing.B) {
		benchmarkUpstream(b, p)
	})
}

// BenchmarkCompileTable compiles a transaction that needs a lookup table.
func BenchmarkCompileTable(b *testing.B) {
	all := numbered("account", 0, 45)
	p := plan(key("payer"), readers(all...))
	p.Tables = []txn.LookupTable{{
		Address:   key("table"),
		Addresses: append(numbered("other", 0, 211), all...),
	}}

	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.Compile(); err != nil {
				b.Fatal(err)
			}
		}
	})

	b.Run("layout", func(b *testing.B) {
		_, layout, err := p.CompileWith(nil)
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := p.CompileWith(layout); err != nil {
				b.Fatal(err)
			}
		}
	})

	b.Run("solana-go", func(b *testing.B) {
		benchmarkUpstream(b, p, solana.TransactionAddressTables(
			map[solana.PublicKey]solana.PublicKeySlice{p.Tables[0].Address: p.Tables[0].Addresses}))
	})
}

// benchmarkUpstream compiles the instructions of a plan with solana-go.
func benchmarkUpstream(b *testing.B, p txn.Plan, options ...solana.TransactionOption) {
	ixs := normalized(b, p.Payer, upstreamSteps(p))
	options = append(options,
		solana.TransactionPayer(p.Payer),
		solana.TransactionMessageVersion(solana.MessageVersionV0),
	)

	b.ReportAllocs()
	for b.Loop() {
		tx, err := solana.NewTransaction(ixs, p.Lifetime.Blockhash, options...)
		if err != nil {
			b.Fatal(err)
		}

		if _, err := tx.Message.MarshalBinary(); err != nil {
			b.Fatal(err)
		}
	}
}

// oneSigner returns a transaction that only the fee payer signs.
func oneSigner(t testing.TB) (*txn.Unsigned, *txn.KeySigner) {
	t.Helper()
	owner := seeded(t, "owner")
	transfer, err := txn.TransferSOL(owner.PublicKey(), key("recipient"), 1)
	require.NoError(t, err)
	return compile(
		t,
		plan(owner.PublicKey(), transfer, readers(numbered("account", 0, 12)...)),
	), owner
}

// BenchmarkSign signs a transaction of one signer with a key in memory, and
// compares that with the signature alone.
func BenchmarkSign(b *testing.B) {
	u, owner := oneSigner(b)
	message, private := u.Message(), ed25519.PrivateKey(pair("owner"))
	b.Run("sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := u.Sign(b.Context(), owner); err != nil {
				b.Fatal(err)
			}
		}
	})

	b.Run("ed25519", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ed25519.Sign(private, message)
		}
	})
}

// TestPlan_Allocations checks that compiling and signing allocate only the
// result, whatever the number of accounts.
func TestPlan_Allocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}

	p, _, _ := stakePlan(t)
	_, layout, err := p.CompileWith(nil)
	require.NoError(t, err)
	u, owner := oneSigner(t)
	for name, c := range map[string]struct {
		most float64
		run  func() error
	}{
		// The steps, two instructions of the budget with their descriptions,
		// the message, the keys, the array of two signatures, and the
		// transaction.
		"compile": {9, func() error { _, err := p.Compile(); return err }},
		"layout":  {9, func() error { _, _, err := p.CompileWith(layout); return err }},
		// The signature, the signed transaction, and its bytes.
		"sign": {3, func() error { _, err := u.Sign(t.Context(), owner); return err }},
	} {
		require.NoError(t, c.run())
		got := testing.AllocsPerRun(100, func() { _ = c.run() })
		require.LessOrEqual(t, got, c.most, name)
		t.Logf("%s: %v allocations", name, got)
	}
}
