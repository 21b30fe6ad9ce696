package venue

import (
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// toMarinade takes stake by DepositStakeAccount.
type toMarinade struct {
	pool *state.MarinadeStake
	// like is the account that was asked for last, apart from its stake, and
	// prices what Marinade makes of it.
	like   accounts.StakeAccount
	prices *quote.MarinadeStakePrices
}

// set takes the pool. What was prepared for it stays.
func (t *toMarinade) set(pool *state.MarinadeStake) {
	if t.pool != pool {
		*t = toMarinade{pool: pool}
	}
}

// prepared is what Marinade makes of an account. Those that a search asks for
// differ in their stake alone.
func (t *toMarinade) prepared(d *drawn) *quote.MarinadeStakePrices {
	// The stake on its way belongs to this offer alone, so its account may be filled in.
	if d.existing.IsZero() {
		d.stake.Account.RentExemptReserve = storedStakeRent
	}
	like := d.stake.Account
	like.Delegation.Stake = 0
	if t.prices == nil || t.like != like {
		t.like, t.prices = like, t.pool.Prices.PrepareStake(d.stake, t.pool.List, like.Withdrawer)
	}
	return t.prices
}

func (t *toMarinade) token() lst.LST { return t.pool.LST }

func (t *toMarinade) routerDeposit(v validator, _ solana.PublicKey) instructions.DepositStakeSuffix {
	return instructions.MarinadeDepositStake(t.pool.Keys, *v.account)
}

func (t *toMarinade) accounts(validator) []solana.PublicKey {
	return append(slices.Clone(t.pool.Read), t.pool.Keys.ValidatorList)
}

func (t *toMarinade) accepts(v validator) bool { return t.pool.Accepts(*v.account) }

// storedStakeRent is what the stake program writes into every new stake account as its rent, in lamports, whatever the Rent sysvar says.
// Marinade wants the balance to be just the stake and that.
const storedStakeRent = 2_282_880

func (t *toMarinade) rent() (uint64, error) {
	rent, err := t.pool.Pool.Rent.MinimumBalance(accounts.StakeAccountSpace)
	if err == nil && rent > storedStakeRent {
		err = fmt.Errorf("%w: rent of %d lamports, and Marinade takes accounts with just %d", quote.ErrStakeSurplus, rent, storedStakeRent)
	}
	return storedStakeRent, err
}

func (t *toMarinade) take(d *drawn, given *taken, r *quote.Refusal) bool {
	like := t.prepared(d)
	m, ok := t.pool.Prices.DepositStakeAccount(d.stake.Account.Delegation.Stake, d.stake.Lamports, like, r)
	if !ok {
		return false
	}
	*given = taken{
		out:   m.MSOL,
		fee:   m.Fee,
		lost:  m.Kept,
		exact: knownMarinade(t.pool.Marinade),
		guard: terms.GuardBalance,
	}
	given.price, ok = t.pool.Prices.Price(r)
	return ok
}

func (t *toMarinade) pays() (most uint64, price quote.Price) {
	price, _ = t.pool.Prices.Price(nil)
	return math.MaxUint64, price
}

func (t *toMarinade) takeExactOut(out uint64, like *drawn, r *quote.Refusal) (uint64, bool) {
	m, ok := t.pool.Prices.DepositStakeAccountExactOut(out, t.prepared(like), r)
	return m.Staked, ok
}

func (t *toMarinade) describe(_ *drawn, given *taken) takenWords {
	words := takenWords{condition: unknownMarinade, tokenProgram: t.pool.LST.TokenProgram}
	if given.fee > 0 {
		words.fees = []terms.Fee{{
			Name: "stake deposit fee", Amount: given.fee, Mint: accounts.NativeMint, Rate: cents(t.pool.Pool.State.DepositStakeAccountFee),
			Recipient: t.pool.Keys.State,
		}}
	}
	return words
}

func (t *toMarinade) steps(p terms.Parties, h handover) ([]txn.Step, error) {
	destination, err := p.Addresses.AssociatedToken(p.Owner, t.pool.LST.TokenProgram, t.pool.LST.Mint)
	if err != nil {
		return nil, err
	}
	deposit, err := instructions.MarinadeDepositStakeAccount{
		Marinade:       t.pool.Keys,
		Stake:          h.stake,
		Owner:          p.Owner,
		Vote:           *h.validator.account,
		ValidatorIndex: uint32(t.pool.List.Index(*h.validator.account)),
		Payer:          p.Owner,
		Destination:    destination,
		Addresses:      p.Addresses,
	}.Build()
	if err != nil {
		return nil, err
	}
	return []txn.Step{txn.CreateTokenAccountAt(p.Payer, destination, p.Owner, t.pool.LST.Mint, t.pool.LST.TokenProgram), {
		Tell: func() string {
			return fmt.Sprintf("deposit the stake account %s into Marinade for at least %s %s",
				h.stake, t.pool.LST.Format(h.minimum), t.pool.LST.Symbol)
		},
		Instruction: deposit,
		Units:       marinadeStakeDepositsUnits,
	}}, nil
}
