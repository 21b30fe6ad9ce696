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

// stakePool is the SPL stake pool of an LST. Its operations are separate
// venues.
type stakePool struct{ token state.Token }

// Compute units as measured with the builds of 2025, plus a margin. Most of
// them go to the search for derived addresses, which takes longer for some
// addresses than for others.
const (
	depositSOLUnits        = 60_000
	withdrawSOLUnits       = 60_000
	updateListUnits        = 15_000
	updateListEntryUnits   = 60_000
	updatePoolBalanceUnits = 60_000
	cleanupUnits           = 10_000
)

// notCrankable is the refusal of a stale pool that cannot be updated.
var notCrankable = quote.NewReason(quote.ErrStalePool, "")

// priced returns the pool and its prices, after a pool update if the ask allows
// one and the pool is stale. The prices are nil, with the reason in o.Refusal,
// if the pool cannot trade.
func (v stakePool) priced(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
) (*state.StakePool, *quote.StakePoolPrices) {
	pool, err := s.StakePool(v.token)
	switch {
	case err != nil:
		o.Refusal.BecauseErr(nil, err)
		return nil, nil
	case a.UseWSOL:
		o.Refusal.Because(offer.NotWrapped)
		return pool, nil
	case !updatesPool(pool, a):
		return pool, pool.Prices
	case pool.CrankErr != nil:
		o.Refusal.BecauseErr(notCrankable, pool.CrankErr)
		o.Refusal.By("update pool balance", &pool.LST.Pool)
		return pool, nil
	}

	return pool, pool.Crank.Prices
}

// updatesPool reports whether the trade updates the pool first.
func updatesPool(pool *state.StakePool, a *offer.Ask) bool {
	return a.AllowPoolUpdate && pool.Stale()
}

// leaves returns a pool after an exact deposit, which mints tokens for the
// depositor, the referrer and the manager. It is zero if the result is unknown.
func leaves(
	pool *state.StakePool,
	token state.Token,
	prices *quote.StakePoolPrices,
	exact bool,
	lamports uint64,
	minted ...uint64,
) offer.Effect {
	var c fixed.Calc
	total := c.Add(minted...)
	lamports, supply, ok := prices.After(lamports, total)
	if !exact || !ok || c.Err() != nil {
		return offer.Effect{}
	}

	return offer.Effect{
		Token:    token,
		Lamports: lamports,
		Supply:   supply,
		Cranked:  prices != pool.Prices,
	}
}

// unknownBuild is the condition of a quote that is not exact.
const unknownBuild = "the deployed build of the stake pool program is unknown: it may pay slightly more than quoted"

// describePool sets the details that all operations share.
func describePool(pool *state.StakePool, poolUpdated, exact bool, d *offer.Details) {
	d.Accounts = slices.Clone(pool.Read)
	if poolUpdated {
		d.Accounts = append(d.Accounts, pool.Crank.Read...)
		d.Conditions = append(d.Conditions,
			"the pool is updated for this epoch in the same transaction")
	}
	if !exact {
		d.Conditions = append(d.Conditions, unknownBuild)
	}
}

// updateSteps returns the instructions that update a stale pool for the current
// epoch.
func updateSteps(pool *state.StakePool) ([]txn.Step, error) {
	if !pool.Stale() {
		return nil, nil
	}

	built, err := instructions.StakePoolUpdate(pool.Keys, pool.Crank.List, pool.Pool.Clock.Epoch)
	if err != nil {
		return nil, err
	}

	steps := make([]txn.Step, len(built))
	for i, ix := range built {
		steps[i] = txn.Step{Description: "record the balances of some of the pool's validators",
			Instruction: ix}
		steps[i].ComputeUnits = updateListUnits +
			updateListEntryUnits*uint32(min(len(pool.Crank.List.Validators), 4))
	}

	balance, cleanup := &steps[len(steps)-2], &steps[len(steps)-1]
	balance.Description = "update the pool's balance for this epoch"
	balance.ComputeUnits = updatePoolBalanceUnits
	cleanup.Description = "remove validators without stake from the pool's list"
	cleanup.ComputeUnits = cleanupUnits

	return steps, nil
}

// prices returns the prices for an ask, or nil if the pool cannot trade.
func (v stakePool) prices(s *state.Snapshot, a *offer.Ask) *quote.StakePoolPrices {
	pool, err := s.StakePool(v.token)
	switch {
	case err != nil || a.UseWSOL:
		return nil
	case !updatesPool(pool, a):
		return pool.Prices
	case pool.CrankErr != nil:
		return nil
	}
	return pool.Crank.Prices
}
