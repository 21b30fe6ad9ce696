package sdk_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// largePool returns a node with an Infinity pool of 100 LSTs besides SOL, mSOL
// and stSOL, and their registry entries.
func largePool(t *testing.T, pricing solana.PublicKey) (*sdktest.Node, []lst.LST) {
	rng := rand.New(rand.NewPCG(20261121, 0))
	embedded, err := demo.Load()
	require.NoError(t, err)
	chain := embedded.Chain
	kinds := map[solana.PublicKey]lst.Kind{
		accounts.StakePoolProgram:             lst.KindSPL,
		accounts.SanctumStakePoolProgram:      lst.KindSanctumSPL,
		accounts.SanctumMultiStakePoolProgram: lst.KindSanctumSPLMulti,
	}

	options := figures.InfinityOptions{
		Program: accounts.InfinityProgram,
		Version: accounts.PoolStateV2,
		Pricing: pricing,
		Slot:    chain.Clock.Slot,
		Calculators: map[solana.PublicKey]solana.PublicKey{
			accounts.StakePoolProgram:             accounts.SPLCalculator,
			accounts.SanctumStakePoolProgram:      accounts.SanctumSPLCalculator,
			accounts.SanctumMultiStakePoolProgram: accounts.SanctumSPLMultiCalculator,
		},
		UpgradeSlots: make(map[solana.PublicKey]uint64),
	}

	all := chain.Accounts()
	var tokens []lst.LST
	for _, mint := range []solana.PublicKey{accounts.INFMint, accounts.MSOLMint,
		accounts.StSOLMint} {
		token, err := lst.Default().ByMint(mint)
		require.NoError(t, err)
		tokens = append(tokens, token)
	}

	programs := accounts.StakePoolPrograms()
	for i := range 100 {
		pool, err := figures.RandomStakePool(rng, programs[i%len(programs)], chain)
		require.NoError(t, err)
		options.StakePools = append(options.StakePools, pool)
		made, err := pool.Accounts(chain.Rent)
		require.NoError(t, err)
		all = append(all, made...)
		tokens = append(tokens, lst.LST{
			Symbol:        "x" + pool.State.PoolMint.String()[:8],
			Name:          "X",
			Mint:          pool.State.PoolMint,
			Decimals:      9,
			TokenProgram:  accounts.TokenProgram,
			Kind:          kinds[pool.Program],
			Program:       pool.Program,
			Pool:          pool.Address,
			ValidatorList: pool.State.ValidatorList,
		})
	}

	for _, program := range append(programs, accounts.MarinadeProgram, accounts.LidoProgram) {
		address, err := accounts.ProgramDataAddress(program)
		require.NoError(t, err)
		data := make([]byte, accounts.ProgramDataHeaderSize)
		copy(data, accounts.ProgramData{}.Encode())
		all = append(all,
			accounts.Account{Address: address, Owner: accounts.UpgradeableLoader, Data: data})
	}

	infinity, err := figures.RandomInfinity(rng, chain, options)
	require.NoError(t, err)
	made, err := infinity.Accounts(chain.Rent)
	require.NoError(t, err)

	return sdktest.NewNode(chain.Clock.Slot, chain.Clock.Epoch, append(all, made...)...), tokens
}

// TestClient_LoadMarket_AllPairs loads a pool of 100 LSTs in two rounds of
// requests and quotes all its pairs from that one market.
func TestClient_LoadMarket_AllPairs(t *testing.T) {
	for name, pricing := range map[string]solana.PublicKey{"FlatFee": accounts.FlatFeeProgram,
		"FlatSlab": accounts.FlatSlabProgram} {
		t.Run(name, func(t *testing.T) {
			node, tokens := largePool(t, pricing)
			node.SetLatency(50 * time.Millisecond)
			var market *route.Market
			synctest.Test(
				t,
				func(t *testing.T) { // a bubble, so that concurrent requests overlap
					client, err := node.Client()
					require.NoError(t, err)
					market, err = client.LoadMarketTokens(t.Context(), tokens...)
					require.NoError(t, err)
				},
			)

			require.LessOrEqual(t, node.Rounds(), 2)
			t.Logf("%d requests in %d rounds", node.Calls("*"), node.Rounds())
			mints := []solana.PublicKey{accounts.NativeMint}
			for _, token := range tokens {
				mints = append(mints, token.Mint)
			}

			asked, quoted := 0, 0
			for _, from := range mints {
				for _, to := range mints {
					if from == to {
						continue
					}

					asked++
					quotes, rejected := market.Quotes(route.Request{
						From:    from,
						To:      to,
						Amount:  sol,
						Options: route.Options{SlippageBps: 10, OnlyDirectRoutes: true},
					})

					require.NotEmpty(t, len(quotes)+len(rejected))
					if len(quotes) > 0 {
						quoted++
					}
				}
			}

			require.Equal(t, 104*103, asked)
			// Disabled inputs, rebates without a price and empty reserves have
			// no quote.
			require.Greater(t, quoted, asked/2)
			t.Logf("%d of %d pairs have a quote", quoted, asked)
		})
	}
}
