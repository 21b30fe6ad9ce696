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

// seeds draws the seeds of transactions. It asks the system for the randomness
// of many at a time, and uses no part of it twice. The nil pointer asks for each.
type seeds struct {
	mu   sync.Mutex
	room [64 * seedLength]byte
	left int
}

// next returns a seed like no other.
func (s *seeds) next() string {
	var text [seedLength]byte
	if s == nil {
		_, _ = rand.Read(text[:]) // It never fails.
		return spelled(&text)
	}

	s.mu.Lock()
	if s.left == 0 {
		_, _ = rand.Read(s.room[:])
		s.left = len(s.room)
	}
	drawn := s.room[s.left-seedLength : s.left]
	copy(text[:], drawn)
	clear(drawn)
	s.left -= seedLength
	s.mu.Unlock()
	return spelled(&text)
}

// spelled makes text of random bytes.
func spelled(drawn *[seedLength]byte) string {
	for i, b := range drawn {
		drawn[i] = seedLetters[b%byte(len(seedLetters))]
	}
	return string(drawn[:])
}
