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

// memoKey names a derived address by all that it is derived from.
type memoKey struct {
	role    role
	number  uint64
	a, b, c solana.PublicKey
}

// defaultMemoLimit is how many addresses a memo holds. One takes 150 bytes.
const defaultMemoLimit = 4096

// memo keeps addresses that were derived, since a derivation takes several
// microseconds. When it is full the older half goes. It is safe for concurrent
// use.
type memo struct {
	lock  sync.RWMutex
	limit int
	// young takes new addresses, old is what was young before.
	young, old map[memoKey]solana.PublicKey
}

// find returns the address of a key, which it derives if it has to.
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

// keep stores an address among the young ones.
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
