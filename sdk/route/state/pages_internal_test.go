package state

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPages_VersionsKeepTheirValues checks that a version keeps its values
// while later versions change.
func TestPages_VersionsKeepTheirValues(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, size := range []int{1, pageSize - 1, pageSize, pageSize + 1, 5 * pageSize} {
		values := make([]int, size)
		for i := range values {
			values[i] = rng.Int()
		}

		versions := []pages[int]{newPages(values)}
		wanted := [][]int{append([]int(nil), values...)}
		for range 20 {
			d := versions[len(versions)-1].draft()
			for range rng.IntN(4) {
				at := rng.IntN(size)
				values[at] = rng.Int()
				*d.edit(at) = values[at]
			}

			versions, wanted = append(versions, d.pages), append(wanted,
				append([]int(nil), values...))
		}

		for n, version := range versions {
			for i, want := range wanted[n] {
				require.Equal(t, want, *version.at(i))
			}
		}
	}
}
