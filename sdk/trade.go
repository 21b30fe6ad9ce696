package sdk

import (
	"context"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
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
	// Wrapped says that the user holds or wants wrapped SOL, see route.Request.
	Wrapped bool
	// LookAhead is how many slots may pass until the transaction lands, see route.Request.
	LookAhead uint64
	// Referrer receives the referral part of a pool's fee, see route.Request.
	Referrer solana.PublicKey
	// Deactivate starts the cooling down of a stake account that is received, see route.Request.
	Deactivate bool
	// MaxPrefund opens the Router's prefunded ways, see route.Request.
	MaxPrefund uint64
	// Recipient is the wallet that receives the outcome, if that is not the owner, see route.Request. What is not a wallet as far as the chain
	// knows is refused.
	Recipient solana.PublicKey
}

func (o TradeOptions) request(from, to solana.PublicKey, amount uint64) route.Request {
	return route.Request{
		From: from, To: to, Amount: amount, Side: o.Side, SlippageBps: o.SlippageBps, Crank: o.Crank, Wrapped: o.Wrapped,
		LookAhead: o.LookAhead, Referrer: o.Referrer, Deactivate: o.Deactivate, MaxPrefund: o.MaxPrefund,
		Recipient: o.Recipient,
	}
}

// Stake turns SOL into an LST: it loads the market, picks the best quote, and builds the transaction, ready to be signed. The
// amount is in lamports, or in base units of the LST for route.ExactOut.
func (c *Client) Stake(ctx context.Context, to solana.PublicKey, amount uint64, o TradeOptions) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, accounts.NativeMint, to, amount, o)
}

// Swap turns one LST into another by the best way there is. The amount is in base units of from, or of to for route.ExactOut.
func (c *Client) Swap(ctx context.Context, from, to solana.PublicKey, amount uint64, o TradeOptions) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, from, to, amount, o)
}

// Unstake turns an LST or a stake account into SOL at once, by the best way there is. From is the mint of the LST or the address of the
// stake account. The amount is in base units of the LST, or in lamports for route.ExactOut; of a stake account it is lamports, all of
// its balance or a part to split off.
func (c *Client) Unstake(ctx context.Context, from solana.PublicKey, amount uint64, o TradeOptions) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, from, accounts.NativeMint, amount, o)
}

// DepositStake turns a stake account into an LST. The amount is in lamports, all of its balance or a part to split off, or in base units
// of the LST for route.ExactOut.
func (c *Client) DepositStake(ctx context.Context, stake, to solana.PublicKey, amount uint64, o TradeOptions) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, stake, to, amount, o)
}

// WithdrawStake turns an LST into a stake account of the owner's, which is the cheapest way to SOL for who can wait: the quote says what
// remains to be done. The address of the account follows from BuildOptions.Seed. The amount is in base units of the LST, or lamports of
// stake for route.ExactOut.
func (c *Client) WithdrawStake(ctx context.Context, from solana.PublicKey, amount uint64, o TradeOptions) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, from, route.NativeStake, amount, o)
}

func (c *Client) trade(ctx context.Context, from, to solana.PublicKey, amount uint64, o TradeOptions) (*txn.Unsigned, route.Quote, error) {
	return c.prepare(ctx, o.request(from, to, amount), o.BuildOptions)
}

// prepare loads, quotes and builds.
func (c *Client) prepare(ctx context.Context, r route.Request, o BuildOptions) (*txn.Unsigned, route.Quote, error) {
	r = forOthers(r, o.Owner)
	if err := r.Check(); err != nil {
		return nil, route.Quote{}, err
	}
	market, known, err := c.gather(ctx, r, o)
	if err != nil {
		return nil, route.Quote{}, err
	}
	quote, err := market.Quote(r)
	if err != nil {
		return nil, route.Quote{}, err
	}
	unsigned, err := c.buildWith(ctx, quote, o, known)
	return unsigned, quote, err
}

// gather loads the market of a request, and along with it what its transaction will need.
func (c *Client) gather(ctx context.Context, r route.Request, o BuildOptions) (market *route.Market, known ready, err error) {
	known.lifetime = o.Lifetime
	group, ctx := errgroup.WithContext(ctx)
	c.checkRecipient(ctx, group, r, o.Owner, &known, 0)
	group.Go(func() (err error) {
		market, err = c.MarketFor(ctx, r)
		return err
	})
	if known.lifetime == nil && o.Nonce.IsZero() {
		group.Go(func() error {
			lifetime, err := c.lifetime(ctx, 0)
			known.lifetime = &lifetime
			return err
		})
	}
	if token, err := c.registry.ByMint(r.To); err == nil && r.To != accounts.NativeMint && !o.Owner.IsZero() {
		group.Go(func() (err error) {
			if known.account, err = accounts.AssociatedTokenAddress(o.Owner, token.TokenProgram, token.Mint); err == nil {
				known.held, err = c.held(ctx, known.account, 0)
			}
			return err
		})
	}
	return market, known, group.Wait()
}

// MarketFor loads the market that serves a request, whatever its amount: its tokens, or the stake account it is from, and no more than
// that takes. What is not the mint of an LST is taken for a stake account; an error that wraps lst.ErrUnknown says that it is neither.
func (c *Client) MarketFor(ctx context.Context, r route.Request) (*route.Market, error) {
	var tokens []lst.LST
	var stakes []solana.PublicKey
	for _, key := range []solana.PublicKey{r.From, r.To} {
		if key == accounts.NativeMint || key == route.NativeStake {
			continue
		}
		token, err := c.registry.ByMint(key)
		switch {
		case err == nil:
			tokens = append(tokens, token)
		case key == r.From:
			stakes = append(stakes, key)
		default:
			return nil, fmt.Errorf("load market: %w", err)
		}
	}
	loader := route.NewLoader(tokens...)
	if r.From == accounts.NativeMint {
		// Nobody gets an LST for SOL by moving stake.
		loader = loader.WithoutStake()
	} else if len(stakes) > 0 {
		loader = loader.WithStakeAccounts(stakes...)
	}
	market, err := c.MarketFrom(ctx, loader)
	if err != nil {
		return nil, err
	}
	for _, address := range stakes {
		if _, err := market.StakeAccount(address); err != nil {
			return nil, fmt.Errorf("%w: %s, nor is it a stake account: %w", lst.ErrUnknown, address, err)
		}
	}
	return market, nil
}

// Execute does it all: it loads the market, picks the best quote for the request, builds the transaction, lets the signers sign,
// sends it, and waits for what becomes of it. See [Client.Send] for the receipt and the error.
func (c *Client) Execute(ctx context.Context, r route.Request, o BuildOptions, signers ...txn.Signer) (*Receipt, route.Quote, error) {
	unsigned, quote, err := c.prepare(ctx, r, o)
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
