package choose

import (
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Search is a request that ways are looked for.
type Search struct {
	offer.Ask
	Amount uint64

	// Direct leaves out two legs, and MinGain is how many lamports they must
	// gain over one venue.
	Direct  bool
	MinGain uint64
	// MaxTransactions is how many transactions the trade may take, and
	// UnitPrice what is likely to be paid for priority, in millionths of a
	// lamport per compute unit.
	MaxTransactions uint8
	UnitPrice       uint64
}

// PriorityFee is what a request is likely to pay for priority, in lamports.
func (s *Search) PriorityFee(units uint32) (uint64, error) {
	if s.UnitPrice == 0 {
		return 0, nil
	}
	return txn.ComputeBudget{ComputeUnitLimit: units, ComputeUnitPrice: s.UnitPrice}.PriorityFee()
}

// part is a part of a request. Prefunds are only for trades in a single step.
func (s *Search) part() offer.Ask {
	step := s.Ask
	step.MaxPrefund, step.Quiet = 0, true
	return step
}

// keepsWrapped reports whether a step is from or to the wrapped SOL that the
// request is about: wrapped SOL is what the owner holds or wants, not what is
// in between.
func (s *Search) keepsWrapped(from, to state.Token) bool {
	return s.UseWSOL &&
		(from == state.SOL && s.FromToken == from || to == state.SOL && s.ToToken == to)
}
