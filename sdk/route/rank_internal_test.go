package route

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWorthwhile: two legs have to pay more than one quote by more than a base unit.
func TestWorthwhile(t *testing.T) {
	for _, c := range []struct {
		side       Side
		legs, than uint64
		worthwhile bool
	}{
		{ExactIn, 99, 100, false}, {ExactIn, 100, 100, false}, {ExactIn, 101, 100, false}, {ExactIn, 102, 100, true},
		{ExactOut, 101, 100, false}, {ExactOut, 100, 100, false}, {ExactOut, 99, 100, false}, {ExactOut, 98, 100, true},
		{ExactIn, math.MaxUint64, math.MaxUint64, false}, {ExactOut, math.MaxUint64, math.MaxUint64, false}, {ExactOut, 0, 0, false},
	} {
		legs := Quote{Request: Request{Side: c.side}, NetIn: c.legs, NetOut: c.legs}
		than := Quote{Request: Request{Side: c.side}, NetIn: c.than, NetOut: c.than}
		require.Equal(t, c.worthwhile, worthwhile(&legs, &than), "%+v", c)
	}
}
