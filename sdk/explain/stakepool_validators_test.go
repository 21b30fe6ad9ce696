package explain_test

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

// validatorRows returns the instructions of the staker of a stake pool, which
// the owner signs.
func validatorRows(p instructions.StakePool) []row {
	const amount = 5_000_000_000
	owner, preferred := key(0), key(57)
	of := instructions.StakePoolValidator{
		Pool:      p,
		Staker:    owner,
		Validator: accounts.ValidatorStakeInfo{VoteAccount: key(56)},
	}

	increase := instructions.StakePoolIncreaseValidatorStake{
		StakePoolValidator: of,
		Lamports:           amount,
		TransientSeed:      3,
	}

	decrease := instructions.StakePoolDecreaseValidatorStakeWithReserve{
		StakePoolValidator: of,
		Lamports:           amount,
		TransientSeed:      3,
	}

	moved := named{"lamports": amount, "transient seed": 3}
	additional := named{"lamports": amount, "transient seed": 3, "ephemeral seed": 4}

	return []row{
		{"stake pool AddValidatorToPool", instructions.StakePoolAddValidator{
			Pool:        p,
			Staker:      owner,
			VoteAccount: key(56),
			Seed:        9,
		}, named{"validator seed": 9}},
		{"stake pool RemoveValidatorFromPool",
			instructions.StakePoolRemoveValidator{StakePoolValidator: of}, nil},
		{"stake pool DecreaseValidatorStake",
			instructions.StakePoolDecreaseValidatorStake(decrease),
			moved},
		{"stake pool IncreaseValidatorStake", increase, moved},
		{"stake pool SetPreferredValidator", instructions.StakePoolSetPreferredValidator{Pool: p,
			Staker: owner}, nil},
		{
			"stake pool SetPreferredValidator",
			instructions.StakePoolSetPreferredValidator{
				Pool:        p,
				Staker:      owner,
				Withdrawals: true,
				VoteAccount: &preferred,
			},
			nil,
		},
		{
			"stake pool IncreaseAdditionalValidatorStake",
			instructions.StakePoolIncreaseAdditionalValidatorStake{
				StakePoolIncreaseValidatorStake: increase, EphemeralSeed: 4},
			additional,
		},
		{
			"stake pool DecreaseAdditionalValidatorStake",
			instructions.StakePoolDecreaseAdditionalValidatorStake{
				StakePoolDecreaseValidatorStakeWithReserve: decrease, EphemeralSeed: 4},
			additional,
		},
		{"stake pool DecreaseValidatorStakeWithReserve", decrease, moved},
		{
			"stake pool Redelegate",
			upstream{redelegate(p, owner, amount)},
			named{"lamports": amount, "source transient seed": 1, "ephemeral seed": 2,
				"destination transient seed": 3},
		},
	}
}

// redelegate returns the Redelegate of the stake pool program, with arbitrary
// stake accounts from key(60) on. No builder makes it.
func redelegate(p instructions.StakePool, staker solana.PublicKey, lamports uint64,
) solana.Instruction {
	metas := solana.AccountMetaSlice{
		solana.Meta(p.Address), solana.Meta(staker).SIGNER(), solana.Meta(p.WithdrawAuthority),
		solana.Meta(p.ValidatorList).WRITE(), solana.Meta(p.ReserveStake).WRITE(),
		solana.Meta(key(60)).WRITE(), solana.Meta(key(61)).WRITE(), solana.Meta(key(62)).WRITE(),
		solana.Meta(key(63)).WRITE(), solana.Meta(key(64)), solana.Meta(key(65)),
		solana.Meta(accounts.ClockSysvar), solana.Meta(accounts.StakeHistorySysvar),
		solana.Meta(solana.SysVarStakeConfigPubkey), solana.Meta(accounts.SystemProgram),
		solana.Meta(accounts.StakeProgram),
	}

	data := binary.LittleEndian.AppendUint64([]byte{22}, lamports)
	for seed := range uint64(3) {
		data = binary.LittleEndian.AppendUint64(data, seed+1)
	}

	return solana.NewInstruction(p.Program, metas, data)
}
