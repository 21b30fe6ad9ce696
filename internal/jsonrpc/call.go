package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"

	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
)

const (
	version     = "2.0"
	batchMethod = "batch"

	// What a failed response may say at most; it ends up in a short message.
	maxErrorBody = 1 << 20
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
func (client *Client) CallForInto(ctx context.Context, out any, method string, params []any) error {
	c := client.core()
	return c.callForInto(ctx, c.tries(isRead(method)), out, method, params)
}

func (c *core) callForInto(ctx context.Context, t tries, out any, method string, params []any) error {
	id, body, err := c.encode(method, params)
	if err != nil {
		return err
	}
	return c.run(ctx, method, t, body, func(_ *http.Request, resp *http.Response) *Error {
		answer, e := c.read(ctx, method, resp)
		if e != nil {
			return e
		}
		result, e := c.parse(method, answer, id)
		if e != nil || out == nil {
			return e
		}
		if !present(result) && !nullable(method) {
			return c.fail(method, "result is null", ErrNoResult)
		}
		return c.decode(method, result, out)
	})
}

// decode leaves nothing behind in out when it fails: another attempt may be
// decoded over it.
func (c *core) decode(method string, result json.RawMessage, out any) *Error {
	err := json.Unmarshal(result, out)
	if err == nil {
		return nil
	}
	if _, own := out.(json.Unmarshaler); !own {
		if v := reflect.ValueOf(out); v.Kind() == reflect.Pointer && !v.IsNil() {
			v.Elem().SetZero()
		}
	}
	if errors.Is(err, ErrBehind) {
		return c.failTemporary(method, err.Error(), err)
	}
	return c.fail(method, "result does not decode: "+err.Error(), ErrBadResponse, err)
}

// CallWithCallback calls method and hands the HTTP response, of whatever
// status, to callback. Failures before that are retried as for any other call;
// once callback has run, its error is returned as it is. The response body
// yields ErrBodyTooLarge beyond Options.MaxBody and is closed afterwards. The
// request callback sees is a copy without URL path, query and headers, so that
// quoting it gives nothing away.
func (client *Client) CallWithCallback(ctx context.Context, method string, params []any, callback func(*http.Request, *http.Response) error) error {
	c := client.core()
	return c.callWithCallback(ctx, c.tries(isRead(method)), method, params, callback)
}

func (c *core) callWithCallback(ctx context.Context, t tries, method string, params []any, callback func(*http.Request, *http.Response) error) error {
	_, body, err := c.encode(method, params)
	if err != nil {
		return err
	}
	var said error
	err = c.run(ctx, method, t, body, func(req *http.Request, resp *http.Response) *Error {
		shown := req.Clone(req.Context())
		shown.URL = &url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host}
		shown.Header = http.Header{}
		resp.Request = shown
		said = callback(shown, resp)
		return nil
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
func (client *Client) CallBatch(ctx context.Context, requests upstream.RPCRequests) (upstream.RPCResponses, error) {
	c := client.core()
	return c.callBatch(ctx, c.tries(onlyReads(requests)), requests)
}

func onlyReads(requests upstream.RPCRequests) bool {
	for _, r := range requests {
		if r == nil || !isRead(r.Method) {
			return false
		}
	}
	return true
}

func (c *core) callBatch(ctx context.Context, t tries, requests upstream.RPCRequests) (upstream.RPCResponses, error) {
	if len(requests) == 0 {
		return nil, c.fail(batchMethod, "empty batch")
	}
	batch := make([]request, len(requests))
	for i, r := range requests {
		if r == nil {
			return nil, c.fail(batchMethod, fmt.Sprintf("request %d is nil", i))
		}
		batch[i] = request{JSONRPC: version, ID: uint64(i), Method: r.Method, Params: r.Params}
	}
	body, err := json.Marshal(batch)
	if err != nil {
		return nil, c.fail(batchMethod, "encode params: "+err.Error(), err)
	}
	var responses upstream.RPCResponses
	err = c.run(ctx, batchMethod, t, body, func(_ *http.Request, resp *http.Response) *Error {
		answer, e := c.read(ctx, batchMethod, resp)
		if e == nil {
			responses, e = c.parseBatch(answer, len(requests))
		}
		return e
	})
	if err != nil {
		return nil, err
	}
	return responses, nil
}

func (c *core) encode(method string, params []any) (id string, body []byte, err error) {
	r := request{JSONRPC: version, ID: c.lastID.Add(1), Method: method}
	if params != nil {
		r.Params = params
	}
	body, err = json.Marshal(r)
	if err != nil {
		return "", nil, c.fail(method, "encode params: "+err.Error(), err)
	}
	return strconv.FormatUint(r.ID, 10), body, nil
}

// read returns the body of a 2xx response and turns any other into an Error.
func (c *core) read(ctx context.Context, method string, resp *http.Response) ([]byte, *Error) {
	if !success(resp.StatusCode) {
		// The status is the news; half a body explains it better than an
		// error about the other half.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return nil, c.failStatus(method, resp.StatusCode, body)
	}
	body, err := io.ReadAll(resp.Body)
	switch {
	case err == nil:
		return body, nil
	case errors.Is(err, ErrBodyTooLarge):
		return nil, c.fail(method, fmt.Sprintf("response body exceeds %d bytes", c.opts.MaxBody), err)
	case ctx.Err() == nil && errors.Is(err, io.ErrUnexpectedEOF):
		return nil, c.failTemporary(method, "response body is cut short", ErrBadResponse, err)
	}
	return nil, c.failTransport(ctx, method, err)
}

// parse returns the result inside the body of a 2xx response.
func (c *core) parse(method string, body []byte, id string) (json.RawMessage, *Error) {
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		return nil, c.failTemporary(method, "response is not valid: "+err.Error(), ErrBadResponse, err)
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
		return nil, c.fail(method, ErrNoResult.Error(), ErrNoResult)
	}
	return env.Result, nil
}

func (c *core) parseBatch(body []byte, n int) (upstream.RPCResponses, *Error) {
	var items []envelope
	if err := json.Unmarshal(body, &items); err != nil {
		var whole envelope
		if json.Unmarshal(body, &whole) == nil && present(whole.Error) {
			return nil, c.failRPC(batchMethod, whole.Error)
		}
		return nil, c.failTemporary(batchMethod, "response is not valid: "+err.Error(), ErrBadResponse, err)
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
			return nil, c.fail(batchMethod, fmt.Sprintf("response %d without result", i), ErrNoResult)
		case present(item.Result):
			r.Result = item.Result
		}
		responses[i] = r
	}
	for i, r := range responses {
		if r == nil {
			return nil, c.failTemporary(batchMethod, fmt.Sprintf("no response to request %d", i), ErrIDMismatch)
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
