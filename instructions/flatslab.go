package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// Bounds of the fees of the flatslab pricing program, in billionths.
const (
	flatSlabMinFeeNanos = -50_000_000
	flatSlabMaxFeeNanos = fixed.Nanos
)

// FlatSlabGroup returns the pricing group of the flatslab program, which is the same for all operations.
func FlatSlabGroup(program solana.PublicKey) (Group, error) {
	return flatSlabGroup(program, nil)
}

func flatSlabGroup(program solana.PublicKey, known *accounts.Addresses) (Group, error) {
	slab, err := known.FlatSlab(program)
	return Group{Program: program, Accounts: []solana.PublicKey{slab}}, err
}

// FlatSlabSetLSTFee sets the fees of a token in the flatslab pricing program.
type FlatSlabSetLSTFee struct {
	Program solana.PublicKey
	Admin   solana.PublicKey
	// Payer pays for the room of a new entry.
	Payer solana.PublicKey
	Mint  solana.PublicKey
	// InpFeeNanos and OutFeeNanos are in billionths, from -5 % to 100 %.
	InpFeeNanos, OutFeeNanos int32
}

// Build returns the instruction.
func (i FlatSlabSetLSTFee) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.FlatSlabSetLSTFee, i.Program, 0)
	for _, fee := range []int32{i.InpFeeNanos, i.OutFeeNanos} {
		if fee < flatSlabMinFeeNanos || fee > flatSlabMaxFeeNanos {
			b.fail("fee", fmt.Errorf("%w: %d nanos", ErrContradiction, fee))
		}
	}
	b.accounts(
		i.Admin,
		i.Payer,
	)
	b.derived(accounts.FlatSlabAddress(i.Program))
	b.accounts(i.Mint)
	b.number(uint64(uint32(i.InpFeeNanos)))
	b.number(uint64(uint32(i.OutFeeNanos)))
	return b.build()
}

// FlatSlabRemoveLST removes the entry of a token, which can then no longer be traded.
type FlatSlabRemoveLST struct {
	Program solana.PublicKey
	Admin   solana.PublicKey
	// Refund receives the rent of the entry's room.
	Refund solana.PublicKey
	Mint   solana.PublicKey
}

// Build returns the instruction.
func (i FlatSlabRemoveLST) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.FlatSlabRemoveLST, i.Program, 0)
	b.accounts(
		i.Admin,
		i.Refund,
	)
	b.derived(accounts.FlatSlabAddress(i.Program))
	b.accounts(i.Mint)
	return b.build()
}
