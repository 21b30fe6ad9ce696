package txn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestPlan_CompileChoosesVersion compiles plans for wallets that take several
// formats: version 0 while it fits, then version 1, then lookup tables.
func TestPlan_CompileChoosesVersion(t *testing.T) {
	// The first plan has 40 accounts, which is 1,425 bytes in version 0. The
	// second has 70, more than version 1 can name.
	large := plan(key("payer"), step(nil, metasOf(38)...))
	wide := plan(key("payer"), step(nil, metasOf(68)...))
	huge := plan(key("payer"), step(make([]byte, 5_000)))
	table := []txn.LookupTable{{Address: key("table")}}
	for _, m := range metasOf(68) {
		table[0].Addresses = append(table[0].Addresses, m.PublicKey)
	}

	looked := func(p txn.Plan) txn.Plan {
		p.Tables = table
		return p
	}

	heap := plan(key("payer"), step(nil))
	heap.Budget.HeapSize = 65_536
	legacy, zero, one := txn.VersionLegacy, txn.Version0, txn.Version1
	for _, c := range []struct {
		name     string
		plan     txn.Plan
		versions []txn.Version
		want     txn.Version
		tables   bool
	}{
		{"small, any", plan(key("payer"), step(nil)), []txn.Version{one, zero, legacy}, zero,
			false},
		{"small, not 0", plan(key("payer"), step(nil)), []txn.Version{one, legacy}, legacy, false},
		{"small, only 1", plan(key("payer"), step(nil)), []txn.Version{one}, one, false},
		{"large, by default", looked(large), nil, zero, true},
		{"large, legacy and 0", looked(large), []txn.Version{legacy, zero}, zero, true},
		{"large, any", looked(large), []txn.Version{zero, one}, one, false},
		{"large, not 0", large, []txn.Version{legacy, one}, one, false},
		{"wide, any", looked(wide), []txn.Version{zero, one}, zero, true},
		{"only 1 holds its budget", heap, []txn.Version{zero, one}, one, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := in(c.plan, c.versions...)
			u, layout, err := p.CompileWith(nil)
			require.NoError(t, err)
			require.Equal(t, c.want, u.Version())
			require.Equal(t, c.tables, len(u.LookupTables()) > 0)
			again, kept, err := p.CompileWith(layout)
			require.NoError(t, err)
			require.Same(t, layout, kept)
			require.Equal(t, u.Message(), again.Message())
		})
	}

	for _, c := range []struct {
		plan     txn.Plan
		versions []txn.Version
		want     string
		fits     []txn.Version
	}{
		{large, nil, "1425 bytes, 193 over the limit of 1232 (allow version 1, which holds it, ",
			[]txn.Version{one}},
		{looked(large), []txn.Version{legacy},
			"(allow version 1, which holds it, allow version 0, ",
			[]txn.Version{zero, one}},
		{huge, []txn.Version{zero, one}, "over the limit of 4096 (leave out the memo, ", nil},
		{huge, nil, "over the limit of 1232 (leave out the memo, ", nil},
	} {
		_, err := in(c.plan, c.versions...).Compile()
		var large *txn.SizeError
		require.ErrorAs(t, err, &large)
		require.ErrorContains(t, err, c.want)
		require.Equal(t, c.fits, large.FitsIn, "%v", c.versions)
	}

	_, err := in(wide, zero, one).Compile()
	require.ErrorIs(t, err, txn.ErrTooManyAccounts, "the error of version 1, which holds more")
	require.ErrorContains(t, err, "70, at most 64 in version 1")
}
