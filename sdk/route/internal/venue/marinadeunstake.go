package venue

import (
	"fmt"
	"slices"

	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// marinadeUnstake trades mSOL for SOL with Marinade's LiquidUnstake
// instruction.
type marinadeUnstake struct{ marinade }

func (v marinadeUnstake) Name() string { return string(terms.VenueMarinadeUnstake) }

// Stepped marks a venue whose fee rises in steps of one basis point.
func (v marinadeUnstake) Stepped() {}

func (v marinadeUnstake) Pairs(*state.Ledger) (from, to []state.Token) {
	return only(v.token), sol()
}

func (v marinadeUnstake) Offer(
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

	u, ok := unstakeMarinade(pool.Prices, a.SwapMode, amount, &o.Refusal)
	if !ok || !o.Limit(a, u.Lamports, &o.Refusal) {
		return false
	}

	if _, ok := pool.Prices.Price(&o.Refusal); !ok {
		return false
	}

	o.Gives(u.MSOL, u.Lamports)
	o.MinOutCheck, o.Exact, o.Pays = terms.CheckedByTempAccount, knownMarinade(pool), true
	o.UpfrontRent = pool.TokenRent
	o.Price = quote.Price{Lamports: 1, Tokens: 1}

	return o.CoversRent(a, pool.TokenRent, &o.Refusal)
}

func unstakeMarinade(
	prices *quote.MarinadePrices,
	side terms.SwapMode,
	amount uint64,
	r *quote.Refusal,
) (quote.MarinadeLiquidUnstake, bool) {
	if side == terms.ExactOut {
		return prices.LiquidUnstakeExactOut(amount, r)
	}
	return prices.LiquidUnstake(amount, r)
}

func (v marinadeUnstake) Describe(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	pool, err := s.Marinade(v.token)
	if err != nil {
		return err
	}

	u, ok := unstakeMarinade(pool.Prices, a.SwapMode, o.Amount, &o.Refusal)
	if !ok {
		return described(o)
	}

	rate := offer.Fraction(uint64(u.FeeBps), fixed.BasisPoints)
	if u.Treasury > 0 {
		d.Fees = append(d.Fees, terms.Fee{
			Name:      "liquid unstake fee, treasury",
			Amount:    u.Treasury,
			Mint:      pool.LST.Mint,
			Rate:      rate,
			Recipient: pool.Keys.Treasury,
		})
	}

	if rest := fixed.SaturatingSub(u.Fee, u.Treasury); rest > 0 {
		d.Fees = append(d.Fees, terms.Fee{
			Name:      "liquid unstake fee, liquidity",
			Amount:    rest,
			Mint:      pool.LST.Mint,
			Rate:      rate,
			Recipient: pool.Keys.MSOLLeg,
		})
	}

	describeMarinade(pool, o.Exact, d)
	asked, in, minOut := a.Kept(), o.In, o.MinOut
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		return unstakeSteps(pool, &asked, in, minOut, p)
	}

	return nil
}

// unstakeSteps returns the instructions of a sale. LiquidUnstake has no minimum
// output, so it pays into a new temporary account whose balance is checked.
func unstakeSteps(
	pool *state.Marinade,
	a *offer.Ask,
	in, minOut uint64,
	p terms.BuildParams,
) ([]txn.Step, error) {
	owner := p.Owner
	w, err := a.SOLDestination(p, pool.TokenRent, true)
	if err != nil {
		return nil, err
	}

	source, err := a.Source(p, pool.LST.Mint, pool.LST.TokenProgram)
	if err != nil {
		return nil, err
	}

	ix, err := instructions.MarinadeLiquidUnstake{
		Marinade:    pool.Keys,
		Authority:   p.Owner,
		Source:      source,
		Destination: w.Address,
		MSOL:        in,
	}.Build()
	if err != nil {
		return nil, err
	}

	closing, err := w.Close(minOut, 0)
	if err != nil {
		return nil, err
	}

	return slices.Concat(w.Open, []txn.Step{{
		Describe: func() string {
			return fmt.Sprintf("sell %s %s to Marinade's liquidity pool", pool.LST.Format(in),
				pool.LST.Symbol) +
				a.RecipientSuffix(owner)
		},
		Instruction:  ix,
		ComputeUnits: marinadeUnstakeUnits,
	}}, closing), nil
}

// Line bounds the SOL of a sale of mSOL.
func (v marinadeUnstake) Line(s *state.Snapshot, _ *offer.Ask, line *fixed.Line) {
	*line = nothing
	if pool, err := s.Marinade(v.token); err == nil {
		*line = pool.Prices.LiquidUnstakeLine()
	}
}
