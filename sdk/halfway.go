package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrWorse says that the second of two transactions would pay less, or cost more, than the quote of both allows.
var ErrWorse = errors.New("the price has moved beyond the limit (quote what is left again)")

// HalfwayError says that the first of two transactions landed, and the second did not, or may not have. The wallet holds what the
// first one bought: Rest is the quote that was to be carried out with it, void by now, whose request can be quoted again.
type HalfwayError struct {
	// Done is the receipt of the first transaction.
	Done *Receipt
	// First is the quote it carried out.
	First route.Quote
	// Rest is the quote that is left.
	Rest route.Quote
	// Err is why there is no second transaction. If it wraps [ErrUncertain], the second may still land.
	Err error
}

// Error is one line.
func (e *HalfwayError) Error() string {
	if e == nil {
		return "<nil>"
	}

	var done Receipt
	if e.Done != nil {
		done = *e.Done
	}
	text := fmt.Sprintf("the first of two transactions landed (%s) with at least %d of %s, the second did not: %v",
		done.Signature, e.First.MinOut, e.First.Request.To, e.Err)
	if !errors.Is(e.Err, ErrUncertain) {
		text += " (quote the rest again)"
	}
	return text
}

// Unwrap returns why there is no second transaction.
func (e *HalfwayError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Err
}

// executeApart carries out the two legs of a quote in a transaction each.
func (c *Client) executeApart(ctx context.Context, q route.Quote, o BuildOptions, signers []txn.Signer) (*Receipt, error) {
	first, rest := q.Legs[0], q.Legs[1]
	before := o
	if before.Seed != "" {
		before.Seed += "1"
	}
	unsigned, err := c.Build(ctx, first, before)
	if err != nil {
		return nil, err
	}
	done, err := c.signAndSend(ctx, unsigned, o, signers)
	if err != nil {
		return done, err
	}
	o.Lifetime = nil // It has grown old.
	// A node that does not know of the first transaction yet would tell what was before.
	c.seen.saw(done.Slot)
	unsigned, err = c.rebuild(ctx, rest, o)
	var receipt *Receipt
	if err == nil {
		receipt, err = c.signAndSend(ctx, unsigned, o, signers)
	}
	if receipt != nil {
		receipt.Previous = done
	}
	if err != nil {
		return receipt, &HalfwayError{Done: done, First: first, Rest: rest, Err: err}
	}
	return receipt, nil
}

// rebuild quotes a leg again, and builds its transaction unless it has become worse than its limit.
func (c *Client) rebuild(ctx context.Context, leg route.Quote, o BuildOptions) (*txn.Unsigned, error) {
	r := leg.Request
	r.MaxTransactions, r.Through = 1, nil
	market, known, err := c.gather(ctx, r, o)
	if err != nil {
		return nil, err
	}
	q, err := choose(market, r, o)
	if err == nil && worse(q, leg) {
		// Without slippage its limit may still do.
		r.SlippageBps = 0
		q, err = choose(market, r, o)
	}
	switch {
	case err != nil:
		return nil, err
	case worse(q, leg):
		return nil, fmt.Errorf("%w: %d for %d, where %d for %d was the limit", ErrWorse, q.MinOut, q.MaxIn, leg.MinOut, leg.MaxIn)
	}
	return c.buildWith(ctx, &q, o, known)
}

// worse says that a quote's limits are worse than those of another one.
func worse(q, than route.Quote) bool { return q.MinOut < than.MinOut || q.MaxIn > than.MaxIn }
