package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// The instructions of the Router end with the accounts of the pools they work with. A suffix is the accounts of one pool in one role;
// the Router tells by the first of them which kind of pool it is. What is wrong with a suffix is reported by the instruction that
// it goes into.

// DepositSolSuffix is a pool that takes SOL and pays its token.
type DepositSolSuffix struct{ pool *suffix }

// WithdrawSolSuffix is a pool that takes its token and pays SOL.
type WithdrawSolSuffix struct{ pool *suffix }

// WithdrawStakeSuffix is a pool that takes its token and pays stake.
type WithdrawStakeSuffix struct{ pool *suffix }

// DepositStakeSuffix is a pool that takes a stake account and pays its token, or wrapped SOL.
type DepositStakeSuffix struct{ pool *suffix }

// Mint is the token that the pool pays.
func (s DepositSolSuffix) Mint() solana.PublicKey { return s.pool.token() }

// Mint is the token that the pool takes.
func (s WithdrawSolSuffix) Mint() solana.PublicKey { return s.pool.token() }

// Mint is the token that the pool takes.
func (s WithdrawStakeSuffix) Mint() solana.PublicKey { return s.pool.token() }

// Mint is the token that the pool pays. For the Reserve it is wrapped SOL.
func (s DepositStakeSuffix) Mint() solana.PublicKey { return s.pool.token() }

// suffix collects accounts with the names that errors use.
type suffix struct {
	mint solana.PublicKey
	// stake, if set, is the only stake account that the suffix fits.
	stake    *solana.PublicKey
	accounts []suffixAccount
	err      error
	errField string
}

type suffixAccount struct {
	field    string
	key      solana.PublicKey
	writable bool
	// fixed accounts are constants, of which one is all zeros.
	fixed bool
}

func (s *suffix) token() solana.PublicKey {
	if s == nil {
		return solana.PublicKey{}
	}
	return s.mint
}

func (s *suffix) readonly(field string, key solana.PublicKey) {
	s.accounts = append(s.accounts, suffixAccount{field: field, key: key})
}

func (s *suffix) writable(field string, key solana.PublicKey) {
	s.accounts = append(s.accounts, suffixAccount{field: field, key: key, writable: true})
}

func (s *suffix) fixed(keys ...solana.PublicKey) {
	for _, key := range keys {
		s.accounts = append(s.accounts, suffixAccount{key: key, fixed: true})
	}
}

func (s *suffix) fail(field string, reason error) {
	if s.err == nil && reason != nil {
		s.errField, s.err = field, reason
	}
}

// suffix appends the accounts of a pool.
func (b *builder) suffix(role string, s *suffix) {
	if s == nil {
		b.fail(role, ErrMissing)
		return
	}
	if s.err != nil {
		b.fail(role+", "+s.errField, s.err)
	}
	for _, a := range s.accounts {
		if a.fixed {
			b.fixed(a.key)
			continue
		}
		if a.key.IsZero() {
			b.fail(role+", "+a.field, ErrMissing)
		}
		b.data.Account(a.key, a.writable, false)
	}
}

// newStakePoolSuffix begins the suffix of a stake pool. The Router knows the classic token program only.
func newStakePoolSuffix(p StakePool) *suffix {
	s := &suffix{mint: p.Mint}
	if p.TokenProgram != accounts.TokenProgram {
		s.fail("token program", fmt.Errorf("%w: the Router knows only %s", ErrContradiction, accounts.TokenProgram))
	}
	s.readonly("program", p.Program)
	s.writable("stake pool", p.Address)
	return s
}

// unsigned refuses an authority that must sign, for which the Router has no place.
func (s *suffix) unsigned(field string, authority *solana.PublicKey) {
	if authority != nil {
		s.fail(field, fmt.Errorf("%w: %s cannot sign through the Router", ErrDisabled, authority))
	}
}

// StakePoolDepositSol is a stake pool of the SPL family that takes SOL.
func StakePoolDepositSol(pool StakePool) DepositSolSuffix {
	s := newStakePoolSuffix(pool)
	s.unsigned("SOL deposit authority", pool.SolDepositAuthority)
	s.readonly("withdraw authority", pool.WithdrawAuthority)
	s.writable("reserve stake", pool.ReserveStake)
	s.writable("manager fee account", pool.ManagerFeeAccount)
	return DepositSolSuffix{s}
}

// MarinadeDepositSol is Marinade that takes SOL.
func MarinadeDepositSol(marinade Marinade) DepositSolSuffix {
	s := &suffix{mint: marinade.MSOLMint}
	s.readonly("program", marinade.Program)
	s.writable("state", marinade.State)
	s.writable("SOL leg", marinade.SOLLeg)
	s.writable("mSOL leg", marinade.MSOLLeg)
	s.readonly("mSOL leg authority", marinade.MSOLLegAuthority)
	s.writable("reserve", marinade.Reserve)
	s.readonly("mSOL mint authority", marinade.MSOLMintAuthority)
	return DepositSolSuffix{s}
}

// StakePoolWithdrawSol is a stake pool of the SPL family that pays SOL from its reserve.
func StakePoolWithdrawSol(pool StakePool) WithdrawSolSuffix {
	s := newStakePoolSuffix(pool)
	s.unsigned("SOL withdraw authority", pool.SolWithdrawAuthority)
	s.readonly("withdraw authority", pool.WithdrawAuthority)
	s.writable("reserve stake", pool.ReserveStake)
	s.writable("manager fee account", pool.ManagerFeeAccount)
	s.fixed(accounts.ClockSysvar, accounts.StakeHistorySysvar, accounts.StakeProgram, accounts.TokenProgram)
	return WithdrawSolSuffix{s}
}

// StakePoolWithdrawStake is a stake pool of the SPL family that pays stake split off the stake account of a validator, see
// accounts.ValidatorStakeAddress.
func StakePoolWithdrawStake(pool StakePool, validatorStake solana.PublicKey) WithdrawStakeSuffix {
	s := newStakePoolSuffix(pool)
	s.writable("validator list", pool.ValidatorList)
	s.readonly("withdraw authority", pool.WithdrawAuthority)
	s.writable("validator stake account", validatorStake)
	s.writable("manager fee account", pool.ManagerFeeAccount)
	s.fixed(accounts.ClockSysvar, accounts.TokenProgram, accounts.StakeProgram, accounts.SystemProgram)
	return WithdrawStakeSuffix{s}
}

// LidoWithdrawStake is Lido that pays stake split off the stake account of a validator, see accounts.LidoValidatorStake. It must be
// the first of the validator with the most stake.
func LidoWithdrawStake(lido Lido, vote, validatorStake solana.PublicKey) WithdrawStakeSuffix {
	s := &suffix{mint: lido.StSOLMint}
	s.readonly("program", lido.Program)
	s.writable("state", lido.State)
	s.readonly("vote account", vote)
	s.writable("validator stake account", validatorStake)
	s.readonly("stake authority", lido.StakeAuthority)
	s.writable("validator list", lido.ValidatorList)
	s.fixed(accounts.ClockSysvar, accounts.TokenProgram, accounts.StakeProgram, accounts.SystemProgram)
	return WithdrawStakeSuffix{s}
}

// StakePoolDepositStake is a stake pool of the SPL family that takes stake. It is merged into the pool's stake account of the same
// vote account, see accounts.ValidatorStakeAddress.
func StakePoolDepositStake(pool StakePool, validatorStake solana.PublicKey) DepositStakeSuffix {
	s := newStakePoolSuffix(pool)
	permissionless, err := accounts.StakePoolDepositAuthority(pool.Program, pool.Address)
	s.fail("stake deposit authority", err)
	if !pool.StakeDepositAuthority.IsZero() && pool.StakeDepositAuthority != permissionless {
		s.unsigned("stake deposit authority", &pool.StakeDepositAuthority)
	}
	s.writable("validator list", pool.ValidatorList)
	s.readonly("stake deposit authority", pool.StakeDepositAuthority)
	s.readonly("withdraw authority", pool.WithdrawAuthority)
	s.writable("validator stake account", validatorStake)
	s.writable("reserve stake", pool.ReserveStake)
	s.writable("manager fee account", pool.ManagerFeeAccount)
	s.fixed(accounts.ClockSysvar, accounts.StakeHistorySysvar, accounts.TokenProgram, accounts.StakeProgram)
	return DepositStakeSuffix{s}
}

// MarinadeDepositStake is Marinade that takes stake of a vote account in its validator list. The stake account must hold exactly its
// delegation and the rent it has on record.
func MarinadeDepositStake(marinade Marinade, vote solana.PublicKey) DepositStakeSuffix {
	s := &suffix{mint: marinade.MSOLMint}
	if vote.IsZero() {
		s.fail("vote account", ErrMissing)
	}
	flag, err := accounts.MarinadeDuplicationFlag(marinade.Program, marinade.State, vote)
	s.fail("duplication flag", err)
	s.readonly("program", marinade.Program)
	s.writable("state", marinade.State)
	s.writable("validator list", marinade.ValidatorList)
	s.writable("stake list", marinade.StakeList)
	s.writable("duplication flag", flag)
	s.readonly("mSOL mint authority", marinade.MSOLMintAuthority)
	s.fixed(accounts.ClockSysvar, accounts.RentSysvar, accounts.SystemProgram, accounts.TokenProgram, accounts.StakeProgram)
	return DepositStakeSuffix{s}
}

// ReserveDepositStake is the Sanctum Reserve that buys a stake account for wrapped SOL. It makes a record of the account, so that the
// suffix fits no other: for the instructions with a bridge stake account it is that one, see accounts.RouterBridgeStake.
func ReserveDepositStake(reserve Reserve, stake solana.PublicKey) DepositStakeSuffix {
	s := &suffix{mint: accounts.NativeMint, stake: &stake}
	record, err := accounts.ReserveRecordAddress(reserve.Program, reserve.Pool, stake)
	s.fail("stake account record", err)
	s.readonly("program", reserve.Program)
	s.writable("pool", reserve.Pool)
	s.writable("pool SOL", reserve.SOL)
	s.readonly("fee", reserve.Fee)
	s.writable("stake account record", record)
	s.readonly("protocol fee", reserve.ProtocolFee)
	s.writable("protocol fee destination", reserve.ProtocolFeeDestination)
	s.fixed(accounts.ClockSysvar, accounts.StakeProgram, accounts.SystemProgram, accounts.TokenProgram)
	return DepositStakeSuffix{s}
}
