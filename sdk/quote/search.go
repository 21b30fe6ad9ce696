package quote

import (
	"errors"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// maxLamports is the upper bound of searches. It is far above the total supply
// of SOL, and small enough to be doubled without overflow.
const maxLamports = 1 << 62

// errRefused stands for a recorded refusal in a search.
var errRefused = errors.New("refused")

// smallestInput is like fixed.SmallestInput, but returns [ErrAmountTooLarge] if
// no input is large enough.
func smallestInput(limit uint64, enough func(uint64) (bool, error)) (uint64, error) {
	input, err := fixed.SmallestInput(limit, enough)
	if errors.Is(err, fixed.ErrOverflow) {
		err = errTooLarge(err)
	}
	return input, err
}
