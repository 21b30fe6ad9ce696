package txn_test

import (
	"encoding/binary"
	"math"
	"testing"

	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

func TestComputeBudget_Steps(t *testing.T) {
	limit := func(n uint32) []byte { return binary.LittleEndian.AppendUint32([]byte{2}, n) }
	price := func(n uint64) []byte { return binary.LittleEndian.AppendUint64([]byte{3}, n) }
	for _, c := range []struct {
		budget txn.ComputeBudget
		data   [][]byte
		words  []string
		fee    uint64
	}{
		{txn.ComputeBudget{}, nil, nil, 0},
		{txn.ComputeBudget{ComputeUnitLimit: 200_000}, [][]byte{limit(200_000)},
			[]string{"limit the transaction to 200000 compute units"}, 0},
		{txn.ComputeBudget{ComputeUnitPrice: 7}, [][]byte{price(7)},
			[]string{"pay a priority fee of 7 micro-lamports per compute unit"}, 0},
		{
			txn.ComputeBudget{ComputeUnitLimit: 3, ComputeUnitPrice: 1_000_000},
			[][]byte{limit(3), price(1_000_000)},
			[]string{"limit the transaction to 3 compute units",
				"pay a priority fee of 1000000 micro-lamports per compute unit"},
			3,
		},
	} {
		p := plan(key("payer"), step([]byte{9}))
		p.Budget = c.budget
		u := compile(t, p)
		require.Equal(t, c.budget, u.Budget())
		require.Equal(t, p.Lifetime, u.Lifetime())
		m := decode(t, u.Base64()).Message
		require.Len(t, m.Instructions, len(c.data)+1)
		for i, data := range c.data {
			require.Equal(t, computebudget.ProgramID, u.Programs()[i])
			require.Equal(t, data, []byte(m.Instructions[i].Data))
			require.Equal(t, c.words[i], u.Steps()[i].Description)
		}

		require.Equal(t, program, u.Programs()[len(c.data)])
		require.Equal(t, []byte{9}, []byte(m.Instructions[len(c.data)].Data))
		fee, err := u.NetworkFee()
		require.NoError(t, err)
		require.Equal(t, 5000+c.fee, fee)
	}
}

func TestComputeBudget_PriorityFee(t *testing.T) {
	for _, c := range []struct {
		limit uint32
		price uint64
		want  uint64
	}{
		{0, math.MaxUint64, 0},
		{200_000, 0, 0},
		{1, 1, 1},
		{1, 1_000_000, 1},
		{1, 1_000_001, 2},
		{200_000, 5, 1},
		{200_001, 5, 2},
		{1_400_000, 71_428, 100_000},
		{math.MaxUint32, 4_294_967_297_000_000, math.MaxUint64}, // (2^32-1)(2^32+1) = 2^64-1
	} {
		fee, err := txn.ComputeBudget{
			ComputeUnitLimit: c.limit,
			ComputeUnitPrice: c.price,
		}.PriorityFee()

		require.NoError(t, err)
		require.Equal(t, c.want, fee, "%d units at %d", c.limit, c.price)
	}

	_, err := txn.ComputeBudget{
		ComputeUnitLimit: math.MaxUint32,
		ComputeUnitPrice: math.MaxUint64,
	}.PriorityFee()

	require.Error(t, err, "more than there are lamports")
	p := plan(key("payer"), step(nil))
	p.Budget = txn.ComputeBudget{ComputeUnitLimit: math.MaxUint32, ComputeUnitPrice: math.MaxUint64}
	_, err = compile(t, p).NetworkFee()
	require.Error(t, err)
}

func TestComputeUnitPriceFor(t *testing.T) {
	require.Zero(t, txn.ComputeUnitPriceFor(100, 0))
	require.Equal(t, uint64(1_000_000), txn.ComputeUnitPriceFor(5, 5))
	require.Equal(t, uint64(math.MaxUint64), txn.ComputeUnitPriceFor(math.MaxUint64, 1))
	rapid.Check(t, func(t *rapid.T) {
		lamports := rapid.OneOf(rapid.Uint64Range(0, 1_000_000), rapid.Uint64()).Draw(t, "lamports")
		limit := rapid.OneOf(rapid.Uint32Range(1, 1_400_000), rapid.Uint32Min(1)).Draw(t, "limit")
		price := txn.ComputeUnitPriceFor(lamports, limit)
		fee, err := txn.ComputeBudget{
			ComputeUnitLimit: limit,
			ComputeUnitPrice: price,
		}.PriorityFee()

		require.NoError(t, err)
		require.LessOrEqual(t, fee, lamports)
		if price == math.MaxUint64 {
			return
		}

		fee, err = txn.ComputeBudget{
			ComputeUnitLimit: limit,
			ComputeUnitPrice: price + 1,
		}.PriorityFee()

		require.True(t, err != nil || fee > lamports, "one more would have been within the limit")
	})
}
