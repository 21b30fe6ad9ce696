package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// No instruction of the Router has a limit on the outcome: simulate right before signing, and show the user what may come.

func (b *builder) feeTokenAccount(router, mint solana.PublicKey) {
	b.derived(accounts.RouterFeeTokenAccount(router, mint))
}

// destinationMint appends the mint of what is paid, which is not locked if it is
// that of wrapped SOL.
func (b *builder) destinationMint(mint solana.PublicKey) {
	if mint == accounts.NativeMint {
		b.lesser(mint, idl.AccessReadonly)
	} else {
		b.accounts(mint)
	}
}

// fits checks that a suffix is one for the stake account that is deposited.
func (b *builder) fits(s *suffix, stake solana.PublicKey) {
	if s != nil && s.stake != nil && *s.stake != stake {
		b.fail("destination pool, stake account", fmt.Errorf("%w: the record is for %s, not for %s", ErrContradiction, s.stake, stake))
	}
}

// RouterStakeWrappedSol deposits wrapped SOL into a stake pool. The user receives all that the pool mints, with the referral part of
// the fee; the Router takes nothing.
type RouterStakeWrappedSol struct {
	// Program is the Router.
	Program solana.PublicKey
	// User may move the tokens of Source and signs.
	User solana.PublicKey
	// Source is the user's token account of wrapped SOL.
	Source solana.PublicKey
	// Destination is the token account that receives the pool tokens.
	Destination solana.PublicKey
	Pool        DepositSolSuffix
	Lamports    uint64
}

// Build returns the instruction.
func (i RouterStakeWrappedSol) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterStakeWrappedSol, i.Program, i.Pool.pool.count())
	b.accounts(
		i.User,
		i.Source,
		i.Destination,
	)
	b.derived(accounts.RouterWSOLBridgeIn(i.Program))
	b.derived(accounts.RouterSOLBridgeOut(i.Program))
	b.feeTokenAccount(i.Program, i.Pool.Mint())
	b.accounts(i.Pool.Mint())
	b.suffix("pool", i.Pool.pool)
	b.amount(i.Lamports)
	return b.build()
}

// RouterWithdrawWrappedSol burns pool tokens for wrapped SOL from the pool's reserve.
type RouterWithdrawWrappedSol struct {
	// Program is the Router.
	Program solana.PublicKey
	// User may move the tokens of Source and signs.
	User solana.PublicKey
	// Source is the token account the pool tokens are burned from.
	Source solana.PublicKey
	// Destination is the token account that receives the wrapped SOL.
	Destination solana.PublicKey
	Pool        WithdrawSolSuffix
	// PoolTokens is in base units.
	PoolTokens uint64
}

// Build returns the instruction.
func (i RouterWithdrawWrappedSol) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterWithdrawWrappedSol, i.Program, i.Pool.pool.count())
	b.accounts(
		i.User,
		i.Source,
		i.Destination,
	)
	b.feeTokenAccount(i.Program, accounts.NativeMint)
	b.accounts(i.Pool.Mint())
	b.suffix("pool", i.Pool.pool)
	b.amount(i.PoolTokens)
	return b.build()
}

// RouterDepositStake deposits a stake account into a pool, or sells it to the Reserve for wrapped SOL.
type RouterDepositStake struct {
	// Program is the Router.
	Program solana.PublicKey
	// User is staker and withdrawer of Stake and signs. The Reserve asks for the withdrawer only.
	User solana.PublicKey
	// Stake is the account to deposit.
	Stake solana.PublicKey
	// Destination is the token account that receives the pool tokens or the wrapped SOL.
	Destination solana.PublicKey
	To          DepositStakeSuffix
}

// Build returns the instruction.
func (i RouterDepositStake) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterDepositStake, i.Program, i.To.pool.count())
	b.accounts(
		i.User,
		i.Stake,
		i.Destination,
	)
	b.feeTokenAccount(i.Program, i.To.Mint())
	b.destinationMint(i.To.Mint())
	b.fits(i.To.pool, i.Stake)
	b.suffix("destination pool", i.To.pool)
	return b.build()
}

// RouterSwapViaStake withdraws stake from a pool into the bridge stake account and deposits that into another, or sells it to the
// Reserve for wrapped SOL.
//
// The bridge stake account must hold the rent of a stake account by then. Transfer it there right before in the same transaction:
// what lies there can only be got out by a later swap with the same seed. The rent goes the way of the stake.
type RouterSwapViaStake struct {
	// Program is the Router.
	Program solana.PublicKey
	// User may move the tokens of Source and signs.
	User solana.PublicKey
	// Source is the token account the pool tokens are burned from.
	Source solana.PublicKey
	// Destination is the token account that receives the pool tokens or the wrapped SOL.
	Destination solana.PublicKey
	From        WithdrawStakeSuffix
	To          DepositStakeSuffix
	// PoolTokens is in base units of the pool that pays the stake.
	PoolTokens uint64
	// BridgeSeed chooses the bridge stake account, see accounts.RouterBridgeStake.
	BridgeSeed uint32
}

// Build returns the instruction.
func (i RouterSwapViaStake) Build() (solana.Instruction, error) {
	return i.build(&idl.RouterSwapViaStake, nil)
}

// build appends the accounts of a loan and the Reserve that repays it, if there is one, between those of the swap.
func (i RouterSwapViaStake) build(
	table *idl.Instruction, lender *Reserve,
) (solana.Instruction, error) {
	b := newBuilder(table, i.Program, i.From.pool.count()+i.To.pool.count())
	bridge, err := accounts.RouterBridgeStake(i.Program, i.User, i.BridgeSeed)
	b.accounts(
		i.User,
		i.Source,
		i.Destination,
	)
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

// RouterPrefundWithdrawStake withdraws stake from a pool into the bridge stake account, which becomes the user's. The Router lends the
// rent, and sells a part of the stake to the Reserve for it. That part is at least the minimum delegation of the stake program and
// none of it comes back: while that is 1 SOL, this costs the user nearly 1 SOL. Paying the rent up front, with WithdrawStake of the
// pool itself or with [RouterSwapViaStake], costs nothing.
type RouterPrefundWithdrawStake struct {
	// Program is the Router.
	Program solana.PublicKey
	// User may move the tokens of Source, becomes staker and withdrawer, and signs.
	User solana.PublicKey
	// Source is the token account the pool tokens are burned from.
	Source solana.PublicKey
	From   WithdrawStakeSuffix
	// Reserve buys the part of the stake that pays the rent.
	Reserve Reserve
	// PoolTokens is in base units.
	PoolTokens uint64
	// BridgeSeed chooses the bridge stake account, see accounts.RouterBridgeStake. No seed serves twice.
	BridgeSeed uint32
}

// Build returns the instruction.
func (i RouterPrefundWithdrawStake) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterPrefundWithdrawStake, i.Program, i.From.pool.count())
	bridge, err := accounts.RouterBridgeStake(i.Program, i.User, i.BridgeSeed)
	b.accounts(
		i.User,
		i.Source,
	)
	b.derived(bridge, err)
	b.accounts(i.From.Mint())
	b.prefund(i.Program, bridge, i.Reserve)
	b.suffix("source pool", i.From.pool)
	b.amount(i.PoolTokens)
	b.number(uint64(i.BridgeSeed))
	return b.build()
}

// prefund appends the accounts of the loan and its repayment.
func (b *builder) prefund(router, bridge solana.PublicKey, reserve Reserve) {
	b.derived(accounts.RouterPrefunder(router))
	slumdog, err := accounts.RouterSlumdogStake(bridge)
	b.derived(slumdog, err)
	b.accounts(
		reserve.Program,
		reserve.Pool,
		reserve.SOL,
		reserve.Fee,
	)
	b.record(reserve, slumdog)
	b.accounts(
		reserve.ProtocolFee,
		reserve.ProtocolFeeDestination,
	)
}

// RouterPrefundSwapViaStake is [RouterSwapViaStake] for which the Router lends the rent as in [RouterPrefundWithdrawStake], at the same
// cost.
type RouterPrefundSwapViaStake struct {
	// Program is the Router.
	Program solana.PublicKey
	// User may move the tokens of Source and signs.
	User solana.PublicKey
	// Source is the token account the pool tokens are burned from.
	Source solana.PublicKey
	// Destination is the token account that receives the pool tokens or the wrapped SOL.
	Destination solana.PublicKey
	From        WithdrawStakeSuffix
	To          DepositStakeSuffix
	// Reserve buys the part of the stake that pays the rent.
	Reserve Reserve
	// PoolTokens is in base units of the pool that pays the stake.
	PoolTokens uint64
	// BridgeSeed chooses the bridge stake account, see accounts.RouterBridgeStake. No seed serves twice.
	BridgeSeed uint32
}

// Build returns the instruction.
func (i RouterPrefundSwapViaStake) Build() (solana.Instruction, error) {
	swap := RouterSwapViaStake{
		Program: i.Program, User: i.User, Source: i.Source, Destination: i.Destination, From: i.From, To: i.To, PoolTokens: i.PoolTokens,
		BridgeSeed: i.BridgeSeed,
	}
	return swap.build(&idl.RouterPrefundSwapViaStake, &i.Reserve)
}

// RouterCreateFeeTokenAccount creates the Router's fee token account of a mint, without which nothing is paid out in it. Anybody may
// pay for it.
type RouterCreateFeeTokenAccount struct {
	// Program is the Router.
	Program solana.PublicKey
	// Payer pays the rent and signs.
	Payer solana.PublicKey
	// Mint belongs to the classic token program.
	Mint solana.PublicKey
}

// Build returns the instruction.
func (i RouterCreateFeeTokenAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.RouterCreateFeeTokenAccount, i.Program, 0)
	b.accounts(i.Payer)
	b.feeTokenAccount(i.Program, i.Mint)
	b.accounts(i.Mint)
	return b.build()
}
