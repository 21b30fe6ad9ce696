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

// Request asks for a trade: two tokens, an amount, and the options of the trade.
type Request struct {
	// From is the mint of the paid token, or the address of a stake account for
	// which the market was loaded. Native SOL is spelled as the wSOL mint.
	From solana.PublicKey
	// To is the mint of the received token, or [NativeStake]. Native SOL is
	// spelled as the wSOL mint.
	To solana.PublicKey
	// Amount is in base units of From for ExactIn, of To for ExactOut. For a
	// stake account it is in lamports: its balance trades the whole account, less
	// splits that much stake off.
	Amount uint64
	Options
}

// Options are the choices of a trade besides its tokens and amount. The zero
// value is ready to use. [Request] embeds them, and so does TradeOptions of
// package sdk.
type Options struct {
	// Side tells which of the two amounts is fixed: [ExactIn], the default, or
	// [ExactOut].
	Side Side
	// SlippageBps is by how many basis points the result may be worse than quoted
	// before the transaction fails: 50 is 0.5 %.
	SlippageBps uint16
	// Crank lets a pool that is behind by an epoch be updated in the same
	// transaction, where that is possible.
	Crank bool
	// Wrapped pays or receives wSOL in the owner's associated token account. By
	// default the trade is in native SOL.
	Wrapped bool
	// LookAhead is how many slots may pass until the transaction lands. Prices
	// that change with every slot hold for all of them. Zero means
	// [DefaultLookAhead].
	LookAhead uint64
	// Deactivate starts to deactivate the received stake account, in the same
	// transaction.
	Deactivate bool
	// MaxPrefund allows the Router's venues that lend the rent of the stake
	// account, if they charge at most MaxPrefund lamports for it. With a minimum
	// delegation of one SOL they cost about one SOL a trade. Zero, the default,
	// excludes them.
	MaxPrefund uint64
	// Through are tokens besides From, To and SOL that the market of a request is
	// loaded with, so that a trade in two steps may go through them. A market
	// that is loaded already considers all its tokens.
	Through []solana.PublicKey
	// Direct excludes trades in two steps and trades split over two venues.
	Direct bool
	// MinGain is how many lamports, at the price of the token, a trade of two
	// legs must gain over the best single venue to be offered. Zero means
	// [DefaultMinGain]. In any case it gains more than rounding can bring, which
	// is some dozens of base units.
	MinGain uint64
	// MaxTransactions is how many transactions, one after the other, the trade may
	// take. Zero means one. Two also allow legs that do not fit into one
	// transaction, see [Quote.Separate].
	MaxTransactions uint8
	// UnitPrice is the expected priority fee, in micro-lamports per compute unit.
	// Quotes are compared net of it. Zero means that package sdk asks the network
	// for it, and that a market compares quotes without it.
	UnitPrice uint64
	// Referrer is a token account of To that receives the referral part of a
	// pool's fee. If it is zero, that part goes to the user, or to the recipient,
	// and counts as received, but no limit covers it: for ExactOut the program
	// checks the rest alone. Venues that pay that part to the user refuse a
	// request with a referrer; venues without such a part pay none.
	Referrer solana.PublicKey
	// Recipient is the wallet that receives the result if that is not the owner:
	// native SOL, a token in the recipient's associated token account, which is
	// created if it does not exist, or a stake account with the recipient as
	// staker and withdrawer. The owner and the payer pay the rent of these
	// accounts. Zero means the owner; name a wallet only if it differs from the
	// owner, since a market does not know the owner. Venues that cannot pay a
	// recipient refuse with [ErrRecipient].
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
