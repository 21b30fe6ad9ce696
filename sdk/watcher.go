package sdk

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/feed"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// Watcher has a market that stays fresh. Create one with [Client.Watch]. It is
// safe for concurrent use.
type Watcher struct {
	client *Client
	loader *route.Loader
	opts   WatchOptions
	socket *jsonrpc.Socket
	cancel context.CancelFunc
	done   chan struct{}
	ended  atomic.Bool

	// origin is when the watcher began. fresh is the time after it at which the
	// market was last known to be current, in nanoseconds.
	origin  time.Time
	fresh   atomic.Int64
	current atomic.Pointer[watchedMarket]

	mu sync.Mutex
	watchState
}

// watchedMarket is a market, and a channel that is closed when there is another
// one.
type watchedMarket struct {
	market   *route.Market
	replaced chan struct{}
}

// watchState is the state of a watcher that its lock guards.
type watchState struct {
	// wants are the accounts to watch, and headers those of them that are
	// program data accounts, with the slot of the program's deployment.
	wants   []feed.Want
	headers map[solana.PublicKey]uint64
	// lengths has the number of bytes of those accounts of which the market
	// keeps only the beginning.
	lengths map[solana.PublicKey]int
	// seen has the slot of each account, and latest the states that are newer
	// than the last load.
	seen   map[solana.PublicKey]accountSighting
	latest map[solana.PublicKey]feed.Account
	// unclear are the accounts of which two sources reported a state of the
	// same slot.
	unclear map[solana.PublicKey]uint64
	// parts are the connections, and rest the accounts that none delivers.
	parts []watchPart
	rest  restPart
	// needsLoad is why the market must be loaded, and stale since when a change
	// is known that the market lacks.
	needsLoad string
	stale     time.Time
	// loaded is when the last successful load began.
	loaded time.Time
	// job is the load or poll that is under way. began is when the last one
	// began, and pause the least time after that until the next.
	job      *watchJob
	began    time.Time
	took     time.Duration
	failures int
	retry    time.Duration
	failure  error
	counts   watchCounts
	events   []WatchEvent
}

// accountSighting is the slot of an account's state and who reported it.
type accountSighting struct {
	slot   uint64
	source int
}

// polled is the source of states that were read over HTTP. Others are numbers
// of connections.
const polled = -1

// watchPart is a connection with what the watcher knows of it.
type watchPart struct {
	feed.Connection
	// synced is the generation whose accounts were read after it began.
	synced uint64
	// fresh is when all accounts of the connection were last known to be
	// current.
	fresh time.Time
}

// restPart are the accounts that no connection delivers, and when they were
// last known to be current.
type restPart struct {
	accounts []feed.Want
	fresh    time.Time
}

type watchCounts struct {
	updates, loads, polls, failures, changed, outdated uint64
	// reconnects, gaps and faults are those of connections that were replaced.
	reconnects, gaps, faults uint64
}

func newWatcher(
	c *Client, loader *route.Loader, opts WatchOptions, socket *jsonrpc.Socket,
) *Watcher {
	return &Watcher{
		client: c,
		loader: loader,
		opts:   opts,
		socket: socket,
		done:   make(chan struct{}),
		origin: time.Now(),
		watchState: watchState{
			latest:  make(map[solana.PublicKey]feed.Account),
			unclear: make(map[solana.PublicKey]uint64),
		},
	}
}

// Market returns the current market. It takes no lock, so any number of
// goroutines may call it as often as they quote.
//
// [ErrMarketTooOld] is returned if the market is older than
// [WatchOptions.MaxAge], and [ErrWatcherClosed] if the watcher has ended.
func (w *Watcher) Market() (*route.Market, error) {
	now, err := w.watched()
	if err != nil {
		return nil, err
	}

	if err := w.checkAge(); err != nil {
		return nil, err
	}

	return now.market, nil
}

// watched returns the current market at any age.
func (w *Watcher) watched() (*watchedMarket, error) {
	if w == nil {
		return nil, fmt.Errorf("%w watcher (create one with Client.Watch)", accounts.ErrNil)
	}

	now := w.current.Load()
	switch {
	case now == nil:
		return nil, fmt.Errorf("%w watcher (create one with Client.Watch)", accounts.ErrNil)
	case w.ended.Load():
		return nil, ErrWatcherClosed
	}

	return now, nil
}

// checkAge returns ErrMarketTooOld if the market is too old.
func (w *Watcher) checkAge() error {
	if w.opts.MaxAge < 0 {
		return nil
	}

	if age := w.Age(); age > w.opts.MaxAge {
		return fmt.Errorf("%w: %.1f s, where %.1f s are allowed", ErrMarketTooOld, age.Seconds(),
			w.opts.MaxAge.Seconds())
	}

	return nil
}

// Age returns the time since all accounts of the market were last known to be
// current: the age of the oldest part, see [WatchStatus.Parts].
func (w *Watcher) Age() time.Duration {
	if w == nil || w.current.Load() == nil {
		return 0
	}

	return max(time.Since(w.origin)-time.Duration(w.fresh.Load()), 0)
}

// Next waits for another market than the given one, and returns it. With nil it
// returns the current one. A slow reader misses markets in between:
//
//	var market *route.Market
//	for {
//		market, err = watcher.Next(ctx, market)
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// It returns the error of the context, [ErrWatcherClosed] if the watcher has
// ended, and [ErrMarketTooOld] like [Watcher.Market].
func (w *Watcher) Next(ctx context.Context, last *route.Market) (*route.Market, error) {
	if ctx == nil {
		return nil, fmt.Errorf("%w context (pass context.Background)", accounts.ErrNil)
	}

	for {
		now, err := w.watched()
		if err != nil {
			return nil, err
		}

		if now.market != last {
			return w.Market()
		}

		select {
		case <-now.replaced:
		case <-w.done:
			return nil, ErrWatcherClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Close ends the watcher. It returns when all goroutines and connections of the
// watcher have ended. It is safe to call it several times.
func (w *Watcher) Close() error {
	if w == nil || w.cancel == nil {
		return nil
	}

	w.cancel()
	<-w.done

	return nil
}

// publish makes a market the current one.
func (w *Watcher) publish(market *route.Market) {
	old := w.current.Swap(&watchedMarket{market: market, replaced: make(chan struct{})})
	if old != nil {
		close(old.replaced)
	}
}
