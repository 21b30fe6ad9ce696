package main

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The figures are those of the command sanctum for the same market.
func TestRun_EmbeddedMarket(t *testing.T) {
	t.Setenv("SANCTUM_RPC", "")
	output := func(args ...string) string {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out, args...))
		return out.String()
	}

	table := strings.Split(strings.TrimSpace(output()), "\n")
	require.Len(t, table, 20)
	require.Equal(t, "INF         1.452469077   0.0829  5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm",
		table[1])

	rows, err := csv.NewReader(strings.NewReader(output("-csv"))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"symbol", "mint", "price_sol", "apy"}, rows[0])
	require.Len(t, rows, 20)

	var decoded [][]string
	require.NoError(t, json.Unmarshal([]byte(output("-json")), &decoded))
	require.Equal(t, rows, decoded)
	require.Equal(t, "0.0829", rows[1][3])

	var picture struct {
		Bars  []struct{} `xml:"rect"`
		Names []string   `xml:"text"`
	}
	require.NoError(t, xml.Unmarshal([]byte(output("-svg")), &picture))
	require.Len(t, picture.Bars, 19)
	require.Equal(t, "INF", picture.Names[0])
}

func TestRun_BadEndpoint(t *testing.T) {
	t.Setenv("SANCTUM_RPC", "ftp://host")
	var out strings.Builder
	require.Error(t, run(t.Context(), &out))
	require.Empty(t, out.String())
}
