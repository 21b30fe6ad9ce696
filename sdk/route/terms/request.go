package terms

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// SwapMode is which amount of a trade is fixed: the input or the output.
type SwapMode uint8

// The swap modes.
const (
	// ExactIn fixes the input. Slippage limits the minimum output.
	ExactIn SwapMode = iota
	// ExactOut fixes the output. The quote has the smallest input for it.
	ExactOut
)

// String returns "exact in" or "exact out".
func (s SwapMode) String() string {
	switch s {
	case ExactIn:
		return "exact in"
	case ExactOut:
		return "exact out"
	}
	return fmt.Sprintf("SwapMode(%d)", uint8(s))
}

// swapModes are the words of the swap modes in JSON.
var swapModes = []string{ExactIn: "exactIn", ExactOut: "exactOut"}

// MarshalText returns "exactIn" or "exactOut". It returns [ErrUnknownWord] for
// another value.
func (s SwapMode) MarshalText() ([]byte, error) { return wordOf(swapModes, "swap mode", uint8(s)) }

// UnmarshalText reads the text of [SwapMode.MarshalText]. It returns
// [ErrUnknownWord] for another text.
func (s *SwapMode) UnmarshalText(text []byte) error {
	number, err := numberOf(swapModes, "swap mode", text)
	if err == nil {
		*s = SwapMode(number)
	}
	return err
}

const (
	// blockhashBlocks is the number of blocks for which a blockhash is valid.
	blockhashBlocks = 150
	// emptySlots is the number of slots without a block that may occur among
	// those blocks: one slot in six.
	emptySlots = 30
	// quoteAge is the number of slots between a quote and the blockhash of its
	// transaction: time to read the quote.
	quoteAge = 60

	// DefaultSlotTolerance is the number of slots for which the limits of a
	// quote hold if the request has no SlotTolerance. It covers a transaction
	// whose blockhash is fetched up to 60 slots after the quote. The 240 slots
	// take 48 seconds at 200 ms per slot, and 96 seconds at 400 ms.
	DefaultSlotTolerance = quoteAge + blockhashBlocks + emptySlots
)

// MaxSlippageBps is a slippage of 100 %: 10,000 basis points.
const MaxSlippageBps = fixed.BasisPoints

// Errors for which a venue makes no offer.
var (
	// ErrReferrerUnsupported is returned for a request with a Referrer when the
	// venue cannot pay one: it gives the referral part of the pool's fee to the
	// owner.
	ErrReferrerUnsupported = errors.New("venue cannot pay a referrer (leave Referrer out)")
	// ErrRecipient is returned when the recipient of a request cannot be paid:
	// the address is not a wallet, or the venue can only pay the owner. The
	// error text has the reason. Other venues may still serve the request.
	ErrRecipient = errors.New("recipient cannot be paid")
	// ErrVenueExcluded is returned for a venue that Venues or ExcludeVenues of
	// the request exclude.
	ErrVenueExcluded = errors.New("venue is excluded by the request (name it in Venues)")
	// ErrReceiptNotAccepted is returned for a request without AcceptReceipt
	// when the pool takes stake only through Jito's stake deposit interceptor,
	// which gives a receipt. The token then arrives with the claim of the
	// receipt.
	ErrReceiptNotAccepted = errors.New("pool gives a receipt, which has to be claimed later, " +
		"instead of its token (set AcceptReceipt, without an IntegratorFee of the output or " +
		"a DestinationAccount)")
	// ErrInvalidSlotTolerance is returned when the current slot plus the
	// SlotTolerance of a request exceeds the largest slot number, 2^64 - 1.
	ErrInvalidSlotTolerance = errors.New("slot tolerance beyond the last slot")
)
