package choose

import (
	"errors"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// placeholderParams stands for the people of a trade before they are known. The
// size of a transaction, its compute units, and which accounts of protocols it
// writes are the same for all who pay for themselves.
var placeholderParams = terms.BuildParams{
	Owner:      solana.PublicKey{1},
	Payer:      solana.PublicKey{1},
	NewAccount: solana.PublicKey{2},
	Seed:       "0123456789",
	PreBalance: new(uint64),
}

// layoutOf is what the transaction of an offer looks like, for anybody.
func (m *Market) layoutOf(a *offer.Ask, o *offer.Offer) *Layout {
	key := keyOf(a, o)
	return cached(&m.layouts, &m.layouts.single, key, func() *Layout {
		d, err := m.Describe(a, o)
		if err != nil {
			return &Layout{err: err, broken: true}
		}
		return m.measure(a, o, &d)
	})
}

// measure lays out the transaction of an offer, for anybody.
func (m *Market) measure(a *offer.Ask, o *offer.Offer, d *offer.Details) *Layout {
	f := &Layout{reads: d.Accounts}
	p := placeholderParams
	if owner := m.StakeOwner(a.FromToken); !owner.IsZero() {
		p.Owner, p.Payer = owner, owner
	}

	steps, err := d.Steps(p)
	if err == nil && o.MinOutCheck == terms.CheckedByBalance {
		var check txn.Step
		check, err = p.RequireBalance(d.TokenProgram, a.To, o.MinOut)
		steps = append(steps, check)
	}

	if err != nil {
		f.err, f.broken = err, true
		return f
	}

	for _, s := range steps {
		f.Units += s.ComputeUnits
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
		Budget:   txn.ComputeBudget{ComputeUnitLimit: max(f.Units, 1), ComputeUnitPrice: 1},
		Lifetime: txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1},
	}

	_, f.err = plan.Compile()
	f.broken = f.err != nil && !errors.Is(f.err, txn.ErrTransactionTooLarge) &&
		!errors.Is(f.err, txn.ErrTooManyAccounts)

	return f
}

// StakeOwner is who may withdraw a stake account that is traded, zero for
// another token.
func (m *Market) StakeOwner(t state.Token) solana.PublicKey {
	if !m.isStake(t) {
		return solana.PublicKey{}
	}
	known, err := m.snapshot.StakeAccount(t)
	if err != nil {
		return solana.PublicKey{}
	}
	return known.Stake.Account.Withdrawer
}

// prioritized adds the priority fee to the costs of an offer.
func (m *Market) prioritized(s *Search, a *offer.Ask, o *offer.Offer, units uint32) error {
	fee, err := s.PriorityFee(units)
	if err != nil || s.UnitPrice == 0 {
		return err
	}
	o.Loses(fee)
	m.applyCosts(a, o)
	return nil
}

// Alone is the form of a leg that takes a transaction of its own, whose
// priority fee is added to the offer.
func (m *Market) Alone(s *Search, a *offer.Ask, o *offer.Offer) (*Layout, error) {
	f := m.layoutOf(a, o)
	return f, m.prioritized(s, a, o, f.Units)
}

// Describe tells what an offer of one venue is made of.
func (m *Market) Describe(a *offer.Ask, o *offer.Offer) (offer.Details, error) {
	var d offer.Details
	err := m.DescribeInto(a, o, &d)
	return d, err
}

// DescribeInto is [Market.Describe] into a deed that is empty.
func (m *Market) DescribeInto(a *offer.Ask, o *offer.Offer, d *offer.Details) error {
	return m.venues[o.Venue].Describe(m.snapshot, a, o, d)
}
