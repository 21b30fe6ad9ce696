package sdk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// Errors of a [Watcher].
var (
	// ErrMarketTooOld is returned by [Watcher.Market] when the watcher could
	// not confirm for longer than [WatchOptions.MaxAge] that its market is
	// current. [Watcher.Status] has the reason. Wait for [Watcher.Next], or
	// load a market from another endpoint.
	ErrMarketTooOld = errors.New("the watched market is too old " +
		"(wait for the next one, or load a market from another endpoint)")
	// ErrWatcherClosed is returned by the methods of a [Watcher] after its
	// context has ended or [Watcher.Close] was called. Start another one with
	// [Client.Watch].
	ErrWatcherClosed = errors.New("the watcher is closed (start another one with Client.Watch)")
)

// Defaults of [WatchOptions].
const (
	// DefaultMaxAge is the default of [WatchOptions.MaxAge].
	DefaultMaxAge = 30 * time.Second
	// DefaultPollInterval is the default of [WatchOptions.PollInterval].
	DefaultPollInterval = 5 * time.Second
	// DefaultReloadInterval is the default of [WatchOptions.ReloadInterval].
	DefaultReloadInterval = 30 * time.Second
)

// WatchOptions are the options of [Client.Watch]. The zero value polls.
type WatchOptions struct {
	// WebSocket is the URL of the node's WebSocket server, for example
	// "wss://rpc.example.com", see [WebSocketURL]. Without it the watcher polls
	// over HTTP.
	WebSocket string
	// Header is sent when a WebSocket connection is opened, for example with
	// the API key of a provider. The headers of [WithHeader] are not.
	Header http.Header
	// InsecureWebSocket permits to send a key unencrypted over ws:// to another
	// machine. Without it such a URL is [ErrInsecure].
	InsecureWebSocket bool
	// HTTPClient opens the WebSocket connections, for example through a proxy.
	// Nil selects a default client.
	HTTPClient *http.Client
	// MaxSubscriptions is the largest number of accounts of one WebSocket
	// connection, and MaxConnections the largest number of connections. The
	// defaults are 500 and 8. A server that refuses sooner is asked for fewer.
	// Accounts beyond these limits are polled.
	MaxSubscriptions, MaxConnections int
	// MaxAge is the age from which [Watcher.Market] returns [ErrMarketTooOld].
	// The default is [DefaultMaxAge], 30 seconds. A negative value disables the
	// check.
	MaxAge time.Duration
	// PollInterval is the least time between two polls of the accounts that no
	// connection delivers. The default is [DefaultPollInterval], 5 seconds. A
	// poll of all 240 tokens takes some ten requests; [WithRateLimit] spreads
	// them.
	PollInterval time.Duration
	// ReloadInterval is the time between two loads of the whole market, which
	// happen even if all subscriptions work. The default is
	// [DefaultReloadInterval], 30 seconds.
	ReloadInterval time.Duration
	// Observer is told what happens. It may be nil.
	Observer WatchObserver
}

// WebSocketURL returns the URL at which a node with the given HTTP endpoint
// usually serves WebSockets: https becomes wss, http becomes ws, and a port
// that the endpoint names becomes the next one. Examples:
// "https://rpc.example.com/?api-key=1" becomes
// "wss://rpc.example.com/?api-key=1", and "http://127.0.0.1:8899" becomes
// "ws://127.0.0.1:8900". Some providers use other rules.
func WebSocketURL(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", errors.New("endpoint is not a valid URL")
	}

	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	default:
		return "", errors.New("endpoint must start with http:// or https://")
	}

	if text := u.Port(); text != "" {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil || port == 0 || port == 65535 {
			return "", errors.New("endpoint has no port that another one follows")
		}

		u.Host = net.JoinHostPort(u.Hostname(), strconv.FormatUint(port+1, 10))
	}

	return u.String(), nil
}

// Watch loads the market of a loader and keeps it fresh until the context ends
// or [Watcher.Close] is called:
//
//	watcher, err := client.Watch(ctx, route.NewLoader(tokens...), sdk.WatchOptions{
//		WebSocket: "wss://rpc.example.com",
//	})
//	if err != nil {
//		return err
//	}
//	defer watcher.Close()
//
//	market, err := watcher.Market()
//
// With [WatchOptions.WebSocket] it subscribes to each account that prices
// depend on, and applies each change to the market. It loads what it may have
// missed when a connection was lost, when slots were skipped or not notified,
// and every 30 seconds anyway. Without a WebSocket, or for accounts that the
// server refuses, it polls.
//
// The state of an account is never replaced by an older one. A market never
// mixes two epochs: in a new epoch it is loaded anew, as after a new build of a
// program. Its accounts may be of different slots, see [route.Market.Spread].
//
// Watch returns after the first load. It returns the errors of
// [Client.LoadMarketWith], and [ErrInsecure] or another error for a WebSocket
// URL that cannot be used. Later failures do not end the watcher; they are in
// [Watcher.Status].
//
// The watcher runs in goroutines of its own, which end with it. It is the only
// part of this package that does.
func (c *Client) Watch(
	ctx context.Context,
	loader *route.Loader,
	opts WatchOptions,
) (*Watcher, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}

	if loader == nil {
		return nil, fmt.Errorf("watch: %w loader (create one with route.NewLoader)",
			accounts.ErrNil)
	}

	if err := opts.setDefaults(); err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}

	var socket *jsonrpc.Socket
	if opts.WebSocket != "" {
		var err error
		socket, err = jsonrpc.NewSocket(opts.WebSocket, opts.Header, opts.InsecureWebSocket)
		if err != nil {
			return nil, fmt.Errorf("watch: %w", err)
		}
	}

	w := newWatcher(c, loader, opts, socket)
	if err := w.begin(ctx); err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}

	ctx, w.cancel = context.WithCancel(ctx)
	go w.run(ctx)

	return w, nil
}

func (o *WatchOptions) setDefaults() error {
	if o.MaxSubscriptions < 0 || o.MaxConnections < 0 || o.PollInterval < 0 ||
		o.ReloadInterval < 0 {
		return errors.New("negative option (use zero for the default)")
	}

	if o.MaxAge == 0 {
		o.MaxAge = DefaultMaxAge
	}

	if o.PollInterval == 0 {
		o.PollInterval = DefaultPollInterval
	}

	if o.ReloadInterval == 0 {
		o.ReloadInterval = DefaultReloadInterval
	}

	return nil
}
