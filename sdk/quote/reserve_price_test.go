package quote_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// reservePrices returns the Reserve's prices by the names of their benchmarks.
func reservePrices(p *quote.ReservePrices, record uint64) map[string]priceFunc {
	return map[string]priceFunc{
		"in": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.Unstake(n, record, false, r)
			return ok
		},
		"out": func(n uint64, r *quote.Refusal) bool {
			_, ok := p.UnstakeExactOut(n, record, false, r)
			return ok
		},
	}
}

func BenchmarkReservePrice(b *testing.B) {
	reserve := mainReserve()
	benchmarkPrices(b, 100*sol, reservePrices(reserve.Prepare(), 0))
	b.Run("prepare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			reserve.Prepare()
		}
	})
}

// TestReservePrices_Allocations checks that no price allocates and that the
// brackets of all searches are correct.
func TestReservePrices_Allocations(t *testing.T) {
	missed := fixed.ReplaysMissed()
	for _, record := range []uint64{0, 1_000_000} {
		requireNoAllocations(t, 100*sol, reservePrices(mainReserve().Prepare(), record))
	}
	require.Equal(t, missed, fixed.ReplaysMissed())
}

// TestReservePrices_ExactOutIsSmallestInput compares the bracketed search for a
// stake account with the complete one, also near the limits of the pool.
func TestReservePrices_ExactOutIsSmallestInput(t *testing.T) {
	missed, answered := fixed.ReplaysMissed(), 0
	rapid.Check(t, func(t *rapid.T) {
		r := drawReserve(t)
		p := r.Prepare()
		record := rapid.SampledFrom([]uint64{0, 1_000_000, 10_000_000}).Draw(t, "record")
		referrer := rapid.Bool().Draw(t, "referrer")
		want := drawAmount(t, "want", r.Lamports)
		if rapid.Bool().Draw(t, "near the limit") {
			want = r.Lamports - min(want, r.Lamports)
		}

		got, ok := p.UnstakeExactOut(want, record, referrer, nil)
		in, err := fixed.SmallestInput(1<<62, func(in uint64) (bool, error) {
			u, err := r.Unstake(in, record, referrer)
			return u.Out >= want, err
		})

		require.Equal(t, err == nil && want > 0, ok, "%v", err)
		if !ok {
			return
		}

		answered++
		require.Equal(t, in, got.In)
		again, ok := p.Unstake(in, record, referrer, nil)
		require.True(t, ok)
		require.Equal(t, again, got)
	})

	require.Greater(t, answered, 20)
	require.Equal(t, missed, fixed.ReplaysMissed(), "a bracket is wrong")
}

// TestReservePrices_IsTheProgram compares the fee with the program's formula in
// math/big, also for numbers of more than 126 bits.
func TestReservePrices_IsTheProgram(t *testing.T) {
	long, answered := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := drawReserve(t)
		if rapid.Bool().Draw(t, "steep") {
			// A fee that rises very slowly needs long numbers.
			n := rapid.Uint64Range(1, 1<<40).Draw(t, "numerator")
			more := rapid.Uint64Range(4, 400).Draw(t, "more")
			r.Fee = accounts.ReserveFee{
				Kind:             accounts.ReserveFeeLiquidityLinear,
				MaxLiqRemaining:  accounts.Ratio{Numerator: n, Denominator: 1 << 41},
				ZeroLiqRemaining: accounts.Ratio{Numerator: n + more, Denominator: 1 << 41},
			}

			r.Lamports = max(r.Lamports, 1<<rapid.IntRange(40, 63).Draw(t, "size"))
			long++
		}

		in := max(1, drawAmount(t, "in", r.Lamports))
		u, ok := r.Prepare().Unstake(in, 0, false, nil)
		if !ok {
			return
		}

		answered++
		want := reserveFee(r, in, r.Lamports-u.RecordRent)
		require.Equal(t, want.String(), new(big.Int).SetUint64(u.Fee).String())
		require.Equal(t, in, u.Out+u.Fee)
	})

	require.Greater(t, long, 20)
	require.Greater(t, answered, 20)
}

// drawReserve returns a random Reserve, sometimes with extreme fees.
func drawReserve(t *rapid.T) quote.ReserveState {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	chain := figures.Chain{Clock: accounts.Clock{Epoch: epoch}, Rent: accounts.NewRent(6960)}
	r := figures.RandomReserve(rng).Quote(chain)
	if r.Fee.Kind != accounts.ReserveFeeFlat {
		switch rapid.IntRange(0, 4).Draw(t, "kind of fee") {
		case 0:
			r.Fee.MaxLiqRemaining.Numerator = 0
		case 1:
			r.Fee.ZeroLiqRemaining = accounts.Ratio{Numerator: 1, Denominator: 1}
		}
	}

	if rapid.Bool().Draw(t, "nothing comes in") {
		r.Pool.IncomingStake = 0
	}

	return r
}

// reserveFee calculates the fee of a sale as the program does, with twelve
// decimals: products and quotients are rounded by adding a half.
func reserveFee(r quote.ReserveState, lamports, liquidity uint64) *big.Int {
	one, half := big.NewInt(1_000_000_000_000), big.NewInt(500_000_000_000)
	whole := func(n uint64) *big.Int { return new(big.Int).Mul(new(big.Int).SetUint64(n), one) }
	mul := func(a, b *big.Int) *big.Int {
		n := new(big.Int).Mul(a, b)
		return n.Quo(n.Add(n, half), one)
	}

	div := func(a, b *big.Int) *big.Int {
		n := new(big.Int).Mul(a, one)
		return n.Quo(n.Add(n, half), b)
	}

	ratio := func(r accounts.Ratio) *big.Int {
		return div(whole(r.Numerator), whole(r.Denominator))
	}

	var rate *big.Int
	if r.Fee.Kind == accounts.ReserveFeeFlat {
		rate = ratio(r.Fee.Flat)
	} else {
		least := ratio(r.Fee.MaxLiqRemaining)
		slope := new(big.Int).Sub(ratio(r.Fee.ZeroLiqRemaining), least)
		owned := new(big.Int).Add(whole(r.Pool.IncomingStake), whole(liquidity))
		n := div(mul(owned, least), slope)
		n.Add(n, whole(r.Pool.IncomingStake)).Add(n, whole(lamports))
		d := div(owned, slope)
		rate = div(n, d.Add(d, whole(lamports)))
	}

	fee := mul(whole(lamports), rate)
	fee.Add(fee, one).Sub(fee, big.NewInt(1))

	return fee.Quo(fee, one)
}
