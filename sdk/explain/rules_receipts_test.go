package explain_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const receiptRent = 3_821_040

// receiptBase is the seed of the receipts in tests.
var receiptBase = key(86)

// intercepted returns the pool of a scene with the interceptor as its stake
// deposit authority.
func (s *scene) intercepted() (instructions.Interceptor, instructions.StakePool) {
	pool := s.pool
	pool.StakeDepositAuthority = key(87)
	return instructions.Interceptor{
		Program:          accounts.InterceptorProgram,
		DepositAuthority: key(87),
		Vault:            key(88),
		FeeAccount:       key(89),
	}, pool
}

// receipt is the address of the receipt of a scene.
func (s *scene) receipt() solana.PublicKey {
	address, err := accounts.InterceptorReceiptAddress(accounts.InterceptorProgram,
		s.pool.Address, receiptBase)
	require.NoError(s.t, err)
	return address
}

// depositForReceipt deposits a stake account for a receipt over at least 50.
func (s *scene) depositForReceipt(
	stake, to solana.PublicKey, changes ...func(*instructions.InterceptorDepositStake),
) []solana.Instruction {
	i, pool := s.intercepted()
	deposit := instructions.InterceptorDepositStake{
		Interceptor:    i,
		Pool:           pool,
		Payer:          owner,
		Owner:          to,
		Base:           receiptBase,
		Stake:          stake,
		ValidatorStake: key(44),
		Referrer:       s.pool.ManagerFeeAccount,
	}

	for _, change := range changes {
		change(&deposit)
	}

	return list(
		s.authorize(stake, i.DepositAuthority, false),
		s.authorize(stake, i.DepositAuthority, true),
		s.build(instructions.InterceptorDepositStakeWithSlippage{
			InterceptorDepositStake: deposit,
			MinimumTokensOut:        50,
		}),
	)
}

// claim claims the receipt of a scene for a wallet.
func (s *scene) claim(of, to solana.PublicKey) solana.Instruction {
	i, pool := s.intercepted()
	return s.build(instructions.InterceptorClaimPoolTokens{
		Interceptor: i,
		Pool:        pool,
		Receipt:     s.receipt(),
		Owner:       of,
		Destination: to,
	})
}

// changeOwner gives the receipt of a scene away.
func (s *scene) changeOwner(from, to solana.PublicKey) solana.Instruction {
	return changeReceiptOwner(s.receipt(), from, to)
}

func changeReceiptOwner(receipt, from, to solana.PublicKey) solana.Instruction {
	return solana.NewInstruction(accounts.InterceptorProgram, solana.AccountMetaSlice{
		solana.Meta(receipt).WRITE(), solana.Meta(from).SIGNER(), solana.Meta(to),
	}, []byte{4})
}

// receipts permits a deposit of the stake account of the policy for a receipt.
func (s *scene) receipts(least uint64) func(p *explain.Policy) {
	return also(mayStake(math.MaxUint64, explain.StakePermission{}), func(p *explain.Policy) {
		p.MaxNewAccounts, p.MaxRent, p.ReceiptRent = 1, receiptRent, receiptRent
		p.MinReceipts = map[solana.PublicKey]uint64{s.pool.Mint: least}
	})
}

func (s *scene) named(p *explain.Policy) { p.Receipts = []solana.PublicKey{s.receipt()} }

func byFriend(s *scene) func(*instructions.InterceptorDepositStake) {
	return func(d *instructions.InterceptorDepositStake) { d.Payer = s.friend }
}

// refer names the token account of a wallet as the referrer.
func (s *scene) refer(wallet solana.PublicKey) func(*instructions.InterceptorDepositStake) {
	return func(d *instructions.InterceptorDepositStake) {
		d.Referrer = s.ata(wallet, s.pool.Mint)
	}
}

// createAta creates the token account of a wallet, which the owner pays for.
func (s *scene) createAta(wallet solana.PublicKey) solana.Instruction {
	return txn.CreateTokenAccount(owner, wallet, s.pool.Mint, accounts.TokenProgram).Instruction
}

func throughEvil(d *instructions.InterceptorDepositStake) { d.Pool.Program = key(96) }

// TestVerify_ReceiptDeposits deposits stake for a receipt.
func TestVerify_ReceiptDeposits(t *testing.T) {
	s := newScene(t)
	deposit, may := s.depositForReceipt(mine, owner), s.receipts(50)
	tighter := func(change func(p *explain.Policy)) func(p *explain.Policy) {
		return also(may, change)
	}
	toFriend := func(p *explain.Policy) { p.Recipient = s.friend }
	referred := func(more int) func(p *explain.Policy) {
		return tighter(func(p *explain.Policy) {
			p.MaxNewAccounts += more
			p.MaxRent += p.TokenAccountRent
		})
	}

	s.check(t, []ruleCase{
		{"for a receipt", deposit, may, nil, 0},
		{"more wanted", deposit, s.receipts(51), explain.ErrMinimumNotEnforced, 0},
		{"tokens wanted", deposit, tighter(func(p *explain.Policy) {
			p.MinTokens = map[solana.PublicKey]uint64{s.pool.Mint: 1}
		}), explain.ErrMinimumNotEnforced, 0},
		{"of a part", deposit, tighter(mayStake(math.MaxUint64-1, explain.StakePermission{})),
			explain.ErrSpendLimit, 0},
		{"of another account", deposit,
			tighter(func(p *explain.Policy) { p.MaxStake = nil; p.Stake = nil }),
			explain.ErrAuthorityChange, 1},
		{"no rent known", deposit, tighter(func(p *explain.Policy) { p.ReceiptRent = 0 }),
			explain.ErrPolicy, 3},
		{"less rent", deposit, tighter(func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit, 0},
		{"no new account", deposit, tighter(func(p *explain.Policy) { p.MaxNewAccounts-- }),
			explain.ErrFormNotAllowed, 0},
		{"paid by another", s.depositForReceipt(mine, owner, byFriend(s)),
			tighter(func(p *explain.Policy) {
				p.MaxNewAccounts, p.MaxRent, p.ReceiptRent = 0, 0, 0
			}),
			nil, 0},
		{"for a stranger", s.depositForReceipt(mine, stranger), may, explain.ErrWrongRecipient, 3},
		{"for the recipient", s.depositForReceipt(mine, s.friend), tighter(toFriend), nil, 0},
		{"for the owner, not the recipient", deposit, tighter(toFriend),
			explain.ErrWrongRecipient, 3},
		{"through another program", s.depositForReceipt(mine, owner, throughEvil), may,
			explain.ErrProgramNotAllowed, 3},
		{"authorities without a deposit", deposit[:2], may, explain.ErrAuthorityChange, 1},
		{"another pool's deposit",
			join(deposit[:2], s.depositStake(mine, s.ata(owner, s.pool.Mint))[2]),
			may, explain.ErrAuthorityChange, 1},
		{"others deposit", s.depositForReceipt(mine, stranger, byFriend(s))[2:], nil, nil, 0},
		{"the owner pays for others", s.depositForReceipt(key(98), stranger)[2:], nil,
			explain.ErrOwnerExposed, 1},
		{"with a referral part", slices.Insert(s.depositForReceipt(mine, owner,
			s.refer(owner)), 0, s.createAta(owner)), referred(1), nil, 0},
		{"an account for nothing", slices.Insert(s.depositForReceipt(mine, owner), 0,
			s.createAta(owner)), referred(1),
			explain.ErrUnrelatedTransfer, 0},
		{"a referrer's account", slices.Insert(s.depositForReceipt(mine, owner,
			s.refer(stranger)), 0, s.createAta(stranger)), referred(1),
			explain.ErrUnrelatedTransfer, 1},
		{"used after it", join(deposit, s.sell(mine, owner, owner)), may,
			explain.ErrSpendLimit, 0},
	})
}

// TestVerify_ReceiptClaims claims receipts, and gives them away.
func TestVerify_ReceiptClaims(t *testing.T) {
	s := newScene(t)
	token := s.ata(owner, s.pool.Mint)
	s.check(t, []ruleCase{
		{"claim", list(s.claim(owner, token)), s.named, nil, 0},
		{"not named", list(s.claim(owner, token)), nil, explain.ErrAuthorityChange, 1},
		{"to a stranger", list(s.claim(owner, s.ata(stranger, s.pool.Mint))), s.named,
			explain.ErrWrongRecipient, 1},
		{"of a stranger", list(s.claim(stranger, s.ata(stranger, s.pool.Mint))), nil, nil, 0},
		{"of a stranger to the owner", list(s.claim(stranger, token)), nil,
			explain.ErrOwnerExposed, 1},
		{"no minimum", list(s.claim(owner, token)), also(s.named, func(p *explain.Policy) {
			p.MinTokens = map[solana.PublicKey]uint64{s.pool.Mint: 1}
		}), explain.ErrNoMinimum, 0},
		{"at once", join(s.depositForReceipt(mine, owner), s.claim(owner, token)),
			also(s.receipts(0), s.named, func(p *explain.Policy) {
				p.MaxNewAccounts, p.MaxRent = 0, 0
			}), nil, 0},
		{"claimed, so no receipt", join(s.depositForReceipt(mine, owner), s.claim(owner, token)),
			also(s.receipts(50), s.named), explain.ErrMinimumNotEnforced, 0},
		{"given away", list(s.changeOwner(owner, stranger)), s.named,
			explain.ErrAuthorityChange, 1},
		{"others give theirs away", list(s.changeOwner(stranger, s.friend)), nil, nil, 0},
		{"others give theirs to the owner", list(s.changeOwner(stranger, owner)), nil,
			explain.ErrOwnerExposed, 1},
	})
}
