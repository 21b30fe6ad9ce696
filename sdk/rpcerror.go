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

// Errors of a failed call to a node. They are returned in an [*RPCError].
var (
	// ErrNodeBehind is returned by reads when every node lags behind a slot
	// that the client has seen before, so its answer would be out of date. Try
	// again, or add an endpoint with [WithFallback].
	ErrNodeBehind = jsonrpc.ErrNodeBehind
	// ErrInsecure is returned by [New] when an API key would travel unencrypted
	// over HTTP to another machine. Use HTTPS, or [WithInsecureHTTP].
	ErrInsecure = jsonrpc.ErrInsecure
	// ErrWrongCluster is returned when an endpoint belongs to another cluster
	// than the first endpoint that reports its genesis hash, or than
	// [WithGenesisHash] requires. The text names both hosts. Answers of such an
	// endpoint are ignored; correct its URL.
	ErrWrongCluster = jsonrpc.ErrWrongCluster
	// ErrNodeAhead is returned when a node answers at a slot further ahead than
	// the elapsed time allows, and no other node answers. Try again: the client
	// accepts the slot if the node repeats it.
	ErrNodeAhead = jsonrpc.ErrNodeAhead
	// ErrHTTP is returned when the HTTP status of a response is not 2xx. See
	// RPCError.HTTPStatus.
	ErrHTTP = jsonrpc.ErrHTTP
	// ErrBadResponse is returned when a response is truncated, is not JSON, or
	// has the wrong type for its method. Try another endpoint.
	ErrBadResponse = jsonrpc.ErrBadResponse
	// ErrBodyTooLarge is returned when a response exceeds the size limit of its
	// method.
	ErrBodyTooLarge = jsonrpc.ErrBodyTooLarge
	// ErrIDMismatch is returned when the ID of a response is not that of the
	// request. Try another endpoint.
	ErrIDMismatch = jsonrpc.ErrIDMismatch
	// ErrNoResult is returned when a response has neither a result nor an
	// error, or null for a method that never returns null. Try another
	// endpoint.
	ErrNoResult = jsonrpc.ErrNoResult
)

// Doer sends HTTP requests. [*http.Client] implements it. See [WithHTTPClient].
type Doer interface {
	// Do sends a request and returns its response.
	Do(req *http.Request) (*http.Response, error)
}

// RPCError describes a failed call to a node. Its text is one line. Neither the
// text nor the fields contain the path, the query or the headers of the
// endpoint, which may contain API keys.
//
// errors.Is finds errors such as [ErrNodeBehind] and causes such as
// context.Canceled or io.ErrUnexpectedEOF. errors.As finds solana-go's
// *jsonrpc.RPCError if the node sent an error object.
type RPCError struct {
	// Method is the JSON-RPC method, or "batch".
	Method string
	// Endpoint is the scheme and the host of the node, for example
	// "https://rpc.example".
	Endpoint string
	// HTTPStatus is the status of the response, or zero if none arrived.
	HTTPStatus int
	// Code is the code of the JSON-RPC error object, or zero.
	Code int
	// Message is the error message, one line of at most 300 characters.
	Message string
	// Data is the data of the JSON-RPC error object, or nil.
	Data json.RawMessage
	// RetryAfter is the delay that the node requests, or zero.
	RetryAfter time.Duration
	// Attempts is the number of requests.
	Attempts int

	err *jsonrpc.Error
}

// newRPCError returns the public form of a transport error.
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

// inner returns the transport error, or one with the same fields.
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

// Error returns one line without keys.
func (e *RPCError) Error() string { return e.inner().Error() }

// Unwrap returns the cause, or nil.
func (e *RPCError) Unwrap() error { return e.inner().Unwrap() }

// Is reports whether the error is [ErrHTTP] or [ErrNodeBehind] by its fields.
func (e *RPCError) Is(target error) bool { return e.inner().Is(target) }

// Temporary reports whether the same request may succeed later. It does not
// report whether repeating the request is safe.
func (e *RPCError) Temporary() bool { return e.inner().Temporary() }

// EndpointsError describes a call that failed at each of several endpoints, see
// [WithFallback]. errors.Is and errors.As search all failures. Its text is one
// line and contains only the hosts of the endpoints.
type EndpointsError struct {
	// Method is the JSON-RPC method, or "batch".
	Method string
	// Failures are the errors in the order of the requests.
	Failures []*RPCError

	err *jsonrpc.EndpointsError
}

// newEndpointsError returns the public form of a transport error of several
// endpoints.
func newEndpointsError(err *jsonrpc.EndpointsError) *EndpointsError {
	public := &EndpointsError{Method: err.Method, err: err}
	for _, failure := range err.Failures {
		public.Failures = append(public.Failures, newRPCError(failure))
	}
	return public
}

// inner returns the transport error, or one with the same fields.
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

// Error returns one line without keys.
func (e *EndpointsError) Error() string { return e.inner().Error() }

// Unwrap returns the failures, those about the request itself first, and the
// context's error if it ended the call.
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

// Temporary reports whether the same call may succeed later at one of the
// endpoints.
func (e *EndpointsError) Temporary() bool { return e.inner().Temporary() }

// publicTransport is a transport that returns the exported error types.
type publicTransport struct{ rpc.JSONRPCClient }

// publicError converts transport errors to [*RPCError] and [*EndpointsError].
// It returns other errors unchanged.
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
func (t publicTransport) CallForInto(
	ctx context.Context,
	out any,
	method string,
	params []any,
) error {
	return publicError(t.JSONRPCClient.CallForInto(ctx, out, method, params))
}

// CallWithCallback implements rpc.JSONRPCClient.
func (t publicTransport) CallWithCallback(
	ctx context.Context,
	method string,
	params []any,
	callback func(*http.Request, *http.Response) error,
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
