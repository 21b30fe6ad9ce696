package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// minimumExecuted is the minimum number of executed cases in the recordings of
// stake pools.
const minimumExecuted = 300

// decodedStakePool encodes the accounts of the pool and decodes them, so that a
// replay covers both.
func decodedStakePool(t *testing.T, p *figures.StakePool, rent accounts.Rent) *figures.StakePool {
	t.Helper()
	set := onChain(t, p, rent)
	d := &figures.StakePool{Symbol: p.Symbol, Program: p.Program, Address: p.Address}
	d.State = *load(t, set, p.Address, accounts.DecodeStakePool)
	d.Reserve = *live(t, set, d.State.ReserveStake)
	d.Mint = *load(t, set, d.State.PoolMint, accounts.DecodeMint)
	if set.Has(d.State.ManagerFeeAccount) {
		d.FeeAccount = load(t, set, d.State.ManagerFeeAccount, accounts.DecodeTokenAccount)
	}

	list := load(t, set, d.State.ValidatorList, accounts.DecodeValidatorList)
	d.MaxValidators = list.MaxValidators
	for _, entry := range list.Validators {
		active, transient, err := d.StakeAddresses(entry)
		require.NoError(t, err)
		v := figures.Validator{Entry: entry}
		if set.Has(active) {
			v.Active = live(t, set, active)
		}

		if set.Has(transient) {
			v.Transient = live(t, set, transient)
		}

		d.Validators = append(d.Validators, v)
	}

	require.Equal(t, p, d)

	return d
}

// TestStakePoolCase_Replay computes and builds the cases from account data, and
// compares with the outcomes of the real programs.
func TestStakePoolCase_Replay(t *testing.T) {
	n := newTallies()
	for name, f := range recordings[golden.StakePools](t, "stakepool-*.json") {
		chain := throughBytes(t, f.Chain)
		replay(t, name, f.Cases, func(t *testing.T, c golden.StakePoolCase) {
			rounding := quote.StakePoolFeeRounding(c.Build)
			require.NotEqual(t, quote.FeesUnknown, rounding, "build %s", c.Build)
			pool := decodedStakePool(t, &f.Pools[c.Pool], f.Chain.Rent)
			ix, err := c.BuildInstruction(pool)
			require.NoError(t, err)
			requireInstructions(t, []golden.Instruction{c.Instruction}, ix)

			c.Stake = stakeThroughBytes(t, c.Stake)
			got, exact, err := c.Quote(pool, chain)
			if err == nil && c.Minimum != nil && *c.Minimum > got.Received {
				err = errLimit
			}

			requireResult(t, c.Result, got, err)
			require.True(t, exact || c.Outcome == nil)
			count(n, c.Result, c.Op, pool.Program, rounding)
		})
	}

	operations := []string{golden.DepositSOL, golden.WithdrawSOL, golden.DepositStake,
		golden.WithdrawStake}
	atLeast(t, n.executed, minimumExecuted, all)
	atLeast(t, n.executed, 1, accounts.StakePoolPrograms()...)
	atLeast(t, n.executed, 1, quote.FeesRoundUp, quote.FeesRoundDown)
	atLeast(t, n.executed, 1, operations...)
	atLeast(t, n.refused, 1, operations...)
}

func TestStakePools_MarshalText(t *testing.T) {
	requireText(t, "stakepool-*.json",
		func(f *golden.StakePools) int { return len(f.Pools) + len(f.Cases) })
}

// TestStakePoolCase_UnknownOperation checks that an unknown operation is an
// error.
func TestStakePoolCase_UnknownOperation(t *testing.T) {
	for name, f := range recordings[golden.StakePools](t, "stakepool-*.json") {
		c := golden.StakePoolCase{Op: "Merge"}
		_, _, err := c.Quote(&f.Pools[0], f.Chain)
		require.ErrorContains(t, err, `"Merge"`, name)
		_, err = c.BuildInstruction(&f.Pools[0])
		require.ErrorContains(t, err, `"Merge"`, name)
	}
}
