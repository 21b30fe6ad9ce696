package route_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"runtime"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// BenchmarkGrowth measures how time and memory grow with the number of LSTs and
// of validators in each pool: to load a market with all venues, to find the
// best route in both swap modes, and to apply one changed account. Each time is
// also reported as a multiple of the time of an Ed25519 signature at that
// moment. docs/speed.md has the table.
func BenchmarkGrowth(b *testing.B) {
	for _, size := range []struct{ lsts, validators int }{
		{10, 10},
		{100, 10},
		{1_000, 10},
		{10, 1_000},
		{10, 10_000},
		{100, 1_000},
	} {
		b.Run(fmt.Sprintf("%dx%d", size.lsts, size.validators), func(b *testing.B) {
			c := newLargeMarket(b, size.lsts, size.validators)
			loader := route.NewLoader(c.Tokens...)
			whole := c.load(b, loader)
			m, err := loader.Build(whole)
			require.NoError(b, err)

			b.Run("load", func(b *testing.B) {
				inSignatures(b, func() error { _, err := loader.Build(whole); return err })
			})
			b.Run("memory", func(b *testing.B) { benchmarkMemory(b, loader, whole) })
			for mode, name := range []string{"in", "out"} {
				for _, pair := range c.pairs() {
					r := route.Request{
						From:    pair.from,
						To:      pair.to,
						Amount:  100 * sol,
						Options: route.Options{SwapMode: route.SwapMode(mode)},
					}

					b.Run(pair.name+"/"+name, func(b *testing.B) {
						inSignatures(b, func() error { _, err := m.Quote(r); return err })
					})
				}
			}

			b.Run("update", func(b *testing.B) { c.benchmarkUpdate(b, m) })
		})
	}
}

// tradedPair is a pair of tokens.
type tradedPair struct {
	name     string
	from, to solana.PublicKey
}

// pairs returns the most common pairs.
func (c *largeMarket) pairs() []tradedPair {
	one, other := c.Tokens[3].Mint, c.Tokens[4].Mint
	return []tradedPair{
		{"stake", accounts.NativeMint, one},
		{"swap", one, other},
		{"unstake", one, accounts.NativeMint},
	}
}

// benchmarkMemory measures the memory of a market without the accounts it was
// made of.
func benchmarkMemory(b *testing.B, loader *route.Loader, whole *route.AccountSnapshot) {
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		kept, err := loader.Build(whole)
		if err != nil {
			b.Fatal(err)
		}

		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(kept)
	}

	b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)), "market-bytes")
}

// benchmarkUpdate updates a stake pool whose data changes back and forth.
func (c *largeMarket) benchmarkUpdate(b *testing.B, m *route.Market) {
	pool := c.accounts[c.StakePools[0].Address]
	other := pool
	other.Data = bytes.Clone(pool.Data)
	const totalLamports = 258
	other.Data[totalLamports] ^= 1
	states, n := [2]accounts.Account{other, pool}, 0

	inSignatures(b, func() error {
		next, err := m.Updated(m.Slot()+1, states[n%2])
		m, n = next, n+1
		return err
	})
}

// inSignatures is measure with the time of a signature for comparison.
func inSignatures(b *testing.B, do func() error) {
	// The first request of a kind measures its transaction; exclude that.
	if err := do(); err != nil {
		b.Fatal(err)
	}

	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	message := make([]byte, 300)
	const signatures = 400
	started := cpuTime()
	for range signatures {
		ed25519.Sign(key, message)
	}

	signature := float64(cpuTime()-started) / signatures

	started = cpuTime()
	b.ResetTimer()
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}

	used := float64(cpuTime()-started) / float64(b.N)
	b.ReportMetric(used, "cpu-ns/op")
	b.ReportMetric(used/max(signature, 1), "signatures/op")
	b.ReportMetric(signature, "ns/signature")
}
