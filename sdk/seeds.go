package sdk

import (
	"crypto/rand"
	"sync"
)

// seedLength is how many random characters, of five bits each, name the accounts
// that a transaction creates. Each is a byte of its size.
const seedLength = 10

// seedLetters are the characters of a seed, those of base32.
const seedLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// seedsAtOnce is how many seeds are drawn at a time.
const seedsAtOnce = 64

// seeds draws the seeds of transactions. It asks the system for the randomness
// of many at a time, and uses no part of it twice. The nil pointer asks for each.
type seeds struct {
	mu sync.Mutex
	// left are the letters of seeds that were drawn and not used yet.
	left string
}

// next returns a seed like no other.
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

// drawSeeds returns the letters of some seeds.
func drawSeeds(count int) string {
	var room [seedsAtOnce * seedLength]byte
	drawn := room[:count*seedLength]
	_, _ = rand.Read(drawn) // It never fails.
	for i, b := range drawn {
		drawn[i] = seedLetters[b%byte(len(seedLetters))]
	}
	return string(drawn)
}
