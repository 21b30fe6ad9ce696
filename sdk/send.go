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

// Conditions in which sending ends without a receipt of success.
var (
	// ErrNotSent is returned by [Client.Send] when no copy of the transaction
	// has left this process and the network refused it: it may be changed and
	// signed again. Of bytes of which there may be other copies, see
	// [txn.Signed.Exposed], it is never said, unless [WithNeverSent] vouches
	// for them.
	ErrNotSent = send.ErrNotSent
	// ErrExpired is returned when the transaction is proven not to have landed
	// and never to land: another one may be signed.
	ErrExpired = send.ErrExpired
	// ErrUncertain is returned when the transaction may still land. Do not sign
	// another one; [Client.Resume] goes on waiting.
	ErrUncertain = send.ErrUncertain
	// ErrContradiction is returned, with [ErrUncertain], when a node tells two
	// different things about a transaction. Ask another one with
	// [Client.Resume].
	ErrContradiction = errors.New("the nodes contradict themselves about the transaction (resume with another endpoint)")
	// ErrQuorum is returned when [WithQuorum] asks for more endpoints than the
	// client has. Add endpoints with [WithFallback], or ask for fewer.
	ErrQuorum = errors.New("more endpoints must agree than the client has (add one, or ask for fewer)")
	// ErrMalformed says, beside [ErrNotSent], that a transaction was refused without a trial, because it is too large, cannot be decoded,
	// or names a lookup table that is not there or, so far, too short.
	ErrMalformed = send.ErrMalformed
)

// Receipt is what became of a transaction.
type Receipt struct {
	// Signature identifies the transaction. It is set even if sending failed.
	Signature solana.Signature
	// Slot is the block that holds it.
	Slot uint64
	// Commitment is how firmly the cluster holds that block.
	Commitment string
	// Sends is how often this call has sent its bytes.
	Sends int
	// Repeated reports that the bytes were on their way or on the ledger before
	// this call sent them: another call may have, or get, a receipt of the same
	// transaction. There is one trade, not two.
	Repeated bool
	// ConfirmedBy is the number of endpoints that vouch for the result.
	ConfirmedBy int
	// UnitsConsumed is how many compute units it used, zero if the node did not tell.
	UnitsConsumed uint64
	// Fee is what the payer paid the network in lamports, zero if the node did not tell.
	Fee uint64
	// Err is why the transaction failed though it landed; nil if it succeeded. errors.As finds a *progerr.TransactionError in it.
	Err error
	// Previous is the receipt of the first of two transactions, see [Client.Execute]; nil if there was only one.
	Previous *Receipt
}

// String is one line, for example "landed in slot 250000000, confirmed, 50000
// compute units, fee 0.000005 SOL: " and the signature.
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

// SendOption changes how one transaction is sent.
type SendOption interface{ applySend(*sendConfig) }

// sendConfig is what send options change.
type sendConfig struct {
	send.Config
	delivery
	neverSent bool
	progress  func(Progress)
}

type sendOption func(*sendConfig)

func (f sendOption) applySend(c *sendConfig) { f(c) }

// WithProgress calls notify with each event while [Client.Send] or
// [Client.Resume] waits, on the goroutine of the caller. Notify must not block.
// For [Client.Execute], see BuildOptions.SendOptions.
func WithProgress(notify func(Progress)) SendOption {
	return sendOption(func(c *sendConfig) { c.progress = notify })
}

// WithNeverSent vouches that nobody has sent the bytes before, and that nobody
// else will, although there are copies of them: a wallet signed and did not
// send, or they were stored and not sent. A node's refusal then ends
// [Client.Send] at once, with [ErrNotSent]. If that is not true, a transaction
// that is said not to have been sent may land.
func WithNeverSent() SendOption {
	return sendOption(func(c *sendConfig) { c.neverSent = true })
}

// Send sends a signed transaction, the same bytes again and again, until it is
// known to have landed or to be unable to. A transaction lands at most once,
// however often and through however many nodes it is sent; nothing is ever
// signed again. With several endpoints, see [WithFallback], a majority of those
// that answer must agree that it landed.
//
// The receipt always carries the signature. A transaction that landed and
// failed is a receipt with Err set, and that same error. Otherwise the error
// wraps [ErrNotSent], [ErrExpired] or [ErrUncertain].
//
// Bytes of which there may be copies elsewhere, see [txn.Signed.Exposed], are
// looked up first, as far back as the ledger goes. A node's refusal proves
// nothing about them: Send goes on until they land, the context ends, or they
// are proven unable to land. That takes the time in which the network makes the
// 150 blocks of a blockhash's life, by the local clock, and the block height
// as the endpoints tell it: about 38 seconds at 200 ms a slot where several
// endpoints agree, 60 with a single one. A transaction with a nonce does not
// expire with time, but when its nonce account is seen to hold another value.
func (c *Client) Send(ctx context.Context, signed *txn.Signed, opts ...SendOption) (*Receipt, error) {
	return c.send(ctx, signed, runSend, opts)
}

// Resume waits for a transaction that [Client.Send] gave up on, and goes on
// sending its bytes. After a restart, [txn.Parse] makes the transaction of its
// stored bytes and lifetime.
func (c *Client) Resume(ctx context.Context, signed *txn.Signed, opts ...SendOption) (*Receipt, error) {
	return c.send(ctx, signed, runResume, opts)
}

// sendable refuses what cannot be sent, or not by this client. Where there is no
// transaction, there is no copy that could land. Without a client or a context
// the history of the bytes is not known.
func (c *Client) sendable(ctx context.Context, signed *txn.Signed, mode runMode) error {
	if signed.Unsigned() == nil {
		err := fmt.Errorf("%w transaction: sign or parse one first", accounts.ErrNil)
		if mode == runSend {
			err = fmt.Errorf("%w: %w", ErrNotSent, err)
		}
		// Whoever resumes has sent something before.
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
	// leastPoll and mostPoll bound the pause between two looks at a transaction,
	// which is a slot otherwise.
	leastPoll = 100 * time.Millisecond
	mostPoll  = time.Second
)

// runMode is how a transaction is followed.
type runMode uint8

const (
	runSend   runMode = iota // send it, and take a first refusal for final if nobody can have a copy
	runResume                // send it, whoever may have a copy
	runWatch                 // send nothing
)

func (c *Client) send(ctx context.Context, signed *txn.Signed, mode runMode, opts []SendOption) (*Receipt, error) {
	if err := c.sendable(ctx, signed, mode); err != nil {
		return &Receipt{Signature: signed.Signature()}, err
	}

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
	receipt := &Receipt{Signature: signed.Signature()}
	if config.progress != nil {
		config.Notify = func(event send.Event) {
			config.progress(newProgress(receipt.Signature, event))
		}
	}
	if n := len(c.nodes()); config.quorum > n {
		return receipt, fmt.Errorf("%w: %d of %d", ErrQuorum, config.quorum, n)
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
	receipt.Slot = outcome.Slot
	receipt.Commitment = string(outcome.Commitment)
	receipt.Sends = outcome.Sends
	receipt.Repeated = outcome.Earlier || mode != runWatch && !broadcasts.alone(receipt.Signature)
	receipt.ConfirmedBy = outcome.Witnesses
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
		receipt.Err = c.understood(ctx, failure, unsigned)
	}
	return receipt, receipt.Err
}

// run follows a transaction to its end.
func (c *Client) run(ctx context.Context, signed *txn.Signed, mode runMode, fresh bool, config sendConfig) (send.Outcome, error) {
	if err := ctx.Err(); err != nil && fresh {
		// Its bytes have not even been taken out.
		return send.Outcome{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	lifetime := signed.Unsigned().Lifetime()
	tx := send.Tx{
		Raw:                  signed.Raw(),
		Signature:            signed.Signature(),
		LastValidBlockHeight: lifetime.LastValidBlockHeight,
		Nonce:                lifetime.Durable(),
		Slot:                 lifetime.Slot,
	}
	if lifetime.ReadAt > 0 {
		tx.Since = time.UnixMilli(lifetime.ReadAt)
	}
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
		// Another call has begun to send the same bytes meanwhile: what was
		// refused here may have been accepted there.
	}
	return send.Resume(ctx, tx, sender, backend, config.Config)
}

// refused names the program's error behind a node's refusal to take a transaction.
func (c *Client) refused(ctx context.Context, err error, unsigned *txn.Unsigned) error {
	var refused *PreflightError
	if errors.Is(err, ErrNotSent) && errors.As(err, &refused) {
		if failure := progerr.Parse(refused.Err, unsigned.Programs(), refused.Logs); failure != nil {
			return fmt.Errorf("%w: %w", ErrNotSent, c.understood(ctx, failure, unsigned))
		}
	}
	return err
}

// details adds to the receipt what only the landed transaction tells, and returns its logs. A node that does not tell is no
// failure of the transaction; one that tells another outcome, or another transaction, is.
func (c *Client) details(ctx context.Context, signed *txn.Signed, receipt *Receipt, outcome send.Outcome) ([]string, error) {
	tx, err := transaction(ctx, c.transport, receipt.Signature, c.commitment)
	if err != nil || tx == nil || tx.Meta == nil {
		c.logger.DebugContext(ctx, "no details of the landed transaction", "signature", receipt.Signature, "error", err)
		return nil, nil
	}
	raw, err := tx.bytes()
	if err == nil && len(raw) > 0 && !bytes.Equal(raw, signed.Raw()) || outcomeKey(tx.Meta.Err) != outcomeKey(outcome.Err) {
		return nil, fmt.Errorf("%w: %w: %s", ErrUncertain, ErrContradiction, receipt.Signature)
	}
	if receipt.Slot == 0 {
		receipt.Slot = tx.Slot // The endpoints agree that it landed, and not where.
	}
	receipt.UnitsConsumed = tx.Meta.ComputeUnitsConsumed
	receipt.Fee = tx.Meta.Fee
	return tx.Meta.LogMessages, nil
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
