package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// hopBps is how much of the slippage goes to the amount that is handed on between two steps. That amount is fixed when the transaction
// is built: what arrives beyond it stays with the owner, and if less arrives, the transaction fails.
const hopBps = 1

// twoSteps is the best way by a third token that pays more than the best direct one, nil if there is none. Ways that would pay more still
// are rejected with the reason why they cannot be taken.
func (m *Market) twoSteps(r Request, direct *Quote) (best *Quote, rejected []Rejected) {
	c := twoStepSearch{market: m, request: r, direct: direct}
	for _, hub := range m.hubs(r) {
		if r.Side == ExactOut {
			c.backwards(hub)
		} else {
			c.forwards(hub)
		}
	}
	slices.SortStableFunc(c.found, func(a, b twoStep) int { return compare(&a.quote, &b.quote) })
	for i := range c.found {
		q := &c.found[i].quote
		if best != nil && !better(q, best) {
			break // Nor are those that come after it.
		}
		err := c.found[i].complete()
		if err == nil {
			err = m.conform(q)
		}
		switch {
		case err != nil:
			rejected = append(rejected, Rejected{Venue: q.Venue, Err: err})
		case (direct == nil || m.worthwhile(q, direct, c.found[i].rounding())) && (best == nil || better(q, best)):
			best = q
		}
	}
	return best, rejected
}

// hubs are the tokens that a trade may go through.
func (m *Market) hubs(r Request) []solana.PublicKey {
	var hubs []solana.PublicKey
	add := func(mint solana.PublicKey) {
		if mint != r.From && mint != r.To {
			hubs = append(hubs, mint)
		}
	}
	add(accounts.NativeMint)
	for _, t := range m.tokens {
		if t.Mint != accounts.NativeMint {
			add(t.Mint)
		}
	}
	return hubs
}

// twoStepSearch collects ways of two steps that would pay more than a direct one.
type twoStepSearch struct {
	market  *Market
	request Request
	direct  *Quote
	found   []twoStep
}

// twoStep is one step after the other. Its quote has no more than the amounts until it is complete.
type twoStep struct {
	quote         Quote
	first, second *Quote
}

// forwards follows the amount that is paid.
func (c *twoStepSearch) forwards(hub solana.PublicKey) {
	firsts, _ := c.market.direct(c.request.firstStep(hub, c.request.Amount), nil)
	for i := range firsts {
		seconds, _ := c.market.direct(c.request.secondStep(hub, firsts[i].MinOut), firsts[i].leaves)
		for j := range seconds {
			c.add(&firsts[i], &seconds[j])
		}
	}
}

// backwards looks for what it takes to receive an amount.
func (c *twoStepSearch) backwards(hub solana.PublicKey) {
	last := c.request.secondStep(hub, c.request.Amount)
	seconds, _ := c.market.direct(last, nil)
	for i := range seconds {
		firsts, _ := c.market.direct(c.request.firstStep(hub, seconds[i].MaxIn), nil)
		for j := range firsts {
			if firsts[j].leaves == nil {
				c.add(&firsts[j], &seconds[i])
				continue
			}
			// What the first step changes may change what the second takes.
			after, _ := c.market.direct(last, firsts[j].leaves)
			for k := range after {
				c.add(&firsts[j], &after[k])
			}
		}
	}
}

// add notes a way that takes one step after the other, if its amounts are better than the direct ones.
func (c *twoStepSearch) add(first, second *Quote) {
	switch {
	case first.venue == second.venue:
		return // The second step would depend on the first.
	case second.MaxIn > first.MinOut:
		return // The rest would come out of what the owner had before.
	}
	q := Quote{
		Request: c.request, Venue: first.Venue + ", then " + second.Venue, Price: second.Price,
		In: first.In, MaxIn: first.MaxIn, Out: second.Out, MinOut: second.MinOut, Costs: slices.Concat(first.Costs, second.Costs),
	}
	c.market.net(&q)
	if c.direct == nil || c.market.worthwhile(&q, c.direct, chainRounding(first, second)) {
		c.found = append(c.found, twoStep{q, first, second})
	}
}

func (c *twoStep) rounding() uint64 { return chainRounding(c.first, c.second) }

// complete makes a whole quote of the chain, if it can be taken.
func (c *twoStep) complete() error {
	if c.first.Guard == GuardBalance {
		return fmt.Errorf("%w: %s takes no limit that %s could rely on", ErrCombination, c.first.Venue, c.second.Venue)
	}
	if err := independent(c.first, c.second); err != nil {
		return err
	}
	if err := c.quote.combine(c.first, c.second); err != nil {
		return err
	}
	c.quote.Guard = c.second.Guard
	c.quote.Advance = max(c.first.Advance, c.second.Advance)
	c.quote.Leftover = fixed.SaturatingSub(c.first.Out, c.second.In)
	if hub := c.second.Request.From; hub != accounts.NativeMint {
		c.quote.Conditions = append(c.quote.Conditions, fmt.Sprintf("a token account for mint %s is created unless it exists, and stays", hub))
	}
	return nil
}

// firstStep and secondStep are the requests of two steps, each for the amount that its side fixes.
func (r Request) firstStep(hub solana.PublicKey, amount uint64) Request {
	step := r.step(r.From, hub, amount)
	if r.Side == ExactIn {
		step.SlippageBps = min(r.SlippageBps, hopBps)
	}
	step.Referrer, step.Recipient, step.Deactivate = solana.PublicKey{}, solana.PublicKey{}, false
	return step
}

func (r Request) secondStep(hub solana.PublicKey, amount uint64) Request {
	step := r.step(hub, r.To, amount)
	if r.Side == ExactOut {
		step.SlippageBps = min(r.SlippageBps, hopBps)
	}
	return step
}

// step is a part of a request. Wrapped SOL is what the owner holds or wants, not what is in between, and prefunds are only for those who
// trade in a single step.
func (r Request) step(from, to solana.PublicKey, amount uint64) Request {
	step := r
	step.From, step.To, step.Amount, step.Direct, step.MaxPrefund = from, to, amount, true, 0
	step.Wrapped = r.Wrapped && (from == accounts.NativeMint && r.From == from || to == accounts.NativeMint && r.To == to)
	return step
}
