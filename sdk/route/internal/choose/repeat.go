package choose

import (
	"errors"
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
)

// Errors of [Market.Repeat].
var (
	// ErrRouteGone is returned when a venue of the route refuses the trade, or
	// when there is no such venue. The error text has the reason.
	ErrRouteGone = errors.New("route of the quote is not possible now (request a new quote)")
	// ErrBelowMinOut is returned when the route pays less than its limit, and
	// ErrAboveMaxIn when it costs more.
	ErrBelowMinOut = errors.New("output is below the minimum of the quote (request a new quote)")
	ErrAboveMaxIn  = errors.New("input is above the maximum of the quote (request a new quote)")
)

// Known is the route of an earlier quote.
type Known struct {
	// Legs are its one or two legs. Chain reports whether two of them are hops
	// through the token Mid, not a split.
	Legs  []KnownLeg
	Chain bool
	Mid   state.Token
	// Separate reports whether the legs need one transaction each.
	Separate bool
	// Limits returns the limits of the route without the fee of the request,
	// for the amounts of the venues.
	Limits func(in, out uint64) (offer.Limits, error)
}

// KnownLeg is a leg of the route of an earlier quote.
type KnownLeg struct {
	// Venue is the name of its venue.
	Venue string
	// Validators are the vote accounts that its stake comes from.
	Validators []solana.PublicKey
	// Amount is the requested amount of a part of a split. Limits are the
	// limits of that part.
	Amount uint64
	Limits offer.Limits
}

// Repeat prices the route of an earlier quote, with its limits. It leaves in
// s.Ask the ask of a route with one leg.
func (m *Market) Repeat(s *Search, k *Known) (*Route, error) {
	switch {
	case len(k.Legs) == 1:
		return m.repeatSingle(s, k)
	case k.Chain:
		return m.repeatChain(s, k)
	}
	return m.repeatSplit(s, k)
}

// named returns the venue of a leg that serves a pair.
func (m *Market) named(l *KnownLeg, a *offer.Ask) (uint16, error) {
	var list [16]uint16
	for _, v := range m.pairs.between(a.FromToken, a.ToToken, list[:0]) {
		if m.Name(v) == l.Venue {
			return v, nil
		}
	}
	return 0, fmt.Errorf("%w: %s does not trade %s for %s in this market",
		ErrRouteGone, l.Venue, a.From, a.To)
}

// ask prices an amount with the venue of a leg.
func (m *Market) ask(
	l *KnownLeg, a *offer.Ask, amount uint64, after *offer.Effect, o *offer.Offer,
) error {
	v, err := m.named(l, a)
	if err != nil {
		return err
	}

	if !m.offer(v, a, amount, after, o) {
		return fmt.Errorf("%w: %s: %w", ErrRouteGone, l.Venue, o.Refusal.Err())
	}
	return nil
}

// best returns an ask without limits: its offers have the best amounts that
// limits can demand.
func best(a offer.Ask) offer.Ask {
	a.SlippageBps, a.Limits = 0, nil
	return a
}

// within returns an error if the amounts of a route leave its limits.
func within(o *offer.Offer, limits *offer.Limits) error {
	switch {
	case o.MinOut < limits.MinOut:
		return fmt.Errorf("%w: %d base units, at least %d", ErrBelowMinOut, o.MinOut, limits.MinOut)
	case o.MaxIn > limits.MaxIn:
		return fmt.Errorf("%w: %d base units, at most %d", ErrAboveMaxIn, o.MaxIn, limits.MaxIn)
	}
	return nil
}

// limitsOf returns the limits of a route. best is its offer without slippage.
func (k *Known) limitsOf(best *offer.Offer) (offer.Limits, error) {
	limits, err := k.Limits(best.In, best.Out)
	if err != nil {
		return limits, err
	}
	return limits, within(best, &limits)
}

func (m *Market) repeatSingle(s *Search, k *Known) (*Route, error) {
	leg := &k.Legs[0]
	s.Validators = leg.Validators
	w := new(Route)
	asked := best(s.Ask)
	if err := m.ask(leg, &asked, s.Amount, nil, &w.Offer); err != nil {
		return nil, err
	}

	limits, err := k.limitsOf(&w.Offer)
	if err != nil {
		return nil, err
	}

	s.Limits = &limits
	if err := m.ask(leg, &s.Ask, s.Amount, nil, &w.Offer); err != nil {
		return nil, err
	}

	if err := within(&w.Offer, &limits); err != nil {
		return nil, err
	}

	w.Layout = m.layoutOf(&s.Ask, &w.Offer)
	if err := w.Layout.refusal(s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRouteGone, err)
	}
	return w, m.prioritized(s, &s.Ask, &w.Offer, w.Layout.Units)
}

// repeatChain repeats two hops. The amount between them is that of today's
// prices.
func (m *Market) repeatChain(s *Search, k *Known) (*Route, error) {
	mint := m.mint(k.Mid)
	l := &Legs{
		FirstAsk:  s.firstStep(),
		SecondAsk: s.secondStep(),
		Chain:     true,
	}

	l.FirstAsk.ToToken, l.FirstAsk.To = k.Mid, mint
	l.FirstAsk.UseWSOL = s.keepsWrapped(s.FromToken, k.Mid)
	l.FirstAsk.Validators = k.Legs[0].Validators
	l.SecondAsk.FromToken, l.SecondAsk.From = k.Mid, mint
	l.SecondAsk.UseWSOL = s.keepsWrapped(k.Mid, s.ToToken)
	l.SecondAsk.Validators = k.Legs[1].Validators
	limited := &l.SecondAsk
	if s.SwapMode == terms.ExactOut {
		limited = &l.FirstAsk
	}

	set := *limited
	*limited = best(set)
	if err := m.priceChain(s, k, l); err != nil {
		return nil, err
	}

	limits, err := k.limitsOf(&l.Both)
	if err != nil {
		return nil, err
	}

	*limited = set
	limited.Limits = &limits
	if err := m.priceChain(s, k, l); err != nil {
		return nil, err
	}
	return m.repeated(s, k, l, &limits)
}

// priceChain prices two hops.
func (m *Market) priceChain(s *Search, k *Known, l *Legs) error {
	if s.SwapMode == terms.ExactOut {
		return m.priceChainExactOut(s, k, l)
	}

	if err := m.ask(&k.Legs[0], &l.FirstAsk, s.Amount, nil, &l.First); err != nil {
		return err
	}
	return m.closeChain(s, k, l, l.First.MinOut)
}

// closeChain prices the second hop after the first one.
func (m *Market) closeChain(s *Search, k *Known, l *Legs, amount uint64) error {
	err := m.ask(&k.Legs[1], &l.SecondAsk, amount, &l.First.Leaves, &l.Second)
	if err != nil {
		return err
	}

	if l.Second.MaxIn > l.First.MinOut {
		return fmt.Errorf("%w: %s may take more than %s pays", ErrRouteGone, k.Legs[1].Venue,
			k.Legs[0].Venue)
	}

	both := twoStepSearch{market: m, whole: s}
	l.Both = both.together(&l.First, &l.Second)

	return nil
}

// priceChainExactOut prices two hops from the output to the input. If the first
// hop changes the price of the second, its amount is the one for which the
// route costs least: the input of any venue that serves the second hop.
func (m *Market) priceChainExactOut(s *Search, k *Known, l *Legs) error {
	if err := m.ask(&k.Legs[1], &l.SecondAsk, s.Amount, nil, &l.Second); err != nil {
		return err
	}

	err := m.hop(s, k, l, l.Second.MaxIn)
	if err == nil && !l.First.Leaves.Known() {
		return nil
	}

	found := *l
	other := l.SecondAsk
	other.Validators, other.Quiet = nil, true
	for _, v := range m.between(s, k.Mid, s.ToToken, nil) {
		var o offer.Offer
		if !m.offer(v, &other, s.Amount, nil, &o) {
			continue
		}

		tried := *l
		if m.hop(s, k, &tried, o.MaxIn) == nil &&
			(err != nil || better(s.SwapMode, &tried.Both, &found.Both)) {
			found, err = tried, nil
		}
	}

	*l = found

	return err
}

// hop prices the first hop for an amount between the hops, and the second one
// after it.
func (m *Market) hop(s *Search, k *Known, l *Legs, amount uint64) error {
	if err := m.ask(&k.Legs[0], &l.FirstAsk, amount, nil, &l.First); err != nil {
		return err
	}
	return m.closeChain(s, k, l, s.Amount)
}

// repeatSplit repeats the two parts of a split with the same shares. The limits
// of the parts move as far as their sum demands.
func (m *Market) repeatSplit(s *Search, k *Known) (*Route, error) {
	l := new(Legs)
	part := s.part()
	part.UseWSOL = s.keepsWrapped(s.FromToken, s.ToToken)
	asks := []*offer.Ask{&l.FirstAsk, &l.SecondAsk}
	offers := []*offer.Offer{&l.First, &l.Second}
	for i, a := range asks {
		*a = best(part)
		a.Validators = k.Legs[i].Validators
	}

	price := func() (err error) {
		for i := range asks {
			if err = m.ask(&k.Legs[i], asks[i], k.Legs[i].Amount, nil, offers[i]); err != nil {
				return err
			}
		}

		var ok bool
		if l.Both, ok = parts(&l.First, &l.Second); !ok {
			return fmt.Errorf("%w: %w", ErrRouteGone, quote.ErrAmountTooLarge)
		}

		return nil
	}

	if err := price(); err != nil {
		return nil, err
	}

	limits, err := k.limitsOf(&l.Both)
	if err != nil {
		return nil, err
	}

	of := k.share(&limits, offers)
	for i, a := range asks {
		a.SlippageBps, a.Limits = part.SlippageBps, &of[i]
	}

	if err := price(); err != nil {
		return nil, err
	}
	return m.repeated(s, k, l, &limits)
}

// share distributes limits over the parts of a split. best are the offers
// without slippage.
func (k *Known) share(limits *offer.Limits, best []*offer.Offer) [2]offer.Limits {
	var outs, ins [2]uint64
	for i := range k.Legs {
		outs[i], ins[i] = k.Legs[i].Limits.MinOut, k.Legs[i].Limits.MaxIn
	}

	offer.Spread(outs[:], limits.MinOut, func(int) uint64 { return 1 },
		func(i int) uint64 { return best[i].MinOut })
	offer.Spread(ins[:], limits.MaxIn, func(i int) uint64 { return best[i].In },
		func(int) uint64 { return math.MaxUint64 })

	return [2]offer.Limits{{MinOut: outs[0], MaxIn: ins[0]}, {MinOut: outs[1], MaxIn: ins[1]}}
}

// repeated checks two legs with the amounts of an earlier route, and returns
// the route.
func (m *Market) repeated(s *Search, k *Known, l *Legs, limits *offer.Limits) (*Route, error) {
	if err := within(&l.Both, limits); err != nil {
		return nil, err
	}

	gone := func(err error) (*Route, error) { return nil, fmt.Errorf("%w: %w", ErrRouteGone, err) }
	if l.Chain && l.First.MinOutCheck == terms.CheckedByBalance {
		return gone(fmt.Errorf("%w: %s takes no minimum output", ErrLegsConflict, k.Legs[0].Venue))
	}

	if err := m.independent(&l.FirstAsk, &l.SecondAsk, &l.First, &l.Second); err != nil {
		return gone(err)
	}

	if err := combinable(&l.First, &l.Second); err != nil {
		return gone(err)
	}

	whole := *s
	if whole.MaxTransactions = 1; k.Separate {
		whole.MaxTransactions = 2
	}

	if err := m.fit(&whole, l); err != nil {
		return gone(err)
	}

	return &Route{
		Offer:  l.Both,
		Layout: l.Layout,
		Legs:   l,
	}, nil
}
