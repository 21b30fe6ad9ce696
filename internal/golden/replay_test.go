package golden_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// minimumExecuted is how many executed cases the recordings must hold in total, so that none gets lost unnoticed.
const minimumExecuted = 300

// recordings loads the recorded executions by the name of their file.
func recordings(t *testing.T) map[string]*golden.StakePools {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "stakepool-*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	files := make(map[string]*golden.StakePools)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		f := new(golden.StakePools)
		require.NoError(t, json.Unmarshal(text, f), path)
		files[filepath.Base(path)] = f
	}
	return files
}

// TestReplayStakePools quotes and builds what the real programs executed, from account bytes, and expects what they did.
func TestReplayStakePools(t *testing.T) {
	executed := 0
	programs, operations, refused := map[string]int{}, map[string]int{}, map[string]int{}
	roundings := map[quote.FeeRounding]int{}
	for name, f := range recordings(t) {
		t.Run(name, func(t *testing.T) {
			chain := throughBytes(t, f.Chain)
			for i := range f.Cases {
				c := &f.Cases[i]
				pool := &f.Pools[c.Pool]
				rounding := quote.StakePoolFeeRounding(c.Build)
				require.NotEqual(t, quote.FeesUnknown, rounding, "case %d: build %s", i, c.Build)
				replay(t, i, c, decoded(t, pool, f.Chain.Rent), chain)
				if c.Outcome == nil {
					refused[c.Op]++
					continue
				}
				executed++
				programs[pool.Program.String()]++
				operations[c.Op]++
				roundings[rounding]++
			}
		})
	}
	if t.Failed() {
		return
	}
	require.GreaterOrEqual(t, executed, minimumExecuted)
	for _, program := range accounts.StakePoolPrograms() {
		require.Positive(t, programs[program.String()], "executed by %s", program)
	}
	for _, op := range []string{golden.DepositSol, golden.WithdrawSol, golden.DepositStake, golden.WithdrawStake} {
		require.Positive(t, operations[op], "executed %s", op)
		require.Positive(t, refused[op], "refused %s", op)
	}
	for _, rounding := range []quote.FeeRounding{quote.FeesRoundUp, quote.FeesRoundDown} {
		require.Positive(t, roundings[rounding], "rounding %d", rounding)
	}
}

func replay(t *testing.T, i int, c *golden.StakePoolCase, pool *figures.StakePool, chain figures.Chain) {
	t.Helper()
	ix, err := c.BuildInstruction(pool)
	require.NoError(t, err, "case %d", i)
	built, err := golden.NewInstruction(ix)
	require.NoError(t, err, "case %d", i)
	require.Equal(t, c.Instruction, built, "case %d", i)

	if c.Stake != nil {
		staked := *c.Stake
		staked.Account = *stakeThroughBytes(t, staked.Account)
		requoted := *c
		requoted.Stake, c = &staked, &requoted
	}
	got, exact, err := c.Quote(pool, chain)
	missed := c.Minimum != nil && *c.Minimum > got.Received
	switch {
	case c.Outcome != nil:
		require.NoError(t, err, "case %d: executed %+v", i, *c.Outcome)
		require.Equal(t, *c.Outcome, got, "case %d", i)
		require.True(t, exact, "case %d", i)
		require.False(t, missed, "case %d: the limit was met", i)
	case err == nil:
		require.True(t, missed, "case %d: quoted %+v, refused: %s", i, got, c.Refusal)
		require.Contains(t, c.Refusal, "ExceededSlippage", "case %d", i)
	default:
		require.NotEmpty(t, c.Refusal, "case %d has no result", i)
	}
}

func TestStakePoolsText(t *testing.T) {
	for name, f := range recordings(t) {
		text, err := f.MarshalText()
		require.NoError(t, err, name)
		var again golden.StakePools
		require.NoError(t, json.Unmarshal(text, &again), name)
		require.Equal(t, f, &again, name)
		same, err := again.MarshalText()
		require.NoError(t, err, name)
		require.True(t, bytes.Equal(text, same), name)
	}
	text, err := (&golden.StakePools{}).MarshalText()
	require.NoError(t, err)
	var empty golden.StakePools
	require.NoError(t, json.Unmarshal(text, &empty))
	require.Empty(t, empty.Pools)
	require.Empty(t, empty.Cases)
}

// TestUnknownOperation: a recording of another format is refused rather than skipped.
func TestUnknownOperation(t *testing.T) {
	for name, f := range recordings(t) {
		c := golden.StakePoolCase{Op: "Merge"}
		_, _, err := c.Quote(&f.Pools[0], f.Chain)
		require.ErrorContains(t, err, `"Merge"`, name)
		_, err = c.BuildInstruction(&f.Pools[0])
		require.ErrorContains(t, err, `"Merge"`, name)
	}
}
