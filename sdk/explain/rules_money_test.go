package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// transferRules holds what the tests of transfers share.
type transferRules struct {
	*scene
	tips     func(p *explain.Policy)
	native   solana.PublicKey
	newStake solana.PublicKey
	lido     solana.Instruction
}

func newTransferRules(t *testing.T) *transferRules {
	t.Helper()

	s := newScene(t)
	tips := func(p *explain.Policy) { p.Transfers = map[solana.PublicKey]uint64{stranger: 5} }
	native := s.ata(owner, accounts.NativeMint)
	newStake := key(80)
	lido := s.build(instructions.LidoWithdraw{
		Lido: instructions.Lido{
			Program:        accounts.LidoProgram,
			State:          key(81),
			Reserve:        key(82),
			StSOLMint:      s.pool.Mint,
			ValidatorList:  key(83),
			StakeAuthority: key(84),
		},
		Owner:       owner,
		Source:      s.ata(owner, s.pool.Mint),
		Vote:        key(85),
		Split:       key(86),
		Destination: newStake,
		StSOL:       5,
	})

	return &transferRules{
		scene:    s,
		tips:     tips,
		native:   native,
		newStake: newStake,
		lido:     lido,
	}
}

// wallets returns cases that transfer SOL between wallets, and tokens.
func (s *transferRules) wallets() []ruleCase {
	return []ruleCase{
		{"to the owner", list(pay(owner, owner, 5)), nil, nil, 0},
		{"to a stranger", list(pay(owner, stranger, 5)), lamports(5), explain.ErrUnrelatedTransfer,
			1},
		{
			"to the recipient",
			list(pay(owner, s.friend, 5)),
			also(lamports(5), s.toFriend),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"to the payer", list(pay(owner, payer, 5)), lamports(5), nil, 0},
		{"too much to the payer", list(pay(owner, payer, 6)), lamports(5), explain.ErrSpendLimit,
			0},
		{"a tip", list(pay(owner, stranger, 5)), s.tips, nil, 0},
		{"a tip of too much", list(pay(owner, stranger, 6)), s.tips, explain.ErrSpendLimit, 0},
		{
			"two tips of too much",
			list(pay(owner, stranger, 3), pay(owner, stranger, 3)),
			s.tips,
			explain.ErrSpendLimit,
			0,
		},
		{
			"tokens to a stranger",
			list(s.tokens(s.ata(owner, s.pool.Mint), key(95), owner, 5)),
			s.sells(5),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"tokens to the recipient",
			list(s.tokens(s.ata(owner, s.pool.Mint), s.ata(s.friend, s.pool.Mint), owner, 5)),
			also(s.sells(5), s.toFriend),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"wrapped SOL to a stranger",
			list(s.tokens(s.native, key(95), owner, 5)),
			lamports(5),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"wrapped SOL of a stranger's",
			list(s.tokens(key(95), s.native, owner, 5)),
			lamports(5),
			explain.ErrUnrelatedTransfer,
			1,
		},
	}
}

// gifts returns cases that come from another wallet, or go to other accounts of
// the owner.
func (s *transferRules) gifts() []ruleCase {
	return []ruleCase{
		{"a tip to another one", list(pay(owner, key(91), 1)), s.tips, explain.ErrUnrelatedTransfer,
			1},
		{
			"a tip out of a temporary account",
			list(
				pay(payer, s.wrap(), tokenRent),
				s.seededTransfer(stranger, 5),
				s.allocate(),
				s.initialize(),
				s.closeTo(owner),
			),
			also(s.tips, s.vacant), explain.ErrUnrelatedTransfer, 2,
		},
		{"others among themselves", list(pay(stranger, payer, 5)), nil, nil, 0},
		{"a gift counts", list(pay(payer, owner, 5)), least(5), nil, 0},
		{"a gift is not more", list(pay(payer, owner, 5)), least(6), explain.ErrMinimumNotEnforced,
			0},
		{
			"a gift offsets what leaves",
			list(pay(payer, owner, 5), pay(owner, payer, 5)),
			nil,
			nil,
			0,
		},
		{"into the account of wrapped SOL", list(pay(owner, s.native, 5)), nil, nil, 0},
		{
			"into the address of an account that cannot be",
			list(pay(owner, s.ata2022(owner, accounts.NativeMint), 5)),
			lamports(9),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"a gift into the account of wrapped SOL", list(pay(payer, s.native, 5)), least(5), nil, 0},
		{
			"into a token account",
			list(pay(owner, s.ata(owner, s.pool.Mint), 5)),
			lamports(9),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"a gift into a token account",
			list(pay(payer, s.ata(owner, s.pool.Mint), 5)),
			nil,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"into a token account of another mint",
			list(pay(owner, s.ata(owner, key(92)), 5)),
			lamports(9),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"into a stake account", list(pay(owner, mine, 5)),
			func(p *explain.Policy) { p.MaxStake = map[solana.PublicKey]uint64{mine: 5} },
			explain.ErrUnrelatedTransfer, 1,
		},
		{
			"rent that a stake account lacks", list(pay(owner, mine, 5)),
			func(p *explain.Policy) {
				p.MaxStake = map[solana.PublicKey]uint64{mine: 5}
				p.Transfers = map[solana.PublicKey]uint64{mine: 5}
			}, nil, 0,
		},
		{
			"more than a stake account lacks", list(pay(owner, mine, 6)),
			func(p *explain.Policy) {
				p.MaxStake = map[solana.PublicKey]uint64{mine: 5}
				p.Transfers = map[solana.PublicKey]uint64{mine: 5}
			}, explain.ErrSpendLimit, 0,
		},
	}
}

// seededTransfers returns cases that go to or from an account at a seed.
func (s *transferRules) seededTransfers() []ruleCase {
	return []ruleCase{
		{
			"out of an address by its seed",
			list(s.seededTransfer(owner, 5)),
			nil,
			explain.ErrLifetime,
			1,
		},
		{
			"out of an address by another's seed",
			list(system.NewTransferWithSeedInstruction(5, "x", accounts.TokenProgram, key(93),
				stranger, payer).Build()),
			nil,
			nil,
			0,
		},
		{
			"to a new stake account",
			list(pay(owner, s.newStake, 5), s.lido),
			also(s.sells(5), func(p *explain.Policy) {
				p.MaxNewAccounts, p.MaxRent = 1, 5
			}),
			nil,
			0,
		},
		{
			"to a new stake account, after it began", list(s.lido, pay(owner, s.newStake, 5)),
			also(s.sells(5), lamports(5)),
			explain.ErrUnrelatedTransfer, 2,
		},
		{
			"out of a new stake account before it begins",
			list(pay(owner, s.newStake, 5), pay(s.newStake, stranger, 5), s.lido),
			also(s.sells(5), lamports(5)), explain.ErrAuthorityChange, 2,
		},
		{
			"to a stake account that never begins",
			list(pay(owner, s.newStake, 5)),
			lamports(9),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"to an address that is allocated later", list(
			pay(owner, s.wrap(), tokenRent), s.allocate(), s.initialize(), s.closeTo(owner),
		), s.vacant, nil, 0},
		{"to an address that was allocated", list(
			pay(payer, s.wrap(), tokenRent),
			s.allocate(),
			pay(owner, s.wrap(), 5),
			s.initialize(),
			s.closeTo(owner),
		), s.vacant, nil, 0},
		{
			"into a stake account that is allocated",
			list(s.createStake(payer), pay(owner, s.part(), 5)),
			lamports(9),
			explain.ErrUnrelatedTransfer,
			2,
		},
	}
}

// fees returns cases that transfer the fee of an integrator in tokens. The fee
// counts towards what leaves and against what arrives.
func (s *transferRules) fees() []ruleCase {
	const most = 5
	to := key(95)
	own := s.ata(owner, s.pool.Mint)
	permits := func(p *explain.Policy) {
		p.TokenTransfers = map[solana.PublicKey]uint64{to: most}
	}
	checked := func(mint solana.PublicKey) solana.Instruction {
		return s.build(instructions.TokenTransferChecked{
			Program: accounts.TokenProgram, Source: own, Mint: mint, Destination: to, Owner: owner,
			Amount: most, Decimals: 9,
		})
	}

	return []ruleCase{
		{"a fee", list(s.tokens(own, to, owner, 5)), also(s.sells(5), permits), nil, 0},
		{"a fee with its mint", list(checked(s.pool.Mint)), also(s.sells(5), permits), nil, 0},
		{"a fee of another mint", list(checked(key(62))), also(s.sells(5), permits),
			explain.ErrUnrelatedTransfer, 1},
		{"a fee beyond the spend limit", list(s.tokens(own, to, owner, 5)),
			also(s.sells(4), permits), explain.ErrSpendLimit, 0},
		{"two fees of too much",
			list(s.tokens(own, to, owner, 3), s.tokens(own, to, owner, 3)),
			also(s.sells(9), permits), explain.ErrSpendLimit, 2},
		{"a fee to another account", list(s.tokens(own, key(96), owner, 5)),
			also(s.sells(5), permits), explain.ErrUnrelatedTransfer, 1},
		{"a fee out of an unknown account", list(s.tokens(key(97), to, owner, 5)),
			also(s.sells(5), permits), explain.ErrUnrelatedTransfer, 1},
		{"a fee in wrapped SOL", list(s.tokens(s.native, to, owner, 5)),
			also(lamports(5), permits), nil, 0},
		{"a fee in wrapped SOL beyond the limit", list(s.tokens(s.native, to, owner, 5)),
			also(lamports(4), permits), explain.ErrSpendLimit, 0},
	}
}

// TestVerify_Transfers checks plain transfers of SOL and the fees of
// integrators.
func TestVerify_Transfers(t *testing.T) {
	s := newTransferRules(t)
	s.check(t, s.wallets())
	s.check(t, s.gifts())
	s.check(t, s.fees())
	s.check(t, s.seededTransfers())
}

// TestVerify_OwnAccounts checks moves of tokens between accounts of the owner.
// What was moved is no outcome, and offsets nothing that leaves.
func TestVerify_OwnAccounts(t *testing.T) {
	s := newTransferRules(t)
	other, own := key(97), s.ata(owner, s.pool.Mint)
	move, check := s.tokens(other, own, owner, 5), s.tokens(own, own, owner, 5)
	named := func(p *explain.Policy) {
		p.OwnAccounts = []solana.PublicKey{other}
		p.PreBalances = map[solana.PublicKey]uint64{s.pool.Mint: 0}
	}

	wanted := func(p *explain.Policy) {
		p.MinTokens = map[solana.PublicKey]uint64{s.pool.Mint: 5}
	}

	s.check(t, []ruleCase{
		{"a move", list(move), named, nil, 0},
		{"a move and a close", list(move, s.closeAs(other, owner, owner)), named, nil, 0},
		{"an account that is not named", list(move), s.sells(5), explain.ErrUnrelatedTransfer, 1},
		{"to another account", list(s.tokens(other, key(96), owner, 5)), named,
			explain.ErrUnrelatedTransfer, 1},
		{"to a friend", list(s.tokens(other, s.ata(s.friend, s.pool.Mint), owner, 5)), named,
			explain.ErrUnrelatedTransfer, 1},
		{"to wrapped SOL", list(s.tokens(other, s.native, owner, 5)), named,
			explain.ErrUnrelatedTransfer, 1},
		{"out of the associated account", list(s.tokens(own, other, owner, 5)), named,
			explain.ErrUnrelatedTransfer, 1},
		{"as an outcome", list(move, check), also(named, wanted), explain.ErrMinimumNotEnforced, 0},
		{"an outcome before it", list(check, move), also(named, wanted), nil, 0},
		{"against what leaves", list(s.withdrawSOL(owner, 5, 1), move, check), named,
			explain.ErrSpendLimit, 0},
	})
}

// newAccountRules holds what the tests of new accounts share.
type newAccountRules struct {
	*scene
	opens      func(funder, wallet, mint solana.PublicKey) solana.Instruction
	deposits   solana.Instruction
	one        func(p *explain.Policy)
	two        func(p *explain.Policy)
	wrong      *solana.GenericInstruction
	otherMint  *solana.GenericInstruction
	ticket     solana.PublicKey
	order      solana.Instruction
	openTicket func(funder, program solana.PublicKey) solana.Instruction
	ticketed   func(p *explain.Policy)
	fee        solana.Instruction
	theirFee   solana.Instruction
}

func newNewAccountRules(t *testing.T) *newAccountRules {
	t.Helper()

	s := newScene(t)
	create := func(funder, wallet, mint solana.PublicKey) solana.Instruction {
		return txn.CreateTokenAccount(funder, wallet, mint, accounts.TokenProgram).Instruction
	}
	token := s.ata(owner, s.pool.Mint)
	deposit := s.deposit(token, 9, 50)
	one := func(p *explain.Policy) { p.MaxLamports, p.MaxNewAccounts, p.MaxRent = 9, 1, tokenRent }
	two := func(p *explain.Policy) {
		p.MaxLamports, p.MaxNewAccounts, p.MaxRent = 9, 2, 2*tokenRent
	}
	wrong := solana.NewInstruction(accounts.AssociatedTokenProgram, solana.AccountMetaSlice{
		solana.Meta(owner).
			WRITE().
			SIGNER(),
		solana.Meta(token).WRITE(), solana.Meta(s.friend), solana.Meta(s.pool.Mint),
		solana.Meta(accounts.SystemProgram), solana.Meta(accounts.TokenProgram),
	}, []byte{1})

	otherMint := solana.NewInstruction(accounts.AssociatedTokenProgram, solana.AccountMetaSlice{
		solana.Meta(owner).
			WRITE().
			SIGNER(),
		solana.Meta(token).WRITE(), solana.Meta(owner), solana.Meta(key(96)),
		solana.Meta(accounts.SystemProgram), solana.Meta(accounts.TokenProgram),
	}, []byte{1})

	ticket := key(97)
	order := s.build(instructions.MarinadeOrderUnstake{
		Marinade:  marinadeOf(s.pool.Mint),
		Authority: owner, Source: token, Ticket: ticket, MSOL: 5,
	})

	openTicket := func(funder, program solana.PublicKey) solana.Instruction {
		return system.NewCreateAccountInstruction(7, 88, program, funder, ticket).Build()
	}
	ticketed := func(p *explain.Policy) {
		p.MaxTokens[s.pool.Mint], p.MaxLamports, p.MaxNewAccounts, p.MaxRent = 5, 7, 1, 7
	}
	fee := s.build(
		instructions.RouterCreateFeeTokenAccount{
			Program: accounts.RouterProgram,
			Payer:   owner,
			Mint:    s.pool.Mint,
		},
	)

	theirFee := s.build(
		instructions.RouterCreateFeeTokenAccount{
			Program: accounts.RouterProgram,
			Payer:   payer,
			Mint:    s.pool.Mint,
		},
	)

	return &newAccountRules{
		scene:      s,
		opens:      create,
		deposits:   deposit,
		one:        one,
		two:        two,
		wrong:      wrong,
		otherMint:  otherMint,
		ticket:     ticket,
		order:      order,
		openTicket: openTicket,
		ticketed:   ticketed,
		fee:        fee,
		theirFee:   theirFee,
	}
}

// tokenAccounts returns cases that open token accounts at the owner's cost.
func (s *newAccountRules) tokenAccounts() []ruleCase {
	return []ruleCase{
		{"one", list(s.opens(owner, owner, s.pool.Mint), s.deposits), s.one, nil, 0},
		{
			"the same twice",
			list(s.opens(owner, owner, s.pool.Mint), s.deposits,
				s.opens(owner, owner, s.pool.Mint)),
			s.one,
			nil,
			0,
		},
		{
			"none allowed",
			list(s.opens(owner, owner, s.pool.Mint), s.deposits),
			also(s.one, func(p *explain.Policy) { p.MaxNewAccounts = 0 }),
			explain.ErrFormNotAllowed,
			0,
		},
		{
			"too much rent",
			list(s.opens(owner, owner, s.pool.Mint), s.deposits),
			also(s.one, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
			0,
		},
		{
			"an unknown rent",
			list(s.opens(owner, owner, s.pool.Mint), s.deposits),
			also(s.one, func(p *explain.Policy) { p.TokenAccountRent = 0 }),
			explain.ErrPolicy,
			0,
		},
		{
			"no rent to know",
			list(s.opens(payer, owner, s.pool.Mint), s.deposits),
			func(p *explain.Policy) {
				p.TokenAccountRent, p.MaxLamports = 0, 9
			},
			nil,
			0,
		},
		{
			"nothing is paid into",
			list(s.opens(owner, owner, s.pool.Mint)),
			s.one,
			explain.ErrUnrelatedTransfer,
			0,
		},
		{
			"one of two is not paid into",
			list(
				s.opens(owner, owner, s.pool.Mint),
				s.deposits,
				s.opens(owner, owner, accounts.NativeMint),
			),
			s.two,
			explain.ErrUnrelatedTransfer,
			0,
		},
	}
}

// otherTokenAccounts returns cases that open token accounts of other wallets or
// mints.
func (s *newAccountRules) otherTokenAccounts() []ruleCase {
	return []ruleCase{
		{"another's", list(s.opens(owner, stranger, s.pool.Mint)), s.one,
			explain.ErrUnrelatedTransfer,
			1},
		{"another mint's", list(s.opens(owner, owner, key(96))), s.one,
			explain.ErrUnrelatedTransfer,
			1},
		{
			"another's at the address of the owner's",
			list(s.wrong, s.deposits),
			also(s.one, s.toFriend),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"another mint's at the address of the owner's",
			list(s.otherMint, s.deposits),
			s.one,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"by the payer", list(s.opens(payer, stranger, key(96))), nil, nil, 0},
	}
}

// tickets returns cases that open tickets of Marinade, and fee accounts of the
// Router.
func (s *newAccountRules) tickets() []ruleCase {
	return []ruleCase{
		{"a ticket", list(s.openTicket(owner, accounts.MarinadeProgram), s.order), s.ticketed, nil,
			0},
		{
			"a ticket of more rent",
			list(s.openTicket(owner, accounts.MarinadeProgram), s.order),
			also(s.ticketed, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
			0,
		},
		{"a ticket that costs more", list(s.openTicket(owner, accounts.MarinadeProgram), s.order),
			also(s.ticketed, func(p *explain.Policy) { p.MaxLamports-- }), explain.ErrSpendLimit,
			0},
		{
			"a ticket by the payer",
			list(s.openTicket(payer, accounts.MarinadeProgram), s.order),
			s.sells(5),
			nil,
			0,
		},
		{
			"a ticket of another program",
			list(s.openTicket(owner, accounts.StakeProgram), s.order),
			s.ticketed,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"a ticket after the order",
			list(s.order, s.openTicket(owner, accounts.MarinadeProgram)),
			s.ticketed,
			explain.ErrUnrelatedTransfer,
			2,
		},
		{
			"a ticket without an order",
			list(s.openTicket(owner, accounts.MarinadeProgram)),
			s.ticketed,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"a ticket that another one orders",
			list(
				s.openTicket(owner, accounts.MarinadeProgram),
				s.build(instructions.MarinadeOrderUnstake{
					Marinade:  marinadeOf(s.pool.Mint),
					Authority: stranger,
					Source:    key(96),
					Ticket:    s.ticket,
					MSOL:      5,
				}),
			),
			s.ticketed,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"SOL into a ticket",
			list(pay(owner, s.ticket, 5), s.openTicket(owner, accounts.MarinadeProgram), s.order),
			s.ticketed,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"a ticket for more tokens", list(s.openTicket(owner, accounts.MarinadeProgram), s.order),
			also(s.ticketed, s.sells(4)), explain.ErrSpendLimit, 0},
		{"the Router's fee account", list(s.fee), s.two, explain.ErrUnrelatedTransfer, 1},
		{"the Router's fee account by the payer", list(s.theirFee), nil, nil, 0},
	}
}

// TestVerify_NewAccounts checks accounts that stay and that the owner pays for.
func TestVerify_NewAccounts(t *testing.T) {
	s := newNewAccountRules(t)
	s.check(t, s.tokenAccounts())
	s.check(t, s.otherTokenAccounts())
	s.check(t, s.tickets())
}
