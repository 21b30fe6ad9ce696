package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const pricesTool = tool("prices")

// TestPrices_Table compares the prices with the figures of the pools: lamports
// divided by supply, less the withdrawal fee for the floor.
func TestPrices_Table(t *testing.T) {
	out, err := pricesTool.run(t)
	require.NoError(t, err)
	containsAll(
		t,
		out,
		"19 LSTs at slot 342792000 (epoch 793)\n",
		"  INF        8.29 %  1.452469 SOL\n",
		"  JitoSOL    7.62 %  1.205735 SOL  1.204529 SOL             10 bps\n",
		"  phaseSOL           1.017345 SOL                                   not updated since epoch 647\n",
		"220 more LSTs of the list are not in this market.\n",
	)
}

func TestPrices_JSON(t *testing.T) {
	out, err := pricesTool.run(t, "-json")
	require.NoError(t, err)
	var list priceList
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Equal(t, uint64(342_792_000), list.Slot)
	require.Len(t, list.LSTs, 19)
	require.Len(t, list.Missing, 220)
	require.Equal(t, "INF", list.LSTs[0].Symbol, "the highest yield first")
	require.Equal(t, "0.082879", list.LSTs[0].APY)

	byName := make(map[string]lstPrice)
	for _, p := range list.LSTs {
		byName[p.Symbol] = p
	}

	jito := byName["JitoSOL"]
	require.Equal(t, lookup(t, "jitoSOL").Mint.String(), jito.Mint)
	require.Equal(t, [3]string{"1.205735188", "1.204529452", "0.000402425"},
		[3]string{jito.Price, jito.Floor, jito.Growth})
	require.True(t, byName["phaseSOL"].Stale)
	require.Empty(t, byName["phaseSOL"].APY)
	require.Equal(t, "1.297435839", byName["mSOL"].Price)
}

func TestPrices_CSV(t *testing.T) {
	out, err := pricesTool.run(t, "-csv")
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 20)
	require.Equal(t, []string{
		"symbol", "mint", "price_sol", "floor_sol", "growth", "apy", "stale", "note", "slot",
	}, rows[0])
	require.Equal(t, []string{"INF", "5oVNBeEEQvYi1cX3ir8Dx5n1P7pdxydbGF2X4TxVusJm"}, rows[1][:2])
}

func TestPrices_Picture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "prices.svg")
	out, err := pricesTool.run(t, "-svg", path)
	require.NoError(t, err)
	require.Empty(t, out)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	picture := string(raw)
	for _, want := range []string{"JitoSOL", "7.62 %", `viewBox="0 0 320 `,
		"Yield not known: phaseSOL"} {
		require.Contains(t, picture, want)
	}

	require.Equal(t, 16, strings.Count(picture, `class="rail"`))
	checkColours(t, picture)
}

func TestPrices_NoSuchFolder(t *testing.T) {
	_, err := pricesTool.run(t, "-svg", filepath.Join(t.TempDir(), "missing", "prices.svg"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
