// Package send broadcasts a signed Solana transaction and determines its
// result.
//
// A transaction is identified by its signature: the network executes the same
// bytes at most once, however often and through however many nodes they arrive.
// The package therefore repeats identical bytes and never signs. A call ends in
// one of four ways:
//
//   - The transaction is on the ledger at the wanted commitment, successfully
//     or with an execution error ([Outcome]).
//   - It never left the process ([ErrNotSent]).
//   - It is proven that it can never land ([ExpiredError]). Only then is it
//     safe to sign another one.
//   - The context of the caller ended first ([UncertainError]). The transaction
//     may still land, and [Resume] continues to wait for it.
//
// # Proof of expiry
//
// Expiry is proven in three steps:
//
//  1. By the local clock, enough time has passed for the network to produce
//     the 150 blocks of a blockhash's life. At 200 ms a slot these are 60 s if
//     one node reports the height, and 37.5 s if several nodes do.
//  2. The block height, read at commitment confirmed or better, is above the
//     last valid one of the transaction. Every block that could hold the
//     transaction is now an ancestor of a block that will not be replaced.
//  3. A status query issued after that, with a search of history, is empty.
//
// Neither of the first two is enough alone: a node may lie or belong to another
// cluster, and a network may stand still. Behind a load balancer the third
// answer may come from a node that has not seen those blocks. It counts only if
// its slot is 32 slots past the slot of the height, and past the end of a life
// that began where the blockhash was read. An error, a node that does not know
// the blockhash, or nodes that disagree prove nothing.
//
// A state machine without clock, network or goroutines makes the decisions
// (machine.go). [Run] and [Resume] carry them out one call at a time and start
// no goroutine.
package send

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gagliardetto/solana-go"
)

// Commitment is the degree to which the cluster has confirmed a block, in the
// spelling of the RPC interface.
type Commitment string

// The commitments, weakest first.
const (
	Processed Commitment = "processed" // one node has the block; a fork may drop it
	Confirmed Commitment = "confirmed" // two thirds of the stake voted for the block
	Finalized Commitment = "finalized" // the block is rooted and cannot be dropped
)

// rank orders commitments. An unknown one has the lowest rank, zero.
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

// Firmer reports whether c is a stronger commitment than other. An unknown
// commitment is the weakest.
func (c Commitment) Firmer(other Commitment) bool { return c.rank() > other.rank() }

// Tx is a signed transaction with the limit of its life: a block height or a
// durable nonce, never both.
type Tx struct {
	// Raw is the serialized transaction. Every broadcast carries exactly these
	// bytes.
	Raw []byte
	// Signature is the first signature in Raw.
	Signature solana.Signature
	// LastValidBlockHeight is the height that the node returned with the
	// blockhash. It is zero for a durable nonce.
	LastValidBlockHeight uint64
	// Nonce reports whether the transaction uses a durable nonce, so that no
	// block height ends its life.
	Nonce bool
	// Slot is the context slot at which the blockhash or nonce was read, or
	// zero if it is unknown. A nonce must be read at commitment confirmed or
	// better. Answers about the nonce from before this slot are ignored: a node
	// that lags still holds an older nonce, and ours would look advanced.
	Slot uint64
	// Since is the time at which the blockhash was read, by the clock of
	// [Config]. If it is zero, the life of the blockhash begins with the call.
	Since time.Time
}

// Status is the status of a transaction on the ledger.
type Status struct {
	// Slot is the slot of the block that holds the transaction.
	Slot uint64
	// Commitment is the commitment of that block.
	Commitment Commitment
	// Err is the execution error in the node's spelling. It is nil, or JSON
	// null, if the transaction succeeded.
	Err json.RawMessage
}

// Broadcaster sends signed bytes to the network through an RPC node, several of
// them, or a delivery service that takes tips.
//
// Broadcast returns nil if the bytes were accepted at least once. It returns a
// [PreflightError] only if all paths certainly refused them: no copy was
// accepted elsewhere, and no earlier try inside the same call ended without an
// answer. Any other error, above all a timeout, leaves open whether the bytes
// are on their way. So does a PreflightError joined to an error of another
// type. Broadcast must return when its context ends.
type Broadcaster interface {
	Broadcast(ctx context.Context, raw []byte) error
}

// Query is a query for the status of a transaction.
type Query struct {
	// Want is the commitment at which the transaction counts as landed.
	Want Commitment
	// History asks for a search of the whole ledger. The answer must be an
	// error if the search cannot reach back to the blocks that may hold the
	// transaction, since an empty answer is part of the proof of expiry.
	History bool
	// Proof reports whether the transaction's life is over, so that an empty
	// answer ends the wait.
	Proof bool
}

// Answer is the answer of the nodes to a [Query].
type Answer struct {
	// Status is the status that the nodes agree on, or nil if they agree that
	// they do not know the transaction.
	Status *Status
	// Slot is the context slot of the answer. If several nodes do not know the
	// transaction, it is the lowest of their slots.
	Slot uint64
	// Witnesses is the number of nodes that confirm Status.
	Witnesses int
	// Disputed reports whether some node knows a status that too few others
	// confirm. The transaction then counts neither as landed nor as lost.
	Disputed bool
}

// Height is a block height with the slot of the same block. With a slot of zero
// it is ignored.
type Height struct {
	Height, Slot uint64
	// Witnesses is the number of nodes that have reached it.
	Witnesses int
}

// Backend queries the ledger. Both methods must return when their context ends.
type Backend interface {
	// Status returns what the nodes know about the signature, by
	// getSignatureStatuses.
	Status(ctx context.Context, sig solana.Signature, q Query) (Answer, error)
	// BlockHeight returns the block height at a commitment. Use getEpochInfo,
	// which returns height and slot together; getBlockHeight returns no slot.
	BlockHeight(ctx context.Context, at Commitment) (Height, error)
}

// Config adjusts [Run] and [Resume]. The zero value is ready to use.
type Config struct {
	// Commitment is the commitment at which the transaction counts as landed;
	// confirmed if empty.
	Commitment Commitment
	// PollEvery is the first pause between two status queries; one slot if
	// zero. Pauses grow up to PollMax; five slots if zero.
	PollEvery, PollMax time.Duration
	// ResendEvery is the pause between two broadcasts of the same bytes; five
	// slots if zero.
	ResendEvery time.Duration
	// SlotTime returns the measured duration of a slot; 400 ms if nil. Too
	// short a duration lets a node make a live transaction look expired.
	SlotTime func() time.Duration
	// CallTimeout bounds each call, so that a hanging connection does not use
	// up the transaction's life; 5 s if zero. It is measured in real time, not
	// by Clock.
	CallTimeout time.Duration
	// Clock measures the pauses; the system clock if nil.
	Clock Clock
	// Notify receives progress events. It runs on the goroutine of the caller,
	// between two calls, and must not block.
	Notify func(Event)
	// Wake triggers a status query, for example when a subscription reports the
	// transaction. It only saves time: every result comes from a query, so a
	// silent, closed or busy channel does no harm. It is read during pauses
	// only; writers should not block.
	Wake <-chan struct{}
	// NonceAdvanced reports whether the nonce account no longer holds the
	// transaction's nonce, and the context slot of that answer, at the given
	// commitment. If it is nil, a transaction with a durable nonce is never
	// found expired.
	NonceAdvanced func(
		ctx context.Context,
		at Commitment,
	) (advanced bool, contextSlot uint64, err error)
}

// Outcome is the result of a transaction. Signature is set even if an error is
// returned.
type Outcome struct {
	// Signature identifies the transaction.
	Signature solana.Signature
	// Slot is the slot of the block that holds the transaction.
	Slot uint64
	// Commitment is the commitment of that block, at least the wanted one.
	Commitment Commitment
	// Err is the execution error, or nil if the transaction succeeded. A failed
	// transaction pays its fee and changes nothing else.
	Err json.RawMessage
	// Sends is the number of broadcasts of this call, failed ones included.
	Sends int
	// Earlier reports whether the transaction landed by a copy that this call
	// did not broadcast.
	Earlier bool
	// Witnesses is the number of nodes that confirm the result.
	Witnesses int
}

// EventKind is the kind of an [Event].
type EventKind string

// The kinds of progress events.
const (
	EventSent        EventKind = "sent"         // a broadcast was accepted
	EventSendFailed  EventKind = "send failed"  // a broadcast failed; see Err
	EventQueryFailed EventKind = "query failed" // a query failed; see Err
	EventSeen        EventKind = "seen"         // the status has changed; see Status
	// EventLost reports that a known status is gone: a fork was dropped, or the
	// node lags.
	EventLost EventKind = "lost"
	// EventOutlived reports the end of the transaction's life. One status query
	// remains.
	EventOutlived EventKind = "outlived"
)

// Event is a progress event.
type Event struct {
	Kind EventKind
	// Sends is the number of broadcasts so far.
	Sends int
	// Status is set for [EventSeen].
	Status *Status
	// Err is set for [EventSendFailed] and [EventQueryFailed].
	Err error
}
