package route

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/fixed"
)

// wrong returns an error about a field.
func wrong(field, format string, args ...any) error {
	return &PortableQuoteError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// nameOf returns an address, or "none".
func nameOf(key solana.PublicKey) string {
	if key.IsZero() {
		return "none"
	}
	return key.String()
}

// check returns a [*PortableQuoteError] for a portable quote that contradicts
// itself. It does not look at any market.
func (p *PortableQuote) check() error {
	if p.Version != PortableVersion {
		return wrong("version", "version %d (this module reads version %d)", p.Version,
			PortableVersion)
	}

	r := p.request()
	r.AllowRecipientOffCurve = true // The receiver decides.
	if err := r.Check(); err != nil {
		return &PortableQuoteError{
			Field:  "request",
			Reason: err.Error(),
			Err:    err,
		}
	}

	if p.ValidUntilSlot < p.Slot || p.ValidUntilSlot < p.ExactAtSlot {
		return wrong("validUntilSlot", "slot %d is before the quote", p.ValidUntilSlot)
	}

	for _, check := range []func() error{p.checkLegs, p.checkAmounts, p.checkSums, p.checkStake} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkLegs checks that the legs belong together.
func (p *PortableQuote) checkLegs() error {
	r := &p.Request
	legs := 2
	switch p.Shape {
	case ShapeTwoHops, ShapeSplit:
	case ShapeDirect:
		legs = 1
	default:
		return wrong("shape", "%.40q (use %s, %s or %s)", p.Shape, ShapeDirect, ShapeTwoHops,
			ShapeSplit)
	}

	if len(p.Legs) != legs {
		return wrong("legs", "%d legs, where the shape %s has %d", len(p.Legs), p.Shape, legs)
	}

	if p.Shape == ShapeSplit && r.To == NativeStake {
		return wrong("shape", "stake is not received in a split")
	}

	switch {
	case !p.NeedsTwoTransactions:
	case legs == 1:
		return wrong("needsTwoTransactions", "the route has a single leg")
	case !r.IntegratorFee.isZero():
		return wrong("needsTwoTransactions", "the integrator's fee takes a single transaction")
	}

	for i := range p.Legs {
		l := &p.Legs[i]
		switch {
		case !l.Venue.Known():
			return wrong(leg(i, "venue"), "%.40q is no venue with one leg", l.Venue)
		case l.Amount == 0:
			return wrong(leg(i, "amount"), "it is zero")
		case len(l.Validators) > MostStakeAccounts:
			return wrong(leg(i, "validators"), "more than %d", MostStakeAccounts)
		}
	}

	switch middle := p.Through; {
	case p.Shape != ShapeTwoHops && !middle.IsZero():
		return wrong("through", "the shape %s has no token between hops", p.Shape)
	case p.Shape != ShapeTwoHops:
	case middle.IsZero(), middle == r.From, middle == r.To, middle == NativeStake:
		return wrong("through", "%s is no token between the hops", nameOf(middle))
	}
	return nil
}

// leg returns the path of a field of a leg.
func leg(number int, field string) string { return fmt.Sprintf("legs[%d].%s", number, field) }

// checkAmounts compares each amount with its limit.
func (p *PortableQuote) checkAmounts() error {
	r := &p.Request
	limits := func(in, out, minOut, maxIn uint64, name func(string) string) error {
		switch {
		case in == 0:
			return wrong(name("in"), "it is zero")
		case minOut == 0:
			return wrong(name("minOut"), "it is zero")
		case minOut > out:
			return wrong(name("minOut"), "%d, more than the output %d", minOut, out)
		case maxIn < in:
			return wrong(name("maxIn"), "%d, less than the input %d", maxIn, in)
		case r.SwapMode == ExactIn && maxIn != in:
			return wrong(name("maxIn"), "%d, but the exact input is %d", maxIn, in)
		}

		return nil
	}

	err := limits(p.In, p.Out, p.MinOut, p.MaxIn, func(field string) string { return field })
	for i := range p.Legs {
		l := &p.Legs[i]
		if err == nil {
			err = limits(l.In, l.Out, l.MinOut, l.MaxIn,
				func(field string) string { return leg(i, field) })
		}

		switch {
		case err != nil:
			return err
		case r.SwapMode == ExactIn && l.In != l.Amount:
			return wrong(leg(i, "in"), "%d, but the leg is asked for %d", l.In, l.Amount)
		case r.SwapMode == ExactOut && (l.Out < l.Amount || l.MinOut > l.Amount):
			return wrong(leg(i, "out"), "%d, at least %d, but the leg is asked for %d", l.Out,
				l.MinOut, l.Amount)
		}
	}

	switch {
	case r.SwapMode == ExactIn && p.In != r.Amount:
		return wrong("in", "%d, but the request pays %d", p.In, r.Amount)
	case r.SwapMode == ExactOut && (p.Out < r.Amount || p.MinOut > r.Amount):
		return wrong("out", "%d, at least %d, but the request is for %d", p.Out, p.MinOut, r.Amount)
	}
	return nil
}

// checkSums compares the amounts of the quote with those of its legs.
func (p *PortableQuote) checkSums() error {
	first, last := &p.Legs[0], &p.Legs[len(p.Legs)-1]
	in, maxIn, out, minOut, amount := first.In, first.MaxIn, last.Out, last.MinOut, first.Amount
	if p.Request.SwapMode == ExactOut {
		amount = last.Amount
	}

	dust := uint64(0)
	switch p.Shape {
	case ShapeSplit:
		var sum fixed.Calc
		in, maxIn = sum.Add(in, last.In), sum.Add(maxIn, last.MaxIn)
		out, minOut = sum.Add(first.Out, out), sum.Add(first.MinOut, minOut)
		amount = sum.Add(first.Amount, last.Amount)
		if sum.Err() != nil {
			return wrong("legs", "their sum is too large")
		}

	case ShapeTwoHops:
		if last.MaxIn > first.MinOut {
			return wrong("legs[1].maxIn", "%d, more than the first hop pays: %d", last.MaxIn,
				first.MinOut)
		}

		dust = first.Out - last.In
	}

	if p.IntermediateDust != dust {
		return wrong("intermediateDust", "%d, but the legs leave %d", p.IntermediateDust, dust)
	}
	return p.checkFee(in, maxIn, out, minOut, amount)
}

// checkFee compares the amounts of the quote with the sums of its legs: their
// difference is the fee of the integrator.
func (p *PortableQuote) checkFee(in, maxIn, out, minOut, amount uint64) error {
	r := p.request()
	asked, err := r.beforeFee()
	var fee uint64
	if err == nil && !r.IntegratorFee.isZero() {
		fee, err = r.feeOf(in, out)
	}

	if err != nil {
		return &PortableQuoteError{
			Field:  "request.integratorFee",
			Reason: err.Error(),
			Err:    errors.Join(ErrIntegratorFee, err),
		}
	}

	onInput, onOutput := uint64(0), fee
	if r.IntegratorFee.OnInput {
		onInput, onOutput = fee, 0
	}

	for _, sum := range []struct {
		field      string
		has, wants uint64
	}{
		{"request.amount", asked.Amount, amount},
		{"in", fixed.SaturatingSub(p.In, onInput), in},
		{"maxIn", fixed.SaturatingSub(p.MaxIn, onInput), maxIn},
		{"out", fixed.SaturatingAdd(p.Out, onOutput), out},
		{"minOut", fixed.SaturatingAdd(p.MinOut, onOutput), minOut},
	} {
		if sum.has != sum.wants {
			return wrong(sum.field, "%d without the integrator's fee, but %d by the legs", sum.has,
				sum.wants)
		}
	}
	return nil
}

// checkStake compares the stake accounts with the output.
func (p *PortableQuote) checkStake() error {
	isStake := p.Request.To == NativeStake
	switch {
	case !isStake && len(p.StakeAccounts) > 0:
		return wrong("stakeAccounts", "the trade pays no stake")
	case !isStake:
		return nil
	case len(p.StakeAccounts) == 0 || len(p.StakeAccounts) > MostStakeAccounts:
		return wrong("stakeAccounts", "%d accounts, not 1 to %d", len(p.StakeAccounts),
			MostStakeAccounts)
	}

	var sum fixed.Calc
	stake, minStake := uint64(0), uint64(0)
	validators := p.Legs[len(p.Legs)-1].Validators
	for i, s := range p.StakeAccounts {
		stake, minStake = sum.Add(stake, s.Stake), sum.Add(minStake, s.MinStake)
		if i >= len(validators) || validators[i] != s.Vote {
			return wrong(fmt.Sprintf("stakeAccounts[%d].vote", i),
				"%s is not the validator of the last leg", s.Vote)
		}
	}

	if sum.Err() != nil || stake != p.Out || minStake != p.MinOut {
		return wrong("stakeAccounts", "%d lamports, at least %d, but the output is %d, at least %d",
			stake, minStake, p.Out, p.MinOut)
	}
	return nil
}
