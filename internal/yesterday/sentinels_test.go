package yesterday_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	oldquote "github.com/sanctum-go/sanctum/internal/yesterday/quote"
	oldroute "github.com/sanctum-go/sanctum/internal/yesterday/route"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// sentinel is a condition that users may test for, as both engines name it.
type sentinel struct {
	name             string
	yesterday, today error
}

// sentinels are all of the packages that the engine is made of.
var sentinels = []sentinel{
	{"accounts.ErrInvalid", accounts.ErrInvalid, accounts.ErrInvalid},
	{"accounts.ErrLength", accounts.ErrLength, accounts.ErrLength},
	{"accounts.ErrNil", accounts.ErrNil, accounts.ErrNil},
	{"accounts.ErrNotFound", accounts.ErrNotFound, accounts.ErrNotFound},
	{"accounts.ErrNotLoaded", accounts.ErrNotLoaded, accounts.ErrNotLoaded},
	{"accounts.ErrOwner", accounts.ErrOwner, accounts.ErrOwner},
	{"accounts.ErrType", accounts.ErrType, accounts.ErrType},
	{"accounts.ErrUninitialized", accounts.ErrUninitialized, accounts.ErrUninitialized},
	{"accounts.ErrUnknownRent", accounts.ErrUnknownRent, accounts.ErrUnknownRent},

	{"fixed.ErrDivideByZero", fixed.ErrDivideByZero, fixed.ErrDivideByZero},
	{"fixed.ErrOverflow", fixed.ErrOverflow, fixed.ErrOverflow},

	{"instructions.ErrContradiction", instructions.ErrContradiction, instructions.ErrContradiction},
	{"instructions.ErrDisabled", instructions.ErrDisabled, instructions.ErrDisabled},
	{"instructions.ErrMissing", instructions.ErrMissing, instructions.ErrMissing},
	{"instructions.ErrZeroAmount", instructions.ErrZeroAmount, instructions.ErrZeroAmount},

	{"txn.ErrBadSignature", txn.ErrBadSignature, txn.ErrBadSignature},
	{"txn.ErrBudget", txn.ErrBudget, txn.ErrBudget},
	{"txn.ErrChanged", txn.ErrChanged, txn.ErrChanged},
	{"txn.ErrIncomplete", txn.ErrIncomplete, txn.ErrIncomplete},
	{"txn.ErrInvalidKey", txn.ErrInvalidKey, txn.ErrInvalidKey},
	{"txn.ErrLookupTable", txn.ErrLookupTable, txn.ErrLookupTable},
	{"txn.ErrMalformed", txn.ErrMalformed, txn.ErrMalformed},
	{"txn.ErrMemo", txn.ErrMemo, txn.ErrMemo},
	{"txn.ErrMissingSignature", txn.ErrMissingSignature, txn.ErrMissingSignature},
	{"txn.ErrNoLifetime", txn.ErrNoLifetime, txn.ErrNoLifetime},
	{"txn.ErrNoPayer", txn.ErrNoPayer, txn.ErrNoPayer},
	{"txn.ErrNoSteps", txn.ErrNoSteps, txn.ErrNoSteps},
	{"txn.ErrNonce", txn.ErrNonce, txn.ErrNonce},
	{"txn.ErrNotSigner", txn.ErrNotSigner, txn.ErrNotSigner},
	{"txn.ErrOtherSignature", txn.ErrOtherSignature, txn.ErrOtherSignature},
	{"txn.ErrTooLarge", txn.ErrTooLarge, txn.ErrTooLarge},
	{"txn.ErrTooManyAccounts", txn.ErrTooManyAccounts, txn.ErrTooManyAccounts},
	{"txn.ErrVersion", txn.ErrVersion, txn.ErrVersion},

	{
		"quote.ErrBelowMinimumDelegation",
		oldquote.ErrBelowMinimumDelegation,
		quote.ErrBelowMinimumDelegation,
	},
	{"quote.ErrBuildDependent", oldquote.ErrBuildDependent, quote.ErrBuildDependent},
	{"quote.ErrDisabled", oldquote.ErrDisabled, quote.ErrDisabled},
	{"quote.ErrEpochRewards", oldquote.ErrEpochRewards, quote.ErrEpochRewards},
	{"quote.ErrFeeAccount", oldquote.ErrFeeAccount, quote.ErrFeeAccount},
	{"quote.ErrFeeRange", oldquote.ErrFeeRange, quote.ErrFeeRange},
	{"quote.ErrInputDisabled", oldquote.ErrInputDisabled, quote.ErrInputDisabled},
	{"quote.ErrInsufficientReserve", oldquote.ErrInsufficientReserve, quote.ErrInsufficientReserve},
	{"quote.ErrInvalidState", oldquote.ErrInvalidState, quote.ErrInvalidState},
	{"quote.ErrNoFee", oldquote.ErrNoFee, quote.ErrNoFee},
	{"quote.ErrNoProfit", oldquote.ErrNoProfit, quote.ErrNoProfit},
	{"quote.ErrNoYield", oldquote.ErrNoYield, quote.ErrNoYield},
	{"quote.ErrNotPreferred", oldquote.ErrNotPreferred, quote.ErrNotPreferred},
	{"quote.ErrOutdatedCalculator", oldquote.ErrOutdatedCalculator, quote.ErrOutdatedCalculator},
	{"quote.ErrPermissioned", oldquote.ErrPermissioned, quote.ErrPermissioned},
	{"quote.ErrPrefundCost", oldquote.ErrPrefundCost, quote.ErrPrefundCost},
	{"quote.ErrPrefundGap", oldquote.ErrPrefundGap, quote.ErrPrefundGap},
	{"quote.ErrPrefundUnpaid", oldquote.ErrPrefundUnpaid, quote.ErrPrefundUnpaid},
	{"quote.ErrRebalancing", oldquote.ErrRebalancing, quote.ErrRebalancing},
	{"quote.ErrRouterFunds", oldquote.ErrRouterFunds, quote.ErrRouterFunds},
	{"quote.ErrSlot", oldquote.ErrSlot, quote.ErrSlot},
	{"quote.ErrSlotTime", oldquote.ErrSlotTime, quote.ErrSlotTime},
	{"quote.ErrStakeAccount", oldquote.ErrStakeAccount, quote.ErrStakeAccount},
	{"quote.ErrStakeActivating", oldquote.ErrStakeActivating, quote.ErrStakeActivating},
	{"quote.ErrStakeActive", oldquote.ErrStakeActive, quote.ErrStakeActive},
	{"quote.ErrStakeDeactivating", oldquote.ErrStakeDeactivating, quote.ErrStakeDeactivating},
	{"quote.ErrStakeLocked", oldquote.ErrStakeLocked, quote.ErrStakeLocked},
	{"quote.ErrStakeMarinades", oldquote.ErrStakeMarinades, quote.ErrStakeMarinades},
	{"quote.ErrStakeOwner", oldquote.ErrStakeOwner, quote.ErrStakeOwner},
	{"quote.ErrStakeSurplus", oldquote.ErrStakeSurplus, quote.ErrStakeSurplus},
	{"quote.ErrStakeTooSmall", oldquote.ErrStakeTooSmall, quote.ErrStakeTooSmall},
	{"quote.ErrStakeUndelegated", oldquote.ErrStakeUndelegated, quote.ErrStakeUndelegated},
	{"quote.ErrStakeUninitialized", oldquote.ErrStakeUninitialized, quote.ErrStakeUninitialized},
	{"quote.ErrStale", oldquote.ErrStale, quote.ErrStale},
	{"quote.ErrTicketNotDue", oldquote.ErrTicketNotDue, quote.ErrTicketNotDue},
	{"quote.ErrTooLarge", oldquote.ErrTooLarge, quote.ErrTooLarge},
	{"quote.ErrTooSmall", oldquote.ErrTooSmall, quote.ErrTooSmall},
	{"quote.ErrUnknownCalculator", oldquote.ErrUnknownCalculator, quote.ErrUnknownCalculator},
	{"quote.ErrUnknownPricing", oldquote.ErrUnknownPricing, quote.ErrUnknownPricing},
	{"quote.ErrUnlisted", oldquote.ErrUnlisted, quote.ErrUnlisted},
	{"quote.ErrUpToDate", oldquote.ErrUpToDate, quote.ErrUpToDate},
	{"quote.ErrValidator", oldquote.ErrValidator, quote.ErrValidator},
	{"quote.ErrZeroAmount", oldquote.ErrZeroAmount, quote.ErrZeroAmount},

	{"route.ErrCombination", oldroute.ErrCombination, route.ErrCombination},
	{"route.ErrLookAhead", oldroute.ErrLookAhead, route.ErrLookAhead},
	{"route.ErrMismatch", oldroute.ErrMismatch, route.ErrMismatch},
	{"route.ErrNoRoute", oldroute.ErrNoRoute, route.ErrNoRoute},
	{"route.ErrParties", oldroute.ErrParties, route.ErrParties},
	{"route.ErrRecipient", oldroute.ErrRecipient, route.ErrRecipient},
	{"route.ErrReferrer", oldroute.ErrReferrer, route.ErrReferrer},
	{"route.ErrSameToken", oldroute.ErrSameToken, route.ErrSameToken},
	{"route.ErrSide", oldroute.ErrSide, route.ErrSide},
	{"route.ErrSlippage", oldroute.ErrSlippage, route.ErrSlippage},
	{"route.ErrTooManyValidators", oldroute.ErrTooManyValidators, route.ErrTooManyValidators},
	{"route.ErrUnknownToken", oldroute.ErrUnknownToken, route.ErrUnknownToken},
	{"route.ErrUnsupportedMint", oldroute.ErrUnsupportedMint, route.ErrUnsupportedMint},
	{
		"route.ErrUnsupportedTokenProgram",
		oldroute.ErrUnsupportedTokenProgram,
		route.ErrUnsupportedTokenProgram,
	},
	{"route.ErrWrapped", oldroute.ErrWrapped, route.ErrWrapped},
	{"route.ErrWrongProgram", oldroute.ErrWrongProgram, route.ErrWrongProgram},
}

// addedSince are sentinels that yesterday did not have.
var addedSince = map[string]bool{"ErrReload": true}

// TestSentinels_Complete makes sure that no condition is left out.
func TestSentinels_Complete(t *testing.T) {
	listed := make(map[string]bool)
	for _, s := range sentinels {
		listed[s.name] = true
	}
	for _, dir := range []string{
		"../../accounts", "../fixed", "../../instructions", "../../sdk/txn", "../../sdk/quote", "../../sdk/route", "quote", "route",
	} {
		notTests := func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }
		//nolint:staticcheck // only names are of interest, whatever the build
		parsed, err := parser.ParseDir(token.NewFileSet(), dir, notTests, 0)
		require.NoError(t, err)
		for _, pkg := range parsed {
			for _, f := range pkg.Files {
				ast.Inspect(f, func(n ast.Node) bool {
					spec, ok := n.(*ast.ValueSpec)
					if _, local := n.(*ast.FuncDecl); local || !ok {
						return !local
					}
					for _, name := range spec.Names {
						if strings.HasPrefix(name.Name, "Err") && !addedSince[name.Name] {
							require.True(
								t,
								listed[path.Base(dir)+"."+name.Name],
								"%s of %s is missing in the list",
								name.Name,
								dir,
							)
						}
					}
					return false
				})
			}
		}
	}
}
