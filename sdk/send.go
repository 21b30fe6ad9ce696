package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/send"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Errors of [Client.Send], [Client.Resume] and [Client.RefreshBlockhash].
var (
	// ErrNotSent is returned by [Client.Send] when the network refused the
	// transaction and no copy of it can land. It is safe to change the
	// transaction and sign it again. If copies may exist, see
	// [txn.Signed.Exposed], the error is not returned, except with
	// [WithNeverSent].
	ErrNotSent = send.ErrNotSent
	// ErrExpired is returned by [Client.Send] when the transaction did not land
	// and never will. It is safe to sign another one, for example with
	// [Client.RefreshBlockhash].
	ErrExpired = send.ErrExpired
	// ErrUncertain is returned by [Client.Send] when the transaction may still
	// land. Do not sign another one; call [Client.Resume].
	ErrUncertain = send.ErrUncertain
	// ErrNodesContradict is returned together with [ErrUncertain] when a node
	// makes contradicting statements about a transaction. Call [Client.Resume]
	// with another endpoint.
	ErrNodesContradict = errors.New(
		"contradicting reports about the transaction (resume with another endpoint)",
	)
	// ErrQuorum is returned by [Client.Send] when [WithQuorum] requires more
	// endpoints than the client has. Add endpoints with [WithFallback], or
	// lower the quorum.
	ErrQuorum = errors.New(
		"the quorum exceeds the number of endpoints (add endpoints, or lower the quorum)",
	)
	// ErrTransactionRejected is returned together with [ErrNotSent] when a node
	// refused the transaction before simulating it: the transaction is too
	// large, cannot be decoded, or uses a lookup table that is missing or too
	// short.
	ErrTransactionRejected = send.ErrMalformed
)

// Receipt describes the result of a sent transaction.
type Receipt struct {
	// Signature identifies the transaction. It is set even if sending failed.
	Signature solana.Signature
	// Slot is the slot of the block that contains the transaction.
	Slot uint64
	// Commitment is the commitment of that block, for example "confirmed".
	Commitment string
	// Sends is the number of broadcasts by this call.
	Sends int
	// Repeated reports whether the transaction was broadcast by another call,
	// or had landed, before this call sent it. Another call may then return a
	// receipt for the same transaction. Count the trade only once.
	Repeated bool
	// ConfirmedBy is the number of endpoints that confirm the result.
	ConfirmedBy int
	// UnitsConsumed is the number of consumed compute units, or zero if the
	// node did not report it.
	UnitsConsumed uint64
	// Fee is the network fee in lamports, or zero if the node did not report
	// it.
	Fee uint64
	// Err is the reason why a landed transaction failed, or nil if it
	// succeeded. errors.As finds a *[StepError] in it, which names the failed
	// step in words, and a *progerr.TransactionError.
	Err error
	// Outcome is what the transaction changed: balances, fees and rents. It is
	// nil if the transaction did not land, if no node returned its record, or
	// if the record contradicts itself.
	Outcome *Outcome
	// Previous is the receipt of the first of two transactions, see
	// [Client.Execute], or nil.
	Previous *Receipt
}

// String returns one line, for example "landed in slot 250000000, confirmed,
// 50000 compute units, fee 0.000005 SOL: " and the signature.
func (r Receipt) String() string {
	text := "not known to have landed"
	switch {
	case r.Slot == 0:
		text += fmt.Sprintf(", sent %d times", r.Sends)
	case r.Err != nil:
		text = fmt.Sprintf("failed in slot %d, %s", r.Slot, r.Commitment)
	default:
		text = fmt.Sprintf("landed in slot %d, %s", r.Slot, r.Commitment)
	}

	if r.UnitsConsumed > 0 {
		text += fmt.Sprintf(", %d compute units", r.UnitsConsumed)
	}

	if r.Fee > 0 {
		text += fmt.Sprintf(", fee %s SOL", lst.FormatAmount(r.Fee, 9))
	}

	text += ": " + r.Signature.String()
	if r.Err != nil {
		text += fmt.Sprintf(" (%v)", r.Err)
	}

	return text
}

// SendOption configures how a transaction is sent.
type SendOption interface{ applySend(*sendConfig) }

// sendConfig is the configuration that send options change.
type sendConfig struct {
	send.Config
	delivery
	neverSent bool
	// lifetime is that of a transaction without bytes, see [WithLifetime].
	lifetime *txn.Lifetime
	progress func(Progress)
}

type sendOption func(*sendConfig)

func (f sendOption) applySend(c *sendConfig) { f(c) }

// WithProgress calls notify with each event while [Client.Send] or
// [Client.Resume] waits, in the caller's goroutine. The function must not
// block. To use it with [Client.Execute], set BuildOptions.SendOptions.
func WithProgress(notify func(Progress)) SendOption {
	return sendOption(func(c *sendConfig) { c.progress = notify })
}

// WithNeverSent declares that no other process has sent the transaction or will
// send it, although copies of the signed bytes exist. Use it if a wallet signed
// the transaction without sending it, or if it was stored before. A node's
// refusal then ends [Client.Send] immediately with [ErrNotSent].
//
// If the declaration is wrong, a transaction that Send reported as not sent may
// land.
func WithNeverSent() SendOption {
	return sendOption(func(c *sendConfig) { c.neverSent = true })
}

// Send broadcasts a signed transaction until it has landed or can no longer
// land. It broadcasts the same bytes repeatedly and never signs again, so the
// transaction lands at most once. With several endpoints, see [WithFallback], a
// majority of those that answer must agree that it landed.
//
// The receipt always contains the signature. If the transaction landed and
// failed, Receipt.Err is set and returned as the error. Otherwise the error
// wraps one of these:
//
//   - [ErrNotSent] and [ErrExpired]: it is safe to sign again;
//   - [ErrUncertain]: the transaction may still land, so call [Client.Resume].
//
// If copies of the signed bytes may exist elsewhere, see [txn.Signed.Exposed],
// Send first searches the ledger for the transaction. A refusal then proves
// nothing, and Send continues until the transaction lands, the context ends, or
// its blockhash has expired. A blockhash expires after 150 blocks, by the local
// clock and by the block height of the endpoints: about 38 seconds at 200 ms
// per slot with several endpoints, and 60 seconds with one. A transaction with
// a durable nonce expires when its nonce account holds another value.
func (c *Client) Send(
	ctx context.Context,
	signed *txn.Signed,
	opts ...SendOption,
) (*Receipt, error) {
	return c.send(ctx, signed, runSend, opts)
}

// Resume continues to send a transaction for which [Client.Send] returned
// [ErrUncertain]. After a restart, create the transaction with [txn.Parse] from
// its stored bytes and lifetime.
func (c *Client) Resume(
	ctx context.Context,
	signed *txn.Signed,
	opts ...SendOption,
) (*Receipt, error) {
	return c.send(ctx, signed, runResume, opts)
}

// sendable returns an error if the transaction or the client cannot be used.
// Without a transaction nothing can land. Without a client or a context the
// error is [ErrUncertain], because other copies may exist.
func (c *Client) sendable(ctx context.Context, signed *txn.Signed, mode runMode) error {
	if signed.Unsigned() == nil {
		err := fmt.Errorf("%w transaction (sign or parse one first)", accounts.ErrNil)
		if mode == runSend {
			err = fmt.Errorf("%w: %w", ErrNotSent, err)
		}

		// The caller of Resume has sent something before.
		return err
	}

	if err := c.usable(ctx); err != nil {
		return &UncertainError{
			Signature:            signed.Signature(),
			LastValidBlockHeight: signed.Unsigned().Lifetime().LastValidBlockHeight,
			Cause:                err,
		}
	}

	return nil
}

const (
	// leastPoll and mostPoll limit the interval between two status queries,
	// which is one slot otherwise.
	leastPoll = 100 * time.Millisecond
	mostPoll  = time.Second
)

// runMode is the mode of following a transaction.
type runMode uint8

const (
	// runSend broadcasts. A first refusal is final if no copies can exist.
	runSend runMode = iota
	// runResume broadcasts, although copies may exist.
	runResume
	// runWatch does not broadcast.
	runWatch
)

func (c *Client) send(
	ctx context.Context,
	signed *txn.Signed,
	mode runMode,
	opts []SendOption,
) (*Receipt, error) {
	if err := c.sendable(ctx, signed, mode); err != nil {
		return &Receipt{Signature: signed.Signature()}, err
	}

	receipt := &Receipt{Signature: signed.Signature()}
	config, err := c.sendConfig(receipt, opts)
	if err != nil {
		return receipt, err
	}

	if config.sender == nil {
		config.sender = nodeSender{client: c, skipPreflight: config.skipPreflight}
	}

	unsigned := signed.Unsigned()
	lifetime := unsigned.Lifetime()
	if lifetime.Durable() {
		config.NonceAdvanced = c.nonceAdvanced(lifetime)
	}

	fresh := mode == runSend && (config.neverSent || !signed.Exposed())
	if mode != runWatch {
		first := broadcasts.begin(receipt.Signature)
		fresh = fresh && first
	}

	outcome, err := c.run(ctx, signed, mode, fresh, config)
	err = publicSendError(err)
	receipt.noteOutcome(outcome)
	receipt.Repeated = outcome.Earlier || mode != runWatch && !broadcasts.alone(receipt.Signature)
	if mode != runWatch {
		broadcasts.end(receipt.Signature, !errors.Is(err, ErrNotSent))
	}

	if err != nil {
		return receipt, c.refused(ctx, err, unsigned)
	}

	logs, err := c.details(ctx, signed, receipt, outcome)
	if err != nil {
		return receipt, err
	}

	if failure := progerr.Parse(outcome.Err, unsigned.Programs(), logs); failure != nil {
		receipt.Err = c.nameStep(c.explainFunds(ctx, failure, unsigned), unsigned)
	}

	return receipt, receipt.Err
}

// sendConfig returns the configuration of a call with options.
func (c *Client) sendConfig(receipt *Receipt, opts []SendOption) (sendConfig, error) {
	config := sendConfig{delivery: c.delivery}
	config.Commitment = send.Commitment(c.commitment)
	config.Clock = c.clock
	config.SlotTime = c.slots.longest
	pace := min(max(c.slots.estimate().Duration, leastPoll), mostPoll)
	config.PollEvery = pace
	config.PollMax = 5 * pace
	config.ResendEvery = 5 * pace
	for _, o := range opts {
		if o != nil {
			o.applySend(&config)
		}
	}

	if config.progress != nil {
		config.Notify = func(event send.Event) {
			config.progress(newProgress(receipt.Signature, event))
		}
	}

	if n := len(c.nodes()); config.quorum > n {
		return config, fmt.Errorf("%w: %d of %d", ErrQuorum, config.quorum, n)
	}

	return config, nil
}

// sentTx describes a transaction without its bytes.
func sentTx(signature solana.Signature, lifetime txn.Lifetime) send.Tx {
	tx := send.Tx{
		Signature:            signature,
		LastValidBlockHeight: lifetime.LastValidBlockHeight,
		Nonce:                lifetime.Durable(),
		Slot:                 lifetime.Slot,
	}
	if lifetime.ReadAt > 0 {
		tx.Since = time.UnixMilli(lifetime.ReadAt)
	}

	return tx
}

// run follows a transaction until its result is known.
func (c *Client) run(
	ctx context.Context,
	signed *txn.Signed,
	mode runMode,
	fresh bool,
	config sendConfig,
) (send.Outcome, error) {
	if err := ctx.Err(); err != nil && fresh {
		// The signed bytes have not been used yet.
		return send.Outcome{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}

	lifetime := signed.Unsigned().Lifetime()
	tx := sentTx(signed.Signature(), lifetime)
	tx.Raw = signed.Raw()
	backend := newObserver(c, tx.Raw, lifetime.Slot, config.quorum)
	if len(backend.nodes) > 1 {
		config.CallTimeout = askPatience
	}

	var sender send.Broadcaster = broadcast{sender: config.sender, signed: signed}
	if mode == runWatch {
		sender = nil
	}

	if fresh {
		outcome, err := send.Run(ctx, tx, sender, backend, config.Config)
		if !errors.Is(err, ErrNotSent) || broadcasts.alone(tx.Signature) {
			return outcome, err
		}
		// Another call has started to broadcast the same bytes. A node may have
		// accepted them.
	}

	return send.Resume(ctx, tx, sender, backend, config.Config)
}

// refused adds the program's error to a node's refusal of a transaction.
func (c *Client) refused(ctx context.Context, err error, unsigned *txn.Unsigned) error {
	var refused *PreflightError
	if errors.Is(err, ErrNotSent) && errors.As(err, &refused) {
		failure := progerr.Parse(refused.Err, unsigned.Programs(), refused.Logs)
		if failure != nil {
			return fmt.Errorf("%w: %w", ErrNotSent,
				c.nameStep(c.explainFunds(ctx, failure, unsigned), unsigned))
		}
	}
	return err
}

// details reads the landed transaction, adds its fee and compute units to the
// receipt, and returns its logs. A node that does not return the transaction
// causes no error. A node that returns other bytes or another result causes
// [ErrNodesContradict].
func (c *Client) details(
	ctx context.Context,
	signed *txn.Signed,
	receipt *Receipt,
	outcome send.Outcome,
) ([]string, error) {
	tx, err := transaction(ctx, c.transport, receipt.Signature, c.commitment)
	if err != nil || tx == nil || tx.Meta == nil {
		c.logger.DebugContext(ctx, "cannot read the landed transaction", "signature",
			receipt.Signature, "error", err)
		return nil, nil
	}

	raw, err := tx.bytes()
	if err == nil && len(raw) > 0 && !bytes.Equal(raw, signed.Raw()) ||
		outcomeKey(tx.Meta.Err) != outcomeKey(outcome.Err) {
		receipt.Slot, receipt.Commitment, receipt.ConfirmedBy = 0, "", 0
		return nil, fmt.Errorf("%w: %w: %s", ErrUncertain, ErrNodesContradict, receipt.Signature)
	}

	if receipt.Slot == 0 {
		receipt.Slot = tx.Slot // The endpoints disagree about the slot.
	}

	receipt.UnitsConsumed = tx.Meta.ComputeUnitsConsumed
	receipt.Fee = tx.Meta.Fee

	if receipt.Outcome, err = newOutcome(receipt.Signature, tx); err != nil {
		c.logger.DebugContext(ctx, "cannot read the balances of the landed transaction",
			"signature", receipt.Signature, "error", err)
		receipt.Outcome = nil
	}

	return tx.Meta.LogMessages, nil
}

// broadcast adapts a [Sender] to send.Broadcaster.
type broadcast struct {
	sender Sender
	signed *txn.Signed
}

// Broadcast implements send.Broadcaster.
func (b broadcast) Broadcast(ctx context.Context, _ []byte) error {
	return b.sender.Send(ctx, b.signed)
}
