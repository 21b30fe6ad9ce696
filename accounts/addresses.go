package accounts

import (
	"sync"

	"github.com/gagliardetto/solana-go"
)

// Addresses remembers derived addresses, because a search for one takes as long
// as a third of a signature. It holds no more than a number of them, and only
// what follows from their seeds: a full one is slower, never different. The nil
// pointer derives each time. Several goroutines may use one.
type Addresses struct {
	mu sync.RWMutex
	// half is how many a generation has at most. When the recent one is full, it
	// becomes the older one, and that is forgotten.
	half          int
	recent, older map[derivation]solana.PublicKey
}

// derivation is what an address follows from.
type derivation struct {
	kind    derivationKind
	a, b, c solana.PublicKey
}

type derivationKind uint8

const (
	associatedToken derivationKind = iota
	flatSlab
	flatFee
	flatFeeState
	stakePoolDeposit
	marinadeFlag
)

// NewAddresses makes a memo of so many addresses at most, at least two.
func NewAddresses(most int) *Addresses {
	return &Addresses{half: max(most/2, 1)}
}

// AssociatedToken is [AssociatedTokenAddress].
func (m *Addresses) AssociatedToken(owner, tokenProgram, mint solana.PublicKey) (solana.PublicKey, error) {
	return m.derived(derivation{
		kind: associatedToken,
		a:    owner,
		b:    tokenProgram,
		c:    mint,
	})
}

// FlatSlab is [FlatSlabAddress].
func (m *Addresses) FlatSlab(program solana.PublicKey) (solana.PublicKey, error) {
	return m.derived(derivation{kind: flatSlab, a: program})
}

// FlatFeeAccount is [FlatFeeAccountAddress].
func (m *Addresses) FlatFeeAccount(program, mint solana.PublicKey) (solana.PublicKey, error) {
	return m.derived(derivation{kind: flatFee, a: program, b: mint})
}

// FlatFeeState is [FlatFeeStateAddress].
func (m *Addresses) FlatFeeState(program solana.PublicKey) (solana.PublicKey, error) {
	return m.derived(derivation{kind: flatFeeState, a: program})
}

// StakePoolDepositAuthority is [StakePoolDepositAuthority].
func (m *Addresses) StakePoolDepositAuthority(program, pool solana.PublicKey) (solana.PublicKey, error) {
	return m.derived(derivation{kind: stakePoolDeposit, a: program, b: pool})
}

// MarinadeDuplicationFlag is [MarinadeDuplicationFlag].
func (m *Addresses) MarinadeDuplicationFlag(program, state, vote solana.PublicKey) (solana.PublicKey, error) {
	return m.derived(derivation{
		kind: marinadeFlag,
		a:    program,
		b:    state,
		c:    vote,
	})
}

// derive searches for the address.
func (d derivation) derive() (solana.PublicKey, error) {
	switch d.kind {
	case flatSlab:
		return FlatSlabAddress(d.a)
	case flatFee:
		return FlatFeeAccountAddress(d.a, d.b)
	case flatFeeState:
		return FlatFeeStateAddress(d.a)
	case stakePoolDeposit:
		return StakePoolDepositAuthority(d.a, d.b)
	case marinadeFlag:
		return MarinadeDuplicationFlag(d.a, d.b, d.c)
	}
	return AssociatedTokenAddress(d.a, d.b, d.c)
}

// derived is the address, from the memo if it is there.
func (m *Addresses) derived(d derivation) (solana.PublicKey, error) {
	if m == nil {
		return d.derive()
	}
	m.mu.RLock()
	address, ok := m.recent[d]
	older := false
	if !ok {
		address, older = m.older[d]
	}
	m.mu.RUnlock()
	if ok {
		return address, nil
	}

	if !older {
		var err error
		if address, err = d.derive(); err != nil {
			return solana.PublicKey{}, err
		}
	}
	m.keep(d, address)
	return address, nil
}

// keep notes an address that was asked for.
func (m *Addresses) keep(d derivation, address solana.PublicKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.recent == nil || len(m.recent) >= max(m.half, 1) {
		m.older, m.recent = m.recent, make(map[derivation]solana.PublicKey)
	}
	m.recent[d] = address
}
