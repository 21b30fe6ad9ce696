package txn_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// numbered returns addresses with numbers.
func numbered(name string, from, to int) []solana.PublicKey {
	var list []solana.PublicKey
	for i := from; i < to; i++ {
		list = append(list, key(fmt.Sprintf("%s %d", name, i)))
	}
	return list
}

// readers returns a step that reads accounts.
func readers(addresses ...solana.PublicKey) txn.Step {
	var metas []*solana.AccountMeta
	for _, a := range addresses {
		metas = append(metas, solana.Meta(a))
	}
	return step([]byte{1}, metas...)
}

func TestNewLookupTable(t *testing.T) {
	const slot = 1_000
	all := numbered("entry", 0, 3)
	for _, c := range []struct {
		name  string
		table accounts.LookupTable
		want  int
	}{
		{"old", accounts.LookupTable{
			DeactivationSlot:  accounts.NeverEpoch,
			LastExtendedSlot:  slot - 1,
			LastExtendedStart: 1,
			Addresses:         all,
		}, 3},
		{"extended in the slot", accounts.LookupTable{
			DeactivationSlot:  accounts.NeverEpoch,
			LastExtendedSlot:  slot,
			LastExtendedStart: 1,
			Addresses:         all,
		}, 1},
		{"extended later", accounts.LookupTable{
			DeactivationSlot:  accounts.NeverEpoch,
			LastExtendedSlot:  slot + 1,
			LastExtendedStart: 2,
			Addresses:         all,
		}, 2},
		{"made in the slot",
			accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch, LastExtendedSlot: slot,
				Addresses: all},
			0},
		{"a start beyond the end", accounts.LookupTable{
			DeactivationSlot:  accounts.NeverEpoch,
			LastExtendedSlot:  slot,
			LastExtendedStart: 9,
			Addresses:         all,
		}, 3},
		{"empty", accounts.LookupTable{DeactivationSlot: accounts.NeverEpoch}, 0},
		{"deactivated", accounts.LookupTable{DeactivationSlot: slot - 1, Addresses: all}, 0},
		{"deactivated in the slot, which still works for some",
			accounts.LookupTable{DeactivationSlot: slot, Addresses: all}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := txn.NewLookupTable(key("table"), &c.table, slot)
			if c.want == 0 {
				require.ErrorIs(t, err, txn.ErrLookupTable)
				require.Contains(t, err.Error(), key("table").String())
				require.NotContains(t, err.Error(), "\n")
				require.Zero(t, got)
				return
			}

			require.NoError(t, err)
			require.Equal(t, txn.LookupTable{Address: key("table"), Addresses: all[:c.want]}, got)
			got.Addresses[0] = key("other")
			require.Equal(t, key("entry 0"), all[0], "a copy")
		})
	}
}

// resolved returns the accounts of a message and their privileges by the rules
// of the network: the static accounts, then the writable accounts of each
// lookup, then the read-only ones.
func resolved(
	t require.TestingT,
	m solana.Message,
	tables []txn.LookupTable,
) ([]solana.PublicKey, map[solana.PublicKey]privilege) {
	keys := append([]solana.PublicKey(nil), m.AccountKeys...)
	got := granted(m)
	require.Len(t, got, len(keys), "no account twice")
	for _, writable := range []bool{true, false} {
		for _, lookup := range m.AddressTableLookups {
			indexes := lookup.ReadonlyIndexes
			if writable {
				indexes = lookup.WritableIndexes
			}

			require.NotEmpty(t,
				append(append([]byte{}, lookup.WritableIndexes...), lookup.ReadonlyIndexes...),
				"a table that nothing is taken from")
			for _, table := range tables {
				if table.Address != lookup.AccountKey {
					continue
				}

				for _, i := range indexes {
					require.Less(t, int(i), len(table.Addresses))
					k := table.Addresses[i]
					require.NotContains(t, got, k, "no account twice")
					got[k] = privilege{writable: writable}
					keys = append(keys, k)
				}
			}
		}
	}

	return keys, got
}

// drawTables generates instructions that share accounts, and lookup tables with
// some of the accounts.
func drawTables(t *rapid.T) (payer solana.PublicKey, steps []txn.Step, tables []txn.LookupTable) {
	seed := rapid.Uint64().Draw(t, "seed")
	rng := rand.New(rand.NewPCG(seed, seed))
	shared := make([]solana.PublicKey, 20+rng.IntN(40))
	for i := range shared {
		shared[i] = key(fmt.Sprintf("%d %d", seed, i))
	}

	payer = shared[0]
	programs := append(numbered("program", 0, 3), shared[1])
	for range 1 + rng.IntN(4) {
		var metas []*solana.AccountMeta
		for range 1 + rng.IntN(25) {
			metas = append(metas,
				solana.NewAccountMeta(shared[rng.IntN(len(shared))], rng.IntN(2) == 0,
					rng.IntN(20) == 0))
		}

		steps = append(steps,
			txn.Step{Instruction: solana.NewInstruction(programs[rng.IntN(len(programs))],
				metas, make([]byte, rng.IntN(30)))})
	}

	for i := range rng.IntN(4) {
		table := txn.LookupTable{Address: key(fmt.Sprintf("table %d", i))}
		for range rng.IntN(40) {
			pick := append(shared, programs...)
			table.Addresses = append(table.Addresses, pick[rng.IntN(len(pick))])
		}

		tables = append(tables, table)
	}

	return payer, steps, tables
}

// TestLookupTable_KeepsPrivileges checks transactions with random lookup
// tables. Each account is in the transaction once, with the requested
// privileges, at the index that its instructions use. The message itself names
// signers and programs. Lookup tables are used only if needed, and the same
// plan always has the same bytes.
func TestLookupTable_KeepsPrivileges(t *testing.T) {
	needed, fitting := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		payer, steps, tables := drawTables(t)
		p := plan(payer, steps...)
		_, without := p.Compile()
		p.Tables = tables
		u, err := p.Compile()
		if err != nil {
			require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
			require.Error(t, without)
			return
		}

		require.LessOrEqual(t, u.Size(), txn.MaxSize)
		require.Equal(t, without == nil, len(u.LookupTables()) == 0,
			"tables only where it does not fit without")
		if without == nil {
			fitting++
		} else {
			needed++
		}

		again, err := p.Compile()
		require.NoError(t, err)
		require.Equal(t, u.Message(), again.Message())

		tx, err := solana.TransactionFromBase64(u.Base64())
		require.NoError(t, err)
		m := tx.Message
		require.Len(t, m.AddressTableLookups, len(u.LookupTables()))
		for i, lookup := range m.AddressTableLookups {
			require.Equal(t, u.LookupTables()[i], lookup.AccountKey)
		}

		keys, got := resolved(t, m, tables)
		require.Equal(t, wanted(payer, steps), got)
		for i, s := range steps {
			ix := m.Instructions[i]
			require.Equal(t, s.Instruction.ProgramID(), keys[ix.ProgramIDIndex])
			require.Less(t, int(ix.ProgramIDIndex), len(m.AccountKeys), "programs are named")
			for at, meta := range s.Instruction.Accounts() {
				require.Equal(t, meta.PublicKey, keys[ix.Accounts[at]])
			}
		}

		require.Equal(t, payer, keys[0])
		// If several tables are used, none of them alone is sufficient.
		for _, table := range tables {
			if p.Tables = []txn.LookupTable{table}; len(u.LookupTables()) > 1 {
				_, err := p.Compile()
				require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
			}
		}
	})

	require.Positive(t, needed)
	require.Positive(t, fitting)
}

// TestLookupTable_Choice checks that a table that is sufficient is used alone,
// whatever its position.
func TestLookupTable_Choice(t *testing.T) {
	all := numbered("account", 0, 45)
	small := txn.LookupTable{Address: key("small"), Addresses: all[:10]}
	other := txn.LookupTable{Address: key("other"), Addresses: all[10:20]}
	large := txn.LookupTable{Address: key("large"), Addresses: all[5:30]}
	empty := txn.LookupTable{Address: key("empty")}
	foreign := txn.LookupTable{Address: key("foreign"), Addresses: numbered("stranger", 0, 200)}
	for name, c := range map[string]struct {
		accounts int
		tables   []txn.LookupTable
		want     []solana.PublicKey
	}{
		"none needed": {30, []txn.LookupTable{small, large}, nil},
		"one is enough": {45, []txn.LookupTable{small, large, other},
			[]solana.PublicKey{large.Address}},
		"in another order": {45, []txn.LookupTable{large, other, small},
			[]solana.PublicKey{large.Address}},
		"two are needed": {45, []txn.LookupTable{small, empty, foreign, other},
			[]solana.PublicKey{small.Address, other.Address}},
		"nothing in it": {45, []txn.LookupTable{empty, large},
			[]solana.PublicKey{large.Address}},
		"nothing of use":      {45, []txn.LookupTable{foreign, empty}, nil},
		"not enough together": {45, []txn.LookupTable{small}, nil},
		"the same twice": {45, []txn.LookupTable{large, large},
			[]solana.PublicKey{large.Address}},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan(key("payer"), readers(all[:c.accounts]...))
			p.Tables = c.tables
			u, err := p.Compile()
			if c.accounts == 45 && c.want == nil {
				require.ErrorIs(t, err, txn.ErrTransactionTooLarge)
				return
			}

			require.NoError(t, err)
			require.ElementsMatch(t, c.want, u.LookupTables())
			if len(c.want) > 0 {
				p.Versions = legacyIf(true)
				_, err = p.Compile()
				require.ErrorIs(t, err, txn.ErrTransactionTooLarge,
					"a transaction without a version has no tables")
			}
		})
	}
}

// TestLookupTable_Sign checks that the signed message and its size are those of
// the compiled one.
func TestLookupTable_Sign(t *testing.T) {
	payer := seeded(t, "payer")
	all := numbered("account", 0, 45)
	p := plan(payer.PublicKey(), readers(all...))
	p.Tables = []txn.LookupTable{{Address: key("table"), Addresses: all}}
	u := compile(t, p)
	signed, err := u.Sign(t.Context(), payer)
	require.NoError(t, err)
	require.Len(t, signed.Raw(), u.Size())
	require.Equal(t, []solana.PublicKey{payer.PublicKey()}, u.Signers())
	require.Equal(t, []solana.PublicKey{key("table")}, u.LookupTables())
	u.LookupTables()[0] = key("other")
	require.Equal(t, []solana.PublicKey{key("table")}, u.LookupTables(), "the caller has a copy")
	tx := decode(t, signed.Base64())
	require.NoError(t, tx.VerifySignatures())
}

// TestLookupTable_Limit checks that a transaction of exactly the maximum size
// uses no further table.
func TestLookupTable_Limit(t *testing.T) {
	const most = 1232
	first, second := numbered("first", 0, 20), numbered("second", 0, 10)
	with := func(padding int) txn.Plan {
		p := plan(key("payer"), readers(first...), readers(second...), step(make([]byte, padding)))
		p.Tables = []txn.LookupTable{{Address: key("one"), Addresses: first},
			{Address: key("two"), Addresses: second}}
		return p
	}

	u := compile(t, with(500))
	for padding, tables := range map[int]int{500 + most - u.Size(): 1,
		500 + most - u.Size() + 1: 2} {
		u := compile(t, with(padding))
		require.Len(t, u.LookupTables(), tables)
		require.LessOrEqual(t, u.Size(), most)
		if tables == 1 {
			require.Equal(t, most, u.Size())
		}
	}
}

// TestLookupTable_SameAddress checks that a table is not named if tables chosen
// later, with lower addresses, contain all of its accounts.
func TestLookupTable_SameAddress(t *testing.T) {
	all := numbered("account", 0, 46)
	at := func(from, to, more int) []solana.PublicKey {
		return append(append([]solana.PublicKey{}, all[from:to]...), all[more:more+4]...)
	}
	p := plan(key("payer"), readers(all...))
	p.Tables = []txn.LookupTable{
		{Address: solana.PublicKey{9}, Addresses: all[:10]},
		{Address: solana.PublicKey{1}, Addresses: at(0, 5, 10)},
		{Address: solana.PublicKey{2}, Addresses: at(5, 10, 20)},
	}

	want, err := upstreamPlan(t, p)
	require.NoError(t, err)
	require.Equal(t, []solana.PublicKey{{1}, {2}}, want.tables, "the first one has nothing left")
	requireSame(t, p, want, nil, compile(t, p), nil)
}
