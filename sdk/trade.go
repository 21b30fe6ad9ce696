package sdk

import (
	"context"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TradeOptions are the choices of a trade beside its tokens and amount.
type TradeOptions struct {
	BuildOptions
	// Side says whether the amount is what is paid (the default) or what is received at least.
	Side route.Side
	// SlippageBps is by how many basis points the outcome may be worse than quoted before the transaction fails.
	SlippageBps uint16
	// Crank lets a pool that is behind by an epoch be updated in the same transaction, where that is possible.
	Crank bool
	// Referrer receives the referral part of a pool's fee, see route.Request.
	Referrer solana.PublicKey
}

// Stake turns SOL into an LST: it loads the market, picks the best quote, and builds the transaction, ready to be signed. The
// amount is in lamports, or in base units of the LST for route.ExactOut.
func (c *Client) Stake(ctx context.Context, to solana.PublicKey, amount uint64, o TradeOptions) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, accounts.NativeMint, to, amount, o)
}

func (c *Client) trade(ctx context.Context, from, to solana.PublicKey, amount uint64, o TradeOptions) (*txn.Unsigned, route.Quote, error) {
	r := route.Request{
		From: from, To: to, Amount: amount, Side: o.Side, SlippageBps: o.SlippageBps, Crank: o.Crank, Referrer: o.Referrer,
	}
	if err := r.Check(); err != nil {
		return nil, route.Quote{}, err
	}
	market, err := c.Market(ctx, from, to)
	if err != nil {
		return nil, route.Quote{}, err
	}
	quote, err := market.Quote(r)
	if err != nil {
		return nil, route.Quote{}, err
	}
	unsigned, err := c.Build(ctx, quote, o.BuildOptions)
	return unsigned, quote, err
}

// Execute does it all: it loads the market, picks the best quote for the request, builds the transaction, lets the signers sign,
// sends it, and waits for what becomes of it. See [Client.Send] for the receipt and the error.
func (c *Client) Execute(ctx context.Context, r route.Request, o BuildOptions, signers ...txn.Signer) (*Receipt, route.Quote, error) {
	unsigned, quote, err := c.trade(ctx, r.From, r.To, r.Amount, TradeOptions{
		BuildOptions: o, Side: r.Side, SlippageBps: r.SlippageBps, Crank: r.Crank, Referrer: r.Referrer,
	})
	if err != nil {
		return nil, quote, err
	}
	signed, err := unsigned.Sign(ctx, signers...)
	if err != nil {
		return nil, quote, err
	}
	receipt, err := c.Send(ctx, signed)
	return receipt, quote, err
}
