package sdk

import (
	"crypto/rand"
	"sync"
)

// seedLength is the number of random characters in a seed, with five bits each.
// Each character adds a byte to the transaction.
const seedLength = 10

// seedLetters are the characters of a seed, the base32 alphabet.
const seedLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// seedsAtOnce is the number of seeds that are generated in one step.
const seedsAtOnce = 64

// seeds generates the seeds of transactions. It reads randomness for many seeds
// in one step and never uses a part of it twice. A nil pointer generates each
// seed separately.
type seeds struct {
	mu sync.Mutex
	// left are generated characters that are not used yet.
	left string
}

// next returns a new random seed.
func (s *seeds) next() string {
	if s == nil {
		return drawSeeds(1)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == "" {
		s.left = drawSeeds(seedsAtOnce)
	}

	seed := s.left[:seedLength]
	s.left = s.left[seedLength:]

	return seed
}

// drawSeeds returns the characters of the given number of seeds.
func drawSeeds(count int) string {
	var room [seedsAtOnce * seedLength]byte
	drawn := room[:count*seedLength]
	_, _ = rand.Read(drawn) // Read never fails.
	for i, b := range drawn {
		drawn[i] = seedLetters[b%byte(len(seedLetters))]
	}
	return string(drawn)
}
