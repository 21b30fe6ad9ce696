package choose

import (
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Search is a request in the form that venues understand.
type Search struct {
	offer.Ask
	Amount uint64

	// Direct excludes routes with two legs. MinGain is the gain in lamports
	// that two legs need over one venue.
	Direct  bool
	MinGain uint64
	// MaxTransactions is the number of transactions that the trade may use.
	// UnitPrice is the expected priority fee, in micro-lamports per compute
	// unit.
	MaxTransactions uint8
	UnitPrice       uint64
	// Version1 allows transactions of version 1.
	Version1 bool
	// Excluded has the venues that the request excludes, by number. It is nil
	// if all may serve it.
	Excluded []bool
}

// PriorityFee returns the priority fee of a transaction with a compute unit
// limit, in lamports.
func (s *Search) PriorityFee(units uint32) (uint64, error) {
	if s.UnitPrice == 0 {
		return 0, nil
	}
	return txn.ComputeBudget{ComputeUnitLimit: units, ComputeUnitPrice: s.UnitPrice}.PriorityFee()
}

// part returns the request of a leg. Only single venues may use prefunds, and
// give receipts.
func (s *Search) part() offer.Ask {
	step := s.Ask
	step.MaxPrefund, step.AcceptReceipt, step.Quiet = 0, false, true
	return step
}

// keepsWrapped reports whether a leg from one token to another pays or receives
// wSOL. It does only for SOL that is the request's input or output: an
// intermediate token is native SOL.
func (s *Search) keepsWrapped(from, to state.Token) bool {
	return s.UseWSOL &&
		(from == state.SOL && s.FromToken == from || to == state.SOL && s.ToToken == to)
}
