package state

import (
	"sync"

	"github.com/gagliardetto/solana-go"
)

// role is a kind of derived address.
type role uint8

const (
	associatedToken role = iota
	validatorStake
	transientStake
	routerBridge
)

// memoKey has all inputs of a derived address.
type memoKey struct {
	role    role
	number  uint64
	a, b, c solana.PublicKey
}

// defaultMemoLimit is the number of addresses that a memo holds. Each takes 150
// bytes.
const defaultMemoLimit = 4096

// memo caches derived addresses, because a derivation takes several
// microseconds. A full memo drops its older half. It is safe for concurrent
// use.
type memo struct {
	lock  sync.RWMutex
	limit int
	// young has the newest addresses, and old those that were young before.
	young, old map[memoKey]solana.PublicKey
}

// find returns the address of a key, derived if necessary.
func (m *memo) find(
	key memoKey, derive func(memoKey) (solana.PublicKey, error),
) (solana.PublicKey, error) {
	m.lock.RLock()
	address, ok := m.young[key]
	stale := false
	if !ok {
		address, ok = m.old[key]
		stale = ok
	}

	m.lock.RUnlock()
	if ok && !stale {
		return address, nil
	}

	if !ok {
		var err error
		if address, err = derive(key); err != nil {
			return address, err
		}
	}

	m.keep(key, address)

	return address, nil
}

// keep stores an address in young.
func (m *memo) keep(key memoKey, address solana.PublicKey) {
	m.lock.Lock()
	defer m.lock.Unlock()

	limit := m.limit
	if limit == 0 {
		limit = defaultMemoLimit
	}

	if len(m.young) >= max(limit/2, 1) {
		m.old, m.young = m.young, nil
	}

	if m.young == nil {
		m.young = make(map[memoKey]solana.PublicKey)
	}

	m.young[key] = address
}
