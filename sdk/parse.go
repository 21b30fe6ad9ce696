package sdk

import (
	"context"
	"fmt"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Parse is like [txn.Parse] for a transaction that may use lookup tables, which
// it reads from the chain. Services use it to send what another process built
// and a wallet signed:
//
//	partial, err := client.Parse(ctx, text, lifetime)
//	signed, err := partial.Signed()
//	receipt, err := client.Send(ctx, signed)
//
// A transaction without lookup tables needs no request. Parse does not check
// what the transaction does; see [Client.Review].
//
// Besides the errors of [txn.Parse], it returns [txn.ErrLookupTable] if a table
// does not exist or is not usable now, and the errors of the nodes.
func (c *Client) Parse(
	ctx context.Context,
	transaction string,
	lifetime txn.Lifetime,
) (*txn.Partial, error) {
	partial, err := c.parse(ctx, transaction, lifetime)
	if err != nil {
		return nil, fmt.Errorf("parse transaction: %w", err)
	}
	return partial, nil
}

func (c *Client) parse(
	ctx context.Context,
	transaction string,
	lifetime txn.Lifetime,
) (*txn.Partial, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}

	envelope, err := txn.ReadEnvelope(transaction)
	if err != nil {
		return nil, err
	}

	tables, err := c.lookupTables(ctx, envelope.LookupTables)
	if err != nil {
		return nil, err
	}
	return txn.ParseVouched(transaction, lifetime, tables...)
}
