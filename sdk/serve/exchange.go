package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// exchange is a request with its response in the making. It is reused.
type exchange struct {
	h         *Handler
	w         http.ResponseWriter
	r         *http.Request
	endpoint  *endpoint
	parameter string
	began     time.Time

	query query
	body  []byte

	// out is the body of the response, and status its status.
	out    []byte
	status int
	// kind is the type of the response, or nil for JSON.
	kind []string
	// written is set if the action has written the response itself.
	written bool
}

// mostKept is the size of the largest buffer that is kept for reuse.
const mostKept = 256 << 10

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

func (h *Handler) acquire(w http.ResponseWriter, r *http.Request, e *endpoint) *exchange {
	x, _ := exchanges.Get().(*exchange)
	x.h, x.w, x.r, x.endpoint = h, w, r, e
	x.began, x.status = h.now(), http.StatusOK
	return x
}

func (x *exchange) release() {
	if cap(x.out) > mostKept || cap(x.body) > mostKept {
		return
	}

	*x = exchange{
		out:   x.out[:0],
		body:  x.body[:0],
		query: x.query.emptied(),
	}
	exchanges.Put(x)
}

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if w == nil || r == nil || r.URL == nil {
		return
	}

	if h == nil || h.endpoints == nil {
		http.Error(w, "the handler was not made by serve.New", http.StatusServiceUnavailable)
		return
	}

	e, parameter := h.find(r.URL.Path)
	if e == nil && h.config.Other != nil {
		h.config.Other.ServeHTTP(w, r)
		return
	}
	if e == nil {
		e = h.metrics.unknown
	}

	x := h.acquire(w, r, e)
	x.parameter = parameter
	x.serve()
	x.release()
}

// serve answers the request, with an error if it panics.
func (x *exchange) serve() {
	h := x.h
	h.metrics.inFlight.Inc()
	defer h.metrics.inFlight.Dec()

	if failed := x.guarded(); failed != nil && !x.written {
		x.fail(failed)
	}
	if !x.written {
		x.write()
	}
	x.endpoint.observe(x.status, h.now().Sub(x.began))
}

// guarded runs the action. It turns a panic into an error and counts it.
func (x *exchange) guarded() (err error) {
	defer func() {
		problem := recover()
		if problem == nil {
			return
		}

		if aborted, ok := problem.(error); ok && errors.Is(aborted, http.ErrAbortHandler) {
			panic(problem)
		}

		x.h.metrics.panics.Inc()
		x.h.config.Logger.Error("a request panicked", "path", x.endpoint.path,
			"panic", fmt.Sprint(problem), "stack", string(debug.Stack()))
		err = errDefect
	}()
	return x.run()
}

// run applies the limits and runs the action.
func (x *exchange) run() error {
	e, h := x.endpoint, x.h
	if e.path == "" {
		return refuse(http.StatusNotFound, "NOT_FOUND", "no such path (see /openapi.json)")
	}

	if x.r.Method == http.MethodOptions {
		x.status = http.StatusNoContent
		return nil
	}

	answer := e.action(x.r.Method)
	if answer == nil {
		x.w.Header()["Allow"] = []string{e.methods()}
		return refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED",
			"the path takes "+e.methods())
	}

	if e.dialect == operation {
		return answer(x)
	}

	done, err := h.limits.enter(x)
	if err != nil {
		return err
	}

	defer done()
	if e.asksNode {
		ctx, cancel := context.WithTimeout(x.r.Context(), h.config.Timeout)
		defer cancel()
		x.r = x.r.WithContext(ctx)
	}
	return answer(x)
}

// json encodes a response.
func (x *exchange) json(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	x.out = append(x.out[:0], text...)
	return nil
}

// fail makes the response of an error.
func (x *exchange) fail(err error) {
	f := classify(err)
	if f.status >= http.StatusInternalServerError {
		x.h.config.Logger.Warn("a request failed", "path", x.endpoint.path,
			"code", f.code, "error", err)
	}

	x.status = f.status
	if f.status == http.StatusTooManyRequests {
		x.w.Header()["Retry-After"] = retryAfter
	}
	if x.endpoint.dialect == actions {
		_ = x.json(messageJSON{Message: f.message})
		return
	}

	_ = x.json(errorJSON{Code: f.code, Message: f.message})
}

// Values of headers, made once. No code changes them.
var (
	jsonType    = []string{"application/json"}
	noSniff     = []string{"nosniff"}
	noStore     = []string{"no-store"}
	noContent   = []string{"default-src 'none'; frame-ancestors 'none'"}
	noReferrer  = []string{"no-referrer"}
	anyOrigin   = []string{"*"}
	retryAfter  = []string{"1"}
	maxAge      = []string{"86400"}
	apiHeaders  = []string{"Content-Type, Accept, Authorization, X-Api-Key"}
	sameSite    = []string{"same-origin"}
	crossOrigin = []string{"cross-origin"}
)

// write writes the response.
func (x *exchange) write() {
	header := x.w.Header()
	x.setHeaders(header)
	if len(x.out) > 0 {
		header["Content-Type"] = jsonType
		if x.kind != nil {
			header["Content-Type"] = x.kind
		}

		header["Content-Length"] = []string{strconv.Itoa(len(x.out))}
	}

	x.w.WriteHeader(x.status)
	if len(x.out) > 0 {
		_, _ = x.w.Write(x.out) // The client has gone if this fails.
	}
}

// setHeaders sets the headers of all responses: what a browser must not do with
// them, and who may read them. No request has credentials, so any site may read
// what is for everybody.
func (x *exchange) setHeaders(header http.Header) {
	header["X-Content-Type-Options"] = noSniff
	header["Cache-Control"] = noStore
	header["Content-Security-Policy"] = noContent
	header["Referrer-Policy"] = noReferrer
	if x.endpoint.dialect == operation {
		header["Cross-Origin-Resource-Policy"] = sameSite
		return
	}

	header["Cross-Origin-Resource-Policy"] = crossOrigin
	header["Access-Control-Allow-Origin"] = anyOrigin
	if x.endpoint.dialect == actions {
		x.setActionHeaders(header)
	}

	if x.r.Method == http.MethodOptions {
		header["Access-Control-Allow-Methods"] = []string{x.endpoint.methods()}
		header["Access-Control-Max-Age"] = maxAge
		if x.endpoint.dialect != actions {
			header["Access-Control-Allow-Headers"] = apiHeaders
		}
	}
}
