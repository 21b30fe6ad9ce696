package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// world holds the accounts of one side of a transaction.
type world map[solana.PublicKey]accounts.Account

func (w world) with(all ...accounts.Account) world {
	next := make(world)
	for key, a := range w {
		next[key] = a
	}
	for _, a := range all {
		next[a.Address] = a
	}
	return next
}

func (w world) without(keys ...solana.PublicKey) world {
	next := w.with()
	for _, key := range keys {
		delete(next, key)
	}
	return next
}

// set returns the world together with every account that a transaction writes,
// as missing if it is not in the world.
func (w world) set(e explain.Explanation) *accounts.Set {
	set := accounts.NewSet(1)
	set.PutMissing(e.Payer)
	for _, in := range e.Instructions {
		for _, a := range in.Accounts {
			if a.Writable {
				set.PutMissing(a.Address)
			}
		}
	}

	for _, a := range w {
		set.Put(a)
	}

	return set
}

func wallet(key solana.PublicKey, lamports uint64) accounts.Account {
	return accounts.Account{Address: key, Owner: accounts.SystemProgram, Lamports: lamports}
}

// tokenOf returns a token account with changes.
func tokenOf(
	address, mint, of solana.PublicKey, amount uint64, changes ...func(*accounts.TokenAccount),
) accounts.Account {
	token := accounts.TokenAccount{
		Mint:   mint,
		Owner:  of,
		Amount: amount,
		State:  accounts.TokenInitialized,
	}

	lamports := uint64(tokenRent)
	if mint == accounts.NativeMint {
		reserve := uint64(tokenRent)
		token.NativeReserve = &reserve
		lamports += amount
	}

	for _, change := range changes {
		change(&token)
	}

	return accounts.Account{
		Address:  address,
		Owner:    accounts.TokenProgram,
		Lamports: lamports,
		Data:     token.Encode(),
	}
}

// stakeOf returns a delegated stake account with changes.
func stakeOf(
	address, of solana.PublicKey, staked uint64, changes ...func(*accounts.StakeAccount),
) accounts.Account {
	stake := accounts.StakeAccount{
		State:             accounts.StakeDelegated,
		RentExemptReserve: stakeRent,
		Staker:            of,
		Withdrawer:        of,
		Delegation: accounts.Delegation{
			Voter:             key(60),
			Stake:             staked,
			ActivationEpoch:   1,
			DeactivationEpoch: accounts.NeverEpoch,
		},
	}

	for _, change := range changes {
		change(&stake)
	}

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())
	return accounts.Account{
		Address: address, Owner: accounts.StakeProgram, Lamports: staked + stakeRent, Data: data,
	}
}

// outcomeCase is a state after a transaction with its verdict.
type outcomeCase struct {
	name          string
	before, after world
	change        func(p *explain.Policy)
	want          error
}

// outcomes runs cases on one transaction.
func (s *scene) outcomes(
	t *testing.T, payer solana.PublicKey, ixs []solana.Instruction, fee uint64, cases []outcomeCase,
) {
	t.Helper()
	e := explain.Instructions(payer, ixs, nil)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := s.policy()
			if c.change != nil {
				c.change(&p)
			}

			err := explain.VerifyOutcome(
				e,
				p,
				explain.Outcome{Before: c.before.set(e), After: c.after.set(e), Fee: fee},
			)
			if c.want == nil {
				require.NoError(t, err)
				return
			}

			require.ErrorIs(t, err, c.want)
			var refused *explain.VerifyError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, -1, refused.Instruction)
		})
	}
}

// tokenOutcomes holds what the tests of a deposit share.
type tokenOutcomes struct {
	*scene
	token     solana.PublicKey
	mint      solana.PublicKey
	ixs       []solana.Instruction
	before    world
	after     world
	limits    func(p *explain.Policy)
	less      func(change func(p *explain.Policy)) func(p *explain.Policy)
	changed   func(change func(*accounts.TokenAccount)) world
	other     solana.PublicKey
	delegated func(amount uint64) func(*accounts.TokenAccount)
	hasOne    world
}

func newTokenOutcomes(t *testing.T) *tokenOutcomes {
	t.Helper()

	s := newScene(t)
	token, mint := s.ata(owner, s.pool.Mint), s.pool.Mint
	ixs := list(
		txn.CreateTokenAccount(owner, owner, mint, accounts.TokenProgram).Instruction,
		s.deposit(token, 9, 50),
	)

	const has, fee = 1 << 40, 5_000
	before := world{owner: wallet(owner, has)}
	after := world{
		owner: wallet(owner, has-fee-tokenRent-9),
		token: tokenOf(token, mint, owner, 50),
	}

	limits := func(p *explain.Policy) {
		p.MaxLamports, p.MaxNewAccounts, p.MaxRent, p.MaxNetworkFee = 9, 1, tokenRent, fee
		p.MinTokens = map[solana.PublicKey]uint64{mint: 50}
	}

	less := func(change func(p *explain.Policy)) func(p *explain.Policy) {
		return also(limits, change)
	}
	changed := func(change func(*accounts.TokenAccount)) world {
		return after.with(tokenOf(token, mint, owner, 50, change))
	}
	other := stranger
	delegated := func(amount uint64) func(*accounts.TokenAccount) {
		return func(a *accounts.TokenAccount) { a.Delegate, a.DelegatedAmount = &other, amount }
	}
	hasOne := before.with(tokenOf(token, mint, owner, 7, delegated(3)))

	return &tokenOutcomes{
		scene:     s,
		token:     token,
		mint:      mint,
		ixs:       ixs,
		before:    before,
		after:     after,
		limits:    limits,
		less:      less,
		changed:   changed,
		other:     other,
		delegated: delegated,
		hasOne:    hasOne,
	}
}

// amounts returns cases that vary amounts and limits.
func (s *tokenOutcomes) amounts() []outcomeCase {
	const has = 1 << 40
	const fee = 5_000

	return []outcomeCase{
		{"as promised", s.before, s.after, s.limits, nil},
		{
			"less SOL",
			s.before,
			s.after.with(wallet(owner, has-fee-tokenRent-10)),
			s.limits,
			explain.ErrSpendLimit,
		},
		{
			"fewer tokens",
			s.before,
			s.after.with(tokenOf(s.token, s.mint, owner, 49)),
			s.limits,
			explain.ErrMinimumNotEnforced,
		},
		{"no account", s.before, s.after.without(s.token), s.limits, explain.ErrSpendLimit},
		{
			"a lower limit",
			s.before,
			s.after,
			s.less(func(p *explain.Policy) { p.MaxLamports-- }),
			explain.ErrSpendLimit,
		},
		{
			"less rent",
			s.before,
			s.after,
			s.less(func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
		},
		{
			"no new account",
			s.before,
			s.after,
			s.less(func(p *explain.Policy) { p.MaxNewAccounts-- }),
			explain.ErrFormNotAllowed,
		},
		{
			"a lower fee",
			s.before,
			s.after,
			s.less(func(p *explain.Policy) { p.MaxNetworkFee-- }),
			explain.ErrNetworkFee,
		},
		{
			"no owner",
			s.before,
			s.after,
			s.less(func(p *explain.Policy) { p.Owner = solana.PublicKey{} }),
			explain.ErrPolicy,
		},
	}
}

// control returns cases that give others control over the token account.
func (s *tokenOutcomes) control() []outcomeCase {
	return []outcomeCase{
		{
			"another one's account",
			s.before,
			s.after.with(tokenOf(s.token, s.mint, stranger, 50)),
			s.limits,
			explain.ErrMinimumNotEnforced,
		},
		{"a delegate", s.before, s.changed(s.delegated(3)), s.limits, explain.ErrAuthorityChange},
		{
			"one who may close",
			s.before,
			s.changed(func(a *accounts.TokenAccount) { a.CloseAuthority = &s.other }),
			s.limits,
			explain.ErrAuthorityChange,
		},
		{
			"the owner may close",
			s.before,
			s.changed(func(a *accounts.TokenAccount) { o := owner; a.CloseAuthority = &o }),
			s.limits,
			nil,
		},
		{
			"frozen",
			s.before,
			s.changed(func(a *accounts.TokenAccount) { a.State = accounts.TokenFrozen }),
			s.limits,
			explain.ErrAuthorityChange,
		},
	}
}

// presentAccounts returns cases that start with a token account, or change the
// wallet.
func (s *tokenOutcomes) presentAccounts() []outcomeCase {
	const has = 1 << 40
	const fee = 5_000

	return []outcomeCase{
		{
			"an account that is there",
			s.hasOne,
			s.after.with(tokenOf(s.token, s.mint, owner, 57, s.delegated(3)),
				wallet(owner, has-fee-9)),
			s.limits,
			nil,
		},
		{
			"a delegate of more",
			s.hasOne,
			s.after.with(tokenOf(s.token, s.mint, owner, 57, s.delegated(4)),
				wallet(owner, has-fee-9)),
			s.limits,
			explain.ErrAuthorityChange,
		},
		{
			"an account that is given away",
			s.hasOne,
			s.after.with(tokenOf(s.token, s.mint, stranger, 57), wallet(owner, has-fee-9)),
			s.limits,
			explain.ErrAuthorityChange,
		},
		{
			"an account that is emptied",
			s.hasOne,
			s.after.with(tokenOf(s.token, s.mint, owner, 6), wallet(owner, has-fee-9)),
			s.less(func(p *explain.Policy) { p.MinTokens = nil }),
			explain.ErrSpendLimit,
		},
		{
			"an account that is emptied, and may be",
			s.hasOne,
			s.after.with(tokenOf(s.token, s.mint, owner, 6), wallet(owner, has-fee-9)),
			s.less(
				func(p *explain.Policy) {
					p.MinTokens, p.MaxTokens = nil, map[solana.PublicKey]uint64{s.mint: 1}
				},
			),
			nil,
		},
		{"the wallet is assigned", s.before, s.after.with(accounts.Account{
			Address: owner, Owner: accounts.StakeProgram, Lamports: has - fee - tokenRent - 9,
		}), s.limits, explain.ErrAuthorityChange},
		{"the wallet has data", s.before, s.after.with(accounts.Account{
			Address:  owner,
			Owner:    accounts.SystemProgram,
			Lamports: has - fee - tokenRent - 9,
			Data:     []byte{1},
		}), s.limits, explain.ErrAuthorityChange},
	}
}

// TestVerifyOutcome_Tokens checks a deposit of SOL for tokens that opens a
// token account, with the owner as fee payer.
func TestVerifyOutcome_Tokens(t *testing.T) {
	const fee = 5_000

	s := newTokenOutcomes(t)
	s.outcomes(t, owner, s.ixs, fee, s.amounts())
	s.outcomes(t, owner, s.ixs, fee, s.control())
	s.outcomes(t, owner, s.ixs, fee, s.presentAccounts())

	// What is not known is not guessed.
	e := explain.Instructions(owner, s.ixs, nil)
	p := s.policy()
	s.limits(&p)
	require.ErrorIs(t, explain.VerifyOutcome(e, p, explain.Outcome{
		Before: accounts.NewSet(1), After: s.after.set(e), Fee: fee,
	}), explain.ErrPolicy)
	require.ErrorIs(t, explain.VerifyOutcome(e, p, explain.Outcome{
		Before: s.before.set(e), After: accounts.NewSet(1), Fee: fee,
	}), explain.ErrPolicy)
}

// solOutcomes holds what the tests of a withdrawal share.
type solOutcomes struct {
	*scene
	token   solana.PublicKey
	mint    solana.PublicKey
	native  solana.PublicKey
	strange solana.PublicKey
	ixs     []solana.Instruction
	before  world
	after   world
	limits  func(p *explain.Policy)
}

func newSOLOutcomes(t *testing.T) *solOutcomes {
	t.Helper()

	s := newScene(t)
	token, mint, native := s.ata(owner, s.pool.Mint), s.pool.Mint, s.ata(owner, accounts.NativeMint)
	strange := s.ata(owner, key(62))
	ixs := list(
		s.create(payer, tokenRent),
		s.initialize(),
		s.unwrap(s.wrap(), 5),
		s.closeTo(owner),
		pay(owner, payer, tokenRent),
		s.tokens(native, native, owner, 1),
		s.tokens(strange, strange, owner, 1),
		pay(owner, stranger, 2),
		pay(payer, stranger, 3),
		txn.CreateTokenAccount(
			payer,
			owner,
			accounts.NativeMint,
			accounts.TokenProgram,
		).Instruction,
	)

	const has = 1 << 40
	before := world{
		owner: wallet(owner, has), payer: wallet(payer, has), token: tokenOf(token, mint, owner, 9),
		native: tokenOf(native, accounts.NativeMint, owner, 100),
	}

	after := before.with(wallet(owner, has+40), tokenOf(token, mint, owner, 4))
	limits := also(s.sells(5), least(40))

	return &solOutcomes{
		scene:   s,
		token:   token,
		mint:    mint,
		native:  native,
		strange: strange,
		ixs:     ixs,
		before:  before,
		after:   after,
		limits:  limits,
	}
}

// amounts returns cases that vary amounts and transfers.
func (s *solOutcomes) amounts() []outcomeCase {
	const has = 1 << 40

	return []outcomeCase{
		{"as promised", s.before, s.after, s.limits, nil},
		{"less SOL", s.before, s.after.with(wallet(owner, has+39)), s.limits,
			explain.ErrMinimumNotEnforced},
		{
			"less SOL than before",
			s.before,
			s.after.with(wallet(owner, has-1)),
			s.sells(5),
			explain.ErrSpendLimit,
		},
		{
			"more tokens",
			s.before,
			s.after.with(tokenOf(s.token, s.mint, owner, 3)),
			s.limits,
			explain.ErrSpendLimit,
		},
		{"an allowed transfer", s.before, s.after.with(wallet(owner, has+38)),
			also(
				s.limits,
				func(p *explain.Policy) { p.Transfers = map[solana.PublicKey]uint64{stranger: 2} },
			), nil},
		{"a transfer of less is allowed", s.before, s.after.with(wallet(owner, has+38)),
			also(
				s.limits,
				func(p *explain.Policy) { p.Transfers = map[solana.PublicKey]uint64{stranger: 1} },
			), explain.ErrSpendLimit},
	}
}

// temporaryAccounts returns cases that leave something in temporary accounts.
func (s *solOutcomes) temporaryAccounts() []outcomeCase {
	return []outcomeCase{
		{
			"a temporary account is left",
			s.before,
			s.after.with(tokenOf(s.wrap(), accounts.NativeMint, owner, 0)),
			s.limits,
			explain.ErrLifetime,
		},
		{"a temporary account is left without an owner", s.before, s.after.with(accounts.Account{
			Address:  s.wrap(),
			Owner:    accounts.TokenProgram,
			Lamports: tokenRent,
			Data:     make([]byte, 165),
		}), s.limits, explain.ErrLifetime},
		{
			"SOL is left at a seed",
			s.before,
			s.after.with(wallet(s.wrap(), 5)),
			s.limits,
			explain.ErrLifetime,
		},
		{
			"SOL is taken from a seed",
			s.before.with(wallet(s.wrap(), 5)),
			s.after.with(wallet(s.wrap(), 4)),
			s.limits,
			explain.ErrMinimumNotEnforced,
		},
		{
			"SOL at a seed stays",
			s.before.with(wallet(s.wrap(), 5)),
			s.after.with(wallet(s.wrap(), 5)),
			s.limits,
			nil,
		},
		{
			"SOL at a seed becomes a program's",
			s.before.with(wallet(s.wrap(), 5)),
			s.after.with(accounts.Account{
				Address:  s.wrap(),
				Owner:    accounts.TokenProgram,
				Lamports: 5,
				Data:     make([]byte, 165),
			}),
			s.limits,
			explain.ErrLifetime,
		},
	}
}

// wrappedAccounts returns cases that close wrapped SOL accounts, or pay into
// them.
func (s *solOutcomes) wrappedAccounts() []outcomeCase {
	const has = 1 << 40

	return []outcomeCase{
		{
			"a wrapped account is closed",
			s.before.with(tokenOf(s.wrap(), accounts.NativeMint, owner, 5)),
			s.after,
			s.limits,
			explain.ErrSpendLimit,
		},
		{
			"a wrapped account is closed for the owner",
			s.before.with(tokenOf(s.wrap(), accounts.NativeMint, owner, 5)),
			s.after.with(wallet(owner, has+45+tokenRent)),
			s.limits,
			nil,
		},
		{
			"SOL at a seed goes to the owner",
			s.before.with(wallet(s.wrap(), 5)),
			s.after.with(wallet(owner, has+45)),
			s.limits,
			nil,
		},
		{
			"a temporary account is shown without lamports",
			s.before,
			s.after.with(wallet(s.wrap(), 0)),
			s.limits,
			nil,
		},
		{
			"wrapped SOL leaves",
			s.before,
			s.after.with(tokenOf(s.native, accounts.NativeMint, owner, 99)),
			s.limits,
			explain.ErrMinimumNotEnforced,
		},
		{
			"wrapped SOL arrives",
			s.before,
			s.after.with(tokenOf(s.native, accounts.NativeMint, owner, 140), wallet(owner, has)),
			s.limits,
			nil,
		},
		{
			"a wrapped account is made, by the payer",
			s.before.without(s.native),
			s.after.with(tokenOf(s.native, accounts.NativeMint, owner, 0)),
			also(s.sells(5), least(40)),
			nil,
		},
	}
}

// otherAccounts returns cases that change other accounts of the owner.
func (s *solOutcomes) otherAccounts() []outcomeCase {
	return []outcomeCase{
		{
			"tokens are left in another account",
			s.before,
			s.after.with(tokenOf(s.strange, key(62), owner, 1)),
			s.limits,
			explain.ErrUnrelatedTransfer,
		},
		{"SOL is left in another account", s.before.with(tokenOf(s.strange, key(62), owner, 0)),
			s.after.with(
				func() accounts.Account {
					a := tokenOf(s.strange, key(62), owner, 0)
					a.Lamports += 7
					return a
				}(),
			), s.limits,
			explain.ErrUnrelatedTransfer},
		{
			"tokens leave another account",
			s.before.with(tokenOf(s.strange, key(62), owner, 5)),
			s.after.with(tokenOf(s.strange, key(62), owner, 4)),
			s.limits,
			explain.ErrSpendLimit,
		},
		{
			"another account stays",
			s.before.with(tokenOf(s.strange, key(62), owner, 5)),
			s.after.with(tokenOf(s.strange, key(62), owner, 5)),
			s.limits,
			nil,
		},
	}
}

// TestVerifyOutcome_SOL checks a sale of tokens for SOL through a temporary
// account, with another fee payer.
func TestVerifyOutcome_SOL(t *testing.T) {
	s := newSOLOutcomes(t)
	s.outcomes(t, payer, s.ixs, 10_000, s.amounts())
	s.outcomes(t, payer, s.ixs, 10_000, s.temporaryAccounts())
	s.outcomes(t, payer, s.ixs, 10_000, s.wrappedAccounts())
	s.outcomes(t, payer, s.ixs, 10_000, s.otherAccounts())
}
