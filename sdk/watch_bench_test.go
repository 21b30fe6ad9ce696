package sdk_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/feedtest"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// benchLSTs is the number of LSTs of the watched market.
const benchLSTs = 1_000

// watchBench is a watched market of many LSTs.
type watchBench struct {
	market  *figures.Market
	feed    *feedtest.Server
	watcher *sdk.Watcher
	tokens  []lst.LST
	pools   []accounts.Account
	slot    uint64
	rng     *rand.Rand
	// updates is the number of updates, and took the time for all of them.
	updates, took atomic.Int64
	// first is the slot in which the changes began.
	first uint64
	began time.Time
}

func newWatchBench(b *testing.B) *watchBench {
	b.Helper()
	embedded, err := demo.Load()
	require.NoError(b, err)
	rng := rand.New(rand.NewPCG(20261130, benchLSTs))
	market, err := figures.RandomMarket(rng, figures.MarketOptions{
		Chain:   embedded.Chain,
		Pools:   benchLSTs,
		Version: accounts.PoolStateV2,
		Pricing: accounts.FlatSlabProgram,
	})

	require.NoError(b, err)
	all, err := market.Accounts()
	require.NoError(b, err)

	w := &watchBench{
		market: market,
		feed:   feedtest.NewServer(),
		tokens: market.Tokens,
		slot:   embedded.Chain.Clock.Slot,
		rng:    rng,
	}

	byAddress := make(map[solana.PublicKey]accounts.Account, len(all))
	for _, a := range all {
		byAddress[a.Address] = a
	}

	for _, pool := range market.StakePools {
		w.pools = append(w.pools, byAddress[pool.Address])
	}

	node := sdktest.NewNode(w.slot, embedded.Chain.Clock.Epoch, all...)
	opts := []sdk.Option{sdk.WithHTTPClient(node)}
	for program, hash := range demo.Builds() {
		opts = append(opts, sdk.WithProgramBuild(program, hash))
	}

	client, err := sdk.New("http://node.invalid", opts...)
	require.NoError(b, err)
	w.watcher, err = client.Watch(b.Context(), route.NewLoader(w.tokens...).WithoutStake(),
		sdk.WatchOptions{
			WebSocket:      feedtest.URL,
			MaxConnections: 20,
			HTTPClient:     w.feed.Client(),
			Observer:       w,
			MaxAge:         -1,
			PollInterval:   time.Hour,
			ReloadInterval: time.Hour,
		})

	require.NoError(b, err)
	b.Cleanup(func() {
		require.NoError(b, w.watcher.Close())
		w.feed.Close()
	})

	loaded, err := w.watcher.Market()
	require.NoError(b, err)
	for w.feed.Subscribed() < len(loaded.Dependencies()) {
		time.Sleep(10 * time.Millisecond)
	}

	return w
}

// change notifies a random change of a random pool. A slot lasts 400 ms.
func (w *watchBench) change() {
	if passed := uint64(time.Since(w.began) / slotTime); w.began.IsZero() ||
		w.slot < w.first+passed {
		if w.began.IsZero() {
			w.began, w.first = time.Now(), w.slot
		}

		w.slot = w.first + uint64(time.Since(w.began)/slotTime) + 1
		w.feed.Advance(w.slot)
	}

	i := w.rng.IntN(len(w.pools))
	a := w.pools[i]
	a.Data = bytes.Clone(a.Data)
	const totalLamports = 258
	a.Data[totalLamports+1] ^= byte(1 + w.rng.IntN(255))
	w.pools[i] = a
	w.feed.Change(w.slot, a)
}

// BenchmarkWatcher_Visible measures the time from a notification to a quote of
// the market with it, among 1,000 LSTs, and the parts of it that are the update
// of the market and the quote.
func BenchmarkWatcher_Visible(b *testing.B) {
	w := newWatchBench(b)
	market, err := w.watcher.Market()
	require.NoError(b, err)
	request := route.Request{
		From:   accounts.NativeMint,
		To:     w.tokens[3].Mint,
		Amount: sol,
	}

	w.updates.Store(0)
	w.took.Store(0)
	var quoting time.Duration
	for b.Loop() {
		w.change()
		if market, err = w.watcher.Next(b.Context(), market); err != nil {
			b.Fatal(err)
		}

		began := time.Now()
		if _, err := market.Quote(request); err != nil {
			b.Fatal(err)
		}

		quoting += time.Since(began)
	}

	b.ReportMetric(float64(quoting.Nanoseconds())/float64(b.N), "quote-ns")
	b.ReportMetric(float64(w.took.Load())/float64(w.updates.Load()), "update-ns")
}

// ObserveWatch implements sdk.WatchObserver.
func (w *watchBench) ObserveWatch(e sdk.WatchEvent) {
	if e.Kind == sdk.WatchUpdated {
		w.updates.Add(1)
		w.took.Add(int64(e.Took))
	}
}

// BenchmarkWatcher_Readers measures how much 1,000 updates a second slow down
// eight readers at full speed: the quotes for each second of the processor,
// with updates and without.
func BenchmarkWatcher_Readers(b *testing.B) {
	w := newWatchBench(b)
	rates := [2]float64{}
	for b.Loop() {
		for range 4 {
			for i, updates := range []bool{false, true} {
				rates[i] += w.read(b, updates)
			}
		}
	}

	b.ReportMetric(rates[0]/rates[1], "slowdown")
	b.ReportMetric(rates[1]/4/float64(b.N), "quotes/cpu-s")
}

// read lets eight readers quote for half a second, and returns the quotes for
// each second of the processor.
func (w *watchBench) read(b *testing.B, updates bool) float64 {
	const readers, lasting = 8, 500 * time.Millisecond

	ctx, cancel := context.WithTimeout(b.Context(), lasting)
	defer cancel()
	var quotes atomic.Int64
	var group sync.WaitGroup
	began := cpuTime()
	for reader := range readers {
		request := route.Request{
			From:   accounts.NativeMint,
			To:     w.tokens[3+reader].Mint,
			Amount: sol,
		}

		group.Go(func() {
			for ctx.Err() == nil {
				market, err := w.watcher.Market()
				if err == nil {
					_, err = market.Quote(request)
				}

				if err != nil {
					b.Error(err)
					return
				}

				quotes.Add(1)
			}
		})
	}

	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	for ctx.Err() == nil {
		select {
		case <-ticks.C:
			if updates {
				w.change()
			}

		case <-ctx.Done():
		}
	}

	group.Wait()

	return float64(quotes.Load()) / (cpuTime() - began).Seconds()
}
