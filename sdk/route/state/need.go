package state

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Need is an account that a market has to know.
type Need struct {
	Address solana.PublicKey

	// Length is how many bytes from the beginning are enough. Zero asks for all
	// of them.
	Length int
}

// Needs are the accounts that one round of loading has to bring.
type Needs struct {
	Accounts []Need

	// Programs are programs whose deployed build matters, see State.Builds.
	Programs []solana.PublicKey
}

// State is the input of a market: accounts at one slot, and what the network
// told in addition to them.
type State struct {
	Accounts *accounts.Set

	// MinimumDelegation is the answer of the stake program, in lamports.
	MinimumDelegation uint64

	// Builds holds the hash of the deployed build of each program, see
	// [accounts.ProgramHash]. A program that is missing counts as unknown.
	Builds map[solana.PublicKey]string

	// SlotTime is how long a slot takes as far as it was measured outside of
	// the accounts. It is used at the start of an epoch, when the Clock among
	// the accounts does not tell yet. The zero value, or one that is not a
	// measurement, leaves the yields of such a market unknown.
	SlotTime quote.SlotTime
}

// sortedUnique returns the keys in order, each of them once.
func sortedUnique(keys []solana.PublicKey) []solana.PublicKey {
	sorted := slices.SortedFunc(slices.Values(keys), accounts.CompareKeys)
	return slices.Compact(sorted)
}
