package txn_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// tableSize is the number of addresses in the lookup table of the tests.
const tableSize = 45

// lookedUp returns a plan that needs its lookup table.
func lookedUp(t testing.TB) txn.Plan {
	t.Helper()
	all := numbered("account", 0, tableSize)
	p := plan(seeded(t, "payer").PublicKey(), readers(all...),
		step([]byte{2}, solana.Meta(all[7]).WRITE(),
			solana.Meta(seeded(t, "owner").PublicKey()).SIGNER()))
	p.Tables = []txn.LookupTable{{Address: key("table"), Addresses: all}}
	return p
}

func TestParse_RoundTrip(t *testing.T) {
	stake, payer, owner := stakePlan(t)
	legacy := stake
	legacy.Versions = legacyIf(true)
	for name, p := range map[string]txn.Plan{"version 0": stake, "legacy": legacy,
		"with a table": lookedUp(t), "with a nonce": noncePlan(t),
		"version 1":              in(stake, txn.Version1),
		"version 1 with a nonce": in(noncePlan(t), txn.Version1)} {
		t.Run(name, func(t *testing.T) {
			u := compile(t, p)
			again, err := txn.ParseVouched(u.Base64(), u.Lifetime(), p.Tables...)
			require.NoError(t, err)
			requireSameForm(t, u, again.Unsigned())
			require.Equal(t, u.Signers(), again.MissingSigners())
			require.Equal(t, u.Signers(), again.Unsigned().Signers())
			fee, err := u.NetworkFee()
			require.NoError(t, err)
			parsed, err := again.Unsigned().NetworkFee()
			require.NoError(t, err)
			require.Equal(t, fee, parsed)

			signed, err := u.Sign(t.Context(), payer, owner, seeded(t, "authority"))
			require.NoError(t, err)
			stored, err := txn.ParseVouched(signed.Base64(), u.Lifetime(), p.Tables...)
			require.NoError(t, err)
			require.Empty(t, stored.MissingSigners())
			restored, err := stored.Signed()
			require.NoError(t, err)
			require.Equal(t, signed.Raw(), restored.Raw())
			require.Equal(t, signed.Signature(), restored.Signature())
		})
	}
}

// TestParse_CopiesBytes checks that the parsed transaction shares no bytes with
// the caller and that its steps share none with each other.
func TestParse_CopiesBytes(t *testing.T) {
	p, _, _ := stakePlan(t)
	u := compile(t, p)
	again, err := txn.Parse(u.Base64(), u.Lifetime())
	require.NoError(t, err)
	for _, s := range again.Unsigned().Steps() {
		for _, m := range s.Instruction.Accounts() {
			m.PublicKey, m.IsSigner = key("other"), true
		}
	}

	require.Equal(t, u.Base64(), again.Base64())
	require.Equal(t, u.WritableAccounts()[0], again.Unsigned().WritableAccounts()[0])
}

// parseCase is a text that Parse refuses.
type parseCase struct {
	name     string
	text     string
	lifetime txn.Lifetime
	tables   []txn.LookupTable
	want     error
}

// parseRefusals holds what the tests of invalid transactions share.
type parseRefusals struct {
	u       *txn.Unsigned
	text    string
	changed func(change func(m *solana.Message)) string
	big     txn.Plan
	looking *txn.Unsigned
	other   txn.Lifetime
	durable *txn.Unsigned
}

func newParseRefusals(t *testing.T) *parseRefusals {
	t.Helper()

	u, payer, owner, _ := threeSigners(t)
	some, err := u.Partial().Sign(t.Context(), payer, owner)
	require.NoError(t, err)
	text := some.Base64()
	changed := func(change func(m *solana.Message)) string { return rewritten(t, u, change) }
	big := lookedUp(t)
	looking := compile(t, big)
	other := u.Lifetime()
	other.Blockhash[0]++
	durable := compile(t, noncePlan(t))

	return &parseRefusals{
		u:       u,
		text:    text,
		changed: changed,
		big:     big,
		looking: looking,
		other:   other,
		durable: durable,
	}
}

// messages returns cases that are not valid messages.
func (f *parseRefusals) messages() []parseCase {
	return []parseCase{
		{"nothing", "", f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
		{"not base64", "?", f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
		{"zeros", base64.StdEncoding.EncodeToString(make([]byte, 200)), f.u.Lifetime(), nil,
			txn.ErrInvalidTransaction},
		{"ones", base64.StdEncoding.EncodeToString(slices.Repeat([]byte{1}, 200)), f.u.Lifetime(),
			nil, txn.ErrInvalidTransaction},
		{"no lifetime", f.text, txn.Lifetime{}, nil, txn.ErrNoLifetime},
		{"the lifetime of another", f.text, f.other, nil, txn.ErrInvalidTransaction},
		{"no payer", f.changed(func(m *solana.Message) { m.Header.NumRequiredSignatures = 0 }),
			f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
		{"a payer that cannot pay",
			f.changed(func(m *solana.Message) { m.Header.NumReadonlySignedAccounts = 3 }),
			f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
		{"more accounts by the header",
			f.changed(func(m *solana.Message) { m.Header.NumReadonlyUnsignedAccounts = 2 }),
			f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
		{"nothing to do", f.changed(func(m *solana.Message) { m.Instructions = nil }),
			f.u.Lifetime(),
			nil, txn.ErrInvalidTransaction},
		{"the payer as a program",
			f.changed(func(m *solana.Message) { m.Instructions[0].ProgramIDIndex = 0 }),
			f.u.Lifetime(),
			nil, txn.ErrInvalidTransaction},
		{"no program", f.changed(func(m *solana.Message) { m.Instructions[0].ProgramIDIndex = 4 }),
			f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
		{"no account", f.changed(func(m *solana.Message) { m.Instructions[0].Accounts[0] = 4 }),
			f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
		{"an account twice",
			f.changed(func(m *solana.Message) { m.AccountKeys[2] = m.AccountKeys[1] }),
			f.u.Lifetime(),
			nil, txn.ErrInvalidTransaction},
	}
}

// signatures returns cases that have other signatures than the message needs.
func (f *parseRefusals) signatures(t *testing.T) []parseCase {
	t.Helper()

	return []parseCase{
		{"signatures of another message", func() string {
			raw, err := base64.StdEncoding.DecodeString(f.text)
			require.NoError(t, err)
			raw[len(raw)-1]++
			return base64.StdEncoding.EncodeToString(raw)
		}(), f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
		{"a signature of another message", func() string {
			raw, err := base64.StdEncoding.DecodeString(f.text)
			require.NoError(t, err)
			raw[20]++
			return base64.StdEncoding.EncodeToString(raw)
		}(), f.u.Lifetime(), nil, txn.ErrBadSignature},
		{"a signature less", func() string {
			raw := rawOf(t, f.text)
			raw[0]--
			return base64.StdEncoding.EncodeToString(slices.Delete(raw, 1+2*64, 1+3*64))
		}(), f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
		{"a signature more", func() string {
			raw := rawOf(t, f.text)
			raw[0]++
			return base64.StdEncoding.EncodeToString(slices.Insert(raw, 1+3*64, raw[1:65]...))
		}(), f.u.Lifetime(), nil, txn.ErrInvalidTransaction},
	}
}

// lookupTables returns cases that lack the right lookup table.
func (f *parseRefusals) lookupTables() []parseCase {
	return []parseCase{
		{"no table", f.looking.Base64(), f.looking.Lifetime(), nil, txn.ErrLookupTable},
		{"another table", f.looking.Base64(), f.looking.Lifetime(),
			[]txn.LookupTable{{Address: key("other"), Addresses: f.big.Tables[0].Addresses}},
			txn.ErrLookupTable},
		{"a shorter table", f.looking.Base64(), f.looking.Lifetime(),
			[]txn.LookupTable{{Address: key("table"),
				Addresses: f.big.Tables[0].Addresses[:tableSize-1]}},
			txn.ErrLookupTable},
		{"a table with a signer in it", f.looking.Base64(), f.looking.Lifetime(),
			[]txn.LookupTable{{
				Address:   key("table"),
				Addresses: slices.Repeat([]solana.PublicKey{f.looking.Signers()[0]}, tableSize),
			}}, txn.ErrInvalidTransaction},
	}
}

// nonces returns cases that do not advance the nonce of the lifetime.
func (f *parseRefusals) nonces(t *testing.T) []parseCase {
	t.Helper()

	return []parseCase{
		{"not of that nonce", f.durable.Base64(), func() txn.Lifetime {
			l := f.durable.Lifetime()
			l.Nonce.Account = key("another nonce")
			return l
		}(), nil, txn.ErrNonceAccount},
		{"of another authority", f.durable.Base64(), func() txn.Lifetime {
			l := f.durable.Lifetime()
			l.Nonce.Authority = key("another authority")
			return l
		}(), nil, txn.ErrNonceAccount},
		{"by another program", rewritten(t, f.durable, func(m *solana.Message) {
			m.Instructions[0].ProgramIDIndex = m.Instructions[1].ProgramIDIndex
		}), f.durable.Lifetime(), nil, txn.ErrNonceAccount},
		{"by another instruction",
			rewritten(t, f.durable, func(m *solana.Message) { m.Instructions[0].Data[0]++ }),
			f.durable.Lifetime(), nil, txn.ErrNonceAccount},
		{"a longer instruction", rewritten(t, f.durable, func(m *solana.Message) {
			m.Instructions[0].Data = append(m.Instructions[0].Data, 0)
		}), f.durable.Lifetime(), nil, txn.ErrNonceAccount},
		{"of no nonce", f.text, func() txn.Lifetime {
			l := f.u.Lifetime()
			l.LastValidBlockHeight, l.Nonce = 0, txn.DurableNonce{Account: key("nonce"),
				Authority: key("authority")}
			return l
		}(), nil, txn.ErrNonceAccount},
	}
}

func TestParse_Refusals(t *testing.T) {
	f := newParseRefusals(t)
	for _, c := range slices.Concat(f.messages(), f.signatures(t), f.lookupTables(), f.nonces(t)) {
		t.Run(c.name, func(t *testing.T) {
			p, err := txn.ParseVouched(c.text, c.lifetime, c.tables...)
			require.Nil(t, p)
			require.ErrorIs(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestParse_Limits parses transactions of the maximum size and number of
// accounts, and larger ones.
func TestParse_Limits(t *testing.T) {
	u := compile(t, plan(key("payer"), step(make([]byte, 900))))
	room := 1232 - u.Size()
	for _, more := range []int{room, room + 1, room + 400} {
		text := rewritten(t, u,
			func(m *solana.Message) { m.Instructions[0].Data = make([]byte, 900+more) })
		p, err := txn.Parse(text, u.Lifetime())
		if more == room {
			require.NoError(t, err)
			require.Equal(t, 1232, p.Unsigned().Size())
			continue
		}

		require.ErrorIs(t, err, txn.ErrInvalidTransaction)
		require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
	}

	// An instruction names each account with one byte.
	u = compile(t, plan(key("payer"), step([]byte{1})))
	table := txn.LookupTable{Address: key("table"), Addresses: numbered("account", 0, 256)}
	for _, all := range []int{256, 257} {
		text := rewritten(t, u, func(m *solana.Message) {
			indexes := make([]uint8, all-len(m.AccountKeys))
			for i := range indexes {
				indexes[i] = uint8(i)
			}

			m.AddressTableLookups = []solana.MessageAddressTableLookup{{AccountKey: table.Address,
				ReadonlyIndexes: indexes}}
		})

		_, err := txn.ParseVouched(text, u.Lifetime(), table)
		if all == 256 {
			require.NoError(t, err)
			continue
		}

		require.ErrorIs(t, err, txn.ErrInvalidTransaction)
		require.ErrorIs(t, err, txn.ErrTooManyAccounts)
	}
}

// TestParse_Budget checks that the budget comes from complete instructions of
// the compute budget program only.
func TestParse_Budget(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want txn.ComputeBudget
	}{
		"limit": {[]byte{2, 1, 2, 3, 4}, txn.ComputeBudget{ComputeUnitLimit: 0x04030201}},
		"price": {[]byte{3, 1, 2, 3, 4, 5, 6, 7, 8},
			txn.ComputeBudget{ComputeUnitPrice: 0x0807060504030201}},
		"heap": {[]byte{1, 0, 0, 4, 0}, txn.ComputeBudget{HeapSize: 262_144}},
		"loaded data": {[]byte{4, 0, 0, 4, 0},
			txn.ComputeBudget{LoadedAccountsDataSizeLimit: 262_144}},
		"nine bytes":     {[]byte{9, 1, 2, 3, 4, 5, 6, 7, 8}, txn.ComputeBudget{}},
		"cut limit":      {[]byte{2, 1}, txn.ComputeBudget{}},
		"cut price":      {[]byte{3}, txn.ComputeBudget{}},
		"nothing at all": {nil, txn.ComputeBudget{}},
	} {
		u := compile(t,
			plan(key("payer"), step([]byte{1}),
				txn.Step{Instruction: solana.NewInstruction(accounts.ComputeBudgetProgram, nil,
					c.data)}))

		p, err := txn.Parse(u.Base64(), u.Lifetime())
		require.NoError(t, err, name)
		require.Equal(t, c.want, p.Unsigned().Budget(), name)
	}
}

// FuzzParse parses hostile bytes. A parsed transaction must encode to the same
// bytes and contain only valid signatures. The seeds are in testdata/fuzz.
func FuzzParse(f *testing.F) {
	tables := []txn.LookupTable{{Address: key("table"),
		Addresses: numbered("account", 0, tableSize)}}
	nonce := noncePlan(f).Lifetime
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := base64.StdEncoding.EncodeToString(raw)
		for _, lifetime := range []txn.Lifetime{{Blockhash: blockhash, LastValidBlockHeight: 150,
			Slot: 1},
			nonce} {
			p, err := txn.ParseVouched(text, lifetime, tables...)
			if err != nil {
				require.Nil(t, p)
				require.NotContains(t, err.Error(), "\n")
				continue
			}

			u := p.Unsigned()
			require.Equal(t, text, p.Base64())
			require.Equal(t, len(raw), u.Size())
			for _, s := range u.Signers() {
				if signature, ok := p.Signature(s); ok {
					require.True(t, s.Verify(u.Message(), signature))
				} else {
					require.Contains(t, p.MissingSigners(), s)
				}
			}

			require.Len(t, u.Programs(), len(u.Steps()))
			again, err := u.Partial().Merge(text)
			require.NoError(t, err)
			require.Equal(t, text, again.Base64())
		}
	})
}

// FuzzMerge merges hostile bytes as the answer of a wallet.
func FuzzMerge(f *testing.F) {
	p, payer, owner := stakePlan(f)
	u := compile(f, p)
	begun, err := u.Partial().Sign(f.Context(), owner)
	require.NoError(f, err)
	whole, err := begun.Sign(f.Context(), payer)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := begun.Merge(base64.StdEncoding.EncodeToString(raw))
		if err != nil {
			require.Nil(t, got)
			require.NotContains(t, err.Error(), "\n")
			return
		}

		require.Contains(t, []string{begun.Base64(), whole.Base64()}, got.Base64(),
			"nothing else can come of it")
	})
}

// TestParse_Seeds checks that the committed seeds cover their cases. With
// -update it writes them.
func TestParse_Seeds(t *testing.T) {
	stake, payer, owner := stakePlan(t)
	u := compile(t, stake)
	signed, err := u.Sign(t.Context(), payer, owner)
	require.NoError(t, err)
	legacy := stake
	legacy.Versions = legacyIf(true)
	half, err := u.Partial().Sign(t.Context(), payer)
	require.NoError(t, err)
	version1, err := compile(t, in(stake, txn.Version1)).Sign(t.Context(), payer, owner)
	require.NoError(t, err)
	noise := signed.Raw()
	noise[len(noise)-1] ^= 1
	seeds := map[string][]byte{
		"FuzzParse/version_0":        rawOf(t, u.Base64()),
		"FuzzParse/legacy":           rawOf(t, compile(t, legacy).Base64()),
		"FuzzParse/signed":           signed.Raw(),
		"FuzzParse/table":            rawOf(t, compile(t, lookedUp(t)).Base64()),
		"FuzzParse/nonce":            rawOf(t, compile(t, noncePlan(t)).Base64()),
		"FuzzParse/cut":              signed.Raw()[:150],
		"FuzzParse/version_1":        rawOf(t, version1Transfer(t).unsigned()),
		"FuzzParse/version_1_signed": version1.Raw(),
		"FuzzParse/version_1_cut":    version1.Raw()[:len(version1.Raw())-64],
		"FuzzParse/version_1_nonce":  rawOf(t, compile(t, in(noncePlan(t), txn.Version1)).Base64()),
		"FuzzMerge/unsigned":         rawOf(t, u.Base64()), "FuzzMerge/signed": signed.Raw(),
		"FuzzMerge/half":    rawOf(t, half.Base64()),
		"FuzzMerge/changed": noise,
		"FuzzMerge/blockhash": rawOf(t,
			rewritten(t, u, func(m *solana.Message) { m.RecentBlockhash[0]++ }, payer)),
		"FuzzMerge/price": rawOf(t,
			rewritten(t, u, func(m *solana.Message) { m.Instructions[1].Data[1]++ }, payer)),
	}

	for name, raw := range seeds {
		want := fmt.Sprintf("go test fuzz v1\n[]byte(%+q)\n", raw)
		requireFile(t, "testdata/fuzz/"+name, want)
	}
}

// TestLifetime_JSON checks that a lifetime that is stored as JSON is restored.
func TestLifetime_JSON(t *testing.T) {
	for _, c := range []struct {
		lifetime txn.Lifetime
		want     string
	}{
		{txn.Lifetime{Blockhash: blockhash, LastValidBlockHeight: 150, Slot: 1},
			fmt.Sprintf(`{"blockhash":"%s","last_valid_block_height":150,"slot":1}`, blockhash)},
		{noncePlan(t).Lifetime,
			fmt.Sprintf(`{"blockhash":"%s","last_valid_block_height":0,"slot":9,"nonce":{"account":"%s","authority":"%s"}}`,
				nonceValue, key("nonce"), seeded(t, "authority").PublicKey())},
	} {
		text, err := json.Marshal(c.lifetime)
		require.NoError(t, err)
		require.Equal(t, c.want, string(text))
		var again txn.Lifetime
		require.NoError(t, json.Unmarshal(text, &again))
		require.Equal(t, c.lifetime, again)
	}
}
