package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var memoProgram = program{name: nameMemo, ids: []solana.PublicKey{accounts.MemoProgram}, instructions: []spec{{
	name: "Memo", data: []field{value("text", kindRest)}, more: memoSigners, words: "write the memo {text}",
}}}

func memoSigners(_ *Instruction, rest []Account) ([]string, bool) {
	roles := make([]string, len(rest))
	for i := range roles {
		roles[i] = "signer*"
	}
	return roles, true
}
