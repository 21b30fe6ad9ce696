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

// Conditions in which sending ends without a receipt that says success.
var (
	// ErrNotSent says that no copy of the transaction left: it may be changed and signed again.
	ErrNotSent = send.ErrNotSent
	// ErrExpired says that the transaction did not land and never will: another one may be signed.
	ErrExpired = send.ErrExpired
	// ErrUncertain says that the transaction may still land. Do not sign another one: [Client.Resume] waits on.
	ErrUncertain = send.ErrUncertain
	// ErrMalformed says, beside [ErrNotSent], that a transaction was refused without a trial, because it is too large, cannot be decoded,
	// or names a lookup table that is not there or, so far, too short.
	ErrMalformed = send.ErrMalformed
)

// ExpiredError is the detail of [ErrExpired].
type ExpiredError = send.ExpiredError

// UncertainError is the detail of [ErrUncertain]: the signature and the block height up to which it may land, zero with a nonce.
type UncertainError = send.UncertainError

// Progress is what happened while a transaction is under way.
type Progress = send.Event

// Receipt is what became of a transaction.
type Receipt struct {
	// Signature identifies the transaction. It is set even if sending failed.
	Signature solana.Signature
	// Slot is the block that holds it.
	Slot uint64
	// Commitment is how firmly the cluster holds that block.
	Commitment string
	// Sends is how often its bytes were handed out.
	Sends int
	// UnitsConsumed is how many compute units it used, zero if the node did not tell.
	UnitsConsumed uint64
	// Fee is what the payer paid the network in lamports, zero if the node did not tell.
	Fee uint64
	// Err is why the transaction failed though it landed, a *progerr.TransactionError; nil if it succeeded.
	Err error
	// Previous is the receipt of the first of two transactions, see [Client.Execute]; nil if there was only one.
	Previous *Receipt
}

// SendOption changes how one transaction is sent.
type SendOption interface{ applySend(*sendConfig) }

// sendConfig is what send options change.
type sendConfig struct {
	send.Config
	sender Sender
}

type sendOption func(*sendConfig)

func (f sendOption) applySend(c *sendConfig) { f(c) }

// WithProgress is told what happens while [Client.Send] waits. It must not block.
func WithProgress(notify func(Progress)) SendOption {
	return sendOption(func(c *sendConfig) { c.Notify = notify })
}

// Send hands out a signed transaction, the same bytes again and again, until it is known to have landed or to be unable to.
// A transaction lands at most once, however often and through however many nodes it is sent; nothing is ever signed again.
//
// The receipt always carries the signature. A transaction that landed and failed is a receipt with Err set, and that same error.
// Otherwise the error wraps [ErrNotSent], [ErrExpired] or [ErrUncertain]; the last one after the context ended, when the
// transaction may still land. A transaction with a nonce does not expire with time: only when its nonce account is seen to hold another
// value, and the transaction is nowhere on the ledger, it never will land.
func (c *Client) Send(ctx context.Context, signed *txn.Signed, opts ...SendOption) (*Receipt, error) {
	return c.send(ctx, signed, send.Run, opts)
}

// Resume waits for a transaction that [Client.Send] gave up on, and goes on handing out its bytes. After a restart, txn.Parse makes the
// transaction of its stored bytes and lifetime.
func (c *Client) Resume(ctx context.Context, signed *txn.Signed, opts ...SendOption) (*Receipt, error) {
	return c.send(ctx, signed, send.Resume, opts)
}

type runner func(context.Context, send.Tx, send.Broadcaster, send.Backend, send.Config) (send.Outcome, error)

func (c *Client) send(ctx context.Context, signed *txn.Signed, run runner, opts []SendOption) (*Receipt, error) {
	config := sendConfig{Config: send.Config{Commitment: send.Commitment(c.commitment), Clock: c.clock}, sender: c.sender}
	for _, o := range opts {
		o.applySend(&config)
	}
	unsigned := signed.Unsigned()
	lifetime := unsigned.Lifetime()
	tx := send.Tx{Raw: signed.Raw(), Signature: signed.Signature(), LastValidBlockHeight: lifetime.LastValidBlockHeight}
	if lifetime.Durable() {
		tx.Nonce, tx.NonceSlot = true, lifetime.Slot
		config.NonceAdvanced = c.nonceAdvanced(lifetime)
	}
	if config.sender == nil {
		config.sender = c.Sender()
	}
	outcome, err := run(ctx, tx, broadcast{sender: config.sender, signed: signed}, &observer{client: c, slot: lifetime.Slot}, config.Config)
	receipt := &Receipt{
		Signature: signed.Signature(), Slot: outcome.Slot, Commitment: string(outcome.Commitment), Sends: outcome.Sends,
	}
	if err != nil {
		return receipt, withProgramError(err, unsigned)
	}
	logs := c.details(ctx, receipt)
	if failure := progerr.Parse(outcome.Err, unsigned.Programs(), logs); failure != nil {
		receipt.Err = failure
	}
	return receipt, receipt.Err
}

// withProgramError names the program's error behind a node's refusal to take a transaction.
func withProgramError(err error, unsigned *txn.Unsigned) error {
	var refused *send.PreflightError
	if errors.As(err, &refused) {
		if failure := progerr.Parse(refused.Err, unsigned.Programs(), refused.Logs); failure != nil {
			return fmt.Errorf("%w: %w", ErrNotSent, failure)
		}
	}
	return err
}

// details adds to the receipt what only the landed transaction tells, and returns its logs. A node that does not tell is no
// failure of the transaction.
func (c *Client) details(ctx context.Context, receipt *Receipt) []string {
	version := uint64(1)
	commitment := c.commitment
	if commitment == rpc.CommitmentProcessed {
		commitment = rpc.CommitmentConfirmed
	}
	answer, err := c.rpc.GetTransaction(ctx, receipt.Signature, &rpc.GetTransactionOpts{
		Encoding: solana.EncodingBase64, Commitment: commitment, MaxSupportedTransactionVersion: &version,
	})
	if err != nil || answer == nil || answer.Meta == nil {
		c.logger.DebugContext(ctx, "no details of the landed transaction", "signature", receipt.Signature, "error", err)
		return nil
	}
	if answer.Meta.ComputeUnitsConsumed != nil {
		receipt.UnitsConsumed = *answer.Meta.ComputeUnitsConsumed
	}
	receipt.Fee = answer.Meta.Fee
	return answer.Meta.LogMessages
}

// broadcast is a sender as package send sees it.
type broadcast struct {
	sender Sender
	signed *txn.Signed
}

// Broadcast implements send.Broadcaster. The bytes are those of the transaction.
func (b broadcast) Broadcast(ctx context.Context, _ []byte) error {
	return b.sender.Send(ctx, b.signed)
}
