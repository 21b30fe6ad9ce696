package instructions_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// builds returns instructions with few and with many accounts that derive no
// address.
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

// TestBuild_AllocatesOnce checks that Build needs one allocation if it derives
// no address.
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
