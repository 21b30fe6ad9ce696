package e2e

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
)

const (
	// watchUpdatesVariable sets the number of account updates of
	// TestWatcher_Updates, and watchSoakVariable the time of TestWatcher_Soak,
	// for example "30m".
	watchUpdatesVariable = "SANCTUM_WATCH_UPDATES"
	watchSoakVariable    = "SANCTUM_WATCH_SOAK"
	defaultWatchUpdates  = 2_000
	// updatesPerBatch is the largest number of accounts that change at a time.
	updatesPerBatch = 60
)

// lines opens connections that a test can cut and freeze.
type lines struct {
	mu    sync.Mutex
	conns []*line
}

// line is a connection. What arrives on a frozen one is lost.
type line struct {
	net.Conn
	frozen atomic.Bool
}

func (l *line) Read(p []byte) (int, error) {
	for {
		n, err := l.Conn.Read(p)
		if err != nil || !l.frozen.Load() {
			return n, err
		}
	}
}

// client returns an HTTP client that opens such connections.
func (l *lines) client() *http.Client {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}

		l.mu.Lock()
		defer l.mu.Unlock()
		opened := &line{Conn: conn}
		l.conns = append(l.conns, opened)

		return opened, nil
	}
	return &http.Client{Transport: &http.Transport{
		DialContext:       dial,
		DisableKeepAlives: true,
	}}
}

// cut closes all connections.
func (l *lines) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

// freeze makes all connections half open.
func (l *lines) freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.frozen.Store(true)
	}
}

// watchRun watches the market of a scene.
type watchRun struct {
	*updatedRun
	rng     *rand.Rand
	scene   *scene
	lines   *lines
	loader  *route.Loader
	client  *sdk.Client
	judge   *sdk.Client
	watcher *sdk.Watcher
	keys    []solana.PublicKey
	// known are the accounts as they are on the server, and spoiled the
	// originals of those that were spoiled.
	known   map[solana.PublicKey]accounts.Account
	spoiled map[solana.PublicKey]accounts.Account
	faults  map[string]int
	quiet   int
	compare int
}

// newWatchRun watches a random scene, with the routes that move stake or without
// them.
func newWatchRun(t *testing.T, rng *rand.Rand, withStake bool) *watchRun {
	r := &watchRun{
		updatedRun: &updatedRun{legsRun: newLegsRun(t), executed: make(map[string]int)},
		rng:        rng,
		lines:      new(lines),
		known:      make(map[solana.PublicKey]accounts.Account),
		spoiled:    make(map[solana.PublicKey]accounts.Account),
		faults:     make(map[string]int),
	}
	r.must(nil, "localnet_clearFaults", map[string]any{})
	t.Cleanup(func() { r.must(nil, "localnet_clearFaults", map[string]any{}) })
	r.scene = r.draw(rng)
	r.publish(r.scene, solana.PublicKey{}, held, 0)
	r.loader = route.NewLoader(r.scene.tokens...).WithoutStake()
	if withStake {
		r.loader = route.NewLoader(r.scene.tokens...).WithStakeAccounts(r.scene.stake.Address)
	}

	r.client = r.legsRun.client(r.scene, r.endpoint)
	r.judge = r.legsRun.client(r.scene, r.endpoint)

	var err error
	r.watcher, err = r.client.Watch(t.Context(), r.loader, sdk.WatchOptions{
		WebSocket:        strings.Replace(r.endpoint, "http", "ws", 1),
		HTTPClient:       r.lines.client(),
		MaxSubscriptions: 20,
		PollInterval:     500 * time.Millisecond,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.watcher.Close()) })

	market, err := r.watcher.Market()
	require.NoError(t, err)
	for _, d := range market.Dependencies() {
		a, err := market.Account(d.Address)
		if err == nil && d.Length == 0 && a.Owner != accounts.SysvarProgram &&
			!slices.Contains(r.programs(), d.Address) {
			r.keys = append(r.keys, d.Address)
			r.known[d.Address] = a
		}
	}

	return r
}

// programs are the addresses of accounts that must not be changed: programs and
// what belongs to the loader.
func (r *watchRun) programs() []solana.PublicKey {
	return []solana.PublicKey{accounts.TokenProgram, accounts.SystemProgram}
}

// change returns a random change of a random account.
func (r *watchRun) change() accounts.Account {
	a := r.known[r.keys[r.rng.IntN(len(r.keys))]]
	if original, ok := r.spoiled[a.Address]; ok {
		delete(r.spoiled, a.Address)
		return original
	}

	a.Data = bytes.Clone(a.Data)
	if pool, err := accounts.DecodeStakePool(a); err == nil && r.rng.IntN(8) > 0 {
		in := r.rng.Uint64N(sol)
		pool.TotalLamports += in
		pool.PoolTokenSupply += in * 9 / 10
		copy(a.Data, pool.Encode())
		return a
	}

	original := a
	switch {
	case a.Lamports == 0:
		return a
	case r.rng.IntN(4) > 0 || a.Owner == accounts.UpgradeableLoader || a.Executable:
		a.Lamports += r.rng.Uint64N(1000)
		return a
	case r.rng.IntN(2) == 0:
		a.Lamports = 0
	case len(a.Data) > 0:
		a.Data[r.rng.IntN(len(a.Data))] ^= 1 << r.rng.IntN(8)
	}

	r.spoiled[a.Address] = original

	return a
}

// changes changes some accounts on the server.
func (r *watchRun) changes(number int) {
	var calls []call
	for range number {
		a := r.change()
		if a.Lamports == 0 {
			calls = append(calls, dropAccount(a.Address))
			r.known[a.Address] = accounts.Account{Address: a.Address}
			continue
		}

		calls = append(calls, setAccount(a))
		r.known[a.Address] = a
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(r.t, reply.Error)
	}
}

// restore puts the accounts that were spoiled right.
func (r *watchRun) restore() {
	var calls []call
	for address, original := range r.spoiled {
		calls = append(calls, setAccount(original))
		r.known[address] = original
	}

	if len(calls) > 0 {
		r.batch(calls...)
	}

	clear(r.spoiled)
}

// fault injects a fault.
func (r *watchRun) fault() {
	names := []string{
		"cut", "cut", "freeze", "refuse", "unanswered", "jump", "behind", "http429", "http503",
		"drop",
	}
	name := names[r.rng.IntN(len(names))]
	r.faults[name]++
	set := func(method, mode string, count int, more map[string]any) {
		params := map[string]any{"method": method, "mode": mode, "count": count}
		for key, value := range more {
			params[key] = value
		}
		r.must(nil, "localnet_setFault", params)
	}

	switch name {
	case "cut":
		r.lines.cut()
	case "freeze":
		r.lines.freeze()
		for range 70 { // seven seconds
			r.changes(5)
			time.Sleep(100 * time.Millisecond)
		}

	case "refuse":
		set("accountSubscribe", "error", 1+r.rng.IntN(20), nil)
		r.lines.cut()
	case "unanswered":
		set("accountSubscribe", "timeout", 1, nil)
		r.lines.cut()
	case "jump":
		var slot uint64
		r.must(&slot, "getSlot", []any{})
		r.must(nil, "localnet_warpToSlot", map[string]uint64{"slot": slot + 50})
	case "behind":
		set("getMultipleAccounts", "behind", 4, map[string]any{"slots": 1 + r.rng.IntN(30)})
	default:
		set("getMultipleAccounts", name, 3, nil)
	}
}

// settle waits until nothing is under way: all connections deliver, slots have
// passed on each of them, and what no connection delivers was polled.
func (r *watchRun) settle() {
	r.must(nil, "localnet_clearFaults", map[string]any{})
	if r.rng.IntN(2) == 0 {
		r.restore()
	}

	var slot uint64
	r.must(&slot, "getSlot", []any{})
	polls := r.watcher.Status().Polls
	isDue := func(p sdk.WatchPart) bool {
		return p.WebSocket && p.Accounts > 0 && (!p.Live || p.Slot < slot+2)
	}
	require.Eventually(r.t, func() bool {
		s := r.watcher.Status()
		return s.Err == nil && s.Polls >= polls+3 && s.Age < 3*time.Second &&
			s.LastFailure == nil && !slices.ContainsFunc(s.Parts, isDue)
	}, 3*time.Minute, 20*time.Millisecond, "%+v", r.watcher.Status())
}

// equals requires that the watched market equals one that is loaded now.
func (r *watchRun) equals(requests ...route.Request) {
	t := r.t
	var market, fresh *route.Market
	require.Eventually(t, func() bool {
		var err error
		if market, err = r.watcher.Next(t.Context(), market); err != nil {
			return false
		}

		fresh, err = r.judge.LoadMarketWith(t.Context(), r.loader)
		return err == nil && market.Clock() == fresh.Clock() && market.Slot() == fresh.Slot()
	}, 2*time.Minute, time.Millisecond, "no load in the slot of a poll")

	for _, d := range fresh.Dependencies() {
		want, wantErr := fresh.Account(d.Address)
		got, err := market.Account(d.Address)
		require.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err))
		require.Equal(t, want, got, "%s, %+v", d.Address, r.watcher.Status())
		r.compare++
	}

	for len(requests) < 6 {
		requests = append(requests, r.request(r.rng, r.scene))
	}

	for _, request := range requests {
		expected := said(t, fresh, request)
		require.Equal(t, expected, said(t, market, request), "%+v", request)
		r.quotes += len(expected.quotes)
		r.refusals += len(expected.rejected)
	}

	r.quiet++
}

// TestWatcher_Updates changes accounts at random, cuts and freezes connections,
// and makes the server refuse, delay and jump. In quiet moments the watched
// market must equal one that is loaded anew.
func TestWatcher_Updates(t *testing.T) {
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	before := runtime.NumGoroutine()
	r := newWatchRun(t, rand.New(rand.NewPCG(seed, 0)), false)
	updates := envUint(t, watchUpdatesVariable, defaultWatchUpdates)
	r.settle()
	r.equals()
	for done := uint64(0); done < updates; {
		for range 1 + r.rng.IntN(20) {
			n := 1 + r.rng.IntN(updatesPerBatch)
			r.changes(n)
			done += uint64(n)
		}

		if r.rng.IntN(2) == 0 {
			r.fault()
		}

		if r.rng.IntN(4) == 0 {
			r.settle()
			r.equals()
		}
	}

	r.settle()
	r.equals()
	s := r.watcher.Status()
	t.Logf("%d updates, %v, %d quiet moments: %d accounts, %d quotes and %d refusals compared",
		updates, r.faults, r.quiet, r.compare, r.quotes, r.refusals)
	s.Parts = nil
	t.Logf("%+v", s)
	require.NotZero(t, r.quotes)

	require.NoError(t, r.watcher.Close())
	for _, client := range []*sdk.Client{r.client, r.judge} {
		require.NoError(t, client.Close())
	}

	r.http.CloseIdleConnections()
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+2 }, time.Minute,
		10*time.Millisecond, "goroutines are left")
}

// TestWatcher_Trades trades in a watched market with the real programs. After
// each trade the watched market equals one that is loaded anew.
func TestWatcher_Trades(t *testing.T) {
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	trades := 0
	for i := range max(envUint(t, casesVariable, defaultCases/50)/10, 1) {
		r := newWatchRun(t, rand.New(rand.NewPCG(seed, i)), true)
		for n := range tradesPerScene {
			market, err := r.watcher.Market()
			require.NoError(t, err)
			q, ok := r.choose(r.rng, r.scene, market)
			if !ok {
				continue
			}

			if _, ok := r.carry(r.scene, r.client, q, fmt.Sprintf("trade %d", n)); !ok {
				continue
			}

			trades++
			r.settle()
			r.equals(q.Request)
		}

		t.Logf("%d quotes, %d refusals compared", r.quotes, r.refusals)
		require.NoError(t, r.watcher.Close())
	}

	require.NotZero(t, trades)
}

// TestWatcher_Soak watches a market for as long as the environment says, and
// reports the memory in use.
func TestWatcher_Soak(t *testing.T) {
	lasting, err := time.ParseDuration(cmp.Or(os.Getenv(watchSoakVariable), "20s"))
	require.NoError(t, err)
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	r := newWatchRun(t, rand.New(rand.NewPCG(seed, 0)), false)
	r.settle()
	began, first := time.Now(), heapInUse()
	var most uint64
	for passed := time.Duration(0); passed < lasting; passed = time.Since(began) {
		for range 100 {
			r.changes(1 + r.rng.IntN(10))
			time.Sleep(20 * time.Millisecond)
		}

		if r.rng.IntN(4) == 0 {
			r.lines.cut()
		}

		now := heapInUse()
		if passed > lasting/4 {
			most = max(most, now)
		}

		t.Logf("%v: %d kB in use, %d goroutines, %d updates", passed.Round(time.Second), now>>10,
			runtime.NumGoroutine(), r.watcher.Status().Updates)
	}

	r.settle()
	r.equals()
	require.Less(t, most, first+16<<20, "memory grows")
}

// heapInUse returns the bytes of live objects.
func heapInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
