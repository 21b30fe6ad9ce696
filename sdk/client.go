package sdk

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// Clock is the time source of [Client.Send], see [WithClock]. Tests replace it,
// for example by sdktest.NewClock.
type Clock interface {
	// Now returns the current time. It must never go back.
	Now() time.Time
	// After returns a channel that receives the time once Now has advanced by
	// d, like [time.After]. The function stop releases its resources early.
	After(d time.Duration) (c <-chan time.Time, stop func())
}

// Client loads markets, builds transactions and sends them through one or
// several nodes, see [WithFallback]. Create one with [New]. A Client is safe
// for concurrent use.
type Client struct {
	transport rpc.JSONRPCClient
	rpc       *rpc.Client
	// failover is the transport if there are several endpoints, or nil.
	failover *jsonrpc.Failover
	delivery delivery
	seen     *seenSlots
	// commitment is the requested commitment. The transports request finalized
	// instead if anyFinality and finality allow it.
	commitment  rpc.CommitmentType
	anyFinality bool
	finality    finality
	registry    *lst.Registry
	// tokens are the tokens of the registry and the discovered ones.
	tokens tokens
	logger *slog.Logger
	clock  Clock
	// pinned are the program builds of [WithProgramBuild], and builds those
	// that the client has read.
	pinned map[solana.PublicKey]string
	builds buildCache
	// slots measures the slot time, and surveys schedules its measurement.
	slots   *slotClock
	surveys surveys
	// addresses caches derived addresses.
	addresses *accounts.Addresses
	// seeds generates the seeds of new accounts.
	seeds seeds
	// version1 is set once the network is known to take version 1.
	version1 atomic.Bool
}

// mostAddresses is the size of the cache of derived addresses.
const mostAddresses = 4096

// config is the configuration that options change.
type config struct {
	transport  rpc.JSONRPCClient
	main       endpoint
	fallbacks  []fallback
	delivery   delivery
	genesis    *solana.Hash
	onCluster  func()
	onSlot     func(uint64) error
	slotTime   func() time.Duration
	commitment rpc.CommitmentType
	// anyFinality reports whether finalized may replace the commitment.
	anyFinality bool
	registry    *lst.Registry
	discovery   *DiscoveryOptions
	logger      *slog.Logger
	clock       Clock
	pinned      map[solana.PublicKey]string
}

// Option configures a [Client] in [New].
type Option interface{ apply(*config) }

type option func(*config)

func (f option) apply(c *config) { f(c) }

// WithCommitment sets the commitment for reading, simulating and confirming.
// The client then uses no other.
//
// The default is confirmed, or finalized where both are the same. Along with
// its first request, and every ten minutes, the client compares the confirmed
// and the finalized slot. If they are at most 8 slots apart, it reads,
// simulates and takes blockhashes at finalized. If a node refuses the
// commitment confirmed, the client repeats the request with finalized. In both
// cases a transaction counts as landed once it is confirmed or finalized.
func WithCommitment(commitment rpc.CommitmentType) Option {
	return option(func(c *config) { c.commitment, c.anyFinality = commitment, false })
}

// WithRegistry replaces the embedded list of LSTs, [lst.Default].
func WithRegistry(registry *lst.Registry) Option {
	return option(func(c *config) { c.registry = registry })
}

// WithLogger logs each request: method, host, attempts and duration. It never
// logs URLs, headers or bodies. By default nothing is logged.
func WithLogger(logger *slog.Logger) Option { return option(func(c *config) { c.logger = logger }) }

// WithClock replaces the clock of [Client.Send] and of the failover, see
// [WithFallback].
func WithClock(clock Clock) Option { return option(func(c *config) { c.clock = clock }) }

// WithProgramBuild declares the hash of a program's deployed build, see
// [accounts.ProgramHash]. Quotes depend on the build, see [route.Quote.Exact].
// Without this option the client downloads the code of each program once per
// deployment, about 1 MB each, and computes the hash.
func WithProgramBuild(program solana.PublicKey, hash string) Option {
	return option(func(c *config) {
		if c.pinned == nil {
			c.pinned = make(map[solana.PublicKey]string)
		}
		c.pinned[program] = hash
	})
}

// WithTransport replaces the JSON-RPC transport. Timeouts, retries, rate limits
// and the redaction of keys are then up to the transport, and [WithFallback]
// cannot be used.
func WithTransport(transport rpc.JSONRPCClient) Option {
	return option(func(c *config) { c.transport = transport })
}

// New returns a client for the node at an HTTP or HTTPS endpoint. It does not
// connect yet.
//
// It returns [ErrInsecure] if a key would travel unencrypted, and an error for
// an invalid URL or option.
func New(endpoint string, opts ...Option) (*Client, error) {
	c := config{commitment: rpc.CommitmentConfirmed, anyFinality: true}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}

	switch c.commitment {
	case rpc.CommitmentProcessed, rpc.CommitmentConfirmed, rpc.CommitmentFinalized:
	default:
		return nil, fmt.Errorf("new client: unknown commitment %q", c.commitment)
	}

	if c.registry == nil {
		c.registry = lst.Default()
	}

	if c.logger == nil || c.logger.Handler() == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}

	slots := new(slotClock)
	seen := &seenSlots{now: time.Now, slotTime: slots.longest}
	if c.clock != nil {
		seen.now = c.clock.Now
	}

	c.onSlot = seen.told
	c.onCluster = func() {
		seen.forget()
		slots.forget()
	}

	c.slotTime = func() time.Duration { return slots.estimate().Duration }
	var failover *jsonrpc.Failover
	if c.transport == nil {
		var err error
		if c.transport, failover, err = c.connect(endpoint); err != nil {
			return nil, fmt.Errorf("new client: %w", err)
		}
	} else if len(c.fallbacks) > 0 {
		return nil, fmt.Errorf("new client: %w", errOwnTransport)
	}

	client := &Client{
		failover:    failover,
		delivery:    c.delivery,
		seen:        seen,
		slots:       slots,
		commitment:  c.commitment,
		anyFinality: c.anyFinality,
		registry:    c.registry,
		logger:      c.logger,
		clock:       c.clock,
		pinned:      c.pinned,
		addresses:   accounts.NewAddresses(mostAddresses),
	}

	client.tokens.opts = c.discovery

	client.transport = client.withFinality(c.transport)
	client.rpc = rpc.NewWithCustomRPCClient(client.transport)

	return client, nil
}

// usable returns an error if [New] did not create the client, or if the context
// is nil.
func (c *Client) usable(ctx context.Context) error {
	switch {
	case c == nil || c.transport == nil:
		return fmt.Errorf("%w client (create one with New)", accounts.ErrNil)
	case ctx == nil:
		return fmt.Errorf("%w context (pass context.Background)", accounts.ErrNil)
	}
	return nil
}

// Registry returns the list of LSTs of the client, with the tokens that it has
// discovered, see [WithDiscovery].
func (c *Client) Registry() *lst.Registry {
	if c == nil {
		return nil
	}

	return c.lsts()
}

// RPC returns the node as a solana-go client, for methods that this package
// does not cover. It keeps the client's rate limits, failover and redaction.
//
// Accounts in base64+zstd are refused: solana-go decompresses them without a
// limit, and 300 kB can become gigabytes. Responses of methods that this
// package does not use are limited to 64 MiB; their decoded form can take ten
// times as much memory.
func (c *Client) RPC() *rpc.Client {
	if c == nil {
		return nil
	}

	return c.rpc
}

// buildCache caches the hash of each program's code by the slot of its
// deployment, so that the code is downloaded once.
type buildCache struct {
	mu     sync.Mutex
	hashes map[deployment]string
}

type deployment struct {
	program solana.PublicKey
	slot    uint64
}

func (b *buildCache) get(d deployment) (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	hash, ok := b.hashes[d]
	return hash, ok
}

func (b *buildCache) put(d deployment, hash string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hashes == nil {
		b.hashes = make(map[deployment]string)
	}
	b.hashes[d] = hash
}
