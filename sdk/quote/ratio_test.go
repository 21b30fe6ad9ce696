package quote

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// number generates numbers of every size, with more numbers at both ends than a
// uniform distribution.
func number() *rapid.Generator[uint64] {
	return rapid.OneOf(
		rapid.Uint64(),
		rapid.Uint64Range(0, 3),
		rapid.Uint64Range(math.MaxUint64-3, math.MaxUint64),
		rapid.Custom(func(t *rapid.T) uint64 {
			return rapid.Uint64().Draw(t, "n") >> rapid.IntRange(0, 63).Draw(t, "shift")
		}),
	)
}

func toBig(n uint64) *big.Int { return new(big.Int).SetUint64(n) }

// product returns a product of a ratio that fails with ErrAmountTooLarge on
// overflow.
func product(of func(uint64) (uint64, bool)) func(uint64) (uint64, error) {
	return func(x uint64) (uint64, error) {
		got, ok := of(x)
		if !ok {
			return got, errTooLarge(fixed.ErrOverflow)
		}
		return got, nil
	}
}

// inverse returns an inverse of a ratio that fails with the error of its
// refusal.
func inverse(of func(uint64, *Refusal) (MinMax, bool)) func(uint64) (MinMax, error) {
	return func(y uint64) (MinMax, error) {
		var why Refusal
		got, ok := of(y, &why)
		if ok != why.IsZero() {
			panic("the refusal must be set if and only if there is no result")
		}
		return got, why.Err()
	}
}

// divided returns (a*b+c)/d, rounded down or up.
func divided(a, b uint64, c *big.Int, d uint64, up bool) *big.Int {
	sum := new(big.Int).Mul(toBig(a), toBig(b))
	sum.Add(sum, c)
	if up {
		sum.Add(sum, toBig(d-1))
	}
	return sum.Quo(sum, toBig(d))
}

// requireExact compares a result with the exact one. A result that does not fit
// in 64 bits must be refused.
func requireExact(t *rapid.T, want *big.Int, got uint64, err error) {
	if !want.IsUint64() {
		require.ErrorIs(t, err, ErrAmountTooLarge)
		return
	}
	require.NoError(t, err)
	require.Equal(t, want.Uint64(), got)
}

func requireRange(t *rapid.T, low, high *big.Int, got MinMax, err error) {
	if !low.IsUint64() || !high.IsUint64() {
		require.ErrorIs(t, err, ErrAmountTooLarge)
		return
	}
	require.NoError(t, err)
	require.Equal(t, MinMax{low.Uint64(), high.Uint64()}, got)
}

// TestRatio_AgainstBig compares ratios with the definitions of the two ratio
// libraries of the programs.
func TestRatio_AgainstBig(t *testing.T) {
	zero, largest := new(big.Int), toBig(math.MaxUint64)
	rapid.Check(t, func(t *rapid.T) {
		r := ratio{max(1, number().Draw(t, "n")), max(1, number().Draw(t, "d"))}
		x := number().Draw(t, "x")
		d := toBig(r.d)
		minusD := new(big.Int).Neg(d)

		got, err := product(r.floor)(x)
		requireExact(t, divided(x, r.n, zero, r.d, false), got, err)
		got, err = product(r.ceil)(x)
		requireExact(t, divided(x, r.n, zero, r.d, true), got, err)

		back, err := inverse(r.invertFloorWide)(x)
		requireRange(t, divided(r.d, x, zero, r.n, false), divided(r.d, x, d, r.n, true), back, err)
		back, err = inverse(r.invertCeilWide)(x)
		if x == 0 {
			requireRange(t, zero, zero, back, err)
		} else {
			requireRange(t, divided(r.d, x, minusD, r.n, false), divided(r.d, x, zero, r.n, true),
				back, err)
		}

		high := divided(r.d, x, d, r.n, true)
		high.Sub(high, big.NewInt(1))
		if high.Cmp(largest) > 0 {
			high = largest
		}

		back, err = inverse(r.invertFloor)(x)
		requireRange(t, divided(r.d, x, zero, r.n, true), high, back, err)
	})
}

// TestRatio_InverseByTrial calculates the results of all amounts up to a
// hundred. The inverses must contain the amounts, and the exact inverse no
// others.
func TestRatio_InverseByTrial(t *testing.T) {
	const most = 100
	rapid.Check(t, func(t *rapid.T) {
		r := ratio{rapid.Uint64Range(1, 20).Draw(t, "n"), rapid.Uint64Range(1, 20).Draw(t, "d")}
		made := map[uint64][]uint64{}
		ceils := map[uint64][]uint64{}
		for x := range uint64(most) {
			y, err := product(r.floor)(x)
			require.NoError(t, err)
			made[y] = append(made[y], x)
			up, err := product(r.ceil)(x)
			require.NoError(t, err)
			ceils[up] = append(ceils[up], x)
		}

		// Results of amounts up to most/2 are not results of larger amounts.
		limit, err := product(r.floor)(most / 2)
		require.NoError(t, err)
		for y := range limit {
			exact, err := inverse(r.invertFloor)(y)
			require.NoError(t, err)
			wide, err := inverse(r.invertFloorWide)(y)
			require.NoError(t, err)
			if from := made[y]; len(from) == 0 {
				require.Equal(t, exact.Max+1, exact.Min, "nothing makes %d", y)
			} else {
				require.Equal(t, MinMax{from[0], from[len(from)-1]}, exact)
				require.LessOrEqual(t, wide.Min, exact.Min)
				require.Equal(t, exact.Max+1, wide.Max)
			}

			wide, err = inverse(r.invertCeilWide)(y)
			require.NoError(t, err)
			if from := ceils[y]; len(from) > 0 {
				require.LessOrEqual(t, wide.Min, from[0])
				require.GreaterOrEqual(t, wide.Max, from[len(from)-1])
			}
		}
	})
}

func TestRatio_Edges(t *testing.T) {
	const most = math.MaxUint64
	for _, r := range []ratio{{0, 0}, {0, 1}, {1, 0}} {
		for _, multiply := range []func(uint64) (uint64, error){product(r.floor), product(r.ceil)} {
			got, err := multiply(most)
			require.NoError(t, err)
			require.Zero(t, got)
		}

		for _, invert := range []func(uint64) (MinMax, error){inverse(r.invertFloor),
			inverse(r.invertFloorWide), inverse(r.invertCeilWide)} {
			back, err := invert(0)
			require.NoError(t, err)
			require.Equal(t, MinMax{0, most}, back)
			back, err = invert(1)
			require.ErrorIs(t, err, ErrAmountTooLarge)
			require.Zero(t, back)
		}
	}

	for _, test := range []struct {
		name string
		ask  func(uint64) (MinMax, error)
		y    uint64
		want MinMax
		err  error
	}{
		{"one to one, wide", inverse(ratio{1, 1}.invertFloorWide), 5, MinMax{5, 6}, nil},
		{"one to one, exact", inverse(ratio{1, 1}.invertFloor), 5, MinMax{5, 5}, nil},
		{"one to one, of ceil", inverse(ratio{1, 1}.invertCeilWide), 5, MinMax{4, 5}, nil},
		{"largest, exact", inverse(ratio{1, 1}.invertFloor), most, MinMax{most, most}, nil},
		{"largest, wide", inverse(ratio{1, 1}.invertFloorWide), most, MinMax{}, ErrAmountTooLarge},
		{"largest, of ceil", inverse(ratio{1, 1}.invertCeilWide), most, MinMax{most - 1, most},
			nil},
		{"the high end stops at the largest number", inverse(ratio{1, 2}.invertFloor), most / 2,
			MinMax{most - 1, most}, nil},
		{"the low end is too large", inverse(ratio{1, 2}.invertFloor), most/2 + 1, MinMax{},
			ErrAmountTooLarge},
		{"only the high end is too large", inverse(ratio{1, 2}.invertFloorWide), most / 2, MinMax{},
			ErrAmountTooLarge},
		{"unreachable", inverse(ratio{2, 1}.invertFloor), 5, MinMax{3, 2}, nil},
		{"a pool with everything in one token", inverse(ratio{most, 1}.invertFloor), most,
			MinMax{1, 1}, nil},
		{"a pool with everything in one token, wide", inverse(ratio{most, 1}.invertFloorWide), most,
			MinMax{1, 2}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.ask(test.y)
			if test.err != nil {
				require.ErrorIs(t, err, test.err)
				return
			}

			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestErrAmountTooLarge_Overflow(t *testing.T) {
	require.NoError(t, errTooLarge(nil))
	require.ErrorIs(t, errTooLarge(fixed.ErrOverflow), ErrAmountTooLarge)
	require.ErrorIs(t, errTooLarge(fixed.ErrOverflow), fixed.ErrOverflow)
	require.Equal(t, ErrAmountTooLarge, errTooLarge(ErrAmountTooLarge))
}

// TestSmallestInput_Steps searches for steps of all sizes, with inputs at both
// ends that have no quote.
func TestSmallestInput_Steps(t *testing.T) {
	tooFew, tooMany := errors.New("too few"), errors.New("too many")
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]uint64{1, 2, 100, 1 << 62, math.MaxUint64}).Draw(t, "limit")
		step := max(1, number().Draw(t, "step"))
		few := number().Draw(t, "few") % step
		got, err := smallestInput(limit, func(n uint64) (bool, error) {
			require.NotZero(t, n)
			require.LessOrEqual(t, n, limit)
			if n <= few {
				return false, tooFew
			}

			return n >= step, nil
		})

		// The search doubles the input up to the last power of two below the
		// limit.
		if last := uint64(1) << (toBig(limit).BitLen() - 1); step > last {
			require.Error(t, err)
			require.Zero(t, got)
			return
		}

		require.NoError(t, err)
		require.Equal(t, step, got)
	})

	_, err := smallestInput(math.MaxUint64, func(uint64) (bool, error) { return false, tooMany })
	require.ErrorIs(t, err, tooMany)
	_, err = smallestInput(math.MaxUint64, func(uint64) (bool, error) { return false, nil })
	require.ErrorIs(t, err, ErrAmountTooLarge)
}
