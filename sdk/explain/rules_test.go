package explain_test

import (
	"maps"
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	tokenRent = 2_039_280
	stakeRent = 2_282_880
)

// scene makes the instructions that tests of rules are about.
type scene struct {
	t *testing.T
	// seed names the temporary accounts.
	seed string
	pool instructions.StakePool
	// friend is a recipient.
	friend solana.PublicKey
}

func newScene(t *testing.T) *scene {
	s := &scene{t: t, seed: "seed", friend: key(7)}
	s.pool = instructions.StakePool{
		Program: accounts.StakePoolProgram, Address: key(31), WithdrawAuthority: key(32), ValidatorList: key(33),
		ReserveStake: key(34), Mint: key(35), ManagerFeeAccount: key(36), TokenProgram: accounts.TokenProgram,
	}
	var err error
	s.pool.StakeDepositAuthority, err = accounts.StakePoolDepositAuthority(s.pool.Program, s.pool.Address)
	require.NoError(t, err)
	return s
}

// policy allows nothing but the mint of the pool.
func (s *scene) policy() explain.Policy {
	return explain.Policy{
		Owner: owner, Payer: payer, MaxTokens: map[solana.PublicKey]uint64{s.pool.Mint: 0}, TokenAccountRent: tokenRent,
		StakeAccountRent: stakeRent,
	}
}

func (s *scene) address(program solana.PublicKey) solana.PublicKey {
	address, err := solana.CreateWithSeed(owner, s.seed, program)
	require.NoError(s.t, err)
	return address
}

func (s *scene) wrap() solana.PublicKey { return s.address(accounts.TokenProgram) }

func (s *scene) part() solana.PublicKey { return s.address(accounts.StakeProgram) }

func (s *scene) ata(wallet, mint solana.PublicKey) solana.PublicKey {
	address, err := accounts.AssociatedTokenAddress(wallet, accounts.TokenProgram, mint)
	require.NoError(s.t, err)
	return address
}

func (s *scene) create(funder solana.PublicKey, lamports uint64) solana.Instruction {
	return system.NewCreateAccountWithSeedInstruction(owner, s.seed, lamports, accounts.TokenAccountSpace, accounts.TokenProgram,
		funder, s.wrap(), owner).Build()
}

func (s *scene) createStake(funder solana.PublicKey) solana.Instruction {
	return system.NewCreateAccountWithSeedInstruction(owner, s.seed, stakeRent, accounts.StakeAccountSpace, accounts.StakeProgram,
		funder, s.part(), owner).Build()
}

func (s *scene) initialize() solana.Instruction {
	return s.build(instructions.InitializeTokenAccount{
		Program: accounts.TokenProgram, Account: s.wrap(), Mint: accounts.NativeMint, Owner: owner,
	})
}

func (s *scene) closeAs(account, to, authority solana.PublicKey) solana.Instruction {
	return s.build(instructions.CloseTokenAccount{
		Program: accounts.TokenProgram, Account: account, Destination: to, Owner: authority,
	})
}

func (s *scene) closeTo(to solana.PublicKey) solana.Instruction {
	return s.closeAs(s.wrap(), to, owner)
}

func (s *scene) tokens(from, to, authority solana.PublicKey, amount uint64) solana.Instruction {
	return s.build(instructions.TransferTokens{
		Program: accounts.TokenProgram, Source: from, Destination: to, Owner: authority, Amount: amount,
	})
}

func (s *scene) allocate() solana.Instruction {
	return system.NewAllocateWithSeedInstruction(owner, s.seed, accounts.TokenAccountSpace, accounts.TokenProgram, s.wrap(),
		owner).Build()
}

func (s *scene) seededTransfer(to solana.PublicKey, lamports uint64) solana.Instruction {
	return system.NewTransferWithSeedInstruction(lamports, s.seed, accounts.TokenProgram, s.wrap(), owner, to).Build()
}

func (s *scene) build(b builder) solana.Instruction {
	ix, err := b.Build()
	require.NoError(s.t, err)
	return ix
}

func pay(from, to solana.PublicKey, lamports uint64) solana.Instruction {
	return system.NewTransferInstruction(lamports, from, to).Build()
}

func (s *scene) authorize(stake, authority solana.PublicKey, withdrawer bool) solana.Instruction {
	role := stakeprogram.StakeAuthorizeStaker
	if withdrawer {
		role = stakeprogram.StakeAuthorizeWithdrawer
	}
	return stakeprogram.NewAuthorizeInstruction(authority, role, stake, owner).Build()
}

// deposit is a deposit of SOL that pays to an account.
func (s *scene) deposit(to solana.PublicKey, lamports, least uint64) solana.Instruction {
	return s.build(instructions.DepositSolWithSlippage{
		DepositSol:       instructions.DepositSol{Pool: s.pool, From: owner, Destination: to, Referrer: to, Lamports: lamports},
		MinimumTokensOut: least,
	})
}

// withdrawSOL sells tokens of the pool for SOL.
func (s *scene) withdrawSOL(to solana.PublicKey, tokens, least uint64) solana.Instruction {
	return s.build(instructions.WithdrawSolWithSlippage{
		WithdrawSol: instructions.WithdrawSol{
			Pool: s.pool, Authority: owner, Source: s.ata(owner, s.pool.Mint), Destination: to, PoolTokens: tokens,
		},
		MinimumLamportsOut: least,
	})
}

// unwrap sells tokens for wrapped SOL, without a limit.
func (s *scene) unwrap(to solana.PublicKey, tokens uint64) solana.Instruction {
	return s.build(instructions.RouterWithdrawWrappedSol{
		Program: accounts.RouterProgram, User: owner, Source: s.ata(owner, s.pool.Mint), Destination: to, PoolTokens: tokens,
		Pool: instructions.StakePoolWithdrawSol(s.pool),
	})
}

// stakeInto deposits wrapped SOL of an account.
func (s *scene) stakeInto(from, to solana.PublicKey, lamports uint64) solana.Instruction {
	return s.build(instructions.RouterStakeWrappedSol{
		Program: accounts.RouterProgram, User: owner, Source: from, Destination: to, Lamports: lamports,
		Pool: instructions.StakePoolDepositSol(s.pool),
	})
}

// withdrawStake takes stake out of the pool.
func (s *scene) withdrawStake(to, authority, signer solana.PublicKey, tokens, least uint64) solana.Instruction {
	return s.build(instructions.WithdrawStakeWithSlippage{
		WithdrawStake: instructions.WithdrawStake{
			Pool: s.pool, Split: key(44), Destination: to, NewAuthority: authority, Authority: signer,
			Source: s.ata(owner, s.pool.Mint), PoolTokens: tokens,
		},
		MinimumLamportsOut: least,
	})
}

// depositStake puts a stake account into the pool, whose authorities are handed
// over before.
func (s *scene) depositStake(stake, to solana.PublicKey) []solana.Instruction {
	return []solana.Instruction{
		s.authorize(stake, s.pool.StakeDepositAuthority, false), s.authorize(stake, s.pool.StakeDepositAuthority, true),
		s.build(instructions.DepositStakeWithSlippage{
			DepositStake:     instructions.DepositStake{Pool: s.pool, Stake: stake, ValidatorStake: key(44), Destination: to, Referrer: to},
			MinimumTokensOut: 50,
		}),
	}
}

func (s *scene) split(stake, part solana.PublicKey, lamports uint64) solana.Instruction {
	return stakeprogram.NewSplitInstruction(lamports, stake, part, owner).Build()
}

// marinadeOf is a Marinade with a mint.
func marinadeOf(mint solana.PublicKey) instructions.Marinade {
	return instructions.Marinade{
		Program: accounts.MarinadeProgram, State: key(100), MSOLMint: mint, SOLLeg: key(101), MSOLLeg: key(102), MSOLLegAuthority: key(103),
		Reserve: key(104), MSOLMintAuthority: key(105), Treasury: key(106), ValidatorList: key(107), StakeList: key(108),
		StakeWithdrawAuthority: key(109), StakeDepositAuthority: key(110),
	}
}

// ruleCase is a transaction with its verdict.
type ruleCase struct {
	name   string
	ixs    []solana.Instruction
	change func(p *explain.Policy)
	want   error
	// at is the instruction that is refused, counted from one; zero for the
	// whole.
	at int
}

// check runs cases.
func (s *scene) check(t *testing.T, cases []ruleCase) {
	t.Helper()
	names := make(map[string]bool)
	for _, c := range cases {
		require.False(t, names[c.name], c.name)
		names[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			p := s.policy()
			if c.change != nil {
				c.change(&p)
			}
			err := explain.Verify(explain.Instructions(payer, c.ixs, nil), p)
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.want)
			var refused *explain.VerifyError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.at-1, refused.Instruction, "%v", err)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func list(ixs ...solana.Instruction) []solana.Instruction { return ixs }

func lamports(most uint64) func(p *explain.Policy) {
	return func(p *explain.Policy) { p.MaxLamports = most }
}

func least(lamports uint64) func(p *explain.Policy) {
	return func(p *explain.Policy) { p.MinLamports = lamports }
}

// changes puts changes of a policy together.
func also(all ...func(p *explain.Policy)) func(p *explain.Policy) {
	return func(p *explain.Policy) {
		for _, change := range all {
			change(p)
		}
	}
}

func (s *scene) sells(tokens uint64) func(p *explain.Policy) {
	return func(p *explain.Policy) { p.MaxTokens = map[solana.PublicKey]uint64{s.pool.Mint: tokens} }
}

func (s *scene) vacant(p *explain.Policy) { p.Vacant = []solana.PublicKey{s.wrap()} }

func (s *scene) toFriend(p *explain.Policy) { p.Recipient = s.friend }

// TestVerify_Transfers is about plain transfers of SOL.
func TestVerify_Transfers(t *testing.T) {
	s := newScene(t)
	tips := func(p *explain.Policy) { p.Transfers = map[solana.PublicKey]uint64{stranger: 5} }
	native := s.ata(owner, accounts.NativeMint)
	newStake := key(80)
	lido := s.build(instructions.LidoWithdraw{
		Lido: instructions.Lido{
			Program: accounts.LidoProgram, State: key(81), Reserve: key(82), StSOLMint: s.pool.Mint, ValidatorList: key(83),
			StakeAuthority: key(84),
		},
		Owner: owner, Source: s.ata(owner, s.pool.Mint), Vote: key(85), Split: key(86), Destination: newStake, StSOL: 5,
	})
	s.check(t, []ruleCase{
		{"to the owner", list(pay(owner, owner, 5)), nil, nil, 0},
		{"to a stranger", list(pay(owner, stranger, 5)), lamports(5), explain.ErrTransfer, 1},
		{"to the recipient", list(pay(owner, s.friend, 5)), also(lamports(5), s.toFriend), explain.ErrTransfer, 1},
		{"to the payer", list(pay(owner, payer, 5)), lamports(5), nil, 0},
		{"too much to the payer", list(pay(owner, payer, 6)), lamports(5), explain.ErrTooMuch, 0},
		{"a tip", list(pay(owner, stranger, 5)), tips, nil, 0},
		{"a tip of too much", list(pay(owner, stranger, 6)), tips, explain.ErrTooMuch, 0},
		{"two tips of too much", list(pay(owner, stranger, 3), pay(owner, stranger, 3)), tips, explain.ErrTooMuch, 0},
		{"a tip to another one", list(pay(owner, key(91), 1)), tips, explain.ErrTransfer, 1},
		{
			"a tip out of a temporary account",
			list(pay(payer, s.wrap(), tokenRent), s.seededTransfer(stranger, 5), s.allocate(), s.initialize(), s.closeTo(owner)),
			also(tips, s.vacant), explain.ErrTransfer, 2,
		},
		{"others among themselves", list(pay(stranger, payer, 5)), nil, nil, 0},
		{"a gift counts", list(pay(payer, owner, 5)), least(5), nil, 0},
		{"a gift is not more", list(pay(payer, owner, 5)), least(6), explain.ErrTooLittle, 0},
		{"a gift offsets what leaves", list(pay(payer, owner, 5), pay(owner, payer, 5)), nil, nil, 0},
		{"into the account of wrapped SOL", list(pay(owner, native, 5)), nil, nil, 0},
		{"a gift into the account of wrapped SOL", list(pay(payer, native, 5)), least(5), nil, 0},
		{"into a token account", list(pay(owner, s.ata(owner, s.pool.Mint), 5)), lamports(9), explain.ErrTransfer, 1},
		{"a gift into a token account", list(pay(payer, s.ata(owner, s.pool.Mint), 5)), nil, explain.ErrTransfer, 1},
		{"into a token account of another mint", list(pay(owner, s.ata(owner, key(92)), 5)), lamports(9), explain.ErrTransfer, 1},
		{
			"into a stake account", list(pay(owner, mine, 5)),
			func(p *explain.Policy) { p.MaxStake = map[solana.PublicKey]uint64{mine: 5} }, explain.ErrTransfer, 1,
		},
		{"out of an address by its seed", list(s.seededTransfer(owner, 5)), nil, explain.ErrLifetime, 1},
		{"out of an address by another's seed", list(system.NewTransferWithSeedInstruction(5, "x", accounts.TokenProgram, key(93),
			stranger, payer).Build()), nil, nil, 0},
		{"to a new stake account", list(pay(owner, newStake, 5), lido), also(s.sells(5), func(p *explain.Policy) {
			p.MaxNewAccounts, p.MaxRent = 1, 5
		}), nil, 0},
		{
			"to a new stake account, after it began", list(lido, pay(owner, newStake, 5)), also(s.sells(5), lamports(5)),
			explain.ErrTransfer, 2,
		},
		{
			"out of a new stake account before it begins", list(pay(owner, newStake, 5), pay(newStake, stranger, 5), lido),
			also(s.sells(5), lamports(5)), explain.ErrControl, 2,
		},
		{"to a stake account that never begins", list(pay(owner, newStake, 5)), lamports(9), explain.ErrTransfer, 1},
		{"to an address that is allocated later", list(
			pay(owner, s.wrap(), tokenRent), s.allocate(), s.initialize(), s.closeTo(owner),
		), s.vacant, nil, 0},
		{"to an address that was allocated", list(
			pay(payer, s.wrap(), tokenRent), s.allocate(), pay(owner, s.wrap(), 5), s.initialize(), s.closeTo(owner),
		), s.vacant, nil, 0},
		{"into a stake account that is allocated", list(s.createStake(payer), pay(owner, s.part(), 5)), lamports(9),
			explain.ErrTransfer, 2},
	})
}

// TestVerify_Lifetimes is about temporary accounts.
func TestVerify_Lifetimes(t *testing.T) {
	s := newScene(t)
	open := list(s.create(payer, tokenRent), s.initialize())
	and := func(ixs []solana.Instruction, more ...solana.Instruction) []solana.Instruction {
		return append(ixs[:len(ixs):len(ixs)], more...)
	}
	collect := list(pay(payer, s.wrap(), tokenRent), s.withdrawSOL(s.wrap(), 5, 40), s.allocate(), s.initialize())
	sells := s.sells(5)
	wrongSpace := system.NewCreateAccountWithSeedInstruction(owner, s.seed, tokenRent, 82, accounts.TokenProgram, payer, s.wrap(),
		owner).Build()
	otherProgram := system.NewCreateAccountWithSeedInstruction(owner, s.seed, 5, 0, stranger, owner, key(94), owner).Build()
	wrongAddress := system.NewCreateAccountWithSeedInstruction(owner, s.seed, 5, 165, accounts.TokenProgram, owner, key(94), owner).Build()
	theirs := system.NewCreateAccountWithSeedInstruction(payer, s.seed, 5, 165, accounts.TokenProgram, payer, key(94), payer).Build()
	forThem := system.NewCreateAccountWithSeedInstruction(payer, s.seed, 5, 165, accounts.TokenProgram, owner, key(94), payer).Build()
	byThem := system.NewCreateAccountWithSeedInstruction(payer, s.seed, 5, 165, accounts.TokenProgram, payer, s.wrap(), payer).Build()
	stakeSpace := system.NewAllocateWithSeedInstruction(owner, s.seed, 200, accounts.StakeProgram, s.part(), owner).Build()
	smaller := system.NewAllocateWithSeedInstruction(owner, s.seed, 164, accounts.TokenProgram, s.wrap(), owner).Build()
	otherMint := s.build(instructions.InitializeTokenAccount{
		Program: accounts.TokenProgram, Account: s.wrap(), Mint: s.pool.Mint, Owner: owner,
	})
	otherOwner := s.build(instructions.InitializeTokenAccount{
		Program: accounts.TokenProgram, Account: s.wrap(), Mint: accounts.NativeMint, Owner: payer,
	})
	stakeAsToken := s.build(instructions.InitializeTokenAccount{
		Program: accounts.TokenProgram, Account: s.part(), Mint: accounts.NativeMint, Owner: owner,
	})
	s.check(t, []ruleCase{
		{"opened and closed", and(open, s.closeTo(owner), pay(owner, payer, tokenRent)), nil, nil, 0},
		{"closed to the payer", and(open, s.closeTo(payer)), nil, nil, 0},
		{"closed to a stranger", and(open, s.closeTo(stranger)), lamports(1 << 40), explain.ErrClose, 3},
		{"closed to itself", and(open, s.closeTo(s.wrap())), nil, explain.ErrClose, 3},
		{"left open", open, nil, explain.ErrLifetime, 0},
		{"left without an owner", open[:1], nil, explain.ErrLifetime, 0},
		{"initialized only", open[1:], nil, nil, 0},
		{"initialized twice", and(open, open[1], s.closeTo(owner)), nil, explain.ErrLifetime, 3},
		{"created twice", list(open[0], open[0]), nil, explain.ErrLifetime, 2},
		{"created again after its end", and(open, s.closeTo(owner), open[0]), nil, explain.ErrLifetime, 4},
		{"closed before it begins", list(s.closeTo(payer), open[0], open[1]), nil, explain.ErrClose, 1},
		{"closed without an owner", list(open[0], s.closeTo(owner)), nil, explain.ErrLifetime, 2},
		{"closed to the owner, though it was there before", list(s.closeTo(owner)), nil, nil, 0},
		{"closed by another one", and(open, s.closeAs(s.wrap(), payer, payer)), nil, explain.ErrControl, 3},
		{"refilled", and(open, s.closeTo(owner), pay(owner, s.wrap(), 5)), lamports(1 << 40), explain.ErrLifetime, 4},
		{"refilled by the payer", and(open, s.closeTo(owner), pay(payer, s.wrap(), 5)), nil, explain.ErrLifetime, 4},
		{"room of another size", list(wrongSpace, open[1], s.closeTo(owner)), nil, explain.ErrControl, 1},
		{"of another program", list(otherProgram), lamports(5), explain.ErrTransfer, 1},
		{"at another address", list(wrongAddress), lamports(5), explain.ErrTransfer, 1},
		{"of another one", list(theirs), nil, nil, 0},
		{"of another one, at the owner's cost", list(forThem), lamports(5), explain.ErrTransfer, 1},
		{"over one of the owner's", list(open[0], byThem), nil, explain.ErrTransfer, 2},
		{"of another mint", list(open[0], otherMint, s.closeTo(owner)), nil, explain.ErrControl, 2},
		{"of another owner", list(open[0], otherOwner), nil, explain.ErrControl, 2},
		{"a stake account as a token account", list(s.createStake(payer), stakeAsToken), nil, explain.ErrControl, 2},
		{"collected", and(collect, s.closeTo(owner)), also(sells, s.vacant, least(40)), nil, 0},
		{"collected, and not known to be vacant", and(collect, s.closeTo(owner)), sells, explain.ErrPolicy, 3},
		{"allocated without money", and(collect[2:], s.closeTo(owner)), s.vacant, explain.ErrLifetime, 1},
		{"allocated twice", list(collect[0], collect[2], collect[2]), s.vacant, explain.ErrLifetime, 3},
		{"allocated later than it is claimed for", list(collect[0], smaller, collect[2], collect[3], s.closeTo(owner)), s.vacant,
			explain.ErrControl, 2},
		{"allocated smaller", list(collect[0], smaller, collect[3], s.closeTo(owner)), s.vacant, explain.ErrControl, 2},
		{"allocated for the stake program", list(pay(payer, s.part(), 5), stakeSpace), func(p *explain.Policy) {
			p.Vacant = []solana.PublicKey{s.part()}
		}, explain.ErrControl, 2},
		{"allocated by another one", list(system.NewAllocateWithSeedInstruction(stranger, "x", 165, accounts.TokenProgram,
			key(94), stranger).Build()), nil, nil, 0},
		{"collected and left", collect[:2], also(sells, lamports(1<<40)), explain.ErrForeign, 2},
		{"collected, and paid before it collects", list(collect[1], collect[0], collect[2], collect[3], s.closeTo(owner)),
			also(sells, s.vacant), explain.ErrForeign, 1},
		{"returned out of what was collected", list(collect[0], collect[1], s.seededTransfer(payer, tokenRent), collect[2], collect[3],
			s.tokens(s.wrap(), s.wrap(), owner, 40), s.closeTo(owner)), also(sells, s.vacant, least(40+tokenRent)), nil, 0},
		{"moved to the owner out of what was collected", list(collect[0], s.seededTransfer(owner, 7), collect[2], collect[3],
			s.closeTo(owner), pay(owner, payer, tokenRent)), s.vacant, nil, 0},
		{"moved on after it was allocated", list(collect[0], collect[2], s.seededTransfer(owner, 7), collect[3], s.closeTo(owner)),
			s.vacant, explain.ErrLifetime, 3},
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
	check := func(amount uint64) solana.Instruction { return s.tokens(s.wrap(), s.wrap(), owner, amount) }
	purse := newScene(t)
	purse.seed = "purse"
	second := list(purse.create(payer, tokenRent), purse.initialize())
	out := s.tokens(s.wrap(), purse.wrap(), owner, 7)
	native := s.ata(owner, accounts.NativeMint)
	s.check(t, []ruleCase{
		{"to the recipient", and(sell, check(40), s.closeTo(s.friend)), also(sells, s.toFriend, least(40+tokenRent)), nil, 0},
		{"less to the recipient", and(sell, check(40), s.closeTo(s.friend)), also(sells, s.toFriend, least(41+tokenRent)),
			explain.ErrTooLittle, 0},
		{"without a check", and(sell, s.closeTo(s.friend)), also(sells, s.toFriend, least(tokenRent+1)), explain.ErrTooLittle, 0},
		{"to the payer", and(sell, check(40), s.closeTo(payer)), sells, explain.ErrClose, 5},
		{"to the payer through a second account", and(append(second[:2:2], sell...), s.closeTo(purse.wrap()), purse.closeTo(payer)), sells,
			explain.ErrClose, 6},
		{"proceeds that are counted out to the payer", and(append(second[:2:2], sell...), out, s.closeTo(owner), purse.closeTo(payer),
			pay(owner, payer, tokenRent)), sells, explain.ErrTooMuch, 0},
		{"proceeds that are counted out to the payer, and allowed", and(append(second[:2:2], sell...), out, s.closeTo(owner),
			purse.closeTo(payer), pay(owner, payer, tokenRent)), also(sells, lamports(7)), nil, 0},
		{"proceeds that are counted out, with the rest to the recipient", and(append(second[:2:2], sell...),
			s.tokens(s.wrap(), purse.wrap(), owner, tokenRent+7), s.closeTo(s.friend), purse.closeTo(payer)),
			also(sells, s.toFriend), explain.ErrTooMuch, 0},
		{"the same, and allowed", and(append(second[:2:2], sell...),
			s.tokens(s.wrap(), purse.wrap(), owner, tokenRent+7), s.closeTo(s.friend), purse.closeTo(payer)),
			also(sells, s.toFriend, lamports(7)), nil, 0},
		{"rent of both to the payer", and(append(second[:2:2], sell...), s.tokens(s.wrap(), purse.wrap(), owner, tokenRent), check(40),
			s.closeTo(s.friend), purse.closeTo(payer)), also(sells, s.toFriend, least(40+tokenRent)), nil, 0},
		{"what a program paid by a stranger's hand", and(open, s.tokens(key(95), s.wrap(), stranger, 5), s.closeTo(payer)), nil,
			explain.ErrClose, 4},
		{"wrapped SOL by another's hand", and(open, s.tokens(s.wrap(), key(95), stranger, 5), s.closeTo(owner)), nil,
			explain.ErrControl, 3},
		{"wrapped SOL to a stranger", and(open, s.tokens(s.wrap(), key(95), owner, 5), s.closeTo(owner)), lamports(9),
			explain.ErrTransfer, 3},
		{"wrapped SOL of an account that is not known", list(s.tokens(key(95), native, owner, 5)), nil, explain.ErrTransfer, 1},
		{"wrapped SOL to the account of the owner's", list(s.create(owner, tokenRent+5), s.initialize(),
			s.tokens(s.wrap(), native, owner, 5), s.closeTo(owner)), nil, nil, 0},
		{"wrapped SOL out of the account of the owner's", list(s.create(payer, tokenRent), s.initialize(),
			s.tokens(native, s.wrap(), owner, 5), s.closeTo(payer)), lamports(4), explain.ErrTooMuch, 0},
		{"tokens of another mint", list(s.tokens(s.ata(owner, s.pool.Mint), native, owner, 5)), sells, explain.ErrTransfer, 1},
		{"wrapped SOL into an account of the pool's token", and(open, s.tokens(s.wrap(), s.ata(owner, s.pool.Mint), owner, 5),
			s.closeTo(owner)), sells, explain.ErrTransfer, 3},
		{"a recipient who lends", list(s.create(s.friend, tokenRent), s.initialize(), s.closeTo(s.friend)),
			also(s.toFriend, least(1)), explain.ErrTooLittle, 0},
		{"a recipient who lends and gets it back", list(s.create(s.friend, tokenRent), s.initialize(), s.closeTo(s.friend)),
			s.toFriend, nil, 0},
		{"a check without rent", and(sell, check(40), s.closeTo(s.friend)),
			also(sells, s.toFriend, least(40), func(p *explain.Policy) { p.TokenAccountRent = 0 }), nil, 0},
		{"a check that is lower than what is known", list(s.create(owner, tokenRent+50), s.initialize(), check(40), s.closeTo(payer)),
			lamports(tokenRent + 49), explain.ErrTooMuch, 0},
		{"a spent account to the payer", and(list(s.create(owner, tokenRent+50), s.initialize()),
			s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 50), s.closeTo(payer)), lamports(1 << 40), explain.ErrClose, 4},
		{"a spent account to the owner", and(list(s.create(owner, tokenRent+50), s.initialize()),
			s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 50), s.closeTo(owner)), lamports(50), nil, 0},
		{"a spent account of more", and(list(s.create(owner, tokenRent+50), s.initialize()),
			s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 51), s.closeTo(owner)), lamports(50), explain.ErrTooMuch, 0},
		{"spent before it is open", and(list(s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 50))), lamports(50), nil, 0},
		{"spent without an owner", list(s.create(owner, tokenRent+50), s.stakeInto(s.wrap(), s.ata(owner, s.pool.Mint), 50)),
			lamports(1 << 40), explain.ErrLifetime, 2},
		{"spent out of the owner's account", list(s.stakeInto(native, s.ata(owner, s.pool.Mint), 50)), lamports(50), nil, 0},
		{"tokens taken out of wrapped SOL", and(open, s.build(instructions.WithdrawSol{
			Pool: s.pool, Authority: owner, Source: s.wrap(), Destination: owner, PoolTokens: 5,
		}), s.closeTo(owner)), sells, explain.ErrLifetime, 3},
		{"wrapped SOL taken out of tokens", list(s.stakeInto(s.ata(owner, s.pool.Mint), s.ata(owner, s.pool.Mint), 50)), lamports(50),
			explain.ErrLifetime, 1},
		{"paid into an account without an owner", list(s.create(payer, tokenRent), s.unwrap(s.wrap(), 5), s.initialize(),
			s.closeTo(owner)), sells, explain.ErrForeign, 2},
	})
}

// TestVerify_Outcomes is about where trades pay to, and what is made sure of.
func TestVerify_Outcomes(t *testing.T) {
	s := newScene(t)
	token, native := s.ata(owner, s.pool.Mint), s.ata(owner, accounts.NativeMint)
	wants := func(tokens uint64) func(p *explain.Policy) {
		return func(p *explain.Policy) { p.MinTokens = map[solana.PublicKey]uint64{s.pool.Mint: tokens} }
	}
	held := func(tokens uint64) func(p *explain.Policy) {
		return func(p *explain.Policy) { p.Held = map[solana.PublicKey]uint64{s.pool.Mint: tokens} }
	}
	nothing := func(p *explain.Policy) { p.MaxTokens = nil }
	check := func(tokens uint64) solana.Instruction { return s.tokens(token, token, owner, tokens) }
	s.check(t, []ruleCase{
		{"tokens", list(s.deposit(token, 9, 50)), also(lamports(9), wants(50)), nil, 0},
		{"fewer tokens", list(s.deposit(token, 9, 50)), also(lamports(9), wants(51)), explain.ErrTooLittle, 0},
		{"more SOL", list(s.deposit(token, 10, 50)), also(lamports(9), wants(50)), explain.ErrTooMuch, 0},
		{"tokens of a mint that the policy does not name", list(s.deposit(token, 9, 50)), also(lamports(9), nothing), explain.ErrForeign, 1},
		{"tokens of a mint that is held", list(s.deposit(token, 9, 50)), also(lamports(9), nothing, held(0)), nil, 0},
		{"tokens of a mint that is wanted", list(s.deposit(token, 9, 50)), also(lamports(9), nothing, wants(50)), nil, 0},
		{"tokens to a stranger", list(s.deposit(s.ata(stranger, s.pool.Mint), 9, 50)), lamports(9), explain.ErrForeign, 1},
		{"tokens to the payer", list(s.deposit(s.ata(payer, s.pool.Mint), 9, 50)), lamports(9), explain.ErrForeign, 1},
		{"tokens to the recipient", list(s.deposit(s.ata(s.friend, s.pool.Mint), 9, 50)), also(lamports(9), s.toFriend, wants(50)), nil, 0},
		{"fewer tokens to the recipient", list(s.deposit(s.ata(s.friend, s.pool.Mint), 9, 50)),
			also(lamports(9), s.toFriend, wants(51)), explain.ErrTooLittle, 0},
		{"tokens to the owner in place of the recipient", list(s.deposit(token, 9, 50)), also(lamports(9), s.toFriend, wants(50)),
			explain.ErrTooLittle, 0},
		{"tokens to an account of wrapped SOL", list(s.deposit(native, 9, 50)), lamports(9), explain.ErrForeign, 1},
		{"tokens to the wallet", list(s.deposit(owner, 9, 50)), lamports(9), explain.ErrSigner, 1},
		{"SOL", list(s.withdrawSOL(owner, 5, 40)), also(s.sells(5), least(40)), nil, 0},
		{"SOL to the recipient", list(s.withdrawSOL(s.friend, 5, 40)), also(s.sells(5), s.toFriend, least(40)), nil, 0},
		{"SOL to the payer", list(s.withdrawSOL(payer, 5, 40)), s.sells(5), explain.ErrForeign, 1},
		{"wrapped SOL to the account of the owner's", list(s.unwrap(native, 5)), s.sells(5), nil, 0},
		{"wrapped SOL to the account of the recipient's", list(s.unwrap(s.ata(s.friend, accounts.NativeMint), 5)),
			also(s.sells(5), s.toFriend), nil, 0},
		{"no limit", list(s.unwrap(native, 5)), also(s.sells(5), least(1)), explain.ErrNoLimit, 0},
		{"wrapped SOL that is checked", list(s.unwrap(native, 5), s.tokens(native, native, owner, 9)), also(s.sells(5), least(9),
			func(p *explain.Policy) { p.Held = map[solana.PublicKey]uint64{accounts.NativeMint: 0} }), nil, 0},
		{"tokens that are checked", list(s.deposit(token, 9, 0), check(60)), also(lamports(9), wants(50), held(10)), nil, 0},
		{"tokens that are checked for too little", list(s.deposit(token, 9, 0), check(60)), also(lamports(9), wants(51), held(10)),
			explain.ErrTooLittle, 0},
		{"tokens that are checked, of an unknown balance", list(s.deposit(token, 9, 0), check(60)), also(lamports(9), wants(50)),
			explain.ErrTooLittle, 0},
		{"a check that is lower than the limit", list(s.deposit(token, 9, 50), check(20)), also(lamports(9), wants(50), held(10)), nil, 0},
		{"tokens that are spent again", list(s.deposit(token, 9, 50), s.withdrawSOL(owner, 50, 8)), lamports(1), nil, 0},
		{"tokens that are spent again, and more", list(s.deposit(token, 9, 50), s.withdrawSOL(owner, 51, 8)), lamports(9),
			explain.ErrTooMuch, 0},
		{"a check of a stranger's account", list(s.tokens(key(95), key(95), owner, 60)), nil, nil, 0},
		{"a trade of another one's", list(s.build(instructions.WithdrawSol{
			Pool: s.pool, Authority: stranger, Source: key(95), Destination: stranger, PoolTokens: 5,
		})), nil, nil, 0},
		{"a trade of another one's out of an account of the owner's", list(s.build(instructions.WithdrawSol{
			Pool: s.pool, Authority: stranger, Source: token, Destination: stranger, PoolTokens: 5,
		})), s.sells(5), explain.ErrSigner, 1},
		{"a trade of another one's for the owner", list(s.build(instructions.WithdrawSol{
			Pool: s.pool, Authority: stranger, Source: key(95), Destination: owner, PoolTokens: 5,
		})), nil, explain.ErrSigner, 1},
		{"a trade out of an account that is not known", list(s.build(instructions.WithdrawSol{
			Pool: s.pool, Authority: owner, Source: key(95), Destination: owner, PoolTokens: 5,
		})), s.sells(5), nil, 0},
		{"the same of more", list(s.build(instructions.WithdrawSol{
			Pool: s.pool, Authority: owner, Source: key(95), Destination: owner, PoolTokens: 6,
		})), s.sells(5), explain.ErrTooMuch, 0},
		{"tokens burnt", list(s.build(upstream{solana.NewInstruction(accounts.TokenProgram, solana.AccountMetaSlice{
			solana.Meta(token).WRITE(), solana.Meta(s.pool.Mint).WRITE(), solana.Meta(owner).SIGNER(),
		}, []byte{8, 1, 0, 0, 0, 0, 0, 0, 0})})), s.sells(5), explain.ErrTransfer, 1},
		{"tokens burnt by another hand", list(s.build(upstream{solana.NewInstruction(accounts.TokenProgram, solana.AccountMetaSlice{
			solana.Meta(token).WRITE(), solana.Meta(s.pool.Mint).WRITE(), solana.Meta(stranger).SIGNER(),
		}, []byte{8, 1, 0, 0, 0, 0, 0, 0, 0})})), s.sells(5), explain.ErrSigner, 1},
		{"tokens of others burnt", list(s.build(upstream{solana.NewInstruction(accounts.TokenProgram, solana.AccountMetaSlice{
			solana.Meta(key(95)).WRITE(), solana.Meta(s.pool.Mint).WRITE(), solana.Meta(stranger).SIGNER(),
		}, []byte{8, 1, 0, 0, 0, 0, 0, 0, 0})})), nil, nil, 0},
		{"a gift of tokens by another's hand", list(s.tokens(key(95), token, stranger, 5)), nil, nil, 0},
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
	two := func(p *explain.Policy) { p.MaxLamports, p.MaxNewAccounts, p.MaxRent = 9, 2, 2*tokenRent }
	wrong := solana.NewInstruction(accounts.AssociatedTokenProgram, solana.AccountMetaSlice{
		solana.Meta(owner).WRITE().SIGNER(), solana.Meta(token).WRITE(), solana.Meta(s.friend), solana.Meta(s.pool.Mint),
		solana.Meta(accounts.SystemProgram), solana.Meta(accounts.TokenProgram),
	}, []byte{1})
	otherMint := solana.NewInstruction(accounts.AssociatedTokenProgram, solana.AccountMetaSlice{
		solana.Meta(owner).WRITE().SIGNER(), solana.Meta(token).WRITE(), solana.Meta(owner), solana.Meta(key(96)),
		solana.Meta(accounts.SystemProgram), solana.Meta(accounts.TokenProgram),
	}, []byte{1})
	ticket := key(97)
	order := s.build(instructions.MarinadeOrderUnstake{
		Marinade:  marinadeOf(s.pool.Mint),
		Authority: owner, Source: token, Ticket: ticket, MSOL: 5,
	})
	make := func(funder, program solana.PublicKey) solana.Instruction {
		return system.NewCreateAccountInstruction(7, 88, program, funder, ticket).Build()
	}
	ticketed := func(p *explain.Policy) {
		p.MaxTokens[s.pool.Mint], p.MaxLamports, p.MaxNewAccounts, p.MaxRent = 5, 7, 1, 7
	}
	fee := s.build(instructions.RouterCreateFeeTokenAccount{Program: accounts.RouterProgram, Payer: owner, Mint: s.pool.Mint})
	theirFee := s.build(instructions.RouterCreateFeeTokenAccount{Program: accounts.RouterProgram, Payer: payer, Mint: s.pool.Mint})
	s.check(t, []ruleCase{
		{"one", list(create(owner, owner, s.pool.Mint), deposit), one, nil, 0},
		{"the same twice", list(create(owner, owner, s.pool.Mint), deposit, create(owner, owner, s.pool.Mint)), one, nil, 0},
		{"none allowed", list(create(owner, owner, s.pool.Mint), deposit), also(one, func(p *explain.Policy) { p.MaxNewAccounts = 0 }),
			explain.ErrForm, 0},
		{"too much rent", list(create(owner, owner, s.pool.Mint), deposit), also(one, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrTooMuch, 0},
		{"an unknown rent", list(create(owner, owner, s.pool.Mint), deposit), also(one, func(p *explain.Policy) { p.TokenAccountRent = 0 }),
			explain.ErrPolicy, 0},
		{"no rent to know", list(create(payer, owner, s.pool.Mint), deposit), func(p *explain.Policy) {
			p.TokenAccountRent, p.MaxLamports = 0, 9
		}, nil, 0},
		{"nothing is paid into", list(create(owner, owner, s.pool.Mint)), one, explain.ErrTransfer, 0},
		{"one of two is not paid into", list(create(owner, owner, s.pool.Mint), deposit, create(owner, owner, accounts.NativeMint)), two,
			explain.ErrTransfer, 0},
		{"another's", list(create(owner, stranger, s.pool.Mint)), one, explain.ErrTransfer, 1},
		{"another mint's", list(create(owner, owner, key(96))), one, explain.ErrTransfer, 1},
		{"another's at the address of the owner's", list(wrong, deposit), also(one, s.toFriend), explain.ErrTransfer, 1},
		{"another mint's at the address of the owner's", list(otherMint, deposit), one, explain.ErrTransfer, 1},
		{"by the payer", list(create(payer, stranger, key(96))), nil, nil, 0},
		{"a ticket", list(make(owner, accounts.MarinadeProgram), order), ticketed, nil, 0},
		{"a ticket of more rent", list(make(owner, accounts.MarinadeProgram), order), also(ticketed, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrTooMuch, 0},
		{"a ticket that costs more", list(make(owner, accounts.MarinadeProgram), order),
			also(ticketed, func(p *explain.Policy) { p.MaxLamports-- }), explain.ErrTooMuch, 0},
		{"a ticket by the payer", list(make(payer, accounts.MarinadeProgram), order), s.sells(5), nil, 0},
		{"a ticket of another program", list(make(owner, accounts.StakeProgram), order), ticketed, explain.ErrTransfer, 1},
		{"a ticket after the order", list(order, make(owner, accounts.MarinadeProgram)), ticketed, explain.ErrTransfer, 2},
		{"a ticket without an order", list(make(owner, accounts.MarinadeProgram)), ticketed, explain.ErrTransfer, 1},
		{"SOL into a ticket", list(pay(owner, ticket, 5), make(owner, accounts.MarinadeProgram), order), ticketed, explain.ErrTransfer, 1},
		{"a ticket for more tokens", list(make(owner, accounts.MarinadeProgram), order),
			also(ticketed, s.sells(4)), explain.ErrTooMuch, 0},
		{"the Router's fee account", list(fee), two, explain.ErrTransfer, 1},
		{"the Router's fee account by the payer", list(theirFee), nil, nil, 0},
	})
}

// TestVerify_Stake is about stake accounts of the policy, and new ones.
func TestVerify_Stake(t *testing.T) {
	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)
	may := func(most uint64, permission explain.StakePermission) func(p *explain.Policy) {
		return func(p *explain.Policy) {
			p.MaxStake = map[solana.PublicKey]uint64{mine: most}
			p.Stake = map[solana.PublicKey]explain.StakePermission{mine: permission}
		}
	}
	all := ^uint64(0)
	stays := func(p *explain.Policy) { p.MaxNewAccounts, p.MaxRent = 1, stakeRent }
	stake := func(least uint64) func(p *explain.Policy) { return func(p *explain.Policy) { p.MinStake = least } }
	split := list(s.createStake(owner), s.split(mine, s.part(), 7))
	withdrawn := list(s.createStake(owner), s.withdrawStake(s.part(), owner, owner, 5, 40))
	and := func(ixs []solana.Instruction, more ...solana.Instruction) []solana.Instruction {
		return append(ixs[:len(ixs):len(ixs)], more...)
	}
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
	reserve := func(stake, owner, to solana.PublicKey) solana.Instruction {
		return s.build(instructions.Unstake{Reserve: instructions.Reserve{
			Program: accounts.ReserveProgram, Pool: key(71), SOL: key(72), Fee: key(73), ProtocolFee: key(74), ProtocolFeeDestination: key(75),
		}, Owner: owner, Stake: stake, Destination: to})
	}
	byStranger := stakeprogram.NewAuthorizeInstruction(owner, stakeprogram.StakeAuthorizeStaker, mine, stranger).Build()
	gift := stakeprogram.NewAuthorizeInstruction(owner, stakeprogram.StakeAuthorizeStaker, key(98), stranger).Build()
	hand := func(to solana.PublicKey) []solana.Instruction {
		return list(s.authorize(s.part(), to, false), s.authorize(s.part(), to, true))
	}
	s.check(t, []ruleCase{
		{"split", split, also(may(7, splits), stays, stake(7)), nil, 0},
		{"split of more", split, also(may(6, splits), stays), explain.ErrTooMuch, 0},
		{"split without permission", split, also(may(7, none), stays), explain.ErrControl, 2},
		{"split of an account that is not named", split, stays, explain.ErrControl, 2},
		{"split with permission alone", split, also(func(p *explain.Policy) {
			p.Stake = map[solana.PublicKey]explain.StakePermission{mine: splits}
		}, stays), explain.ErrTooMuch, 0},
		{"split of more stake wanted", split, also(may(7, splits), stays, stake(8)), explain.ErrTooLittle, 0},
		{"split into an account that is not new", split[1:], may(7, splits), explain.ErrTransfer, 1},
		{"split into a token account", list(s.create(owner, tokenRent), s.split(mine, s.wrap(), 7)), may(7, splits), explain.ErrTransfer, 2},
		{"split of a part of it", and(split, s.split(s.part(), key(98), 1)), also(may(7, splits), stays), explain.ErrControl, 3},
		{"split by another hand", list(s.createStake(owner), stakeprogram.NewSplitInstruction(7, key(98), s.part(), stranger).Build()),
			nil, explain.ErrSigner, 2},
		{"others split", list(stakeprogram.NewSplitInstruction(7, key(98), key(99), stranger).Build()), nil, nil, 0},
		{"an account that is too much", split, also(may(7, splits), stays, func(p *explain.Policy) { p.MaxNewAccounts = 0 }),
			explain.ErrForm, 0},
		{"an account of too much rent", split, also(may(7, splits), stays, func(p *explain.Policy) { p.MaxRent-- }), explain.ErrTooMuch, 0},
		{"split and deposited", and(split, s.depositStake(s.part(), token)...), also(may(7, splits), lamports(stakeRent)), nil, 0},
		{"split and deposited, and the rent is not allowed", and(split, s.depositStake(s.part(), token)...),
			also(may(7, splits), lamports(stakeRent-1)), explain.ErrTooMuch, 0},
		{"split, deposited, and used after", and(and(split, s.depositStake(s.part(), token)...), deactivate(s.part(), owner)),
			also(may(7, splits), lamports(stakeRent)), explain.ErrLifetime, 6},
		{"split and handed over", and(split, hand(s.friend)...), also(may(7, splits), lamports(stakeRent), s.toFriend, stake(7)), nil, 0},
		{"handed over the other way round", and(split, hand(s.friend)[1], hand(s.friend)[0]),
			also(may(7, splits), lamports(stakeRent), s.toFriend, stake(7)), nil, 0},
		{"handed over, and less arrives", and(split, hand(s.friend)...), also(may(7, splits), lamports(stakeRent), s.toFriend, stake(8)),
			explain.ErrTooLittle, 0},
		{"handed over, with the rent", and(split, hand(s.friend)...), also(may(7, splits), lamports(stakeRent-1), s.toFriend),
			explain.ErrTooMuch, 0},
		{"handed over, and rent is no SOL", and(split, hand(s.friend)...),
			also(may(7, splits), lamports(stakeRent), s.toFriend, least(1)), explain.ErrTooLittle, 0},
		{"handed over by half", and(split, hand(s.friend)[0]), also(may(7, splits), lamports(stakeRent), s.toFriend), explain.ErrControl, 0},
		{"handed over by the other half", and(split, hand(s.friend)[1]), also(may(7, splits), lamports(stakeRent), s.toFriend),
			explain.ErrControl, 0},
		{"handed to a stranger", and(split, hand(stranger)...), also(may(7, splits), lamports(stakeRent)), explain.ErrControl, 3},
		{"kept", and(split, hand(owner)...), also(may(7, splits), stays), nil, 0},
		{"handed over and taken back", and(split, hand(s.friend)[0], hand(owner)[0]),
			also(may(7, splits), stays, s.toFriend), explain.ErrControl, 4},
		{"handed over and deposited", and(split, hand(s.friend)[0], s.depositStake(s.part(), token)[0], s.depositStake(s.part(), token)[1],
			s.depositStake(s.part(), token)[2]), also(may(7, splits), lamports(stakeRent), s.toFriend), explain.ErrControl, 4},
		{"handed over and sold", and(split, hand(s.friend)[0], reserve(s.part(), owner, owner)),
			also(may(7, splits), lamports(stakeRent), s.toFriend), explain.ErrControl, 4},
		{"handed over and deactivated", and(split, hand(s.friend)[0], deactivate(s.part(), owner), hand(s.friend)[1]),
			also(may(7, splits), lamports(stakeRent), s.toFriend, func(p *explain.Policy) { p.DeactivateReceived = true }),
			explain.ErrControl, 4},
		{"deactivated and handed over", and(split, deactivate(s.part(), owner), hand(s.friend)[0], hand(s.friend)[1]),
			also(may(7, splits), lamports(stakeRent), s.toFriend, func(p *explain.Policy) { p.DeactivateReceived = true }), nil, 0},
		{"deactivated without permission", and(split, deactivate(s.part(), owner)), also(may(7, splits), stays), explain.ErrControl, 3},
		{"deactivated with another permission", and(split, deactivate(s.part(), owner)),
			also(may(7, explain.StakePermission{Split: true, Deactivate: true}), stays), explain.ErrControl, 3},
		{"deactivated with permission", list(deactivate(mine, owner)), may(0, explain.StakePermission{Deactivate: true}), nil, 0},
		{"deactivated with permission for a new one", list(deactivate(mine, owner)), also(may(all, none),
			func(p *explain.Policy) { p.DeactivateReceived = true }), explain.ErrControl, 1},
		{"another one deactivated with permission", list(deactivate(key(98), owner)), may(0, explain.StakePermission{Deactivate: true}),
			explain.ErrControl, 1},
		{"deactivated by another hand", list(deactivate(mine, stranger)), may(0, explain.StakePermission{Deactivate: true}),
			explain.ErrSigner, 1},
		{"others deactivate", list(deactivate(key(98), stranger)), nil, nil, 0},
		{"delegated with permission", list(delegate(key(60), owner)), may(0, explain.StakePermission{Delegate: key(60)}), nil, 0},
		{"delegated elsewhere", list(delegate(key(61), owner)), may(0, explain.StakePermission{Delegate: key(60)}), explain.ErrControl, 1},
		{"delegated without permission", list(delegate(solana.PublicKey{}, owner)), may(0, none), explain.ErrControl, 1},
		{"delegated by another hand", list(delegate(key(60), stranger)), may(0, explain.StakePermission{Delegate: key(60)}),
			explain.ErrSigner, 1},
		{"a staker with permission", list(s.authorize(mine, stranger, false)), may(0, explain.StakePermission{Staker: stranger}), nil, 0},
		{"a withdrawer with the permission of a staker", list(s.authorize(mine, stranger, true)),
			may(all, explain.StakePermission{Staker: stranger}), explain.ErrControl, 1},
		{"a staker with the permission of a withdrawer", list(s.authorize(mine, stranger, false)),
			may(all, explain.StakePermission{Withdrawer: stranger}), explain.ErrControl, 1},
		{"another staker", list(s.authorize(mine, key(98), false)), may(0, explain.StakePermission{Staker: stranger}), explain.ErrControl, 1},
		{"a withdrawer with permission", list(s.authorize(mine, stranger, true)), may(all, explain.StakePermission{Withdrawer: stranger}),
			nil, 0},
		{"another withdrawer", list(s.authorize(mine, key(98), true)), may(all, explain.StakePermission{Withdrawer: stranger}),
			explain.ErrControl, 1},
		{"a withdrawer with permission for a part", list(s.authorize(mine, stranger, true)),
			may(all-1, explain.StakePermission{Withdrawer: stranger}), explain.ErrTooMuch, 0},
		{"nobody as the staker", list(s.authorize(mine, solana.PublicKey{}, false)), may(all, none), explain.ErrControl, 1},
		{"nobody as the withdrawer", list(s.authorize(mine, solana.PublicKey{}, true)), may(all, none), explain.ErrControl, 1},
		{"the recipient as the staker of what is left", list(s.authorize(mine, s.friend, false)), also(may(all, none), s.toFriend),
			explain.ErrControl, 1},
		{"the owner as the staker", list(s.authorize(key(98), owner, false)), nil, nil, 0},
		{"by another hand", list(byStranger), may(all, none), explain.ErrSigner, 1},
		{"a gift of authority", list(gift), nil, nil, 0},
		{"withdrawn", list(withdraw(mine, owner, 7)), also(may(7, none), least(7)), nil, 0},
		{"withdrawn of more", list(withdraw(mine, owner, 8)), may(7, none), explain.ErrTooMuch, 0},
		{"withdrawn twice", list(withdraw(mine, owner, 4), withdraw(mine, owner, 4)), may(7, none), explain.ErrTooMuch, 0},
		{"withdrawn for the recipient", list(withdraw(mine, s.friend, 7)), also(may(7, none), s.toFriend, least(7)), nil, 0},
		{"withdrawn for the recipient of more", list(withdraw(mine, s.friend, 7)), also(may(7, none), s.toFriend, least(8)),
			explain.ErrTooLittle, 0},
		{"withdrawn for the payer", list(withdraw(mine, payer, 7)), may(7, none), explain.ErrTransfer, 1},
		{"withdrawn from an account that is not named", list(withdraw(key(98), owner, 7)), nil, explain.ErrControl, 1},
		{"withdrawn from a new account", and(split, withdraw(s.part(), owner, 7)), also(may(7, splits), stays), explain.ErrControl, 3},
		{"withdrawn by another hand", list(stakeprogram.NewWithdrawInstruction(7, mine, stranger, stranger).Build()), may(7, none),
			explain.ErrSigner, 1},
		{"merged", list(stakeprogram.NewMergeInstruction(mine, key(98), owner).Build()), may(all, none), explain.ErrControl, 1},
		{"merged by another hand", list(stakeprogram.NewMergeInstruction(mine, key(98), stranger).Build()), may(all, none),
			explain.ErrSigner, 1},
		{"others merge", list(stakeprogram.NewMergeInstruction(key(98), key(99), stranger).Build()), nil, nil, 0},
		{"deposited", s.depositStake(mine, token), may(all, none), nil, 0},
		{"deposited in part", s.depositStake(mine, token), may(all-1, none), explain.ErrTooMuch, 0},
		{"deposited without being named", s.depositStake(mine, token), nil, explain.ErrControl, 1},
		{"deposited for a stranger", s.depositStake(mine, s.ata(stranger, s.pool.Mint)), may(all, none), explain.ErrForeign, 3},
		{"deposited as it is", s.depositStake(mine, token)[2:], may(all, none), nil, 0},
		{"others deposit", s.depositStake(mine, s.ata(stranger, s.pool.Mint))[2:], nil, nil, 0},
		{"others deposit for the owner", s.depositStake(mine, token)[2:], nil, explain.ErrSigner, 1},
		{"handed to the pool and not deposited", s.depositStake(mine, token)[:2], may(all, none), explain.ErrControl, 1},
		{"handed to the pool, with another one deposited", and(s.depositStake(mine, token)[:2], s.depositStake(key(98), token)[2]),
			may(all, none), explain.ErrControl, 1},
		{"handed to another pool", list(s.authorize(mine, key(98), false), s.depositStake(mine, token)[2]), may(all, none),
			explain.ErrControl, 1},
		{"handed to the pool with something in between", list(s.depositStake(mine, token)[0], pay(owner, owner, 1),
			s.depositStake(mine, token)[2]), may(all, none), explain.ErrControl, 1},
		{"handed to the pool with another one in between", list(s.depositStake(mine, token)[0],
			s.authorize(key(98), s.pool.StakeDepositAuthority, true), s.depositStake(mine, token)[2]), may(all, none),
			explain.ErrControl, 1},
		{"handed to the pool with another hand in between", list(s.depositStake(mine, token)[0], s.authorize(mine, stranger, true),
			s.depositStake(mine, token)[2]), may(all, none), explain.ErrControl, 1},
		{"handed to the pool before a sale", list(s.depositStake(mine, token)[0], reserve(mine, owner, owner)), may(all, none),
			explain.ErrControl, 1},
		{"sold", list(reserve(mine, owner, owner)), may(all, none), nil, 0},
		{"sold without being named", list(reserve(mine, owner, owner)), nil, explain.ErrControl, 1},
		{"sold by another hand", list(reserve(mine, stranger, stranger)), may(all, none), explain.ErrControl, 1},
		{"others sell", list(reserve(key(98), stranger, stranger)), nil, nil, 0},
		{"others sell for the owner", list(reserve(key(98), stranger, owner)), nil, explain.ErrSigner, 1},
		{"sold for a stranger", list(reserve(mine, owner, stranger)), may(all, none), explain.ErrForeign, 1},
		{"sold and wanted", list(reserve(mine, owner, owner)), also(may(all, none), least(1)), explain.ErrNoLimit, 0},
		{"taken out of the pool", withdrawn, also(s.sells(5), stays, stake(40)), nil, 0},
		{"taken out of the pool of less", withdrawn, also(s.sells(5), stays, stake(41)), explain.ErrTooLittle, 0},
		{"taken out of the pool for more", withdrawn, also(s.sells(4), stays), explain.ErrTooMuch, 0},
		{"taken out of the pool for a stranger", list(withdrawn[0], s.withdrawStake(s.part(), stranger, owner, 5, 40)), s.sells(5),
			explain.ErrForeign, 2},
		{"taken out of the pool for the recipient", list(withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40)),
			also(s.sells(5), s.toFriend, lamports(stakeRent), stake(40)), nil, 0},
		{"taken out of the pool for the recipient of more", list(withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40)),
			also(s.sells(5), s.toFriend, lamports(stakeRent), stake(41)), explain.ErrTooLittle, 0},
		{"taken out of the pool for the recipient with rent", list(withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40)),
			also(s.sells(5), s.toFriend, lamports(stakeRent-1)), explain.ErrTooMuch, 0},
		{"the recipient's is not the owner's any more", list(withdrawn[0], s.withdrawStake(s.part(), s.friend, owner, 5, 40),
			deactivate(s.part(), owner)), also(s.sells(5), s.toFriend, lamports(stakeRent)), explain.ErrLifetime, 3},
		{"into an account that is not new", withdrawn[1:], s.sells(5), explain.ErrLifetime, 1},
		{"into a token account of the owner's", list(s.create(owner, tokenRent), s.withdrawStake(s.wrap(), owner, owner, 5, 40)),
			s.sells(5), explain.ErrLifetime, 2},
		{"into an account that is in use", and(withdrawn, withdrawn[1]), also(s.sells(9), stays), explain.ErrLifetime, 3},
		{"by another hand into an account of the owner's", list(withdrawn[0], s.withdrawStake(s.part(), stranger, stranger, 5, 40)), nil,
			explain.ErrSigner, 2},
		{"left open", list(s.createStake(owner)), lamports(stakeRent), explain.ErrLifetime, 0},
	})
}

// TestVerify_Bridges is about accounts of the Router, Lido and Marinade, which
// the transaction does not create by a seed.
func TestVerify_Bridges(t *testing.T) {
	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)
	other := s.pool
	other.Mint = key(37)
	destination := s.ata(owner, other.Mint)
	bridge, err := accounts.RouterBridgeStake(accounts.RouterProgram, owner, 9)
	require.NoError(t, err)
	reserve := instructions.Reserve{
		Program: accounts.ReserveProgram, Pool: key(71), SOL: key(72), Fee: key(73), ProtocolFee: key(74), ProtocolFeeDestination: key(75),
	}
	swap := s.build(instructions.RouterSwapViaStake{
		Program: accounts.RouterProgram, User: owner, Source: token, Destination: destination, PoolTokens: 5, BridgeSeed: 9,
		From: instructions.StakePoolWithdrawStake(s.pool, key(44)), To: instructions.StakePoolDepositStake(other, key(44)),
	})
	prefunded := s.build(instructions.RouterPrefundWithdrawStake{
		Program: accounts.RouterProgram, User: owner, Source: token, From: instructions.StakePoolWithdrawStake(s.pool, key(44)),
		Reserve: reserve, PoolTokens: 5, BridgeSeed: 9,
	})
	sale := s.build(instructions.RouterDepositStake{
		Program: accounts.RouterProgram, User: owner, Stake: bridge, Destination: destination,
		To: instructions.StakePoolDepositStake(other, key(44)),
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
				Program: accounts.LidoProgram, State: key(81), Reserve: key(82), StSOLMint: s.pool.Mint, ValidatorList: key(83),
				StakeAuthority: key(84),
			},
			Owner: by, Source: token, Vote: key(85), Split: key(86), Destination: destination, StSOL: 5,
		})
	}
	marinade := func(payer, beneficiary solana.PublicKey) solana.Instruction {
		return s.build(instructions.MarinadeWithdrawStakeAccount{
			Marinade:  marinadeOf(s.pool.Mint),
			Authority: owner, Source: token, Split: key(86), NewStake: newStake, Payer: payer, Beneficiary: beneficiary, MSOL: 5,
		})
	}
	gets := func(p *explain.Policy) { p.MaxTokens = map[solana.PublicKey]uint64{s.pool.Mint: 5, other.Mint: 0} }
	stays := func(p *explain.Policy) { p.MaxNewAccounts, p.MaxRent = 1, stakeRent }
	s.check(t, []ruleCase{
		{"a bridge", list(pay(owner, bridge, 7), swap), also(gets, lamports(7)), nil, 0},
		{"a bridge of more", list(pay(owner, bridge, 8), swap), also(gets, lamports(7)), explain.ErrTooMuch, 0},
		{"a bridge by the payer", list(pay(payer, bridge, 7), swap), gets, nil, 0},
		{"a bridge without money", list(swap), gets, nil, 0},
		{"a bridge after its end", list(pay(owner, bridge, 7), swap, pay(owner, bridge, 7)), also(gets, lamports(99)), explain.ErrLifetime, 3},
		{"a bridge that is paid late", list(swap, pay(owner, bridge, 7)), also(gets, lamports(99)), explain.ErrTransfer, 2},
		{"another bridge", list(pay(owner, key(98), 7), named(swap, "bridge stake account", key(98))), also(gets, lamports(7)),
			explain.ErrTransfer, 1},
		{"a bridge that is in use", list(s.createStake(payer), named(swap, "bridge stake account", s.part())), gets, explain.ErrLifetime, 2},
		{"a swap of another one's over the bridge", list(named(swap, "user", stranger)), gets, explain.ErrSigner, 1},
		{"a prefunded bridge", list(prefunded), also(gets, func(p *explain.Policy) { p.MaxNewAccounts = 1 }), nil, 0},
		{"another prefunded bridge", list(named(prefunded, "bridge stake account", key(98))), gets, explain.ErrLifetime, 1},
		{"a prefunded bridge that is deposited", list(prefunded, sale), gets, nil, 0},
		{"a bridge that was there before is deposited", list(sale, prefunded), gets, explain.ErrControl, 1},
		{"a prefunded bridge twice", list(prefunded, prefunded), also(gets, func(p *explain.Policy) {
			p.MaxTokens[s.pool.Mint], p.MaxNewAccounts = 10, 2
		}), explain.ErrLifetime, 2},
		{"a prefunded bridge of another one's", list(named(prefunded, "user", stranger)), gets, explain.ErrSigner, 1},
		{"stake of Lido", list(pay(payer, newStake, stakeRent), lido(newStake, owner)), also(gets, stays), nil, 0},
		{"stake of Lido that is wanted", list(pay(payer, newStake, stakeRent), lido(newStake, owner)),
			also(gets, stays, func(p *explain.Policy) { p.MinStake = 1 }), explain.ErrNoLimit, 0},
		{"stake of Lido twice", list(pay(payer, newStake, stakeRent), lido(newStake, owner), lido(newStake, owner)),
			also(gets, stays, s.sells(10)), explain.ErrLifetime, 3},
		{"stake of Lido by another hand", list(lido(newStake, stranger)), gets, explain.ErrSigner, 1},
		{"stake of Lido in a temporary account", list(s.createStake(payer), lido(s.part(), owner)), also(gets, stays), explain.ErrLifetime, 2},
		{"stake of Marinade", list(marinade(owner, owner)), also(gets, stays), nil, 0},
		{"stake of Marinade without a rent", list(marinade(owner, owner)), also(gets, stays, func(p *explain.Policy) { p.StakeAccountRent = 0 }),
			explain.ErrPolicy, 1},
		{"stake of Marinade, with less rent", list(marinade(owner, owner)), also(gets, stays, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrTooMuch, 0},
		{"stake of Marinade by the payer", list(marinade(payer, owner)), also(gets, func(p *explain.Policy) {
			p.MaxNewAccounts, p.StakeAccountRent = 1, 0
		}), nil, 0},
		{"stake of Marinade for the recipient", list(marinade(owner, s.friend)), also(gets, s.toFriend, lamports(stakeRent)), nil, 0},
		{"stake of Marinade for the recipient, with its rent", list(marinade(owner, s.friend)),
			also(gets, s.toFriend, lamports(stakeRent-1)), explain.ErrTooMuch, 0},
		{"stake of Marinade for a stranger", list(marinade(owner, stranger)), also(gets, lamports(stakeRent)), explain.ErrForeign, 1},
	})
}

// TestVerify_Places is about the owner's key and accounts in places where they
// have no business.
func TestVerify_Places(t *testing.T) {
	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)
	spl := func(tag byte, accounts_ ...*solana.AccountMeta) solana.Instruction {
		return solana.NewInstruction(accounts.TokenProgram, accounts_, append([]byte{tag}, 1, 0, 0, 0, 0, 0, 0, 0))
	}
	signs := solana.Meta(owner).SIGNER()
	other := solana.Meta(stranger).SIGNER()
	write := func(k solana.PublicKey) *solana.AccountMeta { return solana.Meta(k).WRITE() }
	update := func(account solana.PublicKey) solana.Instruction {
		return s.build(instructions.UpdateStakePoolBalance{Pool: instructions.StakePool{
			Program: s.pool.Program, Address: account, WithdrawAuthority: key(32), ValidatorList: key(33), ReserveStake: key(34),
			Mint: key(35), ManagerFeeAccount: key(36), TokenProgram: accounts.TokenProgram,
		}})
	}
	lighthouse := func(account solana.PublicKey) solana.Instruction {
		return solana.NewInstruction(explain.LighthouseProgram, solana.AccountMetaSlice{solana.Meta(account)}, []byte{9, 0, 0, 1, 2})
	}
	log := func(level byte) solana.Instruction {
		return solana.NewInstruction(explain.LighthouseProgram, solana.AccountMetaSlice{solana.Meta(token)}, []byte{9, level, 0, 1, 2})
	}
	open := list(s.create(payer, tokenRent), s.initialize())
	nonce := txn.DurableNonce{Account: key(63), Authority: owner}
	advance := func(account, authority solana.PublicKey) solana.Instruction {
		return system.NewAdvanceNonceAccountInstruction(account, solana.SysVarRecentBlockHashesPubkey, authority).Build()
	}
	named := func(p *explain.Policy) { p.Nonce = nonce }
	s.check(t, []ruleCase{
		{"approved", list(spl(4, write(token), solana.Meta(stranger), signs)), nil, explain.ErrControl, 1},
		{"approved by others", list(spl(4, write(key(95)), solana.Meta(stranger), other)), nil, nil, 0},
		{"approved by others of the owner's", list(spl(4, write(token), solana.Meta(stranger), other)), nil, explain.ErrControl, 1},
		{"minted", list(spl(7, write(key(35)), write(token), signs)), nil, explain.ErrControl, 1},
		{"minted by others", list(spl(7, write(key(35)), write(key(95)), other)), nil, nil, 0},
		{"revoked", list(solana.NewInstruction(accounts.TokenProgram, solana.AccountMetaSlice{write(token), signs}, []byte{5})), nil, nil, 0},
		{"synchronized", list(open[0], open[1], solana.NewInstruction(accounts.TokenProgram,
			solana.AccountMetaSlice{write(s.wrap())}, []byte{17}), s.closeTo(owner)), nil, nil, 0},
		{"assigned", list(system.NewAssignInstruction(stranger, owner).Build()), nil, explain.ErrControl, 1},
		{"assigned by others", list(system.NewAssignInstruction(stranger, payer).Build()), nil, nil, 0},
		{"assigned by a seed", list(system.NewAssignWithSeedInstruction(owner, s.seed, accounts.TokenProgram, s.wrap(), owner).Build()), nil,
			explain.ErrControl, 1},
		{"a pool that is updated", list(update(key(31))), nil, nil, 0},
		{"the owner's account as a pool", list(update(token)), nil, explain.ErrControl, 1},
		{"the owner's key as a pool", list(update(owner)), nil, explain.ErrSigner, 1},
		{"an assertion", list(lighthouse(owner)), nil, nil, 0},
		{"an assertion about an account", list(lighthouse(token)), nil, nil, 0},
		{"an assertion about an account after its end", list(open[0], open[1], s.closeTo(owner), lighthouse(s.wrap())), nil, nil, 0},
		{"an assertion that logs", list(log(1), log(2), log(0x10), log(0x11)), nil, nil, 0},
		{"an assertion that calls another program", list(log(3)), nil, explain.ErrUnknown, 1},
		{"an assertion that calls another program when it fails", list(log(0x12)), nil, explain.ErrUnknown, 1},
		{"an assertion with another account", list(solana.NewInstruction(explain.LighthouseProgram, solana.AccountMetaSlice{
			solana.Meta(token), solana.Meta(owner).SIGNER(),
		}, []byte{9, 0, 0, 1, 2})), nil, explain.ErrUnknown, 1},
		{"memory that is written", list(solana.NewInstruction(explain.LighthouseProgram, solana.AccountMetaSlice{
			solana.Meta(key(1)), solana.Meta(accounts.SystemProgram), signs, write(key(95)), solana.Meta(token),
		}, []byte{0, 0, 0, 0, 0})), nil, explain.ErrUnknown, 1},
		{"a nonce", list(advance(nonce.Account, owner)), named, nil, 0},
		{"a nonce of another account", list(advance(key(64), owner)), named, explain.ErrNonce, 1},
		{"a nonce of another authority", list(advance(nonce.Account, payer)), named, explain.ErrNonce, 1},
		{"a nonce that is not named", list(advance(nonce.Account, owner)), nil, explain.ErrNonce, 1},
		{"an unknown program in the policy", nil, func(p *explain.Policy) {
			p.AllowedPrograms = append(explain.DefaultPrograms(), stranger)
		}, explain.ErrPolicy, 0},
		{"a program that is not allowed", list(lighthouse(token)), func(p *explain.Policy) {
			p.AllowedPrograms = []solana.PublicKey{accounts.SystemProgram}
		}, explain.ErrProgram, 1},
		{"a program that is allowed", list(pay(payer, stranger, 1)), func(p *explain.Policy) {
			p.AllowedPrograms = []solana.PublicKey{accounts.SystemProgram}
		}, nil, 0},
		{"a manager's instruction by others", list(solana.NewInstruction(accounts.FlatFeeProgram, nil, nil)), nil, explain.ErrUnknown, 1},
	})
}

// TestVerify_Form is about the transaction as a whole.
func TestVerify_Form(t *testing.T) {
	s := newScene(t)
	forms := formsOf(t, owner, nil, pay(owner, owner, 1), pay(payer, payer, 1))
	e := forms[1].explanation()
	for _, c := range []struct {
		name   string
		change func(p *explain.Policy)
		want   error
	}{
		{"as it is", func(p *explain.Policy) {}, nil},
		{"exactly", func(p *explain.Policy) { p.MaxSigners, p.MaxSize, p.MaxNetworkFee = 2, e.Size, 10_000 }, nil},
		{"fewer signers", func(p *explain.Policy) { p.MaxSigners = 1 }, explain.ErrForm},
		{"fewer bytes", func(p *explain.Policy) { p.MaxSize = e.Size - 1 }, explain.ErrForm},
		{"a lower fee", func(p *explain.Policy) { p.MaxNetworkFee = 9_999 }, explain.ErrFee},
		{"another version", func(p *explain.Policy) { p.Versions = []txn.Version{txn.VersionLegacy, txn.Version1} }, explain.ErrForm},
		{"this version", func(p *explain.Policy) { p.Versions = []txn.Version{txn.Version0} }, nil},
		{"another payer", func(p *explain.Policy) { p.Owner, p.Payer = stranger, payer }, explain.ErrPayer},
		{"paid by the payer", func(p *explain.Policy) { p.Owner, p.Payer, p.MaxNetworkFee = stranger, owner, 1 }, nil},
		{"no owner", func(p *explain.Policy) { p.Owner = solana.PublicKey{} }, explain.ErrPolicy},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := s.policy()
			c.change(&p)
			err := explain.Verify(e, p)
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.want)
			var refused *explain.VerifyError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, -1, refused.Instruction)
		})
	}
	// The default fee is that of ordinary transactions.
	costly := explain.Explanation{Payer: owner, NetworkFee: explain.DefaultMaxNetworkFee + 1}
	require.ErrorIs(t, explain.Verify(costly, explain.Policy{Owner: owner}), explain.ErrFee)
	costly.NetworkFee--
	require.NoError(t, explain.Verify(costly, explain.Policy{Owner: owner}))
	costly.Version = 9
	require.ErrorIs(t, explain.Verify(costly, explain.Policy{Owner: owner}), explain.ErrForm)
	for i, version := range []txn.Version{txn.VersionLegacy, txn.Version0, txn.Version0, txn.Version1} {
		require.Equal(t, version, forms[i].explanation().Version)
	}
}

// TestVerify_PolicyStays makes sure that verifying changes nothing of a policy.
func TestVerify_PolicyStays(t *testing.T) {
	for _, r := range corpus(t) {
		p := r.Policy
		minimums, most := maps.Clone(p.MinTokens), maps.Clone(p.MaxTokens)
		require.NoError(t, explain.Verify(explain.Transaction(r.unsigned(t), nil), p))
		require.Equal(t, minimums, p.MinTokens)
		require.Equal(t, most, p.MaxTokens)
	}
}

// TestExplanation_NeedVacant finds the addresses that bytes prove nothing of.
func TestExplanation_NeedVacant(t *testing.T) {
	s := newScene(t)
	other := system.NewAllocateWithSeedInstruction(stranger, "x", 165, accounts.TokenProgram, key(94), stranger).Build()
	e := explain.Instructions(payer, list(s.create(payer, 5), s.allocate(), other, s.allocate()), nil)
	require.Equal(t, []solana.PublicKey{s.wrap()}, e.NeedVacant(owner))
	require.Equal(t, []solana.PublicKey{key(94)}, e.NeedVacant(stranger))
	require.Empty(t, e.NeedVacant(payer))
}
