package operator

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// SetFeesParams are the parameters of [SetFees]. Pool and Manager are required,
// and at least one fee.
type SetFeesParams struct {
	// Pool is the pool, and Program its deployment unless that is one of
	// [accounts.StakePoolPrograms].
	Pool, Program solana.PublicKey
	// Manager is the manager of the pool. It signs.
	Manager solana.PublicKey
	// Payer pays the network fees and signs. The default is Manager.
	Payer solana.PublicKey
	// Fees are the fees to set. The others stay.
	Fees map[accounts.StakePoolFeeKind]accounts.Fee
	// SOLReferral and StakeReferral are the shares of deposit fees for a
	// referrer, in percent. Nil keeps them.
	SOLReferral, StakeReferral *uint8
}

// SetFees returns the plan that puts fees in force. Deposit fees and referral
// shares take effect at once, the others at the second pool update after the
// change: set in epoch 800, they are in force in epoch 802.
//
// A withdrawal fee can rise to at most 1.5 times the fee in force at once, or
// from zero to at most 0.15 %. The plan makes a higher rise in several steps of
// two epochs each. Example: from 0.1 % to 0.3 % in three steps, 0.15 %, 0.225 %
// and 0.3 %.
func SetFees(params SetFeesParams) (*Plan, error) {
	f := fees{SetFeesParams: params}
	if err := required(named{"Pool", f.Pool}, named{"Manager", f.Manager}); err != nil {
		return nil, fmt.Errorf("set fees: %w", err)
	}

	if len(f.Fees) == 0 && f.SOLReferral == nil && f.StakeReferral == nil {
		return nil, fmt.Errorf("set fees: %w: no fee is named", ErrParams)
	}

	for kind, fee := range f.Fees {
		known := kind >= accounts.StakePoolEpochFee && kind <= accounts.StakePoolSOLWithdrawalFee
		if !known || fee.Numerator > fee.Denominator {
			return nil, fmt.Errorf("set fees: %w: fee %d of %d/%d", ErrParams, kind,
				fee.Numerator, fee.Denominator)
		}
	}

	const most = 100
	for _, share := range []*uint8{f.SOLReferral, f.StakeReferral} {
		if share != nil && *share > most {
			return nil, fmt.Errorf("set fees: %w: referral share of %d %%", ErrParams, *share)
		}
	}

	f.Fees = maps.Clone(f.Fees)
	f.plan = &Plan{
		name:    fmt.Sprintf("set the fees of pool %s", f.Pool),
		pool:    f.Pool,
		program: f.Program,
		payer:   orDefault(f.Payer, f.Manager),
		next:    f.next,
	}

	return f.plan, nil
}

// fees is the goal of [SetFees].
type fees struct {
	SetFeesParams
	plan *Plan
}

func (f *fees) next(s *State) (*move, error) {
	if m, err := f.plan.update(s); m != nil || err != nil {
		return m, err
	}

	after := s.clone()
	state := &after.Pool.Pool.State
	var steps []txn.Step
	var waits bool
	for _, kind := range slices.Sorted(maps.Keys(f.Fees)) {
		set, later, err := f.one(after, kind)
		if err != nil {
			return nil, err
		}

		steps, waits = append(steps, set...), waits || later
	}

	for _, r := range []struct {
		stake bool
		want  *uint8
		share *uint8
	}{
		{false, f.SOLReferral, &state.SOLReferralFee},
		{true, f.StakeReferral, &state.StakeReferralFee},
	} {
		if r.want == nil || *r.want == *r.share {
			continue
		}

		set, err := step(fmt.Sprintf("set a referral share to %d %%", *r.want),
			instructions.StakePoolSetReferralFee{
				Pool:    s.Pool.Addresses,
				Manager: f.Manager,
				Stake:   r.stake,
				Percent: *r.want,
			})
		if err != nil {
			return nil, err
		}

		steps, *r.share = append(steps, set), *r.want
	}

	switch {
	case len(steps) > 0:
		if err := s.checkManager(f.Manager); err != nil {
			return nil, err
		}

		text := "set the fees"
		if len(steps) == 1 {
			text = steps[0].Description
		}

		return transaction(text, after, Cost{}, steps...), nil

	case waits:
		return s.wait("scheduled fees take effect at the second pool update"), nil
	}

	return nil, nil
}

// one returns the step that sets a fee, if there is one to send, and whether a
// scheduled fee is awaited. It changes the state as the step does.
func (f *fees) one(after *State, kind accounts.StakePoolFeeKind) ([]txn.Step, bool, error) {
	want := f.Fees[kind]
	current, scheduled := feeOf(&after.Pool.Pool.State, kind)
	if scheduled == nil || scheduled.Updates == 0 {
		if sameFee(current, want) {
			return nil, false, nil
		}
	} else if f.approaches(current, scheduled.Fee, want) {
		return nil, true, nil
	}

	next, change, err := rise(after.Pool.Pool, kind, current, want)
	if err != nil {
		return nil, false, err
	}

	set, err := step(fmt.Sprintf("set fee %d to %d/%d", kind, next.Numerator, next.Denominator),
		instructions.StakePoolSetFee{
			Pool:    after.Pool.Addresses,
			Manager: f.Manager,
			Kind:    kind,
			Fee:     next,
		})

	after.Pool.Pool.State = change.State

	return []txn.Step{set}, false, err
}

// approaches reports whether a scheduled fee is the wanted one, or a step on a
// rise to it that is as high as possible.
func (f *fees) approaches(current, scheduled, want accounts.Fee) bool {
	return sameFee(scheduled, want) ||
		lessFee(current, scheduled) && lessFee(scheduled, want) &&
			sameFee(scheduled, stepTo(current))
}

// feeOf returns a fee in force and the scheduled one, which is nil for a fee
// that takes effect at once.
func feeOf(
	state *accounts.StakePool, kind accounts.StakePoolFeeKind,
) (accounts.Fee, *accounts.FutureFee) {
	switch kind {
	case accounts.StakePoolEpochFee:
		return state.EpochFee, &state.NextEpochFee
	case accounts.StakePoolStakeWithdrawalFee:
		return state.StakeWithdrawalFee, &state.NextStakeWithdrawalFee
	case accounts.StakePoolSOLWithdrawalFee:
		return state.SOLWithdrawalFee, &state.NextSOLWithdrawalFee
	case accounts.StakePoolSOLDepositFee:
		return state.SOLDepositFee, nil
	}

	return state.StakeDepositFee, nil
}

// sameFee reports whether two fees are the same fraction.
func sameFee(a, b accounts.Fee) bool { return !lessFee(a, b) && !lessFee(b, a) }

// lessFee compares two fractions. A denominator of zero means no fee.
func lessFee(a, b accounts.Fee) bool {
	switch {
	case b.IsZero():
		return false
	case a.IsZero():
		return true
	}
	return fixed.MulLess(a.Numerator, b.Denominator, b.Numerator, a.Denominator)
}

// rise returns the fee to set next on the way to a fee, and its effect: the fee
// itself, or as much of a rise as the program allows at once.
func rise(
	pool quote.StakePoolState, kind accounts.StakePoolFeeKind, current, want accounts.Fee,
) (accounts.Fee, quote.FeeChange, error) {
	change, err := pool.SetFee(kind, want)
	if !errors.Is(err, quote.ErrFeeRise) && !errors.Is(err, quote.ErrBuildDependent) {
		return want, change, err
	}

	next := stepTo(current)
	if !lessFee(current, next) || !lessFee(next, want) {
		return want, change, err
	}

	change, err = pool.SetFee(kind, next)

	return next, change, err
}

// riseDenominator is the denominator of the fees in between.
const riseDenominator = 1_000_000_000

// stepTo returns the highest withdrawal fee, in units of 1/riseDenominator,
// that all builds of the program allow after a fee: 1.5 times the fee, at most
// 0.5 points more, and 0.15 % after none.
func stepTo(current accounts.Fee) accounts.Fee {
	if current.IsZero() {
		return accounts.Fee{Numerator: 15 * (riseDenominator / 10_000),
			Denominator: riseDenominator}
	}

	units, err := fixed.MulDivFloor(current.Numerator, riseDenominator, current.Denominator)
	if err != nil {
		return current
	}

	return accounts.Fee{
		Numerator:   units + min(units/2, 5*(riseDenominator/1000)),
		Denominator: riseDenominator,
	}
}
