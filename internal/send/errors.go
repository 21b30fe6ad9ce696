package send

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gagliardetto/solana-go"
)

// The conditions under which a transaction does not land, for [errors.Is]. Each
// error of this package matches at most one of them.
var (
	// ErrNotSent is returned when no copy of the transaction left this call.
	// The error wraps the cause, for example a [PreflightError]. The
	// transaction may be changed and signed again.
	ErrNotSent = errors.New("transaction was not sent (it may be changed and signed again)")
	// ErrExpired is returned when the transaction did not land and never will.
	// It is safe to sign another one.
	ErrExpired = errors.New("transaction expired (another one may be signed)")
	// ErrUncertain is returned when the transaction may have landed or may
	// still land. Do not sign another one; call [Resume].
	ErrUncertain = errors.New("transaction may still land (do not sign another one, resume it)")
)

// ErrMalformed is returned together with [ErrNotSent] when the bytes are not a
// valid transaction: a node or a delivery service refused them without running
// them.
var ErrMalformed = errors.New("malformed transaction (build it again)")

// PreflightError is a node's refusal to forward a transaction. Either the
// simulation failed, or, if Malformed, the bytes could not be simulated.
type PreflightError struct {
	// Message is the node's own text.
	Message string
	// Err is the transaction error in the node's spelling, for example the JSON
	// string "BlockhashNotFound".
	Err json.RawMessage
	// Logs are the program logs of the simulation.
	Logs []string
	// Malformed reports whether the bytes are not a valid transaction: they are
	// too large, cannot be decoded, or name a lookup table that does not
	// resolve.
	Malformed bool
	// Public is the same refusal as an exported error type. Errors of this
	// package wrap it in place of the PreflightError. It may be nil.
	Public error
}

// public returns the error that errors of this package wrap.
func (e *PreflightError) public() error {
	if e.Public != nil {
		return e.Public
	}
	return e
}

// Error returns one line, without the logs.
func (e *PreflightError) Error() string {
	if e == nil {
		return "<nil>"
	}

	s := "refused in simulation"
	if e.Malformed {
		s = "refused as malformed"
	}

	if e.Message != "" {
		s += ": " + oneLine(e.Message)
	}

	if len(e.Err) > 0 {
		s += " (" + oneLine(string(e.Err)) + ")"
	}

	return s
}

// Is reports whether target is [ErrMalformed] and the bytes are malformed.
func (e *PreflightError) Is(target error) bool {
	return e != nil && target == ErrMalformed && e.Malformed
}

// alreadyProcessed reports whether the node refused the transaction because its
// ledger already holds it. No other refusal means that the transaction was sent
// before.
func (e *PreflightError) alreadyProcessed() bool { return e.named("AlreadyProcessed") }

// processed reports whether err consists of refusals only, all of them because
// the transaction is on the ledger. If one of several endpoints did not answer,
// its copy may be the one that landed.
func processed(err error) bool {
	switch e := err.(type) { //nolint:errorlint // walks the error tree
	case *PreflightError:
		return e.alreadyProcessed()
	case interface{ Unwrap() error }:
		return processed(e.Unwrap())
	case interface{ Unwrap() []error }:
		branches := e.Unwrap()
		for _, branch := range branches {
			if !processed(branch) {
				return false
			}
		}

		return len(branches) > 0
	}

	return false
}

// late reports whether the node refused the transaction because it does not
// know the blockhash. The node may lag, or the blockhash may be too old for it:
// another node, or the same one later, may accept the transaction.
func (e *PreflightError) late() bool { return e.named("BlockhashNotFound") }

func (e *PreflightError) named(want string) bool {
	if e == nil {
		return false
	}

	var name string
	return json.Unmarshal(e.Err, &name) == nil && name == want
}

// refusal returns the PreflightError in err, or nil if a copy of the
// transaction may be on its way. All joined errors must be refusals: errors.As
// would also find a refusal joined to the timeout of another node. Of several
// refusals, it returns the first that is not late.
func refusal(err error) *PreflightError {
	switch e := err.(type) { //nolint:errorlint // walks the error tree
	case nil:
		return nil
	case *PreflightError:
		if e == nil || e.alreadyProcessed() {
			return nil
		}

		return e

	case interface{ Unwrap() error }:
		return refusal(e.Unwrap())
	case interface{ Unwrap() []error }:
		var first *PreflightError
		for _, branch := range e.Unwrap() {
			p := refusal(branch)
			if p == nil {
				return nil
			}

			if first == nil || first.late() {
				first = p
			}
		}

		return first
	}

	return nil
}

// ExpiredError is returned when the transaction did not land and never will.
type ExpiredError struct {
	// Signature identifies the transaction.
	Signature solana.Signature
	// LastValidBlockHeight is the height that the chain has passed. It is zero
	// for a durable nonce, which another transaction has advanced.
	LastValidBlockHeight uint64
	// Last is the last failed call, or nil. It often explains why the
	// transaction did not land.
	Last error
}

// Error returns one line.
func (e *ExpiredError) Error() string {
	if e == nil {
		return "<nil>"
	}

	why := fmt.Sprintf("last valid block height %d has passed", e.LastValidBlockHeight)
	if e.LastValidBlockHeight == 0 {
		why = "its nonce was used up"
	}
	return fmt.Sprintf("%v: %s did not land and %s%s", ErrExpired, e.Signature, why,
		lastCall(e.Last))
}

// Is reports whether target is [ErrExpired].
func (e *ExpiredError) Is(target error) bool { return target == ErrExpired }

// UncertainError is returned when the context ends while the transaction may
// still land. [Resume] continues to wait, given the same [Tx]. A caller must
// keep only these fields and the bytes.
type UncertainError struct {
	// Signature identifies the transaction.
	Signature solana.Signature
	// LastValidBlockHeight is the last height of a block that can hold the
	// transaction. It is zero for a durable nonce.
	LastValidBlockHeight uint64
	// Cause is the error of the context.
	Cause error
	// Last is the last failed call, or nil.
	Last error
}

// Error returns one line.
func (e *UncertainError) Error() string {
	if e == nil {
		return "<nil>"
	}

	until := fmt.Sprintf("until block height %d", e.LastValidBlockHeight)
	if e.LastValidBlockHeight == 0 {
		until = "until its nonce is used up"
	}
	return fmt.Sprintf("%v: %s, %s: %v%s", ErrUncertain, e.Signature, until, e.Cause,
		lastCall(e.Last))
}

// Is reports whether target is [ErrUncertain].
func (e *UncertainError) Is(target error) bool { return target == ErrUncertain }

// Unwrap returns Cause.
func (e *UncertainError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Cause
}

func lastCall(err error) string {
	if err == nil {
		return ""
	}
	return " (last failed call: " + oneLine(err.Error()) + ")"
}

// oneLine folds the text of a node into one line of at most 200 bytes, so that
// it neither breaks nor floods a log.
func oneLine(s string) string {
	const limit = 200
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
