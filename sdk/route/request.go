package route

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
)

// Conditions under which a request has no answer.
var (
	// ErrUnknownToken is returned when the market was not loaded for a token.
	ErrUnknownToken = errors.New("token is not in this market (name it when the market is loaded)")
	// ErrSameToken is returned for a request from a token to itself.
	ErrSameToken = errors.New("both tokens are the same")
	// ErrSlippage is returned when the slippage is over 10 000 basis points.
	ErrSlippage = errors.New("slippage over 10000 bps")
	// ErrSide is returned when the side is neither ExactIn nor ExactOut.
	ErrSide = errors.New("unknown side (use ExactIn or ExactOut)")
	// ErrNoRoute is returned when no venue can serve a request; it comes as a [*NoRouteError].
	ErrNoRoute = errors.New("no route")
)

// DefaultMinGain is the fewest lamports that two legs must gain over a single
// venue if the request says nothing else: the network's fee for a signature,
// since a transaction of two legs is about twice as long.
const DefaultMinGain = 5_000

// NativeStake spells a stake account that is to be received, in [Request.To].
var NativeStake = accounts.StakeProgram

// Request asks for a trade.
type Request struct {
	// From and To are mints. Native SOL is spelled with the wrapped SOL mint. From may also be the address of a stake account that the
	// market was loaded for, and To may be [NativeStake].
	From, To solana.PublicKey
	// Amount is in base units of From for ExactIn, of To for ExactOut. Of a stake account it is lamports: the balance if the whole
	// account is traded, less if so much stake is to be split off.
	Amount uint64
	Side   Side
	// SlippageBps is by how many basis points the outcome may be worse than quoted before the transaction fails.
	SlippageBps uint16
	// Crank says that a pool which is behind by an epoch may be updated in the same transaction, where that is possible.
	Crank bool
	// Wrapped says that the user holds or wants wrapped SOL in the associated token account, where otherwise SOL itself is meant.
	Wrapped bool
	// LookAhead is how many slots may pass until the transaction lands. Prices that change with every slot hold for all of them.
	// Zero means [DefaultLookAhead].
	LookAhead uint64
	// Deactivate starts the cooling down of the stake account that is received, in the same transaction.
	Deactivate bool
	// MaxPrefund opens the ways of the Router that lend the rent of the stake account, if their price is at most so many lamports.
	// With a minimum delegation of one SOL they cost about one SOL for each trade, which is why they are off by default.
	MaxPrefund uint64
	// Through are tokens beside From, To and SOL that a market for this request is to be loaded with, so that a trade in two steps may go
	// through them. Of a market that is there all tokens are considered, whether they are named here or not.
	Through []solana.PublicKey
	// Direct leaves out trades in two steps and those that are split over two venues.
	Direct bool
	// MinGain is how many lamports, at the price of the token, a trade of two
	// legs must gain over the best single venue to be offered. Zero means
	// [DefaultMinGain]. In any case it gains more than rounding can bring, which
	// is some dozens of base units.
	MinGain uint64
	// MaxTransactions is how many transactions the trade may take, one after the other; zero means one. With two, ways that do not fit
	// into one are open, see [Quote.Separate].
	MaxTransactions uint8
	// UnitPrice is what is likely to be paid for priority, in millionths of a lamport per compute unit. Ways are compared net of it.
	UnitPrice uint64
	// Referrer is a token account of To that receives the referral part of a pool's fee. If it is zero, that part goes to the user, or to
	// the recipient, and counts as received, but no limit covers it: for ExactOut the program makes sure of the rest alone. Ways that
	// take that part for the user refuse a request that names a referrer; in ways without such a part nobody receives one.
	Referrer solana.PublicKey
	// Recipient is the wallet that receives the outcome, if that is not the owner: SOL itself, a token in the associated token account,
	// which is created if there is none, or a stake account as its staker and withdrawer. What that takes beside is paid by the owner and
	// the payer. Zero means the owner; a market does not know who that is, so name nobody else. Venues that cannot pay a recipient
	// refuse with [ErrRecipient].
	Recipient solana.PublicKey
}

// Check refuses what makes no sense whatever the market: an amount of zero, a token for itself, more slippage than there is.
func (r Request) Check() error {
	switch {
	case r.Amount == 0:
		return quote.ErrZeroAmount
	case r.From == r.To:
		return ErrSameToken
	case r.SlippageBps > MaxSlippageBps:
		return fmt.Errorf("%w: %d", ErrSlippage, r.SlippageBps)
	case r.Side > ExactOut:
		return ErrSide
	}
	return r.checkRecipient()
}

// checkRecipient refuses addresses that nobody signs for, such as those of associated token accounts, and the tokens of the request.
func (r Request) checkRecipient() error {
	switch {
	case r.Recipient.IsZero():
		return nil
	case r.Recipient == r.From || r.Recipient == r.To:
		return fmt.Errorf("%w: %s is what is traded, not a wallet", ErrRecipient, r.Recipient)
	case !solana.IsOnCurve(r.Recipient[:]):
		return fmt.Errorf("%w: %s is an address without a key, as token accounts and programs have; name a wallet", ErrRecipient, r.Recipient)
	}
	return nil
}

// leg is the request of a leg, as its quote tells it.
func (r *Request) leg(a *offer.Ask, amount uint64) Request {
	leg := *r
	leg.From, leg.To, leg.Amount = a.From, a.To, amount
	leg.SlippageBps, leg.Wrapped, leg.Deactivate = a.SlippageBps, a.Wrapped, a.Deactivate
	leg.Referrer, leg.Recipient = a.Referrer, a.Recipient
	leg.Direct, leg.MaxPrefund = true, 0
	return leg
}
