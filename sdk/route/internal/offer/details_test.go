package offer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
)

func TestDetails_GuardBalance(t *testing.T) {
	d := offer.Details{Conditions: []string{"one"}}
	d.GuardBalance(accounts.TokenProgram)
	require.Equal(t, accounts.TokenProgram, d.TokenProgram)
	require.Len(t, d.Conditions, 2)
	require.Contains(t, d.Conditions[1], "the program has no minimum output")
}

func TestFeeRate(t *testing.T) {
	require.Equal(t, "0", offer.FeeRate(accounts.Fee{}))
	require.Equal(t, "1/1000", offer.FeeRate(accounts.Fee{Numerator: 1, Denominator: 1000}))
}
