package sdk_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// jitoStake puts a stake account of the owner on a node, delegated to the first
// validator of JitoSOL's pool.
func jitoStake(
	t *testing.T, put func(accounts.Account),
) (address solana.PublicKey, lamports uint64) {
	t.Helper()
	v := pool(t, "JitoSOL").Validators[0]
	stake := v.Active.Account
	stake.Staker, stake.Withdrawer = owner, owner
	stake.Delegation.Stake = 10 * sol
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, stake.Encode())
	address, lamports = solana.PublicKey{0x5a, 1}, 10*sol+2_282_880
	put(accounts.Account{
		Address:  address,
		Owner:    accounts.StakeProgram,
		Lamports: lamports,
		Data:     data,
	})

	return address, lamports
}

// TestClient_DepositStake_Receipt deposits a stake account into JitoSOL's pool,
// whole and in part, for a receipt at a known address. The policy of the quote
// and the review accept the transaction.
func TestClient_DepositStake_Receipt(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(150_000))
	client, _ := connect(t, node)
	stake, lamports := jitoStake(t, node.Put)
	jito := pool(t, "JitoSOL")
	o := tradeOptions(10)
	o.OnlyDirectRoutes = true
	_, _, err := client.DepositStake(t.Context(), stake, jito.State.PoolMint, lamports, o)
	require.ErrorIs(t, err, route.ErrReceiptNotAccepted)
	require.ErrorContains(t, err, "AcceptReceipt")
	requireLine(t, err)

	base, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	o.AcceptReceipt, o.StakeKeypair = true, base
	receipt, err := accounts.InterceptorReceiptAddress(accounts.InterceptorProgram, jito.Address,
		base.PublicKey())
	require.NoError(t, err)
	for _, amount := range []uint64{lamports, 3 * sol} {
		unsigned, q, err := client.DepositStake(t.Context(), stake, jito.State.PoolMint, amount, o)
		require.NoError(t, err)
		require.Equal(t, route.CheckedByReceipt, q.MinOutCheck)
		require.Equal(t, q.Out, q.Receipt.PoolTokens)
		require.True(t, has(unsigned, receipt))
		require.Equal(t, []solana.PublicKey{owner, base.PublicKey()}, unsigned.RequiredSigners())

		policy, err := client.Policy(t.Context(), q, o.BuildOptions)
		require.NoError(t, err)
		require.Equal(t, map[solana.PublicKey]uint64{jito.State.PoolMint: q.MinOut},
			policy.MinReceipts)
		require.Empty(t, policy.MinTokens)
		require.Equal(t, uint64(3_821_040), policy.ReceiptRent)
		require.NoError(t, explain.Verify(explain.Transaction(unsigned, lst.Default()), policy))

		policy.ReceiptRent = 0 // The review reads it.
		_, err = client.Review(t.Context(), unsigned.Base64(), policy)
		require.NoError(t, err)
		policy.MinReceipts[jito.State.PoolMint]++
		_, err = client.Review(t.Context(), unsigned.Base64(), policy)
		require.ErrorIs(t, err, explain.ErrMinimumNotEnforced)
	}

	q, err := client.MaxInput(t.Context(), stake, jito.State.PoolMint, o)
	require.NoError(t, err)
	require.Equal(t, lamports, q.In)
}

// TestClient_DepositStake_ThenClaim claims the receipt of a deposit with what
// its quote said.
func TestClient_DepositStake_ThenClaim(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(150_000))
	client, _ := connect(t, node)
	stake, lamports := jitoStake(t, node.Put)
	o := tradeOptions(0)
	o.AcceptReceipt = true
	_, q, err := client.DepositStake(t.Context(), stake, mint(t, "JitoSOL"), lamports, o)
	require.NoError(t, err)

	// The node executes no programs, so this is what the deposit leaves.
	made := *q.Receipt
	made.Owner, made.Base = owner, solana.PublicKey{3}
	address := solana.PublicKey{0x5a, 2}
	node.Put(interceptors(address, made.Encode()))
	said, err := quote.ClaimReceipt(q.Receipt, int64(q.Receipt.DepositTime))
	require.NoError(t, err)
	require.NotZero(t, said.Fee)
	_, claim, err := client.ClaimStakeReceipt(t.Context(), address, sdk.BuildOptions{Owner: owner})
	require.NoError(t, err)
	require.Equal(t, said, claim)
}

// TestClient_Build_ReceiptGuards puts steps around a deposit for a receipt. The
// guard of the owner's token account does not expect the tokens of the receipt,
// and no step may use the receipt.
func TestClient_Build_ReceiptGuards(t *testing.T) {
	node := demoNode(t)
	node.OnSimulate(succeeds(150_000))
	jito := *pool(t, "JitoSOL")
	jito.State.StakeDepositFee = accounts.Fee{Numerator: 1, Denominator: 100}
	jito.State.StakeReferralFee = 50
	market, err := embedded()
	require.NoError(t, err)
	all, err := jito.Accounts(market.Chain.Rent)
	require.NoError(t, err)
	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram,
		jito.State.PoolMint)
	require.NoError(t, err)
	for _, a := range append(all,
		figures.TokenAccount(account, jito.State.PoolMint, owner, 9, 2_039_280)) {
		node.Put(a)
	}

	client, _ := connect(t, node)
	stake, lamportsIn := jitoStake(t, node.Put)
	base, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	pays, err := txn.TransferTokens(accounts.TokenProgram, jito.State.PoolMint, account,
		solana.PublicKey{0x5a, 3}, owner, 2, 9)
	require.NoError(t, err)
	o := tradeOptions(0)
	o.AcceptReceipt, o.StakeKeypair, o.OnlyDirectRoutes = true, base, true
	o.After = []txn.Step{pays}
	o.Spends = map[solana.PublicKey]uint64{jito.State.PoolMint: 2}
	unsigned, q, err := client.DepositStake(t.Context(), stake, jito.State.PoolMint, lamportsIn, o)
	require.NoError(t, err)
	require.Greater(t, q.Out, q.Receipt.PoolTokens, "a referral part")
	guard, err := txn.RequireBalance(accounts.TokenProgram, account, owner, 7)
	require.NoError(t, err)
	require.Equal(t, guard.Description, described(unsigned, 1)[0])

	receipt, err := accounts.InterceptorReceiptAddress(accounts.InterceptorProgram, jito.Address,
		base.PublicKey())
	require.NoError(t, err)
	o.After = []txn.Step{lamports(t, owner, receipt, 1)}
	_, _, err = client.DepositStake(t.Context(), stake, jito.State.PoolMint, lamportsIn, o)
	require.ErrorIs(t, err, sdk.ErrStepConflict)
	require.ErrorContains(t, err, receipt.String())
}
