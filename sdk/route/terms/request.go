package terms

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/internal/fixed"
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

// String is "exact in" or "exact out".
func (s Side) String() string {
	switch s {
	case ExactIn:
		return "exact in"
	case ExactOut:
		return "exact out"
	}
	return fmt.Sprintf("Side(%d)", uint8(s))
}

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

// MaxSlippageBps is a slippage of 100 %, 10,000 basis points.
const MaxSlippageBps = fixed.BasisPoints

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
