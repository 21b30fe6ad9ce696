//go:build !race

package sdk

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAccountsAnswer_Allocations bounds the allocations of an answer, whatever
// the number of accounts.
func TestAccountsAnswer_Allocations(t *testing.T) {
	for _, n := range []int{100, 1000} {
		result, keys := accountsResult(n)
		got := testing.AllocsPerRun(10, func() {
			_, fast, err := inOnePass(1, keys, result)
			require.True(t, fast)
			require.NoError(t, err)
		})
		require.LessOrEqual(t, got, 30.0)
	}
}
