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
	// freeFinality is the largest difference between the confirmed and the
	// finalized slot at which both count as the same. Replicas of one endpoint
	// can differ by as much. On a cluster that finalizes later, the difference
	// is at least 31 slots.
	freeFinality = 8
	// probeEvery is the least time between two probes of a node that refuses a
	// request, see [Client.refusesConfirmed].
	probeEvery = time.Minute
)

// finality is the known relation between confirmed and finalized. Its zero
// value stands for a cluster on which they differ.
type finality struct {
	// free reports whether finalized is as early as confirmed, and refused
	// whether nodes refuse the commitment confirmed.
	free, refused atomic.Bool

	mu sync.Mutex
	// probed is the time of the last probe. probing is closed at its end.
	probed  time.Time
	probing chan struct{}
}

// finalityTransport is a transport that replaces confirmed by finalized if that
// causes no delay, or if nodes refuse confirmed.
type finalityTransport struct {
	rpc.JSONRPCClient
	client *Client
}

// withFinality returns a transport that applies the commitment of the client.
// All requests to nodes use one.
func (c *Client) withFinality(transport rpc.JSONRPCClient) rpc.JSONRPCClient {
	if !c.anyFinality {
		return transport
	}
	return finalityTransport{JSONRPCClient: transport, client: c}
}

// CallForInto implements rpc.JSONRPCClient. It repeats a request that a node
// refused because of its commitment. Such a request was not executed.
func (l finalityTransport) CallForInto(
	ctx context.Context,
	out any,
	method string,
	params []any,
) error {
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
func (l finalityTransport) CallWithCallback(
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
func (l finalityTransport) CallBatch(
	ctx context.Context,
	requests jsonrpc.RPCRequests,
) (jsonrpc.RPCResponses, error) {
	return l.JSONRPCClient.CallBatch(ctx, requests)
}

// Close closes the transport if it can be closed.
func (l finalityTransport) Close() error {
	if closer, ok := l.JSONRPCClient.(interface{ Close() error }); ok {
		return closer.Close()
	}
	return nil
}

// refusesConfirmed reports whether a node refuses the commitment confirmed. It
// does not interpret the text of an error. It checks that the same request is
// refused with confirmed and answered with finalized.
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

// beginProbe returns the function that ends a probe. It returns a nil function
// if another probe is running or ended recently; wait is closed at the end of
// that probe.
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

// askFinality compares the confirmed with the finalized slot. It requests the
// confirmed slot last: the time between the two requests can only increase the
// difference.
func (c *Client) askFinality(ctx context.Context) error {
	through, ok := c.transport.(finalityTransport)
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

// commitmentKeys are the request options that hold a commitment.
var commitmentKeys = [...]string{"commitment", "preflightCommitment"}

// confirmedIn returns the index of the parameter that requests confirmed, or a
// negative number.
func confirmedIn(params []any) int {
	return slices.IndexFunc(params, func(param any) bool {
		options, ok := param.(rpc.M)
		return ok && slices.ContainsFunc(commitmentKeys[:], func(key string) bool {
			return fmt.Sprint(options[key]) == string(rpc.CommitmentConfirmed)
		})
	})
}

// finalizedIn returns the parameters with finalized in place of confirmed.
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
