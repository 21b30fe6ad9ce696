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

// TestVerify_Transfers is about plain transfers of SOL.
func TestVerify_Transfers(t *testing.T) {
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

	s.check(t, []ruleCase{
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
		{"a tip", list(pay(owner, stranger, 5)), tips, nil, 0},
		{"a tip of too much", list(pay(owner, stranger, 6)), tips, explain.ErrSpendLimit, 0},
		{
			"two tips of too much",
			list(pay(owner, stranger, 3), pay(owner, stranger, 3)),
			tips,
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
			list(s.tokens(native, key(95), owner, 5)),
			lamports(5),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"wrapped SOL of a stranger's",
			list(s.tokens(key(95), native, owner, 5)),
			lamports(5),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"a tip to another one", list(pay(owner, key(91), 1)), tips, explain.ErrUnrelatedTransfer,
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
			also(tips, s.vacant), explain.ErrUnrelatedTransfer, 2,
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
		{"into the account of wrapped SOL", list(pay(owner, native, 5)), nil, nil, 0},
		{
			"into the address of an account that cannot be",
			list(pay(owner, s.ata2022(owner, accounts.NativeMint), 5)),
			lamports(9),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"a gift into the account of wrapped SOL", list(pay(payer, native, 5)), least(5), nil, 0},
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
			list(pay(owner, newStake, 5), lido),
			also(s.sells(5), func(p *explain.Policy) {
				p.MaxNewAccounts, p.MaxRent = 1, 5
			}),
			nil,
			0,
		},
		{
			"to a new stake account, after it began", list(lido, pay(owner, newStake, 5)),
			also(s.sells(5), lamports(5)),
			explain.ErrUnrelatedTransfer, 2,
		},
		{
			"out of a new stake account before it begins",
			list(pay(owner, newStake, 5), pay(newStake, stranger, 5), lido),
			also(s.sells(5), lamports(5)), explain.ErrAuthorityChange, 2,
		},
		{
			"to a stake account that never begins",
			list(pay(owner, newStake, 5)),
			lamports(9),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"to an address that is allocated later", list(
			pay(owner, s.wrap(), tokenRent), s.allocate(), s.initialize(), s.closeTo(owner),
		), s.vacant, nil, 0},
		{"to an address that was allocated", list(
			pay(
				payer,
				s.wrap(),
				tokenRent,
			),
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
	})
}

// TestVerify_NewAccounts is about accounts that stay at the owner's cost.
func TestVerify_NewAccounts(t *testing.T) {
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

	s.check(t, []ruleCase{
		{"one", list(create(owner, owner, s.pool.Mint), deposit), one, nil, 0},
		{
			"the same twice",
			list(create(owner, owner, s.pool.Mint), deposit, create(owner, owner, s.pool.Mint)),
			one,
			nil,
			0,
		},
		{
			"none allowed",
			list(create(owner, owner, s.pool.Mint), deposit),
			also(one, func(p *explain.Policy) { p.MaxNewAccounts = 0 }),
			explain.ErrFormNotAllowed,
			0,
		},
		{
			"too much rent",
			list(create(owner, owner, s.pool.Mint), deposit),
			also(one, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
			0,
		},
		{
			"an unknown rent",
			list(create(owner, owner, s.pool.Mint), deposit),
			also(one, func(p *explain.Policy) { p.TokenAccountRent = 0 }),
			explain.ErrPolicy,
			0,
		},
		{
			"no rent to know",
			list(create(payer, owner, s.pool.Mint), deposit),
			func(p *explain.Policy) {
				p.TokenAccountRent, p.MaxLamports = 0, 9
			},
			nil,
			0,
		},
		{
			"nothing is paid into",
			list(create(owner, owner, s.pool.Mint)),
			one,
			explain.ErrUnrelatedTransfer,
			0,
		},
		{
			"one of two is not paid into",
			list(
				create(owner, owner, s.pool.Mint),
				deposit,
				create(owner, owner, accounts.NativeMint),
			),
			two,
			explain.ErrUnrelatedTransfer,
			0,
		},
		{"another's", list(create(owner, stranger, s.pool.Mint)), one, explain.ErrUnrelatedTransfer,
			1},
		{"another mint's", list(create(owner, owner, key(96))), one, explain.ErrUnrelatedTransfer,
			1},
		{
			"another's at the address of the owner's",
			list(wrong, deposit),
			also(one, s.toFriend),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"another mint's at the address of the owner's",
			list(otherMint, deposit),
			one,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"by the payer", list(create(payer, stranger, key(96))), nil, nil, 0},
		{"a ticket", list(openTicket(owner, accounts.MarinadeProgram), order), ticketed, nil, 0},
		{
			"a ticket of more rent",
			list(openTicket(owner, accounts.MarinadeProgram), order),
			also(ticketed, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
			0,
		},
		{"a ticket that costs more", list(openTicket(owner, accounts.MarinadeProgram), order),
			also(ticketed, func(p *explain.Policy) { p.MaxLamports-- }), explain.ErrSpendLimit, 0},
		{
			"a ticket by the payer",
			list(openTicket(payer, accounts.MarinadeProgram), order),
			s.sells(5),
			nil,
			0,
		},
		{
			"a ticket of another program",
			list(openTicket(owner, accounts.StakeProgram), order),
			ticketed,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"a ticket after the order",
			list(order, openTicket(owner, accounts.MarinadeProgram)),
			ticketed,
			explain.ErrUnrelatedTransfer,
			2,
		},
		{
			"a ticket without an order",
			list(openTicket(owner, accounts.MarinadeProgram)),
			ticketed,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"a ticket that another one orders",
			list(
				openTicket(owner, accounts.MarinadeProgram),
				s.build(instructions.MarinadeOrderUnstake{
					Marinade:  marinadeOf(s.pool.Mint),
					Authority: stranger,
					Source:    key(96),
					Ticket:    ticket,
					MSOL:      5,
				}),
			),
			ticketed,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"SOL into a ticket",
			list(pay(owner, ticket, 5), openTicket(owner, accounts.MarinadeProgram), order),
			ticketed,
			explain.ErrUnrelatedTransfer,
			1,
		},
		{"a ticket for more tokens", list(openTicket(owner, accounts.MarinadeProgram), order),
			also(ticketed, s.sells(4)), explain.ErrSpendLimit, 0},
		{"the Router's fee account", list(fee), two, explain.ErrUnrelatedTransfer, 1},
		{"the Router's fee account by the payer", list(theirFee), nil, nil, 0},
	})
}
