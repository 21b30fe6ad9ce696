package sdk

import (
	"encoding/json"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/send"
)

// PreflightError is a refusal to forward a transaction: by a node whose
// simulation of it failed, by a node that takes it for malformed, or by a
// [Sender]. A [Sender] returns it only if no copy of the transaction left.
type PreflightError struct {
	// Message is the node's sentence.
	Message string
	// Err is the transaction error as the node spelled it, for example
	// "BlockhashNotFound" in quotes. It may be nil.
	Err json.RawMessage
	// Logs are the program logs of the simulation.
	Logs []string
	// Malformed reports that the bytes are no valid transaction: too large, not
	// decodable, or with a lookup table that does not resolve.
	Malformed bool
}

// inner is the same refusal as package send knows it.
func (e *PreflightError) inner() *send.PreflightError {
	if e == nil {
		return nil
	}

	return &send.PreflightError{
		Message:   e.Message,
		Err:       e.Err,
		Logs:      e.Logs,
		Malformed: e.Malformed,
		Public:    e,
	}
}

// Error is one line, without the logs.
func (e *PreflightError) Error() string { return e.inner().Error() }

// Is matches [ErrMalformed] if the transaction is malformed.
func (e *PreflightError) Is(target error) bool { return e.inner().Is(target) }

// Unwrap returns the refusal in the form by which [Client.Send] recognizes it,
// also inside other errors. It has the same text.
func (e *PreflightError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.inner()
}

// ExpiredError is returned with [ErrExpired]: the transaction did not land and
// never will.
type ExpiredError struct {
	// Signature identifies the transaction.
	Signature solana.Signature
	// LastValidBlockHeight is the block height that has passed. Zero means that
	// the transaction has a durable nonce, which another transaction used up.
	LastValidBlockHeight uint64
	// Last is the last call that failed, which often tells why the transaction
	// never landed. It may be nil.
	Last error
}

// inner is the same error as package send knows it.
func (e *ExpiredError) inner() *send.ExpiredError {
	if e == nil {
		return nil
	}

	inner := send.ExpiredError(*e)
	return &inner
}

// Error is one line.
func (e *ExpiredError) Error() string { return e.inner().Error() }

// Is matches [ErrExpired].
func (e *ExpiredError) Is(target error) bool { return target == ErrExpired }

// UncertainError is returned with [ErrUncertain]: the transaction may have landed
// or may land yet. [Client.Resume] waits on, given the same bytes; after a
// restart, these fields and the bytes are all it needs.
type UncertainError struct {
	// Signature identifies the transaction.
	Signature solana.Signature
	// LastValidBlockHeight is the block height up to which it may land. Zero means
	// that it has a durable nonce.
	LastValidBlockHeight uint64
	// Cause is why the waiting ended, for example context.DeadlineExceeded.
	Cause error
	// Last is the last call that failed. It may be nil.
	Last error
}

// inner is the same error as package send knows it.
func (e *UncertainError) inner() *send.UncertainError {
	if e == nil {
		return nil
	}

	inner := send.UncertainError(*e)
	return &inner
}

// Error is one line.
func (e *UncertainError) Error() string { return e.inner().Error() }

// Is matches [ErrUncertain].
func (e *UncertainError) Is(target error) bool { return target == ErrUncertain }

// Unwrap returns the cause.
func (e *UncertainError) Unwrap() error { return e.inner().Unwrap() }

// publicSendError makes the types of this package of those of package send.
func publicSendError(err error) error {
	switch failure := err.(type) { //nolint:errorlint // package send wraps neither
	case *send.ExpiredError:
		public := ExpiredError(*failure)
		return &public
	case *send.UncertainError:
		public := UncertainError(*failure)
		return &public
	}
	return err
}
