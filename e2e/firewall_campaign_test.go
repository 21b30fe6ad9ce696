package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/attacks"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// hostileVariable sets the number of hostile transactions, and hostileFile
	// a file for some of those that cost the owner more than the policy.
	hostileVariable = "SANCTUM_E2E_HOSTILE"
	hostileFile     = "SANCTUM_E2E_HOSTILE_FILE"
	defaultHostile  = 500
	// perBase is the number of sequences derived from one good transaction.
	perBase = 60
)

// TestFirewall_Campaign executes hostile transactions on an owner who signs
// everything, and compares the verdict of the verifier with the owner's wealth
// afterwards. They derive from good transactions of all venues, which must pass
// with the policy of their quote and fail with any tightened limit. One to four
// changes apply to places, amounts, order, number, lifetime and aliasing of
// accounts, or insert instructions. One to three transactions run in a row.
func TestFirewall_Campaign(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" &&
		l.programHash(accounts.InfinityProgram) == "" {
		t.Skip("neither the Reserve nor Infinity is deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	target := int(envUint(t, hostileVariable, defaultHostile))
	c := newCampaign(l, seed)
	if !c.unsigned() {
		t.Skip("this server checks signatures, and most hostile transactions have none")
	}

	for n := uint64(0); c.hostile < target; n++ {
		c.market(rand.New(rand.NewPCG(seed, n)), n)
	}

	t.Logf(
		"seed %d: %d good transactions of %d routes verified, %d executed, %d limits tightened, %d sponsored",
		seed,
		c.good,
		len(c.venues),
		c.executed,
		c.tightened,
		c.sponsored,
	)

	t.Logf("%d of the good ones simulated as promised, %d would fail", c.witnessed, c.unsimulated)
	t.Logf(
		"%d hostile transactions: %d landed, %d cost the owner more than the policy, %d were accepted, of which %d landed",
		c.hostile,
		c.landed,
		c.harmful,
		c.accepted,
		c.acceptedLanded,
	)

	t.Logf("%d more, which cannot be written down or that no keys can sign, were not executed",
		c.impossible)
	t.Logf("%d in a sequence are of another quote than the one before", c.mixed)
	t.Logf(
		"the state after shows %d of the harmful ones and misses %d; it speaks against %d that passed",
		c.seen,
		c.unseen,
		c.objected,
	)

	for _, venue := range slices.Sorted(maps.Keys(c.venues)) {
		t.Logf("%5d %s", c.venues[venue], venue)
	}

	for _, kind := range slices.Sorted(maps.Keys(c.kinds)) {
		t.Logf("%6d with %s", c.kinds[kind], kind)
	}

	require.GreaterOrEqual(t, 10*c.executed, 9*c.good, "hardly any good transaction lands")
	require.Positive(t, c.harmful, "the hostile ones are harmless")
	c.write()
}

// unsigned reports whether the server accepts transactions without signatures.
func (c *campaign) unsigned() bool {
	key := c.user.PublicKey()
	c.batch(setAccount(accounts.Account{
		Address: key, Owner: accounts.SystemProgram, Lamports: sol,
	}))
	c.refresh()
	text, err := compiled(txn.Version0, key, c.blockhash, nil, []solana.Instruction{
		system.NewTransferInstruction(1, key, key).Build(),
	})
	require.NoError(c.t, err)
	reply := c.batch(call{
		Method: "sendTransaction",
		Params: []any{text, map[string]string{"encoding": "base64"}},
	})[0]

	return reply.Error == nil
}

// campaign has a world with money in the accounts that attacks target.
type campaign struct {
	*waysRun
	seed   uint64
	worlds []walletWorld
	thief  *txn.KeySigner
	// recipient is the wallet of a friend.
	recipient solana.PublicKey
	seeds     []string
	blockhash solana.Hash
	mint      solana.PublicKey

	good, executed, tightened, sponsored   int
	hostile, landed, harmful               int
	seen, unseen, impossible, objected     int
	witnessed, unsimulated                 int
	accepted, acceptedLanded, withoutQuote int
	venues, kinds                          map[string]int
	recorded                               []recordedAttack
	spare                                  []solana.Instruction
	// bases are the good transactions of the current market; mixed counts
	// sequences of two quotes.
	bases []*base
	mixed int
}

func newCampaign(l *localnet, seed uint64) *campaign {
	r := newWaysRun(l)
	rng := rand.New(rand.NewPCG(seed, ^uint64(0)))
	c := &campaign{
		waysRun:   r,
		seed:      seed,
		thief:     r.payer,
		recipient: figures.RandomKey(rng),
		mint:      figures.RandomKey(rng),
		seeds:     []string{"parked", "wrapped", "staked", "fresh", "other"},
		venues:    make(map[string]int),
		kinds:     make(map[string]int),
	}

	// A wallet has a key.
	for !solana.IsOnCurve(c.recipient[:]) {
		c.recipient = figures.RandomKey(rng)
	}

	c.worlds = walletWorlds(l.t, l, r)

	return c
}

// base is a good transaction with the state around it.
type base struct {
	name    string
	ixs     []solana.Instruction
	policy  explain.Policy
	payer   solana.PublicKey
	keys    []solana.PublicKey
	seeded  map[solana.PublicKey]bool
	before  *accounts.Set
	pool    []solana.PublicKey
	amounts []uint64
}

// market draws a market and tries its quotes.
func (c *campaign) market(rng *rand.Rand, n uint64) {
	t := c.t
	c.bases = nil
	world := c.worlds[int(n)%len(c.worlds)]
	v := verbs[rng.IntN(len(verbs))]
	registry, lsts, s := world.draw(rng, v)
	request := route.Request{
		Amount: max(c.chain.MinimumDelegation, 1_000) + figures.RandomAmount(rng, 500*sol),
		Options: route.Options{
			SlippageBps:     uint16(rng.IntN(3) * 50),
			MaxPrefund:      10 * sol,
			AllowPoolUpdate: true,
			SwapMode:        route.SwapMode(rng.IntN(2)),
			Deactivate:      rng.IntN(3) == 0,
			MaxTransactions: 1,
		},
	}

	request.From, request.To = v.pair(lsts)
	client, err := sdk.New(c.endpoint, sdk.WithClock(hurried{}), sdk.WithRegistry(registry))
	require.NoError(t, err)
	var market *route.Market
	if s != nil {
		request = c.pair(rng, s, request)
		c.publish(s, request.To, 1_000_000*sol, uint64(rng.IntN(2))*5)
		market, err = client.LoadMarketWith(
			t.Context(),
			route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address),
		)
	} else {
		market, err = client.LoadMarketForRequest(t.Context(), request)
	}

	require.NoError(t, err)
	if rng.IntN(3) == 0 {
		request.Recipient = c.recipient
	}

	quotes, _ := market.Quotes(request)
	if len(quotes) == 0 {
		c.withoutQuote++
	}

	for i, q := range quotes {
		if i >= 4 && rng.IntN(3) > 0 {
			continue
		}

		for _, payer := range []solana.PublicKey{c.user.PublicKey(), c.thief.PublicKey()} {
			c.base(rng, client, registry, s, q, payer)
		}
	}
}

// pair draws one of the pairs of a scene, stake accounts included.
func (c *campaign) pair(rng *rand.Rand, s *scene, request route.Request) route.Request {
	drawn := c.request(rng, s, rng.IntN(40))
	drawn.SlippageBps, drawn.MaxPrefund = request.SlippageBps, request.MaxPrefund
	return drawn
}

func (c *campaign) seededFor(seed string, program solana.PublicKey) solana.PublicKey {
	address, err := solana.CreateWithSeed(c.user.PublicKey(), seed, program)
	require.NoError(c.t, err)
	return address
}

// base builds the good transaction of a quote, verifies it, and attacks it.
func (c *campaign) base(
	rng *rand.Rand,
	client *sdk.Client,
	registry *lst.Registry,
	s *scene,
	q route.Quote,
	payer solana.PublicKey,
) {
	t := c.t
	owner := c.user.PublicKey()
	held := uint64(rng.IntN(2)) * 5
	if s != nil {
		c.publish(s, q.Request.To, 1_000_000*sol, held)
	}

	var calls []call
	if held == 0 && q.Request.To != accounts.NativeMint && q.Request.To != route.NativeStake {
		calls = append(calls, dropAccount(c.ata(q.Request.To)))
	}

	for _, a := range c.fortune(q, held) {
		calls = append(calls, setAccount(a))
	}

	for _, reply := range c.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	c.refresh()
	life := txn.Lifetime{Blockhash: c.blockhash, LastValidBlockHeight: 1 << 60}
	o := sdk.BuildOptions{
		Owner:          owner,
		Payer:          payer,
		Seed:           fmt.Sprintf("fresh%d", rng.IntN(1_000_000)),
		Lifetime:       &life,
		SkipSimulation: true,
		Priority:       sdk.PriorityFee{ComputeUnitPrice: 1},
		Versions: [][]txn.Version{nil, nil, nil, {txn.VersionLegacy},
			{txn.Version0, txn.Version1}, {txn.Version1}}[rng.IntN(6)],
	}
	if q.NeedsStakeKeypair {
		var err error
		o.StakeKeypair, err = txn.GenerateKeySigner()
		require.NoError(t, err)
	}

	u, err := client.Build(t.Context(), q, o)
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		return
	}

	require.NoError(t, err, q.Venue)
	name := fmt.Sprintf(
		"seed %d: %s from %s to %s, %d, sponsored %t, recipient %t",
		c.seed,
		q.Venue,
		q.Request.From,
		q.Request.To,
		q.Request.Amount,
		payer != owner,
		!q.Request.Recipient.IsZero(),
	)

	policy, err := client.Policy(t.Context(), q, o)
	require.NoError(t, err, name)
	e := explain.Transaction(u, registry)
	require.NoError(t, explain.Verify(e, policy), "%s\n%s", name, e)
	c.good++
	c.venues[string(q.Venue)]++
	c.tighten(e, policy, name)
	if payer != owner {
		sponsor, err := client.SponsorPolicy(t.Context(), q, o)
		require.NoError(t, err, name)
		require.NoError(t, explain.VerifySponsor(e, sponsor), "%s\n%s", name, e)
		c.sponsored++
	}

	// The node decodes the bytes of foreign transactions.
	if review, err := client.Review(t.Context(), u.Base64(), policy); c.good%4 == 0 {
		require.NoError(t, err, name)
		err := client.Witness(t.Context(), review)
		if errors.Is(err, sdk.ErrSimulation) {
			c.unsimulated++
		} else {
			require.NoError(t, err, "%s\n%s", name, e)
			c.witnessed++
		}
	}

	c.attackBase(rng, q, o, u, policy, payer, name)
}

// tighten checks that no limit has room.
func (c *campaign) tighten(e explain.Explanation, p explain.Policy, name string) {
	try := func(what string, when bool, change func(p *explain.Policy)) {
		if !when {
			return
		}

		next := p
		next.MaxTokens, next.MinTokens = maps.Clone(p.MaxTokens), maps.Clone(p.MinTokens)
		next.MaxStake, next.PreBalances = maps.Clone(p.MaxStake), maps.Clone(p.PreBalances)
		change(&next)
		require.Error(c.t, explain.Verify(e, next), "%s: %s\n%s", name, what, e)
		c.tightened++
	}

	try("MaxLamports", p.MaxLamports > 0, func(p *explain.Policy) { p.MaxLamports-- })
	try("MinLamports", p.MinLamports > 0, func(p *explain.Policy) { p.MinLamports++ })
	try("MinStake", p.MinStake > 0, func(p *explain.Policy) { p.MinStake++ })
	try("MaxNewAccounts", p.MaxNewAccounts > 0, func(p *explain.Policy) { p.MaxNewAccounts-- })
	try("MaxRent", p.MaxRent > 0, func(p *explain.Policy) { p.MaxRent-- })
	try(
		"MaxNetworkFee",
		e.Payer == p.Owner,
		func(p *explain.Policy) { p.MaxNetworkFee = e.NetworkFee - 1 },
	)

	try("MaxSize", true, func(p *explain.Policy) { p.MaxSize = e.Size - 1 })
	try(
		"MaxSigners",
		len(e.Signers) > 1,
		func(p *explain.Policy) { p.MaxSigners = len(e.Signers) - 1 },
	)

	for mint, most := range p.MaxTokens {
		try("MaxTokens", most > 0, func(p *explain.Policy) { p.MaxTokens[mint]-- })
	}

	for mint := range p.MinTokens {
		try("MinTokens", true, func(p *explain.Policy) { p.MinTokens[mint]++ })
	}

	for stake := range p.MaxStake {
		try("MaxStake", true, func(p *explain.Policy) { p.MaxStake[stake]-- })
	}

	for mint := range p.PreBalances {
		try("Held", true, func(p *explain.Policy) { p.PreBalances[mint]++ })
	}
}

// attackBase executes the good transaction, and then sequences of hostile ones
// from the same state.
func (c *campaign) attackBase(
	rng *rand.Rand,
	q route.Quote,
	o sdk.BuildOptions,
	u *txn.Unsigned,
	policy explain.Policy,
	payer solana.PublicKey,
	name string,
) {
	t := c.t
	b := c.prepare(q, o, u, policy, payer, name)

	// The good one comes first.
	if step := c.run(b, policy, b.ixs, txn.Version0); step.landed {
		c.executed++
		require.Empty(t, step.harm, "%s: the good one", name)
	} else {
		t.Logf("%s does not land: %s", name, step.failure)
	}

	c.bases = append(c.bases, b)
	c.spare = append(c.spare, b.ixs...)
	if len(c.spare) > 400 {
		c.spare = c.spare[len(c.spare)-400:]
	}

	for range perBase {
		c.sequence(rng, b)
	}
}

// step is the result of a transaction.
type step struct {
	accepted, landed bool
	// impossible transactions cannot be encoded or signed.
	impossible bool

	harm    string
	text    string
	failure string
}

// refresh fetches the latest blockhash.
func (c *campaign) refresh() {
	c.blockhash = lifetime(c.t, c.batch(latestBlockhash)[0]).Blockhash
}

// reset restores accounts from one state to another.
func (c *campaign) reset(b *base, to, from *accounts.Set) {
	replies := c.batch(append(resetting(difference(b.keys, to, from), to), latestBlockhash)...)
	for _, reply := range replies {
		require.Nil(c.t, reply.Error)
	}
	c.blockhash = lifetime(c.t, replies[len(replies)-1]).Blockhash
}

// run executes one transaction from the state of the base, and restores it.
func (c *campaign) run(
	b *base,
	policy explain.Policy,
	ixs []solana.Instruction,
	version txn.Version,
) step {
	return c.runFrom(b, b.before, policy, ixs, version, true)
}

// runFrom executes one transaction from a state.
func (c *campaign) runFrom(
	b *base,
	before *accounts.Set,
	policy explain.Policy,
	ixs []solana.Instruction,
	version txn.Version,
	back bool,
) step {
	text, err := compiled(version, b.payer, c.blockhash, nil, ixs)
	if err != nil {
		return step{impossible: true}
	}

	p, err := txn.Parse(text, txn.Lifetime{Blockhash: c.blockhash, LastValidBlockHeight: 1 << 60})
	if errors.Is(err, txn.ErrTransactionTooLarge) && version != txn.Version1 {
		return c.runFrom(b, before, policy, ixs, txn.Version1, back)
	}

	if err != nil {
		return step{impossible: true}
	}

	e := explain.Transaction(p.Unsigned(), nil)
	if !b.signable(e) {
		return step{impossible: true}
	}

	policy.Vacant = slices.DeleteFunc(
		e.NeedVacant(policy.Owner),
		func(address solana.PublicKey) bool {
			_, err := before.Get(address)
			return !errors.Is(err, accounts.ErrNotFound)
		},
	)

	c.learn(b, before, e)
	verdict := explain.Verify(e, policy)
	s := step{accepted: verdict == nil, text: text}
	after := c.perform(b, before, e, &s, back)
	if !s.landed {
		return s
	}

	fee := uint64(0)
	if b.payer == policy.Owner {
		fee = e.NetworkFee
	}

	if policy.MaxNetworkFee == 0 {
		policy.MaxNetworkFee = explain.DefaultMaxNetworkFee
	}

	s.harm = cost(
		wealthOf(policy.Owner, before, b.keys, b.seeded),
		wealthOf(policy.Owner, after, b.keys, b.seeded),
		policy,
		fee,
		wealthOf(policy.Recipient, before, b.keys, nil),
		wealthOf(policy.Recipient, after, b.keys, nil),
	)

	c.second(e, policy, explain.Outcome{Before: before, After: after, Fee: fee}, s)

	return s
}

// sequence executes one to three hostile transactions in a row. It also
// executes those that the verifier refuses, to measure their cost.
func (c *campaign) sequence(rng *rand.Rand, b *base) {
	length := 1
	if rng.IntN(4) == 0 {
		length = 2 + rng.IntN(2)
	}

	before := b.before
	first := *b
	for at := range length {
		if at > 0 && rng.IntN(2) == 0 {
			c.follow(b, before, c.bases[rng.IntN(len(c.bases))])
		}

		policy, ixs := b.policy, b.ixs
		ixs, kinds := c.mutate(rng, b, ixs)
		policy = c.reread(b, before, policy)
		versions := []txn.Version{txn.VersionLegacy, txn.Version0, txn.Version0, txn.Version1}
		version := versions[rng.IntN(4)]
		s := c.runFrom(b, before, policy, ixs, version, length == 1)
		if s.impossible {
			c.impossible++
			continue
		}

		c.hostile++
		for _, kind := range kinds {
			c.kinds[kind]++
		}

		if s.accepted {
			c.accepted++
		}

		if !s.landed {
			continue
		}

		c.landed++
		if s.accepted {
			c.acceptedLanded++
		}

		if s.harm != "" {
			c.harmful++
			if s.accepted {
				c.shrink(b, before, policy, ixs, version, s.harm, kinds)
			}

			c.record(b, policy, s)
			break
		}

		if length > 1 && at < length-1 {
			before = c.getAll(b.keys)
			c.refresh()
		}
	}

	b.payer, b.policy, b.ixs, b.amounts = first.payer, first.policy, first.ixs, first.amounts
	if length > 1 {
		after := c.getAll(b.keys)
		c.reset(b, b.before, after)
	}
}

// follow replaces the next transaction of a sequence by one of another quote of
// the same market, with its policy.
func (c *campaign) follow(b *base, before *accounts.Set, other *base) {
	if other != b {
		c.mixed++
	}
	b.payer, b.policy, b.ixs, b.amounts = other.payer, other.policy, other.ixs, other.amounts
	maps.Copy(b.seeded, other.seeded)
	c.remember(b, before, slices.DeleteFunc(slices.Clone(other.keys), before.Has))
}

// reread returns a policy with the balances of a state.
func (c *campaign) reread(b *base, state *accounts.Set, p explain.Policy) explain.Policy {
	p.PreBalances = maps.Clone(p.PreBalances)
	for mint := range p.PreBalances {
		p.PreBalances[mint] = 0
		token, err := accounts.Load(state, c.ata(mint), accounts.DecodeTokenAccount)
		if err == nil {
			p.PreBalances[mint] = token.Amount
		}
	}
	return p
}

// shrink removes transactions that are not needed, and fails.
func (c *campaign) shrink(
	b *base,
	before *accounts.Set,
	policy explain.Policy,
	ixs []solana.Instruction,
	version txn.Version,
	harm string,
	kinds []string,
) {
	c.reset(b, before, c.getAll(b.keys))
	for i := 0; i < len(ixs); {
		fewer := attacks.Remove(ixs, i)
		s := c.runFrom(b, before, policy, fewer, version, false)
		if s.landed {
			c.reset(b, before, c.getAll(b.keys))
		}

		if s.accepted && s.landed && s.harm != "" {
			ixs = fewer
			continue
		}

		i++
	}

	text, _ := json.MarshalIndent(policy, "", " ")
	c.t.Errorf(
		"%s: accepted, and it cost %s (%v)\n%s\n%s",
		b.name,
		harm,
		kinds,
		explain.Instructions(b.payer, ixs, nil),
		text,
	)
}
