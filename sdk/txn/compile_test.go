package txn_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

type privilege struct{ signer, writable bool }

// randomSteps returns instructions that share a few accounts but request
// different privileges for them.
func randomSteps(rng *rand.Rand) (payer solana.PublicKey, steps []txn.Step) {
	keys := make([]solana.PublicKey, 2+rng.IntN(7))
	for i := range keys {
		for at := 0; at < len(keys[i]); at += 8 {
			binary.LittleEndian.PutUint64(keys[i][at:], rng.Uint64())
		}
	}

	for range 1 + rng.IntN(4) {
		var metas []*solana.AccountMeta
		for range rng.IntN(6) {
			metas = append(metas,
				solana.NewAccountMeta(keys[rng.IntN(len(keys))], rng.IntN(2) == 0,
					rng.IntN(3) == 0))
		}

		program := program
		if rng.IntN(8) == 0 {
			program = keys[rng.IntN(len(keys))]
		}

		data := make([]byte, rng.IntN(9))
		for i := range data {
			data[i] = byte(rng.Uint32())
		}

		steps = append(steps, txn.Step{Instruction: solana.NewInstruction(program, metas, data)})
	}

	return keys[0], steps
}

// wanted computes the union of the requested privileges independently.
func wanted(payer solana.PublicKey, steps []txn.Step) map[solana.PublicKey]privilege {
	want := map[solana.PublicKey]privilege{payer: {true, true}}
	for _, s := range steps {
		id := s.Instruction.ProgramID()
		if _, named := want[id]; !named {
			want[id] = privilege{}
		}

		for _, m := range s.Instruction.Accounts() {
			p := want[m.PublicKey]
			p.signer = p.signer || m.IsSigner
			p.writable = p.writable || m.IsWritable
			want[m.PublicKey] = p
		}
	}

	return want
}

// granted returns the privileges that the header of a message grants to each
// account.
func granted(m solana.Message) map[solana.PublicKey]privilege {
	h := m.Header
	signers, total := int(h.NumRequiredSignatures), len(m.AccountKeys)
	got := make(map[solana.PublicKey]privilege, total)
	for i, k := range m.AccountKeys {
		p := privilege{signer: i < signers, writable: i < total-int(h.NumReadonlyUnsignedAccounts)}
		if p.signer {
			p.writable = i < signers-int(h.NumReadonlySignedAccounts)
		}

		got[k] = p
	}

	return got
}

// TestPlan_CompilePrivileges compares the compiled privileges with the
// requested ones. solana-go alone gets some of these sets wrong, so the sets
// are hard enough.
func TestPlan_CompilePrivileges(t *testing.T) {
	const seed = 20_000
	rng := rand.New(rand.NewPCG(seed, seed))
	wrongUpstream := 0
	for n := range 20_000 {
		payer, steps := randomSteps(rng)
		p := plan(payer, steps...)
		p.Versions = legacyIf(n%2 == 1)
		u := compile(t, p)
		tx := decode(t, u.Base64())
		got := granted(tx.Message)
		if want := wanted(payer, steps); len(got) != len(tx.Message.AccountKeys) ||
			!equalPrivileges(want, got) {
			t.Fatalf("seed %d, set %d:\nwant %v\ngot  %v", seed, n, want, got)
		}

		require.Equal(t, payer, tx.Message.AccountKeys[0], "seed %d, set %d: the payer comes first",
			seed, n)
		requireInstructions(t, steps, tx.Message)
		if !equalPrivileges(wanted(payer, steps), granted(upstream(t, payer, steps))) {
			wrongUpstream++
		}
	}

	t.Logf("solana-go alone: %d of 20 000 wrong", wrongUpstream)
	require.NotZero(t, wrongUpstream)
}

// upstream compiles copies of the instructions with solana-go.
func upstream(t *testing.T, payer solana.PublicKey, steps []txn.Step) solana.Message {
	t.Helper()
	var ixs []solana.Instruction
	for _, s := range steps {
		var metas []*solana.AccountMeta
		for _, m := range s.Instruction.Accounts() {
			metas = append(metas, solana.NewAccountMeta(m.PublicKey, m.IsWritable, m.IsSigner))
		}

		data, err := s.Instruction.Data()
		require.NoError(t, err)
		ixs = append(ixs, solana.NewInstruction(s.Instruction.ProgramID(), metas, data))
	}

	tx, err := solana.NewTransaction(ixs, blockhash, solana.TransactionPayer(payer))
	require.NoError(t, err)

	return tx.Message
}

func equalPrivileges(a, b map[solana.PublicKey]privilege) bool {
	if len(a) != len(b) {
		return false
	}
	for k, p := range a {
		if q, ok := b[k]; !ok || p != q {
			return false
		}
	}
	return true
}

// requireInstructions checks that a message has the programs, accounts and data
// of the steps in their order.
func requireInstructions(t *testing.T, steps []txn.Step, m solana.Message) {
	t.Helper()
	require.Len(t, m.Instructions, len(steps))
	for i, s := range steps {
		ix := m.Instructions[i]
		require.Equal(t, s.Instruction.ProgramID(), m.AccountKeys[ix.ProgramIDIndex])
		data, err := s.Instruction.Data()
		require.NoError(t, err)
		require.Equal(t, append([]byte{}, data...), append([]byte{}, ix.Data...))
		require.Len(t, ix.Accounts, len(s.Instruction.Accounts()))
		for at, meta := range s.Instruction.Accounts() {
			require.Equal(t, meta.PublicKey, m.AccountKeys[ix.Accounts[at]])
		}
	}
}

func TestPlan_CompileKeepsInstructions(t *testing.T) {
	a, b := key("a"), key("b")
	data := []byte{1, 2, 3}
	first := []*solana.AccountMeta{solana.Meta(a).SIGNER(), solana.Meta(b)}
	second := []*solana.AccountMeta{solana.Meta(a).WRITE(), solana.Meta(b).WRITE()}
	steps := []txn.Step{step(data, first...), step(data, second...)}
	for _, payer := range []solana.PublicKey{a, b, key("payer")} {
		u := compile(t, plan(payer, steps...))
		require.Equal(t, []byte{1, 2, 3}, data)
		require.Equal(t, []*solana.AccountMeta{{PublicKey: a, IsSigner: true}, {PublicKey: b}},
			first)
		require.Equal(t,
			[]*solana.AccountMeta{{PublicKey: a, IsWritable: true},
				{PublicKey: b, IsWritable: true}},
			second)

		require.Equal(t, payer, u.Signers()[0])
	}

	u := compile(t, plan(key("payer"), steps...))
	require.Equal(t, []solana.PublicKey{key("payer"), a}, u.Signers(),
		"no signature of a former payer is asked for")
}

func TestUnsigned_Immutable(t *testing.T) {
	data := []byte{1, 2, 3}
	u := compile(t, plan(key("payer"), step(data, solana.Meta(key("a")).WRITE())))
	before := u.Base64()
	data[0] = 9
	u.Message()[0] ^= 0xff
	u.Signers()[0] = key("other")
	u.Steps()[0].Description = "something else"
	u.WritableAccounts()[0] = key("other")
	u.Programs()[0] = key("other")
	require.Equal(t, before, u.Base64())
	require.Equal(t, key("payer"), u.Signers()[0])
	require.Equal(t, "do something", u.Steps()[0].Description)
	require.Equal(t, []solana.PublicKey{key("payer"), key("a")}, u.WritableAccounts())
	require.Equal(t, []solana.PublicKey{program}, u.Programs())
}

func TestPlan_CompileConcurrently(t *testing.T) {
	shared := []txn.Step{step([]byte{1}, solana.Meta(key("a")).SIGNER(), solana.Meta(key("b"))),
		step(nil, solana.Meta(key("a")).WRITE())}
	want := compile(t, plan(key("payer"), shared...)).Base64()
	got := make([]string, 16)
	var group sync.WaitGroup
	for i := range got {
		group.Go(func() {
			// Compile other transactions at the same time.
			other := plan(key(fmt.Sprint(i)), shared...)
			if _, err := other.Compile(); err != nil {
				return
			}

			if u, err := plan(key("payer"), shared...).Compile(); err == nil {
				got[i] = u.Base64()
			}
		})
	}

	group.Wait()
	for _, text := range got {
		require.Equal(t, want, text)
	}
}

func TestPlan_CompileRefusals(t *testing.T) {
	broken := errors.New("cannot encode")
	many := func(n int) []*solana.AccountMeta {
		var metas []*solana.AccountMeta
		for i := range n {
			metas = append(metas, solana.Meta(key(fmt.Sprint(i))))
		}

		return metas
	}

	payer := key("payer")
	for _, c := range []struct {
		name   string
		change func(*txn.Plan)
		want   error
	}{
		{"no payer", func(p *txn.Plan) { p.Payer = solana.PublicKey{} }, txn.ErrNoPayer},
		{"no steps", func(p *txn.Plan) { p.Steps = nil }, txn.ErrNoSteps},
		{"nothing but a budget", func(p *txn.Plan) { p.Steps, p.Budget.ComputeUnitLimit = nil, 1 },
			txn.ErrNoSteps},
		{"no blockhash", func(p *txn.Plan) { p.Lifetime.Blockhash = solana.Hash{} },
			txn.ErrNoLifetime},
		// With the fee payer and the program, the first case names 256
		// accounts, the maximum, and is too large. The second names 257.
		{"256 accounts", func(p *txn.Plan) { p.Steps = []txn.Step{step(nil, many(254)...)} },
			txn.ErrTransactionTooLarge},
		{"257 accounts", func(p *txn.Plan) { p.Steps = []txn.Step{step(nil, many(255)...)} },
			txn.ErrTooManyAccounts},
		{"300 accounts, legacy",
			func(p *txn.Plan) {
				p.Steps, p.Versions = []txn.Step{step(nil, many(298)...)}, legacyIf(true)
			},
			txn.ErrTooManyAccounts},
		{"data that does not encode", func(p *txn.Plan) {
			p.Steps = append(p.Steps, txn.Step{Description: "fail", Instruction: failing{broken}})
		}, broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan(payer, step(nil))
			c.change(&p)
			u, err := p.Compile()
			require.ErrorIs(t, err, c.want)
			require.Nil(t, u)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// failing is an instruction whose data cannot be encoded.
type failing struct{ err error }

func (failing) ProgramID() solana.PublicKey      { return program }
func (failing) Accounts() []*solana.AccountMeta  { return nil }
func (f failing) Data() (data []byte, err error) { return nil, f.err }

// dataFor returns the length of instruction data that brings a transaction of
// one signer to the given size in bytes.
func dataFor(t *testing.T, size int, legacy bool) int {
	t.Helper()
	for n := range 1300 {
		p := plan(key("payer"), step(make([]byte, n)))
		p.Versions = legacyIf(legacy)
		u, err := p.Compile()
		var large *txn.SizeError
		switch {
		case errors.As(err, &large) && large.Size == size, err == nil && u.Size() == size:
			return n
		}
	}

	require.FailNow(t, "no such size")
	return 0
}

func TestSizeError_Boundary(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		n := dataFor(t, txn.MaxSize, legacy)
		p := plan(key("payer"), step(make([]byte, n)))
		p.Versions = legacyIf(legacy)
		u := compile(t, p)
		require.Equal(t, 1232, u.Size())

		p.Steps = []txn.Step{step(make([]byte, n+1))}
		_, err := p.Compile()
		require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
		var large *txn.SizeError
		require.ErrorAs(t, err, &large)
		require.Equal(t, txn.SizeError{
			Size:   1233,
			Limit:  1232,
			FitsIn: []txn.Version{txn.Version1},
		}, *large)

		require.Equal(t, 1, large.Over())
		require.Equal(t, "transaction too large: 1233 bytes, 1 over the limit of 1232 (allow "+
			"version 1, which holds it, leave out the memo, name lookup tables, or split it)",
			err.Error())
	}
}

func TestUnsigned_Size(t *testing.T) {
	signers := []txn.Signer{seeded(t, "one"), seeded(t, "two"), seeded(t, "three")}
	for n := 1; n <= len(signers); n++ {
		for _, length := range []int{0, 1, 127, 128, 400} {
			for _, legacy := range []bool{false, true} {
				var metas []*solana.AccountMeta
				for _, s := range signers[1:n] {
					metas = append(metas, solana.Meta(s.PublicKey()).SIGNER())
				}

				p := plan(signers[0].PublicKey(), step(make([]byte, length), metas...))
				p.Versions = legacyIf(legacy)
				u := compile(t, p)
				signed, err := u.Sign(t.Context(), signers...)
				require.NoError(t, err)
				require.Len(t, signed.Raw(), u.Size())
				raw, err := base64.StdEncoding.DecodeString(u.Base64())
				require.NoError(t, err)
				require.Len(t, raw, u.Size(), "unsigned")
				require.Len(t, u.Signers(), n)
			}
		}
	}
}

func TestUnsigned_Version(t *testing.T) {
	p := plan(key("payer"), step(nil))
	require.Equal(t, byte(0x80), compile(t, p).Message()[0], "version 0")
	p.Versions = legacyIf(true)
	require.Equal(t, byte(1), compile(t, p).Message()[0],
		"no version: the number of signatures comes first")
}

// TestPlan_CompileIncomplete checks that the error names the position and the
// description of a step without an instruction or with a nil account.
func TestPlan_CompileIncomplete(t *testing.T) {
	missing := step([]byte{1}, solana.Meta(key("one")), nil)
	missing.Description = "pay the rent"
	for want, bad := range map[string]txn.Step{
		"instruction 1 (sell): incomplete instruction":         {Description: "sell"},
		"instruction 1 (pay the rent): incomplete instruction": missing,
	} {
		u, err := plan(key("payer"), step([]byte{1}), bad).Compile()
		require.Nil(t, u)
		require.ErrorIs(t, err, txn.ErrIncomplete)
		require.EqualError(t, err, want)
	}
}
