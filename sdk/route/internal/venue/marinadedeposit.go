package venue

import (
	"fmt"
	"slices"

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

// marinadeDeposit trades SOL for mSOL with Marinade's Deposit instruction.
type marinadeDeposit struct{ marinade }

func (v marinadeDeposit) Name() string { return string(terms.VenueMarinadeDeposit) }

func (v marinadeDeposit) Pairs(*state.Ledger) (from, to []state.Token) {
	return sol(), only(v.token)
}

func (v marinadeDeposit) Offer(
	s *state.Snapshot,
	a *offer.Ask,
	amount uint64,
	_ *offer.Effect,
	o *offer.Offer,
) bool {
	pool, err := s.Marinade(v.token)
	if err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}
	return offerMarinade(pool, a, amount, o) && o.Unwraps(a, pool.TokenRent)
}

// offerMarinade sets the offer of a deposit, directly or through the Router.
func offerMarinade(pool *state.Marinade, a *offer.Ask, amount uint64, o *offer.Offer) bool {
	d, ok := depositMarinade(pool.Prices, a.SwapMode, amount, &o.Refusal)
	if !ok || !o.Limit(a, d.MSOL, &o.Refusal) {
		return false
	}

	o.Gives(d.Lamports, d.MSOL)
	o.MinOutCheck, o.Exact = terms.CheckedByBalance, knownMarinade(pool)
	o.Price, ok = pool.Prices.Price(&o.Refusal)
	return ok
}

func depositMarinade(
	prices *quote.MarinadePrices,
	side terms.SwapMode,
	amount uint64,
	r *quote.Refusal,
) (quote.MarinadeDeposit, bool) {
	if side == terms.ExactOut {
		return prices.DepositExactOut(amount, r)
	}
	return prices.Deposit(amount, r)
}

// describeMarinadeDeposit sets the details of a deposit except its
// instructions.
func describeMarinadeDeposit(
	pool *state.Marinade,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	outcome, ok := depositMarinade(pool.Prices, a.SwapMode, o.Amount, &o.Refusal)
	if !ok {
		return described(o)
	}

	if outcome.Fee > 0 {
		d.Fees = []terms.Fee{{
			Name:      "SOL deposit fee",
			Amount:    outcome.Fee,
			Mint:      accounts.NativeMint,
			Rate:      cents(pool.Pool.State.DepositSOLFee),
			Recipient: pool.Keys.Reserve,
		}}
	}

	d.GuardBalance(pool.LST.TokenProgram)
	describeMarinade(pool, o.Exact, d)

	return nil
}

func (v marinadeDeposit) Describe(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	pool, err := s.Marinade(v.token)
	if err != nil {
		return err
	}

	if err := describeMarinadeDeposit(pool, a, o, d); err != nil {
		return err
	}

	asked, lamports := a.Kept(), o.In
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		return marinadeDepositSteps(pool, &asked, lamports, p)
	}

	return nil
}

func marinadeDepositSteps(
	pool *state.Marinade,
	a *offer.Ask,
	lamports uint64,
	p terms.BuildParams,
) ([]txn.Step, error) {
	destination, create, err := a.TokenAccount(p, pool.LST.Mint, pool.LST.TokenProgram)
	if err != nil {
		return nil, err
	}

	unwrap, err := a.Unwrap(p, lamports, pool.TokenRent)
	if err != nil {
		return nil, err
	}

	ix, err := instructions.MarinadeDeposit{
		Marinade:    pool.Keys,
		From:        p.Owner,
		Destination: destination,
		Lamports:    lamports,
	}.Build()

	return slices.Concat(create, unwrap, []txn.Step{{
		Describe: func() string {
			return fmt.Sprintf("deposit %s SOL into Marinade", lst.FormatAmount(lamports, 9))
		},
		Instruction:  ix,
		ComputeUnits: marinadeDepositUnits,
	}}), err
}

// Line bounds the mSOL of a deposit.
func (v marinadeDeposit) Line(s *state.Snapshot, _ *offer.Ask, line *fixed.Line) {
	*line = nothing
	if pool, err := s.Marinade(v.token); err == nil {
		*line = pool.Prices.DepositLine()
	}
}
