package route

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// venue is one way to trade. A venue that was not given the accounts it needs, or does not like them, says so in quote.
type venue interface {
	name() string
	serves(from, to solana.PublicKey) bool
	// needs is what the venue wants to know first.
	needs() Needs
	// more is what it wants to know then, given the accounts of the first round.
	more(*world) []Need
	// load decodes the accounts once, for all quotes.
	load(*world) (loaded, error)
}

// loaded is a venue with its state.
type loaded interface {
	quote(Request) (Quote, error)
}

// venues is the list of all venues for some tokens and stake accounts. Adding a venue means adding a line here. Without stake, there are
// only those that take no validator lists.
func venues(tokens []lst.LST, stakes []solana.PublicKey, withStake bool) []venue {
	var list []venue
	for _, t := range tokens {
		switch {
		case t.Kind.IsStakePool():
			list = append(list, stakePoolDeposit{stakePool{t}}, stakePoolWithdrawal{stakePool{t}})
		case t.Kind == lst.KindMarinade:
			list = append(list, marinadeDeposit{marinade{t}}, marinadeUnstake{marinade{t}})
		}
	}
	for _, program := range controllers(tokens) {
		list = append(list, newInfinity(program, tokens))
	}
	list = append(list, newRouterDeposit(tokens))
	if !withStake {
		return list
	}
	v := newStakeVenues(tokens, stakes)
	return append(list,
		stakeAccountWithdrawal{stakes},
		throughStake{"Reserve", v.accounts, v.buyer},
		throughStake{"stake deposit", v.accounts, v.takers},
		throughStake{"stake withdrawal and Reserve", v.sellers(), v.buyer},
		throughStake{"stake withdrawal and deposit", v.pools, v.takers},
		stakeWithdrawal{v.pools},
		v.router(v.takers, false),
		v.router(v.buyer, false),
		v.router(v.takers, true),
		v.router(v.buyer, true),
	)
}

// stakeVenues are the protocols that stake moves between.
type stakeVenues struct {
	// accounts are those of the owner's, pools those that hand out stake and the Router knows, others those that pay out stake too.
	accounts, pools, others map[solana.PublicKey]sourceVenue
	// takers give their token for stake, and buyer gives SOL.
	takers, buyer map[solana.PublicKey]takerVenue
	reserve       reserve
}

func newStakeVenues(tokens []lst.LST, stakes []solana.PublicKey) stakeVenues {
	v := stakeVenues{
		accounts: make(map[solana.PublicKey]sourceVenue), pools: make(map[solana.PublicKey]sourceVenue),
		others: make(map[solana.PublicKey]sourceVenue), takers: make(map[solana.PublicKey]takerVenue), reserve: mainReserve(stakes),
	}
	v.buyer = map[solana.PublicKey]takerVenue{accounts.NativeMint: v.reserve}
	for _, address := range stakes {
		v.accounts[address] = stakeAccount{address}
	}
	for _, t := range tokens {
		switch {
		case t.Kind.IsStakePool():
			pool := stakePoolStake{stakePool{t}}
			v.pools[t.Mint], v.takers[t.Mint] = pool, pool
		case t.Kind == lst.KindMarinade:
			v.takers[t.Mint], v.others[t.Mint] = marinadeStake{marinade{t}}, marinadeRecords{marinade{t}}
		case t.Kind == lst.KindLido:
			v.pools[t.Mint] = lido{t}
		}
	}
	return v
}

// sellers are all pools whose stake can be sold.
func (v stakeVenues) sellers() map[solana.PublicKey]sourceVenue {
	all := maps.Clone(v.pools)
	maps.Copy(all, v.others)
	return all
}

func (v stakeVenues) router(to map[solana.PublicKey]takerVenue, prefund bool) router {
	return router{throughStake{from: v.pools, to: to}, accounts.RouterProgram, v.reserve, prefund}
}

// errNoLoader and errNoMarket are the errors of nil pointers.
var (
	errNoLoader = fmt.Errorf("%w loader: make one with NewLoader", accounts.ErrNil)
	errNoMarket = fmt.Errorf("%w market: load one first", accounts.ErrNil)
)

// Loader says which accounts the market of some tokens is made of. Ask it for the first needs, load them, ask for the second, load
// those as well, and make the market.
type Loader struct {
	tokens []lst.LST
	stakes []solana.PublicKey
	tables []solana.PublicKey
	venues []venue
}

// NewLoader is for a market of the given tokens, with all ways there are. A token that is named twice counts once.
func NewLoader(tokens ...lst.LST) *Loader {
	seen := make(map[solana.PublicKey]bool)
	tokens = slices.DeleteFunc(slices.Clone(tokens), func(t lst.LST) bool {
		twice := seen[t.Mint]
		seen[t.Mint] = true
		return twice
	})
	return &Loader{tokens: tokens, tables: []solana.PublicKey{accounts.RouterLookupTableAddress}, venues: venues(tokens, nil, true)}
}

// WithStakeAccounts is the loader for a market in which some stake accounts can be traded, too.
func (l *Loader) WithStakeAccounts(addresses ...solana.PublicKey) *Loader {
	if l == nil {
		l = NewLoader()
	}

	stakes := slices.SortedFunc(slices.Values(slices.Concat(l.stakes, addresses)), compareKeys)
	stakes = slices.Compact(stakes)
	return &Loader{tokens: l.tokens, stakes: stakes, tables: l.tables, venues: venues(l.tokens, stakes, true)}
}

// WithLookupTables is the loader for a market whose transactions may use address lookup tables beside that of the Router, in case that
// they do not fit without. A table that cannot be used keeps the market from being made.
func (l *Loader) WithLookupTables(addresses ...solana.PublicKey) *Loader {
	if l == nil {
		l = NewLoader()
	}

	more := *l
	more.tables = slices.Concat(l.tables, addresses)
	return &more
}

// WithoutStake is the loader for a market without the ways that move stake. It loads far less: these ways take the pools' whole validator
// lists, which can have hundreds of kilobytes.
func (l *Loader) WithoutStake() *Loader {
	if l == nil {
		l = NewLoader()
	}

	return &Loader{tokens: l.tokens, tables: l.tables, venues: venues(l.tokens, nil, false)}
}

// First is what to load first.
func (l *Loader) First() Needs {
	if l == nil {
		return Needs{}
	}

	all := Needs{Accounts: sysvars()}
	for _, table := range l.tables {
		all.Accounts = append(all.Accounts, Need{Address: table})
	}
	for _, v := range l.venues {
		n := v.needs()
		all.Accounts = append(all.Accounts, n.Accounts...)
		all.Programs = append(all.Programs, n.Programs...)
	}
	all.Accounts = union(all.Accounts)
	slices.SortFunc(all.Programs, compareKeys)
	all.Programs = slices.Compact(all.Programs)
	return all
}

// Second is what to load after that, given the first accounts. The clock is loaded again: if the epoch has changed in between,
// the two rounds do not belong together.
func (l *Loader) Second(s *State) (Needs, error) {
	if l == nil {
		return Needs{}, errNoLoader
	}

	w, err := newWorld(s)
	if err != nil {
		return Needs{}, err
	}
	all := Needs{Accounts: []Need{{Address: accounts.ClockSysvar}}}
	for _, v := range l.venues {
		all.Accounts = append(all.Accounts, v.more(w)...)
	}
	all.Accounts = union(all.Accounts)
	return all, nil
}

// union merges needs of the same account: all of it if anybody wants all, else the longest beginning.
func union(needs []Need) []Need {
	merged := make([]Need, 0, len(needs))
	index := make(map[solana.PublicKey]int, len(needs))
	for _, n := range needs {
		i, seen := index[n.Address]
		if !seen {
			index[n.Address] = len(merged)
			merged = append(merged, n)
			continue
		}
		if merged[i].Length != 0 && (n.Length == 0 || n.Length > merged[i].Length) {
			merged[i].Length = n.Length
		}
	}
	return merged
}

func compareKeys(a, b solana.PublicKey) int { return slices.Compare(a[:], b[:]) }

// Market makes the market of what was loaded. Venues whose accounts are missing or malformed are part of it, and say why they
// cannot trade when they are asked.
func (l *Loader) Market(s *State) (*Market, error) {
	if l == nil {
		return nil, errNoLoader
	}

	w, err := newWorld(s)
	if err != nil {
		return nil, err
	}
	m := &Market{
		chain: *w.chain, slot: s.Accounts.Slot(), tokens: slices.Clone(l.tokens), stakes: l.stakes,
		accounts: make(map[solana.PublicKey]outcome[quote.LiveStake]),
	}
	for _, address := range l.stakes {
		var known outcome[quote.LiveStake]
		if stake, err := liveStake(s, address); err != nil {
			known.err = err
		} else {
			known.value = *stake
		}
		m.accounts[address] = known
	}
	if m.tables, err = l.loadTables(w); err != nil {
		return nil, err
	}
	for _, v := range l.venues {
		state, err := v.load(w)
		m.venues = append(m.venues, marketVenue{venue: v, state: state, err: err})
	}
	return m, nil
}

// loadTables reads the lookup tables. That of the Router is welcome, but nobody asked for it.
func (l *Loader) loadTables(w *world) ([]txn.LookupTable, error) {
	var tables []txn.LookupTable
	for _, address := range l.tables {
		table, err := loadTable(w, address)
		switch {
		case err == nil:
			tables = append(tables, table)
		case address != accounts.RouterLookupTableAddress:
			return nil, err
		}
	}
	return tables, nil
}

func loadTable(w *world, address solana.PublicKey) (txn.LookupTable, error) {
	table, err := accounts.Load(w.state.Accounts, address, accounts.DecodeLookupTable)
	if err != nil {
		return txn.LookupTable{}, fmt.Errorf("%w: %w", txn.ErrLookupTable, err)
	}
	return txn.NewLookupTable(address, table, w.clock.Slot)
}

// Market is every way to trade some tokens at one slot. It does not change and is safe for concurrent use.
type Market struct {
	chain  chain
	slot   uint64
	tokens []lst.LST
	stakes []solana.PublicKey
	// accounts are the stake accounts.
	accounts map[solana.PublicKey]outcome[quote.LiveStake]
	tables   []txn.LookupTable
	venues   []marketVenue
}

type marketVenue struct {
	venue
	state loaded
	err   error
}

// Slot is the slot of the market's accounts.
func (m *Market) Slot() uint64 {
	if m == nil {
		return 0
	}

	return m.slot
}

// Clock is the chain's clock at that slot.
func (m *Market) Clock() accounts.Clock {
	if m == nil {
		return accounts.Clock{}
	}

	return m.chain.clock
}

// EpochSchedule is the length of epochs.
func (m *Market) EpochSchedule() accounts.EpochSchedule {
	if m == nil {
		return accounts.EpochSchedule{}
	}

	return m.chain.schedule
}

// SlotTime is how long a slot takes, and how that is known: by the Clock once
// enough of the epoch has passed, else by [State.SlotTime]. It is the zero value
// if neither tells.
func (m *Market) SlotTime() quote.SlotTime {
	if m == nil {
		return quote.SlotTime{}
	}

	return m.chain.slotTime
}

// Rent is the price of account storage at that slot.
func (m *Market) Rent() accounts.Rent {
	if m == nil {
		return accounts.Rent{}
	}

	return m.chain.rent
}

// Tokens are those the market was loaded for.
func (m *Market) Tokens() []lst.LST {
	if m == nil {
		return nil
	}

	return slices.Clone(m.tokens)
}

// knows says whether the market was loaded for a token. SOL is in every market.
func (m *Market) knows(mint solana.PublicKey) bool {
	return mint == accounts.NativeMint || slices.ContainsFunc(m.tokens, func(t lst.LST) bool { return t.Mint == mint })
}

// StakeAccounts are those the market was loaded for.
func (m *Market) StakeAccounts() []solana.PublicKey {
	if m == nil {
		return nil
	}

	return slices.Clone(m.stakes)
}

// StakeAccount is one of the stake accounts the market was loaded for, as it was then. The error says why it is none.
func (m *Market) StakeAccount(address solana.PublicKey) (quote.LiveStake, error) {
	if m == nil {
		return quote.LiveStake{}, fmt.Errorf("%w: %s", accounts.ErrNotLoaded, address)
	}

	known, ok := m.accounts[address]
	if !ok {
		return quote.LiveStake{}, fmt.Errorf("%w: %s", accounts.ErrNotLoaded, address)
	}
	return known.value, known.err
}

// Quote returns the best quote for a request: the one that pays most, or for ExactOut costs least. The error of a request that
// makes no sense is one of this package's sentinels; if no venue can serve it, a [*NoRouteError] with every reason.
func (m *Market) Quote(r Request) (Quote, error) {
	quotes, rejected := m.Quotes(r)
	if len(quotes) > 0 {
		return quotes[0], nil
	}
	var invalid *requestError
	if len(rejected) == 1 && errors.As(rejected[0].Err, &invalid) {
		return Quote{}, invalid.reason
	}
	return Quote{}, &NoRouteError{From: r.From, To: r.To, Rejected: rejected}
}

// requestError marks the rejection of a request that no venue was asked about.
type requestError struct{ reason error }

func (e *requestError) Error() string { return e.reason.Error() }
func (e *requestError) Unwrap() error { return e.reason }

// Quotes returns the quotes of all venues for a request, the best first, and those that cannot serve it with the reason. If they pay more
// than any single venue, two steps through SOL or another token of the market and a split over two venues come before them. A request
// that makes no sense is rejected once, without the name of a venue. The order is the same every time.
func (m *Market) Quotes(r Request) (quotes []Quote, rejected []Rejected) {
	if m == nil {
		return nil, []Rejected{{Err: &requestError{errNoMarket}}}
	}
	if err := m.check(r); err != nil {
		return nil, []Rejected{{Err: &requestError{err}}}
	}
	direct, rejected := m.direct(r, nil)
	for i := range direct {
		if err := m.conform(&direct[i]); err != nil {
			rejected = append(rejected, Rejected{Venue: direct[i].Venue, Err: err})
			continue
		}
		quotes = append(quotes, direct[i])
	}
	order(quotes)
	if r.Direct {
		return quotes, rejected
	}
	var best *Quote
	if len(quotes) > 0 {
		best = &quotes[0]
	}
	steps, unfit := m.twoSteps(r, best)
	split := m.split(r, best)
	for _, q := range []*Quote{steps, split} {
		if q != nil {
			quotes = append(quotes, *q)
		}
	}
	order(quotes)
	return quotes, append(rejected, unfit...)
}

// direct are the quotes of single venues, in the venues' order, of those that can be asked so after a pool has changed.
func (m *Market) direct(r Request, after *changed) (quotes []Quote, rejected []Rejected) {
	for i := range m.venues {
		v := &m.venues[i]
		if !v.serves(r.From, r.To) {
			continue
		}
		q, err := m.ask(v, r, after)
		if err != nil {
			rejected = append(rejected, Rejected{Venue: v.name(), Err: err})
			continue
		}
		quotes = append(quotes, q)
	}
	return quotes, rejected
}

// ask asks one venue.
func (m *Market) ask(v *marketVenue, r Request, after *changed) (Quote, error) {
	if v.err != nil {
		return Quote{}, v.err
	}
	state, follows := v.state, false
	if f, ok := v.state.(follower); ok && after != nil {
		if state, follows = f.following(*after); !follows {
			state = v.state
		}
	}
	q, err := state.quote(r)
	if err == nil {
		q, err = m.paid(q, r)
	}
	if err != nil {
		return Quote{}, err
	}
	q.Request, q.Venue, q.Slot, q.Epoch, q.Tables, q.follows = r, v.name(), m.slot, m.chain.clock.Epoch, m.tables, follows
	q.venue, q.holder = v, m.accounts[r.From].value.Account.Withdrawer
	m.net(&q)
	return q, nil
}

func (m *Market) check(r Request) error {
	if err := r.Check(); err != nil {
		return err
	}
	switch {
	case !m.knows(r.From) && !m.isStake(r.From):
		return fmt.Errorf("%w: %s", ErrUnknownToken, r.From)
	case !m.knows(r.To) && r.To != NativeStake:
		return fmt.Errorf("%w: %s", ErrUnknownToken, r.To)
	}
	return m.checkRecipient(r)
}
