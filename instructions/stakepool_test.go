package instructions_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// Addresses of builtin programs and sysvars.
const (
	systemProgram = "11111111111111111111111111111111"
	stakeProgram  = "Stake11111111111111111111111111111111111111"
	clock         = "SysvarC1ock11111111111111111111111111111111"
	stakeHistory  = "SysvarStakeHistory1111111111111111111111111"
	rentSysvar    = "SysvarRent111111111111111111111111111111111"
)

// stakePoolGoldenCase is a case of [TestStakePool_Golden].
type stakePoolGoldenCase struct {
	name         string
	data         string
	open, closed []meta
}

// stakePoolGoldenCases returns the cases of [TestStakePool_Golden].
func stakePoolGoldenCases(t *testing.T) []stakePoolGoldenCase {
	t.Helper()

	open := stakePool(t)

	depositSOL := []meta{
		{pool, "w"}, {withdrawAuthority, ""}, {reserve, "w"}, {user, "sw"}, {userTokens, "w"},
		{feeAccount, "w"}, {referrer, "w"}, {mint, "w"},
		known(systemProgram, ""), {tokenProgram, ""},
	}

	withdrawSOL := []meta{
		{pool, "w"}, {withdrawAuthority, ""}, {user, "s"}, {userTokens, "w"}, {reserve, "w"},
		{newAuthority, "w"}, {feeAccount, "w"}, {mint, "w"},
		known(clock, ""), known(stakeHistory, ""), known(stakeProgram, ""), {tokenProgram, ""},
	}

	depositStake := func(authority meta) []meta {
		return []meta{
			{pool, "w"}, {list, "w"}, authority, {withdrawAuthority, ""}, {userStake, "w"},
			{validatorStake, "w"}, {reserve, "w"},
			{userTokens, "w"}, {feeAccount, "w"}, {referrer, "w"}, {mint, "w"}, known(clock, ""),
			known(stakeHistory, ""), {tokenProgram, ""},
			known(stakeProgram, ""),
		}
	}

	withdrawStake := []meta{
		{pool, "w"}, {list, "w"}, {withdrawAuthority, ""}, {validatorStake, "w"}, {userStake, "w"},
		{newAuthority, ""}, {user, "s"},
		{userTokens, "w"}, {feeAccount, "w"}, {mint, "w"}, known(clock, ""), {tokenProgram, ""},
		known(stakeProgram, ""),
	}

	with := func(metas []meta, more ...meta) []meta {
		return append(append([]meta(nil), metas...), more...)
	}
	const amount = "00ca9a3b00000000"
	const limit = "0500000000000000"

	return []stakePoolGoldenCase{
		{"DepositSol", "0e" + amount, depositSOL, with(depositSOL, meta{authority, "s"})},
		{"DepositSolWithSlippage", "19" + amount + limit, depositSOL,
			with(depositSOL, meta{authority, "s"})},
		{"WithdrawSol", "10" + amount, withdrawSOL, with(withdrawSOL, meta{authority, "s"})},
		{"WithdrawSolWithSlippage", "1a" + amount + limit, withdrawSOL,
			with(withdrawSOL, meta{authority, "s"})},
		{"DepositStake", "09", depositStake(meta{open.StakeDepositAuthority, ""}),
			depositStake(meta{authority, "s"})},
		{"DepositStakeWithSlippage", "17" + limit,
			depositStake(meta{open.StakeDepositAuthority, ""}), depositStake(meta{authority, "s"})},
		{"WithdrawStake", "0a" + amount, withdrawStake, withdrawStake},
		{"WithdrawStakeWithSlippage", "18" + amount + limit, withdrawStake, withdrawStake},
		{
			"UpdateValidatorListBalance", "06 04000000 00",
			with(updateListHead(), pairs(t, open, entries(1, 0))...),
			with(updateListHead(), pairs(t, open, entries(1, 0))...),
		},
		{"UpdateStakePoolBalance", "07", updateBalance(), updateBalance()},
		{"CleanupRemovedValidatorEntries", "08", []meta{{pool, "w"}, {list, "w"}},
			[]meta{{pool, "w"}, {list, "w"}}},
	}
}

// TestStakePool_Golden compares data and accounts of every instruction with the
// tables in solana-program/stake-pool, program/src/instruction.rs.
func TestStakePool_Golden(t *testing.T) {
	open := stakePool(t)
	closed := open
	closed.SOLDepositAuthority, closed.SOLWithdrawAuthority = &authority, &authority
	closed.StakeDepositAuthority = authority

	for _, test := range stakePoolGoldenCases(t) {
		for name, want := range map[string]struct {
			pool  instructions.StakePool
			metas []meta
		}{"open": {open, test.open}, "with authorities": {closed, test.closed}} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				ix, err := forms(want.pool)[test.name].Build()
				require.NoError(t, err)
				requireInstruction(t, program, test.data, want.metas, ix)
			})
		}
	}
}

func updateListHead() []meta {
	return []meta{
		{pool, ""}, {withdrawAuthority, ""}, {list, "w"}, {reserve, "w"}, known(clock, ""),
		known(stakeHistory, ""), known(stakeProgram, ""),
	}
}

func updateBalance() []meta {
	return []meta{{pool, "w"}, {withdrawAuthority, ""}, {list, "w"}, {reserve, ""},
		{feeAccount, "w"}, {mint, "w"}, {tokenProgram, ""}}
}

// pairs derives the stake accounts of entries in the order of the list. Seed
// suffixes must be less than 256.
func pairs(
	t *testing.T,
	p instructions.StakePool,
	all []accounts.ValidatorStakeInfo,
) (metas []meta) {
	t.Helper()
	for _, v := range all {
		require.Less(t, max(v.TransientSeedSuffix, uint64(v.ValidatorSeedSuffix)), uint64(256))
		active := [][]byte{v.VoteAccount[:], p.Address[:]}
		if v.ValidatorSeedSuffix != 0 {
			active = append(active, []byte{byte(v.ValidatorSeedSuffix), 0, 0, 0})
		}

		transient := [][]byte{[]byte("transient"), v.VoteAccount[:], p.Address[:],
			{byte(v.TransientSeedSuffix), 0, 0, 0, 0, 0, 0, 0}}
		for _, seeds := range [][][]byte{active, transient} {
			address, _, err := solana.FindProgramAddress(seeds, p.Program)
			require.NoError(t, err)
			metas = append(metas, meta{address, "w"})
		}
	}

	return metas
}

func TestStakePoolUpdateValidatorListBalance_Accounts(t *testing.T) {
	p := stakePool(t)
	all := entries(5, 0)
	all[1].ValidatorSeedSuffix = 7
	all[2].TransientSeedSuffix = 200
	for n := 1; n <= 4; n++ {
		ix, err := instructions.StakePoolUpdateValidatorListBalance{
			Pool:       p,
			StartIndex: 0x01020304,
			NoMerge:    true,
			Validators: all[:n],
		}.Build()

		require.NoError(t, err)
		requireInstruction(t, program, "06 04030201 01",
			append(updateListHead(), pairs(t, p, all[:n])...), ix)
	}

	for _, n := range []int{0, 5} {
		_, err := instructions.StakePoolUpdateValidatorListBalance{
			Pool:       p,
			Validators: all[:n],
		}.Build()

		requireBuildError(t, err, "UpdateValidatorListBalance", "validators",
			instructions.ErrConflictingInput)
	}
}

// TestNewStakePool_OnChainAddresses uses the addresses of the bSOL pool and its
// validator lidomax on mainnet.
func TestNewStakePool_OnChainAddresses(t *testing.T) {
	state := &accounts.StakePool{
		StakeWithdrawBumpSeed: 253,
		ValidatorList:         list,
		ReserveStake:          reserve,
		PoolMint:              mint,
		ManagerFeeAccount:     feeAccount,
		TokenProgram:          tokenProgram,
		StakeDepositAuthority: solana.MPK("CbnZJt3kzAobmKFsrVEDxa2ujUFY2N5gEtDs278i41HY"),
		SOLDepositAuthority:   &authority,
		SOLWithdrawAuthority:  &newAuthority,
	}

	address := solana.MPK("stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi")
	got, err := instructions.NewStakePool(accounts.StakePoolProgram, address, state)
	require.NoError(t, err)
	require.Equal(t, instructions.StakePool{
		Program:               accounts.StakePoolProgram,
		Address:               address,
		WithdrawAuthority:     solana.MPK("6WecYymEARvjG5ZyqkrVQ6YkhPfujNzWpSPwNKXHCbV2"),
		ValidatorList:         list,
		ReserveStake:          reserve,
		Mint:                  mint,
		ManagerFeeAccount:     feeAccount,
		TokenProgram:          tokenProgram,
		StakeDepositAuthority: state.StakeDepositAuthority,
		SOLDepositAuthority:   &authority,
		SOLWithdrawAuthority:  &newAuthority,
	}, got)

	deposit, err := instructions.StakePoolDepositStake{
		Pool:           got,
		Stake:          userStake,
		ValidatorStake: validatorStake,
		Destination:    userTokens,
		Referrer:       referrer,
	}.Build()

	require.NoError(t, err)
	require.Equal(t, meta{state.StakeDepositAuthority, ""}, metasOf(deposit)[2],
		"the default authority does not sign")
	update, err := instructions.StakePoolUpdateValidatorListBalance{
		Pool: got,
		Validators: []accounts.ValidatorStakeInfo{
			{VoteAccount: solana.MPK("8jxSHbS4qAnh5yueFp4D9ABXubKqMwXqF3HtdzQGuphp")},
		},
	}.Build()

	require.NoError(t, err)
	require.Equal(t, known("sQ9nuiNhaAZy28vissiPBAg86RGAQyX1KRb9x17nnTo", "w"), metasOf(update)[7])
}

// TestNewStakePool_OnCurveAddress checks the error for a bump seed that gives
// an address on the curve.
func TestNewStakePool_OnCurveAddress(t *testing.T) {
	state := &accounts.StakePool{StakeWithdrawBumpSeed: 255}
	address := solana.MPK("stk9ApL5HeVAwPLr3TLhDXdZS8ptVu7zp6ov8HFDuMi")
	_, err := instructions.NewStakePool(accounts.StakePoolProgram, address, state)
	require.ErrorContains(t, err, address.String())
}

// TestStakePool_BuildSharesNothing checks that instructions share no memory.
func TestStakePool_BuildSharesNothing(t *testing.T) {
	p := stakePool(t)
	signer := key(21)
	p.SOLDepositAuthority, p.SOLWithdrawAuthority = &signer, &signer
	for name, i := range forms(p) {
		t.Run(name, func(t *testing.T) {
			requireNothingShared(t, i)
			require.Equal(t, key(21), signer)
		})
	}
}
