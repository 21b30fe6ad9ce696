package quote

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Reason is a kind of refusal: the condition that it wraps, and the words that
// it is told in. Reasons are package variables; what differs from one refusal
// to the next are figures and a key, see [Refusal].
type Reason struct {
	condition error
	words     string
}

// NewReason returns the reason that wraps a condition and is told in words: a
// format in which %[1]v is the condition, %[2]d, %[3]d and %[4]d the figures,
// %[5]v the key and %[6]v the error of a refusal. Without words it is told as
// the condition alone, or as the condition and the error where there is one.
func NewReason(condition error, words string) *Reason {
	return &Reason{condition: condition, words: words}
}

// Refusal is why there is no price, in numbers. It costs nothing to make one,
// and becomes words when it is printed: so a search can be refused a thousand
// times. The zero value refuses nothing.
//
// A *Refusal is an error with the text, and for errors.Is the conditions, of
// the error that the functions of this package return; errors.As finds an
// [*Error] in it if it names a pool.
type Refusal struct {
	reason *Reason
	err    error
	// op and pool name the operation, see [Error]; they are zero if the refusal
	// is not that of a pool.
	op   string
	pool *solana.PublicKey

	key     *solana.PublicKey
	figures [3]uint64
}

// Because sets why there is no price, and returns false for the caller to
// return. A nil refusal is one that nobody wants to know.
func (r *Refusal) Because(reason *Reason, figures ...uint64) bool {
	if r == nil {
		return false
	}

	*r = Refusal{reason: reason, op: r.op, pool: r.pool}
	copy(r.figures[:], figures)
	return false
}

// BecauseOf is [Refusal.Because] for a reason that names a key, which must not
// change while the refusal is in use.
func (r *Refusal) BecauseOf(reason *Reason, key *solana.PublicKey, figures ...uint64) bool {
	if r == nil {
		return false
	}

	r.Because(reason, figures...)
	r.key = key
	return false
}

// BecauseErr is [Refusal.Because] for an error that was made before: alone if
// the reason is nil, else as what the reason comes from.
func (r *Refusal) BecauseErr(reason *Reason, err error) bool {
	if r == nil {
		return false
	}

	*r = Refusal{reason: reason, err: err, op: r.op, pool: r.pool}
	return false
}

// By names the operation and the pool that refuse, which must not change while
// the refusal is in use. A refusal that names one already keeps it.
func (r *Refusal) By(operation string, pool *solana.PublicKey) {
	if r != nil && r.pool == nil && !r.IsZero() {
		r.op, r.pool = operation, pool
	}
}

// IsZero reports whether nothing is refused.
func (r *Refusal) IsZero() bool { return r == nil || r.reason == nil && r.err == nil }

// Is reports whether the refusal wraps a condition, as errors.Is does for its
// error.
func (r *Refusal) Is(condition error) bool {
	if r.IsZero() {
		return false
	}
	return r.reason != nil && errors.Is(r.reason.condition, condition) || r.err != nil && errors.Is(r.err, condition)
}

// Err returns the error that the functions of this package return: an [*Error]
// if a pool refuses, else the reason alone, and nil for the zero value.
func (r *Refusal) Err() error {
	if r.IsZero() {
		return nil
	}

	reason := r.told()
	if r.pool == nil {
		return reason
	}
	return &Error{Op: r.op, Pool: *r.pool, Reason: reason}
}

// told is the reason in words, as an error that wraps its conditions.
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
		return &toldError{text: text, reason: r.reason.condition, err: r.err}
	case r.err != nil:
		return fmt.Errorf("%w: %w", r.reason.condition, r.err)
	}
	return r.reason.condition
}

// toldError is a reason in words.
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

// Error is one line, as that of [Refusal.Err].
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

// As fills an *[Error] if a pool refuses.
func (r *Refusal) As(target any) bool {
	e, ok := target.(**Error)
	if !ok || r.IsZero() || r.pool == nil {
		return false
	}

	*e = &Error{Op: r.op, Pool: *r.pool, Reason: r.told()}
	return true
}

// is sets the refusal to one that was prepared, and returns false for the
// caller to return.
func (r *Refusal) is(prepared *Refusal) bool {
	if r != nil {
		*r = *prepared
	}
	return false
}

// by names the operation and the pool that refuse, whatever was named before,
// and returns false for the caller to return.
func (r *Refusal) by(op string, pool *solana.PublicKey) bool {
	if r != nil {
		r.op, r.pool = op, pool
	}
	return false
}

// failed refuses because a calculation failed: for its numbers, or for what it
// was told.
func (r *Refusal) failed(err error) bool {
	if errors.Is(err, fixed.ErrOverflow) {
		return r.BecauseErr(reasonTooLarge, fixed.ErrOverflow)
	}
	return r.BecauseErr(nil, err)
}

// tooLarge refuses because numbers are too large, err being the first that was.
func (r *Refusal) tooLarge(err error) bool {
	if errors.Is(err, ErrTooLarge) {
		return r.BecauseErr(nil, err)
	}
	return r.BecauseErr(reasonTooLarge, err)
}

// tooLargeUnlessInvalid refuses because a calculation failed: for its numbers,
// or for what it was told.
func (r *Refusal) tooLargeUnlessInvalid(err error) bool {
	if errors.Is(err, ErrInvalidState) {
		return r.BecauseErr(nil, err)
	}
	return r.tooLarge(err)
}

// keyed is [Refusal.BecauseOf] for a key that may change.
func (r *Refusal) keyed(reason *Reason, key solana.PublicKey) bool {
	if r == nil {
		return false
	}
	return r.BecauseOf(reason, key.ToPointer())
}

// searched refuses because a search failed, why being what an input was refused
// for. It names operation and pool.
func (r *Refusal) searched(err error, why *Refusal, op string, pool *solana.PublicKey) bool {
	switch {
	case !errors.Is(err, errRefused):
		r.BecauseErr(reasonTooLarge, err)
	case why.Is(fixed.ErrOverflow) && !why.Is(ErrTooLarge):
		r.is(&Refusal{reason: reasonTooLarge, err: why.Err()})
		if why.pool != nil {
			return false // it is named already
		}
	default:
		r.is(why)
	}
	return r.by(op, pool)
}

// answer is what the functions of this package return of a price.
func answer[T any](price T, ok bool, r *Refusal) (T, error) {
	if !ok {
		var none T
		return none, r.Err()
	}
	return price, nil
}

// Reasons that several pools have.
var (
	reasonZeroAmount   = NewReason(ErrZeroAmount, "")
	reasonTooLarge     = NewReason(ErrTooLarge, "")
	reasonEpochRewards = NewReason(ErrEpochRewards, "")
	reasonFeeTakesAll  = NewReason(ErrTooLarge, "%[1]v: the fee takes everything")
)
