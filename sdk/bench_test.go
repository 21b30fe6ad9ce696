package sdk_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// warmTrades are the trades of [BenchmarkWarm], by symbols. All but the last are
// by single venues.
var warmTrades = []struct {
	name, from, to string
	direct         bool
}{
	{"stake", "", "bSOL", true},
	{"swap", "mSOL", "hSOL", true},
	{"unstake", "bSOL", "", true},
	{"best", "hSOL", "mSOL", false},
}

// warm is a client that asks nothing, and a market of the embedded accounts.
type warm struct {
	client *sdk.Client
	market *route.Market
	signer *txn.KeySigner
	opts   sdk.BuildOptions
}

func newWarm(t testing.TB) warm {
	t.Helper()
	node, err := sdktest.Demo()
	require.NoError(t, err)
	client, err := node.Client()
	require.NoError(t, err)
	signer, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	var mints []solana.PublicKey
	for _, symbol := range []string{"bSOL", "hSOL", "mSOL"} {
		token, err := client.Registry().Lookup(symbol)
		require.NoError(t, err)
		mints = append(mints, token.Mint)
	}
	market, err := client.Market(t.Context(), mints...)
	require.NoError(t, err)
	return warm{
		client: client,
		market: market,
		signer: signer,
		opts: sdk.BuildOptions{
			Owner:          signer.PublicKey(),
			Lifetime:       &txn.Lifetime{Blockhash: solana.Hash{7}, LastValidBlockHeight: 1000},
			Priority:       sdk.PriorityFee{UnitPrice: 1000},
			SkipSimulation: true,
			SkipPayerCheck: true,
		},
	}
}

// request is that of a trade of the benchmark.
func (w warm) request(t testing.TB, from, to string, direct bool) route.Request {
	t.Helper()
	mint := func(symbol string) solana.PublicKey {
		if symbol == "" {
			return accounts.NativeMint
		}
		token, err := w.client.Registry().Lookup(symbol)
		require.NoError(t, err)
		return token.Mint
	}
	return route.Request{
		From:        mint(from),
		To:          mint(to),
		Amount:      10_000_000_000,
		SlippageBps: 10,
		Direct:      direct,
	}
}

// BenchmarkWarm is the time from a request to a signed transaction in a market
// that is loaded, beside a bare signature.
func BenchmarkWarm(b *testing.B) {
	w := newWarm(b)
	ctx := b.Context()
	for _, trade := range warmTrades {
		request := w.request(b, trade.from, trade.to, trade.direct)
		b.Run(trade.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q, err := w.market.Quote(request)
				if err != nil {
					b.Fatal(err)
				}
				unsigned, err := w.client.Build(ctx, q, w.opts)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := unsigned.Sign(ctx, w.signer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("ed25519", func(b *testing.B) {
		_, private, err := ed25519.GenerateKey(nil)
		require.NoError(b, err)
		message := make([]byte, 500)
		for b.Loop() {
			ed25519.Sign(private, message)
		}
	})
}

// BenchmarkQuote is the part of [BenchmarkWarm] from a request to a quote.
func BenchmarkQuote(b *testing.B) {
	w := newWarm(b)
	for _, trade := range warmTrades {
		request := w.request(b, trade.from, trade.to, trade.direct)
		b.Run(trade.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.market.Quote(request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBuild is the part of [BenchmarkWarm] from a quote to a transaction
// that is not signed.
func BenchmarkBuild(b *testing.B) {
	w := newWarm(b)
	for _, trade := range warmTrades {
		q, err := w.market.Quote(w.request(b, trade.from, trade.to, trade.direct))
		require.NoError(b, err)
		b.Run(trade.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.client.Build(b.Context(), q, w.opts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSteps is the part of [BenchmarkBuild] that makes instructions.
func BenchmarkSteps(b *testing.B) {
	w := newWarm(b)
	parties := route.Parties{
		Owner:     w.signer.PublicKey(),
		Payer:     w.signer.PublicKey(),
		Seed:      "seed",
		Held:      new(uint64),
		Addresses: accounts.NewAddresses(100),
	}
	for _, trade := range warmTrades {
		q, err := w.market.Quote(w.request(b, trade.from, trade.to, trade.direct))
		require.NoError(b, err)
		b.Run(trade.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := q.Steps(parties); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
