package quote

import (
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
)

// keepsRent refuses what would leave a system account with less than its rent, but not empty: the runtime does not allow it.
func keepsRent(rent accounts.Rent, left ...uint64) error {
	least, err := rent.MinimumBalance(0)
	if err != nil {
		return err
	}
	for _, l := range left {
		if l != 0 && l < least {
			return fmt.Errorf("%w: %d lamports would stay, less than the rent of %d", ErrInsufficientReserve, l, least)
		}
	}
	return nil
}
