package operator_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestDeposit_Once deposits from a new wallet, which gets its token account in
// the same transaction.
func TestDeposit_Once(t *testing.T) {
	c := newChain(t)
	pool := c.launch(0)
	params := operator.DepositParams{
		Pool:      pool,
		Depositor: c.other.PublicKey(),
		Lamports:  7 * sol,
	}

	f := c.forecast(operator.Deposit(params))
	require.Equal(t, operator.Cost{
		Rent:       2_039_280,
		Deposit:    7 * sol,
		NetworkFee: 5_000,
	}, f.Cost)

	account, err := accounts.AssociatedTokenAddress(params.Depositor, accounts.TokenProgram,
		c.keys[3].PublicKey())
	require.NoError(t, err)
	require.Equal(t, uint64(7*sol), f.After.Accounts[account].Token.Amount)
	require.Equal(t, uint64(firstStake+7*sol), f.After.Pool.Pool.State.TotalLamports)
	require.Equal(t, uint64(firstStake+7*sol), f.After.Pool.MintSupply)

	token := f.After.Accounts[account].Token
	put := func(amount uint64) {
		held := *token
		held.Amount = amount
		c.node.Put(accounts.Account{
			Address:  account,
			Owner:    accounts.TokenProgram,
			Lamports: 2_039_280,
			Data:     held.Encode(),
		})
	}

	put(7 * sol)
	require.Empty(t, c.forecast(operator.Deposit(params)).Steps)
	put(7*sol - 1)
	require.ErrorIs(t, c.refused(operator.Deposit(params)), operator.ErrDepositUnclear)
}

// TestDeposit_Refused checks a pool that reserves deposits, and missing
// parameters.
func TestDeposit_Refused(t *testing.T) {
	c := newChain(t)
	pool := c.launch(0)
	key := c.other.PublicKey()
	c.run(operator.HandOver(operator.HandOverParams{
		Pool:    pool,
		Manager: c.payer.PublicKey(),
		Authorities: map[instructions.StakePoolFunding]*solana.PublicKey{
			instructions.StakePoolFundingSOLDeposit: &key},
	}))

	params := operator.DepositParams{Pool: pool, Depositor: c.other.PublicKey(), Lamports: sol}
	require.ErrorIs(t, c.refused(operator.Deposit(params)), quote.ErrPermissioned)
	params.Lamports = 0
	_, err := operator.Deposit(params)
	require.ErrorIs(t, err, operator.ErrParams)
	_, err = operator.Deposit(operator.DepositParams{Pool: pool, Lamports: sol})
	require.ErrorIs(t, err, operator.ErrParams)
}
