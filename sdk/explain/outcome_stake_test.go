package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// stakeOutcomes holds what the tests of stake accounts after a transaction
// share.
type stakeOutcomes struct {
	*scene
	ixs          []solana.Instruction
	before       world
	after        world
	may          func(most uint64, p2 explain.StakePermission) func(p *explain.Policy)
	none         explain.StakePermission
	limits       func(p *explain.Policy)
	withPart     func(changes ...func(*accounts.StakeAccount)) world
	rest         func(changes ...func(*accounts.StakeAccount)) world
	staker       func(to solana.PublicKey) func(*accounts.StakeAccount)
	withdrawer   func(to solana.PublicKey) func(*accounts.StakeAccount)
	ended        func(a *accounts.StakeAccount)
	voter        func(a *accounts.StakeAccount)
	locked       func(a *accounts.StakeAccount)
	friendLimits func(p *explain.Policy)
	unlisted     world
	stays        func(a accounts.Account) world
}

func newStakeOutcomes(t *testing.T) *stakeOutcomes {
	t.Helper()

	s := newScene(t)
	ixs := list(
		s.createStake(owner),
		s.split(mine, s.part(), 7),
		stakeprogram.NewDeactivateInstruction(key(98), owner).Build(),
		system.NewTransferInstruction(1, owner, owner).Build(),
	)

	const has, all = 1 << 40, 1_000
	before := world{owner: wallet(owner, has), mine: stakeOf(mine, owner, all)}
	after := world{
		owner:    wallet(owner, has-stakeRent),
		mine:     stakeOf(mine, owner, all-7),
		s.part(): stakeOf(s.part(), owner, 7),
	}

	may := func(most uint64, p2 explain.StakePermission) func(p *explain.Policy) {
		return func(p *explain.Policy) {
			p.MaxStake = map[solana.PublicKey]uint64{mine: most}
			p.Stake = map[solana.PublicKey]explain.StakePermission{mine: p2}
			p.MaxNewAccounts, p.MaxRent = 1, stakeRent
		}
	}

	none := explain.StakePermission{}
	limits := also(may(7, none), func(p *explain.Policy) { p.MinStake = 7 })
	part := func(changes ...func(*accounts.StakeAccount)) world {
		return after.with(stakeOf(s.part(), owner, 7, changes...))
	}
	rest := func(changes ...func(*accounts.StakeAccount)) world {
		return after.with(stakeOf(mine, owner, all-7, changes...))
	}
	staker := func(to solana.PublicKey) func(*accounts.StakeAccount) {
		return func(a *accounts.StakeAccount) { a.Staker = to }
	}
	withdrawer := func(to solana.PublicKey) func(*accounts.StakeAccount) {
		return func(a *accounts.StakeAccount) { a.Withdrawer = to }
	}
	ended := func(a *accounts.StakeAccount) { a.Delegation.DeactivationEpoch = 9 }
	voter := func(a *accounts.StakeAccount) { a.Delegation.Voter = key(61) }
	locked := func(a *accounts.StakeAccount) { a.Lockup.Epoch = 1_000 }
	toFriend := also(limits, s.toFriend,
		func(p *explain.Policy) { p.MaxLamports, p.MaxNewAccounts, p.MaxRent = stakeRent, 0, 0 })
	unlisted := before.with(stakeOf(key(98), owner, 50))
	stays := func(a accounts.Account) world { return after.with(a) }

	return &stakeOutcomes{
		scene:        s,
		ixs:          ixs,
		before:       before,
		after:        after,
		may:          may,
		none:         none,
		limits:       limits,
		withPart:     part,
		rest:         rest,
		staker:       staker,
		withdrawer:   withdrawer,
		ended:        ended,
		voter:        voter,
		locked:       locked,
		friendLimits: toFriend,
		unlisted:     unlisted,
		stays:        stays,
	}
}

// amounts returns cases that vary amounts and limits.
func (s *stakeOutcomes) amounts() []outcomeCase {
	const has = 1 << 40
	const all = 1_000

	return []outcomeCase{
		{"as promised", s.before, s.after, s.limits, nil},
		{"more stake", s.before, s.after.with(stakeOf(mine, owner, all-8)), s.limits,
			explain.ErrSpendLimit},
		{
			"less stake arrives",
			s.before,
			s.after.with(stakeOf(s.part(), owner, 6)),
			s.limits,
			explain.ErrMinimumNotEnforced,
		},
		{
			"what is not staked is no stake",
			s.before,
			s.withPart(func(a *accounts.StakeAccount) { a.State = accounts.StakeInitialized }),
			also(s.limits, func(p *explain.Policy) { p.MinStake, p.MaxRent = 1, stakeRent+7 }),
			explain.ErrMinimumNotEnforced,
		},
		{
			"what is not staked is rent",
			s.before,
			s.withPart(func(a *accounts.StakeAccount) { a.State = accounts.StakeInitialized }),
			also(s.limits, func(p *explain.Policy) { p.MinStake, p.MaxRent = 0, stakeRent+6 }),
			explain.ErrSpendLimit,
		},
		{
			"less rent arrives",
			s.before,
			s.after.with(wallet(owner, has-stakeRent-1)),
			s.limits,
			explain.ErrSpendLimit,
		},
		{
			"less rent is allowed",
			s.before,
			s.after,
			also(s.limits, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
		},
		{
			"no account is allowed",
			s.before,
			s.after,
			also(s.limits, func(p *explain.Policy) { p.MaxNewAccounts-- }),
			explain.ErrFormNotAllowed,
		},
	}
}

// newAccounts returns cases that change the new stake account.
func (s *stakeOutcomes) newAccounts() []outcomeCase {
	return []outcomeCase{
		{"another one is the staker", s.before, s.withPart(s.staker(stranger)), s.limits,
			explain.ErrAuthorityChange},
		{
			"another one is the withdrawer",
			s.before,
			s.withPart(s.withdrawer(stranger)),
			s.limits,
			explain.ErrSpendLimit,
		},
		{"it is locked", s.before, s.withPart(s.locked), s.limits, explain.ErrAuthorityChange},
		{"it is deactivated", s.before, s.withPart(s.ended), s.limits, explain.ErrAuthorityChange},
		{
			"it is deactivated, and may be",
			s.before,
			s.withPart(s.ended),
			also(s.limits, func(p *explain.Policy) { p.DeactivateReceived = true }),
			nil,
		},
		{
			"it is the recipient's",
			s.before,
			s.withPart(s.staker(s.friend), s.withdrawer(s.friend)),
			s.friendLimits,
			nil,
		},
		{
			"it is the recipient's by half",
			s.before,
			s.withPart(s.withdrawer(s.friend)),
			s.friendLimits,
			explain.ErrAuthorityChange,
		},
		{
			"it is the owner's in place of the recipient",
			s.before,
			s.after,
			also(s.friendLimits,
				func(p *explain.Policy) { p.MaxNewAccounts, p.MaxRent = 1, stakeRent }),
			explain.ErrMinimumNotEnforced,
		},
		{"it is left without authorities", s.before, s.after.with(accounts.Account{
			Address:  s.part(),
			Owner:    accounts.StakeProgram,
			Lamports: stakeRent,
			Data:     make([]byte, accounts.StakeAccountSpace),
		}), s.may(7, s.none), explain.ErrLifetime},
	}
}

// splitAccounts returns cases that change the account that was split.
func (s *stakeOutcomes) splitAccounts() []outcomeCase {
	const all = 1_000

	return []outcomeCase{
		{"another staker of the rest", s.before, s.rest(s.staker(stranger)), s.limits,
			explain.ErrAuthorityChange},
		{"another staker of the rest, and it may be", s.before, s.rest(s.staker(stranger)),
			also(s.limits, s.may(7, explain.StakePermission{Staker: stranger})), nil},
		{
			"another withdrawer of the rest",
			s.before,
			s.rest(s.withdrawer(stranger)),
			s.limits,
			explain.ErrAuthorityChange,
		},
		{"another withdrawer of the rest, and it may be", s.before, s.rest(s.withdrawer(stranger)),
			also(s.limits, s.may(7, explain.StakePermission{Withdrawer: stranger})), nil},
		{"another vote account", s.before, s.rest(s.voter), s.limits, explain.ErrAuthorityChange},
		{
			"another vote account, and it may be",
			s.before,
			s.rest(s.voter),
			also(s.limits, s.may(7, explain.StakePermission{Delegate: key(61)})),
			nil,
		},
		{"the rest is deactivated", s.before, s.rest(s.ended), s.limits,
			explain.ErrAuthorityChange},
		{
			"the rest is deactivated, and may be",
			s.before,
			s.rest(s.ended),
			also(s.limits, s.may(7, explain.StakePermission{Deactivate: true})),
			nil,
		},
		{
			"the rest is delegated anew, and may be",
			s.before.with(stakeOf(mine, owner, all, s.ended)),
			s.after,
			also(s.limits, s.may(7, explain.StakePermission{Delegate: key(60)})),
			nil,
		},
		{"the rest is locked", s.before, s.rest(s.locked), s.limits, explain.ErrAuthorityChange},
		{
			"inactive stake, with the delegation of its source",
			s.before,
			s.withPart(s.ended, func(a *accounts.StakeAccount) { a.Delegation.Stake = all }),
			also(s.limits, func(p *explain.Policy) { p.DeactivateReceived = true }),
			nil,
		},
		{
			"less inactive stake than its delegation",
			s.before,
			s.after.with(stakeOf(s.part(), owner, 6, s.ended,
				func(a *accounts.StakeAccount) { a.Delegation.Stake = all })),
			also(s.limits, func(p *explain.Policy) { p.DeactivateReceived = true }),
			explain.ErrMinimumNotEnforced,
		},
	}
}

// wholeAccounts returns cases that give the whole account away.
func (s *stakeOutcomes) wholeAccounts() []outcomeCase {
	return []outcomeCase{
		{
			"the whole is given away",
			s.before,
			s.after.without(mine),
			also(s.limits, s.may(^uint64(0), s.none)),
			nil,
		},
		{
			"the whole becomes another one's",
			s.before,
			s.rest(s.staker(stranger), s.withdrawer(stranger)),
			also(s.limits, s.may(^uint64(0), s.none)),
			nil,
		},
		{
			"the whole is given away, and may not be",
			s.before,
			s.after.without(mine),
			s.limits,
			explain.ErrSpendLimit,
		},
	}
}

// otherAccounts returns cases that change other stake accounts, or permit other
// changes.
func (s *stakeOutcomes) otherAccounts() []outcomeCase {
	const all = 1_000

	return []outcomeCase{
		{"another stake account", s.unlisted, s.stays(stakeOf(key(98), owner, 50)), s.limits, nil},
		{
			"another stake account is drawn on",
			s.unlisted,
			s.stays(stakeOf(key(98), owner, 49)),
			s.limits,
			explain.ErrAuthorityChange,
		},
		{
			"another stake account is deactivated",
			s.unlisted,
			s.stays(stakeOf(key(98), owner, 50, s.ended)),
			s.limits,
			explain.ErrAuthorityChange,
		},
		{"another stake account is gone", s.unlisted, s.after, s.limits,
			explain.ErrAuthorityChange},
		{
			"a withdrawer without a key",
			s.before,
			s.rest(s.withdrawer(solana.PublicKey{})),
			s.limits,
			explain.ErrAuthorityChange,
		},
		{
			"a staker without a key",
			s.before,
			s.rest(s.staker(solana.PublicKey{})),
			s.limits,
			explain.ErrAuthorityChange,
		},
		{
			"the rest is deactivated where it may be delegated",
			s.before,
			s.rest(s.ended),
			also(s.limits, s.may(7, explain.StakePermission{Delegate: key(60)})),
			explain.ErrAuthorityChange,
		},
		{
			"the rest is delegated anew where it may be deactivated",
			s.before.with(stakeOf(mine, owner, all, s.ended)),
			s.after,
			also(s.limits, s.may(7, explain.StakePermission{Deactivate: true})),
			explain.ErrAuthorityChange,
		},
	}
}

// withdrawnAccounts returns cases that empty the account, or give stake to the
// recipient.
func (s *stakeOutcomes) withdrawnAccounts() []outcomeCase {
	const all = 1_000

	return []outcomeCase{
		{
			"all of it is withdrawn, and may be",
			s.before,
			s.after.without(mine),
			also(s.limits, s.may(all+stakeRent, s.none)),
			nil,
		},
		{
			"all of it is withdrawn, and the account shown without lamports",
			s.before,
			s.after.with(accounts.Account{
				Address: mine,
				Owner:   accounts.StakeProgram,
				Data:    make([]byte, accounts.StakeAccountSpace),
			}),
			also(s.limits, s.may(all+stakeRent, s.none)),
			nil,
		},
		{
			"it becomes another program's account",
			s.unlisted,
			s.stays(wallet(key(98), 50+stakeRent)),
			s.limits,
			explain.ErrAuthorityChange,
		},
		{
			"the recipient's was there before",
			s.before.with(stakeOf(key(98), s.friend, 7)),
			s.after.with(stakeOf(key(98), s.friend, 7)).without(s.part()),
			s.friendLimits,
			explain.ErrMinimumNotEnforced,
		},
		{
			"the recipient's comes instead, undelegated",
			s.before,
			s.withPart(s.staker(s.friend), s.withdrawer(s.friend), func(a *accounts.StakeAccount) {
				a.State = accounts.StakeInitialized
			}),
			also(s.friendLimits, func(p *explain.Policy) { p.MinStake = 0 }),
			nil,
		},
		{
			"another stake account of a stranger's",
			s.before.with(stakeOf(key(98), stranger, 50)),
			s.stays(stakeOf(key(98), stranger, 9)),
			s.limits,
			nil,
		},
	}
}

// TestVerifyOutcome_Stake checks the states of stake accounts.
func TestVerifyOutcome_Stake(t *testing.T) {
	s := newStakeOutcomes(t)
	s.outcomes(t, payer, s.ixs, 0, s.amounts())
	s.outcomes(t, payer, s.ixs, 0, s.newAccounts())
	s.outcomes(t, payer, s.ixs, 0, s.splitAccounts())
	s.outcomes(t, payer, s.ixs, 0, s.wholeAccounts())
	s.outcomes(t, payer, s.ixs, 0, s.otherAccounts())
	s.outcomes(t, payer, s.ixs, 0, s.withdrawnAccounts())
}

// TestVerifyOutcome_StakeMerged checks a part that is split off an account into
// which another one was merged before.
func TestVerifyOutcome_StakeMerged(t *testing.T) {
	const has, all, other = 1 << 40, 1_000, 300

	s := newStakeOutcomes(t)
	merged := key(98)
	ixs := list(
		s.createStake(owner),
		stakeprogram.NewMergeInstruction(mine, merged, owner).Build(),
		s.split(mine, s.part(), 7),
	)

	before := s.before.with(stakeOf(merged, owner, other))
	sum := accounts.Account{Lamports: all + other + 2*stakeRent - 7}
	left := func(missing uint64) world {
		a := stakeOf(mine, owner, all+other-7)
		a.Lamports = sum.Lamports - missing
		return s.after.with(a)
	}

	may := func(into solana.PublicKey) func(*explain.Policy) {
		return also(s.limits, func(p *explain.Policy) {
			p.Stake[merged] = explain.StakePermission{MergeInto: into}
		})
	}

	s.outcomes(t, payer, ixs, 0, []outcomeCase{
		{"as promised", before, left(0), may(mine), nil},
		{"a lamport of the merged account is lost", before, left(1), may(mine),
			explain.ErrSpendLimit},
		{"the whole merged account is lost", before, left(other + stakeRent), may(mine),
			explain.ErrSpendLimit},
		{"it may be merged into another account", before, left(0), may(key(97)),
			explain.ErrSpendLimit},
		{"it may not be merged", before, left(0), s.limits, explain.ErrAuthorityChange},
	})
}

// TestVerifyOutcome_Others checks SOL that other wallets move among themselves,
// also from addresses with their seeds.
func TestVerifyOutcome_Others(t *testing.T) {
	s := newScene(t)
	theirs, seed := key(97), "theirs"
	ixs := list(
		system.NewTransferInstruction(5, payer, stranger).Build(),
		system.NewTransferWithSeedInstruction(
			3, seed, accounts.TokenProgram, theirs, payer, stranger,
		).Build(),
	)

	before := world{
		owner:    wallet(owner, 50),
		payer:    wallet(payer, 100),
		theirs:   wallet(theirs, 9),
		stranger: wallet(stranger, 1),
	}

	after := before.with(wallet(payer, 95), wallet(theirs, 6), wallet(stranger, 9))
	s.outcomes(t, payer, ixs, 0, []outcomeCase{{"among themselves", before, after, nil, nil}})
}
