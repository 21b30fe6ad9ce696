package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// recipientOutcomes holds what the tests of a recipient share.
type recipientOutcomes struct {
	*scene
	token       solana.PublicKey
	mint        solana.PublicKey
	theirs      solana.PublicKey
	ixs         []solana.Instruction
	before      world
	after       world
	limits      func(p *explain.Policy)
	tokenLimits func(p *explain.Policy)
	paid        world
}

func newRecipientOutcomes(t *testing.T) *recipientOutcomes {
	t.Helper()

	s := newScene(t)
	token, mint := s.ata(owner, s.pool.Mint), s.pool.Mint
	theirs := s.ata(s.friend, mint)
	ixs := list(
		s.withdrawSOL(s.friend, 5, 40),
		txn.CreateTokenAccount(owner, s.friend, mint, accounts.TokenProgram).Instruction,
	)

	const has = 1 << 40
	before := world{owner: wallet(owner, has), token: tokenOf(token, mint, owner, 9)}
	after := world{
		owner:    wallet(owner, has),
		token:    tokenOf(token, mint, owner, 4),
		s.friend: wallet(s.friend, 40),
	}

	limits := also(s.sells(5), least(40), s.toFriend)
	tokens := func(p *explain.Policy) {
		p.MinLamports, p.MinTokens, p.MaxNewAccounts, p.MaxRent = 0, map[solana.PublicKey]uint64{
			mint: 6,
		}, 1, tokenRent
	}

	paid := after.with(wallet(owner, has-tokenRent), tokenOf(theirs, mint, s.friend, 6))

	return &recipientOutcomes{
		scene:       s,
		token:       token,
		mint:        mint,
		theirs:      theirs,
		ixs:         ixs,
		before:      before,
		after:       after,
		limits:      limits,
		tokenLimits: tokens,
		paid:        paid,
	}
}

// solOutcomes returns cases that pay SOL, or tokens to the wrong account.
func (s *recipientOutcomes) solOutcomes() []outcomeCase {
	const has = 1 << 40

	return []outcomeCase{
		{"as promised", s.before, s.after, s.limits, nil},
		{"less SOL", s.before, s.after.with(wallet(s.friend, 39)), s.limits,
			explain.ErrMinimumNotEnforced},
		{
			"SOL, where the payer's fee is higher than the owner's may be",
			s.before,
			s.after,
			also(s.limits, func(p *explain.Policy) { p.MaxNetworkFee = 6 }),
			nil,
		},
		{
			"tokens of another mint where the recipient's should be",
			s.before,
			s.paid.with(tokenOf(s.theirs, key(62), s.friend, 6)),
			also(s.limits, s.tokenLimits),
			explain.ErrMinimumNotEnforced,
		},
		{
			"tokens in an account of the recipient's where the owner's should be",
			s.before.without(s.token),
			s.after.with(tokenOf(s.token, s.mint, s.friend, 6)),
			also(s.limits, s.tokenLimits),
			explain.ErrMinimumNotEnforced,
		},
		{
			"the owner pays, too",
			s.before,
			s.after.with(wallet(owner, has-1)),
			s.limits,
			explain.ErrSpendLimit,
		},
	}
}

// tokenOutcomes returns cases that pay tokens to the recipient.
func (s *recipientOutcomes) tokenOutcomes() []outcomeCase {
	return []outcomeCase{
		{"tokens", s.before, s.paid, also(s.limits, s.tokenLimits), nil},
		{
			"fewer tokens",
			s.before,
			s.paid.with(tokenOf(s.theirs, s.mint, s.friend, 5)),
			also(s.limits, s.tokenLimits),
			explain.ErrMinimumNotEnforced,
		},
		{"tokens beyond those that are there",
			s.before.with(tokenOf(s.theirs, s.mint, s.friend, 3)),
			s.after.with(tokenOf(s.theirs, s.mint, s.friend, 9)), also(s.limits, s.tokenLimits),
			nil},
		{"tokens that were there", s.before.with(tokenOf(s.theirs, s.mint, s.friend, 3)),
			s.after.with(
				tokenOf(s.theirs, s.mint, s.friend, 8),
			), also(s.limits, s.tokenLimits), explain.ErrMinimumNotEnforced},
		{
			"tokens in an account of the owner's where the recipient's should be",
			s.before.with(tokenOf(s.theirs, s.mint, owner, 3)),
			s.after.with(tokenOf(s.theirs, s.mint, owner, 4)),
			s.limits,
			explain.ErrUnrelatedTransfer,
		},
		{
			"tokens of another mint where the owner's should be",
			s.before.with(tokenOf(s.token, key(62), owner, 9)),
			s.after.with(tokenOf(s.token, key(62), owner, 10)),
			s.limits,
			explain.ErrUnrelatedTransfer,
		},
		{
			"tokens of a stranger's",
			s.before,
			s.paid.with(tokenOf(s.theirs, s.mint, stranger, 6)),
			also(s.limits, s.tokenLimits),
			explain.ErrMinimumNotEnforced,
		},
		{
			"rent that is not allowed",
			s.before,
			s.paid,
			also(s.limits, s.tokenLimits, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
		},
	}
}

// TestVerifyOutcome_Recipient checks the amounts that a recipient receives.
func TestVerifyOutcome_Recipient(t *testing.T) {
	s := newRecipientOutcomes(t)
	s.outcomes(t, payer, s.ixs, 7, s.solOutcomes())
	s.outcomes(t, payer, s.ixs, 7, s.tokenOutcomes())

	// A recipient who pays the fee received it, too.
	s.outcomes(t, s.friend, s.ixs, 7, []outcomeCase{
		{
			"with the fee",
			s.before,
			s.after.with(wallet(s.friend, 33)),
			also(s.limits, func(p *explain.Policy) { p.Payer = s.friend }),
			nil,
		},
		{
			"with too little",
			s.before,
			s.after.with(wallet(s.friend, 32)),
			also(s.limits, func(p *explain.Policy) { p.Payer = s.friend }),
			explain.ErrMinimumNotEnforced,
		},
	})
}
