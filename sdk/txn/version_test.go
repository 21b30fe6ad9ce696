package txn_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// version1 is a transaction of version 1 in parts that a test can change
// separately.
type version1 struct {
	prefix, signers, readSigners, readOthers byte
	mask                                     uint32
	blockhash                                solana.Hash
	addresses                                []solana.PublicKey
	config                                   []byte
	instructions                             []version1Instruction
	// heads and count replace the numbers of instructions and addresses if they
	// are not negative.
	heads, count int
}

type version1Instruction struct {
	program  byte
	accounts []byte
	data     []byte
}

// message encodes the transaction by SIMD-0385, independently of the package.
func (v version1) message() []byte {
	heads, count := v.heads, v.count
	if heads < 0 {
		heads = len(v.instructions)
	}

	if count < 0 {
		count = len(v.addresses)
	}

	raw := []byte{v.prefix, v.signers, v.readSigners, v.readOthers}
	raw = binary.LittleEndian.AppendUint32(raw, v.mask)
	raw = append(raw, v.blockhash[:]...)
	raw = append(raw, byte(heads), byte(count))
	for _, a := range v.addresses {
		raw = append(raw, a[:]...)
	}

	raw = append(raw, v.config...)
	for _, ix := range v.instructions {
		raw = append(raw, ix.program, byte(len(ix.accounts)))
		raw = binary.LittleEndian.AppendUint16(raw, uint16(len(ix.data)))
	}

	for _, ix := range v.instructions {
		raw = append(append(raw, ix.accounts...), ix.data...)
	}

	return raw
}

// unsigned returns the transaction in base64 with zero signatures.
func (v version1) unsigned() string {
	return base64.StdEncoding.EncodeToString(
		append(v.message(), make([]byte, int(v.signers)*solana.SignatureLength)...))
}

// version1Config is a configuration with all values.
var version1Config, _ = hex.DecodeString("8813000000000000" + "b80b0000" + "00000100" + "00000200")

// version1Transfer returns a transfer of the fee payer with a full
// configuration.
func version1Transfer(t testing.TB) version1 {
	t.Helper()
	payer, cosigner := seeded(t, "payer").PublicKey(), seeded(t, "owner").PublicKey()
	return version1{
		prefix: 0x81, signers: 2, readSigners: 1, readOthers: 1,
		mask: 0x1f, blockhash: blockhash,
		addresses: []solana.PublicKey{payer, cosigner, key("to"), accounts.SystemProgram},
		config:    version1Config,
		instructions: []version1Instruction{
			{program: 3, accounts: []byte{0, 2}, data: []byte{2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0}},
			{program: 3, accounts: []byte{1, 2}, data: []byte{2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0}},
		},
		heads: -1, count: -1,
	}
}

// TestParse_Version1 parses a transaction of version 1, encodes it to the same
// bytes, and compares it with solana-go.
func TestParse_Version1(t *testing.T) {
	v := version1Transfer(t)
	lifetime := plan(v.addresses[0]).Lifetime
	p, err := txn.Parse(v.unsigned(), lifetime)
	require.NoError(t, err)
	u := p.Unsigned()
	require.Equal(t, txn.Version1, u.Version())
	require.Equal(t, v.message(), u.Message())
	require.Equal(t, len(v.message())+2*solana.SignatureLength, u.Size())
	require.Equal(t, v.unsigned(), u.Base64())
	require.Equal(t, v.addresses[:2], p.MissingSigners())
	require.Empty(t, u.LookupTables())
	require.Equal(t, txn.ComputeBudget{
		ComputeUnitLimit:            3_000,
		LoadedAccountsDataSizeLimit: 65_536,
		HeapSize:                    131_072,
		PriorityLamports:            5_000,
	}, u.Budget())

	fee, err := u.NetworkFee()
	require.NoError(t, err)
	require.Equal(t, uint64(15_000), fee)
	require.Equal(
		t,
		[]solana.PublicKey{accounts.SystemProgram, accounts.SystemProgram},
		u.Programs(),
	)

	second := u.Steps()[1].Instruction
	require.Equal(t, v.addresses[1], second.Accounts()[0].PublicKey)
	require.True(t, second.Accounts()[0].IsSigner)
	require.False(t, second.Accounts()[0].IsWritable)

	signed, err := u.Sign(t.Context(), seeded(t, "payer"), seeded(t, "owner"))
	require.NoError(t, err)
	require.Len(t, signed.Raw(), u.Size())
	tx := decode(t, signed.Base64())
	require.NoError(t, tx.VerifySignatures())
	require.NoError(t, tx.Sanitize())
	require.Equal(t, tx.Signatures[0], signed.Signature())
	again, err := tx.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, signed.Raw(), again)
	stored, err := txn.Parse(signed.Base64(), lifetime)
	require.NoError(t, err)
	require.Empty(t, stored.MissingSigners())
}

// TestParse_Version1CompiledElsewhere parses a transaction that solana-go
// compiled.
func TestParse_Version1CompiledElsewhere(t *testing.T) {
	p, payer, owner := stakePlan(t)
	var ixs []solana.Instruction
	for _, s := range p.Steps {
		ixs = append(ixs, s.Instruction)
	}

	for name, c := range map[string]struct {
		config solana.TransactionConfig
		want   txn.ComputeBudget
	}{
		"without a configuration": {},
		"with a fee": {solana.TransactionConfig{}.WithPriorityFee(7),
			txn.ComputeBudget{PriorityLamports: 7}},
		"with limits": {
			solana.TransactionConfig{}.WithComputeUnitLimit(9).WithLoadedAccountsDataSizeLimit(8),
			txn.ComputeBudget{ComputeUnitLimit: 9, LoadedAccountsDataSizeLimit: 8},
		},
		"with a heap": {
			solana.TransactionConfig{}.WithHeapSize(262_144).WithPriorityFee(1),
			txn.ComputeBudget{HeapSize: 262_144, PriorityLamports: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := solana.NewTransaction(
				ixs,
				blockhash,
				solana.TransactionPayer(payer.PublicKey()),
				solana.TransactionV1Config(c.config),
			)

			require.NoError(t, err)
			tx.Signatures = make([]solana.Signature, 2)
			text, err := tx.ToBase64()
			require.NoError(t, err)
			parsed, err := txn.Parse(text, p.Lifetime)
			require.NoError(t, err)
			require.Equal(t, txn.Version1, parsed.Unsigned().Version())
			require.Equal(t, c.want, parsed.Unsigned().Budget())

			// It differs from the plan in version 0 only in its format.
			want := compile(t, txn.Plan{Payer: p.Payer, Steps: p.Steps, Lifetime: p.Lifetime})
			require.Equal(t, txn.Version0, want.Version())
			require.Equal(t, want.Signers(), parsed.MissingSigners())
			require.Equal(t, want.Programs(), parsed.Unsigned().Programs())
			require.ElementsMatch(t, want.WritableAccounts(), parsed.Unsigned().WritableAccounts())
			_, err = want.Partial().Merge(text)
			var changed *txn.ChangedError
			require.ErrorAs(t, err, &changed)
			require.Contains(t, changed.Changes, txn.ChangeVersion)
			require.NotContains(t, changed.Changes, txn.ChangeInstructions)

			signed, err := parsed.Sign(t.Context(), payer)
			require.NoError(t, err)
			back, err := parsed.Merge(signed.Base64())
			require.NoError(t, err)
			all, err := back.Sign(t.Context(), owner)
			require.NoError(t, err)
			done, err := all.Signed()
			require.NoError(t, err)
			require.NoError(t, decode(t, done.Base64()).VerifySignatures())
		})
	}
}

// TestPartial_MergeVersion1Changes checks the reported changes in version 1.
func TestPartial_MergeVersion1Changes(t *testing.T) {
	v := version1Transfer(t)
	p, err := txn.Parse(v.unsigned(), plan(v.addresses[0]).Lifetime)
	require.NoError(t, err)
	for _, c := range []struct {
		name   string
		change func(v *version1)
		want   txn.Change
	}{
		{"another fee", func(v *version1) { v.config = append([]byte{1}, v.config[1:]...) },
			txn.ChangeBudget},
		{"another amount", func(v *version1) { v.instructions[0].data[4]++ },
			txn.ChangeInstructions},
		{"another blockhash", func(v *version1) { v.blockhash[0]++ }, txn.ChangeBlockhash},
		{"one instruction less", func(v *version1) { v.instructions = v.instructions[:1] },
			txn.ChangeInstructions},
		{"more may be written", func(v *version1) { v.readOthers-- }, txn.ChangeAccounts},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := version1Transfer(t)
			c.change(&changed)
			_, err := p.Merge(changed.unsigned())
			var e *txn.ChangedError
			require.ErrorAs(t, err, &e)
			require.Equal(t, []txn.Change{c.want}, e.Changes)
		})
	}
}

// version1Case is a change of a valid transaction with its verdict.
type version1Case struct {
	name   string
	change func(v *version1)
	want   error
}

// version1Refusals holds what the tests of invalid transactions of version 1
// share.
type version1Refusals struct {
	lifetime txn.Lifetime
	many     func(n int) []version1Instruction
}

func newVersion1Refusals(t *testing.T) *version1Refusals {
	t.Helper()

	good := version1Transfer(t)
	lifetime := plan(good.addresses[0]).Lifetime
	_, err := txn.Parse(good.unsigned(), lifetime)
	require.NoError(t, err)
	many := func(n int) []version1Instruction {
		return slices.Repeat([]version1Instruction{{program: 3}}, n)
	}

	return &version1Refusals{
		lifetime: lifetime,
		many:     many,
	}
}

// counts returns cases that have more parts than the network allows, or fewer
// than announced.
func (f *version1Refusals) counts() []version1Case {
	return []version1Case{
		{"64 instructions", func(v *version1) { v.instructions = f.many(64) }, nil},
		{"65 instructions", func(v *version1) { v.instructions = f.many(65) },
			txn.ErrInvalidTransaction},
		{"no instruction", func(v *version1) { v.instructions = nil }, txn.ErrNoSteps},
		{"64 addresses",
			func(v *version1) { v.addresses = append(v.addresses, numbered("a", 0, 60)...) }, nil},
		{"65 addresses",
			func(v *version1) { v.addresses = append(v.addresses, numbered("a", 0, 61)...) },
			txn.ErrTooManyAccounts},
		{"255 addresses that are not there", func(v *version1) { v.count = 255 },
			txn.ErrInvalidTransaction},
		{"an address that is not there", func(v *version1) { v.count = 5 },
			txn.ErrInvalidTransaction},
		{"an instruction that is not there", func(v *version1) { v.heads = 3 },
			txn.ErrInvalidTransaction},
		{"12 signatures", func(v *version1) {
			v.signers, v.addresses = 12, append(v.addresses, numbered("a", 0, 10)...)
			v.instructions[0].program, v.instructions[1].program = 13, 13
		}, nil},
		{"13 signatures", func(v *version1) {
			v.signers, v.addresses = 13, append(v.addresses, numbered("a", 0, 10)...)
		}, txn.ErrInvalidTransaction},
		{"no signature", func(v *version1) { v.signers, v.readSigners = 0, 0 },
			txn.ErrInvalidTransaction},
	}
}

// accounts returns cases that have a payer, program or account that cannot be.
func (f *version1Refusals) accounts() []version1Case {
	return []version1Case{
		{"a payer that cannot pay", func(v *version1) { v.readSigners = 2 },
			txn.ErrInvalidTransaction},
		{"more accounts by the header", func(v *version1) { v.readOthers = 3 },
			txn.ErrInvalidTransaction},
		{"an address twice", func(v *version1) { v.addresses[2] = v.addresses[1] },
			txn.ErrInvalidTransaction},
		{"the payer as a program", func(v *version1) { v.instructions[0].program = 0 },
			txn.ErrInvalidTransaction},
		{"no program", func(v *version1) { v.instructions[0].program = 4 },
			txn.ErrInvalidTransaction},
		{"no account", func(v *version1) { v.instructions[0].accounts[1] = 4 },
			txn.ErrInvalidTransaction},
	}
}

// configurations returns cases that have an invalid configuration.
func (f *version1Refusals) configurations() []version1Case {
	return []version1Case{
		{"bit 5", func(v *version1) { v.mask |= 1 << 5 }, txn.ErrInvalidTransaction},
		{"bit 31", func(v *version1) { v.mask |= 1 << 31 }, txn.ErrInvalidTransaction},
		{"the first half of a fee", func(v *version1) { v.mask &^= 2 }, txn.ErrInvalidTransaction},
		{"the second half of a fee", func(v *version1) { v.mask &^= 1 }, txn.ErrInvalidTransaction},
		{"a value more than the mask", func(v *version1) { v.mask &^= 16 },
			txn.ErrInvalidTransaction},
		{"a value less than the mask", func(v *version1) { v.config = v.config[:16] },
			txn.ErrInvalidTransaction},
		{"a heap of 32 KiB",
			func(v *version1) { v.config = append(slices.Clone(v.config[:16]), 0, 0x80, 0, 0) },
			nil},
		{"a heap of 31 KiB",
			func(v *version1) { v.config = append(slices.Clone(v.config[:16]), 0, 0x7c, 0, 0) },
			txn.ErrInvalidTransaction},
		{"a heap of 257 KiB",
			func(v *version1) { v.config = append(slices.Clone(v.config[:16]), 0, 4, 4, 0) },
			txn.ErrInvalidTransaction},
		{"a heap of 33,000 bytes",
			func(v *version1) { v.config = append(slices.Clone(v.config[:16]), 0xe8, 0x80, 0, 0) },
			txn.ErrInvalidTransaction},
	}
}

// sizes returns cases that have another version or size.
func (f *version1Refusals) sizes() []version1Case {
	return []version1Case{
		{"version 2", func(v *version1) { v.prefix = 0x82 }, txn.ErrVersion},
		{"version 127", func(v *version1) { v.prefix = 0xff }, txn.ErrVersion},
		{"version 0 without signatures", func(v *version1) { v.prefix = 0x80 },
			txn.ErrInvalidTransaction},
		{"4,096 bytes", func(v *version1) { v.fill(4_096) }, nil},
		{"4,097 bytes", func(v *version1) { v.fill(4_097) }, txn.ErrTransactionTooLarge},
		{"6,000 bytes", func(v *version1) { v.fill(6_000) }, txn.ErrTransactionTooLarge},
	}
}

// TestParse_Version1Refusals refuses all that the network rejects by SIMD-0385.
func TestParse_Version1Refusals(t *testing.T) {
	f := newVersion1Refusals(t)
	for _, c := range slices.Concat(f.counts(), f.accounts(), f.configurations(), f.sizes()) {
		t.Run(c.name, func(t *testing.T) {
			v := version1Transfer(t)
			c.change(&v)
			_, err := txn.Parse(v.unsigned(), f.lifetime)
			if c.want == nil {
				require.NoError(t, err)
				return
			}

			require.ErrorIs(t, err, c.want)
			require.ErrorIs(t, err, txn.ErrInvalidTransaction)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// fill extends the transaction to a size in bytes.
func (v *version1) fill(size int) {
	at := &v.instructions[1]
	at.data = append(
		at.data,
		make([]byte, size-len(v.message())-int(v.signers)*solana.SignatureLength)...)
}

// TestParse_MixedVersions refuses a message of one version in the envelope of
// another, and missing or additional bytes.
func TestParse_MixedVersions(t *testing.T) {
	v := version1Transfer(t)
	lifetime := plan(v.addresses[0]).Lifetime
	encode := base64.StdEncoding.EncodeToString
	zeros := make([]byte, 2*solana.SignatureLength)
	behind := slices.Concat([]byte{2}, zeros, v.message())
	_, err := txn.Parse(encode(behind), lifetime)
	require.ErrorIs(t, err, txn.ErrVersion)
	require.ErrorContains(t, err, "1 after its signatures")
	behind[1+len(zeros)] = 0x85
	_, err = txn.Parse(encode(behind), lifetime)
	require.ErrorIs(t, err, txn.ErrVersion)
	require.ErrorContains(t, err, "5 after its signatures")

	whole := append(v.message(), zeros...)
	for n := range len(whole) {
		_, err := txn.Parse(encode(whole[:n]), lifetime)
		require.ErrorIs(t, err, txn.ErrInvalidTransaction, "%d bytes of %d", n, len(whole))
	}

	_, err = txn.Parse(encode(append(whole, 0)), lifetime)
	require.ErrorIs(t, err, txn.ErrInvalidTransaction)

	// The maximum size of version 1 is too large for other versions.
	p := plan(v.addresses[0], step([]byte{1}))
	u := compile(t, p)
	large := append([]byte{1}, make([]byte, solana.SignatureLength)...)
	large = append(append(large, u.Message()...), make([]byte, txn.MaxSize)...)
	_, err = txn.Parse(encode(large), p.Lifetime)
	require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
}

// TestParse_Version1Nonce reads the nonce account from the addresses.
func TestParse_Version1Nonce(t *testing.T) {
	p := noncePlan(t)
	var ixs []solana.Instruction
	for _, s := range compile(t, p).Steps() {
		if s.Instruction.ProgramID() != accounts.ComputeBudgetProgram {
			ixs = append(ixs, s.Instruction)
		}
	}

	text := func(ixs []solana.Instruction) string {
		tx, err := solana.NewTransaction(
			ixs,
			p.Lifetime.Blockhash,
			solana.TransactionPayer(p.Payer),
			solana.TransactionV1Config(solana.TransactionConfig{}),
		)

		require.NoError(t, err)
		tx.Signatures = make([]solana.Signature, tx.Message.Header.NumRequiredSignatures)
		text, err := tx.ToBase64()
		require.NoError(t, err)

		return text
	}

	parsed, err := txn.Parse(text(ixs), p.Lifetime)
	require.NoError(t, err)
	require.True(t, parsed.Unsigned().Lifetime().Durable())
	_, err = txn.Parse(text(ixs[1:]), p.Lifetime)
	require.ErrorIs(t, err, txn.ErrNonceAccount)
}

// TestParse_Version1IgnoresBudgetInstructions checks that compute budget
// instructions have no effect in version 1.
func TestParse_Version1IgnoresBudgetInstructions(t *testing.T) {
	v := version1Transfer(t)
	v.addresses[3] = accounts.ComputeBudgetProgram
	v.instructions[0].data = []byte{2, 0xff, 0xff, 0, 0}
	v.instructions[1].data = []byte{3, 0xff, 0xff, 0, 0, 0, 0, 0, 0}
	p, err := txn.Parse(v.unsigned(), plan(v.addresses[0]).Lifetime)
	require.NoError(t, err)
	require.Equal(t, uint32(3_000), p.Unsigned().Budget().ComputeUnitLimit)
	require.Zero(t, p.Unsigned().Budget().ComputeUnitPrice)
}

func TestVersion_String(t *testing.T) {
	require.Equal(t, "legacy 0 1 of 9", strings.Join([]string{
		txn.VersionLegacy.String(), txn.Version0.String(), txn.Version1.String(),
		txn.Version(9).String(),
	}, " "))
	require.Equal(t, 1_232, txn.Version0.MaxSize())
	require.Equal(t, 4_096, txn.Version1.MaxSize())
}

// TestPlan_CompileBudgetRefusals refuses budgets that only version 1 can hold.
func TestPlan_CompileBudgetRefusals(t *testing.T) {
	for _, budget := range []txn.ComputeBudget{{PriorityLamports: 1}, {HeapSize: 32_768}} {
		p := plan(key("payer"), step([]byte{1}))
		p.Budget = budget
		_, err := p.Compile()
		require.ErrorIs(t, err, txn.ErrBudget)
	}
}

// TestVersion_Text encodes each version as JSON and back.
func TestVersion_Text(t *testing.T) {
	for _, want := range []txn.Version{txn.VersionLegacy, txn.Version0, txn.Version1} {
		text, err := want.MarshalText()
		require.NoError(t, err)
		got := txn.Version(9)
		require.NoError(t, got.UnmarshalText(text))
		require.Equal(t, want, got)
	}
	var v txn.Version
	require.ErrorIs(t, v.UnmarshalText([]byte("2")), txn.ErrVersion)
	require.ErrorIs(t, (*txn.Version)(nil).UnmarshalText([]byte("1")), accounts.ErrNil)
}
