package sdk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// PriceSteps configures [Client.SendWithPriceSteps]. The zero value doubles the
// price at most three times, up to a priority fee of
// [DefaultMaxPriorityLamports].
type PriceSteps struct {
	// Steps is the highest number of raises. Zero means 3.
	Steps int
	// Percent is the price of each step in percent of the one before, more
	// than 100. Zero means 200.
	Percent uint64
	// MaxLamports limits the priority fee in lamports, like
	// PriorityFee.MaxLamports: no step exceeds it, and the last one may be
	// smaller because of it. Zero means [DefaultMaxPriorityLamports].
	MaxLamports uint64
	// Every is the time for which each step of a transaction with a durable
	// nonce is sent before the next one follows. Zero means 20 seconds. With a
	// blockhash, the next step follows the proof that the one before expired.
	Every time.Duration
}

const (
	defaultPriceSteps   = 3
	defaultPricePercent = 200
	defaultPriceEvery   = 20 * time.Second
)

// ErrPriceSteps is returned by [Client.SendWithPriceSteps] when PriceSteps is
// not valid. The text names the field.
var ErrPriceSteps = errors.New("price steps that cannot be taken")

// PriceStepsError is returned by [Client.SendWithPriceSteps] when the context
// ends while one of several transactions with the same nonce may still land. At
// most one of them can. It wraps [ErrUncertain]: do not build another one, and
// call [Client.Resume] with each of Sent, the last one first.
type PriceStepsError struct {
	// Sent are the transactions that were sent, in the order of their prices.
	Sent []*txn.Signed
	// Err is the reason why waiting ended.
	Err error
}

// Error returns one line.
func (e *PriceStepsError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("one of %d transactions with the same nonce may still land "+
		"(resume each of them): %v", len(e.Sent), e.Err)
}

// Unwrap returns the reason.
func (e *PriceStepsError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// SendWithPriceSteps signs and sends a transaction, and raises its compute unit
// price if it does not land. At most one of the transactions lands:
//
//   - With a blockhash, a step follows only when the transaction before is
//     proven to have expired, see [ErrExpired]. It gets a new blockhash.
//   - With a durable nonce, all steps use the same value of the nonce, of
//     which only one can land. A step follows after PriceSteps.Every.
//
// The receipt is that of the transaction that landed; its signature tells which
// one. The error is that of [Client.Send] for the last step, or a
// [*PriceStepsError]. The amounts of the quote stay the same in all steps. A
// transaction that was built without a price is sent only once.
//
// The signers are asked again for each step. A wallet that shows a prompt does
// so for each of them.
func (c *Client) SendWithPriceSteps(
	ctx context.Context,
	unsigned *txn.Unsigned,
	steps PriceSteps,
	signers []txn.Signer,
	opts ...SendOption,
) (*Receipt, error) {
	if err := steps.complete(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}

	signed, err := unsigned.Sign(ctx, signers...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}

	if unsigned.Lifetime().Durable() {
		return c.raiseWithNonce(ctx, signed, steps, signers, opts)
	}

	for range steps.Steps {
		receipt, err := c.Send(ctx, signed, opts...)
		if !errors.Is(err, ErrExpired) {
			return receipt, err
		}

		next, ok := steps.next(signed.Unsigned())
		if !ok {
			return receipt, err
		}

		lifetime, failed := c.lifetime(ctx, signed.Unsigned().Lifetime().Slot)
		if failed != nil {
			return receipt, fmt.Errorf("%w (cannot take the next step: %w)", err, failed)
		}

		renewed, failed := next.Renew(lifetime)
		if failed == nil {
			signed, failed = renewed.Sign(ctx, signers...)
		}

		if failed != nil {
			return receipt, fmt.Errorf("%w (cannot take the next step: %w)", err, failed)
		}
	}

	return c.Send(ctx, signed, opts...)
}

// complete fills in the defaults.
func (p *PriceSteps) complete() error {
	switch {
	case p.Steps < 0:
		return fmt.Errorf("%w: negative Steps", ErrPriceSteps)
	case p.Percent != 0 && p.Percent <= 100:
		return fmt.Errorf("%w: Percent is %d, not more than 100", ErrPriceSteps, p.Percent)
	case p.Every < 0:
		return fmt.Errorf("%w: negative Every", ErrPriceSteps)
	}

	if p.Steps == 0 {
		p.Steps = defaultPriceSteps
	}

	if p.Percent == 0 {
		p.Percent = defaultPricePercent
	}

	if p.MaxLamports == 0 {
		p.MaxLamports = DefaultMaxPriorityLamports
	}

	if p.Every == 0 {
		p.Every = defaultPriceEvery
	}
	return nil
}

// next returns the transaction with the next price. It reports false if the
// transaction has no price, or if the cap allows no higher one.
func (p *PriceSteps) next(unsigned *txn.Unsigned) (*txn.Unsigned, bool) {
	budget := unsigned.Budget()
	price, limit := budget.ComputeUnitPrice, budget.ComputeUnitLimit
	if price == 0 && limit > 0 {
		// A parsed transaction of version 1 states its fee instead.
		price = txn.ComputeUnitPriceFor(budget.PriorityLamports, limit)
	}

	raised, err := fixed.MulDivCeil(price, p.Percent, 100)
	highest := txn.ComputeUnitPriceFor(p.MaxLamports, limit)
	if err != nil || raised > highest {
		raised = highest
	}

	if price == 0 || raised <= price {
		return nil, false
	}

	next, err := unsigned.Reprice(raised)

	return next, err == nil
}

// raiseWithNonce sends transactions with rising prices and the same nonce.
func (c *Client) raiseWithNonce(
	ctx context.Context,
	signed *txn.Signed,
	steps PriceSteps,
	signers []txn.Signer,
	opts []SendOption,
) (*Receipt, error) {
	var sent []*txn.Signed
	for range steps.Steps {
		next, ok := steps.next(signed.Unsigned())
		if !ok {
			break
		}

		receipt, err := c.sendFor(ctx, steps.Every, signed, opts)
		switch {
		case errors.Is(err, ErrNotSent) && len(sent) == 0:
			return receipt, err
		case errors.Is(err, ErrNotSent):
			// Those before may still land.
			return c.settleNonce(ctx, sent, opts)
		case errors.Is(err, ErrExpired):
			return c.settleNonce(ctx, append(sent, signed), opts)
		case !errors.Is(err, ErrUncertain):
			return receipt, err
		}

		sent = append(sent, signed)
		if ctx.Err() != nil {
			return receipt, &PriceStepsError{Sent: sent, Err: err}
		}

		raised, err := next.Sign(ctx, signers...)
		if err != nil {
			return c.settleNonce(ctx, sent, opts)
		}

		signed = raised
	}

	if len(sent) == 0 {
		return c.Send(ctx, signed, opts...)
	}

	receipt, err := c.Send(ctx, signed, opts...)
	switch {
	case errors.Is(err, ErrExpired), errors.Is(err, ErrUncertain):
		return c.settleNonce(ctx, append(sent, signed), opts)
	case errors.Is(err, ErrNotSent):
		return c.settleNonce(ctx, sent, opts)
	}
	return receipt, err
}

// sendFor is [Client.Send] for a limited time.
func (c *Client) sendFor(
	ctx context.Context, limit time.Duration, signed *txn.Signed, opts []SendOption,
) (*Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return c.Send(ctx, signed, opts...)
}

// settleNonce waits until one of the transactions with the same nonce has
// landed, or none can. It resumes the last one until the nonce is used; the
// others are then looked up.
func (c *Client) settleNonce(
	ctx context.Context, sent []*txn.Signed, opts []SendOption,
) (*Receipt, error) {
	var receipt *Receipt
	var err error
	for i := len(sent) - 1; i >= 0; i-- {
		receipt, err = c.Resume(ctx, sent[i], opts...)
		switch {
		case errors.Is(err, ErrExpired):
		case errors.Is(err, ErrUncertain):
			return receipt, &PriceStepsError{Sent: sent, Err: err}
		default:
			return receipt, err
		}
	}
	return receipt, err
}
