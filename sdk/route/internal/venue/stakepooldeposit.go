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

// stakePoolDeposit trades SOL for an LST with the DepositSol instruction of the
// LST's stake pool.
type stakePoolDeposit struct{ stakePool }

func (v stakePoolDeposit) Name() string { return string(terms.VenueStakePoolDeposit) }

func (v stakePoolDeposit) Pairs(*state.Ledger) (from, to []state.Token) {
	return sol(), only(v.token)
}

func (v stakePoolDeposit) Offer(
	s *state.Snapshot,
	a *offer.Ask,
	amount uint64,
	_ *offer.Effect,
	o *offer.Offer,
) bool {
	pool, prices := v.priced(s, a, o)
	if prices == nil {
		return false
	}

	d, ok := depositSOL(prices, a.SwapMode, amount, &o.Refusal)
	if !ok {
		return false
	}

	rent, err := s.Chain().TokenRent()
	if a.UseWSOL && err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}

	o.Gives(d.Lamports, d.Tokens)
	if a.Referrer.IsZero() {
		o.Out += d.ReferralFee
	}

	if receivesFees(pool, a) {
		o.Out += d.ManagerFee
	}

	// The program compares the minimum only with the tokens of the depositor,
	// without the referral part.
	if !o.Limit(a, d.Tokens, &o.Refusal) {
		return false
	}

	o.MinOut = min(o.MinOut, d.Tokens)
	o.Exact, o.Pays = d.Exact, true
	o.Price = prices.UpdatedPrice()
	o.Leaves = leaves(pool, v.token, prices, d.Exact, d.Lamports, d.Tokens, d.ReferralFee,
		d.ManagerFee)

	return o.Unwraps(a, rent)
}

func depositSOL(
	prices *quote.StakePoolPrices,
	side terms.SwapMode,
	amount uint64,
	r *quote.Refusal,
) (quote.SOLDeposit, bool) {
	if side == terms.ExactOut {
		return prices.DepositSOLExactOut(amount, r)
	}
	return prices.DepositSOL(amount, r)
}

func (v stakePoolDeposit) Describe(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	pool, prices := v.priced(s, a, o)
	if prices == nil {
		return described(o)
	}

	outcome, ok := depositSOL(prices, a.SwapMode, o.Amount, &o.Refusal)
	if !ok {
		return described(o)
	}

	d.Fees = depositFees(pool, a, &outcome)
	describePool(pool, updatesPool(pool, a), o.Exact, d)
	asked, in, minOut, rent := a.Kept(), o.In, o.MinOut, o.UpfrontRent
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		unwrap, err := asked.Unwrap(p, in, rent)
		if err != nil {
			return nil, err
		}

		return depositSteps(pool, &asked, in, minOut, unwrap, p)
	}

	return nil
}

func depositFees(pool *state.StakePool, a *offer.Ask, d *quote.SOLDeposit) []terms.Fee {
	s := &pool.Pool.State
	var fees []terms.Fee
	if d.ManagerFee > 0 && !receivesFees(pool, a) {
		fees = append(fees, terms.Fee{
			Name:      "SOL deposit fee",
			Amount:    d.ManagerFee,
			Mint:      s.PoolMint,
			Rate:      offer.FeeRate(s.SOLDepositFee),
			Recipient: s.ManagerFeeAccount,
		})
	}

	if d.ReferralFee > 0 && !a.Referrer.IsZero() {
		fees = append(fees, terms.Fee{
			Name:   "referral part of the SOL deposit fee",
			Amount: d.ReferralFee,
			Mint:   s.PoolMint,
			Rate: fmt.Sprintf("%d/100 of %s", s.SOLReferralFee,
				offer.FeeRate(s.SOLDepositFee)),
			Recipient: a.Referrer,
		})
	}

	return fees
}

func depositSteps(
	pool *state.StakePool,
	a *offer.Ask,
	in, minOut uint64,
	unwrap []txn.Step,
	p terms.BuildParams,
) ([]txn.Step, error) {
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

	poolUpdate, err := updateSteps(pool, false)
	if err != nil {
		return nil, err
	}

	steps := make([]txn.Step, 0, len(poolUpdate)+len(unwrap)+3)
	steps = append(append(append(steps, create...), poolUpdate...), unwrap...)
	deposit, err := instructions.StakePoolDepositSOLWithSlippage{
		StakePoolDepositSOL: instructions.StakePoolDepositSOL{
			Pool:        pool.Keys,
			From:        p.Owner,
			Destination: destination,
			Referrer:    referrer,
			Lamports:    in,
		},
		MinimumTokensOut: minOut,
	}.Build()
	if err != nil {
		return nil, err
	}

	return append(steps, txn.Step{
		Describe: func() string {
			return fmt.Sprintf("deposit %s SOL into the stake pool of %s for at least %s %s",
				lst.FormatAmount(in, 9), token.Symbol, token.Format(minOut), token.Symbol) +
				a.RecipientSuffix(owner)
		},
		Instruction:  deposit,
		ComputeUnits: depositSOLUnits,
	}), nil
}

// Line bounds the tokens of a deposit, including the referral part.
func (v stakePoolDeposit) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	*line = v.prices(s, a).SOLDepositLine()
}
