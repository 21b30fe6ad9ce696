package state

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// AccountRequest is an account to load.
type AccountRequest struct {
	Address solana.PublicKey

	// Length is the number of bytes to load from the start of the account's
	// data. Zero loads all data.
	Length int
}

// LoadPlan lists the accounts to load in one round.
type LoadPlan struct {
	Accounts []AccountRequest

	// Programs are the programs whose deployed build is needed, see
	// [AccountSnapshot].Builds.
	Programs []solana.PublicKey
}

// AccountSnapshot is the input of a market: accounts at one slot, and values
// that are not stored in accounts.
type AccountSnapshot struct {
	Accounts *accounts.Set

	// MinimumDelegation is the minimum delegation of the stake program, in
	// lamports, see the RPC method getStakeMinimumDelegation.
	MinimumDelegation uint64

	// Builds has the hash of each program's deployed build, see
	// [accounts.ProgramHash]. A program without an entry has an unknown build.
	Builds map[solana.PublicKey]string

	// SlotTime is the measured duration of a slot. It is used at the start of
	// an epoch, when it cannot be derived from the Clock yet. If it is zero or
	// not a measurement, the market has no yields then.
	SlotTime quote.SlotTime
}

// sortedUnique returns the keys sorted and without duplicates.
func sortedUnique(keys []solana.PublicKey) []solana.PublicKey {
	sorted := slices.SortedFunc(slices.Values(keys), accounts.CompareKeys)
	return slices.Compact(sorted)
}
