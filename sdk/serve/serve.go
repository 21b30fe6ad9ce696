package serve

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/sanctum-go/sanctum/sdk"
)

// ErrConfig is returned by [New] when the configuration cannot work: it has no
// Markets, or a BaseURL that is not an http or https URL. The error text has
// the reason.
var ErrConfig = errors.New("server configuration is not possible")

// Defaults of [Config].
const (
	DefaultMaxBodyBytes   = 64 << 10
	DefaultTimeout        = 15 * time.Second
	DefaultMaxNodeCalls   = 32
	DefaultMaxSlippageBps = 1_000
	DefaultMaxFeeBps      = 1_000
)

// Config configures a [Handler]. Markets is required.
type Config struct {
	// Markets returns the market to quote from, for example the watcher of
	// package sdk.
	Markets Markets
	// Client builds and explains transactions. Without it the server only
	// quotes, and other requests fail with NOT_CONFIGURED.
	Client *sdk.Client
	// AllowExecute permits /swap/v2/execute and /v1/send, which send
	// transactions that clients signed. Without it these requests fail with
	// NOT_CONFIGURED.
	AllowExecute bool

	// TipAccounts receive the tips that clients of Jupiter's interface ask for
	// with jitoTipLamports. Without them such a request is refused.
	TipAccounts []solana.PublicKey

	// BaseURL is the address under which clients reach the handler, without a
	// slash at its end, for example "https://api.example.org/sanctum". Links of
	// Solana Actions start with it. By default it is made from the Host header
	// of the request.
	BaseURL string
	// BlockchainID names the chain in the headers of Solana Actions, in CAIP-2
	// form, for example "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp" for mainnet:
	// the first 32 characters of the genesis hash.
	BlockchainID string
	// Icon is the URL of the picture in Solana Actions. The default is a
	// picture that the server has.
	Icon string

	// MaxSlippageBps is the highest slippage that a client may ask for, in
	// basis points. Zero means [DefaultMaxSlippageBps].
	MaxSlippageBps uint16
	// MaxFeeBps is the highest fee that an application may take, in basis
	// points. Zero means [DefaultMaxFeeBps].
	MaxFeeBps uint16

	// MaxBodyBytes limits the body of a request. Zero means
	// [DefaultMaxBodyBytes].
	MaxBodyBytes int64
	// MaxConcurrent limits the requests that are answered at a time. Zero means
	// 64 for each processor. More requests fail with TOO_MANY_REQUESTS.
	MaxConcurrent int
	// MaxNodeCalls limits the requests that wait for a node at a time. As many
	// more may wait for a transaction to land. Zero means
	// [DefaultMaxNodeCalls].
	MaxNodeCalls int
	// Timeout limits the time of a request that waits for a node. Zero means
	// [DefaultTimeout].
	Timeout time.Duration
	// RatePerSecond limits the requests of one client, and Burst how many of
	// them may come at a time. A RatePerSecond of zero sets no limit. A Burst
	// of zero means RatePerSecond.
	RatePerSecond, Burst int
	// ClientKey tells clients apart for RatePerSecond. The default is the
	// remote address, of IPv6 its first 64 bits. Behind a proxy that you trust,
	// return the address that the proxy reports.
	ClientKey func(*http.Request) string

	// Logger logs defects and requests that failed at a node. By default
	// nothing is logged.
	Logger *slog.Logger
	// Registry receives the metrics. The default is a registry of its own. One
	// registry takes the metrics of one handler.
	Registry *prometheus.Registry
	// Other answers the paths that the handler does not know, for example with
	// a web page. By default they are NOT_FOUND.
	Other http.Handler
}

// withDefaults returns the configuration with its defaults.
func (c Config) withDefaults() (Config, error) {
	if c.Markets == nil {
		return c, fmt.Errorf("%w: no Markets (set it, for example to a watcher)", ErrConfig)
	}

	if c.BaseURL != "" {
		base, err := url.Parse(c.BaseURL)
		if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
			return c, fmt.Errorf("%w: BaseURL is not an http or https URL", ErrConfig)
		}
	}

	setDefault(&c.MaxSlippageBps, DefaultMaxSlippageBps)
	setDefault(&c.MaxFeeBps, DefaultMaxFeeBps)
	setDefault(&c.MaxBodyBytes, DefaultMaxBodyBytes)
	setDefault(&c.MaxConcurrent, 64*runtime.GOMAXPROCS(0))
	setDefault(&c.MaxNodeCalls, DefaultMaxNodeCalls)
	setDefault(&c.Timeout, DefaultTimeout)
	setDefault(&c.Burst, c.RatePerSecond)
	if c.ClientKey == nil {
		c.ClientKey = remoteClient
	}

	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}

	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	return c, nil
}

// setDefault sets a value that is not positive.
func setDefault[T int | int64 | uint16 | time.Duration](value *T, standard T) {
	if *value <= 0 {
		*value = standard
	}
}

// Handler is the http.Handler of the server. Create one with [New]. It is safe
// for concurrent use.
type Handler struct {
	config    Config
	endpoints map[string]*endpoint
	metrics   *metrics
	limits    *limits
	// last is the view of the market that the last request used.
	last atomic.Pointer[view]
	now  func() time.Time
}

// New returns a handler. [ErrConfig] is returned for a configuration that
// cannot work.
func New(config Config) (*Handler, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}

	h := &Handler{
		config: config,
		limits: newLimits(config),
		now:    time.Now,
	}

	h.endpoints = make(map[string]*endpoint)
	for _, e := range endpoints() {
		h.endpoints[e.path] = e
	}

	if h.metrics, err = newMetrics(h); err != nil {
		return nil, fmt.Errorf("%w: the registry refuses the metrics: %w", ErrConfig, err)
	}
	return h, nil
}

// Registry returns the registry of the metrics, so that a program can add its
// own. It is nil for a handler that [New] did not make.
func (h *Handler) Registry() *prometheus.Registry {
	if h == nil {
		return nil
	}
	return h.config.Registry
}
