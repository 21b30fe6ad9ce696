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

// sendGrace is how long one sender of several is waited for after another one was successful.
const sendGrace = 500 * time.Millisecond

// Sender hands a signed transaction to the network: to a node, to several, to a service that delivers for a tip. [Client.Send] calls it
// again and again with the same transaction until that has landed or is unable to, so sending twice must do no harm, which it does not
// where the bytes stay the same.
//
// Send returns nil when somebody accepted the transaction. It returns a [PreflightError] only if it is certain that nobody has a copy;
// after any other error the transaction counts as sent. It must return when its context ends, and be safe for concurrent use.
type Sender interface {
	Send(ctx context.Context, signed *txn.Signed) error
}

// SenderOption is an option of a client and of a single [Client.Send] alike.
type SenderOption interface {
	Option
	SendOption
}

// delivery is how transactions are sent and success is recognized.
type delivery struct {
	sender        Sender
	skipPreflight bool
	quorum        int
}

type deliveryOption func(*delivery)

func (f deliveryOption) apply(c *config)         { f(&c.delivery) }
func (f deliveryOption) applySend(c *sendConfig) { f(&c.delivery) }

// WithSender sends transactions through another sender than the client's nodes. To use both, give it [Senders] with [Client.Sender]
// among them. What became of a transaction is always asked of the nodes. Nil stands for the nodes.
func WithSender(sender Sender) SenderOption {
	return deliveryOption(func(d *delivery) { d.sender = sender })
}

// WithSkipPreflight sends transactions to the client's nodes without having
// them simulated first: faster by one simulation, and independent of how far a
// node is. A transaction that would have been refused lands and fails, and pays
// its fee. It does not apply to another sender, see [WithSender].
func WithSkipPreflight() SenderOption {
	return deliveryOption(func(d *delivery) { d.skipPreflight = true })
}

// WithQuorum sets the least number of endpoints that vouch for a transaction
// before [Client.Send] reports that it landed. Without it, and at least, that is
// a majority of those that answer. A client with fewer endpoints than the quorum
// refuses to send, with [ErrQuorum].
func WithQuorum(quorum int) SenderOption {
	return deliveryOption(func(d *delivery) { d.quorum = quorum })
}

// Sender hands transactions to all nodes of the client that are well, all at once.
func (c *Client) Sender() Sender {
	if c == nil {
		return nodeSender{}
	}

	return nodeSender{client: c, skipPreflight: c.delivery.skipPreflight}
}

// Senders hands a transaction to all of them at once. It is accepted if one of them accepts it, and refused if all refuse it.
type Senders []Sender

// Send implements [Sender]. When one of them has accepted the transaction, the others have half a second left.
func (s Senders) Send(ctx context.Context, signed *txn.Signed) error {
	s = slices.DeleteFunc(slices.Clone(s), func(one Sender) bool { return one == nil })
	switch {
	case len(s) == 0:
		return &PreflightError{Message: "there is no sender"}
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

// sendErrors is why each of several senders failed, in one line.
type sendErrors []error

func (e sendErrors) Error() string {
	var all []string
	for _, err := range e {
		all = append(all, err.Error())
	}
	return strings.Join(all, "; ")
}

// Unwrap returns the failures.
func (e sendErrors) Unwrap() []error { return e }

// joined is the only failure, or all of them.
func (e sendErrors) joined() error {
	if len(e) == 1 {
		return e[0]
	}
	return e
}

// nodeSender sends through a client's nodes.
type nodeSender struct {
	client        *Client
	skipPreflight bool
}

// Send implements [Sender].
func (s nodeSender) Send(ctx context.Context, signed *txn.Signed) error {
	if signed.Unsigned() == nil {
		return &PreflightError{Message: "there is no transaction", Malformed: true}
	}
	if err := s.client.usable(ctx); err != nil {
		return fmt.Errorf("send: %w", err)
	}

	if s.client.failover == nil {
		return oneNode{s, s.client.rpc}.Send(ctx, signed)
	}
	var all Senders
	for _, transport := range s.client.failover.Awake() {
		all = append(all, oneNode{s, rpc.NewWithCustomRPCClient(s.client.leveled(publicTransport{transport}))})
	}
	return all.Send(ctx, signed)
}

// oneNode sends through one node of a client.
type oneNode struct {
	nodeSender
	node *rpc.Client
}

// JSON-RPC codes of a node that refuses a transaction.
const (
	preflightFailure = -32002 // its simulation failed
	invalidParams    = -32602 // it is malformed; a node decodes and checks it before anything else
)

// Send implements [Sender].
func (s oneNode) Send(ctx context.Context, signed *txn.Signed) error {
	retries := uint(0)
	opts := rpc.TransactionOpts{
		SkipPreflight:       s.skipPreflight,
		PreflightCommitment: s.client.commitment,
		MaxRetries:          &retries,
	}
	// A node behind the slot of the blockhash does not know it yet.
	if slot := signed.Unsigned().Lifetime().Slot; slot > 0 {
		opts.MinContextSlot = &slot
	}
	_, err := s.node.SendEncodedTransactionWithOpts(ctx, base64.StdEncoding.EncodeToString(signed.Raw()), opts)
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
	return &PreflightError{Message: refused.Message, Err: data.Err, Logs: data.Logs}
}

// malformed is the refusal of a malformed transaction. It is none if a gateway had trouble of its own with the answer, which says nothing
// about what became of the request.
func malformed(e *RPCError) error {
	if e.HTTPStatus/100 != 2 && e.HTTPStatus != http.StatusBadRequest {
		return e
	}
	return &PreflightError{Message: e.Message, Malformed: true}
}
