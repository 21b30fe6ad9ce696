package txn

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrMemo is returned by [Memo] if the text is empty or not valid UTF-8.
var ErrMemo = errors.New("not a memo (pass a text in UTF-8)")

// Compute units of the memo program: a fixed part and a part for each byte. The
// build of 2026 was measured at 424 compute units plus about one per byte. The
// constants cover the build before it, which is documented to handle 566 bytes
// within 200,000 compute units.
const (
	memoUnits        = 3_000
	memoUnitsPerByte = 400
)

// Memo returns a step that writes a public text to the log of the transaction,
// for example an order number that identifies a payment. The text must be valid
// UTF-8; only the size of the transaction limits its length. Otherwise Memo
// returns [ErrMemo].
//
// The step mirrors the instruction of the SPL memo program.
func Memo(text string) (Step, error) {
	switch {
	case text == "":
		return Step{}, fmt.Errorf("%w: it is empty", ErrMemo)
	case !utf8.ValidString(text):
		return Step{}, fmt.Errorf("%w: it is not valid UTF-8", ErrMemo)
	}

	// A longer text does not fit in a transaction and needs no exact figure.
	units := uint32(memoUnits + memoUnitsPerByte*min(len(text), MaxSize))
	return Step{
		Description:  fmt.Sprintf("write the memo %q", text),
		Instruction:  writeMemo(text),
		ComputeUnits: units,
	}, nil
}
