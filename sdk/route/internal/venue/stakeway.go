package venue

import (
	"fmt"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeWay trades by moving stake, in one transaction: out of a pool or an account of the owner's, into another pool or the Reserve,
// by hand or through the Router.
type stakeWay struct {
	title    terms.Venue
	from, to []state.Token
	// router is nil if the stake is moved by hand.
	router *routerTerms
}

func (v stakeWay) Name() string { return string(v.title) }

func (v stakeWay) Pairs(*state.Ledger) (from, to []state.Token) { return v.from, v.to }

// passage finds the way that a request takes. It returns false if there is none, and r says why.
func (v stakeWay) passage(s *state.Snapshot, a *offer.Ask, d *desk, r *quote.Refusal) (*passage, bool) {
	p := &d.passage
	if v.router != nil {
		if err := p.room.load(s, v.router.prefund); err != nil {
			return nil, r.BecauseErr(nil, err)
		}
		if !v.router.allows(a, r) {
			return nil, false
		}
	}
	source, err := d.sourceOf(s, a)
	if err != nil {
		return nil, r.BecauseErr(nil, err)
	}
	taker, err := d.takerOf(s, a)
	if err != nil {
		return nil, r.BecauseErr(nil, err)
	}
	p.source, p.taker, p.toSOL, p.router = source, taker, a.ToToken == state.SOL, nil
	p.at, p.from, p.to, p.crank, p.quiet = s, a.FromToken, a.ToToken, a.Crank, a.Quiet
	if v.router != nil {
		if err := p.room.pair(s, a); err != nil {
			return nil, r.BecauseErr(nil, err)
		}
		p.router = &p.room
	}
	switch {
	case a.Wrapped:
		return nil, r.Because(offer.NotWrapped)
	case v.router != nil && !a.Referrer.IsZero():
		return nil, r.Because(offer.NoReferrer)
	}
	return p, true
}

func (v stakeWay) Offer(s *state.Snapshot, a *offer.Ask, amount uint64, _ *offer.Effect, o *offer.Offer) bool {
	d := deskOf(a)
	p, ok := v.passage(s, a, d, &o.Refusal)
	if !ok {
		return false
	}

	picks := p.source.picks(&o.Refusal)
	if picks == 0 {
		return false
	}
	first, refusal := &o.Refusal, &d.refusal
	*first = quote.Refusal{}
	// All that can serve are as good as each other, so the first does.
	for pick := range picks {
		// Of a single one it is worth hearing what is wrong.
		if picks > 1 && !p.taker.accepts(p.source.validator(pick)) {
			continue
		}
		*refusal = quote.Refusal{}
		if p.price(a, amount, pick, &d.crossing, refusal) && p.amounts(a, &d.crossing, o, refusal) {
			o.Pick = uint16(pick)
			return true
		}
		if first.IsZero() {
			*first = *refusal
		}
	}
	if first.IsZero() {
		first.Because(noCommonValidator)
	}
	return false
}

// Reasons why stake does not get from a source to a taker.
var (
	noCommonValidator = quote.NewReason(quote.ErrValidator, "%[1]v: the pools have no suitable validator in common")
	rentTooSmall      = quote.NewReason(quote.ErrTooSmall, "%[1]v: it does not even pay for the rent")
	tooLittleYield    = quote.NewReason(quote.ErrTooLarge, "%[1]v: %[2]d lamports of stake yield %[3]d")
)

// price sends an amount on its way, by one pick of the source.
func (p *passage) price(a *offer.Ask, amount uint64, pick int, c *crossing, r *quote.Refusal) bool {
	if a.Quiet && a.Side == terms.ExactOut && p.exceeds(amount, pick) {
		return r.Because(offer.TooLarge)
	}
	if p.router != nil {
		return p.throughRouter(a, amount, pick, c, r)
	}

	rent, err := p.taker.rent()
	if err != nil {
		return r.BecauseErr(nil, err)
	}
	if a.Side == terms.ExactOut {
		if !p.drawExactOut(amount, pick, rent, &c.drawn, r) {
			return false
		}
	} else if !p.source.draw(pick, amount, rent, &c.drawn, r) {
		return false
	}
	if !p.taker.take(&c.drawn, &c.taken, r) {
		return false
	}
	c.out, c.referral = c.taken.out, c.taken.referral
	return true
}

// exceeds reports whether an output is more than all stake of a pick could yield if the taker took no fee. It is asked where nobody wants
// to know why: an amount that is not too large by this may be so all the same.
func (p *passage) exceeds(out uint64, pick int) bool {
	rent, err := p.taker.rent()
	if err != nil {
		return false
	}
	most, price := p.taker.pays()
	fair, err := fixed.MulDivCeil(fixed.SaturatingAdd(p.source.holds(pick), rent), price.Tokens, price.Lamports)
	if err != nil {
		return out > most
	}
	return out > min(most, fair)
}

// drawExactOut is the least that is to be drawn for so much of the taker's token.
func (p *passage) drawExactOut(out uint64, pick int, rent uint64, d *drawn, r *quote.Refusal) bool {
	if out == 0 {
		return r.Because(offer.ZeroAmount)
	}
	if !p.source.drawExactOut(pick, 1, rent, d, r) {
		return false
	}
	if p.toSOL {
		var err error
		if out, err = fixed.Add(out, d.rent); err != nil {
			return r.Because(offer.TooLarge)
		}
	}
	staked, ok := p.taker.takeExactOut(out, d, r)
	return ok && p.source.drawExactOut(pick, max(staked, 1), rent, d, r)
}

// amounts works out what the owner has to spare in the end, and the limits.
func (p *passage) amounts(a *offer.Ask, c *crossing, o *offer.Offer, r *quote.Refusal) bool {
	rent, limited := c.drawn.rent, c.out
	o.Gives(c.drawn.in, c.out)
	o.Lost, o.Advance = 0, 0
	o.Guard, o.Leaves, o.NewAccount = p.guards(c)
	held := p.advance(a, c)
	switch {
	case p.toSOL:
		var err error
		if limited, err = fixed.Sub(c.out, rent); err != nil || limited == 0 {
			return r.Because(rentTooSmall)
		}
		o.Out, o.Advance = limited, rent+held
	case rent > 0:
		o.Lost = rent
	}
	if a.Referrer.IsZero() {
		o.Out += c.referral
	}
	if a.Side == terms.ExactOut && limited < o.Amount {
		return r.Because(tooLittleYield, c.drawn.stake.Account.Delegation.Stake, limited)
	}
	if !o.Limit(a, limited, r) || !o.Separable(a, p.outletRent(c), r) {
		return false
	}

	o.Exact, o.Price = c.drawn.exact && c.taken.exact, c.taken.price
	o.Pays, o.Whole = true, !c.drawn.existing.IsZero()
	return true
}

// guards is what makes sure of the limit, what is left of the taker's pool, and whether a new account signs.
func (p *passage) guards(c *crossing) (g terms.Guard, left offer.Effect, signs bool) {
	switch {
	case p.router == nil:
		return c.taken.guard, c.taken.leaves, p.source.signs()
	case p.toSOL:
		return terms.GuardTemporary, left, false
	}
	return terms.GuardBalance, left, false
}

// advance is the rent of what the outcome goes through, which comes back.
func (p *passage) advance(a *offer.Ask, c *crossing) uint64 {
	if p.router != nil {
		return a.OutletRent(p.router.tokenRent)
	}
	return c.taken.advance
}

// outletRent is the rent of one account that the outcome goes through.
func (p *passage) outletRent(c *crossing) uint64 {
	switch {
	case p.router == nil:
		return c.taken.advance
	case p.toSOL:
		return p.router.tokenRent
	}
	return 0
}

func (v stakeWay) Describe(s *state.Snapshot, a *offer.Ask, o *offer.Offer, d *offer.Deed) error {
	// The steps keep what is on the desk.
	own, asked := new(desk), a.Kept()
	p, ok := v.passage(s, a, own, &o.Refusal)
	if !ok {
		return described(o)
	}
	pick, c := int(o.Pick), &own.crossing
	if !p.price(a, o.Amount, pick, c, &o.Refusal) {
		return described(o)
	}

	fees, conditions := p.source.describe(&c.drawn)
	words := p.taker.describe(&c.drawn, &c.taken)
	d.Fees, d.Conditions = slices.Concat(fees, words.fees), conditions
	if !c.taken.exact && !slices.Contains(d.Conditions, words.condition) {
		d.Conditions = append(d.Conditions, words.condition)
	}
	at := p.source.validator(pick)
	d.Accounts = slices.Concat(p.source.accounts(pick), p.taker.accounts(at))
	if p.router != nil {
		p.describeRouter(a, c, d)
	} else {
		p.describeByHand(a, c, &words, d)
	}
	if !p.toSOL && c.drawn.rent > 0 {
		d.Costs = append(d.Costs, rentCost(c.drawn.rent, &c.taken))
	}
	if o.Guard == terms.GuardBalance {
		d.GuardBalance(p.taker.token().TokenProgram)
	}

	carried := carried{passage: p, ask: asked, crossing: c, pick: pick, validator: at, minOut: o.MinOut}
	d.Steps = carried.stepsByHand
	if p.router != nil {
		d.Steps = carried.stepsByRouter
	}
	return nil
}

// describeByHand tells what becomes of rent and referral parts.
func (p *passage) describeByHand(a *offer.Ask, c *crossing, words *takenWords, d *offer.Deed) {
	if !p.toSOL && c.drawn.rent == 0 && c.taken.lost > 0 {
		d.Fees = append(d.Fees, terms.Fee{
			Name:      "rent of the stake account, which the pool keeps",
			Amount:    c.taken.lost,
			Mint:      accounts.NativeMint,
			Rate:      fmt.Sprintf("%d/%d", c.taken.lost, c.drawn.in),
			Recipient: c.drawn.existing,
		})
	}
	if c.referral > 0 && !a.Referrer.IsZero() {
		d.Fees = append(d.Fees, terms.Fee{
			Name:      "referral part of the stake deposit fee",
			Amount:    c.referral,
			Mint:      a.To,
			Rate:      words.referralRate,
			Recipient: a.Referrer,
		})
	}
}

// rentCost is the rent of a new stake account that is deposited.
func rentCost(rent uint64, t *taken) terms.Cost {
	if t.lost > 0 {
		return terms.Cost{Name: "rent of the stake account, which the pool keeps", Lamports: rent}
	}
	return terms.Cost{Name: "rent of the stake account, which is deposited with it", Lamports: rent}
}

// stepsByHand move the stake through an account of the owner's.
func (c carried) stepsByHand(parties terms.Parties) ([]txn.Step, error) {
	minimumStake, err := c.ask.Minimum(c.crossing.drawn.stake.Account.Delegation.Stake)
	if err != nil {
		return nil, err
	}
	// Rent that comes back may be advanced by the payer; what becomes part of the outcome is the owner's.
	rent, funder := c.crossing.drawn.rent, parties.Owner
	if c.toSOL {
		funder = parties.Payer
	}
	stake, steps, err := c.source.steps(c.pick, parties, &c.crossing.drawn, withdrawal{minimum: minimumStake, funder: funder})
	if err != nil {
		return nil, err
	}
	h := handover{stake: stake, validator: c.validator, minimum: c.minOut, ask: &c.ask}
	switch {
	case c.toSOL && c.ask.ToOther(parties):
		h.back = rent
	case c.toSOL:
		h.minimum += rent
	}
	taking, err := c.taker.steps(parties, h)
	if err != nil {
		return nil, err
	}
	steps = append(steps, taking...)
	if c.toSOL && rent > 0 && funder != parties.Owner && !c.ask.ToOther(parties) {
		back, err := txn.TransferSOL(parties.Owner, funder, rent)
		if err != nil {
			return nil, err
		}
		steps = append(steps, back)
	}
	return steps, nil
}

// Line bounds what stake comes to that is drawn from a pool, for a new account.
//
// If it is sold, the account has the rent on top of what is drawn, and it comes
// back: nothing is paid for it but its own amount at most.
func (v stakeWay) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	switch {
	case a.Wrapped || v.router != nil && v.router.prefund && a.MaxPrefund == 0:
		*line = nothing
		return
	case v.router != nil && v.router.prefund:
		*line = fixed.Line{}
		return
	}

	l := &deskOf(a).lines
	*line = l.drawLine(s, a).Then(l.takeLine(s, a))
	switch {
	case v.router == nil:
	case a.ToToken == state.SOL:
		*line = line.Then(&soldByRouter)
	default:
		*line = line.Then(&swappedByRouter)
	}
}

// What the Router leaves.
var (
	soldByRouter    = quote.RouterLine(quote.RouterReserveFee)
	swappedByRouter = quote.RouterLine(quote.RouterSwapViaStakeFee)
)

// Costs is the rent of the stake account that a pool takes with the stake, which
// the line pays for.
func (v stakeWay) Costs(s *state.Snapshot, a *offer.Ask) uint64 {
	rent, err := s.Chain().StakeRent()
	if err != nil || !s.Ledger().Kind(a.ToToken).IsStakePool() {
		return 0
	}
	return rent
}
