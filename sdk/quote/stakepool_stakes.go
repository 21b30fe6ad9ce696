package quote

// WithdrawStakes quotes a withdrawal of tokens for stake of several validators,
// with one WithdrawStake instruction and one stake account for each, in the
// order of the result. It takes as much as possible from each validator of
// from, and the rest from the next one.
//
// The validators must be in the order of [StakePoolState.Sources]. If the pool
// has a preferred validator with stake, that comes first and others may follow:
// the program serves them once the preferred one is exhausted. Each part has at
// least the minimum delegation. Example: 10 SOL of stake from validators that
// can give 6 and 3.5 SOL become 6, 3 and 1 SOL.
//
// It fails with [ErrValidator] if the validators cannot give the stake.
func (s StakePoolState) WithdrawStakes(
	tokens uint64,
	from []ValidatorStakeSource,
) ([]StakeWithdrawal, error) {
	var r Refusal
	parts, ok := s.prepare().WithdrawStakes(tokens, s.prepareSources(from), nil, &r)
	return answer(parts, ok, &r)
}

// WithdrawStakesExactOut quotes the smallest number of tokens for which
// [StakePoolState.WithdrawStakes] gives at least the given lamports of stake.
func (s StakePoolState) WithdrawStakesExactOut(
	lamports uint64,
	from []ValidatorStakeSource,
) ([]StakeWithdrawal, error) {
	var r Refusal
	parts, ok := s.prepare().WithdrawStakesExactOut(lamports, s.prepareSources(from), nil, &r)
	return answer(parts, ok, &r)
}

func (s *StakePoolState) prepareSources(from []ValidatorStakeSource) []*StakeSourcePrices {
	prepared := make([]*StakeSourcePrices, len(from))
	for i := range from {
		prepared[i] = s.prepareSource(&from[i])
	}
	return prepared
}
