package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

// outcomeRules holds what the tests of outcomes share.
type outcomeRules struct {
	*scene
	token   solana.PublicKey
	native  solana.PublicKey
	wants   func(tokens uint64) func(p *explain.Policy)
	held    func(tokens uint64) func(p *explain.Policy)
	nothing func(p *explain.Policy)
	holds   func(tokens uint64) solana.Instruction
}

func newOutcomeRules(t *testing.T) *outcomeRules {
	t.Helper()

	s := newScene(t)
	token, native := s.ata(owner, s.pool.Mint), s.ata(owner, accounts.NativeMint)
	wants := func(tokens uint64) func(p *explain.Policy) {
		return func(p *explain.Policy) {
			p.MinTokens = map[solana.PublicKey]uint64{s.pool.Mint: tokens}
		}
	}

	held := func(tokens uint64) func(p *explain.Policy) {
		return func(p *explain.Policy) {
			p.PreBalances = map[solana.PublicKey]uint64{s.pool.Mint: tokens}
		}
	}

	nothing := func(p *explain.Policy) { p.MaxTokens = nil }
	check := func(tokens uint64) solana.Instruction { return s.tokens(token, token, owner, tokens) }

	return &outcomeRules{
		scene:   s,
		token:   token,
		native:  native,
		wants:   wants,
		held:    held,
		nothing: nothing,
		holds:   check,
	}
}

// tokenOutcomes returns cases that pay tokens.
func (s *outcomeRules) tokenOutcomes() []ruleCase {
	return []ruleCase{
		{"tokens", list(s.deposit(s.token, 9, 50)), also(lamports(9), s.wants(50)), nil, 0},
		{
			"fewer tokens",
			list(s.deposit(s.token, 9, 50)),
			also(lamports(9), s.wants(51)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"more SOL",
			list(s.deposit(s.token, 10, 50)),
			also(lamports(9), s.wants(50)),
			explain.ErrSpendLimit,
			0,
		},
		{
			"tokens of a mint that the policy does not name",
			list(s.deposit(s.token, 9, 50)),
			also(lamports(9), s.nothing),
			explain.ErrWrongRecipient,
			1,
		},
		{
			"tokens of a mint that is held",
			list(s.deposit(s.token, 9, 50)),
			also(lamports(9), s.nothing, s.held(0)),
			nil,
			0,
		},
		{
			"tokens of a mint that is wanted",
			list(s.deposit(s.token, 9, 50)),
			also(lamports(9), s.nothing, s.wants(50)),
			nil,
			0,
		},
		{
			"tokens to a stranger",
			list(s.deposit(s.ata(stranger, s.pool.Mint), 9, 50)),
			lamports(9),
			explain.ErrWrongRecipient,
			1,
		},
		{
			"tokens to the payer",
			list(s.deposit(s.ata(payer, s.pool.Mint), 9, 50)),
			lamports(9),
			explain.ErrWrongRecipient,
			1,
		},
		{
			"tokens to the recipient",
			list(s.deposit(s.ata(s.friend, s.pool.Mint), 9, 50)),
			also(lamports(9), s.toFriend, s.wants(50)),
			nil,
			0,
		},
		{"fewer tokens to the recipient", list(s.deposit(s.ata(s.friend, s.pool.Mint), 9, 50)),
			also(lamports(9), s.toFriend, s.wants(51)), explain.ErrMinimumNotEnforced, 0},
		{
			"tokens to the owner in place of the recipient",
			list(s.deposit(s.token, 9, 50)),
			also(lamports(9), s.toFriend, s.wants(50)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"tokens to an account of wrapped SOL",
			list(s.deposit(s.native, 9, 50)),
			lamports(9),
			explain.ErrWrongRecipient,
			1,
		},
		{"tokens to the wallet", list(s.deposit(owner, 9, 50)), lamports(9),
			explain.ErrOwnerExposed, 1},
	}
}

// solOutcomes returns cases that pay SOL, wrapped or not.
func (s *outcomeRules) solOutcomes() []ruleCase {
	return []ruleCase{
		{"SOL", list(s.withdrawSOL(owner, 5, 40)), also(s.sells(5), least(40)), nil, 0},
		{
			"SOL to the recipient",
			list(s.withdrawSOL(s.friend, 5, 40)),
			also(s.sells(5), s.toFriend, least(40)),
			nil,
			0,
		},
		{"SOL to the payer", list(s.withdrawSOL(payer, 5, 40)), s.sells(5),
			explain.ErrWrongRecipient, 1},
		{
			"wrapped SOL to the account of the owner's",
			list(s.unwrap(s.native, 5)),
			s.sells(5),
			nil,
			0,
		},
		{
			"wrapped SOL to the account of the recipient's",
			list(s.unwrap(s.ata(s.friend, accounts.NativeMint), 5)),
			also(s.sells(5), s.toFriend),
			nil,
			0,
		},
		{"no limit", list(s.unwrap(s.native, 5)), also(s.sells(5), least(1)), explain.ErrNoMinimum,
			0},
	}
}

// balanceChecks returns cases that check a balance.
func (s *outcomeRules) balanceChecks() []ruleCase {
	return []ruleCase{
		{
			"wrapped SOL that is checked",
			list(s.unwrap(s.native, 5), s.tokens(s.native, s.native, owner, 9)),
			also(
				s.sells(5),
				least(9),
				func(p *explain.Policy) {
					p.PreBalances = map[solana.PublicKey]uint64{accounts.NativeMint: 0}
				},
			),
			nil,
			0,
		},
		{
			"tokens that are checked",
			list(s.deposit(s.token, 9, 0), s.holds(60)),
			also(lamports(9), s.wants(50), s.held(10)),
			nil,
			0,
		},
		{
			"tokens that are checked for too little",
			list(s.deposit(s.token, 9, 0), s.holds(60)),
			also(lamports(9), s.wants(51), s.held(10)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"tokens that are checked, of an unknown balance",
			list(s.deposit(s.token, 9, 0), s.holds(60)),
			also(lamports(9), s.wants(50)),
			explain.ErrMinimumNotEnforced,
			0,
		},
		{
			"a check that is lower than the limit",
			list(s.deposit(s.token, 9, 50), s.holds(20)),
			also(lamports(9), s.wants(50), s.held(10)),
			nil,
			0,
		},
		{
			"tokens that are spent again",
			list(s.deposit(s.token, 9, 50), s.withdrawSOL(owner, 50, 8)),
			lamports(1),
			nil,
			0,
		},
		{
			"tokens that are spent again, and more",
			list(s.deposit(s.token, 9, 50), s.withdrawSOL(owner, 51, 8)),
			lamports(9),
			explain.ErrSpendLimit,
			0,
		},
		{
			"a check of a stranger's account",
			list(s.tokens(key(95), key(95), owner, 60)),
			nil,
			nil,
			0,
		},
	}
}

// foreignTrades returns cases that trade by another hand, or burn.
func (s *outcomeRules) foreignTrades() []ruleCase {
	return []ruleCase{
		{"a trade of another one's", list(s.build(instructions.StakePoolWithdrawSOL{
			Pool:        s.pool,
			Authority:   stranger,
			Source:      key(95),
			Destination: stranger,
			PoolTokens:  5,
		})), nil, nil, 0},
		{
			"a trade of another one's out of an account of the owner's",
			list(s.build(instructions.StakePoolWithdrawSOL{
				Pool:        s.pool,
				Authority:   stranger,
				Source:      s.token,
				Destination: stranger,
				PoolTokens:  5,
			})),
			s.sells(5),
			explain.ErrOwnerExposed,
			1,
		},
		{"a trade of another one's for the owner", list(s.build(instructions.StakePoolWithdrawSOL{
			Pool: s.pool, Authority: stranger, Source: key(95), Destination: owner, PoolTokens: 5,
		})), nil, explain.ErrOwnerExposed, 1},
		{"a trade out of an account that is not known",
			list(s.build(instructions.StakePoolWithdrawSOL{
				Pool:        s.pool,
				Authority:   owner,
				Source:      key(95),
				Destination: owner,
				PoolTokens:  5,
			})), s.sells(5), nil, 0},
		{"the same of more", list(s.build(instructions.StakePoolWithdrawSOL{
			Pool: s.pool, Authority: owner, Source: key(95), Destination: owner, PoolTokens: 6,
		})), s.sells(5), explain.ErrSpendLimit, 0},
		{
			"tokens burnt",
			list(
				s.build(
					upstream{solana.NewInstruction(accounts.TokenProgram, solana.AccountMetaSlice{
						solana.Meta(s.token).
							WRITE(),
						solana.Meta(s.pool.Mint).WRITE(), solana.Meta(owner).SIGNER(),
					}, []byte{8, 1, 0, 0, 0, 0, 0, 0, 0})},
				),
			),
			s.sells(5),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"tokens burnt by another hand",
			list(
				s.build(
					upstream{solana.NewInstruction(accounts.TokenProgram, solana.AccountMetaSlice{
						solana.Meta(s.token).
							WRITE(),
						solana.Meta(s.pool.Mint).WRITE(), solana.Meta(stranger).SIGNER(),
					}, []byte{8, 1, 0, 0, 0, 0, 0, 0, 0})},
				),
			),
			s.sells(5),
			explain.ErrOwnerExposed,
			1,
		},
		{
			"tokens of others burnt",
			list(
				s.build(
					upstream{solana.NewInstruction(accounts.TokenProgram, solana.AccountMetaSlice{
						solana.Meta(key(95)).
							WRITE(),
						solana.Meta(s.pool.Mint).WRITE(), solana.Meta(stranger).SIGNER(),
					}, []byte{8, 1, 0, 0, 0, 0, 0, 0, 0})},
				),
			),
			nil,
			nil,
			0,
		},
		{
			"a gift of tokens by another's hand",
			list(s.tokens(key(95), s.token, stranger, 5)),
			nil,
			nil,
			0,
		},
	}
}

// TestVerify_Outcomes checks the accounts that trades pay to, and the enforced
// minimums.
func TestVerify_Outcomes(t *testing.T) {
	s := newOutcomeRules(t)
	s.check(t, s.tokenOutcomes())
	s.check(t, s.solOutcomes())
	s.check(t, s.balanceChecks())
	s.check(t, s.foreignTrades())
}

// bridgeRules holds what the tests of bridges share.
type bridgeRules struct {
	*scene
	bridge    solana.PublicKey
	swap      solana.Instruction
	prefunded solana.Instruction
	sale      solana.Instruction
	named     func(ix solana.Instruction, role string, to solana.PublicKey) solana.Instruction
	newStake  solana.PublicKey
	lido      func(destination, by solana.PublicKey) solana.Instruction
	marinade  func(payer, beneficiary solana.PublicKey) solana.Instruction
	gets      func(p *explain.Policy)
	stays     func(p *explain.Policy)
}

func newBridgeRules(t *testing.T) *bridgeRules {
	t.Helper()

	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)
	other := s.pool
	other.Mint = key(37)
	destination := s.ata(owner, other.Mint)
	bridge, err := accounts.RouterBridgeStake(accounts.RouterProgram, owner, 9)
	require.NoError(t, err)
	reserve := instructions.Reserve{
		Program:                accounts.ReserveProgram,
		Pool:                   key(71),
		SOL:                    key(72),
		Fee:                    key(73),
		ProtocolFee:            key(74),
		ProtocolFeeDestination: key(75),
	}

	swap := s.build(instructions.RouterSwapViaStake{
		Program:     accounts.RouterProgram,
		User:        owner,
		Source:      token,
		Destination: destination,
		PoolTokens:  5,
		BridgeSeed:  9,
		From:        instructions.RouterStakePoolWithdrawStake(s.pool, key(44)),
		To:          instructions.RouterStakePoolDepositStake(other, key(44)),
	})

	prefunded := s.build(instructions.RouterPrefundWithdrawStake{
		Program:    accounts.RouterProgram,
		User:       owner,
		Source:     token,
		From:       instructions.RouterStakePoolWithdrawStake(s.pool, key(44)),
		Reserve:    reserve,
		PoolTokens: 5,
		BridgeSeed: 9,
	})

	sale := s.build(instructions.RouterDepositStake{
		Program: accounts.RouterProgram, User: owner, Stake: bridge, Destination: destination,
		To: instructions.RouterStakePoolDepositStake(other, key(44)),
	})

	named := func(ix solana.Instruction, role string, to solana.PublicKey) solana.Instruction {
		var metas solana.AccountMetaSlice
		in := explain.Instructions(payer, list(ix), nil).Instructions[0]
		for i, m := range ix.Accounts() {
			meta := *m
			if in.Accounts[i].Role == role {
				meta.PublicKey = to
			}

			metas = append(metas, &meta)
		}

		data, err := ix.Data()
		require.NoError(t, err)

		return solana.NewInstruction(ix.ProgramID(), metas, data)
	}

	newStake := key(80)
	lido := func(destination, by solana.PublicKey) solana.Instruction {
		return s.build(instructions.LidoWithdraw{
			Lido: instructions.Lido{
				Program:        accounts.LidoProgram,
				State:          key(81),
				Reserve:        key(82),
				StSOLMint:      s.pool.Mint,
				ValidatorList:  key(83),
				StakeAuthority: key(84),
			},
			Owner:       by,
			Source:      token,
			Vote:        key(85),
			Split:       key(86),
			Destination: destination,
			StSOL:       5,
		})
	}

	marinade := func(payer, beneficiary solana.PublicKey) solana.Instruction {
		return s.build(instructions.MarinadeWithdrawStakeAccount{
			Marinade:    marinadeOf(s.pool.Mint),
			Authority:   owner,
			Source:      token,
			Split:       key(86),
			NewStake:    newStake,
			Payer:       payer,
			Beneficiary: beneficiary,
			MSOL:        5,
		})
	}

	gets := func(p *explain.Policy) {
		p.MaxTokens = map[solana.PublicKey]uint64{s.pool.Mint: 5, other.Mint: 0}
	}
	stays := func(p *explain.Policy) { p.MaxNewAccounts, p.MaxRent = 1, stakeRent }

	return &bridgeRules{
		scene:     s,
		bridge:    bridge,
		swap:      swap,
		prefunded: prefunded,
		sale:      sale,
		named:     named,
		newStake:  newStake,
		lido:      lido,
		marinade:  marinade,
		gets:      gets,
		stays:     stays,
	}
}

// bridges returns cases that swap through a bridge stake account of the Router.
func (s *bridgeRules) bridges() []ruleCase {
	return []ruleCase{
		{"a bridge", list(pay(owner, s.bridge, 7), s.swap), also(s.gets, lamports(7)), nil, 0},
		{
			"a bridge of more",
			list(pay(owner, s.bridge, 8), s.swap),
			also(s.gets, lamports(7)),
			explain.ErrSpendLimit,
			0,
		},
		{"a bridge by the payer", list(pay(payer, s.bridge, 7), s.swap), s.gets, nil, 0},
		{"a bridge without money", list(s.swap), s.gets, nil, 0},
		{
			"a bridge after its end",
			list(pay(owner, s.bridge, 7), s.swap, pay(owner, s.bridge, 7)),
			also(s.gets, lamports(99)),
			explain.ErrLifetime,
			3,
		},
		{
			"a bridge that is paid late",
			list(s.swap, pay(owner, s.bridge, 7)),
			also(s.gets, lamports(99)),
			explain.ErrUnrelatedTransfer,
			2,
		},
		{
			"another bridge",
			list(pay(owner, key(98), 7), s.named(s.swap, "bridge stake account", key(98))),
			also(s.gets, lamports(7)),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"a bridge that is in use",
			list(s.createStake(payer), s.named(s.swap, "bridge stake account", s.part())),
			s.gets,
			explain.ErrLifetime,
			2,
		},
		{
			"a swap of another one's over the bridge",
			list(s.named(s.swap, "user", stranger)),
			s.gets,
			explain.ErrOwnerExposed,
			1,
		},
		{
			"a swap of another one's over the bridge, funded",
			list(pay(owner, s.bridge, 7), s.named(
				s.named(s.swap, "user", stranger),
				"source token account",
				key(96),
			)),
			also(s.gets, lamports(7)),
			explain.ErrUnrelatedTransfer,
			1,
		},
	}
}

// prefunds returns cases that have the Router lend the rent.
func (s *bridgeRules) prefunds() []ruleCase {
	return []ruleCase{
		{
			"a prefunded bridge",
			list(s.prefunded),
			also(s.gets, func(p *explain.Policy) { p.MaxNewAccounts = 1 }),
			nil,
			0,
		},
		{
			"another prefunded bridge",
			list(s.named(s.prefunded, "bridge stake account", key(98))),
			s.gets,
			explain.ErrLifetime,
			1,
		},
		{"a prefunded bridge that is deposited", list(s.prefunded, s.sale), s.gets, nil, 0},
		{
			"a bridge that was there before is deposited",
			list(s.sale, s.prefunded),
			s.gets,
			explain.ErrAuthorityChange,
			1,
		},
		{
			"a prefunded bridge twice",
			list(s.prefunded, s.prefunded),
			also(s.gets, func(p *explain.Policy) {
				p.MaxTokens[s.pool.Mint], p.MaxNewAccounts = 10, 2
			}),
			explain.ErrLifetime,
			2,
		},
		{
			"a prefunded bridge of another one's",
			list(s.named(s.prefunded, "user", stranger)),
			s.gets,
			explain.ErrOwnerExposed,
			1,
		},
	}
}

// lidoStake returns cases that withdraw stake from Lido.
func (s *bridgeRules) lidoStake() []ruleCase {
	return []ruleCase{
		{
			"stake of Lido",
			list(pay(payer, s.newStake, stakeRent), s.lido(s.newStake, owner)),
			also(s.gets, s.stays),
			nil,
			0,
		},
		{
			"stake of Lido that is wanted",
			list(pay(payer, s.newStake, stakeRent), s.lido(s.newStake, owner)),
			also(s.gets, s.stays, func(p *explain.Policy) { p.MinStake = 1 }),
			explain.ErrNoMinimum,
			0,
		},
		{
			"stake of Lido twice",
			list(pay(payer, s.newStake, stakeRent), s.lido(s.newStake, owner),
				s.lido(s.newStake, owner)),
			also(s.gets, s.stays, s.sells(10)),
			explain.ErrLifetime,
			3,
		},
		{
			"stake of Lido by another hand",
			list(s.lido(s.newStake, stranger)),
			s.gets,
			explain.ErrOwnerExposed,
			1,
		},
		{
			"stake of Lido by another hand, funded",
			list(pay(owner, s.newStake, stakeRent), s.named(
				s.named(s.lido(s.newStake, stranger), "source token account", key(96)),
				"token authority",
				stranger,
			)),
			also(s.gets, s.stays, lamports(stakeRent)),
			explain.ErrUnrelatedTransfer,
			1,
		},
		{
			"stake of Lido in a temporary account",
			list(s.createStake(payer), s.lido(s.part(), owner)),
			also(s.gets, s.stays),
			explain.ErrLifetime,
			2,
		},
	}
}

// marinadeStake returns cases that withdraw stake from Marinade.
func (s *bridgeRules) marinadeStake() []ruleCase {
	return []ruleCase{
		{"stake of Marinade", list(s.marinade(owner, owner)), also(s.gets, s.stays), nil, 0},
		{
			"stake of Marinade without a rent",
			list(s.marinade(owner, owner)),
			also(s.gets, s.stays, func(p *explain.Policy) { p.StakeAccountRent = 0 }),
			explain.ErrPolicy,
			1,
		},
		{
			"stake of Marinade, with less rent",
			list(s.marinade(owner, owner)),
			also(s.gets, s.stays, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
			0,
		},
		{
			"stake of Marinade by the payer",
			list(s.marinade(payer, owner)),
			also(s.gets, func(p *explain.Policy) {
				p.MaxNewAccounts, p.StakeAccountRent = 1, 0
			}),
			nil,
			0,
		},
		{
			"stake of Marinade for the recipient",
			list(s.marinade(owner, s.friend)),
			also(s.gets, s.toFriend, lamports(stakeRent)),
			nil,
			0,
		},
		{"stake of Marinade for the recipient, with its rent", list(s.marinade(owner, s.friend)),
			also(s.gets, s.toFriend, lamports(stakeRent-1)), explain.ErrSpendLimit, 0},
		{
			"stake of Marinade for a stranger",
			list(s.marinade(owner, stranger)),
			also(s.gets, lamports(stakeRent)),
			explain.ErrWrongRecipient,
			1,
		},
	}
}

// TestVerify_Bridges checks accounts of the Router, Lido and Marinade that the
// transaction does not create with a seed.
func TestVerify_Bridges(t *testing.T) {
	s := newBridgeRules(t)
	s.check(t, s.bridges())
	s.check(t, s.prefunds())
	s.check(t, s.lidoStake())
	s.check(t, s.marinadeStake())
}
