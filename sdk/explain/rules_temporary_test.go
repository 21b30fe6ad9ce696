package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// TestVerify_Lifetimes is about temporary accounts.
func TestVerify_Lifetimes(t *testing.T) {
	s := newScene(t)
	open := list(s.create(payer, tokenRent), s.initialize())
	and := func(ixs []solana.Instruction, more ...solana.Instruction) []solana.Instruction {
		return append(ixs[:len(ixs):len(ixs)], more...)
	}
	collect := list(
		pay(payer, s.wrap(), tokenRent),
		s.withdrawSOL(s.wrap(), 5, 40),
		s.allocate(),
		s.initialize(),
	)

	sells := s.sells(5)
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
	s.check(t, []ruleCase{
		{
			"funded before another one allocates it",
			list(pay(owner, key(94), tokenRent), allocatedByThem),
			also(lamports(1<<40),
				func(p *explain.Policy) { p.Vacant = []solana.PublicKey{key(94)} }),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"funded before it is created",
			list(pay(owner, s.wrap(), 5), open[0], open[1], s.closeTo(owner)),
			lamports(1 << 40),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"opened and closed",
			and(open, s.closeTo(owner), pay(owner, payer, tokenRent)),
			nil,
			nil,
			0,
		},
		{"closed to the payer", and(open, s.closeTo(payer)), nil, nil, 0},
		{
			"closed to a stranger",
			and(open, s.closeTo(stranger)),
			lamports(1 << 40),
			explain.ErrClosesAccount,
			3,
		},
		{"closed to itself", and(open, s.closeTo(s.wrap())), nil, explain.ErrClosesAccount, 3},
		{"left open", open, nil, explain.ErrLifetime, 0},
		{"left without an owner", open[:1], nil, explain.ErrLifetime, 0},
		{"initialized only", open[1:], nil, nil, 0},
		{"initialized twice", and(open, open[1], s.closeTo(owner)), nil, explain.ErrLifetime, 3},
		{"created twice", list(open[0], open[0]), nil, explain.ErrLifetime, 2},
		{
			"created again after its end",
			and(open, s.closeTo(owner), open[0]),
			nil,
			explain.ErrLifetime,
			4,
		},
		{
			"closed before it begins",
			list(s.closeTo(payer), open[0], open[1]),
			nil,
			explain.ErrClosesAccount,
			1,
		},
		{"closed without an owner", list(open[0], s.closeTo(owner)), nil, explain.ErrLifetime, 2},
		{"closed to the owner, though it was there before", list(s.closeTo(owner)), nil, nil, 0},
		{"another one's closed by it", list(s.closeAs(key(95), stranger, stranger)), nil, nil, 0},
		{
			"emptied by another one's seed before it begins",
			and(list(collect[0], system.NewTransferWithSeedInstruction(
				1, s.seed, accounts.TokenProgram, s.wrap(), stranger, stranger,
			).Build()), collect[1:]...),
			also(sells, s.vacant),
			explain.ErrAuthorityChange,
			2,
		},
		{
			"closed by another one",
			and(open, s.closeAs(s.wrap(), payer, payer)),
			nil,
			explain.ErrAuthorityChange,
			3,
		},
		{
			"refilled",
			and(open, s.closeTo(owner), pay(owner, s.wrap(), 5)),
			lamports(1 << 40),
			explain.ErrLifetime,
			4,
		},
		{
			"refilled by the payer",
			and(open, s.closeTo(owner), pay(payer, s.wrap(), 5)),
			nil,
			explain.ErrLifetime,
			4,
		},
		{
			"room of another size",
			list(wrongSpace, open[1], s.closeTo(owner)),
			nil,
			explain.ErrAuthorityChange,
			1,
		},
		{"of another program", list(otherProgram), lamports(5), explain.ErrUnrelatedTransfer, 1},
		{"at another address", list(wrongAddress), lamports(5), explain.ErrUnrelatedTransfer, 1},
		{"of another one", list(theirs), nil, nil, 0},
		{"of another one, at the owner's cost", list(forThem), lamports(5),
			explain.ErrUnrelatedTransfer, 1},
		{"over one of the owner's", list(open[0], byThem), nil, explain.ErrUnrelatedTransfer, 2},
		{"of another mint", list(open[0], otherMint, s.closeTo(owner)), nil,
			explain.ErrAuthorityChange, 2},
		{"of another owner", list(open[0], otherOwner), nil, explain.ErrAuthorityChange, 2},
		{
			"a stake account as a token account",
			list(s.createStake(payer), stakeAsToken),
			nil,
			explain.ErrAuthorityChange,
			2,
		},
		{"collected", and(collect, s.closeTo(owner)), also(sells, s.vacant, least(40)), nil, 0},
		{
			"collected, and not known to be vacant",
			and(collect, s.closeTo(owner)),
			sells,
			explain.ErrPolicy,
			3,
		},
		{
			"allocated without money",
			and(collect[2:], s.closeTo(owner)),
			s.vacant,
			explain.ErrLifetime,
			1,
		},
		{
			"allocated twice",
			list(collect[0], collect[2], collect[2]),
			s.vacant,
			explain.ErrLifetime,
			3,
		},
		{
			"allocated later than it is claimed for",
			list(collect[0], smaller, collect[2], collect[3], s.closeTo(owner)),
			s.vacant,
			explain.ErrAuthorityChange,
			2,
		},
		{
			"allocated smaller",
			list(collect[0], smaller, collect[3], s.closeTo(owner)),
			s.vacant,
			explain.ErrAuthorityChange,
			2,
		},
		{
			"allocated for the stake program",
			list(pay(payer, s.part(), 5), stakeSpace),
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
		{"collected and left", collect[:2], also(sells, lamports(1<<40)), explain.ErrWrongRecipient,
			2},
		{
			"collected, and paid before it collects",
			list(collect[1], collect[0], collect[2], collect[3], s.closeTo(owner)),
			also(sells, s.vacant),
			explain.ErrWrongRecipient,
			1,
		},
		{
			"returned out of what was collected",
			list(
				collect[0],
				collect[1],
				s.seededTransfer(payer, tokenRent),
				collect[2],
				collect[3],
				s.tokens(
					s.wrap(),
					s.wrap(),
					owner,
					40,
				),
				s.closeTo(owner),
			),
			also(sells, s.vacant, least(40+tokenRent)),
			nil,
			0,
		},
		{
			"moved to the owner out of what was collected",
			list(collect[0], s.seededTransfer(owner, 7), collect[2], collect[3],
				s.closeTo(owner), pay(owner, payer, tokenRent)),
			s.vacant,
			nil,
			0,
		},
		{
			"moved on after it was allocated",
			list(collect[0], collect[2], s.seededTransfer(owner, 7), collect[3], s.closeTo(owner)),
			s.vacant,
			explain.ErrLifetime,
			3,
		},
	})
}

// TestVerify_Payouts is about what goes to the recipient through temporary
// accounts.
func TestVerify_Payouts(t *testing.T) {
	s := newScene(t)
	sells := s.sells(5)
	open := list(s.create(payer, tokenRent), s.initialize())
	sell := append(open[:2:2], s.unwrap(s.wrap(), 5))
	and := func(ixs []solana.Instruction, more ...solana.Instruction) []solana.Instruction {
		return append(ixs[:len(ixs):len(ixs)], more...)
	}
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

	s.check(t, []ruleCase{
		{
			"to the recipient",
			and(sell, check(40), s.closeTo(s.friend)),
			also(sells, s.toFriend, least(40+tokenRent)),
			nil,
			0,
		},
		{
			"less to the recipient",
			and(sell, check(40), s.closeTo(s.friend)),
			also(sells, s.toFriend, least(41+tokenRent)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"without a check",
			and(sell, s.closeTo(s.friend)),
			also(sells, s.toFriend, least(tokenRent+1)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{"to the payer", and(sell, check(40), s.closeTo(payer)), sells, explain.ErrClosesAccount,
			5},
		{"an account that was there", list(closing(native, owner)), nil, nil, 0},
		{
			"an account that was there, to the payer",
			list(closing(native, payer)),
			lamports(1 << 40),
			explain.ErrClosesAccount,
			1,
		},
		{
			"an account that was there, to the recipient",
			list(closing(native, s.friend)),
			also(lamports(1<<40), s.toFriend),
			explain.ErrClosesAccount,
			1,
		},
		{
			"an account that is not known, to the payer",
			list(closing(key(95), payer)),
			lamports(1 << 40),
			explain.ErrClosesAccount,
			1,
		},
		{
			"to the payer through a second account",
			and(append(second[:2:2], sell...), s.closeTo(purse.wrap()), purse.closeTo(payer)),
			sells,
			explain.ErrClosesAccount,
			6,
		},
		{
			"proceeds that are counted out to the payer",
			and(append(second[:2:2], sell...), out, s.closeTo(owner), purse.closeTo(payer),
				pay(owner, payer, tokenRent)),
			sells,
			explain.ErrSpendLimit,
			0,
		},
		{
			"proceeds that are counted out to the payer, and allowed",
			and(append(second[:2:2], sell...), out, s.closeTo(owner),
				purse.closeTo(payer), pay(owner, payer, tokenRent)),
			also(sells, lamports(7)),
			nil,
			0,
		},
		{
			"proceeds that are counted out, with the rest to the recipient",
			and(
				append(second[:2:2], sell...),
				s.tokens(
					s.wrap(),
					purse.wrap(),
					owner,
					tokenRent+7,
				),
				s.closeTo(s.friend),
				purse.closeTo(payer),
			),
			also(sells, s.toFriend),
			explain.ErrSpendLimit,
			0,
		},
		{"the same, and allowed", and(
			append(second[:2:2], sell...),
			s.tokens(
				s.wrap(),
				purse.wrap(),
				owner,
				tokenRent+7,
			),
			s.closeTo(s.friend),
			purse.closeTo(payer),
		),
			also(sells, s.toFriend, lamports(7)), nil, 0},
		{
			"rent of both to the payer",
			and(
				append(second[:2:2], sell...),
				s.tokens(s.wrap(), purse.wrap(), owner, tokenRent),
				check(40),
				s.closeTo(
					s.friend,
				),
				purse.closeTo(payer),
			),
			also(sells, s.toFriend, least(40+tokenRent)),
			nil,
			0,
		},
		{
			"what a program paid by a stranger's hand",
			and(open, s.tokens(key(95), s.wrap(), stranger, 5), s.closeTo(payer)),
			nil,
			explain.ErrClosesAccount,
			4,
		},
		{
			"wrapped SOL by another's hand",
			and(open, s.tokens(s.wrap(), key(95), stranger, 5), s.closeTo(owner)),
			nil,
			explain.ErrAuthorityChange,
			3,
		},
		{
			"wrapped SOL to a stranger",
			and(open, s.tokens(s.wrap(), key(95), owner, 5), s.closeTo(owner)),
			lamports(9),
			explain.ErrUnrelatedTransfer,
			3,
		},
		{
			"wrapped SOL of an account that is not known",
			list(s.tokens(key(95), native, owner, 5)),
			nil,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"wrapped SOL to the account of the owner's",
			list(s.create(owner, tokenRent+5), s.initialize(),
				s.tokens(s.wrap(), native, owner, 5), s.closeTo(owner)),
			nil,
			nil,
			0,
		},
		{
			"wrapped SOL out of the account of the owner's",
			list(
				s.create(payer, tokenRent),
				s.initialize(),
				s.tokens(
					native,
					s.wrap(),
					owner,
					5,
				),
				s.closeTo(payer),
			),
			lamports(4),
			explain.ErrSpendLimit,
			0,
		},
		{
			"tokens of another mint",
			list(s.tokens(s.ata(owner, s.pool.Mint), native, owner, 5)),
			sells,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"wrapped SOL into an account of the pool's token",
			and(open, s.tokens(s.wrap(), s.ata(owner, s.pool.Mint), owner, 5),
				s.closeTo(owner)),
			sells,
			explain.ErrUnrelatedTransfer,
			3,
		},
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
		{"a check without rent", and(sell, check(40), s.closeTo(s.friend)),
			also(
				sells,
				s.toFriend,
				least(40),
				func(p *explain.Policy) { p.TokenAccountRent = 0 },
			), nil, 0},
		{
			"a check that is lower than what is known",
			list(s.create(owner, tokenRent+50), s.initialize(), check(40), s.closeTo(payer)),
			lamports(tokenRent + 49),
			explain.ErrSpendLimit,
			0,
		},
		{"a spent account to the payer", and(
			list(s.create(owner, tokenRent+50), s.initialize()),
			s.stakeInto(
				s.wrap(),
				s.ata(owner, s.pool.Mint),
				50,
			),
			s.closeTo(payer),
		), lamports(1 << 40), explain.ErrClosesAccount, 4},
		{"a spent account to the owner", and(
			list(s.create(owner, tokenRent+50), s.initialize()),
			s.stakeInto(
				s.wrap(),
				s.ata(owner, s.pool.Mint),
				50,
			),
			s.closeTo(owner),
		), lamports(50), nil, 0},
		{"a spent account of more", and(
			list(s.create(owner, tokenRent+50), s.initialize()),
			s.stakeInto(
				s.wrap(),
				s.ata(owner, s.pool.Mint),
				51,
			),
			s.closeTo(owner),
		), lamports(50), explain.ErrSpendLimit, 0},
		{
			"spent before it is open",
			and(list(s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 50))),
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
			list(s.stakeInto(native, s.ata(owner, s.pool.Mint), 50)),
			lamports(50),
			nil,
			0,
		},
		{"tokens taken out of wrapped SOL", and(open, s.build(instructions.StakePoolWithdrawSOL{
			Pool: s.pool, Authority: owner, Source: s.wrap(), Destination: owner, PoolTokens: 5,
		}), s.closeTo(owner)), sells, explain.ErrLifetime, 3},
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
			sells,
			explain.ErrWrongRecipient,
			2,
		},
	})
}
