package sdk

import (
	"encoding/json"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/send"
)

// ProgressKind is the kind of a [Progress] event.
type ProgressKind string

// The kinds of [Progress] events.
const (
	// ProgressSent means that a node or a [Sender] accepted the transaction.
	ProgressSent = ProgressKind(send.EventSent)
	// ProgressSendFailed means that a broadcast failed, see Progress.Err.
	// [Client.Send] tries again.
	ProgressSendFailed = ProgressKind(send.EventSendFailed)
	// ProgressQueryFailed means that no node reported the status of the
	// transaction, see Progress.Err. [Client.Send] asks again.
	ProgressQueryFailed = ProgressKind(send.EventQueryFailed)
	// ProgressSeen means that the status of the transaction is new or has
	// changed, see Progress.Status.
	ProgressSeen = ProgressKind(send.EventSeen)
	// ProgressLost means that the status has disappeared: a fork was dropped,
	// or the node lags behind. [Client.Send] keeps broadcasting the same bytes.
	ProgressLost = ProgressKind(send.EventLost)
	// ProgressOutlived means that the lifetime of the transaction has ended.
	// [Client.Send] checks one last time whether it landed.
	ProgressOutlived = ProgressKind(send.EventOutlived)
)

// Progress is an event of sending a transaction, see [WithProgress].
type Progress struct {
	// Signature identifies the transaction. [Client.Execute] may send two.
	Signature solana.Signature
	// Kind is the kind of the event.
	Kind ProgressKind
	// Sends is the number of broadcasts so far.
	Sends int
	// Status is set for [ProgressSeen], and nil otherwise.
	Status *SignatureStatus
	// Err is set for [ProgressSendFailed] and [ProgressQueryFailed], and nil
	// otherwise.
	Err error
}

// SignatureStatus is the status of a transaction as reported by the nodes.
type SignatureStatus struct {
	// Slot is the slot of the block that contains the transaction.
	Slot uint64
	// Commitment is the commitment of that block: "processed", "confirmed" or
	// "finalized".
	Commitment string
	// Err is the execution error as the node reports it, or nil if the
	// transaction succeeded.
	Err json.RawMessage
}

// String returns one line, for example "slot 250000000, confirmed".
func (s SignatureStatus) String() string {
	text := fmt.Sprintf("slot %d, %s", s.Slot, s.Commitment)
	if failed(s.Err) {
		text += ", failed: " + string(s.Err)
	}
	return text
}

// failed reports whether an execution error is set and not null.
func failed(err json.RawMessage) bool { return len(err) > 0 && string(err) != "null" }

// String returns one line, for example "seen: slot 250000000, confirmed (sent
// twice)".
func (p Progress) String() string {
	text := string(p.Kind)
	switch {
	case p.Status != nil:
		text += ": " + p.Status.String()
	case p.Err != nil:
		text += ": " + p.Err.Error()
	}

	switch p.Sends {
	case 0:
		return text
	case 1:
		return text + " (sent once)"
	case 2:
		return text + " (sent twice)"
	}

	return fmt.Sprintf("%s (sent %d times)", text, p.Sends)
}

// newProgress returns the public form of an event.
func newProgress(signature solana.Signature, event send.Event) Progress {
	progress := Progress{
		Signature: signature,
		Kind:      ProgressKind(event.Kind),
		Sends:     event.Sends,
		Err:       event.Err,
	}

	if status := event.Status; status != nil {
		progress.Status = &SignatureStatus{
			Slot:       status.Slot,
			Commitment: string(status.Commitment),
			Err:        status.Err,
		}
	}

	return progress
}
