package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// rentOutcomes holds what the tests of rents share.
type rentOutcomes struct {
	*scene
	mint    solana.PublicKey
	native  solana.PublicKey
	token   solana.PublicKey
	gift    solana.PublicKey
	open    func(funder, mint solana.PublicKey) solana.Instruction
	ixs     []solana.Instruction
	before  world
	spent   func(lamports uint64) world
	may     func(count int, rent uint64, lamports uint64) func(p *explain.Policy)
	made    world
	wrapped world
}

func newRentOutcomes(t *testing.T) *rentOutcomes {
	t.Helper()

	s := newScene(t)
	mint, native := s.pool.Mint, s.ata(owner, accounts.NativeMint)
	token, gift := s.ata(owner, mint), s.ata(owner, key(62))
	open := func(funder, mint solana.PublicKey) solana.Instruction {
		return txn.CreateTokenAccount(funder, owner, mint, accounts.TokenProgram).Instruction
	}
	ixs := list(open(owner, mint), open(owner, accounts.NativeMint), open(payer, key(62)))

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

	return &rentOutcomes{
		scene:   s,
		mint:    mint,
		native:  native,
		token:   token,
		gift:    gift,
		open:    open,
		ixs:     ixs,
		before:  before,
		spent:   spent,
		may:     may,
		made:    made,
		wrapped: wrapped,
	}
}

// tokenAccounts returns cases that open token accounts.
func (s *rentOutcomes) tokenAccounts() []outcomeCase {
	const has = 1 << 40
	const fee = 5_000

	return []outcomeCase{
		{"a token account", s.before, s.made, s.may(1, tokenRent, 0), nil},
		{"a token account too many", s.before, s.made, s.may(0, tokenRent, 0),
			explain.ErrFormNotAllowed},
		{"too much rent", s.before, s.made, s.may(1, tokenRent-1, 0), explain.ErrSpendLimit},
		{"one that was there", s.made, s.made.with(wallet(owner, has-2*fee-tokenRent)),
			s.may(0, 0, 0),
			nil},
		{
			"one that was there is closed",
			s.made,
			world{owner: wallet(owner, has-2*fee)},
			s.may(0, 0, 0),
			nil,
		},
		{"one that is closed again", s.before, s.spent(0), s.may(0, 0, 0), nil},
		{
			"another one pays",
			s.before,
			s.spent(0).with(tokenOf(s.gift, key(62), owner, 0)),
			s.may(0, 0, 0),
			nil,
		},
	}
}

// wrappedAccounts returns cases that open wrapped SOL accounts.
func (s *rentOutcomes) wrappedAccounts() []outcomeCase {
	return []outcomeCase{
		{
			"one of wrapped SOL keeps its rent",
			s.before,
			s.wrapped,
			s.may(1, 0, 0),
			nil,
		},
		{"one of wrapped SOL counts", s.before, s.wrapped, s.may(0, tokenRent, 0),
			explain.ErrFormNotAllowed},
		{
			"one of wrapped SOL that was there",
			s.before.with(tokenOf(s.native, accounts.NativeMint, owner, 0)),
			s.spent(0).with(tokenOf(s.native, accounts.NativeMint, owner, 0)),
			s.may(0, 0, 0),
			nil,
		},
		{
			"two",
			s.before,
			s.spent(2*tokenRent).with(
				tokenOf(s.token, s.mint, owner, 0),
				tokenOf(s.native, accounts.NativeMint, owner, 0),
			),
			s.may(1, 2*tokenRent, 0),
			explain.ErrFormNotAllowed,
		},
	}
}

// TestVerifyOutcome_Rents checks that only token accounts that the owner pays
// for and that stay are counted.
func TestVerifyOutcome_Rents(t *testing.T) {
	const fee = 5_000

	s := newRentOutcomes(t)
	s.outcomes(t, owner, s.ixs, fee, s.tokenAccounts())
	s.outcomes(t, owner, s.ixs, fee, s.wrappedAccounts())

	// What the owner funds without opening a token account is not its rent.
	s.ixs = list(s.create(owner, tokenRent), s.open(payer, key(62)))
	s.outcomes(t, owner, s.ixs, fee, []outcomeCase{{
		"another one pays for the token account",
		s.before,
		s.spent(0).with(tokenOf(s.gift, key(62), owner, 0)),
		s.may(0, 0, 0),
		nil,
	}})
}

// TestVerifyOutcome_Control checks the control of others over a token account
// of the owner, also if they had some before.
func TestVerifyOutcome_Control(t *testing.T) {
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

// TestVerifyOutcome_Seeds checks accounts that belong to the owner through a
// seed although they are not created in the transaction.
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

// TestVerifyOutcome_Amounts checks the amounts in errors.
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
