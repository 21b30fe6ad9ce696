package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// reserve is the Sanctum Reserve.
var reserve = program{
	name: "reserve",
	ids:  []solana.PublicKey{accounts.ReserveProgram},
	errors: union(anchorErrors, map[uint32]Entry{
		6000: {
			Name:    "InvalidLpTokenAccount",
			Meaning: "the token account does not hold the Reserve's liquidity token",
			Remedy:  "use a token account of the right mint",
		},
		6001: {
			Name:    "PdaBumpNotCached",
			Meaning: "the program has no bump for an address",
			Remedy:  remedyBug,
		},
		6002: {
			Name:    "InvalidFeeAuthority",
			Meaning: "the signer is not the Reserve's fee authority",
			Remedy:  "sign with the fee authority's key",
		},
		6003: {
			Name:    "StakeAccountAuthorizedNotRetrievable",
			Meaning: "the stake account has no authorities",
			Remedy:  "use an initialized stake account",
		},
		6004: {
			Name:    "StakeAccountLockupNotRetrievable",
			Meaning: "the stake account has no lockup field",
			Remedy:  "use an initialized stake account",
		},
		6005: {
			Name:     "StakeAccountLockupInForce",
			Meaning:  "the stake account is locked up",
			Remedy:   "wait for the lockup to end",
			Sentinel: ErrOperationUnavailable,
		},
		6006: {
			Name:    "InvalidFee",
			Meaning: "the fee to set is not valid",
			Remedy:  "set a valid fee",
		},
		6007: {
			Name:    "InternalError",
			Meaning: "the program's arithmetic failed",
			Remedy:  remedyAmount,
		},
		6008: {
			Name:     "NotEnoughLiquidity",
			Meaning:  "the Reserve does not have enough SOL to pay for the stake",
			Remedy:   "sell less stake, or wait for its deactivation instead",
			Sentinel: ErrInsufficientLiquidity,
		},
		6009: {
			Name:     "LiquidityToAddTooLittle",
			Meaning:  "the liquidity to add is worth less than one token unit",
			Remedy:   "add more",
			Sentinel: ErrProgramAmountTooSmall,
		},
		6010: {
			Name:    "DestinationNotWSol",
			Meaning: "the destination does not hold wrapped SOL",
			Remedy:  "use a token account of wrapped SOL",
		},
		6011: {
			Name:    "WrongProtocolFeeDestination",
			Meaning: "the protocol fee account given is not the Reserve's",
			Remedy:  remedyReload,
		},
		6012: {
			Name:    "InvalidProtocolFeeAuthority",
			Meaning: "the signer is not the protocol fee's authority",
			Remedy:  "sign with the protocol fee authority's key",
		},
		6013: {
			Name:    "InvalidInstructionsSysvar",
			Meaning: "the account given is not the instructions sysvar",
			Remedy:  remedyRebuild,
		},
		6014: {
			Name:    "NoSucceedingRepayFlashLoan",
			Meaning: "the flash loan is not repaid in the same transaction",
			Remedy:  "add the repayment",
		},
	}),
}

// reserveV2Pricing is the pricing program of Reserve V2. The deployed build is
// not known, and earlier builds numbered their errors differently. The names
// are therefore guesses, and no entry has a sentinel or is retryable.
var reserveV2Pricing = program{
	name: "reserve v2 pricing",
	ids:  []solana.PublicKey{accounts.ReserveV2PricingProgram},
	errors: map[uint32]Entry{
		0: {
			Name:    "CantRemoveRequiredMint",
			Meaning: "the price of this token cannot be removed" + guessed,
			Remedy:  "leave it in the fee table",
		},
		1: {
			Name:    "FeeNanosOutOfRange",
			Meaning: "a fee is out of bounds" + guessed,
			Remedy:  "set a fee within the bounds",
		},
		2: {
			Name:    "MathOverflow",
			Meaning: "the arithmetic overflowed" + guessed,
			Remedy:  remedyAmount,
		},
		3: {
			Name:    "MintNotFound",
			Meaning: "the pool has no price for this token" + guessed,
			Remedy:  remedyOtherLST,
		},
		4: {
			Name:    "NegativeBandDelta",
			Meaning: "the fee curve decreases where it must increase" + guessed,
			Remedy:  "set an increasing curve",
		},
		5: {
			Name:    "OverCap",
			Meaning: "the pool does not have enough wrapped SOL" + guessed,
			Remedy:  "use a smaller amount",
		},
		6: {
			Name:    "SameMint",
			Meaning: "the input token is the output token" + guessed,
			Remedy:  "choose two different tokens",
		},
		7: {
			Name:    "ThresholdNanosOutOfRange",
			Meaning: "the threshold of a fee curve is out of bounds" + guessed,
			Remedy:  "set a threshold within the bounds",
		},
		8: {
			Name:    "UnsupportedDeprecatedInstruction",
			Meaning: "the program does not price deposits and redemptions" + guessed,
			Remedy:  "use the controller's swaps",
		},
		9: {
			Name:    "WsolBalanceGtPoolSolValue",
			Meaning: "the pool holds more wrapped SOL than it is worth" + guessed,
			Remedy:  "quote again, or trade elsewhere",
		},
		10: {
			Name:    "ZeroRetainedValue",
			Meaning: "the fees exceed the amount" + guessed,
			Remedy:  "use another amount",
		},
		11: {
			Name:    "ZeroPoolSolValue",
			Meaning: "the value of the pool is zero" + guessed,
			Remedy:  "trade elsewhere",
		},
	},
}

// guessed marks the meaning of a code that was derived from the newest source,
// which may differ from the deployed build.
const guessed = " (a guess from the code's position)"
