package jsonrpc

import (
	"net/http"
	"sync"
)

// idleConnsPerHost is how many connections to one host are kept for later.
const idleConnsPerHost = 64

// sharedTransport carries the requests of all clients that bring no HTTP client
// of their own. A program that makes a client per request and forgets to close
// it would otherwise leave a pool of connections behind each time.
//
// It does not bound the connections to a host: Options.MaxInFlight does that
// for each client, and waiting for a connection would eat into the timeout of
// an attempt.
var sharedTransport = sync.OnceValue(func() *http.Transport {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}

	// A program may have replaced the default with another RoundTripper.
	if d, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = d.Clone()
	}

	transport.MaxConnsPerHost = 0
	transport.MaxIdleConnsPerHost = idleConnsPerHost
	return transport
})

// guardRedirects keeps credentials at the host they were meant for: net/http
// drops some headers on the way to another host, but neither custom ones nor
// the body. A refused redirect arrives as the 3xx response it is.
func guardRedirects(d Doer) Doer {
	h, ok := d.(*http.Client)
	if !ok {
		return d
	}

	guarded := *h
	guarded.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		first := via[0]

		// 301, 302 and 303 turn the POST into a GET, which no server answers
		// with what was asked for.
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
