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

var errOwnTransport = errors.New("a transport of one's own takes no fallbacks")

// EndpointOption is an [Option] that can also be given to one fallback alone, see [WithFallback].
type EndpointOption interface {
	Option
	applyEndpoint(*endpoint)
}

// endpoint is how one endpoint is used.
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

// WithHTTPClient sends requests through the given client, for proxies, middleware or tests.
func WithHTTPClient(client Doer) EndpointOption {
	return endpointOption(func(e *endpoint) { e.doer = client })
}

// WithHeader adds a header to each request, for providers that take their key there. Fallbacks do not get it: a key is for one
// provider.
func WithHeader(key, value string) EndpointOption {
	return endpointOption(func(e *endpoint) {
		if e.header == nil {
			e.header = make(http.Header)
		}
		e.header.Add(key, value)
	})
}

// WithTimeout bounds each single request. The default is 30 seconds.
func WithTimeout(timeout time.Duration) EndpointOption {
	return endpointOption(func(e *endpoint) { e.timeout = timeout })
}

// WithRateLimit keeps to so many requests a second, with bursts. Each endpoint has a limit of its own.
func WithRateLimit(perSecond float64, burst int) EndpointOption {
	return endpointOption(func(e *endpoint) { e.limit = &limit{perSecond: perSecond, burst: burst} })
}

// WithMaxAttempts bounds how often a read is tried at each endpoint. The
// default is 4, and 1 means no retry. A node that is behind may be asked more
// often: it is waited for, for up to ten seconds in all, if it needs no more
// than that to catch up. Sending a transaction is never a read.
func WithMaxAttempts(attempts int) EndpointOption {
	return endpointOption(func(e *endpoint) { e.attempts = attempts })
}

// WithBatchSize bounds how many accounts one request asks for. The default is
// 100, which is the most a node takes. A client finds out by itself if an
// endpoint takes fewer, by asking for half as many after a refusal, and remembers
// it; the option saves those refusals.
func WithBatchSize(accounts int) EndpointOption {
	return endpointOption(func(e *endpoint) { e.batch = accounts })
}

// WithInsecureHTTP lets a key, which is any header, userinfo or query, travel
// unencrypted to a host other than this machine. Without it that is
// [ErrInsecure].
func WithInsecureHTTP() EndpointOption {
	return endpointOption(func(e *endpoint) { e.insecure = true })
}

// WithFallback names another endpoint, for when those before it do not answer,
// whatever the reason: that they are down, behind, limited, of another cluster,
// or that a plan or a proxy refuses a method. Reads go to the first endpoint that
// answers; one that failed comes last for a while, a second at first and up to a
// minute if it goes on failing. Transactions are handed to all that are well,
// which is safe because the bytes are the same, and all are asked what became of
// them.
//
// An error comes from a single endpoint only if it is about a transaction that
// fails. What each endpoint says otherwise is in an [EndpointsError].
//
// The options are for this endpoint alone. What they leave open is as for the
// client, headers and [WithInsecureHTTP] excepted.
func WithFallback(url string, opts ...EndpointOption) Option {
	return option(func(c *config) { c.fallbacks = append(c.fallbacks, fallback{url: url, opts: opts}) })
}

// WithGenesisHash names the cluster that all endpoints must be of, even if there
// is only one. Without it, several endpoints must be of the same cluster as the
// first of them, as far as they tell. Others are refused with [ErrWrongCluster].
func WithGenesisHash(hash solana.Hash) Option {
	return option(func(c *config) { c.genesis = &hash })
}

// connect makes the transport: one endpoint, or several with failover.
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
			return nil, nil, errors.New("no genesis hash")
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

// Close closes idle connections. The client stays usable.
func (c *Client) Close() error {
	if c == nil {
		return nil
	}

	if closer, ok := c.transport.(interface{ Close() error }); ok {
		return closer.Close()
	}
	return nil
}
