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
func (m *Market) Quote(r Request) (Quote, error) {
	if err := m.check(&r); err != nil {
		return Quote{}, err
	}

	s := m.search(&r)
	found := m.ways.Search(s)
	if len(found.Ways) == 0 {
		return Quote{}, &NoRouteError{From: r.From, To: r.To, Rejected: m.rejections(found)}
	}
	return m.describe(&r, s, &found.Ways[0])
}

// Quotes returns the quotes of all venues for a request, the best first, and those that cannot serve it with the reason. If they pay more
// than any single venue, two steps through SOL or another token of the market and a split over two venues come before them. A request
// that makes no sense is rejected once, without the name of a venue. The order is the same every time.
func (m *Market) Quotes(r Request) (quotes []Quote, rejected []Rejected) {
	if err := m.check(&r); err != nil {
		return nil, []Rejected{{Err: err}}
	}

	s := m.search(&r)
	found := m.ways.Search(s)
	rejected = m.rejections(found)
	for i := range found.Ways {
		w := &found.Ways[i]
		q, err := m.describe(&r, s, w)
		if err != nil {
			rejected = append(rejected, Rejected{Venue: m.ways.Name(w.Venue), Err: err})
			continue
		}
		quotes = append(quotes, q)
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

func (m *Market) check(r *Request) error {
	if m == nil {
		return errNoMarket
	}
	if err := r.Check(); err != nil {
		return err
	}

	switch _, ok := m.ledger().Token(r.From); {
	case !ok:
		return fmt.Errorf("%w: %s", ErrUnknownToken, r.From)
	case !m.knows(r.To) && r.To != NativeStake:
		return fmt.Errorf("%w: %s", ErrUnknownToken, r.To)
	}
	return m.checkRecipient(r)
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

// search is the request as venues see it.
func (m *Market) search(r *Request) *choose.Search {
	s := &choose.Search{
		Ask: offer.Ask{
			From:        r.From,
			To:          r.To,
			FromToken:   m.number(r.From),
			ToToken:     m.number(r.To),
			Side:        r.Side,
			SlippageBps: r.SlippageBps,
			Crank:       r.Crank,
			Wrapped:     r.Wrapped,
			Deactivate:  r.Deactivate,
			LookAhead:   r.LookAhead,
			MaxPrefund:  r.MaxPrefund,
			Referrer:    r.Referrer,
			Recipient:   r.Recipient,
			Desk:        venue.NewDesk(),
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
	return s
}

// number is the number of a token of the market, of a stake account, or of
// NativeStake.
func (m *Market) number(address solana.PublicKey) state.Token {
	if t, ok := m.ledger().Token(address); ok {
		return t
	}
	if address == NativeStake {
		return venue.NativeStake(m.ledger())
	}
	return state.NoToken
}
