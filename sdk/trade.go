package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrTwoTransactions is returned by [Client.Stake], [Client.Swap],
// [Client.Unstake], [Client.DepositStake] and [Client.WithdrawStake] when
// Options.MaxTransactions allows two transactions and the best quote takes two.
// The quote is returned as well. Call [Client.Execute], or leave MaxTransactions
// at zero.
var ErrTwoTransactions = errors.New(
	"the best quote takes two transactions (call Execute, or leave MaxTransactions at zero)")

// TradeOptions are the choices of a trade besides its tokens and amount: how it
// is quoted, and how its transaction is built.
type TradeOptions struct {
	// Options are those of the request. Their UnitPrice only serves to compare
	// quotes; BuildOptions.Priority sets the price that the transaction bids.
	route.Options
	// BuildOptions tell for whom and how the transaction is built.
	BuildOptions
}

func (o TradeOptions) request(from, to solana.PublicKey, amount uint64) route.Request {
	return route.Request{
		From:    from,
		To:      to,
		Amount:  amount,
		Options: o.Options,
	}
}

// Stake turns SOL into an LST: it loads the market, picks the best quote, and builds the transaction, ready to be signed. The
// amount is in lamports, or in base units of the LST for route.ExactOut.
func (c *Client) Stake(
	ctx context.Context, to solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, accounts.NativeMint, to, amount, opts)
}

// Swap turns one LST into another by the best way there is. The amount is in base units of from, or of to for route.ExactOut.
func (c *Client) Swap(
	ctx context.Context, from, to solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, from, to, amount, opts)
}

// Unstake turns an LST or a stake account into SOL at once, by the best way there is. From is the mint of the LST or the address of the
// stake account. The amount is in base units of the LST, or in lamports for route.ExactOut; of a stake account it is lamports, all of
// its balance or a part to split off.
func (c *Client) Unstake(
	ctx context.Context, from solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, from, accounts.NativeMint, amount, opts)
}

// DepositStake turns a stake account into an LST. The amount is in lamports, all of its balance or a part to split off, or in base units
// of the LST for route.ExactOut.
func (c *Client) DepositStake(
	ctx context.Context, stake, to solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, stake, to, amount, opts)
}

// WithdrawStake turns an LST into a stake account of the owner's, which is the cheapest way to SOL for who can wait: the quote says what
// remains to be done. The address of the account follows from BuildOptions.Seed. The amount is in base units of the LST, or lamports of
// stake for route.ExactOut.
func (c *Client) WithdrawStake(
	ctx context.Context, from solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, from, route.NativeStake, amount, opts)
}

func (c *Client) trade(
	ctx context.Context, from, to solana.PublicKey, amount uint64, o TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	unsigned, quote, err := c.prepare(ctx, o.request(from, to, amount), o.BuildOptions)
	if err == nil && quote.Separate {
		return nil, quote, fmt.Errorf("trade: %w", ErrTwoTransactions)
	}
	return unsigned, quote, err
}

// prepare loads, quotes and builds.
func (c *Client) prepare(
	ctx context.Context, r route.Request, o BuildOptions,
) (*txn.Unsigned, route.Quote, error) {
	if err := c.usable(ctx); err != nil {
		return nil, route.Quote{}, fmt.Errorf("trade: %w", err)
	}

	r = forOthers(r, o.Owner)
	if err := r.Check(); err != nil {
		return nil, route.Quote{}, err
	}
	market, known, err := c.gather(ctx, r, o)
	if err != nil {
		return nil, route.Quote{}, err
	}
	if r.UnitPrice == 0 {
		r.UnitPrice = known.unitPrice
	}
	quote, err := choose(market, r, o)
	if err != nil || quote.Separate {
		return nil, quote, err
	}
	unsigned, err := c.buildWith(ctx, &quote, o, known)
	return unsigned, quote, err
}

// traded are the mints of a request. Trades that change their supply lock them for writing.
func traded(r route.Request) []solana.PublicKey {
	return slices.DeleteFunc([]solana.PublicKey{r.From, r.To}, func(key solana.PublicKey) bool {
		return key == accounts.NativeMint || key == route.NativeStake
	})
}

// choose is the best quote whose transaction fits with all that the options add to it: a sponsor, a nonce, a memo.
func choose(market *route.Market, r route.Request, o BuildOptions) (route.Quote, error) {
	quotes, rejected := market.Quotes(r)
	for _, q := range quotes {
		err := fits(q, o)
		if unfit(err) && len(q.Legs) > 1 && int(r.MaxTransactions) >= len(q.Legs) {
			q.Separate = true
		}
		if q.Separate {
			// When the first has landed it is too late to find that the second does not fit.
			err = fitApart(q.Legs, o)
		}
		switch {
		case err == nil:
			return q, nil
		case !unfit(err):
			return q, err
		}
		rejected = append(rejected, route.Rejected{Venue: q.Venue, Err: err})
	}
	if len(quotes) > 0 {
		return route.Quote{}, &route.NoRouteError{From: r.From, To: r.To, Rejected: rejected}
	}
	return market.Quote(r)
}

// unfit says that a transaction is too large, or names too many accounts.
func unfit(err error) bool {
	return errors.Is(err, txn.ErrTooLarge) || errors.Is(err, txn.ErrTooManyAccounts)
}

// fitApart says why one of several legs cannot have a transaction of its own.
func fitApart(legs []route.Quote, o BuildOptions) error {
	for _, leg := range legs {
		if err := fits(leg, o); err != nil {
			return err
		}
	}
	return nil
}

// fits says why a transaction cannot be made of a quote, by its size above all. What is only known later has no part in that.
func fits(q route.Quote, o BuildOptions) error {
	if o.Owner.IsZero() {
		return nil // Building says so.
	}
	if o.Payer.IsZero() {
		o.Payer = o.Owner
	}
	lifetime := txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1}
	if !o.Nonce.IsZero() {
		lifetime = txn.Lifetime{Blockhash: solana.Hash{1}, Nonce: txn.DurableNonce{Account: o.Nonce, Authority: o.Owner}}
	}
	plan, err := compose(&q, o, ready{lifetime: &lifetime, held: new(uint64)})
	if err != nil {
		return err
	}
	plan.Budget = txn.ComputeBudget{UnitLimit: maxUnitLimit, UnitPrice: 1}
	if o.Priority.None {
		plan.Budget.UnitPrice = 0
	}
	_, err = plan.Compile()
	return err
}

// gather loads the market of a request, and along with it what its transaction will need.
//
// What the client learns first there is nothing to hold against. If the rest shows that its slot cannot be, it is loaded again.
func (c *Client) gather(
	ctx context.Context, r route.Request, o BuildOptions,
) (*route.Market, ready, error) {
	market, known, err := c.gatherOnce(ctx, r, o)
	if err != nil || c.seen.plausible(known.latest()) {
		return market, known, err
	}
	return c.gatherOnce(ctx, r, o)
}

func (c *Client) gatherOnce(
	ctx context.Context, r route.Request, o BuildOptions,
) (market *route.Market, known ready, err error) {
	known.lifetime, known.unitPrice = o.kept(), r.UnitPrice
	want := wanted{recipient: unseenRecipient(r, o.Owner, &known), nonce: o.Nonce}
	if o.checksPayer() {
		want.payer = o.payer()
		if want.source, err = c.paysFrom(r, o.Owner); err != nil {
			return nil, ready{}, err
		}
	}
	if token, err := c.registry.ByMint(r.To); err == nil && r.To != accounts.NativeMint && !o.Owner.IsZero() {
		if want.token, err = accounts.AssociatedTokenAddress(o.Owner, token.TokenProgram, token.Mint); err != nil {
			return nil, ready{}, err
		}
	}

	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		market, err = c.MarketFor(groupCtx, r)
		return err
	})
	if len(want.keys()) > 0 {
		slot := c.seen.slot.Load()
		group.Go(func() error { return c.look(groupCtx, want, slot, &known) })
	}
	if known.lifetime == nil && o.Nonce.IsZero() {
		group.Go(func() error {
			lifetime, err := c.lifetime(groupCtx, 0)
			known.lifetime = &lifetime
			return err
		})
	}
	if r.UnitPrice != 0 {
		o.Priority.None = true // It is known already.
	}
	asked := c.askUnitPrice(ctx, traded(r), o.Priority)
	defer asked.stop()
	if err := group.Wait(); err != nil {
		return nil, ready{}, err
	}
	if known.unitPrice == 0 {
		known.unitPrice = min(c.unitPrice(ctx, asked, 0), txn.UnitPriceFor(o.Priority.limit(), typicalUnits))
	}
	return market, known, nil
}

// MarketFor loads the market that serves a request, whatever its amount: its tokens, or the stake account it is from, those it
// may go through, and no more than that takes. What is not the mint of an LST is taken for a stake account; an error that wraps lst.ErrUnknown says that it is neither.
func (c *Client) MarketFor(ctx context.Context, req route.Request) (*route.Market, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("load market: %w", err)
	}

	var tokens []lst.LST
	var stakes []solana.PublicKey
	for _, key := range append([]solana.PublicKey{req.From, req.To}, req.Through...) {
		if key == accounts.NativeMint || key == route.NativeStake {
			continue
		}
		token, err := c.registry.ByMint(key)
		switch {
		case err == nil:
			tokens = append(tokens, token)
		case key == req.From:
			stakes = append(stakes, key)
		default:
			return nil, fmt.Errorf("load market: %w", err)
		}
	}
	loader := route.NewLoader(tokens...)
	if req.From == accounts.NativeMint {
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
// BuildOptions.SendOptions are those of Send, for example [WithProgress].
//
// If the request allows two transactions and the best way takes them, the second is quoted, built and signed after the first has landed,
// and is not sent if it would pay less than the limit of the first quote. The receipt is that of the second, with the first in
// Receipt.Previous. If there is no second, or it failed, the error is a [*HalfwayError]: what the first one bought is in the wallet.
func (c *Client) Execute(
	ctx context.Context, req route.Request, opts BuildOptions, signers ...txn.Signer,
) (*Receipt, route.Quote, error) {
	unsigned, quote, err := c.prepare(ctx, req, opts)
	if err != nil {
		return nil, quote, err
	}
	if quote.Separate {
		receipt, err := c.executeApart(ctx, quote, opts, signers)
		return receipt, quote, err
	}
	receipt, err := c.signAndSend(ctx, unsigned, opts, signers)
	return receipt, quote, err
}

func (c *Client) signAndSend(
	ctx context.Context, unsigned *txn.Unsigned, o BuildOptions, signers []txn.Signer,
) (*Receipt, error) {
	signed, err := unsigned.Sign(ctx, signers...)
	if err != nil {
		return nil, err
	}
	return c.Send(ctx, signed, o.SendOptions...)
}
