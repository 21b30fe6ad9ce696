package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/idl"
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
	table := &idl.InfinityDisableLSTInput
	if i.Enable {
		table = &idl.InfinityEnableLSTInput
	}
	b := newBuilder(table, i.Controller.Program, 0)
	b.accounts(
		i.Admin,
		i.Mint,
		i.Controller.PoolState,
		i.Controller.LSTStateList,
	)
	b.number(uint64(i.Index))
	return b.build()
}

// DisablePool stops all trading. The admin and the keys of the authority list may do it.
type DisablePool struct {
	Controller Controller
	Authority  solana.PublicKey
}

// Build returns the instruction.
func (i DisablePool) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityDisablePool, i.Controller.Program, 0)
	b.accounts(
		i.Authority,
		i.Controller.PoolState,
		i.Controller.DisablePoolAuthorityList,
	)
	return b.build()
}

// EnablePool lets a disabled pool trade again.
type EnablePool struct {
	Controller Controller
	Admin      solana.PublicKey
}

// Build returns the instruction.
func (i EnablePool) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityEnablePool, i.Controller.Program, 0)
	b.accounts(
		i.Admin,
		i.Controller.PoolState,
	)
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
	b := i.Controller.setProtocolFee(i.Admin)
	if i.Nanos > fixed.Nanos {
		b.fail("fee", ErrContradiction)
	}
	b.data.U32(i.Nanos)
	return b.build()
}

// setProtocolFee begins the instruction. The fees, in the form of one of the
// versions, have to be appended.
func (c Controller) setProtocolFee(admin solana.PublicKey) builder {
	b := newBuilder(&idl.InfinitySetProtocolFee, c.Program, 0)
	b.accounts(admin, c.PoolState)
	b.raw()
	return b
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
	b := i.Controller.setProtocolFee(i.Admin)
	for _, bps := range []*uint16{i.TradingBps, i.LPBps} {
		b.data.Bool(bps != nil)
		if bps == nil {
			continue
		}
		if *bps > fixed.BasisPoints {
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
	b := newBuilder(&idl.InfinitySetProtocolFeeBeneficiary, i.Controller.Program, 0)
	b.accounts(
		i.Current,
		i.New,
		i.Controller.PoolState,
	)
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
	b := newBuilder(&idl.InfinityWithdrawProtocolFees, i.Controller.Program, 0)
	b.accounts(
		i.Beneficiary,
		i.Destination,
	)
	token := ControllerToken{Mint: i.Mint, TokenProgram: i.TokenProgram}
	b.accounts(i.Controller.feeAccumulator(&b, token, nil))
	b.accounts(
		i.Controller.ProtocolFee,
		i.TokenProgram,
		i.Controller.PoolState,
		i.Mint,
	)
	b.amount(i.Amount)
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
	b.accounts(
		i.Destination,
		i.Out.TokenProgram,
	)
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

// EndRebalance ends what [StartRebalance] began.
type EndRebalance struct {
	Controller Controller
	Authority  solana.PublicKey
	Inp        ControllerToken
}

// Build returns the instruction.
func (i EndRebalance) Build() (solana.Instruction, error) {
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
