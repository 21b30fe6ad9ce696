package sdk

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSeeds_Next checks the length and characters of seeds, and that none
// repeats, also beyond one batch.
func TestSeeds_Next(t *testing.T) {
	for name, s := range map[string]*seeds{"kept": new(seeds), "nil": nil} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			letters := map[rune]bool{}
			for range 1000 {
				seed := s.next()
				require.Len(t, seed, seedLength)
				require.False(t, seen[seed], seed)
				seen[seed] = true
				for _, letter := range seed {
					require.True(t, strings.ContainsRune(seedLetters, letter), seed)
					letters[letter] = true
				}
			}

			require.Len(t, letters, len(seedLetters))
		})
	}
}
