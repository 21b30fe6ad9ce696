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

// minimumRoutes is how many executed cases of the Router the recordings must hold in total.
const minimumRoutes = 100

// routes loads the recorded executions of the Router by the name of their file.
func routes(t *testing.T) map[string]*golden.Routes {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "router*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	files := make(map[string]*golden.Routes)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		f := new(golden.Routes)
		require.NoError(t, json.Unmarshal(text, f), path)
		files[filepath.Base(path)] = f
	}
	return files
}

// TestReplayRoutes quotes and builds what the real Router executed, from account bytes, and expects what it did.
func TestReplayRoutes(t *testing.T) {
	executed, refused, minimums := map[string]int{}, map[string]int{}, map[uint64]int{}
	all := 0
	for name, f := range routes(t) {
		t.Run(name, func(t *testing.T) {
			chain := throughBytes(t, f.Chain)
			for i := range f.Cases {
				c := &f.Cases[i]
				kind := c.Op
				if f.Markets[c.Market].To == nil {
					kind += " into the Reserve"
				}
				replayRoute(t, i, c, &f.Markets[c.Market], chain)
				if c.Outcome == nil {
					refused[kind]++
					continue
				}
				all++
				executed[kind]++
				minimums[f.Chain.MinimumDelegation]++
			}
		})
	}
	if t.Failed() {
		return
	}
	require.GreaterOrEqual(t, all, minimumRoutes)
	for _, kind := range []string{
		golden.StakeWrappedSol, golden.WithdrawWrappedSol + " into the Reserve", golden.SwapViaStake, golden.SwapViaStake + " into the Reserve",
		golden.RouterDepositStake, golden.RouterDepositStake + " into the Reserve", golden.PrefundWithdrawStake + " into the Reserve",
		golden.PrefundSwapViaStake, golden.PrefundSwapViaStake + " into the Reserve",
	} {
		require.Positive(t, executed[kind], "executed %s", kind)
		require.Positive(t, refused[kind], "refused %s", kind)
	}
	require.Positive(t, minimums[1])
	require.Positive(t, minimums[1_000_000_000])
}

func replayRoute(t *testing.T, i int, c *golden.RouterCase, recorded *golden.RouterMarket, chain figures.Chain) {
	t.Helper()
	rent := accounts.RentOf(c.LamportsPerByte)
	m := &golden.RouterMarket{}
	for _, side := range []struct {
		pool  *figures.StakePool
		build string
		to    **figures.StakePool
	}{{recorded.From, c.FromBuild, &m.From}, {recorded.To, c.ToBuild, &m.To}} {
		if side.pool != nil {
			require.NotEqual(t, quote.FeesUnknown, quote.StakePoolFeeRounding(side.build), "case %d: build %s", i, side.build)
			*side.to = decoded(t, side.pool, rent)
		}
	}
	if recorded.Reserve != nil {
		m.Reserve = decodedReserve(t, recorded.Reserve, rent)
	}
	ix, err := c.BuildInstruction(m)
	require.NoError(t, err, "case %d", i)
	built, err := golden.NewInstruction(ix)
	require.NoError(t, err, "case %d", i)
	require.Equal(t, c.Instruction, built, "case %d", i)

	if c.Stake != nil && c.Stake.Account.State != accounts.StakeUninitialized {
		staked := *c.Stake
		staked.Account = *stakeThroughBytes(t, staked.Account)
		requoted := *c
		requoted.Stake, c = &staked, &requoted
	}
	got, exact, err := c.Quote(m, chain)
	if c.Outcome == nil {
		require.Error(t, err, "case %d: quoted %+v, refused: %s", i, got, c.Refusal)
		require.NotEmpty(t, c.Refusal, "case %d has no result", i)
		return
	}
	require.NoError(t, err, "case %d: executed %+v", i, *c.Outcome)
	require.Equal(t, *c.Outcome, got, "case %d", i)
	require.True(t, exact, "case %d", i)
}

// decodedReserve is the Reserve as the decoders read it from the accounts that the figures make.
func decodedReserve(t *testing.T, r *figures.Reserve, rent accounts.Rent) *figures.Reserve {
	t.Helper()
	all, err := r.Accounts(rent)
	require.NoError(t, err)
	set := accounts.NewSet(0)
	for _, a := range all {
		set.Put(a)
	}
	program := accounts.ReserveProgram
	fee, err := accounts.ReserveFeeAddress(program, r.Address)
	require.NoError(t, err)
	protocolFee, err := accounts.ReserveProtocolFeeAddress(program)
	require.NoError(t, err)
	sol, err := accounts.ReserveSOL(program, r.Address)
	require.NoError(t, err)
	d := &figures.Reserve{
		Address: r.Address, Pool: *load(t, set, r.Address, accounts.DecodeReservePool), Fee: *load(t, set, fee, accounts.DecodeReserveFee),
		ProtocolFee: *load(t, set, protocolFee, accounts.DecodeReserveProtocolFee),
	}
	d.LPSupply = load(t, set, d.Pool.LPMint, accounts.DecodeMint).Supply
	account, err := set.Get(sol)
	require.NoError(t, err)
	d.Lamports = account.Lamports
	require.Equal(t, r, d)
	return d
}

func TestRoutesText(t *testing.T) {
	for name, f := range routes(t) {
		text, err := f.MarshalText()
		require.NoError(t, err, name)
		var again golden.Routes
		require.NoError(t, json.Unmarshal(text, &again), name)
		require.Equal(t, f, &again, name)
		same, err := again.MarshalText()
		require.NoError(t, err, name)
		require.True(t, bytes.Equal(text, same), name)
	}
}

// TestUnknownRoute: a recording of another format is refused rather than skipped.
func TestUnknownRoute(t *testing.T) {
	for name, f := range routes(t) {
		for i := range f.Markets {
			m := &f.Markets[i]
			if m.From == nil || m.To == nil {
				continue
			}
			c := golden.RouterCase{Op: "Merge", LamportsPerByte: 6960}
			_, _, err := c.Quote(m, f.Chain)
			require.ErrorContains(t, err, `"Merge"`, name)
			_, err = c.BuildInstruction(m)
			require.ErrorContains(t, err, `"Merge"`, name)
		}
	}
}
