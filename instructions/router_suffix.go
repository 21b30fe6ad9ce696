package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// The instructions of the Router end with the accounts of the pools they work
// with. A suffix is the accounts of one pool in one role; the Router tells by
// the first of them which kind of pool it is. What is wrong with a suffix is
// reported by the instruction that it goes into.

// RouterDepositSOLAccounts is a pool that takes SOL and pays its token.
type RouterDepositSOLAccounts struct{ pool *suffix }

// RouterWithdrawSOLAccounts is a pool that takes its token and pays SOL.
type RouterWithdrawSOLAccounts struct{ pool *suffix }

// RouterWithdrawStakeAccounts is a pool that takes its token and pays stake.
type RouterWithdrawStakeAccounts struct{ pool *suffix }

// RouterDepositStakeAccounts is a pool that takes a stake account and pays its
// token, or wrapped SOL.
type RouterDepositStakeAccounts struct{ pool *suffix }

// Mint is the token that the pool pays.
func (s RouterDepositSOLAccounts) Mint() solana.PublicKey { return s.pool.token() }

// Mint is the token that the pool takes.
func (s RouterWithdrawSOLAccounts) Mint() solana.PublicKey { return s.pool.token() }

// Mint is the token that the pool takes.
func (s RouterWithdrawStakeAccounts) Mint() solana.PublicKey { return s.pool.token() }

// Mint is the token that the pool pays. For the Reserve it is wrapped SOL.
func (s RouterDepositStakeAccounts) Mint() solana.PublicKey { return s.pool.token() }

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

// newStakePoolSuffix begins the suffix of a stake pool. The Router knows the
// classic token program only.
func newStakePoolSuffix(
	p StakePool, table []idl.Account, keys ...solana.PublicKey,
) *suffix {
	s := &suffix{
		mint:  p.Mint,
		table: table,
		keys:  keys,
	}
	if p.TokenProgram != accounts.TokenProgram {
		s.fail("token program",
			fmt.Errorf("%w: the Router knows only %s", ErrConflictingInput, accounts.TokenProgram))
	}
	return s
}

// unsigned refuses an authority that must sign, for which the Router has no
// place.
func (s *suffix) unsigned(field string, authority *solana.PublicKey) {
	if authority != nil {
		s.fail(field,
			fmt.Errorf("%w: %s cannot sign through the Router", ErrOperationDisabled, authority))
	}
}

// RouterStakePoolDepositSOL is a stake pool of the SPL family that takes SOL.
func RouterStakePoolDepositSOL(pool StakePool) RouterDepositSOLAccounts {
	s := newStakePoolSuffix(
		pool,
		idl.RouterDepositSOLPools.StakePool,
		pool.Program,
		pool.Address,
		pool.WithdrawAuthority,
		pool.ReserveStake,
		pool.ManagerFeeAccount,
	)

	s.unsigned("SOL deposit authority", pool.SOLDepositAuthority)
	return RouterDepositSOLAccounts{s}
}

// RouterMarinadeDepositSOL is Marinade that takes SOL.
func RouterMarinadeDepositSOL(marinade Marinade) RouterDepositSOLAccounts {
	s := &suffix{
		mint:  marinade.MSOLMint,
		table: idl.RouterDepositSOLPools.Marinade,
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

	return RouterDepositSOLAccounts{s}
}

// RouterStakePoolWithdrawSOL is a stake pool of the SPL family that pays SOL
// from its reserve.
func RouterStakePoolWithdrawSOL(pool StakePool) RouterWithdrawSOLAccounts {
	s := newStakePoolSuffix(
		pool,
		idl.RouterWithdrawSOLPools.StakePool,
		pool.Program,
		pool.Address,
		pool.WithdrawAuthority,
		pool.ReserveStake,
		pool.ManagerFeeAccount,
	)

	s.unsigned("SOL withdraw authority", pool.SOLWithdrawAuthority)
	return RouterWithdrawSOLAccounts{s}
}

// RouterStakePoolWithdrawStake is a stake pool of the SPL family that pays
// stake split off the stake account of a validator, see
// accounts.ValidatorStakeAddress.
func RouterStakePoolWithdrawStake(
	pool StakePool,
	validatorStake solana.PublicKey,
) RouterWithdrawStakeAccounts {
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

	return RouterWithdrawStakeAccounts{s}
}

// RouterLidoWithdrawStake is Lido that pays stake split off the stake account
// of a validator, see accounts.LidoValidatorStake. It must be the first of the
// validator with the most stake.
func RouterLidoWithdrawStake(
	lido Lido,
	vote, validatorStake solana.PublicKey,
) RouterWithdrawStakeAccounts {
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

	return RouterWithdrawStakeAccounts{s}
}

// RouterStakePoolDepositStake is a stake pool of the SPL family that takes
// stake. It is merged into the pool's stake account of the same vote account,
// see accounts.ValidatorStakeAddress.
func RouterStakePoolDepositStake(
	pool StakePool,
	validatorStake solana.PublicKey,
) RouterDepositStakeAccounts {
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

	return RouterDepositStakeAccounts{s}
}

// RouterMarinadeDepositStake is Marinade that takes stake of a vote account in
// its validator list. The stake account must hold exactly its delegation and
// the rent it has on record.
func RouterMarinadeDepositStake(
	marinade Marinade,
	vote solana.PublicKey,
) RouterDepositStakeAccounts {
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
	return RouterDepositStakeAccounts{s}
}

// RouterReserveDepositStake is the Sanctum Reserve that buys a stake account
// for wrapped SOL. It makes a record of the account, so that the suffix fits no
// other: for the instructions with a bridge stake account it is that one, see
// accounts.RouterBridgeStake.
func RouterReserveDepositStake(reserve Reserve, stake solana.PublicKey) RouterDepositStakeAccounts {
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
	return RouterDepositStakeAccounts{s}
}
