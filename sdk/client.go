package sdk

import (
	"fmt"
	"log/slog"
	"sync"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/internal/send"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// RPCError is a failed call to the node: which method failed, where, and why. Its text is one line and never contains the path or
// the query of the endpoint, which is where providers put their keys.
type RPCError = jsonrpc.Error

// EndpointsError is a call that failed at each of several endpoints, see [WithFallback]. To errors.Is and errors.As it is any of the
// failures; its text is one line and names the hosts only.
type EndpointsError = jsonrpc.EndpointsError

// ErrBehind says that the node, or each of several, has not reached a slot that was seen before. State never goes backwards, so the
// answer of such a node is worth nothing yet. It may catch up.
var ErrBehind = jsonrpc.ErrBehind

// Doer sends HTTP requests; *http.Client is one.
type Doer = jsonrpc.Doer

// Clock paces the waiting of [Client.Send]. Tests replace it.
type Clock = send.Clock

// Client talks to one node, or to the first of several that is able to answer, see [WithFallback].
type Client struct {
	transport rpc.JSONRPCClient
	rpc       *rpc.Client
	// failover is the transport if there are several endpoints.
	failover   *jsonrpc.Failover
	delivery   delivery
	seen       highest
	commitment rpc.CommitmentType
	registry   *lst.Registry
	logger     *slog.Logger
	clock      Clock
	// pinned are builds the user vouches for, builds those the client has looked at.
	pinned map[solana.PublicKey]string
	builds buildCache
	// slots knows how long a slot takes, surveys when to ask for that.
	slots   slotClock
	surveys surveys
}

// config is what options change.
type config struct {
	transport  rpc.JSONRPCClient
	main       endpoint
	fallbacks  []fallback
	delivery   delivery
	commitment rpc.CommitmentType
	registry   *lst.Registry
	logger     *slog.Logger
	clock      Clock
	pinned     map[solana.PublicKey]string
}

// Option changes how a client works. The defaults are safe without any.
type Option interface{ apply(*config) }

type option func(*config)

func (f option) apply(c *config) { f(c) }

// WithCommitment reads, simulates and confirms at the given commitment. The default is confirmed.
func WithCommitment(commitment rpc.CommitmentType) Option {
	return option(func(c *config) { c.commitment = commitment })
}

// WithRegistry uses another list of LSTs than the one in the module.
func WithRegistry(r *lst.Registry) Option { return option(func(c *config) { c.registry = r }) }

// WithLogger logs each request: its method and host, its attempts and duration, never a URL or a body.
func WithLogger(l *slog.Logger) Option { return option(func(c *config) { c.logger = l }) }

// WithClock replaces the clock that paces [Client.Send] and by which endpoints rest, see [WithFallback].
func WithClock(clock Clock) Option { return option(func(c *config) { c.clock = clock }) }

// WithProgramBuild takes it for granted that a program's deployed build has the given hash, see accounts.ProgramHash. Without it the
// client looks, and fetches the code of each program once for each deployment, about a megabyte.
func WithProgramBuild(program solana.PublicKey, hash string) Option {
	return option(func(c *config) {
		if c.pinned == nil {
			c.pinned = make(map[solana.PublicKey]string)
		}
		c.pinned[program] = hash
	})
}

// WithTransport replaces the JSON-RPC transport. Timeouts, retries, limits and redaction are then its own affair, and so are
// fallbacks.
func WithTransport(t rpc.JSONRPCClient) Option { return option(func(c *config) { c.transport = t }) }

// New returns a client of the node at an HTTP or HTTPS endpoint. It does not connect yet.
func New(endpoint string, opts ...Option) (*Client, error) {
	c := config{commitment: rpc.CommitmentConfirmed}
	for _, o := range opts {
		o.apply(&c)
	}
	switch c.commitment {
	case rpc.CommitmentProcessed, rpc.CommitmentConfirmed, rpc.CommitmentFinalized:
	default:
		return nil, fmt.Errorf("new client: unknown commitment %q", c.commitment)
	}
	if c.registry == nil {
		c.registry = lst.Default()
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	var failover *jsonrpc.Failover
	if c.transport == nil {
		var err error
		if c.transport, failover, err = c.connect(endpoint); err != nil {
			return nil, fmt.Errorf("new client: %w", err)
		}
	} else if len(c.fallbacks) > 0 {
		return nil, fmt.Errorf("new client: %w", errOwnTransport)
	}
	return &Client{
		transport:  c.transport,
		rpc:        rpc.NewWithCustomRPCClient(c.transport),
		failover:   failover,
		delivery:   c.delivery,
		commitment: c.commitment,
		registry:   c.registry,
		logger:     c.logger,
		clock:      c.clock,
		pinned:     c.pinned,
	}, nil
}

// Registry is the list of LSTs the client knows.
func (c *Client) Registry() *lst.Registry { return c.registry }

// RPC is the node behind the client, for whatever this package has no method for. It keeps the client's limits and redaction.
func (c *Client) RPC() *rpc.Client { return c.rpc }

// buildCache remembers the hash of each program's code by the slot of its deployment, so that the code is fetched once.
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
