package choose

import (
	"errors"
	"slices"
	"sync"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// anybody stands for the people of a trade before they are known. The size of a transaction, its compute units, and which accounts of
// protocols it writes are the same for all who pay for themselves.
var anybody = terms.Parties{
	Owner:      solana.PublicKey{1},
	Payer:      solana.PublicKey{1},
	NewAccount: solana.PublicKey{2},
	Seed:       "0123456789",
	Held:       new(uint64),
}

// Form is what the transaction of an offer looks like, whatever its amounts.
type Form struct {
	// Units is how many compute units the steps need.
	Units uint32
	// reads are the accounts that the offer was made from, and writes those that
	// may change.
	reads, writes []solana.PublicKey
	// err says why it does not fit in a transaction, or why there are no steps
	// for anybody if broken is set.
	err    error
	broken bool
}

// writesAny reports whether the form writes one of the accounts another was
// made from, apart from one that it knows the state of.
func (f *Form) writesAny(reads []solana.PublicKey, known solana.PublicKey) (written solana.PublicKey, ok bool) {
	for _, key := range reads {
		if key != known && slices.Contains(f.writes, key) {
			return key, true
		}
	}
	return written, false
}

// formKey tells forms apart: two offers with the same key have transactions
// that differ in amounts and in the keys of people only.
type formKey struct {
	venue    uint16
	pick     uint16
	flags    uint16
	from, to state.Token
	// referrer and recipient are keys of the form, as they may be equal to
	// others in it.
	referrer, recipient solana.PublicKey
}

func keyOf(a *offer.Ask, o *offer.Offer) formKey {
	flags := uint16(a.Side)
	for i, set := range [...]bool{
		a.Crank, a.Wrapped, a.Deactivate, a.MaxPrefund > 0, o.Whole, o.Follows, o.Guard == terms.GuardBalance,
	} {
		if set {
			flags |= 2 << i
		}
	}
	return formKey{
		venue:     o.Venue,
		pick:      o.Pick,
		flags:     flags,
		from:      a.FromToken,
		to:        a.ToToken,
		referrer:  a.Referrer,
		recipient: a.Recipient,
	}
}

// legsKey tells apart the forms of two legs in one transaction.
type legsKey struct{ first, second formKey }

// forms remembers the forms of a market. It is bounded: when it is full, it
// begins anew, which takes time and changes no answer.
type forms struct {
	mu     sync.RWMutex
	single map[formKey]*Form
	legs   map[legsKey]*Form
	// most is how many there may be of each, by default mostForms.
	most int
}

// mostForms bounds how many forms a market remembers.
const mostForms = 8192

// remembered returns the form of a key, which measure finds if it is not known.
func remembered[K comparable](f *forms, known *map[K]*Form, key K, measure func() *Form) *Form {
	f.mu.RLock()
	found := (*known)[key]
	f.mu.RUnlock()
	if found != nil {
		return found
	}

	measured := measure()
	f.mu.Lock()
	defer f.mu.Unlock()
	if *known == nil || len(*known) >= f.most {
		*known = map[K]*Form{}
	}
	(*known)[key] = measured
	return measured
}

// formOf is what the transaction of an offer looks like, for anybody.
func (m *Market) formOf(a *offer.Ask, o *offer.Offer) *Form {
	key := keyOf(a, o)
	return remembered(&m.forms, &m.forms.single, key, func() *Form {
		var d offer.Deed
		if err := m.Describe(a, o, &d); err != nil {
			return &Form{err: err, broken: true}
		}
		return m.measure(a, o, &d)
	})
}

// measure lays out the transaction of an offer, for anybody.
func (m *Market) measure(a *offer.Ask, o *offer.Offer, d *offer.Deed) *Form {
	f := &Form{reads: d.Accounts}
	p := anybody
	if owner := m.Holder(a.FromToken); !owner.IsZero() {
		p.Owner, p.Payer = owner, owner
	}
	steps, err := d.Steps(p)
	if err == nil && o.Guard == terms.GuardBalance {
		var check txn.Step
		check, err = p.RequireBalance(d.TokenProgram, a.To, o.MinOut)
		steps = append(steps, check)
	}
	if err != nil {
		f.err, f.broken = err, true
		return f
	}

	for _, s := range steps {
		f.Units += s.Units
		for _, meta := range s.Instruction.Accounts() {
			if meta.IsWritable {
				f.writes = append(f.writes, meta.PublicKey)
			}
		}
	}
	plan := txn.Plan{
		Payer:    p.Payer,
		Steps:    steps,
		Tables:   m.tables,
		Budget:   txn.ComputeBudget{UnitLimit: max(f.Units, 1), UnitPrice: 1},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
	}
	_, f.err = plan.Compile()
	f.broken = f.err != nil && !errors.Is(f.err, txn.ErrTooLarge) && !errors.Is(f.err, txn.ErrTooManyAccounts)
	return f
}

// Holder is who may withdraw a stake account that is traded, zero for another
// token.
func (m *Market) Holder(t state.Token) solana.PublicKey {
	if !m.isStake(t) {
		return solana.PublicKey{}
	}
	known, err := m.snapshot.StakeAccount(t)
	if err != nil {
		return solana.PublicKey{}
	}
	return known.Stake.Account.Withdrawer
}

// PriorityFee is what a request is likely to pay for priority, in lamports.
func (s *Search) PriorityFee(units uint32) (uint64, error) {
	if s.UnitPrice == 0 {
		return 0, nil
	}
	return txn.ComputeBudget{UnitLimit: units, UnitPrice: s.UnitPrice}.PriorityFee()
}

// prioritized adds the priority fee to the costs of an offer.
func (m *Market) prioritized(s *Search, a *offer.Ask, o *offer.Offer, units uint32) error {
	fee, err := s.PriorityFee(units)
	if err != nil || s.UnitPrice == 0 {
		return err
	}
	o.Loses(fee)
	m.net(a, o)
	return nil
}

// Alone is the form of a leg that takes a transaction of its own, whose priority
// fee is added to the offer.
func (m *Market) Alone(s *Search, a *offer.Ask, o *offer.Offer) (*Form, error) {
	f := m.formOf(a, o)
	return f, m.prioritized(s, a, o, f.Units)
}

// Describe tells what an offer of one venue is made of. The deed must be empty.
func (m *Market) Describe(a *offer.Ask, o *offer.Offer, d *offer.Deed) error {
	return m.venues[o.Venue].Describe(m.snapshot, a, o, d)
}
