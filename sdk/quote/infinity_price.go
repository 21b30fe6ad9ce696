package quote

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

var reasonNoPrices = NewReason(accounts.ErrNil, "%[1]v prices")

// InfinityLP is the index of the LP token in [InfinityPrices].
const InfinityLP = -1

// InfinityPrice is the outcome of a trade with Infinity in numbers. Amounts are
// base units, values are lamports. The fields are those of [InfinityTrade].
type InfinityPrice struct {
	In, Out           uint64
	InValue, OutValue uint64
	ProtocolFee       uint64
}

// Fee returns the cost of the trade in lamports, see [InfinityTrade.Fee].
func (p InfinityPrice) Fee() uint64 { return fixed.SaturatingSub(p.InValue, p.OutValue) }

// InfinityPrices is a prepared [InfinityState]: everything that does not depend
// on the amount of a trade is computed in advance. A price is then integer
// arithmetic without allocations, unless a [SOLValueCalculator] or a [Pricing]
// comes from another package.
//
// Create it with [InfinityState.Prepare]. Tokens are named by an index, see
// [InfinityPrices.Index]. It is immutable and safe for concurrent use.
type InfinityPrices struct {
	infinityHead
	// state is the pool before the release of yield.
	state   accounts.PoolState
	entries infinityEntries
	// indices are the indices by mint. If nil, [InfinityPrices.Index] searches
	// the entries.
	indices map[solana.PublicKey]int
}

// InfinityEntry is a prepared token of [InfinityPrices].
type InfinityEntry struct {
	mint *solana.PublicKey
	// listed is the mint in the pool's list, which refusals name.
	listed *solana.PublicKey
	value  tokenValue
	fee    tokenFee
	// refused is the reason why the token does not trade at all, or nil.
	refused error
	// reserves are base units. recorded is the value in the pool's list and
	// actual the current value, both in lamports. actual is set only if
	// isActual.
	reserves, recorded, actual uint64
	isActual                   bool
	isInputDisabled            bool

	lines entryLines
}

// infinityHead holds the part of the prices that all tokens share.
type infinityHead struct {
	address *solana.PublicKey
	lpMint  *solana.PublicKey
	lpFee   tokenFee
	pricing preparedPricing
	supply  uint64
	// closed is the reason why the pool does not trade at all, or nil.
	closed error

	// pool is the state after the release of the yield that is due by the slot.
	// If the release fails, unreleased is the error.
	pool       accounts.PoolState
	totals     totals
	unreleased error
}

// unavailableError is the reason why a token cannot be valued.
type unavailableError struct {
	mint   *solana.PublicKey
	reason error
}

func (e *unavailableError) Error() string { return e.wrapped().Error() }

func (e *unavailableError) Unwrap() error { return e.reason }

func (e *unavailableError) wrapped() error { return fmt.Errorf("%s: %w", e.mint, e.reason) }

// head prepares the part of the prices that all tokens share.
func (i InfinityState) head() infinityHead {
	h := infinityHead{
		address: &i.Address,
		lpMint:  &i.Pool.LPTokenMint,
		lpFee:   feeOf(i.Pricing, &i.Pool.LPTokenMint),
		pricing: pricingOf(i.Pricing),
		supply:  i.LPSupply,
	}

	switch {
	case i.Pool.IsRebalancing:
		h.closed = ErrRebalancing
	case i.Pool.IsDisabled:
		h.closed = ErrDisabled
	case i.Pricing == nil && i.PricingErr == nil:
		h.closed = fmt.Errorf("%w pricing", accounts.ErrNil)
	case i.Pricing == nil:
		h.closed = i.PricingErr
	}

	h.release(i.Pool, i.Slot)
	return h
}

// release computes the state of the pool at a slot.
func (h *infinityHead) release(pool accounts.PoolState, slot uint64) {
	h.pool, h.unreleased = ReleaseYield(pool, slot)
	h.totals = totalsOf(h.pool)
}

// entry prepares a token of the pool. The key must not change afterwards.
func (i *InfinityState) entry(mint *solana.PublicKey) InfinityEntry {
	if lst, ok := i.LSTs[*mint]; ok {
		return lst.Prepare(mint, i.Pricing)
	}
	return UnlistedEntry(mint)
}

// UnlistedEntry returns the entry of a token that the pool does not hold. Its
// prices fail with [ErrUnlisted]. The key must not change afterwards.
func UnlistedEntry(mint *solana.PublicKey) InfinityEntry {
	if mint == nil {
		return noEntry
	}

	return InfinityEntry{mint: mint, refused: &unlistedError{mint}}
}

// Prepare prepares a token for [NewInfinityPrices]. Neither the key nor the
// token may change afterwards.
func (lst *InfinityLST) Prepare(mint *solana.PublicKey, pricing Pricing) InfinityEntry {
	if lst == nil || mint == nil {
		return noEntry
	}

	e := InfinityEntry{
		mint:            mint,
		listed:          mint,
		fee:             feeOf(pricing, mint),
		reserves:        lst.Reserves,
		recorded:        lst.State.SOLValue,
		isInputDisabled: lst.State.IsInputDisabled,
	}

	if listed := lst.State.Mint; listed != *mint {
		e.listed = listed.ToPointer()
	}

	if lst.Value == nil {
		e.refused = &unavailableError{mint, lst.Unavailable}
		return e
	}

	e.set(valueOf(lst.Value))
	e.drawLines()

	return e
}

// set sets the calculator of the token and computes the value of its reserves.
func (e *InfinityEntry) set(value tokenValue) {
	e.value, e.refused = value, nil
	e.actual, e.isActual = 0, false
	if value.kind == valueOther {
		return
	}

	worth, ok := e.value.lstToSOL(e.reserves, nil)
	e.actual, e.isActual = worth.Min, ok
}

// Prepare prepares the prices of trades at the slot of the state. It does not
// fail: if the pool or a token cannot trade, its prices return the reason.
func (i InfinityState) Prepare() *InfinityPrices {
	type listed struct {
		index uint32
		mint  solana.PublicKey
	}

	order := make([]listed, 0, len(i.LSTs))
	for mint, lst := range i.LSTs {
		if mint != i.Pool.LPTokenMint {
			order = append(order, listed{lst.Index, mint})
		}
	}

	slices.SortFunc(order, func(a, b listed) int {
		return cmp.Or(cmp.Compare(a.index, b.index), accounts.CompareKeys(a.mint, b.mint))
	})

	prepared := make([]InfinityEntry, len(order))
	entries := make([]*InfinityEntry, len(order))
	indices := make(map[solana.PublicKey]int, len(order))
	for index := range order {
		prepared[index] = i.entry(&order[index].mint)
		entries[index], indices[order[index].mint] = &prepared[index], index
	}

	p := NewInfinityPrices(i, entries)
	p.indices = indices

	return p
}

// NewInfinityPrices returns the prices of a pool from prepared tokens. The
// index of a token is its index in entries. The LSTs field of infinity is
// ignored. The entries must not change afterwards.
func NewInfinityPrices(infinity InfinityState, entries []*InfinityEntry) *InfinityPrices {
	return &InfinityPrices{
		infinityHead: infinity.head(),
		state:        infinity.Pool,
		entries:      newInfinityEntries(entries),
	}
}

// Replace returns the prices of the pool after it has changed. The token with
// the index indices[i] gets the entry entries[i]; an index out of range is
// ignored. Both share all other entries.
func (p *InfinityPrices) Replace(
	infinity InfinityState, indices []int, entries []*InfinityEntry,
) *InfinityPrices {
	if p == nil {
		return NewInfinityPrices(infinity, nil)
	}
	return &InfinityPrices{
		infinityHead: infinity.head(),
		state:        infinity.Pool,
		entries:      p.entries.replace(indices, entries),
		indices:      p.indices,
	}
}

// entriesPage is the number of entries that are shared or copied together.
const entriesPage = 64

// infinityEntries are the entries of a pool in pages, so that the prices after
// a change share most of them.
type infinityEntries struct {
	pages []*[entriesPage]*InfinityEntry
	count int
}

func newInfinityEntries(list []*InfinityEntry) infinityEntries {
	e := infinityEntries{count: len(list)}
	for len(list) > 0 {
		page := new([entriesPage]*InfinityEntry)
		list = list[copy(page[:], list):]
		for i := range page {
			if page[i] == nil || page[i].mint == nil {
				page[i] = &noEntry
			}
		}

		e.pages = append(e.pages, page)
	}

	return e
}

// at returns the entry of an index below count.
func (e *infinityEntries) at(index int) *InfinityEntry {
	return e.pages[index/entriesPage][index%entriesPage]
}

func (e infinityEntries) replace(indices []int, list []*InfinityEntry) infinityEntries {
	old := e.pages
	e.pages = slices.Clone(old)
	for n, index := range indices {
		if index < 0 || index >= e.count || n >= len(list) ||
			list[n] == nil || list[n].mint == nil {
			continue
		}

		number := index / entriesPage
		if e.pages[number] == old[number] {
			page := *old[number]
			e.pages[number] = &page
		}

		e.pages[number][index%entriesPage] = list[n]
	}

	return e
}

// AtSlot returns the prices of trades at another slot. The result shares the
// tokens of p.
func (p *InfinityPrices) AtSlot(slot uint64) InfinityPrices {
	if p == nil {
		return InfinityPrices{}
	}

	at := *p
	at.release(p.state, slot)
	return at
}

// Index returns the index of a token: its position among the tokens in the
// order of the pool's list, or [InfinityLP]. It returns false for a token that
// the pool does not hold.
func (p *InfinityPrices) Index(mint solana.PublicKey) (int, bool) {
	if p == nil || p.lpMint == nil {
		return 0, false
	}

	if mint == *p.lpMint {
		return InfinityLP, true
	}

	if p.indices == nil {
		for index := range p.entries.count {
			if *p.entries.at(index).mint == mint {
				return index, true
			}
		}

		return 0, false
	}

	index, ok := p.indices[mint]
	return index, ok
}

// Len returns the number of tokens of the pool. Their indices are 0 to Len-1.
func (p *InfinityPrices) Len() int {
	if p == nil {
		return 0
	}
	return p.entries.count
}

// Mint returns the mint of an index, or the zero key if the index is out of
// range.
func (p *InfinityPrices) Mint(index int) solana.PublicKey {
	switch {
	case p == nil:
		return solana.PublicKey{}
	case index == InfinityLP && p.lpMint != nil:
		return *p.lpMint
	case index < 0 || index >= p.entries.count:
		return solana.PublicKey{}
	}
	return *p.entries.at(index).mint
}

// Revalued returns the entry of a token after its stake pool has changed, for
// [InfinityPrices.SwapAfter]. If the token did not trade for a reason other
// than [ErrStalePool], it still does not.
func (p *InfinityPrices) Revalued(index int, value StakePoolValue) InfinityEntry {
	return p.revalued(index, value.prepare())
}

// RevaluedLido is [InfinityPrices.Revalued] for stSOL after an update of Lido's
// exchange rate.
func (p *InfinityPrices) RevaluedLido(index int, value LidoValue) InfinityEntry {
	return p.revalued(index, value.prepare())
}

func (p *InfinityPrices) revalued(index int, value tokenValue) InfinityEntry {
	if p == nil || index < 0 || index >= p.entries.count {
		return noEntry
	}

	e := *p.entries.at(index)
	if e.refused == nil || errors.Is(e.refused, ErrStalePool) {
		e.set(value)
	}

	return e
}

// Unvalued returns the entry of a token that can no longer be valued, for
// [InfinityPrices.SwapAfter]. Its prices fail with reason.
func (p *InfinityPrices) Unvalued(index int, reason error) InfinityEntry {
	e := p.Revalued(index, StakePoolValue{})
	if e.mint != nil {
		e.refused = &unavailableError{e.mint, reason}
	}
	return e
}

// Swap prices a trade of an exact amount, see [InfinityState.Swap]. If the pool
// refuses the trade, it returns false and records the reason in why, unless
// that is nil.
func (p *InfinityPrices) Swap(inp, out int, amount uint64, why *Refusal) (InfinityPrice, bool) {
	if p == nil {
		return InfinityPrice{}, why.Because(reasonNoPrices)
	}
	return p.priced(p.entry(inp), p.entry(out), amount, false, why)
}

// SwapExactOut prices a trade for an exact amount out, see
// [InfinityState.SwapExactOut]. It reports a refusal like
// [InfinityPrices.Swap].
func (p *InfinityPrices) SwapExactOut(
	inp, out int, amount uint64, why *Refusal,
) (InfinityPrice, bool) {
	if p == nil {
		return InfinityPrice{}, why.Because(reasonNoPrices)
	}
	return p.priced(p.entry(inp), p.entry(out), amount, true, why)
}

// SwapAfter is like [InfinityPrices.Swap] after the values of tokens have
// changed, see [InfinityPrices.Revalued]. A nil entry stands for a token with
// the same value as before.
func (p *InfinityPrices) SwapAfter(
	inp, out int, amount uint64, inpEntry, outEntry *InfinityEntry, why *Refusal,
) (InfinityPrice, bool) {
	from, to, ok := p.pairAfter(inp, out, inpEntry, outEntry, why)
	if !ok {
		return InfinityPrice{}, false
	}
	return p.priced(from, to, amount, false, why)
}

// SwapExactOutAfter is like [InfinityPrices.SwapExactOut] after the values of
// tokens have changed, see [InfinityPrices.SwapAfter].
func (p *InfinityPrices) SwapExactOutAfter(
	inp, out int, amount uint64, inpEntry, outEntry *InfinityEntry, why *Refusal,
) (InfinityPrice, bool) {
	from, to, ok := p.pairAfter(inp, out, inpEntry, outEntry, why)
	if !ok {
		return InfinityPrice{}, false
	}
	return p.priced(from, to, amount, true, why)
}

// pairAfter returns the two tokens of a trade, of which either may have
// changed.
func (p *InfinityPrices) pairAfter(
	inp, out int, inpEntry, outEntry *InfinityEntry, why *Refusal,
) (from, to *InfinityEntry, ok bool) {
	if p == nil {
		return nil, nil, why.Because(reasonNoPrices)
	}

	return p.entryAfter(inp, inpEntry), p.entryAfter(out, outEntry), true
}

// entryAfter returns the changed entry of a token, or the one before if that is
// nil.
func (p *InfinityPrices) entryAfter(index int, changed *InfinityEntry) *InfinityEntry {
	switch {
	case changed == nil:
		return p.entry(index)
	case changed.mint == nil:
		return &noEntry
	}
	return changed
}

// FeeNanos returns the fee of a pair in billionths of the input value:
// 1_000_000 is 0.1 %. A negative fee is a rebate. It returns false if the
// pricing program has no fee for a token.
func (p *InfinityPrices) FeeNanos(inp, out int) (int64, bool) {
	if p == nil || p.pricing.kind == pricingOther && p.pricing.other == nil {
		return 0, false
	}
	return p.pricing.feeNanos(p.fee(inp), p.fee(out), nil)
}

// noEntry is the entry of an index out of range.
var noEntry = InfinityEntry{
	mint:    new(solana.PublicKey),
	fee:     tokenFee{mint: new(solana.PublicKey)},
	refused: fmt.Errorf("%w: the index is out of range", ErrUnlisted),
}

// entry returns the token of an index, or nil for the LP token.
func (p *InfinityPrices) entry(index int) *InfinityEntry {
	switch {
	case uint(index) < uint(p.entries.count):
		return p.entries.at(index)
	case index == InfinityLP:
		return nil
	}
	return &noEntry
}

// fee returns the fee of the token of an index.
func (p *InfinityPrices) fee(index int) *tokenFee {
	if e := p.entry(index); e != nil {
		return &e.fee
	}
	return &p.lpFee
}
