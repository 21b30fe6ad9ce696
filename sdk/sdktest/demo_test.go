package sdktest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
)

func TestDemo_Market(t *testing.T) {
	client, err := demoNode(t).Client()
	require.NoError(t, err)
	jito, err := client.Registry().Lookup("jitoSOL")
	require.NoError(t, err)
	market, err := client.LoadMarket(t.Context(), jito.Mint)
	require.NoError(t, err)
	require.Equal(t, uint64(793), market.Clock().Epoch)
	require.Equal(t, uint64(342792000), market.Slot())
	_, err = demoNode(t).Client(sdk.WithCommitment("nonsense"))
	require.Error(t, err, "options of the caller apply")
}
