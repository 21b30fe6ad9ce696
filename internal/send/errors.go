package send

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gagliardetto/solana-go"
)

// Conditions for [errors.Is]. Each error of this package belongs to at most one of them.
var (
	// ErrNotSent: no copy of the transaction left this call. The cause is wrapped, for example a [PreflightError].
	ErrNotSent = errors.New("transaction was not sent (it may be changed and signed again)")
	// ErrExpired: the transaction did not land and never will. It is safe to sign another one.
	ErrExpired = errors.New("transaction expired (another one may be signed)")
	// ErrUncertain: the transaction may have landed or may land yet. Do not sign another one; resume.
	ErrUncertain = errors.New("transaction may still land (do not sign another one, resume it)")
)

// ErrMalformed is why a transaction was not sent: whoever was asked says that its bytes are no valid transaction, and so never ran it. It
// comes beside [ErrNotSent].
var ErrMalformed = errors.New("malformed transaction (build it again)")

// PreflightError is a node's refusal to forward a transaction, because its simulation failed or, if Malformed, before it came to that.
type PreflightError struct {
	Message string          // the node's sentence
	Err     json.RawMessage // the transaction error as the node spelled it, for example "BlockhashNotFound" in quotes
	Logs    []string        // program logs of the simulation
	// Malformed says that the bytes are no valid transaction: too large, not to be decoded, or with a lookup table that does not resolve.
	Malformed bool
	// Public is the refusal in the form that users know, which errors wrap in its place; it may be nil.
	Public error
}

// public is the form of the refusal that errors wrap.
func (e *PreflightError) public() error {
	if e.Public != nil {
		return e.Public
	}
	return e
}

// Error is one line, without the logs.
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

// Is matches [ErrMalformed].
func (e *PreflightError) Is(target error) bool {
	return e != nil && target == ErrMalformed && e.Malformed
}

// alreadyProcessed is the one refusal that says the opposite of "never sent": the node has it on its ledger.
func (e *PreflightError) alreadyProcessed() bool { return e.named("AlreadyProcessed") }

// processed reports whether everybody who was asked refused because the
// transaction is on the ledger. If one of several did not answer, it may be
// there because of that one.
func processed(err error) bool {
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
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

// late reports whether the refusal tells of the node's own view of time rather than of the transaction: it does not
// know the blockhash, yet or any more.
func (e *PreflightError) late() bool { return e.named("BlockhashNotFound") }

func (e *PreflightError) named(want string) bool {
	if e == nil {
		return false
	}

	var name string
	return json.Unmarshal(e.Err, &name) == nil && name == want
}

// refusal returns the PreflightError that err stands for, or nil if some copy may be under way. It does not use
// errors.As, which would find a refusal joined to another node's timeout: of joined errors all must be refusals. The
// first of them counts which is more than late.
func refusal(err error) *PreflightError {
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
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

// ExpiredError says that the transaction did not land and never will.
type ExpiredError struct {
	Signature            solana.Signature
	LastValidBlockHeight uint64 // zero: a durable nonce, which something else used up
	Last                 error  // the last call that failed, which often tells why it never landed; may be nil
}

// Error is one line.
func (e *ExpiredError) Error() string {
	if e == nil {
		return "<nil>"
	}

	why := fmt.Sprintf("last valid block height %d has passed", e.LastValidBlockHeight)
	if e.LastValidBlockHeight == 0 {
		why = "its nonce was used up"
	}
	return fmt.Sprintf("%v: %s did not land and %s%s", ErrExpired, e.Signature, why, lastCall(e.Last))
}

// Is matches [ErrExpired].
func (e *ExpiredError) Is(target error) bool { return target == ErrExpired }

// UncertainError says that nobody waits any more for a transaction which may still land. [Resume] does, given the
// same [Tx]; these fields are all of it that a caller must keep besides the bytes.
type UncertainError struct {
	Signature            solana.Signature
	LastValidBlockHeight uint64 // zero: a durable nonce
	Cause                error  // why the waiting ended, the context's error
	Last                 error  // the last call that failed; may be nil
}

// Error is one line.
func (e *UncertainError) Error() string {
	if e == nil {
		return "<nil>"
	}

	until := fmt.Sprintf("until block height %d", e.LastValidBlockHeight)
	if e.LastValidBlockHeight == 0 {
		until = "until its nonce is used up"
	}
	return fmt.Sprintf("%v: %s, %s: %v%s", ErrUncertain, e.Signature, until, e.Cause, lastCall(e.Last))
}

// Is matches [ErrUncertain].
func (e *UncertainError) Is(target error) bool { return target == ErrUncertain }

// Unwrap returns the cause.
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

// oneLine keeps foreign text from breaking or flooding a log line.
func oneLine(s string) string {
	const limit = 200
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
