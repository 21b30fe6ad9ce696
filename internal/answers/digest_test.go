package answers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// digester computes a digest of the parts of an answer on which money depends.
type digester struct{ hash.Hash }

func newDigester() digester { return digester{sha256.New()} }

func (f digester) digest() string { return hex.EncodeToString(f.Sum(nil)[:8]) }

func (f digester) put(values ...any) { fmt.Fprintln(f, values...) }

// quote adds a quote, its legs and its instructions for three sets of
// parameters.
func (f digester) quote(q *route.Quote) {
	f.put(q.Venue, q.Slot, q.Epoch, q.In, q.Out, q.MinOut, q.MaxIn, uint8(q.MinOutCheck),
		q.UpfrontRent)
	f.put(q.IntermediateDust, q.NeedsTwoTransactions, q.ComputeUnits, q.NetIn, q.NetOut,
		q.ExactAtSlot, q.ValidUntilSlot, q.Exact)
	f.put(q.Price.Lamports, q.Price.Tokens, q.NeedsStakeKeypair, q.Accounts)
	for _, c := range q.Costs {
		f.put(c.Lamports)
	}

	for _, fee := range q.Fees {
		f.put(fee.Amount, fee.Mint, fee.Recipient)
	}

	for _, table := range q.Tables {
		f.put(table.Address)
	}

	account, ok, err := q.BalanceCheckAccount(owner)
	f.put(account, ok)
	f.failure(err)
	for _, p := range parties {
		steps, err := q.Steps(p)
		f.failure(err)
		for i := range steps {
			f.step(&steps[i])
		}
	}

	for i := range q.Legs {
		f.quote(&q.Legs[i])
	}
}

func (f digester) step(s *txn.Step) {
	f.put(s.ComputeUnits)
	if s.Instruction == nil {
		return
	}
	data, err := s.Instruction.Data()
	f.put(s.Instruction.ProgramID(), data)
	f.failure(err)
	for _, meta := range s.Instruction.Accounts() {
		f.put(meta.PublicKey, meta.IsSigner, meta.IsWritable)
	}
}

// failure adds the sentinel errors that an error wraps.
func (f digester) failure(err error) {
	if err == nil {
		return
	}
	for i, condition := range conditions {
		if errors.Is(err, condition) {
			f.put(i)
		}
	}
}

// parties are the parameters for which instructions are built: the owner alone,
// with a sponsor, and incomplete.
var parties = func() []route.BuildParams {
	held, none := uint64(123_456_789), uint64(0)
	return []route.BuildParams{
		{
			Owner:      owner,
			Payer:      owner,
			Seed:       "seed",
			NewAccount: solana.PublicKey{77, 77},
			PreBalance: &none,
		},
		{
			Owner:      owner,
			Payer:      wallet(8),
			Seed:       "0123456789",
			NewAccount: solana.PublicKey{78},
			PreBalance: &held,
		},
		{Owner: owner, Payer: owner},
	}
}()

// conditions are the sentinel errors that a user can test for. The recorded
// digests depend on their order: append new ones.
var conditions = []error{
	accounts.ErrInvalidValue, accounts.ErrWrongLength, accounts.ErrNil, accounts.ErrNotFound,
	accounts.ErrNotLoaded, accounts.ErrWrongOwner, accounts.ErrWrongType, accounts.ErrUninitialized,
	accounts.ErrUnknownRent,
	fixed.ErrDivideByZero, fixed.ErrOverflow,
	instructions.ErrConflictingInput, instructions.ErrOperationDisabled, instructions.ErrMissing,
	txn.ErrIncomplete, txn.ErrLookupTable, txn.ErrMemo, txn.ErrNonceAccount,
	txn.ErrTransactionTooLarge,
	txn.ErrTooManyAccounts,
	quote.ErrBelowMinimumDelegation, quote.ErrBuildDependent, quote.ErrDisabled,
	quote.ErrEpochRewards, quote.ErrFeeAccount, quote.ErrFeeRange, quote.ErrInputDisabled,
	quote.ErrInsufficientReserve, quote.ErrInvalidState, quote.ErrNoFee, quote.ErrNoProfit,
	quote.ErrNoYield, quote.ErrNotPreferred, quote.ErrOutdatedCalculator,
	quote.ErrPermissioned, quote.ErrPrefundCost, quote.ErrPrefundGap, quote.ErrPrefundUnpaid,
	quote.ErrRebalancing, quote.ErrRouterFunds, quote.ErrSlot, quote.ErrSlotTime,
	quote.ErrStakeAccount, quote.ErrStakeActivating, quote.ErrStakeActive,
	quote.ErrStakeDeactivating, quote.ErrStakeLocked, quote.ErrStakeMarinades,
	quote.ErrStakeOwner, quote.ErrStakeSurplus, quote.ErrStakeTooSmall,
	quote.ErrStakeUndelegated, quote.ErrStakeUninitialized, quote.ErrStalePool,
	quote.ErrTicketNotDue, quote.ErrAmountTooLarge, quote.ErrAmountTooSmall,
	quote.ErrUnknownCalculator,
	quote.ErrUnknownPricing, quote.ErrUnlisted, quote.ErrUpToDate, quote.ErrValidator,
	quote.ErrZeroAmount,
	route.ErrLegsConflict, route.ErrInvalidSlotTolerance, route.ErrMismatch, route.ErrNoRoute,
	route.ErrMissingParam, route.ErrRecipient, route.ErrReferrerUnsupported, route.ErrSameToken,
	route.ErrInvalidSwapMode,
	route.ErrInvalidSlippage, route.ErrTooManyValidators, route.ErrUnknownToken,
	route.ErrUnsupportedMint, route.ErrUnsupportedTokenProgram, route.ErrTokenAccount,
	route.ErrWrongProgram,
}
