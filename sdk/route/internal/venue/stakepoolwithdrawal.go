package venue

import (
	"fmt"
	"slices"

	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakePoolWithdrawal trades an LST for SOL with the WithdrawSol instruction,
// from the reserve of the LST's stake pool.
type stakePoolWithdrawal struct{ stakePool }

func (v stakePoolWithdrawal) Name() string { return string(terms.VenueStakePoolWithdrawal) }

func (v stakePoolWithdrawal) Pairs(*state.Ledger) (from, to []state.Token) {
	return only(v.token), sol()
}

func (v stakePoolWithdrawal) Offer(
	s *state.Snapshot,
	a *offer.Ask,
	amount uint64,
	_ *offer.Effect,
	o *offer.Offer,
) bool {
	_, prices := v.priced(s, a, o)
	if prices == nil {
		return false
	}

	w, ok := withdrawSOL(prices, a.SwapMode, amount, &o.Refusal)
	if !ok || !o.Limit(a, w.Lamports, &o.Refusal) {
		return false
	}

	o.Gives(w.Tokens, w.Lamports)
	o.Exact, o.Pays = w.Exact, true
	o.Price = prices.UpdatedPrice()

	return true
}

func withdrawSOL(
	prices *quote.StakePoolPrices,
	side terms.SwapMode,
	amount uint64,
	r *quote.Refusal,
) (quote.SOLWithdrawal, bool) {
	if side == terms.ExactOut {
		return prices.WithdrawSOLExactOut(amount, r)
	}
	return prices.WithdrawSOL(amount, r)
}

func (v stakePoolWithdrawal) Describe(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	pool, prices := v.priced(s, a, o)
	if prices == nil {
		return described(o)
	}

	w, ok := withdrawSOL(prices, a.SwapMode, o.Amount, &o.Refusal)
	if !ok {
		return described(o)
	}

	if w.ManagerFee > 0 {
		s := &pool.Pool.State
		d.Fees = []terms.Fee{{
			Name:      "SOL withdrawal fee",
			Amount:    w.ManagerFee,
			Mint:      s.PoolMint,
			Rate:      offer.FeeRate(s.SOLWithdrawalFee),
			Recipient: s.ManagerFeeAccount,
		}}
	}

	describePool(pool, updatesPool(pool, a), o.Exact, d)
	asked, in, minOut := a.Kept(), o.In, o.MinOut
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		return withdrawSteps(pool, &asked, in, minOut, p)
	}

	return nil
}

func withdrawSteps(
	pool *state.StakePool,
	a *offer.Ask,
	in, minOut uint64,
	p terms.BuildParams,
) ([]txn.Step, error) {
	owner := p.Owner
	source, err := a.Source(p, pool.Keys.Mint, pool.Keys.TokenProgram)
	if err != nil {
		return nil, err
	}

	destination, open, sync, err := a.LamportsDestination(p)
	if err != nil {
		return nil, err
	}

	steps, err := updateSteps(pool, false)
	if err != nil {
		return nil, err
	}

	withdraw, err := instructions.StakePoolWithdrawSOLWithSlippage{
		StakePoolWithdrawSOL: instructions.StakePoolWithdrawSOL{
			Pool:        pool.Keys,
			Authority:   p.Owner,
			Source:      source,
			Destination: destination,
			PoolTokens:  in,
		},
		MinimumLamportsOut: minOut,
	}.Build()
	if err != nil {
		return nil, err
	}

	return slices.Concat(steps, open, []txn.Step{{
		Describe: func() string {
			return fmt.Sprintf(
				"withdraw at least %s SOL from the reserve of the stake pool of %s for %s %s",
				lst.FormatAmount(minOut, 9),
				pool.LST.Symbol,
				pool.LST.Format(in),
				pool.LST.Symbol,
			) +
				a.RecipientSuffix(owner)
		},
		Instruction:  withdraw,
		ComputeUnits: withdrawSOLUnits,
	}}, sync), nil
}

// Line bounds the SOL of a withdrawal.
func (v stakePoolWithdrawal) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	*line = v.prices(s, a).SOLWithdrawalLine()
}
