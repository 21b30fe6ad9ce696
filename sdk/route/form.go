package route

import (
	"errors"
	"sync"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// anybody stands for the people of a trade before they are known. The size of a transaction, its compute units, and which accounts of
// protocols it writes are the same for everybody who pays for himself.
var anybody = Parties{
	Owner: solana.PublicKey{1}, Payer: solana.PublicKey{1}, NewAccount: solana.PublicKey{2}, Seed: "0123456789", Held: new(uint64),
}

// form is what the transaction of a quote looks like, whatever its amounts.
type form struct {
	// units is what the steps need.
	units uint32
	// reads are the accounts that the quote was made from, and writes those that
	// may change.
	reads, writes []solana.PublicKey
	// err says why it does not fit in a transaction, or why there are no steps
	// for anybody if broken is set.
	err    error
	broken bool
}

// writesAny reports whether the form writes one of the accounts another was
// made from, apart from one that it knows the state of.
func (f *form) writesAny(reads []solana.PublicKey, known solana.PublicKey) (written solana.PublicKey, ok bool) {
	for _, key := range reads {
		if key == known {
			continue
		}
		for i := range f.writes {
			if f.writes[i] == key {
				return key, true
			}
		}
	}
	return written, false
}

// formKey tells forms apart: two offers with the same key have transactions
// that differ in amounts and in the keys of people only.
type formKey struct {
	venue    int
	from, to token
	pick     uint16
	flags    uint16
	// referrer and recipient are keys of the form, as they may be equal to
	// others in it.
	referrer, recipient solana.PublicKey
}

func (a *ask) formKey(o *offer) formKey {
	flags := uint16(a.Side)
	for i, set := range [...]bool{a.Crank, a.Wrapped, a.Deactivate, a.MaxPrefund > 0, o.whole, o.follows, o.guard == GuardBalance} {
		if set {
			flags |= 2 << i
		}
	}
	return formKey{
		venue: o.venue, from: a.from, to: a.to, pick: o.pick, flags: flags,
		referrer: a.Referrer, recipient: a.Recipient,
	}
}

// legsKey tells apart the forms of two legs in one transaction.
type legsKey struct{ first, second formKey }

// forms remembers the forms of a market. It is bounded: when it is full, it
// begins anew, which takes time and changes no answer.
type forms struct {
	mu     sync.RWMutex
	single map[formKey]*form
	legs   map[legsKey]*form
	// most is how many there may be of each, by default mostForms.
	most int
}

// mostForms bounds how many forms a market remembers.
const mostForms = 8192

// remembered returns the form of a key, which make makes if it is not known.
func remembered[K comparable](f *forms, known *map[K]*form, key K, make func() *form) *form {
	f.mu.RLock()
	found := (*known)[key]
	f.mu.RUnlock()
	if found != nil {
		return found
	}

	made := make()
	f.mu.Lock()
	defer f.mu.Unlock()
	if *known == nil || len(*known) >= f.most {
		*known = map[K]*form{}
	}
	(*known)[key] = made
	return made
}

// formOf is what the transaction of an offer looks like, for anybody.
func (m *Market) formOf(a *ask, o *offer) *form {
	return remembered(&m.forms, &m.forms.single, a.formKey(o), func() *form {
		q, err := m.describe(a, o)
		if err != nil {
			return &form{err: err, broken: true}
		}
		return q.shape()
	})
}

// shape lays out the transaction of a quote, for anybody.
func (q *Quote) shape() *form {
	p := anybody
	if !q.holder.IsZero() {
		p.Owner, p.Payer = q.holder, q.holder
	}
	f := &form{reads: q.Accounts}
	steps, err := q.Steps(p)
	if err != nil {
		f.err, f.broken = err, true
		return f
	}

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
	_, f.err = plan.Compile()
	f.broken = f.err != nil && !errors.Is(f.err, txn.ErrTooLarge) && !errors.Is(f.err, txn.ErrTooManyAccounts)
	return f
}

// PriorityFeeCost is the name of the cost in [Quote.Costs] that goes to the
// network for priority, and that the payer bears.
const PriorityFeeCost = "priority fee, estimated"

// priorityFee is what a request is likely to pay for priority.
func (r *Request) priorityFee(units uint32) (uint64, error) {
	if r.UnitPrice == 0 {
		return 0, nil
	}
	return txn.ComputeBudget{UnitLimit: units, UnitPrice: r.UnitPrice}.PriorityFee()
}

// prioritized adds the priority fee to the costs of an offer.
func (m *Market) prioritized(a *ask, o *offer, units uint32) error {
	fee, err := a.priorityFee(units)
	if err != nil || a.UnitPrice == 0 {
		return err
	}
	o.loses(fee)
	m.net(a, o)
	return nil
}
