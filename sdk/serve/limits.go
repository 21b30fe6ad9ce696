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
	all, node chan struct{}
	clients   *clientRates
	key       func(*http.Request) string
}

func newLimits(c Config) *limits {
	l := &limits{
		all:  make(chan struct{}, c.MaxConcurrent),
		node: make(chan struct{}, c.MaxNodeCalls),
		key:  c.ClientKey,
	}

	if c.RatePerSecond > 0 {
		l.clients = &clientRates{
			limit: rate.Limit(c.RatePerSecond),
			burst: c.Burst,
			known: make(map[string]*clientRate),
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

// enter counts a request until done is called, or refuses it.
func (l *limits) enter(x *exchange) (done func(), err error) {
	if l.clients != nil && !l.clients.allow(l.key(x.r), x.began) {
		x.h.metrics.refused.WithLabelValues("rate").Inc()
		return nil, errRate
	}

	slots := l.all
	if x.endpoint.asksNode {
		slots = l.node
	}

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

// clientRates limits the rate of each client. It remembers the clients of the
// last minutes.
type clientRates struct {
	limit rate.Limit
	burst int

	mu    sync.Mutex
	known map[string]*clientRate
}

type clientRate struct {
	limiter *rate.Limiter
	seen    time.Time
}

func (c *clientRates) allow(key string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()

	client, ok := c.known[key]
	if !ok {
		if len(c.known) >= mostClients {
			c.forget(now)
		}

		client = &clientRate{limiter: rate.NewLimiter(c.limit, c.burst)}
		c.known[key] = client
	}

	client.seen = now
	return client.limiter.AllowN(now, 1)
}

// forget removes the clients whose allowance is full again, and all others if
// there are still too many.
func (c *clientRates) forget(now time.Time) {
	for key, client := range c.known {
		if client.limiter.TokensAt(now) >= float64(c.burst) {
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

// readBody reads a body of JSON within its limit.
func (x *exchange) readBody() error {
	kind, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
			"the body must be JSON (set Content-Type to application/json)")
	}

	if x.r.Body == nil {
		return invalid("the request has no body")
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
