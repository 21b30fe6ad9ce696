package jsonrpc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxErrorBody is how much of a failed response is read; it ends up in a short
// message.
const maxErrorBody = 1 << 20

// The largest bodies of answers, in bytes, that hold accounts, a transaction,
// or some numbers only.
const (
	maxAccountsBody    = 16 << 20
	maxTransactionBody = 4 << 20
	maxSmallBody       = 256 << 10

	// lightBody is the size below which several may be in memory at once.
	lightBody = 256 << 10
)

// isRead reports whether a method can be repeated without doing anything
// twice.
func isRead(method string) bool {
	if method == "simulateTransaction" {
		return true
	}

	for _, prefix := range []string{"get", "is"} {
		// The capital keeps an "issueX" out.
		if rest, ok := strings.CutPrefix(method, prefix); ok && rest != "" && rest[0] >= 'A' &&
			rest[0] <= 'Z' {
			return true
		}
	}

	return false
}

// handler takes the response of one attempt.
type handler func(*http.Request, *http.Response) *Error

// attempt waits for its turn and makes one exchange, the nth of a call. If no
// request was sent, the Error has no Attempts.
func (e *endpoint) attempt(
	ctx context.Context, method string, n int, body []byte, handle handler,
) *Error {
	if err := ctx.Err(); err != nil {
		return e.fail(method, err.Error(), err)
	}

	if failure := e.foreign(method); failure != nil {
		return failure
	}

	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return e.fail(method, ctx.Err().Error()+" while waiting for a free slot", ctx.Err())
	}

	if failure := e.pace(ctx, method); failure != nil {
		return failure
	}

	bounded, cancel := context.WithTimeout(ctx, e.opts.Timeout)
	defer cancel()
	identity := e.identify(bounded)
	defer identity.wait()
	defer cancel() // so that there is not long to wait

	known := func(req *http.Request, resp *http.Response) *Error {
		identity.wait()
		if failure := e.foreign(method); failure != nil {
			return failure
		}

		if identity.failure != nil && success(resp.StatusCode) {
			return identity.failure.of(method)
		}

		return handle(req, resp)
	}

	failure := e.exchange(ctx, bounded, method, n, body, known)
	if failure != nil {
		failure.Attempts = 1
	}

	return failure
}

// pace waits for the rate limiter.
func (c *core) pace(ctx context.Context, method string) *Error {
	if c.opts.Limiter == nil {
		return nil
	}

	if err := c.opts.Limiter.Wait(ctx); err != nil {
		cause := ctx.Err()
		if cause == nil {
			// The limiter saw that the deadline would pass first; it has no
			// error value for that.
			cause = context.DeadlineExceeded
		}

		return c.fail(method, cause.Error()+" while waiting for the rate limiter", cause)
	}

	return nil
}

// exchange sends one request and has the response handled, all of it within
// bounded, which is ctx with a timeout.
func (c *core) exchange(
	ctx, bounded context.Context, method string, n int, body []byte, handle handler,
) (failure *Error) {
	start, status := time.Now(), 0
	defer func() { c.record(ctx, method, n, time.Since(start), status, failure) }()

	req, err := http.NewRequestWithContext(bounded, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return c.failTransport(ctx, method, err)
	}

	req.Header = c.header.Clone()
	resp, err := c.http.Do(req)
	if err != nil {
		return c.failTransport(ctx, method, err)
	}

	if resp == nil || resp.Body == nil { // only a foreign Doer does this
		return c.fail(method, "HTTP client returned no response")
	}

	defer resp.Body.Close()
	status = resp.StatusCode
	resp.Body = &cappedBody{ReadCloser: resp.Body, left: c.maxBody(method)}
	if failure = handle(req, resp); failure != nil {
		failure.HTTPStatus = resp.StatusCode
		failure.RetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"))
	}

	return failure
}

// read returns the body of a 2xx response and turns any other into an Error.
// The body may be large: release it when it is decoded.
func (c *core) read(
	ctx context.Context, method string, req *http.Request, resp *http.Response,
) (body []byte, release func(), failure *Error) {
	if !success(resp.StatusCode) {
		// The status is the news; half a body explains it better than an
		// error about the other half.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return nil, func() {}, c.failStatus(method, resp.StatusCode, body)
	}

	body, release, err := c.readAll(req.Context(), resp.Body)
	switch {
	case err == nil:
		return body, release, nil
	case errors.Is(err, ErrBodyTooLarge):
		failure = c.fail(method, fmt.Sprintf("response body exceeds %d bytes", c.maxBody(method)),
			err)
	case ctx.Err() == nil && errors.Is(err, io.ErrUnexpectedEOF):
		failure = c.failTemporary(method, "response body is cut short", ErrBadResponse, err)
	default:
		failure = c.failTransport(ctx, method, err)
	}

	release()
	return nil, release, failure
}

// readAll reads a body. Of the large ones a single one at a time is in memory,
// so that an endpoint which answers all requests at once with as much as it may
// fills no more than with one.
func (c *core) readAll(
	ctx context.Context, from io.Reader,
) (body []byte, release func(), err error) {
	release = func() {}
	body, err = io.ReadAll(io.LimitReader(from, lightBody))
	if err != nil || len(body) < lightBody {
		return body, release, err
	}

	select {
	case c.heavy <- struct{}{}:
		release = sync.OnceFunc(func() { <-c.heavy })
	case <-ctx.Done():
		return nil, release, ctx.Err()
	}

	// Pieces make less garbage than a slice that grows.
	pieces := [][]byte{body}
	for err == nil {
		piece := make([]byte, 0, lightBody)
		for err == nil && len(piece) < cap(piece) {
			var n int
			n, err = from.Read(piece[len(piece):cap(piece)])
			piece = piece[:len(piece)+n]
		}

		pieces = append(pieces, piece)
	}

	if err != io.EOF { //nolint:errorlint // a reader returns it as it is
		return nil, release, err
	}

	return slices.Concat(pieces...), release, nil
}

// record leaves out messages: they are the server's text.
func (c *core) record(
	ctx context.Context, method string, n int, took time.Duration, status int, failure *Error,
) {
	level, code := slog.LevelDebug, 0
	if failure != nil {
		level, code = slog.LevelWarn, failure.Code
	}

	c.log.LogAttrs(ctx, level, "rpc attempt",
		slog.String("method", method),
		slog.String("host", c.host),
		slog.Int("attempt", n),
		slog.Duration("duration", took),
		slog.Int("status", status),
		slog.Int("code", code),
		slog.Bool("ok", failure == nil))
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

// cappedBody fails instead of ending when more than left bytes come. The
// bytes are those after decompression, which is what fills memory.
type cappedBody struct {
	io.ReadCloser
	left int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrBodyTooLarge
	}

	if int64(len(p)) > b.left {
		p = p[:b.left+1] // one more than allowed, to tell full from too large
	}

	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, ErrBodyTooLarge
	}

	return n, err
}

// maxBody is the largest body that the answer to a method may have, in bytes.
// An account holds 10 MiB at most, which is less than 16 MiB in base64: an
// answer with more of them than fit is asked for in parts.
func (c *core) maxBody(method string) int64 {
	switch method {
	case accountsMethod, "getAccountInfo":
		return min(c.opts.MaxBody, maxAccountsBody)
	case "getTransaction", "simulateTransaction":
		return min(c.opts.MaxBody, maxTransactionBody)
	case genesisMethod, "getBalance", "getBlockHeight", "getEpochInfo", "getFeeForMessage",
		"getLatestBlockhash", "getRecentPerformanceSamples", "getRecentPrioritizationFees",
		"getSignatureStatuses", "getSlot", "getStakeMinimumDelegation", "isBlockhashValid",
		"sendTransaction":
		return min(c.opts.MaxBody, maxSmallBody)
	}

	return c.opts.MaxBody
}
