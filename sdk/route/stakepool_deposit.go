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

func (v stakePoolDeposit) serves(from, to solana.PublicKey) bool {
	return from == accounts.NativeMint && to == v.lst.Mint
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

func (l *loadedDeposit) quote(r Request) (Quote, error) {
	pool, q, err := l.prepare(r)
	if err != nil {
		return Quote{}, err
	}
	d, err := l.deposit(pool, r)
	if err != nil {
		return Quote{}, err
	}
	q.In, q.MaxIn, q.Out, q.Exact = d.Lamports, d.Lamports, d.Tokens, d.Exact
	if r.Referrer.IsZero() {
		q.Out += d.ReferralFee
	}
	// The program compares the limit with the depositor's tokens alone, so the limit is on these.
	if q.MinOut, err = r.minimum(d.Tokens); err != nil {
		return Quote{}, err
	}
	if r.Side == ExactOut {
		q.MinOut = min(r.Amount, d.Tokens)
	}
	q.Fees = l.fees(r, d)
	l.finish(&q, pool)
	q.leaves = leaves(pool, d.Exact, d.Lamports, d.Tokens, d.ReferralFee, d.ManagerFee)
	q.pays = r.Recipient
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(r, q, p) }
	return q, nil
}

func (l *loadedDeposit) deposit(pool quote.StakePool, r Request) (quote.SolDeposit, error) {
	if r.Side == ExactOut {
		return pool.DepositSolExactOut(r.Amount)
	}
	return pool.DepositSol(r.Amount)
}

func (l *loadedDeposit) fees(r Request, d quote.SolDeposit) []Fee {
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
	token := &l.lst
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
	paid, least, other := q.In, q.MinOut, r.other(p)
	return append(steps, txn.Step{
		Tell: func() string {
			return fmt.Sprintf("deposit %s SOL into the stake pool of %s for at least %s %s",
				lst.FormatAmount(paid, 9), token.Symbol, token.Format(least), token.Symbol) + paidTo(other)
		},
		Instruction: deposit,
		Units:       depositSolUnits,
	}), nil
}
