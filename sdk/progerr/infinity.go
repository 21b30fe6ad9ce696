package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// infinity is the controller of Infinity.
var infinity = program{
	name:   "infinity",
	ids:    []solana.PublicKey{accounts.InfinityProgram},
	errors: controllerErrors,
}

// reserveV2 is the controller of Reserve V2, which runs the same code as that
// of Infinity.
var reserveV2 = program{
	name:   "reserve v2",
	ids:    []solana.PublicKey{accounts.ReserveV2Program},
	errors: controllerErrors,
}

// controllerErrors are the codes of versions 1 and 2 of the controller. Version
// 2 added 37 to 40.
var controllerErrors = map[uint32]Entry{
	0: {
		Name:    "InvalidPoolStateData",
		Meaning: "the pool's state does not have the length of the version the program expects",
		Remedy:  remedyReload,
	},
	1: {
		Name:    "InvalidLstStateListData",
		Meaning: "the pool's list of tokens is malformed",
		Remedy:  remedyReload,
	},
	2: {
		Name:    "InvalidDisablePoolAuthorityListData",
		Meaning: "the list of keys permitted to disable the pool is malformed",
		Remedy:  remedyReload,
	},
	3: {
		Name:    "InvalidRebalanceRecordData",
		Meaning: "the rebalance record is malformed or absent",
		Remedy:  "start the rebalance in the same transaction",
	},
	4: {
		Name:    "MathError",
		Meaning: "the program's arithmetic overflowed or underflowed",
		Remedy:  remedyAmount,
	},
	5: {
		Name:      "PoolRebalancing",
		Meaning:   "the pool is being rebalanced",
		Remedy:    remedyAgain,
		Sentinel:  ErrOperationUnavailable,
		Retryable: true,
	},
	6: {
		Name:      "PoolDisabled",
		Meaning:   "the pool is disabled",
		Remedy:    remedyResume,
		Sentinel:  ErrOperationUnavailable,
		Retryable: true,
	},
	7: {
		Name:    "PoolEnabled",
		Meaning: "the pool is already enabled",
		Remedy:  remedyDone,
	},
	8: {
		Name:      "InvalidLstIndex",
		Meaning:   "the pool has no token with this index",
		Remedy:    remedyReload,
		Retryable: true,
	},
	9: {
		Name:    "InvalidReserves",
		Meaning: "the account given is not the pool's reserve of the token",
		Remedy:  remedyReload,
	},
	10: {
		Name:    "IncorrectSolValueCalculator",
		Meaning: "the calculator given is not the token's",
		Remedy:  remedyReload,
	},
	11: {
		Name:    "FaultySolValueCalculator",
		Meaning: "the token's calculator is not a program or returned no result",
		Remedy:  remedyOtherLST,
	},
	12: {
		Name:    "IncorrectLstStateList",
		Meaning: "the list of tokens given is not the pool's",
		Remedy:  remedyReload,
	},
	13: {
		Name:    "IncorrectPoolState",
		Meaning: "the pool state given is not the program's",
		Remedy:  remedyReload,
	},
	14: {
		Name:     "LstInputDisabled",
		Meaning:  "the pool does not accept deposits of this token at the moment",
		Remedy:   "use another input token",
		Sentinel: ErrOperationUnavailable,
	},
	15: {
		Name:    "NoSucceedingEndRebalance",
		Meaning: "the rebalance is not ended in the same transaction",
		Remedy:  "add the matching EndRebalance",
	},
	16: {
		Name:    "IncorrectRebalanceRecord",
		Meaning: "the rebalance record given is not the program's",
		Remedy:  remedyReload,
	},
	17: {
		Name:    "PoolNotRebalancing",
		Meaning: "no rebalance was started",
		Remedy:  "start the rebalance in the same transaction",
	},
	18: {
		Name:    "PoolWouldLoseSolValue",
		Meaning: "the trade would reduce the value of the pool",
		Remedy:  "quote again, or use another amount",
	},
	19: {
		Name:    "LstStillHasValue",
		Meaning: "the pool still holds the token to remove",
		Remedy:  "move its reserves and fees first",
	},
	20: {
		Name:    "IncorrectPricingProgram",
		Meaning: "the pricing program given is not the pool's",
		Remedy:  remedyReload,
	},
	21: {
		Name:     "SlippageToleranceExceeded",
		Meaning:  "the pool pays less or charges more than the limit",
		Remedy:   remedyQuote,
		Sentinel: ErrSlippage,
	},
	22: {
		Name:     "NotEnoughLiquidity",
		Meaning:  "the pool holds too little of the output token",
		Remedy:   "use a smaller amount, or another output token",
		Sentinel: ErrInsufficientLiquidity,
	},
	23: {
		Name:    "IndexTooLarge",
		Meaning: "an index is beyond the program's limits",
		Remedy:  remedyReload,
	},
	24: {
		Name:    "InvalidDisablePoolAuthorityIndex",
		Meaning: "the list of keys permitted to disable the pool has no key with this index",
		Remedy:  remedyReload,
	},
	25: {
		Name:    "UnauthorizedDisablePoolAuthoritySigner",
		Meaning: "the signer may not disable the pool or remove this key",
		Remedy:  "sign with the admin's or a listed key",
	},
	26: {
		Name:    "InvalidDisablePoolAuthority",
		Meaning: "the signer may not disable the pool",
		Remedy:  "sign with the admin's or a listed key",
	},
	27: {
		Name:    "UnauthorizedSetRebalanceAuthoritySigner",
		Meaning: "the signer may not set the rebalance authority",
		Remedy:  "sign with the admin's or the rebalance authority's key",
	},
	28: {
		Name:    "IncorrectDisablePoolAuthorityList",
		Meaning: "the list given of keys permitted to disable the pool is not the program's",
		Remedy:  remedyReload,
	},
	29: {
		Name:    "FeeTooHigh",
		Meaning: "the protocol fee is above 100%",
		Remedy:  "set a lower fee",
	},
	30: {
		Name:     "NotEnoughFees",
		Meaning:  "the accrued protocol fees are less than the withdrawal",
		Remedy:   "withdraw less",
		Sentinel: ErrInsufficientLiquidity,
	},
	31: {
		Name:     "ZeroValue",
		Meaning:  "the amount is zero or worth nothing after rounding",
		Remedy:   "use a larger amount",
		Sentinel: ErrProgramAmountTooSmall,
	},
	32: {
		Name:    "FaultyPricingProgram",
		Meaning: "the pool's pricing program is not a program or returned no result",
		Remedy:  "try again after the pool's pricing program was replaced",
	},
	33: {
		Name:    "IncorrectLpMintInitialization",
		Meaning: "the mint cannot become the pool's",
		Remedy:  "use a new mint of the classic token program",
	},
	34: {
		Name:    "DuplicateLst",
		Meaning: "the pool already has this token",
		Remedy:  remedyDone,
	},
	35: {
		Name:    "SwapSameLst",
		Meaning: "the input token is the output token",
		Remedy:  "choose two different tokens",
	},
	36: {
		Name:    "DuplicateDisablePoolAuthority",
		Meaning: "the key is already permitted to disable the pool",
		Remedy:  remedyDone,
	},
	37: {
		Name:    "WrongPoolStateVers",
		Meaning: "the pool's state has another version than the program expects",
		Remedy:  remedyReload,
	},
	38: {
		Name:    "InvalidPoolStateDataV2",
		Meaning: "the pool's state holds a fee or a release rate out of range",
		Remedy:  remedyBug,
	},
	39: {
		Name:    "TimeWentBackwards",
		Meaning: "the pool last released yield in a future slot",
		Remedy:  "try again in a later slot",
	},
	40: {
		Name:    "UnauthorizedSetRpsAuthoritySigner",
		Meaning: "the signer may not set the authority over the release rate",
		Remedy:  "sign with the admin's or the current authority's key",
	},
	// Version 1 only.
	ratioMathError: {
		Name:    "MathError",
		Meaning: "the ratio library's arithmetic overflowed",
		Remedy:  remedyAmount,
	},
}

// ratioMathError is the code of the ratio library of version 1 of the
// controller, the flat-fee program and the calculators.
const ratioMathError = 696_969
