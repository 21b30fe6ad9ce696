package serve

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// action answers a request. It leaves the response in the exchange.
type action func(x *exchange) error

// dialect is the language of an endpoint, which determines its headers and the
// form of its errors.
type dialect uint8

const (
	// The zero value is for plain JSON, whose errors are an errorCode and an
	// error.
	_ dialect = iota
	// actions are Solana Actions, errors are a message.
	actions
	// operation responses are for those who run the server: they are exempt
	// from limits and other sites may not read them.
	operation
)

// endpoint is a path with what answers it.
type endpoint struct {
	// path is the path of the OpenAPI document. A parameter at its end is in
	// braces.
	path      string
	get, post action
	dialect   dialect
	// asksNode is set if requests wait for a node, and awaits if they also wait
	// for a transaction to land.
	asksNode, awaits bool

	duration prometheus.Observer
	requests map[int]prometheus.Counter
}

// endpoints lists everything that the handler answers.
func endpoints() []*endpoint {
	return append(actionEndpoints(), []*endpoint{
		{path: "/swap/v1/quote", get: jupiterQuote},
		{
			path:     "/swap/v1/swap",
			post:     jupiterSwap,
			asksNode: true,
		},
		{
			path:     "/swap/v1/swap-instructions",
			post:     jupiterInstructions,
			asksNode: true,
		},
		{path: "/swap/v1/program-id-to-label", get: jupiterLabels},

		{
			path:     "/swap/v2/order",
			get:      jupiterOrder,
			asksNode: true,
		},
		{
			path:     "/swap/v2/build",
			get:      jupiterBuild,
			asksNode: true,
		},
		{
			path:     "/swap/v2/execute",
			post:     jupiterExecute,
			asksNode: true,
			awaits:   true,
		},

		{path: "/v1/market", get: getMarket},
		{path: "/v1/tokens", get: listTokens},
		{path: "/v1/tokens/{token}", get: getToken},
		{path: "/v1/infinity", get: getInfinity},
		{path: "/v1/quotes", get: listQuotes},
		{
			path:     "/v1/transactions",
			post:     buildTransaction,
			asksNode: true,
		},
		{
			path:     "/v1/transactions/{signature}",
			get:      getOutcome,
			asksNode: true,
			awaits:   true,
		},
		{
			path:     "/v1/send",
			post:     sendTransaction,
			asksNode: true,
			awaits:   true,
		},
		{
			path:     "/v1/explain",
			post:     explainTransaction,
			asksNode: true,
		},
		{
			path:     "/v1/verify",
			post:     verifyTransaction,
			asksNode: true,
		},

		{
			path:    "/healthz",
			get:     getHealth,
			dialect: operation,
		},
		{
			path:    "/metrics",
			get:     getMetrics,
			dialect: operation,
		},
		{path: "/openapi.json", get: getOpenAPI},
	}...)
}

// find returns the endpoint of a path and the value of its parameter.
func (h *Handler) find(path string) (e *endpoint, parameter string) {
	if e, ok := h.endpoints[path]; ok {
		return e, ""
	}

	// The parameter of a path is its last element.
	at := strings.LastIndexByte(path, '/')
	if at <= 0 || at == len(path)-1 {
		return nil, ""
	}

	for _, name := range []string{"{token}", "{signature}"} {
		if e, ok := h.endpoints[path[:at+1]+name]; ok {
			return e, path[at+1:]
		}
	}
	return nil, ""
}

// action returns what answers a method, or nil.
func (e *endpoint) action(method string) action {
	switch method {
	case http.MethodGet, http.MethodHead:
		return e.get
	case http.MethodPost:
		return e.post
	}
	return nil
}

// methods lists the methods of an endpoint for the headers of a response.
func (e *endpoint) methods() string {
	var methods []string
	if e.get != nil {
		methods = append(methods, http.MethodGet, http.MethodHead)
	}

	if e.post != nil {
		methods = append(methods, http.MethodPost)
	}
	return strings.Join(append(methods, http.MethodOptions), ", ")
}
