package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

var errNoLoader = fmt.Errorf("%w loader: make one with NewLoader", accounts.ErrNil)

// Loader determines which accounts the market of some tokens needs. Load the
// accounts of [Loader.AccountsToLoad], pass them to
// [Loader.AccountsToLoadNext], load those accounts as well, and call
// [Loader.Build].
//
// A Loader derives each address once, so keep it to load the same tokens again.
// It is safe for concurrent use.
type Loader struct{ origin }

func newLoader(scope state.Scope) *Loader { return &Loader{origin{scope: scope}} }

// NewLoader returns a loader of a market for the given tokens, with all venues.
// Repeated tokens count once.
func NewLoader(tokens ...lst.LST) *Loader {
	return newLoader(state.Scope{
		Tokens:    slices.Clone(tokens),
		Tables:    []solana.PublicKey{accounts.RouterLookupTableAddress},
		LookAhead: DefaultSlotTolerance,
	})
}

// WithStakeAccounts returns a loader of a market in which the given stake
// accounts can be traded as well.
func (l *Loader) WithStakeAccounts(addresses ...solana.PublicKey) *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.StakeAccounts, scope.WithoutStake = slices.Concat(scope.StakeAccounts, addresses), false
	return newLoader(scope)
}

// WithMergedStake returns a loader of a market in which the stake account into
// can be traded together with other stake accounts of its owner: the
// transaction merges them into it first, in their order. A request for this
// market lists the same accounts in [Options.MergeStake].
func (l *Loader) WithMergedStake(into solana.PublicKey, others ...solana.PublicKey) *Loader {
	merging := l.WithStakeAccounts(into)
	if len(others) == 0 {
		return merging
	}

	scope := merging.scope
	merges := map[solana.PublicKey][]solana.PublicKey{into: slices.Clone(others)}
	for other, merged := range scope.Merges {
		if other != into {
			merges[other] = merged
		}
	}

	scope.Merges = merges

	return newLoader(scope)
}

// MostStakeAccounts is the largest number of stake accounts that one trade
// withdraws stake into. Usually fewer fit into a transaction.
const MostStakeAccounts = 8

// WithStakeSources returns a loader of a market that also loads the stake
// accounts of that number of validators of each stake pool, the ones with the
// most stake. An amount of an LST that no single validator can redeem for stake
// is then drawn from several of them. More than [MostStakeAccounts] are not
// used.
func (l *Loader) WithStakeSources(validators int) *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.StakeSources = min(max(validators, 0), MostStakeAccounts)
	return newLoader(scope)
}

// WithValidators returns a loader of a market that also loads the stake
// accounts of the stake pools with the given vote accounts. A
// [PortableQuote] names the validators of its route, see [Market.Requote].
func (l *Loader) WithValidators(votes ...solana.PublicKey) *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.Validators = slices.Concat(scope.Validators, votes)
	return newLoader(scope)
}

// WithLookupTables returns a loader of a market whose transactions may use
// address lookup tables in addition to the Router's, if they do not fit
// without. [Loader.Build] fails if a table cannot be used.
func (l *Loader) WithLookupTables(addresses ...solana.PublicKey) *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.Tables = slices.Concat(scope.Tables, addresses)
	return newLoader(scope)
}

// WithoutStake returns a loader of a market without the venues that move stake
// accounts. It loads far less: those venues need the whole validator lists of
// the pools, which may have hundreds of kilobytes.
func (l *Loader) WithoutStake() *Loader {
	if l == nil {
		l = NewLoader()
	}

	scope := l.scope
	scope.StakeAccounts, scope.Merges, scope.WithoutStake = nil, nil, true
	return newLoader(scope)
}

// AccountsToLoad returns the accounts of the first round.
func (l *Loader) AccountsToLoad() LoadPlan {
	if l == nil {
		return LoadPlan{}
	}

	ledger, _ := l.ledgerAndBook()
	return ledger.First()
}

// AccountsToLoadNext returns the accounts of the second round, which follow
// from those of the first. It includes the Clock sysvar again, because both
// rounds must be in the same epoch.
func (l *Loader) AccountsToLoadNext(snapshot *AccountSnapshot) (LoadPlan, error) {
	if l == nil {
		return LoadPlan{}, errNoLoader
	}

	ledger, _ := l.ledgerAndBook()
	return ledger.Second(snapshot)
}

// Build returns the market of the loaded accounts. A venue whose accounts are
// missing or malformed is part of the market, and refuses each request with the
// reason.
func (l *Loader) Build(snapshot *AccountSnapshot) (*Market, error) {
	if l == nil {
		return nil, errNoLoader
	}

	ledger, _ := l.ledgerAndBook()
	loaded, err := ledger.Load(snapshot)
	if err != nil {
		return nil, err
	}
	return l.market(loaded)
}
