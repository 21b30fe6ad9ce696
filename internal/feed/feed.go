// Package feed receives accounts as they change, over the WebSocket
// subscriptions of a node.
//
// [Feed.Run] keeps the connections. What they deliver is collected by account,
// so memory is bounded however slow the reader is: [Feed.Ready] tells that
// there is something, and [Feed.Take] returns it, the latest state of each
// account.
//
// A feed alone does not know what it missed. Each connection therefore counts
// its generations: a new one begins when the subscriptions are complete, and
// after each event that may have lost a change. The reader then loads the
// accounts of the connection, at [Connection.From] or later.
package feed

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

// Want is an account to subscribe to.
type Want struct {
	Address solana.PublicKey
	// Length is the number of bytes to receive from the start of the account's
	// data. Zero receives all data.
	Length int
	// Size is the present length of the account's data, which sets the limit of
	// a message.
	Size int
}

// Defaults of [Options].
const (
	defaultPerConnection = 500
	defaultConnections   = 8
	defaultSilence       = 5 * time.Second
	defaultBaseDelay     = 250 * time.Millisecond
	defaultMaxDelay      = 30 * time.Second
)

// Options adjusts a [Feed]. The zero value of each field but Socket and Slots
// selects the default.
type Options struct {
	Socket     *jsonrpc.Socket
	HTTPClient *http.Client
	Commitment string
	// Beat is an account that changes in every slot: the Clock.
	Beat solana.PublicKey
	// PerConnection is the largest number of accounts of a connection, and
	// Connections the largest number of connections. Accounts beyond them are
	// not subscribed to.
	PerConnection, Connections int
	// Silence is the time after which a connection without notifications of
	// slots counts as dead.
	Silence time.Duration
	// BaseDelay and MaxDelay set the exponential backoff with full jitter
	// between two connections.
	BaseDelay, MaxDelay time.Duration
	// Plausible returns an error for a slot that no node can have reached yet.
	Plausible func(slot uint64) error
	Logger    *slog.Logger
}

// Feed is a set of subscriptions, spread over connections.
type Feed struct {
	opts Options

	mu          sync.Mutex
	ready       chan struct{}
	accounts    map[solana.PublicKey]Account
	connections []*Connection
	rest        []Want
	// beat is the account that changes in every slot, or nil.
	beat *Want
	// limit is the number of accounts that a connection may have. It falls when
	// the server refuses more.
	limit int
	// start starts a connection. It is nil unless Run runs.
	start func(*Connection)
}

// Connection is the state of a connection.
type Connection struct {
	Number int
	// Accounts are the accounts that the server delivers. They are complete
	// while the connection is live.
	Accounts []Want
	// Live reports whether changes are being delivered.
	Live bool
	// Generation counts how often the delivery has begun anew.
	Generation uint64
	// From is the slot after which this generation delivers all changes.
	From uint64
	// Slot is the latest slot of the heartbeat, and Tip the latest slot of any
	// notification of a slot.
	Slot, Tip uint64
	// Heard is the time of the latest heartbeat.
	Heard time.Time
	// Drops is the number of lost connections, Gaps that of other events which
	// may have lost a change, and Faults that of messages that were refused.
	Drops, Gaps, Faults uint64
	// Err is why the connection was lost, or nil while it is live.
	Err error
}

// Delivery has the changes that a feed has collected. Do not write to its
// lists.
type Delivery struct {
	Accounts    []Account
	Connections []Connection
	// Rest are the accounts that no connection delivers.
	Rest []Want
}

// New returns a feed of accounts. It does not connect yet.
func New(o Options, wants []Want) *Feed {
	setDefault(&o.PerConnection, defaultPerConnection)
	setDefault(&o.Connections, defaultConnections)
	setDefault(&o.Silence, defaultSilence)
	setDefault(&o.BaseDelay, defaultBaseDelay)
	setDefault(&o.MaxDelay, defaultMaxDelay)
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{}
	}

	if o.Plausible == nil {
		o.Plausible = func(uint64) error { return nil }
	}

	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}

	f := &Feed{
		opts:     o,
		ready:    make(chan struct{}, 1),
		accounts: make(map[solana.PublicKey]Account),
		limit:    o.PerConnection,
	}

	for _, w := range wants {
		if w.Address == o.Beat {
			f.beat = &w
		}
	}

	f.assign(wants)

	return f
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// assign spreads accounts over new connections, as far as there may be more.
// The lock must be held once the feed runs.
func (f *Feed) assign(wants []Want) {
	for len(wants) > 0 && len(f.connections) < f.opts.Connections {
		c := &Connection{Number: len(f.connections)}
		room := f.limit
		if f.beat != nil && c.Number > 0 {
			// Each connection has to show that it delivers accounts.
			c.Accounts = append(c.Accounts, *f.beat)
			room--
		}

		size := min(max(room, 1), len(wants))
		c.Accounts = append(c.Accounts, wants[:size]...)
		f.connections = append(f.connections, c)
		wants = wants[size:]

		if f.start != nil {
			f.start(c)
		}
	}

	f.rest = append(f.rest, wants...)
}

// Run connects and delivers until the context ends. All its goroutines have
// ended when it returns.
func (f *Feed) Run(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()

	f.mu.Lock()
	defer f.mu.Unlock()
	f.start = func(c *Connection) {
		s := newSocket(f, c)
		group.Go(func() { s.run(ctx) })
	}

	for _, c := range f.connections {
		f.start(c)
	}

	f.mu.Unlock()
	<-ctx.Done()
	f.mu.Lock()
	f.start = nil
}

// Ready returns a channel that receives a value when there is something to
// take.
func (f *Feed) Ready() <-chan struct{} { return f.ready }

// Take returns what was delivered since the last call, and the state of the
// connections.
func (f *Feed) Take() Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := Delivery{Rest: slices.Clip(f.rest), Connections: make([]Connection, len(f.connections))}
	if len(f.accounts) > 0 {
		d.Accounts = make([]Account, 0, len(f.accounts))
		for _, a := range f.accounts {
			d.Accounts = append(d.Accounts, a)
		}

		clear(f.accounts)
	}

	for i, c := range f.connections {
		d.Connections[i] = *c
	}

	return d
}

// update changes the state of a connection and wakes the reader.
func (f *Feed) update(change func()) {
	f.mu.Lock()
	change()
	f.mu.Unlock()
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

// deliver stores an account, unless a later state of it waits already. The lock
// must be held.
func (f *Feed) deliver(a Account) {
	if before, ok := f.accounts[a.Address]; !ok || before.Slot <= a.Slot {
		f.accounts[a.Address] = a
	}
}

// refuse takes accounts from a connection that the server refused, and gives
// them to others. The lock must be held.
func (f *Feed) refuse(c *Connection, refused []Want) {
	c.Accounts = without(c.Accounts, refused)
	if len(c.Accounts) == 0 {
		// The server accepts no subscription, so more connections do not help.
		f.rest = append(f.rest, refused...)
		return
	}

	f.limit = min(f.limit, len(c.Accounts))
	if c.Number > 0 && f.beat != nil {
		refused = without(refused, []Want{*f.beat}) // The first connection has it.
	}

	f.assign(refused)
}

// without returns a copy of a list without some of its accounts.
func without(list, some []Want) []Want {
	isOut := make(map[solana.PublicKey]bool, len(some))
	for _, w := range some {
		isOut[w.Address] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(w Want) bool { return isOut[w.Address] })
}
