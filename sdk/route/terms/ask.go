package terms

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// Side says which of the two amounts of a trade is fixed.
type Side uint8

// The two sides.
const (
	// ExactIn fixes what is paid; the least that is received is limited by slippage.
	ExactIn Side = iota
	// ExactOut fixes what is received at least; the smallest payment for it is quoted.
	ExactOut
)

const (
	// blockhashBlocks is how many blocks a blockhash is good for.
	blockhashBlocks = 150
	// emptySlots is how many slots without a block may lie among those: one in
	// six.
	emptySlots = 30
	// quoteAge is how many slots may pass from a quote to the blockhash of its
	// transaction, while a person reads the quote.
	quoteAge = 60

	// DefaultLookAhead is how many slots the limits of a quote hold if the
	// request does not name a number: as long as a transaction with a blockhash can
	// land that is fetched up to 60 slots after the quote. That is 240 slots,
	// whatever they take: 48 seconds at 200 ms a slot, 96 at 400 ms.
	DefaultLookAhead = quoteAge + blockhashBlocks + emptySlots
)

// MaxSlippageBps is a slippage of 100 %.
const MaxSlippageBps = 10_000

// Conditions under which a venue makes no offer.
var (
	// ErrWrapped is returned by venues that trade SOL itself only, not wrapped SOL.
	ErrWrapped = errors.New("venue does not trade wrapped SOL (leave Wrapped off)")
	// ErrReferrer is returned by venues that take the referral part of a pool's fee for the user, and cannot pay a referrer.
	ErrReferrer = errors.New("venue cannot pay a referrer (leave Referrer out)")
	// ErrRecipient is returned when a recipient cannot be paid: the address is not that of a wallet, or a venue can only pay the owner.
	ErrRecipient = errors.New("recipient cannot be paid")
	// ErrLookAhead is returned when a look-ahead goes beyond the last slot there can be.
	ErrLookAhead = errors.New("look-ahead beyond the last slot")
)

// Ask is a request, or a step of one, as venues see it. It is made once for a
// search: the amount comes with each question.
type Ask struct {
	// From and To are mints, a stake account, or the stake program for stake
	// that is received, and FromToken and ToToken their numbers.
	From, To           solana.PublicKey
	FromToken, ToToken state.Token

	Side        Side
	SlippageBps uint16

	// Crank, Wrapped and Deactivate are those of the request.
	Crank, Wrapped, Deactivate bool

	// LookAhead is never zero.
	LookAhead  uint64
	MaxPrefund uint64

	// Referrer and Recipient are zero if there is none.
	Referrer, Recipient solana.PublicKey

	// Desk is where venues do their sums, so that nothing has to be allocated
	// for an offer. A search has one of its own.
	Desk any
}

// Minimum returns the least of an amount that the slippage allows, rounded up,
// and at least one.
func (a *Ask) Minimum(amount uint64) (uint64, error) {
	least, err := fixed.MulDivCeil(amount, MaxSlippageBps-uint64(a.SlippageBps), MaxSlippageBps)
	return max(least, 1), err
}

// Maximum returns the most of an amount that the slippage allows, rounded down.
func (a *Ask) Maximum(amount uint64) (uint64, error) {
	more, err := fixed.MulDivFloor(amount, uint64(a.SlippageBps), MaxSlippageBps)
	if err != nil {
		return 0, err
	}
	return fixed.Add(amount, more)
}

// Reasons for a refusal that several venues have.
var (
	// NotWrapped is the refusal of a venue that trades SOL itself only.
	NotWrapped = quote.NewReason(ErrWrapped, "")
	// NoReferrer is the refusal of a venue that takes the referral part itself.
	NoReferrer = quote.NewReason(ErrReferrer, "")
	// TooLarge is the refusal of numbers that do not fit.
	TooLarge = quote.NewReason(quote.ErrTooLarge, "")
	// ZeroAmount is the refusal of nothing.
	ZeroAmount = quote.NewReason(quote.ErrZeroAmount, "")
)

// RefusedAt ends a search at an amount that is refused: who searched asks for it
// again to be told why.
type RefusedAt uint64

// Error names the amount.
func (n RefusedAt) Error() string { return fmt.Sprintf("refused at %d", uint64(n)) }
