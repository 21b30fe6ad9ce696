package jsonrpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/gagliardetto/solana-go"
	"golang.org/x/sync/errgroup"
)

const accountsMethod = "getMultipleAccounts"

// batchSize is how many accounts an endpoint is asked for at once.
type batchSize struct {
	size atomic.Int64
	// refused: it refused a single account as well, the last time it was asked,
	// so the number is not what it minds.
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

// accounts asks for accounts in as many requests as the endpoint needs, and
// returns one result.
func (e *endpoint) accounts(ctx context.Context, n int, keys []solana.PublicKey, options []any) (json.RawMessage, *Error) {
	parts, failure := e.split(ctx, n, keys, options)
	switch {
	case failure != nil:
		return nil, failure
	case len(parts) == 1:
		return parts[0].result, nil
	}
	joined, err := join(parts)
	if err != nil {
		failure := e.failAnswer(accountsMethod, "result does not decode: "+err.Error(), ErrBadResponse, err)
		failure.HTTPStatus, failure.Attempts = http.StatusOK, 1
		return nil, failure
	}
	return joined, nil
}

// accountsPart is the result for some of the addresses.
type accountsPart struct {
	keys   int
	result json.RawMessage
}

// split asks for accounts in one request if the endpoint takes that many, and
// for half of them at a time if it refuses. What it takes is remembered.
func (e *endpoint) split(ctx context.Context, n int, keys []solana.PublicKey, options []any) ([]accountsPart, *Error) {
	if size := int(e.batch.size.Load()); len(keys) > size {
		return e.chunks(ctx, n, slices.Collect(slices.Chunk(keys, size)), options)
	}
	result, refusal := e.one(ctx, accountsMethod, n, append([]any{keys}, options...))
	switch {
	case refusal == nil:
		e.batch.refused.Store(false)
		return []accountsPart{{len(keys), result}}, nil
	case len(keys) == 1 || !refusal.tooMany() || e.batch.refused.Load():
		return nil, refusal
	}

	// The first half alone shows whether their number is the reason.
	half := (len(keys) + 1) / 2
	first, failure := e.split(ctx, n, keys[:half], options)
	if failure != nil {
		if half == 1 && failure.tooMany() {
			e.batch.refused.Store(true)
		}
		return nil, refusal
	}
	if !errors.Is(refusal, ErrBodyTooLarge) { // which depends on the accounts
		e.shrink(half)
	}
	second, failure := e.split(ctx, n, keys[half:], options)
	return append(first, second...), failure
}

// chunks asks for all chunks at once.
func (e *endpoint) chunks(ctx context.Context, n int, chunks [][]solana.PublicKey, options []any) ([]accountsPart, *Error) {
	parts, failures := make([][]accountsPart, len(chunks)), make([]*Error, len(chunks))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, chunk := range chunks {
		group.Go(func() error {
			var failure *Error
			if parts[i], failure = e.split(groupCtx, n, chunk, options); failure != nil && groupCtx.Err() == nil {
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
		return nil, e.failTransport(ctx, accountsMethod, err)
	}
	return slices.Concat(parts...), nil
}

// shrink remembers a size, if it is smaller.
func (e *endpoint) shrink(size int) {
	for {
		before := e.batch.size.Load()
		if int64(size) >= before || e.batch.size.CompareAndSwap(before, int64(size)) {
			return
		}
	}
}

// tooMany reports whether the endpoint may have refused a request because of
// how many accounts it asks for, or how much they hold. Providers say so in any
// way they like.
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

// accountsResult is a result of getMultipleAccounts. One that was joined has the
// lowest slot of its parts for its slot, and the highest one as well.
type accountsResult struct {
	Context struct {
		Slot    uint64 `json:"slot"`
		Highest uint64 `json:"highestSlot,omitempty"`
	} `json:"context"`
	Value List[json.RawMessage] `json:"value"`
}

// join makes one result of several.
func join(parts []accountsPart) (json.RawMessage, error) {
	var all accountsResult
	for i, part := range parts {
		var r accountsResult
		if err := json.Unmarshal(part.result, &r); err != nil {
			return nil, err
		}
		if len(r.Value) != part.keys {
			return nil, fmt.Errorf("%d accounts for %d addresses", len(r.Value), part.keys)
		}
		if i == 0 || r.Context.Slot < all.Context.Slot {
			all.Context.Slot = r.Context.Slot
		}
		all.Context.Highest = max(all.Context.Highest, r.Context.Slot)
		all.Value = append(all.Value, r.Value...)
	}
	return json.Marshal(all)
}
