package sdk

import (
	"errors"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestInputSearch_Within checks that the last quote of a search is within the
// room that its own costs leave. In each case the room depends on the input.
func TestInputSearch_Within(t *testing.T) {
	errLast := errors.New("no amount is served")
	for _, test := range []struct {
		name  string
		rooms map[uint64]uint64
		want  uint64
		err   error
	}{
		{name: "within", rooms: map[uint64]uint64{100: 100}, want: 100},
		{name: "above, then within", rooms: map[uint64]uint64{100: 90, 90: 95}, want: 90},
		{name: "the smaller amount costs more", want: 85,
			rooms: map[uint64]uint64{100: 90, 90: 85, 85: 85}},
		{name: "no room", rooms: map[uint64]uint64{100: 0}, err: errLast},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s inputSearch
			got, err := s.within(route.Quote{In: 100},
				func(q *route.Quote) (uint64, error) { return test.rooms[q.In], nil },
				func(limit uint64, _ route.Venue) (route.Quote, error) {
					if limit == 0 {
						return route.Quote{}, errLast
					}

					return route.Quote{In: limit}, nil
				})

			require.ErrorIs(t, err, test.err)
			require.Equal(t, test.want, got.In)
		})
	}
}

// TestInputSearch_WithinNothing checks that a search ends where each amount
// costs more than the one before left room for.
func TestInputSearch_WithinNothing(t *testing.T) {
	s := inputSearch{held: 50, opts: BuildOptions{Owner: solana.PublicKey{1}}}
	_, err := s.within(route.Quote{In: 1 << 40},
		func(q *route.Quote) (uint64, error) { return q.In - 1, nil },
		func(limit uint64, _ route.Venue) (route.Quote, error) {
			return route.Quote{In: limit}, nil
		})
	var cannot *PayerError
	require.ErrorAs(t, err, &cannot)
	require.Equal(t, uint64(51), cannot.Needed)
}
