package quote

import (
	"github.com/sanctum-go/sanctum/accounts"
)

// accountRent is the minimum balance of accounts of one size, or the error if
// it cannot be computed.
type accountRent struct {
	least uint64
	err   error
}

func newAccountRent(rent accounts.Rent, space uint64) accountRent {
	least, err := rent.MinimumBalance(space)
	return accountRent{least: least, err: err}
}

// keeps refuses balances that are below the minimum balance but not zero: the
// runtime does not allow them.
func (a *accountRent) keeps(r *Refusal, left ...uint64) bool {
	if a.err != nil {
		return r.BecauseErr(nil, a.err)
	}
	for _, l := range left {
		if l != 0 && l < a.least {
			return r.Because(reasonKeepsRent, l, a.least)
		}
	}
	return true
}

var reasonKeepsRent = NewReason(
	ErrInsufficientReserve,
	"%[1]v: %[2]d lamports would remain, less than the rent of %[3]d lamports",
)

// keepsRent refuses the balance of a system account that is below its minimum
// balance but not zero.
func keepsRent(rent accounts.Rent, left uint64) error {
	a := newAccountRent(rent, 0)
	var r Refusal
	a.keeps(&r, left)
	return r.Err()
}
