package sdk

import (
	"encoding/json"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/send"
)

// ProgressKind names a kind of [Progress].
type ProgressKind string

// The kinds of progress.
const (
	// ProgressSent reports that a node or a [Sender] accepted the bytes.
	ProgressSent = ProgressKind(send.EventSent)
	// ProgressSendFailed reports that the bytes were not accepted, see
	// Progress.Err. [Client.Send] tries again.
	ProgressSendFailed = ProgressKind(send.EventSendFailed)
	// ProgressQueryFailed reports that no node told the status of the
	// transaction, see Progress.Err. [Client.Send] asks again.
	ProgressQueryFailed = ProgressKind(send.EventQueryFailed)
	// ProgressSeen reports a status that is new or has changed, see
	// Progress.Status.
	ProgressSeen = ProgressKind(send.EventSeen)
	// ProgressLost reports that a status is gone: a fork was dropped, or a node
	// is behind. [Client.Send] goes on sending the same bytes.
	ProgressLost = ProgressKind(send.EventLost)
	// ProgressOutlived reports that the life of the transaction is over.
	// [Client.Send] looks one last time whether it landed.
	ProgressOutlived = ProgressKind(send.EventOutlived)
)

// Progress is an event while a transaction is under way, see [WithProgress].
type Progress struct {
	// Signature identifies the transaction. [Client.Execute] may send two.
	Signature solana.Signature
	// Kind tells what happened.
	Kind ProgressKind
	// Sends is how often the bytes were sent so far.
	Sends int
	// Status is set for [ProgressSeen], and nil otherwise.
	Status *SignatureStatus
	// Err is set for [ProgressSendFailed] and [ProgressQueryFailed], and nil
	// otherwise.
	Err error
}

// SignatureStatus is what the nodes know about a transaction.
type SignatureStatus struct {
	// Slot is that of the block that holds the transaction.
	Slot uint64
	// Commitment is how firmly the cluster holds that block: "processed",
	// "confirmed" or "finalized".
	Commitment string
	// Err is the execution error as the node spelled it, or nil if the
	// transaction succeeded.
	Err json.RawMessage
}

// String is one line, for example "slot 250000000, confirmed".
func (s SignatureStatus) String() string {
	text := fmt.Sprintf("slot %d, %s", s.Slot, s.Commitment)
	if failed(s.Err) {
		text += ", failed: " + string(s.Err)
	}
	return text
}

// failed reports whether an execution error is there and not null.
func failed(err json.RawMessage) bool { return len(err) > 0 && string(err) != "null" }

// String is one line, for example "seen: slot 250000000, confirmed (sent twice)".
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

// newProgress makes the public form of an event.
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
