package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/gagliardetto/solana-go"
	"golang.org/x/sync/errgroup"
)

const (
	accountsMethod = "getMultipleAccounts"
	// maxJoinedBody bounds the sum of the parts of one answer, in bytes.
	maxJoinedBody = 32 << 20
)

// batchSize is the number of accounts in one request to an endpoint.
type batchSize struct {
	size atomic.Int64
	// refused reports whether the endpoint refused even a single account the
	// last time, so that the number is not the reason.
	refused atomic.Bool
}

// accountsOf returns the addresses of a request that can be split.
func accountsOf(method string, params []any) (keys []solana.PublicKey, ok bool) {
	if method != accountsMethod || len(params) == 0 {
		return nil, false
	}
	keys, ok = params[0].([]solana.PublicKey)
	return keys, ok && len(keys) > 1
}

// accounts requests accounts in as many requests as the endpoint needs, and
// decodes them as one result.
func (e *endpoint) accounts(
	ctx context.Context, n int, keys []solana.PublicKey, options []any, decode decoder,
) *Error {
	s := &split{
		endpoint: e,
		n:        n,
		options:  options,
	}
	if len(keys) > int(e.batch.size.Load()) {
		parts, failure := s.parts(ctx, keys)
		return s.joined(parts, failure, decode)
	}

	refusal := e.one(ctx, accountsMethod, n, s.params(keys), decode)
	switch {
	case refusal == nil:
		e.batch.refused.Store(false)
		return nil
	case !s.worthSplitting(keys, refusal):
		return refusal
	}

	parts, failure := s.halves(ctx, keys, refusal)

	return s.joined(parts, failure, decode)
}

// split is a request for accounts that is made in parts.
type split struct {
	*endpoint
	n       int
	options []any
	held    atomic.Int64 // bytes of the parts so far
}

// accountsPart is the result for some of the addresses.
type accountsPart struct {
	keys   int
	result json.RawMessage
}

func (s *split) params(keys []solana.PublicKey) []any { return append([]any{keys}, s.options...) }

func (s *split) worthSplitting(keys []solana.PublicKey, refusal *Error) bool {
	return len(keys) > 1 && refusal.tooMany() && !s.batch.refused.Load()
}

// joined decodes the parts as one result, unless they failed.
func (s *split) joined(parts []accountsPart, failure *Error, decode decoder) *Error {
	if failure != nil {
		return failure
	}

	result, err := join(parts)
	if err != nil {
		text := "cannot decode the result: " + err.Error()
		failure = s.failAnswer(accountsMethod, text, ErrBadResponse, err)
	} else {
		failure = decode.result(result)
	}

	if failure != nil {
		failure.HTTPStatus, failure.Attempts = http.StatusOK, 1
	}

	return failure
}

// parts requests accounts in one request if the endpoint accepts that number,
// and in halves if it refuses. It remembers the accepted number.
func (s *split) parts(ctx context.Context, keys []solana.PublicKey) ([]accountsPart, *Error) {
	if size := int(s.batch.size.Load()); len(keys) > size {
		return s.chunks(ctx, slices.Collect(slices.Chunk(keys, size)))
	}

	part := accountsPart{keys: len(keys)}
	refusal := s.one(ctx, accountsMethod, s.n, s.params(keys),
		decoder{decode: func(result json.RawMessage) *Error {
			if s.held.Add(int64(len(result))) > maxJoinedBody {
				text := fmt.Sprintf("the parts of the answer exceed %d bytes", maxJoinedBody)
				return s.fail(accountsMethod, text, ErrBodyTooLarge)
			}

			part.result = result
			return nil
		}})

	switch {
	case refusal == nil:
		s.batch.refused.Store(false)
		return []accountsPart{part}, nil
	case s.worthSplitting(keys, refusal) && s.held.Load() <= maxJoinedBody:
		return s.halves(ctx, keys, refusal)
	}

	return nil, refusal
}

// halves requests the accounts of a refused request in two halves. The first
// half alone shows whether their number was the reason.
func (s *split) halves(
	ctx context.Context, keys []solana.PublicKey, refusal *Error,
) ([]accountsPart, *Error) {
	half := (len(keys) + 1) / 2
	first, failure := s.parts(ctx, keys[:half])
	if failure != nil {
		if half == 1 && failure.tooMany() {
			s.batch.refused.Store(true)
		}

		return nil, refusal
	}

	if !errors.Is(refusal, ErrBodyTooLarge) { // depends on the accounts, not on their number
		s.shrink(half)
	}

	second, failure := s.parts(ctx, keys[half:])

	return append(first, second...), failure
}

// chunks requests all chunks concurrently.
func (s *split) chunks(ctx context.Context, chunks [][]solana.PublicKey) ([]accountsPart, *Error) {
	parts, failures := make([][]accountsPart, len(chunks)), make([]*Error, len(chunks))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, chunk := range chunks {
		group.Go(func() error {
			var failure *Error
			if parts[i], failure = s.parts(groupCtx, chunk); failure != nil &&
				groupCtx.Err() == nil {
				failures[i] = failure
				return failure
			}

			return nil
		})
	}

	_ = group.Wait()
	for _, failure := range failures {
		if failure != nil {
			return nil, failure
		}
	}

	if err := ctx.Err(); err != nil {
		return nil, s.failTransport(ctx, accountsMethod, err)
	}

	return slices.Concat(parts...), nil
}

// shrink lowers the batch size to size, if that is smaller.
func (c *core) shrink(size int) {
	for {
		before := c.batch.size.Load()
		if int64(size) >= before || c.batch.size.CompareAndSwap(before, int64(size)) {
			return
		}
	}
}

// tooMany reports whether the endpoint may have refused a request because of
// the number or the size of its accounts. Providers use various errors for
// that.
func (e *Error) tooMany() bool {
	switch {
	case errors.Is(e, ErrBodyTooLarge):
		return true
	case e.Temporary(), e.Code == codeMethodNotFound, errors.Is(e, ErrWrongCluster):
		return false
	case e.HTTPStatus == http.StatusUnauthorized, e.HTTPStatus == http.StatusPaymentRequired:
		return false
	case e.Code != 0:
		return true
	}

	switch e.HTTPStatus {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return true
	}

	return false
}

// accountsResult is a result of getMultipleAccounts.
type accountsResult struct {
	Context struct {
		Slot uint64 `json:"slot"`
	} `json:"context"`
	Value json.RawMessage `json:"value"`
}

// join merges several results into one. Its slot is the lowest of theirs, and
// its highestSlot the highest.
func join(parts []accountsPart) (json.RawMessage, error) {
	lowest, highest, size := uint64(math.MaxUint64), uint64(0), 0
	lists := make([][]byte, len(parts))
	for i, part := range parts {
		var r accountsResult
		if err := json.Unmarshal(part.result, &r); err != nil {
			return nil, err
		}

		var list []skipped
		if err := json.Unmarshal(r.Value, &list); err != nil {
			return nil, err
		}

		if len(list) != part.keys {
			return nil, fmt.Errorf("%d accounts for %d addresses", len(list), part.keys)
		}

		lowest, highest = min(lowest, r.Context.Slot), max(highest, r.Context.Slot)
		text := bytes.TrimSpace(r.Value)
		lists[i] = text[1 : len(text)-1] // a list without its brackets
		size += len(lists[i]) + 1
		parts[i].result = nil // it may be large
	}

	head := fmt.Sprintf(`{"context":{"slot":%d,"highestSlot":%d},"value":[`, lowest, highest)
	joined := append(make([]byte, 0, len(head)+size+2), head...)
	joined = append(joined, bytes.Join(lists, []byte{','})...)

	return append(joined, "]}"...), nil
}
