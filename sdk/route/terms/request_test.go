package terms_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

func TestSwapMode_String(t *testing.T) {
	require.Equal(t, "exact in", terms.ExactIn.String())
	require.Equal(t, "exact out", terms.ExactOut.String())
	require.Equal(t, "SwapMode(7)", terms.SwapMode(7).String())
}
