package venue

import (
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
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
	cleanupUnits           = 20_000
)

// ownUpdate is the refusal of a route whose minimum output is checked by the
// balance of an account into which the pool update pays the manager's fee: the
// check would pass although the trade pays too little.
var ownUpdate = quote.NewReason(
	quote.ErrStalePool,
	"%[1]v: the update pays the manager's fee into the account that is checked; update the pool first",
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
	pool, prices, err := pricesFor(s, a, v.token, true)
	if err != nil {
		o.Refusal.BecauseErr(nil, err)
		return pool, nil
	}

	return pool, prices
}

// pricesFor returns the stake pool of a token and its prices for an ask: after
// the pool update if the trade updates the pool first.
func pricesFor(
	s *state.Snapshot,
	a *offer.Ask,
	token state.Token,
	direct bool,
) (*state.StakePool, *quote.StakePoolPrices, error) {
	pool, err := s.StakePool(token)
	switch {
	case err != nil:
		return nil, nil, err
	case !updatesPool(pool, a):
		return pool, userPrices(pool, pool.Prices, nil, a, token, direct), nil
	case pool.UpdateErr != nil:
		return pool, nil, notUpdatable(pool, pool.UpdateErr)
	}
	return pool, userPrices(pool, pool.Update.Prices, pool.Update.Balances, a, token, direct), nil
}

// notUpdatable returns the refusal of a stale pool that cannot be updated.
func notUpdatable(pool *state.StakePool, reason error) error {
	var r quote.Refusal
	r.BecauseErr(notCrankable, reason)
	r.By("update pool balance", &pool.LST.Pool)
	return r.Err()
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
		Updated:  pool.Stale(),
	}
}

// unknownBuild is the condition of a quote that is not exact.
const unknownBuild = "the deployed build of the stake pool program is unknown: it may pay slightly more than quoted"

// poolUpdated is the condition of a quote with a pool update.
const poolUpdated = "the pool is updated for this epoch in the same transaction"

// assumesWarmUp is the assumption about an update that merges stake.
const assumesWarmUp = "the update assumes that stake warms up and cools down within one epoch, as usual; otherwise the transaction fails"

// updateConditions are the assumptions about a pool's update.
func updateConditions(pool *state.StakePool, cleansUp bool) []string {
	if pool.Update == nil {
		return []string{poolUpdated}
	}

	conditions := []string{poolUpdated}
	if cleansUp {
		conditions = append(conditions, forgetsPreferred)
	}

	for i := range pool.Update.Balances.Validators {
		v := &pool.Update.Balances.Validators[i]
		deactivated := v.Active != nil &&
			v.Active.Account.Delegation.DeactivationEpoch != accounts.NeverEpoch
		if v.Entry.LastUpdateEpoch < pool.Pool.Clock.Epoch && (v.Transient != nil || deactivated) {
			return append(conditions, assumesWarmUp)
		}
	}

	return conditions
}

// describePool sets the details that all operations share.
func describePool(pool *state.StakePool, updated, exact bool, d *offer.Details) {
	d.Accounts = slices.Clone(pool.Read)
	if updated {
		d.Accounts = append(d.Accounts, pool.Update.Read...)
		d.Conditions = append(d.Conditions, updateConditions(pool, false)...)
	}
	if !exact {
		d.Conditions = append(d.Conditions, unknownBuild)
	}
}

// forgetsPreferred is the condition of a quote with a clean-up.
const forgetsPreferred = "the pool's preferred validator is not active, and the clean-up in the same transaction resets it"

// updateSteps returns the instructions that update a stale pool for the current
// epoch, or none for another pool or nil. CleanupRemovedValidatorEntries is
// among them if the trade needs it, because it resets a preferred validator.
func updateSteps(pool *state.StakePool, cleansUp bool) ([]txn.Step, error) {
	if !pool.Stale() {
		return nil, nil
	}

	built, err := instructions.StakePoolUpdate(pool.Keys, pool.Update.List, pool.Pool.Clock.Epoch)
	if err != nil {
		return nil, err
	}

	steps := make([]txn.Step, len(built))
	for i, ix := range built {
		steps[i] = txn.Step{Description: "record the balances of some of the pool's validators",
			Instruction: ix}
		steps[i].ComputeUnits = updateListUnits +
			updateListEntryUnits*uint32(min(len(pool.Update.List.Validators), 4))
	}

	last := len(steps) - 1
	steps[last-1].Description = "update the pool's balance for this epoch"
	steps[last-1].ComputeUnits = updatePoolBalanceUnits
	steps[last].Description = "reset the pool's preferred validator, which is not active"
	steps[last].ComputeUnits = cleanupUnits
	if !cleansUp {
		steps = steps[:last]
	}

	return steps, nil
}

// prices returns the prices for an ask, or nil if the pool cannot trade.
func (v stakePool) prices(s *state.Snapshot, a *offer.Ask) *quote.StakePoolPrices {
	_, prices, err := pricesFor(s, a, v.token, true)
	if err != nil {
		return nil
	}
	return prices
}
