package quote_test

import (
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// pairFees has fees for only two tokens, in billionths: one as input, the other
// as output.
func pairFees(inp, out int32) quote.FlatSlab {
	return quote.FlatSlab{LPMint: infMint, Slab: slabOf(
		// The fees of the sides that a trade is not on must not count.
		accounts.FlatSlabEntry{Mint: key(1), InpFeeNanos: inp, OutFeeNanos: 77_000_000},
		accounts.FlatSlabEntry{Mint: key(2), InpFeeNanos: 88_000_000, OutFeeNanos: out},
		accounts.FlatSlabEntry{Mint: infMint, InpFeeNanos: inp, OutFeeNanos: out},
	)}
}

// TestFlatSlab_Prices has the vector of the program's source (999,999,999 at
// 100,000 billionths) and the rest by hand.
func TestFlatSlab_Prices(t *testing.T) {
	for _, test := range []struct {
		name                     string
		inp, out                 int32
		value, exactIn, exactOut uint64
	}{
		{"the source's", 60_000, 40_000, 999_999_999, 999_899_999, 1_000_100_010},
		{"no fee", 0, 0, 7, 7, 7},
		{"nothing", 1000, 0, 0, 0, 1},
		{"fee and rebate that cancel out", 50_000_000, -50_000_000, 123, 123, 123},
		{"a half", 500_000_000, 0, 5, 2, 11},
		// All values up to nine are worth nothing after a fee of 90 %; ten to
		// nineteen are worth one.
		{"the largest input", 900_000_000, 0, 1, 0, 19},
		{"1 SOL at 0.3 %", 5_000_000, -2_000_000, sol, 997_000_000, 1_003_009_028},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := pairFees(test.inp, test.out)
			fee, err := f.FeeNanos(key(1), key(2))
			require.NoError(t, err)
			require.Equal(t, int64(test.inp)+int64(test.out), fee)
			for _, ask := range []struct {
				by   func() (uint64, error)
				want uint64
			}{
				{func() (uint64, error) { return f.ExactIn(key(1), key(2), test.value) },
					test.exactIn},
				{func() (uint64, error) { return f.ExactOut(key(1), key(2), test.value) },
					test.exactOut},
				{func() (uint64, error) { return f.MintLP(key(1), test.value) }, test.exactIn},
				{func() (uint64, error) { return f.RedeemLP(key(2), test.value) }, test.exactIn},
			} {
				got, err := ask.by()
				require.NoError(t, err)
				require.Equal(t, ask.want, got)
			}

			// What the program promises of exact out: the input yields the
			// output value, and one more yields more.
			got, err := f.ExactIn(key(1), key(2), test.exactOut)
			require.NoError(t, err)
			require.Equal(t, test.value, got)
			got, err = f.ExactIn(key(1), key(2), test.exactOut+1)
			require.NoError(t, err)
			require.Greater(t, got, test.value)
		})
	}

	inp, out, err := pairFees(1, -2).SideFeeNanos(infMint)
	require.NoError(t, err)
	require.Equal(t, [2]int64{1, -2}, [2]int64{inp, out})
}

// TestFlatFee_Prices has fees of the dumps in igneous-labs/inf-1.5 and the rest
// by hand. Exact out is one unit wider than it would have to be.
func TestFlatFee_Prices(t *testing.T) {
	f := quote.FlatFee{LPMint: infMint, State: accounts.FlatFeeState{LPWithdrawalFeeBps: 20},
		Fees: dumpedFees()}
	f.Fees[key(1)] = accounts.FlatFeeAccount{InputFeeBps: -10, OutputFeeBps: 10_000}
	f.Fees[key(2)] = accounts.FlatFeeAccount{InputFeeBps: 10, OutputFeeBps: -30}
	for _, test := range []struct {
		name                     string
		inp, out                 solana.PublicKey
		fee                      int64
		value, exactIn, exactOut uint64
	}{
		{"wSOL for jupSOL", wsolMint, jupsolMint, 900_000, sol, 999_100_000, 1_000_900_812},
		{"mSOL for wSOL", msolMint, wsolMint, 3_200_000, 10_000, 9968, 10_034},
		{"stSOL for stSOL's fee only", stsolMint, stsolMint, 100_000, 10_000, 9999, 10_003},
		{"a rebate", key(1), key(2), -4_000_000, 10_000, 10_040, 9962},
		{"fee and rebate that cancel out", key(2), key(1), 1_001_000_000, 0, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.value == 0 {
				// 10 basis points and all are more than all.
				_, err := f.FeeNanos(test.inp, test.out)
				require.ErrorIs(t, err, quote.ErrFeeRange)
				return
			}

			fee, err := f.FeeNanos(test.inp, test.out)
			require.NoError(t, err)
			require.Equal(t, test.fee, fee)
			got, err := f.ExactIn(test.inp, test.out, test.value)
			require.NoError(t, err)
			require.Equal(t, test.exactIn, got)
			got, err = f.ExactOut(test.inp, test.out, test.value)
			require.NoError(t, err)
			require.Equal(t, test.exactOut, got)
		})
	}

	for value, want := range map[uint64]uint64{0: 0, 1: 0, 499: 498, 500: 499, 501: 499,
		1_328_909_402: 1_326_251_583} {
		got, err := f.RedeemLP(jupsolMint, value)
		require.NoError(t, err)
		require.Equal(t, want, got, "the fee on %d rounds up", value)
		got, err = f.MintLP(jupsolMint, value)
		require.NoError(t, err)
		require.Equal(t, value, got)
	}

	for mint, want := range map[solana.PublicKey][2]int64{infMint: {2_000_000, 0},
		msolMint: {2_000_000, 800_000}, key(1): {-1_000_000, 1_000_000_000}} {
		inp, out, err := f.SideFeeNanos(mint)
		require.NoError(t, err)
		require.Equal(t, want, [2]int64{inp, out})
	}

	for _, pair := range []struct {
		inp, out solana.PublicKey
		want     int64
	}{{wsolMint, infMint, 0}, {infMint, wsolMint, 2_000_000}} {
		fee, err := f.FeeNanos(pair.inp, pair.out)
		require.NoError(t, err)
		require.Equal(t, pair.want, fee)
	}
}

// pairFlatFees has fees for only two tokens, in basis points: one as input, the
// other as output.
func pairFlatFees(inp, out int16) quote.FlatFee {
	return quote.FlatFee{
		Fees: map[solana.PublicKey]accounts.FlatFeeAccount{
			key(1): {InputFeeBps: inp},
			key(2): {OutputFeeBps: out},
		},
	}
}

// pricingRefusalCase is a case of [TestPricing_Refusals].
type pricingRefusalCase struct {
	name     string
	pricing  quote.Pricing
	inp, out solana.PublicKey
	want     error
}

// pricingRefusalCases returns the cases of [TestPricing_Refusals].
func pricingRefusalCases() []pricingRefusalCase {
	return []pricingRefusalCase{
		{"flatslab, no input entry", pairFees(0, 0), key(3), key(2), quote.ErrNoFee},
		{"flatslab, no output entry", pairFees(0, 0), key(1), key(3), quote.ErrNoFee},
		{"flatslab, a net rebate", pairFees(1, -2), key(1), key(2), quote.ErrFeeRange},
		{"flatslab, above everything", pairFees(1_000_000_000, 1), key(1), key(2),
			quote.ErrFeeRange},
		{"flatslab, both everything", pairFees(1_000_000_000, 1_000_000_000), key(1), key(2),
			quote.ErrFeeRange},
		{"flat-fee, no input account", pairFlatFees(0, 0), key(3), key(2), quote.ErrNoFee},
		{"flat-fee, no output account", pairFlatFees(0, 0), key(1), key(3), quote.ErrNoFee},
		{"flat-fee, above everything", pairFlatFees(10_000, 1), key(1), key(2), quote.ErrFeeRange},
		{"flat-fee, more than 16 bits", pairFlatFees(math.MinInt16, 0), key(1), key(2),
			quote.ErrFeeRange},
	}
}

// TestPricing_Refusals: missing entries and fees that do not add up, on every
// path that needs them.
func TestPricing_Refusals(t *testing.T) {
	for _, test := range pricingRefusalCases() {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.pricing.ExactIn(test.inp, test.out, sol)
			require.ErrorIs(t, err, test.want)
			require.ErrorIs(t, err, quote.ErrDisabled)
			_, err = test.pricing.ExactOut(test.inp, test.out, sol)
			require.ErrorIs(t, err, test.want)
			_, err = test.pricing.FeeNanos(test.inp, test.out)
			require.ErrorIs(t, err, test.want)
		})
	}

	for _, pricing := range []quote.Pricing{pairFees(0, 0), pairFlatFees(0, 0)} {
		_, _, err := pricing.SideFeeNanos(key(3))
		require.ErrorIs(t, err, quote.ErrNoFee)
		require.ErrorContains(t, err, key(3).String())
	}

	tooMuch := quote.FlatFee{State: accounts.FlatFeeState{LPWithdrawalFeeBps: 10_001}}
	_, err := tooMuch.RedeemLP(key(1), 1)
	require.ErrorIs(t, err, quote.ErrInvalidState)
	all := quote.FlatFee{State: accounts.FlatFeeState{LPWithdrawalFeeBps: 10_000}}
	got, err := all.RedeemLP(key(1), 5)
	require.NoError(t, err)
	require.Zero(t, got)

	// A fee of everything gives nothing for anything, and nothing makes
	// something of it.
	for _, pricing := range []quote.Pricing{pairFees(1_000_000_000, 0), pairFlatFees(10_000, 0)} {
		got, err := pricing.ExactIn(key(1), key(2), math.MaxUint64)
		require.NoError(t, err)
		require.Zero(t, got)
		_, err = pricing.ExactOut(key(1), key(2), 1)
		require.ErrorIs(t, err, quote.ErrAmountTooLarge)
		got, err = pricing.ExactOut(key(1), key(2), 0)
		require.NoError(t, err)
		require.Equal(t, uint64(math.MaxUint64), got)
	}

	// Values that do not fit.
	for _, pricing := range []quote.Pricing{pairFees(500_000_000, 0), pairFlatFees(5000, 0)} {
		_, err := pricing.ExactOut(key(1), key(2), math.MaxUint64)
		require.ErrorIs(t, err, quote.ErrAmountTooLarge)
	}

	_, err = pairFlatFees(-10_000, 0).ExactIn(key(1), key(2), math.MaxUint64)
	require.ErrorIs(t, err, quote.ErrAmountTooLarge)
}
