// Package condition holds the conditions that more than one package reports,
// so that a user tests for each under one identity: a refused quote and a
// failed transaction match the same sentinel.
package condition

import "errors"

var (
	// ZeroAmount: the requested amount is zero.
	ZeroAmount = errors.New("amount is zero")

	// StalePool: a stake pool, or Lido's exchange rate, has not been updated in
	// this epoch, and the program refuses to trade until it is.
	StalePool = errors.New("pool is not updated for this epoch " +
		"(allow its update with Crank, or try again after it)")

	// EpochRewards: staking rewards are being distributed. Stake cannot move and
	// pools cannot be updated until that is over.
	EpochRewards = errors.New("staking rewards are being distributed " +
		"(try again in some minutes)")
)
