package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// Reserve is what the instructions of one Reserve pool have in common. [NewReserve] fills it.
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

// NewReserve derives the addresses of a Reserve pool and takes the others from its state.
func NewReserve(program, pool solana.PublicKey, state *accounts.ReservePool, protocolFee *accounts.ReserveProtocolFee) (Reserve, error) {
	if state == nil || protocolFee == nil {
		return Reserve{}, &BuildError{Instruction: "Reserve", Field: "state", Reason: accounts.ErrNil}
	}

	r := Reserve{Program: program, Pool: pool, LPMint: state.LPMint, ProtocolFeeDestination: protocolFee.Destination}
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

// record appends the record of a stake account.
func (b *builder) record(r Reserve, stake solana.PublicKey) {
	b.derived(accounts.ReserveRecordAddress(r.Program, r.Pool, stake))
}

// Unstake sells a stake account to the Reserve for SOL. The Reserve has no limit on the outcome: simulate before sending, and sign
// nothing that is not checked in the same transaction or right before.
type Unstake struct {
	Reserve Reserve
	// Owner may withdraw the stake account and signs.
	Owner solana.PublicKey
	Stake solana.PublicKey
	// Destination is a system account, or with Wrapped a token account of wrapped SOL.
	Destination solana.PublicKey
	// Wrapped pays wrapped SOL. It makes this UnstakeWsol.
	Wrapped bool
	// Referrer, if set, receives a part of the protocol's fee. The account must exist.
	Referrer *solana.PublicKey
}

// Build returns the instruction.
func (i Unstake) Build() (solana.Instruction, error) {
	table := &idl.ReserveUnstake
	if i.Wrapped {
		table = &idl.ReserveUnstakeWsol
	}
	b := newBuilder(table, i.Reserve.Program, 1)
	b.accounts(
		i.Owner,
		i.Stake,
		i.Destination,
		i.Reserve.Pool,
		i.Reserve.SOL,
		i.Reserve.Fee,
	)
	b.record(i.Reserve, i.Stake)
	b.accounts(
		i.Reserve.ProtocolFee,
		i.Reserve.ProtocolFeeDestination,
	)
	if i.Referrer != nil {
		b.optional(*i.Referrer)
	}
	return b.build()
}

// ReserveAddLiquidity gives lamports to the Reserve for its LP token.
type ReserveAddLiquidity struct {
	Reserve Reserve
	// From pays and signs. It must be a system account.
	From solana.PublicKey
	// Destination is the token account that receives the LP tokens.
	Destination solana.PublicKey
	Lamports    uint64
}

// Build returns the instruction.
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

// ReserveRemoveLiquidity burns the Reserve's LP token for lamports.
type ReserveRemoveLiquidity struct {
	Reserve Reserve
	// Authority may move the tokens of Source and signs.
	Authority solana.PublicKey
	Source    solana.PublicKey
	// Destination is a system account.
	Destination solana.PublicKey
	// LPTokens is in base units.
	LPTokens uint64
}

// Build returns the instruction.
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

// ReserveDeactivateStakeAccount deactivates a stake account that the Reserve bought. Anybody may call it.
type ReserveDeactivateStakeAccount struct {
	Reserve Reserve
	Stake   solana.PublicKey
}

// Build returns the instruction.
func (i ReserveDeactivateStakeAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.ReserveDeactivateStakeAccount, i.Reserve.Program, 0)
	b.accounts(
		i.Stake,
		i.Reserve.Pool,
		i.Reserve.SOL,
	)
	return b.build()
}

// ReserveReclaimStakeAccount takes the lamports of a bought stake account that is fully inactive into the Reserve. Anybody may
// call it.
type ReserveReclaimStakeAccount struct {
	Reserve Reserve
	Stake   solana.PublicKey
}

// Build returns the instruction.
func (i ReserveReclaimStakeAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.ReserveReclaimStakeAccount, i.Reserve.Program, 0)
	b.accounts(
		i.Stake,
		i.Reserve.Pool,
		i.Reserve.SOL,
	)
	b.record(i.Reserve, i.Stake)
	return b.build()
}
