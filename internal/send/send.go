// Package send broadcasts one signed Solana transaction and finds out what
// became of it.
//
// The signature is the identity of a transaction: the network executes the same
// bytes at most once, however often and through however many nodes they arrive.
// So the package repeats identical bytes, never signs, and ends in one of four
// ways:
//
//   - the transaction is on the ledger at the wanted commitment, successfully
//     or with an execution error ([Outcome]);
//   - it never left ([ErrNotSent]);
//   - it is proven that it can never land any more ([ExpiredError]): only now
//     is it safe to sign another one;
//   - the caller's context ended first ([UncertainError]): it may still land,
//     and [Resume] picks the question up again.
//
// # What proves expiry
//
// First enough time has passed on our own clock for the network to produce the
// blocks of a blockhash's life. Second the block height, read at commitment
// confirmed or better, is above the transaction's last valid one: every block
// that could hold the transaction is now an ancestor of a block which will not
// be replaced. Neither is enough alone: nodes lie or belong to another cluster,
// and networks stand still. Third a status query issued after that, searching
// history, finds nothing. Behind a load balancer the answer may come from a
// node which has not seen those blocks, so it counts only if its slot is far
// enough past the slot of the height and the life that began where the
// blockhash was read. An error proves nothing, and neither does a node that
// says the blockhash is unknown, or nodes that disagree.
//
// The decisions live in a state machine without clock, network or goroutines
// (machine.go); [Run] and [Resume] carry them out one call at a time and start
// no goroutine.
package send

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gagliardetto/solana-go"
)

// Commitment is how firmly the cluster holds a block, in the spelling of the
// RPC interface.
type Commitment string

// The commitments, weakest first.
const (
	Processed Commitment = "processed" // one node has it; a fork may take it away
	Confirmed Commitment = "confirmed" // two thirds of the stake voted for it
	Finalized Commitment = "finalized" // rooted; it cannot go away
)

// rank orders commitments; an unknown one satisfies nothing.
func (c Commitment) rank() int {
	switch c {
	case Processed:
		return 1
	case Confirmed:
		return 2
	case Finalized:
		return 3
	}
	return 0
}

// Firmer reports whether c is firmer than other. An unknown commitment is the
// least firm.
func (c Commitment) Firmer(other Commitment) bool { return c.rank() > other.rank() }

// Tx is a signed transaction and what bounds its life: a block height or a
// durable nonce, never both.
type Tx struct {
	// Raw is the serialized transaction. Every broadcast carries exactly these
	// bytes.
	Raw []byte
	// Signature is the first signature in Raw.
	Signature solana.Signature
	// LastValidBlockHeight came with the blockhash that was signed. It is zero
	// for a durable nonce.
	LastValidBlockHeight uint64
	// Nonce says the transaction uses a durable nonce, so that no block height
	// ends its life.
	Nonce bool
	// Slot is the context slot at which the blockhash or nonce was read, zero
	// if it is not known. A nonce must be read at commitment confirmed or
	// better: a node that is behind the slot still holds an older nonce and
	// would look as if ours had been used up; its answer is ignored.
	Slot uint64
	// Since is when the blockhash was read, on the clock of Config. Zero means
	// that it is not known: its life is then taken to begin with the call.
	Since time.Time
}

// Status is what a node knows about a signature.
type Status struct {
	Slot       uint64     // the block that holds the transaction
	Commitment Commitment // how firmly
	// the execution error as the node spelled it; nil (or JSON null) if it
	// succeeded
	Err json.RawMessage
}

// Broadcaster hands signed bytes to the network: one RPC node, several at once,
// a tipped delivery service.
//
// Broadcast returns nil when somebody accepted the bytes. It returns a
// [PreflightError] only if it is certain that nobody did: no copy went through
// another path, and no earlier try inside the same call ended without an
// answer. Any other error, a timeout above all, leaves open whether the bytes
// are under way; so does a PreflightError joined to anything that is none.
// Broadcast must return when its context ends.
type Broadcaster interface {
	Broadcast(ctx context.Context, raw []byte) error
}

// Query is a question after a transaction's status.
type Query struct {
	// Want is what counts as landed.
	Want Commitment
	// History asks for a search of the whole ledger. The answer must be an
	// error where that cannot look back to where the transaction could have
	// landed: "nothing found" is half of the proof of expiry.
	History bool
	// Proof says that life is over, and that an answer which knows nothing ends
	// the waiting.
	Proof bool
}

// Answer is what nodes know about a signature.
type Answer struct {
	// Status is what they agree on, nil if they agree that there is nothing.
	Status *Status
	// Slot is the context slot of the answer; of several nodes that know
	// nothing, the lowest one of theirs.
	Slot uint64
	// Witnesses is the number of nodes that vouch for Status.
	Witnesses int
	// Disputed says that some node knows a status for which too few others
	// vouch. It neither counts as landed nor as a proof that the transaction
	// did not land.
	Disputed bool
}

// Height is a block height and the slot of that same block. A slot of zero
// makes it worthless.
type Height struct {
	Height, Slot uint64
	// Witnesses is the number of nodes that have reached it.
	Witnesses int
}

// Backend answers the two questions that decide. Both must return when their
// context ends.
type Backend interface {
	// Status returns what the nodes know about the signature
	// (getSignatureStatuses).
	Status(ctx context.Context, sig solana.Signature, q Query) (Answer, error)
	// BlockHeight returns the block height at a commitment. getEpochInfo
	// answers height and slot at once; getBlockHeight has no slot.
	BlockHeight(ctx context.Context, at Commitment) (Height, error)
}

// Config says how to send and when to be content. The zero value is ready to
// use.
type Config struct {
	// Commitment is what counts as landed; confirmed if empty.
	Commitment Commitment
	// PollEvery is the first pause between two looks, PollMax the longest it
	// grows to; one and five slots if zero.
	PollEvery, PollMax time.Duration
	// ResendEvery is the pause between two broadcasts of the same bytes; five
	// slots if zero.
	ResendEvery time.Duration
	// SlotTime returns how long a slot takes, as measured so far. It must not
	// be too short, or a node may make an expired transaction of a living one;
	// if nil, 400 ms.
	SlotTime func() time.Duration
	// CallTimeout bounds each call, so that one hung connection does not use up
	// the transaction's life; 5 s if zero. It runs on real time, unlike the
	// pauses: a hung wire does not know about Clock.
	CallTimeout time.Duration
	// Clock paces the pauses; the system's if nil.
	Clock Clock
	// Notify is told about progress, on the goroutine of the caller, between
	// two calls. It must not block.
	Notify func(Event)
	// Wake asks for a look right now, for example because a subscription
	// reported something. It only accelerates: nothing is believed that was not
	// polled, and a silent, closed or chattering channel does no harm. It is
	// read only during pauses: whoever writes should not block.
	Wake <-chan struct{}
	// NonceAdvanced reports whether the nonce account no longer holds the
	// transaction's nonce, and the context slot of that reading, at the given
	// commitment. Without it a durable nonce transaction is never found
	// expired.
	NonceAdvanced func(ctx context.Context, at Commitment) (advanced bool, contextSlot uint64, err error)
}

// Outcome is what is known at the end. Signature is always set, also beside an
// error.
type Outcome struct {
	Signature  solana.Signature
	Slot       uint64     // the block that holds the transaction
	Commitment Commitment // how firmly, at least the wanted commitment
	// the execution error: it landed, paid its fee and changed nothing else;
	// nil if it succeeded
	Err       json.RawMessage
	Sends     int  // broadcasts tried by this call, failed ones included
	Earlier   bool // it landed by a copy that this call did not broadcast
	Witnesses int  // nodes that vouch for it
}

// EventKind names a kind of progress.
type EventKind string

// The kinds of events.
const (
	EventSent        EventKind = "sent"         // a broadcast was accepted
	EventSendFailed  EventKind = "send failed"  // a broadcast failed; see Err
	EventQueryFailed EventKind = "query failed" // a query failed; see Err
	EventSeen        EventKind = "seen"         // the status is new or has changed; see Status
	// a status seen before is gone: a fork was dropped, or a node is behind
	EventLost EventKind = "lost"
	// its life is over; looking one last time whether it landed
	EventOutlived EventKind = "outlived"
)

// Event is one piece of progress.
type Event struct {
	Kind   EventKind
	Sends  int     // broadcasts so far
	Status *Status // set for EventSeen
	Err    error   // set for EventSendFailed and EventQueryFailed
}
