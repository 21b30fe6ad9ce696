package sdk

import (
	"context"
	"errors"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// RefreshBlockhash returns a copy of a transaction with a new blockhash, to be
// signed and sent again. It first waits for proof that the first transaction
// can no longer land, without broadcasting it.
//
// If the first transaction has landed, RefreshBlockhash returns its receipt and
// no transaction; the error is Receipt.Err, as from [Client.Send]. If the
// context ends before the outcome is known, the error wraps [ErrUncertain]. A
// transaction with a durable nonce, or with a generated StakeKeypair, cannot be
// refreshed: build it again.
//
// The new transaction keeps the amounts of the quote. If the price has moved
// beyond them, it fails; request a new quote.
func (c *Client) RefreshBlockhash(
	ctx context.Context,
	signed *txn.Signed,
	opts ...SendOption,
) (*txn.Unsigned, *Receipt, error) {
	receipt, err := c.send(ctx, signed, runWatch, opts)
	if !errors.Is(err, ErrExpired) {
		return nil, receipt, err
	}
	lifetime, err := c.lifetime(ctx, signed.Unsigned().Lifetime().Slot)
	if err != nil {
		return nil, nil, err
	}
	renewed, err := signed.Unsigned().Renew(lifetime)
	return renewed, nil, err
}
