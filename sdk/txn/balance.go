package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/instructions"
)

// requireBalanceUnits is what a transfer of tokens was measured to need, with
// room.
const requireBalanceUnits = 7_000

// RequireBalance makes the transaction fail unless a token account of the owner
// holds at least so many base units at this point. It moves them from the
// account to itself, which the token program refuses if they are not there, and
// which changes nothing else. It is for programs that take no limit of their
// own.
func RequireBalance(tokenProgram, account, owner solana.PublicKey, atLeast uint64) (Step, error) {
	ix, err := instructions.TokenTransfer{
		Program:     tokenProgram,
		Source:      account,
		Destination: account,
		Owner:       owner,
		Amount:      atLeast,
	}.Build()
	if err != nil {
		return Step{}, err
	}

	return Step{
		Description: fmt.Sprintf("fail unless the token account %s holds at least %d", account,
			atLeast),
		Instruction:  ix,
		ComputeUnits: requireBalanceUnits,
	}, nil
}
