package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// errNoMarket is the error of a nil market.
var errNoMarket = fmt.Errorf("%w market: load one first", accounts.ErrNil)

// Market is every way to trade some tokens at one slot. It does not change and is safe for concurrent use.
type Market struct {
	loader   *Loader
	snapshot *state.Snapshot
	tables   []txn.LookupTable
	ways     *choose.Market
}

// ledger numbers the tokens. It is nil for the zero market, which knows none.
func (m *Market) ledger() *state.Ledger {
	if m.loader == nil {
		return nil
	}
	return m.loader.ledger
}

// Updated returns the market after some accounts changed, as of a slot. The old
// one stays as it is, for whoever holds it. Accounts that no price depends on
// are ignored. The error wraps [ErrReload] if the change reaches beyond what was
// loaded: another reserve of a pool, the pools of another epoch. Then load the
// market anew.
func (m *Market) Updated(slot uint64, changed ...accounts.Account) (*Market, error) {
	if m == nil {
		return nil, errNoMarket
	}

	snapshot, err := m.snapshot.Updated(slot, changed...)
	if err != nil {
		return nil, err
	}
	return m.loader.market(snapshot)
}

// Spread returns by how many slots the oldest account of the market may lag
// behind [Market.Slot]. It is zero for a market that was loaded at once.
func (m *Market) Spread() uint64 {
	if m == nil {
		return 0
	}

	return m.snapshot.Slot() - min(m.snapshot.LoadedSlot(), m.snapshot.Slot())
}

// Slot is the slot of the market's accounts: of the newest, if the market was
// updated.
func (m *Market) Slot() uint64 {
	if m == nil {
		return 0
	}

	return m.snapshot.Slot()
}

// Clock is the chain's clock at that slot.
func (m *Market) Clock() accounts.Clock {
	if m == nil {
		return accounts.Clock{}
	}

	return m.snapshot.Chain().Clock
}

// EpochSchedule is the length of epochs.
func (m *Market) EpochSchedule() accounts.EpochSchedule {
	if m == nil {
		return accounts.EpochSchedule{}
	}

	return m.snapshot.Chain().Schedule
}

// SlotTime is how long a slot takes, and how that is known: by the Clock once
// enough of the epoch has passed, else by [State.SlotTime]. It is the zero value
// if neither tells.
func (m *Market) SlotTime() quote.SlotTime {
	if m == nil {
		return quote.SlotTime{}
	}

	return m.snapshot.Chain().SlotTime
}

// Rent is the price of account storage at that slot.
func (m *Market) Rent() accounts.Rent {
	if m == nil {
		return accounts.Rent{}
	}

	return m.snapshot.Chain().Rent
}

// Tokens are those the market was loaded for.
func (m *Market) Tokens() []lst.LST {
	if m == nil {
		return nil
	}

	return slices.Clone(m.ledger().Scope().Tokens)
}

// isStake says whether a token is one of the market's stake accounts.
func (m *Market) isStake(t state.Token) bool {
	first, end := m.ledger().StakeAccounts()
	return t >= first && t < end
}

// StakeAccounts are those the market was loaded for.
func (m *Market) StakeAccounts() []solana.PublicKey {
	if m == nil {
		return nil
	}

	return slices.Clone(m.ledger().Scope().StakeAccounts)
}

// StakeAccount is one of the stake accounts the market was loaded for, as it was then. The error says why it is none.
func (m *Market) StakeAccount(address solana.PublicKey) (quote.LiveStake, error) {
	if m == nil {
		return quote.LiveStake{}, fmt.Errorf("%w: %s", accounts.ErrNotLoaded, address)
	}

	t, ok := m.ledger().Token(address)
	if !ok || !m.isStake(t) {
		return quote.LiveStake{}, fmt.Errorf("%w: %s", accounts.ErrNotLoaded, address)
	}
	known, err := m.snapshot.StakeAccount(t)
	if err != nil {
		return quote.LiveStake{}, err
	}
	return known.Stake, nil
}

// Quote returns the best quote for a request: the one that pays most, or for ExactOut costs least. The error of a request that
// makes no sense is one of this package's sentinels; if no venue can serve it, a [*NoRouteError] with every reason.
func (m *Market) Quote(r Request) (Quote, error) {
	from, to, err := m.check(&r)
	if err != nil {
		return Quote{}, err
	}

	w := m.loader.enter()
	m.look(&r, from, to, w)
	if len(w.found.Ways) == 0 {
		// The reasons stay in the room, which is not used again.
		return Quote{}, &NoRouteError{From: r.From, To: r.To, Rejected: m.rejections(&w.found)}
	}
	var q Quote
	if err := m.describe(&r, w, &w.found.Ways[0], &q); err != nil {
		return Quote{}, err
	}
	m.loader.leave(w)
	return q, nil
}

// Quotes returns the quotes of all venues for a request, the best first, and those that cannot serve it with the reason. If they pay more
// than any single venue, two steps through SOL or another token of the market and a split over two venues come before them. A request
// that makes no sense is rejected once, without the name of a venue. The order is the same every time.
func (m *Market) Quotes(r Request) (quotes []Quote, rejected []Rejected) {
	from, to, err := m.check(&r)
	if err != nil {
		return nil, []Rejected{{Err: err}}
	}

	// What is returned refers to the room, which is not used again.
	w := new(room)
	m.look(&r, from, to, w)
	rejected = m.rejections(&w.found)
	quotes = slices.Grow(quotes, len(w.found.Ways))
	for i := range w.found.Ways {
		way := &w.found.Ways[i]
		quotes = append(quotes, Quote{})
		if err := m.describe(&r, w, way, &quotes[len(quotes)-1]); err != nil {
			rejected = append(rejected, Rejected{Venue: m.ways.Name(way.Venue), Err: err})
			quotes = quotes[:len(quotes)-1]
		}
	}
	return quotes, rejected
}

// rejections are the venues that cannot serve a request, and the two steps that
// cannot be taken, by name.
func (m *Market) rejections(found *choose.Found) []Rejected {
	rejected := make([]Rejected, 0, len(found.Refused)+len(found.Unfit))
	for i := range found.Refused {
		no := &found.Refused[i]
		rejected = append(rejected, Rejected{Venue: m.ways.Name(no.Venue), Err: &no.Refusal})
	}
	for _, no := range found.Unfit {
		rejected = append(rejected, Rejected{Venue: m.ways.Name(no.First) + ", then " + m.ways.Name(no.Second), Err: no.Err})
	}
	return rejected
}

// check refuses a request that makes no sense, and returns the numbers of its
// tokens.
func (m *Market) check(r *Request) (from, to state.Token, err error) {
	if m == nil {
		return 0, 0, errNoMarket
	}
	if err := r.Check(); err != nil {
		return 0, 0, err
	}

	ledger := m.ledger()
	from, ok := ledger.Token(r.From)
	if !ok {
		return 0, 0, fmt.Errorf("%w: %s", ErrUnknownToken, r.From)
	}
	to, ok = ledger.Token(r.To)
	switch {
	case ok && !m.isStake(to):
	case r.To != NativeStake:
		return 0, 0, fmt.Errorf("%w: %s", ErrUnknownToken, r.To)
	case !ok:
		to = venue.NativeStake(ledger)
	}
	return from, to, m.checkRecipient(r)
}

// checkRecipient refuses what the market knows to be something else than a wallet.
func (m *Market) checkRecipient(r *Request) error {
	if r.Recipient.IsZero() {
		return nil
	}
	scope := m.ledger().Scope()
	known := slices.Concat(scope.StakeAccounts, []solana.PublicKey{accounts.NativeMint, NativeStake})
	for _, t := range scope.Tokens {
		known = append(known, t.Mint, t.Pool, t.ValidatorList, t.Program, t.TokenProgram)
	}
	if slices.Contains(known, r.Recipient) {
		return fmt.Errorf("%w: %s is part of the market, not a wallet", ErrRecipient, r.Recipient)
	}
	return nil
}
