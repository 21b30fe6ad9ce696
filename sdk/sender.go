package sdk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gagliardetto/solana-go/rpc"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// sendGrace limits the wait for the other senders after one has succeeded.
const sendGrace = 500 * time.Millisecond

// Sender broadcasts a signed transaction, for example to a node or to a service
// that delivers transactions for a tip. [Client.Send] calls it repeatedly with
// the same transaction until that has landed or can no longer land.
// Broadcasting the same bytes twice is safe.
//
// Send returns nil if the transaction was accepted. It must return a
// [PreflightError] only if certainly no copy of the transaction left; after any
// other error the transaction counts as sent. It must return when its context
// ends, and be safe for concurrent use.
type Sender interface {
	// Send broadcasts the transaction once.
	Send(ctx context.Context, signed *txn.Signed) error
}

// SenderOption configures a client in [New], or a single call of [Client.Send].
type SenderOption interface {
	Option
	SendOption
}

// delivery is the configuration of broadcasting and confirming.
type delivery struct {
	sender        Sender
	skipPreflight bool
	quorum        int
}

type deliveryOption func(*delivery)

func (f deliveryOption) apply(c *config)         { f(&c.delivery) }
func (f deliveryOption) applySend(c *sendConfig) { f(&c.delivery) }

// WithSender broadcasts transactions through the given sender instead of the
// client's nodes. To use both, pass [Senders] that contain [Client.Sender]. The
// status of a transaction always comes from the client's nodes. Nil stands for
// the client's nodes.
func WithSender(sender Sender) SenderOption {
	return deliveryOption(func(d *delivery) { d.sender = sender })
}

// WithSkipPreflight broadcasts transactions without the node's preflight
// simulation, which saves time and works at a node that lags behind. A
// transaction that would have been refused lands, fails and pays its fee. The
// option does not apply to other senders, see [WithSender].
func WithSkipPreflight() SenderOption {
	return deliveryOption(func(d *delivery) { d.skipPreflight = true })
}

// WithQuorum sets the least number of endpoints that must confirm a transaction
// before [Client.Send] reports that it landed. A majority of the answering
// endpoints is always required. If the client has fewer endpoints than the
// quorum, Send returns [ErrQuorum].
func WithQuorum(quorum int) SenderOption {
	return deliveryOption(func(d *delivery) { d.quorum = quorum })
}

// Sender returns a [Sender] that broadcasts to all available nodes of the
// client at the same time.
func (c *Client) Sender() Sender {
	if c == nil {
		return nodeSender{}
	}

	return nodeSender{client: c, skipPreflight: c.delivery.skipPreflight}
}

// Senders broadcasts a transaction through several senders at the same time.
// The transaction is accepted if one of them accepts it, and refused if all of
// them refuse it.
type Senders []Sender

// Send implements [Sender]. After one sender has accepted the transaction, the
// others have half a second left.
func (s Senders) Send(ctx context.Context, signed *txn.Signed) error {
	s = slices.DeleteFunc(slices.Clone(s), func(one Sender) bool { return one == nil })
	switch {
	case len(s) == 0:
		return &PreflightError{Message: "no sender (add one to Senders)"}
	case ctx == nil:
		return fmt.Errorf("send: %w context", accounts.ErrNil)
	case len(s) == 1:
		return s[0].Send(ctx, signed)
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(s))
	for _, sender := range s {
		go func() { results <- sender.Send(ctx, signed) }()
	}

	accepted := false
	var failures sendErrors
	for range s {
		err := <-results
		if err != nil {
			failures = append(failures, err)
			continue
		}

		if !accepted {
			accepted = true
			defer time.AfterFunc(sendGrace, cancel).Stop()
		}
	}

	if accepted {
		return nil
	}

	return failures
}

// sendErrors holds the errors of several senders.
type sendErrors []error

func (e sendErrors) Error() string {
	var all []string
	for _, err := range e {
		all = append(all, err.Error())
	}
	return strings.Join(all, "; ")
}

// Unwrap returns the errors.
func (e sendErrors) Unwrap() []error { return e }

// joined returns the only error, or all of them.
func (e sendErrors) joined() error {
	if len(e) == 1 {
		return e[0]
	}
	return e
}

// nodeSender broadcasts through the client's nodes.
type nodeSender struct {
	client        *Client
	skipPreflight bool
}

// Send implements [Sender].
func (s nodeSender) Send(ctx context.Context, signed *txn.Signed) error {
	if signed.Unsigned() == nil {
		return &PreflightError{Message: "no transaction (sign or parse one first)", Malformed: true}
	}

	if err := s.client.usable(ctx); err != nil {
		return fmt.Errorf("send: %w", err)
	}

	if s.client.failover == nil {
		return oneNode{s, s.client.rpc}.Send(ctx, signed)
	}

	var all Senders
	for _, transport := range s.client.failover.Awake() {
		all = append(all,
			oneNode{s,
				rpc.NewWithCustomRPCClient(s.client.withFinality(publicTransport{transport}))})
	}

	return all.Send(ctx, signed)
}

// oneNode broadcasts through one node.
type oneNode struct {
	nodeSender
	node *rpc.Client
}

// JSON-RPC codes of a refused transaction.
const (
	preflightFailure = -32002 // The simulation failed.
	invalidParams    = -32602 // The transaction is malformed.
)

// Send implements [Sender].
func (s oneNode) Send(ctx context.Context, signed *txn.Signed) error {
	retries := uint(0)
	opts := rpc.TransactionOpts{
		SkipPreflight:       s.skipPreflight,
		PreflightCommitment: s.client.commitment,
		MaxRetries:          &retries,
	}

	// A node that has not reached the slot of the blockhash does not know it.
	if slot := signed.Unsigned().Lifetime().Slot; slot > 0 {
		opts.MinContextSlot = &slot
	}

	_, err := s.node.SendEncodedTransactionWithOpts(ctx,
		base64.StdEncoding.EncodeToString(signed.Raw()), opts)
	var refused *RPCError
	if !errors.As(err, &refused) {
		return err
	}

	switch refused.Code {
	case preflightFailure:
	case invalidParams:
		return malformed(refused)
	default:
		return err
	}

	var data struct {
		Err  json.RawMessage `json:"err"`
		Logs []string        `json:"logs"`
	}
	if json.Unmarshal(refused.Data, &data) != nil || len(data.Err) == 0 {
		return err
	}

	return &PreflightError{
		Message: refused.Message,
		Err:     data.Err,
		Logs:    data.Logs,
	}
}

// malformed returns the refusal of a malformed transaction. It returns e if a
// gateway failed, because the node may have received the request.
func malformed(e *RPCError) error {
	if e.HTTPStatus/100 != 2 && e.HTTPStatus != http.StatusBadRequest {
		return e
	}
	return &PreflightError{Message: e.Message, Malformed: true}
}
