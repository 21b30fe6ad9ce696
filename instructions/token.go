package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/idl"
)

// InitializeTokenAccount makes a token account of an account that was created with the right size and owner. It mirrors
// InitializeAccount3. For wrapped SOL the lamports above the rent become the balance.
type InitializeTokenAccount struct {
	// Program is the token program of the mint.
	Program solana.PublicKey
	Account solana.PublicKey
	Mint    solana.PublicKey
	Owner   solana.PublicKey
}

// Build returns the instruction.
func (i InitializeTokenAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.TokenInitializeAccount3, i.Program, 0)
	b.accounts(
		i.Account,
		i.Mint,
	)
	b.key(i.Owner)
	return b.build()
}

// CloseTokenAccount closes a token account that is empty or of wrapped SOL. All its lamports go to Destination.
type CloseTokenAccount struct {
	// Program is the token program of the account.
	Program     solana.PublicKey
	Account     solana.PublicKey
	Destination solana.PublicKey
	// Owner may close the account and signs.
	Owner solana.PublicKey
}

// Build returns the instruction.
func (i CloseTokenAccount) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.TokenCloseAccount, i.Program, 0)
	b.accounts(
		i.Account,
		i.Destination,
		i.Owner,
	)
	return b.build()
}

// TransferTokens moves tokens between accounts of one mint. To move them from an account to itself changes nothing, but fails unless
// they are there.
type TransferTokens struct {
	// Program is the token program of the accounts.
	Program     solana.PublicKey
	Source      solana.PublicKey
	Destination solana.PublicKey
	// Owner may move the tokens of Source and signs.
	Owner solana.PublicKey
	// Amount is in base units.
	Amount uint64
}

// Build returns the instruction.
func (i TransferTokens) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.TokenTransfer, i.Program, 0)
	b.accounts(
		i.Source,
		i.Destination,
		i.Owner,
	)
	b.amount(i.Amount)
	return b.build()
}
