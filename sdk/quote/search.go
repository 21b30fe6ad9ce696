package quote

import (
	"errors"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// maxLamports bounds searches: far more SOL than there is, and small enough to
// double.
const maxLamports = 1 << 62

// errRefused stands for a refusal in a search.
var errRefused = errors.New("refused")

// smallestInput is fixed.SmallestInput with the error of this package for what
// is beyond all limits.
func smallestInput(limit uint64, enough func(uint64) (bool, error)) (uint64, error) {
	input, err := fixed.SmallestInput(limit, enough)
	if errors.Is(err, fixed.ErrOverflow) {
		err = errTooLarge(err)
	}
	return input, err
}
