package txn

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/wire"
)

// Numbers of instructions and of an authority type of the token programs, and
// of an instruction of the system program.
const (
	tokenTransfer       = 3
	tokenRevoke         = 5
	tokenSetAuthority   = 6
	tokenClose          = 9
	tokenSyncNative     = 17
	tokenCloseAuthority = 3
	systemAllocate      = 8
)

// changeAuthorityUnits covers Revoke and SetAuthority of a token program, in
// compute units.
const changeAuthorityUnits = 4_000

// RequireControl returns steps that make the transaction fail unless a token
// account exists, the owner alone controls it, and it holds at least atLeast
// base units when the steps run. Use them after programs that are not trusted
// with the owner's signature.
//
// The first step revokes the delegate, the second removes the close authority,
// which fails if it is another key's, and the third transfers atLeast from the
// account to itself. Only the owner can do that once there is no delegate.
func RequireControl(tokenProgram, account, owner solana.PublicKey, atLeast uint64) []Step {
	revoke := wire.NewInstruction(tokenProgram, 2)
	revoke.Account(account, true, false)
	revoke.Account(owner, false, true)
	revoke.U8(tokenRevoke)

	closing := wire.NewInstruction(tokenProgram, 2)
	closing.Account(account, true, false)
	closing.Account(owner, false, true)
	closing.U8(tokenSetAuthority)
	closing.U8(tokenCloseAuthority)
	closing.U8(0) // No new authority: the owner closes it.

	held := wire.NewInstruction(tokenProgram, 3)
	held.Account(account, true, false)
	held.Account(account, true, false)
	held.Account(owner, false, true)
	held.U8(tokenTransfer)
	held.U64(atLeast)

	return []Step{
		{
			Description:  fmt.Sprintf("revoke any delegate of the token account %s", account),
			Instruction:  revoke.Done(),
			ComputeUnits: changeAuthorityUnits,
		},
		{
			Description: fmt.Sprintf(
				"fail if another key than the owner may close the token account %s", account),
			Instruction:  closing.Done(),
			ComputeUnits: changeAuthorityUnits,
		},
		{
			Description: fmt.Sprintf(
				"fail unless the token account %s of the owner holds at least %d",
				account,
				atLeast,
			),
			Instruction:  held.Done(),
			ComputeUnits: requireBalanceUnits,
		},
	}
}

// RequireWallet returns a step that makes the transaction fail unless an
// account, which must sign, has no data and belongs to the system program when
// the step runs. It also holds for an account without SOL, for which
// [RequireLamports] proves nothing. The step mirrors Allocate of no space.
func RequireWallet(wallet solana.PublicKey) Step {
	ix := wire.NewInstruction(accounts.SystemProgram, 1)
	ix.Account(wallet, true, true)
	ix.U32(systemAllocate)
	ix.U64(0)

	return Step{
		Description:  fmt.Sprintf("fail unless %s is a wallet", wallet),
		Instruction:  ix.Done(),
		ComputeUnits: transferSOLUnits,
	}
}
