package choose

import (
	"errors"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// placeholderParams are the accounts with which layouts are measured. The size
// of a transaction, its compute units, and the protocol accounts it writes are
// the same for all users who are their own payer.
var placeholderParams = terms.BuildParams{
	Owner:      solana.PublicKey{1},
	Payer:      solana.PublicKey{1},
	NewAccount: solana.PublicKey{2},
	Seed:       "0123456789",
	PreBalance: new(uint64),
}

// layoutOf returns the layout of an offer's transaction.
func (m *Market) layoutOf(a *offer.Ask, o *offer.Offer) *Layout {
	measure := func() *Layout {
		d, err := m.Describe(a, o)
		if err != nil {
			return &Layout{err: err, broken: true}
		}

		return m.measure(a, o, &d)
	}

	if len(a.Validators) > 1 {
		return measure() // The key does not tell which validators these are.
	}

	return cached(&m.layouts, &m.layouts.single, keyOf(a, o), measure)
}

// measure builds the transaction of an offer for placeholder accounts.
func (m *Market) measure(a *offer.Ask, o *offer.Offer, d *offer.Details) *Layout {
	f := &Layout{reads: d.Accounts}
	p := placeholderParams
	p.Addresses = m.addresses
	if owner := m.StakeOwner(a.FromToken); !owner.IsZero() {
		p.Owner, p.Payer = owner, owner
	}

	steps, err := d.Steps(p)
	if err == nil && o.MinOutCheck == terms.CheckedByBalance {
		var check txn.Step
		check, err = requireBalance(a, p, d.TokenProgram, o.MinOut)
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
	if f.err != nil && !f.broken {
		plan.Versions = []txn.Version{txn.Version1}
		_, f.err1 = plan.Compile()
	}

	return f
}

// requireBalance returns the check of the minimum output of an offer.
func requireBalance(
	a *offer.Ask,
	p terms.BuildParams,
	tokenProgram solana.PublicKey,
	minOut uint64,
) (txn.Step, error) {
	account, err := a.CheckedAccount(p, a.To, tokenProgram)
	if err != nil {
		return txn.Step{}, err
	}
	return p.RequireBalanceOf(account, tokenProgram, minOut)
}

// StakeOwner returns the withdrawer of a stake account, or zero for another
// token.
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

// Alone returns the layout of a leg in its own transaction, and adds the
// priority fee of that to the offer.
func (m *Market) Alone(s *Search, a *offer.Ask, o *offer.Offer) (*Layout, error) {
	f := m.layoutOf(a, o)
	return f, m.prioritized(s, a, o, f.Units)
}

// Describe returns the fees, costs and steps of an offer.
func (m *Market) Describe(a *offer.Ask, o *offer.Offer) (offer.Details, error) {
	var d offer.Details
	err := m.DescribeInto(a, o, &d)
	return d, err
}

// DescribeInto is [Market.Describe] into an empty value.
func (m *Market) DescribeInto(a *offer.Ask, o *offer.Offer, d *offer.Details) error {
	return m.venues[o.Venue].Describe(m.snapshot, a, o, d)
}
