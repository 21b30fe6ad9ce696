package explain_test

import (
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// mayStake permits changes of the stake account of the policy.
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

// stakeRules holds what the tests of stake accounts share.
type stakeRules struct {
	*scene
	token       solana.PublicKey
	splitSteps  []solana.Instruction
	none        explain.StakePermission
	maySplit    explain.StakePermission
	deactivates func(stake, by solana.PublicKey) solana.Instruction
	delegates   func(to, by solana.PublicKey) solana.Instruction
	withdraws   func(stake, to solana.PublicKey, lamports uint64) solana.Instruction
	byStranger  *stakeprogram.Instruction
	gift        *stakeprogram.Instruction
	hand        func(to solana.PublicKey) []solana.Instruction
}

func newStakeRules(t *testing.T) *stakeRules {
	t.Helper()

	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)

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

	return &stakeRules{
		scene:       s,
		token:       token,
		splitSteps:  split,
		none:        none,
		maySplit:    splits,
		deactivates: deactivate,
		delegates:   delegate,
		withdraws:   withdraw,
		byStranger:  byStranger,
		gift:        gift,
		hand:        hand,
	}
}

// splits returns cases that divide the stake account of the policy.
func (s *stakeRules) splits() []ruleCase {
	return []ruleCase{
		{"split", s.splitSteps, also(mayStake(7, s.maySplit), oneStakeAccount, wantsStake(7)), nil,
			0},
		{"split of more", s.splitSteps, also(mayStake(6, s.maySplit), oneStakeAccount),
			explain.ErrSpendLimit, 0},
		{"split without permission", s.splitSteps, also(mayStake(7, s.none), oneStakeAccount),
			explain.ErrAuthorityChange,
			2},
		{"split of an account that is not named", s.splitSteps, oneStakeAccount,
			explain.ErrAuthorityChange, 2},
		{"split with permission alone", s.splitSteps, also(func(p *explain.Policy) {
			p.Stake = map[solana.PublicKey]explain.StakePermission{mine: s.maySplit}
		}, oneStakeAccount), explain.ErrSpendLimit, 0},
		{
			"split of more stake wanted",
			s.splitSteps,
			also(mayStake(7, s.maySplit), oneStakeAccount, wantsStake(8)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"split into an account that is not new",
			s.splitSteps[1:],
			mayStake(7, s.maySplit),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"split into a token account",
			list(s.create(owner, tokenRent), s.split(mine, s.wrap(), 7)),
			mayStake(7, s.maySplit),
			explain.ErrUnrelatedTransfer,
			2,
		},
		{
			"split of a part of it",
			join(s.splitSteps, s.split(s.part(), key(98), 1)),
			also(mayStake(7, s.maySplit), oneStakeAccount),
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
			s.splitSteps,
			also(mayStake(7, s.maySplit), oneStakeAccount,
				func(p *explain.Policy) { p.MaxNewAccounts = 0 }),
			explain.ErrFormNotAllowed,
			0,
		},
		{
			"an account of too much rent",
			s.splitSteps,
			also(mayStake(7, s.maySplit), oneStakeAccount, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
			0,
		},
	}
}

// partTrades returns cases that use a part that was split off, or give it to
// the recipient.
func (s *stakeRules) partTrades() []ruleCase {
	return []ruleCase{
		{
			"split and deposited",
			join(s.splitSteps, s.depositStake(s.part(), s.token)...),
			also(mayStake(7, s.maySplit), lamports(stakeRent)),
			nil,
			0,
		},
		{
			"split and deposited, and the rent is not allowed",
			join(s.splitSteps, s.depositStake(s.part(), s.token)...),
			also(mayStake(7, s.maySplit), lamports(stakeRent-1)),
			explain.ErrSpendLimit,
			0,
		},
		{
			"split, deposited, and used after",
			join(join(s.splitSteps, s.depositStake(s.part(), s.token)...),
				s.deactivates(s.part(), owner)),
			also(mayStake(7, s.maySplit), lamports(stakeRent)),
			explain.ErrLifetime,
			6,
		},
		{
			"split and handed over",
			join(s.splitSteps, s.hand(s.friend)...),
			also(mayStake(7, s.maySplit), lamports(stakeRent), s.toFriend, wantsStake(7)),
			nil,
			0,
		},
		{"handed over the other way round",
			join(s.splitSteps, s.hand(s.friend)[1], s.hand(s.friend)[0]),
			also(mayStake(7, s.maySplit), lamports(stakeRent), s.toFriend, wantsStake(7)), nil, 0},
		{
			"handed over, and less arrives",
			join(s.splitSteps, s.hand(s.friend)...),
			also(mayStake(7, s.maySplit), lamports(stakeRent), s.toFriend, wantsStake(8)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"handed over, with the rent",
			join(s.splitSteps, s.hand(s.friend)...),
			also(mayStake(7, s.maySplit), lamports(stakeRent-1), s.toFriend),
			explain.ErrSpendLimit,
			0,
		},
		{"handed over, and rent is no SOL", join(s.splitSteps, s.hand(s.friend)...),
			also(
				mayStake(7, s.maySplit),
				lamports(stakeRent),
				s.toFriend,
				least(1),
			), explain.ErrMinimumNotEnforced, 0},
	}
}

// partTransfers returns cases that give a part away by half or to a stranger,
// or use it after it was given.
func (s *stakeRules) partTransfers() []ruleCase {
	return []ruleCase{
		{
			"handed over by half",
			join(s.splitSteps, s.hand(s.friend)[0]),
			also(mayStake(7, s.maySplit), lamports(stakeRent), s.toFriend),
			explain.ErrAuthorityChange,
			0,
		},
		{
			"handed over by the other half",
			join(s.splitSteps, s.hand(s.friend)[1]),
			also(mayStake(7, s.maySplit), lamports(stakeRent), s.toFriend),
			explain.ErrAuthorityChange,
			0,
		},
		{
			"handed to a stranger",
			join(s.splitSteps, s.hand(stranger)...),
			also(mayStake(7, s.maySplit), lamports(stakeRent)),
			explain.ErrAuthorityChange,
			3,
		},
		{"kept", join(s.splitSteps, s.hand(owner)...),
			also(mayStake(7, s.maySplit), oneStakeAccount), nil, 0},
		{"handed over and taken back", join(s.splitSteps, s.hand(s.friend)[0], s.hand(owner)[0]),
			also(mayStake(7, s.maySplit), oneStakeAccount, s.toFriend), explain.ErrAuthorityChange,
			4},
		{
			"handed over and deposited",
			join(
				s.splitSteps,
				s.hand(s.friend)[0],
				s.depositStake(s.part(), s.token)[0],
				s.depositStake(s.part(), s.token)[1],
				s.depositStake(s.part(), s.token)[2],
			),
			also(mayStake(7, s.maySplit), lamports(stakeRent), s.toFriend),
			explain.ErrAuthorityChange,
			4,
		},
		{"handed over and sold",
			join(s.splitSteps, s.hand(s.friend)[0], s.sell(s.part(), owner, owner)),
			also(mayStake(7, s.maySplit), lamports(stakeRent), s.toFriend),
			explain.ErrAuthorityChange, 4},
		{
			"handed over and deactivated",
			join(s.splitSteps, s.hand(s.friend)[0], s.deactivates(s.part(), owner),
				s.hand(s.friend)[1]),
			also(
				mayStake(7, s.maySplit),
				lamports(stakeRent),
				s.toFriend,
				func(p *explain.Policy) { p.DeactivateReceived = true },
			),
			explain.ErrAuthorityChange,
			4,
		},
	}
}

// deactivations returns cases that deactivate stake.
func (s *stakeRules) deactivations() []ruleCase {
	return []ruleCase{
		{
			"deactivated and handed over",
			join(s.splitSteps, s.deactivates(s.part(), owner), s.hand(s.friend)[0],
				s.hand(s.friend)[1]),
			also(
				mayStake(7, s.maySplit),
				lamports(stakeRent),
				s.toFriend,
				func(p *explain.Policy) { p.DeactivateReceived = true },
			),
			nil,
			0,
		},
		{
			"deactivated without permission",
			join(s.splitSteps, s.deactivates(s.part(), owner)),
			also(mayStake(7, s.maySplit), oneStakeAccount),
			explain.ErrAuthorityChange,
			3,
		},
		{"deactivated with another permission", join(s.splitSteps, s.deactivates(s.part(), owner)),
			also(
				mayStake(7, explain.StakePermission{Split: true, Deactivate: true}),
				oneStakeAccount,
			), explain.ErrAuthorityChange, 3},
		{
			"deactivated with permission",
			list(s.deactivates(mine, owner)),
			mayStake(0, explain.StakePermission{Deactivate: true}),
			nil,
			0,
		},
		{
			"deactivated with permission for a new one",
			list(s.deactivates(mine, owner)),
			also(mayStake(math.MaxUint64, s.none),
				func(p *explain.Policy) { p.DeactivateReceived = true }),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"another one deactivated with permission",
			list(s.deactivates(key(98), owner)),
			mayStake(0, explain.StakePermission{Deactivate: true}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"deactivated by another hand",
			list(s.deactivates(mine, stranger)),
			mayStake(0, explain.StakePermission{Deactivate: true}),
			explain.ErrOwnerExposed,
			1,
		},
		{"others deactivate", list(s.deactivates(key(98), stranger)), nil, nil, 0},
	}
}

// delegations returns cases that delegate stake.
func (s *stakeRules) delegations() []ruleCase {
	return []ruleCase{
		{
			"delegated with permission",
			list(s.delegates(key(60), owner)),
			mayStake(0, explain.StakePermission{Delegate: key(60)}),
			nil,
			0,
		},
		{
			"delegated elsewhere",
			list(s.delegates(key(61), owner)),
			mayStake(0, explain.StakePermission{Delegate: key(60)}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"delegated without permission",
			list(s.delegates(solana.PublicKey{}, owner)),
			mayStake(0, s.none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"delegated by another hand",
			list(s.delegates(key(60), stranger)),
			mayStake(0, explain.StakePermission{Delegate: key(60)}),
			explain.ErrOwnerExposed,
			1,
		},
	}
}

// authorities returns cases that change the authorities of a stake account.
func (s *stakeRules) authorities() []ruleCase {
	return []ruleCase{
		{
			"a staker with permission",
			list(s.authorize(mine, stranger, false)),
			mayStake(0, explain.StakePermission{Staker: stranger}),
			nil,
			0,
		},
		{"a withdrawer with the permission of a staker", list(s.authorize(mine, stranger, true)),
			mayStake(math.MaxUint64, explain.StakePermission{Staker: stranger}),
			explain.ErrAuthorityChange, 1},
		{"a staker with the permission of a withdrawer", list(s.authorize(mine, stranger, false)),
			mayStake(math.MaxUint64, explain.StakePermission{Withdrawer: stranger}),
			explain.ErrAuthorityChange, 1},
		{
			"another staker",
			list(s.authorize(mine, key(98), false)),
			mayStake(0, explain.StakePermission{Staker: stranger}),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"a withdrawer with permission",
			list(s.authorize(mine, stranger, true)),
			mayStake(math.MaxUint64, explain.StakePermission{Withdrawer: stranger}),
			nil,
			0,
		},
		{
			"another withdrawer",
			list(s.authorize(mine, key(98), true)),
			mayStake(math.MaxUint64, explain.StakePermission{Withdrawer: stranger}),
			explain.ErrAuthorityChange,
			1,
		},
		{"a withdrawer with permission for a part", list(s.authorize(mine, stranger, true)),
			mayStake(math.MaxUint64-1, explain.StakePermission{Withdrawer: stranger}),
			explain.ErrSpendLimit, 0},
		{
			"nobody as the staker",
			list(s.authorize(mine, solana.PublicKey{}, false)),
			mayStake(math.MaxUint64, s.none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"nobody as the withdrawer",
			list(s.authorize(mine, solana.PublicKey{}, true)),
			mayStake(math.MaxUint64, s.none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"the recipient as the staker of what is left",
			list(s.authorize(mine, s.friend, false)),
			also(mayStake(math.MaxUint64, s.none), s.toFriend),
			explain.ErrAuthorityChange,
			1,
		},
		{"the owner as the staker", list(s.authorize(key(98), owner, false)), nil, nil, 0},
		{"by another hand", list(s.byStranger), mayStake(math.MaxUint64, s.none),
			explain.ErrOwnerExposed, 1},
		{"a gift of authority", list(s.gift), nil, nil, 0},
	}
}

// withdrawals returns cases that withdraw lamports of a stake account.
func (s *stakeRules) withdrawals() []ruleCase {
	return []ruleCase{
		{"withdrawn", list(s.withdraws(mine, owner, 7)), also(mayStake(7, s.none), least(7)), nil,
			0},
		{"withdrawn of more", list(s.withdraws(mine, owner, 8)), mayStake(7, s.none),
			explain.ErrSpendLimit,
			0},
		{
			"withdrawn twice",
			list(s.withdraws(mine, owner, 4), s.withdraws(mine, owner, 4)),
			mayStake(7, s.none),
			explain.ErrSpendLimit,
			0,
		},
		{
			"withdrawn for the recipient",
			list(s.withdraws(mine, s.friend, 7)),
			also(mayStake(7, s.none), s.toFriend, least(7)),
			nil,
			0,
		},
		{
			"withdrawn for the recipient of more",
			list(s.withdraws(mine, s.friend, 7)),
			also(mayStake(7, s.none), s.toFriend, least(8)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"withdrawn for the payer",
			list(s.withdraws(mine, payer, 7)),
			mayStake(7, s.none),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"withdrawn from an account that is not named",
			list(s.withdraws(key(98), owner, 7)),
			nil,
			explain.ErrAuthorityChange,
			1,
		},
		{
			"withdrawn from a new account",
			join(s.splitSteps, s.withdraws(s.part(), owner, 7)),
			also(mayStake(7, s.maySplit), oneStakeAccount),
			explain.ErrAuthorityChange,
			3,
		},
		{
			"withdrawn by another hand",
			list(stakeprogram.NewWithdrawInstruction(7, mine, stranger, stranger).Build()),
			mayStake(7, s.none),
			explain.ErrOwnerExposed,
			1,
		},
	}
}

// mayMerge permits the merge of one stake account into another.
func mayMerge(from, into solana.PublicKey) func(p *explain.Policy) {
	return func(p *explain.Policy) {
		p.MaxStake = map[solana.PublicKey]uint64{into: 0}
		p.Stake = map[solana.PublicKey]explain.StakePermission{from: {MergeInto: into}}
	}
}

// merges returns cases that merge stake accounts.
func (s *stakeRules) merges() []ruleCase {
	return []ruleCase{
		{
			"merged",
			list(stakeprogram.NewMergeInstruction(mine, key(98), owner).Build()),
			mayStake(math.MaxUint64, s.none),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"merged, and may be",
			list(stakeprogram.NewMergeInstruction(mine, key(98), owner).Build()),
			mayMerge(key(98), mine),
			nil,
			0,
		},
		{
			"merged the other way round",
			list(stakeprogram.NewMergeInstruction(key(98), mine, owner).Build()),
			mayMerge(key(98), mine),
			explain.ErrAuthorityChange,
			1,
		},
		{
			"merged into an account that the policy does not name",
			list(stakeprogram.NewMergeInstruction(key(97), key(98), owner).Build()),
			func(p *explain.Policy) {
				p.Stake = map[solana.PublicKey]explain.StakePermission{
					key(98): {MergeInto: key(97)},
				}
			},
			explain.ErrAuthorityChange,
			1,
		},
		{
			"merged twice",
			list(stakeprogram.NewMergeInstruction(mine, key(98), owner).Build(),
				stakeprogram.NewMergeInstruction(mine, key(98), owner).Build()),
			mayMerge(key(98), mine),
			explain.ErrLifetime,
			2,
		},
		{
			"withdrawn from before it is merged",
			list(stakeprogram.NewWithdrawInstruction(1, key(98), owner, owner).Build(),
				stakeprogram.NewMergeInstruction(mine, key(98), owner).Build()),
			mayMerge(key(98), mine),
			explain.ErrSpendLimit,
			0,
		},
		{
			"merged by another hand",
			list(stakeprogram.NewMergeInstruction(mine, key(98), stranger).Build()),
			mayStake(math.MaxUint64, s.none),
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
	}
}

// TestVerify_Stake checks stake accounts of the policy and new ones.
func TestVerify_Stake(t *testing.T) {
	s := newStakeRules(t)
	s.check(t, s.splits())
	s.check(t, s.partTrades())
	s.check(t, s.partTransfers())
	s.check(t, s.deactivations())
	s.check(t, s.delegations())
	s.check(t, s.authorities())
	s.check(t, s.withdrawals())
	s.check(t, s.merges())
}
