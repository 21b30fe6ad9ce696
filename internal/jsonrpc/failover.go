package jsonrpc

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gagliardetto/solana-go/rpc"
	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
)

const (
	defaultRest    = time.Second
	defaultMaxRest = time.Minute
	// maxPatience is how long a read waits at an endpoint that asks it to slow
	// down, while others might answer at once.
	maxPatience = 2 * time.Second
)

// FailoverOptions adjusts a [Failover]. The zero value is ready to use.
type FailoverOptions struct {
	// Rest is how long an endpoint comes last after a failure. Each failure of
	// its next trial doubles it, up to MaxRest. Defaults 1 s and 1 min.
	Rest, MaxRest time.Duration
	// Now is the clock that rests are measured by. It never goes back.
	Now func() time.Time
	// Logger receives one record per change to another endpoint. Nil means
	// silence.
	Logger *slog.Logger
}

// Failover sends calls to the first of several endpoints that is able to
// answer. It implements solana-go's rpc.JSONRPCClient and is safe for
// concurrent use.
//
// A read that fails for a reason which may be the endpoint's own goes to the
// next one at once, except that an endpoint which asks to slow down is tried
// again first. When all have failed, those that may do better are asked again
// after a pause, each no more often than its Options.MaxAttempts in all. What
// any endpoint would say of the request is returned as it is. If the context
// has a deadline, each endpoint gets its share of the time left.
//
// Anything but a read is sent once, to one endpoint.
type Failover struct {
	// A function for the reason that Client has one.
	core func() *failover
}

type failover struct {
	endpoints []*endpoint
	opts      FailoverOptions
}

// endpoint is one of several, with its record.
type endpoint struct {
	*core
	mu    sync.Mutex
	rest  time.Duration // the current or last one; zero after a success
	until time.Time     // when it ends
}

// NewFailover returns a transport over clients, the preferred one first.
func NewFailover(clients []*Client, o FailoverOptions) (*Failover, error) {
	if len(clients) == 0 {
		return nil, errors.New("jsonrpc: no endpoint")
	}
	if o.Rest < 0 || o.MaxRest < 0 {
		return nil, errors.New("jsonrpc: negative option")
	}
	setDefault(&o.Rest, defaultRest)
	setDefault(&o.MaxRest, defaultMaxRest)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	inner := &failover{opts: o}
	for _, client := range clients {
		c := client.core()
		if slices.ContainsFunc(inner.endpoints, func(e *endpoint) bool { return e.url == c.url }) {
			return nil, errors.New("jsonrpc: an endpoint is named twice")
		}
		inner.endpoints = append(inner.endpoints, &endpoint{core: c})
	}
	return &Failover{core: func() *failover { return inner }}, nil
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
// all of them if all do. What it answers counts for its record here.
func (f *Failover) Awake() []rpc.JSONRPCClient {
	inner := f.core()
	awake, resting := inner.order()
	if len(awake) == 0 {
		awake = resting
	}
	return inner.alone(awake)
}

// All returns each endpoint as a transport of its own, in the order of preference, whether it rests or not.
func (f *Failover) All() []rpc.JSONRPCClient {
	inner := f.core()
	return inner.alone(inner.endpoints)
}

// Resting reports for each endpoint, in the order of [Failover.All], whether it rests after a failure.
func (f *Failover) Resting() []bool {
	inner := f.core()
	_, resting := inner.order()
	rests := make([]bool, len(inner.endpoints))
	for i, e := range inner.endpoints {
		rests[i] = slices.Contains(resting, e)
	}
	return rests
}

func (f *failover) alone(endpoints []*endpoint) []rpc.JSONRPCClient {
	var alone []rpc.JSONRPCClient
	for _, e := range endpoints {
		view := &failover{endpoints: []*endpoint{e}, opts: f.opts}
		alone = append(alone, &Failover{core: func() *failover { return view }})
	}
	return alone
}

// CallForInto is [Client.CallForInto].
func (f *Failover) CallForInto(ctx context.Context, out any, method string, params []any) error {
	return f.core().run(ctx, method, isRead(method), func(ctx context.Context, c *core, t tries) error {
		return c.callForInto(ctx, t, out, method, params)
	})
}

// CallWithCallback is [Client.CallWithCallback]. Once callback has run, no
// other endpoint is asked.
func (f *Failover) CallWithCallback(ctx context.Context, method string, params []any, callback func(*http.Request, *http.Response) error) error {
	var verdict error
	err := f.core().run(ctx, method, isRead(method), func(ctx context.Context, c *core, t tries) error {
		return c.callWithCallback(ctx, t, method, params, func(req *http.Request, resp *http.Response) error {
			verdict = callback(req, resp)
			return nil
		})
	})
	if err != nil {
		return err
	}
	return verdict
}

// CallBatch is [Client.CallBatch].
func (f *Failover) CallBatch(ctx context.Context, requests upstream.RPCRequests) (responses upstream.RPCResponses, err error) {
	err = f.core().run(ctx, batchMethod, onlyReads(requests), func(ctx context.Context, c *core, t tries) (err error) {
		responses, err = c.callBatch(ctx, t, requests)
		return err
	})
	return responses, err
}

// ask makes one call at one endpoint.
type ask func(context.Context, *core, tries) error

// candidate is an endpoint as one call sees it.
type candidate struct {
	*endpoint
	asked  int    // attempts so far
	last   *Error // of the last of them
	closed bool   // it is not asked again
}

func (f *failover) run(ctx context.Context, method string, repeatable bool, call ask) error {
	if err := ctx.Err(); err != nil {
		return f.endpoints[0].fail(method, err.Error(), err)
	}
	awake, resting := f.order()
	all := slices.Concat(awake, resting)
	if !repeatable || len(all) == 1 {
		e := all[0]
		err := call(ctx, e.core, e.tries(repeatable))
		f.note(e, err)
		return err
	}
	candidates := make([]*candidate, len(all))
	for i, e := range all {
		candidates[i] = &candidate{endpoint: e}
	}
	for round := 1; ; round++ {
		if done, err := f.round(ctx, method, candidates, call); done {
			return err
		}
		wait := time.Duration(math.MaxInt64)
		for _, c := range candidates {
			if !c.closed {
				wait = min(wait, c.last.RetryAfter)
			}
		}
		failure := joined(method, candidates)
		if wait == math.MaxInt64 {
			return failure
		}
		wait = all[0].backoff(round, wait)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return failure
		}
		if err := all[0].opts.Sleep(ctx, wait); err != nil {
			failure.ended = err
			return failure
		}
	}
}

// round asks each candidate that is still open. It reports whether the call is
// done, with or without success.
func (f *failover) round(ctx context.Context, method string, candidates []*candidate, call ask) (done bool, err error) {
	for i, c := range candidates {
		if c.closed {
			continue
		}
		left := 0
		for _, other := range candidates[i:] {
			if !other.closed {
				left++
			}
		}
		share, cancel := shareOf(ctx, left)
		err := call(share, c.core, tries{first: c.asked + 1, last: c.opts.MaxAttempts, again: worthWaiting})
		late := share.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil {
			c.recovered()
			return true, nil
		}
		e, ok := err.(*Error) //nolint:errorlint // what core returns is one, and not wrapped
		if !ok {
			return true, err
		}
		if late {
			e.transient = true // it used up its share, which another attempt need not
		}
		c.closed = e.Attempts <= c.asked || e.Attempts >= c.opts.MaxAttempts || !e.Temporary()
		c.asked, c.last = max(c.asked, e.Attempts), e
		if ctx.Err() != nil {
			failure := joined(method, candidates)
			failure.ended = ctx.Err()
			return true, failure
		}
		if !e.elsewhere() {
			return true, e
		}
		f.note(c.endpoint, e)
		f.opts.Logger.LogAttrs(ctx, slog.LevelWarn, "rpc failover",
			slog.String("method", method), slog.String("host", c.host), slog.Int("status", e.HTTPStatus), slog.Int("code", e.Code))
	}
	return false, nil
}

// shareOf gives the first of n endpoints its share of the time left. The last
// one gets all of it.
func shareOf(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok || n < 2 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(n))
}

// worthWaiting reports whether to wait for this endpoint while there are
// others.
func worthWaiting(e *Error) bool {
	return e.limited() && e.RetryAfter <= maxPatience
}

// order returns the endpoints that do not rest, the preferred one first, and
// those that do, the one that rests shortest first.
func (f *failover) order() (awake, resting []*endpoint) {
	now := f.opts.Now()
	until := make(map[*endpoint]time.Time)
	for _, e := range f.endpoints {
		e.mu.Lock()
		until[e] = e.until
		e.mu.Unlock()
		if until[e].After(now) {
			resting = append(resting, e)
		} else {
			awake = append(awake, e)
		}
	}
	slices.SortStableFunc(resting, func(a, b *endpoint) int { return until[a].Compare(until[b]) })
	return awake, resting
}

// note enters the outcome of a call in an endpoint's record.
func (f *failover) note(e *endpoint, err error) {
	if err == nil {
		e.recovered()
		return
	}
	var failure *Error
	if !errors.As(err, &failure) || !failure.unwell() {
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

// EndpointsError says that a call failed at every endpoint, and how at each.
// To errors.Is and errors.As it is any of the failures.
type EndpointsError struct {
	Method   string
	Failures []*Error // in the order the endpoints were asked
	ended    error    // the context's error, if that ended the call
}

// Error is one line without secrets.
func (e *EndpointsError) Error() string {
	text := "rpc " + e.Method
	if e.ended != nil {
		text += ": " + e.ended.Error()
	}
	separator := " failed at "
	for _, f := range e.Failures {
		text += separator + f.atEndpoint()
		separator = "; at "
	}
	return text
}

// Unwrap returns the failures.
func (e *EndpointsError) Unwrap() []error {
	var all []error
	for _, f := range e.Failures {
		all = append(all, f)
	}
	if e.ended != nil {
		all = append(all, e.ended)
	}
	return all
}

// Temporary reports whether the same call may succeed a little later at one of
// the endpoints.
func (e *EndpointsError) Temporary() bool { return slices.ContainsFunc(e.Failures, (*Error).Temporary) }

// joined makes one error of how the candidates failed.
func joined(method string, candidates []*candidate) *EndpointsError {
	e := &EndpointsError{Method: method}
	for _, c := range candidates {
		if c.last != nil {
			e.Failures = append(e.Failures, c.last)
		}
	}
	return e
}
