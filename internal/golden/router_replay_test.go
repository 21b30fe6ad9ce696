package golden_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// minimumRoutes is the minimum number of executed cases in the recordings of
// the Router.
const minimumRoutes = 100

// TestRouterCase_Replay computes and builds the cases from account data, and
// compares with the outcomes of the real program.
func TestRouterCase_Replay(t *testing.T) {
	n := newTallies()
	for name, f := range recordings[golden.Routes](t, "router*.json") {
		chain := throughBytes(t, f.Chain)
		replay(t, name, f.Cases, func(t *testing.T, c golden.RouterCase) {
			m := decodedRouterMarket(t, &f.Markets[c.Market], accounts.NewRent(c.LamportsPerByte))
			require.True(t,
				m.From == nil || quote.StakePoolFeeRounding(c.FromBuild) != quote.FeesUnknown,
				"build %s", c.FromBuild)
			require.True(t,
				m.To == nil || quote.StakePoolFeeRounding(c.ToBuild) != quote.FeesUnknown,
				"build %s", c.ToBuild)
			ix, err := c.BuildInstruction(m)
			require.NoError(t, err)
			requireInstructions(t, []golden.Instruction{c.Instruction}, ix)

			c.Stake = stakeThroughBytes(t, c.Stake)
			got, exact, err := c.Quote(m, chain)
			requireResult(t, c.Result, got, err)
			require.True(t, exact || c.Outcome == nil)
			kind := c.Op
			if m.To == nil {
				kind += " into the Reserve"
			}

			count(n, c.Result, kind, chain.MinimumDelegation)
		})
	}

	kinds := []string{
		golden.StakeWrappedSOL, golden.WithdrawWrappedSOL + " into the Reserve",
		golden.SwapViaStake, golden.SwapViaStake + " into the Reserve",
		golden.RouterDepositStake, golden.RouterDepositStake + " into the Reserve",
		golden.PrefundWithdrawStake + " into the Reserve",
		golden.PrefundSwapViaStake, golden.PrefundSwapViaStake + " into the Reserve",
	}

	atLeast(t, n.executed, minimumRoutes, all)
	atLeast(t, n.executed, 1, kinds...)
	atLeast(t, n.refused, 1, kinds...)
	atLeast(t, n.executed, 1, uint64(1), uint64(1_000_000_000))
}

// decodedRouterMarket encodes the accounts of the pools of a case and decodes
// them.
func decodedRouterMarket(
	t *testing.T,
	recorded *golden.RouterMarket,
	rent accounts.Rent,
) *golden.RouterMarket {
	t.Helper()
	m := &golden.RouterMarket{}
	if recorded.From != nil {
		m.From = decodedStakePool(t, recorded.From, rent)
	}

	if recorded.To != nil {
		m.To = decodedStakePool(t, recorded.To, rent)
	}

	if recorded.Reserve != nil {
		m.Reserve = decodedReserve(t, recorded.Reserve, rent)
	}

	return m
}

func TestRoutes_MarshalText(t *testing.T) {
	requireText(t, "router*.json",
		func(f *golden.Routes) int { return len(f.Markets) + len(f.Cases) })
}

// TestRouterCase_UnknownOperation checks that an unknown operation is an error.
func TestRouterCase_UnknownOperation(t *testing.T) {
	for name, f := range recordings[golden.Routes](t, "router*.json") {
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
