package operator

import "errors"

// Errors of plans. The errors of package quote name what the program would
// refuse.
var (
	// ErrParams is returned by [Launch] and the other functions that make plans
	// when a parameter is missing or impossible. Correct the named parameter.
	ErrParams = errors.New("invalid parameter of a plan")
	// ErrNotManager is returned when the manager of the parameters is not the
	// manager of the pool. Name the current manager.
	ErrNotManager = errors.New("not the manager of the pool (name the current manager)")
	// ErrNotStaker is returned when the staker of the parameters is not the
	// staker of the pool. Name the current staker; the manager can replace it
	// with [HandOver].
	ErrNotStaker = errors.New(
		"not the staker of the pool (name the current staker, or replace it with HandOver)")
	// ErrAccountTaken is returned when an account that a plan creates exists
	// already in another form. Use another key, or another seed.
	ErrAccountTaken = errors.New("account exists already in another form (use another key or seed)")
	// ErrVoteAccount is returned when the validator to add has no vote account
	// at the address. Name the vote account, not the identity, of the
	// validator.
	ErrVoteAccount = errors.New("not a vote account (name the vote account of the validator)")
	// ErrUnlisted is returned by a plan of [Rebalance] with a weight for a
	// validator that the pool does not have. Add it with [AddValidator] first.
	ErrUnlisted = errors.New("validator is not in the pool (add it with AddValidator first)")
	// ErrFeeAccount is returned by a plan of [HandOver] when the new fee
	// account is not a usable token account of the pool mint. Create it, or
	// leave it out for the associated token account of the new manager.
	ErrFeeAccount = errors.New("not a usable token account of the pool mint " +
		"(create it, or leave it out for the new manager's own)")
	// ErrDepositUnclear is returned by a plan of [Deposit] when the depositor
	// has a token account that holds less than the deposit pays. Nothing shows
	// whether the deposit was made. Deposit more with sdk.Client.Stake.
	ErrDepositUnclear = errors.New(
		"the token account exists and holds less than the deposit pays, " +
			"so nothing shows whether the deposit was made (deposit with Client.Stake)",
	)
	// ErrMaxCost is returned by [Plan.Next] and [Plan.Run] when a step costs
	// more than Options.MaxCost leaves. Nothing of the step was sent. Compare
	// with [Plan.DryRun] on another node, or raise the limit.
	ErrMaxCost = errors.New(
		"plan costs more than MaxCost (compare with a dry run on another node, or raise it)")
	// ErrNoProgress is returned by [Plan.Run] when a transaction landed and the
	// accounts still ask for it. Run the plan again; if the error persists, the
	// node is behind.
	ErrNoProgress = errors.New("a step landed and is still to do (run the plan again)")
)
