package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// lifetimeRules holds what the tests of lifetimes share.
type lifetimeRules struct {
	*scene
	open            []solana.Instruction
	collect         []solana.Instruction
	wrongSpace      *system.Instruction
	otherProgram    *system.Instruction
	wrongAddress    *system.Instruction
	theirs          *system.Instruction
	forThem         *system.Instruction
	byThem          *system.Instruction
	stakeSpace      *system.Instruction
	smaller         *system.Instruction
	otherMint       solana.Instruction
	otherOwner      solana.Instruction
	stakeAsToken    solana.Instruction
	allocatedByThem *system.Instruction
}

func newLifetimeRules(t *testing.T) *lifetimeRules {
	t.Helper()

	s := newScene(t)
	open := list(s.create(payer, tokenRent), s.initialize())

	collect := list(
		pay(payer, s.wrap(), tokenRent),
		s.withdrawSOL(s.wrap(), 5, 40),
		s.allocate(),
		s.initialize(),
	)

	wrongSpace := system.NewCreateAccountWithSeedInstruction(owner, s.seed, tokenRent, 82,
		accounts.TokenProgram, payer, s.wrap(),
		owner).
		Build()

	otherProgram := system.NewCreateAccountWithSeedInstruction(owner, s.seed, 5, 0, stranger, owner,
		key(94), owner).
		Build()
	wrongAddress := system.NewCreateAccountWithSeedInstruction(owner, s.seed, 5, 165,
		accounts.TokenProgram, owner, key(94), owner).
		Build()
	theirs := system.NewCreateAccountWithSeedInstruction(payer, s.seed, 5, 165,
		accounts.TokenProgram, payer, key(94), payer).
		Build()
	forThem := system.NewCreateAccountWithSeedInstruction(payer, s.seed, 5, 165,
		accounts.TokenProgram, owner, key(94), payer).
		Build()
	byThem := system.NewCreateAccountWithSeedInstruction(payer, s.seed, 5, 165,
		accounts.TokenProgram, payer, s.wrap(), payer).
		Build()
	stakeSpace := system.NewAllocateWithSeedInstruction(owner, s.seed, 200, accounts.StakeProgram,
		s.part(), owner).
		Build()
	smaller := system.NewAllocateWithSeedInstruction(owner, s.seed, 164, accounts.TokenProgram,
		s.wrap(), owner).
		Build()
	otherMint := s.build(instructions.TokenInitializeAccount{
		Program: accounts.TokenProgram, Account: s.wrap(), Mint: s.pool.Mint, Owner: owner,
	})
	otherOwner := s.build(instructions.TokenInitializeAccount{
		Program: accounts.TokenProgram, Account: s.wrap(), Mint: accounts.NativeMint, Owner: payer,
	})
	stakeAsToken := s.build(instructions.TokenInitializeAccount{
		Program: accounts.TokenProgram, Account: s.part(), Mint: accounts.NativeMint, Owner: owner,
	})
	allocatedByThem := system.NewAllocateWithSeedInstruction(payer, s.seed, 165,
		accounts.TokenProgram, key(94), payer).
		Build()

	return &lifetimeRules{
		scene:           s,
		open:            open,
		collect:         collect,
		wrongSpace:      wrongSpace,
		otherProgram:    otherProgram,
		wrongAddress:    wrongAddress,
		theirs:          theirs,
		forThem:         forThem,
		byThem:          byThem,
		stakeSpace:      stakeSpace,
		smaller:         smaller,
		otherMint:       otherMint,
		otherOwner:      otherOwner,
		stakeAsToken:    stakeAsToken,
		allocatedByThem: allocatedByThem,
	}
}

// openings returns cases that open and close a temporary account, in the right
// and the wrong order.
func (s *lifetimeRules) openings() []ruleCase {
	return []ruleCase{
		{
			"funded before another one allocates it",
			list(pay(owner, key(94), tokenRent), s.allocatedByThem),
			also(lamports(1<<40),
				func(p *explain.Policy) { p.Vacant = []solana.PublicKey{key(94)} }),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"funded before it is created",
			list(pay(owner, s.wrap(), 5), s.open[0], s.open[1], s.closeTo(owner)),
			lamports(1 << 40),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"opened and closed",
			join(s.open, s.closeTo(owner), pay(owner, payer, tokenRent)),
			nil,
			nil,
			0,
		},
		{"closed to the payer", join(s.open, s.closeTo(payer)), nil, nil, 0},
		{
			"closed to a stranger",
			join(s.open, s.closeTo(stranger)),
			lamports(1 << 40),
			explain.ErrClosesAccount,
			3,
		},
		{"closed to itself", join(s.open, s.closeTo(s.wrap())), nil, explain.ErrClosesAccount, 3},
		{"left open", s.open, nil, explain.ErrLifetime, 0},
		{"left without an owner", s.open[:1], nil, explain.ErrLifetime, 0},
		{"initialized only", s.open[1:], nil, nil, 0},
		{"initialized twice", join(s.open, s.open[1], s.closeTo(owner)), nil, explain.ErrLifetime,
			3},
		{"created twice", list(s.open[0], s.open[0]), nil, explain.ErrLifetime, 2},
		{
			"created again after its end",
			join(s.open, s.closeTo(owner), s.open[0]),
			nil,
			explain.ErrLifetime,
			4,
		},
		{
			"closed before it begins",
			list(s.closeTo(payer), s.open[0], s.open[1]),
			nil,
			explain.ErrClosesAccount,
			1,
		},
		{"closed without an owner", list(s.open[0], s.closeTo(owner)), nil, explain.ErrLifetime, 2},
		{"closed to the owner, though it was there before", list(s.closeTo(owner)), nil, nil, 0},
		{"another one's closed by it", list(s.closeAs(key(95), stranger, stranger)), nil, nil, 0},
		{
			"emptied by another one's seed before it begins",
			join(list(s.collect[0], system.NewTransferWithSeedInstruction(
				1, s.seed, accounts.TokenProgram, s.wrap(), stranger, stranger,
			).Build()), s.collect[1:]...),
			also(s.sells(5), s.vacant),
			explain.ErrAuthorityChange,
			2,
		},
		{
			"closed by another one",
			join(s.open, s.closeAs(s.wrap(), payer, payer)),
			nil,
			explain.ErrAuthorityChange,
			3,
		},
	}
}

// creations returns cases that create it with other terms.
func (s *lifetimeRules) creations() []ruleCase {
	return []ruleCase{
		{
			"refilled",
			join(s.open, s.closeTo(owner), pay(owner, s.wrap(), 5)),
			lamports(1 << 40),
			explain.ErrLifetime,
			4,
		},
		{
			"refilled by the payer",
			join(s.open, s.closeTo(owner), pay(payer, s.wrap(), 5)),
			nil,
			explain.ErrLifetime,
			4,
		},
		{
			"room of another size",
			list(s.wrongSpace, s.open[1], s.closeTo(owner)),
			nil,
			explain.ErrAuthorityChange,
			1,
		},
		{"of another program", list(s.otherProgram), lamports(5), explain.ErrUnrelatedTransfer, 1},
		{"at another address", list(s.wrongAddress), lamports(5), explain.ErrUnrelatedTransfer, 1},
		{"of another one", list(s.theirs), nil, nil, 0},
		{"of another one, at the owner's cost", list(s.forThem), lamports(5),
			explain.ErrUnrelatedTransfer, 1},
		{"over one of the owner's", list(s.open[0], s.byThem), nil, explain.ErrUnrelatedTransfer,
			2},
		{"of another mint", list(s.open[0], s.otherMint, s.closeTo(owner)), nil,
			explain.ErrAuthorityChange, 2},
		{"of another owner", list(s.open[0], s.otherOwner), nil, explain.ErrAuthorityChange, 2},
		{
			"a stake account as a token account",
			list(s.createStake(payer), s.stakeAsToken),
			nil,
			explain.ErrAuthorityChange,
			2,
		},
	}
}

// collections returns cases that allocate it after it collected lamports.
func (s *lifetimeRules) collections() []ruleCase {
	return []ruleCase{
		{"collected", join(s.collect, s.closeTo(owner)), also(s.sells(5), s.vacant, least(40)), nil,
			0},
		{
			"collected, and not known to be vacant",
			join(s.collect, s.closeTo(owner)),
			s.sells(5),
			explain.ErrPolicy,
			3,
		},
		{
			"allocated without money",
			join(s.collect[2:], s.closeTo(owner)),
			s.vacant,
			explain.ErrLifetime,
			1,
		},
		{
			"allocated twice",
			list(s.collect[0], s.collect[2], s.collect[2]),
			s.vacant,
			explain.ErrLifetime,
			3,
		},
		{
			"allocated later than it is claimed for",
			list(s.collect[0], s.smaller, s.collect[2], s.collect[3], s.closeTo(owner)),
			s.vacant,
			explain.ErrAuthorityChange,
			2,
		},
		{
			"allocated smaller",
			list(s.collect[0], s.smaller, s.collect[3], s.closeTo(owner)),
			s.vacant,
			explain.ErrAuthorityChange,
			2,
		},
		{
			"allocated for the stake program",
			list(pay(payer, s.part(), 5), s.stakeSpace),
			func(p *explain.Policy) {
				p.Vacant = []solana.PublicKey{s.part()}
			},
			explain.ErrAuthorityChange,
			2,
		},
		{
			"allocated by another one",
			list(system.NewAllocateWithSeedInstruction(stranger, "x", 165, accounts.TokenProgram,
				key(94), stranger).Build()),
			nil,
			nil,
			0,
		},
		{"collected and left", s.collect[:2], also(s.sells(5), lamports(1<<40)),
			explain.ErrWrongRecipient,
			2},
		{
			"collected, and paid before it collects",
			list(s.collect[1], s.collect[0], s.collect[2], s.collect[3], s.closeTo(owner)),
			also(s.sells(5), s.vacant),
			explain.ErrWrongRecipient,
			1,
		},
		{
			"returned out of what was collected",
			list(
				s.collect[0],
				s.collect[1],
				s.seededTransfer(payer, tokenRent),
				s.collect[2],
				s.collect[3],
				s.tokens(s.wrap(), s.wrap(), owner, 40),
				s.closeTo(owner),
			),
			also(s.sells(5), s.vacant, least(40+tokenRent)),
			nil,
			0,
		},
		{
			"moved to the owner out of what was collected",
			list(s.collect[0], s.seededTransfer(owner, 7), s.collect[2], s.collect[3],
				s.closeTo(owner), pay(owner, payer, tokenRent)),
			s.vacant,
			nil,
			0,
		},
		{
			"moved on after it was allocated",
			list(s.collect[0], s.collect[2], s.seededTransfer(owner, 7), s.collect[3],
				s.closeTo(owner)),
			s.vacant,
			explain.ErrLifetime,
			3,
		},
	}
}

// TestVerify_Lifetimes checks the lifetimes of temporary accounts.
func TestVerify_Lifetimes(t *testing.T) {
	s := newLifetimeRules(t)
	s.check(t, s.openings())
	s.check(t, s.creations())
	s.check(t, s.collections())
}

// payoutRules holds what the tests of payouts share.
type payoutRules struct {
	*scene
	open    []solana.Instruction
	sold    []solana.Instruction
	holds   func(amount uint64) solana.Instruction
	purse   *scene
	second  []solana.Instruction
	out     solana.Instruction
	native  solana.PublicKey
	closing func(account, to solana.PublicKey) solana.Instruction
}

func newPayoutRules(t *testing.T) *payoutRules {
	t.Helper()

	s := newScene(t)

	open := list(s.create(payer, tokenRent), s.initialize())
	sell := append(open[:2:2], s.unwrap(s.wrap(), 5))

	check := func(amount uint64) solana.Instruction {
		return s.tokens(s.wrap(), s.wrap(), owner, amount)
	}
	purse := newScene(t)
	purse.seed = "purse"
	second := list(purse.create(payer, tokenRent), purse.initialize())
	out := s.tokens(s.wrap(), purse.wrap(), owner, 7)
	native := s.ata(owner, accounts.NativeMint)
	closing := func(account, to solana.PublicKey) solana.Instruction {
		return s.build(instructions.TokenCloseAccount{
			Program:     accounts.TokenProgram,
			Account:     account,
			Destination: to,
			Owner:       owner,
		})
	}

	return &payoutRules{
		scene:   s,
		open:    open,
		sold:    sell,
		holds:   check,
		purse:   purse,
		second:  second,
		out:     out,
		native:  native,
		closing: closing,
	}
}

// closings returns cases that close an account to different wallets.
func (s *payoutRules) closings() []ruleCase {
	return []ruleCase{
		{
			"to the recipient",
			join(s.sold, s.holds(40), s.closeTo(s.friend)),
			also(s.sells(5), s.toFriend, least(40+tokenRent)),
			nil,
			0,
		},
		{
			"less to the recipient",
			join(s.sold, s.holds(40), s.closeTo(s.friend)),
			also(s.sells(5), s.toFriend, least(41+tokenRent)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"without a check",
			join(s.sold, s.closeTo(s.friend)),
			also(s.sells(5), s.toFriend, least(tokenRent+1)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{"to the payer", join(s.sold, s.holds(40), s.closeTo(payer)), s.sells(5),
			explain.ErrClosesAccount,
			5},
		{"an account that was there", list(s.closing(s.native, owner)), nil, nil, 0},
		{
			"an account that was there, to the payer",
			list(s.closing(s.native, payer)),
			lamports(1 << 40),
			explain.ErrClosesAccount,
			1,
		},
		{
			"an account that was there, to the recipient",
			list(s.closing(s.native, s.friend)),
			also(lamports(1<<40), s.toFriend),
			explain.ErrClosesAccount,
			1,
		},
		{
			"an account that is not known, to the payer",
			list(s.closing(key(95), payer)),
			lamports(1 << 40),
			explain.ErrClosesAccount,
			1,
		},
	}
}

// secondAccounts returns cases that move wrapped SOL to a second temporary
// account first.
func (s *payoutRules) secondAccounts() []ruleCase {
	return []ruleCase{
		{
			"to the payer through a second account",
			join(append(s.second[:2:2], s.sold...), s.closeTo(s.purse.wrap()),
				s.purse.closeTo(payer)),
			s.sells(5),
			explain.ErrClosesAccount,
			6,
		},
		{
			"proceeds that are counted out to the payer",
			join(append(s.second[:2:2], s.sold...), s.out, s.closeTo(owner), s.purse.closeTo(payer),
				pay(owner, payer, tokenRent)),
			s.sells(5),
			explain.ErrSpendLimit,
			0,
		},
		{
			"proceeds that are counted out to the payer, and allowed",
			join(append(s.second[:2:2], s.sold...), s.out, s.closeTo(owner),
				s.purse.closeTo(payer), pay(owner, payer, tokenRent)),
			also(s.sells(5), lamports(7)),
			nil,
			0,
		},
		{
			"proceeds that are counted out, with the rest to the recipient",
			join(
				append(s.second[:2:2], s.sold...),
				s.tokens(s.wrap(), s.purse.wrap(), owner, tokenRent+7),
				s.closeTo(s.friend),
				s.purse.closeTo(payer),
			),
			also(s.sells(5), s.toFriend),
			explain.ErrSpendLimit,
			0,
		},
		{"the same, and allowed", join(
			append(s.second[:2:2], s.sold...),
			s.tokens(s.wrap(), s.purse.wrap(), owner, tokenRent+7),
			s.closeTo(s.friend),
			s.purse.closeTo(payer),
		),
			also(s.sells(5), s.toFriend, lamports(7)), nil, 0},
		{
			"rent of both to the payer",
			join(
				append(s.second[:2:2], s.sold...),
				s.tokens(s.wrap(), s.purse.wrap(), owner, tokenRent),
				s.holds(40),
				s.closeTo(s.friend),
				s.purse.closeTo(payer),
			),
			also(s.sells(5), s.toFriend, least(40+tokenRent)),
			nil,
			0,
		},
	}
}

// wrappedTransfers returns cases that transfer wrapped SOL and other tokens.
func (s *payoutRules) wrappedTransfers() []ruleCase {
	return []ruleCase{
		{
			"what a program paid by a stranger's hand",
			join(s.open, s.tokens(key(95), s.wrap(), stranger, 5), s.closeTo(payer)),
			nil,
			explain.ErrClosesAccount,
			4,
		},
		{
			"wrapped SOL by another's hand",
			join(s.open, s.tokens(s.wrap(), key(95), stranger, 5), s.closeTo(owner)),
			nil,
			explain.ErrAuthorityChange,
			3,
		},
		{
			"wrapped SOL to a stranger",
			join(s.open, s.tokens(s.wrap(), key(95), owner, 5), s.closeTo(owner)),
			lamports(9),
			explain.ErrUnrelatedTransfer,
			3,
		},
		{
			"wrapped SOL of an account that is not known",
			list(s.tokens(key(95), s.native, owner, 5)),
			nil,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"wrapped SOL to the account of the owner's",
			list(s.create(owner, tokenRent+5), s.initialize(),
				s.tokens(s.wrap(), s.native, owner, 5), s.closeTo(owner)),
			nil,
			nil,
			0,
		},
		{
			"wrapped SOL out of the account of the owner's",
			list(
				s.create(payer, tokenRent),
				s.initialize(),
				s.tokens(s.native, s.wrap(), owner, 5),
				s.closeTo(payer),
			),
			lamports(4),
			explain.ErrSpendLimit,
			0,
		},
		{
			"tokens of another mint",
			list(s.tokens(s.ata(owner, s.pool.Mint), s.native, owner, 5)),
			s.sells(5),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"wrapped SOL into an account of the pool's token",
			join(s.open, s.tokens(s.wrap(), s.ata(owner, s.pool.Mint), owner, 5), s.closeTo(owner)),
			s.sells(5),
			explain.ErrUnrelatedTransfer,
			3,
		},
	}
}

// lending returns cases that involve a recipient who lends, and checks of a
// balance.
func (s *payoutRules) lending() []ruleCase {
	return []ruleCase{
		{
			"a recipient who lends",
			list(s.create(s.friend, tokenRent), s.initialize(), s.closeTo(s.friend)),
			also(s.toFriend, least(1)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"a recipient who lends and gets it back",
			list(s.create(s.friend, tokenRent), s.initialize(), s.closeTo(s.friend)),
			s.toFriend,
			nil,
			0,
		},
		{"a check without rent", join(s.sold, s.holds(40), s.closeTo(s.friend)),
			also(
				s.sells(5),
				s.toFriend,
				least(40),
				func(p *explain.Policy) { p.TokenAccountRent = 0 },
			), nil, 0},
		{
			"a check that is lower than what is known",
			list(s.create(owner, tokenRent+50), s.initialize(), s.holds(40), s.closeTo(payer)),
			lamports(tokenRent + 49),
			explain.ErrSpendLimit,
			0,
		},
	}
}

// spending returns cases that spend what a temporary account holds.
func (s *payoutRules) spending() []ruleCase {
	return []ruleCase{
		{"a spent account to the payer", join(
			list(s.create(owner, tokenRent+50), s.initialize()),
			s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 50),
			s.closeTo(payer),
		), lamports(1 << 40), explain.ErrClosesAccount, 4},
		{"a spent account to the owner", join(
			list(s.create(owner, tokenRent+50), s.initialize()),
			s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 50),
			s.closeTo(owner),
		), lamports(50), nil, 0},
		{"a spent account of more", join(
			list(s.create(owner, tokenRent+50), s.initialize()),
			s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 51),
			s.closeTo(owner),
		), lamports(50), explain.ErrSpendLimit, 0},
		{
			"spent before it is open",
			join(list(s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 50))),
			lamports(50),
			nil,
			0,
		},
		{
			"spent without an owner",
			list(
				s.create(owner, tokenRent+50),
				s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 50),
			),
			lamports(1 << 40),
			explain.ErrLifetime,
			2,
		},
		{
			"spent out of the owner's account",
			list(s.stakeInto(s.native, s.ata(owner, s.pool.Mint), 50)),
			lamports(50),
			nil,
			0,
		},
		{"tokens taken out of wrapped SOL", join(s.open, s.build(instructions.StakePoolWithdrawSOL{
			Pool: s.pool, Authority: owner, Source: s.wrap(), Destination: owner, PoolTokens: 5,
		}), s.closeTo(owner)), s.sells(5), explain.ErrLifetime, 3},
		{
			"wrapped SOL taken out of tokens",
			list(s.stakeInto(s.ata(owner, s.pool.Mint), s.ata(owner, s.pool.Mint), 50)),
			lamports(50),
			explain.ErrLifetime,
			1,
		},
		{
			"paid into an account without an owner",
			list(s.create(payer, tokenRent), s.unwrap(s.wrap(), 5), s.initialize(),
				s.closeTo(owner)),
			s.sells(5),
			explain.ErrWrongRecipient,
			2,
		},
	}
}

// TestVerify_Payouts checks payments to the recipient through temporary
// accounts.
func TestVerify_Payouts(t *testing.T) {
	s := newPayoutRules(t)
	s.check(t, s.closings())
	s.check(t, s.secondAccounts())
	s.check(t, s.wrappedTransfers())
	s.check(t, s.lending())
	s.check(t, s.spending())
}
