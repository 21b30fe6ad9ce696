package state

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// lpSupply is the supply of a pool's LP token, in base units. It is zero if the
// market does not trade the token.
type lpSupply struct{ supply uint64 }

// lpSupplyMaker prepares an [lpSupply].
type lpSupplyMaker struct{ *controller }

func (m lpSupplyMaker) prepare(r *reader) (any, error) {
	facts, err := read[*poolFacts](r, m.factsPart)
	if err != nil {
		return nil, err
	}

	if m.lp == nil {
		return &lpSupply{}, nil
	}

	if facts.lpMint != m.lp.Mint {
		return nil, fmt.Errorf("%w: the LP token is %s, not %s",
			ErrMismatch, facts.lpMint, m.lp.Mint)
	}

	a, err := r.get("mint of the LP token", m.lpMint, m.lp.Mint)
	if err != nil {
		return nil, err
	}

	mint, err := accounts.DecodeMint(*a)
	switch {
	case err != nil:
		return nil, err
	case a.Owner != accounts.TokenProgram:
		return nil, fmt.Errorf("%w: LP token %s", ErrUnsupportedTokenProgram, m.lp.Mint)
	case mint.MintAuthority == nil || *mint.MintAuthority != m.controller.controller.PoolState:
		return nil, fmt.Errorf("%w: the pool is not the mint authority of %s",
			ErrMismatch, m.lp.Mint)
	}

	return &lpSupply{mint.Supply}, nil
}

// pricing is the pricing program of a pool with its state.
type pricing struct {
	pricing quote.Pricing
	// read are the accounts that do not depend on the tokens.
	read []solana.PublicKey
}

// pricingMaker prepares a [pricing].
type pricingMaker struct{ *controller }

func (m pricingMaker) prepare(r *reader) (any, error) {
	facts, err := read[*poolFacts](r, m.factsPart)
	if err != nil {
		return nil, err
	}

	switch facts.pricing {
	case accounts.FlatSlabProgram:
		return m.flatSlab(r, facts)
	case accounts.FlatFeeProgram:
		return m.flatFee(r, facts)
	}

	return nil, fmt.Errorf("%w %s", quote.ErrUnknownPricing, facts.pricing)
}

func (m pricingMaker) flatSlab(r *reader, facts *poolFacts) (any, error) {
	if m.slab == NoIndex {
		_, err := accounts.FlatSlabAddress(accounts.FlatSlabProgram)
		return nil, err
	}

	slab, err := load(r, m.slab, accounts.DecodeFlatSlab)
	if err != nil {
		return nil, err
	}

	return &pricing{
		pricing: quote.FlatSlab{LPMint: facts.lpMint, Slab: slab},
		read:    []solana.PublicKey{r.address(m.slab)},
	}, nil
}

func (m pricingMaker) flatFee(r *reader, facts *poolFacts) (any, error) {
	m.fees.derive(r.ledger, m.controller)
	if m.fees.stateErr != nil {
		return nil, m.fees.stateErr
	}

	state, err := loadAt(r, m.fees.state, accounts.DecodeFlatFeeState)
	if err != nil {
		return nil, err
	}

	p := quote.FlatFee{
		State: *state,
		Fees:  make(map[solana.PublicKey]accounts.FlatFeeAccount, len(m.tokens)+1),
	}
	if facts.version == accounts.PoolStateV1 {
		p.LPMint = facts.lpMint
	}

	lpFee, err := accounts.FlatFeeAccountAddress(accounts.FlatFeeProgram, facts.lpMint)
	if err != nil {
		return nil, err
	}

	if err := m.readFee(r, p, facts.lpMint, lpFee); err != nil {
		return nil, err
	}

	for at, t := range m.tokens {
		if m.fees.errs[at] != nil {
			return nil, m.fees.errs[at]
		}

		mint := r.ledger.tokens[t].lst.Mint
		if err := m.readFee(r, p, mint, m.fees.addresses[at]); err != nil {
			return nil, err
		}
	}

	return &pricing{pricing: p, read: []solana.PublicKey{m.fees.state}}, nil
}

// readFee reads the fee account of a token if it exists.
func (m pricingMaker) readFee(r *reader, p quote.FlatFee, mint, address solana.PublicKey) error {
	i := r.at(address)
	a := r.account(i)
	if a == nil && r.isMissing(i) {
		return nil
	}

	fee, err := loadAt(r, address, accounts.DecodeFlatFeeAccount)
	if errors.Is(err, accounts.ErrNotFound) {
		return nil
	}

	if err != nil {
		return err
	}

	p.Fees[mint] = *fee

	return nil
}

// more adds the accounts of the pricing program.
func (c *controller) more(w *wants) {
	facts, err := read[*poolFacts](w.reader, c.factsPart)
	if err != nil || facts.pricing != accounts.FlatFeeProgram {
		return
	}

	c.fees.derive(w.ledger, c)
	if c.fees.stateErr == nil {
		w.add(c.fees.state)
	}

	lpFee, err := accounts.FlatFeeAccountAddress(accounts.FlatFeeProgram, facts.lpMint)
	if err == nil {
		w.add(lpFee)
	}

	for at := range c.tokens {
		if c.fees.errs[at] == nil {
			w.add(c.fees.addresses[at])
		}
	}
}

// derive derives all addresses once.
func (f *flatFees) derive(l *Ledger, c *controller) {
	f.once.Do(func() {
		f.state, f.stateErr = accounts.FlatFeeStateAddress(accounts.FlatFeeProgram)
		f.addresses = make([]solana.PublicKey, len(c.tokens))
		f.errs = make([]error, len(c.tokens))
		for at, t := range c.tokens {
			f.addresses[at], f.errs[at] = accounts.FlatFeeAccountAddress(
				accounts.FlatFeeProgram, l.tokens[t].lst.Mint)
		}
	})
}

// of returns the address of a token's fee account.
func (f *flatFees) of(l *Ledger, c *controller, at int) (solana.PublicKey, error) {
	f.derive(l, c)
	return f.addresses[at], f.errs[at]
}
