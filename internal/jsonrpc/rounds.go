package jsonrpc

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxRetryAfter = 30 * time.Second
	// maxBlindPause is the longest pause for a node that lags but does not
	// report by how many slots.
	maxBlindPause = 2 * time.Second
)

// fleet is the set of endpoints that a call can use.
type fleet struct {
	endpoints []*endpoint // in order of preference
	opts      FailoverOptions
}

// endpoint is an endpoint of a fleet with its record of failures.
type endpoint struct {
	*core
	cluster *cluster // nil if the cluster is not checked
	member  *member  // the endpoint in that cluster

	mu    sync.Mutex
	rest  time.Duration // the current or last rest; zero after a success
	until time.Time     // the end of the rest
}

// ask makes attempt n of a call at one endpoint.
type ask func(ctx context.Context, e *endpoint, n int) *Error

// candidate is an endpoint in the view of one call.
type candidate struct {
	*endpoint
	once    bool          // at most one attempt
	asked   int           // attempts so far
	counted int           // those attempts that count towards Options.MaxAttempts
	waited  time.Duration // sum of the pauses of this call
	last    *Error        // the failure of the last attempt
	pause   time.Duration // the pause before the next attempt
	closed  bool          // no further attempt
}

// run tries the endpoints one after the other until one answers. After a pause,
// it tries again those that may recover.
//
// Only the failure of an executed transaction is final, see [Error.final].
// After any other failure, the next endpoint may succeed: each provider has its
// own codes for limits and plans, and no list of them is complete.
func (f *fleet) run(ctx context.Context, method string, repeatable bool, ask ask) error {
	if err := ctx.Err(); err != nil {
		return f.endpoints[0].fail(method, err.Error(), err)
	}

	candidates := f.candidates(repeatable)
	for {
		if done, err := f.round(ctx, method, candidates, ask); done {
			return err
		}

		pause := shortestPause(candidates)
		if pause == math.MaxInt64 {
			return failure(method, candidates, nil)
		}

		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			return failure(method, candidates, nil)
		}

		if f.endpoints[0].opts.Sleep(ctx, pause) != nil {
			return failure(method, candidates, ctx.Err())
		}

		for _, c := range candidates {
			c.waited += pause
		}
	}
}

// candidates returns the endpoints for one call, the best one first. A call
// that cannot be repeated gets only one.
func (f *fleet) candidates(repeatable bool) []*candidate {
	awake, resting, foreign := f.order()
	all := slices.Concat(awake, resting, foreign)
	if !repeatable {
		all = all[:1]
	}
	candidates := make([]*candidate, len(all))
	for i, e := range all {
		candidates[i] = &candidate{endpoint: e, once: !repeatable || e.opts.MaxAttempts == 1}
	}
	return candidates
}

// round tries each open candidate. It reports whether the call is done,
// successfully or not.
func (f *fleet) round(
	ctx context.Context, method string, candidates []*candidate, ask ask,
) (done bool, err error) {
	for i, c := range candidates {
		if c.closed {
			continue
		}

		share, cancel := shareOf(ctx, countOpen(candidates[i:]))
		e := ask(share, c.endpoint, c.asked+1)
		late := share.Err() != nil && ctx.Err() == nil
		cancel()
		if e == nil {
			c.recovered()
			return true, nil
		}

		if late {
			e.transient = true // another attempt gets a new share of the time
		}

		c.failed(e)
		if ctx.Err() != nil {
			return true, failure(method, candidates, ctx.Err())
		}

		f.note(c.endpoint, e)
		if e.final() {
			return true, e
		}

		if len(candidates) > 1 {
			f.opts.Logger.LogAttrs(ctx, slog.LevelWarn, "rpc failover",
				slog.String("method", method),
				slog.String("host", c.host),
				slog.Int("status", e.HTTPStatus),
				slog.Int("code", e.Code))
		}
	}

	return false, nil
}

// failed records the failure of an attempt and decides whether to make another
// one.
func (c *candidate) failed(e *Error) {
	if e.Attempts == 0 { // nothing was sent, so the last answer of the server stands
		if c.last == nil {
			c.last = e
		}

		c.closed = true
		return
	}

	c.asked++
	e.Attempts = c.asked
	c.last = e

	var again bool
	c.pause, again = c.again(e)
	c.closed = !again
}

// again reports whether to try again after a failure, and after which pause.
func (c *candidate) again(e *Error) (pause time.Duration, again bool) {
	if c.once || !e.Temporary() {
		return 0, false
	}

	if pause, ok := c.catchUp(e); ok {
		return pause, true
	}

	c.counted++
	pause = c.backoff(c.counted, e.RetryAfter)
	if errors.Is(e, ErrNodeAhead) {
		pause = max(pause, c.opts.SlotTime()) // ask again in another slot
	}

	return pause, c.counted < c.opts.MaxAttempts
}

// catchUp returns the pause for a node that lags. It reports false if e is
// another failure, or if the pause exceeds the remaining patience.
//
// A node that lags n slots needs the time of n slots. The pause is half of
// that, since the next answer may come from another node behind the same
// address.
func (c *candidate) catchUp(e *Error) (time.Duration, bool) {
	slot, left := c.opts.SlotTime(), c.opts.Patience-c.waited
	switch {
	case e.distance > 0:
		if e.distance > uint64(max(left, 0)/slot) {
			return 0, false
		}

		return max(slot, time.Duration(e.distance)*slot/2, min(e.RetryAfter, left)), true

	case errors.Is(e, ErrNodeBehind): // the lag is unknown
		pause := max(slot, min(c.backoff(c.asked, 0), maxBlindPause), min(e.RetryAfter, left))
		return pause, pause <= left
	}

	return 0, false
}

// backoff returns the pause after failed attempt n. Full jitter spreads callers
// that failed together.
func (c *core) backoff(n int, retryAfter time.Duration) time.Duration {
	ceiling := c.opts.MaxDelay
	if doublings := n - 1; doublings < 32 && c.opts.BaseDelay < ceiling>>doublings {
		ceiling = c.opts.BaseDelay << doublings
	}
	return max(rand.N(ceiling), min(retryAfter, maxRetryAfter))
}

// shortestPause returns the shortest pause of all open candidates.
func shortestPause(candidates []*candidate) time.Duration {
	pause := time.Duration(math.MaxInt64)
	for _, c := range candidates {
		if !c.closed {
			pause = min(pause, c.pause)
		}
	}
	return pause
}

func countOpen(candidates []*candidate) int {
	n := 0
	for _, c := range candidates {
		if !c.closed {
			n++
		}
	}
	return n
}

// shareOf returns a context for the first of n endpoints with its share of the
// remaining time. The last endpoint gets all of it.
func shareOf(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok || n < 2 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(n))
}

// failure returns the error of a failed call. ended is the context's error, if
// that ended the call.
func failure(method string, candidates []*candidate, ended error) error {
	var failures []*Error
	for _, c := range candidates {
		if c.last != nil {
			failures = append(failures, c.last)
		}
	}

	first := failures[0]
	if len(candidates) > 1 {
		differs := func(e *Error) bool { return !e.verdict() || e.Code != first.Code }
		if len(failures) < len(candidates) || slices.ContainsFunc(failures, differs) {
			return &EndpointsError{
				Method:   method,
				Failures: failures,
				ended:    ended,
			}
		}

		return first
	}

	// If the caller's context ended, its error comes first and the last failure
	// is a note.
	if ended != nil && !errors.Is(first, ended) {
		only := candidates[0]
		note := only.fail(method, ended.Error()+" after "+first.detail(), ended)
		note.Attempts = first.Attempts
		return note
	}

	return first
}

// EndpointsError is returned when a call failed at every endpoint. errors.Is
// and errors.As examine all failures, those that refer to the request first.
type EndpointsError struct {
	// Method is the JSON-RPC method, or "batch" for a batch.
	Method string
	// Failures are the failures in the order of the attempts.
	Failures []*Error

	ended error // the context's error, if that ended the call
}

// Error returns one line without secrets.
func (e *EndpointsError) Error() string {
	if e == nil {
		return "<nil>"
	}

	text := "rpc " + e.Method
	if e.ended != nil {
		text += ": " + e.ended.Error()
	}

	var all []string
	for _, f := range e.Failures {
		if f != nil {
			all = append(all, f.atEndpoint())
		}
	}

	return text + " failed at " + strings.Join(all, "; at ")
}

// Unwrap returns the failures.
func (e *EndpointsError) Unwrap() []error {
	if e == nil {
		return nil
	}

	var verdicts, others []error
	for _, f := range e.Failures {
		if f != nil && f.verdict() {
			verdicts = append(verdicts, f)
		} else {
			others = append(others, f)
		}
	}

	all := slices.Concat(verdicts, others)
	if e.ended != nil {
		all = append(all, e.ended)
	}

	return all
}

// Temporary reports whether the same call may succeed a little later at one of
// the endpoints.
func (e *EndpointsError) Temporary() bool {
	return e != nil && slices.ContainsFunc(e.Failures, (*Error).Temporary)
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}

	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
