package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// createTokenAccountUnits covers the search for the address and the creation of
// a classic token account.
const createTokenAccountUnits = 30_000

// CreateTokenAccount returns the step that creates the associated token account
// of an owner unless it exists already. It costs the payer the rent of a token
// account in the first case and nothing in the second.
func CreateTokenAccount(payer, owner, mint, tokenProgram solana.PublicKey) Step {
	account, err := accounts.AssociatedTokenAddress(owner, tokenProgram, mint)
	if err != nil {
		account = solana.PublicKey{} // The program refuses it.
	}
	return CreateTokenAccountAt(payer, account, owner, mint, tokenProgram).Described()
}

// CreateTokenAccountAt is [CreateTokenAccount] for callers that have derived
// the address of the account already, see [accounts.AssociatedTokenAddress].
// The transaction fails if it is another one. The step has its words in Tell.
func CreateTokenAccountAt(payer, account, owner, mint, tokenProgram solana.PublicKey) Step {
	return Step{
		Describe: func() string {
			return fmt.Sprintf("create the token account of %s for mint %s, unless it exists",
				owner, mint)
		},
		Instruction:  createTokenAccount(payer, account, owner, mint, tokenProgram),
		ComputeUnits: createTokenAccountUnits,
	}
}
