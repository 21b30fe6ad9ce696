package sdk

import (
	"encoding/json"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/send"
)

// PreflightError is the refusal of a node or a [Sender] to broadcast a
// transaction: its simulation failed, or it is malformed. A [Sender] returns it
// only if no copy of the transaction left.
type PreflightError struct {
	// Message is the message of the node.
	Message string
	// Err is the transaction error as the node reports it in JSON, for example
	// "BlockhashNotFound" with quotes. It may be nil.
	Err json.RawMessage
	// Logs are the program logs of the simulation.
	Logs []string
	// Malformed reports whether the transaction is invalid: it is too large,
	// cannot be decoded, or uses a lookup table that does not resolve.
	Malformed bool
}

// inner returns the internal form of the error.
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

// Error returns one line without the logs.
func (e *PreflightError) Error() string { return e.inner().Error() }

// Is matches [ErrTransactionRejected] if the transaction is malformed.
func (e *PreflightError) Is(target error) bool { return e.inner().Is(target) }

// Unwrap returns the internal form of the error, by which [Client.Send]
// recognizes it. It has the same text.
func (e *PreflightError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.inner()
}

// ExpiredError is returned by [Client.Send] when the transaction did not land
// and never will. It matches [ErrExpired].
type ExpiredError struct {
	// Signature identifies the transaction.
	Signature solana.Signature
	// LastValidBlockHeight is the block height that has passed. Zero means that
	// the transaction has a durable nonce, which another transaction used.
	LastValidBlockHeight uint64
	// Last is the last failed call, which often explains why the transaction
	// did not land. It may be nil.
	Last error
}

// inner returns the internal form of the error.
func (e *ExpiredError) inner() *send.ExpiredError {
	if e == nil {
		return nil
	}

	inner := send.ExpiredError(*e)
	return &inner
}

// Error returns one line.
func (e *ExpiredError) Error() string { return e.inner().Error() }

// Is matches [ErrExpired].
func (e *ExpiredError) Is(target error) bool { return target == ErrExpired }

// UncertainError is returned by [Client.Send] when the transaction may have
// landed or may still land. It matches [ErrUncertain]. Call [Client.Resume]
// with the same transaction; after a restart it requires only the stored bytes
// and the fields of this error.
type UncertainError struct {
	// Signature identifies the transaction.
	Signature solana.Signature
	// LastValidBlockHeight is the last block height at which the transaction
	// may land. Zero means that it has a durable nonce.
	LastValidBlockHeight uint64
	// Cause is the reason why waiting ended, for example
	// context.DeadlineExceeded.
	Cause error
	// Last is the last failed call. It may be nil.
	Last error
}

// inner returns the internal form of the error.
func (e *UncertainError) inner() *send.UncertainError {
	if e == nil {
		return nil
	}

	inner := send.UncertainError(*e)
	return &inner
}

// Error returns one line.
func (e *UncertainError) Error() string { return e.inner().Error() }

// Is matches [ErrUncertain].
func (e *UncertainError) Is(target error) bool { return target == ErrUncertain }

// Unwrap returns the cause.
func (e *UncertainError) Unwrap() error { return e.inner().Unwrap() }

// publicSendError converts internal errors to the exported types.
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
