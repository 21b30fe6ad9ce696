package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// Interceptor has the addresses that the instructions of Jito's stake deposit
// interceptor share for one stake pool. Create it with [NewInterceptor].
type Interceptor struct {
	Program solana.PublicKey

	// DepositAuthority is the stake deposit authority of the pool. Vault is its
	// token account, which holds the pool tokens until they are claimed.
	DepositAuthority solana.PublicKey
	Vault            solana.PublicKey

	// FeeAccount is the token account that receives the fee of a claim: the
	// associated one of the fee wallet. It must exist even if there is no fee.
	FeeAccount solana.PublicKey
}

// NewInterceptor returns the addresses of the interceptor for a stake pool,
// whose stake deposit authority is state. It returns a [*BuildError] if state
// is nil or belongs to another pool, or the error of a derivation.
func NewInterceptor(
	program solana.PublicKey, pool StakePool, state *accounts.InterceptorAuthority,
) (Interceptor, error) {
	fail := func(field string, reason error) (Interceptor, error) {
		return Interceptor{}, &BuildError{
			Instruction: "interceptor",
			Field:       field,
			Reason:      reason,
		}
	}

	switch {
	case state == nil:
		return fail("state", accounts.ErrNil)
	case state.StakePool != pool.Address:
		return fail("stake pool", fmt.Errorf("%w: the authority is that of the pool %s",
			ErrConflictingInput, state.StakePool))
	case state.StakePoolProgram != pool.Program:
		return fail("stake pool program", fmt.Errorf("%w: the authority deposits with program %s",
			ErrConflictingInput, state.StakePoolProgram))
	case state.PoolMint != pool.Mint:
		return fail("pool mint", fmt.Errorf("%w: the authority is that of the mint %s",
			ErrConflictingInput, state.PoolMint))
	}

	fees, err := accounts.AssociatedTokenAddress(state.FeeWallet, pool.TokenProgram, pool.Mint)
	if err != nil {
		return Interceptor{}, err
	}

	return Interceptor{
		Program:          program,
		DepositAuthority: pool.StakeDepositAuthority,
		Vault:            state.Vault,
		FeeAccount:       fees,
	}, nil
}

// InterceptorDepositStake deposits a delegated stake account into a stake pool
// for a receipt. It mirrors DepositStake, which does not check a minimum
// output; prefer [InterceptorDepositStakeWithSlippage].
//
// Both authorities of Stake must be the deposit authority. Change them in the
// same transaction: the program does not know whose the stake account was, and
// gives the receipt to any owner that the instruction names.
type InterceptorDepositStake struct {
	Interceptor Interceptor

	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Payer pays the rent of the receipt and signs. The rent goes to Owner with
	// the claim.
	Payer solana.PublicKey

	// Owner owns the receipt.
	Owner solana.PublicKey

	// Base is the seed of the receipt's address and signs. It may be any key
	// that has no open receipt for this pool, for example a new one.
	Base solana.PublicKey

	// Stake is the stake account to deposit.
	Stake solana.PublicKey

	// ValidatorStake is the pool's stake account of the same vote account; see
	// [accounts.ValidatorStakeAddress].
	ValidatorStake solana.PublicKey

	// Referrer is the token account that receives the referral share of the
	// deposit fee; see [StakePoolDepositSOL].
	Referrer solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i InterceptorDepositStake) Build() (solana.Instruction, error) {
	b := i.builder(&idl.InterceptorDepositStake)
	return b.build()
}

func (i InterceptorDepositStake) builder(table *idl.Instruction) builder {
	b := newBuilder(table, i.Interceptor.Program, 0)
	if !i.Stake.IsZero() && i.Stake == i.ValidatorStake {
		b.fail("stake account",
			fmt.Errorf("%w: it is also the validator stake account", ErrConflictingInput))
	}

	authority := i.Interceptor.DepositAuthority
	b.require("stake deposit authority", i.Pool.StakeDepositAuthority)
	if !authority.IsZero() && i.Pool.StakeDepositAuthority != authority {
		b.fail("stake deposit authority", fmt.Errorf("%w: the pool's authority is %s",
			ErrConflictingInput, i.Pool.StakeDepositAuthority))
	}

	b.require("base", i.Base)
	receipt, err := accounts.InterceptorReceiptAddress(i.Interceptor.Program, i.Pool.Address,
		i.Base)

	b.accounts(i.Payer, i.Pool.Program)
	b.derived(receipt, err)
	b.accounts(
		i.Pool.Address,
		i.Pool.ValidatorList,
		authority,
		i.Base,
		i.Pool.WithdrawAuthority,
		i.Stake,
		i.ValidatorStake,
		i.Pool.ReserveStake,
		i.Interceptor.Vault,
		i.Pool.ManagerFeeAccount,
		i.Referrer,
		i.Pool.Mint,
		i.Pool.TokenProgram,
	)

	b.key(i.Owner)

	return b
}

// InterceptorDepositStakeWithSlippage is [InterceptorDepositStake] with a
// minimum output.
type InterceptorDepositStakeWithSlippage struct {
	InterceptorDepositStake

	// MinimumTokensOut is the minimum number of pool tokens in the receipt, in
	// base units, before the fee of the claim. The program fails with less.
	MinimumTokensOut uint64
}

// Build returns the instruction, or a [*BuildError].
func (i InterceptorDepositStakeWithSlippage) Build() (solana.Instruction, error) {
	b := i.builder(&idl.InterceptorDepositStakeWithSlippage)
	b.amount(i.MinimumTokensOut)
	return b.build()
}

// InterceptorClaimPoolTokens pays the pool tokens of a receipt, less the fee
// that is left, and closes the receipt. It mirrors ClaimPoolTokens.
//
// The program does not check a minimum output. The fee can only fall with time.
type InterceptorClaimPoolTokens struct {
	Interceptor Interceptor

	// Pool has the addresses of the stake pool.
	Pool StakePool

	// Receipt is the address of the receipt.
	Receipt solana.PublicKey

	// Owner is the owner of the receipt, and receives its rent.
	Owner solana.PublicKey

	// Unsigned is set if Owner does not sign. The program then fails before the
	// end of the cool-down.
	Unsigned bool

	// Destination is a token account of Owner. It receives the pool tokens.
	Destination solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i InterceptorClaimPoolTokens) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InterceptorClaimPoolTokens, i.Interceptor.Program, 0)
	b.accounts(i.Receipt)
	if i.Unsigned {
		b.lesser(i.Owner, idl.AccessWritable)
	} else {
		b.accounts(i.Owner)
	}

	b.accounts(
		i.Interceptor.Vault,
		i.Destination,
		i.Interceptor.FeeAccount,
		i.Interceptor.DepositAuthority,
		i.Pool.Mint,
		i.Pool.TokenProgram,
	)

	return b.build()
}
