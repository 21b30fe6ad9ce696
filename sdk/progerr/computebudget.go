package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// computeBudget is the compute budget program, which has no custom codes. It
// fails with instruction errors of the runtime.
var computeBudget = program{
	name: "compute budget",
	ids:  []solana.PublicKey{accounts.ComputeBudgetProgram},
}
