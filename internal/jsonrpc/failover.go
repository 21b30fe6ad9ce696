package jsonrpc

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gagliardetto/solana-go/rpc"
	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
)

const (
	defaultRest    = time.Second
	defaultMaxRest = time.Minute
)

// FailoverOptions adjusts a [Failover]. The zero value is ready to use.
type FailoverOptions struct {
	// Rest is how long an endpoint comes last after a failure. Each failure of
	// its next trial doubles it, up to MaxRest. Defaults 1 s and 1 min.
	Rest, MaxRest time.Duration
	// Now is the clock that rests are measured by. It never goes back.
	Now func() time.Time
	// Genesis, if it is set, is the genesis hash of the cluster, in base58, that
	// the endpoints must be of. By default they must all be of that of the first
	// one, as far as it tells.
	Genesis string
	// OnCluster is called when the first endpoint to tell its cluster, of which
	// answers were taken, turns out to be the odd one: what was learned from it
	// is of another cluster.
	OnCluster func()
	// Logger receives one record per change to another endpoint. Nil means
	// silence.
	Logger *slog.Logger
}

// Failover sends calls to the first of several endpoints that is able to
// answer. It implements solana-go's rpc.JSONRPCClient and is safe for
// concurrent use.
//
// A read that fails goes to the next endpoint at once, whatever the failure,
// except that what comes of executing a transaction is the same everywhere and
// returned as it is. When all have failed, those that may do better are asked
// again after a pause, each no more often than its Options allow. If the context
// has a deadline, each endpoint gets its share of the time left.
//
// Anything but a read is sent once, to one endpoint.
//
// No answer counts before the endpoint has told the genesis hash of its cluster,
// for which it is asked at the same time; see [ErrWrongCluster].
type Failover struct {
	// A function for the reason that Client has one.
	core func() *fleet
}

// NewFailover returns a transport over clients, the preferred one first.
func NewFailover(clients []*Client, o FailoverOptions) (*Failover, error) {
	if len(clients) == 0 {
		return nil, errors.New("no endpoint")
	}
	if o.Rest < 0 || o.MaxRest < 0 {
		return nil, errors.New("negative option")
	}
	var cores []*core
	for _, client := range clients {
		c := client.core()
		if slices.ContainsFunc(cores, func(other *core) bool { return other.url == c.url }) {
			return nil, errors.New("an endpoint is named twice")
		}
		cores = append(cores, c)
	}
	inner := newFleet(cores, o)
	return &Failover{core: func() *fleet { return inner }}, nil
}

func newFleet(cores []*core, o FailoverOptions) *fleet {
	setDefault(&o.Rest, defaultRest)
	setDefault(&o.MaxRest, defaultMaxRest)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	f := &fleet{opts: o}
	for _, c := range cores {
		f.endpoints = append(f.endpoints, &endpoint{core: c})
	}
	if len(cores) > 1 || o.Genesis != "" {
		newCluster(f)
	}
	return f
}

// String names the endpoints by scheme and host only.
func (f *Failover) String() string {
	var origins []string
	for _, e := range f.core().endpoints {
		origins = append(origins, e.origin)
	}
	return "jsonrpc client of " + strings.Join(origins, ", ")
}

// GoString is String, so that %#v is as discreet as %v.
func (f *Failover) GoString() string { return f.String() }

// Close closes idle connections. The transport stays usable.
func (f *Failover) Close() error {
	for _, e := range f.core().endpoints {
		e.closeIdle()
	}
	return nil
}

// Awake returns each endpoint that does not rest as a transport of its own,
// all of them if all do. What it answers counts for its record here. Endpoints
// known to be of another cluster are left out.
func (f *Failover) Awake() []rpc.JSONRPCClient {
	inner := f.core()
	awake, resting, foreign := inner.order()
	if len(awake) == 0 {
		awake = resting
	}
	if len(awake) == 0 {
		awake = foreign
	}
	return inner.alone(awake)
}

// All returns each endpoint as a transport of its own, in the order of
// preference, whether it rests or not.
func (f *Failover) All() []rpc.JSONRPCClient {
	inner := f.core()
	return inner.alone(inner.endpoints)
}

// Resting reports for each endpoint, in the order of [Failover.All], whether it
// rests after a failure, or is known to be of another cluster.
func (f *Failover) Resting() []bool {
	inner := f.core()
	awake, _, _ := inner.order()
	rests := make([]bool, len(inner.endpoints))
	for i, e := range inner.endpoints {
		rests[i] = !slices.Contains(awake, e)
	}
	return rests
}

func (f *fleet) alone(endpoints []*endpoint) []rpc.JSONRPCClient {
	var alone []rpc.JSONRPCClient
	for _, e := range endpoints {
		view := &fleet{endpoints: []*endpoint{e}, opts: f.opts}
		alone = append(alone, &Failover{core: func() *fleet { return view }})
	}
	return alone
}

// CallForInto is [Client.CallForInto].
func (f *Failover) CallForInto(ctx context.Context, out any, method string, params []any) error {
	return f.core().callForInto(ctx, out, method, params)
}

// CallWithCallback is [Client.CallWithCallback]. Once callback has run, no
// other endpoint is asked.
func (f *Failover) CallWithCallback(ctx context.Context, method string, params []any, callback func(*http.Request, *http.Response) error) error {
	return f.core().callWithCallback(ctx, method, params, callback)
}

// CallBatch is [Client.CallBatch].
func (f *Failover) CallBatch(ctx context.Context, requests upstream.RPCRequests) (upstream.RPCResponses, error) {
	return f.core().callBatch(ctx, requests)
}

// order returns the endpoints that do not rest, the preferred one first, those
// that do, the one that rests shortest first, and those known to be of another
// cluster.
func (f *fleet) order() (awake, resting, foreign []*endpoint) {
	now := f.opts.Now()
	until := make(map[*endpoint]time.Time)
	for _, e := range f.endpoints {
		e.mu.Lock()
		until[e] = e.until
		e.mu.Unlock()
		switch {
		case e.foreign("") != nil:
			foreign = append(foreign, e)
		case until[e].After(now):
			resting = append(resting, e)
		default:
			awake = append(awake, e)
		}
	}
	slices.SortStableFunc(resting, func(a, b *endpoint) int { return until[a].Compare(until[b]) })
	return awake, resting, foreign
}

// note enters a failure in an endpoint's record.
func (f *fleet) note(e *endpoint, failure *Error) {
	if !failure.unwell() {
		return
	}
	now := f.opts.Now()
	e.mu.Lock()
	defer e.mu.Unlock()

	// Calls that fail together are one failure.
	if !e.until.After(now) {
		e.rest = min(max(2*e.rest, f.opts.Rest), f.opts.MaxRest)
		e.until = now.Add(e.rest)
	}
	if asked := now.Add(min(failure.RetryAfter, maxRetryAfter)); asked.After(e.until) {
		e.until = asked
	}
}

func (e *endpoint) recovered() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rest, e.until = 0, time.Time{}
}
