package state

import (
	"math"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Infinity is an Infinity pool with its prices: Infinity itself, or a pool of
// another deployment of its program.
type Infinity struct {
	*InfinityPool

	// Prices are the prepared prices at the slot of the Clock. Their token
	// indices are those of [InfinityPool.Index].
	Prices *quote.InfinityPrices

	// Ahead are the prices at AheadSlot, which is Scope.LookAhead slots later.
	// It is nil if the prices do not depend on the slot, or if the slot does
	// not exist.
	Ahead     *quote.InfinityPrices
	AheadSlot uint64
}

// InfinityPool is an Infinity pool without the values that depend on the slot.
type InfinityPool struct {
	Program    solana.PublicKey
	Controller accounts.Controller
	Keys       instructions.Infinity

	// LP is the LP token if the market trades it, and LPToken its addresses in
	// instructions.
	LP      *lst.LST
	LPToken instructions.InfinityToken

	// Pool is the state of the pool. LPSupply is only set with LP.
	Pool     accounts.PoolState
	LPSupply uint64

	// Pricing is the pool's pricing program. It is nil with the reason in
	// PricingErr.
	Pricing    quote.Pricing
	PricingErr error

	// Read are the accounts that every trade depends on.
	Read []solana.PublicKey

	controller *controller
	// state, supply and pricing are the parts that the pool was prepared from,
	// and list the account of its token list.
	state   *accounts.PoolState
	supply  *lpSupply
	pricing *pricing
	list    *accounts.Account
	// tokens are the tokens of the ledger, in the order of the controller's.
	// prices are their prices without a slot.
	tokens pages[*InfinityToken]
	prices *quote.InfinityPrices
}

// isZero reports whether the pool was not made by this package.
func (i *InfinityPool) isZero() bool { return i == nil || i.controller == nil }

// Token returns a token of the pool, or nil if the pool does not list it.
func (i *InfinityPool) Token(position Token) *InfinityToken {
	if i.isZero() || position < 0 || int(position) >= len(i.controller.positions) {
		return nil
	}

	at := i.controller.positions[position]
	if at < 0 {
		return nil
	}

	if token := *i.tokens.at(int(at)); token.listed {
		return token
	}

	return nil
}

// Index returns the index of a token in the prices, and whether the token can
// be part of the pool. A trade of a token with an index is still refused if the
// pool does not list it.
func (i *InfinityPool) Index(token Token) (int, bool) {
	switch {
	case i.isZero() || token < 0 || int(token) >= len(i.controller.positions):
		return 0, false
	case i.controller.ledger.tokens[token].lst.Mint == i.Pool.LPTokenMint:
		return quote.InfinityLP, true
	}
	at := int(i.controller.positions[token])
	return at, at >= 0
}

// Tokens returns the numbers of the tokens that the pool can hold, including
// SOL, without the LP token. Do not write to the slice.
func (i *InfinityPool) Tokens() []Token {
	if i.isZero() {
		return nil
	}

	return i.controller.tokens
}

// List returns the decoded token list of the pool.
func (i *InfinityPool) List() *accounts.LSTStateList {
	if i.isZero() {
		return new(accounts.LSTStateList)
	}

	list, err := accounts.DecodeLSTStateListOf(*i.list, i.Program)
	if err != nil {
		return new(accounts.LSTStateList)
	}
	return list
}

// Quote returns the pool as a state of package quote, without a slot. It copies
// all tokens: use it for overviews, not for prices.
func (i *InfinityPool) Quote() quote.InfinityState {
	if i.isZero() {
		return quote.InfinityState{}
	}

	q := i.head(0)
	q.LSTs = make(map[solana.PublicKey]quote.InfinityLST, len(i.controller.tokens))
	for at := range i.controller.tokens {
		token := *i.tokens.at(at)
		if token.listed {
			q.LSTs[token.LST.Mint] = token.Token
		}
	}

	return q
}

// Controllers returns the Infinity programs whose pools the ledger has,
// Infinity first.
func (l *Ledger) Controllers() []solana.PublicKey {
	if l == nil {
		return nil
	}

	programs := make([]solana.PublicKey, len(l.controllers))
	for i, c := range l.controllers {
		programs[i] = c.program
	}
	return programs
}

// ControllerTokens returns the tokens that an Infinity pool can hold, SOL
// first, without the LP token, and the LP token or NoToken. The number is an
// index into [Ledger.Controllers].
func (l *Ledger) ControllerTokens(number int) (tokens []Token, lp Token) {
	if l == nil || number < 0 || number >= len(l.controllers) {
		return nil, NoToken
	}

	c := l.controllers[number]
	return slices.Clone(c.tokens), c.lpToken
}

// Infinity returns an Infinity pool, by its index in [Ledger.Controllers]. The
// error is the reason why it cannot be used.
func (s *Snapshot) Infinity(number int) (*Infinity, error) {
	if s.isZero() || number < 0 || number >= len(s.ledger.controllers) {
		return nil, errNoPart
	}

	return partOf[*Infinity](s, s.ledger.controllers[number].part)
}

// controllerPrograms returns Infinity, and the other Infinity programs whose LP
// tokens are among the tokens.
func controllerPrograms(tokens []lst.LST) []solana.PublicKey {
	programs := []solana.PublicKey{accounts.InfinityProgram}
	for _, t := range tokens {
		if t.Kind == lst.KindInfinity && !slices.Contains(programs, t.Program) {
			programs = append(programs, t.Program)
		}
	}
	return programs
}

// addControllers adds the Infinity pools.
func (l *Ledger) addControllers() {
	for _, program := range controllerPrograms(l.scope.Tokens) {
		l.addController(program)
	}
}

func (l *Ledger) addController(program solana.PublicKey) {
	c := &controller{
		ledger:  l,
		program: program,
		lpToken: NoToken,
		lpMint:  NoIndex,
		slab:    NoIndex,
	}

	l.controllers = append(l.controllers, c)
	c.controller, c.err = accounts.NewController(program)
	c.chooseTokens(l)
	if c.err == nil {
		c.pool = l.need(c.controller.PoolState, 0)
		c.list = l.need(c.controller.LSTStateList, 0)
		// A pool with another pricing program cannot be used, so no other
		// account is loaded for it.
		if slab, err := accounts.FlatSlabAddress(accounts.FlatSlabProgram); err == nil {
			c.slab = l.need(slab, 0)
		}

		if c.lp != nil {
			c.lpMint = l.need(c.lp.Mint, 0)
		}

		c.addTokens(l)
	}

	c.statePart = l.part(controllerStateMaker{c})
	c.factsPart = l.part(poolFactsMaker{c})
	c.listPart = l.part(listPositionsMaker{c})
	c.lpPart = l.part(lpSupplyMaker{c})
	c.pricingPart = l.part(pricingMaker{c})
	c.first = PartID(len(l.makers))
	for at := range c.tokens {
		l.part(infinityTokenMaker{c, at})
	}

	c.bodyPart = l.part(infinityPoolMaker{c})
	for at := range c.tokens {
		l.feeds[int(c.first)+at] = c.bodyPart
	}

	c.part = l.part(infinityMaker{c})
}

// chooseTokens sets the tokens of the ledger that the pool can hold.
func (c *controller) chooseTokens(l *Ledger) {
	c.tokens = append(c.tokens, SOL)
	c.positions = make([]int32, len(l.tokens))
	for t := range l.tokens[:l.stakes] {
		c.positions[t] = -1
		entry := &l.tokens[t].lst
		switch {
		case Token(t) == SOL:
			c.positions[t] = 0
		case entry.Kind == lst.KindInfinity && entry.Program == c.program:
			c.lp, c.lpToken = entry, Token(t)
		case entry.Kind != lst.KindInfinity:
			c.positions[t] = int32(len(c.tokens))
			c.tokens = append(c.tokens, Token(t))
		}
	}

	for t := l.stakes; int(t) < len(l.tokens); t++ {
		c.positions[t] = -1
	}
}

// addTokens adds the accounts of the tokens: the pool's reserves of the token,
// the token's own pool, and the calculator that usually values it.
func (c *controller) addTokens(l *Ledger) {
	c.reserves = make([]derived, len(c.tokens))
	for at, t := range c.tokens {
		token := &l.tokens[t]
		address, err := c.controller.Reserves(token.lst.TokenProgram, token.lst.Mint)
		c.reserves[at].index, c.reserves[at].err = l.needDerived(address, err)
		if pool, _ := poolOf(&token.lst); !pool.IsZero() {
			token.pool = l.need(pool, 0)
		}

		for _, known := range l.calculators {
			known.need(l, token)
		}
	}
}

// infinityMaker prepares an [Infinity].
type infinityMaker struct{ *controller }

func (m infinityMaker) prepare(r *reader) (any, error) {
	now, err := read[*Chain](r, r.ledger.sysvars.chain)
	if err != nil {
		return nil, err
	}

	pool, err := read[*InfinityPool](r, m.bodyPart)
	if err != nil {
		return nil, err
	}

	current := pool.prices.AtSlot(now.Clock.Slot)
	i := &Infinity{InfinityPool: pool, Prices: &current}
	ahead := r.ledger.scope.LookAhead
	if pool.Pool.Version != accounts.PoolStateV2 || ahead == 0 ||
		now.Clock.Slot > math.MaxUint64-ahead {
		return i, nil
	}

	i.AheadSlot = now.Clock.Slot + ahead
	later := pool.prices.AtSlot(i.AheadSlot)
	i.Ahead = &later

	return i, nil
}

// head returns the pool at a slot as a state of package quote, without its
// tokens.
func (i *InfinityPool) head(slot uint64) quote.InfinityState {
	return quote.InfinityState{
		Address:    i.Controller.PoolState,
		Pool:       i.Pool,
		LPSupply:   i.LPSupply,
		Pricing:    i.Pricing,
		PricingErr: i.PricingErr,
		Slot:       slot,
	}
}

// infinityPoolMaker prepares an [InfinityPool].
type infinityPoolMaker struct{ *controller }

func (m infinityPoolMaker) prepare(r *reader) (any, error) {
	state, err := read[*accounts.PoolState](r, m.statePart)
	if err != nil {
		return nil, err
	}

	if _, err := read[*listPositions](r, m.listPart); err != nil {
		return nil, err
	}

	supply, err := read[*lpSupply](r, m.lpPart)
	if err != nil {
		return nil, err
	}

	pricing, pricingErr := read[*pricing](r, m.pricingPart)

	var i *InfinityPool
	before, ok := r.before().(*InfinityPool)
	if ok && before != nil && before.state == state && before.supply == supply &&
		before.pricing == pricing {
		same := *before
		i = &same
	} else {
		i = m.pool(state, supply, pricing)
	}

	i.PricingErr, i.list = pricingErr, r.account(m.list)
	if err := m.collect(r, i); err != nil {
		return nil, err
	}

	return i, nil
}

// pool returns the pool without its tokens.
func (m infinityPoolMaker) pool(
	state *accounts.PoolState, supply *lpSupply, pricing *pricing,
) *InfinityPool {
	c := m.controller
	i := &InfinityPool{
		Program:    c.program,
		Controller: c.controller,
		Keys: instructions.Infinity{
			Controller:     c.controller,
			LPMint:         state.LPTokenMint,
			LPTokenProgram: accounts.TokenProgram,
		},
		LP:         c.lp,
		Pool:       *state,
		LPSupply:   supply.supply,
		Read:       []solana.PublicKey{c.controller.PoolState, c.controller.LSTStateList},
		controller: c,
		state:      state,
		supply:     supply,
		pricing:    pricing,
	}
	if c.lp != nil {
		i.Read = append(i.Read, c.lp.Mint)
		i.LPToken = instructions.InfinityToken{
			Index:        instructions.LPIndex,
			Mint:         c.lp.Mint,
			TokenProgram: accounts.TokenProgram,
		}
	}

	if pricing != nil {
		i.Pricing = pricing.pricing
		i.Read = append(i.Read, pricing.read...)
	}

	return i
}

// collect sets the tokens of the pool: changed tokens from their parts, the
// others from the pool before the update. It records no notes for the parts,
// since each of them feeds this one.
func (m infinityPoolMaker) collect(r *reader, i *InfinityPool) error {
	before, ok := r.before().(*InfinityPool)
	if !ok || before == nil {
		return m.collectAll(r, i)
	}

	tokens := before.tokens.draft()
	var changed []int
	var entries []*quote.InfinityEntry
	for at := range m.tokens {
		if !r.fed.has(int(m.first) + at) {
			continue
		}

		p := r.parts(m.first + PartID(at))
		if p.err != nil {
			return p.err
		}

		token := p.value.(*InfinityToken)
		*tokens.edit(at) = token
		changed, entries = append(changed, at), append(entries, &token.Entry)
	}

	i.tokens = tokens.pages
	i.prices = before.prices.Replace(i.head(i.Pool.LastReleaseSlot), changed, entries)

	return nil
}

// collectAll sets all tokens from their parts.
func (m infinityPoolMaker) collectAll(r *reader, i *InfinityPool) error {
	tokens := make([]*InfinityToken, len(m.tokens))
	entries := make([]*quote.InfinityEntry, len(m.tokens))
	for at := range tokens {
		p := r.parts(m.first + PartID(at))
		if p.err != nil {
			return p.err
		}

		tokens[at] = p.value.(*InfinityToken)
		entries[at] = &tokens[at].Entry
	}

	i.tokens = newPages(tokens)
	i.prices = quote.NewInfinityPrices(i.head(i.Pool.LastReleaseSlot), entries)

	return nil
}
