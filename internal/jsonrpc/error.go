package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
)

// The conditions of an [Error], for [errors.Is].
var (
	// ErrBodyTooLarge is returned when a response exceeds the limit of its
	// method, at most Options.MaxBody.
	ErrBodyTooLarge = errors.New("response body too large")
	// ErrBadResponse is returned when a response is cut short, is not JSON, or
	// does not have the expected type.
	ErrBadResponse = errors.New("bad response")
	// ErrIDMismatch is returned when a response answers another request.
	ErrIDMismatch = errors.New("response id does not match the request")
	// ErrNoResult is returned when a response has neither result nor error, or
	// has a null result for a method that never returns null.
	ErrNoResult = errors.New("response without result")
	// ErrHTTP is returned when the HTTP status is not 2xx.
	ErrHTTP = errors.New("http status is not 2xx")
	// ErrNodeBehind is returned when the node has not reached the requested
	// slot. Try again, or use another endpoint.
	ErrNodeBehind = errors.New("node is behind the requested slot " +
		"(try again, or use another endpoint)")
	// ErrInsecure is returned by [New] when credentials would travel
	// unencrypted. Use https.
	ErrInsecure = errors.New("a key would travel unencrypted over http (use https)")
	// ErrNodeAhead is returned when the slot of an answer is higher than the
	// elapsed time allows. Try again, or use another endpoint.
	ErrNodeAhead = errors.New("slot is higher than the elapsed time allows " +
		"(try again, or use another endpoint)")
	// ErrWrongCluster is returned when an endpoint is not on the cluster of the
	// others. Correct its URL.
	ErrWrongCluster = errors.New("endpoint is on another cluster (correct its URL)")
)

// NodeBehindError is returned by a decode target when an answer is older than
// requested, since some nodes ignore minContextSlot.
type NodeBehindError struct {
	// At is the slot of the answer, Wanted the requested slot.
	At, Wanted uint64
}

// Error returns one line.
func (e *NodeBehindError) Error() string {
	return fmt.Sprintf("%v: it answers at slot %d instead of %d", ErrNodeBehind, e.At, e.Wanted)
}

// Is reports whether target is [ErrNodeBehind].
func (e *NodeBehindError) Is(target error) bool { return target == ErrNodeBehind }

// Solana's error codes for answers that are not available yet.
const (
	codeBlockNotAvailable       = -32004
	codeNodeUnhealthy           = -32005
	codeBlockStatusNotAvailable = -32014
	codeMinContextSlot          = -32016
)

// Error codes that refer to the request itself.
const (
	codePreflight          = -32002 // the simulation of a transaction failed
	codeSignature          = -32003
	codeSignatureLength    = -32013
	codeTransactionVersion = -32015
	codeInvalidRequest     = -32600
	codeInvalidParams      = -32602
	codeParse              = -32700
)

// codeMethodNotFound is the code of JSON-RPC for an unknown method.
const codeMethodNotFound = -32601

// limitCodes are error codes of providers for rate limits, and limitWords the
// phrases that come with other codes.
var (
	limitCodes = []int{http.StatusTooManyRequests, -32429, -32029, -32097}
	limitWords = []string{"rate limit", "request limit", "too many requests", "per second"}
)

// Error describes a failed call. Its text is one line. No field contains
// secrets of the endpoint, even if the server echoes them.
//
// errors.Is finds the conditions of this package and the underlying error
// (context.Canceled, io.ErrUnexpectedEOF, syscall.ECONNREFUSED …). errors.As
// finds solana-go's *jsonrpc.RPCError if the server sent an error object, but
// no other type such as *url.Error, whose fields hold the URL.
type Error struct {
	// Method is the JSON-RPC method, or "batch" for a batch.
	Method string
	// Endpoint is scheme://host of the server.
	Endpoint string
	// HTTPStatus is the status of the response, or 0 if there was no response.
	HTTPStatus int
	// Code is the code of the JSON-RPC error object, or 0.
	Code int
	// Message is one line of at most 300 characters.
	Message string
	// Data is the data of the JSON-RPC error object, or nil.
	Data json.RawMessage
	// RetryAfter is the pause that the server asked for, or 0.
	RetryAfter time.Duration
	// Attempts is the number of requests made.
	Attempts int

	transient bool   // a fault of transport or encoding that may pass
	answered  bool   // a well-formed response without the requested result
	distance  uint64 // the number of slots that the node reports to lag, or 0
	cause     error
}

// Error returns one line without secrets.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}

	return "rpc " + e.Method + " at " + e.atEndpoint()
}

// atEndpoint returns the text without the method.
func (e *Error) atEndpoint() string {
	if e == nil {
		return "<nil>"
	}

	text := e.Endpoint + ": " + e.detail()
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (%d attempts)", e.Attempts)
	}

	if remedy := e.remedy(); remedy != "" {
		text += " (" + remedy + ")"
	}

	return text
}

// detail returns the part of the text that distinguishes failures.
func (e *Error) detail() string {
	var parts []string
	if e.HTTPStatus != 0 && !success(e.HTTPStatus) {
		parts = append(parts, "http "+strconv.Itoa(e.HTTPStatus))
	}

	if e.Code != 0 && e.Code != e.HTTPStatus {
		parts = append(parts, "code "+strconv.Itoa(e.Code))
	}

	if e.Message != "" {
		parts = append(parts, e.Message)
	}

	return strings.Join(parts, ": ")
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.cause
}

// Is reports whether target is [ErrHTTP] or [ErrNodeBehind] and applies, in
// addition to the cause.
func (e *Error) Is(target error) bool {
	if e == nil {
		return false
	}

	switch target {
	case ErrHTTP:
		return e.HTTPStatus != 0 && !success(e.HTTPStatus)
	case ErrNodeBehind:
		return e.Code == codeMinContextSlot
	}

	return false
}

// Temporary reports whether the same request may succeed a little later. It
// does not mean that sending the request again is safe.
func (e *Error) Temporary() bool {
	if e == nil {
		return false
	}

	if e.transient || e.limited() {
		return true
	}

	switch e.Code {
	case codeBlockNotAvailable, codeNodeUnhealthy, codeBlockStatusNotAvailable, codeMinContextSlot:
		return true
	}

	switch e.HTTPStatus {
	case http.StatusRequestTimeout,
		http.StatusBadGateway,
		http.StatusServiceUnavailable,
		http.StatusGatewayTimeout:
		return true
	}

	// Some servers send status 500 with an error that refers to the request.
	return e.HTTPStatus >= 500 && e.Code == 0
}

// limited reports whether the server enforces a rate limit.
func (e *Error) limited() bool {
	if e.HTTPStatus == http.StatusTooManyRequests || slices.Contains(limitCodes, e.Code) {
		return true
	}
	message := strings.ToLower(e.Message)
	return e.Code != 0 &&
		slices.ContainsFunc(limitWords,
			func(word string) bool { return strings.Contains(message, word) })
}

// final reports whether a simulation executed the transaction and the
// transaction failed: the result is the same at every node. A transaction whose
// blockhash is not found was not executed, and the node may only lag.
func (e *Error) final() bool {
	var data struct {
		Err json.RawMessage `json:"err"`
	}
	if e.Code != codePreflight || json.Unmarshal(e.Data, &data) != nil {
		return false
	}
	return present(data.Err) && string(data.Err) != `"BlockhashNotFound"`
}

// verdict reports whether the failure refers to the request. Some providers
// also use these codes for requests that exceed a plan.
func (e *Error) verdict() bool {
	switch e.Code {
	case codePreflight, codeSignature, codeSignatureLength, codeTransactionVersion,
		codeInvalidRequest, codeInvalidParams, codeParse:
		return true
	}
	return false
}

// unwell reports whether the endpoint as a whole has failed, rather than this
// call.
func (e *Error) unwell() bool {
	switch e.HTTPStatus {
	case http.StatusUnauthorized,
		http.StatusPaymentRequired,
		http.StatusForbidden,
		http.StatusNotFound:
		return true // an expired key, a used-up plan, an address that moved
	}

	switch e.Code {
	case codeBlockNotAvailable, codeBlockStatusNotAvailable:
		return false
	}

	return e.Attempts > 0 && e.Temporary() && !e.answered
}

func success(status int) bool { return status >= 200 && status < 300 }

// fault replaces an error of another package. Its text is redacted. The
// original can be tested with errors.Is but cannot be extracted, since its
// fields and text may hold secrets. It is inside a function because fmt cannot
// print what a function holds.
type fault struct {
	text string
	is   func(target error) bool
}

func (f *fault) Error() string        { return f.text }
func (f *fault) Is(target error) bool { return f.is(target) }

// fail returns an Error with a redacted text that matches each of causes.
func (c *core) fail(method, text string, causes ...error) *Error {
	e := &Error{
		Method:   method,
		Endpoint: c.origin,
		Message:  c.clean(text),
	}

	e.cause = &fault{
		text: e.Message,
		is: func(target error) bool {
			for _, cause := range causes {
				if errors.Is(cause, target) {
					return true
				}
			}

			return false
		},
	}

	return e
}

// failTemporary returns an Error that a later attempt may not have.
func (c *core) failTemporary(method, text string, causes ...error) *Error {
	e := c.fail(method, text, causes...)
	e.transient = true
	return e
}

// failAnswer returns a temporary Error for a well-formed response without the
// requested result.
func (c *core) failAnswer(method, text string, causes ...error) *Error {
	e := c.failTemporary(method, text, causes...)
	e.answered = true
	return e
}

// failTransport returns the Error for a failure to send or read. If the
// caller's context has ended, the text is the context's error alone.
func (c *core) failTransport(ctx context.Context, method string, err error) *Error {
	var withURL *url.Error
	if errors.As(err, &withURL) && withURL.Err != nil {
		err = withURL.Err
	}

	if ctx.Err() != nil {
		return c.fail(method, ctx.Err().Error(), ctx.Err(), err)
	}

	if errors.Is(err, context.DeadlineExceeded) {
		return c.failTemporary(method, "timed out", err)
	}

	return c.failTemporary(method, err.Error(), err)
}

// failRPC returns the Error for the value of "error" in a response.
func (c *core) failRPC(method string, raw json.RawMessage) *Error {
	cause, data := c.rpcError(raw)
	return &Error{
		Method:   method,
		Endpoint: c.origin,
		Code:     cause.Code,
		Message:  cause.Message,
		Data:     data,
		cause:    cause,
	}
}

// rpcError reads an error object, and its data also as raw JSON. Gateways vary
// its shape: a string instead of an object, or a code in quotes.
func (c *core) rpcError(raw json.RawMessage) (*upstream.RPCError, json.RawMessage) {
	var object struct {
		Code, Message, Data json.RawMessage
	}
	if json.Unmarshal(raw, &object) != nil {
		object.Message = raw
	}

	e := &upstream.RPCError{Message: c.cleanText(object.Message)}
	if e.Message == "" {
		e.Message = "error without message"
	}

	e.Code, _ = strconv.Atoi(unquote(object.Code))
	var data json.RawMessage
	if present(object.Data) {
		e.Data, data = c.cleanJSON(object.Data)
	}

	return e, data
}

// failStatus returns the Error for a response with an HTTP status other than
// 2xx.
func (c *core) failStatus(method string, status int, body []byte) *Error {
	var env envelope
	if json.Unmarshal(body, &env) == nil && present(env.Error) {
		return c.failRPC(method, env.Error)
	}

	e := &Error{
		Method:   method,
		Endpoint: c.origin,
		Message:  http.StatusText(status),
	}

	// The name of the status is more useful than an HTML page.
	if text := bytes.TrimSpace(body); len(text) > 0 && text[0] != '<' {
		e.Message = c.cleanText(text)
	}

	return e
}

// present reports whether a JSON value exists and is not null.
func present(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}
