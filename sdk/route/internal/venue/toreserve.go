package venue

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// unstakeUnits are the compute units of a sale to the Reserve as measured, plus
// a margin.
const unstakeUnits = 170_000

// toReserve pays SOL for stake accounts with the Reserve's Unstake instruction.
type toReserve struct {
	pool *state.Reserve
	// from is the owner's stake account that is sold, or nil for a new stake
	// account.
	from *state.StakeAccount
	// wrapped reports whether the Reserve pays wSOL into the owner's account.
	wrapped bool
}

func (t *toReserve) token() lst.LST {
	return lst.LST{
		Symbol:       "SOL",
		Mint:         accounts.NativeMint,
		Decimals:     9,
		TokenProgram: accounts.TokenProgram,
		Kind:         lst.KindReserve,
	}
}

func (t *toReserve) routerDeposit(
	_ validator,
	bridge solana.PublicKey,
) instructions.RouterDepositStakeAccounts {
	return instructions.RouterReserveDepositStake(t.pool.Keys, bridge)
}

func (t *toReserve) accounts(validator) []solana.PublicKey { return t.pool.Read }

// accepts returns true for every validator: the Reserve does not keep the
// stake.
func (t *toReserve) accepts(validator) bool { return true }

// rent returns the rent of a new stake account. It is returned in full, because
// the Reserve pays for all lamports.
func (t *toReserve) rent() (uint64, error) {
	return t.pool.Pool.Rent.MinimumBalance(accounts.StakeAccountSpace)
}

func (t *toReserve) buy(d *withdrawnStake, given *proceeds, r *quote.Refusal) bool {
	record, ok := t.sellable(d, r)
	if !ok {
		return false
	}

	u, ok := t.pool.Prices.Unstake(d.stake.Lamports, record, false, r)
	if !ok {
		return false
	}

	*given = proceeds{
		out:     u.Out,
		fee:     u.Fee,
		exact:   true,
		price:   quote.Price{Lamports: 1, Tokens: 1},
		guard:   terms.CheckedByTempAccount,
		advance: t.pool.TokenRent,
	}

	if t.wrapped {
		given.guard, given.advance = terms.CheckedByBalance, 0
	}

	return true
}

func (t *toReserve) pays() (most uint64, price quote.Price) {
	return t.pool.Pool.Lamports, quote.Price{Lamports: 1, Tokens: 1}
}

func (t *toReserve) buyExactOut(out uint64, like *withdrawnStake, r *quote.Refusal) (uint64, bool) {
	record, ok := t.sellable(like, r)
	if !ok {
		return 0, false
	}
	u, ok := t.pool.Prices.UnstakeExactOut(out, record, false, r)
	return fixed.SaturatingSub(u.In, like.unstaked()), ok
}

func (t *toReserve) describe(d *withdrawnStake, given *proceeds) (texts proceedsText) {
	if given.fee > 0 {
		texts.fees = []terms.Fee{{
			Name:      "Reserve fee",
			Amount:    given.fee,
			Mint:      accounts.NativeMint,
			Rate:      fmt.Sprintf("%d/%d", given.fee, d.stake.Lamports),
			Recipient: t.pool.Keys.SOL,
		}}
	}
	return texts
}

// sellable checks a stake account and returns the balance of its record. A new
// account has no record.
func (t *toReserve) sellable(d *withdrawnStake, r *quote.Refusal) (recordLamports uint64, ok bool) {
	if !t.pool.Prices.Sellable(&d.stake.Account, d.stake.Account.Withdrawer, r) {
		return 0, false
	}
	if d.existing.IsZero() {
		return 0, true
	}
	if t.from.RecordErr != nil {
		return 0, r.BecauseErr(nil, t.from.RecordErr)
	}
	return t.from.RecordLamports, true
}

func (t *toReserve) updateSteps() ([]txn.Step, error) { return nil, nil }

// destination returns the account that the Reserve pays. It has no minimum
// output, so it pays into a new temporary account whose balance is checked
// before it is closed, or into the owner's wSOL account, whose balance the
// transaction checks at its end.
func (t *toReserve) destination(
	p terms.BuildParams,
	h stakeTransfer,
	native bool,
) (offer.SOLDestination, error) {
	if !t.wrapped {
		return h.ask.SOLDestination(p, t.pool.TokenRent, native)
	}

	account, create, err := h.ask.WSOLAccount(p)

	return offer.SOLDestination{
		Address: account,
		Open:    create,
		Close:   func(uint64, uint64) ([]txn.Step, error) { return nil, nil },
	}, err
}

// steps returns the instructions of a sale.
func (t *toReserve) steps(p terms.BuildParams, h stakeTransfer) ([]txn.Step, error) {
	owner := p.Owner
	// For another recipient, native SOL takes fewer instructions than wSOL.
	native := h.ask.PaysOther(p)
	w, err := t.destination(p, h, native)
	if err != nil {
		return nil, err
	}

	sale, err := instructions.ReserveUnstake{
		Reserve:     t.pool.Keys,
		Owner:       p.Owner,
		Stake:       h.stake,
		Destination: w.Address,
		Wrapped:     !native,
	}.Build()
	if err != nil {
		return nil, err
	}

	closing, err := w.Close(h.minimum, h.back)
	if err != nil {
		return nil, err
	}

	return slices.Concat(w.Open, []txn.Step{{
		Describe: func() string {
			return fmt.Sprintf("sell the stake account %s to the Reserve", h.stake) +
				h.ask.RecipientSuffix(owner)
		},
		Instruction:  sale,
		ComputeUnits: unstakeUnits,
	}}, closing), nil
}
