package state

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// AssociatedTokenAddress returns the address of an associated token account,
// from a cache if possible. The error is that of
// [accounts.AssociatedTokenAddress].
func (l *Ledger) AssociatedTokenAddress(
	owner, tokenProgram, mint solana.PublicKey,
) (solana.PublicKey, error) {
	if l == nil {
		return accounts.AssociatedTokenAddress(owner, tokenProgram, mint)
	}

	key := memoKey{
		role: associatedToken,
		a:    owner,
		b:    tokenProgram,
		c:    mint,
	}

	return l.memo.find(key, func(k memoKey) (solana.PublicKey, error) {
		return accounts.AssociatedTokenAddress(k.a, k.b, k.c)
	})
}

// RouterBridgeStake returns the address of the Router's bridge stake account of
// a user, from a cache if possible. The error is that of
// [accounts.RouterBridgeStake].
func (l *Ledger) RouterBridgeStake(
	program, user solana.PublicKey, seed uint32,
) (solana.PublicKey, error) {
	if l == nil {
		return accounts.RouterBridgeStake(program, user, seed)
	}

	key := memoKey{
		role:   routerBridge,
		number: uint64(seed),
		a:      program,
		b:      user,
	}

	return l.memo.find(key, func(k memoKey) (solana.PublicKey, error) {
		return accounts.RouterBridgeStake(k.a, k.b, uint32(k.number))
	})
}

// validatorStake returns the address of the stake account of a pool's
// validator.
func (l *Ledger) validatorStake(
	program, pool solana.PublicKey, entry *accounts.ValidatorStakeInfo,
) (solana.PublicKey, error) {
	key := memoKey{
		role:   validatorStake,
		number: uint64(entry.ValidatorSeedSuffix),
		a:      program,
		b:      pool,
		c:      entry.VoteAccount,
	}
	return l.memo.find(key, func(k memoKey) (solana.PublicKey, error) {
		return accounts.ValidatorStakeAddress(k.a, k.b, k.c, uint32(k.number))
	})
}

// transientStake returns the address of the transient stake account of a pool's
// validator.
func (l *Ledger) transientStake(
	program, pool solana.PublicKey, entry *accounts.ValidatorStakeInfo,
) (solana.PublicKey, error) {
	key := memoKey{
		role:   transientStake,
		number: entry.TransientSeedSuffix,
		a:      program,
		b:      pool,
		c:      entry.VoteAccount,
	}
	return l.memo.find(key, func(k memoKey) (solana.PublicKey, error) {
		return accounts.TransientStakeAddress(k.a, k.b, k.c, k.number)
	})
}
