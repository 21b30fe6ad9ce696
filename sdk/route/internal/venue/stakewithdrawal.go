package venue

import (
	"fmt"

	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/route/terms"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeWithdrawal redeems an LST for a stake account from the LST's pool. It is
// the cheapest route to SOL for users who can wait: the owner deactivates the
// stake account, and withdraws the SOL after it has cooled down, usually at the
// end of the epoch.
type stakeWithdrawal struct{ from []state.Token }

func (v stakeWithdrawal) Name() string { return string(terms.VenueStakeWithdrawal) }

func (v stakeWithdrawal) Pairs(l *state.Ledger) (from, to []state.Token) {
	return v.from, only(NativeStake(l))
}

// noneGives is the refusal of a pool in which no validator can provide stake.
var noneGives = quote.NewReason(quote.ErrValidator,
	"%[1]v: no validator of the pool can provide stake")

// givesDeactivated is the refusal of stake that earns no rewards for a request
// that wants to keep it.
var givesDeactivated = quote.NewReason(quote.ErrValidator,
	"%[1]v: the pool's stake with %[5]v is deactivated, set Deactivate to receive it")

func (v stakeWithdrawal) Offer(
	s *state.Snapshot,
	a *offer.Ask,
	amount uint64,
	_ *offer.Effect,
	o *offer.Offer,
) bool {
	rent, err := s.Chain().StakeRent()
	if err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}

	work := scratchOf(a)
	work.direct = true
	from, err := work.sourceOf(s, a)
	if err != nil {
		return o.Refusal.BecauseErr(nil, err)
	}

	picks := from.picks(&o.Refusal)
	d, refusal := &work.withdrawn, &work.refusal
	inactive := false
	for pick := range picks {
		if !a.UsesValidator(from.validator(pick).account) {
			continue
		}

		*refusal = quote.Refusal{}
		given := withdrawFor(from, a, amount, pick, rent, d, refusal)
		if given && !a.Deactivate && d.isDeactivated() {
			// Active stake comes first.
			inactive = inactive || pick == 0
			given = refusal.BecauseOf(givesDeactivated, &d.stake.Account.Delegation.Voter)
		}

		if given && o.Limit(a, d.stake.Account.Delegation.Stake, refusal) {
			o.Pick = uint16(pick)
			o.Gives(d.in, d.stake.Account.Delegation.Stake)
			if d.least > 0 {
				o.MinOut = min(o.MinOut, d.least)
			}

			if _, lido := from.(*fromLido); lido || d.least > 0 {
				o.MinOutCheck = terms.BoundedByProgram
			}

			o.Exact, o.NeedsStakeKeypair, o.Pays = d.exact, from.signs(), true
			o.Price = quote.Price{Lamports: 1, Tokens: 1}
			if !a.Recipient.IsZero() {
				o.Lost = d.rent
			}

			return true
		}

		if o.Refusal.IsZero() {
			o.Refusal = *refusal
		}
	}

	if pool, ok := from.(*fromStakePool); ok && !inactive && len(a.Validators) != 1 &&
		pool.offerParts(a, amount, rent, work, o) {
		return true
	}

	if o.Refusal.IsZero() {
		o.Refusal.Because(withoutPick(a, noneGives))
	}

	return false
}

// noStakeMinimum is the condition of stake from Marinade.
const noStakeMinimum = "Marinade's program has no minimum output: its price of mSOL only rises within an epoch, and its fee on withdrawn stake can rise to 0.2 % at most, which the minimum output allows for"

func withdrawFor(
	from stakeSource,
	a *offer.Ask,
	amount uint64,
	pick int,
	rent uint64,
	d *withdrawnStake,
	r *quote.Refusal,
) bool {
	if a.SwapMode == terms.ExactIn {
		return from.withdraw(pick, amount, rent, d, r)
	}

	if marinade, ok := from.(*fromMarinade); ok {
		return marinade.withdrawAtLeast(pick, amount, d, r)
	}

	return from.withdrawExactOut(pick, amount, rent, d, r)
}

func (v stakeWithdrawal) Describe(
	s *state.Snapshot,
	a *offer.Ask,
	o *offer.Offer,
	d *offer.Details,
) error {
	rent, err := s.Chain().StakeRent()
	if err != nil {
		return err
	}

	own, asked := new(scratch), a.Kept()
	source, err := own.sourceOf(s, a)
	if err != nil {
		return err
	}

	if pool, ok := source.(*fromStakePool); ok && o.Parts > 1 {
		return pool.describeParts(s, &asked, o, d, own)
	}

	pick, stake := int(o.Pick), &own.withdrawn
	if !withdrawFor(source, a, o.Amount, pick, rent, stake, &o.Refusal) {
		return described(o)
	}

	d.Fees, d.Conditions = source.describe(stake)
	if stake.least > 0 {
		d.Conditions = append(d.Conditions, noStakeMinimum)
	}

	d.Validator = *source.validator(pick).account
	d.Accounts = source.accounts(pick)
	d.Costs = []terms.Cost{a.StakeRentCost(stake.rent)}
	epoch := s.Chain().Clock.Epoch
	free := stake.stake.Account.IsInactive(epoch)
	d.Next = next(a, rent, epoch, free)
	if free {
		d.Conditions = append(d.Conditions, assumesCoolDown)
	}

	d.StakeAccounts = []terms.ReceivedStake{{
		Vote:      *source.validator(pick).account,
		Stake:     stake.stake.Account.Delegation.Stake,
		MinStake:  o.MinOut,
		Rent:      stake.rent,
		ByKeypair: source.signs(),
	}}

	minimum := o.MinOut
	d.Steps = func(p terms.BuildParams) ([]txn.Step, error) {
		w := withdrawal{
			minimum:   minimum,
			funder:    p.Owner,
			authority: authorityOf(source, &asked),
			ask:       &asked,
		}

		address, steps, err := source.steps(pick, p, stake, w)
		if err != nil {
			return nil, err
		}

		asked := asked
		asked.Deactivate = asked.Deactivate && !stake.isDeactivated()
		after, err := afterWithdrawal(&asked, p, w.authority, address)

		return append(steps, after...), err
	}

	return nil
}

// next returns the remaining steps from the stake account to SOL. free reports
// whether the stake has already cooled down.
func next(a *offer.Ask, rent, epoch uint64, free bool) []string {
	var steps []string
	if !a.Deactivate {
		steps = append(
			steps,
			"to get SOL, deactivate the stake account; until then it earns staking rewards",
		)
	}

	if !a.Recipient.IsZero() {
		steps = append(steps,
			"the stake account belongs to the recipient: only the recipient can do this")
	}

	if free {
		return append(steps, fmt.Sprintf("withdraw the whole balance, %s SOL of rent included: "+
			"the stake is inactive, so that it is free at once", lst.FormatAmount(rent, 9)))
	}

	return append(steps, fmt.Sprintf(
		"withdraw the whole balance, %s SOL of rent included, usually from the epoch after the deactivation on: epoch %d if it is deactivated now",
		lst.FormatAmount(rent, 9),
		epoch+1,
	))
}

// Line bounds the withdrawn stake.
func (v stakeWithdrawal) Line(s *state.Snapshot, a *offer.Ask, line *fixed.Line) {
	*line = *scratchOf(a).lines.withdrawalLine(s, a)
}
