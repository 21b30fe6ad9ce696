// Package jsonrpc is the transport under solana-go's rpc.Client. It replaces
// the one solana-go ships with, which has no retries, no size limit, no check
// of response ids, rejects unknown fields, and writes the endpoint URL with
// its API key into every error.
//
//	transport, err := jsonrpc.New(endpoint, jsonrpc.Options{})
//	if err != nil {
//		return err
//	}
//	client := rpc.NewWithCustomRPCClient(transport)
//
// Reads (getX, isX, simulateTransaction) are retried on temporary failures, and
// with several endpoints ([Failover]) they go from one to the next until one
// answers. Everything else, sendTransaction above all, is sent exactly once:
// whether to send again is a decision that needs more than a status code.
//
// Nothing this package prints, returns or logs shows more of the endpoint than
// scheme://host, because providers put keys in the path, the query, the
// userinfo and headers alike.
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
	// defaultSlotTime paces how long a node is given to catch up, where no
	// slot time was measured. Too long a time costs a little patience, too
	// short a time a few requests.
	defaultSlotTime = 400 * time.Millisecond
)

// Doer sends one HTTP request. *http.Client is one.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Options adjusts a [Client]. The zero value of every field is a usable
// default; a negative number is an error.
type Options struct {
	// HTTPClient sends the requests. Nil means a client over a clone of
	// http.DefaultTransport that all such clients share. An *http.Client is
	// copied so that it does not follow redirects to another host; any other
	// Doer must see to that itself.
	HTTPClient Doer
	// Timeout bounds one attempt, reading the body included. Default 30 s.
	Timeout time.Duration
	// MaxBody is the largest accepted response body in bytes, counted after
	// decompression. Default 64 MiB. For accounts by their addresses it is never
	// more than 16 MiB, for a transaction and its simulation 4 MiB, and for what
	// is but some numbers 256 KiB.
	MaxBody int64
	// MaxAttempts counts how often a read is tried in all; 1 means no retry.
	// A node that is behind may be asked more often, see Patience. Default 4.
	MaxAttempts int
	// Patience is for how long in all a read waits for a node that is behind
	// to catch up. A node that says it is too far behind for that is asked
	// MaxAttempts times. Default 10 s.
	Patience time.Duration
	// SlotTime is how long a slot takes, by which the node catches up. Nil
	// means 400 ms.
	SlotTime func() time.Duration
	// OnSlot is told the slot of each result that has one, and of each refusal
	// of a node that says where it is, before anything else is made of it. It
	// may refuse the answer with an error, such as [ErrAhead]. Nil takes all.
	OnSlot func(slot uint64) error
	// BatchSize is how many accounts one getMultipleAccounts asks for at most;
	// larger requests are split. An endpoint that refuses so many is asked for
	// fewer from then on. Default 100.
	BatchSize int
	// BaseDelay and MaxDelay shape the exponential backoff with full jitter:
	// before retry n the wait is random below min(MaxDelay, BaseDelay<<(n-1)),
	// and at least what a Retry-After header asks for, up to 30 s.
	// Defaults 250 ms and 8 s.
	BaseDelay, MaxDelay time.Duration
	// MaxInFlight bounds concurrent HTTP requests. Default 16.
	MaxInFlight int
	// Limiter, when set, paces HTTP requests; a batch counts as one.
	Limiter *rate.Limiter
	// Header is added to every request.
	Header http.Header
	// InsecureHTTP lets credentials travel unencrypted, see [ErrInsecure].
	InsecureHTTP bool
	// Logger receives one record per attempt. Nil means silence.
	Logger *slog.Logger
	// Sleep waits between attempts. Tests replace it.
	Sleep func(context.Context, time.Duration) error
}

// Client sends JSON-RPC calls to one endpoint. It implements solana-go's
// rpc.JSONRPCClient and is safe for concurrent use.
type Client struct {
	// A function, because fmt cannot look inside one: a pointer would be
	// followed by %s, in a Client as in any struct that holds one.
	fleet func() *fleet
}

func (client *Client) core() *core { return client.fleet().endpoints[0].core }

type core struct {
	url     string
	origin  string // scheme://host, the only part that is ever shown
	host    string
	header  http.Header
	secrets *secrets
	http    Doer
	opts    Options // with defaults filled in
	log     *slog.Logger
	slots   chan struct{}
	heavy   chan struct{} // held by the one who decodes a large answer
	lastID  atomic.Uint64
	batch   batchSize
}

// New returns a client of the JSON-RPC server at endpoint. Its errors never
// echo the endpoint.
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
	// Naming encodings by hand would switch off net/http's own decompression.
	header.Del("Accept-Encoding")
	if u.User != nil && header.Get("Authorization") == "" {
		password, _ := u.User.Password()
		header.Set("Authorization", "Basic "+
			base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password)))
	}
	if u.Scheme == "http" && !o.InsecureHTTP && !isLoopback(u.Hostname()) && hasCredentials(u, header) {
		return nil, fmt.Errorf("%w: use https", ErrInsecure)
	}
	secrets := newSecrets(u, header)
	for _, name := range []string{"Content-Type", "Accept"} { // no secrets
		if header.Get(name) == "" {
			header.Set(name, "application/json")
		}
	}
	// The request URL goes without userinfo, which the header now carries: a
	// Doer that quotes the URL in its errors has that much less to give away.
	origin := url.URL{Scheme: u.Scheme, Host: u.Host}
	bare := *u
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

// hasCredentials reports whether a request would carry what may be a key: in the
// userinfo, the query, or a header of the user's.
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

// String names the client by scheme and host only.
func (client *Client) String() string { return "jsonrpc client of " + client.core().origin }

// GoString is String, so that %#v is as discreet as %v.
func (client *Client) GoString() string { return client.String() }

// Close closes idle connections, which clients without an HTTP client of their
// own share. The client stays usable.
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
		return errors.New("negative option")
	}
	if o.Limiter != nil && o.Limiter.Burst() < 1 && o.Limiter.Limit() != rate.Inf {
		return errors.New("limiter without burst never lets a request pass")
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
