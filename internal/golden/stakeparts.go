package golden

import (
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// StakeParts is a file of recorded withdrawals of stake of several validators.
type StakeParts struct {
	Chain figures.Chain    `json:"chain"`
	Cases []StakePartsCase `json:"cases"`
}

// MarshalText returns the file as JSON with one case per line.
func (f *StakeParts) MarshalText() ([]byte, error) {
	return lines(f.Chain, "pools", []struct{}{}, f.Cases)
}

// StakePartsCase is one transaction with several WithdrawStake instructions for
// a random pool.
type StakePartsCase struct {
	Seed    uint64           `json:"seed"`
	Program solana.PublicKey `json:"program"`
	// Build is the hash of the program that executed the case.
	Build string `json:"build"`
	// Amount is in pool tokens, or with ExactOut in lamports of stake.
	Amount   uint64 `json:"amount"`
	ExactOut bool   `json:"exact_out,omitempty"`
	// Parts are the delegations of the new stake accounts, in the order of the
	// instructions.
	Parts []StakePart `json:"parts"`
	// Tokens is what the user paid, and ManagerFee what of it the manager
	// received. TotalLamports and PoolTokenSupply are the counters of the pool
	// afterwards.
	Tokens          uint64 `json:"tokens"`
	ManagerFee      uint64 `json:"manager_fee"`
	TotalLamports   uint64 `json:"total_lamports"`
	PoolTokenSupply uint64 `json:"pool_token_supply"`
}

// StakePart is one of the stake accounts that a transaction withdraws into.
type StakePart struct {
	Vote     solana.PublicKey `json:"vote"`
	Lamports uint64           `json:"lamports"`
}

// Pool returns the pool before the withdrawals.
func (c *StakePartsCase) Pool(chain figures.Chain) (*figures.StakePool, error) {
	return figures.RandomSpreadPool(rand.New(rand.NewPCG(c.Seed, 5)), c.Program, chain)
}

// Quote returns the case with the results that package quote computes.
func (c *StakePartsCase) Quote(
	pool *figures.StakePool, chain figures.Chain,
) (StakePartsCase, error) {
	q := pool.Quote(chain, quote.StakePoolFeeRounding(c.Build))
	q.UpdateKnown = quote.StakePoolUpdateKnown(c.Build)
	from, err := pool.Row(q)
	if err != nil {
		return *c, err
	}

	withdraw := q.WithdrawStakes
	if c.ExactOut {
		withdraw = q.WithdrawStakesExactOut
	}

	parts, err := withdraw(c.Amount, from)
	quoted := *c
	quoted.Parts, quoted.Tokens, quoted.ManagerFee = nil, 0, 0
	quoted.TotalLamports, quoted.PoolTokenSupply = q.State.TotalLamports, q.State.PoolTokenSupply
	for _, w := range parts {
		quoted.Parts = append(quoted.Parts, StakePart{w.Vote, w.Lamports})
		quoted.Tokens += w.Tokens
		quoted.ManagerFee += w.ManagerFee
		quoted.TotalLamports -= w.Lamports
		quoted.PoolTokenSupply -= w.Tokens - w.ManagerFee
	}

	return quoted, err
}
