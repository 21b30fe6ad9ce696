package serve

import (
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits bounds what clients can make the server do at a time.
type limits struct {
	// bodies are the requests whose body is being read. They have a limit of
	// their own, so that clients that send slowly keep no others out, and so
	// have requests that wait for a transaction.
	bodies, all, node, landing chan struct{}
	clients                    *clientRates
	key                        func(*http.Request) string
}

func newLimits(c Config) *limits {
	l := &limits{
		bodies:  make(chan struct{}, c.MaxConcurrent),
		all:     make(chan struct{}, c.MaxConcurrent),
		node:    make(chan struct{}, c.MaxNodeCalls),
		landing: make(chan struct{}, c.MaxNodeCalls),
		key:     c.ClientKey,
	}

	if c.RatePerSecond > 0 {
		l.clients = &clientRates{
			limit: rate.Limit(c.RatePerSecond),
			burst: c.Burst,
			known: make(map[string]*rate.Limiter),
		}
	}
	return l
}

var (
	errBusy = refuse(http.StatusTooManyRequests, "TOO_MANY_REQUESTS",
		"the server is busy (try again)")
	errRate = refuse(http.StatusTooManyRequests, "TOO_MANY_REQUESTS",
		"too many requests of this client (slow down)")
)

// enter reads the body of a request, and counts the request until done is
// called, or refuses it.
func (l *limits) enter(x *exchange) (done func(), err error) {
	if l.clients != nil && !l.clients.allow(l.key(x.r), x.began) {
		x.h.metrics.refused.WithLabelValues("rate").Inc()
		return nil, errRate
	}

	if x.r.Method == http.MethodPost {
		read, err := x.take(l.bodies)
		if err != nil {
			return nil, err
		}

		err = x.readBody()
		read()
		if err != nil {
			return nil, err
		}
	}

	switch {
	case x.endpoint.awaits:
		return x.take(l.landing)
	case x.endpoint.asksNode:
		return x.take(l.node)
	default:
		return x.take(l.all)
	}
}

// take takes one of the slots until free is called, or refuses the request.
func (x *exchange) take(slots chan struct{}) (free func(), err error) {
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	default:
		x.h.metrics.refused.WithLabelValues("busy").Inc()
		return nil, errBusy
	}
}

// mostClients is the number of clients whose rate is remembered.
const mostClients = 10_000

// clientRates limits the rate of each client.
type clientRates struct {
	limit rate.Limit
	burst int

	mu    sync.Mutex
	known map[string]*rate.Limiter
}

func (c *clientRates) allow(key string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()

	client, ok := c.known[key]
	if !ok {
		if len(c.known) >= mostClients {
			c.forget(now)
		}

		client = rate.NewLimiter(c.limit, c.burst)
		c.known[key] = client
	}
	return client.AllowN(now, 1)
}

// forget removes the clients whose allowance is full again, and all others if
// there are still too many.
func (c *clientRates) forget(now time.Time) {
	for key, client := range c.known {
		if client.TokensAt(now) >= float64(c.burst) {
			delete(c.known, key)
		}
	}

	if len(c.known) >= mostClients {
		clear(c.known)
	}
}

// remoteClient returns the remote address, of IPv6 its network of 64 bits: one
// client usually has all of it.
func remoteClient(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}

	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Unmap().Is4() {
		return host
	}

	network, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return network.String()
}

// readBody reads a body of JSON within its limit. A server without a time limit
// of its own gives the client the Timeout of the configuration.
func (x *exchange) readBody() (err error) {
	kind, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
			"the body must be JSON (set Content-Type to application/json)")
	}

	if x.r.Body == nil {
		return invalid("the request has no body")
	}

	server, _ := x.r.Context().Value(http.ServerContextKey).(*http.Server)
	if server != nil && server.ReadTimeout <= 0 {
		// Writers that know no deadlines leave the body without one.
		control := http.NewResponseController(x.w)
		_ = control.SetReadDeadline(time.Now().Add(x.h.config.Timeout))
		defer func() {
			// After an error the server reads the rest of the body in vain, so
			// the deadline stays.
			if err == nil {
				_ = control.SetReadDeadline(time.Time{})
			}
		}()
	}

	most := x.h.config.MaxBodyBytes
	limited := io.LimitedReader{R: x.r.Body, N: most + 1}
	for {
		if len(x.body) == cap(x.body) {
			x.body = append(x.body, 0)[:len(x.body)]
		}

		n, err := limited.Read(x.body[len(x.body):cap(x.body)])
		x.body = x.body[:len(x.body)+n]
		switch {
		case int64(len(x.body)) > most:
			return refuse(http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE",
				"the body is too large")
		case err == io.EOF: //nolint:errorlint // readers return it as it is
			return nil
		case err != nil:
			return invalid("the body could not be read")
		}
	}
}
