package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// RouterDepositSOLAccounts has the accounts of a pool that receives SOL and
// pays pool tokens. Create it with [RouterStakePoolDepositSOL] or
// [RouterMarinadeDepositSOL].
type RouterDepositSOLAccounts struct{ pool *suffix }

// RouterWithdrawSOLAccounts has the accounts of a pool that receives pool
// tokens and pays SOL. Create it with [RouterStakePoolWithdrawSOL].
type RouterWithdrawSOLAccounts struct{ pool *suffix }

// RouterWithdrawStakeAccounts has the accounts of a pool that receives pool
// tokens and pays stake. Create it with [RouterStakePoolWithdrawStake] or
// [RouterLidoWithdrawStake].
type RouterWithdrawStakeAccounts struct{ pool *suffix }

// RouterDepositStakeAccounts has the accounts of a pool that receives a stake
// account and pays pool tokens, or of the Reserve, which pays wrapped SOL.
// Create it with [RouterStakePoolDepositStake], [RouterMarinadeDepositStake] or
// [RouterReserveDepositStake].
type RouterDepositStakeAccounts struct{ pool *suffix }

// Mint returns the mint of the pool token.
func (s RouterDepositSOLAccounts) Mint() solana.PublicKey { return s.pool.token() }

// Mint returns the mint of the pool token.
func (s RouterWithdrawSOLAccounts) Mint() solana.PublicKey { return s.pool.token() }

// Mint returns the mint of the pool token.
func (s RouterWithdrawStakeAccounts) Mint() solana.PublicKey { return s.pool.token() }

// Mint returns the mint of the pool token. For the Reserve it is the mint of
// wrapped SOL.
func (s RouterDepositStakeAccounts) Mint() solana.PublicKey { return s.pool.token() }

// suffix has the accounts of a pool at the end of an instruction of the Router.
// The Router recognizes the kind of the pool by the first account. The Build
// method of the instruction reports the error of a suffix.
type suffix struct {
	mint solana.PublicKey

	// stake, if not nil, is the only stake account that the suffix is valid
	// for.
	stake *solana.PublicKey

	table []idl.Account

	// keys are the accounts of the table without a fixed address.
	keys []solana.PublicKey

	// err is the first error, and errField the invalid account.
	err      error
	errField string
}

func (s *suffix) token() solana.PublicKey {
	if s == nil {
		return solana.PublicKey{}
	}
	return s.mint
}

// count returns the number of accounts of the suffix in an instruction.
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

// newStakePoolSuffix returns the suffix of a stake pool. The Router supports
// only the classic token program.
func newStakePoolSuffix(p StakePool, table []idl.Account, keys ...solana.PublicKey) *suffix {
	s := &suffix{
		mint:  p.Mint,
		table: table,
		keys:  keys,
	}
	if p.TokenProgram != accounts.TokenProgram {
		s.fail("token program",
			fmt.Errorf("%w: the Router supports only %s", ErrConflictingInput,
				accounts.TokenProgram))
	}

	return s
}

// unsigned fails if the pool requires the signature of an authority, because
// the instructions of the Router have no account for it.
func (s *suffix) unsigned(field string, authority *solana.PublicKey) {
	if authority != nil {
		s.fail(field,
			fmt.Errorf("%w: %s cannot sign through the Router", ErrOperationDisabled, authority))
	}
}

// RouterStakePoolDepositSOL returns the accounts of a stake pool that receives
// SOL. Build fails with [ErrOperationDisabled] if the pool requires the
// signature of a SOL deposit authority.
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

// RouterMarinadeDepositSOL returns the accounts of Marinade that receives SOL.
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

// RouterStakePoolWithdrawSOL returns the accounts of a stake pool that pays SOL
// from its reserve. Build fails with [ErrOperationDisabled] if the pool
// requires the signature of a SOL withdraw authority.
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

// RouterStakePoolWithdrawStake returns the accounts of a stake pool that pays
// stake. validatorStake is the validator stake account to split; see
// [accounts.ValidatorStakeAddress].
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

// RouterLidoWithdrawStake returns the accounts of Lido that pays stake. vote is
// the vote account of the validator with the most stake, and validatorStake the
// first stake account of this validator; see [accounts.LidoValidatorStake].
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

// RouterStakePoolDepositStake returns the accounts of a stake pool that
// receives stake. validatorStake is the pool's stake account of the same vote
// account; see [accounts.ValidatorStakeAddress]. Build fails with
// [ErrOperationDisabled] if the pool requires the signature of a stake deposit
// authority.
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

// RouterMarinadeDepositStake returns the accounts of Marinade that receives
// stake. vote is the vote account of the stake, which must be in Marinade's
// validator list. The stake account must hold exactly its delegation and its
// recorded rent.
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

// RouterReserveDepositStake returns the accounts of the Sanctum Reserve that
// buys the stake account stake for wrapped SOL. The result is valid only for
// this stake account. For instructions with a bridge stake account, stake is
// the bridge stake account; see [accounts.RouterBridgeStake].
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
