package sdk_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/feedtest"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// Next returns each market once to a reader that keeps up, and wakes all
// readers.
func TestWatcher_Next(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		w := n.watch(sdk.WatchOptions{})
		defer w.Close()
		first, err := w.Next(t.Context(), nil)
		require.NoError(t, err)
		n.run(20)

		current, err := w.Market()
		require.NoError(t, err)
		require.NotSame(t, first, current)
		next, err := w.Next(t.Context(), first)
		require.NoError(t, err)
		require.Same(t, current, next, "markets in between are skipped")

		results := make(chan *route.Market, 8)
		for range 8 {
			go func() {
				market, err := w.Next(t.Context(), current)
				if err != nil {
					t.Error(err)
				}

				results <- market
			}()
		}

		synctest.Wait()
		require.Empty(t, results)
		n.pass()
		synctest.Wait()
		require.Len(t, results, 8)
		require.Equal(t, n.slot, (<-results).Slot())

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		latest, err := w.Market()
		require.NoError(t, err)
		_, err = w.Next(ctx, latest)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A watcher ends with Close or with its context, wherever it is, and wakes the
// readers that wait. synctest fails if a goroutine is left.
func TestWatcher_Ends(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*watchedNode)
		after   time.Duration
		byClose bool
	}{
		{name: "at once", byClose: true},
		{name: "at once, by its context"},
		{name: "when it runs", after: 3 * time.Second, byClose: true},
		{
			name:    "when the server is down",
			prepare: func(n *watchedNode) { n.feed.SetDown(true) },
			after:   time.Minute,
		},
		{
			name:    "when the server does not answer",
			prepare: func(n *watchedNode) { n.feed.SetDeaf(true) },
			after:   10 * time.Second,
			byClose: true,
		},
		{
			name:    "when the node is slow",
			prepare: func(n *watchedNode) { n.node.SetLatency(5 * time.Second) },
			after:   18 * time.Second,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newWatchedNode(t)
				defer n.feed.Close()
				if c.prepare != nil {
					c.prepare(n)
				}

				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				w, err := n.client.Watch(ctx, n.loader(), sdk.WatchOptions{
					WebSocket:  feedtest.URL,
					HTTPClient: n.feed.Client(),
				})

				require.NoError(t, err)
				last := w.Status()
				require.NotZero(t, last.Slot)
				market, err := w.Next(t.Context(), nil)
				require.NoError(t, err)
				ended := make(chan error, 1)
				go func() {
					for err == nil {
						market, err = w.Next(t.Context(), market)
					}

					ended <- err
				}()

				time.Sleep(c.after)
				if !c.byClose {
					cancel()
					synctest.Wait()
				}

				require.NoError(t, w.Close())
				require.NoError(t, w.Close(), "twice")
				require.Error(t, <-ended)
				_, err = w.Market()
				require.ErrorIs(t, err, sdk.ErrWatcherClosed)
				_, err = w.Next(t.Context(), nil)
				require.ErrorIs(t, err, sdk.ErrWatcherClosed)
				require.ErrorIs(t, w.Status().Err, sdk.ErrWatcherClosed)
				synctest.Wait()
				require.Zero(t, n.feed.Connections())
			})
		})
	}
}

func TestWatcher_Nil(t *testing.T) {
	for _, w := range []*sdk.Watcher{nil, new(sdk.Watcher)} {
		_, err := w.Market()
		require.ErrorIs(t, err, accounts.ErrNil)
		_, err = w.Next(t.Context(), nil)
		require.ErrorIs(t, err, accounts.ErrNil)
		require.ErrorIs(t, w.Status().Err, accounts.ErrNil)
		require.Zero(t, w.Age())
		require.NoError(t, w.Close())
	}
}

func TestClient_Watch_BadInput(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node)
	loader := route.NewLoader()
	for _, c := range []struct {
		name   string
		client *sdk.Client
		loader *route.Loader
		opts   sdk.WatchOptions
		is     error
		text   string
	}{
		{name: "no client", loader: loader, is: accounts.ErrNil, text: "client"},
		{name: "no loader", client: client, is: accounts.ErrNil, text: "loader"},
		{
			name:   "a negative interval",
			client: client,
			loader: loader,
			opts:   sdk.WatchOptions{PollInterval: -1},
			text:   "negative",
		},
		{
			name:   "HTTP in place of a WebSocket",
			client: client,
			loader: loader,
			opts:   sdk.WatchOptions{WebSocket: "https://host/secretkey"},
			text:   "ws:// or wss://",
		},
		{
			name:   "no host",
			client: client,
			loader: loader,
			opts:   sdk.WatchOptions{WebSocket: "wss:///secretkey"},
			text:   "host",
		},
		{
			name:   "a key in the URL over ws",
			client: client,
			loader: loader,
			opts:   sdk.WatchOptions{WebSocket: "ws://host/?api-key=secretkey"},
			is:     sdk.ErrInsecure,
		},
		{
			name:   "a key in a header over ws",
			client: client,
			loader: loader,
			opts: sdk.WatchOptions{
				WebSocket: "ws://host",
				Header:    http.Header{"X-Key": {"secretkey"}},
			},
			is: sdk.ErrInsecure,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.client.Watch(t.Context(), c.loader, c.opts)
			requireLine(t, err)
			require.ErrorContains(t, err, c.text)
			require.NotContains(t, err.Error(), "secretkey")
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
		})
	}

	require.Empty(t, wire.calls)
}

func TestWebSocketURL(t *testing.T) {
	for _, c := range []struct{ endpoint, want string }{
		{"https://rpc.example.com/?api-key=1", "wss://rpc.example.com/?api-key=1"},
		{"http://127.0.0.1:8899", "ws://127.0.0.1:8900"},
		{"https://user:pw@[::1]:443/path", "wss://user:pw@[::1]:444/path"},
		{"http://localhost", "ws://localhost"},
		{"ftp://host", ""},
		{"http://host:65535", ""},
		{"http://host:0", ""},
		{"::", ""},
		{"", ""},
	} {
		got, err := sdk.WebSocketURL(c.endpoint)
		require.Equal(t, c.want, got)
		require.Equal(t, c.want == "", err != nil, c.endpoint)
	}
}

// A server that accepts few subscriptions leaves the other accounts to polling.
func TestWatcher_Limits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		n.feed.Limit(100)
		w := n.watch(sdk.WatchOptions{MaxConnections: 2})
		defer w.Close()
		n.run(30)
		s := w.Status()
		require.NoError(t, s.Err)
		require.Len(t, s.Parts, 3)
		require.Equal(t, 100, s.Parts[0].Accounts)
		require.Equal(t, 100, s.Parts[1].Accounts)
		require.False(t, s.Parts[2].WebSocket)
		require.Equal(t, 1253-100-99, s.Parts[2].Accounts)
		require.LessOrEqual(t, s.Age, 6*time.Second)

		market, err := w.Market()
		require.NoError(t, err)
		before := out(t, market)
		n.pass(n.changedPool("JitoSOL"))
		n.run(20)
		market, err = w.Market()
		require.NoError(t, err)
		require.Less(t, out(t, market), before)
	})
}

// In a new epoch the market is loaded anew before anything of it is applied.
func TestWatcher_NewEpoch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		seen := new(events)
		w := n.watch(sdk.WatchOptions{Observer: seen, ReloadInterval: time.Hour})
		defer w.Close()
		n.run(20)
		n.node.SetLatency(time.Second)
		clock := n.clock()
		clock.Epoch++
		account, _ := n.node.Account(accounts.ClockSysvar)
		account.Data = clock.Encode()
		n.node.Put(account)
		n.pass(n.changedPool("JitoSOL"))
		synctest.Wait()
		before, err := w.Market()
		require.NoError(t, err)
		require.Equal(t, clock.Epoch-1, before.Clock().Epoch, "until it is loaded")
		n.run(10)
		after, err := w.Market()
		require.NoError(t, err)
		require.Equal(t, clock.Epoch, after.Clock().Epoch)
		require.Equal(t, n.slot, after.Slot())
		loads := seen.of(sdk.WatchLoaded)
		require.Len(t, loads, 2)
		require.Equal(t, "new epoch", loads[1].Reason)
	})
}

// A program that is deployed anew makes the watcher load the market, with the
// new build.
func TestWatcher_NewBuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		client, _ := unpinned(t, n.node)
		n.client = client
		seen := new(events)
		w := n.watch(sdk.WatchOptions{Observer: seen, ReloadInterval: time.Hour})
		defer w.Close()
		n.run(20)

		address, err := accounts.ProgramDataAddress(accounts.MarinadeProgram)
		require.NoError(t, err)
		data := append(accounts.ProgramData{DeploySlot: n.slot + 1}.Encode(), 1, 2, 3)
		n.pass(accounts.Account{
			Address:  address,
			Owner:    accounts.UpgradeableLoader,
			Lamports: 1,
			Data:     data,
		})

		n.run(5)
		loads := seen.of(sdk.WatchLoaded)
		require.Len(t, loads, 2)
		require.Equal(t, "new build of a program", loads[1].Reason)
		require.NoError(t, w.Status().LastFailure)
	})
}

// Notifications of impossible slots, and of possible ones in the near future,
// do not freeze an account.
func TestWatcher_Lies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		w := n.watch(sdk.WatchOptions{})
		defer w.Close()
		n.run(20)

		truth := n.changedPool("JitoSOL")
		lie := truth
		lie.Lamports++
		n.feed.Change(n.slot+1<<50, lie)
		n.feed.Change(n.slot+100, lie)
		n.pass(truth)
		n.run(30)
		market, err := w.Market()
		require.NoError(t, err)
		got, err := market.Account(lie.Address)
		require.NoError(t, err)
		require.Equal(t, lie.Lamports, got.Lamports, "a possible slot is believed at first")
		require.NotZero(t, w.Status().Faults)

		n.run(200)
		market, err = w.Market()
		require.NoError(t, err)
		got, err = market.Account(lie.Address)
		require.NoError(t, err)
		require.Equal(t, truth.Lamports, got.Lamports)
	})
}

// A WebSocket server that lags far behind the node is alive, and what it
// delivers is polled nevertheless.
func TestWatcher_LaggingSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		w := n.watch(sdk.WatchOptions{})
		defer w.Close()
		n.run(20)

		n.node.Advance(1_000)
		changed := n.changedPool("JitoSOL")
		n.node.Put(changed)
		n.run(200)
		market, err := w.Market()
		require.NoError(t, err)
		require.Greater(t, market.Slot(), n.slot+1_000-20)
		got, err := market.Account(changed.Address)
		require.NoError(t, err)
		require.Equal(t, changed.Data, got.Data)
		require.LessOrEqual(t, w.Age(), 6*time.Second)
	})
}

// A sysvar that cannot be decoded is not applied, and delays nothing: the other
// changes of the slot are in the market at once, and nothing is loaded.
func TestWatcher_MalformedSysvar(t *testing.T) {
	for name, sysvar := range map[string]solana.PublicKey{
		"Clock":         accounts.ClockSysvar,
		"Rent":          accounts.RentSysvar,
		"EpochSchedule": accounts.EpochScheduleSysvar,
		"EpochRewards":  accounts.EpochRewardsSysvar,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newWatchedNode(t)
				defer n.feed.Close()
				w := n.watch(sdk.WatchOptions{ReloadInterval: time.Hour})
				defer w.Close()
				n.run(20)

				n.node.ResetCounts()
				market, err := w.Market()
				require.NoError(t, err)
				before := out(t, market)
				known, _ := market.Account(sysvar)
				bad := accounts.Account{
					Address:  sysvar,
					Owner:    accounts.SysvarProgram,
					Lamports: 1,
					Data:     []byte{1, 2, 3},
				}

				n.slot++
				n.feed.Change(n.slot, bad, n.changedPool("JitoSOL"))
				synctest.Wait()
				market, err = w.Market()
				require.NoError(t, err)
				require.Less(t, out(t, market), before)
				got, _ := market.Account(sysvar)
				require.Equal(t, known, got)
				time.Sleep(2 * time.Second)
				require.Zero(t, n.node.Calls("*"), "nothing is loaded")
				require.NoError(t, w.Status().LastFailure)
			})
		})
	}
}

// An account of which the market keeps only the beginning is read again without
// the rest: a whole program has megabytes.
func TestWatcher_ReadsBeginnings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		client, wire := unpinned(t, n.node)
		n.client = client
		w := n.watch(sdk.WatchOptions{ReloadInterval: time.Hour})
		defer w.Close()
		synctest.Wait()
		market, err := w.Market()
		require.NoError(t, err)
		address, err := accounts.ProgramDataAddress(accounts.MarinadeProgram)
		require.NoError(t, err)
		header, ok := n.node.Account(address)
		require.True(t, ok)

		// Two sources report a state of the same slot, and no other part is
		// polled any more.
		before := len(wire.of("getMultipleAccounts"))
		n.feed.Change(market.Slot(), header)
		n.run(10)
		read := 0
		for _, c := range wire.of("getMultipleAccounts")[before:] {
			if strings.Contains(string(c.Params[0]), address.String()) {
				read++
				require.NotNil(t, c.options().DataSlice)
			}
		}

		require.NotZero(t, read)
	})
}
