package venue

import (
	"slices"

	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakePool is the stake pool of an LST, of the SPL family. What it is good for are venues of their own.
type stakePool struct{ token state.Token }

// Compute units as measured on the builds of 2025, with room: most goes to the searches for derived addresses, whose length
// depends on the address.
const (
	depositSolUnits        = 60_000
	withdrawSolUnits       = 60_000
	updateListUnits        = 15_000
	updateListEntryUnits   = 60_000
	updatePoolBalanceUnits = 60_000
	cleanupUnits           = 10_000
)

// notCrankable is the refusal of a stale pool that cannot be updated.
var notCrankable = quote.NewReason(quote.ErrStale, "")

// priced is the pool and its prices as a request finds it: cranked if that was
// asked for and is needed. The prices are nil if the pool does not trade, and
// o.Refusal says why.
func (v stakePool) priced(s *state.Snapshot, a *offer.Ask, o *offer.Offer) (*state.StakePool, *quote.StakePoolPrices) {
	pool, err := s.StakePool(v.token)
	switch {
	case err != nil:
		o.Refusal.BecauseErr(nil, err)
		return nil, nil
	case a.Wrapped:
		o.Refusal.Because(offer.NotWrapped)
		return pool, nil
	case !cranks(pool, a):
		return pool, pool.Prices
	case pool.CrankErr != nil:
		o.Refusal.BecauseErr(notCrankable, pool.CrankErr)
		o.Refusal.By("update pool balance", &pool.LST.Pool)
		return pool, nil
	}
	return pool, pool.Crank.Prices
}

// cranks reports whether a pool is to be updated before a trade.
func cranks(pool *state.StakePool, a *offer.Ask) bool { return a.Crank && pool.Stale() }

// leaves is a pool after an exact deposit, which mints for the depositor and
// both receivers of fees; zero if that is not known.
func leaves(
	pool *state.StakePool, token state.Token, prices *quote.StakePoolPrices, exact bool, lamports uint64, minted ...uint64,
) offer.Effect {
	var c fixed.Calc
	total := c.Add(minted...)
	lamports, supply, ok := prices.After(lamports, total)
	if !exact || !ok || c.Err() != nil {
		return offer.Effect{}
	}
	return offer.Effect{Token: token, Lamports: lamports, Supply: supply, Cranked: prices != pool.Prices}
}

// unknownBuild is the condition of a quote that is not exact.
const unknownBuild = "the deployed build of the stake pool program is not known: it may pay a little more"

// describePool tells what does not depend on the operation.
func describePool(pool *state.StakePool, cranked, exact bool, d *offer.Deed) {
	d.Accounts = slices.Clone(pool.Read)
	if cranked {
		d.Accounts = append(d.Accounts, pool.Crank.Read...)
		d.Conditions = append(d.Conditions, "the pool is updated for this epoch in the same transaction")
	}
	if !exact {
		d.Conditions = append(d.Conditions, unknownBuild)
	}
}

// crankSteps update a stale pool for this epoch.
func crankSteps(pool *state.StakePool) ([]txn.Step, error) {
	if !pool.Stale() {
		return nil, nil
	}
	built, err := instructions.CrankStakePool(pool.Keys, pool.Crank.List, pool.Pool.Clock.Epoch)
	if err != nil {
		return nil, err
	}
	steps := make([]txn.Step, len(built))
	for i, ix := range built {
		steps[i] = txn.Step{Words: "record the balances of some of the pool's validators", Instruction: ix}
		steps[i].Units = updateListUnits + updateListEntryUnits*uint32(min(len(pool.Crank.List.Validators), 4))
	}
	balance, cleanup := &steps[len(steps)-2], &steps[len(steps)-1]
	balance.Words, balance.Units = "update the pool's balance for this epoch", updatePoolBalanceUnits
	cleanup.Words, cleanup.Units = "remove validators without stake from the pool's list", cleanupUnits
	return steps, nil
}

// prices are those that a request finds, nil if it finds none.
func (v stakePool) prices(s *state.Snapshot, a *offer.Ask) *quote.StakePoolPrices {
	pool, err := s.StakePool(v.token)
	switch {
	case err != nil || a.Wrapped:
		return nil
	case !cranks(pool, a):
		return pool.Prices
	case pool.CrankErr != nil:
		return nil
	}
	return pool.Crank.Prices
}
