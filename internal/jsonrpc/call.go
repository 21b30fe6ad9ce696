package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"

	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
)

const (
	version     = "2.0"
	batchMethod = "batch"
)

type request struct {
	JSONRPC string `json:"jsonrpc"`
	ID      uint64 `json:"id"`
	Method  string `json:"method"`
	Params  any    `json:"params,omitempty"`
}

// envelope holds the three fields of a response and ignores all others, which
// some gateways add.
type envelope struct {
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// CallForInto calls method and decodes the result into out. A null result is
// [ErrNoResult] unless out is nil or null is a valid answer of the method, as
// for getTransaction.
//
// If out implements json.Unmarshaler, it can refuse an answer by returning an
// error. The call is then repeated, possibly at another endpoint, as after any
// bad answer. Return a [NodeBehindError] for an answer that is too old, and
// [ErrNodeAhead] for one with an implausibly high slot.
func (client *Client) CallForInto(ctx context.Context, out any, method string, params []any) error {
	return client.fleet().callForInto(ctx, out, method, params)
}

func (f *fleet) callForInto(ctx context.Context, out any, method string, params []any) error {
	return f.run(ctx, method, isRead(method), func(ctx context.Context, e *endpoint, n int) *Error {
		failure := e.result(ctx, method, n, params, e.into(method, out))
		if failure != nil && failure.distance == 0 {
			e.findDistance(failure, params)
		}
		return failure
	})
}

// decoder decodes a result. It does not keep the raw JSON.
type decoder struct {
	decode func(json.RawMessage) *Error
	// answer, if not nil, reads the result in one pass with the response, and
	// accept then checks it.
	answer Answer
	accept func(json.RawMessage) *Error
}

// into returns a decoder of the results of a method into out.
func (c *core) into(method string, out any) decoder {
	d := decoder{decode: func(result json.RawMessage) *Error {
		if out == nil {
			return nil
		}

		return c.decode(method, result, out)
	}}

	if answer, ok := out.(Answer); ok {
		d.answer = answer
		d.accept = func(result json.RawMessage) *Error {
			err := c.checkSlot(result)
			if err == nil {
				err = answer.Accept()
			}

			return c.failDecode(method, err)
		}
	}

	return d
}

// result decodes a result.
func (d *decoder) result(result json.RawMessage) *Error {
	if d.answer != nil && readResult(result, d.answer) {
		return d.accept(result)
	}
	return d.decode(result)
}

// result makes one attempt to get the result of a method and to decode it.
func (e *endpoint) result(
	ctx context.Context, method string, n int, params []any, decode decoder,
) *Error {
	if keys, ok := accountsOf(method, params); ok {
		return e.accounts(ctx, n, keys, params[1:], decode)
	}
	return e.one(ctx, method, n, params, decode)
}

// one makes one request and decodes its result.
func (e *endpoint) one(
	ctx context.Context, method string, n int, params []any, decode decoder,
) *Error {
	id, body, failure := e.encode(method, params)
	if failure != nil {
		return failure
	}

	return e.attempt(ctx, method, n, body, func(req *http.Request, resp *http.Response) *Error {
		answer, release, failure := e.read(ctx, method, req, resp)
		defer release()
		if failure != nil {
			return failure
		}

		if decode.answer != nil {
			if result, ok := readResponse(answer, id, decode.answer); ok {
				return decode.accept(result)
			}
		}

		result, failure := e.parse(method, answer, id)
		if failure != nil {
			return failure
		}

		return decode.decode(result)
	})
}

// decode clears out when it fails, since another attempt may decode into it.
func (c *core) decode(method string, result json.RawMessage, out any) *Error {
	failure := c.unmarshal(method, result, out)
	if failure == nil {
		return nil
	}
	if _, own := out.(json.Unmarshaler); !own {
		if v := reflect.ValueOf(out); v.Kind() == reflect.Pointer && !v.IsNil() {
			v.Elem().SetZero()
		}
	}
	return failure
}

func (c *core) unmarshal(method string, result json.RawMessage, out any) *Error {
	if !present(result) && !nullable(method) {
		return c.failAnswer(method, "result is null", ErrNoResult)
	}

	err := c.checkSlot(result)
	if _, own := out.(json.Unmarshaler); err == nil && !own {
		err = defuse(result)
	}

	if err == nil {
		err = json.Unmarshal(result, out)
	}

	return c.failDecode(method, err)
}

// failDecode returns the failure of a decode target, or nil.
func (c *core) failDecode(method string, err error) *Error {
	if err == nil {
		return nil
	}

	var behind *NodeBehindError
	switch {
	case errors.As(err, &behind):
		failure := c.failTemporary(method, err.Error(), err)
		failure.distance = behind.Wanted - min(behind.Wanted, behind.At)
		return failure

	case errors.Is(err, ErrNodeAhead):
		return c.failTemporary(method, err.Error(), err)
	}

	return c.failAnswer(method, "cannot decode the result: "+err.Error(), ErrBadResponse, err)
}

// CallWithCallback calls method and passes the HTTP response, whatever its
// status, to callback. Failures before that are retried as for any other call.
// Once callback has run, its error is returned unchanged. The response body
// returns [ErrBodyTooLarge] beyond Options.MaxBody and is closed afterwards.
// The request passed to callback is a copy without URL path, query and headers,
// so that quoting it reveals no key.
func (client *Client) CallWithCallback(
	ctx context.Context,
	method string,
	params []any,
	callback func(*http.Request, *http.Response) error,
) error {
	return client.fleet().callWithCallback(ctx, method, params, callback)
}

func (f *fleet) callWithCallback(
	ctx context.Context,
	method string,
	params []any,
	callback func(*http.Request, *http.Response) error,
) error {
	var callbackErr error
	err := f.run(ctx, method, isRead(method), func(ctx context.Context, e *endpoint, n int) *Error {
		_, body, failure := e.encode(method, params)
		if failure != nil {
			return failure
		}

		return e.attempt(ctx, method, n, body, func(req *http.Request, resp *http.Response) *Error {
			shown := req.Clone(req.Context())
			shown.URL = &url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host}
			shown.Header = http.Header{}
			resp.Request = shown
			callbackErr = callback(shown, resp)

			return nil
		})
	})
	if err != nil {
		return err
	}

	return callbackErr
}

// CallBatch sends all requests as one HTTP request. The responses are in the
// order of the requests, whatever the order of the server, and the ID of each
// is the index of its request. An error object for one request is part of its
// response; it fails neither the other requests nor the batch. The batch is
// retried as a whole if it consists of reads only. The requests are not
// modified.
func (client *Client) CallBatch(
	ctx context.Context,
	requests upstream.RPCRequests,
) (upstream.RPCResponses, error) {
	return client.fleet().callBatch(ctx, requests)
}

func onlyReads(requests upstream.RPCRequests) bool {
	for _, r := range requests {
		if r == nil || !isRead(r.Method) {
			return false
		}
	}
	return true
}

func (f *fleet) callBatch(
	ctx context.Context,
	requests upstream.RPCRequests,
) (responses upstream.RPCResponses, err error) {
	err = f.run(ctx, batchMethod, onlyReads(requests),
		func(ctx context.Context, e *endpoint, n int) *Error {
			body, failure := e.encodeBatch(requests)
			if failure != nil {
				return failure
			}

			return e.attempt(ctx, batchMethod, n, body,
				func(req *http.Request, resp *http.Response) (failure *Error) {
					answer, release, failure := e.read(ctx, batchMethod, req, resp)
					defer release()
					if failure == nil {
						responses, failure = e.parseBatch(answer, len(requests))
					}

					return failure
				})
		})

	return responses, err
}

func (c *core) encode(method string, params []any) (id string, body []byte, failure *Error) {
	r := request{
		JSONRPC: version,
		ID:      c.lastID.Add(1),
		Method:  method,
	}
	if params != nil {
		r.Params = params
	}

	body, err := json.Marshal(r)
	if err != nil {
		return "", nil, c.fail(method, "encode params: "+err.Error(), err)
	}

	return strconv.FormatUint(r.ID, 10), body, nil
}

func (c *core) encodeBatch(requests upstream.RPCRequests) (body []byte, failure *Error) {
	if len(requests) == 0 {
		return nil, c.fail(batchMethod, "empty batch")
	}

	batch := make([]request, len(requests))
	for i, r := range requests {
		if r == nil {
			return nil, c.fail(batchMethod, fmt.Sprintf("request %d is nil", i))
		}

		batch[i] = request{
			JSONRPC: version,
			ID:      uint64(i),
			Method:  r.Method,
			Params:  r.Params,
		}
	}

	body, err := json.Marshal(batch)
	if err != nil {
		return nil, c.fail(batchMethod, "encode params: "+err.Error(), err)
	}

	return body, nil
}

// parse returns the result in the body of a 2xx response.
func (c *core) parse(method string, body []byte, id string) (json.RawMessage, *Error) {
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		return nil, c.failTemporary(method, "response is not valid: "+err.Error(), ErrBadResponse,
			err)
	}

	// A server that cannot read the request does not know its id.
	if present(env.Error) && !present(env.ID) {
		return nil, c.failRPC(method, env.Error)
	}

	if unquote(env.ID) != id {
		return nil, c.failTemporary(method, ErrIDMismatch.Error(), ErrIDMismatch)
	}

	if present(env.Error) {
		return nil, c.failRPC(method, env.Error)
	}

	if env.Result == nil {
		return nil, c.failAnswer(method, ErrNoResult.Error(), ErrNoResult)
	}

	return env.Result, nil
}

func (c *core) parseBatch(body []byte, n int) (upstream.RPCResponses, *Error) {
	var items List[envelope]
	err := json.Unmarshal(body, &items)
	if err == nil {
		err = defuse(body)
	}

	if err != nil {
		var whole envelope
		if json.Unmarshal(body, &whole) == nil && present(whole.Error) {
			return nil, c.failRPC(batchMethod, whole.Error)
		}

		return nil, c.failTemporary(batchMethod, "response is not valid: "+err.Error(),
			ErrBadResponse, err)
	}

	responses := make(upstream.RPCResponses, n)
	for _, item := range items {
		i, err := strconv.Atoi(unquote(item.ID))
		if err != nil || i < 0 || i >= n || responses[i] != nil {
			return nil, c.failTemporary(batchMethod, ErrIDMismatch.Error(), ErrIDMismatch)
		}

		r := &upstream.RPCResponse{JSONRPC: version, ID: i}
		switch {
		case present(item.Error):
			r.Error, _ = c.rpcError(item.Error)
		case item.Result == nil:
			return nil, c.fail(batchMethod, fmt.Sprintf("response %d without result", i),
				ErrNoResult)
		case present(item.Result):
			r.Result = item.Result
		}

		responses[i] = r
	}

	for i, r := range responses {
		if r == nil {
			return nil, c.failTemporary(batchMethod, fmt.Sprintf("no response to request %d", i),
				ErrIDMismatch)
		}
	}

	return responses, nil
}

// nullable reports whether null is a valid result of a method: solana-go and
// its users expect it for a missing block or transaction.
func nullable(method string) bool {
	switch method {
	case "getBlock", "getBlockTime", "getLeaderSchedule", "getTransaction":
		return true
	}
	return false
}

// unquote removes the quotes of a number that a server sends as a string.
func unquote(raw json.RawMessage) string {
	return string(bytes.Trim(raw, `"`))
}
