package explain

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var memoProgram = program{name: nameMemo, ids: []solana.PublicKey{accounts.MemoProgram}, instructions: []spec{{
	table:   own("Memo", "", nil, idl.Value("text", idl.KindRest)),
	wallets: []string{"signer"},
	more:    memoSigners,
	words:   "write the memo {text}",
}}}

func memoSigners(_ *Instruction, rest []Account) ([]idl.Account, bool) {
	return slices.Repeat(roles("signer"), len(rest)), true
}
