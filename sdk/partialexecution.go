package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrPriceMoved is returned by [Client.Execute], in a [PartialExecutionError],
// when the new quote of the second transaction is worse than the limits of the
// first quote. The second transaction is not sent. Quote
// PartialExecutionError.RemainingQuote.Request again.
var ErrPriceMoved = errors.New(
	"the price has moved beyond the limits of the quote (quote the remaining trade again)",
)

// PartialExecutionError is returned by [Client.Execute] when the first of two
// transactions landed, and the second did not or may not have landed. The
// wallet holds the output of the first one. To continue, quote
// RemainingQuote.Request again; the amounts of RemainingQuote itself are out of
// date.
type PartialExecutionError struct {
	// FirstReceipt is the receipt of the first transaction.
	FirstReceipt *Receipt
	// FirstQuote is the quote of the first transaction.
	FirstQuote route.Quote
	// RemainingQuote is the quote of the second transaction, made before the
	// first one was sent.
	RemainingQuote route.Quote
	// Err is the failure of the second transaction. If it wraps [ErrUncertain],
	// the second transaction may still land.
	Err error
}

// Error returns one line.
func (e *PartialExecutionError) Error() string {
	if e == nil {
		return "<nil>"
	}

	var done Receipt
	if e.FirstReceipt != nil {
		done = *e.FirstReceipt
	}

	text := fmt.Sprintf(
		"the first of two transactions landed (%s) with at least %d base units of %s, the second failed: %v",
		done.Signature,
		e.FirstQuote.MinOut,
		e.FirstQuote.Request.To,
		e.Err,
	)
	if !errors.Is(e.Err, ErrUncertain) {
		text += " (quote the remaining trade again)"
	}

	return text
}

// Unwrap returns the failure of the second transaction.
func (e *PartialExecutionError) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Err
}

// executeInTwo executes the two legs of a quote in two transactions.
func (c *Client) executeInTwo(
	ctx context.Context,
	q route.Quote,
	o BuildOptions,
	signers []txn.Signer,
) (*Receipt, error) {
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

	o.Lifetime = nil // It is too old for the second transaction.
	// A node that does not know the first transaction yet would report the
	// accounts before it.
	c.seen.sawLanded(done.Slot)
	unsigned, err = c.requote(ctx, rest, o)
	var receipt *Receipt
	if err == nil {
		receipt, err = c.signAndSend(ctx, unsigned, o, signers)
	}

	if receipt != nil {
		receipt.Previous = done
	}

	if err != nil {
		return receipt, &PartialExecutionError{
			FirstReceipt:   done,
			FirstQuote:     first,
			RemainingQuote: rest,
			Err:            err,
		}
	}

	return receipt, nil
}

// requote quotes a leg again and builds its transaction. It returns
// [ErrPriceMoved] if the new quote is worse than the limits of the leg.
func (c *Client) requote(
	ctx context.Context,
	leg route.Quote,
	o BuildOptions,
) (*txn.Unsigned, error) {
	r := leg.Request
	r.MaxTransactions, r.Intermediates = 1, nil
	market, known, err := c.prefetch(ctx, r, o)
	if err != nil {
		return nil, err
	}

	if err := c.useVersions(ctx, &r, &o); err != nil {
		return nil, err
	}

	q, err := bestFitting(market, r, o)
	if err == nil && hasWorseLimits(q, leg) {
		// Without slippage the quote may still meet the limits.
		r.SlippageBps = 0
		q, err = bestFitting(market, r, o)
	}

	switch {
	case err != nil:
		return nil, err
	case hasWorseLimits(q, leg):
		return nil, fmt.Errorf("%w: at least %d for at most %d, limits %d for %d", ErrPriceMoved,
			q.MinOut, q.MaxIn, leg.MinOut, leg.MaxIn)
	}

	return c.buildWith(ctx, &q, o, known)
}

// hasWorseLimits reports whether a quote has worse limits than another one.
func hasWorseLimits(q, than route.Quote) bool {
	return q.MinOut < than.MinOut || q.MaxIn > than.MaxIn
}
