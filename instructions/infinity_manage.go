package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// InstructionsSysvar is the account in which a program sees the other
// instructions of its transaction.
var InstructionsSysvar = solana.SysVarInstructionsPubkey

// InfinitySetLSTInput lets the pool take an LST again, or no longer. It mirrors
// EnableLstInput and DisableLstInput.
type InfinitySetLSTInput struct {
	Controller Infinity
	Admin      solana.PublicKey
	Index      uint32
	Mint       solana.PublicKey
	Enable     bool
}

// Build returns the instruction.
func (i InfinitySetLSTInput) Build() (solana.Instruction, error) {
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

// InfinityDisablePool stops all trading. The admin and the keys of the
// authority list may do it.
type InfinityDisablePool struct {
	Controller Infinity
	Authority  solana.PublicKey
}

// Build returns the instruction.
func (i InfinityDisablePool) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityDisablePool, i.Controller.Program, 0)
	b.accounts(
		i.Authority,
		i.Controller.PoolState,
		i.Controller.DisablePoolAuthorityList,
	)
	return b.build()
}

// InfinityEnablePool lets a disabled pool trade again.
type InfinityEnablePool struct {
	Controller Infinity
	Admin      solana.PublicKey
}

// Build returns the instruction.
func (i InfinityEnablePool) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityEnablePool, i.Controller.Program, 0)
	b.accounts(
		i.Admin,
		i.Controller.PoolState,
	)
	return b.build()
}

// InfinitySetProtocolFee changes the protocol's part of released yield, in
// version 2.
type InfinitySetProtocolFee struct {
	Controller Infinity
	Admin      solana.PublicKey
	// Nanos is in billionths, at most all.
	Nanos uint32
}

// Build returns the instruction.
func (i InfinitySetProtocolFee) Build() (solana.Instruction, error) {
	b := i.Controller.setProtocolFee(i.Admin)
	if i.Nanos > fixed.Nanos {
		b.fail("fee", ErrConflictingInput)
	}
	b.data.U32(i.Nanos)
	return b.build()
}

// setProtocolFee begins the instruction. The fees, in the form of one of the
// versions, have to be appended.
func (c Infinity) setProtocolFee(admin solana.PublicKey) builder {
	b := newBuilder(&idl.InfinitySetProtocolFee, c.Program, 0)
	b.accounts(admin, c.PoolState)
	b.raw()
	return b
}

// InfinitySetProtocolFeeV1 changes the protocol's part of fees, in version 1. A
// nil part stays as it is.
type InfinitySetProtocolFeeV1 struct {
	Controller Infinity
	Admin      solana.PublicKey
	// TradingBps and LPBps are in basis points, at most all.
	TradingBps, LPBps *uint16
}

// Build returns the instruction.
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

// InfinitySetProtocolFeeBeneficiary hands the protocol fees to somebody else.
type InfinitySetProtocolFeeBeneficiary struct {
	Controller   Infinity
	Current, New solana.PublicKey
}

// Build returns the instruction.
func (i InfinitySetProtocolFeeBeneficiary) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinitySetProtocolFeeBeneficiary, i.Controller.Program, 0)
	b.accounts(
		i.Current,
		i.New,
		i.Controller.PoolState,
	)
	return b.build()
}

// InfinityWithdrawProtocolFees takes protocol fees of version 1 out of the
// accumulator of an LST.
type InfinityWithdrawProtocolFees struct {
	Controller  Infinity
	Beneficiary solana.PublicKey
	// Destination is a token account of the LST.
	Destination  solana.PublicKey
	Mint         solana.PublicKey
	TokenProgram solana.PublicKey
	Amount       uint64
}

// Build returns the instruction.
func (i InfinityWithdrawProtocolFees) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinityWithdrawProtocolFees, i.Controller.Program, 0)
	b.accounts(
		i.Beneficiary,
		i.Destination,
	)

	token := InfinityToken{Mint: i.Mint, TokenProgram: i.TokenProgram}
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

// InfinityWithdrawProtocolFeesV2 mints the LP tokens that the protocol's part
// of released yield is worth, in version 2.
type InfinityWithdrawProtocolFeesV2 struct {
	Controller  Infinity
	Beneficiary solana.PublicKey
	// Destination is a token account of the LP token.
	Destination solana.PublicKey
}

// Build returns the instruction.
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

// InfinityStartRebalance takes an LST out of the pool. A later
// [InfinityEndRebalance] of the same transaction must find that its value came
// back in another LST.
type InfinityStartRebalance struct {
	Controller Infinity
	Authority  solana.PublicKey
	// Out leaves the pool, Inp has to come back.
	Out, Inp InfinityToken
	// Destination is the token account that receives Out.
	Destination solana.PublicKey
	// Amount of Out, in base units.
	Amount uint64
	// MinStartingOut and MaxStartingInp are bounds on the pool's reserves at
	// the start, in base units.
	MinStartingOut, MaxStartingInp uint64
}

// Build returns the instruction.
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

// InfinityEndRebalance ends what [InfinityStartRebalance] began.
type InfinityEndRebalance struct {
	Controller Infinity
	Authority  solana.PublicKey
	Inp        InfinityToken
}

// Build returns the instruction.
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
