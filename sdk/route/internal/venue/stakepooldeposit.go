package venue

import (
	"fmt"

	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// StakePoolDeposit is SOL -> LST by DepositSol of the LST's own stake pool.
type stakePoolDeposit struct{ stakePool }

func (v stakePoolDeposit) Name() string { return string(terms.VenueStakePoolDeposit) }

func (v stakePoolDeposit) Pairs(*state.Ledger) (from, to []state.Token) { return sol(), just(v.token) }

func (v stakePoolDeposit) Offer(s *state.Snapshot, a *offer.Ask, amount uint64, _ *offer.Effect, o *offer.Offer) bool {
	pool, prices := v.priced(s, a, o)
	if prices == nil {
		return false
	}
	d, ok := depositSOL(prices, a.Side, amount, &o.Refusal)
	if !ok {
		return false
	}

	o.Gives(d.Lamports, d.Tokens)
	if a.Referrer.IsZero() {
		o.Out += d.ReferralFee
	}
	// The program compares the limit with the depositor's tokens alone, so the limit is on these.
	if !o.Limit(a, d.Tokens, &o.Refusal) {
		return false
	}
	o.MinOut = min(o.MinOut, d.Tokens)
	o.Exact, o.Pays = d.Exact, true
	o.Price = prices.UpdatedPrice()
	o.Leaves = leaves(pool, v.token, prices, d.Exact, d.Lamports, d.Tokens, d.ReferralFee, d.ManagerFee)
	return true
}

func depositSOL(prices *quote.StakePoolPrices, side terms.Side, amount uint64, r *quote.Refusal) (quote.SolDeposit, bool) {
	if side == terms.ExactOut {
		return prices.DepositSolExactOut(amount, r)
	}
	return prices.DepositSol(amount, r)
}

func (v stakePoolDeposit) Describe(s *state.Snapshot, a *offer.Ask, o *offer.Offer, d *offer.Deed) error {
	pool, prices := v.priced(s, a, o)
	if prices == nil {
		return described(o)
	}
	outcome, ok := depositSOL(prices, a.Side, o.Amount, &o.Refusal)
	if !ok {
		return described(o)
	}
	d.Fees = depositFees(pool, a, &outcome)
	describePool(pool, cranks(pool, a), o.Exact, d)
	asked, in, minOut := a.Kept(), o.In, o.MinOut
	d.Steps = func(p terms.Parties) ([]txn.Step, error) { return depositSteps(pool, &asked, in, minOut, p) }
	return nil
}

func depositFees(pool *state.StakePool, a *offer.Ask, d *quote.SolDeposit) []terms.Fee {
	s := &pool.Pool.State
	var fees []terms.Fee
	if d.ManagerFee > 0 {
		fees = append(fees, terms.Fee{
			Name: "SOL deposit fee", Amount: d.ManagerFee, Mint: s.PoolMint, Rate: offer.FeeRate(s.SolDepositFee), Recipient: s.ManagerFeeAccount,
		})
	}
	if d.ReferralFee > 0 && !a.Referrer.IsZero() {
		fees = append(fees, terms.Fee{
			Name: "referral part of the SOL deposit fee", Amount: d.ReferralFee, Mint: s.PoolMint,
			Rate: fmt.Sprintf("%d/100 of %s", s.SolReferralFee, offer.FeeRate(s.SolDepositFee)), Recipient: a.Referrer,
		})
	}
	return fees
}

func depositSteps(pool *state.StakePool, a *offer.Ask, in, minOut uint64, p terms.Parties) ([]txn.Step, error) {
	owner := p.Owner
	token := &pool.LST
	destination, create, err := a.TokenAccount(p, pool.Keys.Mint, pool.Keys.TokenProgram)
	if err != nil {
		return nil, err
	}
	referrer := a.Referrer
	if referrer.IsZero() {
		referrer = destination
	}
	crank, err := crankSteps(pool)
	if err != nil {
		return nil, err
	}
	steps := make([]txn.Step, 0, len(crank)+3)
	steps = append(append(steps, create), crank...)
	deposit, err := instructions.DepositSolWithSlippage{
		DepositSol: instructions.DepositSol{
			Pool: pool.Keys, From: p.Owner, Destination: destination, Referrer: referrer, Lamports: in,
		},
		MinimumTokensOut: minOut,
	}.Build()
	if err != nil {
		return nil, err
	}
	return append(steps, txn.Step{
		Tell: func() string {
			return fmt.Sprintf("deposit %s SOL into the stake pool of %s for at least %s %s",
				lst.FormatAmount(in, 9), token.Symbol, token.Format(minOut), token.Symbol) + a.ForWhom(owner)
		},
		Instruction: deposit,
		Units:       depositSolUnits,
	}), nil
}

// Line bounds a deposit. The referral part may be the depositor's.
func (v stakePoolDeposit) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	*line = v.prices(s, a).SolDepositLine()
}
