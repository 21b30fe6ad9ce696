package jsonrpc

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxRetryAfter = 30 * time.Second

// isRead reports whether a method can be repeated without doing anything
// twice.
func isRead(method string) bool {
	if method == "simulateTransaction" {
		return true
	}
	for _, prefix := range []string{"get", "is"} {
		// The capital keeps an "issueX" out.
		if rest, ok := strings.CutPrefix(method, prefix); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return true
		}
	}
	return false
}

// handler takes the response of one attempt.
type handler func(*http.Request, *http.Response) *Error

// tries are the attempts that one call may make at one endpoint: which, and
// after which failures another one.
type tries struct {
	first, last int
	again       func(*Error) bool
}

// tries of a call that has this endpoint only.
func (c *core) tries(repeatable bool) tries {
	if !repeatable {
		return tries{first: 1, last: 1, again: (*Error).Temporary}
	}
	return tries{first: 1, last: c.opts.MaxAttempts, again: (*Error).Temporary}
}

// run sends body until an attempt succeeds, fails for good, or the attempts or
// the context run out.
func (c *core) run(ctx context.Context, method string, t tries, body []byte, handle handler) error {
	var last *Error
	for n := t.first; ; n++ {
		sent, e := c.attempt(ctx, method, n, body, handle)
		if e == nil {
			return nil
		}
		if !sent {
			return c.abandon(ctx, e, last)
		}
		e.Attempts = n
		if n >= t.last || !t.again(e) || ctx.Err() != nil {
			return e
		}
		delay := c.backoff(n, e.RetryAfter)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
			return e
		}
		last = e
		if err := c.opts.Sleep(ctx, delay); err != nil {
			return c.abandon(ctx, c.fail(method, err.Error(), err), last)
		}
	}
}

// abandon chooses what to report when waiting failed: the last answer of the
// server unless the caller withdrew, in which case that is the news and the
// last answer a note to it.
func (c *core) abandon(ctx context.Context, e, last *Error) *Error {
	if last == nil {
		return e
	}
	if ctx.Err() == nil {
		return last
	}
	e.Attempts = last.Attempts
	e.Message = c.clean(e.Message + " after " + last.detail())
	return e
}

// attempt waits for its turn and makes one exchange. It reports whether a
// request was sent at all.
func (c *core) attempt(ctx context.Context, method string, n int, body []byte, handle handler) (sent bool, e *Error) {
	if err := ctx.Err(); err != nil {
		return false, c.fail(method, err.Error(), err)
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return false, c.fail(method, ctx.Err().Error()+" while waiting for a free slot", ctx.Err())
	}
	if c.opts.Limiter != nil {
		if err := c.opts.Limiter.Wait(ctx); err != nil {
			cause := ctx.Err()
			if cause == nil {
				// The limiter saw that the deadline would pass first; it has
				// no error value for that.
				cause = context.DeadlineExceeded
			}
			return false, c.fail(method, cause.Error()+" while waiting for the rate limiter", cause)
		}
	}
	start := time.Now()
	status, e := c.exchange(ctx, method, body, handle)
	c.record(ctx, method, n, time.Since(start), status, e)
	return true, e
}

// exchange sends one request and has the response handled, all of it within
// one timeout.
func (c *core) exchange(ctx context.Context, method string, body []byte, handle handler) (status int, e *Error) {
	bounded, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(bounded, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return 0, c.failTransport(ctx, method, err)
	}
	req.Header = c.header.Clone()
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, c.failTransport(ctx, method, err)
	}
	if resp == nil || resp.Body == nil { // only a foreign Doer does this
		return 0, c.fail(method, "HTTP client returned no response")
	}
	defer resp.Body.Close()
	resp.Body = &cappedBody{ReadCloser: resp.Body, left: c.opts.MaxBody}
	e = handle(req, resp)
	if e != nil {
		e.HTTPStatus = resp.StatusCode
		e.RetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"))
	}
	return resp.StatusCode, e
}

// record leaves out messages: they are the server's text.
func (c *core) record(ctx context.Context, method string, n int, took time.Duration, status int, e *Error) {
	level, code := slog.LevelDebug, 0
	if e != nil {
		level, code = slog.LevelWarn, e.Code
	}
	c.log.LogAttrs(ctx, level, "rpc attempt",
		slog.String("method", method),
		slog.String("host", c.host),
		slog.Int("attempt", n),
		slog.Duration("duration", took),
		slog.Int("status", status),
		slog.Int("code", code),
		slog.Bool("ok", e == nil))
}

// backoff is how long to wait after failed attempt n. Full jitter spreads the
// callers that failed together.
func (c *core) backoff(n int, retryAfter time.Duration) time.Duration {
	ceiling := c.opts.MaxDelay
	if doublings := n - 1; doublings < 32 && c.opts.BaseDelay < ceiling>>doublings {
		ceiling = c.opts.BaseDelay << doublings
	}
	return max(rand.N(ceiling), min(retryAfter, maxRetryAfter))
}

// parseRetryAfter reads both forms of the header, seconds and date.
func parseRetryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
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
