package instructions_test

import (
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// vote is the vote account of the tests of operators.
var vote = key(30)

// validatorCases returns the instructions of the staker, with a validator whose
// stake account has a seed. Its current transient seed is 4.
func validatorCases(t *testing.T) []operatorCase {
	t.Helper()
	p := stakePool(t)
	of := instructions.StakePoolValidator{
		Pool:   p,
		Staker: user,
		Validator: accounts.ValidatorStakeInfo{VoteAccount: vote, ValidatorSeedSuffix: 7,
			TransientSeedSuffix: 4},
	}

	increase := instructions.StakePoolIncreaseValidatorStake{
		StakePoolValidator: of,
		Lamports:           1_000_000_000,
		TransientSeed:      0x0102,
	}

	decrease := instructions.StakePoolDecreaseValidatorStakeWithReserve(increase)

	transient := func(seed ...byte) meta {
		return meta{address(t, program, []byte("transient"), vote[:], pool[:],
			append(seed, make([]byte, 8-len(seed))...)), "w"}
	}

	stake := address(t, program, vote[:], pool[:], []byte{7, 0, 0, 0})
	ephemeral := meta{address(t, program, []byte("ephemeral"), pool[:],
		[]byte{3, 0, 0, 0, 0, 0, 0, 0}), "w"}
	head := []meta{{pool, ""}, {user, "s"}, {withdrawAuthority, ""}, {list, "w"}}
	with := func(more ...meta) []meta { return append(head[:4:4], more...) }
	now, history := known(clock, ""), known(stakeHistory, "")
	system, stakes := known(systemProgram, ""), known(stakeProgram, "")
	config, rents := known(stakeConfig, ""), known(rentSysvar, "")
	const amount = "00ca9a3b00000000 0201000000000000"
	const additional = amount + "0300000000000000"

	return append([]operatorCase{
		{"RemoveValidatorFromPool", instructions.StakePoolRemoveValidator{StakePoolValidator: of},
			"02", []meta{{pool, "w"}, {user, "s"}, {withdrawAuthority, ""}, {list, "w"},
				{stake, "w"}, transient(4), now, stakes}},
		{"IncreaseValidatorStake", increase, "04" + amount, with(meta{reserve, "w"},
			transient(2, 1), meta{stake, ""}, meta{vote, ""}, now, rents, history, config, system,
			stakes)},
		{"IncreaseAdditionalValidatorStake",
			instructions.StakePoolIncreaseAdditionalValidatorStake{
				StakePoolIncreaseValidatorStake: increase, EphemeralSeed: 3},
			"13" + additional, with(meta{reserve, "w"}, ephemeral, transient(2, 1), meta{stake, ""},
				meta{vote, ""}, now, history, config, system, stakes)},
		{"DecreaseValidatorStakeWithReserve", decrease, "15" + amount, with(meta{reserve, "w"},
			meta{stake, "w"}, transient(2, 1), now, history, system, stakes)},
		{"DecreaseAdditionalValidatorStake",
			instructions.StakePoolDecreaseAdditionalValidatorStake{
				StakePoolDecreaseValidatorStakeWithReserve: decrease, EphemeralSeed: 3},
			"14" + additional, with(meta{reserve, "w"}, meta{stake, "w"}, ephemeral,
				transient(2, 1), now, history, system, stakes)},
		{"DecreaseValidatorStake", instructions.StakePoolDecreaseValidatorStake(decrease),
			"03" + amount, with(meta{stake, "w"}, transient(2, 1), now, rents, system, stakes)},
	}, listCases(t, p)...)
}

// listCases returns the instructions of the staker about the list.
func listCases(t *testing.T, p instructions.StakePool) []operatorCase {
	t.Helper()
	var cases []operatorCase
	for seed, seeds := range map[uint32][][]byte{
		0: {vote[:], pool[:]},
		9: {vote[:], pool[:], {9, 0, 0, 0}},
	} {
		cases = append(cases, operatorCase{
			fmt.Sprintf("AddValidatorToPool, seed %d", seed),
			instructions.StakePoolAddValidator{
				Pool:        p,
				Staker:      user,
				VoteAccount: vote,
				Seed:        seed,
			},
			fmt.Sprintf("01 %02x000000", seed),
			[]meta{{pool, "w"}, {user, "s"}, {reserve, "w"}, {withdrawAuthority, ""}, {list, "w"},
				{address(t, program, seeds...), "w"}, {vote, ""}, known(rentSysvar, ""),
				known(clock, ""), known(stakeHistory, ""), known(stakeConfig, ""),
				known(systemProgram, ""), known(stakeProgram, "")},
		})
	}

	preferred := []meta{{pool, "w"}, {user, "s"}, {list, ""}}
	return append(cases,
		operatorCase{"SetPreferredValidator, none", instructions.StakePoolSetPreferredValidator{
			Pool: p, Staker: user}, "05 00 00", preferred},
		operatorCase{"SetPreferredValidator", instructions.StakePoolSetPreferredValidator{
			Pool:        p,
			Staker:      user,
			Withdrawals: true,
			VoteAccount: &vote,
		}, fmt.Sprintf("05 01 01 %x", vote[:]), preferred},
	)
}

// validatorErrors returns wrong inputs of the instructions of the staker.
func validatorErrors(t *testing.T) []buildErrorCase {
	t.Helper()
	of := instructions.StakePoolValidator{Pool: stakePool(t), Staker: user,
		Validator: accounts.ValidatorStakeInfo{VoteAccount: vote}}
	increase := instructions.StakePoolIncreaseValidatorStake{StakePoolValidator: of}
	decrease := instructions.StakePoolDecreaseValidatorStakeWithReserve{StakePoolValidator: of}
	gone := instructions.StakePoolRemoveValidator{StakePoolValidator: of}
	gone.Validator.VoteAccount = solana.PublicKey{}

	zero, missing := instructions.ErrZeroAmount, instructions.ErrMissing

	return []buildErrorCase{
		{"IncreaseValidatorStake", increase, "lamports", zero},
		{"IncreaseAdditionalValidatorStake",
			instructions.StakePoolIncreaseAdditionalValidatorStake{
				StakePoolIncreaseValidatorStake: increase}, "lamports", zero},
		{"DecreaseValidatorStakeWithReserve", decrease, "lamports", zero},
		{"DecreaseAdditionalValidatorStake",
			instructions.StakePoolDecreaseAdditionalValidatorStake{
				StakePoolDecreaseValidatorStakeWithReserve: decrease}, "lamports", zero},
		{"DecreaseValidatorStake", instructions.StakePoolDecreaseValidatorStake(decrease),
			"lamports", zero},
		{"RemoveValidatorFromPool", gone, "vote account", missing},
		{"SetPreferredValidator", instructions.StakePoolSetPreferredValidator{
			Pool: of.Pool, Staker: user, VoteAccount: &solana.PublicKey{}}, "validator", missing},
	}
}
