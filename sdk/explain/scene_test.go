package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
)

const (
	tokenRent = 2_039_280
	stakeRent = 2_282_880
)

// scene builds the instructions for tests of rules.
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
		Program:           accounts.StakePoolProgram,
		Address:           key(31),
		WithdrawAuthority: key(32),
		ValidatorList:     key(33),
		ReserveStake:      key(34),
		Mint:              key(35),
		ManagerFeeAccount: key(36),
		TokenProgram:      accounts.TokenProgram,
	}

	var err error
	s.pool.StakeDepositAuthority, err = accounts.StakePoolDepositAuthority(
		s.pool.Program,
		s.pool.Address,
	)

	require.NoError(t, err)

	return s
}

// policy allows nothing but the mint of the pool.
func (s *scene) policy() explain.Policy {
	return explain.Policy{
		Owner:            owner,
		Payer:            payer,
		MaxTokens:        map[solana.PublicKey]uint64{s.pool.Mint: 0},
		TokenAccountRent: tokenRent,
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

func (s *scene) ata2022(wallet, mint solana.PublicKey) solana.PublicKey {
	address, err := accounts.AssociatedTokenAddress(wallet, accounts.Token2022Program, mint)
	require.NoError(s.t, err)
	return address
}

func (s *scene) create(funder solana.PublicKey, lamports uint64) solana.Instruction {
	return system.NewCreateAccountWithSeedInstruction(owner, s.seed, lamports,
		accounts.TokenAccountSpace, accounts.TokenProgram,
		funder, s.wrap(), owner).
		Build()
}

func (s *scene) createStake(funder solana.PublicKey) solana.Instruction {
	return system.NewCreateAccountWithSeedInstruction(owner, s.seed, stakeRent,
		accounts.StakeAccountSpace, accounts.StakeProgram,
		funder, s.part(), owner).
		Build()
}

func (s *scene) initialize() solana.Instruction {
	return s.build(instructions.TokenInitializeAccount{
		Program: accounts.TokenProgram, Account: s.wrap(), Mint: accounts.NativeMint, Owner: owner,
	})
}

func (s *scene) closeAs(account, to, authority solana.PublicKey) solana.Instruction {
	return s.build(instructions.TokenCloseAccount{
		Program: accounts.TokenProgram, Account: account, Destination: to, Owner: authority,
	})
}

func (s *scene) closeTo(to solana.PublicKey) solana.Instruction {
	return s.closeAs(s.wrap(), to, owner)
}

func (s *scene) tokens(from, to, authority solana.PublicKey, amount uint64) solana.Instruction {
	return s.build(instructions.TokenTransfer{
		Program:     accounts.TokenProgram,
		Source:      from,
		Destination: to,
		Owner:       authority,
		Amount:      amount,
	})
}

func (s *scene) allocate() solana.Instruction {
	return system.NewAllocateWithSeedInstruction(owner, s.seed, accounts.TokenAccountSpace,
		accounts.TokenProgram, s.wrap(),
		owner).
		Build()
}

func (s *scene) seededTransfer(to solana.PublicKey, lamports uint64) solana.Instruction {
	return system.NewTransferWithSeedInstruction(lamports, s.seed, accounts.TokenProgram, s.wrap(),
		owner, to).
		Build()
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

// deposit returns a deposit of SOL that pays to an account.
func (s *scene) deposit(to solana.PublicKey, lamports, least uint64) solana.Instruction {
	return s.build(instructions.StakePoolDepositSOLWithSlippage{
		StakePoolDepositSOL: instructions.StakePoolDepositSOL{
			Pool:        s.pool,
			From:        owner,
			Destination: to,
			Referrer:    to,
			Lamports:    lamports,
		},
		MinimumTokensOut: least,
	})
}

// withdrawSOL sells tokens of the pool for SOL.
func (s *scene) withdrawSOL(to solana.PublicKey, tokens, least uint64) solana.Instruction {
	return s.build(instructions.StakePoolWithdrawSOLWithSlippage{
		StakePoolWithdrawSOL: instructions.StakePoolWithdrawSOL{
			Pool:        s.pool,
			Authority:   owner,
			Source:      s.ata(owner, s.pool.Mint),
			Destination: to,
			PoolTokens:  tokens,
		},
		MinimumLamportsOut: least,
	})
}

// unwrap sells tokens for wrapped SOL, without a limit.
func (s *scene) unwrap(to solana.PublicKey, tokens uint64) solana.Instruction {
	return s.build(instructions.RouterWithdrawWrappedSOL{
		Program:     accounts.RouterProgram,
		User:        owner,
		Source:      s.ata(owner, s.pool.Mint),
		Destination: to,
		PoolTokens:  tokens,
		Pool:        instructions.RouterStakePoolWithdrawSOL(s.pool),
	})
}

// stakeInto deposits wrapped SOL of an account.
func (s *scene) stakeInto(from, to solana.PublicKey, lamports uint64) solana.Instruction {
	return s.build(instructions.RouterStakeWrappedSOL{
		Program:     accounts.RouterProgram,
		User:        owner,
		Source:      from,
		Destination: to,
		Lamports:    lamports,
		Pool:        instructions.RouterStakePoolDepositSOL(s.pool),
	})
}

// withdrawStake withdraws stake from the pool.
func (s *scene) withdrawStake(
	to, authority, signer solana.PublicKey,
	tokens, least uint64,
) solana.Instruction {
	return s.build(instructions.StakePoolWithdrawStakeWithSlippage{
		StakePoolWithdrawStake: instructions.StakePoolWithdrawStake{
			Pool:         s.pool,
			Split:        key(44),
			Destination:  to,
			NewAuthority: authority,
			Authority:    signer,
			Source:       s.ata(owner, s.pool.Mint),
			PoolTokens:   tokens,
		},
		MinimumLamportsOut: least,
	})
}

// depositStake deposits a stake account into the pool, after changing its
// authorities.
func (s *scene) depositStake(stake, to solana.PublicKey) []solana.Instruction {
	return []solana.Instruction{
		s.authorize(
			stake,
			s.pool.StakeDepositAuthority,
			false,
		), s.authorize(stake, s.pool.StakeDepositAuthority, true),
		s.build(instructions.StakePoolDepositStakeWithSlippage{
			StakePoolDepositStake: instructions.StakePoolDepositStake{
				Pool:           s.pool,
				Stake:          stake,
				ValidatorStake: key(44),
				Destination:    to,
				Referrer:       to,
			},
			MinimumTokensOut: 50,
		}),
	}
}

func (s *scene) split(stake, part solana.PublicKey, lamports uint64) solana.Instruction {
	return stakeprogram.NewSplitInstruction(lamports, stake, part, owner).Build()
}

// marinadeOf returns a Marinade with a mint.
func marinadeOf(mint solana.PublicKey) instructions.Marinade {
	return instructions.Marinade{
		Program:                accounts.MarinadeProgram,
		State:                  key(100),
		MSOLMint:               mint,
		SOLLeg:                 key(101),
		MSOLLeg:                key(102),
		MSOLLegAuthority:       key(103),
		Reserve:                key(104),
		MSOLMintAuthority:      key(105),
		Treasury:               key(106),
		ValidatorList:          key(107),
		StakeList:              key(108),
		StakeWithdrawAuthority: key(109),
		StakeDepositAuthority:  key(110),
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

// also combines changes of a policy.
func also(all ...func(p *explain.Policy)) func(p *explain.Policy) {
	return func(p *explain.Policy) {
		for _, change := range all {
			change(p)
		}
	}
}

func (s *scene) sells(tokens uint64) func(p *explain.Policy) {
	return func(p *explain.Policy) {
		p.MaxTokens = map[solana.PublicKey]uint64{s.pool.Mint: tokens}
	}
}

func (s *scene) vacant(p *explain.Policy) { p.Vacant = []solana.PublicKey{s.wrap()} }

func (s *scene) toFriend(p *explain.Policy) { p.Recipient = s.friend }
