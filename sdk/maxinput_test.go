package sdk_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestClient_MaxInput stakes all SOL of a wallet. The figures are those of the
// method's documentation.
func TestClient_MaxInput(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	wallet := solana.NewWallet().PublicKey()
	o := sdk.TradeOptions{
		Options:      route.Options{OnlyDirectRoutes: true},
		BuildOptions: sdk.BuildOptions{Owner: wallet, Priority: sdk.PriorityFee{None: true}},
	}

	var failure *sdk.PayerError
	_, err := client.MaxInput(t.Context(), accounts.NativeMint, mint(t, "JitoSOL"), o)
	require.ErrorAs(t, err, &failure)
	require.Equal(t, wallet, failure.Payer)

	node.Fund(2*sol, wallet)
	q, err := client.MaxInput(t.Context(), accounts.NativeMint, mint(t, "JitoSOL"), o)
	require.NoError(t, err)
	require.Equal(t, uint64(1_997_064_840), q.In)

	// The default priority fee is kept back at its limit.
	limited := o
	limited.Priority = sdk.PriorityFee{MaxLamports: 64_840}
	q, err = client.MaxInput(t.Context(), accounts.NativeMint, mint(t, "JitoSOL"), limited)
	require.NoError(t, err)
	require.Equal(t, uint64(1_997_000_000), q.In)

	// A sponsor pays the fee and the rent.
	sponsored := o
	sponsored.Payer = owner
	q, err = client.MaxInput(t.Context(), accounts.NativeMint, mint(t, "JitoSOL"), sponsored)
	require.NoError(t, err)
	require.Equal(t, uint64(2*sol-890_880), q.In)

	// One lamport is too little for the minimum that a wallet keeps.
	poor := solana.NewWallet().PublicKey()
	node.Fund(2_935_160, poor)
	o.Owner = poor
	_, err = client.MaxInput(t.Context(), accounts.NativeMint, mint(t, "JitoSOL"), o)
	require.ErrorAs(t, err, &failure)
	require.Equal(t, []uint64{2_935_161, 2_935_160}, []uint64{failure.Needed, failure.Held})
}

// TestClient_MaxInputOfTokens sells all tokens of a wallet, and its stake
// account.
func TestClient_MaxInputOfTokens(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	o := tradeOptions(0)
	var missing *sdk.FundsError
	_, err := client.MaxInput(t.Context(), mint(t, "hSOL"), accounts.NativeMint, o)
	if err != nil {
		require.ErrorAs(t, err, &missing)
		require.True(t, missing.Missing)
		require.ErrorIs(t, err, progerr.ErrInsufficientFunds)
	}

	token, err := lst.Default().ByMint(mint(t, "hSOL"))
	require.NoError(t, err)
	account, err := accounts.AssociatedTokenAddress(owner, token.TokenProgram, token.Mint)
	require.NoError(t, err)
	node.Put(accounts.Account{
		Address:  account,
		Owner:    accounts.TokenProgram,
		Lamports: 2_039_280,
		Data: accounts.TokenAccount{Mint: token.Mint, Owner: owner, Amount: 7 * sol,
			State: accounts.TokenInitialized}.Encode(),
	})

	for _, to := range []solana.PublicKey{accounts.NativeMint, mint(t, "JupSOL")} {
		q, err := client.MaxInput(t.Context(), token.Mint, to, o)
		require.NoError(t, err)
		require.Equal(t, uint64(7*sol), q.In)
	}

	lamports := putStake(t, node)
	q, err := client.MaxInput(t.Context(), stakeAddress, mint(t, "hSOL"), o)
	require.NoError(t, err)
	require.Equal(t, lamports, q.In)
}

func TestClient_MaxInputRefused(t *testing.T) {
	client, _ := connect(t, demoNode(t))
	o := tradeOptions(0)
	o.SwapMode = route.ExactOut
	_, err := client.MaxInput(t.Context(), accounts.NativeMint, mint(t, "JitoSOL"), o)
	require.ErrorIs(t, err, route.ErrInvalidSwapMode)
	requireLine(t, err)
	_, err = client.MaxInput(t.Context(), accounts.NativeMint, mint(t, "JitoSOL"),
		sdk.TradeOptions{})
	require.ErrorIs(t, err, sdk.ErrNoOwner)
	_, err = client.MaxInput(t.Context(), accounts.NativeMint, solana.PublicKey{9}, tradeOptions(0))
	require.ErrorIs(t, err, lst.ErrUnknownLST)
}
