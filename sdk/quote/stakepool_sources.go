package quote

import (
	"cmp"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
)

// The reasons why a pool has no validators for withdrawals of stake.
var (
	reasonNoList   = NewReason(accounts.ErrNil, "%[1]v validator list")
	reasonNoSource = NewReason(ErrValidator,
		"%[1]v: no validator of the pool has more than %[2]d lamports")
	reasonPreferredExhausted = NewReason(
		ErrBuildDependent,
		"%[1]v: some builds treat the preferred validator %[5]v as exhausted",
	)
	reasonPreferredMissing = NewReason(
		ErrBuildDependent,
		"%[1]v: the preferred validator %[5]v is not in the list, which builds before October 2025 refuse",
	)
	reasonPreferredRemoved = NewReason(
		ErrValidator,
		"%[1]v: the preferred validator %[5]v is being removed",
	)
)

// withdrawLimits decide whether a validator can serve a withdrawal.
type withdrawLimits struct {
	// possible is the balance up to which no build accepts a validator, and
	// certain the balance above which all builds do. They are equal for a known
	// build.
	possible, certain uint64
}

// Sources returns the positions in the list of the validators from which stake
// can be withdrawn, most stake first, and in list order among equals. It
// returns at most most positions of the validators for which wanted returns
// true; a nil wanted accepts all. See [StakePoolState.Sources].
//
// It traverses the list once and sorts only the wanted validators. The result
// may be empty if none is wanted. It is a refusal if the pool has no validator
// for withdrawals at all.
func (p *StakePoolPrices) Sources(
	list *accounts.ValidatorList,
	most int,
	wanted func(*accounts.ValidatorStakeInfo) bool,
	refusal *Refusal,
) ([]int, bool) {
	// A missing list takes precedence over other refusals.
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

// preferredSource returns the position of the validator from which all stake
// must be withdrawn, or a negative number if any validator may serve.
func (p *StakePoolPrices) preferredSource(list *accounts.ValidatorList, r *Refusal) (int, bool) {
	preferred := p.preferredWithdrawal
	if preferred == nil {
		return -1, true
	}

	i := slices.IndexFunc(list.Validators, func(v accounts.ValidatorStakeInfo) bool {
		return v.VoteAccount == *preferred
	})
	switch {
	case i < 0 && !p.updateKnown:
		return -1, r.BecauseOf(reasonPreferredMissing, preferred)
	case i < 0 || list.Validators[i].ActiveStakeLamports <= p.limits.possible:
		// If the preferred validator has no stake, any validator may serve.
		return -1, true
	case list.Validators[i].ActiveStakeLamports <= p.limits.certain:
		return -1, r.BecauseOf(reasonPreferredExhausted, preferred)
	case list.Validators[i].Status != accounts.ValidatorActive:
		return -1, r.BecauseOf(reasonPreferredRemoved, preferred)
	}

	return i, true
}

// largestSources keeps the largest validators in order, the first in the list
// among equals.
type largestSources struct {
	most  int
	found []sourceSize
	// least is the stake that the next validator must exceed once full is set.
	full  bool
	least uint64
}

type sourceSize struct {
	position int
	lamports uint64
}

// add adds a validator. Positions must be added in ascending order.
func (l *largestSources) add(position int, lamports uint64) {
	if l.full && lamports <= l.least || l.most == 0 {
		return
	}

	l.found = append(l.found, sourceSize{position: position, lamports: lamports})
	if len(l.found)-l.most >= max(l.most, 16) {
		l.trim()
	}
}

// trim sorts the found validators and drops those beyond most.
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
