package e2e

import (
	"cmp"
	crand "crypto/rand"
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
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestClient_CombinedTrades executes trades in two steps and splits over two
// venues. Scenes have random pools, Marinade, Lido, the Reserve, the Router and
// an Infinity that knows some of them. Each market sees a random part of the
// scene, so that every kind of combination is the best sometimes. Every lamport
// and token must match the quote, and no temporary account may stay.
func TestClient_CombinedTrades(t *testing.T) {
	r := newLegsRun(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	for i := range cases {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), fmt.Sprintf("seed %d, case %d", seed, i))
	}

	t.Logf("seed %d: %d pairs of venues", seed, len(r.executed))
	for _, venues := range sortedNames(r.executed) {
		n := r.executed[venues]
		t.Logf("%-60s %4d executed as quoted, at most %d bytes and %d compute units (%d estimated)",
			venues, n.count, n.size, n.units, n.estimated)
	}

	for _, count := range []map[string]int{r.kinds, r.refused} {
		for _, name := range sortedNames(count) {
			t.Logf("%4d %s", count[name], name)
		}
	}
}

// legsRun is the server with Infinity.
type legsRun struct {
	*waysRun
	infinities [2]*infinityRun
	// kinds counts the properties of the executions.
	kinds map[string]int
}

func newLegsRun(t *testing.T) *legsRun {
	l := connect(t)
	for _, program := range []solana.PublicKey{accounts.ReserveProgram, accounts.InfinityProgram} {
		if l.programHash(program) == "" {
			t.Skipf("%s is not deployed on this server", program)
		}
	}

	r := &legsRun{waysRun: newWaysRun(l), kinds: make(map[string]int)}
	for i, pricing := range []solana.PublicKey{accounts.FlatFeeProgram, accounts.FlatSlabProgram} {
		r.infinities[i] = newInfinityRun(l, r.chain, pricing)
	}

	return r
}

// draw creates a scene with Infinity and low liquidity in some places. Some
// pools are an epoch behind.
func (r *legsRun) draw(rng *rand.Rand) *scene {
	t := r.t
	s := r.random(rng)
	if rng.IntN(2) == 0 {
		r.addPool(rng, s)
		r.addRouter(s)
	}

	if rng.IntN(3) == 0 {
		s.reserve.Lamports = sol + rng.Uint64N(50*sol)
	}

	f := r.infinities[rng.IntN(2)]
	o := figures.InfinityOptions{
		Program:      accounts.InfinityProgram,
		Version:      accounts.PoolStateV1,
		Pricing:      f.pricing,
		Calculators:  f.calculators,
		UpgradeSlots: f.upgrades,
	}

	for _, pool := range s.pools {
		if _, ok := f.calculators[pool.Program]; ok && rng.IntN(5) > 0 {
			o.StakePools = append(o.StakePools, pool)
		}
	}

	infinity, err := figures.RandomInfinity(rng, r.chain, o)
	require.NoError(t, err)
	infinity.Marinade, infinity.Lido = nil, nil
	for i := range infinity.Holdings {
		if rng.IntN(2) == 0 {
			infinity.Holdings[i].Reserves = figures.RandomAmount(rng, 200*sol)
		}
	}

	s.infinity = infinity
	inf, err := lst.Default().ByMint(accounts.INFMint)
	require.NoError(t, err)
	s.tokens = append(s.tokens, inf)
	for _, pool := range s.pools {
		if rng.IntN(4) == 0 {
			(&stakePoolRun{chain: r.chain}).age(rng, pool)
		}
	}

	return s
}

// hideable are accounts without which a market lacks one or several routes.
func (r *legsRun) hideable(s *scene) []solana.PublicKey {
	t := r.t
	var keys []solana.PublicKey
	add := func(key solana.PublicKey, err error) {
		require.NoError(t, err)
		keys = append(keys, key)
	}

	controller, err := accounts.NewController(accounts.InfinityProgram)
	add(controller.PoolState, err)
	for _, h := range s.infinity.Holdings {
		add(controller.Reserves(accounts.TokenProgram, h.Entry.Mint))
	}

	add(s.reserve.Address, nil)
	for _, token := range append([]lst.LST{{Mint: accounts.NativeMint}}, s.tokens...) {
		add(accounts.RouterFeeTokenAccount(accounts.RouterProgram, token.Mint))
	}

	for _, pool := range s.pools {
		keys = append(keys, pool.State.ReserveStake, pool.State.ValidatorList)
	}

	add(accounts.MarinadeReserve(s.marinade.Program, s.marinade.Address))
	add(s.marinade.State.ValidatorSystem.ValidatorList.Account, nil)
	add(accounts.LidoReserve(s.lido.Program, s.lido.Address))

	return keys
}

// client returns a client that knows the tokens of a scene. Its node may not
// know all accounts of the scene.
func (r *legsRun) client(s *scene, endpoint string) *sdk.Client {
	registry, err := lst.Default().With(s.tokens...)
	require.NoError(r.t, err)
	options := []sdk.Option{sdk.WithClock(hurried{}), sdk.WithRegistry(registry)}
	for program, hash := range r.builds {
		if hash != "" {
			options = append(options, sdk.WithProgramBuild(program, hash))
		}
	}

	client, err := sdk.New(endpoint, options...)
	require.NoError(r.t, err)

	return client
}

const (
	viewsPerScene   = 3
	requestsPerView = 12
	// held is a balance larger than any trade.
	held = 1_000_000 * sol
)

// one loads several markets of a scene, each with other accounts hidden.
func (r *legsRun) one(rng *rand.Rand, name string) {
	s := r.draw(rng)
	for view := range viewsPerScene {
		if view == 0 {
			r.followed(rng, s, name)
			continue
		}

		var hidden []solana.PublicKey
		share := rng.IntN(3)
		for _, key := range r.hideable(s) {
			if rng.IntN(6) < share {
				hidden = append(hidden, key)
			}
		}

		r.view(rng, s, r.client(s, r.newBlind(func() {}, hidden...)), name)
	}
}

// followed requests tokens that only Infinity sells, for an input that only a
// pool accepts whose token Infinity accepts. Infinity then depends on the pool
// after the deposit, and the pool may need an update.
func (r *legsRun) followed(rng *rand.Rand, s *scene, name string) {
	t := r.t
	at := rng.IntN(len(s.pools))
	hub := s.pools[at].State.PoolMint
	var hidden []solana.PublicKey
	for _, pool := range s.pools {
		if pool.State.PoolMint != hub {
			hidden = append(hidden, pool.State.ReserveStake)
		}
	}

	controller, err := accounts.NewController(accounts.InfinityProgram)
	require.NoError(t, err)
	wrapped, err := controller.Reserves(accounts.TokenProgram, accounts.NativeMint)
	require.NoError(t, err)
	marinade, err := accounts.MarinadeReserve(s.marinade.Program, s.marinade.Address)
	require.NoError(t, err)
	hidden = append(hidden, wrapped, marinade)
	for _, token := range s.tokens {
		account, err := accounts.RouterFeeTokenAccount(accounts.RouterProgram, token.Mint)
		require.NoError(t, err)
		hidden = append(hidden, account)
	}

	client := r.client(s, r.newBlind(func() {}, hidden...))
	r.publish(s, solana.PublicKey{}, held, 0)
	table := figures.RandomKey(rng)
	putTable(r.localnet, table, r.mostUsed(s)...)
	market, err := client.LoadMarketWith(t.Context(),
		route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address).WithLookupTables(table))
	require.NoError(t, err, name)
	for _, token := range s.tokens {
		if token.Mint == hub {
			continue
		}

		request := r.request(rng, s)
		request.To, request.AllowPoolUpdate, request.Referrer = token.Mint, true, solana.PublicKey{}
		if request.From = accounts.NativeMint; rng.IntN(3) == 0 {
			request.From = s.stake.Address
		}

		request.UseWSOL = false
		r.trade(rng, s, market, client, request, name+", followed")
	}
}

// view loads a market, with or without lookup tables, and requests many trades.
func (r *legsRun) view(rng *rand.Rand, s *scene, client *sdk.Client, name string) {
	t := r.t
	r.publish(s, solana.PublicKey{}, held, 0)
	loader := route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address)
	tables := rng.IntN(2) == 0
	if tables {
		table := figures.RandomKey(rng)
		putTable(r.localnet, table, r.mostUsed(s)...)
		loader = loader.WithLookupTables(table)
	}

	market, err := client.LoadMarketWith(t.Context(), loader)
	require.NoError(t, err, name)
	for n := range requestsPerView {
		request := r.request(rng, s)
		switch rng.IntN(3) {
		case 0:
			request.Amount = beyond(rng, market, request)
		case 1:
			r.beyondInfinity(rng, s, &request)
		}

		if n == 0 && request.From != s.stake.Address {
			// The client loads further accounts itself.
			r.publish(s, solana.PublicKey{}, held, 0)
			for _, token := range s.tokens {
				request.Intermediates = append(request.Intermediates, token.Mint)
			}

			own, err := client.LoadMarketForRequest(t.Context(), request)
			require.NoError(t, err, name)
			r.trade(rng, s, own, client, request, name+", through")
			continue
		}

		r.trade(rng, s, market, client, request, name)
	}
}

// mostUsed returns the accounts that most transactions name.
func (r *legsRun) mostUsed(s *scene) []solana.PublicKey {
	var keys []solana.PublicKey
	all, err := s.infinity.Accounts(r.chain.Rent)
	require.NoError(r.t, err)
	for _, a := range all {
		keys = append(keys, a.Address)
	}

	keys = append(keys, accounts.InfinityProgram, accounts.FlatFeeProgram, accounts.FlatSlabProgram,
		accounts.ReserveProgram, accounts.RouterProgram,
		accounts.MarinadeProgram, accounts.LidoProgram, accounts.StakeHistorySysvar,
		accounts.ClockSysvar, accounts.SPLCalculator,
		accounts.SanctumSPLMultiCalculator, accounts.MarinadeCalculator, accounts.LidoCalculator,
		accounts.WrappedSOLCalculator)

	keys = append(keys, accounts.StakePoolPrograms()...)
	keys = append(keys, (&recipientRun{waysRun: r.waysRun}).inTable(s)...)

	return keys[:min(len(keys), 256)]
}

// request returns any pair of a scene with any amount.
func (r *legsRun) request(rng *rand.Rand, s *scene) route.Request {
	froms := []solana.PublicKey{accounts.NativeMint, s.stake.Address}
	tos := []solana.PublicKey{accounts.NativeMint, route.NativeStake}
	for _, token := range s.tokens {
		froms, tos = append(froms, token.Mint), append(tos, token.Mint)
	}

	q := route.Request{
		From:   froms[rng.IntN(len(froms))],
		Amount: 1 + figures.RandomAmount(rng, 5_000*sol),
		Options: route.Options{
			SwapMode:        route.SwapMode(rng.IntN(2)),
			SlippageBps:     uint16(rng.IntN(2) * 50),
			AllowPoolUpdate: rng.IntN(2) == 0,
			UseWSOL:         rng.IntN(5) == 0,
			Deactivate:      rng.IntN(2) == 0,
		},
	}
	if rng.IntN(2) == 0 {
		q.Amount = sol + rng.Uint64N(3_000*sol)
	}

	if q.From == s.stake.Address && q.SwapMode == route.ExactIn && rng.IntN(2) == 0 {
		q.Amount = s.stake.Lamports
	}

	for q.To = q.From; q.To == q.From || q.From == s.stake.Address && q.To == route.NativeStake; {
		q.To = tos[rng.IntN(len(tos))]
	}

	switch rng.IntN(8) {
	case 0:
		q.Recipient = newRecipient(r.t)
	case 1:
		if q.To != accounts.NativeMint && q.To != route.NativeStake {
			q.Referrer = figures.RandomKey(rng)
		}
	}

	return q
}

// beyond returns an amount slightly too large for any single venue, so that it
// takes two.
func beyond(rng *rand.Rand, m *route.Market, q route.Request) uint64 {
	q.OnlyDirectRoutes = true
	serves := func(amount uint64) bool {
		q.Amount = amount
		quotes, _ := m.Quotes(q)
		return len(quotes) > 0
	}

	served := q.Amount
	for !serves(served) && served > 0 {
		served /= 2
	}

	refused := served
	for refused <= served && served > 0 && served < 400_000*sol {
		if serves(2 * served) {
			served *= 2
		} else {
			refused = 2 * served
		}
	}

	if served == 0 || refused <= served {
		return max(q.Amount, 1)
	}

	for refused-served > max(served/1_000, 1) {
		if middle := served + (refused-served)/2; serves(middle) {
			served = middle
		} else {
			refused = middle
		}
	}

	return refused + rng.Uint64N(served/2+1)
}

// beyondInfinity changes a request to more than Infinity has of a token that
// other venues have as well. Infinity may be the cheapest for a part.
func (r *legsRun) beyondInfinity(rng *rand.Rand, s *scene, q *route.Request) {
	tokens := []solana.PublicKey{accounts.NativeMint, accounts.MSOLMint}
	for _, pool := range s.pools {
		tokens = append(tokens, pool.State.PoolMint)
	}

	at := rng.Perm(len(tokens))
	from, to := tokens[at[0]], tokens[at[1]]
	if rng.IntN(2) == 0 && to != accounts.NativeMint {
		from = accounts.NativeMint
	}

	i := slices.IndexFunc(s.infinity.Holdings,
		func(h figures.Holding) bool { return h.Entry.Mint == to })
	if i < 0 || from == to {
		return
	}

	reserves := s.infinity.Holdings[i].Reserves
	q.From, q.To, q.Amount, q.UseWSOL = from, to, reserves+rng.Uint64N(2*reserves+sol), q.UseWSOL &&
		rng.IntN(2) == 0
	if to == accounts.NativeMint {
		q.Referrer = solana.PublicKey{}
	}
}

// trade executes the combinations that a market finds.
func (r *legsRun) trade(
	rng *rand.Rand,
	s *scene,
	market *route.Market,
	client *sdk.Client,
	request route.Request,
	name string,
) {
	t := r.t
	quotes, rejected := market.Quotes(request)
	for _, no := range rejected {
		if !strings.Contains(string(no.Venue), ", then ") {
			continue
		}

		expected := errors.Is(no.Err, route.ErrLegsConflict) ||
			errors.Is(no.Err, txn.ErrTransactionTooLarge)
		require.True(t, expected, "%s: %s: %v", name, no.Venue, no.Err)
		r.refused["refused: "+kindOfRefusal(no.Err)]++
	}

	for n, q := range quotes {
		if len(q.Legs) == 0 {
			continue
		}

		text := fmt.Sprintf("%s: %s, %+v", name, q.Venue, q.Request)
		require.True(t, q.Exact, text)
		require.False(t, q.NeedsTwoTransactions, text)
		if n == 0 {
			r.kinds["were the best"]++
		}

		r.carryOut(rng, s, client, q, text)
		if first := q.Legs[0]; rng.IntN(5) == 0 {
			r.kinds["first legs alone"]++
			r.carryOut(rng, s, client, first, text+", the first alone")
		}
	}
}

// kindOfRefusal returns the reason why two routes were not combined, without
// addresses and sizes.
func kindOfRefusal(err error) string {
	var over *txn.SizeError
	if errors.As(err, &over) {
		return txn.ErrTransactionTooLarge.Error()
	}

	words := strings.Fields(err.Error())
	for i, word := range words {
		if _, err := solana.PublicKeyFromBase58(strings.TrimSuffix(word, ",")); err == nil {
			words[i] = "an account,"
		}
	}

	return strings.Join(words, " ")
}

// carryOut executes a quote for an owner and a payer who have exactly the
// required amounts.
func (r *legsRun) carryOut(
	rng *rand.Rand,
	s *scene,
	client *sdk.Client,
	q route.Quote,
	name string,
) {
	t := r.t
	r.publish(s, q.Request.To, held, uint64(rng.IntN(2))*5)
	o := sdk.BuildOptions{Owner: r.user.PublicKey(), Seed: crand.Text()[:10],
		Priority: sdk.PriorityFee{None: true}}
	signers, fee := []txn.Signer{r.user}, uint64(5_000)
	if q.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		o.StakeKeypair, fee = key, fee+5_000
	}

	sponsored := rng.IntN(3) == 0
	if sponsored {
		o.Payer, fee = r.payer.PublicKey(), fee+5_000
		signers = append(signers, r.payer)
	}

	exact := r.endow(rng, q, sponsored, fee)
	unsigned, err := buildInAny(t.Context(), client, q, &o)
	if errors.Is(err, txn.ErrTransactionTooLarge) && sponsored {
		r.refused["too large with a sponsor"]++
		return
	}

	require.NoError(t, err, name)
	signed, err := unsigned.Sign(t.Context(), signers...)
	require.NoError(t, err, name)
	touched := slices.Compact(sortedKeys(append(touchedBy(unsigned), o.Owner, r.payer.PublicKey(),
		q.Request.Recipient, r.ata(q.Request.To))))
	before := r.get(touched...)
	receipt, err := client.Send(t.Context(), signed)
	require.NoError(t, err, name)
	b := balances{t: t, name: name, before: before, after: r.get(touched...), fee: receipt.Fee}
	require.Equal(t, fee, receipt.Fee, name)
	r.check(s, q, o, b, touched)
	r.checkInfinity(q, b)
	if len(q.Legs) == 0 {
		return
	}

	require.LessOrEqual(t, receipt.UnitsConsumed, uint64(q.ComputeUnits)+budgetUnits, name)
	e := r.executed[string(q.Venue)]
	e.count++
	e.size, e.units, e.estimated = max(e.size, unsigned.Size()), max(e.units,
		receipt.UnitsConsumed), max(e.estimated, uint64(q.ComputeUnits))
	r.executed[string(q.Venue)] = e
	r.kinds["accounts at most"] = max(r.kinds["accounts at most"], len(touched))
	r.count(s, q, sponsored, exact, len(unsigned.LookupTables()) > 0)
}

// count records the properties of an execution.
func (r *legsRun) count(s *scene, q route.Quote, sponsored, exact, tables bool) {
	request := q.Request
	for kind, is := range map[string]bool{
		"splits":    q.Legs[0].Request.To == request.To,
		"two steps": q.Legs[0].Request.To != request.To,
		"exact out": request.SwapMode == route.ExactOut, "with slippage": request.SlippageBps > 0,
		"sponsored":               sponsored,
		"without a spare lamport": exact, "with a lookup table": tables,
		"to a recipient":  !request.Recipient.IsZero(),
		"with a referrer": !request.Referrer.IsZero(), "wrapped": request.UseWSOL,
		"with intermediate dust": q.IntermediateDust > 0,
		"with upfront rent":      q.UpfrontRent > 0,
		"with a balance check":   q.MinOutCheck == route.CheckedByBalance,
		"from a stake account":   request.From == s.stake.Address,
		"that updated a pool": slices.ContainsFunc(q.Assumptions,
			func(c string) bool { return strings.Contains(c, "updated for this epoch") }),
	} {
		if is {
			r.kinds[kind]++
		}
	}
}

// endow gives owner and payer the required amounts. Unless an account would
// fall below its rent, the owner has no spare lamport.
func (r *legsRun) endow(rng *rand.Rand, q route.Quote, sponsored bool, fee uint64) (exact bool) {
	t := r.t
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	least, err := r.chain.Rent.MinimumBalance(0)
	require.NoError(t, err)
	request, owner := q.Request, r.user.PublicKey()
	sol := func(mint solana.PublicKey) bool {
		return mint == accounts.NativeMint && !request.UseWSOL
	}
	var calls []call
	if from := request.From; !sol(from) && !r.isStake(from) {
		calls = append(calls,
			setAccount(figures.TokenAccount(r.ata(from), from, owner, q.MaxIn, rent)))
	}

	created := uint64(0)
	if hub := between(q); !hub.IsZero() && hub != accounts.NativeMint {
		calls = append(calls, dropAccount(r.ata(hub)))
		if rng.IntN(2) == 0 {
			created += rent
		} else {
			calls = append(calls,
				setAccount(figures.TokenAccount(r.ata(hub), hub, owner, rng.Uint64N(3), rent)))
		}
	}

	if request.To == accounts.NativeMint {
		// The other accounts exist or not since they were published.
		calls = append(calls, dropAccount(r.ata(request.To)))
	}

	if !request.Recipient.IsZero() {
		calls = append(calls,
			setAccount(accounts.Account{Address: request.Recipient, Owner: accounts.SystemProgram,
				Lamports: least}))
	}

	if !request.Referrer.IsZero() {
		calls = append(calls,
			setAccount(figures.TokenAccount(request.Referrer, request.To, figures.RandomKey(rng), 3,
				rent)))
	}

	destination := r.ataOf(cmp.Or(request.Recipient, owner), request.To)
	if !sol(request.To) && request.To != route.NativeStake {
		if request.To == accounts.NativeMint || !exists(r.get(destination), destination) {
			created += rent
		}
	}

	start := q.UpfrontRent
	for _, c := range q.Costs {
		start += c.Lamports
	}

	if sol(request.From) {
		start += q.MaxIn
	}

	if !sponsored {
		start += fee + created
	}

	// The balances after the trade.
	end := q.UpfrontRent
	if sol(request.From) {
		end += q.MaxIn - q.In
	}

	if sol(request.To) && request.Recipient.IsZero() {
		end += q.Out
	}

	if between(q) == accounts.NativeMint {
		end += q.IntermediateDust
	}

	paying := func(lamports uint64) bool { return lamports > 0 && lamports < least }
	afterFee := start
	if !sponsored {
		afterFee -= fee
	}

	exact = rng.IntN(2) == 0 && !paying(start) && !paying(afterFee) && !paying(end)
	if !exact {
		start += 10_000 * 1_000_000_000
	}

	calls = append(calls, dropAccount(owner))
	if start > 0 {
		calls = append(calls,
			setAccount(accounts.Account{Address: owner, Owner: accounts.SystemProgram,
				Lamports: start}))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	return exact
}

// isStake reports whether an address is a stake account.
func (r *legsRun) isStake(address solana.PublicKey) bool {
	a, err := r.get(address).Get(address)
	return err == nil && a.Owner == accounts.StakeProgram
}

// checkInfinity accounts for the tokens of Infinity.
func (r *legsRun) checkInfinity(q route.Quote, b balances) {
	t := r.t
	for _, leg := range append([]route.Quote{q}, q.Legs...) {
		if leg.Venue != "Infinity" {
			continue
		}

		controller, err := accounts.NewController(accounts.InfinityProgram)
		require.NoError(t, err)
		gained := func(mint solana.PublicKey) uint64 {
			reserves, err := controller.Reserves(accounts.TokenProgram, mint)
			require.NoError(t, err)
			fees, err := controller.FeeAccumulator(accounts.TokenProgram, mint)
			require.NoError(t, err)
			return b.tokensGained(reserves) + b.tokensGained(fees)
		}

		if leg.Request.From != accounts.INFMint {
			require.Equal(t, leg.In, gained(leg.Request.From), "%s: Infinity received", b.name)
		}

		if leg.Request.To != accounts.INFMint {
			require.Equal(t, leg.Out, -gained(leg.Request.To), "%s: Infinity paid", b.name)
		}
	}
}
