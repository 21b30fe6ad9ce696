package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// world is the accounts of one side of a transaction.
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

// set is the world with every account that a transaction writes, and no other
// that is not in it.
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

// tokenOf is a token account, with changes.
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

// stakeOf is a delegated stake account with changes.
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

// TestVerifyOutcome_Tokens looks at a deposit of SOL for tokens, paid by the
// owner, that opens a token account.
func TestVerifyOutcome_Tokens(t *testing.T) {
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
	s.outcomes(t, owner, ixs, fee, []outcomeCase{
		{"as promised", before, after, limits, nil},
		{
			"less SOL",
			before,
			after.with(wallet(owner, has-fee-tokenRent-10)),
			limits,
			explain.ErrSpendLimit,
		},
		{
			"fewer tokens",
			before,
			after.with(tokenOf(token, mint, owner, 49)),
			limits,
			explain.ErrMinimumNotEnforced,
		},
		{"no account", before, after.without(token), limits, explain.ErrSpendLimit},
		{
			"a lower limit",
			before,
			after,
			less(func(p *explain.Policy) { p.MaxLamports-- }),
			explain.ErrSpendLimit,
		},
		{
			"less rent",
			before,
			after,
			less(func(p *explain.Policy) { p.MaxRent-- }),
			explain.ErrSpendLimit,
		},
		{
			"no new account",
			before,
			after,
			less(func(p *explain.Policy) { p.MaxNewAccounts-- }),
			explain.ErrFormNotAllowed,
		},
		{
			"a lower fee",
			before,
			after,
			less(func(p *explain.Policy) { p.MaxNetworkFee-- }),
			explain.ErrNetworkFee,
		},
		{
			"no owner",
			before,
			after,
			less(func(p *explain.Policy) { p.Owner = solana.PublicKey{} }),
			explain.ErrPolicy,
		},
		{
			"another one's account",
			before,
			after.with(tokenOf(token, mint, stranger, 50)),
			limits,
			explain.ErrMinimumNotEnforced,
		},
		{"a delegate", before, changed(delegated(3)), limits, explain.ErrAuthorityChange},
		{
			"one who may close",
			before,
			changed(func(a *accounts.TokenAccount) { a.CloseAuthority = &other }),
			limits,
			explain.ErrAuthorityChange,
		},
		{
			"the owner may close",
			before,
			changed(func(a *accounts.TokenAccount) { o := owner; a.CloseAuthority = &o }),
			limits,
			nil,
		},
		{
			"frozen",
			before,
			changed(func(a *accounts.TokenAccount) { a.State = accounts.TokenFrozen }),
			limits,
			explain.ErrAuthorityChange,
		},
		{
			"an account that is there",
			hasOne,
			after.with(tokenOf(token, mint, owner, 57, delegated(3)), wallet(owner, has-fee-9)),
			limits,
			nil,
		},
		{
			"a delegate of more",
			hasOne,
			after.with(tokenOf(token, mint, owner, 57, delegated(4)), wallet(owner, has-fee-9)),
			limits,
			explain.ErrAuthorityChange,
		},
		{
			"an account that is given away",
			hasOne,
			after.with(tokenOf(token, mint, stranger, 57), wallet(owner, has-fee-9)),
			limits,
			explain.ErrAuthorityChange,
		},
		{
			"an account that is emptied",
			hasOne,
			after.with(tokenOf(token, mint, owner, 6), wallet(owner, has-fee-9)),
			less(func(p *explain.Policy) { p.MinTokens = nil }),
			explain.ErrSpendLimit,
		},
		{
			"an account that is emptied, and may be",
			hasOne,
			after.with(tokenOf(token, mint, owner, 6), wallet(owner, has-fee-9)),
			less(
				func(p *explain.Policy) {
					p.MinTokens, p.MaxTokens = nil, map[solana.PublicKey]uint64{mint: 1}
				},
			),
			nil,
		},
		{"the wallet is assigned", before, after.with(accounts.Account{
			Address: owner, Owner: accounts.StakeProgram, Lamports: has - fee - tokenRent - 9,
		}), limits, explain.ErrAuthorityChange},
		{"the wallet has data", before, after.with(accounts.Account{
			Address:  owner,
			Owner:    accounts.SystemProgram,
			Lamports: has - fee - tokenRent - 9,
			Data:     []byte{1},
		}), limits, explain.ErrAuthorityChange},
	})

	// What is not known is not guessed.
	e := explain.Instructions(owner, ixs, nil)
	p := s.policy()
	limits(&p)
	require.ErrorIs(t, explain.VerifyOutcome(e, p, explain.Outcome{
		Before: accounts.NewSet(1), After: after.set(e), Fee: fee,
	}), explain.ErrPolicy)
	require.ErrorIs(t, explain.VerifyOutcome(e, p, explain.Outcome{
		Before: before.set(e), After: accounts.NewSet(1), Fee: fee,
	}), explain.ErrPolicy)
}

// TestVerifyOutcome_SOL looks at a sale of tokens for SOL through a temporary
// account, paid by another one.
func TestVerifyOutcome_SOL(t *testing.T) {
	s := newScene(t)
	token, mint, native := s.ata(owner, s.pool.Mint), s.pool.Mint, s.ata(owner, accounts.NativeMint)
	strange := s.ata(owner, key(62))
	ixs := list(
		s.create(payer, tokenRent),
		s.initialize(),
		s.unwrap(s.wrap(), 5),
		s.closeTo(owner),
		pay(owner, payer, tokenRent),
		s.tokens(
			native,
			native,
			owner,
			1,
		),
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
	s.outcomes(t, payer, ixs, 10_000, []outcomeCase{
		{"as promised", before, after, limits, nil},
		{"less SOL", before, after.with(wallet(owner, has+39)), limits,
			explain.ErrMinimumNotEnforced},
		{
			"less SOL than before",
			before,
			after.with(wallet(owner, has-1)),
			s.sells(5),
			explain.ErrSpendLimit,
		},
		{
			"more tokens",
			before,
			after.with(tokenOf(token, mint, owner, 3)),
			limits,
			explain.ErrSpendLimit,
		},
		{"an allowed transfer", before, after.with(wallet(owner, has+38)),
			also(
				limits,
				func(p *explain.Policy) { p.Transfers = map[solana.PublicKey]uint64{stranger: 2} },
			), nil},
		{"a transfer of less is allowed", before, after.with(wallet(owner, has+38)),
			also(
				limits,
				func(p *explain.Policy) { p.Transfers = map[solana.PublicKey]uint64{stranger: 1} },
			), explain.ErrSpendLimit},
		{
			"a temporary account is left",
			before,
			after.with(tokenOf(s.wrap(), accounts.NativeMint, owner, 0)),
			limits,
			explain.ErrLifetime,
		},
		{"a temporary account is left without an owner", before, after.with(accounts.Account{
			Address:  s.wrap(),
			Owner:    accounts.TokenProgram,
			Lamports: tokenRent,
			Data:     make([]byte, 165),
		}), limits, explain.ErrLifetime},
		{
			"SOL is left at a seed",
			before,
			after.with(wallet(s.wrap(), 5)),
			limits,
			explain.ErrLifetime,
		},
		{
			"SOL is taken from a seed",
			before.with(wallet(s.wrap(), 5)),
			after.with(wallet(s.wrap(), 4)),
			limits,
			explain.ErrMinimumNotEnforced,
		},
		{
			"SOL at a seed stays",
			before.with(wallet(s.wrap(), 5)),
			after.with(wallet(s.wrap(), 5)),
			limits,
			nil,
		},
		{
			"SOL at a seed becomes a program's",
			before.with(wallet(s.wrap(), 5)),
			after.with(accounts.Account{
				Address:  s.wrap(),
				Owner:    accounts.TokenProgram,
				Lamports: 5,
				Data:     make([]byte, 165),
			}),
			limits,
			explain.ErrLifetime,
		},
		{
			"a wrapped account is closed",
			before.with(tokenOf(s.wrap(), accounts.NativeMint, owner, 5)),
			after,
			limits,
			explain.ErrSpendLimit,
		},
		{
			"a wrapped account is closed for the owner",
			before.with(tokenOf(s.wrap(), accounts.NativeMint, owner, 5)),
			after.with(wallet(owner, has+45+tokenRent)),
			limits,
			nil,
		},
		{
			"SOL at a seed goes to the owner",
			before.with(wallet(s.wrap(), 5)),
			after.with(wallet(owner, has+45)),
			limits,
			nil,
		},
		{
			"a temporary account is shown without lamports",
			before,
			after.with(wallet(s.wrap(), 0)),
			limits,
			nil,
		},
		{
			"wrapped SOL leaves",
			before,
			after.with(tokenOf(native, accounts.NativeMint, owner, 99)),
			limits,
			explain.ErrMinimumNotEnforced,
		},
		{
			"wrapped SOL arrives",
			before,
			after.with(tokenOf(native, accounts.NativeMint, owner, 140), wallet(owner, has)),
			limits,
			nil,
		},
		{
			"a wrapped account is made, by the payer",
			before.without(native),
			after.with(tokenOf(native, accounts.NativeMint, owner, 0)),
			also(s.sells(5), least(40)),
			nil,
		},
		{
			"tokens are left in another account",
			before,
			after.with(tokenOf(strange, key(62), owner, 1)),
			limits,
			explain.ErrUnrelatedTransfer,
		},
		{"SOL is left in another account", before.with(tokenOf(strange, key(62), owner, 0)),
			after.with(
				func() accounts.Account {
					a := tokenOf(strange, key(62), owner, 0)
					a.Lamports += 7
					return a
				}(),
			), limits,
			explain.ErrUnrelatedTransfer},
		{
			"tokens leave another account",
			before.with(tokenOf(strange, key(62), owner, 5)),
			after.with(tokenOf(strange, key(62), owner, 4)),
			limits,
			explain.ErrSpendLimit,
		},
		{
			"another account stays",
			before.with(tokenOf(strange, key(62), owner, 5)),
			after.with(tokenOf(strange, key(62), owner, 5)),
			limits,
			nil,
		},
	})
}
