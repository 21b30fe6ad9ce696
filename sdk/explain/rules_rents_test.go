package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestVerify_RentsPaidTwice checks that an account whose rent the owner pays
// cannot be closed by the recipient and made again, so that the owner would pay
// its rent twice.
func TestVerify_RentsPaidTwice(t *testing.T) {
	s := newScene(t)
	tokens := s.ata(s.friend, s.pool.Mint)
	create := txn.CreateTokenAccount(
		owner,
		s.friend,
		s.pool.Mint,
		accounts.TokenProgram,
	).Instruction

	closing := s.closeAs(tokens, s.friend, s.friend)
	deposit := s.deposit(tokens, 10, 9)
	pays := func(p *explain.Policy) {
		p.Recipient, p.MaxLamports = s.friend, 10
		p.MaxNewAccounts, p.MaxRent, p.TokenAccountRent = 1, tokenRent, tokenRent
		p.MinTokens = map[solana.PublicKey]uint64{s.pool.Mint: 9}
	}

	receipt := s.depositForReceipt(mine, s.friend)
	forFriend := also(s.receipts(50), s.toFriend)
	s.check(t, []ruleCase{
		{"once", list(create, deposit), pays, nil, 0},
		{"closed by the recipient", list(create, closing, create, deposit), pays,
			explain.ErrLifetime, 2},
		{"one receipt", receipt, forFriend, nil, 0},
		{"the same receipt again", append(receipt, receipt...), forFriend, explain.ErrLifetime, 6},
		{"a new receipt claimed by the recipient", append(receipt[:3:3],
			s.claim(s.friend, s.ata(s.friend, s.pool.Mint))), forFriend, explain.ErrLifetime, 4},
	})
}
