package route_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route"
)

// BenchmarkPortable measures a quote's way to another process: writing and
// reading its JSON, and pricing its route again, by the shape of the route.
func BenchmarkPortable(b *testing.B) {
	market, quotes := portableQuotes(b)
	for _, shape := range []route.Shape{route.ShapeDirect, route.ShapeTwoHops,
		route.ShapeSplit} {
		var q route.Quote
		for i := range quotes {
			if quotes[i].Portable().Shape == shape {
				q = quotes[i]
			}
		}

		text, err := json.Marshal(q)
		require.NoError(b, err)
		p := q.Portable()
		b.Run("Marshal/"+string(shape), func(b *testing.B) {
			b.ReportAllocs()
			b.ReportMetric(float64(len(text)), "bytes")
			for b.Loop() {
				if _, err := json.Marshal(q); err != nil {
					b.Fatal(err)
				}
			}
		})

		b.Run("Unmarshal/"+string(shape), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := new(route.PortableQuote).UnmarshalJSON(text); err != nil {
					b.Fatal(err)
				}
			}
		})

		b.Run("Requote/"+string(shape), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := market.Requote(p); err != nil {
					b.Fatal(err)
				}
			}
		})

		b.Run("Quote/"+string(shape), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := market.Quote(q.Request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
