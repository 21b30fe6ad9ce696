package sdk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// mostValuedStakes is the highest number of stake accounts that are quoted. A
// market needs several accounts for each of them.
const mostValuedStakes = 100

// marinadePool reads Marinade's pool with what a claim needs. The addresses are
// those of its instructions.
func (c *Client) marinadePool(
	ctx context.Context, slot uint64,
) (pool quote.MarinadeState, reserve solana.PublicKey, err error) {
	address, program := accounts.MarinadeStateAddress, accounts.MarinadeProgram
	if reserve, err = accounts.MarinadeReserve(program, address); err != nil {
		return pool, reserve, err
	}

	set, err := c.readAccounts(ctx,
		[]solana.PublicKey{address, reserve, accounts.ClockSysvar, accounts.RentSysvar}, slot)
	if err != nil {
		return pool, reserve, err
	}

	state, err := accounts.Load(set, address, accounts.DecodeMarinadeState)
	if err != nil {
		return pool, reserve, err
	}

	clock, err := accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return pool, reserve, err
	}

	rent, err := accounts.Load(set, accounts.RentSysvar, accounts.DecodeRent)
	if err != nil {
		return pool, reserve, err
	}

	held, err := set.Get(reserve)
	if err != nil {
		return pool, reserve, err
	}

	return quote.MarinadeState{
		Program:         program,
		Address:         address,
		State:           *state,
		Clock:           *clock,
		Rent:            *rent,
		ReserveLamports: held.Lamports,
	}, reserve, nil
}

// value loads the market of the holdings and quotes them.
func (l *holdingsLoader) value(ctx context.Context) error {
	held := l.heldTokens()
	stakes := l.valuedStakes()
	if len(held)+len(stakes) == 0 {
		return nil
	}

	into, err := l.depositTokens(held, stakes)
	if err != nil {
		return err
	}

	tokens := slices.Clone(into)
	for _, token := range held {
		tokens = appendToken(tokens, token)
	}

	if l.found.blocked, _, err = l.client.blockedTokens(ctx, l.owner, tokens,
		l.found.Slot); err != nil {
		return err
	}

	markets, err := l.client.tokenMarkets(ctx, into, held, stakes)
	if ended := ctx.Err(); ended != nil {
		return ended
	}

	if err != nil {
		l.gap(HoldingPrices, err)
		l.unvalued(err)
		return nil
	}

	for i := range l.found.LSTs {
		l.valueLST(markets.of(l.found.LSTs[i].LST.Mint), &l.found.LSTs[i])
	}

	for i := range l.found.Stakes {
		l.valueStake(markets.full, &l.found.Stakes[i], into, stakes)
	}

	slices.SortFunc(l.found.LSTs, func(a, b LSTHolding) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), accounts.CompareKeys(a.Account, b.Account))
	})
	return nil
}

// unvalued records why nothing has a price.
func (l *holdingsLoader) unvalued(err error) {
	for i := range l.found.LSTs {
		l.found.LSTs[i].PriceErr, l.found.LSTs[i].SaleErr = err, err
	}
	for i := range l.found.Stakes {
		l.found.Stakes[i].DepositErr = err
	}
}

// heldTokens returns the LSTs that the owner has.
func (l *holdingsLoader) heldTokens() []lst.LST {
	var tokens []lst.LST
	for i := range l.found.LSTs {
		tokens = appendToken(tokens, l.found.LSTs[i].LST)
	}
	return tokens
}

// appendToken appends an LST if its mint is not in the list.
func appendToken(tokens []lst.LST, token lst.LST) []lst.LST {
	if slices.ContainsFunc(tokens, func(t lst.LST) bool { return t.Mint == token.Mint }) {
		return tokens
	}
	return append(tokens, token)
}

// valuedStakes returns the stake accounts that may be deposited, with most
// lamports first.
func (l *holdingsLoader) valuedStakes() []solana.PublicKey {
	var keys []solana.PublicKey
	for i := range l.found.Stakes {
		s := &l.found.Stakes[i]
		if s.IsWithdrawer && !s.Locked && len(keys) < mostValuedStakes &&
			(s.Status == StakeStatusActive || s.Status == StakeStatusActivating) {
			keys = append(keys, s.Address)
		}
	}
	return keys
}

// depositTokens returns the LSTs for which stake accounts are quoted.
func (l *holdingsLoader) depositTokens(
	held []lst.LST, stakes []solana.PublicKey,
) ([]lst.LST, error) {
	if len(stakes) == 0 {
		return nil, nil
	}

	var into []lst.LST
	for _, mint := range l.opts.DepositInto {
		token, err := l.client.lsts().ByMint(mint)
		if err != nil {
			return nil, err
		}

		into = appendToken(into, token)
	}

	if len(l.opts.DepositInto) == 0 {
		into = l.likelyTokens(held)
	}
	return into[:min(len(into), maxTokensWithStake)], nil
}

// likelyTokens returns the LSTs that probably take the stake accounts: those of
// their validators, those that the owner has, and mSOL.
func (l *holdingsLoader) likelyTokens(held []lst.LST) []lst.LST {
	var likely []lst.LST
	all := l.client.lsts().All()
	for i := range l.found.Stakes {
		voter := l.found.Stakes[i].Account.Delegation.Voter
		for _, token := range all {
			if !voter.IsZero() && token.VoteAccount == voter {
				likely = appendToken(likely, token)
			}
		}
	}

	likely = likely[:min(len(likely), maxTokensWithStake/2)]
	for _, token := range all {
		if token.Kind == lst.KindMarinade {
			likely = appendToken(likely, token)
		}
	}

	for _, token := range held {
		likely = appendToken(likely, token)
	}
	return likely
}

// tokenMarkets are the markets of many tokens. The first one has the routes
// that move stake, the second one has the rest of the tokens without them,
// because their validator lists would take many megabytes.
type tokenMarkets struct {
	full, rest *route.Market
	// inFull are the mints of the full market.
	inFull map[solana.PublicKey]bool
}

// of returns the market of a token.
func (m tokenMarkets) of(mint solana.PublicKey) *route.Market {
	if m.inFull[mint] || m.rest == nil {
		return m.full
	}
	return m.rest
}

// tokenMarkets loads the markets of tokens. Those of first, of Lido, and others
// until there are eight are in the full market.
func (c *Client) tokenMarkets(
	ctx context.Context, first, others []lst.LST, stakes []solana.PublicKey,
) (m tokenMarkets, err error) {
	m.inFull = make(map[solana.PublicKey]bool)
	full := slices.Clone(first)
	for _, token := range others {
		if token.Kind == lst.KindLido {
			full = appendToken(full, token) // Its state is loaded only with its stake.
		}
	}

	for _, token := range others {
		if len(full) < maxTokensWithStake {
			full = appendToken(full, token)
		}
	}

	for _, token := range full {
		m.inFull[token.Mint] = true
	}

	rest := slices.DeleteFunc(slices.Clone(others), func(token lst.LST) bool {
		return m.inFull[token.Mint]
	})

	m.full, err = c.LoadMarketWith(ctx, route.NewLoader(full...).WithStakeAccounts(stakes...))
	if err == nil && len(rest) > 0 {
		m.rest, err = c.LoadMarketWith(ctx, route.NewLoader(rest...).WithoutStake())
	}
	return m, err
}

// blockedTokens returns the mints of tokens whose associated token account the
// owner cannot use, and these accounts.
func (c *Client) blockedTokens(
	ctx context.Context, owner solana.PublicKey, tokens []lst.LST, slot uint64,
) (map[solana.PublicKey]bool, *accounts.Set, error) {
	keys := make([]solana.PublicKey, len(tokens))
	for i, token := range tokens {
		var err error
		if keys[i], err = c.addresses.AssociatedToken(owner, token.TokenProgram,
			token.Mint); err != nil {
			return nil, nil, err
		}
	}

	set, err := c.readAccounts(ctx, keys, slot)
	if err != nil {
		return nil, nil, err
	}

	blocked := make(map[solana.PublicKey]bool)
	for i, key := range keys {
		if !canReceive(set, key, owner) {
			blocked[tokens[i].Mint] = true
		}
	}
	return blocked, set, nil
}

// canReceive reports whether a token account is the owner's and not frozen, or
// does not exist.
func canReceive(set *accounts.Set, account, owner solana.PublicKey) bool {
	token, err := tokenAccountOf(set, account)
	if err != nil {
		return errors.Is(err, accounts.ErrNotFound)
	}
	return token.Owner == owner && token.State == accounts.TokenInitialized
}

// errBlocked is the reason of a refusal if every route leads through a token
// account that the owner cannot use.
var errBlocked = errors.New("the owner cannot use an associated token account of the route " +
	"(it is frozen, or belongs to another key)")

// bestUsable is [bestFitting] for quotes whose token accounts the owner can
// use.
func bestUsable(
	market *route.Market, r route.Request, o BuildOptions, blocked map[solana.PublicKey]bool,
) (route.Quote, error) {
	usable := func(q *route.Quote) bool {
		return !blocked[r.To] && !slices.ContainsFunc(through(q), func(mint solana.PublicKey) bool {
			return blocked[mint]
		})
	}

	q, err := bestFitting(market, r, o)
	if err != nil || usable(&q) {
		return q, err
	}

	quotes, _ := market.Quotes(r)
	for _, q := range quotes {
		if usable(&q) && !q.NeedsTwoTransactions && checkFits(q, o) == nil {
			return q, nil
		}
	}
	return route.Quote{}, errBlocked
}

// request returns the request for a quote.
func (l *holdingsLoader) request(from, to solana.PublicKey, amount uint64) route.Request {
	r := route.Request{
		From:    from,
		To:      to,
		Amount:  amount,
		Options: l.opts.Options,
	}
	r.User, r.MaxTransactions, r.SwapMode = l.owner, 1, route.ExactIn
	return withDefaultSlippage(r)
}

func (l *holdingsLoader) valueLST(market *route.Market, h *LSTHolding) {
	if h.Price, h.PriceErr = market.Price(h.LST.Mint); h.PriceErr == nil {
		h.Value, h.PriceErr = valueAt(h.Price, h.Amount)
	}

	if info, err := market.TokenInfo(h.LST.Mint); err == nil && info.FloorErr == nil {
		h.Floor = info.Floor
	}

	r := l.request(h.LST.Mint, accounts.NativeMint, h.Amount)
	sale, err := bestUsable(market, r, BuildOptions{Owner: l.owner}, l.found.blocked)
	if h.SaleErr = err; err == nil {
		h.Sale = &sale
	}
}

// valueAt returns an amount of tokens at a price, in lamports.
func valueAt(price quote.Price, amount uint64) (uint64, error) {
	if price.Tokens == 0 {
		return 0, fmt.Errorf("%w: no tokens", quote.ErrInvalidState)
	}
	return fixed.MulDivFloor(amount, price.Lamports, price.Tokens)
}

func (l *holdingsLoader) valueStake(
	market *route.Market, h *StakeHolding, into []lst.LST, valued []solana.PublicKey,
) {
	switch {
	case !h.IsWithdrawer:
		h.DepositErr = quote.ErrStakeOwner
	case h.Locked:
		h.DepositErr = quote.ErrStakeLocked
	case h.Status == StakeStatusDeactivating || h.Status == StakeStatusInactive:
		h.DepositErr = quote.ErrStakeDeactivating
	case !slices.Contains(valued, h.Address):
		h.DepositErr = errNotValued
		l.gap(HoldingPrices, errNotValued)
	}

	if h.DepositErr != nil {
		return
	}

	var best uint64
	for _, token := range into {
		r := l.request(h.Address, token.Mint, h.Lamports)
		q, err := bestUsable(market, r, BuildOptions{Owner: l.owner}, l.found.blocked)
		if err != nil {
			h.DepositErr = cmp.Or(h.DepositErr, err)
			continue
		}

		price, err := market.Price(token.Mint)
		if err != nil {
			continue
		}

		if value, err := valueAt(price, q.NetOut); err == nil && value > best {
			h.Deposit, best = &q, value
		}
	}

	if h.Deposit != nil {
		h.DepositErr = nil
	} else {
		h.DepositErr = cmp.Or[error](h.DepositErr, route.ErrUnknownToken)
	}
}
