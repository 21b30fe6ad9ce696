package quote

import (
	"cmp"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
)

// Why a pool has no validators that stake can be withdrawn from.
var (
	reasonNoList             = NewReason(accounts.ErrNil, "%[1]v validator list")
	reasonNoSource           = NewReason(ErrValidator, "%[1]v: none has more than %[2]d lamports")
	reasonPreferredExhausted = NewReason(
		ErrBuildDependent,
		"%[1]v: the preferred validator %[5]v may count as exhausted",
	)
	reasonPreferredRemoved = NewReason(
		ErrValidator,
		"%[1]v: the preferred validator %[5]v is being removed",
	)
)

// withdrawLimits tell when a validator counts as able to serve a withdrawal.
type withdrawLimits struct {
	// possible is the balance up to which no build counts a validator, certain
	// the one above which all do.
	possible, certain uint64
}

// Sources returns the positions in the list of the validators that stake can be
// withdrawn from, the one with the most stake first, and of several with as
// much the first. It returns at most the given number of those that the caller
// wants, which are all if wanted is nil. See [StakePool.Sources].
//
// It passes over the list once, and sorts what is wanted only. There may be
// none that is wanted; it is refused if the pool has none at all.
func (p *StakePoolPrices) Sources(
	list *accounts.ValidatorList,
	most int,
	wanted func(*accounts.ValidatorStakeInfo) bool,
	refusal *Refusal,
) ([]int, bool) {
	// A list that is not there is refused before what else the pool refuses.
	if list == nil && p != nil {
		refusal.Because(reasonNoList)
		return nil, refusal.by(opWithdrawStake, &p.address)
	}
	if p.isRefused(opWithdrawStake, refusal) {
		return nil, false
	}
	sources, ok := p.sources(list, most, wanted, refusal)
	if !ok {
		return nil, refusal.by(opWithdrawStake, &p.address)
	}
	return sources, true
}

func (p *StakePoolPrices) sources(
	list *accounts.ValidatorList,
	most int,
	wanted func(*accounts.ValidatorStakeInfo) bool,
	r *Refusal,
) ([]int, bool) {
	if p.limitsRefused != nil {
		return nil, r.is(p.limitsRefused)
	}
	preferred, ok := p.preferredSource(list, r)
	if !ok {
		return nil, false
	}

	largest := largestSources{most: max(most, 0)}
	serving := false
	for i := range list.Validators {
		v := &list.Validators[i]
		if preferred >= 0 && i != preferred {
			continue
		}
		if v.Status != accounts.ValidatorActive || v.ActiveStakeLamports <= p.limits.certain {
			continue
		}
		serving = true
		if wanted == nil || wanted(v) {
			largest.add(i, v.ActiveStakeLamports)
		}
	}
	if !serving {
		return nil, r.Because(reasonNoSource, p.limits.certain)
	}
	return largest.positions(), true
}

// preferredSource is the position of the validator that all stake must be
// withdrawn from, or negative where the choice is free.
func (p *StakePoolPrices) preferredSource(list *accounts.ValidatorList, r *Refusal) (int, bool) {
	preferred := p.preferredWithdrawal
	if preferred == nil {
		return -1, true
	}
	i := slices.IndexFunc(list.Validators, func(v accounts.ValidatorStakeInfo) bool {
		return v.VoteAccount == *preferred
	})
	switch {
	case i < 0 || list.Validators[i].ActiveStakeLamports <= p.limits.possible:
		// A preferred validator without stake leaves the choice free.
		return -1, true
	case list.Validators[i].ActiveStakeLamports <= p.limits.certain:
		return -1, r.BecauseOf(reasonPreferredExhausted, preferred)
	case list.Validators[i].Status != accounts.ValidatorActive:
		return -1, r.BecauseOf(reasonPreferredRemoved, preferred)
	}
	return i, true
}

// largestSources keeps the largest of many, in order: of several that are as
// large the first.
type largestSources struct {
	most  int
	found []sourceSize
	// least is what the next must exceed once there are enough.
	full  bool
	least uint64
}

type sourceSize struct {
	position int
	lamports uint64
}

// add takes one that stands behind all those before.
func (l *largestSources) add(position int, lamports uint64) {
	if l.full && lamports <= l.least || l.most == 0 {
		return
	}

	l.found = append(l.found, sourceSize{position: position, lamports: lamports})
	if len(l.found)-l.most >= max(l.most, 16) {
		l.trim()
	}
}

// trim sorts those found and drops what is too many.
func (l *largestSources) trim() {
	slices.SortFunc(l.found, func(a, b sourceSize) int {
		return cmp.Or(cmp.Compare(b.lamports, a.lamports), cmp.Compare(a.position, b.position))
	})
	if len(l.found) >= l.most && l.most > 0 {
		l.found = l.found[:l.most]
		l.full, l.least = true, l.found[l.most-1].lamports
	}
}

func (l *largestSources) positions() []int {
	l.trim()
	positions := make([]int, len(l.found))
	for i, s := range l.found {
		positions[i] = s.position
	}
	return positions
}
