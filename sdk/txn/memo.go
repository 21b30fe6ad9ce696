package txn

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrMemo says that a text cannot be a memo.
var ErrMemo = errors.New("not a memo")

// Compute units of the memo program: what it needs for any text, and for each
// byte of it. Its build of 2026 was measured to need 424 and about one a byte;
// these are for the one before, which by its documentation gets through 566
// bytes with 200,000 units.
const (
	memoUnits        = 3_000
	memoUnitsPerByte = 400
)

// Memo returns the step that writes a text to the log of the transaction, for
// whoever has to tell payments apart. The text must be valid UTF-8 and is
// public. Its length is limited by the size of the transaction alone.
func Memo(text string) (Step, error) {
	switch {
	case text == "":
		return Step{}, fmt.Errorf("%w: it is empty", ErrMemo)
	case !utf8.ValidString(text):
		return Step{}, fmt.Errorf("%w: it is not valid UTF-8", ErrMemo)
	}

	// A text that does not fit in a transaction needs no exact figure.
	units := uint32(memoUnits + memoUnitsPerByte*min(len(text), MaxSize))
	return Step{
		Description:  fmt.Sprintf("write the memo %q", text),
		Instruction:  writeMemo(text),
		ComputeUnits: units,
	}, nil
}
