package quote_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/sdk/quote"
)

func TestProbe(t *testing.T) {
	forInfinities(t, func(t *rapid.T, i quote.Infinity, inp, out solana.PublicKey, count func()) {
		less := drawAmount(t, "amount", held(i, inp))
		_, err := i.Swap(inp, out, less)
		if err == nil {
			count()
		}
		require.NotNil(t, i.Pricing)
	})
}
