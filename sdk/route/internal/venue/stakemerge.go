package venue

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/route/state"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeAccountsOf returns a stake account and those that are merged into it.
func stakeAccountsOf(s *state.StakeAccount) []solana.PublicKey {
	return append([]solana.PublicKey{s.Address}, s.Merged...)
}

// mergeSteps returns the instructions that merge other accounts into a stake
// account.
func mergeSteps(s *state.StakeAccount, owner solana.PublicKey) ([]txn.Step, error) {
	steps := make([]txn.Step, 0, len(s.Merged)+3)
	for _, other := range s.Merged {
		merge, err := txn.MergeStake(s.Address, other, owner)
		if err != nil {
			return nil, err
		}

		steps = append(steps, merge)
	}

	return steps, nil
}

// mergeCondition describes the merges before a trade, or returns an empty text.
func mergeCondition(s *state.StakeAccount) string {
	switch len(s.Merged) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("the stake account %s is first merged into %s, which closes it",
			s.Merged[0], s.Address)
	}
	return fmt.Sprintf("%d stake accounts are first merged into %s, which closes them",
		len(s.Merged), s.Address)
}
