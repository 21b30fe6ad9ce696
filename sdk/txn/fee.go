package txn

import (
	"fmt"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// LamportsPerSignature is an estimate of what the network charges for a
// signature. It is used where no node told the fee, see [Unsigned.BaseFee].
const LamportsPerSignature = 5_000

// NetworkFee returns what the payer pays for landing the transaction, in
// lamports: [Unsigned.BaseFee] and the priority fee. The network takes it even
// if the transaction fails. It returns an error if the sum is more than there
// can be.
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

// BaseFee returns the part of the network fee that is not for priority, in
// lamports, and reports whether a node told it. If none did, it is an estimate
// of [LamportsPerSignature] for each signature: the transaction was parsed,
// built offline, or its node did not tell.
func (u *Unsigned) BaseFee() (lamports uint64, told bool) {
	if u == nil {
		return 0, false
	}
	if u.baseFee != nil {
		return *u.baseFee, true
	}
	return LamportsPerSignature * uint64(len(u.signers)), false
}
