package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// Reserve has the addresses that the instructions of the Sanctum Reserve share.
// Create it with [NewReserve].
type Reserve struct {
	Program                solana.PublicKey
	Pool                   solana.PublicKey
	SOL                    solana.PublicKey
	Fee                    solana.PublicKey
	ProtocolFee            solana.PublicKey
	ProtocolFeeDestination solana.PublicKey
	FlashAccount           solana.PublicKey
	LPMint                 solana.PublicKey
}

// NewReserve returns the addresses of a Reserve. pool is the address of state.
// It returns a [*BuildError] if state or protocolFee is nil, or the error of a
// derivation.
func NewReserve(
	program, pool solana.PublicKey,
	state *accounts.ReservePool,
	protocolFee *accounts.ReserveProtocolFee,
) (Reserve, error) {
	if state == nil || protocolFee == nil {
		return Reserve{}, &BuildError{
			Instruction: "Reserve",
			Field:       "state",
			Reason:      accounts.ErrNil,
		}
	}

	r := Reserve{
		Program:                program,
		Pool:                   pool,
		LPMint:                 state.LPMint,
		ProtocolFeeDestination: protocolFee.Destination,
	}

	var err error
	if r.SOL, err = accounts.ReserveSOL(program, pool); err != nil {
		return Reserve{}, err
	}

	if r.Fee, err = accounts.ReserveFeeAddress(program, pool); err != nil {
		return Reserve{}, err
	}

	if r.ProtocolFee, err = accounts.ReserveProtocolFeeAddress(program); err != nil {
		return Reserve{}, err
	}

	r.FlashAccount, err = accounts.ReserveFlashAccount(program, pool)

	return r, err
}

// record appends the Reserve's record of a stake account.
func (b *builder) record(r Reserve, stake solana.PublicKey) {
	b.derived(accounts.ReserveRecordAddress(r.Program, r.Pool, stake))
}

// ReserveUnstake sells a stake account to the Reserve for SOL. It mirrors
// Unstake, or UnstakeWsol if Wrapped is true.
//
// The program does not check a minimum output. Check the balance of Destination
// in the same transaction, or simulate the transaction before you sign it.
type ReserveUnstake struct {
	// Reserve has the addresses of the Reserve.
	Reserve Reserve

	// Owner is the withdrawer of Stake. It signs.
	Owner solana.PublicKey

	// Stake is the stake account to sell.
	Stake solana.PublicKey

	// Destination is the system account that receives the SOL, or the token
	// account that receives the wrapped SOL if Wrapped is true.
	Destination solana.PublicKey

	// Wrapped pays wrapped SOL.
	Wrapped bool

	// Referrer, if not nil, receives a share of the protocol fee. The account
	// must exist.
	Referrer *solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i ReserveUnstake) Build() (solana.Instruction, error) {
	table := &idl.ReserveUnstake
	if i.Wrapped {
		table = &idl.ReserveUnstakeWsol
	}

	b := newBuilder(table, i.Reserve.Program, 1)
	b.accounts(i.Owner, i.Stake, i.Destination, i.Reserve.Pool, i.Reserve.SOL, i.Reserve.Fee)

	b.record(i.Reserve, i.Stake)
	b.accounts(i.Reserve.ProtocolFee, i.Reserve.ProtocolFeeDestination)
	if i.Referrer != nil {
		b.optional(*i.Referrer)
	}

	return b.build()
}

// ReserveAddLiquidity deposits SOL for LP tokens of the Reserve. It mirrors
// AddLiquidity.
type ReserveAddLiquidity struct {
	// Reserve has the addresses of the Reserve.
	Reserve Reserve

	// From is the system account that pays. It signs.
	From solana.PublicKey

	// Destination is the token account that receives the LP tokens.
	Destination solana.PublicKey

	// Lamports is the deposit.
	Lamports uint64
}

// Build returns the instruction, or a [*BuildError].
func (i ReserveAddLiquidity) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.ReserveAddLiquidity, i.Reserve.Program, 0)
	b.accounts(
		i.From,
		i.Reserve.Pool,
		i.Reserve.SOL,
		i.Reserve.LPMint,
		i.Destination,
		i.Reserve.FlashAccount,
	)

	b.amount(i.Lamports)
	return b.build()
}

// ReserveRemoveLiquidity burns LP tokens of the Reserve for SOL. It mirrors
// RemoveLiquidity.
type ReserveRemoveLiquidity struct {
	// Reserve has the addresses of the Reserve.
	Reserve Reserve

	// Authority is the owner or the delegate of Source. It signs.
	Authority solana.PublicKey

	// Source is the token account from which the LP tokens are burned.
	Source solana.PublicKey

	// Destination is the system account that receives the SOL.
	Destination solana.PublicKey

	// LPTokens is the amount to burn, in base units.
	LPTokens uint64
}

// Build returns the instruction, or a [*BuildError].
func (i ReserveRemoveLiquidity) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.ReserveRemoveLiquidity, i.Reserve.Program, 0)
	b.accounts(
		i.Authority,
		i.Destination,
		i.Reserve.Pool,
		i.Reserve.SOL,
		i.Reserve.LPMint,
		i.Source,
		i.Reserve.FlashAccount,
	)

	b.amount(i.LPTokens)
	return b.build()
}

// ReserveDeactivateStakeAccount deactivates a stake account of the Reserve. It
// needs no authority. It mirrors DeactivateStakeAccount.
type ReserveDeactivateStakeAccount struct {
	// Reserve has the addresses of the Reserve.
	Reserve Reserve

	// Stake is a stake account that the Reserve bought.
	Stake solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i ReserveDeactivateStakeAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.ReserveDeactivateStakeAccount, i.Reserve.Program, 0)
	b.accounts(i.Stake, i.Reserve.Pool, i.Reserve.SOL)
	return b.build()
}

// ReserveReclaimStakeAccount withdraws the SOL of an inactive stake account of
// the Reserve into the Reserve. It needs no authority. It mirrors
// ReclaimStakeAccount.
type ReserveReclaimStakeAccount struct {
	// Reserve has the addresses of the Reserve.
	Reserve Reserve

	// Stake is a stake account that the Reserve bought. It must be inactive.
	Stake solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i ReserveReclaimStakeAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.ReserveReclaimStakeAccount, i.Reserve.Program, 0)
	b.accounts(i.Stake, i.Reserve.Pool, i.Reserve.SOL)
	b.record(i.Reserve, i.Stake)
	return b.build()
}
