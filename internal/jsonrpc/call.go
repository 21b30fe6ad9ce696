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

// envelope ignores whatever else a gateway puts beside the three fields.
type envelope struct {
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// CallForInto calls method and decodes the result into out. A null result is
// ErrNoResult unless out is nil or the method is one whose answer can be
// "nothing", such as getTransaction.
//
// If out implements json.Unmarshaler, it can refuse an answer by returning an
// error: the call is then made again, or elsewhere, as after any bad answer.
// Return a [NodeBehindError] for an answer that is too old, [ErrNodeAhead] for
// one from the future.
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

// decoder takes a result, which is not kept.
type decoder struct {
	decode func(json.RawMessage) *Error
	// answer reads the result in one pass with the response, unless it is nil,
	// and accept takes what it read.
	answer Answer
	accept func(json.RawMessage) *Error
}

// into decodes the results of a method into out.
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
			err := c.heed(result)
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

// result makes one attempt to get the result of a method, and has it decoded.
func (e *endpoint) result(
	ctx context.Context, method string, n int, params []any, decode decoder,
) *Error {
	if keys, ok := accountsOf(method, params); ok {
		return e.accounts(ctx, n, keys, params[1:], decode)
	}
	return e.one(ctx, method, n, params, decode)
}

// one makes one request for the result of a method.
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

// decode leaves nothing behind in out when it fails: another attempt may be
// decoded over it.
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

	err := c.heed(result)
	if _, own := out.(json.Unmarshaler); err == nil && !own {
		err = defuse(result)
	}

	if err == nil {
		err = json.Unmarshal(result, out)
	}

	return c.failDecode(method, err)
}

// failDecode is the failure of a decode target, nil if there is none.
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

	return c.failAnswer(method, "result does not decode: "+err.Error(), ErrBadResponse, err)
}

// CallWithCallback calls method and hands the HTTP response, of whatever
// status, to callback. Failures before that are retried as for any other call;
// once callback has run, its error is returned as it is. The response body
// yields ErrBodyTooLarge beyond Options.MaxBody and is closed afterwards. The
// request callback sees is a copy without URL path, query and headers, so that
// quoting it gives nothing away.
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
	var said error
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
			said = callback(shown, resp)

			return nil
		})
	})
	if err != nil {
		return err
	}

	return said
}

// CallBatch sends all requests as one. The responses come back in the order of
// the requests, whatever order the server chose, each with the index of its
// request as ID. An error object of one request is in its response and fails
// neither the others nor the batch. The batch is retried as a whole if it
// contains nothing but reads. The requests are not modified.
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

// parse returns the result inside the body of a 2xx response.
func (c *core) parse(method string, body []byte, id string) (json.RawMessage, *Error) {
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		return nil, c.failTemporary(method, "response is not valid: "+err.Error(), ErrBadResponse,
			err)
	}

	// A server that could not read the request cannot name it.
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

// nullable lists the methods that answer null for "there is none", which
// solana-go and its users expect to see as such.
func nullable(method string) bool {
	switch method {
	case "getBlock", "getBlockTime", "getLeaderSchedule", "getTransaction":
		return true
	}
	return false
}

// unquote lets a number pass that a server sent as a string.
func unquote(raw json.RawMessage) string {
	return string(bytes.Trim(raw, `"`))
}
