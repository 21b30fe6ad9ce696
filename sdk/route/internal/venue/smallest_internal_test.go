package venue

import (
	"errors"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

var (
	errLow  = errors.New("too little")
	errHigh = errors.New("too much")
)

// curve is a price function with rounding, costs and limits.
type curve struct {
	// The yield is (input - rent) * num / den - keeps, rounded down to a
	// multiple of step.
	num, den    uint64
	rent, keeps uint64
	step        uint64
	// bend is the input above which half of every further unit is lost.
	bend uint64
	// Inputs below low and above high are refused.
	low, high uint64
	// noise reports whether every other input loses a unit to rounding.
	noise bool
}

// yield returns the output for an input.
func (c curve) yield(input uint64) (uint64, error) {
	switch {
	case input < c.low:
		return 0, errLow
	case input > c.high:
		return 0, errHigh
	}

	worth := fixed.SaturatingSub(input, c.rent)
	if worth > c.bend {
		worth = c.bend + (worth-c.bend)/2
	}

	high, low := bits.Mul64(worth, c.num)
	if high >= c.den {
		return 0, errHigh
	}

	out, _ := bits.Div64(high, low, c.den)
	out = fixed.SaturatingSub(out, c.keeps)
	if c.noise && input%2 == 1 {
		out = fixed.SaturatingSub(out, 1)
	}

	return out - out%c.step, nil
}

// plain is the search that evaluates every step.
func plain(
	output uint64,
	yield func(uint64) (uint64, error),
) (input uint64, questions int, err error) {
	input, err = fixed.SmallestInput(maxLamports, func(input uint64) (bool, error) {
		questions++
		got, err := yield(input)
		return err == nil && got >= output, err
	})
	return input, questions, err
}

// requireSmallest compares a search with the plain one, and returns the number
// of evaluations of each.
func requireSmallest(
	t *testing.T,
	output uint64,
	yield func(uint64) (uint64, error),
) (asked, plainly int) {
	t.Helper()
	want, plainly, wantErr := plain(output, yield)
	got, err := smallestFor(output, func(input uint64) (uint64, error) {
		asked++
		return yield(input)
	})
	require.Equal(t, wantErr, err, "for %d", output)
	require.Equal(t, want, got, "for %d", output)
	require.LessOrEqual(t, asked, plainly+approaches+5, "for %d", output)
	return asked, plainly
}

// randomBits returns a random number with at most most bits.
func randomBits(rng *rand.Rand, most int) uint64 {
	return rng.Uint64() >> (64 - 1 - rng.IntN(most))
}

// randomCurve returns a random price function. One in four is unrealistic.
func randomCurve(rng *rand.Rand) curve {
	c := curve{
		num:   900_000_000 + rng.Uint64N(300_000_000),
		den:   1_000_000_000,
		rent:  rng.Uint64N(3) * 2_282_880,
		step:  1,
		bend:  math.MaxUint64,
		high:  math.MaxUint64,
		noise: rng.IntN(3) == 0,
	}
	if rng.IntN(4) == 0 {
		c.num, c.den = 1+randomBits(rng, 64)/2, 1+randomBits(rng, 64)/2
	}

	if rng.IntN(3) == 0 {
		c.step = 1 + randomBits(rng, 30)
		c.noise = false
	}

	if rng.IntN(3) == 0 {
		c.bend = randomBits(rng, 60)
	}

	if rng.IntN(3) == 0 {
		c.low = randomBits(rng, 40)
	}

	if rng.IntN(3) == 0 {
		c.high = c.low + randomBits(rng, 62)
	}

	if rng.IntN(3) == 0 {
		c.keeps = randomBits(rng, 40)
	}

	return c
}

// TestSmallestFor_AnswersAsAPlainSearch checks that the result and the refusal
// are those of the plain search, for prices with rounding, plateaus, bends and
// limits at both ends.
func TestSmallestFor_AnswersAsAPlainSearch(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 5))
	var found, refused int
	for range 20_000 {
		c := randomCurve(rng)
		output := 1 + randomBits(rng, 64)/2
		input, _, err := plain(output, c.yield)
		requireSmallest(t, output, c.yield)
		if err != nil {
			refused++
			continue
		}

		found++
		// An input shortly above the result is refused, so the search turns at
		// a refused input.
		c.high = input + randomBits(rng, 50)
		requireSmallest(t, output, c.yield)
	}

	t.Logf("%d found, %d refused", found, refused)
	require.Greater(t, found, 2_000)
	require.Greater(t, refused, 2_000)
}

// TestSmallestFor_AsksLittle checks that realistic prices need few evaluations.
// The plain search needs two per bit.
func TestSmallestFor_AsksLittle(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 6))
	var asked, plainly int
	const searches = 2_000
	for range searches {
		c := curve{
			num:  900_000_000 + rng.Uint64N(300_000_000),
			den:  1_000_000_000,
			rent: rng.Uint64N(2) * 2_282_880,
			step: 1,
			bend: math.MaxUint64,
			low:  rng.Uint64N(2) * 1_000_000,
			high: math.MaxUint64,
		}

		output := 1_000_000_000 + rng.Uint64N(1<<50)
		few, many := requireSmallest(t, output, c.yield)
		require.Less(t, few, 40)
		asked, plainly = asked+few, plainly+many
	}

	t.Logf("%d questions a search, %d plainly", asked/searches, plainly/searches)
	require.Less(t, 3*asked, plainly)
}

// TestSmallestFor_HostileAnswers checks that the search ends after at most some
// hundred evaluations and stays within its limit, whatever the yields are.
func TestSmallestFor_HostileAnswers(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 7))
	extremes := []uint64{0, 1, 2, 1 << 62, 1<<62 + 1, 1 << 63, math.MaxUint64 - 1, math.MaxUint64}
	for _, output := range extremes {
		for _, answer := range extremes {
			for _, yield := range []func(uint64) (uint64, error){
				func(uint64) (uint64, error) { return answer, nil },
				func(uint64) (uint64, error) { return answer, errHigh },
				func(input uint64) (uint64, error) { return input ^ answer, nil },
				func(input uint64) (uint64, error) { return math.MaxUint64 - input, nil },
				func(uint64) (uint64, error) { return rng.Uint64(), nil },
				func(input uint64) (uint64, error) {
					return randomBits(rng, 64), []error{nil, errLow}[input%2]
				},
			} {
				asked := 0
				input, err := smallestFor(output, func(input uint64) (uint64, error) {
					asked++
					return yield(input)
				})

				require.Less(t, asked, 200)
				if err == nil {
					require.LessOrEqual(t, input, uint64(maxLamports))
				}
			}
		}
	}
}

// FuzzSmallestFor compares the search with the plain one for any price
// function.
func FuzzSmallestFor(f *testing.F) {
	f.Add(uint64(5_000_000_000), uint64(1_100_000_000), uint64(1_000_000_000), uint64(2_282_880),
		uint64(1))
	f.Add(uint64(math.MaxUint64), uint64(1), uint64(1), uint64(0), uint64(1<<40))
	f.Fuzz(func(t *testing.T, output, num, den, rent, step uint64) {
		c := curve{
			num:  max(num, 1),
			den:  max(den, 1),
			rent: rent,
			step: max(step, 1),
			bend: math.MaxUint64,
			high: math.MaxUint64,
		}

		requireSmallest(t, max(output, 1), c.yield)
	})
}
