package sdk_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func TestPriorityFee_Percentile(t *testing.T) {
	ten := []uint64{100, 20, 90, 10, 30, 80, 40, 70, 50, 60}
	for _, c := range []struct {
		fees       []uint64
		percentile uint8
		want       uint64
	}{
		{ten, 0, 80}, // 75 %
		{ten, 1, 10},
		{ten, 10, 10},
		{ten, 11, 20},
		{ten, 50, 50},
		{ten, 75, 80},
		{ten, 100, 100},
		{[]uint64{7}, 1, 7},
		{[]uint64{7}, 100, 7},
		{[]uint64{0, 0, 0, 9}, 75, 0},
		{nil, 0, 0},
		{nil, 100, 0},
	} {
		node := demoNode(t)
		node.SetFees(c.fees...)
		node.OnSimulate(succeeds(50_000))
		client, _ := connect(t, node)
		u, err := client.Build(t.Context(), quoted(t, client),
			sdk.BuildOptions{Owner: owner, Priority: sdk.PriorityFee{Percentile: c.percentile}})
		require.NoError(t, err)
		require.Equal(t, c.want, u.Budget().ComputeUnitPrice, "%d %% of %v", c.percentile, c.fees)
		steps := 3
		if c.want > 0 {
			steps++
		}

		require.Len(t, u.Steps(), steps)
	}
}

func TestPriorityFee_Cap(t *testing.T) {
	for _, c := range []struct {
		name     string
		priority sdk.PriorityFee
		fees     []uint64
		want     uint64 // lamports
		asks     int
	}{
		{"default cap", sdk.PriorityFee{}, []uint64{1_000_000_000}, 100_000, 1},
		{"own cap", sdk.PriorityFee{MaxLamports: 700}, []uint64{1_000_000_000}, 700, 1},
		{"a lamport", sdk.PriorityFee{MaxLamports: 1}, []uint64{1_000_000_000}, 1, 1},
		{"below the cap", sdk.PriorityFee{}, []uint64{1_000_000}, 55_000, 1},
		{"nothing", sdk.PriorityFee{None: true}, []uint64{1_000_000_000}, 0, 0},
		{"a price of one's own", sdk.PriorityFee{ComputeUnitPrice: 200_000},
			[]uint64{1_000_000_000}, 11_000, 0},
		{"a price of one's own over the cap", sdk.PriorityFee{ComputeUnitPrice: 1 << 60}, nil,
			100_000, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			node.SetFees(c.fees...)
			limit := c.priority.MaxLamports
			if limit == 0 {
				limit = sdk.DefaultMaxPriorityLamports
			}

			node.OnSimulate(func(raw []byte) sdktest.Simulation {
				fee, err := budget(t, raw).PriorityFee()
				require.NoError(t, err)
				require.LessOrEqual(t, fee, limit, "the simulation does not exceed the cap")
				require.GreaterOrEqual(t, fee+1, min(c.want, limit),
					"and is at least the final fee")
				return sdktest.Simulation{Units: 50_000}
			})

			client, _ := connect(t, node)
			u, err := client.Build(t.Context(), quoted(t, client),
				sdk.BuildOptions{Owner: owner, Priority: c.priority})
			require.NoError(t, err)
			fee, err := u.Budget().PriorityFee()
			require.NoError(t, err)
			require.GreaterOrEqual(t, fee, c.want)
			require.LessOrEqual(t, fee, limit)
			require.LessOrEqual(t, fee, c.want+c.want*4096/55_000+1, "the bits that distinguish it")
			network, err := u.NetworkFee()
			require.NoError(t, err)
			require.Equal(t, 5_000+fee, network, "the shown fee is that of the bytes")
			require.Equal(t, c.asks, node.Calls("getRecentPrioritizationFees"))
		})
	}
}
