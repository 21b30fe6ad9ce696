package route

import (
	"errors"
	"fmt"
	"maps"
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

func (v infinity) serves(from, to solana.PublicKey) bool { return v.has(from) && v.has(to) }

func (v infinity) has(mint solana.PublicKey) bool {
	return v.lp != nil && v.lp.Mint == mint || slices.ContainsFunc(v.tokens, func(t lst.LST) bool { return t.Mint == mint })
}

// following is the pool after a stake pool has changed whose LST it may hold.
func (l *loadedInfinity) following(pool changed) (loaded, bool) {
	for _, t := range l.venue.tokens {
		known, listed := l.pool.LSTs[t.Mint]
		address, _ := poolOf(t)
		if !listed || address != pool.address || known.Unavailable != nil && !errors.Is(known.Unavailable, quote.ErrStale) {
			continue
		}
		known.Value, known.Unavailable = nil, nil
		if value, err := quote.NewStakePoolValue(&pool.state, l.chain.clock); err != nil {
			known.Unavailable = err
		} else {
			known.Value = value
		}
		after := *l
		after.pool.LSTs = maps.Clone(l.pool.LSTs)
		after.pool.LSTs[t.Mint] = known
		return &after, true
	}
	return nil, false
}

func (l *loadedInfinity) quote(r Request) (Quote, error) {
	pool := l.pool
	lp := pool.Pool.LPTokenMint
	now := l.chain.clock.Slot
	lookAhead := r.LookAhead
	if lookAhead == 0 {
		lookAhead = DefaultLookAhead
	}
	q := Quote{Exact: true, Accounts: slices.Concat(l.read, l.depends[r.From], l.depends[r.To])}
	pool.Slot = now
	if bySlot := pool.Pool.Version == accounts.PoolStateV2 && (r.From == lp || r.To == lp); bySlot {
		// The LP token gains value every slot: who receives it is worst off at the end, who gives it at the beginning.
		if now > math.MaxUint64-lookAhead {
			return Quote{}, fmt.Errorf("%w: %d slots", ErrLookAhead, lookAhead)
		}
		if q.Until = now + lookAhead; r.To == lp {
			pool.Slot = q.Until
		}
		q.At = pool.Slot
		q.Conditions = append(q.Conditions, fmt.Sprintf("the amounts are those of slot %d, the limits hold until slot %d", q.At, q.Until))
	}
	var t quote.InfinityTrade
	var err error
	if r.Side == ExactOut {
		t, err = pool.SwapExactOut(r.From, r.To, r.Amount)
	} else {
		t, err = pool.Swap(r.From, r.To, r.Amount)
	}
	if err != nil {
		return Quote{}, err
	}
	q.In, q.MaxIn, q.Out = t.In, t.In, t.Out
	q.Price = quote.Price{Lamports: t.OutValue, Tokens: t.Out}
	q.Fees = l.fees(r, t)
	native := l.hasExactOut(r)
	switch {
	case r.Side == ExactIn:
		q.MinOut, err = r.minimum(t.Out)
	case native:
		q.MinOut = r.Amount
		q.MaxIn, err = r.maximum(t.In)
	default:
		q.MinOut = r.Amount
	}
	if err != nil {
		return Quote{}, err
	}
	if (r.From == accounts.NativeMint || r.To == accounts.NativeMint) && !r.Wrapped {
		rent, err := l.chain.rent.MinimumBalance(accounts.TokenAccountSpace)
		if err != nil {
			return Quote{}, err
		}
		q.Advance = rent
		if r.To == accounts.NativeMint {
			q.Advance = r.outletRent(rent)
			if err := r.separable(q.MinOut, rent); err != nil {
				return Quote{}, err
			}
		}
	}
	q.pays = r.Recipient
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(r, q, p, r.Side == ExactOut && native) }
	return q, nil
}

// hasExactOut says whether the program has an instruction for an exact amount out of this pair.
func (l *loadedInfinity) hasExactOut(r Request) bool {
	lp := l.pool.Pool.LPTokenMint
	return l.pool.Pool.Version == accounts.PoolStateV2 || r.From != lp && r.To != lp
}

func (l *loadedInfinity) fees(r Request, t quote.InfinityTrade) []Fee {
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
		ControllerSwap: instructions.ControllerSwap{
			Controller: l.keys,
			Signer:     p.Owner,
			Inp:        from,
			Out:        to,
			Addresses:  p.Addresses,
			Limit:      q.MinOut,
			Amount:     q.In,
		},
		Pool:     &l.pool.Pool,
		ExactOut: exactOut,
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
	sold, bought, other := r.From, r.To, r.other(p)
	most, least := q.MaxIn, q.MinOut
	step := txn.Step{
		Tell: func() string {
			return fmt.Sprintf("%s %s for at least %s with %s",
				pay, l.amount(sold, most), l.amount(bought, least), l.venue.name()) + paidTo(other)
		},
		Instruction: ix,
		Units:       controllerTradeUnits,
	}
	return slices.Concat(before, open, []txn.Step{step}, after, closing), nil
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
	t.Account, err = p.Addresses.AssociatedToken(p.Owner, t.TokenProgram, t.Mint)
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
