package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestVerifyOutcome_Recipient looks at what somebody else receives.
func TestVerifyOutcome_Recipient(t *testing.T) {
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
	s.outcomes(t, payer, ixs, 7, []outcomeCase{
		{"as promised", before, after, limits, nil},
		{"less SOL", before, after.with(wallet(s.friend, 39)), limits,
			explain.ErrMinimumNotEnforced},
		{
			"SOL, where the payer's fee is higher than the owner's may be",
			before,
			after,
			also(limits, func(p *explain.Policy) { p.MaxNetworkFee = 6 }),
			nil,
		},
		{
			"tokens of another mint where the recipient's should be",
			before,
			paid.with(tokenOf(theirs, key(62), s.friend, 6)),
			also(limits, tokens),
			explain.ErrMinimumNotEnforced,
		},
		{
			"tokens in an account of the recipient's where the owner's should be",
			before.without(token),
			after.with(tokenOf(token, mint, s.friend, 6)),
			also(limits, tokens),
			explain.ErrMinimumNotEnforced,
		},
		{
			"the owner pays, too",
			before,
			after.with(wallet(owner, has-1)),
			limits,
			explain.ErrSpendLimit,
		},
		{"tokens", before, paid, also(limits, tokens), nil},
		{
			"fewer tokens",
			before,
			paid.with(tokenOf(theirs, mint, s.friend, 5)),
			also(limits, tokens),
			explain.ErrMinimumNotEnforced,
		},
		{"tokens beyond those that are there", before.with(tokenOf(theirs, mint, s.friend, 3)),
			after.with(tokenOf(theirs, mint, s.friend, 9)), also(limits, tokens), nil},
		{"tokens that were there", before.with(tokenOf(theirs, mint, s.friend, 3)),
			after.with(
				tokenOf(theirs, mint, s.friend, 8),
			), also(limits, tokens), explain.ErrMinimumNotEnforced},
		{
			"tokens in an account of the owner's where the recipient's should be",
			before.with(tokenOf(theirs, mint, owner, 3)),
			after.with(tokenOf(theirs, mint, owner, 4)),
			limits,
			explain.ErrUnrelatedTransfer,
		},
		{
			"tokens of another mint where the owner's should be",
			before.with(tokenOf(token, key(62), owner, 9)),
			after.with(tokenOf(token, key(62), owner, 10)),
			limits,
			explain.ErrUnrelatedTransfer,
		},
		{
			"tokens of a stranger's",
			before,
			paid.with(tokenOf(theirs, mint, stranger, 6)),
			also(limits, tokens),
			explain.ErrMinimumNotEnforced,
		},
		{
			"rent that is not allowed",
			before,
			paid,
			also(limits, tokens, func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
		},
	})

	// A recipient who pays the fee received it, too.
	s.outcomes(t, s.friend, ixs, 7, []outcomeCase{
		{
			"with the fee",
			before,
			after.with(wallet(s.friend, 33)),
			also(limits, func(p *explain.Policy) { p.Payer = s.friend }),
			nil,
		},
		{
			"with too little",
			before,
			after.with(wallet(s.friend, 32)),
			also(limits, func(p *explain.Policy) { p.Payer = s.friend }),
			explain.ErrMinimumNotEnforced,
		},
	})
}
