package sanctum_test

import (
	"context"
	"errors"
	"go/ast"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/foreign"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// remedy is the decision about an exported error: its text names a remedy, or
// there is a reason to name none.
type remedy struct {
	// err is the error, or an error that wraps it like the one that users see.
	err error
	// words must occur in the text.
	words []string
	// without is the reason if the text names no remedy.
	without string
}

// says returns the remedy of an error whose text names it.
func says(err error, words ...string) remedy { return remedy{err: err, words: words} }

// none returns the remedy of an error that names none, with the reason.
func none(err error, without string) remedy { return remedy{err: err, without: without} }

// refused returns a refusal of a market.
func refused() *quote.Refusal {
	r := new(quote.Refusal)
	r.BecauseErr(nil, quote.ErrStalePool)
	return r
}

// Reasons why an error names no remedy.
const (
	byCondition = "the condition implies the remedy"
	byDetail    = "every use names the invalid value"
	byCause     = "the wrapped errors name the remedy"
	byTable     = "the matching program errors name the remedy, see the tests of package progerr"
	byRefusal   = "the remedy is not to sign"
	byWarning   = "UntrustedTokenError, which has the warnings, names the remedy"
	byNobody    = "users cannot cause or fix it"
)

// sentinelRemedies has all exported sentinel errors.
var sentinelRemedies = map[string]remedy{
	"accounts.ErrInvalidValue": says(decodeError(accounts.ErrInvalidValue), "update this module"),
	"accounts.ErrWrongLength":  says(decodeError(accounts.ErrWrongLength), "update this module"),
	"accounts.ErrNil":          says(unmade(), "nil client", "create one with New"),
	"accounts.ErrNotFound": says(unloaded(true), "stake pool 4uQeVj", "check the address",
		"cluster"),
	"accounts.ErrNotLoaded": says(unloaded(false), "stake pool 4uQeVj", "load it first"),
	"accounts.ErrWrongOwner": says(decodeError(accounts.ErrWrongOwner), "check the address",
		"cluster"),
	"accounts.ErrWrongType": says(decodeError(accounts.ErrWrongType), "check the address",
		"cluster"),
	"accounts.ErrUninitialized": says(decodeError(accounts.ErrUninitialized), "check the address",
		"cluster"),
	"accounts.ErrUnknownRent": says(accounts.ErrUnknownRent, "update this module"),

	"accounts.ErrNoExtension": says(accounts.ErrNoExtension, "look for an account"),

	"explain.ErrClosesAccount":   none(explain.ErrClosesAccount, byRefusal),
	"explain.ErrAuthorityChange": none(explain.ErrAuthorityChange, byRefusal),
	"explain.ErrNetworkFee":      says(explain.ErrNetworkFee, "MaxNetworkFee"),
	"explain.ErrWrongRecipient":  none(explain.ErrWrongRecipient, byRefusal),
	"explain.ErrFormNotAllowed": says(explain.ErrFormNotAllowed, "Versions", "MaxSigners",
		"MaxSize", "MaxNewAccounts"),
	"explain.ErrLifetime":          none(explain.ErrLifetime, byRefusal),
	"explain.ErrNoMinimum":         says(explain.ErrNoMinimum, "limit", "check of the balance"),
	"explain.ErrNonceNotAllowed":   says(explain.ErrNonceNotAllowed, "Policy.Nonce"),
	"explain.ErrWrongFeePayer":     says(explain.ErrWrongFeePayer, "Policy.Payer"),
	"explain.ErrPolicy":            none(explain.ErrPolicy, byDetail),
	"explain.ErrProgramNotAllowed": says(explain.ErrProgramNotAllowed, "AllowedPrograms"),
	"explain.ErrOwnerExposed":      none(explain.ErrOwnerExposed, byRefusal),
	"explain.ErrMinimumNotEnforced": says(explain.ErrMinimumNotEnforced, "MinLamports", "MinTokens",
		"MinStake"),
	"explain.ErrSpendLimit": says(explain.ErrSpendLimit, "MaxLamports", "MaxTokens",
		"MaxStake"),
	"explain.ErrUnrelatedTransfer":  none(explain.ErrUnrelatedTransfer, byRefusal),
	"explain.ErrUnknownInstruction": says(explain.ErrUnknownInstruction, "do not sign"),

	"instructions.ErrConflictingInput": none(instructions.ErrConflictingInput, byDetail),
	"instructions.ErrOperationDisabled": says(instructions.ErrOperationDisabled,
		"use another route"),
	"instructions.ErrMissing":    none(instructions.ErrMissing, byDetail),
	"instructions.ErrZeroAmount": none(instructions.ErrZeroAmount, byCondition),

	"lst.ErrAmbiguous": says(lst.ErrAmbiguous, "name the mint"),
	"lst.ErrAmount":    none(lst.ErrAmount, byDetail),
	"lst.ErrAmountOverflow": says(amountError("99999999999999999999"),
		"at most 18446744073.709551615"),
	"lst.ErrAmountPrecision": says(amountError("0.0000000001"), "9 allowed"),
	"lst.ErrAmountSyntax":    says(amountError("one"), "digits and at most one point, such as 1.5"),
	"lst.ErrInvalidRegistry": none(lst.ErrInvalidRegistry, byDetail),
	"lst.ErrUnknownLST":      says(lst.ErrUnknownLST, "check the spelling", "Registry.With"),

	"operator.ErrParams":         none(operator.ErrParams, byDetail),
	"operator.ErrNotManager":     says(operator.ErrNotManager, "name the current manager"),
	"operator.ErrNotStaker":      says(operator.ErrNotStaker, "HandOver"),
	"operator.ErrAccountTaken":   says(operator.ErrAccountTaken, "use another key or seed"),
	"operator.ErrVoteAccount":    says(operator.ErrVoteAccount, "name the vote account"),
	"operator.ErrUnlisted":       says(operator.ErrUnlisted, "AddValidator"),
	"operator.ErrFeeAccount":     says(operator.ErrFeeAccount, "create it"),
	"operator.ErrDepositUnclear": says(operator.ErrDepositUnclear, "Client.Stake"),
	"operator.ErrMaxCost":        says(operator.ErrMaxCost, "dry run on another node"),
	"operator.ErrNoProgress":     says(operator.ErrNoProgress, "run the plan again"),

	"progerr.ErrAlreadyProcessed":      none(progerr.ErrAlreadyProcessed, byTable),
	"progerr.ErrBusy":                  none(progerr.ErrBusy, byTable),
	"progerr.ErrComputeExceeded":       none(progerr.ErrComputeExceeded, byTable),
	"progerr.ErrOperationUnavailable":  none(progerr.ErrOperationUnavailable, byTable),
	"progerr.ErrEpochRewards":          none(progerr.ErrEpochRewards, byTable),
	"progerr.ErrBlockhashNotFound":     none(progerr.ErrBlockhashNotFound, byTable),
	"progerr.ErrInsufficientFunds":     none(progerr.ErrInsufficientFunds, byTable),
	"progerr.ErrMissingSigner":         none(progerr.ErrMissingSigner, byTable),
	"progerr.ErrNotInitialized":        none(progerr.ErrNotInitialized, byTable),
	"progerr.ErrSlippage":              none(progerr.ErrSlippage, byTable),
	"progerr.ErrStalePool":             none(progerr.ErrStalePool, byTable),
	"progerr.ErrInsufficientLiquidity": none(progerr.ErrInsufficientLiquidity, byTable),
	"progerr.ErrProgramAmountTooSmall": none(progerr.ErrProgramAmountTooSmall, byTable),

	"quote.ErrBelowMinimumDelegation": says(quote.ErrBelowMinimumDelegation, "trade more"),
	"quote.ErrBuildDependent":         says(quote.ErrBuildDependent, "name the deployed build"),
	"quote.ErrDisabled": says(quote.ErrDisabled, "use another route",
		"try again later"),
	"quote.ErrUnsupportedMint": none(quote.ErrUnsupportedMint, byNobody),
	"quote.ErrEpochRewards":    says(quote.ErrEpochRewards, "try again in a few minutes"),
	"quote.ErrFeeAccount":      says(quote.ErrFeeAccount, "use another route"),
	"quote.ErrFeeRange":        says(quote.ErrFeeRange, "use another route"),
	"quote.ErrInputDisabled": says(quote.ErrInputDisabled, "use another route",
		"try again later"),
	"quote.ErrFeeRise":     says(quote.ErrFeeRise, "set a smaller fee"),
	"quote.ErrInvalidFee":  says(quote.ErrInvalidFee, "set a smaller fee"),
	"quote.ErrFeesUnknown": says(quote.ErrFeesUnknown, "compare states of one epoch"),
	"quote.ErrInvalidFeePolicy": says(quote.ErrInvalidFeePolicy,
		"correct the named field"),
	"quote.ErrPriceConflict": says(quote.ErrPriceConflict,
		"give the price after the pool's update"),
	"quote.ErrListFull": says(quote.ErrListFull, "remove another validator first"),
	"quote.ErrStakeInTransit": says(quote.ErrStakeInTransit, "add to an increase",
		"wait for the pool update"),
	"quote.ErrValidatorListed": says(quote.ErrValidatorListed, "increase its stake"),
	"quote.ErrInsufficientReserve": says(quote.ErrInsufficientReserve, "trade less",
		"use another route"),
	"quote.ErrInvalidState":       says(quote.ErrInvalidState, "load it again"),
	"quote.ErrNoFee":              says(quote.ErrNoFee, "use another route"),
	"quote.ErrNoProfit":           says(quote.ErrNoProfit, "use another route"),
	"quote.ErrNoYield":            says(quote.ErrNoYield, "after the next update"),
	"quote.ErrNotPreferred":       says(quote.ErrNotPreferred, "use stake of that validator"),
	"quote.ErrOutdatedCalculator": says(quote.ErrOutdatedCalculator, "try again later"),
	"quote.ErrPermissioned":       says(quote.ErrPermissioned, "use another route"),
	"quote.ErrPrefundCost":        says(quote.ErrPrefundCost, "MaxPrefund"),
	"quote.ErrPrefundGap":         says(quote.ErrPrefundGap, "use another route"),
	"quote.ErrPrefundUnpaid":      says(quote.ErrPrefundUnpaid, "trade more"),
	"quote.ErrRebalancing":        says(quote.ErrRebalancing, "try again later"),
	"quote.ErrRouterFunds":        says(quote.ErrRouterFunds, "use another route"),
	"quote.ErrSlot":               says(quote.ErrSlot, "load it again"),
	"quote.ErrStakeAccount":       none(quote.ErrStakeAccount, byDetail),
	"quote.ErrStakeActivating":    says(quote.ErrStakeActivating, "in the next epoch"),
	"quote.ErrStakeActive":        says(quote.ErrStakeActive, "deactivate it first"),
	"quote.ErrStakeDeactivating":  says(quote.ErrStakeDeactivating, "withdraw its SOL"),
	"quote.ErrStakeLocked":        says(quote.ErrStakeLocked, "wait for the end of its lockup"),
	"quote.ErrStakeMarinades":     says(quote.ErrStakeMarinades, "use another account"),
	"quote.ErrStakeOwner":         says(quote.ErrStakeOwner, "name the withdraw authority"),
	"quote.ErrStakeSurplus":       says(quote.ErrStakeSurplus, "withdraw the excess first"),
	"quote.ErrStakeTooSmall":      says(quote.ErrStakeTooSmall, "use another route"),
	"quote.ErrStakeUndelegated": says(quote.ErrStakeUndelegated, "delegate it",
		"withdraw its SOL"),
	"quote.ErrStakeUninitialized": says(quote.ErrStakeUninitialized, "initialize it"),
	"quote.ErrStalePool":          says(quote.ErrStalePool, "set AllowPoolUpdate"),
	"quote.ErrTicketNotDue":       none(quote.ErrTicketNotDue, byDetail),
	"quote.ErrAmountTooLarge":     says(quote.ErrAmountTooLarge, "trade less"),
	"quote.ErrAmountTooSmall":     says(quote.ErrAmountTooSmall, "trade more"),
	"quote.ErrUnknownCalculator":  says(quote.ErrUnknownCalculator, "use another route"),
	"quote.ErrUnknownPricing":     says(quote.ErrUnknownPricing, "use another route"),
	"quote.ErrUnlisted":           says(quote.ErrUnlisted, "use another route"),
	"quote.ErrStakeMerge":         says(quote.ErrStakeMerge, "trade them one by one"),
	"quote.ErrUpdateFails":        says(quote.ErrUpdateFails, "use another route"),
	"quote.ErrUpToDate":           says(quote.ErrUpToDate, "leave the update out"),
	"quote.ErrValidator":          says(quote.ErrValidator, "use another route"),
	"quote.ErrZeroAmount":         none(quote.ErrZeroAmount, byCondition),

	"route.ErrLegsConflict":            none(route.ErrLegsConflict, byNobody),
	"route.ErrInvalidSlotTolerance":    none(route.ErrInvalidSlotTolerance, byCondition),
	"route.ErrIntegratorFee":           none(route.ErrIntegratorFee, byDetail),
	"route.ErrVenueExcluded":           says(route.ErrVenueExcluded, "name it in Venues"),
	"terms.ErrVenueExcluded":           says(terms.ErrVenueExcluded, "name it in Venues"),
	"route.ErrUnknownVenue":            says(route.ErrUnknownVenue, "use a constant"),
	"route.ErrPortableQuote":           says(route.ErrPortableQuote, "request a new one"),
	"route.ErrUnexpectedParty":         says(route.ErrUnexpectedParty, "set PortableQuote.Ex"),
	"route.ErrOtherEpoch":              says(route.ErrOtherEpoch, "request a new one"),
	"route.ErrQuoteExpired":            says(route.ErrQuoteExpired, "a larger SlotTolerance"),
	"route.ErrRouteGone":               says(route.ErrRouteGone, "request a new quote"),
	"route.ErrBelowMinOut":             says(route.ErrBelowMinOut, "request a new quote"),
	"route.ErrAboveMaxIn":              says(route.ErrAboveMaxIn, "request a new quote"),
	"route.ErrEvidence":                none(route.ErrEvidence, byDetail),
	"route.ErrUnknownWord":             none(route.ErrUnknownWord, byDetail),
	"terms.ErrUnknownWord":             none(terms.ErrUnknownWord, byDetail),
	"route.ErrMismatch":                none(route.ErrMismatch, byDetail),
	"route.ErrNoRoute":                 none(route.ErrNoRoute, byCause),
	"route.ErrMissingParam":            none(route.ErrMissingParam, byDetail),
	"route.ErrRecipient":               none(route.ErrRecipient, byDetail),
	"route.ErrMergeStake":              says(route.ErrMergeStake, "WithMergedStake"),
	"route.ErrReceiptNotAccepted":      says(route.ErrReceiptNotAccepted, "set AcceptReceipt"),
	"route.ErrReferrerUnsupported":     says(route.ErrReferrerUnsupported, "leave Referrer out"),
	"route.ErrReload":                  says(route.ErrReload, "load the market anew"),
	"route.ErrSameToken":               none(route.ErrSameToken, byCondition),
	"route.ErrOtherUser":               says(route.ErrOtherUser, "request one for the owner"),
	"route.ErrInvalidSwapMode":         says(route.ErrInvalidSwapMode, "ExactIn or ExactOut"),
	"route.ErrInvalidSlippage":         none(route.ErrInvalidSlippage, byCondition),
	"route.ErrTooManyValidators":       says(route.ErrTooManyValidators, "update the pool first"),
	"route.ErrUnknownToken":            says(route.ErrUnknownToken, "load the market with it"),
	"route.ErrUnsupportedMint":         none(route.ErrUnsupportedMint, byNobody),
	"route.ErrUnsupportedTokenProgram": none(route.ErrUnsupportedTokenProgram, byNobody),
	"route.ErrTokenAccount":            says(route.ErrTokenAccount, "name another one"),
	"serve.ErrConfig":                  none(serve.ErrConfig, byDetail),
	"state.ErrMismatch":                none(state.ErrMismatch, byDetail),
	"state.ErrReload":                  says(state.ErrReload, "load the market anew"),
	"state.ErrTooManyValidators":       says(state.ErrTooManyValidators, "update the pool first"),
	"state.ErrUnsupportedMint":         none(state.ErrUnsupportedMint, byNobody),
	"state.ErrUnsupportedTokenProgram": none(state.ErrUnsupportedTokenProgram, byNobody),
	"state.ErrWrongProgram":            says(state.ErrWrongProgram, "correct the registry's entry"),
	"terms.ErrInvalidSlotTolerance":    none(terms.ErrInvalidSlotTolerance, byCondition),
	"terms.ErrMissingParam":            none(terms.ErrMissingParam, byDetail),
	"terms.ErrRecipient":               none(terms.ErrRecipient, byDetail),
	"terms.ErrReceiptNotAccepted":      says(terms.ErrReceiptNotAccepted, "set AcceptReceipt"),
	"terms.ErrReferrerUnsupported":     says(terms.ErrReferrerUnsupported, "leave Referrer out"),

	"route.ErrWrongProgram": says(route.ErrWrongProgram, "correct the registry's entry"),

	"sdk.ErrActOptions":          says(sdk.ErrActOptions, "leave them out"),
	"sdk.ErrActionGone":          says(sdk.ErrActionGone, "call Holdings again"),
	"sdk.ErrBadAccount":          says(sdk.ErrBadAccount, "try another endpoint"),
	"sdk.ErrBadLifetime":         says(sdk.ErrBadLifetime, "another endpoint"),
	"sdk.ErrNodesContradict":     says(sdk.ErrNodesContradict, "resume", "another endpoint"),
	"sdk.ErrNodeAhead":           says(sdk.ErrNodeAhead, "try again", "another endpoint"),
	"sdk.ErrInsecure":            says(sdk.ErrInsecure, "https"),
	"sdk.ErrPayerCannotPay":      none(sdk.ErrPayerCannotPay, byDetail),
	"sdk.ErrPruned":              says(sdk.ErrPruned, "longer history"),
	"sdk.ErrQuorum":              says(sdk.ErrQuorum, "add endpoints", "lower the quorum"),
	"sdk.ErrBadResponse":         none(sdk.ErrBadResponse, byDetail),
	"sdk.ErrBodyTooLarge":        none(sdk.ErrBodyTooLarge, byDetail),
	"sdk.ErrHTTP":                none(sdk.ErrHTTP, byDetail),
	"sdk.ErrIDMismatch":          none(sdk.ErrIDMismatch, byDetail),
	"sdk.ErrNoResult":            none(sdk.ErrNoResult, byDetail),
	"sdk.ErrNoStakeReceipt":      says(sdk.ErrNoStakeReceipt, "its owner has the tokens"),
	"sdk.ErrTwoTransactions":     says(sdk.ErrTwoTransactions, "call Execute", "MaxTransactions"),
	"sdk.ErrVersion1NotActive":   says(sdk.ErrVersion1NotActive, "add version 0"),
	"sdk.ErrWrongCluster":        says(sdk.ErrWrongCluster, "correct its URL"),
	"txn.ErrBudget":              says(txn.ErrBudget, "UnitPrice"),
	"txn.ErrVersion":             says(txn.ErrVersion, "do not sign", "update this module"),
	"txn.ErrVersionLimit":        says(txn.ErrVersionLimit, "split it"),
	"txn.ErrVersionNotTaken":     says(txn.ErrVersionNotTaken, "build it with one that it takes"),
	"quote.ErrSlotTime":          says(quote.ErrSlotTime, "again later"),
	"sdk.ErrNodeBehind":          says(sdk.ErrNodeBehind, "try again", "another endpoint"),
	"sdk.ErrEpochChanged":        says(sdk.ErrEpochChanged, "load again"),
	"sdk.ErrStaleNonce":          says(sdk.ErrStaleNonce, "built again"),
	"sdk.ErrExpired":             says(sdk.ErrExpired, "another one may be signed"),
	"sdk.ErrTransactionRejected": says(sdk.ErrTransactionRejected, "build it again"),
	"sdk.ErrNoAnswer":            says(sdk.ErrNoAnswer, "try again", "another endpoint"),
	"sdk.ErrNotSent":             says(sdk.ErrNotSent, "may be changed and signed again"),
	"sdk.ErrNoOwner":             says(sdk.ErrNoOwner, "BuildOptions.Owner"),
	"sdk.ErrNoStakePool":         says(sdk.ErrNoStakePool, "another LST"),
	"sdk.ErrNoTipAccount":        says(sdk.ErrNoTipAccount, "set Tip.Accounts"),
	"sdk.ErrStepConflict":        says(sdk.ErrStepConflict, "a transaction of its own"),
	"sdk.ErrLegBroken":           says(sdk.ErrLegBroken, "request another leg"),
	"sdk.ErrLegMismatch":         says(sdk.ErrLegMismatch, "quoted amounts"),
	"sdk.ErrLegRefused":          says(sdk.ErrLegRefused, "request another leg"),
	"foreign.ErrResponse":        says(foreign.ErrResponse, "request another leg"),
	"foreign.ErrTooLittle":       says(foreign.ErrTooLittle, "accept less"),
	"sdk.ErrStepsSpend":          says(sdk.ErrStepsSpend, "raise Spends"),
	"sdk.ErrNotToken":            says(sdk.ErrNotToken, "check the address", "name the program"),
	"sdk.ErrPoolNotFound":        says(sdk.ErrPoolNotFound, "name the pool"),
	"sdk.ErrPoolsNotListed":      says(sdk.ErrPoolsNotListed, "name the pool", "another endpoint"),
	"sdk.ErrNotPoolMint":         says(sdk.ErrNotPoolMint, "do not trade"),
	"sdk.ErrForeignReserve":      says(sdk.ErrForeignReserve, "do not trade"),
	"sdk.ErrForeignValidators":   says(sdk.ErrForeignValidators, "do not trade"),
	"sdk.ErrUntrustedToken":      says(sdk.ErrUntrustedToken, "check the mint", "Accept"),
	"sdk.ErrUnverifiedToken":     says(sdk.ErrUnverifiedToken, "compare the mint", "WithDiscovery"),
	"sdk.ErrFreezeAuthority":     none(sdk.ErrFreezeAuthority, byWarning),
	"sdk.ErrTransferFee":         none(sdk.ErrTransferFee, byWarning),
	"sdk.ErrUnusualDecimals":     none(sdk.ErrUnusualDecimals, byWarning),
	"sdk.ErrSameName":            none(sdk.ErrSameName, byWarning),
	"sdk.ErrLookAlike":           none(sdk.ErrLookAlike, byWarning),
	"sdk.ErrOddSymbol":           none(sdk.ErrOddSymbol, byWarning),
	"sdk.ErrListDiffers":         none(sdk.ErrListDiffers, byWarning),
	"sdk.ErrPercentile":          none(sdk.ErrPercentile, byCondition),
	"sdk.ErrSimulation":          none(sdk.ErrSimulation, byCause),
	"sdk.ErrSlotSpread":          says(sdk.ErrSlotSpread, "load again"),
	"sdk.ErrMarketTooOld":        says(sdk.ErrMarketTooOld, "wait for the next one"),
	"sdk.ErrWatcherClosed":       says(sdk.ErrWatcherClosed, "Client.Watch"),
	"sdk.ErrUncertain":           says(sdk.ErrUncertain, "do not sign another one", "resume it"),
	"sdk.ErrNoOutcome":           says(sdk.ErrNoOutcome, "call Await", "add an endpoint"),
	"sdk.ErrOtherTrade":          says(sdk.ErrOtherTrade, "pass its own quote", "leg"),
	"sdk.ErrNoSignature":         says(sdk.ErrNoSignature, "the wallet returned"),
	"sdk.ErrNoTip":               says(new(sdk.TipError), "set BuildOptions.Tip", "TipAccounts"),
	"sdk.ErrBlockEngine":         none(sdk.ErrBlockEngine, byDetail),
	"sdk.ErrPriceSteps":          none(sdk.ErrPriceSteps, byDetail),
	"sdk.ErrPriceMoved":          says(sdk.ErrPriceMoved, "quote the remaining trade again"),

	"txn.ErrBadSignature":       says(txn.ErrBadSignature, "sign Unsigned.Message"),
	"txn.ErrChanged":            says(txn.ErrChanged, "original"),
	"txn.ErrIncomplete":         none(txn.ErrIncomplete, byDetail),
	"txn.ErrInvalidKey":         none(txn.ErrInvalidKey, byDetail),
	"txn.ErrKeyFileExposed":     says(txn.ErrKeyFileExposed, "chmod 600", "WithExposedKeyFile"),
	"txn.ErrKeyDestroyed":       says(txn.ErrKeyDestroyed, "open it again"),
	"txn.ErrLookupTable":        says(txn.ErrLookupTable, "leave it out"),
	"txn.ErrInvalidTransaction": none(txn.ErrInvalidTransaction, byDetail),
	"txn.ErrMemo":               none(txn.ErrMemo, byDetail),
	"txn.ErrMissingSignature": says(&txn.MissingError{Keys: []solana.PublicKey{{1}}},
		"pass their signers", "Unsigned.Partial"),
	"txn.ErrNoLifetime":     says(txn.ErrNoLifetime, "Plan.Lifetime"),
	"txn.ErrNoPayer":        says(txn.ErrNoPayer, "Plan.Payer"),
	"txn.ErrNoSteps":        says(txn.ErrNoSteps, "Plan.Steps"),
	"txn.ErrNonceAccount":   says(txn.ErrNonceAccount, "use a blockhash"),
	"txn.ErrNotSigner":      none(txn.ErrNotSigner, byCondition),
	"txn.ErrOtherSignature": says(txn.ErrOtherSignature, "keep the first signature"),
	"txn.ErrTransactionTooLarge": says(&txn.SizeError{Size: 1300, Limit: 1232}, "68 over", "memo",
		"lookup tables"),
	"txn.ErrTooManyAccounts": says(txn.ErrTooManyAccounts, "split it"),
}

// typeRemedies has all exported error types.
var typeRemedies = map[string]remedy{
	"accounts.DecodeError": says(unloaded(true), "stake pool 4uQeVj", "check the address"),
	"explain.VerifyError":  none(&explain.VerifyError{Reason: explain.ErrNetworkFee}, byCause),
	"instructions.BuildError": says(&instructions.BuildError{Instruction: "X", Field: "signer",
		Reason: instructions.ErrMissing},
		"signer: missing"),
	"lst.AmbiguousError": says(&lst.AmbiguousError{Mints: []solana.PublicKey{{}, {}}},
		"name the mint", "11111111111111111111111111111111, "),
	"lst.AmountError":          says(amountError("one"), "such as 1.5"),
	"lst.UnknownError":         says(new(lst.UnknownError), "check the spelling"),
	"lst.EntryError":           none(&lst.EntryError{Err: errors.New("pool is missing")}, byCause),
	"progerr.ProgramError":     none(new(progerr.ProgramError), byTable),
	"progerr.TransactionError": none(new(progerr.TransactionError), byTable),
	"quote.Error":              none(&quote.Error{Reason: quote.ErrStalePool}, byCause),
	"quote.Refusal":            none(refused(), byCause),
	"route.NoRouteError": says(new(route.NoRouteError), "no venue trades this pair",
		"Intermediates"),
	"route.PortableQuoteError": says(new(route.PortableQuoteError), "request a new one"),
	"route.EvidenceError":      none(new(route.EvidenceError), byDetail),
	"state.ReloadError":        says(new(state.ReloadError), "load the market anew"),
	"sdk.EndpointsError": says(&sdk.EndpointsError{Failures: []*sdk.RPCError{{HTTPStatus: 401}}},
		"check the key"),
	"sdk.UntrustedTokenError": says(new(sdk.UntrustedTokenError), "check the mint"),
	"sdk.TokenWarning":        none(sdk.TokenWarning{Kind: sdk.ErrLookAlike}, byWarning),
	"sdk.ExpiredError":        says(new(sdk.ExpiredError), "another one may be signed"),
	"foreign.StatusError":     says(new(foreign.StatusError), "try again later", "the key"),
	"sdk.LegError":            says(new(sdk.LegError), "request another leg"),
	"sdk.FundsError": says(&sdk.FundsError{Missing: true}, "add tokens first",
		"set the owner who holds them"),
	"sdk.FrozenError": says(new(sdk.FrozenError), "ask the mint's freeze authority",
		"use a route without this token"),
	"sdk.PartialExecutionError": says(&sdk.PartialExecutionError{Err: sdk.ErrExpired},
		"quote the remaining trade again"),
	"operator.InfinityLossError": says(new(operator.InfinityLossError),
		"set MaxTopUp", "choose other tokens"),
	"sdk.PayerError":      says(&sdk.PayerError{Needed: 5}, "fund it or set another payer"),
	"sdk.MinimumError":    says(new(sdk.MinimumError), "quote again or allow more slippage"),
	"sdk.PreflightError":  none(new(sdk.PreflightError), byCause),
	"sdk.RPCError":        says(&sdk.RPCError{HTTPStatus: 429}, "send fewer requests"),
	"sdk.PriceStepsError": says(&sdk.PriceStepsError{Err: sdk.ErrUncertain}, "resume each of them"),
	"sdk.StepError":       none(&sdk.StepError{Err: sdk.ErrSimulation}, byCause),
	"sdk.TipError":        says(new(sdk.TipError), "set BuildOptions.Tip", "TipAccounts"),
	"sdk.UncertainError":  says(new(sdk.UncertainError), "do not sign another one"),
	"txn.ChangedError":    says(new(txn.ChangedError), "original"),
	"txn.MissingError":    says(new(txn.MissingError), "pass their signers"),
	"txn.SizeError":       says(new(txn.SizeError), "memo", "lookup tables"),
}

func decodeError(reason error) error {
	return &accounts.DecodeError{Account: "stake pool", Reason: reason}
}

// unloaded returns the error for a pool that a set does not have.
func unloaded(missing bool) error {
	set := accounts.NewSet(1)
	if missing {
		set.PutMissing(solana.PublicKey{1})
	}
	_, err := accounts.Load(set, solana.PublicKey{1}, accounts.DecodeStakePool)
	return err
}

// unmade returns the error of a client that New did not make.
func unmade() error {
	_, err := new(sdk.Client).LoadMarket(context.Background())
	return err
}

func amountError(text string) error {
	_, err := lst.ParseAmount(text, 9)
	return err
}

// sentinels returns the names of all exported sentinel errors in the source.
func sentinels(t *testing.T) (names []string) {
	t.Helper()
	files, _ := source(t)
	for _, f := range files {
		if f.test || !slices.Contains(public, f.pkg) {
			continue
		}

		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}

			for _, spec := range decl.Specs {
				values, ok := spec.(*ast.ValueSpec)
				if !ok {
					continue
				}

				for _, name := range values.Names {
					if strings.HasPrefix(name.Name, "Err") {
						names = append(names, path.Base(f.pkg)+"."+name.Name)
					}
				}
			}
		}
	}

	slices.Sort(names)
	return names
}

// TestRemedies_InErrorTexts checks that a decision exists for every exported
// error, and that its text names the remedy.
func TestRemedies_InErrorTexts(t *testing.T) {
	require.Equal(t, sentinels(t), sortedKeys(sentinelRemedies),
		"add a remedy for each exported sentinel error")
	var types []string
	for name, typ := range surfaceTypes {
		if reflect.PointerTo(typ).Implements(reflect.TypeFor[error]()) {
			types = append(types, name)
		}
	}

	slices.Sort(types)
	require.Equal(t, types, sortedKeys(typeRemedies), "add a remedy for each exported error type")

	for _, table := range []map[string]remedy{sentinelRemedies, typeRemedies} {
		for _, name := range sortedKeys(table) {
			r := table[name]
			require.Error(t, r.err, name)
			text := r.err.Error()
			require.NotContains(t, text, "\n", name)
			require.Less(t, len(text), 400, name)
			require.Equal(t, r.without == "", len(r.words) > 0, "%s: either words or a reason",
				name)
			for _, words := range r.words {
				require.Contains(t, text, words, name)
			}
		}
	}
}
