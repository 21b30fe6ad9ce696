package e2e

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// balances has the accounts before and after a transaction.
type balances struct {
	t             testing.TB
	name          string
	before, after *accounts.Set
	fee           uint64
}

func lamportsIn(set *accounts.Set, key solana.PublicKey) uint64 {
	a, err := set.Get(key)
	if err != nil {
		return 0
	}
	return a.Lamports
}

// gained returns the lamports that an account gained, modulo 2^64.
func (b balances) gained(key solana.PublicKey) uint64 {
	return lamportsIn(b.after, key) - lamportsIn(b.before, key)
}

func (b balances) tokens(set *accounts.Set, key solana.PublicKey) uint64 {
	token, err := accounts.Load(set, key, accounts.DecodeTokenAccount)
	if err != nil {
		return 0
	}
	return token.Amount
}

func (b balances) tokensGained(key solana.PublicKey) uint64 {
	return b.tokens(b.after, key) - b.tokens(b.before, key)
}

// exists reports whether an account exists.
func exists(set *accounts.Set, key solana.PublicKey) bool {
	_, err := set.Get(key)
	return err == nil
}

// epochFee returns the tokens that a pool's manager received from a pool
// update. They are not a fee of the trade.
func (r *waysRun) epochFee(pool *figures.StakePool, b balances) uint64 {
	after, err := accounts.Load(b.after, pool.Address, accounts.DecodeStakePool)
	if err != nil || after.LastUpdateEpoch == pool.State.LastUpdateEpoch {
		return 0
	}
	q := pool.Quote(r.chain, quote.StakePoolFeeRounding(r.builds[pool.Program]))
	q.UpdateKnown = quote.StakePoolUpdateKnown(r.builds[pool.Program])
	q.Update = pool.Balances()
	updated, err := q.Updated()
	require.NoError(r.t, err)
	return updated.State.PoolTokenSupply - pool.Mint.Supply
}
