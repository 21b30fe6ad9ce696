package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// InstructionsSysvar is the sysvar from which a program reads the other
// instructions of its transaction.
var InstructionsSysvar = solana.SysVarInstructionsPubkey

// InfinitySetLSTInput enables or disables an LST as input of trades. It mirrors
// EnableLstInput and DisableLstInput.
type InfinitySetLSTInput struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Admin is the admin of the pool. It signs.
	Admin solana.PublicKey

	// Index is the position of the LST in the pool's list.
	Index uint32

	// Mint is the mint of the LST.
	Mint solana.PublicKey

	// Enable selects EnableLstInput instead of DisableLstInput.
	Enable bool
}

// Build returns the instruction, or a [*BuildError].
func (i InfinitySetLSTInput) Build() (solana.Instruction, error) {
	table := &idl.InfinityDisableLSTInput
	if i.Enable {
		table = &idl.InfinityEnableLSTInput
	}

	b := newBuilder(table, i.Controller.Program, 0)
	b.accounts(i.Admin, i.Mint, i.Controller.PoolState, i.Controller.LSTStateList)

	b.number(uint64(i.Index))

	return b.build()
}

// InfinityDisablePool stops all trading in the pool. It mirrors DisablePool.
type InfinityDisablePool struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Authority is the admin, or a key of the list of authorities that may
	// disable the pool. It signs.
	Authority solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i InfinityDisablePool) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityDisablePool, i.Controller.Program, 0)
	b.accounts(i.Authority, i.Controller.PoolState, i.Controller.DisablePoolAuthorityList)
	return b.build()
}

// InfinityEnablePool resumes trading in a disabled pool. It mirrors EnablePool.
type InfinityEnablePool struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Admin is the admin of the pool. It signs.
	Admin solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i InfinityEnablePool) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityEnablePool, i.Controller.Program, 0)
	b.accounts(i.Admin, i.Controller.PoolState)
	return b.build()
}

// InfinitySetProtocolFee sets the protocol's share of released yield. It
// mirrors SetProtocolFee of version 2 of the controller.
type InfinitySetProtocolFee struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Admin is the admin of the pool. It signs.
	Admin solana.PublicKey

	// Nanos is the share in billionths, at most 1000000000 (100 %).
	Nanos uint32
}

// Build returns the instruction, or a [*BuildError].
func (i InfinitySetProtocolFee) Build() (solana.Instruction, error) {
	b := i.Controller.setProtocolFee(i.Admin)
	if i.Nanos > fixed.Nanos {
		b.fail("fee", ErrConflictingInput)
	}
	b.data.U32(i.Nanos)
	return b.build()
}

// setProtocolFee starts the instruction. The caller appends the fees in the
// format of the version.
func (c Infinity) setProtocolFee(admin solana.PublicKey) builder {
	b := newBuilder(&idl.InfinitySetProtocolFee, c.Program, 0)
	b.accounts(admin, c.PoolState)
	b.raw()
	return b
}

// InfinitySetProtocolFeeV1 sets the protocol's shares of fees. It mirrors
// SetProtocolFee of version 1 of the controller.
type InfinitySetProtocolFeeV1 struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Admin is the admin of the pool. It signs.
	Admin solana.PublicKey

	// TradingBps and LPBps are the shares of trading fees and of liquidity fees
	// in basis points, at most 10000. A nil share does not change.
	TradingBps, LPBps *uint16
}

// Build returns the instruction, or a [*BuildError].
func (i InfinitySetProtocolFeeV1) Build() (solana.Instruction, error) {
	b := i.Controller.setProtocolFee(i.Admin)
	for _, bps := range []*uint16{i.TradingBps, i.LPBps} {
		b.data.Bool(bps != nil)
		if bps == nil {
			continue
		}

		if *bps > fixed.BasisPoints {
			b.fail("fee", ErrConflictingInput)
		}

		b.data.U16(*bps)
	}

	return b.build()
}

// InfinitySetProtocolFeeBeneficiary replaces the beneficiary of the protocol
// fees. It mirrors SetProtocolFeeBeneficiary.
type InfinitySetProtocolFeeBeneficiary struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Current is the current beneficiary, which signs, and New its successor.
	Current, New solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i InfinitySetProtocolFeeBeneficiary) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinitySetProtocolFeeBeneficiary, i.Controller.Program, 0)
	b.accounts(i.Current, i.New, i.Controller.PoolState)
	return b.build()
}

// InfinityWithdrawProtocolFees withdraws protocol fees in an LST. It mirrors
// WithdrawProtocolFees of version 1 of the controller.
type InfinityWithdrawProtocolFees struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Beneficiary is the beneficiary of the protocol fees. It signs.
	Beneficiary solana.PublicKey

	// Destination is the token account of the LST that receives the fees.
	Destination solana.PublicKey

	// Mint is the mint of the LST.
	Mint solana.PublicKey

	// TokenProgram is the owner of Mint.
	TokenProgram solana.PublicKey

	// Amount is in base units of the LST.
	Amount uint64
}

// Build returns the instruction, or a [*BuildError].
func (i InfinityWithdrawProtocolFees) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityWithdrawProtocolFees, i.Controller.Program, 0)
	b.accounts(i.Beneficiary, i.Destination)

	token := InfinityToken{Mint: i.Mint, TokenProgram: i.TokenProgram}
	b.accounts(i.Controller.feeAccumulator(&b, token, nil))
	b.accounts(i.Controller.ProtocolFee, i.TokenProgram, i.Controller.PoolState, i.Mint)

	b.amount(i.Amount)

	return b.build()
}

// InfinityWithdrawProtocolFeesV2 mints the protocol's share of released yield
// as LP tokens. It mirrors WithdrawProtocolFeesV2 of version 2 of the
// controller.
type InfinityWithdrawProtocolFeesV2 struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Beneficiary is the beneficiary of the protocol fees. It signs.
	Beneficiary solana.PublicKey

	// Destination is the token account that receives the LP tokens.
	Destination solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i InfinityWithdrawProtocolFeesV2) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityWithdrawProtocolFeesV2, i.Controller.Program, 0)
	b.accounts(
		i.Controller.PoolState,
		i.Beneficiary,
		i.Destination,
		i.Controller.LPMint,
		i.Controller.LPTokenProgram,
	)
	return b.build()
}

// InfinityStartRebalance withdraws an LST from the pool. The same transaction
// must return at least its SOL value in another LST and end with
// [InfinityEndRebalance]. It mirrors StartRebalance.
type InfinityStartRebalance struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Authority is the rebalance authority of the pool. It signs.
	Authority solana.PublicKey

	// Out is the LST to withdraw, and Inp the LST to return.
	Out, Inp InfinityToken

	// Destination is the token account that receives Out.
	Destination solana.PublicKey

	// Amount is the amount of Out in base units.
	Amount uint64

	// MinStartingOut and MaxStartingInp bound the pool's reserves of Out and
	// Inp before the withdrawal, in base units.
	MinStartingOut, MaxStartingInp uint64
}

// Build returns the instruction, or a [*BuildError].
func (i InfinityStartRebalance) Build() (solana.Instruction, error) {
	b := newBuilder(
		&idl.InfinityStartRebalance,
		i.Controller.Program,
		i.Out.Calculator.count()+i.Inp.Calculator.count(),
	)

	b.accounts(
		i.Authority,
		i.Controller.PoolState,
		i.Controller.LSTStateList,
		i.Controller.RebalanceRecord,
		i.Out.Mint,
		i.Inp.Mint,
	)

	b.accounts(i.Controller.reserves(&b, i.Out, nil))
	b.accounts(i.Controller.reserves(&b, i.Inp, nil))
	b.accounts(i.Destination, i.Out.TokenProgram)

	b.group(i.Out.Calculator)
	b.group(i.Inp.Calculator)
	b.count(i.Out.Calculator)
	b.number(uint64(i.Out.Index))
	b.number(uint64(i.Inp.Index))
	b.amount(i.Amount)
	b.number(i.MinStartingOut)
	b.number(i.MaxStartingInp)

	return b.build()
}

// InfinityEndRebalance ends a rebalance started by [InfinityStartRebalance] in
// the same transaction. It mirrors EndRebalance.
type InfinityEndRebalance struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Authority is the rebalance authority of the pool. It signs.
	Authority solana.PublicKey

	// Inp is the returned LST.
	Inp InfinityToken
}

// Build returns the instruction, or a [*BuildError].
func (i InfinityEndRebalance) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityEndRebalance, i.Controller.Program, i.Inp.Calculator.count())
	b.accounts(
		i.Authority,
		i.Controller.PoolState,
		i.Controller.LSTStateList,
		i.Controller.RebalanceRecord,
		i.Inp.Mint,
	)

	b.accounts(i.Controller.reserves(&b, i.Inp, nil))
	b.group(i.Inp.Calculator)
	return b.build()
}
