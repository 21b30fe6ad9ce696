package venue

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// tokenUpdate is what a trade updates for a token before it trades it: the
// token's stake pool, or Lido's exchange rate. The zero value is no update.
type tokenUpdate struct {
	pool *state.StakePool
	lido *state.Lido
}

// updateOf returns the update of a token, or none if the token is not stale or
// the result of the update is not certain.
func updateOf(s *state.Snapshot, a *offer.Ask, token state.Token) (u tokenUpdate) {
	if !a.AllowPoolUpdate {
		return u
	}

	switch kind := s.Ledger().Kind(token); {
	case kind.IsStakePool():
		pool, err := s.StakePool(token)
		if err == nil && pool.Stale() && pool.Update != nil && pool.Update.AfterErr == nil {
			u.pool = pool
		}

	case kind == lst.KindLido:
		lido, err := s.Lido(token)
		if err == nil && lido.UpdatedValue != nil {
			u.lido = lido
		}
	}

	return u
}

// needed reports whether there is an update.
func (u tokenUpdate) needed() bool { return u.pool != nil || u.lido != nil }

// steps returns the instructions of the update.
func (u tokenUpdate) steps() ([]txn.Step, error) {
	switch {
	case u.pool != nil:
		return updateSteps(u.pool, false)
	case u.lido != nil:
		return (&fromLido{pool: u.lido, poolUpdated: true}).updateSteps()
	}
	return nil, nil
}

// accounts returns the accounts that determine the result of the update.
func (u tokenUpdate) accounts() []solana.PublicKey {
	switch {
	case u.pool != nil:
		return slices.Concat(u.pool.Read, u.pool.Update.Read)
	case u.lido != nil:
		return append(slices.Clone(u.lido.Read), u.lido.Keys.Reserve)
	}
	return nil
}

// condition returns the condition of a quote with the update.
func (u tokenUpdate) condition() string {
	if u.lido != nil {
		return lidoUpdated
	}
	return poolUpdated
}

// updatedEntry returns the value of a token after its update, or nil if the
// trade does not update it.
func updatedEntry(
	s *state.Snapshot, pool *state.Infinity, a *offer.Ask, token state.Token,
) *quote.InfinityEntry {
	update := updateOf(s, a, token)
	index, ok := pool.Index(token)
	if !update.needed() || !ok {
		return nil
	}

	if update.lido != nil {
		entry := pool.Prices.RevaluedLido(index, *update.lido.UpdatedValue)
		return &entry
	}

	value, err := quote.NewStakePoolValue(&update.pool.Update.After.Pool.State,
		update.pool.Pool.Clock)
	if err != nil {
		return nil
	}

	entry := pool.Prices.Revalued(index, value)

	return &entry
}

// updatesOf returns the updates of the two tokens of a trade. If the trade is
// the second of two steps, the first has updated the pool between them.
func updatesOf(s *state.Snapshot, a *offer.Ask, o *offer.Offer) (updates []tokenUpdate) {
	if update := updateOf(s, a, a.FromToken); update.needed() && !o.Follows {
		updates = append(updates, update)
	}
	if update := updateOf(s, a, a.ToToken); update.needed() {
		updates = append(updates, update)
	}
	return updates
}
