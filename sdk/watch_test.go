package sdk_test

import (
	"bytes"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/feedtest"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// watchedNode is a node with a WebSocket server, whose slots pass.
type watchedNode struct {
	t      *testing.T
	node   *sdktest.Node
	feed   *feedtest.Server
	client *sdk.Client
	slot   uint64
	// isDown makes the node refuse all requests over HTTP. asked counts them.
	isDown atomic.Bool
	asked  atomic.Int64
}

func newWatchedNode(t *testing.T) *watchedNode {
	t.Helper()
	n := &watchedNode{t: t, node: demoNode(t), feed: feedtest.NewServer()}
	n.client = n.connect()
	n.slot = n.clock().Slot

	return n
}

// connect returns a new client of the node.
func (n *watchedNode) connect(opts ...sdk.Option) *sdk.Client {
	n.t.Helper()
	client, err := n.node.Client(append(opts, sdk.WithHTTPClient(n))...)
	require.NoError(n.t, err)
	return client
}

// Do implements sdk.Doer.
func (n *watchedNode) Do(r *http.Request) (*http.Response, error) {
	n.asked.Add(1)
	if n.isDown.Load() {
		return &http.Response{
			StatusCode: http.StatusServiceUnavailable,
			Body:       http.NoBody,
			Request:    r,
		}, nil
	}
	return n.node.Do(r)
}

// clock returns the Clock of the node.
func (n *watchedNode) clock() accounts.Clock {
	account, ok := n.node.Account(accounts.ClockSysvar)
	require.True(n.t, ok)
	clock, err := accounts.DecodeClock(account)
	require.NoError(n.t, err)
	return *clock
}

// pass lets a slot pass, in which some accounts change.
func (n *watchedNode) pass(changed ...accounts.Account) {
	n.slot++
	n.node.Advance(1)
	for _, a := range changed {
		n.put(a)
	}

	clock := n.clock()
	clock.Slot = n.slot
	account, _ := n.node.Account(accounts.ClockSysvar)
	account.Data = clock.Encode()
	n.node.Put(account)
	n.feed.Change(n.slot, append(changed, account)...)
	n.feed.Advance(n.slot + 1)
}

func (n *watchedNode) put(a accounts.Account) {
	if a.Lamports == 0 {
		n.node.Remove(a.Address)
		return
	}
	n.node.Put(a)
}

// watch starts a watcher of all tokens.
func (n *watchedNode) watch(o sdk.WatchOptions) *sdk.Watcher {
	n.t.Helper()
	o.WebSocket, o.HTTPClient = feedtest.URL, n.feed.Client()
	w, err := n.client.Watch(n.t.Context(), n.loader(), o)
	require.NoError(n.t, err)
	return w
}

func (n *watchedNode) loader() *route.Loader {
	return route.NewLoader(n.client.Registry().All()...).WithoutStake()
}

// events records events.
type events struct {
	mu  sync.Mutex
	all []sdk.WatchEvent
}

func (e *events) ObserveWatch(event sdk.WatchEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

// of returns the recorded events of a kind.
func (e *events) of(kind sdk.WatchEventKind) []sdk.WatchEvent {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(e.all),
		func(event sdk.WatchEvent) bool { return event.Kind != kind })
}

// run lets slots pass.
func (n *watchedNode) run(slots int) {
	for range slots {
		n.pass()
		time.Sleep(slotTime)
	}
}

const slotTime = 400 * time.Millisecond

// changedPool returns the account of a pool with more lamports.
func (n *watchedNode) changedPool(symbol string) accounts.Account {
	address := pool(n.t, symbol).Address
	a, ok := n.node.Account(address)
	require.True(n.t, ok)
	state, err := accounts.DecodeStakePool(a)
	require.NoError(n.t, err)
	state.TotalLamports += 1_000 * sol
	a.Data = bytes.Clone(a.Data)
	copy(a.Data, state.Encode())
	return a
}

// out is what a stake of 1 SOL pays in a market.
func out(t *testing.T, market *route.Market) uint64 {
	t.Helper()
	q, err := market.Quote(stakeRequest(t, "JitoSOL", sol))
	require.NoError(t, err)
	return q.Out
}

// A change is visible as soon as it was notified, without a request.
func TestWatcher_Notified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		seen := new(events)
		w := n.watch(sdk.WatchOptions{Observer: seen})
		defer w.Close()
		n.run(20)
		first, err := w.Market()
		require.NoError(t, err)
		require.Equal(t, n.slot, first.Slot())
		before := out(t, first)

		n.node.ResetCounts()
		n.pass(n.changedPool("JitoSOL"))
		synctest.Wait()
		second, err := w.Market()
		require.NoError(t, err)
		require.Less(t, out(t, second), before)
		require.Equal(t, before, out(t, first), "the market before stays as it was")
		require.Zero(t, n.node.Calls("*"))

		s := w.Status()
		require.NoError(t, s.Err)
		require.EqualValues(t, 1, s.SlotsBehind)
		require.Zero(t, s.Age)
		require.Len(t, s.Parts, 3, "500 accounts of each connection")
		for _, p := range s.Parts {
			require.True(t, p.WebSocket && p.Live)
		}

		require.Len(t, seen.of(sdk.WatchConnected), 3)
		require.Len(t, seen.of(sdk.WatchUpdated), int(s.Updates))
		require.Len(t, seen.of(sdk.WatchLoaded), int(s.Loads))
	})
}

// Without a WebSocket the accounts are polled, not more often than allowed.
func TestWatcher_Polls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		w, err := n.client.Watch(t.Context(), n.loader(), sdk.WatchOptions{
			PollInterval:   2 * time.Second,
			ReloadInterval: time.Hour,
		})
		require.NoError(t, err)
		defer w.Close()
		market, err := w.Market()
		require.NoError(t, err)
		before := out(t, market)

		n.node.ResetCounts()
		n.run(5)
		n.pass(n.changedPool("JitoSOL"))
		n.run(5 * 60)
		market, err = w.Market()
		require.NoError(t, err)
		require.Less(t, out(t, market), before)
		require.LessOrEqual(t, w.Age(), 2*time.Second)
		s := w.Status()
		require.InDelta(t, 61, s.Polls, 1, "two minutes")
		require.EqualValues(t, 0, s.Tip)
		require.Len(t, s.Parts, 1)
		require.False(t, s.Parts[0].WebSocket)

		// 1,253 accounts in requests of 100.
		require.LessOrEqual(t, n.node.Calls("*"), 62*16)
	})
}

// A node that fails is asked less and less often. The market is refused once it
// is too old, and comes back with the node.
func TestWatcher_TooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		w := n.watch(sdk.WatchOptions{MaxAge: 20 * time.Second})
		defer w.Close()
		n.run(20)

		n.feed.SetDown(true)
		n.feed.Drop()
		n.isDown.Store(true)
		time.Sleep(19 * time.Second)
		_, err := w.Market()
		require.NoError(t, err)
		time.Sleep(3 * time.Second)
		_, err = w.Market()
		require.ErrorIs(t, err, sdk.ErrMarketTooOld)
		requireLine(t, err)
		_, err = w.Next(t.Context(), nil)
		require.ErrorIs(t, err, sdk.ErrMarketTooOld)

		before := n.asked.Load()
		time.Sleep(10 * time.Minute)
		// With four attempts for each of 16 requests of a poll, one in 16 s.
		require.Less(t, n.asked.Load()-before, int64(10*60/16*4*16))
		s := w.Status()
		require.ErrorIs(t, s.Err, sdk.ErrMarketTooOld)
		require.Error(t, s.LastFailure)
		require.Greater(t, s.Age, 10*time.Minute)
		require.NotZero(t, s.Failures)
		require.NotZero(t, s.Reconnects)

		n.feed.SetDown(false)
		n.isDown.Store(false)
		n.run(300)
		market, err := w.Market()
		require.NoError(t, err)
		require.Equal(t, n.slot, market.Slot())
	})
}

// A negative MaxAge allows any age.
func TestWatcher_AnyAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		w, err := n.client.Watch(t.Context(), n.loader(), sdk.WatchOptions{
			MaxAge:       -1,
			PollInterval: time.Hour,
		})
		require.NoError(t, err)
		defer w.Close()
		time.Sleep(29 * time.Minute)
		_, err = w.Market()
		require.NoError(t, err)
	})
}
