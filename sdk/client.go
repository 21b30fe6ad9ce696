package sdk

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// Clock paces the waiting of [Client.Send], see [WithClock]. Tests replace it.
type Clock interface {
	// Now never goes back.
	Now() time.Time
	// After delivers once Now has advanced by d, as [time.After] does. Stop
	// releases it early.
	After(d time.Duration) (c <-chan time.Time, stop func())
}

// Client talks to one node, or to the first of several that is able to answer, see [WithFallback].
type Client struct {
	transport rpc.JSONRPCClient
	rpc       *rpc.Client
	// failover is the transport if there are several endpoints.
	failover *jsonrpc.Failover
	delivery delivery
	seen     *seenSlots
	// commitment is what the client asks for; its transports ask for finalized
	// instead where anyFinality and finality allow it.
	commitment  rpc.CommitmentType
	anyFinality bool
	finality    finality
	registry    *lst.Registry
	logger      *slog.Logger
	clock       Clock
	// pinned are builds the user vouches for, builds those the client has looked at.
	pinned map[solana.PublicKey]string
	builds buildCache
	// slots knows how long a slot takes, surveys when to ask for that.
	slots   *slotClock
	surveys surveys
	// addresses are those that transactions were built with.
	addresses *accounts.Addresses
	// seeds draws those of transactions.
	seeds seeds
}

// mostAddresses is how many derived addresses a client remembers.
const mostAddresses = 4096

// config is what options change.
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
	// anyFinality says that finalized may stand for the commitment.
	anyFinality bool
	registry    *lst.Registry
	logger      *slog.Logger
	clock       Clock
	pinned      map[solana.PublicKey]string
}

// Option changes how a client works. The defaults are safe without any.
type Option interface{ apply(*config) }

type option func(*config)

func (f option) apply(c *config) { f(c) }

// WithCommitment reads, simulates and confirms at the given commitment, and at no
// other.
//
// Without it that is confirmed, and finalized where that is the same: on a
// cluster that finalizes what it confirms, and at a node that does not know
// confirmed any more. The client finds out. Along with its first request, and
// every ten minutes, it compares the slots that are confirmed and finalized. If
// finalized is not behind, it reads, simulates and takes blockhashes there. A
// request that a node refuses as malformed is made again with finalized, if the
// node turns out to refuse nothing but confirmed. A transaction counts as landed
// when it is confirmed, or finalized.
func WithCommitment(commitment rpc.CommitmentType) Option {
	return option(func(c *config) { c.commitment, c.anyFinality = commitment, false })
}

// WithRegistry uses another list of LSTs than the one in the module.
func WithRegistry(registry *lst.Registry) Option {
	return option(func(c *config) { c.registry = registry })
}

// WithLogger logs each request: its method and host, its attempts and duration, never a URL or a body.
func WithLogger(logger *slog.Logger) Option { return option(func(c *config) { c.logger = logger }) }

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
func WithTransport(transport rpc.JSONRPCClient) Option {
	return option(func(c *config) { c.transport = transport })
}

// New returns a client of the node at an HTTP or HTTPS endpoint. It does not connect yet.
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
	client.transport = client.leveled(c.transport)
	client.rpc = rpc.NewWithCustomRPCClient(client.transport)
	return client, nil
}

// usable refuses a client that [New] did not make, and a context that is nil.
func (c *Client) usable(ctx context.Context) error {
	switch {
	case c == nil || c.transport == nil:
		return fmt.Errorf("%w client: make one with New", accounts.ErrNil)
	case ctx == nil:
		return fmt.Errorf("%w context: pass context.Background() at least", accounts.ErrNil)
	}
	return nil
}

// Registry is the list of LSTs the client knows.
func (c *Client) Registry() *lst.Registry {
	if c == nil {
		return nil
	}

	return c.registry
}

// RPC is the node behind the client, for whatever this package has no method
// for. It keeps the client's limits, failover and redaction.
//
// Its types, which are solana-go's, decompress accounts in base64+zstd without a
// limit: 300 kB become gigabytes. So no answer with such an account is decoded,
// asked for or not. Besides, an answer of 64 MiB, which is the limit for methods
// that this package does not use itself, can take up ten times as much once it is
// decoded into these types.
func (c *Client) RPC() *rpc.Client {
	if c == nil {
		return nil
	}

	return c.rpc
}

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
