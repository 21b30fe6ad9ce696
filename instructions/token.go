package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// TokenInitializeAccount initializes a token account. The account must exist
// with the size of a token account and be owned by the token program. For
// wrapped SOL, the lamports above the rent become the balance. It mirrors
// InitializeAccount3.
type TokenInitializeAccount struct {
	// Program is the token program of the mint.
	Program solana.PublicKey

	// Account is the account to initialize.
	Account solana.PublicKey

	// Mint is the mint of the token account.
	Mint solana.PublicKey

	// Owner becomes the owner of the token account.
	Owner solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i TokenInitializeAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.TokenInitializeAccount3, i.Program, 0)
	b.accounts(i.Account, i.Mint)
	b.key(i.Owner)
	return b.build()
}

// TokenCloseAccount closes a token account that is empty or holds wrapped SOL.
// It mirrors CloseAccount.
type TokenCloseAccount struct {
	// Program is the token program of the account.
	Program solana.PublicKey

	// Account is the token account to close.
	Account solana.PublicKey

	// Destination receives all lamports of the account, including the rent.
	Destination solana.PublicKey

	// Owner is the owner or the close authority of the account. It signs.
	Owner solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i TokenCloseAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.TokenCloseAccount, i.Program, 0)
	b.accounts(i.Account, i.Destination, i.Owner)
	return b.build()
}

// TokenTransfer transfers tokens between two token accounts of the same mint. A
// transfer from an account to itself changes nothing, but fails if the balance
// is less than Amount. It mirrors Transfer.
type TokenTransfer struct {
	// Program is the token program of the accounts.
	Program solana.PublicKey

	// Source is the token account that pays.
	Source solana.PublicKey

	// Destination is the token account that receives.
	Destination solana.PublicKey

	// Owner is the owner or the delegate of Source. It signs.
	Owner solana.PublicKey

	// Amount is in base units.
	Amount uint64
}

// Build returns the instruction, or a [*BuildError].
func (i TokenTransfer) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.TokenTransfer, i.Program, 0)
	b.accounts(i.Source, i.Destination, i.Owner)
	b.amount(i.Amount)
	return b.build()
}

// TokenSyncNative sets the balance of a wrapped SOL account to its lamports
// above the rent. Send it after lamports were paid into the account. It mirrors
// SyncNative.
type TokenSyncNative struct {
	// Account is the token account. Its mint is that of wrapped SOL.
	Account solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i TokenSyncNative) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.TokenSyncNative, accounts.TokenProgram, 0)
	b.accounts(i.Account)
	return b.build()
}

// TokenTransferChecked transfers tokens of a named mint. Token-2022 requires it
// for mints with a transfer fee. It mirrors TransferChecked.
type TokenTransferChecked struct {
	// Program is the token program of the accounts.
	Program solana.PublicKey

	// Source is the token account that pays.
	Source solana.PublicKey

	// Mint is the mint of both accounts.
	Mint solana.PublicKey

	// Destination is the token account that receives.
	Destination solana.PublicKey

	// Owner is the owner or the delegate of Source. It signs.
	Owner solana.PublicKey

	// Amount is in base units.
	Amount uint64

	// Decimals is the number of decimals of the mint.
	Decimals uint8
}

// Build returns the instruction, or a [*BuildError].
func (i TokenTransferChecked) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.TokenTransferChecked, i.Program, 0)
	b.accounts(i.Source, i.Mint, i.Destination, i.Owner)
	b.amount(i.Amount)
	b.number(uint64(i.Decimals))
	return b.build()
}
