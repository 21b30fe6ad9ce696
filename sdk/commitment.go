package sdk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"
)

const (
	// freeFinality is how many slots finalized may be behind confirmed to count
	// as the same. Replicas of one endpoint lie apart that much, where the two
	// are one; where they are not, 31 slots and more lie between them.
	freeFinality = 8
	// probeEvery is how often a node that refuses a request is asked at most
	// whether it refuses the commitment in it.
	probeEvery = time.Minute
)

// finality is what is known about the commitments of the cluster. Its zero
// value is a cluster that makes a difference between confirmed and finalized.
type finality struct {
	// free says that finalized is as early as confirmed, and refused that nodes
	// do not know confirmed any more.
	free, refused atomic.Bool

	mu sync.Mutex
	// probed is when a node was last asked whether it knows confirmed, and
	// probing is closed when it has answered.
	probed  time.Time
	probing chan struct{}
}

// leveled is a transport that asks for finalized where confirmed was meant, as
// soon as that costs nothing or is all that nodes know.
type leveled struct {
	rpc.JSONRPCClient
	client *Client
}

// leveled returns a transport of the client that keeps to its commitment. All
// that asks a node goes through one.
func (c *Client) leveled(transport rpc.JSONRPCClient) rpc.JSONRPCClient {
	if !c.anyFinality {
		return transport
	}
	return leveled{JSONRPCClient: transport, client: c}
}

// CallForInto implements rpc.JSONRPCClient. A request that was refused because
// of its commitment was not carried out, so it is made again.
func (l leveled) CallForInto(ctx context.Context, out any, method string, params []any) error {
	f := &l.client.finality
	confirmed := confirmedIn(params) >= 0
	if confirmed && (f.free.Load() || f.refused.Load()) {
		return l.JSONRPCClient.CallForInto(ctx, out, method, finalizedIn(params))
	}

	err := l.JSONRPCClient.CallForInto(ctx, out, method, params)
	if !confirmed || !isInvalidParams(err) || !l.client.refusesConfirmed(ctx, l.JSONRPCClient) {
		return err
	}

	return l.JSONRPCClient.CallForInto(ctx, out, method, finalizedIn(params))
}

// CallWithCallback implements rpc.JSONRPCClient.
func (l leveled) CallWithCallback(
	ctx context.Context,
	method string,
	params []any,
	callback func(*http.Request, *http.Response) error,
) error {
	if f := &l.client.finality; f.free.Load() || f.refused.Load() {
		params = finalizedIn(params)
	}
	return l.JSONRPCClient.CallWithCallback(ctx, method, params, callback)
}

// CallBatch implements rpc.JSONRPCClient.
func (l leveled) CallBatch(
	ctx context.Context,
	requests jsonrpc.RPCRequests,
) (jsonrpc.RPCResponses, error) {
	return l.JSONRPCClient.CallBatch(ctx, requests)
}

// Close closes the transport if it can be closed.
func (l leveled) Close() error {
	if closer, ok := l.JSONRPCClient.(interface{ Close() error }); ok {
		return closer.Close()
	}
	return nil
}

// refusesConfirmed reports whether a node does not know the commitment
// confirmed. It finds out by what the node does, not by what it writes: the
// same request is refused with one commitment and answered with the other.
func (c *Client) refusesConfirmed(ctx context.Context, node rpc.JSONRPCClient) bool {
	f := &c.finality
	wait, end := f.beginProbe(c.now())
	if end == nil {
		select {
		case <-wait:
		case <-ctx.Done():
		}

		return f.refused.Load()
	}

	defer end()

	if _, err := slotAt(ctx, node, rpc.CommitmentConfirmed); !isInvalidParams(err) {
		return false
	}

	if _, err := slotAt(ctx, node, rpc.CommitmentFinalized); err != nil {
		return false
	}

	f.refused.Store(true)

	return true
}

// beginProbe returns how to end a probe, or nil if there is one under way or
// was one lately, together with what is closed at its end.
func (f *finality) beginProbe(now time.Time) (wait <-chan struct{}, end func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.probing != nil && now.Before(f.probed.Add(probeEvery)) {
		return f.probing, nil
	}

	done := make(chan struct{})
	f.probed, f.probing = now, done
	return done, func() { close(done) }
}

// askFinality compares the slots that are confirmed and finalized. The
// confirmed one is asked for last: the time between the two can only make them
// differ more.
func (c *Client) askFinality(ctx context.Context) error {
	through, ok := c.transport.(leveled)
	if !ok {
		return nil
	}

	node := through.JSONRPCClient
	finalized, err := slotAt(ctx, node, rpc.CommitmentFinalized)
	if err != nil {
		return err
	}

	f := &c.finality
	confirmed, err := slotAt(ctx, node, rpc.CommitmentConfirmed)
	switch {
	case isInvalidParams(err):
		f.refused.Store(true)
		return nil
	case err != nil:
		return err
	}

	f.refused.Store(false)
	f.free.Store(finalized > 0 && confirmed <= finalized+freeFinality)

	return nil
}

func slotAt(
	ctx context.Context,
	node rpc.JSONRPCClient,
	commitment rpc.CommitmentType,
) (uint64, error) {
	var slot uint64
	err := node.CallForInto(ctx, &slot, "getSlot", []any{rpc.M{"commitment": commitment}})
	return slot, err
}

// isInvalidParams reports whether a node, or one of several, refused the
// parameters of a request.
func isInvalidParams(err error) bool {
	var several *EndpointsError
	if errors.As(err, &several) {
		return slices.ContainsFunc(several.Failures,
			func(e *RPCError) bool { return e.Code == invalidParams })
	}
	var one *RPCError
	return errors.As(err, &one) && one.Code == invalidParams
}

// commitmentKeys are the options that hold a commitment.
var commitmentKeys = [...]string{"commitment", "preflightCommitment"}

// confirmedIn returns the index of the parameter that asks for confirmed, and a
// negative number if there is none.
func confirmedIn(params []any) int {
	return slices.IndexFunc(params, func(param any) bool {
		options, ok := param.(rpc.M)
		return ok && slices.ContainsFunc(commitmentKeys[:], func(key string) bool {
			return fmt.Sprint(options[key]) == string(rpc.CommitmentConfirmed)
		})
	})
}

// finalizedIn returns a copy of parameters with finalized in place of
// confirmed.
func finalizedIn(params []any) []any {
	at := confirmedIn(params)
	if at < 0 {
		return params
	}

	options := maps.Clone(params[at].(rpc.M))
	for _, key := range commitmentKeys {
		if fmt.Sprint(options[key]) == string(rpc.CommitmentConfirmed) {
			options[key] = rpc.CommitmentFinalized
		}
	}

	changed := slices.Clone(params)
	changed[at] = options

	return changed
}
