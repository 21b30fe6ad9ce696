package route

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// controllerTradeUnits is what a trade was measured to need, with room: two calculators, a pricing program and two transfers.
const controllerTradeUnits = 220_000

// ErrUnsupportedTokenProgram says that a token belongs to a program that the pool is not known to trade.
var ErrUnsupportedTokenProgram = errors.New("unsupported token program")

// controllers are the controller deployments to look for tokens in: Infinity, and those whose LP tokens are among the tokens.
func controllers(tokens []lst.LST) []solana.PublicKey {
	programs := []solana.PublicKey{accounts.InfinityProgram}
	for _, t := range tokens {
		if t.Kind == lst.KindInfinity && !slices.Contains(programs, t.Program) {
			programs = append(programs, t.Program)
		}
	}
	return programs
}

// infinity trades any tokens of a controller's pool for one another, the LP token included.
type infinity struct {
	program    solana.PublicKey
	controller accounts.Controller
	// err says why the controller's addresses could not be derived.
	err error
	// tokens are those that may be in the pool, wrapped SOL among them.
	tokens []lst.LST
	// lp is the LP token, if the market was asked for it.
	lp *lst.LST
}

// nativeSOL is SOL as a token.
func nativeSOL() lst.LST {
	return lst.LST{Symbol: "SOL", Mint: accounts.NativeMint, Decimals: 9, TokenProgram: accounts.TokenProgram, Kind: lst.KindReserve}
}

func newInfinity(program solana.PublicKey, tokens []lst.LST) infinity {
	v := infinity{program: program}
	v.controller, v.err = accounts.NewController(program)
	v.tokens = append(v.tokens, nativeSOL())
	for _, t := range tokens {
		switch {
		case t.Kind == lst.KindInfinity && t.Program == program:
			v.lp = &t
		case t.Mint != accounts.NativeMint && t.Kind != lst.KindInfinity:
			v.tokens = append(v.tokens, t)
		}
	}
	return v
}

func (v infinity) name() string {
	if v.program == accounts.InfinityProgram {
		return "Infinity"
	}
	return "controller " + v.program.String()
}

func (v infinity) pairs() (from, to []solana.PublicKey) {
	for _, t := range v.tokens {
		from = append(from, t.Mint)
	}
	if v.lp != nil {
		from = append(from, v.lp.Mint)
	}
	return from, from
}

// revalued is the token of the pool that a stake pool values which the leg
// before has changed.
type revalued struct {
	index int
	entry quote.InfinityEntry
}

// revalue is the token that has changed; ok is false if that is nothing to the pool.
func (l *loadedInfinity) revalue(e *effect) (v revalued, ok bool) {
	if e == nil || e.pool == nil {
		return v, false
	}
	t := e.pool.number
	known, listed := l.pool.LSTs[e.pool.lst.Mint]
	if !listed || known.Unavailable != nil && !errors.Is(known.Unavailable, quote.ErrStale) {
		return v, false
	}

	v.index = l.index[t]
	state := e.state()
	value, err := quote.NewStakePoolValue(&state, l.chain.clock)
	if err != nil {
		v.entry = l.prices.Unvalued(v.index, err)
		return v, true
	}
	v.entry = l.prices.Revalued(v.index, value)
	return v, true
}

// at is the pool at a slot.
func (l *loadedInfinity) at(slot uint64) *quote.InfinityPrices {
	switch slot {
	case l.chain.clock.Slot:
		return l.prices
	case l.chain.clock.Slot + DefaultLookAhead:
		return l.ahead
	}
	prices := l.prices.AtSlot(slot)
	return &prices
}

// trade prices a trade at a slot.
func (l *loadedInfinity) trade(a *ask, amount, slot uint64, after *effect, r *quote.Refusal) (t quote.InfinityPrice, follows, ok bool) {
	prices, from, to := l.at(slot), l.index[a.from], l.index[a.to]
	v, follows := l.revalue(after)
	switch {
	case a.Side == ExactIn && !follows:
		t, ok = prices.Swap(from, to, amount, r)
	case a.Side == ExactIn:
		t, ok = prices.SwapAfter(from, to, amount, v.index, &v.entry, r)
	case !follows:
		t, ok = prices.SwapExactOut(from, to, amount, r)
	default:
		t, ok = prices.SwapExactOutAfter(from, to, amount, v.index, &v.entry, r)
	}
	return t, follows, ok
}

// bySlot reports whether a pair is priced anew with every slot: that is the LP
// token of version 2.
func (l *loadedInfinity) bySlot(a *ask) bool {
	lp := l.pool.Pool.LPTokenMint
	return l.pool.Pool.Version == accounts.PoolStateV2 && (a.From == lp || a.To == lp)
}

// beyondSlots is the refusal of a look-ahead beyond the last slot.
var beyondSlots = quote.NewReason(ErrLookAhead, "%[1]v: %[2]d slots")

func (l *loadedInfinity) offer(a *ask, amount uint64, after *effect, o *offer) bool {
	now := l.chain.clock.Slot
	lookAhead := a.LookAhead
	if lookAhead == 0 {
		lookAhead = DefaultLookAhead
	}
	slot := now
	if l.bySlot(a) {
		// The LP token gains value every slot: who receives it is worst off at the end, who gives it at the beginning.
		if now > math.MaxUint64-lookAhead {
			return o.refusal.Because(beyondSlots, lookAhead)
		}
		if o.until = now + lookAhead; a.To == l.pool.Pool.LPTokenMint {
			slot = o.until
		}
		o.at = slot
	}

	t, follows, ok := l.trade(a, amount, slot, after, &o.refusal)
	if !ok {
		return false
	}
	o.gives(t.In, t.Out)
	o.price = quote.Price{Lamports: t.OutValue, Tokens: t.Out}
	o.exact, o.pays, o.follows = true, true, follows
	if !o.limit(a, t.Out, &o.refusal) {
		return false
	}
	if a.Side == ExactOut && l.hasExactOut(a) {
		var err error
		if o.maxIn, err = a.maximum(t.In); err != nil {
			return o.refusal.BecauseErr(nil, err)
		}
	}
	if l.wraps(a) {
		rent, err := l.tokenRent.value, l.tokenRent.err
		if err != nil {
			return o.refusal.BecauseErr(nil, err)
		}
		o.advance = rent
		if a.To == accounts.NativeMint {
			o.advance = a.outletRent(rent)
			return o.separable(a, rent, &o.refusal)
		}
	}
	return true
}

// wraps reports whether SOL is wrapped or unwrapped for a trade.
func (l *loadedInfinity) wraps(a *ask) bool {
	return (a.From == accounts.NativeMint || a.To == accounts.NativeMint) && !a.Wrapped
}

func (l *loadedInfinity) describe(a *ask, o *offer, q *Quote) error {
	slot := o.at
	if slot == 0 {
		slot = l.chain.clock.Slot
	} else {
		q.Conditions = append(q.Conditions,
			fmt.Sprintf("the amounts are those of slot %d, the limits hold until slot %d", q.At, q.Until))
	}
	t, _, ok := l.trade(a, o.amount, slot, o.after, &o.refusal)
	if !ok {
		return &o.refusal
	}
	q.Accounts = slices.Concat(l.read, l.depends[a.From], l.depends[a.To])
	q.Fees = l.fees(a, t)
	quoted, exactOut := *q, a.Side == ExactOut && l.hasExactOut(a)
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(quoted.Request, quoted, p, exactOut) }
	return nil
}

// hasExactOut says whether the program has an instruction for an exact amount out of this pair.
func (l *loadedInfinity) hasExactOut(r *ask) bool {
	lp := l.pool.Pool.LPTokenMint
	return l.pool.Pool.Version == accounts.PoolStateV2 || r.From != lp && r.To != lp
}

func (l *loadedInfinity) fees(r *ask, t quote.InfinityPrice) []Fee {
	if t.Fee() == 0 {
		return nil
	}
	rate := "0"
	if nanos, err := l.pool.Pricing.FeeNanos(r.From, r.To); err == nil {
		rate = fmt.Sprintf("%d/1000000000", nanos)
	}
	return []Fee{{
		Name: l.venue.name() + " fee", Amount: t.Fee(), Mint: accounts.NativeMint, Rate: rate, Recipient: l.venue.controller.PoolState,
	}}
}

func (l *loadedInfinity) steps(r Request, q Quote, p Parties, exactOut bool) ([]txn.Step, error) {
	from, before, after, err := l.source(r, q, p)
	if err != nil {
		return nil, err
	}
	to, open, closing, err := l.destination(r, p)
	if err != nil {
		return nil, err
	}
	trade := instructions.ControllerTrade{
		ControllerSwap: instructions.ControllerSwap{Controller: l.keys, Signer: p.Owner, Inp: from, Out: to, Limit: q.MinOut, Amount: q.In},
		Pool:           &l.pool.Pool, ExactOut: exactOut,
	}
	if exactOut {
		trade.Limit, trade.Amount = q.MaxIn, r.Amount
	}
	ix, err := trade.Build()
	if err != nil {
		return nil, err
	}
	pay := "trade"
	if exactOut {
		pay = "trade at most"
	}
	words := fmt.Sprintf("%s %s for at least %s with %s", pay, l.amount(r.From, q.MaxIn), l.amount(r.To, q.MinOut), l.venue.name()) + r.forWhom(p)
	return slices.Concat(before, open, []txn.Step{{Words: words, Instruction: ix, Units: controllerTradeUnits}}, after, closing), nil
}

// amount is an amount in words.
func (l *loadedInfinity) amount(mint solana.PublicKey, amount uint64) string {
	t := lst.LST{Symbol: "INF", Decimals: 9}
	if lp := l.venue.lp; lp != nil && lp.Mint == mint {
		t = *lp
	}
	for _, token := range l.venue.tokens {
		if token.Mint == mint {
			t = token
		}
	}
	return t.Format(amount) + " " + t.Symbol
}

// source is where the input comes from: the associated token account, or SOL that is wrapped for the trade.
func (l *loadedInfinity) source(r Request, q Quote, p Parties) (t instructions.ControllerToken, before, after []txn.Step, err error) {
	t = l.tokens[r.From]
	if r.From == accounts.NativeMint && !r.Wrapped {
		rent, err := l.chain.rent.MinimumBalance(accounts.TokenAccountSpace)
		if err != nil {
			return t, nil, nil, err
		}
		w, err := txn.WrapSOL(p.Payer, p.Owner, q.MaxIn, rent, p.Seed)
		t.Account = w.Address
		return t, w.Open, w.Close, err
	}
	t.Account, err = accounts.AssociatedTokenAddress(p.Owner, t.TokenProgram, t.Mint)
	return t, nil, nil, err
}

// destination is where the output goes: the associated token account, or one that is unwrapped into SOL.
func (l *loadedInfinity) destination(r Request, p Parties) (t instructions.ControllerToken, open, closing []txn.Step, err error) {
	t = l.tokens[r.To]
	if r.To == accounts.NativeMint && !r.Wrapped {
		rent, err := l.chain.rent.MinimumBalance(accounts.TokenAccountSpace)
		if err != nil {
			return t, nil, nil, err
		}
		w, err := r.outlet(p, rent, false)
		if err != nil {
			return t, nil, nil, err
		}
		t.Account = w.address
		closing, err = w.closing(0, 0)
		return t, w.open, closing, err
	}
	account, create, err := r.tokenAccount(p, t.Mint, t.TokenProgram)
	t.Account = account
	return t, []txn.Step{create}, nil, err
}
