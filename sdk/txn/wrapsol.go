package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/wire"
)

// WrapSOL returns steps that move lamports of the owner into an existing wSOL
// account and make them its tokens.
func WrapSOL(owner, account solana.PublicKey, lamports uint64) []Step {
	update := wire.NewInstruction(accounts.TokenProgram, 1)
	update.Account(account, true, false)
	update.U8(tokenSyncNative)

	return []Step{
		{
			Description:  fmt.Sprintf("transfer %d lamports into the wSOL account", lamports),
			Instruction:  transfer(lamports, owner, account),
			ComputeUnits: transferSOLUnits,
		},
		{
			Description:  "wrap them",
			Instruction:  update.Done(),
			ComputeUnits: syncNativeUnits,
		},
	}
}

// UnwrapSOL returns the step that closes a wSOL account of the owner. The owner
// receives all of its SOL, with the rent.
func UnwrapSOL(owner, account solana.PublicKey) Step {
	closing := wire.NewInstruction(accounts.TokenProgram, 3)
	closing.Account(account, true, false)
	closing.Account(owner, true, false)
	closing.Account(owner, false, true)
	closing.U8(tokenClose)

	return Step{
		Description:  "close the wSOL account, which unwraps its balance",
		Instruction:  closing.Done(),
		ComputeUnits: closeTokenUnits,
	}
}
