package e2e

import (
	"cmp"
	"context"
	crand "crypto/rand"
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
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestMarket_StakeRoutes executes every route that moves stake, as the client
// would: random pools, a random Reserve, random amounts, and each quote of the
// market in turn. Every lamport and token must match the quote, and no
// temporary account may stay.
func TestMarket_StakeRoutes(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := newWaysRun(l)
	for i := range cases {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), seed, i)
	}

	t.Logf("seed %d", seed)
	for _, venue := range sortedNames(r.executed) {
		n := r.executed[venue]
		t.Logf("%-30s %4d executed as quoted, at most %d bytes and %d compute units (%d estimated)",
			venue, n.count, n.size, n.units, n.estimated)
	}

	for _, reason := range sortedNames(r.refused) {
		t.Logf(
			"%4d refused, %d of them tried and refused by the programs, %d executed all the same: %s",
			r.refused[reason],
			r.agreed[reason],
			r.cautious[reason],
			reason,
		)
	}
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// waysRun is the server with the accounts of the test.
type waysRun struct {
	*localnet
	chain       figures.Chain
	builds      map[solana.PublicKey]string
	user, payer *txn.KeySigner
	// pairs has the pairs of a scene to request, if not all. recipient is zero
	// for the owner.
	pairs     func(*scene) [][2]solana.PublicKey
	recipient solana.PublicKey
	// ownFees reports whether the user's own accounts may receive fees.
	ownFees bool
	// strict checks the policies, a review and the outcome of each execution.
	strict   bool
	executed map[string]executions
	refused  map[string]int
	// agreed counts refusals that the programs share, cautious those of the
	// quote alone.
	agreed, cautious map[string]int
}

// executions counts the executions of a venue, with the highest compute units.
type executions struct {
	count, size      int
	units, estimated uint64
}

func newWaysRun(l *localnet) *waysRun {
	r := &waysRun{
		localnet: l,
		chain:    l.chain(),
		builds:   make(map[solana.PublicKey]string),
		executed: make(map[string]executions),
		refused:  make(map[string]int),
		agreed:   make(map[string]int),
		cautious: make(map[string]int),
	}

	for _, s := range []**txn.KeySigner{&r.user, &r.payer} {
		key, err := txn.GenerateKeySigner()
		require.NoError(l.t, err)
		*s = key
	}

	for _, program := range append(accounts.StakePoolPrograms(), accounts.MarinadeProgram) {
		r.builds[program] = l.programHash(program)
	}

	return r
}

// scene is the state of one case: two or more stake pools, Marinade, Lido, the
// Reserve, and a stake account of the user.
type scene struct {
	pools    []*figures.StakePool
	marinade *figures.Marinade
	lido     *figures.Lido
	reserve  *figures.Reserve
	// infinity is the pool of Infinity, or nil.
	infinity *figures.Infinity
	stake    accounts.Account
	// merged are the accounts that are merged into stake before a trade.
	merged []accounts.Account
	// inRecord is the current content of the Reserve's record of it.
	inRecord uint64
	// tokens are those of the pools, mSOL and stSOL.
	tokens []lst.LST
	others []accounts.Account
}

// offered returns the balance of the stake account with those that are merged
// into it.
func (s *scene) offered() uint64 {
	sum := s.stake.Lamports
	for _, other := range s.merged {
		sum += other.Lamports
	}
	return sum
}

// isMerged reports whether an account is merged into the stake account.
func (s *scene) isMerged(key solana.PublicKey) bool {
	return slices.ContainsFunc(s.merged, func(a accounts.Account) bool { return a.Address == key })
}

var stakePoolKinds = []lst.Kind{lst.KindSPL, lst.KindSanctumSPL, lst.KindSanctumSPLMulti}

// random returns a scene in which stake can usually move: all pools share a
// validator.
func (r *waysRun) random(rng *rand.Rand) *scene {
	s := &scene{reserve: figures.RandomReserve(rng)}
	s.reserve.Address = accounts.ReservePoolAddress
	for range 2 {
		r.addPool(rng, s)
	}

	// Most hold much more than any trade takes.
	if rng.IntN(5) > 0 {
		s.reserve.Lamports += 100_000 * sol
	}

	for _, pool := range s.pools {
		if rng.IntN(5) == 0 {
			continue
		}

		v := &pool.Validators[rng.IntN(len(pool.Validators))]
		more := 200_000 * uint64(sol)
		v.Entry.ActiveStakeLamports += more
		v.Active.Lamports += more
		v.Active.Account.Delegation.Stake += more
		pool.State.TotalLamports += more
		pool.State.PoolTokenSupply += more - more/uint64(3+rng.IntN(20))
		pool.Mint.Supply = pool.State.PoolTokenSupply
	}

	shared := s.pools[0].Validators[rng.IntN(len(s.pools[0].Validators))].Entry.VoteAccount
	v := &s.pools[1].Validators[rng.IntN(len(s.pools[1].Validators))]
	v.Entry.VoteAccount, v.Active.Account.Delegation.Voter = shared, shared
	r.addMarinade(rng, s, shared)
	r.addLido(rng, s, shared)
	r.addStake(rng, s, shared)
	r.addRouter(s)

	return s
}

// addPool adds a stake pool and its token.
func (r *waysRun) addPool(rng *rand.Rand, s *scene) {
	kind := rng.IntN(3)
	program := accounts.StakePoolPrograms()[kind]
	pool, err := figures.RandomStakePool(rng, program, r.chain)
	require.NoError(r.t, err)
	s.tokens = append(s.tokens, lst.LST{
		Symbol:        fmt.Sprintf("test%d", len(s.pools)),
		Name:          "Test",
		Mint:          pool.State.PoolMint,
		Decimals:      9,
		TokenProgram:  accounts.TokenProgram,
		Kind:          stakePoolKinds[kind],
		Program:       program,
		Pool:          pool.Address,
		ValidatorList: pool.State.ValidatorList,
	})

	s.pools = append(s.pools, pool)
}

func (r *waysRun) addMarinade(rng *rand.Rand, s *scene, shared solana.PublicKey) {
	t := r.t
	m, err := figures.RandomMarinadeAt(rng, r.chain, accounts.MarinadeStateAddress,
		accounts.MSOLMint)
	require.NoError(t, err)
	m.Build = r.builds[accounts.MarinadeProgram]
	list, err := accounts.MarinadeValidatorListAddress(m.Program, m.Address)
	require.NoError(t, err)
	m.State.ValidatorSystem.ValidatorList.Account = list

	if m.State.StakeSystem.StakeList.Account, err = accounts.MarinadeStakeListAddress(m.Program,
		m.Address); err != nil {
		require.NoError(t, err)
	}

	if len(m.Validators) > 0 && rng.IntN(2) == 0 {
		shareValidator(m, rng.IntN(len(m.Validators)), shared)
	}

	s.marinade = m
	s.tokens = append(s.tokens, lst.LST{
		Symbol:       "testM",
		Name:         "Test",
		Mint:         m.State.MSOLMint,
		Decimals:     9,
		TokenProgram: accounts.TokenProgram,
		Kind:         lst.KindMarinade,
		Program:      m.Program,
		Pool:         m.Address,
	})
}

// shareValidator gives one of Marinade's validators, with its stake accounts, a
// vote account. If the validator has no stake account or several, another one
// with exactly one takes its place, if there is one.
func shareValidator(m *figures.Marinade, at int, vote solana.PublicKey) {
	var held []int
	for i := range m.Validators {
		stakes := 0
		for _, stake := range m.Stakes {
			if stake.Stake.Account.Delegation.Voter == m.Validators[i].VoteAccount {
				stakes++
			}
		}

		if stakes == 1 {
			held = append(held, i)
		}
	}

	if len(held) > 0 && !slices.Contains(held, at) {
		at = held[at%len(held)]
	}

	v := &m.Validators[at]
	for i := range m.Stakes {
		if d := &m.Stakes[i].Stake.Account.Delegation; d.Voter == v.VoteAccount {
			d.Voter = vote
		}
	}

	v.VoteAccount = vote
}

func (r *waysRun) addLido(rng *rand.Rand, s *scene, shared solana.PublicKey) {
	t := r.t
	l, err := figures.RandomLidoAt(rng, accounts.LidoProgram, r.chain, accounts.LidoStateAddress,
		accounts.StSOLMint)
	require.NoError(t, err)
	l.State.ValidatorList = accounts.LidoValidatorListAddress
	largest := 0
	for i, v := range l.Validators {
		if v.Entry.EffectiveStakeBalance > l.Validators[largest].Entry.EffectiveStakeBalance {
			largest = i
		}
	}

	v := &l.Validators[largest]
	v.Entry.VoteAccount = shared
	if v.Stake != nil {
		v.Stake.Account.Delegation.Voter = shared
	}

	if rng.IntN(2) == 0 {
		l.State.ExchangeRate.ComputedInEpoch--
	}

	s.lido = l
	s.tokens = append(s.tokens, lst.LST{
		Symbol:       "testL",
		Name:         "Test",
		Mint:         l.State.StSOLMint,
		Decimals:     9,
		TokenProgram: accounts.TokenProgram,
		Kind:         lst.KindLido,
		Program:      l.Program,
		Pool:         l.Address,
	})
}

func (r *waysRun) addStake(rng *rand.Rand, s *scene, shared solana.PublicKey) {
	owner := r.user.PublicKey()
	staked := r.chain.MinimumDelegation + figures.RandomAmount(rng, 5_000*sol)
	stake := figures.Delegated(owner, figures.StoredRent, shared, staked,
		r.chain.Clock.Epoch-1-rng.Uint64N(9))
	surplus := uint64(0)
	if rng.IntN(3) == 0 {
		surplus = rng.Uint64N(sol)
	}

	switch rng.IntN(10) {
	case 0:
		stake.State = accounts.StakeInitialized
	case 1, 4:
		stake.Delegation.DeactivationEpoch = r.chain.Clock.Epoch - rng.Uint64N(3)
	case 2:
		stake.Delegation.ActivationEpoch = r.chain.Clock.Epoch
	case 3:
		stake.Delegation.Voter = figures.RandomKey(rng)
	}

	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())
	s.stake = accounts.Account{
		Address:  figures.RandomKey(rng),
		Owner:    accounts.StakeProgram,
		Lamports: figures.StoredRent + staked + surplus,
		Data:     data,
	}
	if rng.IntN(6) == 0 {
		record, err := accounts.ReserveRecordAddress(accounts.ReserveProgram, s.reserve.Address,
			s.stake.Address)
		require.NoError(r.t, err)
		s.inRecord = 900_000 + rng.Uint64N(300_000)
		s.others = append(s.others,
			accounts.Account{Address: record, Owner: accounts.SystemProgram, Lamports: s.inRecord})
	}
}

// addRouter adds the Router's accounts.
func (r *waysRun) addRouter(s *scene) {
	mints := []solana.PublicKey{accounts.NativeMint}
	for _, token := range s.tokens {
		mints = append(mints, token.Mint)
	}
	router := figures.Router{Prefunder: sol, SOLBridge: sol}
	all, err := router.Accounts(r.chain.Rent, mints...)
	require.NoError(r.t, err)
	s.others = append(s.others, all...)
}

// publish puts the scene on chain, with the user's balances: lamports, and the
// given amount of each token. Of the token to receive, the user has little or
// no account.
func (r *waysRun) publish(s *scene, to solana.PublicKey, tokens, held uint64) {
	t := r.t
	var all []accounts.Account
	add := func(of []accounts.Account, err error) {
		require.NoError(t, err)
		all = append(all, of...)
	}

	add(s.reserve.Accounts(r.chain.Rent))
	add(s.marinade.Accounts(r.chain.Rent))
	add(s.lido.Accounts(r.chain.Rent))
	for _, pool := range s.pools {
		add(pool.Accounts(r.chain.Rent))
	}

	all = append(append(append(all, s.others...), s.merged...), s.stake)
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	owner := r.user.PublicKey()
	for _, key := range []solana.PublicKey{owner, r.payer.PublicKey()} {
		all = append(all,
			accounts.Account{Address: key, Owner: accounts.SystemProgram, Lamports: 10_000 * sol})
	}

	var calls []call
	if s.infinity != nil {
		add(s.infinity.Accounts(r.chain.Rent))
	} else {
		// Another test may have left one.
		controller, err := accounts.NewController(accounts.InfinityProgram)
		require.NoError(t, err)
		calls = append(calls, dropAccount(controller.PoolState))
	}

	// The Reserve has not bought the stake account yet, either.
	record, err := accounts.ReserveRecordAddress(accounts.ReserveProgram, s.reserve.Address,
		s.stake.Address)
	require.NoError(t, err)
	calls = append(calls, dropAccount(record))
	for _, token := range s.tokens {
		amount := tokens
		if token.Mint == to {
			amount = held
		}

		if amount == 0 {
			calls = append(calls, dropAccount(r.ata(token.Mint)))
			continue
		}

		all = append(all, figures.TokenAccount(r.ata(token.Mint), token.Mint, owner, amount, rent))
	}

	for _, a := range all {
		calls = append(calls, setAccount(a))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}
}

func (r *waysRun) ata(mint solana.PublicKey) solana.PublicKey {
	return r.ataOf(r.user.PublicKey(), mint)
}

func (r *waysRun) ataOf(owner, mint solana.PublicKey) solana.PublicKey {
	address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
	require.NoError(r.t, err)
	return address
}

// request requests one of the pairs of a scene.
func (r *waysRun) request(rng *rand.Rand, s *scene, i int) route.Request {
	spl, other := s.tokens[0].Mint, s.tokens[1].Mint
	mSOL, stSOL := s.tokens[2].Mint, s.tokens[3].Mint
	pairs := [][2]solana.PublicKey{
		{spl, accounts.NativeMint}, {spl, other}, {spl, route.NativeStake},
		{s.stake.Address, accounts.NativeMint}, {s.stake.Address, other},
		{accounts.NativeMint, other}, {accounts.NativeMint, mSOL}, {mSOL, accounts.NativeMint},
		{spl, mSOL}, {stSOL, accounts.NativeMint},
		{stSOL, other}, {s.stake.Address, mSOL}, {stSOL, mSOL},
		{s.stake.Address, accounts.NativeMint}, {spl, accounts.NativeMint},
		{s.stake.Address, accounts.NativeMint}, {s.stake.Address, other},
		{stSOL, route.NativeStake}, {mSOL, accounts.NativeMint},
		{mSOL, route.NativeStake}, {mSOL, other}, {mSOL, route.NativeStake}, {mSOL, other},
	}

	if r.pairs != nil {
		pairs = r.pairs(s)
	}

	pair := pairs[i%len(pairs)]
	q := route.Request{
		From:   pair[0],
		To:     pair[1],
		Amount: max(r.chain.MinimumDelegation, 1_000) + figures.RandomAmount(rng, 3_000*sol),
		Options: route.Options{
			SwapMode:        route.SwapMode(i / len(pairs) % 2),
			SlippageBps:     uint16(rng.IntN(3) * 50),
			MaxPrefund:      10 * sol,
			Deactivate:      rng.IntN(2) == 0,
			AllowPoolUpdate: true,
			Recipient:       r.recipient,
		},
	}
	if q.From == s.stake.Address && (q.SwapMode == route.ExactIn && rng.IntN(2) == 0) {
		q.Amount = s.stake.Lamports
	}

	return q
}

func (r *waysRun) one(rng *rand.Rand, seed uint64, i int) {
	t := r.t
	s := r.random(rng)
	for _, pool := range s.pools {
		if rng.IntN(3) == 0 {
			(&stakePoolRun{chain: r.chain}).age(rng, pool)
		}
	}

	request := r.request(rng, s, i)
	const tokens = 1_000_000 * sol
	held := uint64(rng.IntN(2)) * 5
	r.publish(s, request.To, tokens, held)
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	ctx := context.Background()
	market, err := client.LoadMarketWith(ctx,
		route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address))
	require.NoError(t, err)
	if request.SwapMode == route.ExactIn && request.From != s.stake.Address && rng.IntN(3) == 0 {
		request.Amount = edgeOfWay(rng, market, request)
	}

	quotes, rejected := market.Quotes(request)
	for _, no := range rejected {
		r.refused[string(no.Venue)+": "+reason(no.Err)]++
		r.publish(s, request.To, tokens, held)
		r.refusedByPrograms(market, request, no,
			fmt.Sprintf("seed %d, case %d: %s", seed, i, no.Venue))
	}

	sponsored := i%4 == 3
	for _, q := range quotes {
		if strings.HasPrefix(string(q.Venue), "stake pool ") || q.Venue == "Infinity" {
			continue
		}

		r.publish(s, request.To, tokens, held)
		require.True(t, q.Exact, "seed %d, case %d, %s", seed, i, q.Venue)
		r.execute(client, s, q, sponsored, fmt.Sprintf("seed %d, case %d: %s", seed, i, q.Venue))
	}
}

// execute executes a quote and accounts for all its changes.
func (r *waysRun) execute(
	client *sdk.Client,
	s *scene,
	q route.Quote,
	sponsored bool,
	name string,
) {
	t := r.t
	ctx := context.Background()
	o := sdk.BuildOptions{Owner: r.user.PublicKey(), Seed: crand.Text()[:16]}
	if q.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		o.StakeKeypair = key
	}

	signers := []txn.Signer{r.user}
	if sponsored {
		o.Payer = r.payer.PublicKey()
		signers = append(signers, r.payer)
	}

	unsigned, err := buildInAny(ctx, client, q, &o)
	if err != nil && strings.Contains(err.Error(), txn.ErrTransactionTooLarge.Error()) {
		r.refused[fmt.Sprintf("%s: too large, sponsored %v", q.Venue, sponsored)]++
		return
	}

	require.NoError(t, err, name)
	if r.pairs != nil {
		policy, err := client.Policy(ctx, q, o)
		require.NoError(t, err, name)
		require.NoError(t, explain.Verify(explain.Transaction(unsigned, nil), policy), name)
	}

	signed, err := unsigned.Sign(ctx, signers...)
	require.NoError(t, err, name)
	touched := slices.Compact(sortedKeys(append(touchedBy(unsigned), r.user.PublicKey(),
		r.payer.PublicKey(), q.Request.Recipient, r.ata(q.Request.To), r.paysFrom(q),
		r.paysInto(q))))
	verified := r.verify(client, q, o, unsigned, name)
	before := r.get(touched...)
	receipt, err := client.Send(ctx, signed)
	require.NoError(t, err, name)
	after := r.get(touched...)
	e := r.executed[string(q.Venue)]
	e.count++
	e.size, e.units, e.estimated = max(e.size, unsigned.Size()), max(e.units,
		receipt.UnitsConsumed), max(e.estimated, uint64(unitsOf(unsigned)))
	r.executed[string(q.Venue)] = e
	b := balances{t: t, name: name, before: before, after: after, fee: receipt.Fee}
	r.check(s, q, o, b, touched)
	verified(b)
	if !r.ownFees {
		compareOutcome(t, receipt, q, o.Owner, name)
	}
}

// verify checks the policies of a transaction before it is sent, and returns a
// function that checks its outcome.
func (r *waysRun) verify(
	client *sdk.Client,
	q route.Quote,
	o sdk.BuildOptions,
	unsigned *txn.Unsigned,
	name string,
) func(balances) {
	t := r.t
	if !r.strict {
		return func(balances) {}
	}

	policy, err := client.Policy(t.Context(), q, o)
	require.NoError(t, err, name)
	explanation := explain.Transaction(unsigned, nil)
	require.NoError(t, explain.Verify(explanation, policy), name)

	again := policy
	again.PreBalances, again.TokenAccounts = nil, slices.Clone(policy.TokenAccounts)
	for i := range again.TokenAccounts {
		again.TokenAccounts[i].PreBalance = nil
	}

	_, err = client.Review(t.Context(), unsigned.Partial().Base64(), again)
	require.NoError(t, err, name)
	if !o.Payer.IsZero() {
		sponsor, err := client.SponsorPolicy(t.Context(), q, o)
		require.NoError(t, err, name)
		require.NoError(t, explain.VerifySponsor(explanation, sponsor), name)
	}

	if !q.Request.DestinationAccount.IsZero() {
		// An unnamed source only counts as a loss, an unnamed destination is
		// refused.
		closed := policy
		closed.TokenAccounts = policy.TokenAccounts[:len(policy.TokenAccounts)-1]
		require.Error(t, explain.Verify(explanation, closed), "%s: into an unnamed account", name)
	}

	return func(b balances) {
		outcome := explain.Outcome{Before: b.before, After: b.after, Fee: b.fee}
		require.NoError(t, explain.VerifyOutcome(explanation, policy, outcome), name)
	}
}

// paysFrom returns the token account that pays the input of a quote, paysInto
// the one that receives the output.
func (r *waysRun) paysFrom(q route.Quote) solana.PublicKey {
	return cmp.Or(q.Request.SourceAccount, r.ata(q.Request.From))
}

func (r *waysRun) paysInto(q route.Quote) solana.PublicKey {
	return cmp.Or(q.Request.DestinationAccount,
		r.ataOf(cmp.Or(q.Request.Recipient, r.user.PublicKey()), q.Request.To))
}

// touchedBy returns all accounts of a transaction.
func touchedBy(u *txn.Unsigned) []solana.PublicKey {
	var keys []solana.PublicKey
	for _, step := range u.Steps() {
		for _, m := range step.Instruction.Accounts() {
			keys = append(keys, m.PublicKey)
		}
	}
	return keys
}

func sortedKeys(keys []solana.PublicKey) []solana.PublicKey {
	return slices.SortedFunc(slices.Values(keys), accounts.CompareKeys)
}

// check accounts for everything that a quote moved.
func (r *waysRun) check(
	s *scene,
	q route.Quote,
	o sdk.BuildOptions,
	b balances,
	touched []solana.PublicKey,
) {
	r.checkAmounts(s, q, o, b)
	if !r.ownFees {
		r.checkFees(s, q, b)
	}

	r.checkLeftovers(s, q, o, b, touched)
}

// checkAmounts accounts for the payments and receipts of owner, payer and
// recipient.
func (r *waysRun) checkAmounts(s *scene, q route.Quote, o sdk.BuildOptions, b balances) {
	t := r.t
	owner, payer := o.Owner, o.Payer
	if payer.IsZero() {
		payer = owner
	}

	created := uint64(0)
	receiver := cmp.Or(q.Request.Recipient, owner)
	destination := r.paysInto(q)
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	for _, account := range []solana.PublicKey{destination, r.ata(between(q))} {
		if exists(b.after, account) && !exists(b.before, account) {
			created += rent
		}
	}

	// Payments and receipts of the owner, except the network fee and the rent
	// of a new token account.
	lamports := b.gained(owner)
	if payer == owner {
		lamports += b.fee + created
	} else {
		require.Equal(t, -(b.fee + created), b.gained(payer), "%s: the sponsor", b.name)
	}

	lamports -= q.ReturnedSOL
	for _, c := range q.Costs {
		lamports += c.Lamports
	}

	if hub := between(q); hub == accounts.NativeMint {
		lamports -= q.IntermediateDust
	} else if !hub.IsZero() {
		require.Equal(t, q.IntermediateDust, b.tokensGained(r.ata(hub)), "%s: left over", b.name)
	}

	// Native SOL is lamports, wrapped SOL a token.
	coins := !q.Request.UseWSOL
	switch {
	case q.Request.From == accounts.NativeMint && coins:
		lamports += q.In
	case q.Request.From == s.stake.Address:
		paid := -b.gained(s.stake.Address) + r.retired(s, b)
		for _, other := range s.merged {
			paid -= b.gained(other.Address)
		}

		require.Equal(t, q.In, paid, "%s: paid", b.name)

	default:
		require.Equal(t, q.In, -b.tokensGained(r.paysFrom(q)), "%s: paid", b.name)
	}

	received := lamports
	if receiver != owner {
		require.Zero(t, lamports, "%s: the owner received SOL instead of the recipient", b.name)
		if own := r.ata(q.Request.To); !s.isFeeAccount(own) {
			require.Zero(t, b.tokensGained(own),
				"%s: the owner received tokens instead of the recipient", b.name)
		}

		received = b.gained(receiver)
	}

	if q.Request.To == accounts.NativeMint && coins {
		require.Equal(t, q.Out, received, "%s: SOL received", b.name)
	} else {
		require.Zero(t, received, "%s: SOL of who receives something else", b.name)
		if q.Request.To != route.NativeStake {
			require.Equal(t, q.Out, r.receivedIn(b, destination, q.Request.To), "%s: received",
				b.name)
		}
	}
}

// isFeeAccount reports whether an account receives the fees of a pool, whose
// amounts checkFees compares.
func (s *scene) isFeeAccount(account solana.PublicKey) bool {
	return slices.ContainsFunc(s.pools, func(pool *figures.StakePool) bool {
		return pool.State.ManagerFeeAccount == account
	})
}

// receivedIn returns the tokens that an account received. For wSOL it counts
// lamports: a payment may also add those to the balance that were there before.
func (r *waysRun) receivedIn(b balances, account, mint solana.PublicKey) uint64 {
	gained := b.tokensGained(account)
	if mint != accounts.NativeMint {
		return gained
	}

	before, after := lamportsIn(b.before, account), lamportsIn(b.after, account)
	if before == 0 {
		_, before = rents(r.t, r.chain)
	}

	require.GreaterOrEqual(r.t, gained, after-before, "%s: balance of wSOL", b.name)

	return after - before
}

// between returns the token between two steps, or zero for a single step.
func between(q route.Quote) solana.PublicKey {
	if len(q.Legs) == 0 || q.Legs[0].Request.To == q.Request.To {
		return solana.PublicKey{}
	}
	return q.Legs[0].Request.To
}

// retired returns the remaining lamports of a stake account that was sold
// whole: the Reserve keeps the account.
func (r *waysRun) retired(s *scene, b balances) uint64 {
	stake, err := accounts.Load(b.after, s.stake.Address, accounts.DecodeStakeAccount)
	if err != nil || stake.Withdrawer == r.user.PublicKey() {
		return 0
	}
	return lamportsIn(b.after, s.stake.Address)
}

func (r *waysRun) checkFees(s *scene, q route.Quote, b balances) {
	t := r.t
	sol, err := accounts.ReserveSOL(accounts.ReserveProgram, s.reserve.Address)
	require.NoError(t, err)
	charged := make(map[solana.PublicKey]uint64)
	for _, pool := range s.pools {
		charged[pool.State.ManagerFeeAccount] = r.epochFee(pool, b)
	}

	for _, f := range q.Fees {
		charged[f.Recipient] += f.Amount
		if f.Name == route.IntegratorFeeName && f.Mint == accounts.NativeMint &&
			!q.Request.UseWSOL {
			require.Equal(t, f.Amount, b.gained(f.Recipient), "%s: %s", b.name, f.Name)
		}

		if f.Mint == accounts.NativeMint || f.Recipient == s.marinade.State.LiqPool.MSOLLeg {
			continue
		}

		require.Equal(t, charged[f.Recipient], b.tokensGained(f.Recipient), "%s: %s", b.name,
			f.Name)
	}

	for _, pool := range s.pools {
		require.Equal(t, charged[pool.State.ManagerFeeAccount],
			b.tokensGained(pool.State.ManagerFeeAccount), "%s: manager fee", b.name)
	}

	before, err := accounts.Load(b.before, s.reserve.Address, accounts.DecodeReservePool)
	if err != nil {
		return
	}

	after, err := accounts.Load(b.after, s.reserve.Address, accounts.DecodeReservePool)
	require.NoError(t, err)
	protocol := b.gained(s.reserve.ProtocolFee.Destination)
	reserve := *s.reserve
	if sold := after.IncomingStake - before.IncomingStake; sold > 0 &&
		!strings.Contains(string(q.Venue), "prefund") {
		inRecord := uint64(0)
		if q.Request.From == s.stake.Address && q.In == s.offered() {
			inRecord = s.inRecord
		}

		u, err := reserve.Quote(r.chain).Unstake(sold, inRecord, false)
		require.NoError(t, err)
		require.Equal(t, u.Pool, *after, "%s: Reserve", b.name)
		require.Equal(t, u.Lamports, lamportsIn(b.after, sol), "%s: Reserve's SOL", b.name)
		require.Equal(t, u.ProtocolFee, protocol, "%s: protocol fee", b.name)
		require.Equal(t, u.Fee, charged[sol], "%s: Reserve fee", b.name)
	}
}

// checkLeftovers looks for accounts that a transaction created and did not
// close, and for authorities that changed.
func (r *waysRun) checkLeftovers(
	s *scene,
	q route.Quote,
	o sdk.BuildOptions,
	b balances,
	touched []solana.PublicKey,
) {
	t := r.t
	fresh := r.freshStakes(q, o, b)
	receiver := cmp.Or(q.Request.Recipient, o.Owner)
	for _, key := range touched {
		before, after := exists(b.before, key), exists(b.after, key)
		if !after {
			require.True(t, !before || key == s.stake.Address || s.isMerged(key) ||
				r.mayVanish(b, key, o.Owner), "%s: %s is gone", b.name, key)
			continue
		}

		account, err := b.after.Get(key)
		require.NoError(t, err)
		switch account.Owner {
		case accounts.TokenProgram:
			token, err := accounts.DecodeTokenAccount(account)
			if err != nil {
				continue // a mint
			}

			require.Nil(t, token.Delegate, "%s: %s has a delegate", b.name, key)
			require.Nil(t, token.CloseAuthority, "%s: %s has a close authority", b.name, key)
			ours := key == r.paysInto(q) || key == r.ata(between(q))
			require.True(t, before || ours, "%s: token account %s is left behind", b.name, key)

		case accounts.StakeProgram:
			if before && key != s.stake.Address && !s.isMerged(key) {
				continue
			}

			stake, err := accounts.DecodeStakeAccount(account)
			require.NoError(t, err)
			if received, ok := fresh[key]; ok {
				require.Equal(t, receiver, stake.Withdrawer, b.name)
				require.Equal(t, receiver, stake.Staker, b.name)
				require.Equal(t, received.Vote, stake.Delegation.Voter, b.name)
				require.Equal(t, received.Stake, stake.Delegation.Stake, b.name)
				require.Equal(t, q.Request.Deactivate,
					stake.Delegation.DeactivationEpoch == r.chain.Clock.Epoch, b.name)
				require.Equal(t, received.Stake+received.Rent, account.Lamports, b.name)
				continue
			}

			require.False(t, s.isMerged(key), "%s: %s is not merged", b.name, key)
			if key == s.stake.Address && q.In < s.offered() {
				require.Equal(t, o.Owner, stake.Withdrawer, "%s: what is left of the owner's stake",
					b.name)
				continue
			}

			require.NotEqual(t, o.Owner, stake.Withdrawer, "%s: stake account %s is left behind",
				b.name, key)
			require.NotEqual(t, o.Owner, stake.Staker, "%s: stake account %s is left behind",
				b.name, key)

		case accounts.SystemProgram:
			require.True(t, before || key == receiver || key == o.Owner, "%s: %s is left behind",
				b.name, key)
		case accounts.ReserveProgram:
		default:
			require.True(t, before, "%s: %s is left behind", b.name, key)
		}
	}
}

// freshStakes returns the stake accounts that a quote lists, by address. All of
// them must exist, and their sums must be those of the quote.
func (r *waysRun) freshStakes(
	q route.Quote,
	o sdk.BuildOptions,
	b balances,
) map[solana.PublicKey]route.ReceivedStake {
	t := r.t
	parties := route.BuildParams{Owner: o.Owner, Seed: o.Seed}
	if o.StakeKeypair != nil {
		parties.NewAccount = o.StakeKeypair.PublicKey()
	}

	fresh := make(map[solana.PublicKey]route.ReceivedStake)
	staked, least, rent := uint64(0), uint64(0), uint64(0)
	for _, received := range q.StakeAccounts {
		address, err := received.Address(parties)
		require.NoError(t, err)
		require.True(t, exists(b.after, address), "%s: %s was not created", b.name, address)
		fresh[address] = received
		staked, least, rent = staked+received.Stake, least+received.MinStake, rent+received.Rent
	}

	require.Len(t, fresh, len(q.StakeAccounts), b.name)
	if q.Request.To == route.NativeStake {
		last := append([]route.Quote{q}, q.Legs...)[len(q.Legs)]
		require.Equal(t, q.Out, staked, b.name)
		require.Equal(t, q.MinOut, least, b.name)
		require.Equal(t, last.Costs[0].Lamports, rent, b.name)
	}

	return fresh
}

// mayVanish reports whether an account may be gone afterwards: the wallet that
// spent its last lamport, or transient stake of an updated pool.
func (r *waysRun) mayVanish(b balances, key, owner solana.PublicKey) bool {
	stake, err := accounts.Load(b.before, key, accounts.DecodeStakeAccount)
	return key == owner || err == nil && stake.Withdrawer != owner
}
