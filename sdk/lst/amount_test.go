package lst_test

import (
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

func TestFormatAmount_Exact(t *testing.T) {
	for _, tt := range []struct {
		amount   uint64
		decimals uint8
		want     string
	}{
		{0, 0, "0"},
		{0, 9, "0"},
		{0, 255, "0"},
		{1, 0, "1"},
		{100, 0, "100"},
		{1, 9, "0.000000001"},
		{10, 9, "0.00000001"},
		{999_999_999, 9, "0.999999999"},
		{1_000_000_000, 9, "1"},
		{1_500_000_000, 9, "1.5"},
		{100_000_000_000, 9, "100"},
		{math.MaxUint64, 0, "18446744073709551615"},
		{math.MaxUint64, 9, "18446744073.709551615"},
		{math.MaxUint64, 19, "1.8446744073709551615"},
		{math.MaxUint64, 20, "0.18446744073709551615"},
		{math.MaxUint64, 21, "0.018446744073709551615"},
		{10_000_000_000_000_000_000, 19, "1"},
		{1, 255, "0." + strings.Repeat("0", 254) + "1"},
	} {
		require.Equal(t, tt.want, lst.FormatAmount(tt.amount, tt.decimals))
		require.Equal(t, tt.want, lst.LST{Decimals: tt.decimals}.Format(tt.amount))
		back, err := lst.ParseAmount(tt.want, tt.decimals)
		require.NoError(t, err)
		require.Equal(t, tt.amount, back)
	}
}

func TestParseAmount_Accepts(t *testing.T) {
	for _, tt := range []struct {
		input    string
		decimals uint8
		want     uint64
	}{
		{"1", 9, 1_000_000_000},
		{"1.5", 9, 1_500_000_000},
		{".5", 9, 500_000_000},
		{"007.50", 9, 7_500_000_000},
		{"0", 9, 0},
		{"0.0", 0, 0},
		{".0", 0, 0},
		{"1.0", 0, 1},
		{"0.000000001", 9, 1},
		{"0.0000000010000", 9, 1},
		{"0" + strings.Repeat("0", 1000) + "1", 9, 1_000_000_000},
		{"1." + strings.Repeat("0", 1000), 9, 1_000_000_000},
		{"0", 255, 0},
		{"." + strings.Repeat("0", 254) + "1", 255, 1},
		{"1", 19, 10_000_000_000_000_000_000},
		{"18446744073709551615", 0, math.MaxUint64},
		{"0018446744073.709551615000", 9, math.MaxUint64},
	} {
		got, err := lst.ParseAmount(tt.input, tt.decimals)
		require.NoError(t, err, "%q", tt.input)
		require.Equal(t, tt.want, got, "%q", tt.input)
	}
}

func TestParseAmount_Refuses(t *testing.T) {
	for _, tt := range []struct {
		input    string
		decimals uint8
		reason   error
		want     string
	}{
		{"", 9, lst.ErrAmountSyntax, "digits and at most one point"},
		{".", 9, lst.ErrAmountSyntax, ""},
		{"1.", 9, lst.ErrAmountSyntax, ""},
		{"..5", 9, lst.ErrAmountSyntax, ""},
		{"1.5.0", 9, lst.ErrAmountSyntax, ""},
		{"+1", 9, lst.ErrAmountSyntax, ""},
		{"-1", 9, lst.ErrAmountSyntax, ""},
		{"-0", 9, lst.ErrAmountSyntax, ""},
		{"1.-5", 9, lst.ErrAmountSyntax, ""},
		{" 1", 9, lst.ErrAmountSyntax, ""},
		{"1 ", 9, lst.ErrAmountSyntax, ""},
		{"1 000", 9, lst.ErrAmountSyntax, ""},
		{"1\n", 9, lst.ErrAmountSyntax, ""},
		{"1,5", 9, lst.ErrAmountSyntax, ""},
		{"1,000.25", 9, lst.ErrAmountSyntax, ""},
		{"1_000.25", 9, lst.ErrAmountSyntax, ""},
		{"1e9", 9, lst.ErrAmountSyntax, ""},
		{"0x10", 9, lst.ErrAmountSyntax, ""},
		{"NaN", 9, lst.ErrAmountSyntax, ""},
		{"Inf", 9, lst.ErrAmountSyntax, ""},
		{"1/2", 9, lst.ErrAmountSyntax, ""},
		{"١", 9, lst.ErrAmountSyntax, ""},
		{"１", 9, lst.ErrAmountSyntax, ""},
		{"1\xff", 9, lst.ErrAmountSyntax, ""},
		{"1.5", 0, lst.ErrAmountPrecision, "0 allowed"},
		{"0.0000000001", 9, lst.ErrAmountPrecision, "9 allowed"},
		{"99999999999999999999.00000000010", 9, lst.ErrAmountPrecision, "9 allowed"},
		{"." + strings.Repeat("0", 255) + "1", 255, lst.ErrAmountPrecision, "255 allowed"},
		{"18446744073709551616", 0, lst.ErrAmountOverflow, "at most 18446744073709551615"},
		{"18446744073.709551616", 9, lst.ErrAmountOverflow, "at most 18446744073.709551615"},
		{"184467440737.09551615", 9, lst.ErrAmountOverflow, ""},
		{"1.8446744073709551616", 19, lst.ErrAmountOverflow, "at most 1.8446744073709551615"},
		{"1", 20, lst.ErrAmountOverflow, "at most 0.18446744073709551615"},
		{"1", 255, lst.ErrAmountOverflow, ""},
		{strings.Repeat("9", 1000), 9, lst.ErrAmountOverflow, "(1000 bytes)"},
	} {
		for _, parse := range []func(string) (uint64, error){
			func(s string) (uint64, error) { return lst.ParseAmount(s, tt.decimals) },
			lst.LST{Decimals: tt.decimals}.Parse,
		} {
			got, err := parse(tt.input)
			require.Zero(t, got, "%q", tt.input)
			requireAmountError(t, err, tt.input, tt.decimals)
			require.ErrorIs(t, err, tt.reason, "%q", tt.input)
			require.ErrorContains(t, err, tt.want, "%q", tt.input)
		}
	}
}

func TestParseAmount_InvertsFormatAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Uint64().Draw(t, "amount")
		decimals := rapid.Uint8().Draw(t, "decimals")
		s := lst.FormatAmount(amount, decimals)
		back, err := lst.ParseAmount(s, decimals)
		require.NoError(t, err)
		require.Equal(t, amount, back, s)
		require.NotRegexp(t, `^$|^\.|\.$|\..*0$|^0\d`, s, "not in shortest form")
	})
}

func TestParseAmount_AgreesWithRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9]{0,22}(\.[0-9]{0,22})?|[-+0-9._e ]{0,8}`).Draw(t, "s")
		requireParsesAsRational(t, s, rapid.Uint8Range(0, 24).Draw(t, "decimals"))
	})
}

func FuzzParseAmount(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string, decimals uint8) {
		if len(s) > 4096 {
			t.Skip("slow for the rationals, not for ParseAmount")
		}
		requireParsesAsRational(t, s, decimals)
	})
}

var grammar = regexp.MustCompile(`^(\d+|\d*\.\d+)$`)

// requireParsesAsRational compares ParseAmount with its definition: the
// rational number s times 10^decimals, if that is a uint64.
func requireParsesAsRational(t require.TestingT, s string, decimals uint8) {
	got, err := lst.ParseAmount(s, decimals)
	if err != nil {
		require.Zero(t, got)
		requireAmountError(t, err, s, decimals)
	}

	if !grammar.MatchString(s) {
		require.ErrorIs(t, err, lst.ErrAmountSyntax)
		return
	}

	exact, ok := new(big.Rat).SetString(s)
	require.True(t, ok)
	exact.Mul(exact,
		new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)))
	switch {
	case !exact.IsInt():
		require.ErrorIs(t, err, lst.ErrAmountPrecision)
	case !exact.Num().IsUint64():
		require.ErrorIs(t, err, lst.ErrAmountOverflow)
	default:
		require.NoError(t, err)
		require.Equal(t, exact.Num().Uint64(), got)
	}
}

func requireAmountError(t require.TestingT, err error, input string, decimals uint8) {
	var amount *lst.AmountError
	require.ErrorAs(t, err, &amount)
	require.ErrorIs(t, err, lst.ErrAmount)
	require.Equal(t, input, amount.Input)
	require.Equal(t, decimals, amount.Decimals)
	require.NotContains(t, err.Error(), "\n")
	require.Less(t, len(err.Error()), 512)
}
