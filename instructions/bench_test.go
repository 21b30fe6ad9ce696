package instructions_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkBuild builds instructions with few and with many accounts.
func BenchmarkBuild(b *testing.B) {
	pool := forms(stakePool(b))
	infinity := controllerForms(b)
	for name, i := range map[string]builder{
		"stake pool DepositSolWithSlippage": pool["DepositSolWithSlippage"],
		"stake pool WithdrawStake":          pool["WithdrawStake"],
		"stake pool UpdateStakePoolBalance": pool["UpdateStakePoolBalance"],
		"Infinity DisablePool":              infinity["DisablePool"],
		"Marinade Deposit":                  marinadeForms(routedMarinade)["Deposit"].ix,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := i.Build()
				require.NoError(b, err)
			}
		})
	}
}
