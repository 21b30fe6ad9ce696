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

// interceptorKeys are the keys that were last derived from an authority of the
// interceptor.
type interceptorKeys struct {
	address solana.PublicKey
	state   accounts.InterceptorAuthority
	keys    instructions.Interceptor
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

// depositAuthority sets how a pool takes stake that has another stake deposit
// authority than the default one.
func (r *reader) depositAuthority(token *token, p *StakePoolStake) {
	key, ok := token.otherDepositAuthority(&p.Pool.State)
	if !ok {
		return
	}

	p.AuthorityErr = fmt.Errorf("%w: the authority is %s, %s", quote.ErrPermissioned, key,
		r.described(key))
	a := r.account(r.at(key))
	if a == nil || a.Owner != accounts.InterceptorProgram {
		return
	}

	err := p.intercept(token, a)
	if err == nil && p.Updated != nil {
		p.Updated.AuthorityErr = p.AuthorityErr
		err = p.Updated.intercept(token, a)
	}

	if err != nil {
		p.AuthorityErr = fmt.Errorf("%w: %w", p.AuthorityErr, err)
		p.Receipts = nil
	}
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

// intercept sets the pool as it takes stake through the interceptor, whose
// account is a.
func (p *StakePoolStake) intercept(token *token, a *accounts.Account) error {
	state, err := accounts.DecodeInterceptorAuthority(*a)
	if err != nil {
		return err
	}

	i := &Interceptor{Pool: quote.InterceptedPool{Pool: p.Pool, Authority: *state}}
	if i.Keys, err = token.interceptorKeys(p.Keys, state); err != nil {
		return err
	}

	known, err := token.defaultDepositAuthority()
	if err != nil {
		return err
	}

	signed, pool := *p, *p.StakePool
	pool.Pool.Signers = []solana.PublicKey{pool.Pool.State.StakeDepositAuthority}
	if pool.Prices, err = i.Pool.Prepare(known); err != nil {
		return err
	}

	signed.StakePool, signed.Interceptor = &pool, i
	signed.AuthorityErr, signed.Updated = nil, nil
	p.Receipts = &signed

	return nil
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
