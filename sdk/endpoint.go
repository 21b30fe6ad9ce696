package sdk

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"golang.org/x/time/rate"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

var errOwnTransport = errors.New(
	"WithTransport and WithFallback exclude each other (implement failover in the transport)",
)

// EndpointOption is an [Option] that can also configure a single fallback, see
// [WithFallback].
type EndpointOption interface {
	Option
	applyEndpoint(*endpoint)
}

// endpoint is the configuration of one endpoint.
type endpoint struct {
	doer     Doer
	header   http.Header
	timeout  time.Duration
	attempts int
	batch    int
	insecure bool
	limit    *limit
}

type limit struct {
	perSecond float64
	burst     int
}

type fallback struct {
	url  string
	opts []EndpointOption
}

type endpointOption func(*endpoint)

func (f endpointOption) apply(c *config)           { f(&c.main) }
func (f endpointOption) applyEndpoint(e *endpoint) { f(e) }

// WithHTTPClient sends requests through the given client, for example one with
// a proxy, middleware or a test server.
func WithHTTPClient(client Doer) EndpointOption {
	return endpointOption(func(e *endpoint) { e.doer = client })
}

// WithHeader adds an HTTP header to each request, for example the API key of a
// provider. Fallbacks do not inherit headers, because a key belongs to one
// provider.
func WithHeader(key, value string) EndpointOption {
	return endpointOption(func(e *endpoint) {
		if e.header == nil {
			e.header = make(http.Header)
		}
		e.header.Add(key, value)
	})
}

// WithTimeout limits the time of each request. The default is 30 seconds.
func WithTimeout(timeout time.Duration) EndpointOption {
	return endpointOption(func(e *endpoint) { e.timeout = timeout })
}

// WithRateLimit limits the number of requests per second and the size of
// bursts. Each endpoint has its own limit. By default there is none.
func WithRateLimit(perSecond float64, burst int) EndpointOption {
	return endpointOption(func(e *endpoint) {
		e.limit = &limit{perSecond: perSecond, burst: burst}
	})
}

// WithMaxAttempts limits how often a read is tried at each endpoint. The
// default is 4, and 1 disables retries. A node that lags behind a required slot
// may be asked more often: the client waits up to ten seconds in all for it to
// catch up. The limit does not apply to broadcasts of transactions.
func WithMaxAttempts(attempts int) EndpointOption {
	return endpointOption(func(e *endpoint) { e.attempts = attempts })
}

// WithBatchSize limits the number of accounts in one request. The default is
// 100, the limit of a node. After a refusal the client halves the number for
// that endpoint and remembers it; this option avoids the refusals.
func WithBatchSize(accounts int) EndpointOption {
	return endpointOption(func(e *endpoint) { e.batch = accounts })
}

// WithInsecureHTTP permits sending a key, which is any header, userinfo or
// query of the URL, unencrypted over HTTP to another machine. Without it such
// an endpoint is [ErrInsecure].
func WithInsecureHTTP() EndpointOption {
	return endpointOption(func(e *endpoint) { e.insecure = true })
}

// WithFallback adds an endpoint, for when those before it fail: they are down,
// lag behind, are rate-limited, belong to another cluster, or refuse a method.
//
// A read goes to the first endpoint that answers. An endpoint that failed is
// asked last for one second, and for up to one minute if it keeps failing. A
// transaction is broadcast to all available endpoints, and all of them are
// asked for its status. Broadcasting the same bytes several times is safe,
// because a transaction lands at most once.
//
// If all endpoints fail, the error is an [EndpointsError]. An error of a single
// endpoint is returned only if it is about the transaction itself.
//
// The options apply to this endpoint only. Settings that they leave out come
// from the client's options, except headers and [WithInsecureHTTP].
func WithFallback(url string, opts ...EndpointOption) Option {
	return option(func(c *config) {
		c.fallbacks = append(c.fallbacks, fallback{url: url, opts: opts})
	})
}

// WithGenesisHash sets the genesis hash of the cluster. Endpoints of another
// cluster are refused with [ErrWrongCluster], even if there is only one
// endpoint. Without this option, all endpoints must belong to the cluster of
// the first one that reports its genesis hash.
func WithGenesisHash(hash solana.Hash) Option {
	return option(func(c *config) { c.genesis = &hash })
}

// connect returns the transport, with failover if there are several endpoints.
func (c *config) connect(url string) (rpc.JSONRPCClient, *jsonrpc.Failover, error) {
	first, err := c.endpoint(url, c.main)
	if err != nil {
		return nil, nil, err
	}

	if len(c.fallbacks) == 0 && c.genesis == nil {
		return publicTransport{first}, nil, nil
	}

	all := []*jsonrpc.Client{first}
	for i, f := range c.fallbacks {
		e := c.main
		e.header, e.insecure = nil, false
		for _, o := range f.opts {
			if o != nil {
				o.applyEndpoint(&e)
			}
		}

		client, err := c.endpoint(f.url, e)
		if err != nil {
			return nil, nil, fmt.Errorf("fallback %d: %w", i+1, err)
		}

		all = append(all, client)
	}

	o := jsonrpc.FailoverOptions{Logger: c.logger, OnCluster: c.onCluster}
	if c.clock != nil {
		o.Now = c.clock.Now
	}

	if c.genesis != nil {
		if c.genesis.IsZero() {
			return nil, nil, errors.New("the genesis hash is zero")
		}

		o.Genesis = c.genesis.String()
	}

	failover, err := jsonrpc.NewFailover(all, o)
	if err != nil {
		return nil, nil, err
	}

	return publicTransport{failover}, failover, nil
}

func (c *config) endpoint(url string, e endpoint) (*jsonrpc.Client, error) {
	o := jsonrpc.Options{
		HTTPClient:   e.doer,
		Timeout:      e.timeout,
		MaxAttempts:  e.attempts,
		BatchSize:    e.batch,
		Header:       e.header,
		InsecureHTTP: e.insecure,
		OnSlot:       c.onSlot,
		SlotTime:     c.slotTime,
		Logger:       c.logger,
	}
	if e.limit != nil {
		o.Limiter = rate.NewLimiter(rate.Limit(e.limit.perSecond), e.limit.burst)
	}

	return jsonrpc.New(url, o)
}

// Close closes idle connections. The client can still be used.
func (c *Client) Close() error {
	if c == nil {
		return nil
	}

	if closer, ok := c.transport.(interface{ Close() error }); ok {
		return closer.Close()
	}
	return nil
}
