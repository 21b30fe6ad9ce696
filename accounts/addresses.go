package accounts

import (
	"sync"

	"github.com/gagliardetto/solana-go"
)

// Addresses caches derived addresses. Deriving one takes about a third of the
// time of a signature.
//
// The cache has a fixed capacity. A cached address depends only on its seeds,
// so an evicted one is derived again and is the same. The methods of a nil
// *Addresses derive the address on each call. Addresses is safe for concurrent
// use.
type Addresses struct {
	mu sync.RWMutex
	// half is the capacity of one generation. When recent is full, it replaces
	// older, whose entries are dropped.
	half          int
	recent, older map[derivation]solana.PublicKey
}

// derivation is the kind and the seeds of an address.
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

// NewAddresses returns a cache of at most the given number of addresses. The
// capacity is at least two.
func NewAddresses(most int) *Addresses {
	return &Addresses{half: max(most/2, 1)}
}

// AssociatedToken is the cached form of the function [AssociatedTokenAddress].
func (m *Addresses) AssociatedToken(
	owner, tokenProgram, mint solana.PublicKey,
) (solana.PublicKey, error) {
	return m.derived(derivation{
		kind: associatedToken,
		a:    owner,
		b:    tokenProgram,
		c:    mint,
	})
}

// FlatSlab is the cached form of the function [FlatSlabAddress].
func (m *Addresses) FlatSlab(program solana.PublicKey) (solana.PublicKey, error) {
	return m.derived(derivation{kind: flatSlab, a: program})
}

// FlatFeeAccount is the cached form of the function [FlatFeeAccountAddress].
func (m *Addresses) FlatFeeAccount(program, mint solana.PublicKey) (solana.PublicKey, error) {
	return m.derived(derivation{
		kind: flatFee,
		a:    program,
		b:    mint,
	})
}

// FlatFeeState is the cached form of the function [FlatFeeStateAddress].
func (m *Addresses) FlatFeeState(program solana.PublicKey) (solana.PublicKey, error) {
	return m.derived(derivation{kind: flatFeeState, a: program})
}

// StakePoolDepositAuthority is the cached form of the function
// [StakePoolDepositAuthority].
func (m *Addresses) StakePoolDepositAuthority(
	program, pool solana.PublicKey,
) (solana.PublicKey, error) {
	return m.derived(derivation{
		kind: stakePoolDeposit,
		a:    program,
		b:    pool,
	})
}

// MarinadeDuplicationFlag is the cached form of the function
// [MarinadeDuplicationFlag].
func (m *Addresses) MarinadeDuplicationFlag(
	program, state, vote solana.PublicKey,
) (solana.PublicKey, error) {
	return m.derived(derivation{
		kind: marinadeFlag,
		a:    program,
		b:    state,
		c:    vote,
	})
}

// derive derives the address without the cache.
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

// derived returns the address from the cache, or derives and caches it.
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

// keep stores an address in the recent generation.
func (m *Addresses) keep(d derivation, address solana.PublicKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.recent == nil || len(m.recent) >= max(m.half, 1) {
		m.older, m.recent = m.recent, make(map[derivation]solana.PublicKey)
	}
	m.recent[d] = address
}
