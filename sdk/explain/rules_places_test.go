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

// placeRules holds what the tests of places share.
type placeRules struct {
	*scene
	token      solana.PublicKey
	spl        func(tag byte, accounts_ ...*solana.AccountMeta) solana.Instruction
	signs      *solana.AccountMeta
	other      *solana.AccountMeta
	write      func(k solana.PublicKey) *solana.AccountMeta
	update     func(account solana.PublicKey) solana.Instruction
	lighthouse func(account solana.PublicKey) solana.Instruction
	log        func(level byte) solana.Instruction
	open       []solana.Instruction
	nonce      txn.DurableNonce
	advance    func(account, authority solana.PublicKey) solana.Instruction
	named      func(p *explain.Policy)
}

func newPlaceRules(t *testing.T) *placeRules {
	t.Helper()

	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)
	spl := func(tag byte, accounts_ ...*solana.AccountMeta) solana.Instruction {
		return solana.NewInstruction(
			accounts.TokenProgram,
			accounts_,
			append([]byte{tag}, 1, 0, 0, 0, 0, 0, 0, 0),
		)
	}

	signs := solana.Meta(owner).SIGNER()
	other := solana.Meta(stranger).SIGNER()
	write := func(k solana.PublicKey) *solana.AccountMeta { return solana.Meta(k).WRITE() }
	update := func(account solana.PublicKey) solana.Instruction {
		return s.build(instructions.StakePoolUpdateBalance{Pool: instructions.StakePool{
			Program:           s.pool.Program,
			Address:           account,
			WithdrawAuthority: key(32),
			ValidatorList:     key(33),
			ReserveStake:      key(34),
			Mint:              key(35),
			ManagerFeeAccount: key(36),
			TokenProgram:      accounts.TokenProgram,
		}})
	}

	lighthouse := func(account solana.PublicKey) solana.Instruction {
		return solana.NewInstruction(
			explain.LighthouseProgram,
			solana.AccountMetaSlice{solana.Meta(account)},
			[]byte{9, 0, 0, 1, 2},
		)
	}

	log := func(level byte) solana.Instruction {
		return solana.NewInstruction(
			explain.LighthouseProgram,
			solana.AccountMetaSlice{solana.Meta(token)},
			[]byte{9, level, 0, 1, 2},
		)
	}

	open := list(s.create(payer, tokenRent), s.initialize())
	nonce := txn.DurableNonce{Account: key(63), Authority: owner}
	advance := func(account, authority solana.PublicKey) solana.Instruction {
		return system.NewAdvanceNonceAccountInstruction(account,
			solana.SysVarRecentBlockHashesPubkey, authority).
			Build()
	}

	named := func(p *explain.Policy) { p.Nonce = nonce }

	return &placeRules{
		scene:      s,
		token:      token,
		spl:        spl,
		signs:      signs,
		other:      other,
		write:      write,
		update:     update,
		lighthouse: lighthouse,
		log:        log,
		open:       open,
		nonce:      nonce,
		advance:    advance,
		named:      named,
	}
}

// tokenPlaces returns cases that name the owner in other instructions of the
// token program.
func (s *placeRules) tokenPlaces() []ruleCase {
	return []ruleCase{
		{
			"approved",
			list(s.spl(4, s.write(s.token), solana.Meta(stranger), s.signs)),
			nil,
			explain.ErrAuthorityChange,
			1,
		},
		{
			"approved by others",
			list(s.spl(4, s.write(key(95)), solana.Meta(stranger), s.other)),
			nil,
			nil,
			0,
		},
		{
			"approved by others of the owner's",
			list(s.spl(4, s.write(s.token), solana.Meta(stranger), s.other)),
			nil,
			explain.ErrAuthorityChange,
			1,
		},
		{
			"moved by the recipient of the recipient's",
			list(s.tokens(s.ata(s.friend, s.pool.Mint), key(95), s.friend, 1)),
			s.toFriend,
			nil,
			0,
		},
		{
			"burned by others of the owner's",
			list(s.spl(8, s.write(s.token), s.write(key(35)), s.other)),
			nil,
			explain.ErrOwnerExposed,
			1,
		},
		{"burned by others", list(s.spl(8, s.write(key(95)), s.write(key(35)), s.other)), nil, nil,
			0},
		{"minted", list(s.spl(7, s.write(key(35)), s.write(s.token), s.signs)), nil,
			explain.ErrAuthorityChange, 1},
		{"minted by others", list(s.spl(7, s.write(key(35)), s.write(key(95)), s.other)), nil, nil,
			0},
		{
			"revoked",
			list(
				solana.NewInstruction(
					accounts.TokenProgram,
					solana.AccountMetaSlice{s.write(s.token), s.signs},
					[]byte{5},
				),
			),
			nil,
			nil,
			0,
		},
		{"synchronized", list(s.open[0], s.open[1], solana.NewInstruction(accounts.TokenProgram,
			solana.AccountMetaSlice{s.write(s.wrap())}, []byte{17}), s.closeTo(owner)), nil, nil,
			0},
	}
}

// assignments returns cases that assign accounts to programs, or update pools.
func (s *placeRules) assignments() []ruleCase {
	return []ruleCase{
		{
			"assigned",
			list(system.NewAssignInstruction(stranger, owner).Build()),
			nil,
			explain.ErrAuthorityChange,
			1,
		},
		{
			"assigned by others",
			list(system.NewAssignInstruction(stranger, payer).Build()),
			nil,
			nil,
			0,
		},
		{
			"assigned by a seed",
			list(
				system.NewAssignWithSeedInstruction(owner, s.seed, accounts.TokenProgram, s.wrap(),
					owner).
					Build(),
			),
			nil,
			explain.ErrAuthorityChange,
			1,
		},
		{"a pool that is updated", list(s.update(key(31))), nil, nil, 0},
		{"the owner's account as a pool", list(s.update(s.token)), nil, explain.ErrAuthorityChange,
			1},
		{"the owner's key as a pool", list(s.update(owner)), nil, explain.ErrOwnerExposed, 1},
	}
}

// assertions returns cases that read accounts.
func (s *placeRules) assertions() []ruleCase {
	return []ruleCase{
		{"an assertion", list(s.lighthouse(owner)), nil, nil, 0},
		{"an assertion about an account", list(s.lighthouse(s.token)), nil, nil, 0},
		{
			"an assertion about an account after its end",
			list(s.open[0], s.open[1], s.closeTo(owner), s.lighthouse(s.wrap())),
			nil,
			nil,
			0,
		},
		{"an assertion that logs", list(s.log(1), s.log(2), s.log(0x10), s.log(0x11)), nil, nil, 0},
		{"an assertion that calls another program", list(s.log(3)), nil,
			explain.ErrUnknownInstruction, 1},
		{
			"an assertion that calls another program when it fails",
			list(s.log(0x12)),
			nil,
			explain.ErrUnknownInstruction,
			1,
		},
		{
			"an assertion with another account",
			list(solana.NewInstruction(explain.LighthouseProgram, solana.AccountMetaSlice{
				solana.Meta(s.token), solana.Meta(owner).SIGNER(),
			}, []byte{9, 0, 0, 1, 2})),
			nil,
			explain.ErrUnknownInstruction,
			1,
		},
		{
			"memory that is written",
			list(solana.NewInstruction(explain.LighthouseProgram, solana.AccountMetaSlice{
				solana.Meta(key(1)), solana.Meta(accounts.SystemProgram), s.signs, s.write(key(95)),
				solana.Meta(s.token),
			}, []byte{0, 0, 0, 0, 0})),
			nil,
			explain.ErrUnknownInstruction,
			1,
		},
	}
}

// nonces returns cases that advance a nonce.
func (s *placeRules) nonces() []ruleCase {
	return []ruleCase{
		{"a nonce", list(s.advance(s.nonce.Account, owner)), s.named, nil, 0},
		{"a nonce of another account", list(s.advance(key(64), owner)), s.named,
			explain.ErrNonceNotAllowed, 1},
		{
			"a nonce of another authority",
			list(s.advance(s.nonce.Account, payer)),
			s.named,
			explain.ErrNonceNotAllowed,
			1,
		},
		{
			"a nonce that is not named",
			list(s.advance(s.nonce.Account, owner)),
			nil,
			explain.ErrNonceNotAllowed,
			1,
		},
	}
}

// programs returns cases that call programs that no trade calls.
func (s *placeRules) programs() []ruleCase {
	return []ruleCase{
		{"an unknown program in the policy", nil, func(p *explain.Policy) {
			p.AllowedPrograms = append(explain.DefaultPrograms(), stranger)
		}, explain.ErrPolicy, 0},
		{"a program that is not allowed", list(s.lighthouse(s.token)), func(p *explain.Policy) {
			p.AllowedPrograms = []solana.PublicKey{accounts.SystemProgram}
		}, explain.ErrProgramNotAllowed, 1},
		{"a program that is allowed", list(pay(payer, stranger, 1)), func(p *explain.Policy) {
			p.AllowedPrograms = []solana.PublicKey{accounts.SystemProgram}
		}, nil, 0},
		{
			"a manager's instruction",
			list(s.build(instructions.FlatFeeSetLPWithdrawalFee{
				Program: accounts.FlatFeeProgram, Manager: stranger, Bps: 4,
			})),
			nil,
			explain.ErrProgramNotAllowed,
			1,
		},
		{
			"a manager's instruction of the other pricing program",
			list(s.build(instructions.FlatSlabRemoveLST{
				Program: accounts.FlatSlabProgram,
				Admin:   stranger,
				Refund:  stranger,
				Mint:    key(110),
			})),
			nil,
			explain.ErrProgramNotAllowed,
			1,
		},
		{
			"what is no manager's instruction",
			list(solana.NewInstruction(accounts.FlatFeeProgram, nil, nil)),
			nil,
			explain.ErrUnknownInstruction,
			1,
		},
	}
}

// TestVerify_Places checks the owner's key and accounts in positions where the
// tables do not expect them.
func TestVerify_Places(t *testing.T) {
	s := newPlaceRules(t)
	s.check(t, s.tokenPlaces())
	s.check(t, s.assignments())
	s.check(t, s.assertions())
	s.check(t, s.nonces())
	s.check(t, s.programs())
}
