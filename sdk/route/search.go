package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// Quote returns the best quote for a request: the one that pays most, or for ExactOut costs least. The error of a request that
// makes no sense is one of this package's sentinels; if no venue can serve it, a [*NoRouteError] with every reason.
func (m *Market) Quote(req Request) (Quote, error) {
	from, to, err := m.check(&req)
	if err != nil {
		return Quote{}, err
	}

	w := m.origin.enter()
	m.look(&req, from, to, w)
	if len(w.found.Ways) == 0 {
		// The reasons stay in the room, which is not used again.
		return Quote{}, &NoRouteError{From: req.From, To: req.To, Rejected: m.rejections(&w.found)}
	}
	var q Quote
	if err := m.describe(&req, w, &w.found.Ways[0], &q); err != nil {
		return Quote{}, err
	}
	m.origin.leave(w)
	return q, nil
}

// Quotes returns the quotes of all venues for a request, the best first, and those that cannot serve it with the reason. If they pay more
// than any single venue, two steps through SOL or another token of the market and a split over two venues come before them. A request
// that makes no sense is rejected once, without the name of a venue. The order is the same every time.
func (m *Market) Quotes(req Request) (quotes []Quote, rejected []Rejected) {
	from, to, err := m.check(&req)
	if err != nil {
		return nil, []Rejected{{Err: err}}
	}

	// What is returned refers to the room, which is not used again.
	w := new(room)
	m.look(&req, from, to, w)
	rejected = m.rejections(&w.found)
	quotes = slices.Grow(quotes, len(w.found.Ways))
	for i := range w.found.Ways {
		way := &w.found.Ways[i]
		quotes = append(quotes, Quote{})
		if err := m.describe(&req, w, way, &quotes[len(quotes)-1]); err != nil {
			rejected = append(rejected, Rejected{Venue: Venue(m.ways.Name(way.Venue)), Err: err})
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
		rejected = append(rejected, Rejected{Venue: Venue(m.ways.Name(no.Venue)), Err: &no.Refusal})
	}
	for _, no := range found.Unfit {
		rejected = append(rejected, Rejected{Venue: Venue(m.ways.Name(no.First) + ", then " + m.ways.Name(no.Second)), Err: no.Err})
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

// look looks for the ways of a request that was checked. They are in the room,
// with the request as venues see it.
func (m *Market) look(r *Request, from, to state.Token, w *room) {
	s := &w.search
	*s = choose.Search{
		Ask: offer.Ask{
			From:        r.From,
			To:          r.To,
			FromToken:   from,
			ToToken:     to,
			Side:        r.Side,
			SlippageBps: r.SlippageBps,
			Crank:       r.Crank,
			Wrapped:     r.Wrapped,
			Deactivate:  r.Deactivate,
			LookAhead:   r.LookAhead,
			MaxPrefund:  r.MaxPrefund,
			Referrer:    r.Referrer,
			Recipient:   r.Recipient,
			Desk:        &w.desk,
		},
		Amount:          r.Amount,
		Direct:          r.Direct,
		MinGain:         r.MinGain,
		MaxTransactions: r.MaxTransactions,
		UnitPrice:       r.UnitPrice,
	}
	if s.LookAhead == 0 {
		s.LookAhead = DefaultLookAhead
	}
	if s.MinGain == 0 {
		s.MinGain = DefaultMinGain
	}
	m.ways.SearchInto(s, &w.found)
}
