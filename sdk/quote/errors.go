package quote

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/condition"
)

// The conditions under which a program would refuse a trade. The functions of
// this package return them wrapped in an [*Error]; test for them with
// errors.Is.
var (
	// ErrZeroAmount is returned when the requested amount is zero. Ask for at
	// least one base unit.
	ErrZeroAmount = condition.ErrZeroAmount
	// ErrAmountTooSmall is returned when the amount is too small to yield a
	// single base unit, or is below a program's minimum. Trade more.
	ErrAmountTooSmall = errors.New("amount too small (trade more)")
	// ErrAmountTooLarge is returned when no input yields the requested output,
	// or when the program's integers would overflow. Trade less.
	ErrAmountTooLarge = errors.New("amount too large (trade less)")
	// ErrStalePool is returned when the pool has not been updated in the
	// current epoch and its program refuses to trade. Allow the pool update, or
	// try again once the pool is updated.
	ErrStalePool = condition.ErrStalePool
	// ErrUpToDate is returned for a pool update when the pool is already
	// updated in the current epoch: its program refuses a second update. Leave
	// the update out.
	ErrUpToDate = errors.New("pool is already updated in this epoch (leave the update out)")
	// ErrEpochRewards is returned while staking rewards are being distributed.
	// Stake cannot move and pools cannot be updated until the distribution
	// ends, usually a few minutes into the epoch. Try again then.
	ErrEpochRewards = condition.ErrEpochRewards
	// ErrPermissioned is returned when an authority of the pool must sign that
	// is not among the signers. Use another route.
	ErrPermissioned = errors.New("operation needs the signature of the pool's authority " +
		"(use another route)")
	// ErrDisabled is returned when the pool does not offer the operation at
	// present, or not for this token. Use another route, or try again later.
	ErrDisabled = errors.New("operation is not available (use another route, or try again later)")
	// ErrInsufficientReserve is returned when the pool's reserve cannot pay the
	// amount. Trade less, or use another route.
	ErrInsufficientReserve = errors.New("reserve too small (trade less, or use another route)")
	// ErrBelowMinimumDelegation is returned when the resulting stake would be
	// smaller than the stake program's minimum delegation. Trade more.
	ErrBelowMinimumDelegation = errors.New(
		"stake would be below the minimum delegation (trade more)",
	)
	// ErrValidator is returned when the validator cannot accept or give this
	// stake. Use another route, or try again in the next epoch.
	ErrValidator = errors.New("validator cannot accept or give this stake " +
		"(use another route, or try again in the next epoch)")
	// ErrNotPreferred is returned when the pool requires its preferred
	// validator and another validator's stake is offered or requested. Use
	// stake of the preferred validator.
	ErrNotPreferred = errors.New("pool requires its preferred validator " +
		"(use stake of that validator)")
	// ErrStakeAccount is returned when the stake account is in a state that the
	// pool does not accept. The errors below name the state and the remedy.
	ErrStakeAccount = errors.New("stake account not accepted")
	// ErrStakeUninitialized is the kind of ErrStakeAccount for an account that
	// is not initialized.
	ErrStakeUninitialized = fmt.Errorf("%w: not initialized "+
		"(initialize it, or use another account)", ErrStakeAccount)
	// ErrStakeUndelegated is the kind of ErrStakeAccount for an account without
	// a delegation. Delegate it, or withdraw its SOL.
	ErrStakeUndelegated = fmt.Errorf("%w: not delegated "+
		"(delegate it, or withdraw its SOL)", ErrStakeAccount)
	// ErrStakeLocked is the kind of ErrStakeAccount for an account with a
	// lockup in force. Wait for the end of its lockup.
	ErrStakeLocked = fmt.Errorf("%w: its lockup is in force "+
		"(wait for the end of its lockup)", ErrStakeAccount)
	// ErrStakeActivating is the kind of ErrStakeAccount for stake that is still
	// activating. Try again in the next epoch.
	ErrStakeActivating = fmt.Errorf("%w: its stake is still activating "+
		"(try again in the next epoch)", ErrStakeAccount)
	// ErrStakeActive is the kind of ErrStakeAccount for stake that must be
	// deactivated first.
	ErrStakeActive = fmt.Errorf("%w: its stake is still active (deactivate it first)",
		ErrStakeAccount)
	// ErrStakeDeactivating is the kind of ErrStakeAccount for stake that is
	// deactivating or deactivated. Withdraw its SOL once it has cooled down.
	ErrStakeDeactivating = fmt.Errorf("%w: its stake is deactivating or deactivated "+
		"(withdraw its SOL once it has cooled down)", ErrStakeAccount)
	// ErrStakeOwner is the kind of ErrStakeAccount for an account whose
	// withdraw authority is not the owner. Name the withdraw authority as the
	// owner.
	ErrStakeOwner = fmt.Errorf("%w: the owner is not its withdraw authority "+
		"(name the withdraw authority as the owner)", ErrStakeAccount)
	// ErrStakeTooSmall is the kind of ErrStakeAccount for stake below
	// Marinade's minimum. Use another route.
	ErrStakeTooSmall = fmt.Errorf("%w: stake too small (use another route)", ErrStakeAccount)
	// ErrStakeSurplus is the kind of ErrStakeAccount that Marinade returns for
	// a balance that is not exactly the stake plus the stored rent, for example
	// after a transfer to the account. Withdraw the excess first.
	ErrStakeSurplus = fmt.Errorf("%w: its balance is not exactly stake plus rent "+
		"(withdraw the excess first)", ErrStakeAccount)
	// ErrStakeMarinades is the kind of ErrStakeAccount for an account whose
	// staker or withdrawer is Marinade already. Use another account.
	ErrStakeMarinades = fmt.Errorf("%w: it already belongs to Marinade (use another account)",
		ErrStakeAccount)
	// ErrFeeAccount is returned when the pool's fee account cannot receive the
	// fee, for example because it is frozen. Use another route.
	ErrFeeAccount = errors.New("pool's fee account cannot receive the fee (use another route)")
	// ErrBuildDependent is returned when some builds of the program accept the
	// operation and others refuse it. Name the deployed build, or use another
	// route.
	ErrBuildDependent = errors.New("outcome depends on the deployed build of the program " +
		"(name the deployed build, or use another route)")
	// ErrPrefundGap is returned by [Prefund.Quote] when the minimum delegation
	// is in a range in which every prefund of the Router fails. Use another
	// route.
	ErrPrefundGap = errors.New("no prefund works at this minimum delegation (use another route)")
	// ErrRouterFunds is returned when an account of the Router does not hold
	// enough lamports to lend the rent that an instruction needs. Use another
	// route, or try again later.
	ErrRouterFunds = errors.New("the Router does not hold enough lamports to lend the rent " +
		"(use another route, or try again later)")
	// ErrPrefundUnpaid is returned by [Prefund.Quote] when the sale of the
	// split-off stake brings less than the prefunder lends. Trade more.
	ErrPrefundUnpaid = errors.New("sale does not repay the prefunder (trade more)")
	// ErrPrefundCost is returned by [PrefundedStake.Within] when a prefund
	// costs the user more than allowed. Allow the cost with MaxPrefund.
	ErrPrefundCost = errors.New("prefund costs too much (allow its cost with MaxPrefund)")
	// ErrUpdateFails is returned when the stake pool program cannot update the
	// pool for this epoch, because the stake program refuses to merge stake of
	// a validator.
	ErrUpdateFails = errors.New(
		"the pool cannot be updated for this epoch (wait for the next one, " +
			"or use another route)",
	)
	// ErrInvalidState is returned when an account holds numbers that its
	// program cannot have written. Load it again, from another endpoint.
	ErrInvalidState = errors.New("invalid pool state (load it again, from another endpoint)")
)

// Error describes a refused quote: the operation, the pool and the reason. All
// errors of the quotes of a pool are of this type.
type Error struct {
	// Op is the quoted operation, for example "deposit SOL".
	Op string
	// Pool is the address of the pool.
	Pool solana.PublicKey
	// Reason wraps the condition, for example [ErrStalePool], often with
	// figures: "last update in epoch 799, now epoch 800".
	Reason error
}

// named wraps err in an [*Error] with operation and pool, unless it already
// contains one.
func named(op string, pool solana.PublicKey, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &Error{
		Op:     op,
		Pool:   pool,
		Reason: err,
	}
}

// Error returns one line with the operation, the pool and the reason.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}

	return fmt.Sprintf("%s, pool %s: %v", e.Op, e.Pool, e.Reason)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}

	return e.Reason
}
