package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

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
	// tokenRent is the rent of a token account, in lamports.
	tokenRent outcome[uint64]
	// prices are those at the market's slot, and ahead those at the end of the default look-ahead.
	prices, ahead *quote.InfinityPrices
	// index holds the position of the market's tokens in prices.
	index []int
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
	l.tokenRent.value, l.tokenRent.err = c.rent.MinimumBalance(accounts.TokenAccountSpace)
	if l.keys, err = instructions.NewController(v.program, pool, accounts.TokenProgram); err != nil {
		return nil, err
	}
	if err := l.loadLP(s, pool); err != nil {
		return nil, err
	}
	if l.pool.Pricing, l.pool.PricingErr = v.loadPricing(s, pool); l.pool.Pricing != nil {
		l.read = append(l.read, pricingAccounts(pool)...)
	}
	positions := list.Positions()
	for _, t := range v.tokens {
		index, listed := positions[t.Mint]
		if !listed {
			continue
		}
		entry := list.At(index)
		token := quote.InfinityLST{Index: uint32(index), State: entry}
		if token.Reserves, err = v.loadReserves(s, t); err == nil {
			token.Value, err = v.loadValue(c, s, t, entry)
		}
		if err != nil {
			token.Value, token.Unavailable = nil, err
		}
		l.pool.LSTs[t.Mint] = token
		group := instructions.Group{}
		// A stale pool may be updated before the trade.
		if poolAddress, _ := poolOf(t); err == nil || errors.Is(err, quote.ErrStale) {
			if group, err = instructions.CalculatorGroup(entry.Calculator, poolAddress); err != nil {
				return nil, err
			}
		}
		l.tokens[t.Mint] = instructions.ControllerToken{Index: uint32(index), Mint: t.Mint, TokenProgram: t.TokenProgram, Calculator: group}
		l.depends[t.Mint] = v.dependencies(t, pool, group)
	}
	l.prepare(w.numbers)
	return l, nil
}

// prepare works out what prices do not depend on the amount of.
func (l *loadedInfinity) prepare(n *numbering) {
	from, _ := l.venue.pairs()
	l.pool.Slot = l.chain.clock.Slot
	l.prices = l.pool.Prepare(from...)
	ahead := l.prices.AtSlot(l.pool.Slot + DefaultLookAhead)
	l.ahead = &ahead
	l.index = make([]int, len(n.mints))
	for t, mint := range n.mints {
		if index, ok := l.prices.Index(mint); ok {
			l.index[t] = index
		}
	}
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
	a, err := s.get("mint of the LP token", lp.Mint)
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
	a, err := s.get("pool of "+t.Symbol, poolAddress)
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
