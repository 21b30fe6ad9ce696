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

// poolOf is the account and program that value a token, zero if nothing but the token itself does.
func poolOf(t lst.LST) (pool, program solana.PublicKey) {
	if t.Mint == accounts.NativeMint {
		return solana.PublicKey{}, solana.PublicKey{}
	}
	return t.Pool, t.Program
}

func (v infinity) needs() Needs {
	if v.err != nil {
		return Needs{}
	}
	n := Needs{Accounts: []Need{{Address: v.controller.PoolState}, {Address: v.controller.LSTStateList}}}
	// A controller with other pricing is refused, so there is nothing else to load for it.
	if slab, err := accounts.FlatSlabAddress(accounts.FlatSlabProgram); err == nil {
		n.Accounts = append(n.Accounts, Need{Address: slab})
	}
	if v.lp != nil {
		n.Accounts = append(n.Accounts, Need{Address: v.lp.Mint})
	}
	for _, t := range v.tokens {
		if reserves, err := v.controller.Reserves(t.TokenProgram, t.Mint); err == nil {
			n.Accounts = append(n.Accounts, Need{Address: reserves})
		}
		if pool, _ := poolOf(t); !pool.IsZero() {
			n.Accounts = append(n.Accounts, Need{Address: pool})
		}
	}
	for _, calculator := range calculatorsOf(v.tokens) {
		program, _ := accounts.CalculatorPoolProgram(calculator)
		state, stateErr := accounts.CalculatorStateAddress(calculator)
		data, dataErr := accounts.ProgramDataAddress(program)
		if stateErr == nil && dataErr == nil {
			n.Accounts = append(n.Accounts, Need{Address: state}, Need{Address: data, Length: accounts.ProgramDataHeaderSize})
		}
	}
	return n
}

// calculatorsOf are the calculators that the pools of some tokens usually have.
func calculatorsOf(tokens []lst.LST) []solana.PublicKey {
	var used []solana.PublicKey
	for _, calculator := range []solana.PublicKey{
		accounts.SPLCalculator, accounts.SanctumSPLCalculator, accounts.SanctumSPLMultiCalculator, accounts.MarinadeCalculator, accounts.LidoCalculator,
	} {
		program, _ := accounts.CalculatorPoolProgram(calculator)
		if slices.ContainsFunc(tokens, func(t lst.LST) bool { _, p := poolOf(t); return p == program }) {
			used = append(used, calculator)
		}
	}
	return used
}

func (v infinity) more(w *world) []Need {
	s := w.state
	pool, err := accounts.Load(s.Accounts, v.controller.PoolState, v.decodePool)
	if err != nil || pool.PricingProgram != accounts.FlatFeeProgram {
		return nil
	}
	var needs []Need
	if state, err := accounts.FlatFeeStateAddress(accounts.FlatFeeProgram); err == nil {
		needs = append(needs, Need{Address: state})
	}
	for _, mint := range v.priced(pool) {
		if fee, err := accounts.FlatFeeAccountAddress(accounts.FlatFeeProgram, mint); err == nil {
			needs = append(needs, Need{Address: fee})
		}
	}
	return needs
}

// priced are the tokens that may have a fee of their own.
func (v infinity) priced(pool *accounts.PoolState) []solana.PublicKey {
	mints := []solana.PublicKey{pool.LPTokenMint}
	for _, t := range v.tokens {
		mints = append(mints, t.Mint)
	}
	return mints
}

func (v infinity) decodePool(a accounts.Account) (*accounts.PoolState, error) {
	return accounts.DecodePoolStateOf(a, v.program)
}

func (v infinity) decodeList(a accounts.Account) (*accounts.LSTStateList, error) {
	return accounts.DecodeLSTStateListOf(a, v.program)
}

// loadedInfinity is a controller's pool with its state.
type loadedInfinity struct {
	venue  infinity
	pool   quote.Infinity
	list   *accounts.LSTStateList
	keys   instructions.Controller
	tokens map[solana.PublicKey]instructions.ControllerToken
	// depends are the accounts that a trade of a token depends on, read those that every trade does.
	depends map[solana.PublicKey][]solana.PublicKey
	read    []solana.PublicKey
	chain   *chain
}

func (v infinity) load(w *world) (loaded, error) {
	c, s := w.chain, w.state
	if v.err != nil {
		return nil, v.err
	}
	pool, err := accounts.Load(s.Accounts, v.controller.PoolState, v.decodePool)
	if err != nil {
		return nil, err
	}
	list, err := accounts.Load(s.Accounts, v.controller.LSTStateList, v.decodeList)
	if err != nil {
		return nil, err
	}
	l := &loadedInfinity{
		venue: v, list: list, chain: c,
		pool:    quote.Infinity{Address: v.controller.PoolState, Pool: *pool, LSTs: make(map[solana.PublicKey]quote.InfinityLST)},
		tokens:  make(map[solana.PublicKey]instructions.ControllerToken),
		depends: make(map[solana.PublicKey][]solana.PublicKey),
		read:    []solana.PublicKey{v.controller.PoolState, v.controller.LSTStateList},
	}
	if l.keys, err = instructions.NewController(v.program, pool, accounts.TokenProgram); err != nil {
		return nil, err
	}
	if err := l.loadLP(s, pool); err != nil {
		return nil, err
	}
	if l.pool.Pricing, l.pool.PricingErr = v.loadPricing(s, pool); l.pool.Pricing != nil {
		l.read = append(l.read, pricingAccounts(pool)...)
	}
	for _, t := range v.tokens {
		index, entry, listed := list.Find(t.Mint)
		if !listed {
			continue
		}
		token := quote.InfinityLST{Index: uint32(index), State: entry}
		if token.Reserves, err = v.loadReserves(s, t); err == nil {
			token.Value, err = v.loadValue(c, s, t, entry)
		}
		if err != nil {
			token.Value, token.Unavailable = nil, err
		}
		l.pool.LSTs[t.Mint] = token
		group := instructions.Group{}
		if poolAddress, _ := poolOf(t); err == nil {
			if group, err = instructions.CalculatorGroup(entry.Calculator, poolAddress); err != nil {
				return nil, err
			}
		}
		l.tokens[t.Mint] = instructions.ControllerToken{Index: uint32(index), Mint: t.Mint, TokenProgram: t.TokenProgram, Calculator: group}
		l.depends[t.Mint] = v.dependencies(t, pool, group)
	}
	return l, nil
}

// pricingAccounts are the accounts of the pricing program that do not depend on the tokens.
func pricingAccounts(pool *accounts.PoolState) []solana.PublicKey {
	derive := accounts.FlatSlabAddress
	if pool.PricingProgram == accounts.FlatFeeProgram {
		derive = accounts.FlatFeeStateAddress
	}
	address, err := derive(pool.PricingProgram)
	if err != nil {
		return nil
	}
	return []solana.PublicKey{address}
}

// dependencies are the accounts that a trade of a token depends on: the reserves, those of the calculator, and the fee account if it
// has one.
func (v infinity) dependencies(t lst.LST, pool *accounts.PoolState, calculator instructions.Group) []solana.PublicKey {
	keys := slices.Clone(calculator.Accounts)
	if reserves, err := v.controller.Reserves(t.TokenProgram, t.Mint); err == nil {
		keys = append(keys, reserves)
	}
	if pool.PricingProgram == accounts.FlatFeeProgram {
		if fee, err := accounts.FlatFeeAccountAddress(accounts.FlatFeeProgram, t.Mint); err == nil {
			keys = append(keys, fee)
		}
	}
	return keys
}

// loadLP reads the supply of the LP token, if the market was asked for it.
func (l *loadedInfinity) loadLP(s *State, pool *accounts.PoolState) error {
	lp := l.venue.lp
	if lp == nil {
		return nil
	}
	if pool.LPTokenMint != lp.Mint {
		return fmt.Errorf("%w: the LP token is %s, not %s", ErrMismatch, pool.LPTokenMint, lp.Mint)
	}
	a, err := s.Accounts.Get(lp.Mint)
	if err != nil {
		return err
	}
	mint, err := accounts.DecodeMint(a)
	switch {
	case err != nil:
		return err
	case a.Owner != accounts.TokenProgram:
		return fmt.Errorf("%w: of LP token %s", ErrUnsupportedTokenProgram, lp.Mint)
	case mint.MintAuthority == nil || *mint.MintAuthority != l.venue.controller.PoolState:
		return fmt.Errorf("%w: the pool is not the mint authority of %s", ErrMismatch, lp.Mint)
	}
	l.pool.LPSupply = mint.Supply
	l.tokens[lp.Mint] = instructions.ControllerToken{Index: instructions.LPIndex, Mint: lp.Mint, TokenProgram: accounts.TokenProgram}
	l.read = append(l.read, lp.Mint)
	return nil
}

func (v infinity) loadPricing(s *State, pool *accounts.PoolState) (quote.Pricing, error) {
	switch pool.PricingProgram {
	case accounts.FlatSlabProgram:
		address, err := accounts.FlatSlabAddress(accounts.FlatSlabProgram)
		if err != nil {
			return nil, err
		}
		slab, err := accounts.Load(s.Accounts, address, accounts.DecodeFlatSlab)
		if err != nil {
			return nil, err
		}
		return quote.FlatSlab{LPMint: pool.LPTokenMint, Slab: slab}, nil
	case accounts.FlatFeeProgram:
		return v.loadFlatFee(s, pool)
	}
	return nil, fmt.Errorf("%w %s", quote.ErrUnknownPricing, pool.PricingProgram)
}

func (v infinity) loadFlatFee(s *State, pool *accounts.PoolState) (quote.Pricing, error) {
	address, err := accounts.FlatFeeStateAddress(accounts.FlatFeeProgram)
	if err != nil {
		return nil, err
	}
	state, err := accounts.Load(s.Accounts, address, accounts.DecodeFlatFeeState)
	if err != nil {
		return nil, err
	}
	p := quote.FlatFee{State: *state, Fees: make(map[solana.PublicKey]accounts.FlatFeeAccount)}
	if pool.Version == accounts.PoolStateV1 {
		p.LPMint = pool.LPTokenMint
	}
	for _, mint := range v.priced(pool) {
		address, err := accounts.FlatFeeAccountAddress(accounts.FlatFeeProgram, mint)
		if err != nil {
			return nil, err
		}
		fee, err := accounts.Load(s.Accounts, address, accounts.DecodeFlatFeeAccount)
		if errors.Is(err, accounts.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		p.Fees[mint] = *fee
	}
	return p, nil
}

// loadReserves reads how much of a token the pool holds.
func (v infinity) loadReserves(s *State, t lst.LST) (uint64, error) {
	if t.TokenProgram != accounts.TokenProgram {
		return 0, fmt.Errorf("%w: of %s", ErrUnsupportedTokenProgram, t.Mint)
	}
	address, err := v.controller.Reserves(t.TokenProgram, t.Mint)
	if err != nil {
		return 0, err
	}
	account, err := accounts.Load(s.Accounts, address, accounts.DecodeTokenAccount)
	if err != nil {
		return 0, err
	}
	if account.Mint != t.Mint || account.Owner != v.controller.PoolState || account.State != accounts.TokenInitialized {
		return 0, fmt.Errorf("%w: reserves %s of %s", ErrMismatch, address, t.Mint)
	}
	return account.Amount, nil
}

// loadValue makes the calculator of a token, if it is one this module knows and it would not refuse to work.
func (v infinity) loadValue(c *chain, s *State, t lst.LST, entry accounts.LSTState) (quote.SolValueCalculator, error) {
	program, known := accounts.CalculatorPoolProgram(entry.Calculator)
	poolAddress, poolProgram := poolOf(t)
	switch {
	case !known:
		return nil, fmt.Errorf("%w %s", quote.ErrUnknownCalculator, entry.Calculator)
	case program != poolProgram:
		return nil, fmt.Errorf("%w: calculator %s is not for pools of %s", ErrMismatch, entry.Calculator, poolProgram)
	case entry.Calculator == accounts.WrappedSOLCalculator:
		return quote.WrappedSOLValue{}, nil
	}
	if err := upToDate(s, entry.Calculator, program); err != nil {
		return nil, err
	}
	a, err := s.Accounts.Get(poolAddress)
	if err != nil {
		return nil, err
	}
	var mint solana.PublicKey
	var value quote.SolValueCalculator
	switch entry.Calculator {
	case accounts.MarinadeCalculator:
		state, decodeErr := accounts.DecodeMarinadeState(a)
		if decodeErr != nil {
			return nil, decodeErr
		}
		mint = state.MSOLMint
		value, err = quote.NewMarinadeValue(state)
	case accounts.LidoCalculator:
		state, decodeErr := accounts.DecodeLidoState(a)
		if decodeErr != nil {
			return nil, decodeErr
		}
		mint = state.StSOLMint
		value, err = quote.NewLidoValue(state, c.clock)
	default:
		state, decodeErr := accounts.DecodeStakePoolOf(a, program)
		if decodeErr != nil {
			return nil, decodeErr
		}
		mint = state.PoolMint
		value, err = quote.NewStakePoolValue(state, c.clock)
	}
	if mint != t.Mint {
		return nil, fmt.Errorf("%w: pool %s is of mint %s, not %s", ErrMismatch, poolAddress, mint, t.Mint)
	}
	return value, err
}

// upToDate checks that a calculator has looked at the deployed build of its pool program.
func upToDate(s *State, calculator, program solana.PublicKey) error {
	stateAddress, err := accounts.CalculatorStateAddress(calculator)
	if err != nil {
		return err
	}
	decode := func(a accounts.Account) (*accounts.CalculatorState, error) {
		return accounts.DecodeCalculatorStateOf(a, calculator)
	}
	state, err := accounts.Load(s.Accounts, stateAddress, decode)
	if err != nil {
		return err
	}
	dataAddress, err := accounts.ProgramDataAddress(program)
	if err != nil {
		return err
	}
	data, err := accounts.Load(s.Accounts, dataAddress, accounts.DecodeProgramData)
	if err != nil {
		return err
	}
	if state.LastUpgradeSlot != data.DeploySlot {
		return fmt.Errorf("%w: %s was deployed in slot %d, not %d", quote.ErrOutdatedCalculator, program, data.DeploySlot, state.LastUpgradeSlot)
	}
	return nil
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
		w, err := txn.WrapSOL(p.Owner, q.MaxIn, rent, p.Seed)
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
