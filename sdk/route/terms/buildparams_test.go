package terms_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

func TestMinOutCheck_String(t *testing.T) {
	require.Equal(t, "program", terms.CheckedByProgram.String())
	require.Equal(t, "temporary account", terms.CheckedByTempAccount.String())
	require.Equal(t, "balance", terms.CheckedByBalance.String())
	require.Equal(t, "receipt", terms.CheckedByReceipt.String())
	require.Equal(t, "bound of the program", terms.BoundedByProgram.String())
	require.Equal(t, "MinOutCheck(200)", terms.MinOutCheck(200).String())
}

// TestBuildParams_RequireBalance checks that the step transfers the required
// balance from the owner's token account to itself. The transfer fails if the
// account holds less.
func TestBuildParams_RequireBalance(t *testing.T) {
	preBalance := uint64(40)
	mint := accounts.MSOLMint
	p := terms.BuildParams{Owner: solana.PublicKey{1}, PreBalance: &preBalance}
	step, err := p.RequireBalance(accounts.TokenProgram, mint, 2)
	require.NoError(t, err)

	account, err := accounts.AssociatedTokenAddress(p.Owner, accounts.TokenProgram, mint)
	require.NoError(t, err)
	metas := step.Instruction.Accounts()
	require.Equal(t, account, metas[0].PublicKey)
	require.Equal(t, account, metas[1].PublicKey)
	require.Equal(t, p.Owner, metas[2].PublicKey)
	require.Equal(t, accounts.TokenProgram, step.Instruction.ProgramID())

	data, err := step.Instruction.Data()
	require.NoError(t, err)
	require.EqualValues(t, 42, binary.LittleEndian.Uint64(data[1:9]))
}

func TestBuildParams_RequireBalanceRefuses(t *testing.T) {
	var none *terms.BuildParams
	_, err := none.RequireBalance(accounts.TokenProgram, accounts.MSOLMint, 1)
	require.ErrorIs(t, err, terms.ErrMissingParam)

	p := terms.BuildParams{Owner: solana.PublicKey{1}}
	_, err = p.RequireBalance(accounts.TokenProgram, accounts.MSOLMint, 1)
	require.ErrorIs(t, err, terms.ErrMissingParam)
	require.ErrorContains(t, err, accounts.MSOLMint.String())

	most := uint64(math.MaxUint64)
	p.PreBalance = &most
	_, err = p.RequireBalance(accounts.TokenProgram, accounts.MSOLMint, 1)
	require.ErrorIs(t, err, fixed.ErrOverflow)
}
