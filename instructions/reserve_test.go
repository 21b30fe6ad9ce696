package instructions_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

const tokenProgramID = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"

// theReserve returns the addresses of the Reserve on mainnet.
func theReserve(t *testing.T) instructions.Reserve {
	t.Helper()
	r, err := instructions.NewReserve(accounts.ReserveProgram, accounts.ReservePoolAddress,
		&accounts.ReservePool{LPMint: mint}, &accounts.ReserveProtocolFee{Destination: feeAccount})
	require.NoError(t, err)
	require.Equal(t, instructions.Reserve{
		Program:                accounts.ReserveProgram,
		Pool:                   accounts.ReservePoolAddress,
		LPMint:                 mint,
		ProtocolFeeDestination: feeAccount,
		SOL:                    solana.MPK("3rBnnH9TTgd3xwu48rnzGsaQkSr1hR64nY71DrDt6VrQ"),
		Fee:                    solana.MPK("5Pcu8WeQa3VbBz2vdBT49Rj4gbS4hsnfzuL1LmuRaKFY"),
		ProtocolFee:            solana.MPK("2hN9UhvRFVfPYKL6rZJ5YiLEPCLTpN755pgwDJHWgFbU"),
		FlashAccount:           solana.MPK("BvCe729YxGXqgyVBW4r4R8S7ypkYm7KUyzVbTMai8kUc"),
	}, r)

	return r
}

// reserveGoldenCase is a case of [TestReserve_Golden].
type reserveGoldenCase struct {
	name  string
	ix    builder
	data  string
	metas []meta
}

// reserveGoldenCases returns the cases of [TestReserve_Golden].
func reserveGoldenCases(t *testing.T) []reserveGoldenCase {
	t.Helper()

	r := theReserve(t)
	record, _, err := solana.FindProgramAddress([][]byte{r.Pool[:], userStake[:]}, r.Program)
	require.NoError(t, err)
	unstake := instructions.ReserveUnstake{
		Reserve:     r,
		Owner:       user,
		Stake:       userStake,
		Destination: userTokens,
	}

	wrapped, referred := unstake, unstake
	wrapped.Wrapped = true
	referred.Wrapped, referred.Referrer = true, &referrer
	unstakeMetas := []meta{
		{user, "s"}, {userStake, "w"}, {userTokens, "w"}, {r.Pool, "w"}, {r.SOL, "w"}, {r.Fee, ""},
		{record, "w"}, {r.ProtocolFee, ""},
		{feeAccount, "w"}, known(clock, ""), known(stakeProgram, ""), known(systemProgram, ""),
	}

	wrappedMetas := append(unstakeMetas[:12:12], known(tokenProgramID, ""))

	return []reserveGoldenCase{
		{"Unstake", unstake, "5a5f6b2acd7c32e1", unstakeMetas},
		{"UnstakeWsol", wrapped, "7d5dbe8759ae8e95", wrappedMetas},
		{"UnstakeWsol, referrer", referred, "7d5dbe8759ae8e95",
			append(wrappedMetas[:13:13], meta{referrer, "w"})},
		{
			"AddLiquidity", instructions.ReserveAddLiquidity{
				Reserve:     r,
				From:        user,
				Destination: userTokens,
				Lamports:    1_000_000_000,
			},
			"b59d59438fb63448 00ca9a3b00000000", []meta{
				{user, "sw"}, {r.Pool, "w"}, {r.SOL, "w"}, {mint, "w"}, {userTokens, "w"},
				{r.FlashAccount, "w"}, known(tokenProgramID, ""),
				known(systemProgram, ""),
			},
		},
		{
			"RemoveLiquidity", instructions.ReserveRemoveLiquidity{
				Reserve:     r,
				Authority:   user,
				Source:      userTokens,
				Destination: authority,
				LPTokens:    5,
			},
			"5055d14818ceb16c 0500000000000000", []meta{
				{user, "s"}, {authority, "w"}, {r.Pool, "w"}, {r.SOL, "w"}, {mint, "w"},
				{userTokens, "w"}, {r.FlashAccount, "w"},
				known(tokenProgramID, ""), known(systemProgram, ""),
			},
		},
		{
			"DeactivateStakeAccount",
			instructions.ReserveDeactivateStakeAccount{Reserve: r, Stake: userStake},
			"d9404c10d84d7be2",
			[]meta{{userStake, "w"}, {r.Pool, ""}, {r.SOL, ""}, known(clock, ""),
				known(stakeProgram, "")},
		},
		{
			"ReclaimStakeAccount",
			instructions.ReserveReclaimStakeAccount{Reserve: r, Stake: userStake},
			"2f7f5add0aa0b775",
			[]meta{
				{userStake, "w"}, {r.Pool, "w"}, {r.SOL, "w"}, {record, "w"}, known(clock, ""),
				known(stakeHistory, ""), known(stakeProgram, ""),
			},
		},
	}
}

// TestReserve_Golden compares data and accounts of every instruction with the
// tables of the Reserve's interface. The program accepted these lists.
func TestReserve_Golden(t *testing.T) {
	for _, test := range reserveGoldenCases(t) {
		t.Run(test.name, func(t *testing.T) {
			ix, err := test.ix.Build()
			require.NoError(t, err)
			requireInstruction(t, accounts.ReserveProgram, test.data, test.metas, ix)
			requireKeysNeeded(t, test.name, test.ix)
		})
	}
}

// TestReserve_ZeroAmounts checks that a zero amount is refused.
func TestReserve_ZeroAmounts(t *testing.T) {
	r := theReserve(t)
	_, err := instructions.ReserveAddLiquidity{
		Reserve:     r,
		From:        user,
		Destination: userTokens,
	}.Build()

	requireBuildError(t, err, "AddLiquidity", "lamports", instructions.ErrZeroAmount)
	_, err = instructions.ReserveRemoveLiquidity{
		Reserve:     r,
		Authority:   user,
		Source:      userTokens,
		Destination: authority,
	}.Build()

	requireBuildError(t, err, "RemoveLiquidity", "LP tokens", instructions.ErrZeroAmount)
}
