package sdk

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// MaxInput returns the quote of the largest amount of from that the owner can
// trade for to with these options. Quote.In is the amount. Pass the quote to
// [Client.Build] with the same BuildOptions.
//
// from and to are as in [Client.Stake], [Client.Swap], [Client.Unstake],
// [Client.DepositStake] and [Client.WithdrawStake]. The amount is the smaller
// of what the owner has and what the market can trade in one transaction. For
// SOL it keeps back
//
//   - the network fee, with the highest priority fee that opts.Priority allows;
//   - the rent of token accounts that the transaction creates, and the other
//     costs of the quote;
//   - the rent that is advanced and returned, see [route.Quote.UpfrontRent];
//   - the rent-exempt minimum of the owner's wallet, 890,880 lamports at 6,960
//     lamports per byte.
//
// Example: a wallet with 2 SOL that has no JitoSOL account can stake 1.99706484
// SOL with PriorityFee.None: 890,880 lamports stay, 2,039,280 are the rent and
// 5,000 the fee.
//
// If the payer or the owner cannot pay the rest, the error is a [PayerError],
// or a [FundsError] if the owner has no tokens to pay. If no route serves any
// amount, it is a route.NoRouteError. The mode must be [route.ExactIn].
func (c *Client) MaxInput(
	ctx context.Context, from, to solana.PublicKey, opts TradeOptions,
) (route.Quote, error) {
	quote, err := c.maxInput(ctx, opts.request(from, to, 1), opts.BuildOptions)
	if err != nil {
		return route.Quote{}, fmt.Errorf("largest input: %w", err)
	}
	return quote, nil
}

// maxInputRounds is the maximum number of routes and amounts that are compared
// with the funds. Usually the second amount is final.
const maxInputRounds = 8

func (c *Client) maxInput(
	ctx context.Context, r route.Request, o BuildOptions,
) (route.Quote, error) {
	switch err := c.usable(ctx); {
	case err != nil:
		return route.Quote{}, err
	case o.Owner.IsZero():
		return route.Quote{}, ErrNoOwner
	case r.SwapMode != route.ExactIn:
		return route.Quote{}, fmt.Errorf("%w: the largest amount is that of an input",
			route.ErrInvalidSwapMode)
	}

	o.Payer = o.payer()
	r.MaxTransactions = 1
	r = withDefaultSlippage(dropSelfRecipient(r, o.Owner))
	if err := r.Check(); err != nil {
		return route.Quote{}, err
	}

	if err := c.useVersions(ctx, &r, &o); err != nil {
		return route.Quote{}, err
	}

	market, err := c.LoadMarketForRequest(ctx, r)
	if err != nil {
		return route.Quote{}, err
	}

	held, err := c.heldInput(ctx, market, r, o)
	if err != nil {
		return route.Quote{}, err
	}

	s := inputSearch{
		client:  c,
		market:  market,
		request: r,
		opts:    o,
		held:    held,
	}

	return s.run(ctx)
}

// heldInput returns the balance from which a request is paid.
func (c *Client) heldInput(
	ctx context.Context, market *route.Market, r route.Request, o BuildOptions,
) (uint64, error) {
	address, err := c.paysFrom(r, o.Owner)
	if err != nil {
		return 0, err
	}

	want := wanted{source: address, named: namedBy(r, o.Owner)}
	switch {
	case r.From == accounts.NativeMint && !r.UseWSOL:
		want = wanted{payer: o.Owner}
	case address.IsZero():
		stake, err := market.StakeAccount(r.From)
		return stake.Lamports, err
	}

	var known prefetched
	if err := c.readWanted(ctx, want, market.Slot(), &known); err != nil {
		return 0, err
	}

	switch {
	case known.payer != nil && known.payer.program.IsZero() && known.payer.lamports > 0:
		return known.payer.lamports, nil
	case known.payer != nil:
		return 0, &PayerError{
			Payer:   o.Owner,
			Needed:  1,
			Held:    known.payer.lamports,
			Program: known.payer.program,
		}

	case known.source == nil || known.source.amount == 0:
		return 0, &FundsError{
			Account: address,
			Owner:   o.Owner,
			Mint:    r.From,
			Missing: known.source != nil && known.source.missing,
			Needs:   1,
		}
	}

	return known.source.amount, nil
}

// inputSearch searches for the largest input of a request.
type inputSearch struct {
	client  *Client
	market  *route.Market
	request route.Request
	opts    BuildOptions
	// held is the balance that pays the input.
	held uint64
}

func (s *inputSearch) paysSOL() bool {
	return s.request.From == accounts.NativeMint && !s.request.UseWSOL
}

func (s *inputSearch) run(ctx context.Context) (route.Quote, error) {
	quote, err := s.largest(s.held, "")
	if err != nil {
		return quote, err
	}

	for range maxInputRounds {
		room, err := s.room(ctx, &quote)
		if err != nil {
			return route.Quote{}, err
		}

		// Other routes have other costs, so the same route is asked first.
		next, err := s.largest(room, quote.Venue)
		if err != nil && quote.In > room {
			next, err = s.largest(room, "")
		}

		switch {
		case err == nil && (next.In != quote.In || quote.In > room):
			quote = next
		case quote.In <= room:
			return quote, nil
		default:
			return route.Quote{}, err
		}
	}

	// Routes with different costs alternate, so that no amount uses all of the
	// funds. The last one within them is the answer.
	return s.within(quote, func(q *route.Quote) (uint64, error) { return s.room(ctx, q) },
		s.largest)
}

// within reduces the input of a quote until it is within the room of its own
// route. The costs of a smaller amount can be higher than those of the amount
// that left room for it.
func (s *inputSearch) within(
	quote route.Quote,
	room func(*route.Quote) (uint64, error),
	largest func(limit uint64, of route.Venue) (route.Quote, error),
) (route.Quote, error) {
	for range maxInputRounds {
		left, err := room(&quote)
		switch {
		case err != nil:
			return route.Quote{}, err
		case quote.In <= left:
			return quote, nil
		}

		if quote, err = largest(left, quote.Venue); err != nil {
			return route.Quote{}, err
		}
	}

	return route.Quote{}, &PayerError{
		Payer:  s.opts.Owner,
		Needed: fixed.SaturatingAdd(s.held, 1),
		Held:   s.held,
	}
}

// serve returns the best quote for an amount whose transaction fits, of one
// venue if it is named.
func (s *inputSearch) serve(amount uint64, of route.Venue) (route.Quote, error) {
	r := s.request
	r.Amount = amount
	quotes, rejected := s.market.Quotes(r)
	for _, q := range quotes {
		if of != "" && q.Venue != of || q.NeedsTwoTransactions {
			continue
		}

		err := checkFits(q, s.opts)
		switch {
		case err == nil:
			return q, nil
		case !isSizeError(err):
			return q, err
		}

		rejected = append(rejected, route.Rejection{Venue: q.Venue, Err: err})
	}

	return route.Quote{}, &route.NoRouteError{
		From:       r.From,
		To:         r.To,
		Rejections: rejected,
	}
}

// probes is the number of amounts, evenly spaced, at which a search looks for
// one that is served.
const probes = 64

// largest returns the quote of the largest amount up to a limit that is served.
// If the limit is not, it looks at smaller amounts, and then between the first
// that is served and the one above it.
func (s *inputSearch) largest(limit uint64, of route.Venue) (route.Quote, error) {
	return largest(limit, func(amount uint64) (route.Quote, error) { return s.serve(amount, of) })
}

// largest is [inputSearch.largest] for any function that serves an amount.
func largest(limit uint64, serve func(uint64) (route.Quote, error)) (route.Quote, error) {
	found, refused := serve(limit)
	if refused == nil {
		return found, nil
	}

	above, ok := limit, false
	try := func(amount uint64) bool {
		if amount == 0 || amount >= above {
			return false
		}

		q, err := serve(amount)
		if ok = err == nil; ok {
			found = q
			return true
		}

		above = amount
		return false
	}

	for i := uint64(probes - 1); i > 0 && !ok; i-- {
		hi, lo := bits.Mul64(limit, i)
		amount, _ := bits.Div64(hi, lo, probes)
		try(amount)
	}

	for amount := limit / probes / 2; amount > 0 && !ok; amount /= 2 {
		try(amount)
	}

	if !ok {
		return route.Quote{}, refused
	}

	for above-found.Request.Amount > 1 {
		middle := found.Request.Amount + (above-found.Request.Amount)/2
		q, err := serve(middle)
		if err != nil {
			above = middle
			continue
		}

		found = q
	}

	return found, nil
}

// room returns the largest input that the funds allow on the route of a quote.
// The error is a [PayerError] if they do not pay for the transaction.
func (s *inputSearch) room(ctx context.Context, q *route.Quote) (uint64, error) {
	f, err := s.client.funds(ctx, q, s.opts)
	if err != nil {
		return 0, err
	}

	return f.room(q, s.held, s.paysSOL())
}

// funds are the lamports that a transaction takes besides the input, and the
// balances that pay them.
type funds struct {
	owner, payer       solana.PublicKey
	ownerHas, payerHas uint64
	// fee is the network fee and the tip, rents the rent of new token accounts,
	// and costs what the owner pays besides: the other costs of the quote and
	// what the caller's steps may take.
	fee, rents, costs uint64
	// keep is the rent-exempt minimum of a wallet.
	keep uint64
}

// funds reads the balances for a quote.
func (c *Client) funds(ctx context.Context, q *route.Quote, o BuildOptions) (funds, error) {
	d, err := c.draft(ctx, *q, o)
	if err != nil {
		return funds{}, err
	}

	f, err := c.fundsOf(ctx, d, d.tokenAccounts())
	f.costs = fixed.SaturatingAdd(f.costs, o.Spends[accounts.NativeMint])

	return f, err
}

// fundsOf reads the balances for a draft that creates token accounts.
func (c *Client) fundsOf(
	ctx context.Context, d *draft, created []explain.Instruction,
) (f funds, err error) {
	q, o := &d.quote, d.opts
	keys := appendNew([]solana.PublicKey{accounts.RentSysvar, o.Owner}, o.Payer)
	for _, in := range created {
		address, _ := in.Account("token account")
		keys = appendNew(keys, address)
	}

	set, err := c.readAccounts(ctx, keys, q.Slot)
	if err != nil {
		return f, err
	}

	f.owner, f.payer = o.Owner, o.Payer
	f.fee = fixed.SaturatingAdd(d.networkFee(), o.Tip.Lamports)
	for _, in := range created {
		address, _ := in.Account("token account")
		if _, err := tokenAccountOf(set, address); errors.Is(err, accounts.ErrNotFound) {
			f.rents = fixed.SaturatingAdd(f.rents, d.rentOf(in))
		}
	}

	for _, cost := range q.Costs {
		if cost.Name != route.PriorityFeeCost {
			f.costs = fixed.SaturatingAdd(f.costs, cost.Lamports)
		}
	}

	return f, f.read(set)
}

// read sets the balances and the minimum that a wallet keeps.
func (f *funds) read(set *accounts.Set) error {
	rent, err := accounts.Load(set, accounts.RentSysvar, accounts.DecodeRent)
	if err != nil {
		return err
	}

	if f.keep, err = rent.MinimumBalance(0); err != nil {
		return err
	}

	owner, err := walletOf(set, f.owner)
	if err != nil {
		return err
	}

	payer, err := walletOf(set, f.payer)
	if err != nil {
		return err
	}

	f.ownerHas, f.payerHas = owner.lamports, payer.lamports
	if !payer.program.IsZero() {
		return &PayerError{
			Payer:   f.payer,
			Needed:  f.fee,
			Held:    f.payerHas,
			Program: payer.program,
		}
	}

	return nil
}

// room returns the largest input on the route of a quote: held, or for SOL what
// the owner has above everything else.
func (f *funds) room(q *route.Quote, held uint64, paysSOL bool) (uint64, error) {
	// The rent that is advanced returns before the transaction ends. Until then
	// the minimum that the wallet keeps may be part of it.
	taken := fixed.SaturatingAdd(f.fee, f.rents)
	payerNeeds := fixed.SaturatingAdd(taken, max(q.UpfrontRent, f.keep))
	ownerNeeds := fixed.SaturatingAdd(f.costs, f.keep)
	if f.payer == f.owner {
		taken = fixed.SaturatingAdd(taken, f.costs)
		payerNeeds = fixed.SaturatingAdd(payerNeeds, f.costs)
		ownerNeeds = payerNeeds
	}

	if !paysSOL {
		// The minimum may come from the received SOL.
		gains := uint64(0)
		if q.Request.To == accounts.NativeMint && !q.Request.UseWSOL &&
			q.Request.Recipient.IsZero() {
			gains = q.MinOut
		}

		if f.payer == f.owner {
			before := fixed.SaturatingAdd(f.fee, max(f.keep,
				fixed.SaturatingAdd(taken-f.fee, q.UpfrontRent)))
			after := fixed.SaturatingSub(fixed.SaturatingAdd(taken, f.keep), gains)
			payerNeeds = max(before, after)
		} else if ownerNeeds = f.costs; f.costs > 0 {
			ownerNeeds = max(f.costs, fixed.SaturatingSub(
				fixed.SaturatingAdd(f.costs, f.keep), gains))
		}
	}

	together := f.payer == f.owner
	switch {
	case f.payerHas < payerNeeds && (!together || !paysSOL):
		return 0, &PayerError{
			Payer:  f.payer,
			Needed: payerNeeds,
			Held:   f.payerHas,
		}

	case !paysSOL && !together && f.ownerHas < ownerNeeds:
		return 0, &PayerError{
			Payer:  f.owner,
			Needed: ownerNeeds,
			Held:   f.ownerHas,
		}

	case paysSOL && f.ownerHas <= ownerNeeds:
		return 0, &PayerError{
			Payer:  f.owner,
			Needed: fixed.SaturatingAdd(ownerNeeds, 1),
			Held:   f.ownerHas,
		}

	case !paysSOL:
		return held, nil
	}

	return f.ownerHas - ownerNeeds, nil
}
