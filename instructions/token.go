package instructions

import "github.com/gagliardetto/solana-go"

// Tags of the token programs' instructions. The builders of solana-go would do, but their package talks to the network.
const (
	tokenTransfer           = 3
	tokenCloseAccount       = 9
	tokenInitializeAccount3 = 18
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
	b := newBuilderFor("InitializeAccount3", i.Program, 2)
	b.writable("token account", i.Account)
	b.readonly("mint", i.Mint)
	b.require("owner", i.Owner)
	b.data.U8(tokenInitializeAccount3)
	b.data.Key(i.Owner)
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
	b := newBuilderFor("CloseAccount", i.Program, 3)
	b.writable("token account", i.Account)
	b.writable("destination", i.Destination)
	b.signer("owner", i.Owner)
	b.data.U8(tokenCloseAccount)
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
	b := newBuilderFor("Transfer", i.Program, 3)
	b.writable("source", i.Source)
	b.writable("destination", i.Destination)
	b.signer("owner", i.Owner)
	b.data.U8(tokenTransfer)
	b.amount("amount", i.Amount)
	return b.build()
}
