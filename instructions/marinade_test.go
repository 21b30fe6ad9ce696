package instructions_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// derivedMarinade returns the addresses of Marinade on mainnet.
func derivedMarinade(t *testing.T) instructions.Marinade {
	t.Helper()
	var state accounts.MarinadeState
	state.MSOLMint, state.TreasuryMSOLAccount = accounts.MSOLMint, solana.MPK(
		"B1aLzaNMeFVAyQ6f3XbbUyKcH2YPHu2fqiEagmiF23VR",
	)
	state.LiqPool.MSOLLeg = solana.MPK("7GgPYjS5Dza89wV6FpZ23kUJRG5vbQ1GM25ezspYFSoE")
	state.ValidatorSystem.ValidatorList.Account = solana.MPK(
		"DwFYJNnhLmw19FBTrVaLWZ8SZJpxdPoSYVSJaio9tjbY",
	)
	state.StakeSystem.StakeList.Account = solana.MPK("Anv3XE7e5saNdm16MU6bniYS59Mpv7DzQXHAhxJUmAKW")
	m, err := instructions.NewMarinade(accounts.MarinadeProgram, accounts.MarinadeStateAddress,
		&state)
	require.NoError(t, err)
	require.Equal(t, instructions.Marinade{
		Program:                solana.MPK("MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD"),
		State:                  solana.MPK("8szGkuLTAux9XMgZ2vtY39jVSowEcpBfFfD8hXSEqdGC"),
		MSOLMint:               solana.MPK("mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So"),
		SOLLeg:                 solana.MPK("UefNb6z6yvArqe4cJHTXCqStRsKmWhGxnZzuHbikP5Q"),
		MSOLLeg:                state.LiqPool.MSOLLeg,
		MSOLLegAuthority:       solana.MPK("EyaSjUtSgo9aRD1f8LWXwdvkpDTmXAW54yoSHZRF14WL"),
		Reserve:                solana.MPK("Du3Ysj1wKbxPKkuPPnvzQLQh8oMSVifs3jGZjJWXFmHN"),
		MSOLMintAuthority:      solana.MPK("3JLPCS1qM2zRw3Dp6V4hZnYHd4toMNPkNesXdX9tg6KM"),
		Treasury:               state.TreasuryMSOLAccount,
		ValidatorList:          state.ValidatorSystem.ValidatorList.Account,
		StakeList:              state.StakeSystem.StakeList.Account,
		StakeWithdrawAuthority: solana.MPK("9eG63CdHjsfhHmobHgLtESGC8GabbmRcaSpHAZrtmhco"),
		StakeDepositAuthority:  solana.MPK("4bZ6o3eUUNXhKuqjdCnCoPAoLgWiuLYixKaxoa8PpiKk"),
	}, m)

	return m
}

// marinadeVote is a vote account with a known duplication flag.
var marinadeVote = solana.MPK("3xjfK9C9YNcta8MvK1US4sQ3bc6DEjoJoR3qLExGf9xE")

// marinadeForms returns all instructions with data and accounts from the tables
// of Marinade's interface. The program accepted these lists.
func marinadeForms(m instructions.Marinade) map[string]struct {
	ix    builder
	data  string
	metas []meta
} {
	newStake, ticket := key(17), key(18)
	return map[string]struct {
		ix    builder
		data  string
		metas []meta
	}{
		"Deposit": {
			instructions.MarinadeDeposit{
				Marinade:    m,
				From:        user,
				Destination: userTokens,
				Lamports:    1_000_000_000,
			},
			"f223c68952e1f2b6 00ca9a3b00000000", []meta{
				{m.State, "w"}, {m.MSOLMint, "w"}, {m.SOLLeg, "w"}, {m.MSOLLeg, "w"},
				{m.MSOLLegAuthority, ""}, {m.Reserve, "w"}, {user, "sw"},
				{userTokens, "w"}, {m.MSOLMintAuthority, ""}, known(systemProgram, ""),
				known(tokenProgramID, ""),
			},
		},
		"LiquidUnstake": {
			instructions.MarinadeLiquidUnstake{
				Marinade:    m,
				Authority:   user,
				Source:      userTokens,
				Destination: authority,
				MSOL:        1_000_000_000,
			},
			"1e1e77f0bfe30c10 00ca9a3b00000000", []meta{
				{m.State, "w"}, {m.MSOLMint, "w"}, {m.SOLLeg, "w"}, {m.MSOLLeg, "w"},
				{m.Treasury, "w"}, {userTokens, "w"}, {user, "s"},
				{authority, "w"}, known(systemProgram, ""), known(tokenProgramID, ""),
			},
		},
		"DepositStakeAccount": {
			instructions.MarinadeDepositStakeAccount{
				Marinade:       m,
				Stake:          userStake,
				Owner:          user,
				Vote:           marinadeVote,
				ValidatorIndex: 589,
				Payer:          authority,
				Destination:    userTokens,
			},
			"6e827329a466023b 4d020000", []meta{
				{m.State, "w"}, {m.ValidatorList, "w"}, {m.StakeList, "w"}, {userStake, "w"},
				{user, "s"},
				known("2AtDq7KRhpD3h2Aru5ao82EARAQngCw6Q9nLS3uBjPfC", "w"), {authority, "sw"},
				{m.MSOLMint, "w"}, {userTokens, "w"},
				{m.MSOLMintAuthority, ""}, known(clock, ""), known(rentSysvar, ""),
				known(systemProgram, ""), known(tokenProgramID, ""),
				known(stakeProgram, ""),
			},
		},
		"WithdrawStakeAccount": {
			instructions.MarinadeWithdrawStakeAccount{
				Marinade:       m,
				Authority:      user,
				Source:         userTokens,
				Split:          validatorStake,
				StakeIndex:     10,
				ValidatorIndex: 589,
				NewStake:       newStake,
				Payer:          authority,
				Beneficiary:    newAuthority,
				MSOL:           1_000_000_000,
			},
			"d355b841b7b1e9d9 0a000000 4d020000 00ca9a3b00000000 1010101010101010101010101010101010101010101010101010101010101010",
			[]meta{
				{m.State, "w"}, {m.MSOLMint, "w"}, {userTokens, "w"}, {user, "sw"},
				{m.Treasury, "w"}, {m.ValidatorList, "w"}, {m.StakeList, "w"},
				{m.StakeWithdrawAuthority, ""}, {m.StakeDepositAuthority, ""},
				{validatorStake, "w"}, {newStake, "sw"}, {authority, "sw"},
				known(clock, ""), known(systemProgram, ""), known(tokenProgramID, ""),
				known(stakeProgram, ""),
			},
		},
		"OrderUnstake": {
			instructions.MarinadeOrderUnstake{
				Marinade:  m,
				Authority: user,
				Source:    userTokens,
				Ticket:    ticket,
				MSOL:      1_000_000_000,
			},
			"61a7906b75be8024 00ca9a3b00000000", []meta{
				{m.State, "w"}, {m.MSOLMint, "w"}, {userTokens, "w"}, {user, "s"}, {ticket, "w"},
				known(clock, ""), known(rentSysvar, ""),
				known(tokenProgramID, ""),
			},
		},
		"Claim": {
			instructions.MarinadeClaim{Marinade: m, Ticket: ticket, Beneficiary: user},
			"3ec6d6c1d59f6cd2",
			[]meta{{m.State, "w"}, {m.Reserve, "w"}, {ticket, "w"}, {user, "w"}, known(clock, ""),
				known(systemProgram, "")},
		},
	}
}

// TestMarinade_Golden checks data and accounts of every instruction, and that
// Build reports missing keys.
func TestMarinade_Golden(t *testing.T) {
	for name, form := range marinadeForms(derivedMarinade(t)) {
		t.Run(name, func(t *testing.T) {
			ix, err := form.ix.Build()
			require.NoError(t, err)
			requireInstruction(t, accounts.MarinadeProgram, form.data, form.metas, ix)
			missing := requireKeysNeeded(t, name, form.ix)
			// The needed keys are the accounts without a fixed address, with
			// the vote account instead of the duplication flag, the program id,
			// and the beneficiary in the data.
			want := 1
			for _, m := range form.metas {
				switch m.key {
				case accounts.SystemProgram,
					accounts.TokenProgram,
					accounts.StakeProgram,
					accounts.ClockSysvar,
					accounts.RentSysvar:

				default:
					want++
				}
			}

			if name == "WithdrawStakeAccount" {
				want++
			}

			require.Equal(t, want, missing)
		})
	}
}

// TestMarinade_ZeroAmounts checks that a zero amount is refused.
func TestMarinade_ZeroAmounts(t *testing.T) {
	forms := marinadeForms(derivedMarinade(t))
	deposit := forms["Deposit"].ix.(instructions.MarinadeDeposit)
	deposit.Lamports = 0
	sell := forms["LiquidUnstake"].ix.(instructions.MarinadeLiquidUnstake)
	sell.MSOL = 0
	withdraw := forms["WithdrawStakeAccount"].ix.(instructions.MarinadeWithdrawStakeAccount)
	withdraw.MSOL = 0
	order := forms["OrderUnstake"].ix.(instructions.MarinadeOrderUnstake)
	order.MSOL = 0
	for _, test := range []struct {
		name, field string
		ix          builder
	}{
		{"Deposit", "lamports", deposit}, {"LiquidUnstake", "mSOL", sell},
		{"WithdrawStakeAccount", "mSOL", withdraw}, {"OrderUnstake", "mSOL", order},
	} {
		_, err := test.ix.Build()
		requireBuildError(t, err, test.name, test.field, instructions.ErrZeroAmount)
	}
}
