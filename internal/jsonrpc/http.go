package jsonrpc

import (
	"net/http"
	"sync"
)

// idleConnsPerHost is the number of idle connections kept per host.
const idleConnsPerHost = 64

// sharedTransport serves all clients without an HTTP client of their own. A
// program that makes a client per request and does not close it would otherwise
// leave a pool of connections behind each time.
//
// It does not bound the connections to a host: Options.MaxInFlight does that
// for each client, and the wait for a connection would use up the timeout of an
// attempt.
var sharedTransport = sync.OnceValue(func() *http.Transport {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}

	// A program may have replaced the default by another RoundTripper.
	if d, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = d.Clone()
	}

	transport.MaxConnsPerHost = 0
	transport.MaxIdleConnsPerHost = idleConnsPerHost
	return transport
})

// guardRedirects keeps credentials at their host: on a redirect to another host
// net/http drops some headers, but neither custom ones nor the body. A refused
// redirect is returned as the 3xx response.
func guardRedirects(d Doer) Doer {
	h, ok := d.(*http.Client)
	if !ok {
		return d
	}

	guarded := *h
	guarded.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		first := via[0]

		// Statuses 301, 302 and 303 turn the POST into a GET, which no JSON-RPC
		// server answers.
		if next.URL.Host != first.URL.Host || next.URL.Scheme != first.URL.Scheme ||
			next.Method != first.Method {
			return http.ErrUseLastResponse
		}

		if h.CheckRedirect != nil {
			return h.CheckRedirect(next, via)
		}

		if len(via) >= 10 {
			return http.ErrUseLastResponse
		}

		return nil
	}

	return &guarded
}
