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
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// unstakeUnits is what a sale to the Reserve was measured to need, with room.
const unstakeUnits = 170_000

// toReserve buys stake for SOL.
type toReserve struct {
	pool *state.Reserve
	// from is the stake account that is sold, nil if it is a new one.
	from *state.StakeAccount
}

func (t *toReserve) token() lst.LST {
	return lst.LST{Symbol: "SOL", Mint: accounts.NativeMint, Decimals: 9, TokenProgram: accounts.TokenProgram, Kind: lst.KindReserve}
}

func (t *toReserve) routerDeposit(_ validator, bridge solana.PublicKey) instructions.DepositStakeSuffix {
	return instructions.ReserveDepositStake(t.pool.Keys, bridge)
}

func (t *toReserve) accounts(validator) []solana.PublicKey { return t.pool.Read }

// accepts any validator: the Reserve does not keep the stake.
func (t *toReserve) accepts(validator) bool { return true }

// rent of a new stake account comes back whatever it is: the Reserve pays for all lamports.
func (t *toReserve) rent() (uint64, error) {
	return t.pool.Pool.Rent.MinimumBalance(accounts.StakeAccountSpace)
}

func (t *toReserve) take(d *drawn, given *taken, r *quote.Refusal) bool {
	record, ok := t.sellable(d, r)
	if !ok {
		return false
	}
	u, ok := t.pool.Prices.Unstake(d.stake.Lamports, record, false, r)
	if !ok {
		return false
	}
	*given = taken{
		out:     u.Out,
		fee:     u.Fee,
		exact:   true,
		price:   quote.Price{Lamports: 1, Tokens: 1},
		guard:   terms.GuardTemporary,
		advance: t.pool.TokenRent,
	}
	return true
}

func (t *toReserve) pays() (most uint64, price quote.Price) {
	return t.pool.Pool.Lamports, quote.Price{Lamports: 1, Tokens: 1}
}

func (t *toReserve) takeExactOut(out uint64, like *drawn, r *quote.Refusal) (uint64, bool) {
	record, ok := t.sellable(like, r)
	if !ok {
		return 0, false
	}
	u, ok := t.pool.Prices.UnstakeExactOut(out, record, false, r)
	return fixed.SaturatingSub(u.In, like.unstaked()), ok
}

func (t *toReserve) describe(d *drawn, given *taken) (words takenWords) {
	if given.fee > 0 {
		words.fees = []terms.Fee{{
			Name: "Reserve fee", Amount: given.fee, Mint: accounts.NativeMint, Rate: fmt.Sprintf("%d/%d", given.fee, d.stake.Lamports), Recipient: t.pool.Keys.SOL,
		}}
	}
	return words
}

// sellable checks a stake account and returns what its record holds already. A new account has none.
func (t *toReserve) sellable(d *drawn, r *quote.Refusal) (recordLamports uint64, ok bool) {
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

// steps sell a stake account. The Reserve takes no limit, so it pays into an account that did not exist before, whose balance is
// checked before it is closed.
func (t *toReserve) steps(p terms.Parties, h handover) ([]txn.Step, error) {
	owner := p.Owner
	// On the way to another recipient SOL itself takes fewer steps.
	native := h.ask.ToOther(p)
	w, err := h.ask.Outlet(p, t.pool.TokenRent, native)
	if err != nil {
		return nil, err
	}
	sale, err := instructions.Unstake{Reserve: t.pool.Keys, Owner: p.Owner, Stake: h.stake, Destination: w.Address, Wrapped: !native}.Build()
	if err != nil {
		return nil, err
	}
	closing, err := w.Close(h.minimum, h.back)
	if err != nil {
		return nil, err
	}
	return slices.Concat(w.Open, []txn.Step{{
		Tell: func() string {
			return fmt.Sprintf("sell the stake account %s to the Reserve", h.stake) + h.ask.ForWhom(owner)
		},
		Instruction: sale,
		Units:       unstakeUnits,
	}}, closing), nil
}
