package quote

import (
	"github.com/sanctum-go/sanctum/accounts"
)

// accountRent is the rent of accounts of one size, as far as it is known.
type accountRent struct {
	least uint64
	err   error
}

func newAccountRent(rent accounts.Rent, space uint64) accountRent {
	least, err := rent.MinimumBalance(space)
	return accountRent{least: least, err: err}
}

// keeps refuses what would leave an account with less than its rent, but not
// empty: the runtime does not allow it.
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
	"%[1]v: %[2]d lamports would stay, less than the rent of %[3]d",
)

// keepsRent refuses what would leave a system account with less than its rent,
// but not empty.
func keepsRent(rent accounts.Rent, left uint64) error {
	a := newAccountRent(rent, 0)
	var r Refusal
	a.keeps(&r, left)
	return r.Err()
}
