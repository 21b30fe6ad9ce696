package e2e

import (
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// fortune puts money in the accounts that attacks target.
func (c *campaign) fortune(q route.Quote, held uint64) []accounts.Account {
	t := c.t
	owner := c.user.PublicKey()
	rent, err := c.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	wrapped := func(address solana.PublicKey, lamports uint64) accounts.Account {
		token := accounts.TokenAccount{
			Mint:          accounts.NativeMint,
			Owner:         owner,
			Amount:        lamports,
			State:         accounts.TokenInitialized,
			NativeReserve: &rent,
		}

		return accounts.Account{
			Address:  address,
			Owner:    accounts.TokenProgram,
			Lamports: lamports + rent,
			Data:     token.Encode(),
		}
	}

	all := []accounts.Account{
		{Address: owner, Owner: accounts.SystemProgram, Lamports: 10_000 * sol},
		{Address: c.thief.PublicKey(), Owner: accounts.SystemProgram, Lamports: 10_000 * sol},
		{Address: c.recipient, Owner: accounts.SystemProgram, Lamports: sol},
		{
			Address:  c.seededFor("parked", accounts.TokenProgram),
			Owner:    accounts.SystemProgram,
			Lamports: 300 * sol,
		},
		wrapped(c.seededFor("wrapped", accounts.TokenProgram), 200*sol),
		wrapped(c.ata(accounts.NativeMint), 100*sol),
	}

	stake := figures.Delegated(
		owner,
		figures.StoredRent,
		solana.PublicKey{9},
		400*sol,
		c.chain.Clock.Epoch-9,
	)

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())
	all = append(all, accounts.Account{
		Address: c.seededFor(
			"staked",
			accounts.StakeProgram,
		), Owner: accounts.StakeProgram, Lamports: 400*sol + figures.StoredRent,
		Data: data,
	})

	authority := c.thief.PublicKey()
	all = append(
		all,
		accounts.Account{
			Address:  c.mint,
			Owner:    accounts.TokenProgram,
			Lamports: sol,
			Data: accounts.Mint{
				MintAuthority: &authority, FreezeAuthority: &authority, Supply: 1, Decimals: 9,
			}.Encode(),
		},
	)

	frozen := figures.TokenAccount(c.ata(c.mint), c.mint, owner, 1, rent)
	token, err := accounts.DecodeTokenAccount(frozen)
	require.NoError(t, err)
	token.State = accounts.TokenFrozen
	frozen.Data = token.Encode()
	all = append(all, frozen)
	for _, mint := range []solana.PublicKey{q.Request.From, q.Request.To} {
		if mint == accounts.NativeMint || mint == route.NativeStake {
			continue
		}

		amount := uint64(1_000_000 * sol)
		if mint == q.Request.To {
			amount = held
		}

		if _, err := c.get(mint).Get(mint); err == nil && amount > 0 {
			if a, _ := c.get(mint).Get(mint); a.Owner == accounts.TokenProgram {
				all = append(all, figures.TokenAccount(c.ata(mint), mint, owner, amount, rent))
			}
		}
	}

	return all
}

// prepare records the state around a good transaction.
func (c *campaign) prepare(
	q route.Quote,
	o sdk.BuildOptions,
	u *txn.Unsigned,
	policy explain.Policy,
	payer solana.PublicKey,
	name string,
) *base {
	b := &base{name: name, policy: policy, payer: payer, seeded: make(map[solana.PublicKey]bool)}
	for _, s := range u.Steps() {
		if s.Instruction.ProgramID() != accounts.ComputeBudgetProgram {
			b.ixs = append(b.ixs, s.Instruction)
		}
	}

	owner, thief := c.user.PublicKey(), c.thief.PublicKey()
	for _, seed := range append(c.seeds, o.Seed) {
		for _, program := range []solana.PublicKey{accounts.TokenProgram, accounts.StakeProgram} {
			address := c.seededFor(seed, program)
			b.seeded[address] = true
			b.pool = append(b.pool, address)
		}
	}

	for _, key := range touchedBy(u) {
		for _, m := range u.WritableAccounts() {
			if key == m {
				b.keys = append(b.keys, key)
			}
		}
	}

	created := explain.Instructions(payer, b.ixs, nil)
	for _, in := range created.Instructions {
		for _, role := range []string{"new account", "account"} {
			if account, ok := in.Account(role); ok && strings.HasSuffix(in.Name, "WithSeed") {
				b.seeded[account] = true
				b.pool = append(b.pool, account)
			}
		}

		for _, a := range in.Amounts {
			b.amounts = append(b.amounts, a.Value)
		}
	}

	nowhere, err := accounts.AssociatedTokenAddress(
		owner, accounts.Token2022Program, accounts.NativeMint,
	)
	require.NoError(c.t, err)
	b.pool = append(
		b.pool,
		owner,
		thief,
		c.recipient,
		c.ata(accounts.NativeMint),
		c.ataOf(thief, accounts.NativeMint),
		c.ata(c.mint),
		nowhere,
	)

	for _, mint := range []solana.PublicKey{q.Request.From, q.Request.To} {
		if mint != route.NativeStake {
			b.pool = append(b.pool, c.ata(mint), c.ataOf(thief, mint), c.ataOf(c.recipient, mint))
		}
	}

	b.keys = slices.Compact(sortedKeys(append(append(b.keys, b.pool...), o.Nonce)))
	b.before = c.getAll(b.keys)

	return b
}
