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

func (v stakePoolWithdrawal) serves(from, to solana.PublicKey) bool {
	return from == v.lst.Mint && to == accounts.NativeMint
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

func (l *loadedWithdrawal) quote(r Request) (Quote, error) {
	pool, q, err := l.prepare(r)
	if err != nil {
		return Quote{}, err
	}
	w, err := l.withdraw(pool, r)
	if err != nil {
		return Quote{}, err
	}
	q.In, q.MaxIn, q.Out, q.Exact = w.Tokens, w.Tokens, w.Lamports, w.Exact
	if q.MinOut, err = r.minimum(w.Lamports); err != nil {
		return Quote{}, err
	}
	if r.Side == ExactOut {
		q.MinOut = r.Amount
	}
	if w.ManagerFee > 0 {
		s := pool.State
		q.Fees = []Fee{{
			Name: "SOL withdrawal fee", Amount: w.ManagerFee, Mint: s.PoolMint, Rate: feeRate(s.SolWithdrawalFee), Recipient: s.ManagerFeeAccount,
		}}
	}
	l.finish(&q, pool)
	q.pays = r.Recipient
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(r, q, p) }
	return q, nil
}

func (l *loadedWithdrawal) withdraw(pool quote.StakePool, r Request) (quote.SolWithdrawal, error) {
	if r.Side == ExactOut {
		return pool.WithdrawSolExactOut(r.Amount)
	}
	return pool.WithdrawSol(r.Amount)
}

func (l *loadedWithdrawal) steps(r Request, q Quote, p Parties) ([]txn.Step, error) {
	source, err := p.Addresses.AssociatedToken(p.Owner, l.keys.TokenProgram, l.keys.Mint)
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
	paid, least, other := q.In, q.MinOut, r.other(p)
	return append(steps, txn.Step{
		Tell: func() string {
			return fmt.Sprintf("withdraw at least %s SOL from the reserve of the stake pool of %s for %s %s",
				lst.FormatAmount(least, 9), l.lst.Symbol, l.lst.Format(paid), l.lst.Symbol) + paidTo(other)
		},
		Instruction: withdraw,
		Units:       withdrawSolUnits,
	}), nil
}
