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
	// Rest is the time for which an endpoint is the last choice after a
	// failure. Each further failure doubles it, up to MaxRest. Defaults 1 s and
	// 1 min.
	Rest, MaxRest time.Duration
	// Now is the clock that measures rests. It must never go back.
	Now func() time.Time
	// Genesis is the genesis hash, in base58, of the cluster that the endpoints
	// must be on. If it is empty, all endpoints must be on the cluster of the
	// first one that reports its genesis hash.
	Genesis string
	// OnCluster is called when an earlier endpoint reports another genesis hash
	// than the one used so far. All data learned before comes from another
	// cluster.
	OnCluster func()
	// Logger receives one record per switch to another endpoint. Nil disables
	// logging.
	Logger *slog.Logger
}

// Failover sends calls to the first of several endpoints that can answer. It
// implements solana-go's rpc.JSONRPCClient and is safe for concurrent use.
//
// A read that fails goes to the next endpoint immediately. The exception is the
// failure of an executed transaction: it is the same everywhere and is
// returned. If all endpoints have failed, those that may recover are tried
// again after a pause, each as often as its Options allow. If the context has a
// deadline, each endpoint gets a share of the remaining time.
//
// A call that is not a read is sent once, to one endpoint.
//
// An answer counts only once the endpoint has answered a concurrent request for
// its genesis hash; see [ErrWrongCluster].
type Failover struct {
	// core is a function for the same reason as in [Client].
	core func() *fleet
}

// NewFailover returns a transport over clients, in order of preference.
func NewFailover(clients []*Client, o FailoverOptions) (*Failover, error) {
	if len(clients) == 0 {
		return nil, errors.New("no endpoint")
	}

	if o.Rest < 0 || o.MaxRest < 0 {
		return nil, errors.New("negative option (use zero for the default)")
	}

	var cores []*core
	for _, client := range clients {
		c := client.core()
		if slices.ContainsFunc(cores, func(other *core) bool { return other.url == c.url }) {
			return nil, errors.New("duplicate endpoint (remove one of the two)")
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

// String returns scheme and host of each endpoint.
func (f *Failover) String() string {
	var origins []string
	for _, e := range f.core().endpoints {
		origins = append(origins, e.origin)
	}
	return "JSON-RPC client of " + strings.Join(origins, ", ")
}

// GoString returns String, so that %#v shows no more than %v.
func (f *Failover) GoString() string { return f.String() }

// Close closes idle connections. The transport stays usable.
func (f *Failover) Close() error {
	for _, e := range f.core().endpoints {
		e.closeIdle()
	}
	return nil
}

// Awake returns each endpoint that does not rest as a transport of its own, or
// all of them if all rest. Their failures also count for f. Endpoints that are
// known to be on another cluster are left out.
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

// All returns each endpoint as a transport of its own, in order of preference,
// resting or not.
func (f *Failover) All() []rpc.JSONRPCClient {
	inner := f.core()
	return inner.alone(inner.endpoints)
}

// Resting reports for each endpoint, in the order of [Failover.All], whether it
// rests after a failure or is known to be on another cluster.
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

// CallForInto works like [Client.CallForInto].
func (f *Failover) CallForInto(ctx context.Context, out any, method string, params []any) error {
	return f.core().callForInto(ctx, out, method, params)
}

// CallWithCallback works like [Client.CallWithCallback]. Once callback has run,
// no other endpoint is used.
func (f *Failover) CallWithCallback(
	ctx context.Context,
	method string,
	params []any,
	callback func(*http.Request, *http.Response) error,
) error {
	return f.core().callWithCallback(ctx, method, params, callback)
}

// CallBatch works like [Client.CallBatch].
func (f *Failover) CallBatch(
	ctx context.Context,
	requests upstream.RPCRequests,
) (upstream.RPCResponses, error) {
	return f.core().callBatch(ctx, requests)
}

// order returns three groups of endpoints: those that do not rest, in order of
// preference; those that rest, the shortest remaining rest first; and those
// known to be on another cluster.
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

// note records a failure of an endpoint.
func (f *fleet) note(e *endpoint, failure *Error) {
	if !failure.unwell() {
		return
	}

	now := f.opts.Now()
	e.mu.Lock()
	defer e.mu.Unlock()

	// Calls that fail during a rest count as one failure.
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
