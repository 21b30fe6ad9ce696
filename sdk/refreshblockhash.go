package sdk

import (
	"context"
	"errors"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// RefreshBlockhash returns a transaction that did not land with a fresh
// blockhash, to be signed and sent again. It does so only when the first one is
// proven unable to land, and waits for that proof, without handing anything
// out.
//
// If the first one has landed after all, there is nothing to sign but its
// receipt, whose Err is returned, as from [Client.Send]. If the context ends
// before either is known, the error wraps [ErrUncertain]. The limits of the
// quote are those of the first transaction: if the price has moved beyond them,
// the second fails, too, and a new quote is in order.
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
