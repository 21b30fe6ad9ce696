package instructions_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// builds are instructions with few and with many accounts, whose addresses are
// all given.
func builds(t testing.TB) map[string]builder {
	t.Helper()
	pool, infinity := forms(stakePool(t)), controllerForms(t)
	return map[string]builder{
		"stake pool DepositSolWithSlippage": pool["DepositSolWithSlippage"],
		"stake pool WithdrawStake":          pool["WithdrawStake"],
		"stake pool UpdateStakePoolBalance": pool["UpdateStakePoolBalance"],
		"Infinity DisablePool":              infinity["DisablePool"],
		"Marinade Deposit":                  marinadeForms(routedMarinade)["Deposit"].ix,
	}
}

// TestBuild_AllocatesOnce: an instruction whose addresses are given is one
// allocation, with its accounts and its data.
func TestBuild_AllocatesOnce(t *testing.T) {
	for name, i := range builds(t) {
		got := testing.AllocsPerRun(100, func() { _, _ = i.Build() })
		require.LessOrEqual(t, got, 1.0, name)
	}
}

// BenchmarkBuild measures the instructions of TestBuild_AllocatesOnce.
func BenchmarkBuild(b *testing.B) {
	for name, i := range builds(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := i.Build()
				require.NoError(b, err)
			}
		})
	}
}
