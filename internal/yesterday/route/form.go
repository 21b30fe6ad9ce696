package route

import (
	"errors"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// anybody stands for the people of a trade before they are known. The size of a transaction, its compute units, and which accounts of
// protocols it writes are the same for everybody who pays for himself.
var anybody = Parties{
	Owner: solana.PublicKey{1}, Payer: solana.PublicKey{1}, NewAccount: solana.PublicKey{2}, Seed: "0123456789", Held: new(uint64),
}

// form is what the transaction of a quote looks like.
type form struct {
	// units is what the steps need.
	units uint32
	// writes are the accounts that may change.
	writes []solana.PublicKey
	// err says why it does not fit in a transaction.
	err error
}

// shape lays out the transaction of a quote, for anybody.
func (q *Quote) shape() (*form, error) {
	if q.form != nil {
		return q.form, nil
	}
	p := anybody
	if !q.holder.IsZero() {
		p.Owner, p.Payer = q.holder, q.holder
	}
	steps, err := q.Steps(p)
	if err != nil {
		return nil, err
	}
	f := &form{}
	for _, s := range steps {
		f.units += s.Units
		for _, m := range s.Instruction.Accounts() {
			if m.IsWritable {
				f.writes = append(f.writes, m.PublicKey)
			}
		}
	}
	plan := txn.Plan{
		Payer: p.Payer, Steps: steps, Tables: q.Tables,
		Budget:   txn.ComputeBudget{UnitLimit: max(f.units, 1), UnitPrice: 1},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
	}
	if _, f.err = plan.Compile(); f.err != nil && !errors.Is(f.err, txn.ErrTooLarge) && !errors.Is(f.err, txn.ErrTooManyAccounts) {
		return nil, f.err
	}
	q.form = f
	return f, nil
}

// PriorityFeeCost is the name of the cost in [Quote.Costs] that goes to the
// network for priority, and that the payer bears.
const PriorityFeeCost = "priority fee, estimated"

// conform measures a quote: what it needs, whether it fits in a transaction, and what is left of it after the priority fee.
func (m *Market) conform(q *Quote) error {
	f, err := q.shape()
	switch {
	case err != nil:
		return err
	case f.err != nil:
		if q.Request.MaxTransactions < uint8(len(q.Legs)) || len(q.Legs) == 0 {
			return f.err
		}
		for i := range q.Legs {
			if err := m.conform(&q.Legs[i]); err != nil {
				return err
			}
		}
		q.Separate = true
	}
	q.Units = f.units
	if q.Request.UnitPrice > 0 {
		fee, err := txn.ComputeBudget{UnitLimit: f.units, UnitPrice: q.Request.UnitPrice}.PriorityFee()
		if err != nil {
			return err
		}
		q.Costs = append(q.Costs, Cost{Name: PriorityFeeCost, Lamports: fee})
		m.net(q)
	}
	return nil
}
