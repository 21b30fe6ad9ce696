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

// cluster compares the genesis hashes of the endpoints of a fleet. A fallback
// on another cluster would be millions of slots ahead, know none of the
// accounts, and find every blockhash unknown.
type cluster struct {
	named   string // the genesis hash set by the user, or empty
	members []*member
	onMove  func()

	mu sync.Mutex // guards the members
}

// member is an endpoint of a cluster.
type member struct {
	*core
	asking  chan struct{} // held during the request for the genesis hash
	known   bool          // it answered, even if without a genesis hash
	genesis string        // its genesis hash, or empty
}

func newCluster(f *fleet) {
	c := &cluster{named: f.opts.Genesis, onMove: f.opts.OnCluster}
	for _, e := range f.endpoints {
		e.cluster, e.member = c, &member{core: e.core, asking: make(chan struct{}, 1)}
		c.members = append(c.members, e.member)
	}
}

// reference returns the genesis hash that all endpoints must have, and the host
// it comes from: the first endpoint in order that reported one. Both are empty
// if no endpoint has reported one yet.
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

// foreign returns the failure of an endpoint that is known to be on another
// cluster, or nil. An endpoint that does not report its genesis hash is
// accepted, unless the user set one.
func (e *endpoint) foreign(method string) *Error {
	if e.cluster == nil {
		return nil
	}

	e.cluster.mu.Lock()
	defer e.cluster.mu.Unlock()
	genesis, host := e.cluster.reference()
	reported := "its genesis hash is " + e.member.genesis
	switch e.member.genesis {
	case genesis:
		return nil
	case "":
		if e.cluster.named == "" || !e.member.known {
			return nil
		}

		reported = "it does not report its genesis hash"
	}

	wanted := "that of " + host + " is " + genesis
	if host == "" {
		wanted = genesis + " is wanted"
	}

	text := fmt.Sprintf("%v: %s, %s", ErrWrongCluster, reported, wanted)

	return e.fail(method, text, ErrWrongCluster)
}

// identity is a pending request for the genesis hash of an endpoint.
type identity struct {
	done    chan struct{}
	failure *Error // set if the request failed; read it after wait
}

func (i *identity) wait() { <-i.done }

// identify requests the genesis hash of an endpoint, concurrently with another
// request, unless it is known.
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

// askGenesis requests the genesis hash. Concurrent callers share one request.
// It uses no slot of Options.MaxInFlight, since the call that waits for it
// holds one. It does not wait for the rate limiter either, and may exceed it by
// this one request.
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
		return "", c.failTemporary(genesisMethod, "invalid genesis hash", ErrBadResponse)
	}
	return text, nil
}

// learn records the genesis hash of an endpoint, or an empty one if the
// endpoint does not report it.
func (e *endpoint) learn(genesis string) {
	c := e.cluster
	c.mu.Lock()
	before, _ := c.reference()
	e.member.known, e.member.genesis = true, genesis
	after, _ := c.reference()
	c.mu.Unlock()
	if genesis == "" {
		e.log.Warn("endpoint reports no genesis hash, its cluster is not checked", "host", e.host)
	}

	if before != "" && before != after && c.onMove != nil {
		c.onMove()
	}
}

// of returns a failed request for the genesis hash as the failure of the call
// that needed it.
func (e *Error) of(method string) *Error {
	failed := *e
	failed.Method, failed.Message = method, "genesis hash: "+e.detail()
	failed.transient = e.Temporary()
	return &failed
}
