package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/internal/send"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrNoSignature is returned by [Client.Await] for the zero signature. Pass the
// signature that the wallet returned.
var ErrNoSignature = errors.New("no signature (pass the one that the wallet returned)")

// WithLifetime declares the lifetime of the transaction that [Client.Await]
// waits for. With it, Await can prove that the transaction expired. Use it only
// if the wallet kept the blockhash or nonce of the transaction: with the
// lifetime of another one, a transaction that Await reports as expired may
// land. [Client.Send] and [Client.Resume] know the lifetime and ignore the
// option.
func WithLifetime(lifetime txn.Lifetime) SendOption {
	return sendOption(func(c *sendConfig) { c.lifetime = &lifetime })
}

// Await waits for a transaction that another program sent, for example a wallet
// that signs and sends, and returns its receipt. It needs only the signature,
// so it does not matter what the wallet changed: the blockhash, the price, or
// added instructions. Receipt.Outcome has the transaction on the ledger and
// what it changed; compare it with the quote by [Outcome.Compare].
//
// Await broadcasts nothing. Like [Client.Send] it asks all endpoints, waits for
// the commitment of the client, and believes a result that a majority of those
// that answer reports, see [WithQuorum]. It asks all of them for the balances
// too: Outcome is nil if they contradict each other. If the transaction landed
// and failed, Receipt.Err is set and returned as the error.
//
// The signature does not tell the lifetime of the transaction. Without
// [WithLifetime], Await therefore never returns [ErrExpired]: it waits until
// the context ends, and then returns [ErrUncertain]. Do not build another
// transaction then; call Await again.
func (c *Client) Await(
	ctx context.Context, signature solana.Signature, opts ...SendOption,
) (*Receipt, error) {
	receipt := &Receipt{Signature: signature}
	if err := c.usable(ctx); err != nil {
		return receipt, fmt.Errorf("%w: %w", ErrUncertain, err)
	}

	if signature.IsZero() {
		return receipt, ErrNoSignature
	}

	config, err := c.sendConfig(receipt, opts)
	if err != nil {
		return receipt, err
	}

	tx := send.Tx{Signature: signature, Nonce: true}
	if l := config.lifetime; l != nil {
		if l.Durable() == (l.LastValidBlockHeight != 0) {
			return receipt, fmt.Errorf("%w: %w", ErrUncertain, txn.ErrNoLifetime)
		}

		tx = sentTx(signature, *l)
		if l.Durable() {
			config.NonceAdvanced = c.nonceAdvanced(*l)
		}
	}

	watch := newObserver(c, nil, tx.Slot, config.quorum)
	if len(watch.nodes) > 1 {
		config.CallTimeout = askPatience
	}

	outcome, err := send.Resume(ctx, tx, nil, watch, config.Config)
	receipt.noteOutcome(outcome)
	receipt.Repeated = outcome.Earlier
	switch {
	case err != nil && config.lifetime == nil:
		return receipt, unknownLifetime(signature, err)
	case err != nil:
		return receipt, publicSendError(err)
	}

	return receipt, watch.explain(ctx, receipt, outcome)
}

// unknownLifetime returns the error of a wait for a transaction whose lifetime
// is not known.
func unknownLifetime(signature solana.Signature, err error) error {
	var uncertain *send.UncertainError
	if !errors.As(err, &uncertain) {
		return err
	}

	why := uncertain.Cause
	if uncertain.Last != nil {
		why = fmt.Errorf("%w (last failed call: %w)", why, uncertain.Last)
	}
	return fmt.Errorf("%w: %s has not landed, and its lifetime is not known: %w", ErrUncertain,
		signature, why)
}

// noteOutcome copies what the nodes agree on.
func (r *Receipt) noteOutcome(outcome send.Outcome) {
	r.Slot = outcome.Slot
	r.Commitment = string(outcome.Commitment)
	r.Sends = outcome.Sends
	r.ConfirmedBy = outcome.Witnesses
}

// explain adds the record of a landed transaction to its receipt and returns
// Receipt.Err.
func (o *observer) explain(ctx context.Context, receipt *Receipt, result send.Outcome) error {
	record := o.awaitRecord(ctx, receipt.Signature, result)
	if record == nil {
		failure := progerr.Parse(result.Err, nil, nil)
		if failure != nil {
			receipt.Err = failure
		}

		return receipt.Err
	}

	receipt.Outcome = record.outcome
	receipt.UnitsConsumed = record.outcome.UnitsConsumed
	receipt.Fee = record.outcome.Fee
	if receipt.Slot == 0 {
		receipt.Slot = record.outcome.Slot // The endpoints disagree about the slot.
	}

	unsigned := record.outcome.Transaction
	if failure := progerr.Parse(result.Err, unsigned.Programs(), record.logs); failure != nil {
		receipt.Err = o.client.nameStep(o.client.explainFunds(ctx, failure, unsigned), unsigned)
	}
	return receipt.Err
}

// recordTries is the number of times that nodes are asked for the record of a
// transaction that has landed. A node can know the status before the record.
const recordTries = 5

// awaitRecord asks for the record until a node has it, a few times.
func (o *observer) awaitRecord(
	ctx context.Context, signature solana.Signature, result send.Outcome,
) *record {
	for try := 1; ; try++ {
		found, err := o.record(ctx, signature, result)
		switch {
		case err == nil:
			return found
		case try == recordTries || errors.Is(err, ErrNodesContradict) || ctx.Err() != nil:
			o.client.logger.WarnContext(ctx, "cannot read the balances of the transaction",
				"signature", signature, "error", err)
			return nil
		}

		pace := min(max(o.client.slots.estimate().Duration, leastPoll), mostPoll)
		if o.client.pause(ctx, pace) != nil {
			return nil
		}
	}
}

// record is a node's record of a landed transaction. The outcome is nil if the
// node has no record, or one that cannot be true.
type record struct {
	outcome *Outcome
	logs    []string
}

// record asks all nodes for their records of a transaction. It returns the one
// that a majority of the answers shares.
func (o *observer) record(
	ctx context.Context, signature solana.Signature, result send.Outcome,
) (*record, error) {
	records, err := askAll(ctx, o.nodes,
		func(ctx context.Context, node rpc.JSONRPCClient) (*record, error) {
			return o.recordOf(ctx, node, signature, result)
		})
	if err != nil {
		return nil, err
	}

	missing := ErrNodesContradict
	same := make(map[string][]*record)
	for _, r := range records {
		if r.outcome == nil {
			missing = ErrNoAnswer
			continue
		}

		key := r.outcome.key()
		same[key] = append(same[key], r)
	}

	for _, group := range same {
		if len(group) >= max(len(records)/2+1, o.quorum) {
			group[0].outcome.ConfirmedBy = len(group)
			return group[0], nil
		}
	}

	return nil, fmt.Errorf("%w: the balances of %s", missing, signature)
}

// recordOf asks one node for its record, which must have the result that the
// nodes agree on. Only a node that does not answer at all is an error: the
// others count for the majority, with or without a record.
func (o *observer) recordOf(
	ctx context.Context, node rpc.JSONRPCClient, signature solana.Signature, result send.Outcome,
) (*record, error) {
	tx, err := transaction(ctx, node, signature, o.client.commitment)
	switch {
	case err != nil:
		return nil, err
	case tx == nil || tx.Meta == nil, outcomeKey(tx.Meta.Err) != outcomeKey(result.Err):
		return new(record), nil
	}

	outcome, err := newOutcome(signature, tx)
	if err != nil {
		o.client.logger.DebugContext(ctx, "a node's record cannot be true", "signature", signature,
			"error", err)
		return new(record), nil
	}

	return &record{outcome: outcome, logs: tx.Meta.LogMessages}, nil
}
