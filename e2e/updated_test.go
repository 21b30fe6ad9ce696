package e2e

import (
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// tradesPerScene is the number of trades in a scene, and requestsPerUpdate the
// number of requests that compare two markets after each trade.
const (
	tradesPerScene    = 6
	requestsPerUpdate = 12
)

// TestMarket_Updated loads a market once and trades in it again and again.
// After each trade the market is updated with the accounts that the trade has
// changed. The updated market must equal a market that is loaded again: the
// same quotes in the same order, the same instructions, the same refusals. A
// trade of stake may change which validators a load chooses. Then the updated
// market must equal one that is built again from the accounts that it knows.
// The next trade executes a quote of the updated market, to the lamport.
func TestMarket_Updated(t *testing.T) {
	r := &updatedRun{legsRun: newLegsRun(t), executed: make(map[string]int)}
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	for i := range envUint(t, casesVariable, defaultCases/20) {
		r.one(rand.New(rand.NewPCG(seed, i)), false, fmt.Sprintf("seed %d, case %d", seed, i))
	}
	r.report()
	require.Greater(t, r.updates, 2*r.reloads)
}

// TestMarket_UpdatedAcrossEpochs does the same while an epoch passes between
// two trades, so that the pools of the market have to be updated first.
func TestMarket_UpdatedAcrossEpochs(t *testing.T) {
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	var r *updatedRun
	for i := range max(envUint(t, casesVariable, defaultCases/20)/5, 1) {
		next := &updatedRun{legsRun: newLegsRun(t), executed: make(map[string]int)}
		if r != nil {
			next.tally = r.tally
			next.executed = r.executed
		}

		r = next
		r.one(rand.New(rand.NewPCG(seed, i)), true, fmt.Sprintf("seed %d, case %d", seed, i))
	}

	r.report()
	require.NotZero(t, r.reloads, "no pool has to be updated in a new epoch")
}

// report tells what was compared, and requires that something was.
func (r *updatedRun) report() {
	t := r.t
	t.Logf("%d updates by %d accounts, %d need a reload", r.updates, r.changed, r.reloads)
	t.Logf("%d requests compared: %d quotes, %d refusals", r.requests, r.quotes, r.refusals)
	for _, venue := range sortedNames(r.executed) {
		t.Logf("%4d executed as quoted by an updated market: %s", r.executed[venue], venue)
	}
	t.Logf("%d requests for which a load chooses other validators", r.moved)
	require.LessOrEqual(t, 20*r.moved, r.requests+200)
	require.NotZero(t, r.quotes)
	require.NotZero(t, r.different, "no trade has changed a quote")
}

// updatedRun compares markets that are updated.
type updatedRun struct {
	*legsRun
	tally
	// executed are the quotes of updated markets that were executed, by venue.
	executed map[string]int
	// loader loads the market of the scene, and kept are the accounts of the
	// last load that was not compared only.
	loader *route.Loader
	kept   keptAccounts
}

// tally counts the comparisons of a run.
type tally struct {
	updates, changed, reloads  int
	requests, quotes, refusals int
	// different are the quotes that the trade before has changed, and moved the
	// requests for which a load chooses other validators than it did before.
	different, moved int
}

// one trades in one scene, in which nothing is put right in between.
func (r *updatedRun) one(rng *rand.Rand, overEpochs bool, name string) {
	t := r.t
	s := r.draw(rng)
	r.publish(s, solana.PublicKey{}, held, 0)
	table := figures.RandomKey(rng)
	putTable(r.localnet, table, r.mostUsed(s)...)
	client := r.client(s, r.endpoint)
	load := func() *route.Market {
		loader := route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address)
		r.loader = loader.WithLookupTables(table)
		market, err := client.LoadMarketWith(t.Context(), r.loader)
		require.NoError(t, err, name)
		return market
	}

	market, isUpdated := load(), false
	r.keep(r.loader)
	for n := range tradesPerScene {
		name := fmt.Sprintf("%s, trade %d", name, n)
		if overEpochs && n == tradesPerScene/2 {
			market, isUpdated = r.nextEpoch(rng, s, market, load, name)
		}

		q, ok := r.choose(rng, s, market)
		if !ok {
			continue
		}

		changed, ok := r.carry(s, client, q, name)
		if !ok {
			continue
		}

		if isUpdated {
			r.executed[string(q.Venue)]++
		}

		before := said(t, market, q.Request)
		fresh, clock := r.atOneSlot(load)
		next, err := market.Updated(fresh.Slot(), append(changed, clock)...)
		r.updates++
		r.changed += len(changed)
		require.Equal(t, before, said(t, market, q.Request), "%s: the market before", name)
		if errors.Is(err, route.ErrReload) {
			r.reloads++
			r.keep(r.loader)
			market, isUpdated = fresh, false
			continue
		}

		require.NoError(t, err, name)
		require.Equal(t, fresh.Slot(), next.Slot(), name)
		require.Equal(t, fresh.Clock(), next.Clock(), name)
		if !reflect.DeepEqual(before, said(t, next, q.Request)) {
			r.different++
		}

		r.compare(rng, s, [2]*route.Market{fresh, next}, clock, q.Request, name)
		market, isUpdated = next, true
	}
}

// nextEpoch lets an epoch pass. It returns the market after that, and whether
// it was made by an update.
func (r *updatedRun) nextEpoch(
	rng *rand.Rand, s *scene, market *route.Market, load func() *route.Market, name string,
) (*route.Market, bool) {
	t := r.t
	r.must(nil, "localnet_warpToEpoch", map[string]uint64{"epoch": market.Clock().Epoch + 1})
	r.chain = r.localnet.chain()
	fresh, clock := r.atOneSlot(load)
	history, err := r.get(accounts.StakeHistorySysvar).Get(accounts.StakeHistorySysvar)
	require.NoError(t, err)
	next, err := market.Updated(fresh.Slot(), clock, history)
	r.updates++
	if errors.Is(err, route.ErrReload) {
		r.reloads++
		r.keep(r.loader)
		return fresh, false
	}

	require.NoError(t, err, name)
	r.compare(rng, s, [2]*route.Market{fresh, next}, clock, r.request(rng, s), name)

	return next, true
}

// atOneSlot loads a market, and the clock it was loaded by.
func (r *updatedRun) atOneSlot(load func() *route.Market) (*route.Market, accounts.Account) {
	t := r.t
	for range 100 {
		market := load()
		clock, err := r.get(accounts.ClockSysvar).Get(accounts.ClockSysvar)
		require.NoError(t, err)
		read, err := accounts.DecodeClock(clock)
		require.NoError(t, err)
		if *read == market.Clock() {
			return market, clock
		}
	}

	require.FailNow(t, "a slot passes whenever a market is loaded")
	return nil, accounts.Account{}
}

// choose picks a quote that can be executed in one transaction.
func (r *updatedRun) choose(rng *rand.Rand, s *scene, m *route.Market) (route.Quote, bool) {
	for range 10 {
		request := r.request(rng, s)
		request.Recipient, request.Referrer = solana.PublicKey{}, solana.PublicKey{}
		request.AllowPoolUpdate, request.MaxPrefund = true, 10*sol
		quotes, _ := m.Quotes(request)
		quotes = slices.DeleteFunc(quotes,
			func(q route.Quote) bool { return q.NeedsTwoTransactions })
		if len(quotes) == 0 {
			continue
		}

		if rng.IntN(2) == 0 {
			return quotes[0], true
		}

		return quotes[rng.IntN(len(quotes))], true
	}

	return route.Quote{}, false
}

// carry executes a quote and returns the accounts that it has changed. It tells
// if the transaction is too large.
func (r *updatedRun) carry(
	s *scene, client *sdk.Client, q route.Quote, name string,
) ([]accounts.Account, bool) {
	t := r.t
	owner := r.user.PublicKey()
	name = fmt.Sprintf("%s: %s, %+v", name, q.Venue, q.Request)
	require.True(t, q.Exact, name)
	o := sdk.BuildOptions{
		Owner:    owner,
		Seed:     crand.Text()[:16],
		Priority: sdk.PriorityFee{None: true},
	}
	if q.NeedsStakeKeypair {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		o.StakeKeypair = key
	}

	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	wrapped := dropAccount(r.ata(accounts.NativeMint))
	if q.Request.From == accounts.NativeMint && q.Request.UseWSOL {
		account := r.ata(accounts.NativeMint)
		wrapped = setAccount(figures.TokenAccount(account, accounts.NativeMint, owner, q.MaxIn,
			rent))
	}

	purse := accounts.Account{
		Address:  owner,
		Owner:    accounts.SystemProgram,
		Lamports: held,
	}

	for _, reply := range r.batch(wrapped, setAccount(purse)) {
		require.Nil(t, reply.Error)
	}

	unsigned, err := client.Build(t.Context(), q, o)
	if errors.Is(err, txn.ErrTransactionTooLarge) {
		return nil, false
	}

	if errors.Is(err, quote.ErrStakeOwner) {
		// A trade before has sold the account. A market knows no owner, so that
		// only Build finds that.
		stake, err := accounts.Load(r.get(s.stake.Address), s.stake.Address,
			accounts.DecodeStakeAccount)
		require.NoError(t, err, name)
		require.False(t, stake.Withdrawer == owner && stake.Staker == owner, name)
		return nil, false
	}

	require.NoError(t, err, name)
	signed, err := unsigned.Sign(t.Context(), r.user)
	require.NoError(t, err, name)
	touched := slices.Compact(sortedKeys(append(touchedBy(unsigned), owner, r.ata(q.Request.To))))
	s.stake.Lamports = lamportsIn(r.get(s.stake.Address), s.stake.Address)
	before := r.get(touched...)
	receipt, err := client.Send(t.Context(), signed)
	require.NoError(t, err, name)
	b := balances{
		t:      t,
		name:   name,
		before: before,
		after:  r.get(touched...),
		fee:    receipt.Fee,
	}

	r.checkAmounts(s, q, o, b)
	r.checkLeftovers(s, q, o, b, touched)
	r.checkInfinity(q, b)

	var changed []accounts.Account
	for _, key := range touched {
		was, _ := before.Get(key)
		is, err := b.after.Get(key)
		if err != nil {
			is, was.Address = accounts.Account{Address: key}, key
		}

		if !reflect.DeepEqual(was, is) {
			changed = append(changed, is)
		}
	}

	require.NotEmpty(t, changed, name)

	return changed, true
}

// compare asks two markets the same: one that is loaded again, and one that is
// updated.
func (r *updatedRun) compare(
	rng *rand.Rand, s *scene, markets [2]*route.Market, clock accounts.Account,
	first route.Request, name string,
) {
	t := r.t
	fresh, updated := markets[0], markets[1]
	var kept *route.Market
	for n := range requestsPerUpdate {
		request := first
		if n > 0 {
			request = r.request(rng, s)
		}

		expected, got := said(t, fresh, request), said(t, updated, request)
		if !reflect.DeepEqual(expected, got) {
			if kept == nil {
				kept = r.loadKept(fresh, clock)
			}

			expected = said(t, kept, request)
			r.moved++
		}

		require.Equal(t, expected, got, "%s: %+v", name, request)
		r.requests++
		r.quotes += len(expected.quotes)
		r.refusals += len(expected.rejected)
	}

	loaded, err := fresh.StakeAccount(s.stake.Address)
	stake, stakeErr := updated.StakeAccount(s.stake.Address)
	require.Equal(t, loaded, stake, name)
	require.Equal(t, fmt.Sprint(err), fmt.Sprint(stakeErr), name)
}

// marketAnswer is all that a market says to a request.
type marketAnswer struct {
	quotes   []map[string]any
	steps    []map[string]any
	rejected []string
}

// said asks a market.
func said(t testing.TB, m *route.Market, request route.Request) (all marketAnswer) {
	quotes, rejected := m.Quotes(request)
	for _, q := range quotes {
		all.quotes = append(all.quotes, fieldsOf(q))
		all.steps = append(all.steps, stepsOf(t, q))
	}
	for _, no := range rejected {
		all.rejected = append(all.rejected, string(no.Venue)+": "+no.Err.Error())
	}
	return all
}

// fieldsOf are the exported fields of a quote, and those of its legs.
func fieldsOf(q route.Quote) map[string]any {
	fields := make(map[string]any)
	value := reflect.ValueOf(q)
	for i := range value.NumField() {
		if f := value.Type().Field(i); f.IsExported() && f.Name != "Legs" {
			fields[f.Name] = value.Field(i).Interface()
		}
	}

	var legs []map[string]any
	for _, leg := range q.Legs {
		legs = append(legs, fieldsOf(leg))
	}

	fields["Legs"] = legs

	return fields
}

// stepsOf are the instructions of a quote.
func stepsOf(t testing.TB, q route.Quote) map[string]any {
	key := func(first byte) solana.PublicKey { return solana.PublicKey{first, 1} }
	steps, err := q.Steps(route.BuildParams{
		Owner:      key(1),
		Payer:      key(2),
		NewAccount: key(3),
		Seed:       strings.Repeat("s", 16),
	})
	if err != nil {
		return map[string]any{"error": err.Error()}
	}

	var all []any
	for _, step := range steps {
		data, err := step.Instruction.Data()
		require.NoError(t, err)
		all = append(all, step.Instruction.ProgramID(), step.Instruction.Accounts(), data,
			step.ComputeUnits)
	}

	return map[string]any{"steps": all}
}
