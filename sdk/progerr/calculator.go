package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// splCalculator values the LSTs of stake pools. Each deployment runs the same
// code for one stake pool program.
var splCalculator = program{
	name: "spl calculator",
	ids: []solana.PublicKey{accounts.SPLCalculator, accounts.SanctumSPLCalculator,
		accounts.SanctumSPLMultiCalculator},
	errors: union(calculatorErrors, calculatorRatioErrors, map[uint32]Entry{
		0: {
			Name:      "PoolNotUpdated",
			Meaning:   "the token's stake pool was not updated in this epoch",
			Remedy:    remedyUpdate,
			Sentinel:  ErrStalePool,
			Retryable: true,
		},
	}),
}

// marinadeCalculator values mSOL.
var marinadeCalculator = program{
	name: "marinade calculator",
	ids:  []solana.PublicKey{accounts.MarinadeCalculator},
	errors: union(calculatorErrors, calculatorRatioErrors, map[uint32]Entry{
		0: {
			Name:      "MarinadePaused",
			Meaning:   "Marinade is paused",
			Remedy:    remedyResume,
			Sentinel:  ErrOperationUnavailable,
			Retryable: true,
		},
		1: {
			Name:     "MarinadeStakeWithdrawDisabled",
			Meaning:  "Marinade does not allow stake withdrawals",
			Remedy:   remedyOtherLST,
			Sentinel: ErrOperationUnavailable,
		},
	}),
}

// lidoCalculator values stSOL.
var lidoCalculator = program{
	name: "lido calculator",
	ids:  []solana.PublicKey{accounts.LidoCalculator},
	errors: union(calculatorErrors, calculatorRatioErrors, map[uint32]Entry{
		0: {
			Name:      "ExchangeRateNotUpdatedInThisEpoch",
			Meaning:   "Lido's exchange rate was not updated in this epoch",
			Remedy:    remedyRate,
			Sentinel:  ErrStalePool,
			Retryable: true,
		},
	}),
}

// wrappedSOLCalculator values wrapped SOL. It reads no pool and does not have
// the codes of the other calculators.
var wrappedSOLCalculator = program{
	name: "wsol calculator",
	ids:  []solana.PublicKey{accounts.WrappedSOLCalculator},
	errors: map[uint32]Entry{
		0: {
			Name:     "IncorrectMint",
			Meaning:  "the mint is not that of wrapped SOL",
			Remedy:   remedyReload,
			Unraised: true,
		},
	},
}

// infCalculator values INF for controllers that list it, such as Reserve V2's.
var infCalculator = program{
	name: "inf calculator",
	ids:  []solana.PublicKey{accounts.INFCalculator},
	errors: union(calculatorErrors, map[uint32]Entry{
		6: {
			Name:      "PoolDisabled",
			Meaning:   "Infinity is disabled",
			Remedy:    remedyResume,
			Sentinel:  ErrOperationUnavailable,
			Retryable: true,
		},
	}),
}

// calculatorErrors are the codes of all calculators that read a pool.
var calculatorErrors = map[uint32]Entry{
	1000: {
		Name:      "UnexpectedProgramUpgrade",
		Meaning:   "the token's pool program was upgraded and the calculator's manager has not confirmed it yet",
		Remedy:    "try again after the confirmation, or trade another token",
		Sentinel:  ErrOperationUnavailable,
		Retryable: true,
	},
	1001: {
		Name:    "WrongPoolAccountType",
		Meaning: "the account given is not a pool",
		Remedy:  remedyReload,
	},
	1002: {
		Name:    "StateAlreadyInitialized",
		Meaning: "the calculator is already initialized",
		Remedy:  remedyDone,
	},
	1003: {
		Name:    "WrongPoolProgram",
		Meaning: "the calculator is not for this pool program",
		Remedy:  remedyReload,
	},
	1004: {
		Name:    "WrongCalculatorStatePDA",
		Meaning: "the calculator state given is not the calculator's",
		Remedy:  remedyReload,
	},
	1005: {
		Name:    "InvalidCalculatorStateData",
		Meaning: "the calculator's state is malformed",
		Remedy:  remedyReload,
	},
	1006: {
		Name:    "InvalidStakePoolProgramData",
		Meaning: "the program data given is not the pool program's or is malformed",
		Remedy:  remedyReload,
	},
	1007: {
		Name:    "MathError",
		Meaning: "the calculator's arithmetic failed",
		Remedy:  remedyAmount,
	},
}

// calculatorRatioErrors are the codes of the calculators with the old ratio
// library.
var calculatorRatioErrors = map[uint32]Entry{
	ratioMathError: {
		Name:    "MathError",
		Meaning: "the ratio library's arithmetic overflowed",
		Remedy:  remedyAmount,
	},
}
