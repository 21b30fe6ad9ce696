package route_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// largeMarket is a random market of many LSTs of SPL stake pools with INF, mSOL
// and stSOL, in the role of a chain.
type largeMarket struct {
	*figures.Market
	accounts map[solana.PublicKey]accounts.Account
}

// newLargeMarket returns a market with the given number of stake pools, and of
// validators in each.
func newLargeMarket(tb testing.TB, pools, validators int) *largeMarket {
	tb.Helper()
	embedded, err := demo.Load()
	require.NoError(tb, err)
	market, err := figures.RandomMarket(
		rand.New(rand.NewPCG(20261130, uint64(pools))),
		figures.MarketOptions{
			Chain:      embedded.Chain,
			Pools:      pools,
			Validators: validators,
			Version:    accounts.PoolStateV2,
			Pricing:    accounts.FlatSlabProgram,
		},
	)

	require.NoError(tb, err)
	c := &largeMarket{Market: market, accounts: make(map[solana.PublicKey]accounts.Account)}
	all, err := market.Accounts()
	require.NoError(tb, err)
	for _, a := range all {
		c.accounts[a.Address] = a
	}

	return c
}

// loader returns a loader of all tokens. With more than 100 pools it excludes
// stake: a market with stake is loaded pair by pair.
func (c *largeMarket) loader() *route.Loader {
	loader := route.NewLoader(c.Tokens...)
	if len(c.StakePools) > 100 {
		return loader.WithoutStake()
	}
	return loader
}

func (c *largeMarket) put(s *route.AccountSnapshot, needs []route.AccountRequest) {
	for _, n := range needs {
		a, ok := c.accounts[n.Address]
		if !ok {
			s.Accounts.PutMissing(n.Address)
			continue
		}

		if n.Length > 0 {
			a.Data = a.Data[:min(n.Length, len(a.Data))]
		}

		s.Accounts.Put(a)
	}
}

// first returns the snapshot after the first round.
func (c *largeMarket) first(loader *route.Loader) *route.AccountSnapshot {
	s := &route.AccountSnapshot{
		Accounts:          accounts.NewSet(c.Chain.Clock.Slot),
		MinimumDelegation: c.Chain.MinimumDelegation,
		Builds:            demo.Builds(),
	}
	c.put(s, loader.AccountsToLoad().Accounts)
	return s
}

// load returns the snapshot after both rounds.
func (c *largeMarket) load(tb testing.TB, loader *route.Loader) *route.AccountSnapshot {
	tb.Helper()
	s := c.first(loader)
	second, err := loader.AccountsToLoadNext(s)
	require.NoError(tb, err)
	c.put(s, second.Accounts)
	return s
}

// bestCase is a market for the tokens of a request.
type bestCase struct {
	name   string
	market func(from, to solana.PublicKey) *route.Market
	// one and other are LSTs of stake pools.
	one, other lst.LST
}

// small returns the embedded market, of the tokens of a request or of all
// tokens.
func small(b *testing.B, name string, all bool) bestCase {
	w := newStakeWorld(b)
	w.put(b)
	whole := append(w.tokens(b), w.token(b, mSOLName), w.token(b, stSOLs))
	return bestCase{
		name:  name,
		one:   w.token(b, source),
		other: w.token(b, target),
		market: func(from, to solana.PublicKey) *route.Market {
			var tokens []lst.LST
			for _, token := range whole {
				if all || token.Mint == from || token.Mint == to {
					tokens = append(tokens, token)
				}
			}

			loader, s := w.state(b, tokens...)
			m, err := loader.Build(s)
			require.NoError(b, err)

			return m
		},
	}
}

// large returns a market of many LSTs.
func large(b *testing.B, name string, pools, validators int) bestCase {
	c := newLargeMarket(b, pools, validators)
	loader := c.loader()
	m, err := loader.Build(c.load(b, loader))
	require.NoError(b, err)
	return bestCase{
		name:   name,
		one:    c.Tokens[3],
		other:  c.Tokens[4],
		market: func(solana.PublicKey, solana.PublicKey) *route.Market { return m },
	}
}

// BenchmarkBest measures the best route among 2, 18, 100 and 1,000 LSTs: to
// stake, to swap, to unstake, and to unstake mSOL, in both swap modes, served
// and refused. The pools of large markets have 5 or 5,000 validators.
func BenchmarkBest(b *testing.B) {
	for _, c := range []struct {
		name string
		make func(*testing.B, string) bestCase
	}{
		{"2", func(b *testing.B, name string) bestCase { return small(b, name, false) }},
		{"18", func(b *testing.B, name string) bestCase { return small(b, name, true) }},
		{"100", func(b *testing.B, name string) bestCase { return large(b, name, 100, 5) }},
		{"100x5000",
			func(b *testing.B, name string) bestCase { return large(b, name, 100, 5_000) }},
		{"1000", func(b *testing.B, name string) bestCase { return large(b, name, 1_000, 5) }},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkBest(b, c.make(b, c.name)) })
	}
}

// measure reports time, allocations, and CPU time, which a busy machine affects
// less.
func measure(b *testing.B, do func() error) {
	b.ReportAllocs()
	started := cpuTime()
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpuTime()-started)/float64(b.N), "cpu-ns/op")
}

func benchmarkBest(b *testing.B, c bestCase) {
	for _, pair := range []struct {
		name     string
		from, to solana.PublicKey
	}{
		{"stake", accounts.NativeMint, c.one.Mint},
		{"swap", c.one.Mint, c.other.Mint},
		{"unstake", c.one.Mint, accounts.NativeMint},
		{"msol", accounts.MSOLMint, accounts.NativeMint},
	} {
		m := c.market(pair.from, pair.to)
		for _, mode := range []route.SwapMode{route.ExactIn, route.ExactOut} {
			for _, served := range []bool{true, false} {
				// Staking serves any amount up to the supply of SOL.
				r := route.Request{
					From:    pair.from,
					To:      pair.to,
					Amount:  100 * sol,
					Options: route.Options{SwapMode: mode},
				}
				if !served {
					r.Amount = math.MaxUint64
				}

				name := fmt.Sprintf(
					"%s/%s/%s",
					pair.name,
					[...]string{"in", "out"}[mode],
					map[bool]string{true: "served", false: "refused"}[served],
				)

				b.Run(name, func(b *testing.B) {
					measure(b, func() error {
						_, err := m.Quote(r)
						if (err == nil) != served {
							return fmt.Errorf("served is %t: %v", !served, err)
						}

						return nil
					})
				})
			}
		}
	}
}

// BenchmarkLoad measures the steps of loading 10, 100 and 1,000 LSTs: the
// loader, the accounts of both rounds, and the market.
func BenchmarkLoad(b *testing.B) {
	for _, size := range []struct {
		name              string
		pools, validators int
	}{{"10", 10, 5}, {"100", 100, 5}, {"100x5000", 100, 5_000}, {"1000", 1_000, 5}} {
		b.Run(size.name, func(b *testing.B) {
			c := newLargeMarket(b, size.pools, size.validators)
			loader := c.loader()
			first, whole := c.first(loader), c.load(b, loader)
			for _, step := range []struct {
				name string
				do   func() error
			}{
				{"loader", func() error { c.loader(); return nil }},
				{"first", func() error { loader.AccountsToLoad(); return nil }},
				{"second", func() error { _, err := loader.AccountsToLoadNext(first); return err }},
				{"market", func() error { _, err := loader.Build(whole); return err }},
			} {
				b.Run(step.name, func(b *testing.B) {
					measure(b, step.do)
				})
			}
		})
	}
}
