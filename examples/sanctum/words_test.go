package main

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

func TestFeeRate_Text(t *testing.T) {
	for rate, want := range map[string]string{
		"1/1000":             "0.10 %, 10 bps",
		"1200000/1000000000": "0.12 %, 12 bps",
		"50/100 of 8/10000":  "0.04 %, 4 bps",
		"1/3":                "33.3333 %, 3333.33 bps",
		"0/1":                "0.00 %, 0 bps",
		"1/1000000":          "0.0001 %, 0.01 bps",
		"by agreement":       "by agreement",
		"":                   "",
		"1/0":                "1/0",
	} {
		require.Equal(t, want, feeRate(rate), rate)
	}
}

func TestAPY_Text(t *testing.T) {
	require.Equal(t, "7.62 %", apy(big.NewRat(762, 10_000)))
	require.Equal(t, "0.00 %", apy(new(big.Rat)))
}

// TestReadable_Text converts sentences of the SDK for people.
func TestReadable_Text(t *testing.T) {
	const jito = "J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn"
	const other = "7GxhUAGrQqdEBbU1n9J5ULoY6nhPDhCpspcKvaRrGgp4"
	for _, test := range []struct{ text, want string }{
		{"withdraw 1206812332 lamports from " + other, "withdraw 1.206812332 SOL from " + other},
		{"the account for mint " + jito + ", unless", "the account for JitoSOL, unless"},
		{"no route to " + jito, "no route to JitoSOL"},
		{"the mint " + other, "the mint " + other},
		{"1500000000 of SOL, in lamports, at most 1400000000", "1.5 SOL, at most 1.4 SOL"},
		{
			"5 of stake, in lamports, at least 1000000000 wanted",
			"0.000000005 SOL of stake, at least 1 SOL of stake wanted",
		},
		{
			"1 of " + jito + ", at least 2000000000 wanted",
			"0.000000001 JitoSOL, at least 2 JitoSOL wanted",
		},
		{"1 of " + other + ", at most 2", "1 of " + other + ", at most 2"},
		{
			"99999999999999999999999 lamports are more than there can be",
			"99999999999999999999999 lamports are more than there can be",
		},
	} {
		require.Equal(t, test.want, readable(test.text, lst.Default()))
	}
}

func TestAge_Text(t *testing.T) {
	at := time.Date(2025, time.May, 27, 10, 0, 0, 0, time.UTC)
	for hours, want := range map[int]string{
		0:       "0 days old",
		23:      "0 days old",
		24:      "1 day old",
		24 * 30: "30 days old",
	} {
		require.Equal(t, want, age(at, at.Add(time.Duration(hours)*time.Hour)))
	}
}
