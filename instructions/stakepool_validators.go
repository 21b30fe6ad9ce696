package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// StakePoolAddValidator adds a validator to a stake pool. The reserve pays the
// rent of the stake account and its first stake, the minimum delegation. The
// pool must be up to date. It mirrors AddValidatorToPool.
type StakePoolAddValidator struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Staker is the staker of the pool. It signs.
	Staker solana.PublicKey

	// VoteAccount is the vote account of the validator.
	VoteAccount solana.PublicKey

	// Seed is usually 0. Another seed gives the validator another stake
	// account, see [accounts.ValidatorStakeAddress].
	Seed uint32
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolAddValidator) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolAddValidatorToPool, i.Pool.Program, 0)
	b.require("vote account", i.VoteAccount)
	b.accounts(
		i.Pool.Address,
		i.Staker,
		i.Pool.ReserveStake,
		i.Pool.WithdrawAuthority,
		i.Pool.ValidatorList,
	)

	b.derived(accounts.ValidatorStakeAddress(i.Pool.Program, i.Pool.Address, i.VoteAccount, i.Seed))
	b.accounts(i.VoteAccount)
	b.number(uint64(i.Seed))

	return b.build()
}

// StakePoolValidator has the inputs of an instruction that changes the stake of
// a validator of a stake pool.
type StakePoolValidator struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Staker is the staker of the pool. It signs.
	Staker solana.PublicKey

	// Validator is the entry of the validator list. Build uses the vote account
	// and the seeds.
	Validator accounts.ValidatorStakeInfo
}

// stake returns the address of the validator's stake account.
func (i *StakePoolValidator) stake(b *builder) (solana.PublicKey, error) {
	b.require("vote account", i.Validator.VoteAccount)
	return accounts.ValidatorStakeAddress(i.Pool.Program, i.Pool.Address, i.Validator.VoteAccount,
		i.Validator.ValidatorSeedSuffix)
}

// transient returns the address of a transient stake account of the validator.
func (i *StakePoolValidator) transient(seed uint64) (solana.PublicKey, error) {
	return accounts.TransientStakeAddress(i.Pool.Program, i.Pool.Address, i.Validator.VoteAccount,
		seed)
}

// ephemeral returns the address of an ephemeral stake account of the pool.
func (i *StakePoolValidator) ephemeral(seed uint64) (solana.PublicKey, error) {
	return accounts.EphemeralStakeAddress(i.Pool.Program, i.Pool.Address, seed)
}

// StakePoolRemoveValidator deactivates all stake of a validator and removes it
// from a stake pool. The pool must be up to date. The entry leaves the list
// with the [StakePoolCleanupRemovedValidatorEntries] after the epoch update
// that collects the stake. It mirrors RemoveValidatorFromPool.
type StakePoolRemoveValidator struct{ StakePoolValidator }

// Build returns the instruction, or a [*BuildError].
func (i StakePoolRemoveValidator) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolRemoveValidatorFromPool, i.Pool.Program, 0)
	b.accounts(i.Pool.Address, i.Staker, i.Pool.WithdrawAuthority, i.Pool.ValidatorList)

	b.derived(i.stake(&b))
	b.derived(i.transient(i.Validator.TransientSeedSuffix))

	return b.build()
}

// StakePoolIncreaseValidatorStake delegates lamports of the reserve to a
// validator. They wait in the validator's transient stake account, and join its
// stake account at the update of the next epoch. The pool must be up to date,
// and nothing may be in transit. It mirrors IncreaseValidatorStake.
type StakePoolIncreaseValidatorStake struct {
	StakePoolValidator

	// Lamports is the stake, without the rent of the transient stake account,
	// which the reserve lends. It is at least the minimum delegation.
	Lamports uint64

	// TransientSeed gives the address of the transient stake account. It may be
	// the same in each epoch.
	TransientSeed uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolIncreaseValidatorStake) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolIncreaseValidatorStake, i.Pool.Program, 0)
	b.accounts(
		i.Pool.Address,
		i.Staker,
		i.Pool.WithdrawAuthority,
		i.Pool.ValidatorList,
		i.Pool.ReserveStake,
	)

	b.derived(i.transient(i.TransientSeed))
	b.derived(i.stake(&b))
	b.accounts(i.Validator.VoteAccount)
	b.amount(i.Lamports)
	b.number(i.TransientSeed)

	return b.build()
}

// StakePoolIncreaseAdditionalValidatorStake is
// [StakePoolIncreaseValidatorStake] that also works when stake of an earlier
// increase of this epoch is in transit. TransientSeed is then that of the
// transient stake account. It mirrors IncreaseAdditionalValidatorStake.
type StakePoolIncreaseAdditionalValidatorStake struct {
	StakePoolIncreaseValidatorStake

	// EphemeralSeed gives the address of a stake account that exists only
	// during the instruction.
	EphemeralSeed uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolIncreaseAdditionalValidatorStake) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolIncreaseAdditionalValidatorStake, i.Pool.Program, 0)
	b.accounts(
		i.Pool.Address,
		i.Staker,
		i.Pool.WithdrawAuthority,
		i.Pool.ValidatorList,
		i.Pool.ReserveStake,
	)

	b.derived(i.ephemeral(i.EphemeralSeed))
	b.derived(i.transient(i.TransientSeed))
	b.derived(i.stake(&b))
	b.accounts(i.Validator.VoteAccount)
	b.amount(i.Lamports)
	b.number(i.TransientSeed)
	b.number(i.EphemeralSeed)

	return b.build()
}

// StakePoolDecreaseValidatorStakeWithReserve deactivates stake of a validator.
// It waits in the validator's transient stake account, and returns to the
// reserve at the update of the next epoch. The pool must be up to date, and
// nothing may be in transit. It mirrors DecreaseValidatorStakeWithReserve.
type StakePoolDecreaseValidatorStakeWithReserve struct {
	StakePoolValidator

	// Lamports is the stake, without the rent of the transient stake account,
	// which the reserve lends. It is at least the minimum delegation.
	Lamports uint64

	// TransientSeed gives the address of the transient stake account. It may be
	// the same in each epoch.
	TransientSeed uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolDecreaseValidatorStakeWithReserve) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolDecreaseValidatorStakeWithReserve, i.Pool.Program, 0)
	b.accounts(
		i.Pool.Address,
		i.Staker,
		i.Pool.WithdrawAuthority,
		i.Pool.ValidatorList,
		i.Pool.ReserveStake,
	)

	b.derived(i.stake(&b))
	b.derived(i.transient(i.TransientSeed))
	b.amount(i.Lamports)
	b.number(i.TransientSeed)

	return b.build()
}

// StakePoolDecreaseAdditionalValidatorStake is
// [StakePoolDecreaseValidatorStakeWithReserve] through an ephemeral stake
// account. Use it, too, only as the first decrease of a validator in an epoch:
// the stake program refuses to merge two accounts with deactivating stake. It
// mirrors DecreaseAdditionalValidatorStake.
type StakePoolDecreaseAdditionalValidatorStake struct {
	StakePoolDecreaseValidatorStakeWithReserve

	// EphemeralSeed gives the address of a stake account that exists only
	// during the instruction.
	EphemeralSeed uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolDecreaseAdditionalValidatorStake) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolDecreaseAdditionalValidatorStake, i.Pool.Program, 0)
	b.accounts(
		i.Pool.Address,
		i.Staker,
		i.Pool.WithdrawAuthority,
		i.Pool.ValidatorList,
		i.Pool.ReserveStake,
	)

	b.derived(i.stake(&b))
	b.derived(i.ephemeral(i.EphemeralSeed))
	b.derived(i.transient(i.TransientSeed))
	b.amount(i.Lamports)
	b.number(i.TransientSeed)
	b.number(i.EphemeralSeed)

	return b.build()
}

// StakePoolDecreaseValidatorStake deactivates stake of a validator, as
// [StakePoolDecreaseValidatorStakeWithReserve] does, but does not fund the
// transient stake account: its rent must have been transferred to it before.
// The program deprecates it. It mirrors DecreaseValidatorStake.
type StakePoolDecreaseValidatorStake struct {
	StakePoolValidator

	// Lamports is the stake. It is at least the minimum delegation.
	Lamports uint64

	// TransientSeed gives the address of the transient stake account.
	TransientSeed uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolDecreaseValidatorStake) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolDecreaseValidatorStake, i.Pool.Program, 0)
	b.accounts(i.Pool.Address, i.Staker, i.Pool.WithdrawAuthority, i.Pool.ValidatorList)

	b.derived(i.stake(&b))
	b.derived(i.transient(i.TransientSeed))
	b.amount(i.Lamports)
	b.number(i.TransientSeed)

	return b.build()
}

// StakePoolSetPreferredValidator sets the only validator whose stake can be
// deposited, or the validator whose stake must be withdrawn first. It mirrors
// SetPreferredValidator.
type StakePoolSetPreferredValidator struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Staker is the staker of the pool. It signs.
	Staker solana.PublicKey

	// Withdrawals selects the preference for withdrawals instead of that for
	// deposits.
	Withdrawals bool

	// VoteAccount is the vote account of an active validator of the pool. Nil
	// removes the preference.
	VoteAccount *solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolSetPreferredValidator) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolSetPreferredValidator, i.Pool.Program, 0)
	b.accounts(i.Pool.Address, i.Staker, i.Pool.ValidatorList)

	kind := uint8(0)
	if i.Withdrawals {
		kind = 1
	}

	b.choice(kind)
	b.optionalKey(i.VoteAccount)

	return b.build()
}
