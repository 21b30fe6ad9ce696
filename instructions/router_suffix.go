package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
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

// suffix is the accounts of a pool by its table, and what is wrong with them.
type suffix struct {
	mint solana.PublicKey
	// stake, if set, is the only stake account that the suffix fits.
	stake *solana.PublicKey
	table []idl.Account
	// keys are those of the table that have no address of their own.
	keys     []solana.PublicKey
	err      error
	errField string
}

func (s *suffix) token() solana.PublicKey {
	if s == nil {
		return solana.PublicKey{}
	}
	return s.mint
}

// count is how many accounts the suffix takes in an instruction.
func (s *suffix) count() int {
	if s == nil {
		return 0
	}
	return len(s.table)
}

func (s *suffix) fail(field string, reason error) {
	if s.err == nil && reason != nil {
		s.errField, s.err = field, reason
	}
}

// suffix appends the accounts of the next pool.
func (b *builder) suffix(role string, s *suffix) {
	b.fixed()
	b.further++
	if s == nil {
		b.fail(role, ErrMissing)
		return
	}
	if s.err != nil {
		b.fail(role+", "+s.errField, s.err)
	}

	keys := s.keys
	for at := range s.table {
		place := &s.table[at]
		switch {
		case place.Fixed != nil:
			b.data.Account(*place.Fixed, place.Access.Writable(), false)
		case len(keys) == 0:
			b.fail(place.Name, errTable)
		default:
			b.put(place, &keys[0], place.Access)
			keys = keys[1:]
		}
	}
	if len(keys) > 0 {
		b.fail(role, errTable)
	}
}

// newStakePoolSuffix begins the suffix of a stake pool. The Router knows the classic token program only.
func newStakePoolSuffix(
	p StakePool, table []idl.Account, keys ...solana.PublicKey,
) *suffix {
	s := &suffix{
		mint:  p.Mint,
		table: table,
		keys:  keys,
	}
	if p.TokenProgram != accounts.TokenProgram {
		s.fail("token program", fmt.Errorf("%w: the Router knows only %s", ErrContradiction, accounts.TokenProgram))
	}
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
	s := newStakePoolSuffix(
		pool,
		idl.RouterDepositSolPools.StakePool,
		pool.Program,
		pool.Address,
		pool.WithdrawAuthority,
		pool.ReserveStake,
		pool.ManagerFeeAccount,
	)
	s.unsigned("SOL deposit authority", pool.SolDepositAuthority)
	return DepositSolSuffix{s}
}

// MarinadeDepositSol is Marinade that takes SOL.
func MarinadeDepositSol(marinade Marinade) DepositSolSuffix {
	s := &suffix{
		mint:  marinade.MSOLMint,
		table: idl.RouterDepositSolPools.Marinade,
		keys: []solana.PublicKey{
			marinade.Program,
			marinade.State,
			marinade.SOLLeg,
			marinade.MSOLLeg,
			marinade.MSOLLegAuthority,
			marinade.Reserve,
			marinade.MSOLMintAuthority,
		},
	}
	return DepositSolSuffix{s}
}

// StakePoolWithdrawSol is a stake pool of the SPL family that pays SOL from its reserve.
func StakePoolWithdrawSol(pool StakePool) WithdrawSolSuffix {
	s := newStakePoolSuffix(
		pool,
		idl.RouterWithdrawSolPools.StakePool,
		pool.Program,
		pool.Address,
		pool.WithdrawAuthority,
		pool.ReserveStake,
		pool.ManagerFeeAccount,
	)
	s.unsigned("SOL withdraw authority", pool.SolWithdrawAuthority)
	return WithdrawSolSuffix{s}
}

// StakePoolWithdrawStake is a stake pool of the SPL family that pays stake split off the stake account of a validator, see
// accounts.ValidatorStakeAddress.
func StakePoolWithdrawStake(pool StakePool, validatorStake solana.PublicKey) WithdrawStakeSuffix {
	s := newStakePoolSuffix(
		pool,
		idl.RouterWithdrawStakePools.StakePool,
		pool.Program,
		pool.Address,
		pool.ValidatorList,
		pool.WithdrawAuthority,
		validatorStake,
		pool.ManagerFeeAccount,
	)
	return WithdrawStakeSuffix{s}
}

// LidoWithdrawStake is Lido that pays stake split off the stake account of a validator, see accounts.LidoValidatorStake. It must be
// the first of the validator with the most stake.
func LidoWithdrawStake(lido Lido, vote, validatorStake solana.PublicKey) WithdrawStakeSuffix {
	s := &suffix{
		mint:  lido.StSOLMint,
		table: idl.RouterWithdrawStakePools.Lido,
		keys: []solana.PublicKey{
			lido.Program,
			lido.State,
			vote,
			validatorStake,
			lido.StakeAuthority,
			lido.ValidatorList,
		},
	}
	return WithdrawStakeSuffix{s}
}

// StakePoolDepositStake is a stake pool of the SPL family that takes stake. It is merged into the pool's stake account of the same
// vote account, see accounts.ValidatorStakeAddress.
func StakePoolDepositStake(pool StakePool, validatorStake solana.PublicKey) DepositStakeSuffix {
	s := newStakePoolSuffix(
		pool,
		idl.RouterDepositStakePools.StakePool,
		pool.Program,
		pool.Address,
		pool.ValidatorList,
		pool.StakeDepositAuthority,
		pool.WithdrawAuthority,
		validatorStake,
		pool.ReserveStake,
		pool.ManagerFeeAccount,
	)
	permissionless, err := accounts.StakePoolDepositAuthority(pool.Program, pool.Address)
	s.fail("stake deposit authority", err)
	if !pool.StakeDepositAuthority.IsZero() && pool.StakeDepositAuthority != permissionless {
		s.unsigned("stake deposit authority", &pool.StakeDepositAuthority)
	}
	return DepositStakeSuffix{s}
}

// MarinadeDepositStake is Marinade that takes stake of a vote account in its validator list. The stake account must hold exactly its
// delegation and the rent it has on record.
func MarinadeDepositStake(marinade Marinade, vote solana.PublicKey) DepositStakeSuffix {
	flag, err := accounts.MarinadeDuplicationFlag(marinade.Program, marinade.State, vote)
	s := &suffix{
		mint:  marinade.MSOLMint,
		table: idl.RouterDepositStakePools.Marinade,
		keys: []solana.PublicKey{
			marinade.Program,
			marinade.State,
			marinade.ValidatorList,
			marinade.StakeList,
			flag,
			marinade.MSOLMintAuthority,
		},
	}
	if vote.IsZero() {
		s.fail("vote account", ErrMissing)
	}
	s.fail("duplication flag", err)
	return DepositStakeSuffix{s}
}

// ReserveDepositStake is the Sanctum Reserve that buys a stake account for wrapped SOL. It makes a record of the account, so that the
// suffix fits no other: for the instructions with a bridge stake account it is that one, see accounts.RouterBridgeStake.
func ReserveDepositStake(reserve Reserve, stake solana.PublicKey) DepositStakeSuffix {
	record, err := accounts.ReserveRecordAddress(reserve.Program, reserve.Pool, stake)
	s := &suffix{
		mint:  accounts.NativeMint,
		stake: &stake,
		table: idl.RouterDepositStakePools.Reserve,
		keys: []solana.PublicKey{
			reserve.Program,
			reserve.Pool,
			reserve.SOL,
			reserve.Fee,
			record,
			reserve.ProtocolFee,
			reserve.ProtocolFeeDestination,
		},
	}
	s.fail("stake account record", err)
	return DepositStakeSuffix{s}
}
