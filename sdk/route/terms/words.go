package terms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrUnknownWord is returned when an enumeration has no such word or value in
// JSON. The error text lists the words.
var ErrUnknownWord = errors.New("unknown word")

// wordOf returns the word of a value.
func wordOf(words []string, what string, value uint8) ([]byte, error) {
	if int(value) >= len(words) {
		return nil, fmt.Errorf("%w: %s %d (use one of %s)", ErrUnknownWord, what, value,
			strings.Join(words, ", "))
	}
	return []byte(words[value]), nil
}

// numberOf returns the value of a word.
func numberOf(words []string, what string, text []byte) (int, error) {
	number := slices.Index(words, string(text))
	if number < 0 {
		return 0, fmt.Errorf("%w: %s %.40q (use one of %s)", ErrUnknownWord, what, text,
			strings.Join(words, ", "))
	}
	return number, nil
}
