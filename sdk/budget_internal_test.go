package sdk

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestDistinct_OneLimit checks that limits are within their bounds and little
// more than needed, and distinguish all numbers of a span.
func TestDistinct_OneLimit(t *testing.T) {
	for _, c := range []struct {
		name   string
		b      bounds
		number uint64
		want   uint64
		rest   uint64
	}{
		{"the low bits", bounds{100, 1_000, 10_000, 16}, 0x13, 1_011, 1},
		{"needed already", bounds{100, 1_003, 10_000, 16}, 0x2b, 1_003, 2},
		{"one more turn", bounds{100, 1_003, 10_000, 16}, 0x2a, 1_018, 2},
		{"not over the most", bounds{100, 9_999, 10_000, 16}, 0x0f, 9_999, 0},
		{"downwards", bounds{100, 9_999, 10_000, 16}, 0x01, 9_985, 0},
		{"not below the least", bounds{9_998, 9_999, 10_000, 16}, 0x04, 9_999, 1},
		{"no choice", bounds{10_000, 10_000, 10_000, 16}, 0x07, 10_000, 7},
	} {
		limit, rest := distinct(c.b, c.number)
		require.Equal(t, c.want, limit, c.name)
		require.Equal(t, c.rest, rest, c.name)
	}

	rapid.Check(t, func(t *rapid.T) {
		most := uint64(maxUnitLimit)
		least := rapid.Uint64Range(1, most).Draw(t, "least")
		from := rapid.Uint64Range(least, most).Draw(t, "from")
		number := rapid.Uint64().Draw(t, "number")
		b := bounds{least: least, from: from, most: most, span: unitSpan}
		limit, _ := distinct(b, number)
		require.GreaterOrEqual(t, limit, least)
		require.LessOrEqual(t, limit, most)
		if from+unitSpan <= most {
			require.GreaterOrEqual(t, limit, from)
			require.Less(t, limit, from+unitSpan)
		}

		// The next transaction may need another limit.
		next := rapid.Uint64Range(1, unitSpan-1).Draw(t, "next")
		if b.least > most-unitSpan {
			return
		}

		b.from = rapid.Uint64Range(least, most).Draw(t, "from then")
		other, _ := distinct(b, number+next)
		require.NotEqual(t, limit, other)
	})
}

// TestDistinct_TwoLimits checks that two limits together distinguish as many
// transactions as their spans have values, also if one has no room.
func TestDistinct_TwoLimits(t *testing.T) {
	for _, units := range []bounds{
		{50_000, 55_000, maxUnitLimit, unitSpan},
		{1_390_000, maxUnitLimit, maxUnitLimit, unitSpan},
		{maxUnitLimit - 5, maxUnitLimit, maxUnitLimit, unitSpan},
		{maxUnitLimit, maxUnitLimit, maxUnitLimit, unitSpan},
	} {
		data := bounds{1 << 20, dataLimit(1<<20, false), maxDataLimit, dataPage}
		seen := make(map[[2]uint64]bool)
		const transactions = 10_000
		for number := range uint64(transactions) {
			first, rest := distinct(units, 1<<40+number)
			second, _ := distinct(data, rest)
			require.LessOrEqual(t, second, data.from+dataPage)
			seen[[2]uint64{first, second}] = true
		}

		require.Len(t, seen, transactions)
	}
}

// TestDataLimit_Bounds checks that the limit leaves room for growing accounts
// and does not exceed that of the network.
func TestDataLimit_Bounds(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		size    uint64
		durable bool
		want    uint64
	}{
		{1, false, 2*mib + 2},
		{mib, false, 4 * mib},
		{mib, true, 14 * mib},
		{31 * mib, false, 64 * mib},
		{32 * mib, false, 64 * mib},
		{64 * mib, true, 64 * mib},
		{1 << 63, false, 64 * mib},
		{^uint64(0), true, 64 * mib},
	} {
		require.Equal(t, c.want, dataLimit(c.size, c.durable), "%d, durable %t", c.size, c.durable)
	}
}

// TestSettle_Units checks that the compute unit limit of each transaction is at
// least that of the simulation plus a tenth, plus the cost of the limit on
// loaded data if that was not simulated.
func TestSettle_Units(t *testing.T) {
	memo, err := txn.Memo("text")
	require.NoError(t, err)
	plan := txn.Plan{
		Payer:    solana.PublicKey{1},
		Steps:    []txn.Step{memo},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}},
	}

	for _, c := range []struct {
		name string
		told simulated
		want uint32
	}{
		{"simulated with the limit", simulated{units: 50_000, dataSize: 1, limitedData: true},
			55_000},
		{"simulated without the limit", simulated{units: 50_000, dataSize: 1}, 55_150},
		{"without a limit", simulated{units: 50_000}, 55_000},
		{"not simulated", simulated{}, estimateUnits(plan)},
	} {
		least := uint32(maxUnitLimit)
		for range unitSpan {
			u, err := settle(plan, c.told, 0, PriorityFee{})
			require.NoError(t, err)
			least = min(least, u.Budget().ComputeUnitLimit)
		}

		require.Equal(t, c.want, least, c.name)
	}
}
