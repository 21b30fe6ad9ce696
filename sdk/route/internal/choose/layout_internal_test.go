package choose

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// randomSearch draws a request of a market.
func (w *world) randomSearch(rng *rand.Rand) *Search {
	last := venue.NativeStake(w.ledger)
	from, to := state.Token(rng.IntN(int(last))), state.Token(rng.IntN(int(last)+1))
	if from == to {
		to = (to + 1) % last
	}

	if rng.IntN(3) == 0 {
		from = state.SOL
	}

	s := w.search(from, to, terms.SwapMode(rng.IntN(2)), uint64(1)<<rng.IntN(50)+rng.Uint64N(1000))
	s.AllowPoolUpdate, s.UseWSOL, s.Deactivate = rng.IntN(
		2,
	) == 0, rng.IntN(
		6,
	) == 0, rng.IntN(
		2,
	) == 0

	s.MaxTransactions = uint8(rng.IntN(3))
	if rng.IntN(4) == 0 {
		s.Recipient = w.Votes[0]
	}

	if rng.IntN(4) == 0 {
		s.UnitPrice = 10_000
	}

	if rng.IntN(4) == 0 {
		s.MaxPrefund = 2 * sol
	}

	return s
}

// told is a search's answer in words, as far as it does not depend on where
// things are in memory.
func told(m *Market, found *Found) string {
	text := ""
	for i := range found.Routes {
		w := &found.Routes[i]
		text += fmt.Sprintf("%s %d for %d, %d to %d, net %d for %d, advance %d, units %d\n",
			m.Name(w.Venue),
			w.Out, w.In, w.MinOut, w.MaxIn, w.NetOut, w.NetIn, w.UpfrontRent, w.Layout.Units)
		text += fmt.Sprintln(w.Layout.reads, w.Layout.writes, w.Layout.err)
		if l := w.Legs; l != nil {
			text += fmt.Sprintln(m.Name(l.First.Venue), l.First.In, m.Name(l.Second.Venue),
				l.Second.Out,
				l.Chain, l.Separate)
		}
	}

	for i := range found.Refused {
		text += fmt.Sprintln(m.Name(found.Refused[i].Venue), found.Refused[i].Refusal.Error())
	}

	for _, u := range found.Unfit {
		text += fmt.Sprintln(m.Name(u.First), m.Name(u.Second), u.Err)
	}

	return text
}

// TestForms_AreBounded: a market that forgets every form as soon as it meets
// another answers as one that remembers them all, and holds no more than it
// may.
func TestForms_AreBounded(t *testing.T) {
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
			require.Equal(t, told(long, want), told(short, got))
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

// TestKeyOf_TellsFormsApart: offers whose form is taken from memory would have
// been measured the same, on both sides of the memory.
func TestKeyOf_TellsFormsApart(t *testing.T) {
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

// TestForms_AtOnce: any number of searches may share a market.
func TestForms_AtOnce(t *testing.T) {
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
				if want, got := told(alone, alone.Search(s)), told(shared, shared.Search(&again)); want != got {
					t.Errorf("together: %s\nalone: %s", got, want)
				}
			}
		})
	}

	group.Wait()
}

// TestForm_WritesAny: what a form writes is found among what another reads, but
// for the one account whose state is known.
func TestForm_WritesAny(t *testing.T) {
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

// TestSearch_HugeAmounts: amounts up to the last are answered or refused.
func TestSearch_HugeAmounts(t *testing.T) {
	w := newWorld(t, 6, 3)
	m := w.market()
	last := venue.NativeStake(w.ledger)
	for _, amount := range []uint64{1, 1 << 62, 1 << 63, math.MaxUint64 - 1, math.MaxUint64} {
		for from := state.SOL; from < last; from++ {
			for to := state.SOL; to <= last; to++ {
				for _, side := range []terms.SwapMode{terms.ExactIn, terms.ExactOut} {
					found := m.Search(w.search(from, to, side, amount))
					for i := range found.Routes {
						o := &found.Routes[i].Offer
						require.GreaterOrEqual(t, o.MaxIn, o.In)
						require.NotZero(t, o.MinOut)
						if side == terms.ExactOut {
							require.GreaterOrEqual(t, o.Out, amount)
						}
					}
				}
			}
		}
	}
}
