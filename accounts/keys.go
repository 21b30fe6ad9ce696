package accounts

import (
	"bytes"

	"github.com/gagliardetto/solana-go"
)

// CompareKeys compares keys by their bytes. Programs sort their lists in this
// order.
func CompareKeys(a, b solana.PublicKey) int { return bytes.Compare(a[:], b[:]) }
