package txn_test

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// signatureOf returns the signature of a key for a transaction.
func signatureOf(t testing.TB, u *txn.Unsigned, s *txn.KeySigner) solana.Signature {
	t.Helper()
	signature, err := s.Sign(context.Background(), u.Message())
	require.NoError(t, err)
	return signature
}

func TestPartial_Empty(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	p := u.Partial()
	require.Same(t, u, p.Unsigned())
	require.Equal(t,
		[]solana.PublicKey{payer.PublicKey(), owner.PublicKey(), authority.PublicKey()},
		p.MissingSigners())
	require.Equal(t, u.Base64(), p.Base64())
	_, ok := p.Signature(owner.PublicKey())
	require.False(t, ok)
	_, err := p.Signed()
	var missing *txn.MissingError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, p.MissingSigners(), missing.Keys)
}

// TestPartial_AllOrders signs with three keys in every order and by every
// route: as a signer, as a raw signature, as a wallet that returns only its own
// signature, and as a wallet that keeps the others.
func TestPartial_AllOrders(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	all := []*txn.KeySigner{payer, owner, authority}
	want, err := u.Sign(t.Context(), payer, owner, authority)
	require.NoError(t, err)
	ways := []func(p *txn.Partial, s *txn.KeySigner) (*txn.Partial, error){
		func(p *txn.Partial, s *txn.KeySigner) (*txn.Partial, error) {
			return p.Sign(t.Context(), s)
		},
		func(p *txn.Partial, s *txn.KeySigner) (*txn.Partial, error) {
			return p.Add(s.PublicKey(), signatureOf(t, u, s))
		},
		func(p *txn.Partial, s *txn.KeySigner) (*txn.Partial, error) {
			alone, err := u.Partial().Sign(t.Context(), s)
			require.NoError(t, err)
			return p.Merge(alone.Base64())
		},
		func(p *txn.Partial, s *txn.KeySigner) (*txn.Partial, error) {
			wallet, err := txn.Parse(p.Base64(), u.Lifetime())
			require.NoError(t, err)
			wallet, err = wallet.Sign(t.Context(), s)
			require.NoError(t, err)
			return p.Merge(wallet.Base64())
		},
	}

	for _, order := range [][]int{
		{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0},
	} {
		for way := range len(ways) * len(ways) * len(ways) {
			p := u.Partial()
			for n, at := range order {
				before := p.Base64()
				next, err := ways[way%len(ways)](p, all[at])
				require.NoError(t, err)
				way /= len(ways)
				require.Equal(t, before, p.Base64(), "it does not change")
				require.Len(t, next.MissingSigners(), 2-n)
				require.NotContains(t, next.MissingSigners(), all[at].PublicKey())
				got, ok := next.Signature(all[at].PublicKey())
				require.True(t, ok)
				require.Equal(t, signatureOf(t, u, all[at]), got)
				p = next
			}

			signed, err := p.Signed()
			require.NoError(t, err)
			require.Equal(t, want, signed)
		}
	}
}

func TestPartial_SignAsksMissingSigners(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	stranger, first, again := deviceOf(seeded(t, "stranger")), deviceOf(owner), deviceOf(owner)
	p, err := u.Partial().Sign(t.Context(), nil, stranger, first)
	require.NoError(t, err)
	require.Equal(t, 1, first.asked)
	require.Zero(t, stranger.asked)
	p, err = p.Sign(t.Context(), again, payer)
	require.NoError(t, err)
	require.Zero(t, again.asked, "it is there already")
	require.Equal(t, []solana.PublicKey{authority.PublicKey()}, p.MissingSigners())

	unplugged := errors.New("device unplugged")
	for _, c := range []struct {
		sign func(context.Context, []byte) (solana.Signature, error)
		want error
	}{
		{func(context.Context, []byte) (solana.Signature, error) {
			return solana.Signature{}, unplugged
		},
			unplugged},
		{func(context.Context, []byte) (solana.Signature, error) { return solana.Signature{}, nil },
			txn.ErrBadSignature},
		{owner.Sign, txn.ErrBadSignature},
	} {
		next, err := p.Sign(t.Context(), &device{key: authority.PublicKey(), sign: c.sign})
		require.ErrorIs(t, err, c.want)
		require.Nil(t, next)
		require.Contains(t, err.Error(), authority.PublicKey().String())
	}
}

func TestPartial_AddRefusals(t *testing.T) {
	u, payer, owner, _ := threeSigners(t)
	good := signatureOf(t, u, owner)
	p, err := u.Partial().Add(owner.PublicKey(), good)
	require.NoError(t, err)
	same, err := p.Add(owner.PublicKey(), good)
	require.NoError(t, err, "again")
	require.Equal(t, p.Base64(), same.Base64())

	broken := good
	broken[5] ^= 1
	stranger := seeded(t, "stranger")
	for _, c := range []struct {
		name      string
		key       solana.PublicKey
		signature solana.Signature
		want      error
	}{
		{"a stranger", stranger.PublicKey(), signatureOf(t, u, stranger), txn.ErrNotSigner},
		{"no key", solana.PublicKey{}, good, txn.ErrNotSigner},
		{"an account that does not sign", program, good, txn.ErrNotSigner},
		{"of another key", payer.PublicKey(), good, txn.ErrBadSignature},
		{"a bit wrong", owner.PublicKey(), broken, txn.ErrBadSignature},
		{"zero", payer.PublicKey(), solana.Signature{}, txn.ErrBadSignature},
	} {
		t.Run(c.name, func(t *testing.T) {
			next, err := p.Add(c.key, c.signature)
			require.ErrorIs(t, err, c.want)
			require.Nil(t, next)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestPartial_MergeKeepsNewAccounts checks that signatures of new accounts
// survive a wallet that drops them.
func TestPartial_MergeKeepsNewAccounts(t *testing.T) {
	payer, created := seeded(t, "payer"), seeded(t, "created")
	made := plan(payer.PublicKey(),
		step([]byte{1}, solana.Meta(created.PublicKey()).WRITE().SIGNER()))
	made.NewAccountSigners = []*txn.KeySigner{created}
	u := compile(t, made)
	p := u.Partial()
	require.Equal(t, []solana.PublicKey{payer.PublicKey()}, p.MissingSigners())
	tx := decode(t, u.Base64())
	tx.Signatures[0], tx.Signatures[1] = signatureOf(t, u, payer), solana.Signature{}
	text, err := tx.ToBase64()
	require.NoError(t, err)
	p, err = p.Merge(text)
	require.NoError(t, err)
	signed, err := p.Signed()
	require.NoError(t, err)
	require.NoError(t, decode(t, signed.Base64()).VerifySignatures())

	stored, err := txn.Parse(u.Base64(), u.Lifetime())
	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{payer.PublicKey()}, stored.MissingSigners(),
		"its signature is in the bytes, its key is not needed")
	stored, err = stored.Sign(t.Context(), payer)
	require.NoError(t, err)
	require.Equal(t, signed.Base64(), stored.Base64())
}

// rewritten returns the transaction as a wallet changes it before signing.
func rewritten(
	t *testing.T,
	u *txn.Unsigned,
	change func(m *solana.Message),
	signers ...*txn.KeySigner,
) string {
	t.Helper()
	tx := decode(t, u.Base64())
	change(&tx.Message)
	message, err := tx.Message.MarshalBinary()
	require.NoError(t, err)
	tx.Signatures = make([]solana.Signature, tx.Message.Header.NumRequiredSignatures)
	for _, s := range signers {
		at := slices.Index(tx.Message.AccountKeys, s.PublicKey())
		tx.Signatures[at], err = s.Sign(t.Context(), message)
		require.NoError(t, err)
	}

	text, err := tx.ToBase64()
	require.NoError(t, err)

	return text
}

// mergeCase is a change of a transaction and the parts that it changes.
type mergeCase struct {
	name   string
	change func(m *solana.Message)
	want   []txn.Change
	detail string
}

// mergeChanges holds what the tests of changed transactions share.
type mergeChanges struct {
	payer      *txn.KeySigner
	owner      *txn.KeySigner
	u          *txn.Unsigned
	indexOf    func(m *solana.Message, k solana.PublicKey) uint16
	lighthouse solana.PublicKey
}

func newMergeChanges(t *testing.T) *mergeChanges {
	t.Helper()

	payer, owner := seeded(t, "payer"), seeded(t, "owner")
	given := plan(payer.PublicKey(),
		step([]byte{1}, solana.Meta(owner.PublicKey()).SIGNER(), solana.Meta(key("to")).WRITE()),
		step([]byte{2}))
	given.Budget = txn.ComputeBudget{ComputeUnitLimit: 1_000, ComputeUnitPrice: 5}
	u := compile(t, given)
	// The accounts are the fee payer, the owner, to, the compute budget program
	// and the program.
	indexOf := func(m *solana.Message, k solana.PublicKey) uint16 {
		return uint16(slices.Index(m.AccountKeys, k))
	}
	lighthouse := key("lighthouse")

	return &mergeChanges{
		payer:      payer,
		owner:      owner,
		u:          u,
		indexOf:    indexOf,
		lighthouse: lighthouse,
	}
}

// budgets returns cases that change the blockhash or the compute budget.
func (f *mergeChanges) budgets() []mergeCase {
	return []mergeCase{
		{"blockhash", func(m *solana.Message) { m.RecentBlockhash[0]++ },
			[]txn.Change{txn.ChangeBlockhash}, ""},
		{"priority fee", func(m *solana.Message) { m.Instructions[1].Data[1]++ },
			[]txn.Change{txn.ChangeBudget}, ""},
		{"priority fee dropped",
			func(m *solana.Message) { m.Instructions = slices.Delete(m.Instructions, 1, 2) },
			[]txn.Change{txn.ChangeBudget}, ""},
	}
}

// contents returns cases that change the instructions.
func (f *mergeChanges) contents() []mergeCase {
	return []mergeCase{
		{"an instruction more", func(m *solana.Message) {
			m.AccountKeys = append(m.AccountKeys, f.lighthouse)
			m.Header.NumReadonlyUnsignedAccounts++
			m.Instructions = append(m.Instructions,
				solana.CompiledInstruction{ProgramIDIndex: f.indexOf(m, f.lighthouse),
					Data: []byte{9}})
		}, []txn.Change{txn.ChangeInstructions},
			"1 more, the first of program " + f.lighthouse.String()},
		{"an instruction less", func(m *solana.Message) { m.Instructions = m.Instructions[:3] },
			[]txn.Change{txn.ChangeInstructions},
			"1 fewer, the first of program " + program.String()},
		{"another amount", func(m *solana.Message) { m.Instructions[2].Data[0]++ },
			[]txn.Change{txn.ChangeInstructions},
			"an instruction of program " + program.String() + " instead of one of " +
				program.String()},
		{"another recipient",
			func(m *solana.Message) { m.AccountKeys[f.indexOf(m, key("to"))] = key("thief") },
			[]txn.Change{txn.ChangeInstructions},
			"an instruction of program " + program.String() + " instead of one of " +
				program.String()},
		{"other order of instructions", func(m *solana.Message) {
			m.Instructions[2], m.Instructions[3] = m.Instructions[3], m.Instructions[2]
		}, []txn.Change{txn.ChangeInstructions},
			"an instruction of program " + program.String() + " instead of one of " +
				program.String()},
	}
}

// headers returns cases that change signers, accounts and the version.
func (f *mergeChanges) headers(t *testing.T) []mergeCase {
	t.Helper()

	return []mergeCase{
		{"another payer", func(m *solana.Message) { m.AccountKeys[0] = key("sponsor") },
			[]txn.Change{txn.ChangePayer}, ""},
		{"another signer", func(m *solana.Message) {
			m.AccountKeys = slices.Insert(m.AccountKeys, 2, key("new signer"))
			m.Header.NumRequiredSignatures++
			m.Header.NumReadonlySignedAccounts++
			for i := range m.Instructions {
				m.Instructions[i].ProgramIDIndex++
				for j := range m.Instructions[i].Accounts {
					if m.Instructions[i].Accounts[j] >= 2 {
						m.Instructions[i].Accounts[j]++
					}
				}
			}
		}, []txn.Change{txn.ChangeSigners}, ""},
		{"privileges", func(m *solana.Message) { m.Header.NumReadonlySignedAccounts = 0 },
			[]txn.Change{txn.ChangeAccounts}, ""},
		{"version", func(m *solana.Message) {
			_, err := m.SetVersion(solana.MessageVersionLegacy)
			require.NoError(t, err)
		}, []txn.Change{txn.ChangeVersion}, ""},
		{"a lookup table", func(m *solana.Message) {
			m.AddressTableLookups = append(m.AddressTableLookups,
				solana.MessageAddressTableLookup{AccountKey: key("table"),
					WritableIndexes: []uint8{0}})
		}, []txn.Change{txn.ChangeAccounts}, ""},
		{"much at once", func(m *solana.Message) {
			m.RecentBlockhash[0]++
			m.AccountKeys[0] = key("sponsor")
			m.Instructions[0].Data[1]++
			m.Instructions[3].Data = nil
		}, []txn.Change{txn.ChangePayer, txn.ChangeBlockhash, txn.ChangeBudget,
			txn.ChangeInstructions},
			"an instruction of program " + program.String() + " instead of one of " +
				program.String()},
	}
}

// TestPartial_MergeChanges refuses changes that wallets make, and changes that
// no wallet should make.
func TestPartial_MergeChanges(t *testing.T) {
	f := newMergeChanges(t)
	for _, c := range slices.Concat(f.budgets(), f.contents(), f.headers(t)) {
		t.Run(c.name, func(t *testing.T) {
			next, err := f.u.Partial().Merge(rewritten(t, f.u, c.change, f.owner))
			require.Nil(t, next)
			require.ErrorIs(t, err, txn.ErrChanged)
			var changed *txn.ChangedError
			require.ErrorAs(t, err, &changed)
			require.Equal(t, c.want, changed.Changes)
			require.Equal(t, c.detail, changed.Detail)
			require.NotContains(t, err.Error(), "\n")
			for _, part := range c.want {
				require.Contains(t, err.Error(), string(part))
			}
		})
	}

	p, err := f.u.Partial().Merge(rewritten(t, f.u, func(*solana.Message) {}, f.owner))
	require.NoError(t, err, "one that changes nothing")
	require.Equal(t, []solana.PublicKey{f.payer.PublicKey()}, p.MissingSigners())
}

func TestPartial_MergeRefusals(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	p, err := u.Partial().Sign(t.Context(), owner)
	require.NoError(t, err)
	raw, err := base64.StdEncoding.DecodeString(p.Base64())
	require.NoError(t, err)
	text := func(change func(raw []byte) []byte) string {
		return base64.StdEncoding.EncodeToString(change(slices.Clone(raw)))
	}
	put := func(at int, s solana.Signature) func([]byte) []byte {
		return func(raw []byte) []byte { copy(raw[1+at*64:], s[:]); return raw }
	}
	for _, c := range []struct {
		name string
		text string
		want error
	}{
		{"nothing", "", txn.ErrInvalidTransaction},
		{"not base64", "signed!", txn.ErrInvalidTransaction},
		{"base64 of the URL kind", "_-__", txn.ErrInvalidTransaction},
		{"no signatures", text(func(raw []byte) []byte { raw[0] = 0; return raw }),
			txn.ErrInvalidTransaction},
		{"fewer signatures",
			text(func(raw []byte) []byte { raw[0] = 2; return slices.Delete(raw, 1, 65) }),
			txn.ErrInvalidTransaction},
		{"more signatures than bytes", text(func(raw []byte) []byte { raw[0] = 127; return raw }),
			txn.ErrInvalidTransaction},
		{"cut", text(func(raw []byte) []byte { return raw[:len(raw)-1] }),
			txn.ErrInvalidTransaction},
		{"the signatures alone", text(func(raw []byte) []byte { return raw[:1+3*64] }),
			txn.ErrInvalidTransaction},
		{"bytes behind", text(func(raw []byte) []byte { return append(raw, 0) }),
			txn.ErrInvalidTransaction},
		{"too large", text(func(raw []byte) []byte { return append(raw, make([]byte, 1232)...) }),
			txn.ErrTransactionTooLarge},
		{"far too large", text(func([]byte) []byte { return make([]byte, 1<<20) }),
			txn.ErrTransactionTooLarge},
		{"of version 1", text(func(raw []byte) []byte { raw[1+3*64] = 0x81; return raw }),
			txn.ErrInvalidTransaction},
		{"a wrong signature", text(put(0, signatureOf(t, u, authority))), txn.ErrBadSignature},
		{"signatures in another order", text(put(2, signatureOf(t, u, payer))),
			txn.ErrBadSignature},
		{"a signature of ours spoiled", text(put(1, solana.Signature{1})), txn.ErrBadSignature},
		{"another transaction", compile(t, plan(key("payer"), step(nil))).Base64(), txn.ErrChanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			next, err := p.Merge(c.text)
			require.Nil(t, next)
			require.ErrorIs(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
			require.Less(t, len(err.Error()), 400)
		})
	}
}

// TestPartial_MergeKeepsSignature checks that a second signature of a device
// does not replace the first one, which identifies the transaction.
func TestPartial_MergeKeepsSignature(t *testing.T) {
	u, payer, owner, authority := threeSigners(t)
	first, second := signatureOf(t, u, payer), otherSignature(t, "payer", u.Message())
	require.NotEqual(t, first, second)
	p, err := u.Partial().Add(payer.PublicKey(), second)
	require.NoError(t, err, "both verify")
	_, err = p.Add(payer.PublicKey(), first)
	require.ErrorIs(t, err, txn.ErrOtherSignature)
	whole, err := u.Sign(t.Context(), payer, owner, authority)
	require.NoError(t, err)
	_, err = p.Merge(whole.Base64())
	require.ErrorIs(t, err, txn.ErrOtherSignature)
	require.NotContains(t, err.Error(), "\n")
}

// TestPartial_Properties signs random transactions by random routes.
func TestPartial_Properties(t *testing.T) {
	names := []string{"one", "two", "three", "four"}
	rapid.Check(t, func(rt *rapid.T) {
		var signers []*txn.KeySigner
		var metas []*solana.AccountMeta
		for _, name := range names[:rapid.IntRange(1, len(names)).Draw(rt, "signers")] {
			s := seeded(t, name)
			signers = append(signers, s)
			metas = append(metas,
				solana.NewAccountMeta(s.PublicKey(), rapid.Bool().Draw(rt, "writable"), true))
		}

		made := plan(signers[0].PublicKey(),
			step(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(rt, "data"), metas...))
		made.Versions = rapid.SampledFrom([][]txn.Version{
			nil, {txn.VersionLegacy}, {txn.Version1},
		}).Draw(rt, "versions")
		made.Budget.ComputeUnitLimit = rapid.Uint32().Draw(rt, "limit")
		// A higher price overflows the priority fee, which version 1 states.
		made.Budget.ComputeUnitPrice = rapid.Uint64Max(1<<51).Draw(rt, "price")
		u := compile(t, made)
		p := u.Partial()
		for range rapid.IntRange(0, 6).Draw(rt, "rounds") {
			s := rapid.SampledFrom(signers).Draw(rt, "who")
			var err error
			switch rapid.IntRange(0, 3).Draw(rt, "how") {
			case 0:
				p, err = p.Sign(t.Context(), s)
			case 1:
				p, err = p.Add(s.PublicKey(), signatureOf(t, u, s))
			case 2:
				var alone *txn.Partial
				alone, err = u.Partial().Sign(t.Context(), s)
				require.NoError(t, err)
				p, err = p.Merge(alone.Base64())

			default: // A restart.
				var stored []byte
				stored, err = json.Marshal(u.Lifetime())
				require.NoError(t, err)
				var lifetime txn.Lifetime
				require.NoError(t, json.Unmarshal(stored, &lifetime))
				var again *txn.Partial
				again, err = txn.Parse(p.Base64(), lifetime)
				require.NoError(t, err)
				require.Equal(t, p.Base64(), again.Base64())
				require.Equal(t, p.MissingSigners(), again.MissingSigners())
				requireSameForm(t, u, again.Unsigned())
			}

			require.NoError(t, err)
		}

		signed, err := p.Signed()
		if len(p.MissingSigners()) > 0 {
			require.ErrorIs(t, err, txn.ErrMissingSignature)
			return
		}

		require.NoError(t, err)
		require.NoError(t, decode(t, signed.Base64()).VerifySignatures())
	})
}

// requireSameForm compares a parsed transaction with the compiled one, except
// for what the bytes do not contain.
func requireSameForm(t testing.TB, want, got *txn.Unsigned) {
	t.Helper()
	require.Equal(t, want.Message(), got.Message())
	require.Equal(t, want.Size(), got.Size())
	require.Equal(t, want.Lifetime(), got.Lifetime())
	require.Equal(t, want.Budget(), got.Budget())
	require.Equal(t, want.Programs(), got.Programs())
	require.ElementsMatch(t, want.WritableAccounts(), got.WritableAccounts())
	require.Equal(t, want.WritableAccounts()[0], got.WritableAccounts()[0])
	require.Equal(t, want.LookupTables(), got.LookupTables())
	for i, s := range got.Steps() {
		require.Equal(t, "an instruction of program "+got.Programs()[i].String(), s.Description)
		a, err := want.Steps()[i].Instruction.Data()
		require.NoError(t, err)
		b, err := s.Instruction.Data()
		require.NoError(t, err)
		require.Equal(t, append([]byte{}, a...), append([]byte{}, b...))
		keys := func(metas []*solana.AccountMeta) (keys []solana.PublicKey) {
			for _, m := range metas {
				keys = append(keys, m.PublicKey)
			}

			return keys
		}

		require.Equal(t, keys(want.Steps()[i].Instruction.Accounts()),
			keys(s.Instruction.Accounts()))
	}
}

// otherSignature returns a valid signature of a named key that differs from the
// deterministic one of Ed25519, as from a device with random nonces.
func otherSignature(t testing.TB, name string, message []byte) (s solana.Signature) {
	t.Helper()
	scalar := func(seed []byte) *big.Int {
		h := sha512.Sum512(seed)
		h[0] &= 248
		h[31] = h[31]&127 | 64
		return little(h[:32])
	}

	key, dice := pair(name), pair("dice")
	order, ok := new(
		big.Int,
	).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

	require.True(t, ok)
	copy(s[:], dice[32:]) // The public key of the dice is the scalar times the base point.
	k := sha512.Sum512(slices.Concat(s[:32], key[32:], message))
	sum := new(big.Int).Mul(little(k[:]), scalar(key[:32]))
	sum.Add(sum, scalar(dice[:32])).Mod(sum, order)
	sum.FillBytes(s[32:])
	slices.Reverse(s[32:])

	return s
}

// little reads a little-endian number.
func little(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// TestPartial_MergeAccountOrder checks that signers in another order are not
// reported as changed signers, and that another index in a lookup table is
// reported as other accounts.
func TestPartial_MergeAccountOrder(t *testing.T) {
	u, _, _, _ := threeSigners(t)
	swapped := rewritten(t, u, func(m *solana.Message) {
		m.AccountKeys[1], m.AccountKeys[2] = m.AccountKeys[2], m.AccountKeys[1]
		for i := range m.Instructions {
			for j, at := range m.Instructions[i].Accounts {
				if at == 1 || at == 2 {
					m.Instructions[i].Accounts[j] = 3 - at
				}
			}
		}
	})

	_, err := u.Partial().Merge(swapped)
	require.EqualError(t, err,
		"transaction was changed (have the original signed): it differs in accounts")

	looking := compile(t, lookedUp(t))
	for _, change := range []func(l *solana.MessageAddressTableLookup){
		func(l *solana.MessageAddressTableLookup) { l.WritableIndexes[0]++ },
		func(l *solana.MessageAddressTableLookup) { l.ReadonlyIndexes[0]++ },
	} {
		moved := rewritten(t, looking,
			func(m *solana.Message) { change(&m.AddressTableLookups[0]) })
		_, err = looking.Partial().Merge(moved)
		var changed *txn.ChangedError
		require.ErrorAs(t, err, &changed)
		require.Equal(t, []txn.Change{txn.ChangeInstructions}, changed.Changes)
	}
}
