package figures

import (
	"math/rand/v2"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// RandomSpreadPool returns an updated stake pool of 2 to 8 validators with
// little stake each, so that an amount may need several of them. One of three
// pools has a preferred validator for withdrawals.
func RandomSpreadPool(rng *rand.Rand, program solana.PublicKey, chain Chain) (*StakePool, error) {
	pool, err := RandomStakePool(rng, program, chain)
	if err != nil {
		return nil, err
	}

	pool.MaxValidators = 8
	pool.State.TotalLamports = pool.Reserve.Lamports - StoredRent
	pool.Validators = nil
	for range 2 + rng.IntN(7) {
		v := randomValidator(rng, pool.Reserve.Account.Withdrawer, StoredRent, chain)
		staked := max(chain.MinimumDelegation, 1_000_000) + RandomAmount(rng, 200*sol)
		v.Active.Account.Delegation.Stake = staked
		v.Active.Lamports = staked + StoredRent
		v.Entry.ActiveStakeLamports = v.Active.Lamports
		if rng.IntN(4) == 0 {
			v.Active.Lamports += rng.Uint64N(sol) // Not recorded before the next update.
		}

		pool.State.TotalLamports += v.Entry.ActiveStakeLamports
		pool.Validators = append(pool.Validators, v)
	}

	supply := pool.State.TotalLamports
	pool.State.PoolTokenSupply = supply - supply/uint64(3+rng.IntN(20))
	pool.Mint.Supply = pool.State.PoolTokenSupply
	if rng.IntN(3) == 0 {
		preferred := pool.Validators[rng.IntN(len(pool.Validators))].Entry.VoteAccount
		pool.State.PreferredWithdrawValidator = &preferred
	}

	return pool, nil
}

// Row returns the validators of the pool in the order in which several give
// stake: those of Sources, and after a preferred one the others.
func (p *StakePool) Row(q quote.StakePoolState) ([]quote.ValidatorStakeSource, error) {
	entries, err := q.Sources(p.List())
	if err != nil {
		return nil, err
	}

	q.State.PreferredWithdrawValidator = nil
	if others, err := q.Sources(p.List()); err == nil {
		entries = append(entries, slices.DeleteFunc(others,
			func(e accounts.ValidatorStakeInfo) bool { return slices.Contains(entries, e) })...)
	}

	var from []quote.ValidatorStakeSource
	for _, e := range entries {
		for _, v := range p.Validators {
			if v.Entry == e {
				from = append(from, v.Source())
			}
		}
	}

	return from, nil
}
