package txn_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/programs/token"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// requireEncodes checks that a step has the instruction that solana-go encodes.
func requireEncodes(t *testing.T, want solana.Instruction, step txn.Step) {
	t.Helper()
	got := step.Instruction
	require.Equal(t, want.ProgramID(), got.ProgramID())
	wanted, err := want.Data()
	require.NoError(t, err)
	data, err := got.Data()
	require.NoError(t, err)
	require.Equal(t, wanted, data)
	require.Equal(t, want.Accounts(), got.Accounts())
	require.NotEmpty(t, step.Description)
	require.Positive(t, step.ComputeUnits)
}

// TestRequireControl compares the steps with those of solana-go. An amount of
// zero still proves who controls the account.
func TestRequireControl(t *testing.T) {
	account, owner := key("account"), key("owner")
	for _, amount := range []uint64{0, 7} {
		steps := txn.RequireControl(accounts.TokenProgram, account, owner, amount)
		require.Len(t, steps, 3)
		requireEncodes(t, token.NewRevokeInstruction(account, owner, nil).Build(), steps[0])
		data, err := steps[1].Instruction.Data()
		require.NoError(t, err)
		require.Equal(t, []byte{token.Instruction_SetAuthority,
			byte(token.AuthorityCloseAccount), 0}, data)
		transfer := token.NewTransferInstruction(amount, account, account, owner, nil)
		requireEncodes(t, transfer.Build(), steps[2])
		for _, step := range steps {
			metas := step.Instruction.Accounts()
			require.Equal(t, solana.NewAccountMeta(account, true, false), metas[0])
			require.Equal(t, solana.NewAccountMeta(owner, false, true), metas[len(metas)-1])
		}
	}
}

// TestRequireWallet and TestWrapSOL compare the steps with those of solana-go.
func TestRequireWallet(t *testing.T) {
	owner := key("owner")
	requireEncodes(t, system.NewAllocateInstruction(0, owner).Build(), txn.RequireWallet(owner))
}

func TestWrapSOL(t *testing.T) {
	account, owner := key("account"), key("owner")
	steps := txn.WrapSOL(owner, account, 7)
	require.Len(t, steps, 2)
	requireEncodes(t, system.NewTransferInstruction(7, owner, account).Build(), steps[0])
	requireEncodes(t, token.NewSyncNativeInstruction(account).Build(), steps[1])
	requireEncodes(t, token.NewCloseAccountInstruction(account, owner, owner, nil).Build(),
		txn.UnwrapSOL(owner, account))
}
