package quote

import (
	"math"

	"github.com/sanctum-go/sanctum/accounts"
)

// StakeAccountState is the current state of a stake account with its balance.
type StakeAccountState struct {
	Lamports uint64                `json:"lamports"`
	Account  accounts.StakeAccount `json:"account"`
}

// minimumValidatorStake is the smallest stake, in lamports, that the program
// leaves with a validator, even if the stake program's minimum is lower.
const minimumValidatorStake = 1_000_000

// StakeParts checks that the pool accepts a stake account, and splits its
// balance into the lamports that count as stake and those that count as SOL for
// [StakePoolState.DepositStake]. It needs the pool's validator list and the
// pool's stake account at the same validator.
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

// ValidatorStakeSource is a validator of the pool from which stake can be
// withdrawn.
type ValidatorStakeSource struct {
	Entry accounts.ValidatorStakeInfo
	// Stake is the pool's stake account at the validator.
	Stake StakeAccountState
}

// Sources returns the validators from which stake can be withdrawn, most stake
// first, by rules that hold for all builds of the program. The figures of the
// list are those of the last pool update; [StakePoolState.WithdrawStake] checks
// the stake account itself.
//
// It fails with [ErrValidator] if no validator can serve. The program could
// then only remove a whole validator or split the reserve, neither with a
// guaranteed result. Use [StakePoolState.WithdrawSOL] or a swap instead.
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

// WithdrawStake quotes a withdrawal of tokens for stake that is split off one
// of the validators of [StakePoolState.Sources].
func (s StakePoolState) WithdrawStake(
	tokens uint64,
	from ValidatorStakeSource,
) (StakeWithdrawal, error) {
	var r Refusal
	w, ok := s.prepare().WithdrawStake(tokens, s.prepareSource(&from), &r)
	return answer(w, ok, &r)
}

// WithdrawStakeExactOut quotes the smallest number of tokens for at least the
// given lamports of stake. The stake may be slightly more, as one base unit of
// the token is worth more than one lamport.
func (s StakePoolState) WithdrawStakeExactOut(
	lamports uint64,
	from ValidatorStakeSource,
) (StakeWithdrawal, error) {
	var r Refusal
	w, ok := s.prepare().WithdrawStakeExactOut(lamports, s.prepareSource(&from), &r)
	return answer(w, ok, &r)
}
