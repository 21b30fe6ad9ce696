package sdk

import (
	"cmp"
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
// Options.MaxTransactions allows two transactions and the best quote requires
// two. They return the quote as well. Call [Client.Execute], or leave
// MaxTransactions at zero.
var ErrTwoTransactions = errors.New(
	"the best quote requires two transactions (call Execute, or leave MaxTransactions at zero)")

// DefaultSlippageBps is the slippage of the client's trades if neither
// SlippageBps nor NoSlippage is set: 10 basis points, or 0.1 %. A market takes
// a SlippageBps of zero literally.
const DefaultSlippageBps = 10

// withDefaultSlippage returns the request with the default slippage unless it
// sets another one.
func withDefaultSlippage(r route.Request) route.Request {
	if r.SlippageBps == 0 && !r.NoSlippage {
		r.SlippageBps = DefaultSlippageBps
	}
	return r
}

// TradeOptions configures a trade: how it is quoted and how its transaction is
// built. BuildOptions.Owner is required.
type TradeOptions struct {
	// Options configure the quote. Their ComputeUnitPrice only serves to
	// compare quotes; BuildOptions.Priority sets the price that the transaction
	// pays.
	route.Options
	// BuildOptions configure the transaction.
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

// Stake builds a transaction that stakes SOL for an LST by the best route. It
// loads the market, selects the best quote and returns the transaction, ready
// to be signed.
//
// amount is in lamports, or in base units of the LST with [route.ExactOut].
func (c *Client) Stake(
	ctx context.Context, to solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, accounts.NativeMint, to, amount, opts)
}

// Swap builds a transaction that swaps one LST for another by the best route.
//
// amount is in base units of from, or in base units of to with
// [route.ExactOut].
func (c *Client) Swap(
	ctx context.Context, from, to solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, from, to, amount, opts)
}

// Unstake builds a transaction that sells an LST or a stake account for SOL by
// the best route, without waiting for the end of the epoch.
//
// from is the mint of the LST or the address of the stake account. amount is in
// base units of the LST, or in lamports of SOL with [route.ExactOut]. For a
// stake account it is in lamports: its whole balance, a part that is split off,
// or lamports that it has beyond its stake and rent.
func (c *Client) Unstake(
	ctx context.Context, from solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, from, accounts.NativeMint, amount, opts)
}

// DepositStake builds a transaction that deposits a stake account for an LST by
// the best route.
//
// amount is in lamports, either the whole balance of the stake account or a
// part that is split off, or in base units of the LST with [route.ExactOut].
func (c *Client) DepositStake(
	ctx context.Context, stake, to solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, stake, to, amount, opts)
}

// WithdrawStake builds a transaction that redeems an LST for a stake account of
// the owner. It is usually the cheapest route to SOL for users who can wait
// until the end of the epoch: route.Quote.RemainingSteps lists what remains to
// be done. With Options.Deactivate the stake starts to cool down in the same
// transaction.
//
// amount is in base units of the LST, or in lamports of stake with
// [route.ExactOut]. To know the address of the stake account in advance, set
// BuildOptions.Seed and derive it with [accounts.SeededStakeAccount]. If no
// single validator of a stake pool has the stake, it comes from several of
// them, into a stake account each: route.Quote.StakeAccounts lists them.
func (c *Client) WithdrawStake(
	ctx context.Context, from solana.PublicKey, amount uint64, opts TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	return c.trade(ctx, from, route.NativeStake, amount, opts)
}

func (c *Client) trade(
	ctx context.Context, from, to solana.PublicKey, amount uint64, o TradeOptions,
) (*txn.Unsigned, route.Quote, error) {
	unsigned, quote, err := c.prepare(ctx, o.request(from, to, amount), o.BuildOptions)
	if err == nil && quote.NeedsTwoTransactions {
		return nil, quote, fmt.Errorf("trade: %w", ErrTwoTransactions)
	}
	return unsigned, quote, err
}

// prepare loads the market, selects a quote and builds the transaction.
func (c *Client) prepare(
	ctx context.Context, r route.Request, o BuildOptions,
) (*txn.Unsigned, route.Quote, error) {
	if err := c.usable(ctx); err != nil {
		return nil, route.Quote{}, fmt.Errorf("trade: %w", err)
	}

	r = withDefaultSlippage(dropSelfRecipient(r, o.Owner))
	if err := r.Check(); err != nil {
		return nil, route.Quote{}, err
	}

	market, known, err := c.prefetch(ctx, r, o)
	if err != nil {
		return nil, route.Quote{}, err
	}

	if err := c.useVersions(ctx, &r, &o); err != nil {
		return nil, route.Quote{}, err
	}

	if r.ComputeUnitPrice == 0 {
		r.ComputeUnitPrice = known.unitPrice
	}

	if o, err = c.withLegs(ctx, o, 0); err != nil {
		return nil, route.Quote{}, fmt.Errorf("trade: %w", err)
	}

	quote, err := bestFitting(market, r, o)
	if err != nil || quote.NeedsTwoTransactions {
		return nil, quote, err
	}

	unsigned, err := c.buildWith(ctx, &quote, o, known)

	return unsigned, quote, err
}

// writableMints returns the mints of a request. Transactions that mint or burn
// tokens lock them for writing.
func writableMints(r route.Request) []solana.PublicKey {
	return slices.DeleteFunc([]solana.PublicKey{r.From, r.To}, func(key solana.PublicKey) bool {
		return key == accounts.NativeMint || key == route.NativeStake
	})
}

// bestFitting returns the best quote whose transaction fits with everything
// that the options add: a fee payer, a nonce, a memo.
func bestFitting(market *route.Market, r route.Request, o BuildOptions) (route.Quote, error) {
	quotes, rejected := market.Quotes(r)
	fee := r.IntegratorFee
	if fee.BPS != 0 || fee.Amount != 0 {
		r.MaxTransactions = 1 // The legs of two transactions pay no such fee.
	}

	for _, q := range quotes {
		err := checkFits(q, o)
		if isSizeError(err) && len(q.Legs) > 1 && int(r.MaxTransactions) >= len(q.Legs) {
			q.NeedsTwoTransactions = true
		}

		switch {
		case q.NeedsTwoTransactions && o.hasSteps():
			err = cmp.Or(err, errStepsInOne)
		case q.NeedsTwoTransactions:
			// Check this before the first transaction is sent.
			err = checkEachFits(q.Legs, o)
		}

		switch {
		case err == nil:
			return q, nil
		case !isSizeError(err) && !errors.Is(err, ErrStepConflict):
			return q, err
		}

		rejected = append(rejected, route.Rejection{Venue: q.Venue, Err: err})
	}

	if len(quotes) > 0 {
		return route.Quote{}, &route.NoRouteError{
			From:       r.From,
			To:         r.To,
			Rejections: rejected,
		}
	}

	return market.Quote(r)
}

// errStepsInOne is the reason why a route of two transactions takes no steps of
// the caller.
var errStepsInOne = fmt.Errorf("%w: the route takes two transactions", ErrStepConflict)

// isSizeError reports whether a transaction is too large or has too many
// accounts.
func isSizeError(err error) bool {
	return errors.Is(err, txn.ErrTransactionTooLarge) ||
		errors.Is(err, txn.ErrTooManyAccounts) || errors.Is(err, txn.ErrVersionLimit)
}

// checkEachFits returns an error if one of several legs does not fit into a
// transaction of its own.
func checkEachFits(legs []route.Quote, o BuildOptions) error {
	for _, leg := range legs {
		if err := checkFits(leg, o); err != nil {
			return err
		}
	}
	return nil
}

// checkFits returns an error if a quote's transaction cannot be compiled, for
// example because it is too large. It uses placeholders for values that are
// read later.
func checkFits(q route.Quote, o BuildOptions) error {
	if o.Owner.IsZero() {
		return nil // Build returns the error.
	}

	if o.Payer.IsZero() {
		o.Payer = o.Owner
	}

	lifetime := txn.Lifetime{Blockhash: solana.Hash{1}, LastValidBlockHeight: 1}
	if !o.Nonce.IsZero() {
		lifetime = txn.Lifetime{Blockhash: solana.Hash{1},
			Nonce: txn.DurableNonce{Account: o.Nonce, Authority: o.Owner}}
	}

	composed, err := compose(&q, o, prefetched{lifetime: &lifetime, tokenBalance: new(uint64)})
	if err != nil {
		return err
	}

	guards, err := composed.guardPlaceholders(&q, o)
	if err != nil {
		return err
	}

	plan := composed.plan(o)
	plan.Steps = append(plan.Steps, guards...)
	plan.Budget = largestBudget(o.Priority)
	_, err = plan.Compile()

	return err
}

// prefetch loads the market of a request and, at the same time, the accounts
// that its transaction requires.
//
// The first answers of a client cannot be compared with earlier ones. If the
// others show that the slot of one of them is impossible, everything is loaded
// again.
func (c *Client) prefetch(
	ctx context.Context, r route.Request, o BuildOptions,
) (*route.Market, prefetched, error) {
	market, known, err := c.prefetchOnce(ctx, r, o)
	if err != nil || c.seen.plausible(known.latest()) {
		return market, known, err
	}
	return c.prefetchOnce(ctx, r, o)
}

func (c *Client) prefetchOnce(
	ctx context.Context, r route.Request, o BuildOptions,
) (market *route.Market, known prefetched, err error) {
	known.lifetime, known.unitPrice = o.kept(), r.ComputeUnitPrice
	want := wanted{recipient: uncheckedRecipient(r, o.Owner, &known), nonce: o.Nonce}
	want.vault = isVault(r, want.recipient)
	if o.checksPayer() {
		want.payer = o.payer()
	}

	if o.checksPayer() || o.closesEmptied() {
		if want.source, err = c.paysFrom(r, o.Owner); err != nil {
			return nil, prefetched{}, err
		}
	}

	want.named = namedBy(r, o.Owner)
	if want.token, err = c.paysInto(r, o.Owner); err != nil {
		return nil, prefetched{}, err
	}

	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		market, err = c.LoadMarketForRequest(groupCtx, r)
		return err
	})
	if len(want.keys()) > 0 {
		slot := c.seen.slot.Load()
		group.Go(func() error { return c.readWanted(groupCtx, want, slot, &known) })
	}

	if slices.Contains(o.Versions, txn.Version1) {
		group.Go(func() error {
			_, err := c.takesVersion1(groupCtx)
			return err
		})
	}

	// With a nonce, readWanted sets the lifetime.
	if o.Nonce.IsZero() && known.lifetime == nil {
		group.Go(func() error {
			lifetime, err := c.lifetime(groupCtx, 0)
			known.lifetime = &lifetime
			return err
		})
	}

	if r.ComputeUnitPrice != 0 {
		o.Priority.None = true // The price is known.
	}

	asked := c.askUnitPrice(ctx, writableMints(r), o.Priority)
	defer asked.stop()
	if err := group.Wait(); err != nil {
		return nil, prefetched{}, err
	}

	if known.unitPrice == 0 {
		known.unitPrice = min(c.unitPrice(ctx, asked, 0),
			txn.ComputeUnitPriceFor(o.Priority.limit(), typicalUnits))
	}

	return market, known, nil
}

// LoadMarketForRequest loads the market for a request, whatever its amount: its
// two tokens, or the stake account that it sells, and its Intermediates. It
// loads no more accounts than the request requires.
//
// An address in From that is not the mint of a known LST counts as a stake
// account. If it is not a stake account either, the error wraps
// [lst.ErrUnknownLST], unless the client discovers tokens, see [WithDiscovery].
func (c *Client) LoadMarketForRequest(
	ctx context.Context,
	req route.Request,
) (*route.Market, error) {
	if err := c.usable(ctx); err != nil {
		return nil, fmt.Errorf("load market: %w", err)
	}

	return c.loadFor(ctx, req, func(l requestLoader) *route.Loader {
		if req.From == accounts.NativeMint && !l.lido {
			// No route from SOL to an LST moves stake. An update of Lido's
			// exchange rate needs the accounts of its stake.
			return l.loader.WithoutStake()
		}

		return l.loader
	})
}

// requestLoader is the loader of a request's market.
type requestLoader struct {
	loader *route.Loader
	// isStake reports whether From is no known LST, so that it must be a stake
	// account. lido reports whether one of the tokens is Lido's.
	isStake, lido bool
}

// loaderFor returns the loader of a request's market, with the routes that move
// stake.
func (c *Client) loaderFor(
	ctx context.Context, req route.Request,
) (l requestLoader, err error) {
	var tokens []lst.LST
	for _, key := range append([]solana.PublicKey{req.From, req.To}, req.Intermediates...) {
		if key == accounts.NativeMint || key == route.NativeStake {
			continue
		}

		// The first address may be that of a stake account.
		known, err := c.lsts().ByMint(key)
		if key == req.From && err != nil {
			l.isStake = true
			continue
		}

		if err != nil || known.Unverified {
			if known, err = c.token(ctx, key); err != nil {
				return l, fmt.Errorf("load market: %w", err)
			}
		}

		tokens = append(tokens, known)
	}

	l.loader = route.NewLoader(tokens...)
	l.lido = slices.ContainsFunc(tokens, func(t lst.LST) bool { return t.Kind == lst.KindLido })
	switch {
	case l.isStake:
		l.loader = l.loader.WithMergedStake(req.From, req.MergeStake...)
	case req.To == route.NativeStake:
		l.loader = l.loader.WithStakeSources(route.MostStakeAccounts)
	}

	return l, nil
}

// loadFor loads a request's market, with what adapt adds to its loader or
// omits. It refuses an address in From that is no stake account either. If From
// turns out to be a token that the client discovers, the market is loaded anew.
func (c *Client) loadFor(
	ctx context.Context, req route.Request, adapt func(requestLoader) *route.Loader,
) (*route.Market, error) {
	l, err := c.loaderFor(ctx, req)
	if err != nil {
		return nil, err
	}

	market, err := c.LoadMarketWith(ctx, adapt(l))
	if err != nil || !l.isStake {
		return market, err
	}

	_, err = market.StakeAccount(req.From)
	if err != nil && c.tokens.opts != nil && len(req.MergeStake) == 0 {
		if _, failure := c.token(ctx, req.From); failure == nil {
			return c.loadFor(ctx, req, adapt)
		} else if !isNoToken(failure) {
			return nil, fmt.Errorf("load market: %w", failure)
		}
	}

	switch {
	case err == nil:
		return market, nil
	case len(req.MergeStake) > 0:
		return nil, fmt.Errorf("load market: merge stake accounts: %w", err)
	}

	return nil, fmt.Errorf("%w: %s, nor is it a stake account: %w", lst.ErrUnknownLST, req.From,
		err)
}

// Execute executes a request in one call: it loads the market, selects the best
// quote, builds and signs the transaction, and sends it. See [Client.Send] for
// the receipt and the error. To follow the progress, set
// BuildOptions.SendOptions to [WithProgress].
//
// If the request allows two transactions and the best route requires them, the
// second one is quoted, built and signed after the first has landed. It is not
// sent if it would yield less than the limit of the first quote. The receipt is
// that of the second transaction, with the first one in Receipt.Previous. If
// the second transaction is not sent or fails, the error is a
// [*PartialExecutionError], and the wallet holds the output of the first one.
func (c *Client) Execute(
	ctx context.Context, req route.Request, opts BuildOptions, signers ...txn.Signer,
) (*Receipt, route.Quote, error) {
	versions, err := takenBy(opts.Versions, signers)
	if err != nil {
		return nil, route.Quote{}, err
	}

	opts.Versions = versions
	unsigned, quote, err := c.prepare(ctx, req, opts)
	if err != nil {
		return nil, quote, err
	}

	if quote.NeedsTwoTransactions {
		receipt, err := c.executeInTwo(ctx, quote, opts, signers)
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
