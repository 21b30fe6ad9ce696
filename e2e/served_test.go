package e2e

import (
	"cmp"
	crand "crypto/rand"
	"errors"
	"fmt"
	"maps"
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
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// requestsPerWorld is the number of requests in one world.
const requestsPerWorld = 60

// TestMarket_ServedShares makes requests as wallets do, in the same worlds
// fresh and at the start of an epoch, with and without Infinity. It prints the
// share of served requests and the reasons of the others. Every served request
// executes, to the lamport.
func TestMarket_ServedShares(t *testing.T) {
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	r := newServedRun(t)
	for i := range max(envUint(t, casesVariable, defaultCases)/requestsPerWorld, 1) {
		r.world(rand.New(rand.NewPCG(seed, i)), fmt.Sprintf("seed %d, world %d", seed, i))
	}

	for _, name := range sortedNames(r.tallies) {
		r.tallies[name].log(t, name)
	}

	r.checkShares()
	r.checkKinds()
}

// twiceInfinity is a swap of a pair whose fees are together below zero, so that
// Infinity's program refuses it as a loss of the pool, by two swaps of other
// pairs. Only the random fees of the tests have such pairs: a pool with one
// cannot trade it. The fees of the embedded market, which is that of mainnet,
// are all zero or more, see TestMarket_InfinityFeesArePositive of package demo.
const twiceInfinity = "Infinity, Infinity"

// closedByFees reports whether Infinity refuses a swap because the pool would
// lose.
func closedByFees(rejected []route.Rejection) bool {
	return slices.ContainsFunc(rejected, func(no route.Rejection) bool {
		return no.Venue == route.VenueInfinity &&
			(errors.Is(no.Err, quote.ErrNoProfit) || errors.Is(no.Err, quote.ErrFeeRange))
	})
}

// checkKinds requires that no refused request is possible with instructions
// below package route.
func (r *servedRun) checkKinds() {
	for name, tally := range r.tallies {
		for kind := range tally.raw {
			require.True(r.t, strings.HasSuffix(kind, twiceInfinity), "%s: %s", name, kind)
		}
	}
}

// checkShares requires that enough is served: 83 % of the requests in fresh
// worlds with all programs, and at the start of an epoch 95 % of what the same
// worlds serve fresh.
func (r *servedRun) checkShares() {
	const enough = 200
	for _, programs := range []string{allPrograms, withoutInfinity} {
		fresh, behind := r.tally(programs+freshWorld), r.tally(programs+epochStart)
		if fresh.asked < enough {
			r.t.Logf("%d requests are too few for a share", fresh.asked)
			return
		}

		require.GreaterOrEqual(r.t, 100*behind.served, 95*fresh.served, programs)
		if programs == allPrograms {
			require.GreaterOrEqual(r.t, 100*fresh.served, 83*fresh.asked)
		}
	}
}

// The kinds of worlds: programs and time.
const (
	allPrograms     = "all programs"
	withoutInfinity = "no Infinity"
	freshWorld      = ", fresh"
	epochStart      = ", start of the epoch"
)

// servedRun counts the requests that are served.
type servedRun struct {
	*legsRun
	tallies map[string]*servedTally
	// updates is the number of transactions that the update of a pool took.
	updates map[solana.PublicKey]int
	// freshServed has the requests of a world that are served fresh.
	freshServed map[string]bool
}

// servedTally counts the requests of one kind of world.
type servedTally struct {
	asked, served int
	// how counts the served requests by the number of transactions, flows those
	// of each flow, and refused the others by flow and reason.
	how, flows, asks, refused map[string]int
	// late counts those that are served only after updates, by flow and reason.
	late map[string]int
	// raw counts the refused ones that raw instructions execute, by kind.
	raw map[string]int
}

func newServedRun(t *testing.T) *servedRun {
	r := &servedRun{
		legsRun:     newLegsRun(t),
		tallies:     make(map[string]*servedTally),
		updates:     make(map[solana.PublicKey]int),
		freshServed: make(map[string]bool),
	}

	// Every policy is checked.
	r.pairs = func(*scene) [][2]solana.PublicKey { return nil }

	return r
}

func (r *servedRun) tally(name string) *servedTally {
	if r.tallies[name] == nil {
		r.tallies[name] = &servedTally{
			how:     make(map[string]int),
			flows:   make(map[string]int),
			asks:    make(map[string]int),
			refused: make(map[string]int),
			late:    make(map[string]int),
			raw:     make(map[string]int),
		}
	}

	return r.tallies[name]
}

func (c *servedTally) log(t testing.TB, name string) {
	t.Logf("%s: %d of %d served, %.1f %%", name, c.served, c.asked,
		100*float64(c.served)/float64(max(c.asked, 1)))
	for _, how := range sortedNames(c.how) {
		t.Logf("    %5d in %s", c.how[how], how)
	}

	for _, flow := range sortedNames(c.asks) {
		t.Logf("    %5d of %5d: %s", c.flows[flow], c.asks[flow], flow)
	}

	for _, counts := range []struct {
		name string
		of   map[string]int
	}{{"only after updates", c.late}, {"refused", c.refused}, {"possible", c.raw}} {
		reasons := slices.SortedFunc(maps.Keys(counts.of), func(a, b string) int {
			return cmp.Or(counts.of[b]-counts.of[a], strings.Compare(a, b))
		})
		for _, reason := range reasons {
			t.Logf("    %5d %s: %s", counts.of[reason], counts.name, reason)
		}
	}
}

// servedState is a state of a world in which requests are made.
type servedState struct {
	*scene
	kind     string
	infinity bool
	// all are the accounts of the world.
	all []accounts.Account
	// fresh is the world after the update of its pools, with their accounts by
	// mint. Both are nil in that world itself.
	fresh        *scene
	updatedPools map[solana.PublicKey][]accounts.Account
}

// world makes the same requests in a world fresh and behind, with and without
// Infinity.
func (r *servedRun) world(rng *rand.Rand, name string) {
	behind := r.servedScene(rng)
	r.put(r.worldAccounts(behind))
	r.putInfinity(behind, false)
	fresh, after := r.updated(behind)
	requests := make([]walletRequest, requestsPerWorld)
	for i := range requests {
		requests[i] = r.walletRequest(rng, fresh)
	}

	states := []*servedState{
		{scene: fresh, kind: freshWorld, all: after},
		{
			scene:        behind,
			kind:         epochStart,
			all:          r.worldAccounts(behind),
			fresh:        fresh,
			updatedPools: r.poolAccounts(behind, after),
		},
	}

	for _, w := range states {
		r.put(w.all)
		kind := w.kind
		for _, w.infinity = range []bool{true, false} {
			r.putInfinity(w.scene, w.infinity)
			w.kind = map[bool]string{true: allPrograms, false: withoutInfinity}[w.infinity] + kind
			for i, request := range requests {
				if request.flow == flowLiquidity && !w.infinity {
					continue
				}

				request.AllowPoolUpdate = w.fresh != nil
				r.ask(rng, w, request, fmt.Sprintf("%s, request %d", name, i))
			}
		}
	}
}

// ask makes one request.
func (r *servedRun) ask(rng *rand.Rand, w *servedState, q walletRequest, name string) {
	key := fmt.Sprint(name, w.infinity)
	name = fmt.Sprintf("%s, %s: %+v", name, w.kind, q)
	how, rejected := r.serve(rng, w, w.scene, q, name)
	reason := q.flow + " " + q.state + ": " + reasons(rejected)
	tally := r.tally(w.kind)
	if how == "" && w.fresh != nil {
		how = r.serveUpdated(rng, w, q, name+", updated")
		if strings.Contains(how, "before") {
			tally.late[reason]++
		}
	}

	tally.asked++
	tally.asks[q.flow]++
	if how != "" {
		r.freshServed[key] = w.fresh == nil
		tally.served++
		tally.how[how]++
		tally.flows[q.flow]++
		return
	}

	tally.refused[reason]++
	if r.freshServed[key] {
		r.t.Logf("%s: served fresh, but now refused: %s", name, reason)
	}

	if found := r.tryRaw(w, q, name); found != "" {
		tally.raw[rawKind(q, found)]++
		if strings.HasSuffix(found, twiceInfinity) {
			require.True(r.t, closedByFees(rejected), "%s: %s", name, reason)
		}
	}
}

// serve executes a request. It returns in how many transactions, or the
// reasons of a refusal. A request that is refused names the other tokens as
// intermediates the second time.
func (r *servedRun) serve(
	rng *rand.Rand, w *servedState, s *scene, q walletRequest, name string,
) (how string, rejected []route.Rejection) {
	s.stake = q.stake
	r.putWallet(rng, s, q)
	client := r.client(s, r.endpoint)
	for _, through := range []string{"", throughOthers} {
		if through != "" {
			for _, token := range s.tokens {
				if w.infinity || token.Mint != accounts.INFMint {
					q.Intermediates = append(q.Intermediates, token.Mint)
				}
			}
		}

		market, err := client.LoadMarketForRequest(r.t.Context(), q.Request)
		require.NoError(r.t, err, name)
		q.MaxTransactions = 0
		quotes, refused := market.Quotes(q.Request)
		rejected = append(rejected, refused...)
		for _, quote := range quotes {
			err := r.carry(s, client, quote, name+": "+string(quote.Venue))
			if err == nil {
				return inOne + through, nil
			}

			rejected = append(rejected, route.Rejection{Venue: quote.Venue, Err: err})
		}

		q.MaxTransactions = 2
		quotes, _ = market.Quotes(q.Request)
		for _, quote := range quotes {
			if quote.NeedsTwoTransactions {
				r.carryTwo(w, client, q, name)
				return inTwo + through, nil
			}
		}
	}

	return "", rejected
}

// How requests are served.
const (
	inOne         = "one transaction"
	inTwo         = "two transactions"
	throughOthers = ", through another token"
)

// serveUpdated makes a request after the updates of the pools that it names, or
// of all pools, and undoes them.
func (r *servedRun) serveUpdated(
	rng *rand.Rand, w *servedState, q walletRequest, name string,
) string {
	for _, all := range []bool{false, true} {
		s, transactions := *w.scene, 0
		s.pools = slices.Clone(s.pools)
		for i, pool := range s.pools {
			if mint := pool.State.PoolMint; all || mint == q.From || mint == q.To {
				r.put(w.updatedPools[mint])
				s.pools[i] = w.fresh.pools[i]
				transactions += r.updates[pool.Address]
			}
		}

		if transactions == 0 {
			continue
		}

		how, _ := r.serve(rng, w, &s, q, name)
		r.put(w.all)
		switch {
		case how == "":
		case all:
			return how + ", all pools updated before"
		case transactions <= 2:
			return fmt.Sprintf("%s, %d updates before", how, transactions)
		default:
			return how + ", more than 2 updates before"
		}
	}

	return ""
}

// reasons returns the distinct reasons of rejections.
func reasons(rejected []route.Rejection) string {
	var all []string
	for _, no := range rejected {
		why := reason(no.Err)
		for _, known := range []error{
			route.ErrTooManyValidators, txn.ErrTransactionTooLarge, route.ErrLegsConflict,
			route.ErrUnsupportedTokenProgram, accounts.ErrNotFound,
		} {
			if errors.Is(no.Err, known) {
				why = known.Error()
			}
		}

		why, _, _ = strings.Cut(kindOfRefusal(errors.New(why)), " (")
		all = append(all, why)
	}

	slices.Sort(all)

	return strings.Join(slices.Compact(all), "; ")
}

// putWallet puts the user's accounts on chain.
func (r *servedRun) putWallet(rng *rand.Rand, s *scene, q walletRequest) {
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(r.t, err)
	owner := r.user.PublicKey()
	calls := []call{dropAccount(r.ata(accounts.NativeMint))}
	for _, key := range []solana.PublicKey{owner, r.payer.PublicKey()} {
		calls = append(calls, setAccount(accounts.Account{
			Address:  key,
			Owner:    accounts.SystemProgram,
			Lamports: 1_000_000 * sol,
		}))
	}

	for _, token := range s.tokens {
		amount := uint64(held)
		if token.Mint == q.To {
			amount = 5
		}

		if token.Mint == q.To && rng != nil && rng.IntN(2) == 0 {
			calls = append(calls, dropAccount(r.ata(token.Mint)))
			continue
		}

		calls = append(calls, setAccount(figures.TokenAccount(r.ata(token.Mint), token.Mint,
			owner, amount, rent)))
	}

	if !q.stake.Address.IsZero() {
		calls = append(calls, setAccount(q.stake))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(r.t, reply.Error)
	}
}

// carry executes a quote, accounts for all changes and undoes them.
func (r *servedRun) carry(s *scene, client *sdk.Client, q route.Quote, name string) error {
	t := r.t
	o := sdk.BuildOptions{
		Owner:    r.user.PublicKey(),
		Seed:     crand.Text()[:16],
		Priority: sdk.PriorityFee{None: true},
	}
	if q.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		o.StakeKeypair = key
	}

	unsigned, err := client.Build(t.Context(), q, o)
	if errors.Is(err, txn.ErrTransactionTooLarge) || errors.Is(err, txn.ErrTooManyAccounts) {
		return err
	}

	require.NoError(t, err, name)
	policy, err := client.Policy(t.Context(), q, o)
	require.NoError(t, err, name)
	require.NoError(t, explain.Verify(explain.Transaction(unsigned, nil), policy), name)
	signed, err := unsigned.Sign(t.Context(), r.user)
	require.NoError(t, err, name)
	touched := slices.Compact(sortedKeys(append(touchedBy(unsigned), o.Owner, r.ata(q.Request.To))))
	before := r.get(touched...)
	receipt, err := client.Send(t.Context(), signed)
	require.NoError(t, err, name)
	b := balances{t: t, name: name, before: before, after: r.get(touched...), fee: receipt.Fee}
	require.True(t, q.Exact, name)
	r.check(s, q, o, b, touched)
	r.checkInfinity(q, b)
	r.batch(resetting(difference(touched, before, b.after), before)...)

	return nil
}

// carryTwo executes a request in two transactions and undoes them.
func (r *servedRun) carryTwo(w *servedState, client *sdk.Client, q walletRequest, name string) {
	t := r.t
	o := sdk.BuildOptions{
		Owner:    r.user.PublicKey(),
		Seed:     crand.Text()[:16],
		Priority: sdk.PriorityFee{None: true},
	}

	key, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	o.StakeKeypair = key
	account := r.ata(q.To)
	if q.To == accounts.NativeMint {
		account = o.Owner
	}

	before := r.get(account)
	receipt, done, err := client.Execute(t.Context(), q.Request, o, r.user)
	require.NoError(t, err, name)
	require.True(t, done.NeedsTwoTransactions, name)
	require.NotNil(t, receipt.Previous, name)
	b := balances{t: t, name: name, before: before, after: r.get(account)}
	if q.To != accounts.NativeMint && q.To != route.NativeStake {
		require.GreaterOrEqual(t, b.tokensGained(account), done.MinOut, name)
	}

	r.put(w.all)
	r.putInfinity(w.scene, w.infinity)
}
