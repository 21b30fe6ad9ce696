package venue

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// This file withdraws stake from several validators of a pool, for amounts that
// no single validator has. Each gives its part into a stake account of its own,
// in the order of state.StakePoolStake.Row.

// withdrawParts returns the withdrawals for an amount, in the memory of parts.
func (f *fromStakePool) withdrawParts(
	a *offer.Ask,
	amount uint64,
	parts []quote.StakeWithdrawal,
	r *quote.Refusal,
) ([]quote.StakeWithdrawal, bool) {
	row, ok := f.rowFor(a, r)
	if !ok {
		return nil, false
	}

	withdraw := f.pool.Prices.WithdrawStakes
	if a.SwapMode == terms.ExactOut {
		withdraw = f.pool.Prices.WithdrawStakesExactOut
	}

	parts, ok = withdraw(amount, row, parts[:0], r)
	if ok && len(a.Validators) > 0 && len(parts) != len(a.Validators) {
		return nil, r.Because(pickGone)
	}

	return parts, ok
}

// rowFor returns the prices of the validators that an ask may use, in order.
func (f *fromStakePool) rowFor(a *offer.Ask, r *quote.Refusal) ([]*quote.StakeSourcePrices, bool) {
	if len(a.Validators) == 0 {
		return f.pool.RowPrices, true
	}

	row := make([]*quote.StakeSourcePrices, len(a.Validators))
	for i := range a.Validators {
		at := f.indexOf(&a.Validators[i])
		if at < 0 {
			return nil, r.Because(pickGone)
		}

		row[i] = f.pool.RowPrices[at]
	}

	return row, true
}

// pickGone is the refusal of an ask for validators that give no stake now.
var pickGone = quote.NewReason(quote.ErrValidator,
	"%[1]v: a validator that the quote names does not give the stake now")

// withoutPick returns the reason why no validator serves an ask: pickGone if it
// names validators.
func withoutPick(a *offer.Ask, otherwise *quote.Reason) *quote.Reason {
	if len(a.Validators) > 0 {
		return pickGone
	}
	return otherwise
}

// offerParts sets an offer of stake of several validators. The refusal of the
// offer, that of a single validator, is replaced if several could serve but for
// the amount.
func (f *fromStakePool) offerParts(
	a *offer.Ask, amount, rent uint64, work *scratch, o *offer.Offer,
) bool {
	if len(a.Validators) == 0 && (len(f.pool.Row) < 2 || !o.Refusal.Is(quote.ErrValidator)) {
		return false
	}

	work.refusal = quote.Refusal{}
	parts, ok := f.withdrawParts(a, amount, work.parts, &work.refusal)
	if !ok {
		o.Refusal = work.refusal
		return false
	}

	work.parts = parts
	in, out, _, exact := sumParts(parts)
	least, err := leastOfParts(a, amount, parts)
	if err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}

	o.Gives(in, out)
	for _, minimum := range least {
		o.MinOut += minimum
	}

	o.Parts, o.Exact, o.Pays = uint8(len(parts)), exact, true
	o.Price = quote.Price{Lamports: 1, Tokens: 1}
	if !a.Recipient.IsZero() {
		o.Lost = rent * uint64(len(parts))
	}

	return true
}

// sumParts returns the tokens, the lamports and the fee of all withdrawals. All
// are parts of the pool's totals.
func sumParts(parts []quote.StakeWithdrawal) (in, out, fee uint64, exact bool) {
	exact = true
	for i := range parts {
		in += parts[i].Tokens
		out += parts[i].Lamports
		fee += parts[i].ManagerFee
		exact = exact && parts[i].Exact
	}
	return in, out, fee, exact
}

// leastOfParts returns the minimum output of each withdrawal: its stake less
// the slippage, or for ExactOut its stake less a share in what the withdrawals
// give above the requested amount. With limits, their sum is that of the limits
// if the stake suffices for it.
func leastOfParts(
	a *offer.Ask, amount uint64, parts []quote.StakeWithdrawal,
) (least []uint64, err error) {
	least = make([]uint64, len(parts))
	_, out, _, _ := sumParts(parts)
	surplus := fixed.SaturatingSub(out, amount)
	for i := range slices.Backward(parts) {
		least[i] = parts[i].Lamports
		if a.SwapMode == terms.ExactOut {
			share := min(surplus, least[i]-1)
			surplus -= share
			least[i] -= share
			continue
		}

		if least[i], err = a.Minimum(parts[i].Lamports); err != nil {
			return nil, err
		}
	}

	if a.Limits != nil && a.SwapMode == terms.ExactIn {
		offer.Spread(least, a.Limits.MinOut,
			func(int) uint64 { return 1 },
			func(i int) uint64 { return parts[i].Lamports })
	}

	return least, nil
}

// describeParts is Describe for stake of several validators.
func (f *fromStakePool) describeParts(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
	own *scratch,
) error {
	rent, err := s.Chain().StakeRent()
	if err != nil {
		return err
	}

	parts, ok := f.withdrawParts(a, o.Amount, nil, &o.Refusal)
	if !ok {
		return described(o)
	}

	least, err := leastOfParts(a, o.Amount, parts)
	if err != nil {
		return err
	}

	_, _, fee, exact := sumParts(parts)
	count := uint64(len(parts))
	d.Fees, d.Conditions = f.describeFee(fee, exact)
	cost := a.StakeRentCost(rent * count)
	cost.Name = fmt.Sprintf("rent of %d stake accounts", count)
	if !cost.Recoverable {
		cost.Name += ", which the recipient gets with them"
	}

	d.Costs = []terms.Cost{cost}
	d.Next = nextOfParts(a, rent, s.Chain().Clock.Epoch, len(parts))
	d.Conditions = append(d.Conditions, fmt.Sprintf(
		"no single validator has the stake: it comes from %d validators, in a stake account each",
		count))
	from := make([]*state.ValidatorStake, len(parts))
	for i := range parts {
		from[i] = f.rowOf(&parts[i])
		d.StakeAccounts = append(d.StakeAccounts, terms.ReceivedStake{
			Vote:       parts[i].Vote,
			Stake:      parts[i].Lamports,
			MinStake:   least[i],
			Rent:       rent,
			SeedSuffix: seedSuffix(i),
		})

		for _, key := range stakePoolAccounts(f.pool, from[i].Address) {
			if !slices.Contains(d.Accounts, key) {
				d.Accounts = append(d.Accounts, key)
			}
		}
	}

	source, received := *f, d.StakeAccounts
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		return source.partSteps(a, p, from, parts, received)
	}

	return nil
}

// rowOf returns the validator of a withdrawal.
func (f *fromStakePool) rowOf(w *quote.StakeWithdrawal) *state.ValidatorStake {
	return f.pool.Row[f.indexOf(&w.Vote)]
}

// indexOf returns the index of a validator in the row, or a negative number.
func (f *fromStakePool) indexOf(vote *solana.PublicKey) int {
	return slices.IndexFunc(f.pool.Row, func(v *state.ValidatorStake) bool {
		return v.Source.Entry.VoteAccount == *vote
	})
}

// seedSuffix is the suffix of the seed of a stake account.
func seedSuffix(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf("/%d", i+1)
}

// partSteps returns the instructions of the withdrawals, in their order.
func (f *fromStakePool) partSteps(
	a *offer.Ask,
	p terms.BuildParams,
	from []*state.ValidatorStake,
	parts []quote.StakeWithdrawal,
	received []terms.ReceivedStake,
) ([]txn.Step, error) {
	steps, err := f.updateSteps()
	if err != nil {
		return nil, err
	}

	for i := range parts {
		own := p
		own.Seed += received[i].SeedSuffix
		w := withdrawal{
			minimum:   received[i].MinStake,
			funder:    p.Owner,
			authority: authorityOf(f, a),
			ask:       a,
		}

		stake, withdraw, err := f.withdrawSteps(from[i], own, parts[i].Tokens, received[i].Rent, w)
		if err != nil {
			return nil, err
		}

		after, err := afterWithdrawal(a, p, w.authority, stake)
		if err != nil {
			return nil, err
		}

		steps = slices.Concat(steps, withdraw, after)
	}

	return steps, nil
}

// nextOfParts returns the remaining steps from several stake accounts to SOL.
func nextOfParts(a *offer.Ask, rent, epoch uint64, count int) []string {
	var steps []string
	if !a.Deactivate {
		steps = append(steps, fmt.Sprintf(
			"to get SOL, deactivate the %d stake accounts; until then they earn staking rewards",
			count))
	}

	if !a.Recipient.IsZero() {
		steps = append(steps,
			"the stake accounts belong to the recipient: only the recipient can do this")
	}

	return append(steps, fmt.Sprintf(
		"withdraw the whole balance of each of the %d stake accounts, %s SOL of rent included, usually from the epoch after the deactivation on: epoch %d if they are deactivated now",
		count,
		lst.FormatAmount(rent, 9),
		epoch+1,
	))
}

// authorityOf returns the authority to set when the source creates the stake
// account: the recipient, if the source's program supports it and the owner
// does not have to deactivate the stake. Otherwise it returns zero, for the
// owner.
func authorityOf(source stakeSource, a *offer.Ask) solana.PublicKey {
	if a.Deactivate {
		return solana.PublicKey{}
	}

	switch source.(type) {
	case *fromStakePool, *fromMarinade:
		return a.Recipient
	}

	return solana.PublicKey{}
}

// afterWithdrawal returns the instructions that deactivate a received stake
// account and transfer it to the recipient, as far as the request wants it.
func afterWithdrawal(
	a *offer.Ask,
	p terms.BuildParams,
	authority, stake solana.PublicKey,
) (steps []txn.Step, err error) {
	if a.Deactivate {
		deactivate, err := txn.DeactivateStake(stake, p.Owner)
		if err != nil {
			return nil, err
		}

		steps = append(steps, deactivate)
	}

	transfer, err := a.TransferStake(p, authority, stake)

	return append(steps, transfer...), err
}
