package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/attacks"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestFirewall_LyingTables executes a transaction with an account from a lookup
// table. With the table that the transaction's author supplied it looks
// harmless; the client loads the table from the chain and refuses it.
func TestFirewall_LyingTables(t *testing.T) {
	l := connect(t)
	r := newFirewallRun(l)
	r.publish(attacks.Attack{}, nil)
	owner, thief := r.owner.PublicKey(), r.thief.PublicKey()
	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	other, address := figures.RandomKey(rng), figures.RandomKey(rng)
	wrapped, err := accounts.AssociatedTokenAddress(
		owner,
		accounts.TokenProgram,
		accounts.NativeMint,
	)

	require.NoError(t, err)
	l.must(nil, "localnet_setAccount", setAccount(lookupTableAccount(address, accounts.LookupTable{
		DeactivationSlot: accounts.NeverEpoch,
		Addresses:        []solana.PublicKey{figures.RandomKey(rng), other},
	})).Params)

	l.must(
		nil,
		"localnet_setAccount",
		setAccount(
			figures.TokenAccount(wrapped, accounts.NativeMint, owner, 0, r.tokenRent),
		).Params,
	)

	life := lifetime(t, l.batch(latestBlockhash)[0])
	tx, err := solana.NewTransaction(
		[]solana.Instruction{
			system.NewTransferInstruction(900*sol, owner, other).Build(),
		},
		life.Blockhash,
		solana.TransactionPayer(thief),
		solana.TransactionMessageVersion(solana.MessageVersionV0),
		solana.TransactionAddressTables(
			map[solana.PublicKey]solana.PublicKeySlice{address: {solana.PublicKey{1}, other}},
		),
	)

	require.NoError(t, err)
	tx.Signatures = make([]solana.Signature, 2)
	text, err := tx.ToBase64()
	require.NoError(t, err)
	policy := explain.Policy{Owner: owner, Payer: thief}

	_, err = txn.Parse(text, life)
	require.ErrorIs(t, err, txn.ErrLookupTable)
	lie := txn.LookupTable{Address: address, Addresses: []solana.PublicKey{{1}, wrapped}}
	p, err := txn.ParseVouched(text, life, lie)
	require.NoError(t, err)
	require.NoError(
		t,
		explain.Verify(explain.Transaction(p.Unsigned(), nil), policy),
		"the lie is harmless",
	)

	review, err := r.client.Review(t.Context(), text, policy)
	require.ErrorIs(t, err, explain.ErrUnrelatedTransfer)
	require.Equal(t, other, review.Explanation.Instructions[0].Accounts[1].Address)
	require.ErrorIs(t, r.client.Witness(t.Context(), review), explain.ErrSpendLimit)
	before := lamportsIn(l.get(owner), owner)
	signed, err := review.Transaction.Sign(t.Context(), r.owner, r.thief)
	require.NoError(t, err)
	ready, err := signed.Signed()
	require.NoError(t, err)
	require.NoError(t, l.execute(ready))
	require.Equal(t, before-900*sol, lamportsIn(l.get(owner), owner), "it was real")
}

// poolAttack is a good transaction of a scene turned hostile.
func poolAttack(
	t *testing.T,
	c *campaign,
	pick func(s *scene) route.Request,
	venue string,
	change func(b *base, ixs []solana.Instruction) []solana.Instruction,
	policyOf func(p *explain.Policy),
) {
	t.Helper()
	executed := 0
	for n := uint64(0); executed < 6; n++ {
		require.Less(t, n, uint64(150), "hardly any market has the route")
		rng := rand.New(rand.NewPCG(c.seed, n))
		s := c.random(rng)
		s.stake.Address = c.seededFor(fmt.Sprintf("mine%d", n), accounts.StakeProgram)
		request := pick(s)
		c.publish(s, request.To, 1_000_000*sol, 0)
		client, err := sdk.New(c.endpoint, sdk.WithClock(hurried{}))
		require.NoError(t, err)
		market, err := client.LoadMarketWith(
			t.Context(),
			route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address),
		)

		require.NoError(t, err)
		quotes, _ := market.Quotes(request)
		at := slices.IndexFunc(quotes, func(q route.Quote) bool { return string(q.Venue) == venue })
		if at < 0 {
			continue
		}

		q := quotes[at]
		var calls []call
		for _, a := range c.fortune(q, 0) {
			calls = append(calls, setAccount(a))
		}

		c.batch(calls...)
		c.refresh()
		life := txn.Lifetime{Blockhash: c.blockhash, LastValidBlockHeight: 1 << 60}
		o := sdk.BuildOptions{
			Owner:          c.user.PublicKey(),
			Payer:          c.thief.PublicKey(),
			Seed:           fmt.Sprintf("fresh%d", n),
			Lifetime:       &life,
			SkipSimulation: true,
			Priority:       sdk.PriorityFee{None: true},
		}

		u, err := client.Build(t.Context(), q, o)
		require.NoError(t, err)
		policy, err := client.Policy(t.Context(), q, o)
		require.NoError(t, err)
		b := c.prepare(q, o, u, policy, o.Payer, venue)
		hostile := change(b, b.ixs)
		for _, ix := range hostile {
			for _, m := range ix.Accounts() {
				if m.IsWritable {
					b.keys = append(b.keys, m.PublicKey)
				}
			}
		}

		b.keys = slices.Compact(sortedKeys(b.keys))
		b.seeded[s.stake.Address] = true
		b.before = c.getAll(b.keys)
		if policyOf != nil {
			policyOf(&policy)
		}

		for _, version := range []txn.Version{txn.Version0, txn.Version1} {
			out := c.run(b, policy, hostile, version)
			require.False(t, out.accepted, "it passes")
			if out.landed {
				require.NotEmpty(t, out.harm, "the attack is harmless")
				executed++
			}
		}
	}

	t.Logf("seed %d: %d executed", c.seed, executed)
}

// TestFirewall_Proceeds redirects the proceeds of a trade to the payer through
// a second temporary account.
func TestFirewall_Proceeds(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	c := newCampaign(l, envUint(t, seedVariable, rand.Uint64()))
	purse := c.seededFor("purse", accounts.TokenProgram)
	owner, thief := c.user.PublicKey(), c.thief.PublicKey()
	rent, err := c.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	build := func(ix interface {
		Build() (solana.Instruction, error)
	}) solana.Instruction {
		made, err := ix.Build()
		require.NoError(t, err)
		return made
	}

	closing := func(account, to solana.PublicKey) solana.Instruction {
		return build(
			instructions.TokenCloseAccount{
				Program:     accounts.TokenProgram,
				Account:     account,
				Destination: to,
				Owner:       owner,
			},
		)
	}

	poolAttack(t, c, func(s *scene) route.Request {
		return route.Request{
			From:   s.stake.Address,
			To:     accounts.NativeMint,
			Amount: s.stake.Lamports,
		}
	}, "Reserve", func(b *base, ixs []solana.Instruction) []solana.Instruction {
		changed := []solana.Instruction{
			system.NewCreateAccountWithSeedInstruction(owner, "purse", rent,
				accounts.TokenAccountSpace, accounts.TokenProgram,
				thief, purse, owner).
				Build(),
			build(instructions.TokenInitializeAccount{
				Program: accounts.TokenProgram,
				Account: purse,
				Mint:    accounts.NativeMint,
				Owner:   owner,
			}),
		}

		for _, ix := range ixs {
			data, _ := ix.Data()
			if ix.ProgramID() == accounts.TokenProgram && data[0] == 9 {
				changed = append(
					changed,
					closing(ix.Accounts()[0].PublicKey, purse),
					closing(purse, thief),
				)

				break
			}

			changed = append(changed, ix)
		}

		return changed
	}, nil)
}

// TestFirewall_HostilePool deposits a stake account of the owner, at an address
// derived from a seed, for the thief. If the transaction creates an account at
// the address afterwards, the programs refuse it, too.
func TestFirewall_HostilePool(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	c := newCampaign(l, envUint(t, seedVariable, rand.Uint64()))
	owner, thief := c.user.PublicKey(), c.thief.PublicKey()
	rent, err := c.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)
	poolAttack(t, c, func(s *scene) route.Request {
		return route.Request{
			From:    s.stake.Address,
			To:      s.tokens[1].Mint,
			Amount:  s.stake.Lamports,
			Options: route.Options{Recipient: thief, AllowPoolUpdate: true},
		}
	}, "stake deposit", func(b *base, ixs []solana.Instruction) []solana.Instruction {
		for stake := range b.policy.MaxStake {
			for n := range 400 {
				if seed := fmt.Sprintf("mine%d", n); c.seededFor(
					seed,
					accounts.StakeProgram,
				) == stake {
					created := append(
						slices.Clone(ixs),
						system.NewCreateAccountWithSeedInstruction(
							owner,
							seed,
							rent,
							accounts.StakeAccountSpace,
							accounts.StakeProgram,
							thief,
							stake,
							owner,
						).Build(),
					)

					policy := explain.Policy{Owner: owner, Payer: thief}
					out := c.run(b, policy, created, txn.Version0)
					require.False(t, out.accepted || out.landed)
				}
			}
		}

		return ixs
	}, func(p *explain.Policy) {
		p.MaxStake, p.Recipient, p.MinTokens = nil, owner, nil
	})
}
