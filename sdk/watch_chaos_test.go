package sdk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/feedtest"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

const (
	// watchUpdatesVariable sets the number of random account updates.
	watchUpdatesVariable = "SANCTUM_WATCH_UPDATES"
	defaultWatchUpdates  = 2_000
	// watchSeedVariable sets the seed.
	watchSeedVariable = "SANCTUM_WATCH_SEED"
	// lag is the number of slots by which the second replica is behind.
	lag = 5
)

// chaos is a cluster of two replicas, whose accounts change at random, with a
// WebSocket server that fails at random.
type chaos struct {
	t      *testing.T
	rng    *rand.Rand
	nodes  [2]*sdktest.Node
	feed   *feedtest.Server
	client *sdk.Client
	// judge is another client, which asks the first replica only.
	judge  *sdk.Client
	loader *route.Loader
	tokens []lst.LST
	keys   []solana.PublicKey
	slot   uint64
	epoch  uint64
	// spoiled has the original of each account that was spoiled.
	spoiled map[solana.PublicKey]accounts.Account
	// behind are the changes that the second replica does not have yet.
	behind [][]accounts.Account
	// held are notifications that are late.
	held    []accounts.Account
	heldAt  []uint64
	tally   map[string]int
	updates int
	// requests is the number of HTTP requests.
	requests atomic.Uint64
	// period is the time to wait for the next load, or zero.
	period time.Duration
}

func newChaos(t *testing.T, seed uint64) *chaos {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)

	// The epoch ends soon.
	clock := &market.Chain.Clock
	clock.Slot = (clock.Epoch+1)*market.Chain.EpochSchedule.SlotsPerEpoch - 3_000
	all, err := market.Accounts()
	require.NoError(t, err)

	c := &chaos{
		t:       t,
		rng:     rand.New(rand.NewPCG(seed, 1)),
		feed:    feedtest.NewServer(),
		slot:    clock.Slot,
		epoch:   clock.Epoch,
		spoiled: make(map[solana.PublicKey]accounts.Account),
		tally:   make(map[string]int),
	}

	for i := range c.nodes {
		c.nodes[i] = sdktest.NewNode(c.slot, c.epoch, all...)
	}

	opts := []sdk.Option{sdk.WithHTTPClient(c), sdk.WithCommitment("confirmed")}
	for program, hash := range demo.Builds() {
		opts = append(opts, sdk.WithProgramBuild(program, hash))
	}

	c.client, err = sdk.New("http://node.invalid", opts...)
	require.NoError(t, err)
	c.judge, err = sdk.New("http://node.invalid",
		append(opts, sdk.WithHTTPClient(c.nodes[0]))...)
	require.NoError(t, err)

	for _, token := range lst.Default().All() {
		if market.StakePool(token.Symbol) != nil || token.Kind == lst.KindInfinity ||
			token.Kind == lst.KindMarinade {
			c.tokens = append(c.tokens, token)
		}
	}

	c.loader = route.NewLoader(c.tokens...)

	return c
}

// Do answers an HTTP request by one of the replicas.
func (c *chaos) Do(r *http.Request) (*http.Response, error) {
	if c.requests.Add(1)%3 == 0 {
		return c.nodes[1].Do(r)
	}
	return c.nodes[0].Do(r)
}

// pass lets a slot pass, in which accounts change.
func (c *chaos) pass(changed ...accounts.Account) {
	c.slot++
	clock := c.clock()
	clock.Slot = c.slot
	clock.UnixTimestamp++
	schedule := c.schedule()
	clock.Epoch = schedule.FirstNormalEpoch +
		(c.slot-schedule.FirstNormalSlot)/schedule.SlotsPerEpoch
	if clock.Epoch != c.epoch {
		c.tally["epochs"]++
		c.epoch = clock.Epoch
		changed = append(changed, c.updatedPools()...)
	}

	account := c.account(accounts.ClockSysvar)
	account.Data = clock.Encode()
	changed = append(changed, account)
	c.store(changed)

	for _, a := range changed {
		if a.Address != accounts.ClockSysvar && c.held != nil && c.rng.IntN(4) == 0 {
			c.held, c.heldAt = append(c.held, a), append(c.heldAt, c.slot)
			continue
		}

		c.feed.Change(c.slot, a)
	}

	c.feed.Advance(c.slot + 1)
	time.Sleep(400 * time.Millisecond)
}

// store stores the changes of a slot, in the second replica those of an earlier
// slot.
func (c *chaos) store(changed []accounts.Account) {
	c.put(0, changed)
	c.behind = append(c.behind, changed)
	if len(c.behind) > lag {
		c.put(1, c.behind[0])
		c.behind = c.behind[1:]
	}
}

// put applies the changes of a slot to a replica.
func (c *chaos) put(replica int, changed []accounts.Account) {
	n := c.nodes[replica]
	for _, a := range changed {
		if a.Lamports == 0 {
			n.Remove(a.Address)
		} else {
			n.Put(a)
		}
	}

	// A read in between must not have the new slot with an old account.
	n.Advance(1)
}

func (c *chaos) account(address solana.PublicKey) accounts.Account {
	a, ok := c.nodes[0].Account(address)
	if !ok {
		return accounts.Account{Address: address}
	}
	a.Data = bytes.Clone(a.Data)
	return a
}

func (c *chaos) clock() accounts.Clock {
	clock, err := accounts.DecodeClock(c.account(accounts.ClockSysvar))
	require.NoError(c.t, err)
	return *clock
}

func (c *chaos) schedule() accounts.EpochSchedule {
	schedule, err := accounts.DecodeEpochSchedule(c.account(accounts.EpochScheduleSysvar))
	require.NoError(c.t, err)
	return *schedule
}

// updatedPools are the pools of the market in the present epoch.
func (c *chaos) updatedPools() (all []accounts.Account) {
	for _, token := range c.tokens {
		if !token.Kind.IsStakePool() || c.rng.IntN(4) == 0 {
			continue
		}

		a := c.account(token.Pool)
		if pool, err := accounts.DecodeStakePool(a); err == nil {
			pool.LastUpdateEpoch = c.epoch
			copy(a.Data, pool.Encode())
			all = append(all, a)
		}
	}

	return all
}

// change returns a random change of an account.
func (c *chaos) change() accounts.Account {
	c.updates++
	a := c.account(c.keys[c.rng.IntN(len(c.keys))])
	if token := c.tokens[c.rng.IntN(len(c.tokens))]; c.rng.IntN(3) > 0 {
		a = c.account(token.Pool)
	}

	if original, ok := c.spoiled[a.Address]; ok {
		delete(c.spoiled, a.Address)
		return original
	}

	if pool, err := accounts.DecodeStakePool(a); err == nil && c.rng.IntN(8) > 0 {
		in := c.rng.Uint64N(1_000 * sol)
		pool.TotalLamports += in
		pool.PoolTokenSupply += in * 9 / 10
		pool.SOLDepositFee = accounts.Fee{Numerator: c.rng.Uint64N(10), Denominator: 1000}
		copy(a.Data, pool.Encode())

		return a
	}

	original := a
	switch c.rng.IntN(6) {
	case 0:
		a.Lamports = 0
	case 1:
		a.Owner = solana.PublicKey{9}
	case 2:
		a.Data = a.Data[:len(a.Data)/2]
	case 3:
		if len(a.Data) > 0 {
			a.Data = bytes.Clone(a.Data)
			a.Data[c.rng.IntN(len(a.Data))] ^= 1 << c.rng.IntN(8)
		}

	default:
		a.Lamports += c.rng.Uint64N(sol)
		return a
	}

	if original.Lamports == 0 {
		return original
	}

	c.spoiled[a.Address] = original

	return a
}

// fault injects a fault.
func (c *chaos) fault() {
	names := []string{
		"drop", "mute", "down", "late", "twice", "garbage", "future", "stranger", "giant",
		"jump", "http 503", "http 429", "http junk",
	}

	name := names[c.rng.IntN(len(names))]
	c.tally[name]++
	switch name {
	case "drop":
		c.feed.Drop()
	case "mute":
		// A connection that loses messages for less than five seconds cannot be
		// told from one that has none; TCP does not lose any.
		c.feed.SetMute(true)
		defer c.feed.SetMute(false)
		for range 14 + c.rng.IntN(20) {
			c.pass(c.change())
		}

	case "down":
		c.feed.SetDown(true)
		defer c.feed.SetDown(false)
		c.feed.Drop()
		for range 1 + c.rng.IntN(20) {
			c.pass(c.change())
		}

	case "late":
		c.held, c.heldAt = []accounts.Account{}, nil
		for range 20 {
			c.pass(c.change())
		}

		c.release()

	case "twice":
		c.feed.Mangle(func(m []byte) [][]byte { return [][]byte{m, m} })
		defer c.feed.Mangle(nil)
		for range 5 {
			c.pass(c.change())
		}

	case "garbage":
		c.feed.Send(`{"jsonrpc":"2.0","method":"accountNotification","params":{"result":{"context"`)
		c.feed.Send(
			`{"jsonrpc":"2.0","method":"accountNotification","params":{"result":{"context":` +
				`{"slot":9},"value":{"lamports":1,"data":["!!!","base64"],"owner":"1"}},"subscription":1}}`,
		)

	case "future":
		c.feed.Change(c.slot+1<<40, c.account(c.keys[c.rng.IntN(len(c.keys))]))
	case "stranger":
		c.feed.Send(string(feedtest.Notification(1<<50, c.slot, accounts.Account{Lamports: 1})))
	case "giant":
		c.feed.Send(`"` + string(bytes.Repeat([]byte("x"), 8<<20)) + `"`)
	case "jump":
		c.jump()
	default:
		c.faultHTTP(name)
	}
}

// release sends the late notifications in another order.
func (c *chaos) release() {
	for _, i := range c.rng.Perm(len(c.held)) {
		c.feed.Change(c.heldAt[i], c.held[i])
	}
	c.held, c.heldAt = nil, nil
}

// jump lets slots pass of which nothing is notified.
func (c *chaos) jump() {
	c.feed.SetMute(true)
	for range 40 {
		c.slot++
		c.store([]accounts.Account{c.change()})
	}

	c.feed.SetMute(false)
	c.pass()
}

func (c *chaos) faultHTTP(name string) {
	fault := sdktest.Fault{Body: "junk"}
	switch name {
	case "http 503":
		fault = sdktest.Fault{Status: http.StatusServiceUnavailable}
	case "http 429":
		fault = sdktest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "2"}
	}
	for range 6 {
		c.nodes[c.rng.IntN(2)].Fail("getMultipleAccounts", fault)
	}
}

// settle lets slots pass without a fault until the watcher says that all its
// parts are current.
func (c *chaos) settle(w *sdk.Watcher) {
	if c.period > 0 {
		// A load may be under way, and the next ones may fail for a while.
		for loads := w.Status().Loads; w.Status().Loads < loads+2; {
			c.pass()
			synctest.Wait()
		}
	}

	for passed := range 2_000 {
		c.pass()
		synctest.Wait()
		market, err := w.Market()
		if err != nil || market.Slot() != c.slot || w.Age() > time.Second {
			continue
		}

		isLive := func(p sdk.WatchPart) bool { return p.Live }
		if parts := w.Status().Parts; passed > 2 && len(parts) > 1 && isLive(parts[0]) &&
			!slices.ContainsFunc(parts, func(p sdk.WatchPart) bool { return !p.Live }) {
			return
		}
	}

	require.FailNow(c.t, "the watcher does not recover", "%+v", w.Status())
}

// compare requires that the watched market equals one that is loaded now.
func (c *chaos) compare(w *sdk.Watcher) {
	t := c.t
	var fresh *route.Market
	var err error
	for range 20 { // Faults of HTTP may be left.
		if fresh, err = c.judge.LoadMarketWith(t.Context(), c.loader); err == nil {
			break
		}
	}

	require.NoError(t, err)
	market, err := w.Market()
	require.NoError(t, err)
	require.Equal(t, fresh.Slot(), market.Slot())
	require.Equal(t, fresh.Clock(), market.Clock())
	for _, d := range fresh.Dependencies() {
		want, wantErr := fresh.Account(d.Address)
		got, err := market.Account(d.Address)
		require.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err))
		require.Equal(t, want, got)
		c.tally["accounts compared"]++
	}

	for range 8 {
		r := route.Request{
			From:   c.mint(),
			To:     c.mint(),
			Amount: 1 + c.rng.Uint64N(100*sol),
			Options: route.Options{
				SwapMode:        route.SwapMode(c.rng.IntN(2)),
				AllowPoolUpdate: c.rng.IntN(2) == 0,
			},
		}

		require.Equal(t, allAnswers(t, fresh, r), allAnswers(t, market, r), "%+v", r)
	}
}

func (c *chaos) mint() solana.PublicKey {
	if i := c.rng.IntN(len(c.tokens) + 1); i < len(c.tokens) {
		return c.tokens[i].Mint
	}
	return accounts.NativeMint
}

// allAnswers returns all that a market says to a request.
func allAnswers(t *testing.T, market *route.Market, r route.Request) (all []string) {
	t.Helper()
	quotes, rejected := market.Quotes(r)
	for _, q := range quotes {
		text, err := json.Marshal(q)
		require.NoError(t, err)
		all = append(all, string(text))
	}

	for _, no := range rejected {
		all = append(all, string(no.Venue)+": "+no.Err.Error())
	}

	return all
}

// run changes accounts and injects faults until there were enough updates, and
// compares the market in quiet moments.
func (c *chaos) run(updates int, o sdk.WatchOptions) {
	t := c.t
	o.WebSocket, o.HTTPClient = feedtest.URL, c.feed.Client()
	o.MaxSubscriptions = 30
	w, err := c.client.Watch(t.Context(), c.loader, o)
	require.NoError(t, err)
	market, err := w.Market()
	require.NoError(t, err)
	for _, d := range market.Dependencies() {
		a, ok := c.nodes[0].Account(d.Address)
		if ok && a.Owner != accounts.SysvarProgram {
			c.keys = append(c.keys, d.Address)
		}
	}

	c.settle(w)
	for c.updates < updates {
		for range 5 + c.rng.IntN(30) {
			c.pass(c.changes()...)
		}

		if c.rng.IntN(2) == 0 {
			c.fault()
		}

		if c.rng.IntN(4) == 0 {
			c.settle(w)
			c.compare(w)
			c.tally["quiet moments"]++
		}
	}

	c.settle(w)
	c.compare(w)
	t.Logf("%d updates, %v", c.updates, c.tally)
	s := w.Status()
	s.Parts = nil
	t.Logf("%+v", s)
	require.NoError(t, w.Close())
	synctest.Wait()
	require.Zero(t, c.feed.Connections())
}

// changes returns random changes of different accounts.
func (c *chaos) changes() (all []accounts.Account) {
	for range c.rng.IntN(8) {
		a := c.change()
		if !slices.ContainsFunc(all, func(b accounts.Account) bool {
			return a.Address == b.Address
		}) {
			all = append(all, a)
		}
	}
	return all
}

// After random changes and faults the watched market equals one that is loaded
// anew, although the watcher does not load it again by itself. Nothing is left
// of the watcher when it has ended: synctest fails otherwise.
func TestWatcher_Chaos(t *testing.T) {
	seed, updates := chaosSize(t)
	synctest.Test(t, func(t *testing.T) {
		c := newChaos(t, seed)
		defer c.feed.Close()
		c.loader = c.loader.WithoutStake()
		c.run(updates, sdk.WatchOptions{ReloadInterval: time.Hour})
	})
}

// chaosSize returns the seed and the number of updates.
func chaosSize(t *testing.T) (seed uint64, updates int) {
	t.Helper()
	seed, updates = rand.Uint64(), defaultWatchUpdates
	if text := os.Getenv(watchUpdatesVariable); text != "" {
		var err error
		updates, err = strconv.Atoi(text)
		require.NoError(t, err)
	}

	if text := os.Getenv(watchSeedVariable); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}

	t.Logf("seed %d", seed)

	return seed, updates
}

// The same with the routes that move stake. Their candidates among the
// validators are chosen by the load, so the watched market equals one that is
// loaded anew after the next load of the period.
func TestWatcher_ChaosWithStake(t *testing.T) {
	seed, updates := chaosSize(t)
	synctest.Test(t, func(t *testing.T) {
		c := newChaos(t, seed)
		defer c.feed.Close()
		c.period = 30 * time.Second
		c.run(updates/2, sdk.WatchOptions{ReloadInterval: c.period})
	})
}
