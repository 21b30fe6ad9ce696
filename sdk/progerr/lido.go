package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// lido is the Solido program. Errors that only its administration meets are left out.
var lido = program{
	name: "lido",
	ids:  []solana.PublicKey{accounts.LidoProgram},
	errors: map[uint32]Entry{
		2:  {Name: "InvalidAmount", Meaning: "the withdrawal is more than one validator may give at once", Remedy: "split it into smaller withdrawals", Sentinel: ErrTooLarge},
		5:  {Name: "CalculationFailure", Meaning: "the program's arithmetic failed", Remedy: remedyAmount},
		6:  {Name: "WrongStakeState", Meaning: "the stake account is in a state the operation does not accept", Remedy: remedyReload},
		12: {Name: "InvalidAccountInfo", Meaning: "an account is not the expected one, or wrongly marked writable or signer", Remedy: remedyRebuild},
		13: {Name: "TooManyAccountKeys", Meaning: "the instruction lists more accounts than it takes", Remedy: remedyRebuild},
		22: {Name: "ReserveIsNotRentExempt", Meaning: "Lido's reserve holds less than its rent, so that there is no exchange rate"},
		27: {Name: "NoActiveValidators", Meaning: "Lido has no validators to use"},
		28: {Name: "InvalidStakeAccount", Meaning: "the stake account is not the validator's next one to withdraw from", Remedy: remedyReload, Retryable: true},
		29: {Name: "InvalidStSolAccount", Meaning: "the token account does not hold stSOL", Remedy: "use a token account of stSOL"},
		30: {Name: "ExchangeRateAlreadyUpToDate", Meaning: "the exchange rate was updated this epoch already", Remedy: "leave the update out", Retryable: true},
		31: {Name: "ExchangeRateNotUpdatedInThisEpoch", Meaning: "the exchange rate was not updated this epoch", Remedy: remedyRate, Sentinel: ErrStalePool, Retryable: true},
		33: {Name: "InvalidStakeAuthority", Meaning: "the stake authority given is not Lido's", Remedy: remedyReload},
		36: {Name: "InvalidTokenOwner", Meaning: "the signer does not own the stSOL", Remedy: "sign with the owner's key"},
		37: {Name: "ValidatorWithMoreStakeExists", Meaning: "withdrawals come from the validator with the most stake, and this is not it", Remedy: remedyReload, Retryable: true},
		46: {Name: "InvalidStSolAccountOwner", Meaning: "the stSOL account does not belong to the token program", Remedy: "use a token account of stSOL"},
		47: {Name: "InstructionIsDeprecated", Meaning: "the program no longer supports this instruction", Remedy: "use its newer version", Sentinel: ErrDisabled},
		50: {Name: "InvalidAccountType", Meaning: "an account of Lido is of another type", Remedy: remedyReload},
		51: {Name: "InvalidListAccount", Meaning: "the validator list given is not Lido's", Remedy: remedyReload},
		52: {Name: "LidoVersionMismatch", Meaning: "an account of Lido has another version than the program"},
		54: {Name: "PubkeyIndexMismatch", Meaning: "the validator is not at this index of Lido's list", Remedy: remedyReload, Retryable: true},
		55: {Name: "AccountListIndexOutOfBounds", Meaning: "the index is beyond the end of Lido's list", Remedy: remedyReload, Retryable: true},
		57: {Name: "ValidatorHasNoStake", Meaning: "the validator has no stake to give", Remedy: "withdraw from the validator with the most stake"},
	},
}
