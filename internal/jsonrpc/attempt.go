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

// maxErrorBody bounds the read part of a failed response, in bytes. Only a
// short message is made from it.
const maxErrorBody = 1 << 20

// The limits for response bodies, in bytes, by content: accounts, a
// transaction, or a few numbers.
const (
	maxAccountsBody    = 16 << 20
	maxTransactionBody = 4 << 20
	maxSmallBody       = 256 << 10

	// lightBody is the size up to which several bodies may be in memory
	// together.
	lightBody = 256 << 10
)

// isRead reports whether a method has no effect, so that it can be repeated.
func isRead(method string) bool {
	if method == "simulateTransaction" {
		return true
	}

	for _, prefix := range []string{"get", "is"} {
		// The capital letter excludes names such as "issueX".
		if rest, ok := strings.CutPrefix(method, prefix); ok && rest != "" && rest[0] >= 'A' &&
			rest[0] <= 'Z' {
			return true
		}
	}

	return false
}

// handler processes the response of one attempt.
type handler func(*http.Request, *http.Response) *Error

// attempt waits for a free slot and makes the nth HTTP exchange of a call. If
// it sent no request, the Error has zero Attempts.
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
	defer cancel() // so that the wait is short

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
			// The limiter refuses a wait beyond the deadline and has no error
			// value for that.
			cause = context.DeadlineExceeded
		}

		return c.fail(method, cause.Error()+" while waiting for the rate limiter", cause)
	}

	return nil
}

// exchange sends one request and passes the response to handle, all within
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

	if resp == nil || resp.Body == nil { // possible with a custom Doer only
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

// read returns the body of a 2xx response, or an Error for any other. Call
// release once the body, which may be large, is decoded.
func (c *core) read(
	ctx context.Context, method string, req *http.Request, resp *http.Response,
) (body []byte, release func(), failure *Error) {
	if !success(resp.StatusCode) {
		// The status matters most: half a body explains it better than an error
		// about the missing half.
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

// readAll reads a body. Only one large body is in memory at a time, so that an
// endpoint that answers many requests with large bodies uses no more memory
// than with one.
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

	// Pieces produce less garbage than a growing slice.
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

	if err != io.EOF { //nolint:errorlint // readers return io.EOF unwrapped
		return nil, release, err
	}

	return slices.Concat(pieces...), release, nil
}

// record logs an attempt without its message, which is text of the server.
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

// cappedBody returns ErrBodyTooLarge after left bytes. It counts bytes after
// decompression, the ones that use memory.
type cappedBody struct {
	io.ReadCloser
	left int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrBodyTooLarge
	}

	if int64(len(p)) > b.left {
		p = p[:b.left+1] // one extra byte tells full from too large
	}

	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, ErrBodyTooLarge
	}

	return n, err
}

// maxBody returns the limit for the response body of a method, in bytes. An
// account holds at most 10 MiB, which is 14 MiB in base64 and fits into 16 MiB.
// Larger answers of several accounts are requested in parts.
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
