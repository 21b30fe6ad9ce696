package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// TestVerifyOutcome_Stake looks at stake accounts.
func TestVerifyOutcome_Stake(t *testing.T) {
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
	s.outcomes(t, payer, ixs, 0, []outcomeCase{
		{"as promised", before, after, limits, nil},
		{"more stake", before, after.with(stakeOf(mine, owner, all-8)), limits,
			explain.ErrSpendLimit},
		{
			"less stake arrives",
			before,
			after.with(stakeOf(s.part(), owner, 6)),
			limits,
			explain.ErrMinimumNotEnforced,
		},
		{
			"what is not staked is no stake",
			before,
			part(func(a *accounts.StakeAccount) { a.State = accounts.StakeInitialized }),
			also(limits, func(p *explain.Policy) { p.MinStake, p.MaxRent = 1, stakeRent+7 }),
			explain.ErrMinimumNotEnforced,
		},
		{
			"what is not staked is rent",
			before,
			part(func(a *accounts.StakeAccount) { a.State = accounts.StakeInitialized }),
			also(limits, func(p *explain.Policy) { p.MinStake, p.MaxRent = 0, stakeRent+6 }),
			explain.ErrSpendLimit,
		},
		{
			"less rent arrives",
			before,
			after.with(wallet(owner, has-stakeRent-1)),
			limits,
			explain.ErrSpendLimit,
		},
		{
			"less rent is allowed",
			before,
			after,
			also(limits, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
		},
		{
			"no account is allowed",
			before,
			after,
			also(limits, func(p *explain.Policy) { p.MaxNewAccounts-- }),
			explain.ErrFormNotAllowed,
		},
		{"another one is the staker", before, part(staker(stranger)), limits,
			explain.ErrAuthorityChange},
		{
			"another one is the withdrawer",
			before,
			part(withdrawer(stranger)),
			limits,
			explain.ErrSpendLimit,
		},
		{"it is locked", before, part(locked), limits, explain.ErrAuthorityChange},
		{"it is deactivated", before, part(ended), limits, explain.ErrAuthorityChange},
		{
			"it is deactivated, and may be",
			before,
			part(ended),
			also(limits, func(p *explain.Policy) { p.DeactivateReceived = true }),
			nil,
		},
		{
			"it is the recipient's",
			before,
			part(staker(s.friend), withdrawer(s.friend)),
			toFriend,
			nil,
		},
		{
			"it is the recipient's by half",
			before,
			part(withdrawer(s.friend)),
			toFriend,
			explain.ErrAuthorityChange,
		},
		{
			"it is the owner's in place of the recipient",
			before,
			after,
			also(toFriend, func(p *explain.Policy) { p.MaxNewAccounts, p.MaxRent = 1, stakeRent }),
			explain.ErrMinimumNotEnforced,
		},
		{"it is left without authorities", before, after.with(accounts.Account{
			Address:  s.part(),
			Owner:    accounts.StakeProgram,
			Lamports: stakeRent,
			Data:     make([]byte, accounts.StakeAccountSpace),
		}), may(7, none), explain.ErrLifetime},
		{"another staker of the rest", before, rest(staker(stranger)), limits,
			explain.ErrAuthorityChange},
		{"another staker of the rest, and it may be", before, rest(staker(stranger)),
			also(limits, may(7, explain.StakePermission{Staker: stranger})), nil},
		{
			"another withdrawer of the rest",
			before,
			rest(withdrawer(stranger)),
			limits,
			explain.ErrAuthorityChange,
		},
		{"another withdrawer of the rest, and it may be", before, rest(withdrawer(stranger)),
			also(limits, may(7, explain.StakePermission{Withdrawer: stranger})), nil},
		{"another vote account", before, rest(voter), limits, explain.ErrAuthorityChange},
		{
			"another vote account, and it may be",
			before,
			rest(voter),
			also(limits, may(7, explain.StakePermission{Delegate: key(61)})),
			nil,
		},
		{"the rest is deactivated", before, rest(ended), limits, explain.ErrAuthorityChange},
		{
			"the rest is deactivated, and may be",
			before,
			rest(ended),
			also(limits, may(7, explain.StakePermission{Deactivate: true})),
			nil,
		},
		{
			"the rest is delegated anew, and may be",
			before.with(stakeOf(mine, owner, all, ended)),
			after,
			also(limits, may(7, explain.StakePermission{Delegate: key(60)})),
			nil,
		},
		{"the rest is locked", before, rest(locked), limits, explain.ErrAuthorityChange},
		{
			"the whole is given away",
			before,
			after.without(mine),
			also(limits, may(^uint64(0), none)),
			nil,
		},
		{
			"the whole becomes another one's",
			before,
			rest(staker(stranger), withdrawer(stranger)),
			also(limits, may(^uint64(0), none)),
			nil,
		},
		{
			"the whole is given away, and may not be",
			before,
			after.without(mine),
			limits,
			explain.ErrSpendLimit,
		},
		{"another stake account", unlisted, stays(stakeOf(key(98), owner, 50)), limits, nil},
		{
			"another stake account is drawn on",
			unlisted,
			stays(stakeOf(key(98), owner, 49)),
			limits,
			explain.ErrAuthorityChange,
		},
		{
			"another stake account is deactivated",
			unlisted,
			stays(stakeOf(key(98), owner, 50, ended)),
			limits,
			explain.ErrAuthorityChange,
		},
		{"another stake account is gone", unlisted, after, limits, explain.ErrAuthorityChange},
		{
			"a withdrawer without a key",
			before,
			rest(withdrawer(solana.PublicKey{})),
			limits,
			explain.ErrAuthorityChange,
		},
		{
			"a staker without a key",
			before,
			rest(staker(solana.PublicKey{})),
			limits,
			explain.ErrAuthorityChange,
		},
		{
			"the rest is deactivated where it may be delegated",
			before,
			rest(ended),
			also(limits, may(7, explain.StakePermission{Delegate: key(60)})),
			explain.ErrAuthorityChange,
		},
		{
			"the rest is delegated anew where it may be deactivated",
			before.with(stakeOf(mine, owner, all, ended)),
			after,
			also(limits, may(7, explain.StakePermission{Deactivate: true})),
			explain.ErrAuthorityChange,
		},
		{
			"all of it is withdrawn, and may be",
			before,
			after.without(mine),
			also(limits, may(all+stakeRent, none)),
			nil,
		},
		{
			"all of it is withdrawn, and the account shown without lamports",
			before,
			after.with(accounts.Account{
				Address: mine,
				Owner:   accounts.StakeProgram,
				Data:    make([]byte, accounts.StakeAccountSpace),
			}),
			also(limits, may(all+stakeRent, none)),
			nil,
		},
		{
			"it becomes another program's account",
			unlisted,
			stays(wallet(key(98), 50+stakeRent)),
			limits,
			explain.ErrAuthorityChange,
		},
		{
			"the recipient's was there before",
			before.with(stakeOf(key(98), s.friend, 7)),
			after.with(stakeOf(key(98), s.friend, 7)).without(s.part()),
			toFriend,
			explain.ErrMinimumNotEnforced,
		},
		{
			"the recipient's comes instead, undelegated",
			before,
			part(staker(s.friend), withdrawer(s.friend), func(a *accounts.StakeAccount) {
				a.State = accounts.StakeInitialized
			}),
			also(toFriend, func(p *explain.Policy) { p.MinStake = 0 }),
			nil,
		},
		{
			"another stake account of a stranger's",
			before.with(stakeOf(key(98), stranger, 50)),
			stays(stakeOf(key(98), stranger, 9)),
			limits,
			nil,
		},
	})
}

// TestVerifyOutcome_Others looks at SOL that others move among themselves, also
// out of addresses by seeds of theirs.
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
