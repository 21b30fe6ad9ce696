package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// simulationPause is the pause before a simulation is repeated because no
	// node knew the blockhash.
	simulationPause = 200 * time.Millisecond
	// nonceSimulationBlocks is the number of blocks after which a simulation
	// with a durable nonce, which does not expire, is no longer repeated.
	nonceSimulationBlocks = 150
	// youngSlots is the number of slots, a third of its lifetime, during which
	// a blockhash certainly has not expired.
	youngSlots = 50
	// maxLogLines and maxLogBytes limit the stored logs of a simulation. Nodes
	// truncate logs at much lower limits.
	maxLogLines = 10_000
	maxLogBytes = 1 << 20
)

// errUnknownBlockhash is returned when the simulating node does not know the
// blockhash: either the node lags behind, or the blockhash has expired.
var errUnknownBlockhash = errors.New("the node does not know the blockhash")

// simulated is the result of simulating a transaction. Values that no node
// reported are zero.
type simulated struct {
	// slot is the slot of the simulation.
	slot uint64
	// units is the number of consumed compute units.
	units uint64
	// dataSize is the size of loaded accounts and programs in bytes.
	// limitedData reports whether the simulated transaction had a limit on it.
	dataSize    uint64
	limitedData bool
	// baseFee is the network fee without the priority fee, in lamports.
	baseFee *uint64
}

// simulate asks the nodes whether a plan succeeds and which resources it
// consumes. If no node reports the compute units, the error wraps ErrNoAnswer
// and the other values are set.
func (c *Client) simulate(
	ctx context.Context,
	plan txn.Plan,
	known *prefetched,
) (simulated, error) {
	unsigned, err := compileLimited(plan, maxDataLimit)
	if err != nil {
		return simulated{}, err
	}

	answer, err := c.simulation(ctx, unsigned, known)
	told := simulated{
		slot:        answer.slot,
		units:       answer.UnitsConsumed,
		dataSize:    answer.LoadedAccountsDataSize,
		limitedData: unsigned.Budget().LoadedAccountsDataSizeLimit != 0,
	}
	if err != nil {
		return told, err
	}

	if failure := progerr.Parse(answer.Err, unsigned.Programs(), answer.Logs); failure != nil {
		err := c.nameStep(c.explainFailure(ctx, failure, unsigned, *known), unsigned)
		return simulated{}, fmt.Errorf("%w: %w", ErrSimulation, err)
	}

	if answer.Fee != nil {
		told.baseFee = beforePriority(*answer.Fee, unsigned)
	}

	if told.baseFee == nil {
		fee := c.askBaseFee(ctx, unsigned, known.slot)
		defer fee.stop()
		told.baseFee = c.waitBaseFee(ctx, fee)
	}

	return told, nil
}

// simulation repeats a simulation until a node knows the blockhash, or until
// the blockhash has expired. If no node reports the compute units, the error
// wraps ErrNoAnswer.
func (c *Client) simulation(
	ctx context.Context,
	unsigned *txn.Unsigned,
	known *prefetched,
) (simulation, error) {
	lifetime := unsigned.Lifetime()
	opts := rpc.M{"encoding": "base64", "commitment": c.commitment, "minContextSlot": lifetime.Slot}
	answer := simulationAnswer{minSlot: lifetime.Slot}
	if c.young(lifetime) {
		// The node uses its own latest blockhash, so that it need not know this
		// one.
		opts["replaceRecentBlockhash"] = true
		opts["minContextSlot"], answer.minSlot = known.slot, known.slot
	}

	last := lifetime.LastValidBlockHeight
	for {
		params := []any{unsigned.Base64(), opts}
		err := c.transport.CallForInto(ctx, &answer, "simulateTransaction", params)
		if !errors.Is(err, errUnknownBlockhash) || ctx.Err() != nil {
			return answer.value, err
		}

		expired, err := c.outlived(ctx, lifetime, &last)
		switch {
		case err != nil:
			return simulation{}, err
		case expired:
			failure := progerr.Parse(json.RawMessage(`"BlockhashNotFound"`), nil, nil)
			return simulation{}, fmt.Errorf("%w: %w", ErrSimulation, failure)
		}

		if err := c.pause(ctx, simulationPause); err != nil {
			return simulation{}, err
		}
	}
}

// young reports whether a blockhash was read so recently that it cannot have
// expired. A node that does not know it then lags behind.
func (c *Client) young(l txn.Lifetime) bool {
	if l.Durable() || l.ReadAt == 0 {
		return false
	}
	age := c.now().Sub(time.UnixMilli(l.ReadAt))
	return age >= 0 && age < youngSlots*c.SlotTime().Duration
}

// outlived reports whether the blockhash of a transaction has expired, or its
// nonce account holds another value.
func (c *Client) outlived(ctx context.Context, l txn.Lifetime, last *uint64) (bool, error) {
	info, err := getEpochInfo(ctx, c.transport, c.commitment, l.Slot)
	if err != nil {
		return false, err
	}

	height := info.BlockHeight
	if !l.Durable() {
		return height > *last, nil
	}

	if *last == 0 {
		*last = height + nonceSimulationBlocks
	}

	var now prefetched
	if err := c.readWanted(ctx, wanted{nonce: l.Nonce.Account}, l.Slot, &now); err != nil {
		return false, err
	}

	return now.lifetime.Blockhash != l.Blockhash || height > *last, nil
}

// pause waits by the client's clock.
func (c *Client) pause(ctx context.Context, d time.Duration) error {
	var done <-chan time.Time
	if c.clock != nil {
		after, stop := c.clock.After(d)
		defer stop()
		done = after
	} else {
		timer := time.NewTimer(d)
		defer timer.Stop()
		done = timer.C
	}

	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// simulation is the used part of the answer to simulateTransaction. solana-go's
// own type would also decompress accounts that were not requested.
type simulation struct {
	Err                    json.RawMessage `json:"err"`
	Logs                   logLines        `json:"logs"`
	UnitsConsumed          uint64          `json:"unitsConsumed"`
	LoadedAccountsDataSize uint64          `json:"loadedAccountsDataSize"`
	Fee                    *uint64         `json:"fee"`
	slot                   uint64
}

// failed reports whether the transaction would fail.
func (s *simulation) failed() bool { return len(s.Err) > 0 && string(s.Err) != "null" }

// simulationAnswer decodes an answer. It returns an error if another node may
// give a better one.
type simulationAnswer struct {
	minSlot uint64
	value   simulation
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *simulationAnswer) UnmarshalJSON(data []byte) error {
	var answer struct {
		inContext
		Value *simulation `json:"value"`
	}

	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}

	if slot := answer.slot(); slot != 0 && slot < a.minSlot {
		return &jsonrpc.NodeBehindError{At: slot, Wanted: a.minSlot}
	}

	value := answer.Value
	switch {
	case value == nil:
		return fmt.Errorf("simulation: %w", ErrNoAnswer)
	case unknownBlockhash(value.Err):
		return fmt.Errorf("%w: %w", errUnknownBlockhash, ErrNodeBehind)
	case !value.failed() && value.UnitsConsumed == 0:
		a.value = *value // Used if no node has a better one.
		return fmt.Errorf("simulation: %w", ErrNoAnswer)
	}

	a.value = *value
	a.value.slot = answer.slot()

	return nil
}

// unknownBlockhash reports whether a transaction error means that the node does
// not know the blockhash.
func unknownBlockhash(err json.RawMessage) bool {
	var name string
	return json.Unmarshal(err, &name) == nil && name == "BlockhashNotFound"
}

// logLines are the logs of a transaction, truncated to the limits.
type logLines []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *logLines) UnmarshalJSON(data []byte) error {
	*l = nil
	rest := json.NewDecoder(bytes.NewReader(data))
	if open, err := rest.Token(); err != nil || open != json.Delim('[') {
		return nil // The node returned no logs.
	}

	for size := 0; rest.More() && len(*l) < maxLogLines; {
		var line string
		if err := rest.Decode(&line); err != nil {
			return err
		}

		if size += len(line); size > maxLogBytes {
			break
		}

		*l = append(*l, line)
	}

	return nil
}
