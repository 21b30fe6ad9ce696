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

// signedBy permits deposits of the owner that an authority signs.
func signedBy(signers ...solana.PublicKey) func(*explain.Policy) {
	return func(p *explain.Policy) {
		p.Signers, p.MaxLamports = signers, 100
		p.MinTokens = map[solana.PublicKey]uint64{key(35): 0}
	}
}

// TestVerify_Signers checks that an additional signer may occur as the
// authority of a pool only. Without Policy.Signers the same transactions pass,
// as far as they do not harm the owner.
func TestVerify_Signers(t *testing.T) {
	s := newScene(t)
	authority := key(70)
	s.pool.SOLDepositAuthority, s.pool.SOLWithdrawAuthority = &authority, &authority
	deposit := s.deposit(s.ata(owner, s.pool.Mint), 100, 5)
	theirs := s.ata(authority, s.pool.Mint)
	transfer := s.tokens(theirs, s.ata(stranger, s.pool.Mint), authority, 5)
	nonce := system.NewAdvanceNonceAccountInstruction(stranger,
		solana.SysVarRecentBlockHashesPubkey, authority).Build()
	burn := s.build(instructions.StakePoolWithdrawSOL{
		Pool:        s.pool,
		Authority:   authority,
		Source:      theirs,
		Destination: stranger,
		PoolTokens:  5,
	})

	s.check(t, []ruleCase{
		{"the authority of a deposit", list(deposit), signedBy(authority), nil, 0},
		{"SOL of the signer", list(deposit, pay(authority, owner, 5)), signedBy(authority),
			explain.ErrOwnerExposed, 2},
		{"SOL of the signer, unprotected", list(deposit, pay(authority, owner, 5)), signedBy(),
			nil, 0},
		{"tokens of the signer", list(transfer, deposit), signedBy(authority),
			explain.ErrOwnerExposed, 1},
		{"tokens of the signer are burned", list(burn), signedBy(authority),
			explain.ErrOwnerExposed, 1},
		{"the signer pays a rent", list(s.create(authority, 10)), signedBy(authority),
			explain.ErrOwnerExposed, 1},
		{"SOL for the signer", list(deposit, pay(payer, authority, 5)), signedBy(authority),
			explain.ErrOwnerExposed, 2},
		{"SOL for the signer, who is the recipient",
			list(deposit, pay(payer, authority, 5)),
			also(signedBy(authority), func(p *explain.Policy) { p.Recipient = authority }),
			nil, 0},
		{"SOL of the signer, who is the recipient",
			list(deposit, pay(authority, stranger, 5)),
			also(signedBy(authority), func(p *explain.Policy) { p.Recipient = authority }),
			explain.ErrOwnerExposed, 2},
		{"a nonce of the signer", list(nonce, deposit), also(signedBy(authority),
			func(p *explain.Policy) {
				p.Nonce = txn.DurableNonce{Account: stranger, Authority: authority}
			}), nil, 0},
		{"the payer is no additional signer", list(deposit, pay(payer, owner, 5)),
			signedBy(authority, payer), nil, 0},
	})
}

// TestVerifyOutcome_Signers checks that a transaction whose outcome takes
// something from an additional signer is refused.
func TestVerifyOutcome_Signers(t *testing.T) {
	s := newScene(t)
	authority := key(70)
	s.pool.SOLDepositAuthority = &authority
	tokens, theirs := s.ata(owner, s.pool.Mint), s.ata(authority, s.pool.Mint)
	ixs := list(
		s.deposit(tokens, 100, 5),
		pay(payer, authority, 1),
		s.tokens(s.ata(payer, s.pool.Mint), theirs, payer, 1),
		system.NewTransferInstruction(1, payer, mine).Build(),
	)

	const has = 1 << 40
	before := world{
		owner:     wallet(owner, has),
		authority: wallet(authority, has),
		tokens:    tokenOf(tokens, s.pool.Mint, owner, 0),
		theirs:    tokenOf(theirs, s.pool.Mint, authority, 9),
		mine:      stakeOf(mine, authority, 500),
	}

	after := before.with(wallet(owner, has-100), tokenOf(tokens, s.pool.Mint, owner, 5))
	limits := signedBy(authority)
	given := func(t *accounts.TokenAccount) { t.Owner = stranger }
	s.outcomes(t, payer, ixs, 0, []outcomeCase{
		{"nothing is lost", before, after, limits, nil},
		{"more arrives", before, after.with(wallet(authority, has+1)), limits, nil},
		{"a lamport", before, after.with(wallet(authority, has-1)), limits, explain.ErrSpendLimit},
		{"a lamport, unprotected", before, after.with(wallet(authority, has-1)), signedBy(), nil},
		{"a token", before, after.with(tokenOf(theirs, s.pool.Mint, authority, 8)), limits,
			explain.ErrSpendLimit},
		{"the token account", before, after.with(tokenOf(theirs, s.pool.Mint, stranger, 9, given)),
			limits, explain.ErrSpendLimit},
		{"the token account is closed", before, after.without(theirs), limits,
			explain.ErrSpendLimit},
		{"stake", before, after.with(stakeOf(mine, authority, 499)), limits,
			explain.ErrSpendLimit},
		{"the stake account", before, after.with(stakeOf(mine, stranger, 500)), limits,
			explain.ErrSpendLimit},
	})
}
