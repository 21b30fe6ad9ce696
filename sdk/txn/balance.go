package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/instructions"
)

// requireBalanceUnits covers a token transfer, in compute units, with a margin
// over the measured cost.
const requireBalanceUnits = 7_000

// RequireBalance returns a step that makes the transaction fail unless the
// owner's token account holds at least atLeast base units when the step runs.
//
// The step transfers atLeast from the account to itself. The token program
// rejects the transfer if the balance is lower and changes nothing otherwise.
// Use it after a program that takes no minimum output of its own.
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

// TransferTokens returns the step that transfers base units of a mint between
// token accounts. The owner of the source account signs. With a Token-2022 mint
// that has a transfer fee, less arrives. The step mirrors TransferChecked.
func TransferTokens(
	tokenProgram, mint, source, destination, owner solana.PublicKey, amount uint64, decimals uint8,
) (Step, error) {
	ix, err := instructions.TokenTransferChecked{
		Program:     tokenProgram,
		Source:      source,
		Mint:        mint,
		Destination: destination,
		Owner:       owner,
		Amount:      amount,
		Decimals:    decimals,
	}.Build()
	if err != nil {
		return Step{}, err
	}

	return Step{
		Description: fmt.Sprintf("transfer %d base units from the token account %s to %s", amount,
			source, destination),
		Instruction:  ix,
		ComputeUnits: requireBalanceUnits,
	}, nil
}

// RequireLamports returns a step that makes the transaction fail unless a
// wallet holds at least atLeast lamports when the step runs. The wallet must
// sign.
//
// The step transfers atLeast from the wallet to itself. The system program
// rejects the transfer if the balance is lower and changes nothing otherwise.
func RequireLamports(wallet solana.PublicKey, atLeast uint64) Step {
	return Step{
		Description:  fmt.Sprintf("fail unless %s holds at least %d lamports", wallet, atLeast),
		Instruction:  transfer(atLeast, wallet, wallet),
		ComputeUnits: transferSOLUnits,
	}
}
