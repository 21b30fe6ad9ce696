package operator_test

import (
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const anyTop = 1 << 60

// mintOf returns the mint of a symbol.
func mintOf(t *testing.T, symbol string) solana.PublicKey {
	t.Helper()
	if symbol == "SOL" {
		return accounts.NativeMint
	}
	token, err := lst.Default().Lookup(symbol)
	require.NoError(t, err)
	return token.Mint
}

// planned plans a rebalance of 100 tokens in the embedded market.
func planned(
	t *testing.T, out, inp string, maxTopUp uint64,
) (*sdk.Client, *operator.InfinityRebalance, error) {
	t.Helper()
	client, _, err := sdktest.DemoClient()
	require.NoError(t, err)
	from, to := mintOf(t, out), mintOf(t, inp)
	market, err := client.LoadMarket(t.Context(), from, to)
	require.NoError(t, err)
	plan, err := operator.PlanInfinityRebalance(market, operator.InfinityRebalanceParams{
		Out:      from,
		Inp:      to,
		Amount:   100 * sol,
		MaxTopUp: maxTopUp,
	})

	return client, plan, err
}

// TestPlanInfinityRebalance_Embedded plans rebalances of the real pool of June
//  2025. SOL, the values and the requirement follow from figures that package
//     quote tests: the value of 100 tokens, the sale to the Reserve, and
//     the deposit.
func TestPlanInfinityRebalance_Embedded(t *testing.T) {
	for _, test := range []struct {
		out, inp                       string
		value, sol, received, required uint64
	}{
		{"SOL", "picoSOL", 100_000_000_000, 100_000_000_000, 88_882_135_070, 88_971_106_176},
		{"picoSOL", "SOL", 112_396_039_903, 112_280_032_204, 112_280_032_204, 112_396_039_903},
		{"JupSOL", "hSOL", 111_149_265_748, 111_034_571_572, 101_336_119_037, 101_542_337_444},
		{"dSOL", "mSOL", 111_588_867_535, 111_473_710_292, 85_832_557_747, 86_007_233_787},
	} {
		t.Run(test.out+" to "+test.inp, func(t *testing.T) {
			_, plan, err := planned(t, test.out, test.inp, anyTop)
			require.NoError(t, err)
			require.Equal(t, test.value, plan.Start.OutValue)
			require.Equal(t, test.sol, plan.SOL)
			require.Equal(t, test.received, plan.Received)
			require.Equal(t, test.required, plan.Required)
			require.Equal(t, test.required-test.received, plan.TopUp)
			require.Equal(t, plan.Required, plan.End.Returned)
			require.Less(t, plan.End.Gain, uint64(2))
			require.False(t, plan.End.Pool.IsRebalancing)
			require.Equal(t, test.out == "SOL", plan.Unstake == nil)
			require.Equal(t, test.inp == "mSOL", plan.Marinade != nil)
			require.Equal(t, test.inp == "SOL" || test.inp == "mSOL", plan.Stake == nil)

			_, _, err = planned(t, test.out, test.inp, plan.TopUp)
			require.NoError(t, err)
			_, _, err = planned(t, test.out, test.inp, plan.TopUp-1)
			var loss *operator.InfinityLossError
			require.ErrorAs(t, err, &loss)
			require.ErrorIs(t, err, quote.ErrNoProfit)
			require.Equal(t, operator.InfinityLossError{Received: plan.Received,
				Required: plan.Required, TopUp: plan.TopUp}, *loss)
		})
	}
}

func TestPlanInfinityRebalance_Margin(t *testing.T) {
	client, _, err := sdktest.DemoClient()
	require.NoError(t, err)
	pico := mintOf(t, "picoSOL")
	market, err := client.LoadMarket(t.Context(), pico)
	require.NoError(t, err)
	plan, err := operator.PlanInfinityRebalance(market, operator.InfinityRebalanceParams{
		Out:      pico,
		Inp:      accounts.NativeMint,
		Amount:   sol,
		MaxTopUp: anyTop,
		Margin:   1000,
	})

	require.NoError(t, err)
	require.Equal(t, plan.Required+1000, plan.End.Returned)
	require.Equal(t, uint64(1000), plan.End.Gain)
}

func TestPlanInfinityRebalance_Refusals(t *testing.T) {
	client, _, err := sdktest.DemoClient()
	require.NoError(t, err)
	pico, stsol := mintOf(t, "picoSOL"), accounts.StSOLMint
	market, err := client.LoadMarket(t.Context(), pico, stsol)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		params operator.InfinityRebalanceParams
		want   error
	}{
		"nothing": {operator.InfinityRebalanceParams{Out: pico, Inp: accounts.NativeMint},
			quote.ErrZeroAmount},
		"no way to stake": {operator.InfinityRebalanceParams{Out: pico, Inp: stsol, Amount: sol},
			quote.ErrDisabled},
		"the same": {operator.InfinityRebalanceParams{Out: pico, Inp: pico, Amount: sol},
			quote.ErrDisabled},
		"not loaded": {operator.InfinityRebalanceParams{Out: pico, Inp: mintOf(t, "hSOL"),
			Amount: sol}, quote.ErrUnlisted},
		"too much": {operator.InfinityRebalanceParams{Out: pico, Inp: accounts.NativeMint,
			Amount: 1 << 60}, quote.ErrInsufficientReserve},
		"another program": {operator.InfinityRebalanceParams{Program: pico, Out: pico,
			Inp: accounts.NativeMint, Amount: sol}, route.ErrUnknownToken},
	} {
		_, err := operator.PlanInfinityRebalance(market, test.params)
		require.ErrorIs(t, err, test.want, name)
	}

	_, err = operator.PlanInfinityRebalance(nil, operator.InfinityRebalanceParams{})
	require.ErrorIs(t, err, accounts.ErrNil)
}

// TestInfinityRebalance_Steps checks the order: what leaves the pool is sold
// and staked for the pool between the two ends, and both ends are signed by the
// rebalance authority alone.
func TestInfinityRebalance_Steps(t *testing.T) {
	_, plan, err := planned(t, "JupSOL", "hSOL", anyTop)
	require.NoError(t, err)
	require.False(t, plan.NeedsStakeKeypair())
	steps, err := plan.Steps(operator.InfinityRebalanceAccounts{})
	require.NoError(t, err)
	var words []string
	for _, step := range steps {
		first, _, _ := strings.Cut(step.Described().Description, " ")
		words = append(words, first)
	}

	require.Equal(t,
		"create take create withdraw create initialize sell fail close create deposit "+
			"transfer end", strings.Join(words, " "))
	for _, at := range []int{1, len(steps) - 1} {
		ix := steps[at].Instruction
		require.Equal(t, accounts.InfinityProgram, ix.ProgramID())
		require.Equal(t, plan.Authority, ix.Accounts()[0].PublicKey)
		require.True(t, ix.Accounts()[0].IsSigner)
	}

	var none *operator.InfinityRebalance
	_, err = none.Steps(operator.InfinityRebalanceAccounts{})
	require.ErrorIs(t, err, accounts.ErrNil)
	require.Empty(t, none.Tables())
}

// TestInfinityRebalance_Build takes version 1, which alone has the space.
func TestInfinityRebalance_Build(t *testing.T) {
	client, plan, err := planned(t, "JupSOL", "hSOL", anyTop)
	require.NoError(t, err)
	opts := sdk.BuildOptions{SkipSimulation: true, SkipPayerCheck: true}
	_, err = plan.Build(t.Context(), client, opts)
	require.ErrorIs(t, err, txn.ErrTransactionTooLarge)

	opts.Versions = []txn.Version{txn.Version1}
	unsigned, err := plan.Build(t.Context(), client, opts)
	require.NoError(t, err)
	require.Equal(t, txn.Version1, unsigned.Version())
	require.Less(t, unsigned.Size(), 2_100)
	require.Equal(t, []solana.PublicKey{plan.Authority}, unsigned.RequiredSigners())

	var none *operator.InfinityRebalance
	_, err = none.Build(t.Context(), client, opts)
	require.ErrorIs(t, err, accounts.ErrNil)
}
