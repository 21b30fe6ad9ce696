package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Discriminators of the flat-fee pricing program's instructions.
const (
	flatFeeAddLST             = 253
	flatFeeSetLSTFee          = 251
	flatFeeSetLPWithdrawalFee = 250
)

// FlatFeeSwapGroup returns the pricing group of the flat-fee program for a swap.
func FlatFeeSwapGroup(program, inp, out solana.PublicKey) (Group, error) {
	return flatFeeSwapGroup(program, inp, out, nil)
}

func flatFeeSwapGroup(program, inp, out solana.PublicKey, known *accounts.Addresses) (Group, error) {
	g := Group{Program: program}
	for _, mint := range []solana.PublicKey{inp, out} {
		account, err := known.FlatFeeAccount(program, mint)
		if err != nil {
			return Group{}, err
		}
		g.Accounts = append(g.Accounts, account)
	}
	return g, nil
}

// FlatFeeMintGroup returns the pricing group of the flat-fee program for adding liquidity in version 1.
func FlatFeeMintGroup(program solana.PublicKey) Group { return Group{Program: program} }

// FlatFeeRedeemGroup returns the pricing group of the flat-fee program for removing liquidity in version 1.
func FlatFeeRedeemGroup(program solana.PublicKey) (Group, error) {
	return flatFeeRedeemGroup(program, nil)
}

func flatFeeRedeemGroup(program solana.PublicKey, known *accounts.Addresses) (Group, error) {
	state, err := known.FlatFeeState(program)
	return Group{Program: program, Accounts: []solana.PublicKey{state}}, err
}

// FlatFeeSetLSTFee changes the fees of an LST in the flat-fee pricing program, or sets them for the first time. It mirrors SetLstFee
// and AddLst.
type FlatFeeSetLSTFee struct {
	Program solana.PublicKey
	Manager solana.PublicKey
	Mint    solana.PublicKey
	// Payer, if set, creates the fee account of an LST that has none.
	Payer solana.PublicKey
	// InputFeeBps and OutputFeeBps are in basis points; a negative fee is a rebate.
	InputFeeBps, OutputFeeBps int16
}

// Build returns the instruction.
func (i FlatFeeSetLSTFee) Build() (solana.Instruction, error) {
	name, tag := "SetLstFee", uint8(flatFeeSetLSTFee)
	add := !i.Payer.IsZero()
	if add {
		name, tag = "AddLst", flatFeeAddLST
	}
	b := newBuilder(name, i.Program)
	for _, fee := range []int16{i.InputFeeBps, i.OutputFeeBps} {
		if fee < -10_000 || fee > 10_000 {
			b.fail("fee", fmt.Errorf("%w: %d basis points", ErrContradiction, fee))
		}
	}
	account, err := accounts.FlatFeeAccountAddress(i.Program, i.Mint)
	if err != nil {
		b.fail("fee account", err)
	}
	state, err := accounts.FlatFeeStateAddress(i.Program)
	if err != nil {
		b.fail("state", err)
	}
	b.require("LST mint", i.Mint)
	b.signer("manager", i.Manager)
	if add {
		b.payer("payer", i.Payer)
	}
	b.writable("fee account", account)
	if add {
		b.readonly("LST mint", i.Mint)
	}
	b.readonly("state", state)
	if add {
		b.fixed(accounts.SystemProgram)
	}
	b.data.U8(tag)
	b.data.U16(uint16(i.InputFeeBps))
	b.data.U16(uint16(i.OutputFeeBps))
	return b.build()
}

// FlatFeeSetLPWithdrawalFee changes what removing liquidity costs in version 1.
type FlatFeeSetLPWithdrawalFee struct {
	Program solana.PublicKey
	Manager solana.PublicKey
	// Bps is in basis points, at most all.
	Bps uint16
}

// Build returns the instruction.
func (i FlatFeeSetLPWithdrawalFee) Build() (solana.Instruction, error) {
	b := newBuilder("SetLpWithdrawalFee", i.Program)
	if i.Bps > 10_000 {
		b.fail("fee", fmt.Errorf("%w: %d basis points", ErrContradiction, i.Bps))
	}
	state, err := accounts.FlatFeeStateAddress(i.Program)
	if err != nil {
		b.fail("state", err)
	}
	b.signer("manager", i.Manager)
	b.writable("state", state)
	b.data.U8(flatFeeSetLPWithdrawalFee)
	b.data.U16(i.Bps)
	return b.build()
}
