package offer

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Ask is a request, or a step of one, as venues see it. It is made once for a
// search: the amount comes with each question.
type Ask struct {
	// From and To are mints, a stake account, or the stake program for stake
	// that is received, and FromToken and ToToken their numbers.
	From, To           solana.PublicKey
	FromToken, ToToken state.Token

	SwapMode    terms.SwapMode
	SlippageBps uint16

	// AllowPoolUpdate, UseWSOL and Deactivate are those of the request.
	AllowPoolUpdate, UseWSOL, Deactivate bool

	// SlotTolerance is never zero.
	SlotTolerance uint64
	MaxPrefund    uint64

	// Referrer and Recipient are zero if there is none.
	Referrer, Recipient solana.PublicKey

	// Quiet says that nobody wants to know why there is no offer, only that
	// there is none.
	Quiet bool

	// Scratch is that of the search. It may be nil.
	Scratch *Scratch
}

// Scratch is where venues do their sums, so that nothing has to be allocated
// for an offer. A search has one of its own.
type Scratch struct {
	// Room is what a venue put there for its next question.
	Room any
}

// Kept returns the ask for steps that are carried out after the search.
func (a *Ask) Kept() Ask {
	kept := *a
	kept.Scratch = nil
	return kept
}

// Minimum returns the least of an amount that the slippage allows, rounded up,
// and at least one.
func (a *Ask) Minimum(amount uint64) (uint64, error) {
	least, err := fixed.MulDivCeil(amount, terms.MaxSlippageBps-uint64(a.SlippageBps),
		terms.MaxSlippageBps)
	return max(least, 1), err
}

// Maximum returns the most of an amount that the slippage allows, rounded down.
func (a *Ask) Maximum(amount uint64) (uint64, error) {
	more, err := fixed.MulDivFloor(amount, uint64(a.SlippageBps), terms.MaxSlippageBps)
	if err != nil {
		return 0, err
	}
	return fixed.Add(amount, more)
}

// Reasons for a refusal that several venues have.
var (
	// NotWrapped is the refusal of a venue that trades SOL itself only.
	NotWrapped = quote.NewReason(terms.ErrWSOLUnsupported, "")
	// NoReferrer is the refusal of a venue that takes the referral part itself.
	NoReferrer = quote.NewReason(terms.ErrReferrerUnsupported, "")
	// TooLarge is the refusal of numbers that do not fit.
	TooLarge = quote.NewReason(quote.ErrAmountTooLarge, "")
	// ZeroAmount is the refusal of nothing.
	ZeroAmount = quote.NewReason(quote.ErrZeroAmount, "")
)

// RefusedAt ends a search at an amount that is refused: who searched asks for
// it again to be told why.
type RefusedAt uint64

// Error names the amount.
func (n RefusedAt) Error() string { return fmt.Sprintf("refused at %d", uint64(n)) }
