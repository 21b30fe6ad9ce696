package txn_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

func TestCreateTokenAccount(t *testing.T) {
	for _, tokenProgram := range []solana.PublicKey{accounts.TokenProgram,
		accounts.Token2022Program} {
		payer, owner, mint := key("payer"), key("owner"), key("mint")
		s := txn.CreateTokenAccount(payer, owner, mint, tokenProgram)
		address, err := accounts.AssociatedTokenAddress(owner, tokenProgram, mint)
		require.NoError(t, err)
		data, err := s.Instruction.Data()
		require.NoError(t, err)
		require.Equal(t, []byte{1}, data, "idempotent: it succeeds if the account exists")
		require.Equal(t, []*solana.AccountMeta{
			solana.Meta(payer).WRITE().SIGNER(), solana.Meta(address).WRITE(), solana.Meta(owner),
			solana.Meta(mint),
			solana.Meta(accounts.SystemProgram), solana.Meta(tokenProgram),
		}, s.Instruction.Accounts())

		require.Equal(t, solana.SPLAssociatedTokenAccountProgramID, s.Instruction.ProgramID())
		require.Contains(t, s.Description, owner.String())
		require.Contains(t, s.Description, mint.String())
		require.NotZero(t, s.ComputeUnits)
	}
}
