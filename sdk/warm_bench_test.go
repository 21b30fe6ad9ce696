package sdk_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// BenchmarkWarm is the time from a request to a signed transaction where
// everything else is known: the market is loaded, the blockhash fetched, and the
// node is not asked. Beside it is one signature of as many bytes; "signatures"
// is the first over the second, measured in the same run.
func BenchmarkWarm(b *testing.B) {
	node := demoNode(b)
	client, err := node.Client()
	require.NoError(b, err)
	var tokens []lst.LST
	for _, symbol := range []string{"hSOL", "JupSOL", "mSOL", "INF"} {
		token, err := client.Registry().Lookup(symbol)
		require.NoError(b, err)
		tokens = append(tokens, token)
	}
	market, err := client.MarketOf(b.Context(), tokens...)
	require.NoError(b, err)
	one, other := tokens[0].Mint, tokens[1].Mint

	for _, c := range []struct {
		name     string
		from, to solana.PublicKey
		direct   bool
	}{
		{"stake", accounts.NativeMint, one, true},
		{"swap", one, other, true},
		{"unstake", one, accounts.NativeMint, true},
		{"best", one, accounts.NativeMint, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := route.Request{
				From:        c.from,
				To:          c.to,
				Amount:      sol,
				SlippageBps: 30,
				Direct:      c.direct,
			}
			warm(b, client, market, r)
		})
	}
}

func warm(b *testing.B, client *sdk.Client, market *route.Market, r route.Request) {
	signer, err := txn.GenerateKeySigner()
	require.NoError(b, err)
	held := txn.Lifetime{
		Blockhash:            solana.Hash{1},
		LastValidBlockHeight: 1 << 40,
		Slot:                 market.Slot(),
	}
	options := sdk.BuildOptions{
		Owner:          signer.PublicKey(),
		Lifetime:       &held,
		Priority:       sdk.PriorityFee{UnitPrice: 1_000},
		SkipSimulation: true,
		SkipPayerCheck: true,
	}
	whole := func() []byte {
		q, err := market.Quote(r)
		if err != nil {
			b.Fatal(err)
		}
		unsigned, err := client.Build(b.Context(), q, options)
		if err != nil {
			b.Fatal(err)
		}
		signed, err := unsigned.Sign(b.Context(), signer)
		if err != nil {
			b.Fatal(err)
		}
		return signed.Raw()
	}

	message := make([]byte, len(whole()))
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(b, err)
	const signatures = 2_000
	started := time.Now()
	for range signatures {
		ed25519.Sign(key, message)
	}
	alone := float64(time.Since(started).Nanoseconds()) / signatures
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		whole()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/alone, "signatures")
}
