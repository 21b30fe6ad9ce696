package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// InstructionsSysvar is the account in which a program sees the other instructions of its transaction.
var InstructionsSysvar = solana.SysVarInstructionsPubkey

// SetLSTInput lets the pool take an LST again, or no longer. It mirrors EnableLstInput and DisableLstInput.
type SetLSTInput struct {
	Controller Controller
	Admin      solana.PublicKey
	Index      uint32
	Mint       solana.PublicKey
	Enable     bool
}

// Build returns the instruction.
func (i SetLSTInput) Build() (solana.Instruction, error) {
	name, tag := "DisableLstInput", uint8(controllerDisableLSTInput)
	if i.Enable {
		name, tag = "EnableLstInput", controllerEnableLSTInput
	}
	b := newBuilder(name, i.Controller.Program)
	b.signer("admin", i.Admin)
	b.readonly("LST mint", i.Mint)
	// Version 1 wants the pool state writable; version 2 does not mind.
	b.writable("pool state", i.Controller.PoolState)
	b.writable("LST state list", i.Controller.LSTStateList)
	b.data.U8(tag)
	b.data.U32(i.Index)
	return b.build()
}

// DisablePool stops all trading. The admin and the keys of the authority list may do it.
type DisablePool struct {
	Controller Controller
	Authority  solana.PublicKey
}

// Build returns the instruction.
func (i DisablePool) Build() (solana.Instruction, error) {
	b := newBuilder("DisablePool", i.Controller.Program)
	b.signer("authority", i.Authority)
	b.writable("pool state", i.Controller.PoolState)
	b.readonly("disable pool authority list", i.Controller.DisablePoolAuthorityList)
	b.data.U8(controllerDisablePool)
	return b.build()
}

// EnablePool lets a disabled pool trade again.
type EnablePool struct {
	Controller Controller
	Admin      solana.PublicKey
}

// Build returns the instruction.
func (i EnablePool) Build() (solana.Instruction, error) {
	b := newBuilder("EnablePool", i.Controller.Program)
	b.signer("admin", i.Admin)
	b.writable("pool state", i.Controller.PoolState)
	b.data.U8(controllerEnablePool)
	return b.build()
}

// SetProtocolFee changes the protocol's part of released yield, in version 2.
type SetProtocolFee struct {
	Controller Controller
	Admin      solana.PublicKey
	// Nanos is in billionths, at most all.
	Nanos uint32
}

// Build returns the instruction.
func (i SetProtocolFee) Build() (solana.Instruction, error) {
	b := newBuilder("SetProtocolFee", i.Controller.Program)
	if i.Nanos > 1_000_000_000 {
		b.fail("fee", ErrContradiction)
	}
	b.signer("admin", i.Admin)
	b.writable("pool state", i.Controller.PoolState)
	b.data.U8(controllerSetProtocolFee)
	b.data.U32(i.Nanos)
	return b.build()
}

// SetProtocolFeeV1 changes the protocol's part of fees, in version 1. A nil part stays as it is.
type SetProtocolFeeV1 struct {
	Controller Controller
	Admin      solana.PublicKey
	// TradingBps and LPBps are in basis points, at most all.
	TradingBps, LPBps *uint16
}

// Build returns the instruction.
func (i SetProtocolFeeV1) Build() (solana.Instruction, error) {
	b := newBuilder("SetProtocolFee", i.Controller.Program)
	b.signer("admin", i.Admin)
	b.writable("pool state", i.Controller.PoolState)
	b.data.U8(controllerSetProtocolFee)
	for _, bps := range []*uint16{i.TradingBps, i.LPBps} {
		b.data.Bool(bps != nil)
		if bps == nil {
			continue
		}
		if *bps > 10_000 {
			b.fail("fee", ErrContradiction)
		}
		b.data.U16(*bps)
	}
	return b.build()
}

// SetProtocolFeeBeneficiary hands the protocol fees to somebody else.
type SetProtocolFeeBeneficiary struct {
	Controller   Controller
	Current, New solana.PublicKey
}

// Build returns the instruction.
func (i SetProtocolFeeBeneficiary) Build() (solana.Instruction, error) {
	b := newBuilder("SetProtocolFeeBeneficiary", i.Controller.Program)
	b.signer("current beneficiary", i.Current)
	b.readonly("new beneficiary", i.New)
	b.writable("pool state", i.Controller.PoolState)
	b.data.U8(controllerSetProtocolFeeBeneficiary)
	return b.build()
}

// WithdrawProtocolFees takes protocol fees of version 1 out of the accumulator of an LST.
type WithdrawProtocolFees struct {
	Controller  Controller
	Beneficiary solana.PublicKey
	// Destination is a token account of the LST.
	Destination  solana.PublicKey
	Mint         solana.PublicKey
	TokenProgram solana.PublicKey
	Amount       uint64
}

// Build returns the instruction.
func (i WithdrawProtocolFees) Build() (solana.Instruction, error) {
	b := newBuilder("WithdrawProtocolFees", i.Controller.Program)
	b.signer("beneficiary", i.Beneficiary)
	b.writable("destination token account", i.Destination)
	b.writable("protocol fee accumulator", i.Controller.feeAccumulator(&b, ControllerToken{Mint: i.Mint, TokenProgram: i.TokenProgram}, nil))
	// Version 1 wants these two writable; version 2 does not mind.
	b.writable("protocol fee authority", i.Controller.ProtocolFee)
	b.readonly("token program", i.TokenProgram)
	b.writable("pool state", i.Controller.PoolState)
	b.readonly("LST mint", i.Mint)
	b.data.U8(controllerWithdrawProtocolFees)
	b.amount("amount", i.Amount)
	return b.build()
}

// WithdrawProtocolFeesV2 mints the LP tokens that the protocol's part of released yield is worth, in version 2.
type WithdrawProtocolFeesV2 struct {
	Controller  Controller
	Beneficiary solana.PublicKey
	// Destination is a token account of the LP token.
	Destination solana.PublicKey
}

// Build returns the instruction.
func (i WithdrawProtocolFeesV2) Build() (solana.Instruction, error) {
	b := newBuilder("WithdrawProtocolFeesV2", i.Controller.Program)
	b.writable("pool state", i.Controller.PoolState)
	b.signer("beneficiary", i.Beneficiary)
	b.writable("destination LP token account", i.Destination)
	b.writable("LP mint", i.Controller.LPMint)
	b.readonly("LP token program", i.Controller.LPTokenProgram)
	b.data.U8(controllerWithdrawProtocolFeesV2)
	return b.build()
}

// StartRebalance takes an LST out of the pool. A later [EndRebalance] of the same transaction must find that its value came back in
// another LST.
type StartRebalance struct {
	Controller Controller
	Authority  solana.PublicKey
	// Out leaves the pool, Inp has to come back.
	Out, Inp ControllerToken
	// Destination is the token account that receives Out.
	Destination solana.PublicKey
	// Amount of Out, in base units.
	Amount uint64
	// MinStartingOut and MaxStartingInp are bounds on the pool's reserves at the start, in base units.
	MinStartingOut, MaxStartingInp uint64
}

// Build returns the instruction.
func (i StartRebalance) Build() (solana.Instruction, error) {
	b := newBuilder("StartRebalance", i.Controller.Program)
	b.signer("rebalance authority", i.Authority)
	b.writable("pool state", i.Controller.PoolState)
	b.writable("LST state list", i.Controller.LSTStateList)
	b.writable("rebalance record", i.Controller.RebalanceRecord)
	b.readonly("output mint", i.Out.Mint)
	b.readonly("input mint", i.Inp.Mint)
	b.writable("output pool reserves", i.Controller.reserves(&b, i.Out, nil))
	b.writable("input pool reserves", i.Controller.reserves(&b, i.Inp, nil))
	b.writable("destination token account", i.Destination)
	b.fixed(InstructionsSysvar)
	b.fixed(accounts.SystemProgram)
	b.readonly("output token program", i.Out.TokenProgram)
	b.group("output calculator", i.Out.Calculator)
	b.group("input calculator", i.Inp.Calculator)
	b.data.U8(controllerStartRebalance)
	b.data.U8(b.countOf("output calculator", i.Out.Calculator))
	b.data.U32(i.Out.Index)
	b.data.U32(i.Inp.Index)
	b.amount("amount", i.Amount)
	b.data.U64(i.MinStartingOut)
	b.data.U64(i.MaxStartingInp)
	return b.build()
}

// EndRebalance ends what [StartRebalance] began.
type EndRebalance struct {
	Controller Controller
	Authority  solana.PublicKey
	Inp        ControllerToken
}

// Build returns the instruction.
func (i EndRebalance) Build() (solana.Instruction, error) {
	b := newBuilder("EndRebalance", i.Controller.Program)
	b.signer("rebalance authority", i.Authority)
	b.writable("pool state", i.Controller.PoolState)
	b.writable("LST state list", i.Controller.LSTStateList)
	b.writable("rebalance record", i.Controller.RebalanceRecord)
	b.readonly("input mint", i.Inp.Mint)
	b.readonly("input pool reserves", i.Controller.reserves(&b, i.Inp, nil))
	b.group("input calculator", i.Inp.Calculator)
	b.data.U8(controllerEndRebalance)
	return b.build()
}
