package state

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Interceptor is Jito's stake deposit interceptor, through which a stake pool
// takes stake and gives receipts.
type Interceptor struct {
	Keys instructions.Interceptor
	Pool quote.InterceptedPool
}

// defaultDepositAuthority returns the stake deposit authority of a pool that
// takes stake from everyone. It is derived only once.
func (t *token) defaultDepositAuthority() (solana.PublicKey, error) {
	if known := t.depositAuthority.Load(); known != nil {
		return *known, nil
	}

	address, err := accounts.StakePoolDepositAuthority(t.lst.Program, t.lst.Pool)
	if err == nil {
		t.depositAuthority.Store(&address)
	}

	return address, err
}

// otherDepositAuthority returns the stake deposit authority of a pool that does
// not take stake from everyone.
func (t *token) otherDepositAuthority(pool *accounts.StakePool) (key solana.PublicKey, ok bool) {
	key = pool.StakeDepositAuthority
	if key == accounts.SystemProgram {
		return key, false // The pool takes no stake.
	}
	known, err := t.defaultDepositAuthority()
	return key, err == nil && key != known
}

// described describes the account at an address for an error text.
func (r *reader) described(key solana.PublicKey) string {
	i := r.at(key)
	switch a := r.account(i); {
	case a == nil && r.isMissing(i):
		return "a key without an account"
	case a == nil:
		return "an account that was not loaded"
	case a.Owner == accounts.SystemProgram:
		return "a key with an account of the system program"
	default:
		return fmt.Sprintf("an account of program %s", a.Owner)
	}
}

// interceptorKeys returns the addresses for instructions of the interceptor. It
// returns an error if the account is the authority of another pool.
func (t *token) interceptorKeys(
	pool instructions.StakePool, state *accounts.InterceptorAuthority,
) (instructions.Interceptor, error) {
	known := t.interceptor.Load()
	if known != nil && known.address == pool.StakeDepositAuthority && known.state == *state {
		return known.keys, nil
	}

	keys, err := instructions.NewInterceptor(accounts.InterceptorProgram, pool, state)
	if err == nil {
		t.interceptor.Store(&interceptorKeys{
			address: pool.StakeDepositAuthority,
			state:   *state,
			keys:    keys,
		})
	}

	return keys, err
}
