package quote

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Reason is a kind of refusal: the condition that it wraps and the format of
// its text. Reasons are package variables. What differs between two refusals of
// a kind is their figures and their key, see [Refusal].
type Reason struct {
	condition error
	words     string
}

// NewReason returns a reason that wraps a condition. words is the format of its
// text: %[1]v is the condition, %[2]d, %[3]d and %[4]d are the figures of a
// refusal, %[5]v is its key, and %[6]v is its error. For example "%[1]v: %[2]d
// lamports, not %[3]d". If words is empty, the text is the condition, followed
// by the error of the refusal if it has one.
func NewReason(condition error, words string) *Reason {
	return &Reason{condition: condition, words: words}
}

// Refusal records why there is no price, as numbers. Recording one does not
// allocate, and the text is formatted only when it is printed, so a search can
// try a thousand inputs cheaply. The zero value refuses nothing.
//
// A *Refusal is an error. It has the text, and for errors.Is the conditions, of
// the error that the other functions of this package return. errors.As finds an
// [*Error] in it if a pool refuses.
type Refusal struct {
	reason *Reason
	err    error
	// op and pool name the operation, see [Error]. They are zero if the refusal
	// does not come from a pool.
	op   string
	pool *solana.PublicKey

	key     *solana.PublicKey
	figures [3]uint64
}

// Because records a reason with its figures and returns false, which the caller
// returns in turn. A nil Refusal records nothing.
func (r *Refusal) Because(reason *Reason, figures ...uint64) bool {
	if r == nil {
		return false
	}

	*r = Refusal{
		reason: reason,
		op:     r.op,
		pool:   r.pool,
	}

	copy(r.figures[:], figures)
	return false
}

// BecauseOf is like [Refusal.Because], for a reason that names a key. The key
// must not change while the refusal is in use.
func (r *Refusal) BecauseOf(reason *Reason, key *solana.PublicKey, figures ...uint64) bool {
	if r == nil {
		return false
	}

	r.Because(reason, figures...)
	r.key = key
	return false
}

// BecauseErr is like [Refusal.Because], for an existing error. If reason is nil
// the error itself is the reason; otherwise it is the cause of the reason.
func (r *Refusal) BecauseErr(reason *Reason, err error) bool {
	if r == nil {
		return false
	}

	*r = Refusal{
		reason: reason,
		err:    err,
		op:     r.op,
		pool:   r.pool,
	}

	return false
}

// By sets the operation and the pool that refuse, unless the refusal names a
// pool already. The pool's key must not change while the refusal is in use.
func (r *Refusal) By(operation string, pool *solana.PublicKey) {
	if r != nil && r.pool == nil && !r.IsZero() {
		r.op, r.pool = operation, pool
	}
}

// IsZero reports whether the refusal refuses nothing.
func (r *Refusal) IsZero() bool { return r == nil || r.reason == nil && r.err == nil }

// Is reports whether the refusal wraps a condition, as errors.Is does for its
// error.
func (r *Refusal) Is(condition error) bool {
	if r.IsZero() {
		return false
	}
	return r.reason != nil && errors.Is(r.reason.condition, condition) ||
		r.err != nil && errors.Is(r.err, condition)
}

// Err returns the refusal as the error that the other functions of this package
// return: an [*Error] if a pool refuses, otherwise the reason alone, or nil for
// the zero value.
func (r *Refusal) Err() error {
	if r.IsZero() {
		return nil
	}

	reason := r.told()
	if r.pool == nil {
		return reason
	}

	return &Error{
		Op:     r.op,
		Pool:   *r.pool,
		Reason: reason,
	}
}

// told formats the reason as an error that wraps its conditions.
func (r *Refusal) told() error {
	switch {
	case r.reason == nil:
		return r.err
	case r.reason.words != "":
		var key solana.PublicKey
		if r.key != nil {
			key = *r.key
		}

		f := r.figures
		text := fmt.Sprintf(r.reason.words, r.reason.condition, f[0], f[1], f[2], key, r.err)
		return &toldError{
			text:   text,
			reason: r.reason.condition,
			err:    r.err,
		}

	case r.err != nil:
		return fmt.Errorf("%w: %w", r.reason.condition, r.err)
	}

	return r.reason.condition
}

// toldError is a formatted reason.
type toldError struct {
	text        string
	reason, err error
}

func (e *toldError) Error() string { return e.text }

func (e *toldError) Unwrap() []error {
	if e.err == nil {
		return []error{e.reason}
	}
	return []error{e.reason, e.err}
}

// Error returns the text of [Refusal.Err], which is one line.
func (r *Refusal) Error() string {
	if r.IsZero() {
		return "<nil>"
	}

	return r.Err().Error()
}

// Unwrap returns the conditions.
func (r *Refusal) Unwrap() []error {
	switch {
	case r.IsZero():
		return nil
	case r.reason == nil:
		return []error{r.err}
	case r.err == nil:
		return []error{r.reason.condition}
	}
	return []error{r.reason.condition, r.err}
}

// As sets target to an [*Error] if a pool refuses.
func (r *Refusal) As(target any) bool {
	e, ok := target.(**Error)
	if !ok || r.IsZero() || r.pool == nil {
		return false
	}

	*e = &Error{
		Op:     r.op,
		Pool:   *r.pool,
		Reason: r.told(),
	}

	return true
}

// is sets the refusal to a prepared one and returns false, which the caller
// returns in turn.
func (r *Refusal) is(prepared *Refusal) bool {
	if r != nil {
		*r = *prepared
	}
	return false
}

// by sets the operation and the pool that refuse, even if the refusal names a
// pool already, and returns false, which the caller returns in turn.
func (r *Refusal) by(op string, pool *solana.PublicKey) bool {
	if r != nil {
		r.op, r.pool = op, pool
	}
	return false
}

// failed records a failed calculation: as [ErrAmountTooLarge] if it overflowed,
// otherwise as the error itself.
func (r *Refusal) failed(err error) bool {
	if errors.Is(err, fixed.ErrOverflow) {
		return r.BecauseErr(reasonTooLarge, fixed.ErrOverflow)
	}
	return r.BecauseErr(nil, err)
}

// tooLarge records numbers that are too large. err is the first failure.
func (r *Refusal) tooLarge(err error) bool {
	if errors.Is(err, ErrAmountTooLarge) {
		return r.BecauseErr(nil, err)
	}
	return r.BecauseErr(reasonTooLarge, err)
}

// tooLargeUnlessInvalid records a failed calculation: as [ErrInvalidState] if
// err wraps that, otherwise as numbers that are too large.
func (r *Refusal) tooLargeUnlessInvalid(err error) bool {
	if errors.Is(err, ErrInvalidState) {
		return r.BecauseErr(nil, err)
	}
	return r.tooLarge(err)
}

// keyed is like [Refusal.BecauseOf], for a key that may change.
func (r *Refusal) keyed(reason *Reason, key solana.PublicKey) bool {
	if r == nil {
		return false
	}
	return r.BecauseOf(reason, key.ToPointer())
}

// searched records a failed search and names the operation and the pool. why is
// the refusal of the last input that the search tried.
func (r *Refusal) searched(err error, why *Refusal, op string, pool *solana.PublicKey) bool {
	switch {
	case !errors.Is(err, errRefused):
		r.BecauseErr(reasonTooLarge, err)
	case why.Is(fixed.ErrOverflow) && !why.Is(ErrAmountTooLarge):
		r.is(&Refusal{reason: reasonTooLarge, err: why.Err()})
		if why.pool != nil {
			return false // The refusal names a pool already.
		}

	default:
		r.is(why)
	}

	return r.by(op, pool)
}

// answer turns a price and its refusal into the results of an exported
// function.
func answer[T any](price T, ok bool, r *Refusal) (T, error) {
	if !ok {
		var none T
		return none, r.Err()
	}
	return price, nil
}

// Reasons that several pools share.
var (
	reasonZeroAmount   = NewReason(ErrZeroAmount, "")
	reasonTooLarge     = NewReason(ErrAmountTooLarge, "")
	reasonEpochRewards = NewReason(ErrEpochRewards, "")
	reasonFeeTakesAll  = NewReason(ErrAmountTooLarge, "%[1]v: the fee consumes the whole amount")
)
