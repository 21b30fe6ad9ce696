package accounts

import (
	"bytes"

	"github.com/gagliardetto/solana-go"
)

// CompareKeys orders keys by their bytes, as the programs do that keep sorted
// lists. It is negative if a is before b, and zero if they are the same. For
// example, slices.SortFunc(keys, accounts.CompareKeys) sorts keys.
func CompareKeys(a, b solana.PublicKey) int { return bytes.Compare(a[:], b[:]) }
