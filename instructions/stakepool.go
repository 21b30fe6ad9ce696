package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// stakePoolMaxValidatorsPerBalanceUpdate is the maximum number of validators in
// one UpdateValidatorListBalance.
const stakePoolMaxValidatorsPerBalanceUpdate = 4

// StakePool has the addresses that the instructions of a stake pool share, for
// any deployment of the stake pool program. Create it with [NewStakePool].
type StakePool struct {
	Program           solana.PublicKey
	Address           solana.PublicKey
	WithdrawAuthority solana.PublicKey
	ValidatorList     solana.PublicKey
	ReserveStake      solana.PublicKey
	Mint              solana.PublicKey
	ManagerFeeAccount solana.PublicKey
	TokenProgram      solana.PublicKey

	// StakeDepositAuthority must sign [StakePoolDepositStake], unless it is the
	// pool's default authority.
	StakeDepositAuthority solana.PublicKey

	// SOLDepositAuthority, if not nil, must sign [StakePoolDepositSOL].
	SOLDepositAuthority *solana.PublicKey

	// SOLWithdrawAuthority, if not nil, must sign [StakePoolWithdrawSOL].
	SOLWithdrawAuthority *solana.PublicKey
}

// NewStakePool returns the addresses of a stake pool. address is the address of
// state. It returns a [*BuildError] if state is nil, or the error of a
// derivation.
func NewStakePool(program, address solana.PublicKey, state *accounts.StakePool) (StakePool, error) {
	if state == nil {
		return StakePool{}, &BuildError{
			Instruction: "stake pool",
			Field:       "state",
			Reason:      accounts.ErrNil,
		}
	}

	authority, err := state.WithdrawAuthority(program, address)
	if err != nil {
		return StakePool{}, err
	}

	return StakePool{
		Program:               program,
		Address:               address,
		WithdrawAuthority:     authority,
		ValidatorList:         state.ValidatorList,
		ReserveStake:          state.ReserveStake,
		Mint:                  state.PoolMint,
		ManagerFeeAccount:     state.ManagerFeeAccount,
		TokenProgram:          state.TokenProgram,
		StakeDepositAuthority: state.StakeDepositAuthority,
		SOLDepositAuthority:   state.SOLDepositAuthority,
		SOLWithdrawAuthority:  state.SOLWithdrawAuthority,
	}, nil
}

// optionalAuthority appends the authority of a permissioned operation, if any.
// Pools disable an operation by setting the authority to the system program,
// which cannot sign.
func (b *builder) optionalAuthority(authority *solana.PublicKey) {
	if authority == nil {
		return
	}
	if *authority == accounts.SystemProgram {
		b.fail(b.table.Rest.Optional.Name, ErrOperationDisabled)
	}
	b.optional(*authority)
}

// count returns the number of accounts of an optional authority: 0 or 1.
func count(authority *solana.PublicKey) int {
	if authority == nil {
		return 0
	}
	return 1
}

// StakePoolDepositSOL deposits SOL into a stake pool for pool tokens. It
// mirrors DepositSol, which does not check a minimum output; prefer
// [StakePoolDepositSOLWithSlippage].
type StakePoolDepositSOL struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// From is the system account that pays. It signs.
	From solana.PublicKey

	// Destination is the token account that receives the pool tokens.
	Destination solana.PublicKey

	// Referrer is the token account that receives the referral share of the
	// deposit fee. Without a referrer, use the pool's manager fee account, or
	// Destination to receive the share yourself.
	Referrer solana.PublicKey

	// Lamports is the deposit.
	Lamports uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolDepositSOL) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolDepositSOL)
	return b.build()
}

func (i StakePoolDepositSOL) builder(table *idl.Instruction) builder {
	b := newBuilder(table, i.Pool.Program, count(i.Pool.SOLDepositAuthority))
	b.accounts(
		i.Pool.Address,
		i.Pool.WithdrawAuthority,
		i.Pool.ReserveStake,
		i.From,
		i.Destination,
		i.Pool.ManagerFeeAccount,
		i.Referrer,
		i.Pool.Mint,
		i.Pool.TokenProgram,
	)

	b.optionalAuthority(i.Pool.SOLDepositAuthority)
	b.amount(i.Lamports)
	return b
}

// StakePoolDepositSOLWithSlippage is [StakePoolDepositSOL] with a minimum
// output. It mirrors DepositSolWithSlippage.
type StakePoolDepositSOLWithSlippage struct {
	StakePoolDepositSOL

	// MinimumTokensOut is the minimum number of pool tokens for Destination, in
	// base units, without a referral share. The program fails with less.
	MinimumTokensOut uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolDepositSOLWithSlippage) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolDepositSOLWithSlippage)
	b.number(i.MinimumTokensOut)
	return b.build()
}

// StakePoolWithdrawSOL burns pool tokens for SOL from the pool's reserve. It
// mirrors WithdrawSol, which does not check a minimum output; prefer
// [StakePoolWithdrawSOLWithSlippage].
type StakePoolWithdrawSOL struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Authority is the owner or the delegate of Source. It signs.
	Authority solana.PublicKey

	// Source is the token account from which the pool tokens are burned.
	Source solana.PublicKey

	// Destination receives the SOL. It must then be rent exempt.
	Destination solana.PublicKey

	// PoolTokens is the amount to burn, in base units.
	PoolTokens uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolWithdrawSOL) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolWithdrawSOL)
	return b.build()
}

func (i StakePoolWithdrawSOL) builder(table *idl.Instruction) builder {
	b := newBuilder(table, i.Pool.Program, count(i.Pool.SOLWithdrawAuthority))
	b.accounts(
		i.Pool.Address,
		i.Pool.WithdrawAuthority,
		i.Authority,
		i.Source,
		i.Pool.ReserveStake,
		i.Destination,
		i.Pool.ManagerFeeAccount,
		i.Pool.Mint,
		i.Pool.TokenProgram,
	)

	b.optionalAuthority(i.Pool.SOLWithdrawAuthority)
	b.amount(i.PoolTokens)
	return b
}

// StakePoolWithdrawSOLWithSlippage is [StakePoolWithdrawSOL] with a minimum
// output. It mirrors WithdrawSolWithSlippage.
type StakePoolWithdrawSOLWithSlippage struct {
	StakePoolWithdrawSOL

	// MinimumLamportsOut is the minimum number of lamports for Destination. The
	// program fails with less.
	MinimumLamportsOut uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolWithdrawSOLWithSlippage) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolWithdrawSOLWithSlippage)
	b.number(i.MinimumLamportsOut)
	return b.build()
}

// StakePoolDepositStake deposits a delegated stake account into a stake pool
// for pool tokens. It mirrors DepositStake, which does not check a minimum
// output; prefer [StakePoolDepositStakeWithSlippage].
//
// The staker and the withdrawer of the stake account must already be the pool's
// stake deposit authority. Change them with two Authorize instructions of the
// stake program directly before, in the same transaction. In a separate
// transaction, anyone could deposit the stake account and receive the tokens.
type StakePoolDepositStake struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Stake is the stake account to deposit.
	Stake solana.PublicKey

	// ValidatorStake is the pool's stake account of the same vote account; see
	// [accounts.ValidatorStakeAddress].
	ValidatorStake solana.PublicKey

	// Destination is the token account that receives the pool tokens.
	Destination solana.PublicKey

	// Referrer is the token account that receives the referral share of the
	// deposit fee; see [StakePoolDepositSOL].
	Referrer solana.PublicKey

	// Addresses, if not nil, caches derived addresses.
	Addresses *accounts.Addresses
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolDepositStake) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolDepositStake)
	return b.build()
}

func (i StakePoolDepositStake) builder(table *idl.Instruction) builder {
	b := newBuilder(table, i.Pool.Program, 0)
	permissionless, err := i.Addresses.StakePoolDepositAuthority(i.Pool.Program, i.Pool.Address)
	if err != nil {
		b.fail("stake deposit authority", err)
	}

	if !i.Stake.IsZero() && i.Stake == i.ValidatorStake {
		b.fail("stake account",
			fmt.Errorf("%w: it is also the validator stake account", ErrConflictingInput))
	}

	b.accounts(i.Pool.Address, i.Pool.ValidatorList)
	if i.Pool.StakeDepositAuthority == permissionless {
		b.lesser(permissionless, idl.AccessReadonly)
	} else {
		b.accounts(i.Pool.StakeDepositAuthority)
	}

	b.accounts(
		i.Pool.WithdrawAuthority,
		i.Stake,
		i.ValidatorStake,
		i.Pool.ReserveStake,
		i.Destination,
		i.Pool.ManagerFeeAccount,
		i.Referrer,
		i.Pool.Mint,
		i.Pool.TokenProgram,
	)

	return b
}

// StakePoolDepositStakeWithSlippage is [StakePoolDepositStake] with a minimum
// output. It mirrors DepositStakeWithSlippage.
type StakePoolDepositStakeWithSlippage struct {
	StakePoolDepositStake

	// MinimumTokensOut is the minimum number of pool tokens for Destination, in
	// base units. The program fails with less.
	MinimumTokensOut uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolDepositStakeWithSlippage) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolDepositStakeWithSlippage)
	b.number(i.MinimumTokensOut)
	return b.build()
}

// StakePoolWithdrawStake burns pool tokens for stake, which is split from a
// stake account of the pool. It mirrors WithdrawStake, which does not check a
// minimum output; prefer [StakePoolWithdrawStakeWithSlippage].
type StakePoolWithdrawStake struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Split is the stake account of the pool to split: a validator stake
	// account, a transient stake account or the reserve.
	Split solana.PublicKey

	// Destination is the new stake account: an uninitialized account of 200
	// bytes that is owned by the stake program and rent exempt.
	Destination solana.PublicKey

	// NewAuthority becomes the staker and the withdrawer of Destination.
	NewAuthority solana.PublicKey

	// Authority is the owner or the delegate of Source. It signs.
	Authority solana.PublicKey

	// Source is the token account from which the pool tokens are burned.
	Source solana.PublicKey

	// PoolTokens is the amount to burn, in base units.
	PoolTokens uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolWithdrawStake) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolWithdrawStake)
	return b.build()
}

func (i StakePoolWithdrawStake) builder(table *idl.Instruction) builder {
	b := newBuilder(table, i.Pool.Program, 0)
	if !i.Split.IsZero() && i.Split == i.Destination {
		b.fail("destination stake account",
			fmt.Errorf("%w: it is also the account to split", ErrConflictingInput))
	}

	b.accounts(
		i.Pool.Address,
		i.Pool.ValidatorList,
		i.Pool.WithdrawAuthority,
		i.Split,
		i.Destination,
		i.NewAuthority,
		i.Authority,
		i.Source,
		i.Pool.ManagerFeeAccount,
		i.Pool.Mint,
		i.Pool.TokenProgram,
	)

	b.amount(i.PoolTokens)
	return b
}

// StakePoolWithdrawStakeWithSlippage is [StakePoolWithdrawStake] with a minimum
// output. It mirrors WithdrawStakeWithSlippage.
type StakePoolWithdrawStakeWithSlippage struct {
	StakePoolWithdrawStake

	// MinimumLamportsOut is the minimum stake for Destination, in lamports. The
	// program fails with less.
	MinimumLamportsOut uint64
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolWithdrawStakeWithSlippage) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolWithdrawStakeWithSlippage)
	b.number(i.MinimumLamportsOut)
	return b.build()
}

// StakePoolUpdateValidatorListBalance records the balances of consecutive
// validators of a stake pool for the current epoch. It needs no authority, and
// fails while staking rewards are distributed. It mirrors
// UpdateValidatorListBalance.
type StakePoolUpdateValidatorListBalance struct {
	// Pool has the addresses of the stake pool.
	Pool StakePool

	// StartIndex is the position of Validators[0] in the validator list.
	StartIndex uint32

	// NoMerge records the balances without merging transient stake. It is
	// usually false.
	NoMerge bool

	// Validators are one to four consecutive entries of the validator list.
	// Build derives their stake accounts.
	Validators []accounts.ValidatorStakeInfo
}

// Build returns the instruction, or a [*BuildError].
func (i StakePoolUpdateValidatorListBalance) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolUpdateValidatorListBalance, i.Pool.Program, 2*len(i.Validators))

	if n := len(i.Validators); n == 0 || n > stakePoolMaxValidatorsPerBalanceUpdate {
		b.fail("validators",
			fmt.Errorf("%w: %d, not 1 to %d", ErrConflictingInput, n,
				stakePoolMaxValidatorsPerBalanceUpdate))
	}

	b.accounts(i.Pool.Address, i.Pool.WithdrawAuthority, i.Pool.ValidatorList, i.Pool.ReserveStake)

	for _, v := range i.Validators {
		b.require("vote account", v.VoteAccount)
		active, err := accounts.ValidatorStakeAddress(
			i.Pool.Program, i.Pool.Address, v.VoteAccount, v.ValidatorSeedSuffix,
		)
		b.repeated(0, active, err)
		transient, err := accounts.TransientStakeAddress(
			i.Pool.Program, i.Pool.Address, v.VoteAccount, v.TransientSeedSuffix,
		)
		b.repeated(1, transient, err)
	}

	b.number(uint64(i.StartIndex))
	b.flag(i.NoMerge)

	return b.build()
}

// StakePoolUpdateBalance updates the price of a stake pool from the recorded
// balances and mints the epoch fee. It needs no authority, and fails unless all
// entries of the validator list were updated in the current epoch. It mirrors
// UpdateStakePoolBalance.
type StakePoolUpdateBalance struct{ Pool StakePool }

// Build returns the instruction, or a [*BuildError].
func (i StakePoolUpdateBalance) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolUpdateStakePoolBalance, i.Pool.Program, 0)
	b.accounts(
		i.Pool.Address,
		i.Pool.WithdrawAuthority,
		i.Pool.ValidatorList,
		i.Pool.ReserveStake,
		i.Pool.ManagerFeeAccount,
		i.Pool.Mint,
		i.Pool.TokenProgram,
	)

	return b.build()
}

// StakePoolCleanupRemovedValidatorEntries removes validators without stake from
// the validator list. Since October 2025 it also resets a preferred validator
// of the pool that is not active in the list. It needs no authority. It mirrors
// CleanupRemovedValidatorEntries.
type StakePoolCleanupRemovedValidatorEntries struct{ Pool StakePool }

// Build returns the instruction, or a [*BuildError].
func (i StakePoolCleanupRemovedValidatorEntries) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolCleanupRemovedValidatorEntries, i.Pool.Program, 0)
	b.accounts(i.Pool.Address, i.Pool.ValidatorList)
	return b.build()
}

// StakePoolUpdate returns the instructions of a pool update for the given
// epoch: a [StakePoolUpdateValidatorListBalance] for up to four consecutive
// validators that are out of date, then [StakePoolUpdateBalance] and
// [StakePoolCleanupRemovedValidatorEntries]. Put them before an instruction
// that needs an updated pool. Only stake of other validators than a preferred
// one that is not active needs the clean-up. It returns a [*BuildError] if list
// is nil or an instruction cannot be built.
func StakePoolUpdate(
	pool StakePool,
	list *accounts.ValidatorList,
	epoch uint64,
) ([]solana.Instruction, error) {
	if list == nil {
		return nil, &BuildError{
			Instruction: "stake pool update",
			Field:       "validator list",
			Reason:      accounts.ErrNil,
		}
	}

	type build interface {
		Build() (solana.Instruction, error)
	}
	var steps []build
	entries := list.Validators
	for start := 0; start < len(entries); {
		end := start
		for end < len(entries) && end < start+stakePoolMaxValidatorsPerBalanceUpdate &&
			entries[end].LastUpdateEpoch < epoch {
			end++
		}

		if end == start {
			start++
			continue
		}

		steps = append(steps, StakePoolUpdateValidatorListBalance{
			Pool:       pool,
			StartIndex: uint32(start),
			Validators: entries[start:end],
		})

		start = end
	}

	steps = append(steps, StakePoolUpdateBalance{Pool: pool},
		StakePoolCleanupRemovedValidatorEntries{Pool: pool})
	built := make([]solana.Instruction, 0, len(steps))
	for _, s := range steps {
		ix, err := s.Build()
		if err != nil {
			return nil, err
		}

		built = append(built, ix)
	}

	return built, nil
}
