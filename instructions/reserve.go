package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Discriminators of the Sanctum Reserve's instructions.
const (
	reserveUnstake                = "\x5a\x5f\x6b\x2a\xcd\x7c\x32\xe1"
	reserveUnstakeWsol            = "\x7d\x5d\xbe\x87\x59\xae\x8e\x95"
	reserveAddLiquidity           = "\xb5\x9d\x59\x43\x8f\xb6\x34\x48"
	reserveRemoveLiquidity        = "\x50\x55\xd1\x48\x18\xce\xb1\x6c"
	reserveDeactivateStakeAccount = "\xd9\x40\x4c\x10\xd8\x4d\x7b\xe2"
	reserveReclaimStakeAccount    = "\x2f\x7f\x5a\xdd\x0a\xa0\xb7\x75"
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
func (b *builder) record(field string, r Reserve, stake solana.PublicKey) {
	key, err := accounts.ReserveRecordAddress(r.Program, r.Pool, stake)
	b.derived(field, key, err)
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
	name, tag := "Unstake", reserveUnstake
	if i.Wrapped {
		name, tag = "UnstakeWsol", reserveUnstakeWsol
	}
	b := newBuilder(name, i.Reserve.Program)
	b.signer("owner", i.Owner)
	b.writable("stake account", i.Stake)
	b.writable("destination", i.Destination)
	b.writable("pool", i.Reserve.Pool)
	b.writable("pool SOL", i.Reserve.SOL)
	b.readonly("fee", i.Reserve.Fee)
	b.record("stake account record", i.Reserve, i.Stake)
	b.readonly("protocol fee", i.Reserve.ProtocolFee)
	b.writable("protocol fee destination", i.Reserve.ProtocolFeeDestination)
	b.fixed(accounts.ClockSysvar)
	b.fixed(accounts.StakeProgram)
	b.fixed(accounts.SystemProgram)
	if i.Wrapped {
		b.fixed(accounts.TokenProgram)
	}
	if i.Referrer != nil {
		b.writable("referrer", *i.Referrer)
	}
	b.data.Raw([]byte(tag))
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
	b := newBuilder("AddLiquidity", i.Reserve.Program)
	b.payer("lamports source", i.From)
	b.writable("pool", i.Reserve.Pool)
	b.writable("pool SOL", i.Reserve.SOL)
	b.writable("LP mint", i.Reserve.LPMint)
	b.writable("destination LP token account", i.Destination)
	b.writable("flash account", i.Reserve.FlashAccount)
	b.fixed(accounts.TokenProgram)
	b.fixed(accounts.SystemProgram)
	b.data.Raw([]byte(reserveAddLiquidity))
	b.amount("lamports", i.Lamports)
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
	b := newBuilder("RemoveLiquidity", i.Reserve.Program)
	b.signer("token authority", i.Authority)
	b.writable("destination", i.Destination)
	b.writable("pool", i.Reserve.Pool)
	b.writable("pool SOL", i.Reserve.SOL)
	b.writable("LP mint", i.Reserve.LPMint)
	b.writable("source LP token account", i.Source)
	b.writable("flash account", i.Reserve.FlashAccount)
	b.fixed(accounts.TokenProgram)
	b.fixed(accounts.SystemProgram)
	b.data.Raw([]byte(reserveRemoveLiquidity))
	b.amount("LP tokens", i.LPTokens)
	return b.build()
}

// ReserveDeactivateStakeAccount deactivates a stake account that the Reserve bought. Anybody may call it.
type ReserveDeactivateStakeAccount struct {
	Reserve Reserve
	Stake   solana.PublicKey
}

// Build returns the instruction.
func (i ReserveDeactivateStakeAccount) Build() (solana.Instruction, error) {
	b := newBuilder("DeactivateStakeAccount", i.Reserve.Program)
	b.writable("stake account", i.Stake)
	b.readonly("pool", i.Reserve.Pool)
	b.readonly("pool SOL", i.Reserve.SOL)
	b.fixed(accounts.ClockSysvar)
	b.fixed(accounts.StakeProgram)
	b.data.Raw([]byte(reserveDeactivateStakeAccount))
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
	b := newBuilder("ReclaimStakeAccount", i.Reserve.Program)
	b.writable("stake account", i.Stake)
	b.writable("pool", i.Reserve.Pool)
	b.writable("pool SOL", i.Reserve.SOL)
	b.record("stake account record", i.Reserve, i.Stake)
	b.fixed(accounts.ClockSysvar)
	b.fixed(accounts.StakeHistorySysvar)
	b.fixed(accounts.StakeProgram)
	b.data.Raw([]byte(reserveReclaimStakeAccount))
	return b.build()
}
