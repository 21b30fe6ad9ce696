package e2e

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// lstPair has the mints of two LSTs.
type lstPair [2]solana.PublicKey

// verb is one of the client's Stake, Swap and Unstake, between SOL and two
// LSTs.
type verb struct {
	name  string
	pair  func(p lstPair) (from, to solana.PublicKey)
	trade func(
		ctx context.Context, c *sdk.Client, p lstPair, amount uint64, o sdk.TradeOptions,
	) (*txn.Unsigned, route.Quote, error)
}

var verbs = []verb{
	{
		"Stake",
		func(p lstPair) (from, to solana.PublicKey) { return accounts.NativeMint, p[1] },
		func(
			ctx context.Context, c *sdk.Client, p lstPair, amount uint64, o sdk.TradeOptions,
		) (*txn.Unsigned, route.Quote, error) {
			return c.Stake(ctx, p[1], amount, o)
		},
	},
	{
		"Swap",
		func(p lstPair) (from, to solana.PublicKey) { return p[0], p[1] },
		func(
			ctx context.Context, c *sdk.Client, p lstPair, amount uint64, o sdk.TradeOptions,
		) (*txn.Unsigned, route.Quote, error) {
			return c.Swap(ctx, p[0], p[1], amount, o)
		},
	},
	{
		"Unstake",
		func(p lstPair) (from, to solana.PublicKey) { return p[0], accounts.NativeMint },
		func(
			ctx context.Context, c *sdk.Client, p lstPair, amount uint64, o sdk.TradeOptions,
		) (*txn.Unsigned, route.Quote, error) {
			return c.Unstake(ctx, p[0], amount, o)
		},
	},
}

// signing is a sequence of signatures of a transaction.
type signing struct {
	name      string
	sponsored bool
	// table makes the transaction so large that it needs a lookup table.
	table bool
	sign  func(
		t testing.TB, u *txn.Unsigned, tables []txn.LookupTable, owner, sponsor *txn.KeySigner,
	) *txn.Signed
}

var signings = []signing{
	{"key pair", false, false, signByKey},
	{"wallet", false, false, signByWallet},
	{"sponsor, then owner", true, false, signInTurn(true)},
	{"owner, then sponsor", true, false, signInTurn(false)},
	{"key pair, with a table", false, true, signByKey},
	{"wallet, with a table", false, true, signByWallet},
	{"sponsor, then owner, with a table", true, true, signInTurn(true)},
	{"owner, then sponsor, with a table", true, true, signInTurn(false)},
}

func signByKey(
	t testing.TB,
	u *txn.Unsigned,
	_ []txn.LookupTable,
	owner, _ *txn.KeySigner,
) *txn.Signed {
	t.Helper()
	_, err := u.Sign(t.Context())
	require.ErrorIs(t, err, txn.ErrMissingSignature)
	signed, err := u.Sign(t.Context(), owner)
	require.NoError(t, err)
	return signed
}

// signByWallet lets a wallet sign a changed transaction, which is refused. Then
// one wallet signs the original bytes and returns the signature alone, and
// another returns the whole transaction, with the same result.
func signByWallet(
	t testing.TB,
	u *txn.Unsigned,
	tables []txn.LookupTable,
	owner, _ *txn.KeySigner,
) *txn.Signed {
	t.Helper()
	key := owner.PublicKey()
	stored, err := txn.ParseVouched(u.Partial().Base64(), u.Lifetime(), tables...)
	require.NoError(t, err)
	require.Equal(t, u.Message(), stored.Unsigned().Message())
	require.Equal(t, []solana.PublicKey{key}, stored.MissingSigners())
	_, err = stored.Signed()
	var missing *txn.MissingError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, []solana.PublicKey{key}, missing.Keys)
	for _, wallet := range meddlers {
		text := wallet.change(t, stored.Base64(), owner)
		_, err := stored.Merge(text)
		if len(text) > base64.StdEncoding.EncodedLen(txn.MaxSize) {
			require.ErrorIs(t, err, txn.ErrTransactionTooLarge, wallet.name)
			continue
		}

		var changed *txn.ChangedError
		require.ErrorAs(t, err, &changed, wallet.name)
		require.Equal(t, []txn.Change{wallet.part}, changed.Changes, wallet.name)
		require.Equal(t, []solana.PublicKey{key}, stored.MissingSigners(), "%s: nothing was merged",
			wallet.name)
	}

	signature, err := owner.Sign(t.Context(), stored.Unsigned().Message())
	require.NoError(t, err)
	wrong := signature
	wrong[0] ^= 1
	_, err = stored.Add(key, wrong)
	require.ErrorIs(t, err, txn.ErrBadSignature)
	full, err := stored.Add(key, signature)
	require.NoError(t, err)
	require.Empty(t, full.MissingSigners())
	merged, err := u.Partial().Merge(full.Base64())
	require.NoError(t, err)
	require.Equal(t, full.Base64(), merged.Base64())
	signed, err := merged.Signed()
	require.NoError(t, err)

	return signed
}

// signInTurn lets owner and sponsor sign one after the other, each the
// transaction stored by the other.
func signInTurn(
	sponsorFirst bool,
) func(testing.TB, *txn.Unsigned, []txn.LookupTable, *txn.KeySigner, *txn.KeySigner) *txn.Signed {
	return func(
		t testing.TB, u *txn.Unsigned, tables []txn.LookupTable, owner, sponsor *txn.KeySigner,
	) *txn.Signed {
		t.Helper()
		require.Equal(t, []solana.PublicKey{sponsor.PublicKey(), owner.PublicKey()}, u.Signers())
		order := []*txn.KeySigner{owner, sponsor}
		if sponsorFirst {
			slices.Reverse(order)
		}

		stored := u.Partial().Base64()
		for i, signer := range order {
			p, err := txn.ParseVouched(stored, u.Lifetime(), tables...)
			require.NoError(t, err)
			require.Contains(t, p.MissingSigners(), signer.PublicKey())
			require.Len(t, p.MissingSigners(), 2-i)
			p, err = p.Sign(t.Context(), signer)
			require.NoError(t, err)
			stored = p.Base64()
			if i == 0 {
				require.Equal(t, []solana.PublicKey{order[1].PublicKey()}, p.MissingSigners())
				_, err = p.Signed()
				require.ErrorIs(t, err, txn.ErrMissingSignature)
			}
		}

		p, err := u.Partial().Merge(stored)
		require.NoError(t, err)
		require.Empty(t, p.MissingSigners())
		signed, err := p.Signed()
		require.NoError(t, err)

		return signed
	}
}

// meddlers are wallets that sign another transaction than the given one, with
// valid signatures.
var meddlers = []struct {
	name   string
	part   txn.Change
	change func(t testing.TB, text string, owner *txn.KeySigner) string
}{
	{"re-orders instructions", txn.ChangeInstructions, meddle(func(m *solana.Message) {
		n := len(m.Instructions)
		if m.Instructions[n-2].ProgramIDIndex == m.Instructions[0].ProgramIDIndex {
			// There is one in addition to those of the compute budget.
			m.Instructions = append(m.Instructions, m.Instructions[n-1])
			n++
		}

		m.Instructions[n-1], m.Instructions[n-2] = m.Instructions[n-2], m.Instructions[n-1]
	})},
	{"adds an instruction", txn.ChangeInstructions, meddle(func(m *solana.Message) {
		m.Instructions = append(
			m.Instructions,
			solana.CompiledInstruction{
				ProgramIDIndex: m.Instructions[len(m.Instructions)-1].ProgramIDIndex,
			},
		)
	})},
	{"leaves an instruction out", txn.ChangeInstructions,
		meddle(func(m *solana.Message) {
			m.Instructions = m.Instructions[:len(m.Instructions)-1]
		})},
	{"raises the priority fee", txn.ChangeBudget,
		meddle(func(m *solana.Message) { m.Instructions[1].Data[1]++ })},
	{"takes another blockhash", txn.ChangeBlockhash,
		meddle(func(m *solana.Message) { m.RecentBlockhash[0]++ })},
	{"re-orders accounts", txn.ChangeAccounts, meddle(func(m *solana.Message) {
		a, b := uint16(m.Header.NumRequiredSignatures), uint16(m.Header.NumRequiredSignatures)+1
		m.AccountKeys[a], m.AccountKeys[b] = m.AccountKeys[b], m.AccountKeys[a]
		swap := map[uint16]uint16{a: b, b: a}
		for n := range m.Instructions {
			ix := &m.Instructions[n]
			for i, at := range ix.Accounts {
				if other, ok := swap[at]; ok {
					ix.Accounts[i] = other
				}
			}

			if other, ok := swap[ix.ProgramIDIndex]; ok {
				ix.ProgramIDIndex = other
			}
		}
	})},
}

func meddle(change func(*solana.Message)) func(testing.TB, string, *txn.KeySigner) string {
	return func(t testing.TB, text string, owner *txn.KeySigner) string {
		t.Helper()
		tx, err := solana.TransactionFromBase64(text)
		require.NoError(t, err)
		change(&tx.Message)
		message, err := tx.Message.MarshalBinary()
		require.NoError(t, err)
		signature, err := owner.Sign(t.Context(), message)
		require.NoError(t, err)
		tx.Signatures = []solana.Signature{signature}
		changed, err := tx.ToBase64()
		require.NoError(t, err)

		return changed
	}
}

// walletWorld is a random market with two LSTs on chain. The scene is nil for
// Infinity.
type walletWorld struct {
	name string
	draw func(rng *rand.Rand, v verb) (registry *lst.Registry, lsts lstPair, s *scene)
}

// walletWorlds returns the markets that the programs of the server allow.
func walletWorlds(t testing.TB, l *localnet, r *waysRun) []walletWorld {
	t.Helper()
	var worlds []walletWorld
	if l.programHash(accounts.ReserveProgram) != "" {
		worlds = append(worlds,
			walletWorld{"stake", func(rng *rand.Rand, v verb) (*lst.Registry, lstPair, *scene) {
				s := r.random(rng)
				registry, err := lst.Default().With(s.tokens[0], s.tokens[1])
				require.NoError(r.t, err)
				lsts := lstPair{s.tokens[0].Mint, s.tokens[1].Mint}
				_, to := v.pair(lsts)
				r.publish(s, to, 0, 0)

				return registry, lsts, s
			}})
	}

	if l.programHash(accounts.InfinityProgram) == "" {
		return worlds
	}

	for name, pricing := range map[string]solana.PublicKey{
		"Infinity, FlatFee":  accounts.FlatFeeProgram,
		"Infinity, FlatSlab": accounts.FlatSlabProgram,
	} {
		f := newInfinityRun(r.localnet, r.chain, pricing)
		worlds = append(worlds,
			walletWorld{name, func(rng *rand.Rand, _ verb) (*lst.Registry, lstPair, *scene) {
				f.newMarket(rng)
				registry := f.openMarket(rng)
				at := rng.Perm(len(f.market.StakePools))
				return registry, lstPair{f.market.StakePools[at[0]].State.PoolMint,
					f.market.StakePools[at[1]].State.PoolMint}, nil
			}})
	}

	slices.SortFunc(worlds, func(a, b walletWorld) int { return cmp.Compare(a.name, b.name) })

	return worlds
}

// TestClient_Wallets takes the three calls from the market to the receipt, with
// every combination of signers and payers and several random amounts each. The
// output must match the quote, and the payments of owner and sponsor are
// accounted for to the lamport.
func TestClient_Wallets(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	amounts := max(int(envUint(t, casesVariable, defaultCases))/20, 2)
	r := newWaysRun(l)
	worlds := walletWorlds(t, l, r)
	if len(worlds) == 0 {
		t.Skip("neither the Reserve nor Infinity is deployed on this server")
	}

	venues := make(map[string]int)
	group := uint64(0)
	for _, world := range worlds {
		for _, v := range verbs {
			for _, s := range signings {
				group++
				t.Run(world.name+"/"+v.name+"/"+s.name, func(t *testing.T) {
					l.t, r.t = t, t
					w := walletRun{waysRun: r, world: world, verb: v, signing: s, venues: venues}
					for n := uint64(0); w.done < amounts; n++ {
						require.Less(t, n, uint64(amounts*20), "hardly any market has a route")
						w.one(rand.New(rand.NewPCG(seed, group<<32|n)),
							fmt.Sprintf("seed %d, market %d of %d", seed, n, group))
					}

					t.Logf(
						"%d executed as quoted, in %d a sponsor advanced the rent of wrapped SOL, in %d of them some of the SOL came back; "+
							"%d markets without a route, %d transactions too large",
						w.done,
						w.advanced,
						w.returned,
						w.without,
						w.tooLarge,
					)
				})
			}
		}
	}

	t.Logf("seed %d, executed as quoted: %v", seed, venues)
}

// walletRun is a call with one sequence of signatures.
type walletRun struct {
	*waysRun
	world                                       walletWorld
	verb                                        verb
	signing                                     signing
	done, without, tooLarge, advanced, returned int
	// venues counts the venues of all calls and sequences of signatures.
	venues map[string]int
}

// one trades in a random market, if it has a route.
func (w *walletRun) one(rng *rand.Rand, name string) {
	t := w.t
	registry, lsts, s := w.world.draw(rng, w.verb)
	request := route.Request{
		Amount: sol + figures.RandomAmount(rng, 100*sol),
		Options: route.Options{
			ComputeUnitPrice: 1 + rng.Uint64N(50_000),
			OnlyDirectRoutes: true,
			SwapMode:         route.SwapMode(rng.IntN(2)),
			SlippageBps:      uint16(rng.IntN(3) * 50),
			MaxPrefund:       10 * sol,
		},
	}

	request.From, request.To = w.verb.pair(lsts)
	client, err := sdk.New(w.endpoint, sdk.WithClock(hurried{}), sdk.WithRegistry(registry))
	require.NoError(t, err)
	market, err := client.LoadMarketForRequest(t.Context(), request)
	require.NoError(t, err, name)
	o := sdk.TradeOptions{
		Options: route.Options{
			SwapMode:         request.SwapMode,
			SlippageBps:      request.SlippageBps,
			NoSlippage:       true,
			MaxPrefund:       request.MaxPrefund,
			OnlyDirectRoutes: true,
		},
	}

	o.Owner, o.Seed = w.user.PublicKey(), crand.Text()[:10]
	o.Priority.ComputeUnitPrice = request.ComputeUnitPrice
	if w.signing.sponsored {
		o.Payer = w.payer.PublicKey()
	}

	q, found := w.best(client, market, request, o.BuildOptions)
	if !found {
		w.without++
		return
	}

	require.True(t, q.Exact, name)
	if q.NeedsStakeKeypair {
		o.StakeKeypair, err = txn.GenerateKeySigner()
		require.NoError(t, err)
	}

	needs := w.fund(rng, q)
	if w.signing.table {
		w.publishTableOf(q, o.BuildOptions)
		o.Memo = w.filler(client, q, o.BuildOptions)
	}

	if w.signing.sponsored && needs > 0 {
		w.setLamports(o.Owner, needs-1)
		_, _, err := w.verb.trade(t.Context(), client, lsts, request.Amount, o)
		require.Error(t, err, name)
		require.True(t,
			errors.Is(err, progerr.ErrInsufficientFunds) ||
				errors.Is(err, txn.ErrTransactionTooLarge),
			"%s: %v", name, err)

		w.setLamports(o.Owner, needs)
	}

	unsigned, again, err := w.verb.trade(t.Context(), client, lsts, request.Amount, o)
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		w.tooLarge++
		return
	}

	require.NoError(t, err, "%s: %s", name, q.Venue)
	if again.Venue != q.Venue {
		// The best quote does not fit with the other instructions of the
		// transaction, so another one was used.
		_, err := client.Build(t.Context(), q, o.BuildOptions)
		require.ErrorIs(t, err, txn.ErrTransactionTooLarge, name)
		w.tooLarge++
		return
	}

	require.Equal(t, []any{q.Venue, q.In, q.Out}, []any{again.Venue, again.In, again.Out}, name)
	name += ": " + string(q.Venue)
	again.Costs = withoutPriorityFee(again.Costs)
	if w.signing.table {
		require.Equal(t, []solana.PublicKey{accounts.RouterLookupTableAddress},
			unsigned.LookupTables(), name)
		w.withoutTable(client, again, o.BuildOptions)
	}

	signed := w.signing.sign(t, unsigned, again.Tables, w.user, w.payer)
	if w.signing.sponsored && request.From == accounts.NativeMint && q.UpfrontRent > 0 {
		w.advanced++
		if again.MaxIn > again.In {
			w.returned++
		}
	}

	w.settle(client, s, again, o.BuildOptions, signed, name)
	w.done++
	w.venues[w.verb.name+" by "+string(q.Venue)]++
}

// best returns the best quote whose transaction fits, as the client chooses it.
// With a table, it returns the best quote.
func (w *walletRun) best(
	client *sdk.Client,
	market *route.Market,
	request route.Request,
	o sdk.BuildOptions,
) (route.Quote, bool) {
	quotes, _ := market.Quotes(request)
	o.SkipSimulation, o.SkipPayerCheck = true, true
	for _, q := range quotes {
		_, err := client.Build(w.t.Context(), q, o)
		if w.signing.table || err == nil {
			return q, true
		}
		require.ErrorIs(w.t, err, txn.ErrTransactionTooLarge)
	}
	return route.Quote{}, false
}

// fund gives the owner the required amounts. An owner who does not pay for the
// transaction has no spare lamport, and one lamport less fails. It returns the
// amount.
func (w *walletRun) fund(rng *rand.Rand, q route.Quote) (needs uint64) {
	t := w.t
	rent, err := w.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	owner := w.user.PublicKey()
	var calls []call
	if q.Request.From == accounts.NativeMint {
		needs = q.MaxIn
	} else {
		calls = append(calls,
			setAccount(figures.TokenAccount(w.ata(q.Request.From), q.Request.From, owner, q.MaxIn,
				rent)))
	}

	for _, c := range withoutPriorityFee(q.Costs) {
		needs += c.Lamports
	}

	calls = append(calls, dropAccount(w.ata(q.Request.To)))
	if rng.IntN(2) == 0 && q.Request.To != accounts.NativeMint {
		calls = append(calls,
			setAccount(figures.TokenAccount(w.ata(q.Request.To), q.Request.To, owner, 5, rent)))
	}

	for _, reply := range w.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	w.setLamports(w.payer.PublicKey(), 10*sol)
	if w.signing.sponsored {
		w.setLamports(owner, needs)
	} else {
		w.setLamports(owner, needs+10*sol)
	}

	return needs
}

// withoutPriorityFee returns the costs without the priority fee, which the
// payer pays to the network.
func withoutPriorityFee(costs []route.Cost) []route.Cost {
	return slices.DeleteFunc(slices.Clone(costs),
		func(c route.Cost) bool { return strings.HasPrefix(c.Name, "priority fee") })
}

// setLamports sets the balance of a wallet; zero removes the account.
func (w *walletRun) setLamports(key solana.PublicKey, lamports uint64) {
	c := dropAccount(key)
	if lamports > 0 {
		c = setAccount(accounts.Account{Address: key, Owner: accounts.SystemProgram,
			Lamports: lamports})
	}
	require.Nil(w.t, w.batch(c)[0].Error)
}

// filler returns a memo that makes a transaction just too large, or "" if it is
// too large without.
func (w *walletRun) filler(client *sdk.Client, q route.Quote, o sdk.BuildOptions) string {
	q.Tables, o.SkipSimulation, o.SkipPayerCheck = nil, true, true
	unsigned, err := client.Build(w.t.Context(), q, o)
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		return ""
	}
	require.NoError(w.t, err)
	return strings.Repeat("x", max(txn.MaxSize-unsigned.Size()-30, 1))
}

// publishTableOf fills the Router's lookup table with all accounts of a trade.
func (w *walletRun) publishTableOf(q route.Quote, o sdk.BuildOptions) {
	t := w.t
	if o.Payer.IsZero() {
		o.Payer = o.Owner
	}

	held := uint64(0)
	parties := route.BuildParams{Owner: o.Owner, Payer: o.Payer, Seed: o.Seed, PreBalance: &held}
	if o.StakeKeypair != nil {
		parties.NewAccount = o.StakeKeypair.PublicKey()
	}

	steps, err := q.Steps(parties)
	require.NoError(t, err)
	table := tableOf(steps)
	table.Address = accounts.RouterLookupTableAddress
	w.must(nil, "localnet_setAccount",
		setAccount(lookupTableAccount(table.Address, accounts.LookupTable{
			DeactivationSlot: accounts.NeverEpoch,
			Addresses:        table.Addresses,
		})).Params)
}

// withoutTable checks that a transaction does not fit without its table.
func (w *walletRun) withoutTable(client *sdk.Client, q route.Quote, o sdk.BuildOptions) {
	q.Tables = nil
	_, err := client.Build(w.t.Context(), q, o)
	var over *txn.SizeError
	require.ErrorAs(w.t, err, &over)
	require.Positive(w.t, over.Over())
}

// settle sends a transaction and accounts for all its changes.
func (w *walletRun) settle(
	client *sdk.Client,
	s *scene,
	q route.Quote,
	o sdk.BuildOptions,
	signed *txn.Signed,
	name string,
) {
	t := w.t
	owner, payer := o.Owner, o.Payer
	if payer.IsZero() {
		payer = owner
	}

	unsigned := signed.Unsigned()
	touched := slices.Compact(sortedKeys(append(touchedBy(unsigned), owner, w.payer.PublicKey())))
	before := w.get(touched...)
	receipt, err := client.Send(t.Context(), signed)
	require.NoError(t, err, name)
	after := w.get(touched...)
	fee, err := unsigned.NetworkFee()
	require.NoError(t, err)
	priority, err := unsigned.Budget().PriorityFee()
	require.NoError(t, err)
	require.Equal(t, fee, receipt.Fee, name)
	signers := uint64(len(solanaSigners(t, signed)))
	require.Equal(t, 5_000*signers+priority, fee, "%s: the network's fee", name)
	require.LessOrEqual(t, receipt.UnitsConsumed, uint64(unsigned.Budget().ComputeUnitLimit), name)

	b := balances{t: t, name: name, before: before, after: after, fee: fee}
	from, to := q.Request.From, q.Request.To
	created := uint64(0)
	if to != accounts.NativeMint && !exists(before, w.ata(to)) {
		created = lamportsIn(after, w.ata(to))
	}

	// Balances of the owner and the sponsor after the trade.
	want := map[solana.PublicKey]uint64{payer: -(fee + created)}
	for _, c := range q.Costs {
		want[owner] -= c.Lamports
	}

	if from == accounts.NativeMint {
		want[owner] -= q.In
	} else {
		require.Equal(t, -q.In, b.tokensGained(w.ata(from)), "%s: paid", name)
	}

	if to == accounts.NativeMint {
		want[owner] += q.Out
	} else {
		require.Equal(t, q.Out, b.tokensGained(w.ata(to)), "%s: received", name)
	}

	for key, gained := range want {
		require.Equal(t, gained, b.gained(key), "%s: lamports of %s", name, key)
	}

	if payer == owner {
		require.Zero(t, b.gained(w.payer.PublicKey()), name)
	}

	// All other accounts gained the loss of these two, except the network's
	// fee.
	total := uint64(0)
	for _, key := range touched {
		total += b.gained(key)
	}

	require.Equal(t, -fee, total, "%s: lamports come from nowhere or are lost", name)
	others := slices.DeleteFunc(touched, func(key solana.PublicKey) bool { return key == owner })
	if s != nil {
		w.check(s, q, o, b, others)
		return
	}

	for _, key := range others {
		require.True(t, exists(before, key) || !exists(after, key) || key == w.ata(to),
			"%s: %s is left behind", name, key)
	}
}

// solanaSigners returns the keys that sign a transaction, new accounts
// included.
func solanaSigners(t testing.TB, signed *txn.Signed) []solana.PublicKey {
	t.Helper()
	tx, err := solana.TransactionFromBase64(signed.Base64())
	require.NoError(t, err)
	return tx.Message.AccountKeys[:tx.Message.Header.NumRequiredSignatures]
}
