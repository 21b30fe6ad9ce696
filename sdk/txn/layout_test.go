package txn_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// planSeeds returns the bytes from which plans are generated.
func planSeeds() [][]byte {
	rng := rand.New(rand.NewPCG(12, 30))
	var seeds [][]byte
	for range 40 {
		seed := make([]byte, rng.IntN(900))
		for i := range seed {
			seed[i] = byte(rng.Uint32())
		}
		seeds = append(seeds, seed)
	}
	return seeds
}

// copied returns a plan with its own instructions and tables.
func copied(t testing.TB, p txn.Plan) txn.Plan {
	t.Helper()
	p.Steps = slices.Clone(p.Steps)
	for i, s := range p.Steps {
		var metas []*solana.AccountMeta
		for _, m := range s.Instruction.Accounts() {
			copied := *m
			metas = append(metas, &copied)
		}

		data, err := s.Instruction.Data()
		require.NoError(t, err)
		p.Steps[i].Instruction = solana.NewInstruction(s.Instruction.ProgramID(), metas,
			slices.Clone(data))
	}

	p.Tables = slices.Clone(p.Tables)
	for i := range p.Tables {
		p.Tables[i].Addresses = slices.Clone(p.Tables[i].Addresses)
	}

	return p
}

// replace replaces a key everywhere except in lookup tables.
func replace(t testing.TB, p *txn.Plan, old, by solana.PublicKey) {
	t.Helper()
	other := func(k *solana.PublicKey) {
		if *k == old {
			*k = by
		}
	}

	other(&p.Payer)
	if p.Lifetime.Durable() {
		other(&p.Lifetime.Nonce.Account)
		other(&p.Lifetime.Nonce.Authority)
	}

	for i, s := range p.Steps {
		for _, m := range s.Instruction.Accounts() {
			other(&m.PublicKey)
		}

		program := s.Instruction.ProgramID()
		other(&program)
		data, err := s.Instruction.Data()
		require.NoError(t, err)
		p.Steps[i].Instruction = solana.NewInstruction(program, s.Instruction.Accounts(), data)
	}
}

// change applies a generated difference to a plan.
func (d *drawn) change(t testing.TB, p *txn.Plan) {
	t.Helper()
	of := []int{24, 48, 400}[d.below(3)]
	step := d.below(len(p.Steps))
	ix := p.Steps[step].Instruction
	metas := ix.Accounts()
	switch d.below(16) {
	case 0, 1, 2, 3: // another wallet
		replace(t, p, p.Payer, d.payer(of))
	case 4, 5: // another account, which may be one of the transaction
		if len(metas) > 0 {
			replace(t, p, metas[d.below(len(metas))].PublicKey, d.payer(of))
		}

	case 6: // another amount
		p.Steps[step].Instruction = solana.NewInstruction(ix.ProgramID(), metas, d.data())
	case 7: // another program
		replace(t, p, ix.ProgramID(), d.key(of))
	case 8:
		if len(metas) > 0 {
			m := metas[d.below(len(metas))]
			m.IsSigner, m.IsWritable = d.chance(2), d.chance(2)
		}

	case 9: // one account that was the same is another one
		if len(metas) > 0 {
			metas[d.below(len(metas))].PublicKey = d.key(of)
		}

	case 10:
		d.budget(&p.Budget)
	case 11:
		p.Versions = d.versions()
	case 12: // a lookup table has grown, or is another one
		if len(p.Tables) > 0 {
			table := &p.Tables[d.below(len(p.Tables))]
			switch d.below(3) {
			case 0:
				table.Addresses = append(table.Addresses, d.key(of))
			case 1:
				*table = d.table(of)
			case 2:
				if len(table.Addresses) > 0 {
					table.Addresses[d.below(len(table.Addresses))] = d.key(of)
				}
			}
		}

	case 13:
		p.Lifetime = d.plan().Lifetime
	case 14: // an account more, or less
		if len(metas) > 0 && d.chance(2) {
			metas = metas[1:]
		} else {
			metas = append(slices.Clone(metas), solana.Meta(d.key(of)))
		}

		p.Steps[step].Instruction = solana.NewInstruction(ix.ProgramID(), metas, []byte{1})

	case 15: // the same accounts, divided otherwise
		if len(metas) > 0 && step+1 < len(p.Steps) {
			next := p.Steps[step+1].Instruction
			data, err := ix.Data()
			require.NoError(t, err)
			nextData, err := next.Data()
			require.NoError(t, err)
			p.Steps[step].Instruction = solana.NewInstruction(ix.ProgramID(), metas[:len(metas)-1],
				data)
			p.Steps[step+1].Instruction = solana.NewInstruction(next.ProgramID(),
				append([]*solana.AccountMeta{metas[len(metas)-1]}, next.Accounts()...), nextData)
		}
	}

	p.Lifetime.Blockhash[2] = byte(d.byte())
}

// requireAsWithout compares a plan compiled with and without a layout. It
// returns the next layout and reports whether the given one was used.
func requireAsWithout(t testing.TB, p txn.Plan, layout *txn.Layout) (*txn.Layout, bool) {
	t.Helper()
	want, wantErr := p.Compile()
	u, next, err := p.CompileWith(layout)
	if wantErr != nil {
		require.EqualError(t, err, wantErr.Error())
		require.Nil(t, u)
		require.Nil(t, next)
		return layout, false
	}

	require.NoError(t, err)
	require.NotNil(t, next)
	require.Equal(t, want.Message(), u.Message())
	require.Equal(t, want.RequiredSigners(), u.RequiredSigners())
	require.Equal(t, want.WritableAccounts(), u.WritableAccounts())
	require.Equal(t, want.LookupTables(), u.LookupTables())
	require.Equal(t, want.Steps(), u.Steps())
	require.Equal(t, want.Lifetime(), u.Lifetime())
	require.Equal(t, want.Budget(), u.Budget())

	return next, layout == next
}

// FuzzCompileWith compiles similar plans with the layouts of each other. The
// transaction must be the same as without a layout.
func FuzzCompileWith(f *testing.F) {
	for i, seed := range planSeeds() {
		f.Add(seed, planSeeds()[len(planSeeds())-1-i])
	}

	f.Fuzz(func(t *testing.T, data, changes []byte) {
		p := (&drawn{data}).plan()
		first, _ := requireAsWithout(t, p, nil)
		layout, d := first, &drawn{changes}
		for range 1 + d.below(8) {
			p = copied(t, p)
			for range 1 + d.below(2) {
				d.change(t, &p)
			}

			requireAsWithout(t, p, first)
			layout, _ = requireAsWithout(t, p, layout)
		}
	})
}

// TestPlan_CompileWithAnyLayout runs the check of FuzzCompileWith on many
// random plans and counts how often a layout is reused.
func TestPlan_CompileWithAnyLayout(t *testing.T) {
	const plans = 4_000
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	random := func(n int) *drawn {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}

		return &drawn{data}
	}

	served, tried, looked := 0, 0, 0
	for range plans {
		p := random(900).plan()
		layout, _ := requireAsWithout(t, p, nil)
		for range 4 {
			p = copied(t, p)
			random(100).change(t, &p)
			next, same := requireAsWithout(t, p, layout)
			tried++
			if same {
				served++
				if u, _ := p.Compile(); len(u.LookupTables()) > 0 {
					looked++
				}
			}

			layout = next
		}
	}

	t.Logf("%d of %d served by the layout before, %d of them with lookup tables",
		served, tried, looked)
	require.Greater(t, served, tried/10)
	require.Positive(t, looked)
}

// TestPlan_CompileWithNonce checks that a layout is not reused if one
// transaction advances the nonce with a step of its own and names the account
// through a lookup table, while the other has a nonce lifetime.
func TestPlan_CompileWithNonce(t *testing.T) {
	p := lookedUp(t)
	var err error
	p.Lifetime, err = txn.NonceLifetime(key("nonce"), nonce(t), 9)
	require.NoError(t, err)
	p.Tables[0].Addresses = append([]solana.PublicKey{key("nonce")}, p.Tables[0].Addresses...)
	durable := compile(t, p)

	own := p
	own.Lifetime.Nonce = txn.DurableNonce{}
	own.Lifetime.LastValidBlockHeight = 150
	own.Steps = append([]txn.Step{durable.Steps()[0]}, p.Steps...)
	layout, _ := requireAsWithout(t, own, nil)
	_, same := requireAsWithout(t, p, layout)
	require.False(t, same)
	require.NotEqual(t, durable.Message(), compile(t, own).Message())
}

// TestPlan_CompileWithOtherWallets checks that one layout serves other wallets,
// amounts, limits and blockhashes, and concurrent calls.
func TestPlan_CompileWithOtherWallets(t *testing.T) {
	p, _, _ := stakePlan(t)
	layout, served := requireAsWithout(t, p, nil)
	require.False(t, served)
	for i := range 50 {
		other := copied(t, p)
		replace(t, &other, p.Payer, key(string(rune('a'+i))))
		replace(t, &other, seeded(t, "owner").PublicKey(), key(string(rune('A'+i))))
		other.Budget.ComputeUnitLimit += uint32(i)
		other.Lifetime.Blockhash[9] = byte(i)
		_, served := requireAsWithout(t, other, layout)
		require.True(t, served, i)
	}

	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				_, _, _ = p.CompileWith(layout)
			}
		})
	}

	group.Wait()
}
