package sdk_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// receiptNode is a node on which JitoSOL takes stake through the interceptor,
// with receipts by address. The first one is halfway through its cool-down.
func receiptNode(t *testing.T) (*sdktest.Node, []accounts.Account) {
	t.Helper()
	node := demoNode(t)
	node.OnSimulate(succeeds(40_000))
	jito := pool(t, "JitoSOL")
	base := solana.PublicKey{9}
	address, bump, err := solana.FindProgramAddress([][]byte{[]byte("deposit_stake_authority"),
		jito.Address[:], base[:]}, accounts.InterceptorProgram)
	require.NoError(t, err)
	authority := accounts.InterceptorAuthority{
		Base:             base,
		StakePool:        jito.Address,
		PoolMint:         jito.State.PoolMint,
		Vault:            solana.PublicKey{10},
		StakePoolProgram: jito.Program,
		CoolDownSeconds:  36_000,
		InitialFeeBPS:    1_000,
		FeeWallet:        solana.PublicKey{11},
		BumpSeed:         bump,
	}

	node.Put(interceptors(address, authority.Encode()))
	clock, ok := node.Account(accounts.ClockSysvar)
	require.True(t, ok)
	now, err := accounts.DecodeClock(clock)
	require.NoError(t, err)

	var receipts []accounts.Account
	for i, r := range []struct {
		owner solana.PublicKey
		ago   int64
	}{{owner, 18_000}, {owner, 36_000}, {solana.PublicKey{77}, 5}} {
		receipts = append(receipts, interceptors(solana.PublicKey{100, byte(i)},
			accounts.InterceptorReceipt{
				Base:             solana.PublicKey{101, byte(i)},
				Owner:            r.owner,
				StakePool:        jito.Address,
				DepositAuthority: address,
				DepositTime:      uint64(now.UnixTimestamp - r.ago),
				PoolTokens:       1_000_000,
				CoolDownSeconds:  36_000,
				InitialFeeBPS:    1_000,
			}.Encode()))

		node.Put(receipts[i])
	}

	return node, receipts
}

// interceptors returns an account of the interceptor.
func interceptors(address solana.PublicKey, data []byte) accounts.Account {
	return accounts.Account{
		Address:  address,
		Owner:    accounts.InterceptorProgram,
		Lamports: 3_821_040,
		Data:     data,
	}
}

// TestClient_StakeReceipts finds the receipts of an owner, the earliest deposit
// first, and no others.
func TestClient_StakeReceipts(t *testing.T) {
	node, all := receiptNode(t)
	client, _ := connect(t, node)
	got, err := client.StakeReceipts(t.Context(), owner)
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, all[1].Address, got[0].Address)
	require.Equal(t, all[0].Address, got[1].Address)
	want, err := accounts.DecodeInterceptorReceipt(all[0])
	require.NoError(t, err)
	require.Equal(t, *want, got[1].Receipt)

	none, err := client.StakeReceipts(t.Context(), solana.PublicKey{78})
	require.NoError(t, err)
	require.Empty(t, none)

	node.Fail("getProgramAccounts", sdktest.Fault{Error: &sdktest.Error{Code: -32010,
		Message: "excluded from account secondary indexes"}})
	_, err = client.StakeReceipts(t.Context(), owner)
	var refused *sdk.RPCError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "getProgramAccounts", refused.Method)
}

// TestClient_ClaimStakeReceipt builds claims of the owner and of another payer,
// which the verifier accepts with the receipt named and refuses without.
func TestClient_ClaimStakeReceipt(t *testing.T) {
	node, all := receiptNode(t)
	client, _ := connect(t, node)
	payer := wallets()[0].PublicKey()
	jito := pool(t, "JitoSOL").State.PoolMint
	for _, test := range []struct {
		receipt    int
		payer      solana.PublicKey
		fee        uint64
		ownerSigns bool
		signers    []solana.PublicKey
	}{
		{0, owner, 50_000, true, []solana.PublicKey{owner}},
		{0, payer, 50_000, true, []solana.PublicKey{payer, owner}},
		{1, owner, 0, false, []solana.PublicKey{owner}},
		{1, payer, 0, false, []solana.PublicKey{payer}},
	} {
		address := all[test.receipt].Address
		unsigned, claim, err := client.ClaimStakeReceipt(t.Context(), address,
			sdk.BuildOptions{Owner: owner, Payer: test.payer, Memo: "order 17"})
		require.NoError(t, err)
		require.Equal(t, test.fee, claim.Fee)
		require.Equal(t, 1_000_000-test.fee, claim.Tokens)
		require.Equal(t, test.ownerSigns, claim.OwnerSigns)
		require.Equal(t, test.signers, unsigned.RequiredSigners())

		e := explain.Transaction(unsigned, client.Registry())
		require.Contains(t, e.String(), "pay the JitoSOL of the receipt "+address.String())
		policy := explain.Policy{
			Owner:            owner,
			Payer:            test.payer,
			Receipts:         []solana.PublicKey{address},
			PreBalances:      map[solana.PublicKey]uint64{jito: 0},
			TokenAccountRent: 2_039_280,
			MaxNewAccounts:   1,
			MaxRent:          2_039_280,
		}

		require.NoError(t, explain.Verify(e, policy))
		policy.Receipts = nil
		require.ErrorIs(t, explain.Verify(e, policy), explain.ErrAuthorityChange)
	}

	unsigned, _, err := client.ClaimStakeReceipt(t.Context(), all[1].Address, sdk.BuildOptions{
		Owner:          owner,
		Lifetime:       &txn.Lifetime{Blockhash: solana.Hash{5}, LastValidBlockHeight: 9},
		SkipSimulation: true,
		SkipPayerCheck: true,
		Priority:       sdk.PriorityFee{ComputeUnitPrice: 7},
	})

	require.NoError(t, err)
	require.Equal(t, solana.Hash{5}, unsigned.Lifetime().Blockhash)
	require.Equal(t, uint64(7), unsigned.Budget().ComputeUnitPrice)
}

// TestClient_ClaimStakeReceipt_Refusals refuses receipts of others and those
// that are gone or malformed.
func TestClient_ClaimStakeReceipt_Refusals(t *testing.T) {
	node, all := receiptNode(t)
	client, _ := connect(t, node)
	try := func(address, of solana.PublicKey) error {
		unsigned, claim, err := client.ClaimStakeReceipt(t.Context(), address,
			sdk.BuildOptions{Owner: of})
		require.Nil(t, unsigned)
		require.Zero(t, claim)
		return err
	}

	require.ErrorIs(t, try(all[0].Address, solana.PublicKey{}), sdk.ErrNoOwner)
	require.ErrorIs(t, try(all[2].Address, owner), sdk.ErrNoStakeReceipt)
	require.ErrorIs(t, try(solana.PublicKey{200}, owner), sdk.ErrNoStakeReceipt)
	node.Put(accounts.Account{Address: all[1].Address, Owner: accounts.SystemProgram, Lamports: 5})
	require.ErrorIs(t, try(all[1].Address, owner), sdk.ErrNoStakeReceipt)
	require.ErrorIs(t, try(pool(t, "JitoSOL").Address, owner), accounts.ErrWrongOwner)

	receipt, err := accounts.DecodeInterceptorReceipt(all[0])
	require.NoError(t, err)
	late := *receipt
	late.DepositTime += 1 << 40
	node.Put(interceptors(all[0].Address, late.Encode()))
	require.ErrorIs(t, try(all[0].Address, owner), quote.ErrInvalidState)
	lost := *receipt
	lost.DepositAuthority = solana.PublicKey{201}
	node.Put(interceptors(all[0].Address, lost.Encode()))
	require.ErrorIs(t, try(all[0].Address, owner), accounts.ErrNotFound)
	node.Put(figures.TokenAccount(lost.DepositAuthority, owner, owner, 0, 1))
	require.ErrorIs(t, try(all[0].Address, owner), accounts.ErrWrongOwner)
}
