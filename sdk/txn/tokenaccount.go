package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// createTokenAccountUnits covers the derivation of the address and the creation
// of a token account of the classic token program, in compute units.
const createTokenAccountUnits = 30_000

// CreateTokenAccount returns the step that creates the associated token account
// of an owner unless it exists. The payer pays the rent of a token account if
// it is created, and nothing otherwise. The step mirrors CreateIdempotent of
// the associated token program.
func CreateTokenAccount(payer, owner, mint, tokenProgram solana.PublicKey) Step {
	account, err := accounts.AssociatedTokenAddress(owner, tokenProgram, mint)
	if err != nil {
		// The program rejects this address.
		account = solana.PublicKey{}
	}
	return CreateTokenAccountAt(payer, account, owner, mint, tokenProgram).Described()
}

// CreateTokenAccountAt is like [CreateTokenAccount] for callers that already
// have the address of the account, see [accounts.AssociatedTokenAddress]. The
// transaction fails if the address is another one. The step sets Describe
// instead of Description.
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
