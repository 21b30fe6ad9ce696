package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

var barPattern = regexp.MustCompile(
	`<rect class="(\w+)" x="[0-9]+" y="[0-9]+" width="([0-9]+)" height="7"`,
)

// checkColours checks that a picture is well-formed, that each colour of a bar
// is explained and defined for light and dark pages, and that no bar is empty.
func checkColours(t *testing.T, picture string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(picture)); ; {
		if _, err := d.Token(); err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
	}

	bars := barPattern.FindAllStringSubmatch(picture, -1)
	require.NotEmpty(t, bars)
	for _, bar := range bars {
		require.NotEqual(t, "0", bar[2])
		if bar[1] != "rail" {
			require.Contains(t, picture, `<rect class="`+bar[1]+`" x="`)
			require.Regexp(t, `<rect class="`+bar[1]+`" [^>]*height="10"`, picture, "a legend")
		}

		require.Equal(t, 2, strings.Count(picture, "."+bar[1]+"{fill:"), "light and dark")
	}
}

// TestDrawPool_EveryColour draws a pool with tokens of each status.
func TestDrawPool_EveryColour(t *testing.T) {
	third := big.NewRat(1, 3)
	p := &route.InfinityPool{Tokens: []route.InfinityToken{
		{
			Token: lst.LST{Symbol: "A&B"},
			Share: third,
		},
		{
			Token:  lst.LST{Symbol: "B"},
			Share:  third,
			Listed: accounts.LSTState{IsInputDisabled: true},
		},
		{
			Token:       lst.LST{Symbol: "C"},
			Share:       third,
			Unavailable: errors.New("closed"),
		},
	}}

	var out strings.Builder
	require.NoError(t, drawPool(&out, p))
	checkColours(t, out.String())
	for _, want := range []string{"traded both ways", "paid out only", "not tradable now",
		"A&amp;B"} {
		require.Contains(t, out.String(), want)
	}

	require.NotContains(t, out.String(), "Less than")
}
