package instructions_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// derivedLido returns the addresses of Lido on mainnet.
func derivedLido(t *testing.T) instructions.Lido {
	t.Helper()
	list := solana.MPK("GL9kqRNUTUosW3RsDoXHCuXUZn73SgQQmBvtp1ng2co4")
	l, err := instructions.NewLido(accounts.LidoProgram, accounts.LidoStateAddress,
		&accounts.LidoState{StSOLMint: accounts.StSOLMint, ValidatorList: list})
	require.NoError(t, err)
	require.Equal(t, instructions.Lido{
		Program:        accounts.LidoProgram,
		State:          accounts.LidoStateAddress,
		StSOLMint:      accounts.StSOLMint,
		ValidatorList:  list,
		StakeAuthority: solana.MPK("W1ZQRwUfSkDKy2oefRBUWph82Vr2zg9txWMA8RQazN5"),
		Reserve:        solana.MPK("3Kwv3pEAuoe4WevPB4rgMBTZndGDb53XT7qwQKnvHPfX"),
	}, l)

	return l
}

// TestLido_Golden compares data and accounts of both instructions with the
// tables of Lido's interface. The program accepted these lists.
func TestLido_Golden(t *testing.T) {
	l := derivedLido(t)
	vote, destination := key(0x51), key(0x52)
	for _, test := range []struct {
		name  string
		ix    builder
		data  string
		metas []meta
	}{
		{
			"Withdraw", instructions.LidoWithdraw{
				Lido:        l,
				Owner:       user,
				Source:      userTokens,
				Vote:        vote,
				Index:       0x04030201,
				Split:       userStake,
				Destination: destination,
				StSOL:       1_000_000_000,
			},
			"17 00ca9a3b00000000 01020304", []meta{
				{l.State, "w"}, {user, "s"}, {userTokens, "w"}, {l.StSOLMint, "w"}, {vote, ""},
				{userStake, "w"}, {destination, "sw"},
				{l.StakeAuthority, ""}, {l.ValidatorList, "w"}, known(tokenProgramID, ""),
				known(clock, ""), known(systemProgram, ""),
				known(stakeProgram, ""),
			},
		},
		{
			"UpdateExchangeRate", instructions.LidoUpdateExchangeRate{Lido: l}, "16", []meta{
				{l.State, "w"}, {l.Reserve, ""}, {l.StSOLMint, ""}, {l.ValidatorList, ""},
				known(clock, ""),
				known("SysvarRent111111111111111111111111111111111", ""),
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			ix, err := test.ix.Build()
			require.NoError(t, err)
			requireInstruction(t, accounts.LidoProgram, test.data, test.metas, ix)
			requireKeysNeeded(t, test.name, test.ix)
		})
	}
}

func TestLidoWithdraw_BuildErrors(t *testing.T) {
	i := instructions.LidoWithdraw{
		Lido:        derivedLido(t),
		Owner:       user,
		Source:      userTokens,
		Vote:        key(0x51),
		Split:       userStake,
		Destination: key(0x52),
	}

	_, err := i.Build()
	requireBuildError(t, err, "Withdraw", "stSOL", instructions.ErrZeroAmount)
	i.StSOL, i.Destination = 1, i.Split
	_, err = i.Build()
	requireBuildError(t, err, "Withdraw", "destination stake account",
		instructions.ErrConflictingInput)
}
