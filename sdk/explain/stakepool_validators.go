package explain

import (
	"github.com/sanctum-go/sanctum/internal/idl"
)

// stakePoolValidators are the rows of the instructions for the staker of a
// stake pool.
var stakePoolValidators = []spec{
	operator(
		&idl.StakePoolAddValidatorToPool,
		"add the validator {vote account} to the stake pool {stake pool}",
		"staker",
	),
	operator(
		&idl.StakePoolRemoveValidatorFromPool,
		"remove the validator of {validator stake account} from the stake pool {stake pool}",
		"staker",
	),
	operator(
		&idl.StakePoolDecreaseValidatorStake,
		"deactivate {lamports} of {validator stake account} of the stake pool {stake pool}",
		"staker",
	),
	operator(
		&idl.StakePoolIncreaseValidatorStake,
		"delegate {lamports} of the stake pool {stake pool} to {vote account}",
		"staker",
	),
	operator(
		&idl.StakePoolSetPreferredValidator,
		"prefer for {operation} of the stake pool {stake pool} the validator: {validator}",
		"staker",
	),
	operator(
		&idl.StakePoolIncreaseAdditionalValidatorStake,
		"delegate {lamports} more of the stake pool {stake pool} to {vote account}",
		"staker",
	),
	operator(
		&idl.StakePoolDecreaseAdditionalValidatorStake,
		"deactivate {lamports} more of {validator stake account} of the stake pool {stake pool}",
		"staker",
	),
	operator(
		&idl.StakePoolDecreaseValidatorStakeWithReserve,
		"deactivate {lamports} of {validator stake account} of the stake pool {stake pool}",
		"staker",
	),
	operator(
		// Current builds refuse it, so that package instructions does not build
		// it.
		own("Redelegate", "\x16",
			roles("stake pool", "staker", "withdraw authority", "validator list", "reserve stake",
				"source validator stake account", "source transient stake account",
				"ephemeral stake account", "destination transient stake account",
				"destination validator stake account", "vote account", "=clock", "=stake history",
				"=stake config", "=system program", "=stake program"),
			idl.Lamports("lamports"),
			idl.Number("source transient seed", idl.KindU64),
			idl.Number("ephemeral seed", idl.KindU64),
			idl.Number("destination transient seed", idl.KindU64),
		),
		"move {lamports} of {source validator stake account} of the stake pool {stake pool} to"+
			" {vote account}",
		"staker",
	),
}

// operator returns the row of an instruction that the manager or the staker of
// a stake pool signs, and that no trade contains. The wallets are the
// authorities that gain or use control.
func operator(table *idl.Instruction, words string, wallets ...string) spec {
	return spec{
		table:   table,
		wallets: wallets,
		words:   words,
		rule:    (*ledger).operates,
	}
}
