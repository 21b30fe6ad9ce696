package accounts_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
)

// Rent exemption thresholds as IEEE 754 bits.
var (
	one = math.Float64bits(1)
	two = math.Float64bits(2)
)

// TestRent_MinimumBalance checks minimum balances on mainnet at 6,960 and 5,080
// lamports per byte, and at the last announced step. The older form of 6,960 is
// 3,480 with a threshold of two years.
func TestRent_MinimumBalance(t *testing.T) {
	for _, test := range []struct {
		space            uint64
		r6960, r5080, r6 uint64
	}{
		{0, 890_880, 650_240, 89_088},
		{16, 1_002_240, 731_520, 100_224},
		{82, 1_461_600, 1_066_800, 146_160},
		{165, 2_039_280, 1_488_440, 203_928},
		{200, 2_282_880, 1_666_240, 228_288},
		{240, 2_561_280, 1_869_440, 256_128},
		// The program data of Infinity, and the list, the pricing and the
		// calculator state of Reserve V2.
		{1_037_549, 7_222_231_920, (1_037_549 + 128) * 5080, (1_037_549 + 128) * 696},
		{160, 288 * 6960, 1_463_040, 288 * 696},
		{188, 316 * 6960, 1_605_280, 316 * 696},
		{40, 168 * 6960, 853_440, 168 * 696},
	} {
		for _, rent := range []struct {
			accounts.Rent
			want uint64
		}{
			{accounts.Rent{LamportsPerByte: 3480, ThresholdBits: two, BurnPercent: 50}, test.r6960},
			{accounts.Rent{LamportsPerByte: 6960, ThresholdBits: one}, test.r6960},
			{accounts.Rent{LamportsPerByte: 5080, ThresholdBits: one}, test.r5080},
			{accounts.Rent{LamportsPerByte: 696, ThresholdBits: one}, test.r6},
			{accounts.NewRent(5080), test.r5080},
		} {
			got, err := rent.MinimumBalance(test.space)
			require.NoError(t, err)
			require.Equal(t, rent.want, got, "%d bytes at %d", test.space, rent.LamportsPerByte)
		}
	}
}

func TestRent_MinimumBalanceFails(t *testing.T) {
	const largest = math.MaxUint64
	for _, test := range []struct {
		name  string
		rent  accounts.Rent
		space uint64
		want  string
	}{
		{"no threshold", accounts.Rent{LamportsPerByte: 3480}, 0,
			"unknown rent exemption threshold (update this module): bits 0x0"},
		{
			"other threshold",
			accounts.Rent{LamportsPerByte: 3480, ThresholdBits: math.Float64bits(1.5)}, 0,
			"unknown rent exemption threshold (update this module): bits 0x3ff8000000000000",
		},
		{
			"negative threshold",
			accounts.Rent{LamportsPerByte: 3480, ThresholdBits: math.Float64bits(-2)}, 0,
			"unknown rent exemption threshold (update this module): bits 0xc000000000000000",
		},
		{"space", accounts.NewRent(1), largest - 127, "arithmetic overflow"},
		{"rate", accounts.NewRent(largest / 127), 0, "arithmetic overflow"},
		{"threshold", accounts.Rent{LamportsPerByte: largest / 128, ThresholdBits: two}, 0,
			"arithmetic overflow"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.rent.MinimumBalance(test.space)
			require.EqualError(t, err, test.want)
			require.Zero(t, got)
		})
	}

	_, err := accounts.Rent{}.MinimumBalance(0)
	require.ErrorIs(t, err, accounts.ErrUnknownRent)

	got, err := accounts.NewRent(1).MinimumBalance(largest - 128)
	require.NoError(t, err)
	require.Equal(t, uint64(largest), got)
}
