package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// errManyHoldings is the reason of a gap whose list is too long.
var errManyHoldings = errors.New("the list is too long: only the accounts with most SOL are read " +
	"(name others in HoldingsOptions.Known)")

// errNotValued is the error of a stake account beyond [mostValuedStakes].
var errNotValued = errors.New("not quoted: the owner has too many stake accounts (quote it alone)")

// HoldingsOptions configures [Client.Holdings]. All fields are optional.
type HoldingsOptions struct {
	// Known lists accounts that the owner is known to have: token accounts,
	// stake accounts, tickets and receipts. They are read as well, so that they
	// are found on a node that refuses to list accounts.
	Known []solana.PublicKey
	// SkipLists asks the node for no lists. Only the associated token accounts
	// of the registry and Known are read.
	SkipLists bool
	// DepositInto are the mints of the LSTs for which stake accounts are
	// quoted, at most 8. By default they are LSTs that the owner has, those of
	// the validators of the stake accounts, and mSOL.
	DepositInto []solana.PublicKey
	// Options configure the quotes, for example their slippage. Each quote uses
	// one transaction.
	Options route.Options
}

// HoldingKind is a kind of what an owner can have.
type HoldingKind string

// The kinds of holdings.
const (
	HoldingTokens   HoldingKind = "token accounts"
	HoldingStakes   HoldingKind = "stake accounts"
	HoldingTickets  HoldingKind = "tickets"
	HoldingReceipts HoldingKind = "receipts"
	HoldingPrices   HoldingKind = "prices"
)

// HoldingsGap states what a [Holdings] may lack, and why.
type HoldingsGap struct {
	Kind HoldingKind
	// Err is the reason, for example the refusal of the node.
	Err error
}

// String returns one line, for example "stake accounts: the node refuses …".
func (g HoldingsGap) String() string { return fmt.Sprintf("%s: %v", g.Kind, g.Err) }

// Holdings lists what an owner has, see [Client.Holdings].
type Holdings struct {
	Owner solana.PublicKey
	// Slot and Epoch are those of the accounts.
	Slot, Epoch uint64
	// Lamports is the balance of the wallet.
	Lamports uint64
	// LSTs are the token accounts with LSTs of the client's registry.
	LSTs []LSTHolding
	// Stakes are the stake accounts of which the owner is withdrawer or staker.
	Stakes []StakeHolding
	// Tickets are the tickets of Marinade's delayed unstake.
	Tickets []TicketHolding
	// Receipts are the receipts of Jito's stake deposit interceptor.
	Receipts []ReceiptHolding
	// WrappedSOL are the token accounts of wrapped SOL.
	WrappedSOL []WrappedSOLHolding
	// Empty are the empty token accounts of any mint that the owner can close.
	Empty []EmptyAccount
	// Incomplete lists what may be missing above. A node may refuse to list
	// accounts; what is listed here was checked all the same.
	Incomplete []HoldingsGap

	// blocked are the mints whose associated token account the owner cannot
	// use: it was given to another owner, or is frozen.
	blocked map[solana.PublicKey]bool
}

// LSTHolding is a token account with an LST.
type LSTHolding struct {
	LST lst.LST
	// Account is the token account. Associated reports whether it is the
	// associated token account, from which trades pay.
	Account    solana.PublicKey
	Associated bool
	// Amount is in base units. Frozen reports whether it cannot move.
	Amount uint64
	Frozen bool
	// Price is the fair price, and Value the amount at this price in lamports.
	// Both are zero if PriceErr is not nil.
	Price    quote.Price
	Value    uint64
	PriceErr error
	// Floor is the pool's own price for redeemed stake, after the fee. It is
	// zero for a token whose pool has none or cannot redeem at present.
	Floor quote.Price
	// Sale is the best quote for selling the amount for SOL now. Sale.Out is
	// what the trade pays, and Sale.NetOut the rest after its costs. It is nil
	// if SaleErr is not nil.
	Sale    *route.Quote
	SaleErr error

	lamports uint64
	closable bool
}

// StakeStatus is the state of the stake in an account.
type StakeStatus string

// The states of stake.
const (
	// StakeStatusActivating stake becomes active in the next epoch.
	StakeStatusActivating StakeStatus = "activating"
	StakeStatusActive     StakeStatus = "active"
	// StakeStatusDeactivating stake becomes inactive in the next epoch.
	StakeStatusDeactivating StakeStatus = "deactivating"
	// StakeStatusInactive stake has cooled down, or was never delegated.
	StakeStatusInactive StakeStatus = "inactive"
)

// StakeHolding is a stake account of the owner.
type StakeHolding struct {
	Address  solana.PublicKey
	Lamports uint64
	Account  accounts.StakeAccount
	// IsWithdrawer and IsStaker report which authorities the owner has. Only
	// the withdrawer owns the SOL.
	IsWithdrawer, IsStaker bool
	Status                 StakeStatus
	// Locked reports whether a lockup prevents withdrawals and deposits.
	Locked bool
	// Free reports whether the whole balance can be withdrawn now. FreeEpoch is
	// the epoch from which that is so; it is zero while the stake is not
	// deactivated. A lockup by time may last longer. If the cluster deactivates
	// much stake at once, stake takes more than one epoch.
	Free      bool
	FreeEpoch uint64
	// Surplus is the number of lamports beyond stake and rent, for example
	// tips. It can be withdrawn while the stake is active.
	Surplus uint64
	// Deposit is the best quote for depositing the account for an LST, by the
	// value of the LST. It is nil if DepositErr is not nil.
	Deposit    *route.Quote
	DepositErr error

	// rewards reports whether the distribution of rewards blocks withdrawals.
	rewards bool
}

// TicketHolding is a ticket of Marinade's delayed unstake.
type TicketHolding struct {
	Address solana.PublicKey
	Ticket  accounts.MarinadeTicket
	// Rent is the balance of the ticket account. The claim pays it as well.
	Rent uint64
	// DueEpoch is the epoch in which the ticket is due, DueSeconds after its
	// start.
	DueEpoch   uint64
	DueSeconds int64
	// Claim is what a claim pays now. ClaimErr is nil if it can be claimed, for
	// example [quote.ErrTicketNotDue] otherwise.
	Claim    quote.MarinadeClaim
	ClaimErr error
}

// ReceiptHolding is a receipt of Jito's stake deposit interceptor.
type ReceiptHolding struct {
	StakeReceipt
	// Mint is the token that the receipt pays, or zero if the pool is not in
	// the registry.
	Mint solana.PublicKey
	// Rent is the balance of the receipt account, which the claim pays to the
	// owner.
	Rent uint64
	// Claim is what a claim pays now. Its fee is zero from Claim.Due on.
	Claim    quote.ReceiptClaim
	ClaimErr error
}

// WrappedSOLHolding is a token account of wrapped SOL.
type WrappedSOLHolding struct {
	Account solana.PublicKey
	// Amount is the wrapped SOL, and Lamports the balance of the account with
	// its rent. To unwrap pays Lamports.
	Amount, Lamports uint64

	closable bool
}

// EmptyAccount is a token account without tokens. To close it pays Rent.
type EmptyAccount struct {
	Account      solana.PublicKey
	Mint         solana.PublicKey
	TokenProgram solana.PublicKey
	Rent         uint64
}

// Value returns the sum of what was found in lamports: SOL, LSTs at the fair
// price, stake accounts that the owner can withdraw, tickets, and wrapped SOL.
// Receipts and the rent of empty accounts are not counted.
func (h *Holdings) Value() uint64 {
	if h == nil {
		return 0
	}

	sum := h.Lamports
	for i := range h.LSTs {
		sum = fixed.SaturatingAdd(sum, h.LSTs[i].Value)
	}

	for i := range h.Stakes {
		if h.Stakes[i].IsWithdrawer {
			sum = fixed.SaturatingAdd(sum, h.Stakes[i].Lamports)
		}
	}

	for i := range h.Tickets {
		sum = fixed.SaturatingAdd(sum, h.Tickets[i].Ticket.Lamports)
	}

	for _, w := range h.WrappedSOL {
		sum = fixed.SaturatingAdd(sum, w.Lamports)
	}
	return sum
}

// Holdings reads what an owner has: LSTs of the client's registry, stake
// accounts, Marinade's tickets, wrapped SOL, receipts of Jito's stake deposit
// interceptor, and empty token accounts. It values them and tells what can be
// done with them now, see [Holdings.Actions].
//
// It asks the node to list accounts, which some providers refuse or charge for.
// If the node refuses, Holdings reads the associated token accounts of the
// registry and HoldingsOptions.Known, and Holdings.Incomplete has the reason.
// Everything that a node lists is read again and checked. Of a list of more
// than 1,000 accounts, those with most SOL are read.
//
// The error is not nil if nothing can be told, for example if the node answers
// nothing.
func (c *Client) Holdings(
	ctx context.Context, owner solana.PublicKey, opts HoldingsOptions,
) (*Holdings, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("holdings: %w", err)
	}

	if owner.IsZero() {
		return nil, fmt.Errorf("holdings: %w", ErrNoOwner)
	}

	l := holdingsLoader{
		client: c,
		owner:  owner,
		opts:   opts,
		found: &Holdings{
			Owner:   owner,
			blocked: make(map[solana.PublicKey]bool),
		},
	}

	if err := l.load(ctx); err != nil {
		return nil, fmt.Errorf("holdings: %w", err)
	}
	return l.found, nil
}
