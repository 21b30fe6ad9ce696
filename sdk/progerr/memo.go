package progerr

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// memo is the memo program, which has no custom codes. For text that is not
// UTF-8 it fails with InvalidInstructionData, or ProgramFailedToComplete in its
// rewritten version; for a missing signature, with MissingRequiredSignature.
var memo = program{
	name: "memo",
	ids:  []solana.PublicKey{accounts.MemoProgram},
}
