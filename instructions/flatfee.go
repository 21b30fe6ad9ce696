package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/idl"
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
	table := &idl.FlatFeeSetLSTFee
	isNew := !i.Payer.IsZero()
	if isNew {
		table = &idl.FlatFeeAddLST
	}
	b := newBuilder(table, i.Program, 0)
	for _, fee := range []int16{i.InputFeeBps, i.OutputFeeBps} {
		if fee < -fixed.BasisPoints || fee > fixed.BasisPoints {
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
	if isNew {
		b.accounts(
			i.Manager,
			i.Payer,
			account,
			i.Mint,
			state,
		)
	} else {
		b.accounts(
			i.Manager,
			account,
			state,
		)
	}
	b.number(uint64(uint16(i.InputFeeBps)))
	b.number(uint64(uint16(i.OutputFeeBps)))
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
	b := newBuilder(&idl.FlatFeeSetLPWithdrawalFee, i.Program, 0)
	if i.Bps > fixed.BasisPoints {
		b.fail("fee", fmt.Errorf("%w: %d basis points", ErrContradiction, i.Bps))
	}
	state, err := accounts.FlatFeeStateAddress(i.Program)
	if err != nil {
		b.fail("state", err)
	}
	b.accounts(
		i.Manager,
		state,
	)
	b.number(uint64(i.Bps))
	return b.build()
}
