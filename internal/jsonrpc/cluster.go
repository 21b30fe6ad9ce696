package jsonrpc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/gagliardetto/solana-go"
)

const (
	genesisMethod = "getGenesisHash"
	maxHash       = 44 // characters of base58
)

// cluster knows which cluster each endpoint of a fleet is of, by the genesis
// hash. A fallback of another one would be ahead of all others by millions of
// slots, know no account of theirs, and find every blockhash unknown.
type cluster struct {
	named   string // the genesis hash the user wants, or empty
	members []*member
	onMove  func()

	mu sync.Mutex // guards the members
}

// member is an endpoint as its cluster knows it.
type member struct {
	*core
	asking  chan struct{} // held by the one who asks
	known   bool          // it answered, if only that it will not tell
	genesis string        // what it told
}

func newCluster(f *fleet) {
	c := &cluster{named: f.opts.Genesis, onMove: f.opts.OnCluster}
	for _, e := range f.endpoints {
		e.cluster, e.member = c, &member{core: e.core, asking: make(chan struct{}, 1)}
		c.members = append(c.members, e.member)
	}
}

// reference is the genesis hash that all must have, and the host it is of: the
// first endpoint that tells one has it. It is empty if none did so far.
func (c *cluster) reference() (genesis, host string) {
	if c.named != "" {
		return c.named, ""
	}
	for _, m := range c.members {
		if m.genesis != "" {
			return m.genesis, m.host
		}
	}
	return "", ""
}

// foreign is the failure of an endpoint that is known to be of another cluster.
// One that will not tell its own is let through, unless the user named one.
func (e *endpoint) foreign(method string) *Error {
	if e.cluster == nil {
		return nil
	}

	e.cluster.mu.Lock()
	defer e.cluster.mu.Unlock()
	genesis, host := e.cluster.reference()
	told := "its genesis hash is " + e.member.genesis
	switch e.member.genesis {
	case genesis:
		return nil
	case "":
		if e.cluster.named == "" || !e.member.known {
			return nil
		}

		told = "it does not tell its genesis hash"
	}

	wanted := "that of " + host + " is " + genesis
	if host == "" {
		wanted = genesis + " is wanted"
	}

	return e.fail(method, fmt.Sprintf("%v: %s, %s", ErrWrongCluster, told, wanted), ErrWrongCluster)
}

// identity is the answer to which cluster an endpoint is of, on its way.
type identity struct {
	done    chan struct{}
	failure *Error // why it is not known after all; to be read when done
}

func (i *identity) wait() { <-i.done }

// identify asks an endpoint for its cluster, while it is asked for something
// else, if that is not known yet.
func (e *endpoint) identify(ctx context.Context) *identity {
	i := &identity{done: make(chan struct{})}
	if e.cluster == nil || e.isKnown() {
		close(i.done)
		return i
	}
	go func() {
		defer close(i.done)
		i.failure = e.askGenesis(ctx)
	}()
	return i
}

func (e *endpoint) isKnown() bool {
	e.cluster.mu.Lock()
	defer e.cluster.mu.Unlock()
	return e.member.known
}

// askGenesis asks once at a time: whoever comes second finds the answer there.
// It takes no slot of those in flight, for the call that waits for it has one,
// nor does it wait for the rate limiter, which it may overdraw by this once.
func (e *endpoint) askGenesis(ctx context.Context) *Error {
	select {
	case e.member.asking <- struct{}{}:
		defer func() { <-e.member.asking }()
	case <-ctx.Done():
		return e.failTransport(ctx, genesisMethod, ctx.Err())
	}

	if e.isKnown() {
		return nil
	}

	if e.opts.Limiter != nil {
		e.opts.Limiter.Allow()
	}

	id, body, failure := e.encode(genesisMethod, nil)
	if failure != nil {
		return failure
	}

	var genesis string
	read := func(req *http.Request, resp *http.Response) (failure *Error) {
		answer, release, failure := e.read(ctx, genesisMethod, req, resp)
		defer release()
		if failure != nil {
			return failure
		}

		result, failure := e.parse(genesisMethod, answer, id)
		if failure == nil {
			genesis, failure = e.genesisHash(result)
		}

		return failure
	}

	failure = e.exchange(ctx, ctx, genesisMethod, 1, body, read)
	switch {
	case failure == nil, ctx.Err() == nil && !failure.Temporary():
		e.learn(genesis)
		return nil
	case ctx.Err() == nil:
		return failure
	}

	return e.failTemporary(genesisMethod, "timed out", ctx.Err())
}

func (c *core) genesisHash(result json.RawMessage) (string, *Error) {
	var text string
	err := json.Unmarshal(result, &text)
	if err == nil && len(text) <= maxHash {
		_, err = solana.HashFromBase58(text)
	}
	if err != nil || len(text) > maxHash {
		return "", c.failTemporary(genesisMethod, "the genesis hash is not one", ErrBadResponse)
	}
	return text, nil
}

// learn enters the genesis hash of an endpoint, empty if it does not tell.
func (e *endpoint) learn(genesis string) {
	c := e.cluster
	c.mu.Lock()
	before, _ := c.reference()
	e.member.known, e.member.genesis = true, genesis
	after, _ := c.reference()
	c.mu.Unlock()
	if genesis == "" {
		e.log.Warn("the endpoint does not tell its genesis hash, so that is not checked", "host",
			e.host)
	}

	if before != "" && before != after && c.onMove != nil {
		c.onMove()
	}
}

// of is a failure to learn the cluster as the failure of the call that needed
// it.
func (e *Error) of(method string) *Error {
	failed := *e
	failed.Method, failed.Message = method, "genesis hash: "+e.detail()
	failed.transient = e.Temporary()
	return &failed
}
