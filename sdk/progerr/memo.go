package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// memo is the memo program. It has a name but no custom codes: text that is not
// UTF-8 is the runtime's InvalidInstructionData or, with the rewritten program,
// ProgramFailedToComplete, and a signer that did not sign its
// MissingRequiredSignature.
var memo = program{
	name: "memo",
	ids:  []solana.PublicKey{accounts.MemoProgram},
}
