package instructions

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// The bounds of fees in the flatslab pricing program, in billionths: -5 % and
// 100 %.
const (
	flatSlabMinFeeNanos = -50_000_000
	flatSlabMaxFeeNanos = fixed.Nanos
)

// FlatSlabAccounts returns the pricing accounts of the flatslab program. They
// are the same for all operations.
func FlatSlabAccounts(program solana.PublicKey) (ProgramAccounts, error) {
	return flatSlabGroup(program, nil)
}

func flatSlabGroup(program solana.PublicKey, known *accounts.Addresses) (ProgramAccounts, error) {
	slab, err := known.FlatSlab(program)
	return ProgramAccounts{Program: program, Accounts: []solana.PublicKey{slab}}, err
}

// FlatSlabSetLSTFee sets the fees of a token in the flatslab pricing program.
// It mirrors SetLstFee.
type FlatSlabSetLSTFee struct {
	// Program is the flatslab pricing program.
	Program solana.PublicKey

	// Admin is the admin of the pricing program. It signs.
	Admin solana.PublicKey

	// Payer pays the rent of a new entry and signs.
	Payer solana.PublicKey

	// Mint is the mint of the token.
	Mint solana.PublicKey

	// InpFeeNanos and OutFeeNanos are in billionths, from -50000000 (-5 %) to
	// 1000000000 (100 %). A negative fee is a rebate.
	InpFeeNanos, OutFeeNanos int32
}

// Build returns the instruction, or a [*BuildError].
func (i FlatSlabSetLSTFee) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.FlatSlabSetLSTFee, i.Program, 0)
	for _, fee := range []int32{i.InpFeeNanos, i.OutFeeNanos} {
		if fee < flatSlabMinFeeNanos || fee > flatSlabMaxFeeNanos {
			b.fail("fee", fmt.Errorf("%w: %d nanos", ErrConflictingInput, fee))
		}
	}

	b.accounts(i.Admin, i.Payer)

	b.derived(accounts.FlatSlabAddress(i.Program))
	b.accounts(i.Mint)
	b.number(uint64(uint32(i.InpFeeNanos)))
	b.number(uint64(uint32(i.OutFeeNanos)))

	return b.build()
}

// FlatSlabRemoveLST removes the fees of a token from the flatslab pricing
// program. The token can then no longer be traded. It mirrors RemoveLst.
type FlatSlabRemoveLST struct {
	// Program is the flatslab pricing program.
	Program solana.PublicKey

	// Admin is the admin of the pricing program. It signs.
	Admin solana.PublicKey

	// Refund receives the rent of the entry.
	Refund solana.PublicKey

	// Mint is the mint of the token.
	Mint solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i FlatSlabRemoveLST) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.FlatSlabRemoveLST, i.Program, 0)
	b.accounts(i.Admin, i.Refund)
	b.derived(accounts.FlatSlabAddress(i.Program))
	b.accounts(i.Mint)
	return b.build()
}
