package choose

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
)

// A market that remembers a single layout answers like one that remembers all,
// and holds no more than its capacity.
func TestLayouts_Bounded(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 2))
	routes, legs := 0, 0
	for n := range uint64(3) {
		w := newWorld(t, seed+n, 3)
		long, short := w.market(), w.market()
		short.layouts.most = 1
		for range 120 {
			s := w.randomSearch(rng)
			again := *s
			want, got := long.Search(s), short.Search(&again)
			require.Equal(t, answer(long, want), answer(short, got))
			require.LessOrEqual(t, len(short.layouts.single), 1)
			require.LessOrEqual(t, len(short.layouts.legs), 1)
			routes += len(got.Routes)
			for i := range got.Routes {
				if got.Routes[i].Legs != nil {
					legs++
				}
			}
		}

		require.Greater(t, len(long.layouts.single), 20)
	}

	t.Logf("%d routes, %d of two legs", routes, legs)
	require.Greater(t, routes, 100)
	require.NotZero(t, legs)
}

// Two offers with the same key have the same layout when each is measured.
func TestLayoutKey_IdentifiesLayout(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 3))
	w := newWorld(t, seed, 4)
	m := w.market()
	cached := make(map[layoutKey]*Layout)
	met := 0
	for range 300 {
		s := w.randomSearch(rng)
		found := m.Search(s)
		for i := range found.Routes {
			o := &found.Routes[i].Offer
			if found.Routes[i].Legs != nil {
				continue
			}

			d, err := m.Describe(&s.Ask, o)
			require.NoError(t, err)
			measured := m.measure(&s.Ask, o, &d)
			key := keyOf(&s.Ask, o)
			before := cached[key]
			if before == nil {
				cached[key] = measured
				continue
			}

			met++
			require.Equal(t, before.Units, measured.Units)
			require.Equal(t, before.reads, measured.reads)
			require.Equal(t, before.writes, measured.writes)
			require.Equal(t, before.err == nil, measured.err == nil)
		}
	}

	require.Greater(t, met, 20)
}

// Searches may share a market.
func TestLayouts_Concurrent(t *testing.T) {
	w := newWorld(t, 5, 3)
	shared := w.market()
	shared.layouts.most = 2
	var group sync.WaitGroup
	for n := range uint64(4) {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(n, 4))
			alone := w.market()
			for range 30 {
				s := w.randomSearch(rng)
				again := *s
				again.Scratch = new(offer.Scratch)
				if want, got := answer(alone, alone.Search(s)), answer(shared,
					shared.Search(&again)); want != got {
					t.Errorf("together: %s\nalone: %s", got, want)
				}
			}
		})
	}

	group.Wait()
}

func TestLayout_WritesAny(t *testing.T) {
	a, b, c := solana.PublicKey{1}, solana.PublicKey{2}, solana.PublicKey{3}
	f := Layout{writes: []solana.PublicKey{a, b}}
	for _, test := range []struct {
		reads []solana.PublicKey
		known solana.PublicKey
		want  solana.PublicKey
	}{
		{},
		{reads: []solana.PublicKey{c}},
		{reads: []solana.PublicKey{c, b, a}, want: b},
		{reads: []solana.PublicKey{a}, known: a},
		{reads: []solana.PublicKey{a, b}, known: a, want: b},
	} {
		key, ok := f.writesAny(test.reads, test.known)
		require.Equal(t, test.want, key)
		require.Equal(t, !test.want.IsZero(), ok)
	}
}
