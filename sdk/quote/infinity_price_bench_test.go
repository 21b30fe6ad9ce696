package quote_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// largeInfinity returns a pool of wrapped SOL, mSOL, stSOL and the given number
// of stake pool LSTs. It holds 5000 tokens of each, with fees of some basis
// points.
func largeInfinity(t testing.TB, v variant, stakePools int) quote.InfinityState {
	rng := rand.New(rand.NewPCG(20261130, 0))
	chain := figures.Chain{
		Clock:             accounts.Clock{Epoch: epoch, Slot: drawnSlot},
		Rent:              accounts.NewRent(5080),
		MinimumDelegation: 1,
	}

	options := figures.InfinityOptions{
		Program: accounts.InfinityProgram,
		Version: v.version,
		Pricing: v.pricing,
		Slot:    drawnSlot,
	}

	programs := accounts.StakePoolPrograms()
	for n := range stakePools {
		p, err := figures.RandomStakePool(rng, programs[n%len(programs)], chain)
		require.NoError(t, err)
		p.State.StakeWithdrawalFee = accounts.Fee{Numerator: uint64(n % 3), Denominator: 1000}
		p.State.TotalLamports = 100_000*sol + uint64(n)*12_345
		p.State.PoolTokenSupply = 90_000*sol + uint64(n)*777
		options.StakePools = append(options.StakePools, p)
	}

	f, err := figures.RandomInfinity(rng, chain, options)
	require.NoError(t, err)

	states := figures.States(options.StakePools)
	total := uint64(0)
	for n := range f.Holdings {
		f.Holdings[n].Entry.IsInputDisabled = false
		f.Holdings[n].Reserves = 5000*sol + uint64(n)*1_000_003
	}

	for n, lst := range f.Quote(chain, drawnSlot, states).LSTs {
		worth, err := lst.Value.LSTToSOL(lst.Reserves)
		require.NoError(t, err, n)
		f.Holdings[lst.Index].Entry.SOLValue = worth.Min - 1
		total += worth.Min - 1
	}

	f.Pool.TotalSOLValue, f.LPMint.Supply = total, total/10*7
	if v.version == accounts.PoolStateV2 {
		f.Pool.WithheldLamports, f.Pool.ProtocolFeeLamports = total/5000, total/50_000
		f.Pool.LastReleaseSlot = drawnSlot - 100
	}

	if f.FlatSlab != nil {
		for n := range f.FlatSlab.Entries {
			f.FlatSlab.Entries[n].InpFeeNanos = int32(100_000 + n*1000)
			f.FlatSlab.Entries[n].OutFeeNanos = int32(200_000 + n*1000)
		}
	}

	if f.FlatFee != nil {
		for n := range f.FlatFee.Fees {
			f.FlatFee.Fees[n].Fee.InputFeeBps = int16(1 + n%5)
			f.FlatFee.Fees[n].Fee.OutputFeeBps = int16(2 + n%7)
		}
	}

	return f.Quote(chain, drawnSlot, states)
}

// benchmarked are the kinds of pools by the names of their benchmarks.
func benchmarked() map[string]variant {
	return map[string]variant{
		"v1/flatfee":  {accounts.PoolStateV1, accounts.FlatFeeProgram},
		"v1/flatslab": {accounts.PoolStateV1, accounts.FlatSlabProgram},
		"v2/flatfee":  {accounts.PoolStateV2, accounts.FlatFeeProgram},
		"v2/flatslab": {accounts.PoolStateV2, accounts.FlatSlabProgram},
	}
}

// asked is a trade by index.
type asked struct {
	inp, out int
	amount   uint64
}

// askedOf returns trades of 1 to 64 SOL between LSTs of stake pools.
func askedOf(p *quote.InfinityPrices) (all []asked) {
	for n := range 64 {
		all = append(all, asked{n % p.Len(), (n*7 + 3) % p.Len(), uint64(n+1)*sol + 7})
		if last := &all[n]; last.inp == last.out {
			last.out = (last.out + 1) % p.Len()
		}
	}
	return all
}

// ways are the price functions of the benchmarks.
func ways(i quote.InfinityState, p *quote.InfinityPrices) map[string]func(a asked) bool {
	mints := make([]solana.PublicKey, p.Len())
	for n := range mints {
		mints[n] = p.Mint(n)
	}

	lp := i.Pool.LPTokenMint
	return map[string]func(a asked) bool{
		"index": func(a asked) bool {
			_, ok := p.Swap(a.inp, a.out, a.amount, nil)
			return ok
		},
		"mint": func(a asked) bool {
			inp, _ := p.Index(mints[a.inp])
			out, _ := p.Index(mints[a.out])
			_, ok := p.Swap(inp, out, a.amount, nil)
			return ok
		},
		"out": func(a asked) bool {
			_, ok := p.SwapExactOut(a.inp, a.out, a.amount, nil)
			return ok
		},
		"inf": func(a asked) bool {
			inf, _ := p.Index(lp)
			_, ok := p.Swap(a.inp, inf, a.amount, nil)
			return ok
		},
		"inf/remove": func(a asked) bool {
			_, ok := p.Swap(quote.InfinityLP, a.out, a.amount, nil)
			return ok
		},
		"inf/out": func(a asked) bool {
			_, ok := p.SwapExactOut(a.inp, quote.InfinityLP, a.amount, nil)
			return ok
		},
		"inf/remove/out": func(a asked) bool {
			_, ok := p.SwapExactOut(quote.InfinityLP, a.out, a.amount, nil)
			return ok
		},
	}
}

func BenchmarkInfinityPrice(b *testing.B) {
	for name, v := range benchmarked() {
		i := largeInfinity(b, v, 100)
		p := i.Prepare()
		all := askedOf(p)
		for way, ask := range ways(i, p) {
			b.Run(fmt.Sprintf("%s/%s", name, way), func(b *testing.B) {
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					if !ask(all[n&63]) {
						b.Fatal("no price")
					}

					n++
				}
			})
		}

		b.Run(name+"/prepare", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				i.Prepare()
			}
		})

		b.Run(name+"/atslot", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				at := p.AtSlot(drawnSlot + 150)
				if at.Len() == 0 {
					b.Fatal("no tokens")
				}
			}
		})

		b.Run(name+"/words", func(b *testing.B) {
			b.ReportAllocs()
			inp, out := p.Mint(3), p.Mint(7)
			for b.Loop() {
				if _, err := i.Swap(inp, out, sol); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkInfinityAllPairs measures the prices of every LST in every other
// LST.
func BenchmarkInfinityAllPairs(b *testing.B) {
	for name, v := range benchmarked() {
		p := largeInfinity(b, v, 100).Prepare()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for inp := range p.Len() {
					for out := range p.Len() {
						if inp != out {
							_, _ = p.Swap(inp, out, sol, nil)
						}
					}
				}
			}
		})
	}
}
