package operator

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
)

// named is a parameter with its name in errors.
type named struct {
	name string
	key  solana.PublicKey
}

// required returns an error for the first key that is missing.
func required(keys ...named) error {
	for _, k := range keys {
		if k.key.IsZero() {
			return fmt.Errorf("%w: %s is missing", ErrParams, k.name)
		}
	}
	return nil
}

// different returns an error for a key that occurs twice.
func different(keys ...solana.PublicKey) error {
	for i, key := range keys {
		if slices.Contains(keys[:i], key) {
			return fmt.Errorf("%w: %s is named twice", ErrParams, key)
		}
	}
	return nil
}

// orDefault returns a key, or another one if it is zero.
func orDefault(key, other solana.PublicKey) solana.PublicKey {
	if key.IsZero() {
		return other
	}
	return key
}
