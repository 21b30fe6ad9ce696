package txn

import (
	"fmt"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// LamportsPerSignature is the estimated base fee of a signature, in lamports.
// It is used if no node reported the fee, see [Unsigned.BaseFee].
const LamportsPerSignature = 5_000

// NetworkFee returns the network fee in lamports: [Unsigned.BaseFee] plus the
// priority fee. The network charges it to the fee payer even if the transaction
// fails. NetworkFee returns an error if the sum overflows a uint64.
func (u *Unsigned) NetworkFee() (uint64, error) {
	if u == nil {
		return 0, fmt.Errorf("network fee: %w", errNoTransaction)
	}

	priority, err := u.budget.PriorityFee()
	if err != nil {
		return 0, err
	}
	base, _ := u.BaseFee()
	return fixed.Add(priority, base)
}

// BaseFee returns the network fee without the priority fee, in lamports, and
// reports whether a node reported it. If told is false, the fee is an estimate
// of [LamportsPerSignature] for each signature, for example because the
// transaction was parsed or built offline.
func (u *Unsigned) BaseFee() (lamports uint64, told bool) {
	if u == nil {
		return 0, false
	}
	if u.baseFee != nil {
		return *u.baseFee, true
	}
	return LamportsPerSignature * uint64(len(u.signers)), false
}
