package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakePoolDeposit is SOL -> LST by DepositSol of the LST's own stake pool.
type stakePoolDeposit struct{ stakePool }

func (v stakePoolDeposit) name() string { return "stake pool deposit" }

func (v stakePoolDeposit) pairs() (from, to []solana.PublicKey) {
	return []solana.PublicKey{accounts.NativeMint}, []solana.PublicKey{v.lst.Mint}
}

func (v stakePoolDeposit) load(w *world) (loaded, error) {
	l, err := v.stakePool.load(w)
	if err != nil {
		return nil, err
	}
	return &loadedDeposit{l}, nil
}

// loadedDeposit is a stakePoolDeposit with its state.
type loadedDeposit struct{ *loadedStakePool }

func (l *loadedDeposit) offer(a *ask, amount uint64, _ *effect, o *offer) bool {
	prices := l.priced(a, o)
	if prices == nil {
		return false
	}
	d, ok := depositSOL(prices, a.Side, amount, &o.refusal)
	if !ok {
		return false
	}

	o.gives(d.Lamports, d.Tokens)
	if a.Referrer.IsZero() {
		o.out += d.ReferralFee
	}
	// The program compares the limit with the depositor's tokens alone, so the limit is on these.
	if !o.limit(a, d.Tokens, &o.refusal) {
		return false
	}
	o.minOut = min(o.minOut, d.Tokens)
	o.exact, o.pays = d.Exact, true
	o.price = prices.UpdatedPrice()
	o.leaves = l.leaves(prices, d.Exact, d.Lamports, d.Tokens, d.ReferralFee, d.ManagerFee)
	return true
}

func depositSOL(prices *quote.StakePoolPrices, side Side, amount uint64, r *quote.Refusal) (quote.SolDeposit, bool) {
	if side == ExactOut {
		return prices.DepositSolExactOut(amount, r)
	}
	return prices.DepositSol(amount, r)
}

func (l *loadedDeposit) describe(a *ask, o *offer, q *Quote) error {
	d, ok := depositSOL(l.priced(a, o), a.Side, o.amount, &o.refusal)
	if !ok {
		return &o.refusal
	}
	q.Fees = l.fees(a, d)
	l.loadedStakePool.describe(a, q)
	quoted := *q
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(quoted.Request, quoted, p) }
	return nil
}

func (l *loadedDeposit) fees(r *ask, d quote.SolDeposit) []Fee {
	s := l.pool.State
	var fees []Fee
	if d.ManagerFee > 0 {
		fees = append(fees, Fee{
			Name: "SOL deposit fee", Amount: d.ManagerFee, Mint: s.PoolMint, Rate: feeRate(s.SolDepositFee), Recipient: s.ManagerFeeAccount,
		})
	}
	if d.ReferralFee > 0 && !r.Referrer.IsZero() {
		fees = append(fees, Fee{
			Name: "referral part of the SOL deposit fee", Amount: d.ReferralFee, Mint: s.PoolMint,
			Rate: fmt.Sprintf("%d/100 of %s", s.SolReferralFee, feeRate(s.SolDepositFee)), Recipient: r.Referrer,
		})
	}
	return fees
}

func (l *loadedDeposit) steps(r Request, q Quote, p Parties) ([]txn.Step, error) {
	token := l.lst
	destination, create, err := r.tokenAccount(p, l.keys.Mint, l.keys.TokenProgram)
	if err != nil {
		return nil, err
	}
	referrer := r.Referrer
	if referrer.IsZero() {
		referrer = destination
	}
	steps := []txn.Step{create}
	crank, err := l.crankSteps()
	if err != nil {
		return nil, err
	}
	steps = append(steps, crank...)
	deposit, err := instructions.DepositSolWithSlippage{
		DepositSol: instructions.DepositSol{
			Pool: l.keys, From: p.Owner, Destination: destination, Referrer: referrer, Lamports: q.In,
		},
		MinimumTokensOut: q.MinOut,
	}.Build()
	if err != nil {
		return nil, err
	}
	return append(steps, txn.Step{
		Words: fmt.Sprintf("deposit %s SOL into the stake pool of %s for at least %s %s",
			lst.FormatAmount(q.In, 9), token.Symbol, token.Format(q.MinOut), token.Symbol) + r.forWhom(p),
		Instruction: deposit,
		Units:       depositSolUnits,
	}), nil
}
