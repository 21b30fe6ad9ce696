package sdk

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go/rpc"
	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

// Conditions of a failed call, for errors.Is. They come with an [*RPCError].
var (
	// ErrBehind is returned by reads when the node, or each of several, has not
	// reached a slot that was seen before. Its answer would be older than state
	// that is known. Try again, or name another endpoint with [WithFallback].
	ErrBehind = jsonrpc.ErrBehind
	// ErrInsecure is returned by [New] when a key would travel unencrypted over
	// http to another machine. Use https, or [WithInsecureHTTP].
	ErrInsecure = jsonrpc.ErrInsecure
	// ErrWrongCluster is returned when an endpoint belongs to another cluster
	// than the first one that tells its genesis hash, or than [WithGenesisHash]
	// wants. The text names both hosts. No answer of such an endpoint counts:
	// correct its URL.
	ErrWrongCluster = jsonrpc.ErrWrongCluster
	// ErrAhead is returned when a node answers at a slot further ahead than time
	// allows, and no other node answers. A node that repeats the slot is believed
	// in the end: try again.
	ErrAhead = jsonrpc.ErrAhead
	// ErrHTTP is returned when the HTTP status of a response is not 2xx; see
	// RPCError.HTTPStatus.
	ErrHTTP = jsonrpc.ErrHTTP
	// ErrBadResponse is returned when a response is cut short, is not JSON, or has
	// another type than the method returns.
	ErrBadResponse = jsonrpc.ErrBadResponse
	// ErrBodyTooLarge is returned when a response is larger than the limit of its
	// method.
	ErrBodyTooLarge = jsonrpc.ErrBodyTooLarge
	// ErrIDMismatch is returned when a response answers another request.
	ErrIDMismatch = jsonrpc.ErrIDMismatch
	// ErrNoResult is returned when a response has neither a result nor an error,
	// or null where the method never returns null.
	ErrNoResult = jsonrpc.ErrNoResult
)

// Doer sends HTTP requests; [*http.Client] implements it. See [WithHTTPClient].
type Doer interface {
	Do(req *http.Request) (*http.Response, error)
}

// RPCError describes a failed call to a node: the method, the endpoint, and the
// reason. Its text is one line. Neither the text nor a field contains the path,
// the query or the headers of the endpoint, where providers put their keys.
//
// errors.Is finds the conditions above and causes such as context.Canceled or
// io.ErrUnexpectedEOF. errors.As finds solana-go's *jsonrpc.RPCError when the
// node sent an error object.
type RPCError struct {
	// Method is the JSON-RPC method, "batch" for a batch.
	Method string
	// Endpoint is the scheme and the host of the node, for example
	// "https://rpc.example".
	Endpoint string
	// HTTPStatus is zero if no response arrived.
	HTTPStatus int
	// Code is that of the JSON-RPC error object, or zero.
	Code int
	// Message is one line of at most 300 characters.
	Message string
	// Data is that of the JSON-RPC error object, or nil.
	Data json.RawMessage
	// RetryAfter is how long the node asks to wait, or zero.
	RetryAfter time.Duration
	// Attempts is the number of requests that were made.
	Attempts int

	err *jsonrpc.Error
}

// newRPCError makes the public form of a failure of the transport.
func newRPCError(err *jsonrpc.Error) *RPCError {
	if err == nil {
		return nil
	}

	return &RPCError{
		Method:     err.Method,
		Endpoint:   err.Endpoint,
		HTTPStatus: err.HTTPStatus,
		Code:       err.Code,
		Message:    err.Message,
		Data:       err.Data,
		RetryAfter: err.RetryAfter,
		Attempts:   err.Attempts,
		err:        err,
	}
}

// inner is the failure that the transport returned, or one with the same fields.
func (e *RPCError) inner() *jsonrpc.Error {
	if e == nil || e.err != nil {
		return e.wrapped()
	}

	return &jsonrpc.Error{
		Method:     e.Method,
		Endpoint:   e.Endpoint,
		HTTPStatus: e.HTTPStatus,
		Code:       e.Code,
		Message:    e.Message,
		Data:       e.Data,
		RetryAfter: e.RetryAfter,
		Attempts:   e.Attempts,
	}
}

func (e *RPCError) wrapped() *jsonrpc.Error {
	if e == nil {
		return nil
	}

	return e.err
}

// Error is one line without secrets.
func (e *RPCError) Error() string { return e.inner().Error() }

// Unwrap returns the cause, or nil.
func (e *RPCError) Unwrap() error { return e.inner().Unwrap() }

// Is reports whether the error is [ErrHTTP] or [ErrBehind] by its fields,
// whatever its cause.
func (e *RPCError) Is(target error) bool { return e.inner().Is(target) }

// Temporary reports whether the same request may succeed a little later. It
// does not tell whether repeating the request is safe.
func (e *RPCError) Temporary() bool { return e.inner().Temporary() }

// EndpointsError describes a call that failed at each of several endpoints, see
// [WithFallback]. errors.Is and errors.As find any of the failures, those about
// the request first. Its text is one line and names the hosts only.
type EndpointsError struct {
	// Method is the JSON-RPC method, "batch" for a batch.
	Method string
	// Failures are in the order in which the endpoints were asked.
	Failures []*RPCError

	err *jsonrpc.EndpointsError
}

// newEndpointsError makes the public form of a failure at several endpoints.
func newEndpointsError(err *jsonrpc.EndpointsError) *EndpointsError {
	public := &EndpointsError{Method: err.Method, err: err}
	for _, failure := range err.Failures {
		public.Failures = append(public.Failures, newRPCError(failure))
	}
	return public
}

// inner is the failure that the transport returned, or one with the same fields.
func (e *EndpointsError) inner() *jsonrpc.EndpointsError {
	switch {
	case e == nil:
		return nil
	case e.err != nil:
		return e.err
	}

	inner := &jsonrpc.EndpointsError{Method: e.Method}
	for _, failure := range e.Failures {
		inner.Failures = append(inner.Failures, failure.inner())
	}
	return inner
}

// Error is one line without secrets.
func (e *EndpointsError) Error() string { return e.inner().Error() }

// Unwrap returns the failures, those about the request first, and the context's
// error if that ended the call.
func (e *EndpointsError) Unwrap() []error {
	inner := e.inner()
	all := inner.Unwrap()
	for i, err := range all {
		at := slices.IndexFunc(inner.Failures, func(failure *jsonrpc.Error) bool {
			return error(failure) == err //nolint:errorlint // the failure itself
		})
		if at >= 0 && at < len(e.Failures) {
			all[i] = e.Failures[at]
		}
	}
	return all
}

// Temporary reports whether the same call may succeed a little later at one of
// the endpoints.
func (e *EndpointsError) Temporary() bool { return e.inner().Temporary() }

// publicTransport is the transport of package jsonrpc with errors that users can
// name.
type publicTransport struct{ rpc.JSONRPCClient }

// publicError makes [*RPCError] and [*EndpointsError] of failures of the
// transport, and returns other errors as they are.
func publicError(err error) error {
	switch failure := err.(type) { //nolint:errorlint // the transport wraps neither
	case *jsonrpc.Error:
		return newRPCError(failure)
	case *jsonrpc.EndpointsError:
		return newEndpointsError(failure)
	}
	return err
}

// CallForInto implements rpc.JSONRPCClient.
func (t publicTransport) CallForInto(ctx context.Context, out any, method string, params []any) error {
	return publicError(t.JSONRPCClient.CallForInto(ctx, out, method, params))
}

// CallWithCallback implements rpc.JSONRPCClient.
func (t publicTransport) CallWithCallback(
	ctx context.Context, method string, params []any, callback func(*http.Request, *http.Response) error,
) error {
	return publicError(t.JSONRPCClient.CallWithCallback(ctx, method, params, callback))
}

// CallBatch implements rpc.JSONRPCClient.
func (t publicTransport) CallBatch(
	ctx context.Context, requests upstream.RPCRequests,
) (upstream.RPCResponses, error) {
	responses, err := t.JSONRPCClient.CallBatch(ctx, requests)
	return responses, publicError(err)
}

// Close closes the transport if it can be closed.
func (t publicTransport) Close() error {
	if closer, ok := t.JSONRPCClient.(interface{ Close() error }); ok {
		return closer.Close()
	}
	return nil
}
