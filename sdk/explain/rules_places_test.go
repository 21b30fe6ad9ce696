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

// TestVerify_Places is about the owner's key and accounts in places where they
// have no business.
func TestVerify_Places(t *testing.T) {
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
	s.check(t, []ruleCase{
		{
			"approved",
			list(spl(4, write(token), solana.Meta(stranger), signs)),
			nil,
			explain.ErrAuthorityChange,
			1,
		},
		{
			"approved by others",
			list(spl(4, write(key(95)), solana.Meta(stranger), other)),
			nil,
			nil,
			0,
		},
		{
			"approved by others of the owner's",
			list(spl(4, write(token), solana.Meta(stranger), other)),
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
			list(spl(8, write(token), write(key(35)), other)),
			nil,
			explain.ErrOwnerExposed,
			1,
		},
		{"burned by others", list(spl(8, write(key(95)), write(key(35)), other)), nil, nil, 0},
		{"minted", list(spl(7, write(key(35)), write(token), signs)), nil,
			explain.ErrAuthorityChange, 1},
		{"minted by others", list(spl(7, write(key(35)), write(key(95)), other)), nil, nil, 0},
		{
			"revoked",
			list(
				solana.NewInstruction(
					accounts.TokenProgram,
					solana.AccountMetaSlice{write(token), signs},
					[]byte{5},
				),
			),
			nil,
			nil,
			0,
		},
		{"synchronized", list(open[0], open[1], solana.NewInstruction(accounts.TokenProgram,
			solana.AccountMetaSlice{write(s.wrap())}, []byte{17}), s.closeTo(owner)), nil, nil, 0},
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
		{"a pool that is updated", list(update(key(31))), nil, nil, 0},
		{"the owner's account as a pool", list(update(token)), nil, explain.ErrAuthorityChange, 1},
		{"the owner's key as a pool", list(update(owner)), nil, explain.ErrOwnerExposed, 1},
		{"an assertion", list(lighthouse(owner)), nil, nil, 0},
		{"an assertion about an account", list(lighthouse(token)), nil, nil, 0},
		{
			"an assertion about an account after its end",
			list(open[0], open[1], s.closeTo(owner), lighthouse(s.wrap())),
			nil,
			nil,
			0,
		},
		{"an assertion that logs", list(log(1), log(2), log(0x10), log(0x11)), nil, nil, 0},
		{"an assertion that calls another program", list(log(3)), nil,
			explain.ErrUnknownInstruction, 1},
		{
			"an assertion that calls another program when it fails",
			list(log(0x12)),
			nil,
			explain.ErrUnknownInstruction,
			1,
		},
		{
			"an assertion with another account",
			list(solana.NewInstruction(explain.LighthouseProgram, solana.AccountMetaSlice{
				solana.Meta(token), solana.Meta(owner).SIGNER(),
			}, []byte{9, 0, 0, 1, 2})),
			nil,
			explain.ErrUnknownInstruction,
			1,
		},
		{
			"memory that is written",
			list(solana.NewInstruction(explain.LighthouseProgram, solana.AccountMetaSlice{
				solana.Meta(
					key(1),
				), solana.Meta(accounts.SystemProgram), signs, write(key(95)), solana.Meta(token),
			}, []byte{0, 0, 0, 0, 0})),
			nil,
			explain.ErrUnknownInstruction,
			1,
		},
		{"a nonce", list(advance(nonce.Account, owner)), named, nil, 0},
		{"a nonce of another account", list(advance(key(64), owner)), named,
			explain.ErrNonceNotAllowed, 1},
		{
			"a nonce of another authority",
			list(advance(nonce.Account, payer)),
			named,
			explain.ErrNonceNotAllowed,
			1,
		},
		{
			"a nonce that is not named",
			list(advance(nonce.Account, owner)),
			nil,
			explain.ErrNonceNotAllowed,
			1,
		},
		{"an unknown program in the policy", nil, func(p *explain.Policy) {
			p.AllowedPrograms = append(explain.DefaultPrograms(), stranger)
		}, explain.ErrPolicy, 0},
		{"a program that is not allowed", list(lighthouse(token)), func(p *explain.Policy) {
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
	})
}
