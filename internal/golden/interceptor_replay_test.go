package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// minimumReceipts is the minimum number of executed cases in the recordings of
// the interceptor.
const minimumReceipts = 140

// TestInterceptorCase_Replay computes and builds the cases from account data,
// and compares with the outcomes of the real programs.
func TestInterceptorCase_Replay(t *testing.T) {
	n := newTallies()
	for name, f := range recordings[golden.Interceptors](t, "interceptor*.json") {
		chain := throughBytes(t, f.Chain)
		replay(t, name, f.Cases, func(t *testing.T, c golden.InterceptorCase) {
			pool := decodedStakePool(t, &f.Pools[c.Pool], f.Chain.Rent)
			authority, err := accounts.DecodeInterceptorAuthority(accounts.Account{
				Owner: accounts.InterceptorProgram,
				Data:  c.Authority.Encode(),
			})

			require.NoError(t, err)
			address, err := authority.Address(accounts.InterceptorProgram)
			require.NoError(t, err)
			require.Equal(t, pool.State.StakeDepositAuthority, address)
			c.Authority = *authority
			deposit, claim, err := c.BuildInstructions(pool)
			require.NoError(t, err)
			requireInstructions(t, c.Instructions, deposit, claim)

			c.Stake = *stakeThroughBytes(t, &c.Stake)
			got, err := c.Quote(pool, chain)
			if err == nil && c.Minimum != nil && *c.Minimum > got.Tokens {
				err = errLimit
			}

			requireResult(t, c.Result, got, err)
			requirePrepared(t, c, pool, chain)
			kinds := []any{c.Minimum != nil, got.ClaimRefused}
			switch {
			case got.ClaimRefused:
			case got.Fee > 0:
				kinds = append(kinds, "fee")
			case c.Unsigned:
				kinds = append(kinds, "for the owner")
			}

			count(n, c.Result, kinds...)
		})
	}

	atLeast(t, n.executed, minimumReceipts, all)
	atLeast(t, n.executed, 5, any(true), false, "fee", "for the owner")
	atLeast(t, n.refused, 10, all)
}

// requirePrepared compares the prepared prices with the deposit of a case. They
// are those of the pool with the signature of the interceptor, in both swap
// modes.
func requirePrepared(
	t *testing.T, c golden.InterceptorCase, pool *figures.StakePool, chain figures.Chain,
) {
	t.Helper()
	want, err := c.Deposit(pool, chain)
	if err != nil {
		return
	}

	q := pool.Quote(chain, quote.StakePoolFeeRounding(c.Build))
	known, err := accounts.StakePoolDepositAuthority(pool.Program, pool.Address)
	require.NoError(t, err)
	prices, err := quote.InterceptedPool{Pool: q, Authority: c.Authority}.Prepare(known)
	require.NoError(t, err)
	var no quote.Refusal
	got, ok := prices.DepositStake(want.Staked, want.Unstaked, &no)
	require.True(t, ok, &no)
	require.Equal(t, want.StakeDeposit, got)
	least, ok := prices.DepositStakeExactOut(want.Tokens, want.Unstaked, &no)
	require.True(t, ok, &no)
	require.LessOrEqual(t, least.Staked, want.Staked)
	require.GreaterOrEqual(t, least.Tokens, want.Tokens)
}

func TestInterceptors_MarshalText(t *testing.T) {
	requireText(t, "interceptor*.json",
		func(f *golden.Interceptors) int { return len(f.Pools) + len(f.Cases) })
}

// TestInterceptorCase_Unusable checks that a recording without a key, or of
// another pool, is refused.
func TestInterceptorCase_Unusable(t *testing.T) {
	for name, f := range recordings[golden.Interceptors](t, "interceptor*.json") {
		c := f.Cases[0]
		c.User = [32]byte{}
		_, _, err := c.BuildInstructions(&f.Pools[c.Pool])
		require.ErrorContains(t, err, "payer", name)
		c = f.Cases[0]
		c.Authority.StakePool = [32]byte{1}
		_, _, err = c.BuildInstructions(&f.Pools[c.Pool])
		require.ErrorContains(t, err, "stake pool", name)
	}
}
