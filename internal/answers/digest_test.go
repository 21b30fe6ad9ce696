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

// digester digests what money depends on in an answer.
type digester struct{ hash.Hash }

func newDigester() digester { return digester{sha256.New()} }

func (f digester) digest() string { return hex.EncodeToString(f.Sum(nil)[:8]) }

func (f digester) put(values ...any) { fmt.Fprintln(f, values...) }

// quote digests a quote, its legs and its instructions for three owners.
func (f digester) quote(q *route.Quote) {
	f.put(q.Venue, q.Slot, q.Epoch, q.In, q.Out, q.MinOut, q.MaxIn, uint8(q.Guard), q.Advance)
	f.put(q.Leftover, q.Separate, q.Units, q.NetIn, q.NetOut, q.At, q.Until, q.Exact)
	f.put(q.Price.Lamports, q.Price.Tokens, q.NewAccount, q.Accounts)
	for _, c := range q.Costs {
		f.put(c.Lamports)
	}
	for _, fee := range q.Fees {
		f.put(fee.Amount, fee.Mint, fee.Recipient)
	}
	for _, table := range q.Tables {
		f.put(table.Address)
	}

	account, ok, err := q.GuardedAccount(owner)
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
	f.put(s.Units)
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

// failure digests the conditions that an error wraps.
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

// parties are the accounts that trades are written for: the owner alone, with a
// sponsor, and incomplete.
var parties = func() []route.Parties {
	held, none := uint64(123_456_789), uint64(0)
	return []route.Parties{
		{
			Owner:      owner,
			Payer:      owner,
			Seed:       "seed",
			NewAccount: solana.PublicKey{77, 77},
			Held:       &none,
		},
		{
			Owner:      owner,
			Payer:      wallet(8),
			Seed:       "0123456789",
			NewAccount: solana.PublicKey{78},
			Held:       &held,
		},
		{Owner: owner, Payer: owner},
	}
}()

// conditions are what users test an error for. Their order is part of the
// recorded digests: add new ones at the end.
var conditions = []error{
	accounts.ErrInvalid, accounts.ErrLength, accounts.ErrNil, accounts.ErrNotFound,
	accounts.ErrNotLoaded, accounts.ErrOwner, accounts.ErrType, accounts.ErrUninitialized,
	accounts.ErrUnknownRent,
	fixed.ErrDivideByZero, fixed.ErrOverflow,
	instructions.ErrContradiction, instructions.ErrDisabled, instructions.ErrMissing,
	txn.ErrIncomplete, txn.ErrLookupTable, txn.ErrMemo, txn.ErrNonce, txn.ErrTooLarge,
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
	quote.ErrStakeUndelegated, quote.ErrStakeUninitialized, quote.ErrStale,
	quote.ErrTicketNotDue, quote.ErrTooLarge, quote.ErrTooSmall, quote.ErrUnknownCalculator,
	quote.ErrUnknownPricing, quote.ErrUnlisted, quote.ErrUpToDate, quote.ErrValidator,
	quote.ErrZeroAmount,
	route.ErrCombination, route.ErrLookAhead, route.ErrMismatch, route.ErrNoRoute,
	route.ErrParties, route.ErrRecipient, route.ErrReferrer, route.ErrSameToken, route.ErrSide,
	route.ErrSlippage, route.ErrTooManyValidators, route.ErrUnknownToken,
	route.ErrUnsupportedMint, route.ErrUnsupportedTokenProgram, route.ErrWrapped,
	route.ErrWrongProgram,
}
