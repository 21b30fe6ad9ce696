package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// errNoLoader is the error of a nil loader.
var errNoLoader = fmt.Errorf("%w loader: make one with NewLoader", accounts.ErrNil)

// Loader says which accounts the market of some tokens is made of. Ask it for the first needs, load them, ask for the second, load
// those as well, and make the market. It derives each address once: keep it to load the same tokens again. It is safe for concurrent
// use.
type Loader struct{ origin }

func newLoader(scope state.Scope) *Loader { return &Loader{origin{scope: scope}} }

// NewLoader is for a market of the given tokens, with all ways there are. A token that is named twice counts once.
func NewLoader(tokens ...lst.LST) *Loader {
	return newLoader(state.Scope{
		Tokens:    slices.Clone(tokens),
		Tables:    []solana.PublicKey{accounts.RouterLookupTableAddress},
		LookAhead: DefaultLookAhead,
	})
}

// WithStakeAccounts is the loader for a market in which some stake accounts can be traded, too.
func (l *Loader) WithStakeAccounts(addresses ...solana.PublicKey) *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.StakeAccounts, scope.WithoutStake = slices.Concat(scope.StakeAccounts, addresses), false
	return newLoader(scope)
}

// WithLookupTables is the loader for a market whose transactions may use address lookup tables in addition to that of the Router, in case
// that they do not fit without. A table that cannot be used keeps the market from being made.
func (l *Loader) WithLookupTables(addresses ...solana.PublicKey) *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.Tables = slices.Concat(scope.Tables, addresses)
	return newLoader(scope)
}

// WithoutStake is the loader for a market without the ways that move stake. It loads far less: these ways take the pools' whole validator
// lists, which can have hundreds of kilobytes.
func (l *Loader) WithoutStake() *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.StakeAccounts, scope.WithoutStake = nil, true
	return newLoader(scope)
}

// First is what to load first.
func (l *Loader) First() Needs {
	if l == nil {
		return Needs{}
	}

	ledger, _ := l.made()
	return ledger.First()
}

// Second is what to load after that, given the first accounts. The clock is loaded again: if the epoch has changed in between,
// the two rounds do not belong together.
func (l *Loader) Second(state *State) (Needs, error) {
	if l == nil {
		return Needs{}, errNoLoader
	}

	ledger, _ := l.made()
	return ledger.Second(state)
}

// Market makes the market of what was loaded. Venues whose accounts are missing or malformed are part of it, and say why they
// cannot trade when they are asked.
func (l *Loader) Market(state *State) (*Market, error) {
	if l == nil {
		return nil, errNoLoader
	}

	ledger, _ := l.made()
	snapshot, err := ledger.Load(state)
	if err != nil {
		return nil, err
	}
	return l.market(snapshot)
}
