package route

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// venue is one way to trade. A venue that was not given the accounts it needs, or does not like them, says so in quote.
type venue interface {
	name() string
	serves(from, to solana.PublicKey) bool
	// needs is what the venue wants to know first.
	needs() Needs
	// more is what it wants to know then, given the accounts of the first round.
	more(*chain, *State) []Need
	// load decodes the accounts once, for all quotes.
	load(*chain, *State) (loaded, error)
}

// loaded is a venue with its state.
type loaded interface {
	quote(Request) (Quote, error)
}

// venues is the list of all venues for some tokens. Adding a venue means adding a line here.
func venues(tokens []lst.LST) []venue {
	var list []venue
	for _, t := range tokens {
		if t.Kind.IsStakePool() {
			list = append(list, stakePoolDeposit{stakePool{t}}, stakePoolWithdrawal{stakePool{t}})
		}
	}
	for _, program := range controllers(tokens) {
		list = append(list, newInfinity(program, tokens))
	}
	return list
}

// Loader says which accounts the market of some tokens is made of. Ask it for the first needs, load them, ask for the second, load
// those as well, and make the market.
type Loader struct {
	tokens []lst.LST
	venues []venue
}

// NewLoader is for a market of the given tokens. A token that is named twice counts once.
func NewLoader(tokens ...lst.LST) *Loader {
	seen := make(map[solana.PublicKey]bool)
	tokens = slices.DeleteFunc(slices.Clone(tokens), func(t lst.LST) bool {
		twice := seen[t.Mint]
		seen[t.Mint] = true
		return twice
	})
	return &Loader{tokens: tokens, venues: venues(tokens)}
}

// First is what to load first.
func (l *Loader) First() Needs {
	all := Needs{Accounts: sysvars()}
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
	c, err := newChain(s)
	if err != nil {
		return Needs{}, err
	}
	all := Needs{Accounts: []Need{{Address: accounts.ClockSysvar}}}
	for _, v := range l.venues {
		all.Accounts = append(all.Accounts, v.more(c, s)...)
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
	c, err := newChain(s)
	if err != nil {
		return nil, err
	}
	m := &Market{chain: *c, slot: s.Accounts.Slot(), tokens: slices.Clone(l.tokens)}
	for _, v := range l.venues {
		state, err := v.load(c, s)
		m.venues = append(m.venues, marketVenue{venue: v, state: state, err: err})
	}
	return m, nil
}

// Market is every way to trade some tokens at one slot. It does not change and is safe for concurrent use.
type Market struct {
	chain  chain
	slot   uint64
	tokens []lst.LST
	venues []marketVenue
}

type marketVenue struct {
	venue
	state loaded
	err   error
}

// Slot is the slot of the market's accounts.
func (m *Market) Slot() uint64 { return m.slot }

// Clock is the chain's clock at that slot.
func (m *Market) Clock() accounts.Clock { return m.chain.clock }

// EpochSchedule is the length of epochs.
func (m *Market) EpochSchedule() accounts.EpochSchedule { return m.chain.schedule }

// Rent is the price of account storage at that slot.
func (m *Market) Rent() accounts.Rent { return m.chain.rent }

// Tokens are those the market was loaded for.
func (m *Market) Tokens() []lst.LST { return slices.Clone(m.tokens) }

// knows says whether the market was loaded for a token. SOL is in every market.
func (m *Market) knows(mint solana.PublicKey) bool {
	return mint == accounts.NativeMint || slices.ContainsFunc(m.tokens, func(t lst.LST) bool { return t.Mint == mint })
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

// Quotes returns the quotes of all venues for a request, the best first, and the venues that cannot serve it with the reason. A
// request that makes no sense is rejected once, without the name of a venue. The order is the same every time.
func (m *Market) Quotes(r Request) ([]Quote, []Rejected) {
	if err := m.check(r); err != nil {
		return nil, []Rejected{{Err: &requestError{err}}}
	}
	var quotes []Quote
	var rejected []Rejected
	for _, v := range m.venues {
		if !v.serves(r.From, r.To) {
			continue
		}
		err := v.err
		var q Quote
		if err == nil {
			q, err = v.state.quote(r)
		}
		if err != nil {
			rejected = append(rejected, Rejected{Venue: v.name(), Err: err})
			continue
		}
		q.Request, q.Venue, q.Slot, q.Epoch = r, v.name(), m.slot, m.chain.clock.Epoch
		quotes = append(quotes, q)
	}
	slices.SortStableFunc(quotes, func(a, b Quote) int {
		if r.Side == ExactOut {
			return cmp.Or(cmp.Compare(a.In, b.In), cmp.Compare(b.Out, a.Out))
		}
		return cmp.Or(cmp.Compare(b.Out, a.Out), cmp.Compare(a.In, b.In))
	})
	return quotes, rejected
}

func (m *Market) check(r Request) error {
	if err := r.Check(); err != nil {
		return err
	}
	for _, mint := range []solana.PublicKey{r.From, r.To} {
		if !m.knows(mint) {
			return fmt.Errorf("%w: %s", ErrUnknownToken, mint)
		}
	}
	return nil
}
