package sdk_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestClient_RoundTrips measures the number of round trips in a bubble in which
// only the latency of the node takes time.
func TestClient_RoundTrips(t *testing.T) {
	for name, trade := range map[string]struct{ from, to solana.PublicKey }{
		"stake":                         {accounts.NativeMint, mint(t, "JitoSOL")},
		"swap":                          {mint(t, "JupSOL"), mint(t, "picoSOL")},
		"unstake":                       {mint(t, "BNSOL"), accounts.NativeMint},
		"deposit whose balance matters": {accounts.NativeMint, accounts.MSOLMint},
		"delayed":                       {mint(t, "BNSOL"), route.NativeStake},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := demoNode(t)
				node.OnSimulate(succeeds(300_000))
				node.SetLatency(latency)
				client, _ := connect(t, node)
				start := time.Now()
				u, q, err := client.Swap(t.Context(), trade.from, trade.to, 10*sol,
					sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner}})
				require.NoError(t, err)
				require.Equal(t, 3*latency, time.Since(start),
					"cold: two rounds for the market, one for the simulation")

				// With market and blockhash loaded, only the simulation
				// remains, concurrently with the priority fees.
				lifetime := u.Lifetime()
				start = time.Now()
				again, err := client.Build(t.Context(), q,
					sdk.BuildOptions{Owner: owner, Lifetime: &lifetime})
				require.NoError(t, err)
				require.Equal(t, lifetime.Blockhash, again.Lifetime().Blockhash)
				want := latency
				if q.MinOutCheck == route.CheckedByBalance {
					want += latency // for the balance that the transaction checks
				}

				require.Equal(t, want, time.Since(start), "warm")
			})
		})
	}
}
