package quote

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/condition"
)

// Conditions under which there is no quote; an [*Error] wraps one of them.
var (
	// ErrZeroAmount says that the amount asked for is zero.
	ErrZeroAmount = condition.ZeroAmount
	// ErrAmountTooSmall says that the amount is too small to yield anything.
	ErrAmountTooSmall = errors.New("amount too small (trade more)")
	// ErrAmountTooLarge says that no input yields so much, or that a number
	// would not fit.
	ErrAmountTooLarge = errors.New("amount too large (trade less)")
	// ErrStalePool says that the pool was not updated in this epoch and refuses
	// to trade until somebody cranks it.
	ErrStalePool = condition.StalePool
	// ErrUpToDate says that the pool was updated in this epoch already, and
	// that its program does not do so twice.
	ErrUpToDate = errors.New("pool is already updated for this epoch (leave the update out)")
	// ErrEpochRewards says that staking rewards are being distributed: stake
	// cannot move, nor can a pool be updated, until that is over, usually some
	// minutes into the epoch.
	ErrEpochRewards = condition.EpochRewards
	// ErrPermissioned says that an authority that is not among the signers must
	// sign.
	ErrPermissioned = errors.New("operation needs the signature of the pool's authority " +
		"(take another way)")
	// ErrDisabled says that the pool has switched the operation off.
	ErrDisabled = errors.New("operation is switched off (take another way, or try again later)")
	// ErrInsufficientReserve says that the pool's reserve cannot pay so much.
	ErrInsufficientReserve = errors.New("reserve too small (trade less, or take another way)")
	// ErrBelowMinimumDelegation says that the stake handed out would be smaller
	// than the stake program allows.
	ErrBelowMinimumDelegation = errors.New("less than the minimum delegation (trade more)")
	// ErrValidator says that the validator cannot take or give this stake.
	ErrValidator = errors.New("validator not available " +
		"(take another way, or try again in the next epoch)")
	// ErrNotPreferred says that the pool insists on its preferred validator.
	ErrNotPreferred = errors.New("pool insists on its preferred validator " +
		"(use stake of that validator)")
	// ErrStakeAccount says that the stake account is not in a state the pool
	// takes.
	ErrStakeAccount = errors.New("stake account not accepted")
	// ErrStakeUninitialized, ErrStakeUndelegated, ErrStakeLocked,
	// ErrStakeActivating, ErrStakeActive, ErrStakeDeactivating and
	// ErrStakeOwner are kinds of ErrStakeAccount: nobody initialized it, it is
	// not delegated, its lockup is in force, its stake is not active yet, it is
	// still active, it was deactivated, or somebody else may withdraw it.
	ErrStakeUninitialized = fmt.Errorf("%w: not initialized "+
		"(initialize it, or name another one)", ErrStakeAccount)
	ErrStakeUndelegated = fmt.Errorf("%w: not delegated "+
		"(delegate it, or withdraw its SOL)", ErrStakeAccount)
	ErrStakeLocked = fmt.Errorf("%w: locked up "+
		"(wait for the end of its lockup)", ErrStakeAccount)
	ErrStakeActivating = fmt.Errorf("%w: not active yet "+
		"(try again in the next epoch)", ErrStakeAccount)
	ErrStakeActive       = fmt.Errorf("%w: still active (deactivate it first)", ErrStakeAccount)
	ErrStakeDeactivating = fmt.Errorf("%w: deactivated "+
		"(withdraw its SOL once it has cooled down)", ErrStakeAccount)
	ErrStakeOwner = fmt.Errorf("%w: not the owner's "+
		"(name the owner who may withdraw it)", ErrStakeAccount)
	// ErrStakeTooSmall, ErrStakeSurplus and ErrStakeMarinades are kinds of
	// ErrStakeAccount that only Marinade refuses: less is staked than it takes,
	// the account holds lamports beside its stake and the rent it stores, which
	// have to be withdrawn first, or it is Marinade's already, if only as
	// staker.
	ErrStakeTooSmall = fmt.Errorf("%w: stake too small (take another way)", ErrStakeAccount)
	ErrStakeSurplus  = fmt.Errorf("%w: balance is not just stake and rent "+
		"(withdraw the rest first)", ErrStakeAccount)
	ErrStakeMarinades = fmt.Errorf("%w: Marinade's already (name another one)", ErrStakeAccount)
	// ErrFeeAccount says that the pool's fee account cannot receive its fee.
	ErrFeeAccount = errors.New("manager fee account unusable (take another way)")
	// ErrBuildDependent says that some builds of the program accept this and
	// others refuse it.
	ErrBuildDependent = errors.New("outcome depends on the build of the program " +
		"(name the deployed build, or take another way)")
	// ErrPrefundGap says that the minimum delegation lies where all prefunds of
	// the Router fail.
	ErrPrefundGap = errors.New("no prefund at this minimum delegation (take another way)")
	// ErrRouterFunds says that an account of the Router cannot lend the rent
	// that an instruction needs.
	ErrRouterFunds = errors.New("the Router cannot lend the rent " +
		"(take another way, or try again later)")
	// ErrPrefundUnpaid says that the stake split off brings less than the
	// prefunder lends.
	ErrPrefundUnpaid = errors.New("sale does not repay the prefunder (trade more)")
	// ErrPrefundCost says that a prefund costs the user more than was allowed.
	ErrPrefundCost = errors.New("prefund costs too much (allow its cost with MaxPrefund)")
	// ErrUpdateFails is returned when the stake pool program cannot update the
	// pool for this epoch, because the stake program refuses to merge stake of a
	// validator.
	ErrUpdateFails = errors.New("the pool cannot be updated for this epoch (wait for the next one, " +
		"or take another route)")
	// ErrInvalidState says that the account holds numbers the program could not
	// have written.
	ErrInvalidState = errors.New("invalid pool state (load it again, from another endpoint)")
)

// Error says why there is no quote.
type Error struct {
	// Op is what was quoted, for example "deposit SOL".
	Op string
	// Pool is the address of the pool.
	Pool solana.PublicKey
	// Reason is the condition, possibly with detail.
	Reason error
}

// named is err as an [*Error] with operation and pool, unless it is one
// already.
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

// Error is one line that names operation and pool.
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
