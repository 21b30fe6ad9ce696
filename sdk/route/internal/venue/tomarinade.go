package venue

import (
	"fmt"
	"math"
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

// toMarinade pays mSOL for stake with Marinade's DepositStakeAccount
// instruction.
type toMarinade struct {
	pool *state.MarinadeStake
	// like is the last stake account without its stake, and prices are
	// Marinade's prices for it.
	like   accounts.StakeAccount
	prices *quote.MarinadeStakePrices
}

// set sets the pool. Prices prepared for the same pool are kept.
func (t *toMarinade) set(pool *state.MarinadeStake) {
	if t.pool != pool {
		*t = toMarinade{pool: pool}
	}
}

// prepared returns Marinade's prices for a stake account. The accounts of one
// search differ in their stake only.
func (t *toMarinade) prepared(d *withdrawnStake) *quote.MarinadeStakePrices {
	// The stake belongs to this offer only, so its account can be changed.
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

func (t *toMarinade) routerDeposit(
	v validator,
	_ solana.PublicKey,
) instructions.RouterDepositStakeAccounts {
	return instructions.RouterMarinadeDepositStake(t.pool.Keys, *v.account)
}

func (t *toMarinade) accounts(validator) []solana.PublicKey {
	return append(slices.Clone(t.pool.Read), t.pool.Keys.ValidatorList)
}

func (t *toMarinade) accepts(v validator) bool { return t.pool.Accepts(*v.account) }

// storedStakeRent is the rent, in lamports, that the stake program stores in
// every new stake account, whatever the Rent sysvar contains. Marinade requires
// that the balance is exactly the stake plus this rent.
const storedStakeRent = 2_282_880

func (t *toMarinade) rent() (uint64, error) {
	rent, err := t.pool.Pool.Rent.MinimumBalance(accounts.StakeAccountSpace)
	if err == nil && rent > storedStakeRent {
		err = fmt.Errorf(
			"%w: the rent is %d lamports, but Marinade accepts stake accounts with exactly %d only",
			quote.ErrStakeSurplus,
			rent,
			storedStakeRent,
		)
	}
	return storedStakeRent, err
}

// adapt plans to make the balance of an existing account what Marinade wants:
// exactly its stake and the rent that it stores. Lamports beyond are withdrawn
// first, if the stake program pays them, and missing ones are added.
func (t *toMarinade) adapt(d *withdrawnStake, c *state.Chain) {
	s := &d.stake
	wanted, err := fixed.Add(s.Account.Delegation.Stake, s.Account.RentExemptReserve)
	surplus := fixed.SaturatingSub(s.Lamports, wanted)
	if d.existing.IsZero() || s.Account.State != accounts.StakeDelegated || err != nil ||
		surplus > surplusOf(c, s) {
		return
	}

	d.surplus = surplus
	d.topUp = fixed.SaturatingSub(wanted, s.Lamports)
	s.Lamports = wanted
}

func (t *toMarinade) buy(d *withdrawnStake, given *proceeds, r *quote.Refusal) bool {
	like := t.prepared(d)
	m, ok := t.pool.Prices.DepositStakeAccount(d.stake.Account.Delegation.Stake, d.stake.Lamports,
		like, r)
	if !ok {
		return false
	}

	*given = proceeds{
		out:   m.MSOL,
		fee:   m.Fee,
		lost:  m.Kept,
		exact: knownMarinade(t.pool.Marinade),
		guard: terms.CheckedByBalance,
	}

	given.price, ok = t.pool.Prices.Price(r)

	return ok
}

func (t *toMarinade) pays() (most uint64, price quote.Price) {
	price, _ = t.pool.Prices.Price(nil)
	return math.MaxUint64, price
}

func (t *toMarinade) buyExactOut(
	out uint64,
	like *withdrawnStake,
	r *quote.Refusal,
) (uint64, bool) {
	m, ok := t.pool.Prices.DepositStakeAccountExactOut(out, t.prepared(like), r)
	return m.Staked, ok
}

func (t *toMarinade) describe(_ *withdrawnStake, given *proceeds) proceedsText {
	texts := proceedsText{condition: unknownMarinade, tokenProgram: t.pool.LST.TokenProgram}
	if given.fee > 0 {
		texts.fees = []terms.Fee{{
			Name:      "stake deposit fee",
			Amount:    given.fee,
			Mint:      accounts.NativeMint,
			Rate:      cents(t.pool.Pool.State.DepositStakeAccountFee),
			Recipient: t.pool.Keys.State,
		}}
	}

	return texts
}

func (t *toMarinade) updateSteps() ([]txn.Step, error) { return nil, nil }

func (t *toMarinade) steps(p terms.BuildParams, h stakeTransfer) ([]txn.Step, error) {
	destination, create, err := h.ask.TokenAccount(p, t.pool.LST.Mint, t.pool.LST.TokenProgram)
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

	return append(create, txn.Step{
		Describe: func() string {
			return fmt.Sprintf("deposit the stake account %s into Marinade for at least %s %s",
				h.stake, t.pool.LST.Format(h.minimum), t.pool.LST.Symbol)
		},
		Instruction:  deposit,
		ComputeUnits: marinadeStakeDepositsUnits,
	}), nil
}
