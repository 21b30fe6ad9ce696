package quote

import (
	"math"

	"github.com/sanctum-go/sanctum/accounts"
)

// StakeAccountState is a stake account with its balance, as it is on chain now.
type StakeAccountState struct {
	Lamports uint64                `json:"lamports"`
	Account  accounts.StakeAccount `json:"account"`
}

// minimumValidatorStake is the least stake the program leaves with a validator,
// whatever the stake program's minimum, in lamports.
const minimumValidatorStake = 1_000_000

// StakeParts checks that the pool takes a stake account and splits its balance
// into what counts as stake and what counts as SOL for
// [StakePoolState.DepositStake]. It needs the pool's validator list and the
// stake account of the same validator in the pool.
func (s StakePoolState) StakeParts(
	list *accounts.ValidatorList,
	deposit, validator StakeAccountState,
) (staked, unstaked uint64, err error) {
	var r Refusal
	staked, unstaked, ok := s.prepare().StakeParts(list, deposit, validator, &r)
	if !ok {
		return 0, 0, r.Err()
	}
	return staked, unstaked, nil
}

// ValidatorStakeSource is a validator of the pool that stake can be withdrawn
// from.
type ValidatorStakeSource struct {
	Entry accounts.ValidatorStakeInfo
	// Stake is the validator's stake account in the pool.
	Stake StakeAccountState
}

// Sources returns the validators that stake can be withdrawn from, the one with
// the most stake first, by rules that hold for all builds of the program. The
// list's figures are those of the last update: [StakePoolState.WithdrawStake]
// checks the stake account itself. There may be none: then only the removal of
// a whole validator or the reserve could serve, whose outcome the program does
// not guard, and WithdrawSol or a swap is the way out.
func (s StakePoolState) Sources(
	list *accounts.ValidatorList,
) ([]accounts.ValidatorStakeInfo, error) {
	var r Refusal
	positions, ok := s.prepare().Sources(list, math.MaxInt, nil, &r)
	if !ok {
		return nil, r.Err()
	}

	sources := make([]accounts.ValidatorStakeInfo, len(positions))
	for i, position := range positions {
		sources[i] = list.Validators[position]
	}

	return sources, nil
}

// WithdrawStake quotes a withdrawal of tokens for stake split off a validator,
// one of [StakePoolState.Sources].
func (s StakePoolState) WithdrawStake(
	tokens uint64,
	from ValidatorStakeSource,
) (StakeWithdrawal, error) {
	var r Refusal
	w, ok := s.prepare().WithdrawStake(tokens, s.prepareSource(&from), &r)
	return answer(w, ok, &r)
}

// WithdrawStakeExactOut quotes the fewest tokens for at least so many lamports
// of stake. It may be a little more: one base unit of the token is worth more
// than one lamport.
func (s StakePoolState) WithdrawStakeExactOut(
	lamports uint64,
	from ValidatorStakeSource,
) (StakeWithdrawal, error) {
	var r Refusal
	w, ok := s.prepare().WithdrawStakeExactOut(lamports, s.prepareSource(&from), &r)
	return answer(w, ok, &r)
}
