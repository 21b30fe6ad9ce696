package offer

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Ask is a request, or one leg of a request, as venues read it. A search makes
// it once and passes the amounts separately.
type Ask struct {
	// From and To are mints, the address of a stake account, or the stake
	// program for a stake account as output. FromToken and ToToken are their
	// numbers.
	From, To           solana.PublicKey
	FromToken, ToToken state.Token

	SwapMode    terms.SwapMode
	SlippageBps uint16

	// AllowPoolUpdate, UseWSOL, Deactivate and AcceptReceipt are copied from
	// the request. AcceptReceipt is false unless a stake account of the owner
	// is traded in a route with one leg.
	AllowPoolUpdate, UseWSOL, Deactivate, AcceptReceipt bool

	// SlotTolerance is never zero.
	SlotTolerance uint64
	MaxPrefund    uint64

	// Referrer and Recipient are zero if the request names none.
	Referrer, Recipient solana.PublicKey

	// SourceAccount is the token account that pays the input, and
	// DestinationAccount the one that receives the output. Zero is the
	// associated token account.
	SourceAccount, DestinationAccount solana.PublicKey

	// User is the wallet that trades, or zero if the request does not name it.
	// Signers are other keys that sign the transaction.
	User    solana.PublicKey
	Signers []solana.PublicKey

	// Limits are the limits of an earlier quote of the same route, or nil. They
	// replace those that follow from the slippage.
	Limits *Limits
	// Validators are the vote accounts that stake comes from, in order. If it
	// is empty, the venue picks them.
	Validators []solana.PublicKey

	// Quiet leaves out the details of refusals: the caller only needs to know
	// that there is no offer.
	Quiet bool

	// Scratch is the scratch space of the search, or nil.
	Scratch *Scratch
}

// Scratch is memory that venues reuse for calculations, so that offers allocate
// nothing. Each search has its own.
type Scratch struct {
	// Room holds the memory of a venue between its calls.
	Room any
}

// UsesValidator reports whether stake may come from a validator.
func (a *Ask) UsesValidator(vote *solana.PublicKey) bool {
	return len(a.Validators) == 0 || len(a.Validators) == 1 && a.Validators[0] == *vote
}

// Receives returns the wallet that receives the output, or zero if it is not
// known.
func (a *Ask) Receives() solana.PublicKey {
	if a.Recipient.IsZero() {
		return a.User
	}
	return a.Recipient
}

// Receiver returns the wallet that receives the output: the recipient, or the
// owner if there is none.
func (a *Ask) Receiver(p terms.BuildParams) solana.PublicKey {
	if a.Recipient.IsZero() {
		return p.Owner
	}
	return a.Recipient
}

// PaysOther reports whether a wallet other than the owner receives the output.
func (a *Ask) PaysOther(p terms.BuildParams) bool { return a.Receiver(p) != p.Owner }

// RecipientSuffix returns the part of an instruction's description that names
// the recipient. It is empty if the owner receives the output.
func (a *Ask) RecipientSuffix(owner solana.PublicKey) string {
	if a.Recipient.IsZero() || a.Recipient == owner {
		return ""
	}
	return fmt.Sprintf(", paid to %s", a.Recipient)
}

// PaysOwnWSOL reports whether a program that pays wSOL pays it into the owner's
// account. SOL for a recipient goes through temporary accounts.
func (a *Ask) PaysOwnWSOL() bool {
	return a.ToToken == state.SOL && a.UseWSOL && a.Recipient.IsZero()
}

// Signs reports whether a key signs the transaction.
func (a *Ask) Signs(key solana.PublicKey) bool {
	return !key.IsZero() && (key == a.User || slices.Contains(a.Signers, key))
}

// Kept returns a copy of the ask without scratch space, for instructions that
// are built after the search.
func (a *Ask) Kept() Ask {
	kept := *a
	kept.Scratch = nil
	return kept
}

// Minimum returns the minimum output for an expected amount: the amount less
// the slippage, rounded up, and at least one. With 50 bps, 1000 becomes 995.
func (a *Ask) Minimum(amount uint64) (uint64, error) {
	least, err := fixed.MulDivCeil(amount, terms.MaxSlippageBps-uint64(a.SlippageBps),
		terms.MaxSlippageBps)
	return max(least, 1), err
}

// Maximum returns the maximum input for an expected amount: that of the limits,
// or the amount plus the slippage, rounded down. With 50 bps, 1000 becomes
// 1005.
func (a *Ask) Maximum(amount uint64) (uint64, error) {
	if a.Limits != nil {
		return max(amount, a.Limits.MaxIn), nil
	}

	more, err := fixed.MulDivFloor(amount, uint64(a.SlippageBps), terms.MaxSlippageBps)
	if err != nil {
		return 0, err
	}
	return fixed.Add(amount, more)
}

// Refusals that several venues share.
var (
	// NoReferrer is returned by venues that cannot pay a referrer.
	NoReferrer = quote.NewReason(terms.ErrReferrerUnsupported, "")
	// TooLarge is returned when an amount overflows.
	TooLarge = quote.NewReason(quote.ErrAmountTooLarge, "")
	// ZeroAmount is returned when an amount is zero.
	ZeroAmount = quote.NewReason(quote.ErrZeroAmount, "")
)

// RefusedAt stops a search at an amount that the program refuses. The caller
// prices the amount again to get the reason.
type RefusedAt uint64

// Error returns a text with the amount.
func (n RefusedAt) Error() string { return fmt.Sprintf("refused at %d", uint64(n)) }
