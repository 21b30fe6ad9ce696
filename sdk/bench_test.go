package sdk_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// warmTrades are the trades of [BenchmarkWarm], by symbols. All but the last
// use a single venue.
var warmTrades = []struct {
	name, from, to string
	direct         bool
}{
	{"stake", "", "bSOL", true},
	{"swap", "mSOL", "INF", true},
	{"unstake", "bSOL", "", true},
	{"best", "hSOL", "mSOL", false},
}

// warm is a client that makes no requests, and a market of the embedded
// accounts.
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
	for _, symbol := range []string{"bSOL", "hSOL", "mSOL", "INF"} {
		token, err := client.Registry().Lookup(symbol)
		require.NoError(t, err)
		mints = append(mints, token.Mint)
	}

	market, err := client.LoadMarket(t.Context(), mints...)
	require.NoError(t, err)

	return warm{
		client: client,
		market: market,
		signer: signer,
		opts: sdk.BuildOptions{
			Owner:          signer.PublicKey(),
			Lifetime:       &txn.Lifetime{Blockhash: solana.Hash{7}, LastValidBlockHeight: 1000},
			Priority:       sdk.PriorityFee{ComputeUnitPrice: 1000},
			SkipSimulation: true,
			SkipPayerCheck: true,
		},
	}
}

// request returns the request of a trade.
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
		From:    mint(from),
		To:      mint(to),
		Amount:  10_000_000_000,
		Options: route.Options{SlippageBps: 10, OnlyDirectRoutes: direct},
	}
}

// BenchmarkWarm measures the time from a request to a signed transaction in a
// loaded market, and compares it with a signature of the same message.
func BenchmarkWarm(b *testing.B) {
	w := newWarm(b)
	ctx := b.Context()
	for _, trade := range warmTrades {
		request := w.request(b, trade.from, trade.to, trade.direct)
		b.Run(trade.name, func(b *testing.B) {
			var message []byte
			inSignatures(b, &message, func() error {
				q, err := w.market.Quote(request)
				if err != nil {
					return err
				}

				unsigned, err := w.client.Build(ctx, q, w.opts)
				if err != nil {
					return err
				}

				if message == nil {
					message = unsigned.Message()
				}

				_, err = unsigned.Sign(ctx, w.signer)

				return err
			})
		})
	}
}

// signaturesPerRound is the number of operations after which the same number of
// signatures is measured, so that both run under the same conditions.
const signaturesPerRound = 100

// inSignatures reports the processor time of an operation, also as a multiple
// of a signature of the message, or of 500 bytes if the message is nil.
func inSignatures(b *testing.B, message *[]byte, measured func() error) {
	b.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(b, err)
	short := make([]byte, 500)
	if message == nil {
		message = &short
	}

	b.ReportAllocs()

	var used, bare time.Duration
	begun, done := cpuTime(), 0
	round := func() {
		b.StopTimer()
		between := cpuTime()
		for range done {
			ed25519.Sign(private, *message)
		}

		ended := cpuTime()
		used, bare = used+between-begun, bare+ended-between
		begun, done = ended, 0
		b.StartTimer()
	}

	for b.Loop() {
		if err := measured(); err != nil {
			b.Fatal(err)
		}

		if done++; done == signaturesPerRound {
			round()
		}
	}

	round()
	b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(used)/float64(bare), "signatures/op")
}

// BenchmarkQuote measures the part of [BenchmarkWarm] from a request to a
// quote.
func BenchmarkQuote(b *testing.B) {
	w := newWarm(b)
	for _, trade := range warmTrades {
		request := w.request(b, trade.from, trade.to, trade.direct)
		b.Run(trade.name, func(b *testing.B) {
			inSignatures(b, nil, func() error {
				_, err := w.market.Quote(request)
				return err
			})
		})
	}
}

// BenchmarkBuild measures the part of [BenchmarkWarm] from a quote to an
// unsigned transaction.
func BenchmarkBuild(b *testing.B) {
	w := newWarm(b)
	for _, trade := range warmTrades {
		q, err := w.market.Quote(w.request(b, trade.from, trade.to, trade.direct))
		require.NoError(b, err)
		b.Run(trade.name, func(b *testing.B) {
			inSignatures(b, nil, func() error {
				_, err := w.client.Build(b.Context(), q, w.opts)
				return err
			})
		})
	}
}

// BenchmarkSteps measures the part of [BenchmarkBuild] that makes instructions.
func BenchmarkSteps(b *testing.B) {
	w := newWarm(b)
	parties := route.BuildParams{
		Owner:             w.signer.PublicKey(),
		Payer:             w.signer.PublicKey(),
		Seed:              "seed",
		PreBalance:        new(uint64),
		Addresses:         accounts.NewAddresses(100),
		DeferDescriptions: true,
	}

	for _, trade := range warmTrades {
		q, err := w.market.Quote(w.request(b, trade.from, trade.to, trade.direct))
		require.NoError(b, err)
		b.Run(trade.name, func(b *testing.B) {
			inSignatures(b, nil, func() error {
				_, err := q.Steps(parties)
				return err
			})
		})
	}
}
