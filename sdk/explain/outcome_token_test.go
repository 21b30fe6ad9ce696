package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestVerifyOutcome_Rents counts the token accounts that the owner pays for and
// that stay, and no others.
func TestVerifyOutcome_Rents(t *testing.T) {
	s := newScene(t)
	mint, native := s.pool.Mint, s.ata(owner, accounts.NativeMint)
	token, gift := s.ata(owner, mint), s.ata(owner, key(62))
	open := func(funder, mint solana.PublicKey) solana.Instruction {
		return txn.CreateTokenAccount(funder, owner, mint, accounts.TokenProgram).Instruction
	}
	ixs := list(
		open(owner, mint),
		open(owner, accounts.NativeMint),
		open(payer, key(62)),
	)

	const has, fee = 1 << 40, 5_000
	before := world{owner: wallet(owner, has)}
	spent := func(lamports uint64) world { return world{owner: wallet(owner, has-fee-lamports)} }
	may := func(count int, rent, lamports uint64) func(p *explain.Policy) {
		return func(p *explain.Policy) {
			p.MaxNewAccounts, p.MaxRent, p.MaxLamports = count, rent, lamports
			p.MaxTokens[key(62)] = 0
		}
	}

	made := spent(tokenRent).with(tokenOf(token, mint, owner, 0))
	wrapped := spent(tokenRent).with(tokenOf(native, accounts.NativeMint, owner, 0))
	s.outcomes(t, owner, ixs, fee, []outcomeCase{
		{"a token account", before, made, may(1, tokenRent, 0), nil},
		{"a token account too many", before, made, may(0, tokenRent, 0), explain.ErrFormNotAllowed},
		{"too much rent", before, made, may(1, tokenRent-1, 0), explain.ErrSpendLimit},
		{"one that was there", made, made.with(wallet(owner, has-2*fee-tokenRent)), may(0, 0, 0),
			nil},
		{
			"one that was there is closed",
			made,
			world{owner: wallet(owner, has-2*fee)},
			may(0, 0, 0),
			nil,
		},
		{"one that is closed again", before, spent(0), may(0, 0, 0), nil},
		{
			"another one pays",
			before,
			spent(0).with(tokenOf(gift, key(62), owner, 0)),
			may(0, 0, 0),
			nil,
		},
		{
			"one of wrapped SOL keeps its rent",
			before,
			wrapped,
			may(1, 0, 0),
			nil,
		},
		{"one of wrapped SOL counts", before, wrapped, may(0, tokenRent, 0),
			explain.ErrFormNotAllowed},
		{
			"one of wrapped SOL that was there",
			before.with(tokenOf(native, accounts.NativeMint, owner, 0)),
			spent(0).with(tokenOf(native, accounts.NativeMint, owner, 0)),
			may(0, 0, 0),
			nil,
		},
		{
			"two",
			before,
			spent(2*tokenRent).with(
				tokenOf(token, mint, owner, 0),
				tokenOf(native, accounts.NativeMint, owner, 0),
			),
			may(1, 2*tokenRent, 0),
			explain.ErrFormNotAllowed,
		},
	})

	// What the owner funds without opening a token account is not its rent.
	ixs = list(s.create(owner, tokenRent), open(payer, key(62)))
	s.outcomes(t, owner, ixs, fee, []outcomeCase{{
		"another one pays for the token account",
		before,
		spent(0).with(tokenOf(gift, key(62), owner, 0)),
		may(0, 0, 0),
		nil,
	}})
}

// TestVerifyOutcome_Hands looks at what others can do with a token account of
// the owner's, where they could do something before.
func TestVerifyOutcome_Hands(t *testing.T) {
	s := newScene(t)
	token, mint := s.ata(owner, s.pool.Mint), s.pool.Mint
	ixs := list(s.deposit(token, 9, 50))
	other, another := stranger, key(62)
	type change = func(*accounts.TokenAccount)
	delegate := func(to *solana.PublicKey) change {
		return func(a *accounts.TokenAccount) { a.Delegate, a.DelegatedAmount = to, 3 }
	}
	closer := func(to *solana.PublicKey) change {
		return func(a *accounts.TokenAccount) { a.CloseAuthority = to }
	}
	state := func(state accounts.TokenState) change {
		return func(a *accounts.TokenAccount) { a.State = state }
	}
	of := func(wallet solana.PublicKey, changes ...change) world {
		return world{token: tokenOf(token, mint, wallet, 5, changes...)}
	}
	s.outcomes(t, payer, ixs, 0, []outcomeCase{
		{"the same delegate", of(owner, delegate(&other)), of(owner, delegate(&other)), nil, nil},
		{
			"another delegate",
			of(owner, delegate(&other)),
			of(owner, delegate(&another)),
			nil,
			explain.ErrAuthorityChange,
		},
		{"no delegate any more", of(owner, delegate(&other)), of(owner), nil, nil},
		{
			"a delegate of before, when it was another one's",
			of(stranger, delegate(&other)),
			of(owner, delegate(&other)),
			nil,
			explain.ErrAuthorityChange,
		},
		{"the same may close", of(owner, closer(&other)), of(owner, closer(&other)), nil, nil},
		{
			"another one may close",
			of(owner, closer(&other)),
			of(owner, closer(&another)),
			nil,
			explain.ErrAuthorityChange,
		},
		{
			"it stays frozen",
			of(owner, state(accounts.TokenFrozen)),
			of(owner, state(accounts.TokenFrozen)),
			nil,
			nil,
		},
	})
}

// TestVerifyOutcome_Seeds looks at accounts that instructions other than the
// one that creates them make the owner's by a seed.
func TestVerifyOutcome_Seeds(t *testing.T) {
	s := newScene(t)
	for _, ix := range []solana.Instruction{s.allocate(), s.seededTransfer(stranger, 1)} {
		s.outcomes(t, payer, list(ix), 0, []outcomeCase{
			{"it stays", world{s.wrap(): wallet(s.wrap(), 5)}, world{s.wrap(): wallet(s.wrap(), 5)},
				nil, nil},
			{
				"SOL leaves it",
				world{s.wrap(): wallet(s.wrap(), 5)},
				world{s.wrap(): wallet(s.wrap(), 4)},
				nil,
				explain.ErrSpendLimit,
			},
			{
				"SOL is left in it",
				world{},
				world{s.wrap(): wallet(s.wrap(), 4)},
				nil,
				explain.ErrLifetime,
			},
		})
	}
}

// TestVerifyOutcome_Amounts names the amounts that a refusal is about.
func TestVerifyOutcome_Amounts(t *testing.T) {
	s := newScene(t)
	strange := s.ata(owner, key(62))
	e := explain.Instructions(payer, list(s.tokens(strange, strange, owner, 1)), nil)
	empty, more := tokenOf(strange, key(62), owner, 0), tokenOf(strange, key(62), owner, 0)
	more.Lamports += 7
	for _, c := range []struct {
		after accounts.Account
		says  string
	}{
		{more, "7 lamports are left in " + strange.String()},
		{
			tokenOf(strange, key(62), owner, 3),
			"3 of " + key(62).String() + " is left in " + strange.String(),
		},
	} {
		var refused *explain.VerifyError
		require.ErrorAs(t, explain.VerifyOutcome(e, s.policy(), explain.Outcome{
			Before: world{strange: empty}.set(e),
			After:  world{strange: c.after}.set(e),
		}), &refused)

		require.Equal(t, c.says, refused.Detail)
	}
}
