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

// stakePoolWithdrawal is LST -> SOL by WithdrawSol, from the reserve of the LST's own stake pool.
type stakePoolWithdrawal struct{ stakePool }

func (v stakePoolWithdrawal) name() string { return "stake pool withdrawal" }

func (v stakePoolWithdrawal) pairs() (from, to []solana.PublicKey) {
	return []solana.PublicKey{v.lst.Mint}, []solana.PublicKey{accounts.NativeMint}
}

func (v stakePoolWithdrawal) load(w *world) (loaded, error) {
	l, err := v.stakePool.load(w)
	if err != nil {
		return nil, err
	}
	return &loadedWithdrawal{l}, nil
}

// loadedWithdrawal is a stakePoolWithdrawal with its state.
type loadedWithdrawal struct{ *loadedStakePool }

func (l *loadedWithdrawal) offer(a *ask, amount uint64, _ *effect, o *offer) bool {
	prices := l.priced(a, o)
	if prices == nil {
		return false
	}
	w, ok := withdrawSOL(prices, a.Side, amount, &o.refusal)
	if !ok || !o.limit(a, w.Lamports, &o.refusal) {
		return false
	}

	o.gives(w.Tokens, w.Lamports)
	o.exact, o.pays = w.Exact, true
	o.price = prices.UpdatedPrice()
	return true
}

func withdrawSOL(prices *quote.StakePoolPrices, side Side, amount uint64, r *quote.Refusal) (quote.SolWithdrawal, bool) {
	if side == ExactOut {
		return prices.WithdrawSolExactOut(amount, r)
	}
	return prices.WithdrawSol(amount, r)
}

func (l *loadedWithdrawal) describe(a *ask, o *offer, q *Quote) error {
	w, ok := withdrawSOL(l.priced(a, o), a.Side, o.amount, &o.refusal)
	if !ok {
		return &o.refusal
	}
	if w.ManagerFee > 0 {
		s := &l.pool.State
		q.Fees = []Fee{{
			Name: "SOL withdrawal fee", Amount: w.ManagerFee, Mint: s.PoolMint, Rate: feeRate(s.SolWithdrawalFee), Recipient: s.ManagerFeeAccount,
		}}
	}
	l.loadedStakePool.describe(a, q)
	quoted := *q
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(quoted.Request, quoted, p) }
	return nil
}

func (l *loadedWithdrawal) steps(r Request, q Quote, p Parties) ([]txn.Step, error) {
	source, err := accounts.AssociatedTokenAddress(p.Owner, l.keys.TokenProgram, l.keys.Mint)
	if err != nil {
		return nil, err
	}
	steps, err := l.crankSteps()
	if err != nil {
		return nil, err
	}
	withdraw, err := instructions.WithdrawSolWithSlippage{
		WithdrawSol: instructions.WithdrawSol{
			Pool: l.keys, Authority: p.Owner, Source: source, Destination: r.receiver(p), PoolTokens: q.In,
		},
		MinimumLamportsOut: q.MinOut,
	}.Build()
	if err != nil {
		return nil, err
	}
	return append(steps, txn.Step{
		Words: fmt.Sprintf("withdraw at least %s SOL from the reserve of the stake pool of %s for %s %s",
			lst.FormatAmount(q.MinOut, 9), l.lst.Symbol, l.lst.Format(q.In), l.lst.Symbol) + r.forWhom(p),
		Instruction: withdraw,
		Units:       withdrawSolUnits,
	}), nil
}
