package route_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route"
)

// FuzzPortableQuote reads any text as a portable quote and prices it. What is
// read is written and read again as the same, and its limits hold.
func FuzzPortableQuote(f *testing.F) {
	market, quotes := portableQuotes(f)
	for i, q := range quotes {
		if i%20 == 0 {
			text, err := json.Marshal(q)
			require.NoError(f, err)
			f.Add(text)
		}
	}

	f.Fuzz(func(t *testing.T, text []byte) {
		var p route.PortableQuote
		if err := p.UnmarshalJSON(text); err != nil {
			var wrong *route.PortableQuoteError
			require.ErrorAs(t, err, &wrong)
			require.Less(t, len(err.Error()), 1_000)
			return
		}

		again, err := json.Marshal(p)
		require.NoError(t, err)
		var read route.PortableQuote
		require.NoError(t, json.Unmarshal(again, &read))
		require.Equal(t, p, read)
		_ = p.String()

		q, err := market.Requote(p)
		if err != nil {
			return
		}

		require.Equal(t, p.Request.From, q.Request.From)
		require.Equal(t, p.Request.To, q.Request.To)
		require.Equal(t, p.Request.Amount, q.Request.Amount)
		require.True(t, q.Request.Recipient.IsZero(), "only the owner is paid")
		require.GreaterOrEqual(t, q.MinOut, p.MinOut)
		require.LessOrEqual(t, q.MaxIn, p.MaxIn)
		require.GreaterOrEqual(t, q.Out, q.MinOut)
		require.LessOrEqual(t, q.In, q.MaxIn)
	})
}
