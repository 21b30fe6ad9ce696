package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/internal/choose"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/internal/venue"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// Quote returns the best quote for a request: the highest NetOut for [ExactIn],
// or the lowest NetIn for [ExactOut].
//
// [ErrNoRoute] is returned as a [*NoRouteError] when no venue can serve the
// request. [ErrUnknownToken] and the errors of [Request.Check] are returned for
// an invalid request.
func (m *Market) Quote(req Request) (Quote, error) {
	from, to, err := m.check(&req)
	if err != nil {
		return Quote{}, err
	}

	asked, err := req.beforeFee()
	if err != nil {
		return Quote{}, err
	}

	w := m.origin.acquire()
	m.search(&asked, from, to, w)
	if len(w.found.Routes) == 0 {
		// The reasons refer to the workspace, so it is not released.
		return Quote{}, &NoRouteError{
			From:       req.From,
			To:         req.To,
			Rejections: m.rejections(&w.found),
		}
	}

	var q Quote
	if err := m.describe(&asked, w, &w.found.Routes[0], &q); err != nil {
		return Quote{}, err
	}

	if err := q.addFee(&req, m.feeToken(&req, from, to)); err != nil {
		return Quote{}, err
	}

	m.origin.release(w)

	return q, nil
}

// Quotes returns the quotes of all venues for a request, best first, and the
// venues that cannot serve it with their reasons. A route of two hops through
// SOL or another token of the market, or a route split over two venues, is
// included if it beats every single venue. An invalid request is rejected once,
// without a venue. The order is deterministic.
func (m *Market) Quotes(req Request) (quotes []Quote, rejected []Rejection) {
	from, to, err := m.check(&req)
	if err != nil {
		return nil, []Rejection{{Err: err}}
	}

	asked, err := req.beforeFee()
	if err != nil {
		return nil, []Rejection{{Err: err}}
	}

	// The result refers to the workspace, so it is not released.
	w := new(workspace)
	m.search(&asked, from, to, w)
	rejected = m.rejections(&w.found)
	quotes = slices.Grow(quotes, len(w.found.Routes))
	for i := range w.found.Routes {
		found := &w.found.Routes[i]
		quotes = append(quotes, Quote{})
		last := &quotes[len(quotes)-1]
		err := m.describe(&asked, w, found, last)
		if err == nil {
			err = last.addFee(&req, m.feeToken(&req, from, to))
		}

		if err != nil {
			rejected = append(rejected,
				Rejection{Venue: Venue(m.routes.Name(found.Venue)), Err: err})
			quotes = quotes[:len(quotes)-1]
		}
	}

	return quotes, rejected
}

// feeToken returns the token that the integrator's fee of a request is in.
func (m *Market) feeToken(r *Request, from, to state.Token) lst.LST {
	paid := to
	if r.IntegratorFee.OnInput {
		paid = from
	}
	return m.ledger().LST(paid)
}

// rejections lists the venues that cannot serve a request, and the routes of
// two hops that cannot be executed.
func (m *Market) rejections(found *choose.Found) []Rejection {
	rejected := make([]Rejection, 0, len(found.Refused)+len(found.Unfit))
	for i := range found.Refused {
		no := &found.Refused[i]
		rejected = append(rejected,
			Rejection{Venue: Venue(m.routes.Name(no.Venue)), Err: &no.Refusal})
	}

	for _, no := range found.Unfit {
		rejected = append(rejected,
			Rejection{Venue: Venue(m.routes.Name(no.First) + ", then " + m.routes.Name(no.Second)),
				Err: no.Err})
	}

	return rejected
}

// check validates a request, and returns the numbers of its tokens.
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

	if merged := ledger.Merged(r.From); !slices.Equal(merged, r.MergeStake) {
		return 0, 0, fmt.Errorf("%w: %d accounts into %s, not %d", ErrMergeStake, len(merged),
			r.From,
			len(r.MergeStake))
	}

	if f := r.IntegratorFee; f.OnInput && !f.isZero() && m.isStake(from) {
		return 0, 0, fmt.Errorf("%w: it cannot be taken from a stake account (leave OnInput off)",
			ErrIntegratorFee)
	}

	to, ok = ledger.Token(r.To)
	switch {
	case ok && !m.isStake(to):
	case r.To != NativeStake:
		return 0, 0, fmt.Errorf("%w: %s", ErrUnknownToken, r.To)
	case !ok:
		to = venue.NativeStake(ledger)
	}

	if !r.SourceAccount.IsZero() && m.isStake(from) {
		return 0, 0, fmt.Errorf("%w: %s: stake is not paid from a token account "+
			"(leave SourceAccount out)", ErrTokenAccount, r.SourceAccount)
	}

	return from, to, m.checkRecipient(r)
}

// checkRecipient refuses addresses that the market knows not to be wallets.
func (m *Market) checkRecipient(r *Request) error {
	if r.Recipient.IsZero() {
		return nil
	}

	scope := m.ledger().Scope()
	known := slices.Concat(scope.StakeAccounts,
		[]solana.PublicKey{accounts.NativeMint, NativeStake})
	for _, t := range scope.Tokens {
		known = append(known, t.Mint, t.Pool, t.ValidatorList, t.Program, t.TokenProgram)
	}

	if slices.Contains(known, r.Recipient) {
		return fmt.Errorf("%w: %s is an account of this market, not a wallet", ErrRecipient,
			r.Recipient)
	}

	return nil
}

// search finds the routes of a valid request, and leaves them in the workspace.
func (m *Market) search(r *Request, from, to state.Token, w *workspace) {
	s := m.newSearch(r, from, to, w)
	if len(r.Venues)+len(r.ExcludeVenues) > 0 {
		s.Excluded = m.routes.Exclude(r.excludes)
	}

	m.routes.SearchInto(s, &w.found)
}

// newSearch sets the search of the workspace to that of a valid request.
func (m *Market) newSearch(r *Request, from, to state.Token, w *workspace) *choose.Search {
	s := &w.search
	*s = choose.Search{
		Ask: offer.Ask{
			From:            r.From,
			To:              r.To,
			FromToken:       from,
			ToToken:         to,
			SwapMode:        r.SwapMode,
			SlippageBps:     r.SlippageBps,
			AllowPoolUpdate: r.AllowPoolUpdate,
			UseWSOL:         r.UseWSOL && (from == state.SOL || to == state.SOL),
			Deactivate:      r.Deactivate,
			AcceptReceipt:   r.AcceptReceipt && m.isStake(from) && r.DestinationAccount.IsZero(),
			SlotTolerance:   r.SlotTolerance,
			MaxPrefund:      r.MaxPrefund,
			Referrer:        r.Referrer,
			Recipient:       r.Recipient,
			User:            r.User,
			Signers:         r.Signers,

			SourceAccount:      r.SourceAccount,
			DestinationAccount: r.DestinationAccount,

			Scratch: &w.scratch,
		},
		Amount:          r.Amount,
		Direct:          r.OnlyDirectRoutes,
		MinGain:         r.MinGain,
		MaxTransactions: r.MaxTransactions,
		Version1:        r.AllowVersion1,
		UnitPrice:       r.ComputeUnitPrice,
	}
	if m.receives(&s.Ask, r.Referrer) {
		// Without a referrer the output goes to the same account.
		s.Referrer = solana.PublicKey{}
	}

	if s.SlotTolerance == 0 {
		s.SlotTolerance = DefaultSlotTolerance
	}

	if s.MinGain == 0 {
		s.MinGain = DefaultMinGain
	}

	return s
}

// receives reports whether the output of an ask goes to an account.
func (m *Market) receives(a *offer.Ask, account solana.PublicKey) bool {
	if !a.DestinationAccount.IsZero() {
		return a.DestinationAccount == account
	}
	return m.isOwnAccount(a.Receives(), a.ToToken, account)
}

// isOwnAccount reports whether an account is the associated token account of a
// wallet for a token.
func (m *Market) isOwnAccount(
	wallet solana.PublicKey,
	t state.Token,
	account solana.PublicKey,
) bool {
	if wallet.IsZero() || account.IsZero() {
		return false
	}
	token := m.ledger().LST(t)
	own, err := m.ledger().AssociatedTokenAddress(wallet, token.TokenProgram, token.Mint)
	return err == nil && own == account
}
