package quote

import (
	"slices"

	"math"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The reasons for which several validators do not serve a withdrawal.
var (
	reasonValidatorsGive = NewReason(
		ErrValidator,
		"%[1]v: the %[4]d largest validators can give %[2]d lamports together, %[3]d are needed",
	)
	reasonPreferredKeeps = NewReason(
		ErrValidator,
		"%[1]v: the preferred validator %[5]v would keep %[2]d lamports, so no other one can give the rest",
	)
	reasonRestTooSmall = NewReason(
		ErrBelowMinimumDelegation,
		"%[1]v: no division among the validators gives each stake account %[2]d lamports",
	)
)

// stakeDraws is a row of withdrawals from one pool. Each is priced with the
// pool as the withdrawals before it leave it.
type stakeDraws struct {
	pool  StakePoolPrices
	from  []*StakeSourcePrices
	parts []StakeWithdrawal
	// left are the tokens that remain to be spent.
	left uint64
}

// drawsOnStack is the number of validators that most rows have.
const drawsOnStack = 8

// WithdrawStakes prices a withdrawal of tokens for stake of several validators,
// see [StakePoolState.WithdrawStakes]. It appends the withdrawals to parts.
func (p *StakePoolPrices) WithdrawStakes(
	tokens uint64, from []*StakeSourcePrices, parts []StakeWithdrawal, refusal *Refusal,
) ([]StakeWithdrawal, bool) {
	if p.isRefused(opWithdrawStake, refusal) {
		return nil, false
	}

	var buffer [drawsOnStack]*StakeSourcePrices
	usable, ok := p.usableSources(from, buffer[:0], refusal)
	if !ok {
		return nil, refusal.by(opWithdrawStake, &p.address)
	}

	whole, ok := p.FloorPrice(tokens, refusal)
	if !ok {
		return nil, false
	}

	if len(usable) < 2 {
		source := slices.Concat(usable, from)
		if len(source) == 0 {
			refusal.Because(reasonNoValidator)
			return nil, refusal.by(opWithdrawStake, &p.address)
		}

		w, ok := p.WithdrawStake(tokens, source[0], refusal)
		if !ok {
			return nil, false
		}

		return append(parts, w), true
	}

	// The smallest number of validators that have the stake serves, unless
	// rounding takes one more.
	most := uint64(0)
	for i, source := range usable {
		if most = fixed.SaturatingAdd(most, source.most); most < whole.Lamports {
			continue
		}

		d := stakeDraws{
			pool:  *p,
			from:  usable[:i+1],
			parts: parts,
			left:  tokens,
		}

		var why Refusal
		if d.run(&why) {
			return d.parts, true
		}

		if why.reason != reasonValidatorGives {
			refusal.is(&why)
			return nil, refusal.by(opWithdrawStake, &p.address)
		}
	}

	refusal.Because(reasonValidatorsGive, most, whole.Lamports, uint64(len(usable)))

	return nil, refusal.by(opWithdrawStake, &p.address)
}

// usableSources appends the validators that can give stake to usable.
func (p *StakePoolPrices) usableSources(
	from, usable []*StakeSourcePrices, r *Refusal,
) ([]*StakeSourcePrices, bool) {
	for i, source := range from {
		switch {
		case p.serves(source):
			usable = append(usable, source)
		case i == 0 && p.isPreferred(source):
			return nil, r.BecauseOf(reasonPreferredKeeps, &source.vote, source.listed)
		}
	}
	return usable, true
}

// serves reports whether a validator can give active stake at all.
func (p *StakePoolPrices) serves(source *StakeSourcePrices) bool {
	return source != nil && source.refused == nil && source.mostRefused == nil &&
		!source.deactivated && source.most >= p.minimumDelegation &&
		source.listed > p.limits.certain
}

func (p *StakePoolPrices) isPreferred(source *StakeSourcePrices) bool {
	preferred := p.preferredWithdrawal
	return preferred != nil && source != nil && source.vote == *preferred
}

// WithdrawStakesExactOut prices the smallest number of tokens for at least the
// given lamports of stake of several validators.
func (p *StakePoolPrices) WithdrawStakesExactOut(
	lamports uint64, from []*StakeSourcePrices, parts []StakeWithdrawal, refusal *Refusal,
) ([]StakeWithdrawal, bool) {
	if p.isRefused(opWithdrawStake, refusal) {
		return nil, false
	}

	about := uint64(0)
	for i := range p.builds[:p.count] {
		tokens, ok := p.tokensToWithdraw(&p.builds[i], &p.stakeWithdrawalFee, lamports, refusal)
		if !ok {
			return nil, refusal.by(opWithdrawStake, &p.address)
		}

		about = max(about, tokens)
	}

	// Compared with a single withdrawal, the rounding of its fee costs or saves
	// each part at most one token, and that of its stake costs at most one.
	var why Refusal
	width := 2*uint64(len(from)) + 2
	end := fixed.SaturatingAdd(about, width)
	for tokens := fixed.SaturatingSub(about, width); tokens < end; tokens++ {
		found, ok := p.WithdrawStakes(tokens, from, parts, &why)
		switch {
		case ok && stakeOf(found[len(parts):]) >= lamports:
			return found, true
		case ok:
			why = Refusal{}
		}
	}

	if refusal.Because(reasonTooLarge); !why.IsZero() {
		refusal.is(&why)
	}

	return nil, refusal.by(opWithdrawStake, &p.address)
}

// stakeOf returns the stake of all withdrawals, which is less than the stake of
// the pool.
func stakeOf(parts []StakeWithdrawal) (lamports uint64) {
	for i := range parts {
		lamports = fixed.SaturatingAdd(lamports, parts[i].Lamports)
	}
	return lamports
}

// run draws from each of the validators. The last one gives the rest.
func (d *stakeDraws) run(r *Refusal) bool {
	last := len(d.from) - 1
	for i, source := range d.from[:last] {
		if !d.draw(source, uint64(last-i), r) {
			return false
		}
	}

	w, ok := d.pool.WithdrawStake(d.left, d.from[last], r)
	if ok {
		d.parts = append(d.parts, w)
	}

	return ok
}

// draw takes as much as possible from a validator, but leaves the minimum
// delegation for each of the following ones.
func (d *stakeDraws) draw(source *StakeSourcePrices, following uint64, r *Refusal) bool {
	tokens, ok := d.pool.tokensForMost(source, r)
	if !ok {
		return false
	}

	tokens = min(tokens, d.left)
	// The price of the minimum depends on the pool after the withdrawal. It
	// changes by one token at most.
	for range 4 {
		w, ok := d.pool.WithdrawStake(tokens, source, r)
		if !ok {
			return false
		}

		after := d.pool
		if !after.drawn(tokens, r) {
			return false
		}

		least, ok := after.tokensForMinimum(r)
		if !ok {
			return false
		}

		reserved, err := fixed.MulDivFloor(least, following, 1)
		if err != nil {
			return r.Because(reasonTooLarge)
		}

		if d.left-tokens < reserved {
			if d.left <= reserved {
				break
			}

			tokens = min(tokens-1, d.left-reserved)
			continue
		}

		kept := fixed.SaturatingSub(source.listed, w.Lamports)
		if d.pool.isPreferred(source) && kept > after.limits.possible {
			return r.BecauseOf(reasonPreferredKeeps, &source.vote, kept)
		}

		d.pool = after
		d.left -= tokens
		d.parts = append(d.parts, w)

		return true
	}

	return r.Because(reasonRestTooSmall, d.pool.minimumDelegation)
}

// tokensForMost returns the largest number of tokens that a validator can serve
// under each build.
func (p *StakePoolPrices) tokensForMost(source *StakeSourcePrices, r *Refusal) (uint64, bool) {
	most := uint64(math.MaxUint64)
	for i := range p.builds[:p.count] {
		beyond, ok := p.tokensToWithdraw(&p.builds[i], &p.stakeWithdrawalFee,
			fixed.SaturatingAdd(source.most, 1), r)
		if !ok {
			return 0, false
		}

		most = min(most, fixed.SaturatingSub(beyond, 1))
	}

	return most, true
}

// tokensForMinimum returns the smallest number of tokens that are worth the
// minimum delegation under each build.
func (p *StakePoolPrices) tokensForMinimum(r *Refusal) (least uint64, ok bool) {
	for i := range p.builds[:p.count] {
		tokens, ok := p.tokensToWithdraw(&p.builds[i], &p.stakeWithdrawalFee,
			max(p.minimumDelegation, 1), r)
		if !ok {
			return 0, false
		}

		least = max(least, tokens)
	}

	return least, true
}

// drawn changes the prices to those after a withdrawal of tokens for stake.
func (p *StakePoolPrices) drawn(tokens uint64, r *Refusal) bool {
	var c fixed.Calc
	for i := range p.builds[:p.count] {
		b := &p.builds[i]
		w, ok := p.burn(b, &p.stakeWithdrawalFee, tokens, r)
		if !ok {
			return false
		}

		b.lamports = c.Sub(b.lamports, w.lamports)
		b.supply = c.Sub(b.supply, tokens-w.managerFee)
	}

	p.limitsRefused = nil
	p.prepareLimits()
	if p.limitsRefused != nil {
		return r.is(p.limitsRefused)
	}

	return c.Err() == nil || r.failed(c.Err())
}
