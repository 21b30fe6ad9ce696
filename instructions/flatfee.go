package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// FlatFeeSwapAccounts returns the pricing accounts of the flat-fee program for
// a swap from the mint inp to the mint out.
func FlatFeeSwapAccounts(program, inp, out solana.PublicKey) (ProgramAccounts, error) {
	return flatFeeSwapGroup(program, inp, out, nil)
}

func flatFeeSwapGroup(
	program, inp, out solana.PublicKey,
	known *accounts.Addresses,
) (ProgramAccounts, error) {
	g := ProgramAccounts{Program: program}
	for _, mint := range []solana.PublicKey{inp, out} {
		account, err := known.FlatFeeAccount(program, mint)
		if err != nil {
			return ProgramAccounts{}, err
		}
		g.Accounts = append(g.Accounts, account)
	}
	return g, nil
}

// FlatFeeMintAccounts returns the pricing accounts of the flat-fee program for
// [InfinityAddLiquidity].
func FlatFeeMintAccounts(program solana.PublicKey) ProgramAccounts {
	return ProgramAccounts{Program: program}
}

// FlatFeeRedeemAccounts returns the pricing accounts of the flat-fee program
// for [InfinityRemoveLiquidity].
func FlatFeeRedeemAccounts(program solana.PublicKey) (ProgramAccounts, error) {
	return flatFeeRedeemGroup(program, nil)
}

func flatFeeRedeemGroup(
	program solana.PublicKey,
	known *accounts.Addresses,
) (ProgramAccounts, error) {
	state, err := known.FlatFeeState(program)
	return ProgramAccounts{Program: program, Accounts: []solana.PublicKey{state}}, err
}

// FlatFeeSetLSTFee sets the fees of an LST in the flat-fee pricing program. It
// mirrors SetLstFee, or AddLst if Payer is set.
type FlatFeeSetLSTFee struct {
	// Program is the flat-fee pricing program.
	Program solana.PublicKey

	// Manager is the manager of the pricing program. It signs.
	Manager solana.PublicKey

	// Mint is the mint of the LST.
	Mint solana.PublicKey

	// Payer, if set, pays for the fee account of an LST that does not have one
	// yet, and signs.
	Payer solana.PublicKey

	// InputFeeBps and OutputFeeBps are in basis points, from -10000 to 10000. A
	// negative fee is a rebate.
	InputFeeBps, OutputFeeBps int16
}

// Build returns the instruction, or a [*BuildError].
func (i FlatFeeSetLSTFee) Build() (solana.Instruction, error) {
	table := &idl.FlatFeeSetLSTFee
	isNew := !i.Payer.IsZero()
	if isNew {
		table = &idl.FlatFeeAddLST
	}

	b := newBuilder(table, i.Program, 0)
	for _, fee := range []int16{i.InputFeeBps, i.OutputFeeBps} {
		if fee < -fixed.BasisPoints || fee > fixed.BasisPoints {
			b.fail("fee", fmt.Errorf("%w: %d basis points", ErrConflictingInput, fee))
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
		b.accounts(i.Manager, i.Payer, account, i.Mint, state)
	} else {
		b.accounts(i.Manager, account, state)
	}

	b.number(uint64(uint16(i.InputFeeBps)))
	b.number(uint64(uint16(i.OutputFeeBps)))

	return b.build()
}

// FlatFeeSetLPWithdrawalFee sets the fee of [InfinityRemoveLiquidity] in the
// flat-fee pricing program. It mirrors SetLpWithdrawalFee.
type FlatFeeSetLPWithdrawalFee struct {
	// Program is the flat-fee pricing program.
	Program solana.PublicKey

	// Manager is the manager of the pricing program. It signs.
	Manager solana.PublicKey

	// Bps is the fee in basis points, from 0 to 10000.
	Bps uint16
}

// Build returns the instruction, or a [*BuildError].
func (i FlatFeeSetLPWithdrawalFee) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.FlatFeeSetLPWithdrawalFee, i.Program, 0)
	if i.Bps > fixed.BasisPoints {
		b.fail("fee", fmt.Errorf("%w: %d basis points", ErrConflictingInput, i.Bps))
	}

	state, err := accounts.FlatFeeStateAddress(i.Program)
	if err != nil {
		b.fail("state", err)
	}

	b.accounts(i.Manager, state)

	b.number(uint64(i.Bps))

	return b.build()
}
