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

// Conditions an [Error] can stand for; test with errors.Is.
var (
	// ErrBodyTooLarge: the response is larger than Options.MaxBody.
	ErrBodyTooLarge = errors.New("response body too large")
	// ErrBadResponse: the response is cut short, not JSON, or not of the
	// type that was asked for.
	ErrBadResponse = errors.New("bad response")
	// ErrIDMismatch: the response answers some other request.
	ErrIDMismatch = errors.New("response id does not match the request")
	// ErrNoResult: the response has neither result nor error, or a null
	// result where the method never has one.
	ErrNoResult = errors.New("response without result")
	// ErrHTTP: the HTTP status is not 2xx.
	ErrHTTP = errors.New("http status is not 2xx")
	// ErrNodeBehind: the node has not reached the slot that was asked for.
	ErrNodeBehind = errors.New("node is behind the slot that was asked for " +
		"(try again, or another endpoint)")
	// ErrInsecure: credentials would travel unencrypted.
	ErrInsecure = errors.New("a key would travel unencrypted over http (use https)")
	// ErrNodeAhead: a decode target finds the slot of an answer further ahead
	// than time allows.
	ErrNodeAhead = errors.New("slot is further ahead than time allows " +
		"(try again, or another endpoint)")
	// ErrWrongCluster: the endpoint is of another cluster than the others.
	ErrWrongCluster = errors.New("endpoint of another cluster (correct its URL)")
)

// NodeBehindError is returned by a decode target for an answer that is older
// than it wants: some nodes do not heed minContextSlot.
type NodeBehindError struct {
	// At and Wanted are the slots of the answer and of the request.
	At, Wanted uint64
}

// Error is one line.
func (e *NodeBehindError) Error() string {
	return fmt.Sprintf("%v: it answers at %d instead of %d", ErrNodeBehind, e.At, e.Wanted)
}

// Is reports a match with ErrNodeBehind.
func (e *NodeBehindError) Is(target error) bool { return target == ErrNodeBehind }

// Solana's codes for "ask again shortly".
const (
	codeBlockNotAvailable       = -32004
	codeNodeUnhealthy           = -32005
	codeBlockStatusNotAvailable = -32014
	codeMinContextSlot          = -32016
)

// Codes for what a node thinks of the request itself.
const (
	codePreflight          = -32002 // the simulation of a transaction failed
	codeSignature          = -32003
	codeSignatureLength    = -32013
	codeTransactionVersion = -32015
	codeInvalidRequest     = -32600
	codeInvalidParams      = -32602
	codeParse              = -32700
)

// codeMethodNotFound is JSON-RPC's for a method that is not served.
const codeMethodNotFound = -32601

// limitCodes are some that providers have for "slow down", and limitWords what
// they say along with the others.
var (
	limitCodes = []int{http.StatusTooManyRequests, -32429, -32029, -32097}
	limitWords = []string{"rate limit", "request limit", "too many requests", "per second"}
)

// Error says which call failed, where and how. Its text is one line; all its
// fields are free of the endpoint's secrets, also where the server echoes
// them.
//
// errors.Is finds the sentinels of this package and whatever lies beneath
// (context.Canceled, io.ErrUnexpectedEOF, syscall.ECONNREFUSED …). errors.As
// finds solana-go's *jsonrpc.RPCError when the server sent an error object,
// but no foreign type such as *url.Error, whose fields hold the URL.
type Error struct {
	Method     string          // JSON-RPC method, "batch" for a batch
	Endpoint   string          // scheme://host of the server
	HTTPStatus int             // 0 when no response arrived
	Code       int             // of the JSON-RPC error object, else 0
	Message    string          // one line of at most 300 characters
	Data       json.RawMessage // of the JSON-RPC error object, else nil
	RetryAfter time.Duration   // what the server asked for, else 0
	Attempts   int             // requests made

	transient bool   // a fault of transport or encoding that may pass
	answered  bool   // it is well-formed, but not an answer to what was asked
	distance  uint64 // slots the node is behind, as far as it says so
	cause     error
}

// Error is one line without secrets.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}

	return "rpc " + e.Method + " at " + e.atEndpoint()
}

// atEndpoint is all of the text but the method.
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

// detail is the part of the text that tells one failure from another.
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

// Unwrap returns the cause, nil when the fields say it all.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.cause
}

// Is reports a match with ErrHTTP and ErrNodeBehind, which go beside any other
// cause.
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
// says nothing about whether sending it again is safe.
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

	// Some servers send 500 along with a verdict on the request.
	return e.HTTPStatus >= 500 && e.Code == 0
}

// limited reports whether the server asked to slow down.
func (e *Error) limited() bool {
	if e.HTTPStatus == http.StatusTooManyRequests || slices.Contains(limitCodes, e.Code) {
		return true
	}
	said := strings.ToLower(e.Message)
	return e.Code != 0 &&
		slices.ContainsFunc(limitWords,
			func(word string) bool { return strings.Contains(said, word) })
}

// final reports whether the failure is that of a transaction, executed to see
// what it would do: every node says the same. One whose blockhash is not found
// was not executed; the node may only be late.
func (e *Error) final() bool {
	var data struct {
		Err json.RawMessage `json:"err"`
	}
	if e.Code != codePreflight || json.Unmarshal(e.Data, &data) != nil {
		return false
	}
	return present(data.Err) && string(data.Err) != `"BlockhashNotFound"`
}

// verdict reports whether the failure is about the request, or at least seems
// to be: some providers say so of requests that their plan has no room for.
func (e *Error) verdict() bool {
	switch e.Code {
	case codePreflight, codeSignature, codeSignatureLength, codeTransactionVersion,
		codeInvalidRequest, codeInvalidParams, codeParse:
		return true
	}
	return false
}

// unwell reports whether the failure speaks against the endpoint as such, and
// not only against this one call at this endpoint.
func (e *Error) unwell() bool {
	switch e.HTTPStatus {
	case http.StatusUnauthorized,
		http.StatusPaymentRequired,
		http.StatusForbidden,
		http.StatusNotFound:
		return true // a key that expired, a plan that is used up, an address that moved
	}

	switch e.Code {
	case codeBlockNotAvailable, codeBlockStatusNotAvailable:
		return false
	}

	return e.Attempts > 0 && e.Temporary() && !e.answered
}

func success(status int) bool { return status >= 200 && status < 300 }

// fault stands in for a foreign error. The text is redacted; the original can
// be tested with errors.Is but not taken out, as its fields and text may hold
// what was redacted. It hides in a function because fmt cannot print one.
type fault struct {
	text string
	is   func(target error) bool
}

func (f *fault) Error() string        { return f.text }
func (f *fault) Is(target error) bool { return f.is(target) }

// fail builds an Error that is every one of causes to errors.Is.
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

// failTemporary is fail for what may go well the next time.
func (c *core) failTemporary(method, text string, causes ...error) *Error {
	e := c.fail(method, text, causes...)
	e.transient = true
	return e
}

// failAnswer is failTemporary for an answer that is none to what was asked.
func (c *core) failAnswer(method, text string, causes ...error) *Error {
	e := c.failTemporary(method, text, causes...)
	e.answered = true
	return e
}

// failTransport explains an error met while sending or reading. A caller who
// gave up hears just that, whatever the connection had to say about it.
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

// failRPC turns the value of "error" into an Error.
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

// rpcError reads an error object, its data also as JSON. Gateways send all
// shapes: a string instead of an object, a code in quotes.
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

// failStatus explains a response whose HTTP status is not 2xx.
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

	// An HTML page says less than the name of the status.
	if text := bytes.TrimSpace(body); len(text) > 0 && text[0] != '<' {
		e.Message = c.cleanText(text)
	}

	return e
}

// present reports whether a JSON value is there and not null.
func present(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}
