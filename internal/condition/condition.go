// Package condition holds the sentinel errors that several packages return. A
// refused quote and a failed transaction wrap the same sentinel, so that one
// errors.Is covers both.
package condition

import "errors"

var (
	// ErrZeroAmount is the error for a requested amount of zero.
	ErrZeroAmount = errors.New("amount is zero")

	// ErrStalePool is the error for a stake pool, or an exchange rate of Lido,
	// that has not been updated in this epoch. The program refuses to trade
	// until it is updated.
	ErrStalePool = errors.New("pool is not updated for this epoch " +
		"(set AllowPoolUpdate, or try again after the update)")

	// ErrEpochRewards is the error while staking rewards are being distributed.
	// Until the end of the distribution, stake cannot move and pools cannot be
	// updated.
	ErrEpochRewards = errors.New("staking rewards are being distributed " +
		"(try again in a few minutes)")
)
