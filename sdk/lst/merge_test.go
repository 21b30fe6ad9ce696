package lst_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

func listOf(t *testing.T, name string, entries ...lst.LST) lst.List {
	t.Helper()
	r, err := new(lst.Registry).With(entries...)
	require.NoError(t, err)
	return lst.List{Name: name, Registry: r}
}

func TestMerge_Precedence(t *testing.T) {
	first, same, other := newPool(1), newPool(1), newPool(2)
	first.Unverified = true
	same.Name, same.VoteAccount = "Renamed SOL", newKey(90)
	merged, differences, err := lst.Merge(listOf(t, "a", first), listOf(t, "b", same, other))
	require.NoError(t, err)
	require.Equal(t, []lst.Difference{{
		Kind:      lst.DifferentValue,
		Mint:      first.Mint,
		OtherMint: first.Mint,
		Field:     "name",
		Value:     "Test SOL",
		Other:     "Renamed SOL",
		List:      "a",
		OtherList: "b",
	}, {
		Kind:      lst.Imitation, // The test pools share their name.
		Mint:      first.Mint,
		OtherMint: other.Mint,
		Field:     "name",
		Value:     "Test SOL",
		Other:     "Test SOL",
		List:      "a",
		OtherList: "b",
	}}, differences)

	got, err := merged.ByMint(first.Mint)
	require.NoError(t, err)
	require.Equal(t, "Test SOL", got.Name)
	require.Equal(t, same.VoteAccount, got.VoteAccount, "an empty field is filled")
	require.False(t, got.Unverified, "the second list has verified it")
	require.Equal(t, 2, merged.Len())
}

// TestMerge_LacksValue checks that a verified list which lacks the vote account
// of an entry does not verify it.
func TestMerge_LacksValue(t *testing.T) {
	first, second := newPool(1), newPool(1)
	first.Unverified, first.VoteAccount = true, newKey(90)
	merged, differences, err := lst.Merge(listOf(t, "a", first), listOf(t, "b", second))
	require.NoError(t, err)
	require.Empty(t, differences)
	got, err := merged.ByMint(first.Mint)
	require.NoError(t, err)
	require.Equal(t, first.VoteAccount, got.VoteAccount)
	require.True(t, got.Unverified)
}

// TestMerge_KeepsMark checks that an entry stays unverified if the verified one
// of another list has another pool, list, program or another number of
// decimals.
func TestMerge_KeepsMark(t *testing.T) {
	for name, change := range map[string]func(*lst.LST){
		"pool":     func(l *lst.LST) { l.Pool = newKey(91) },
		"list":     func(l *lst.LST) { l.ValidatorList = newKey(91) },
		"kind":     func(l *lst.LST) { l.Kind = lst.KindSPL },
		"decimals": func(l *lst.LST) { l.Decimals = 6 },
	} {
		t.Run(name, func(t *testing.T) {
			first, second := newPool(1), newPool(1)
			first.Unverified = true
			second.VoteAccount = newKey(90)
			change(&second)
			merged, differences, err := lst.Merge(listOf(t, "a", first), listOf(t, "b", second))
			require.NoError(t, err)
			require.NotEmpty(t, differences)
			got, err := merged.ByMint(first.Mint)
			require.NoError(t, err)
			require.True(t, got.Unverified)
			require.Equal(t, first.Pool, got.Pool)
			require.True(t, got.VoteAccount.IsZero(), "nothing is filled from another pool")
		})
	}
}

func TestMerge_SamePool(t *testing.T) {
	first, thief := newPool(1), newPool(2)
	thief.Pool, thief.Name = first.Pool, "Thief"
	merged, differences, err := lst.Merge(listOf(t, "a", first), listOf(t, "b", thief))
	require.NoError(t, err)
	require.Equal(t, 1, merged.Len())
	require.Len(t, differences, 1)
	require.Equal(t, lst.SamePool, differences[0].Kind)
	require.Contains(t, differences[0].String(), thief.Mint.String())
}

// TestMerge_Additions merges the additions of 2026 into the built-in list. Two
// symbols are in both, of other mints, and one mint begins as JitoSOL's. The
// symbol saveSOL is twice in the additions themselves.
func TestMerge_Additions(t *testing.T) {
	merged, differences, err := lst.Merge(lst.List{Name: "built in", Registry: lst.Default()},
		lst.List{Name: "additions", Registry: lst.Additions()})
	require.NoError(t, err)
	require.Equal(t, 277, merged.Len())
	require.Equal(t, "2025-09-18", merged.Date())

	symbols, mints := map[string]bool{}, 0
	for _, d := range differences {
		require.NotContains(t, d.String(), "\n")
		switch {
		case d.Kind == lst.SameSymbol:
			symbols[strings.ToLower(d.Other)] = true
		case d.Kind == lst.Imitation && d.Field == "mint":
			require.Equal(t, "J1toso1L4EzEJN64hADrs17vE5Fv3qJBbnFB3FqrR8uH", d.Other)
			mints++
		}
	}

	require.Equal(t, map[string]bool{"bonksol": true, "stachesol": true}, symbols)
	require.Equal(t, 1, mints)

	_, err = merged.Lookup("stacheSOL")
	require.Error(t, err)
	for _, l := range merged.All() {
		_, err := lst.Default().ByMint(l.Mint)
		require.Equal(t, err != nil, l.Unverified, l.Symbol)
	}
}

func TestAdditions_Marked(t *testing.T) {
	require.Equal(t, 37, lst.Additions().Len())
	require.Equal(t, "2026-07", lst.Additions().Date())
	placeholders := 0
	for _, l := range lst.Additions().All() {
		require.True(t, l.Unverified)
		if l.Symbol == lst.PlaceholderSymbol(l.Mint) {
			placeholders++
		}

		_, err := lst.Default().ByMint(l.Mint)
		require.ErrorIs(t, err, lst.ErrUnknownLST)
	}

	require.Equal(t, 5, placeholders)
}

// TestMerge_Random merges random parts of one list in any order: without
// contradictions the result is the list.
func TestMerge_Random(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 50 {
		var parts [3][]lst.LST
		for _, l := range lst.Default().All() {
			for i := range parts {
				if i == 0 || rng.IntN(2) == 0 {
					parts[i] = append(parts[i], l)
				}
			}
		}

		rng.Shuffle(3, func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		merged, differences, err := lst.Merge(listOf(t, "a", parts[0]...),
			listOf(t, "b", parts[1]...), listOf(t, "c", parts[2]...))
		require.NoError(t, err)
		require.ElementsMatch(t, lst.Default().All(), merged.All())
		for _, d := range differences {
			require.NotContains(t, []lst.DifferenceKind{lst.DifferentValue, lst.SamePool}, d.Kind)
		}
	}
}

func TestMerge_Empty(t *testing.T) {
	merged, differences, err := lst.Merge()
	require.NoError(t, err)
	require.Empty(t, differences)
	require.Zero(t, merged.Len())
	merged, _, err = lst.Merge(lst.List{}, lst.List{Registry: lst.Default()})
	require.NoError(t, err)
	require.Equal(t, 240, merged.Len())
}

// TestRegistry_Write checks that a written list is read as it was.
func TestRegistry_Write(t *testing.T) {
	for _, r := range []*lst.Registry{lst.Default(), lst.Additions(), new(lst.Registry), nil} {
		var b strings.Builder
		require.NoError(t, r.Write(&b))
		again, err := lst.Read(strings.NewReader(b.String()))
		require.NoError(t, err)
		require.Equal(t, r.Len(), again.Len())
		if r.Len() > 0 {
			require.Equal(t, r.All(), again.All())
		}
	}

	require.Error(t, lst.Default().Write(nil))
	require.ErrorContains(t, lst.Default().Write(full{}), "full")
}

var errFull = errors.New("full")

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
