package sdk_test

import (
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
}

func newWatchedNode(t *testing.T) *watchedNode {
	t.Helper()
	n := &watchedNode{t: t, node: demoNode(t), feed: feedtest.NewServer()}
	n.client, _ = connect(t, n.node)
	n.slot = n.clock().Slot
	return n
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

func TestWatcher_First(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWatchedNode(t)
		defer n.feed.Close()
		w := n.watch(sdk.WatchOptions{})
		for range 100 {
			n.pass()
			time.Sleep(400 * time.Millisecond)
		}
		t.Logf("%+v", w.Status())
		require.NoError(t, w.Close())
	})
}
