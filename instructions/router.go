package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// feeTokenAccount appends the Router's fee token account of a mint.
func (b *builder) feeTokenAccount(router, mint solana.PublicKey) {
	b.derived(accounts.RouterFeeTokenAccount(router, mint))
}

// destinationMint appends the mint of the output. The mint of wrapped SOL is
// read-only.
func (b *builder) destinationMint(mint solana.PublicKey) {
	if mint == accounts.NativeMint {
		b.lesser(mint, idl.AccessReadonly)
	} else {
		b.accounts(mint)
	}
}

// fits fails if the suffix is for another stake account than the deposited one.
func (b *builder) fits(s *suffix, stake solana.PublicKey) {
	if s != nil && s.stake != nil && *s.stake != stake {
		b.fail("destination pool, stake account",
			fmt.Errorf("%w: the record is for %s, not for %s", ErrConflictingInput, s.stake, stake))
	}
}

// RouterStakeWrappedSOL deposits wrapped SOL into a stake pool or Marinade. The
// user receives all pool tokens, including the referral share of the fee; the
// Router charges no fee. It mirrors StakeWrappedSol.
//
// The program does not check a minimum output. Check the balance of Destination
// in the same transaction, or simulate the transaction before you sign it.
type RouterStakeWrappedSOL struct {
	// Program is the Router.
	Program solana.PublicKey

	// User is the owner or the delegate of Source. It signs.
	User solana.PublicKey

	// Source is the token account that pays the wrapped SOL.
	Source solana.PublicKey

	// Destination is the token account that receives the pool tokens.
	Destination solana.PublicKey

	// Pool has the accounts of the pool.
	Pool RouterDepositSOLAccounts

	// Lamports is the deposit.
	Lamports uint64
}

// Build returns the instruction, or a [*BuildError].
func (i RouterStakeWrappedSOL) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterStakeWrappedSOL, i.Program, i.Pool.pool.count())
	b.accounts(i.User, i.Source, i.Destination)

	b.derived(accounts.RouterWSOLBridgeIn(i.Program))
	b.derived(accounts.RouterSOLBridgeOut(i.Program))
	b.feeTokenAccount(i.Program, i.Pool.Mint())
	b.accounts(i.Pool.Mint())
	b.suffix("pool", i.Pool.pool)
	b.amount(i.Lamports)

	return b.build()
}

// RouterWithdrawWrappedSOL burns pool tokens for wrapped SOL from the pool's
// reserve. It mirrors WithdrawWrappedSol, which does not check a minimum
// output; see [RouterStakeWrappedSOL].
type RouterWithdrawWrappedSOL struct {
	// Program is the Router.
	Program solana.PublicKey

	// User is the owner or the delegate of Source. It signs.
	User solana.PublicKey

	// Source is the token account from which the pool tokens are burned.
	Source solana.PublicKey

	// Destination is the token account that receives the wrapped SOL.
	Destination solana.PublicKey

	// Pool has the accounts of the pool.
	Pool RouterWithdrawSOLAccounts

	// PoolTokens is the amount to burn, in base units.
	PoolTokens uint64
}

// Build returns the instruction, or a [*BuildError].
func (i RouterWithdrawWrappedSOL) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterWithdrawWrappedSOL, i.Program, i.Pool.pool.count())
	b.accounts(i.User, i.Source, i.Destination)

	b.feeTokenAccount(i.Program, accounts.NativeMint)
	b.accounts(i.Pool.Mint())
	b.suffix("pool", i.Pool.pool)
	b.amount(i.PoolTokens)

	return b.build()
}

// RouterDepositStake deposits a stake account into a pool, or sells it to the
// Reserve for wrapped SOL. It mirrors DepositStake, which does not check a
// minimum output; see [RouterStakeWrappedSOL].
type RouterDepositStake struct {
	// Program is the Router.
	Program solana.PublicKey

	// User is the staker and the withdrawer of Stake. It signs. For the Reserve
	// the withdrawer is sufficient.
	User solana.PublicKey

	// Stake is the stake account to deposit.
	Stake solana.PublicKey

	// Destination is the token account that receives the pool tokens or the
	// wrapped SOL.
	Destination solana.PublicKey

	// To has the accounts of the pool or the Reserve.
	To RouterDepositStakeAccounts
}

// Build returns the instruction, or a [*BuildError].
func (i RouterDepositStake) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterDepositStake, i.Program, i.To.pool.count())
	b.accounts(i.User, i.Stake, i.Destination)

	b.feeTokenAccount(i.Program, i.To.Mint())
	b.destinationMint(i.To.Mint())
	b.fits(i.To.pool, i.Stake)
	b.suffix("destination pool", i.To.pool)

	return b.build()
}

// RouterSwapViaStake withdraws stake from a pool into the bridge stake account,
// and deposits the bridge stake account into another pool or sells it to the
// Reserve for wrapped SOL. It mirrors SwapViaStake, which does not check a
// minimum output; see [RouterStakeWrappedSOL].
//
// The bridge stake account must hold the rent of a stake account before the
// swap. Transfer the rent directly before, in the same transaction: only
// another swap with the same seed can withdraw lamports from the bridge stake
// account. The rent is deposited together with the stake.
type RouterSwapViaStake struct {
	// Program is the Router.
	Program solana.PublicKey

	// User is the owner or the delegate of Source. It signs.
	User solana.PublicKey

	// Source is the token account from which the pool tokens are burned.
	Source solana.PublicKey

	// Destination is the token account that receives the pool tokens or the
	// wrapped SOL.
	Destination solana.PublicKey

	// From has the accounts of the pool that pays the stake.
	From RouterWithdrawStakeAccounts

	// To has the accounts of the pool or the Reserve that receives the stake.
	To RouterDepositStakeAccounts

	// PoolTokens is the amount to burn, in base units of the pool token of
	// From.
	PoolTokens uint64

	// BridgeSeed selects the bridge stake account; see
	// [accounts.RouterBridgeStake].
	BridgeSeed uint32
}

// Build returns the instruction, or a [*BuildError].
func (i RouterSwapViaStake) Build() (solana.Instruction, error) {
	return i.build(&idl.RouterSwapViaStake, nil)
}

// build returns the swap. If lender is not nil, the Router lends the rent and
// the Reserve repays it.
func (i RouterSwapViaStake) build(
	table *idl.Instruction, lender *Reserve,
) (solana.Instruction, error) {
	b := newBuilder(table, i.Program, i.From.pool.count()+i.To.pool.count())
	bridge, err := accounts.RouterBridgeStake(i.Program, i.User, i.BridgeSeed)
	b.accounts(i.User, i.Source, i.Destination)

	b.derived(bridge, err)
	b.feeTokenAccount(i.Program, i.To.Mint())
	b.accounts(i.From.Mint())
	b.destinationMint(i.To.Mint())
	if lender != nil {
		b.prefund(i.Program, bridge, *lender)
	}

	b.fits(i.To.pool, bridge)
	b.suffix("source pool", i.From.pool)
	b.suffix("destination pool", i.To.pool)
	b.amount(i.PoolTokens)
	b.number(uint64(i.BridgeSeed))

	return b.build()
}

// RouterPrefundWithdrawStake withdraws stake from a pool into the bridge stake
// account, which the user then owns. It mirrors PrefundWithdrawStake, which
// does not check a minimum output.
//
// The Router lends the rent of the stake account, and sells a part of the stake
// to the Reserve to repay the loan. This part is at least the minimum
// delegation of the stake program, and the user does not get any of it back.
// With a minimum delegation of 1 SOL, the instruction costs the user almost 1
// SOL. [StakePoolWithdrawStake] and [RouterSwapViaStake] avoid this cost: with
// them the user pays the rent.
type RouterPrefundWithdrawStake struct {
	// Program is the Router.
	Program solana.PublicKey

	// User is the owner or the delegate of Source. It signs and becomes the
	// staker and the withdrawer of the stake account.
	User solana.PublicKey

	// Source is the token account from which the pool tokens are burned.
	Source solana.PublicKey

	// From has the accounts of the pool that pays the stake.
	From RouterWithdrawStakeAccounts

	// Reserve buys the part of the stake that repays the loan.
	Reserve Reserve

	// PoolTokens is the amount to burn, in base units.
	PoolTokens uint64

	// BridgeSeed selects the bridge stake account; see
	// [accounts.RouterBridgeStake]. Each seed can be used only once.
	BridgeSeed uint32
}

// Build returns the instruction, or a [*BuildError].
func (i RouterPrefundWithdrawStake) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterPrefundWithdrawStake, i.Program, i.From.pool.count())
	bridge, err := accounts.RouterBridgeStake(i.Program, i.User, i.BridgeSeed)
	b.accounts(i.User, i.Source)

	b.derived(bridge, err)
	b.accounts(i.From.Mint())
	b.prefund(i.Program, bridge, i.Reserve)
	b.suffix("source pool", i.From.pool)
	b.amount(i.PoolTokens)
	b.number(uint64(i.BridgeSeed))

	return b.build()
}

// prefund appends the accounts of the loan and of its repayment.
func (b *builder) prefund(router, bridge solana.PublicKey, reserve Reserve) {
	b.derived(accounts.RouterPrefunder(router))
	slumdog, err := accounts.RouterSlumdogStake(bridge)
	b.derived(slumdog, err)
	b.accounts(reserve.Program, reserve.Pool, reserve.SOL, reserve.Fee)

	b.record(reserve, slumdog)
	b.accounts(reserve.ProtocolFee, reserve.ProtocolFeeDestination)
}

// RouterPrefundSwapViaStake is [RouterSwapViaStake] with a loan of the Router
// for the rent. The loan costs the user as much as in
// [RouterPrefundWithdrawStake]. It mirrors PrefundSwapViaStake.
type RouterPrefundSwapViaStake struct {
	// Program is the Router.
	Program solana.PublicKey

	// User is the owner or the delegate of Source. It signs.
	User solana.PublicKey

	// Source is the token account from which the pool tokens are burned.
	Source solana.PublicKey

	// Destination is the token account that receives the pool tokens or the
	// wrapped SOL.
	Destination solana.PublicKey

	// From has the accounts of the pool that pays the stake.
	From RouterWithdrawStakeAccounts

	// To has the accounts of the pool or the Reserve that receives the stake.
	To RouterDepositStakeAccounts

	// Reserve buys the part of the stake that repays the loan.
	Reserve Reserve

	// PoolTokens is the amount to burn, in base units of the pool token of
	// From.
	PoolTokens uint64

	// BridgeSeed selects the bridge stake account; see
	// [accounts.RouterBridgeStake]. Each seed can be used only once.
	BridgeSeed uint32
}

// Build returns the instruction, or a [*BuildError].
func (i RouterPrefundSwapViaStake) Build() (solana.Instruction, error) {
	swap := RouterSwapViaStake{
		Program:     i.Program,
		User:        i.User,
		Source:      i.Source,
		Destination: i.Destination,
		From:        i.From,
		To:          i.To,
		PoolTokens:  i.PoolTokens,
		BridgeSeed:  i.BridgeSeed,
	}

	return swap.build(&idl.RouterPrefundSwapViaStake, &i.Reserve)
}

// RouterCreateFeeTokenAccount creates the Router's fee token account of a mint.
// The Router cannot pay in a mint without such an account. It needs no
// authority. It mirrors CreateFeeTokenAccount.
type RouterCreateFeeTokenAccount struct {
	// Program is the Router.
	Program solana.PublicKey

	// Payer pays the rent of the account. It signs.
	Payer solana.PublicKey

	// Mint is a mint of the classic token program.
	Mint solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i RouterCreateFeeTokenAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterCreateFeeTokenAccount, i.Program, 0)
	b.accounts(i.Payer)
	b.feeTokenAccount(i.Program, i.Mint)
	b.accounts(i.Mint)
	return b.build()
}
