package explain

import (
	"github.com/sanctum-go/sanctum/internal/idl"
)

// stakePoolManagement are the rows of the instructions for the manager of a
// stake pool.
var stakePoolManagement = append([]spec{
	operator(
		&idl.StakePoolInitialize,
		"start the stake pool {stake pool} for at most {maximum validators} validators, with"+
			" {pool mint}",
		"manager", "staker", "deposit authority",
	),
	operator(
		&idl.StakePoolSetManager,
		"make {new manager} the manager of the stake pool {stake pool}, and"+
			" {new manager fee account} the account that receives its fees",
		"manager", "new manager",
	),
	operator(
		&idl.StakePoolSetReferralFee,
		"set the {fee} fee of the stake pool {stake pool} to {percent} %",
		"manager",
	),
	operator(
		&idl.StakePoolSetFee,
		"set the {fee} fee of the stake pool {stake pool} to {numerator}/{denominator}",
		"manager",
	),
	operator(
		&idl.StakePoolSetStaker,
		"make {new staker} the staker of the stake pool {stake pool}",
		"manager or staker", "new staker",
	),
	operator(
		&idl.StakePoolCreateTokenMetadata,
		"name {pool mint} {name}, with the symbol {symbol} and the description {URI}",
		"manager", "payer",
	),
	operator(
		&idl.StakePoolUpdateTokenMetadata,
		"rename the token of the stake pool {stake pool} to {name}, with the symbol {symbol}"+
			" and the description {URI}",
		"manager",
	),
}, fundingAuthority(&idl.StakePoolSetFundingAuthority)...)

// fundingAuthority returns the rows of both forms of SetFundingAuthority, with
// and without a new authority.
func fundingAuthority(table *idl.Instruction) []spec {
	reserved := operator(table,
		"let only {new funding authority} sign each {operation} of the stake pool {stake pool}",
		"manager", "new funding authority")
	reserved.more = func(_ *Instruction, rest []Account) (more []idl.Account, ok bool) {
		return []idl.Account{*table.Rest.Optional}, len(rest) > 0
	}

	open := operator(table,
		"open each {operation} of the stake pool {stake pool} to all users", "manager")
	open.more = func(_ *Instruction, rest []Account) (more []idl.Account, ok bool) {
		return nil, len(rest) == 0
	}

	return []spec{reserved, open}
}
