package sdk_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestClient_Unstake_Merged sells two stake accounts as one, whole and in part.
// The policy of the quote accepts the transaction, and no other merge.
func TestClient_Unstake_Merged(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(150_000))
	client, _ := connect(t, node)
	stake, lamports := jitoStake(t, node.Put)
	other := solana.PublicKey{0x5a, 9}
	jitoStake(t, func(a accounts.Account) {
		a.Address = other
		node.Put(a)
	})

	o := tradeOptions(10)
	o.OnlyDirectRoutes = true
	o.MergeStake = []solana.PublicKey{other}
	for _, amount := range []uint64{2 * lamports, 12 * sol} {
		unsigned, q, err := client.Unstake(t.Context(), stake, amount, o)
		require.NoError(t, err)
		require.Equal(t, amount, q.In)
		require.True(t, has(unsigned, other))

		policy, err := client.Policy(t.Context(), q, o.BuildOptions)
		require.NoError(t, err)
		require.Equal(t, explain.StakePermission{MergeInto: stake}, policy.Stake[other])
		require.NotContains(t, policy.MaxStake, other)
		explanation := explain.Transaction(unsigned, lst.Default())
		require.NoError(t, explain.Verify(explanation, policy))

		policy.Stake[other] = explain.StakePermission{MergeInto: solana.PublicKey{7}}
		require.ErrorIs(t, explain.Verify(explanation, policy), explain.ErrAuthorityChange)
	}

	most, err := client.MaxInput(t.Context(), stake, accounts.NativeMint, o)
	require.NoError(t, err)
	require.Equal(t, 2*lamports, most.In)
}

// TestClient_Unstake_NotMergeable checks the refusal of stake accounts that the
// stake program does not merge, or that do not exist.
func TestClient_Unstake_NotMergeable(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	stake, lamports := jitoStake(t, node.Put)
	o := tradeOptions(10)
	o.MergeStake = []solana.PublicKey{stake}
	_, _, err := client.Unstake(t.Context(), stake, lamports, o)
	require.ErrorIs(t, err, quote.ErrStakeMerge)
	require.NotErrorIs(t, err, lst.ErrUnknownLST)
	requireLine(t, err)

	o.MergeStake = []solana.PublicKey{{0x5a, 10}}
	_, _, err = client.Unstake(t.Context(), stake, lamports, o)
	require.ErrorIs(t, err, accounts.ErrNotFound)
	requireLine(t, err)
}
