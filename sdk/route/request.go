package route

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Conditions under which a request has no answer.
var (
	// ErrUnknownToken says that the market was not loaded for a token.
	ErrUnknownToken = errors.New("token is not in this market (name it when the market is loaded)")
	// ErrSameToken says that a request is from a token to itself.
	ErrSameToken = errors.New("both tokens are the same")
	// ErrSlippage says that the slippage is over 10 000 basis points.
	ErrSlippage = errors.New("slippage over 10000 bps")
	// ErrSide says that the side is neither ExactIn nor ExactOut.
	ErrSide = errors.New("unknown side (use ExactIn or ExactOut)")
	// ErrLookAhead says that a look-ahead goes beyond the last slot there can be.
	ErrLookAhead = errors.New("look-ahead beyond the last slot")
	// ErrNoRoute says that no venue can serve a request; it comes as a [*NoRouteError].
	ErrNoRoute = errors.New("no route")
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
	// request says nothing else: as long as a transaction with a blockhash can
	// land that is fetched up to 60 slots after the quote. That is 240 slots,
	// whatever they take: 48 seconds at 200 ms a slot, 96 at 400 ms.
	DefaultLookAhead = quoteAge + blockhashBlocks + emptySlots
)

// DefaultMinGain is the fewest lamports that two legs must gain over a single
// venue if the request says nothing else: the network's fee for a signature,
// since a transaction of two legs is about twice as long.
const DefaultMinGain = 5_000

// MaxSlippageBps is a slippage of 100 %.
const MaxSlippageBps = 10_000

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

// Fee is a fee of a quote. It is already part of the quote's amounts.
type Fee struct {
	// Name says what the fee is for, for example "SOL deposit fee".
	Name string `json:"name"`
	// Amount is in base units of Mint.
	Amount uint64           `json:"amount"`
	Mint   solana.PublicKey `json:"mint"`
	// Rate is the fraction the amount comes from.
	Rate string `json:"rate"`
	// Recipient is the account that receives it.
	Recipient solana.PublicKey `json:"recipient"`
}

// Cost is what the owner pays beside the input.
type Cost struct {
	// Name says what it is for.
	Name     string `json:"name"`
	Lamports uint64 `json:"lamports"`
	// Recoverable says that the owner gets it back by closing an account later. If not, it is gone, though what it bought may be
	// part of the outcome.
	Recoverable bool `json:"recoverable"`
}

// Guard says what makes a transaction fail before less than the limit is received.
type Guard uint8

// The guards there are.
const (
	// GuardProgram is the program that pays: it takes the limit with its instruction.
	GuardProgram Guard = iota
	// GuardTemporary is a check of a token account that exists within the transaction only, through which the outcome goes.
	GuardTemporary
	// GuardBalance is a check that the owner's token account has grown by the limit since its balance was read, see
	// [Parties.Held]. Tokens that arrive there from elsewhere in between weaken it, tokens that leave make the transaction fail.
	GuardBalance
)

// String names the guard.
func (g Guard) String() string {
	switch g {
	case GuardProgram:
		return "program"
	case GuardTemporary:
		return "temporary account"
	case GuardBalance:
		return "balance"
	}
	return fmt.Sprintf("Guard(%d)", uint8(g))
}

// Quote is one way to serve a request, at one slot.
type Quote struct {
	Request Request
	// Venue names the way.
	Venue string
	// Slot and Epoch are those of the accounts. The quote is void in another epoch.
	Slot, Epoch uint64
	// In is what the user pays and Out what the user, or the recipient, receives, in base units of the request's tokens.
	In, Out uint64
	// MinOut is the least the user receives, and MaxIn the most the user pays, if the transaction succeeds. Guard says what
	// enforces MinOut.
	MinOut, MaxIn uint64
	Guard         Guard
	// Advance is lamports that the payer has to have to begin with, for the rent of accounts within the transaction. They come back to the
	// payer with the outcome, and Out does not count them.
	Advance uint64
	// Costs are what the owner pays beside In; of them a priority fee is the payer's.
	Costs []Cost
	// Legs are the quotes that a trade in two steps, or one that is split over two venues, is made of: in two steps the second is from
	// the token that the first is to. Each is complete, and could be carried out by itself.
	Legs []Quote
	// Leftover is what a trade in two steps leaves with the owner of the token in between, in its base units: what the first step yields
	// and the second does not take. Out does not count it.
	Leftover uint64
	// Separate says that the legs do not fit into one transaction, and take one each. Between the two, prices may change.
	Separate bool
	// Units is how many compute units the instructions were measured to need, with room.
	Units uint32
	// NetIn and NetOut are In and Out with the costs that do not come back, at the price of the token: for ExactIn they are taken off
	// Out, for ExactOut added to In. Quotes are compared by them.
	NetIn, NetOut uint64
	// At, if it is not zero, is the slot that the amounts are exact for, because the price changes with every slot. The limits
	// hold for all slots from Slot to Until.
	At, Until uint64
	// Exact says that the program pays just Out as long as nobody else trades before. If it is false, Out is the least of what
	// the builds of the program pay that may be deployed, and Conditions say so.
	Exact bool
	// Price is what the venue takes the token that is received to be worth, before fees.
	Price quote.Price
	// Fees are those that are included in Out.
	Fees []Fee
	// Conditions are what the quote assumes, in words.
	Conditions []string
	// NewAccount says that the program wants the key of the stake account it hands out to sign, see [Parties.NewAccount].
	NewAccount bool
	// Next says what remains to be done for SOL, in words, if something does.
	Next []string
	// Accounts are those the quote was made from.
	Accounts []solana.PublicKey
	// Tables are the lookup tables that the transaction may use if it does not fit without.
	Tables []txn.LookupTable

	steps func(Parties) ([]txn.Step, error)
	// leaves is the pool that this quote's transaction changes in a known way, and follows says that the quote was made from one that
	// was left so.
	leaves  *changed
	follows bool
	// holder is who owns the stake account that is traded, zero if none is.
	holder solana.PublicKey
	// venue is the one that was asked, if it is one.
	venue *marketVenue
	form  *form
	// pays is the recipient whom the steps pay; zero if they pay the owner.
	pays solana.PublicKey
	// guarded is the token program of the token whose balance is checked, see GuardedAccount.
	guarded solana.PublicKey
}

// GuardedAccount is the owner's token account whose growth a transaction of this quote checks, see [GuardBalance]. There is none with
// other guards.
func (q Quote) GuardedAccount(owner solana.PublicKey) (account solana.PublicKey, ok bool, err error) {
	if q.Guard != GuardBalance {
		return solana.PublicKey{}, false, nil
	}
	account, err = accounts.AssociatedTokenAddress(owner, q.guarded, q.Request.To)
	return account, err == nil, err
}

// Parties are the accounts of the people in a trade.
type Parties struct {
	// Owner holds the tokens and signs.
	Owner solana.PublicKey
	// Payer pays fees and the rent of accounts that have to be created.
	Payer solana.PublicKey
	// Seed, together with the owner, gives the address of an account that exists within the transaction only. It must be one that
	// the owner has never used; at most 32 characters, or 31 for quotes with Legs, whose first leg adds a "1" to it. A stake account that
	// is received keeps its address, see [accounts.SeededStakeAccount].
	Seed string
	// NewAccount is the key of a stake account that is created, for quotes with [Quote.NewAccount]. It must be unused, and signs.
	NewAccount solana.PublicKey
	// Held is what the owner's token account of the token that is received holds, zero if it does not exist. It must be there for
	// quotes with [GuardBalance], see [Quote.GuardedAccount].
	Held *uint64
	// authority becomes staker and withdrawer of a stake account, where the program can be told; zero for the owner.
	authority solana.PublicKey
}

// Steps returns the instructions that carry the quote out, with the limit inside.
func (q Quote) Steps(p Parties) ([]txn.Step, error) {
	if p.Owner.IsZero() || p.Payer.IsZero() {
		return nil, fmt.Errorf("%w: owner and payer must be named", ErrParties)
	}
	if q.steps == nil {
		return nil, fmt.Errorf("%w: it did not come from a market", ErrNoRoute)
	}
	if q.pays != q.Request.Recipient {
		return nil, fmt.Errorf("%w: the quote is not for %s", ErrRecipient, q.Request.Recipient)
	}
	if q.NewAccount && p.NewAccount.IsZero() {
		return nil, fmt.Errorf("%w: the new stake account must be named", ErrParties)
	}
	steps, err := q.steps(p)
	if err != nil || q.Guard != GuardBalance {
		return steps, err
	}
	check, err := q.balanceCheck(p)
	return append(steps, check), err
}

// balanceCheck makes the transaction fail unless the owner's token account has grown by the limit.
func (q Quote) balanceCheck(p Parties) (txn.Step, error) {
	if p.Held == nil {
		return txn.Step{}, fmt.Errorf("%w: what the owner holds of %s must be named", ErrParties, q.Request.To)
	}
	account, _, err := q.GuardedAccount(p.Owner)
	if err != nil {
		return txn.Step{}, err
	}
	least, err := fixed.Add(*p.Held, q.MinOut)
	if err != nil {
		return txn.Step{}, err
	}
	return txn.RequireBalance(q.guarded, account, p.Owner, least)
}

// balanceGuarded sets the guard of a quote whose program takes no limit.
func (q *Quote) balanceGuarded(tokenProgram solana.PublicKey) {
	q.Guard, q.guarded = GuardBalance, tokenProgram
	q.Conditions = append(q.Conditions,
		"the program takes no limit: the transaction checks that the token account has grown by it, which tokens from elsewhere would weaken")
}

// ErrParties says that somebody who takes part in a trade was not named.
var ErrParties = errors.New("incomplete parties")

// Rejected is a venue that cannot serve a request, and why.
type Rejected struct {
	Venue string
	Err   error
}

// NoRouteError says why no venue can serve a request. It wraps [ErrNoRoute] and the reason of every venue.
type NoRouteError struct {
	From, To solana.PublicKey
	Rejected []Rejected
}

// Error is one line with the reasons.
func (e *NoRouteError) Error() string {
	if e == nil {
		return "<nil>"
	}

	s := fmt.Sprintf("%v from %s to %s", ErrNoRoute, e.From, e.To)
	if len(e.Rejected) == 0 {
		return s + ": no venue trades this pair (name tokens to go through with Through)"
	}
	reasons := make([]string, len(e.Rejected))
	for i, r := range e.Rejected {
		reasons[i] = fmt.Sprintf("%s: %v", r.Venue, r.Err)
	}
	return s + ": " + strings.Join(reasons, "; ")
}

// Unwrap returns ErrNoRoute and the reasons.
func (e *NoRouteError) Unwrap() []error {
	if e == nil {
		return nil
	}

	all := []error{ErrNoRoute}
	for _, r := range e.Rejected {
		all = append(all, r.Err)
	}
	return all
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

// minimum is the least of an amount that the slippage allows, rounded up, and at least one.
func (r Request) minimum(amount uint64) (uint64, error) {
	least, err := fixed.MulDivCeil(amount, MaxSlippageBps-uint64(r.SlippageBps), MaxSlippageBps)
	return max(least, 1), err
}

// maximum is the most of an amount that the slippage allows, rounded down.
func (r Request) maximum(amount uint64) (uint64, error) {
	more, err := fixed.MulDivFloor(amount, uint64(r.SlippageBps), MaxSlippageBps)
	if err != nil {
		return 0, err
	}
	return fixed.Add(amount, more)
}

func feeRate(f accounts.Fee) string {
	if f.IsZero() {
		return "0"
	}
	return fmt.Sprintf("%d/%d", f.Numerator, f.Denominator)
}
