// Package jsonrpc is the transport under solana-go's rpc.Client. It replaces
// the transport of solana-go, which has no retries and no size limit, does not
// check response ids, rejects unknown fields, and writes the endpoint URL with
// its API key into every error.
//
//	transport, err := jsonrpc.New(endpoint, jsonrpc.Options{})
//	if err != nil {
//		return err
//	}
//	client := rpc.NewWithCustomRPCClient(transport)
//
// Reads (getX, isX, simulateTransaction) are retried on temporary failures.
// With several endpoints ([Failover]) they go from one to the next until one
// answers. All other methods, above all sendTransaction, are sent exactly once:
// the decision to send again needs more than a status code.
//
// Output, errors and logs of this package show no more of the endpoint than
// scheme://host, because providers put keys in the path, the query, the
// userinfo and headers.
package jsonrpc

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	defaultTimeout     = 30 * time.Second
	defaultMaxBody     = 64 << 20
	defaultMaxAttempts = 4
	defaultBaseDelay   = 250 * time.Millisecond
	defaultMaxDelay    = 8 * time.Second
	defaultPatience    = 10 * time.Second
	defaultMaxInFlight = 16
	defaultBatchSize   = 100
	// defaultSlotTime paces the wait for a node that lags, unless a slot time
	// was measured. If it is too long, a read waits a little longer. If it is
	// too short, it makes a few more requests.
	defaultSlotTime = 400 * time.Millisecond
)

// Doer sends one HTTP request, as *http.Client does.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Options adjusts a [Client]. The zero value of each field selects the default;
// a negative number is an error.
type Options struct {
	// HTTPClient sends the requests. Nil selects a client over a clone of
	// http.DefaultTransport that all such clients share. An *http.Client is
	// copied, and the copy does not follow redirects to another host. Any other
	// Doer must refuse such redirects itself.
	HTTPClient Doer
	// Timeout bounds one attempt, including the read of the body. Default 30 s.
	Timeout time.Duration
	// MaxBody is the largest accepted response body in bytes after
	// decompression. Default 64 MiB. Some methods have lower limits: 16 MiB for
	// accounts by address, 4 MiB for a transaction or a simulation, and 256 KiB
	// for answers of a few numbers.
	MaxBody int64
	// MaxAttempts is the number of attempts of a read; 1 disables retries.
	// Default 4. A node that lags may be asked more often, see Patience.
	MaxAttempts int
	// Patience is the total time for which a read waits for a node to catch
	// up. A node that reports a longer lag is asked MaxAttempts times. Default
	// 10 s.
	Patience time.Duration
	// SlotTime returns the duration of a slot, which sets the pauses for a node
	// that lags. Nil means 400 ms.
	SlotTime func() time.Duration
	// OnSlot receives the slot of each result that has one, and of each refusal
	// in which a node reports its slot, before the result is decoded. It
	// refuses the answer by returning an error such as [ErrNodeAhead]. Nil
	// accepts all slots.
	OnSlot func(slot uint64) error
	// BatchSize is the largest number of accounts in one getMultipleAccounts
	// request; larger requests are split. If an endpoint refuses a request for
	// its size, later requests to it are smaller. Default 100.
	BatchSize int
	// BaseDelay and MaxDelay set the exponential backoff with full jitter. The
	// pause before retry n is a random duration below min(MaxDelay,
	// BaseDelay<<(n-1)), but at least that of a Retry-After header, up to 30 s.
	// Defaults 250 ms and 8 s.
	BaseDelay, MaxDelay time.Duration
	// MaxInFlight bounds the number of concurrent HTTP requests. Default 16.
	MaxInFlight int
	// Limiter, if not nil, paces HTTP requests. A batch counts as one request.
	Limiter *rate.Limiter
	// Header is added to every request.
	Header http.Header
	// Path is appended to the path of the endpoint, and Query to its query.
	// They hold no key, so messages of the server may contain their words.
	Path, Query string
	// InsecureHTTP allows keys over unencrypted HTTP, see [ErrInsecure].
	InsecureHTTP bool
	// Logger receives one record per attempt. Nil disables logging.
	Logger *slog.Logger
	// Sleep pauses between attempts. Tests replace it.
	Sleep func(context.Context, time.Duration) error
}

// Client sends JSON-RPC calls to one endpoint. It implements solana-go's
// rpc.JSONRPCClient and is safe for concurrent use.
type Client struct {
	// fleet is a function because fmt prints what a pointer refers to, even
	// inside other structs, but cannot look inside a function.
	fleet func() *fleet
}

func (client *Client) core() *core { return client.fleet().endpoints[0].core }

type core struct {
	url     string
	origin  string // scheme://host, the only part that is shown
	host    string
	header  http.Header
	secrets *secrets
	http    Doer
	opts    Options // with defaults filled in
	log     *slog.Logger
	slots   chan struct{}
	heavy   chan struct{} // held while a large answer is in memory
	lastID  atomic.Uint64
	batch   batchSize
}

// New returns a client for the JSON-RPC server at endpoint. Its errors do not
// contain the endpoint.
func New(endpoint string, o Options) (*Client, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, errors.New("endpoint is not a valid URL")
	}

	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("endpoint must start with http:// or https://")
	}

	if u.Hostname() == "" {
		return nil, errors.New("endpoint has no host")
	}

	if err := o.setDefaults(); err != nil {
		return nil, err
	}

	header := http.Header{}
	for name, values := range o.Header {
		header[http.CanonicalHeaderKey(name)] = append([]string(nil), values...)
	}

	// An explicit Accept-Encoding would disable decompression by net/http.
	header.Del("Accept-Encoding")
	if u.User != nil && header.Get("Authorization") == "" {
		password, _ := u.User.Password()
		header.Set("Authorization", "Basic "+
			base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password)))
	}

	if u.Scheme == "http" && !o.InsecureHTTP && !isLoopback(u.Hostname()) &&
		hasCredentials(u, header) {
		return nil, fmt.Errorf("%w: use https", ErrInsecure)
	}

	secrets := newSecrets(u, header)
	for _, name := range []string{"Content-Type", "Accept"} { // no secrets
		if header.Get(name) == "" {
			header.Set(name, "application/json")
		}
	}

	// The header carries the userinfo, so the request URL omits it: a Doer that
	// quotes the URL in an error reveals less.
	origin := url.URL{Scheme: u.Scheme, Host: u.Host}
	bare := *u
	if o.Path != "" {
		bare = *u.JoinPath(o.Path)
	}

	if o.Query != "" {
		bare.RawQuery = strings.TrimPrefix(bare.RawQuery+"&"+o.Query, "&")
	}

	bare.User, bare.Fragment, bare.RawFragment = nil, "", ""

	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}

	inner := &core{
		url:     bare.String(),
		origin:  origin.String(),
		host:    u.Host,
		header:  header,
		secrets: secrets,
		http:    guardRedirects(o.HTTPClient),
		opts:    o,
		log:     log,
		slots:   make(chan struct{}, o.MaxInFlight),
		heavy:   make(chan struct{}, 1),
	}

	inner.batch.size.Store(int64(o.BatchSize))
	alone := newFleet([]*core{inner}, FailoverOptions{})

	return &Client{fleet: func() *fleet { return alone }}, nil
}

// hasCredentials reports whether a request would carry a possible key: in the
// userinfo, the query, or a header set by the user.
func hasCredentials(u *url.URL, header http.Header) bool {
	if u.User != nil || u.RawQuery != "" {
		return true
	}
	for name := range header {
		if !slices.Contains(harmless, name) {
			return true
		}
	}
	return false
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip.IsLoopback() || strings.EqualFold(host, "localhost")
}

// String returns the client's scheme and host.
func (client *Client) String() string { return "JSON-RPC client of " + client.core().origin }

// GoString returns String, so that %#v shows no more than %v.
func (client *Client) GoString() string { return client.String() }

// Close closes idle connections. Clients without an HTTP client of their own
// share them. The client stays usable.
func (client *Client) Close() error {
	client.core().closeIdle()
	return nil
}

func (c *core) closeIdle() {
	if h, ok := c.http.(interface{ CloseIdleConnections() }); ok {
		h.CloseIdleConnections()
	}
}

func (o *Options) setDefaults() error {
	if o.Timeout < 0 || o.MaxBody < 0 || o.MaxAttempts < 0 || o.BaseDelay < 0 || o.MaxDelay < 0 ||
		o.Patience < 0 || o.MaxInFlight < 0 || o.BatchSize < 0 {
		return errors.New("negative option (use zero for the default)")
	}

	if o.Limiter != nil && o.Limiter.Burst() < 1 && o.Limiter.Limit() != rate.Inf {
		return errors.New("limiter without burst lets no request pass (set its burst)")
	}

	setDefault(&o.Timeout, defaultTimeout)
	setDefault(&o.MaxBody, defaultMaxBody)
	setDefault(&o.MaxAttempts, defaultMaxAttempts)
	setDefault(&o.BaseDelay, defaultBaseDelay)
	setDefault(&o.MaxDelay, defaultMaxDelay)
	setDefault(&o.Patience, defaultPatience)
	setDefault(&o.MaxInFlight, defaultMaxInFlight)
	setDefault(&o.BatchSize, defaultBatchSize)
	if o.SlotTime == nil {
		o.SlotTime = func() time.Duration { return defaultSlotTime }
	}

	if o.OnSlot == nil {
		o.OnSlot = func(uint64) error { return nil }
	}

	if o.Sleep == nil {
		o.Sleep = sleep
	}

	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{Transport: sharedTransport()}
	}

	return nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
