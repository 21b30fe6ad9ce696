package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// mayStake permits something for the stake account of the policy, and one new
// account.
func mayStake(most uint64, permission explain.StakePermission) func(p *explain.Policy) {
	return func(p *explain.Policy) {
		p.MaxStake = map[solana.PublicKey]uint64{mine: most}
		p.Stake = map[solana.PublicKey]explain.StakePermission{mine: permission}
	}
}

func oneStakeAccount(p *explain.Policy) { p.MaxNewAccounts, p.MaxRent = 1, stakeRent }

func wantsStake(least uint64) func(p *explain.Policy) {
	return func(p *explain.Policy) { p.MinStake = least }
}

func join(ixs []solana.Instruction, more ...solana.Instruction) []solana.Instruction {
	return append(ixs[:len(ixs):len(ixs)], more...)
}

// sell sells a stake account to the Reserve.
func (s *scene) sell(stake, by, to solana.PublicKey) solana.Instruction {
	return s.build(instructions.ReserveUnstake{
		Reserve: instructions.Reserve{
			Program:                accounts.ReserveProgram,
			Pool:                   key(71),
			SOL:                    key(72),
			Fee:                    key(73),
			ProtocolFee:            key(74),
			ProtocolFeeDestination: key(75),
		},
		Owner:       by,
		Stake:       stake,
		Destination: to,
	})
}

// TestVerify_Stake is about stake accounts of the policy, and new ones.
func TestVerify_Stake(t *testing.T) {
	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)
	may, stays, stake, and, reserve := mayStake, oneStakeAccount, wantsStake, join, s.sell
	all := ^uint64(0)
	split := list(s.createStake(owner), s.split(mine, s.part(), 7))
	none := explain.StakePermission{}
	splits := explain.StakePermission{Split: true}
	deactivate := func(stake, by solana.PublicKey) solana.Instruction {
		return stakeprogram.NewDeactivateInstruction(stake, by).Build()
	}
	delegate := func(to, by solana.PublicKey) solana.Instruction {
		return stakeprogram.NewDelegateStakeInstruction(to, by, mine).Build()
	}
	withdraw := func(stake, to solana.PublicKey, lamports uint64) solana.Instruction {
		return stakeprogram.NewWithdrawInstruction(lamports, stake, to, owner).Build()
	}
	byStranger := stakeprogram.NewAuthorizeInstruction(owner, stakeprogram.StakeAuthorizeStaker,
		mine, stranger).
		Build()
	gift := stakeprogram.NewAuthorizeInstruction(owner, stakeprogram.StakeAuthorizeStaker, key(98),
		stranger).
		Build()
	hand := func(to solana.PublicKey) []solana.Instruction {
		return list(s.authorize(s.part(), to, false), s.authorize(s.part(), to, true))
	}
	s.check(t, []ruleCase{
		{"split", split, also(may(7, splits), stays, stake(7)), nil, 0},
		{"split of more", split, also(may(6, splits), stays), explain.ErrSpendLimit, 0},
		{"split without permission", split, also(may(7, none), stays), explain.ErrAuthorityChange,
			2},
		{"split of an account that is not named", split, stays, explain.ErrAuthorityChange, 2},
		{"split with permission alone", split, also(func(p *explain.Policy) {
			p.Stake = map[solana.PublicKey]explain.StakePermission{mine: splits}
		}, stays), explain.ErrSpendLimit, 0},
		{
			"split of more stake wanted",
			split,
			also(may(7, splits), stays, stake(8)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"split into an account that is not new",
			split[1:],
			may(7, splits),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"split into a token account",
			list(s.create(owner, tokenRent), s.split(mine, s.wrap(), 7)),
			may(7, splits),
			explain.ErrUnrelatedTransfer,
			2,
		},
		{
			"split of a part of it",
			and(split, s.split(s.part(), key(98), 1)),
			also(may(7, splits), stays),
			explain.ErrAuthorityChange,
			3,
		},
		{
			"split by another hand",
			list(
				s.createStake(owner),
				stakeprogram.NewSplitInstruction(7, key(98), s.part(), stranger).Build(),
			),
			nil,
			explain.ErrOwnerExposed,
			2,
		},
		{
			"others split",
			list(stakeprogram.NewSplitInstruction(7, key(98), key(99), stranger).Build()),
			nil,
			nil,
			0,
		},
		{
			"an account that is too much",
			split,
			also(may(7, splits), stays, func(p *explain.Policy) { p.MaxNewAccounts = 0 }),
			explain.ErrFormNotAllowed,
			0,
		},
		{
			"an account of too much rent",
			split,
			also(may(7, splits), stays, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
			0,
		},
		{
			"split and deposited",
			and(split, s.depositStake(s.part(), token)...),
			also(may(7, splits), lamports(stakeRent)),
			nil,
			0,
		},
		{
			"split and deposited, and the rent is not allowed",
			and(split, s.depositStake(s.part(), token)...),
			also(may(7, splits), lamports(stakeRent-1)),
			explain.ErrSpendLimit,
			0,
		},
		{
			"split, deposited, and used after",
			and(and(split, s.depositStake(s.part(), token)...), deactivate(s.part(), owner)),
			also(may(7, splits), lamports(stakeRent)),
			explain.ErrLifetime,
			6,
		},
		{
			"split and handed over",
			and(split, hand(s.friend)...),
			also(may(7, splits), lamports(stakeRent), s.toFriend, stake(7)),
			nil,
			0,
		},
		{"handed over the other way round", and(split, hand(s.friend)[1], hand(s.friend)[0]),
			also(may(7, splits), lamports(stakeRent), s.toFriend, stake(7)), nil, 0},
		{
			"handed over, and less arrives",
			and(split, hand(s.friend)...),
			also(may(7, splits), lamports(stakeRent), s.toFriend, stake(8)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"handed over, with the rent",
			and(split, hand(s.friend)...),
			also(may(7, splits), lamports(stakeRent-1), s.toFriend),
			explain.ErrSpendLimit,
			0,
		},
		{"handed over, and rent is no SOL", and(split, hand(s.friend)...),
			also(
				may(7, splits),
				lamports(stakeRent),
				s.toFriend,
				least(1),
			), explain.ErrMinimumNotEnforced, 0},
		{
			"handed over by half",
			and(split, hand(s.friend)[0]),
			also(may(7, splits), lamports(stakeRent), s.toFriend),
			explain.ErrAuthorityChange,
			0,
		},
		{
			"handed over by the other half",
			and(split, hand(s.friend)[1]),
			also(may(7, splits), lamports(stakeRent), s.toFriend),
			explain.ErrAuthorityChange,
			0,
		},
		{
			"handed to a stranger",
			and(split, hand(stranger)...),
			also(may(7, splits), lamports(stakeRent)),
			explain.ErrAuthorityChange,
			3,
		},
		{"kept", and(split, hand(owner)...), also(may(7, splits), stays), nil, 0},
		{"handed over and taken back", and(split, hand(s.friend)[0], hand(owner)[0]),
			also(may(7, splits), stays, s.toFriend), explain.ErrAuthorityChange, 4},
		{
			"handed over and deposited",
			and(
				split,
				hand(s.friend)[0],
				s.depositStake(s.part(), token)[0],
				s.depositStake(s.part(), token)[1],
				s.depositStake(s.part(), token)[2],
			),
			also(may(7, splits), lamports(stakeRent), s.toFriend),
			explain.ErrAuthorityChange,
			4,
		},
		{"handed over and sold", and(split, hand(s.friend)[0], reserve(s.part(), owner, owner)),
			also(may(7, splits), lamports(stakeRent), s.toFriend), explain.ErrAuthorityChange, 4},
		{
			"handed over and deactivated",
			and(split, hand(s.friend)[0], deactivate(s.part(), owner), hand(s.friend)[1]),
			also(
				may(7, splits),
				lamports(stakeRent),
				s.toFriend,
				func(p *explain.Policy) { p.DeactivateReceived = true },
			),
			explain.ErrAuthorityChange,
			4,
		},
		{
			"deactivated and handed over",
			and(split, deactivate(s.part(), owner), hand(s.friend)[0], hand(s.friend)[1]),
			also(
				may(7, splits),
				lamports(stakeRent),
				s.toFriend,
				func(p *explain.Policy) { p.DeactivateReceived = true },
			),
			nil,
			0,
		},
		{
			"deactivated without permission",
			and(split, deactivate(s.part(), owner)),
			also(may(7, splits), stays),
			explain.ErrAuthorityChange,
			3,
		},
		{"deactivated with another permission", and(split, deactivate(s.part(), owner)),
			also(
				may(7, explain.StakePermission{Split: true, Deactivate: true}),
				stays,
			), explain.ErrAuthorityChange, 3},
		{
			"deactivated with permission",
			list(deactivate(mine, owner)),
			may(0, explain.StakePermission{Deactivate: true}),
			nil,
			0,
		},
		{
			"deactivated with permission for a new one",
			list(deactivate(mine, owner)),
			also(may(all, none),
				func(p *explain.Policy) { p.DeactivateReceived = true }),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"another one deactivated with permission",
			list(deactivate(key(98), owner)),
			may(0, explain.StakePermission{Deactivate: true}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"deactivated by another hand",
			list(deactivate(mine, stranger)),
			may(0, explain.StakePermission{Deactivate: true}),
			explain.ErrOwnerExposed,
			1,
		},
		{"others deactivate", list(deactivate(key(98), stranger)), nil, nil, 0},
		{
			"delegated with permission",
			list(delegate(key(60), owner)),
			may(0, explain.StakePermission{Delegate: key(60)}),
			nil,
			0,
		},
		{
			"delegated elsewhere",
			list(delegate(key(61), owner)),
			may(0, explain.StakePermission{Delegate: key(60)}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"delegated without permission",
			list(delegate(solana.PublicKey{}, owner)),
			may(0, none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"delegated by another hand",
			list(delegate(key(60), stranger)),
			may(0, explain.StakePermission{Delegate: key(60)}),
			explain.ErrOwnerExposed,
			1,
		},
		{
			"a staker with permission",
			list(s.authorize(mine, stranger, false)),
			may(0, explain.StakePermission{Staker: stranger}),
			nil,
			0,
		},
		{"a withdrawer with the permission of a staker", list(s.authorize(mine, stranger, true)),
			may(all, explain.StakePermission{Staker: stranger}), explain.ErrAuthorityChange, 1},
		{"a staker with the permission of a withdrawer", list(s.authorize(mine, stranger, false)),
			may(all, explain.StakePermission{Withdrawer: stranger}), explain.ErrAuthorityChange, 1},
		{
			"another staker",
			list(s.authorize(mine, key(98), false)),
			may(0, explain.StakePermission{Staker: stranger}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"a withdrawer with permission",
			list(s.authorize(mine, stranger, true)),
			may(all, explain.StakePermission{Withdrawer: stranger}),
			nil,
			0,
		},
		{
			"another withdrawer",
			list(s.authorize(mine, key(98), true)),
			may(all, explain.StakePermission{Withdrawer: stranger}),
			explain.ErrAuthorityChange,
			1,
		},
		{"a withdrawer with permission for a part", list(s.authorize(mine, stranger, true)),
			may(all-1, explain.StakePermission{Withdrawer: stranger}), explain.ErrSpendLimit, 0},
		{
			"nobody as the staker",
			list(s.authorize(mine, solana.PublicKey{}, false)),
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"nobody as the withdrawer",
			list(s.authorize(mine, solana.PublicKey{}, true)),
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"the recipient as the staker of what is left",
			list(s.authorize(mine, s.friend, false)),
			also(may(all, none), s.toFriend),
			explain.ErrAuthorityChange,
			1,
		},
		{"the owner as the staker", list(s.authorize(key(98), owner, false)), nil, nil, 0},
		{"by another hand", list(byStranger), may(all, none), explain.ErrOwnerExposed, 1},
		{"a gift of authority", list(gift), nil, nil, 0},
		{"withdrawn", list(withdraw(mine, owner, 7)), also(may(7, none), least(7)), nil, 0},
		{"withdrawn of more", list(withdraw(mine, owner, 8)), may(7, none), explain.ErrSpendLimit,
			0},
		{
			"withdrawn twice",
			list(withdraw(mine, owner, 4), withdraw(mine, owner, 4)),
			may(7, none),
			explain.ErrSpendLimit,
			0,
		},
		{
			"withdrawn for the recipient",
			list(withdraw(mine, s.friend, 7)),
			also(may(7, none), s.toFriend, least(7)),
			nil,
			0,
		},
		{
			"withdrawn for the recipient of more",
			list(withdraw(mine, s.friend, 7)),
			also(may(7, none), s.toFriend, least(8)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"withdrawn for the payer",
			list(withdraw(mine, payer, 7)),
			may(7, none),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"withdrawn from an account that is not named",
			list(withdraw(key(98), owner, 7)),
			nil,
			explain.ErrAuthorityChange,
			1,
		},
		{
			"withdrawn from a new account",
			and(split, withdraw(s.part(), owner, 7)),
			also(may(7, splits), stays),
			explain.ErrAuthorityChange,
			3,
		},
		{
			"withdrawn by another hand",
			list(stakeprogram.NewWithdrawInstruction(7, mine, stranger, stranger).Build()),
			may(7, none),
			explain.ErrOwnerExposed,
			1,
		},
		{
			"merged",
			list(stakeprogram.NewMergeInstruction(mine, key(98), owner).Build()),
			may(all, none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"merged by another hand",
			list(stakeprogram.NewMergeInstruction(mine, key(98), stranger).Build()),
			may(all, none),
			explain.ErrOwnerExposed,
			1,
		},
		{
			"others merge",
			list(stakeprogram.NewMergeInstruction(key(98), key(99), stranger).Build()),
			nil,
			nil,
			0,
		},
	})
}
