package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

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

// TestVerify_Token2022Rents checks that the rent of an account of a Token-2022
// mint counts with the size that the mint requires, and that a policy without
// that rent is incomplete.
func TestVerify_Token2022Rents(t *testing.T) {
	const rent = tokenRent + 17*1_000
	s := newScene(t)
	s.pool.TokenProgram = accounts.Token2022Program
	create := txn.CreateTokenAccount(
		owner,
		owner,
		s.pool.Mint,
		accounts.Token2022Program,
	).Instruction

	deposit := s.deposit(s.ata2022(owner, s.pool.Mint), 10, 9)
	pays := func(most uint64, rents map[solana.PublicKey]uint64) func(p *explain.Policy) {
		return func(p *explain.Policy) {
			p.MaxLamports, p.MaxNewAccounts, p.MaxRent = 10, 1, most
			p.TokenAccountRent, p.TokenRents = tokenRent, rents
			p.MinTokens = map[solana.PublicKey]uint64{s.pool.Mint: 9}
		}
	}

	known := map[solana.PublicKey]uint64{s.pool.Mint: rent}
	s.check(t, []ruleCase{
		{"its own rent", list(create, deposit), pays(rent, known), nil, 0},
		{"a lamport less", list(create, deposit), pays(rent-1, known), explain.ErrSpendLimit, 0},
		{"no rent of the mint", list(create, deposit), pays(rent, nil), explain.ErrPolicy, 1},
		{"paid by another", list(txn.CreateTokenAccount(payer, owner, s.pool.Mint,
			accounts.Token2022Program).Instruction, deposit), pays(0, nil), nil, 0},
	})

	gives := func(most uint64, rents map[solana.PublicKey]uint64) error {
		return explain.VerifySponsor(explain.Instructions(payer, list(
			txn.CreateTokenAccount(payer, owner, s.pool.Mint, accounts.Token2022Program).
				Instruction), nil),
			explain.SponsorPolicy{
				Sponsor:          payer,
				MaxNewAccounts:   1,
				MaxRent:          most,
				Wallets:          []solana.PublicKey{owner},
				Mints:            []solana.PublicKey{s.pool.Mint},
				TokenAccountRent: tokenRent,
				TokenRents:       rents,
			})
	}

	require.NoError(t, gives(rent, known))
	require.ErrorIs(t, gives(rent-1, known), explain.ErrSpendLimit)
	require.ErrorIs(t, gives(rent, nil), explain.ErrPolicy)
}
