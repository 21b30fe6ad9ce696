package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// stakePoolMaxValidatorsPerBalanceUpdate is how many validators one update of
// the list takes.
const stakePoolMaxValidatorsPerBalanceUpdate = 4

// StakePool is what the instructions of one stake pool have in common: its
// addresses, under whichever deployment of the program. [NewStakePool] fills it
// from the decoded pool.
type StakePool struct {
	Program           solana.PublicKey
	Address           solana.PublicKey
	WithdrawAuthority solana.PublicKey
	ValidatorList     solana.PublicKey
	ReserveStake      solana.PublicKey
	Mint              solana.PublicKey
	ManagerFeeAccount solana.PublicKey
	TokenProgram      solana.PublicKey
	// StakeDepositAuthority must sign StakePoolDepositStake unless it is the
	// pool's default authority.
	StakeDepositAuthority solana.PublicKey
	// SOLDepositAuthority must sign StakePoolDepositSOL, if set.
	SOLDepositAuthority *solana.PublicKey
	// SOLWithdrawAuthority must sign StakePoolWithdrawSOL, if set.
	SOLWithdrawAuthority *solana.PublicKey
}

// NewStakePool takes the addresses of a pool from its state.
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

// optionalAuthority appends the authority that must sign a permissioned
// operation. Pools switch an operation off by naming the system program, which
// cannot sign.
func (b *builder) optionalAuthority(authority *solana.PublicKey) {
	if authority == nil {
		return
	}
	if *authority == accounts.SystemProgram {
		b.fail(b.table.Rest.Optional.Name, ErrOperationDisabled)
	}
	b.optional(*authority)
}

// count is how many accounts an optional authority is.
func count(authority *solana.PublicKey) int {
	if authority == nil {
		return 0
	}
	return 1
}

// StakePoolDepositSOL gives lamports to a stake pool for new pool tokens. It
// mirrors the program's StakePoolDepositSOL, which has no limit on the outcome:
// prefer [StakePoolDepositSOLWithSlippage].
type StakePoolDepositSOL struct {
	Pool StakePool
	// From pays the lamports and signs. It must be a system account.
	From solana.PublicKey
	// Destination is the token account that receives the pool tokens.
	Destination solana.PublicKey
	// Referrer is the token account that receives the referral part of the fee.
	// Without a referrer name the pool's manager fee account, or Destination to
	// get it back.
	Referrer solana.PublicKey
	// Lamports is the deposit.
	Lamports uint64
}

// Build returns the instruction.
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

// StakePoolDepositSOLWithSlippage is [StakePoolDepositSOL] that fails when the
// depositor would get fewer tokens than the minimum.
type StakePoolDepositSOLWithSlippage struct {
	StakePoolDepositSOL
	// MinimumTokensOut is in base units of the pool token. The program compares
	// it with what Destination receives, without a referral part.
	MinimumTokensOut uint64
}

// Build returns the instruction.
func (i StakePoolDepositSOLWithSlippage) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolDepositSOLWithSlippage)
	b.number(i.MinimumTokensOut)
	return b.build()
}

// StakePoolWithdrawSOL burns pool tokens for lamports from the pool's reserve.
// It mirrors the program's StakePoolWithdrawSOL, which has no limit on the
// outcome: prefer [StakePoolWithdrawSOLWithSlippage].
type StakePoolWithdrawSOL struct {
	Pool StakePool
	// Authority may move the tokens (owner or delegate) and signs.
	Authority solana.PublicKey
	// Source is the token account the pool tokens are burned from.
	Source solana.PublicKey
	// Destination receives the lamports and must be rent exempt afterwards.
	Destination solana.PublicKey
	// PoolTokens is in base units.
	PoolTokens uint64
}

// Build returns the instruction.
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

// StakePoolWithdrawSOLWithSlippage is [StakePoolWithdrawSOL] that fails when it
// would pay fewer lamports than the minimum.
type StakePoolWithdrawSOLWithSlippage struct {
	StakePoolWithdrawSOL
	MinimumLamportsOut uint64
}

// Build returns the instruction.
func (i StakePoolWithdrawSOLWithSlippage) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolWithdrawSOLWithSlippage)
	b.number(i.MinimumLamportsOut)
	return b.build()
}

// StakePoolDepositStake gives a delegated stake account to a stake pool for new
// pool tokens. It mirrors the program's StakePoolDepositStake, which has no
// limit on the outcome: prefer [StakePoolDepositStakeWithSlippage].
//
// Both authorities of the stake account must be the pool's stake deposit
// authority by then. Hand them over by two Authorize instructions of the stake
// program right before it in the same transaction: in a transaction of its own
// anybody could deposit the account for themselves.
type StakePoolDepositStake struct {
	Pool StakePool
	// Stake is the account to deposit.
	Stake solana.PublicKey
	// ValidatorStake is the pool's stake account of the same vote account, see
	// accounts.ValidatorStakeAddress.
	ValidatorStake solana.PublicKey
	// Destination is the token account that receives the pool tokens.
	Destination solana.PublicKey
	// Referrer is the token account that receives the referral part of the fee,
	// see [StakePoolDepositSOL].
	Referrer solana.PublicKey
	// Addresses may remember what is derived. Nil derives it.
	Addresses *accounts.Addresses
}

// Build returns the instruction.
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
		b.fail("stake account", fmt.Errorf("%w: it is the validator's", ErrConflictingInput))
	}

	b.accounts(
		i.Pool.Address,
		i.Pool.ValidatorList,
	)
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

// StakePoolDepositStakeWithSlippage is [StakePoolDepositStake] that fails when
// the depositor would get fewer tokens than the minimum.
type StakePoolDepositStakeWithSlippage struct {
	StakePoolDepositStake
	// MinimumTokensOut is in base units of the pool token.
	MinimumTokensOut uint64
}

// Build returns the instruction.
func (i StakePoolDepositStakeWithSlippage) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolDepositStakeWithSlippage)
	b.number(i.MinimumTokensOut)
	return b.build()
}

// StakePoolWithdrawStake burns pool tokens for a stake account split off one of
// the pool's. It mirrors the program's StakePoolWithdrawStake, which has no
// limit on the outcome: prefer [StakePoolWithdrawStakeWithSlippage].
type StakePoolWithdrawStake struct {
	Pool StakePool
	// Split is the pool's stake account to take from: a validator's, a
	// transient one or the reserve.
	Split solana.PublicKey
	// Destination is an account of the stake program with 200 bytes and the
	// rent for them, not initialized.
	Destination solana.PublicKey
	// NewAuthority becomes staker and withdrawer of Destination.
	NewAuthority solana.PublicKey
	// Authority may move the tokens (owner or delegate) and signs.
	Authority solana.PublicKey
	// Source is the token account the pool tokens are burned from.
	Source solana.PublicKey
	// PoolTokens is in base units.
	PoolTokens uint64
}

// Build returns the instruction.
func (i StakePoolWithdrawStake) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolWithdrawStake)
	return b.build()
}

func (i StakePoolWithdrawStake) builder(table *idl.Instruction) builder {
	b := newBuilder(table, i.Pool.Program, 0)
	if !i.Split.IsZero() && i.Split == i.Destination {
		b.fail("destination stake account",
			fmt.Errorf("%w: it is the account to split", ErrConflictingInput))
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

// StakePoolWithdrawStakeWithSlippage is [StakePoolWithdrawStake] that fails
// when it would hand out less stake than the minimum.
type StakePoolWithdrawStakeWithSlippage struct {
	StakePoolWithdrawStake
	MinimumLamportsOut uint64
}

// Build returns the instruction.
func (i StakePoolWithdrawStakeWithSlippage) Build() (solana.Instruction, error) {
	b := i.builder(&idl.StakePoolWithdrawStakeWithSlippage)
	b.number(i.MinimumLamportsOut)
	return b.build()
}

// StakePoolUpdateValidatorListBalance records the balances of some consecutive
// validators of a pool for the current epoch. Anybody may call it, except while
// staking rewards are being distributed.
type StakePoolUpdateValidatorListBalance struct {
	Pool StakePool
	// StartIndex is the position of Validators[0] in the pool's list.
	StartIndex uint32
	// NoMerge records balances without merging transient stake. Normally false.
	NoMerge bool
	// Validators are at most four entries of the list, in its order. Their
	// stake addresses follow from their seeds.
	Validators []accounts.ValidatorStakeInfo
}

// Build returns the instruction.
func (i StakePoolUpdateValidatorListBalance) Build() (solana.Instruction, error) {
	b := newBuilder(
		&idl.StakePoolUpdateValidatorListBalance,
		i.Pool.Program,
		2*len(i.Validators),
	)

	if n := len(i.Validators); n == 0 || n > stakePoolMaxValidatorsPerBalanceUpdate {
		b.fail("validators",
			fmt.Errorf("%w: %d, not 1 to %d", ErrConflictingInput, n,
				stakePoolMaxValidatorsPerBalanceUpdate))
	}

	b.accounts(
		i.Pool.Address,
		i.Pool.WithdrawAuthority,
		i.Pool.ValidatorList,
		i.Pool.ReserveStake,
	)

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

// StakePoolUpdateBalance books the recorded balances into the pool's price and
// mints the manager's epoch fee. Anybody may call it once all entries of the
// validator list are current.
type StakePoolUpdateBalance struct{ Pool StakePool }

// Build returns the instruction.
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
// the list. Anybody may call it; deposits and withdrawals do not need it.
type StakePoolCleanupRemovedValidatorEntries struct{ Pool StakePool }

// Build returns the instruction.
func (i StakePoolCleanupRemovedValidatorEntries) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.StakePoolCleanupRemovedValidatorEntries, i.Pool.Program, 0)
	b.accounts(
		i.Pool.Address,
		i.Pool.ValidatorList,
	)
	return b.build()
}

// StakePoolUpdate returns the instructions that bring a pool into the epoch:
// the list updates of exactly the entries that are behind, up to four in each,
// the update of the pool's balance, and the clean-up. They go in front of what
// needs the pool current.
func StakePoolUpdate(
	pool StakePool,
	list *accounts.ValidatorList,
	epoch uint64,
) ([]solana.Instruction, error) {
	if list == nil {
		return nil, &BuildError{
			Instruction: "crank",
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
