package venue

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeTrade trades by moving stake within one transaction: from a pool or from
// a stake account of the owner to another pool or to the Reserve, directly or
// through the Router.
type stakeTrade struct {
	title    terms.Venue
	from, to []state.Token
	// router is nil for a direct trade.
	router *routerTerms
}

func (v stakeTrade) Name() string { return string(v.title) }

func (v stakeTrade) Pairs(*state.Ledger) (from, to []state.Token) { return v.from, v.to }

// stakeRoute returns the route of an ask. It returns false with the reason in r
// if there is none.
func (v stakeTrade) stakeRoute(
	s *state.Snapshot,
	a *offer.Ask,
	d *scratch,
	r *quote.Refusal,
) (*stakeRoute, bool) {
	p := &d.stakeRoute
	if v.router != nil {
		if err := p.buffer.load(s, v.router.prefund); err != nil {
			return nil, r.BecauseErr(nil, err)
		}

		if !v.router.allows(a, r) {
			return nil, false
		}
	}

	d.direct = v.router == nil
	source, err := d.sourceOf(s, a)
	if err != nil {
		return nil, r.BecauseErr(nil, err)
	}

	buyer, err := d.buyerOf(s, a)
	if err != nil {
		return nil, r.BecauseErr(nil, err)
	}

	p.source, p.buyer, p.router = source, buyer, nil
	p.wrapped = a.UseWSOL
	p.toSOL = a.ToToken == state.SOL && !a.PaysOwnWSOL()
	p.at, p.from, p.to = s, a.FromToken, a.ToToken
	p.poolUpdate, p.quiet = a.AllowPoolUpdate, a.Quiet
	p.accounts = accountsOf(a)
	if v.router != nil {
		if err := p.buffer.pair(s, a); err != nil {
			return nil, r.BecauseErr(nil, err)
		}

		p.router = &p.buffer
	}

	if v.router != nil && !a.Referrer.IsZero() {
		return nil, r.Because(offer.NoReferrer)
	}

	return p, true
}

func (v stakeTrade) Offer(
	s *state.Snapshot,
	a *offer.Ask,
	amount uint64,
	_ *offer.Effect,
	o *offer.Offer,
) bool {
	d := scratchOf(a)
	p, ok := v.stakeRoute(s, a, d, &o.Refusal)
	if !ok {
		return false
	}

	picks := p.source.picks(&o.Refusal)
	if picks == 0 {
		return false
	}

	first, refusal := &o.Refusal, &d.refusal
	*first = quote.Refusal{}
	// All usable picks yield the same, so the first one is used.
	for pick := range picks {
		if !a.UsesValidator(p.source.validator(pick).account) {
			continue
		}

		// With a single pick the refusal of the buyer is more precise.
		if picks > 1 && !p.buyer.accepts(p.source.validator(pick)) {
			continue
		}

		*refusal = quote.Refusal{}
		if p.price(a, amount, pick, &d.result, refusal) && p.amounts(a, &d.result, o, refusal) {
			o.Pick = uint16(pick)
			return true
		}

		if first.IsZero() {
			*first = *refusal
		}
	}

	if first.IsZero() {
		first.Because(withoutPick(a, noCommonValidator))
	}

	return false
}

// Refusals of stake trades.
var (
	noCommonValidator = quote.NewReason(quote.ErrValidator,
		"%[1]v: the pools have no suitable validator in common")
	rentTooSmall = quote.NewReason(quote.ErrAmountTooSmall,
		"%[1]v: the payment does not cover the rent of the stake account")
	tooLittleYield = quote.NewReason(quote.ErrAmountTooLarge,
		"%[1]v: %[2]d lamports of stake yield %[3]d")
)

// price calculates the trade of an amount with one pick of the source.
func (p *stakeRoute) price(
	a *offer.Ask,
	amount uint64,
	pick int,
	c *routeResult,
	r *quote.Refusal,
) bool {
	if a.Quiet && a.SwapMode == terms.ExactOut && p.exceeds(amount, pick) {
		return r.Because(offer.TooLarge)
	}

	if p.router != nil {
		return p.throughRouter(a, amount, pick, c, r)
	}

	rent, err := p.buyer.rent()
	if err != nil {
		return r.BecauseErr(nil, err)
	}

	if a.SwapMode == terms.ExactOut {
		if !p.withdrawExactOut(amount, pick, rent, &c.withdrawn, r) {
			return false
		}
	} else if !p.source.withdraw(pick, amount, rent, &c.withdrawn, r) {
		return false
	}

	// A leg of a longer route does not return SOL.
	if marinade, ok := p.buyer.(*toMarinade); ok && !a.Quiet && !p.at.Chain().RewardsActive {
		marinade.adapt(&c.withdrawn, p.at.Chain())
	}

	if !p.buyer.buy(&c.withdrawn, &c.proceeds, r) {
		return false
	}

	c.out, c.referral, c.own = c.proceeds.out, c.proceeds.referral, c.proceeds.own

	return true
}

// exceeds reports whether an output exceeds the payment for all stake of a pick
// at a price without fees. It is used for quiet asks only. An output that
// passes may still be too large.
func (p *stakeRoute) exceeds(out uint64, pick int) bool {
	rent, err := p.buyer.rent()
	if err != nil {
		return false
	}

	most, price := p.buyer.pays()
	fair, err := fixed.MulDivCeil(fixed.SaturatingAdd(p.source.holds(pick), rent), price.Tokens,
		price.Lamports)
	if err != nil {
		return out > most
	}

	return out > min(most, fair)
}

// withdrawExactOut sets d to the smallest withdrawal for which the buyer pays
// at least out.
func (p *stakeRoute) withdrawExactOut(
	out uint64,
	pick int,
	rent uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	if out == 0 {
		return r.Because(offer.ZeroAmount)
	}

	if !p.source.withdrawExactOut(pick, 1, rent, d, r) {
		return false
	}

	if p.toSOL {
		var err error
		if out, err = fixed.Add(out, d.rent); err != nil {
			return r.Because(offer.TooLarge)
		}
	}

	staked, ok := p.buyer.buyExactOut(out, d, r)
	return ok && p.source.withdrawExactOut(pick, max(staked, 1), rent, d, r)
}

// amounts sets the amounts and the limits of the offer, net of the rent that
// the owner paid.
func (p *stakeRoute) amounts(a *offer.Ask, c *routeResult, o *offer.Offer, r *quote.Refusal) bool {
	rent, limited := c.withdrawn.rent, c.out
	o.Gives(c.withdrawn.in, c.out)
	o.Lost, o.UpfrontRent = c.withdrawn.topUp, 0
	o.Returned, o.Added = c.withdrawn.surplus, c.withdrawn.topUp
	o.MinOutCheck, o.Leaves, o.NeedsStakeKeypair = p.guards(c)
	if b, ok := p.buyer.(*toStakePool); ok && b.own && b.stale != nil &&
		o.MinOutCheck == terms.CheckedByBalance {
		return r.Because(ownUpdate)
	}

	held := p.advance(a, c)
	switch {
	case p.toSOL:
		var err error
		if limited, err = fixed.Sub(c.out, rent); err != nil || limited == 0 {
			return r.Because(rentTooSmall)
		}

		o.Out, o.UpfrontRent = limited, rent+held

	case rent > 0:
		o.Lost = rent
	}

	if c.proceeds.receiptRent > 0 {
		o.NeedsStakeKeypair = true
		if !a.Recipient.IsZero() {
			o.Loses(c.proceeds.receiptRent)
		}
	}

	if o.Out += c.own; a.Referrer.IsZero() {
		o.Out += c.referral
	}

	if a.SwapMode == terms.ExactOut && limited < o.Amount {
		return r.Because(tooLittleYield, c.withdrawn.stake.Account.Delegation.Stake, limited)
	}

	if !o.Limit(a, limited, r) || !o.CoversRent(a, p.destinationRent(c), r) {
		return false
	}

	o.Exact, o.Price = c.withdrawn.exact && c.proceeds.exact, c.proceeds.price
	o.Pays, o.Whole = true, !c.withdrawn.existing.IsZero()

	return true
}

// guards returns the minimum output check, the buyer's pool after the trade,
// and whether a new account has to sign.
func (p *stakeRoute) guards(c *routeResult) (g terms.MinOutCheck, left offer.Effect, signs bool) {
	switch {
	case p.router == nil:
		return c.proceeds.guard, c.proceeds.leaves, p.source.signs()
	case p.toSOL:
		return terms.CheckedByTempAccount, left, false
	}
	return terms.CheckedByBalance, left, false
}

// advance returns the rent of the temporary accounts that the output passes
// through. It is returned within the transaction.
func (p *stakeRoute) advance(a *offer.Ask, c *routeResult) uint64 {
	if p.router != nil {
		return a.DestinationRent(p.router.tokenRent)
	}
	return c.proceeds.advance
}

// destinationRent returns the rent of one temporary account that the output
// passes through.
func (p *stakeRoute) destinationRent(c *routeResult) uint64 {
	switch {
	case p.router == nil:
		return c.proceeds.advance
	case p.toSOL:
		return p.router.tokenRent
	}
	return 0
}

func (v stakeTrade) Describe(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	// The instructions keep the scratch, so they need their own.
	own, asked := new(scratch), a.Kept()
	p, ok := v.stakeRoute(s, a, own, &o.Refusal)
	if !ok {
		return described(o)
	}

	pick, c := int(o.Pick), &own.result
	if !p.price(a, o.Amount, pick, c, &o.Refusal) {
		return described(o)
	}

	fees, conditions := p.source.describe(&c.withdrawn)
	texts := p.buyer.describe(&c.withdrawn, &c.proceeds)
	d.Fees, d.Conditions = slices.Concat(fees, texts.fees), conditions
	if !c.proceeds.exact && !slices.Contains(d.Conditions, texts.condition) {
		d.Conditions = append(d.Conditions, texts.condition)
	}

	for _, update := range texts.updates {
		if !slices.Contains(d.Conditions, update) {
			d.Conditions = append(d.Conditions, update)
		}
	}

	at := p.source.validator(pick)
	d.Validator = *at.account
	d.Accounts = slices.Concat(p.source.accounts(pick), p.buyer.accounts(at))
	if p.router != nil {
		p.describeRouter(a, c, d)
	} else {
		p.describeDirect(a, c, &texts, d)
	}

	if !p.toSOL && c.withdrawn.rent > 0 {
		d.Costs = append(d.Costs, rentCost(a, c.withdrawn.rent, &c.proceeds))
	}

	if b, ok := p.buyer.(*toStakePool); ok && b.pool.Interceptor != nil {
		if err := describeReceipt(b.pool, b.chain, a, &c.proceeds, d); err != nil {
			return err
		}
	}

	if o.MinOutCheck == terms.CheckedByBalance {
		d.GuardBalance(p.buyer.token().TokenProgram)
	}

	carried := routeSteps{
		stakeRoute: p,
		ask:        asked,
		result:     c,
		pick:       pick,
		validator:  at,
		minOut:     o.MinOut,
	}

	d.Steps = carried.stepsDirect
	if p.router != nil {
		d.Steps = carried.stepsByRouter
	}

	return nil
}

// describeDirect adds the fees for rent and for the referrer.
func (p *stakeRoute) describeDirect(
	a *offer.Ask,
	c *routeResult,
	texts *proceedsText,
	d *offer.Details,
) {
	if !p.toSOL && c.withdrawn.rent == 0 && c.proceeds.lost > c.withdrawn.topUp {
		kept := c.proceeds.lost - c.withdrawn.topUp
		d.Fees = append(d.Fees, terms.Fee{
			Name:      "rent of the stake account, which the pool keeps",
			Amount:    kept,
			Mint:      accounts.NativeMint,
			Rate:      fmt.Sprintf("%d/%d", kept, c.withdrawn.in),
			Recipient: c.withdrawn.existing,
		})
	}

	if surplus := c.withdrawn.surplus; surplus > 0 {
		d.Conditions = append(d.Conditions, fmt.Sprintf(
			"the owner first withdraws %s SOL from the stake account, what it has beyond its stake and rent",
			lst.FormatAmount(surplus, 9),
		))
	}

	if topUp := c.withdrawn.topUp; topUp > 0 {
		d.Costs = append(d.Costs, terms.Cost{
			Name:     "rent that the stake account lacks, which the pool keeps",
			Lamports: topUp,
		})
	}

	if c.referral > 0 && !a.Referrer.IsZero() {
		d.Fees = append(d.Fees, terms.Fee{
			Name:      "referral part of the stake deposit fee",
			Amount:    c.referral,
			Mint:      a.To,
			Rate:      texts.referralRate,
			Recipient: a.Referrer,
		})
	}
}

// rentCost returns the rent of a new stake account that is deposited, as a
// cost.
func rentCost(a *offer.Ask, rent uint64, t *proceeds) terms.Cost {
	switch {
	case t.lost > 0:
		return terms.Cost{Name: "rent of the stake account, which the pool keeps", Lamports: rent}
	case a.ToToken == state.SOL:
		return terms.Cost{Name: "rent of the stake account, which is paid out as wSOL",
			Lamports: rent}
	}
	return terms.Cost{Name: "rent of the stake account, which is deposited with it", Lamports: rent}
}

// stepsDirect returns the instructions that move the stake through an account
// of the owner.
func (c routeSteps) stepsDirect(params terms.BuildParams) ([]txn.Step, error) {
	minimumStake, err := c.ask.Minimum(c.result.withdrawn.stake.Account.Delegation.Stake)
	if err != nil {
		return nil, err
	}

	// The payer can advance rent that is returned. The owner pays rent that
	// becomes part of the output.
	rent, funder := c.result.withdrawn.rent, params.Owner
	if c.toSOL {
		funder = params.Payer
	}

	stake, steps, err := c.source.steps(c.pick, params, &c.result.withdrawn, withdrawal{
		minimum: minimumStake,
		funder:  funder,
		ask:     &c.ask,
	})
	if err != nil {
		return nil, err
	}

	adapting, err := adaptSteps(params, stake, &c.result.withdrawn)
	if err != nil {
		return nil, err
	}

	steps = append(steps, adapting...)
	h := stakeTransfer{
		stake:     stake,
		validator: c.validator,
		minimum:   c.minOut,
		ask:       &c.ask,
	}

	switch {
	case c.toSOL && c.ask.PaysOther(params):
		h.back = rent
	case c.toSOL:
		h.minimum += rent
	}

	transfer, err := c.buyer.steps(params, h)
	if err != nil {
		return nil, err
	}

	steps = append(steps, transfer...)
	if c.toSOL && rent > 0 && funder != params.Owner && !c.ask.PaysOther(params) {
		back, err := txn.TransferSOL(params.Owner, funder, rent)
		if err != nil {
			return nil, err
		}

		steps = append(steps, back)
	}

	return steps, nil
}

// adaptSteps returns the instruction that makes the balance of an existing
// account what its buyer wants, or none.
func adaptSteps(
	p terms.BuildParams, stake solana.PublicKey, d *withdrawnStake,
) ([]txn.Step, error) {
	switch {
	case d.surplus > 0:
		withdraw, err := txn.WithdrawStake(stake, p.Owner, p.Owner, d.surplus)
		return []txn.Step{withdraw}, err
	case d.topUp > 0:
		add, err := txn.TransferSOL(p.Owner, stake, d.topUp)
		add.Description = "add the rent that the stake account lacks"
		return []txn.Step{add}, err
	}
	return nil, nil
}

// Line bounds the payment for stake that is withdrawn into a new account.
//
// If the stake is sold for SOL, the account also holds the rent. The buyer pays
// at most the amount of the rent for it, which is returned.
func (v stakeTrade) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	switch {
	case v.router != nil && v.router.prefund && a.MaxPrefund == 0:
		*line = nothing
		return
	case a.PaysOwnWSOL(), v.router != nil && v.router.prefund:
		*line = fixed.Line{}
		return
	}

	l := &scratchOf(a).lines
	*line = l.withdrawalLine(s, a).Then(l.purchaseLine(s, a))
	switch {
	case v.router == nil:
	case a.ToToken == state.SOL:
		*line = line.Then(&soldByRouter)
	default:
		*line = line.Then(&swappedByRouter)
	}
}

// The part of a payment that the Router leaves after its fee.
var (
	soldByRouter    = quote.RouterLine(quote.RouterReserveFee)
	swappedByRouter = quote.RouterLine(quote.RouterSwapViaStakeFee)
)

// Costs returns the rent of the stake account that a stake pool keeps. The pool
// pays for it, and the line includes that payment.
func (v stakeTrade) Costs(s *state.Snapshot, a *offer.Ask) uint64 {
	rent, err := s.Chain().StakeRent()
	if err != nil || !s.Ledger().Kind(a.ToToken).IsStakePool() {
		return 0
	}
	return rent
}
