package operator_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/operator"
)

// TestHandOver_AllRoles gives a pool to another key in one transaction, which
// creates the fee account of the new manager.
func TestHandOver_AllRoles(t *testing.T) {
	c := newChain(t)
	pool := c.launch(0)
	next := c.other.PublicKey()
	params := operator.HandOverParams{
		Pool:       pool,
		Manager:    c.payer.PublicKey(),
		NewManager: next,
		NewStaker:  next,
		Authorities: map[instructions.StakePoolFunding]*solana.PublicKey{
			instructions.StakePoolFundingStakeDeposit:  &next,
			instructions.StakePoolFundingSOLDeposit:    &next,
			instructions.StakePoolFundingSOLWithdrawal: &next,
		},
	}

	c.nextEpoch() // A hand-over does not need a pool update.
	f := c.forecast(operator.HandOver(params))
	require.Equal(t, 1, f.Transactions)
	require.Equal(t, operator.Cost{Rent: 2_039_280, NetworkFee: 10_000}, f.Cost)

	c.run(operator.HandOver(params))
	state := c.pool().Pool.State
	fees, err := accounts.AssociatedTokenAddress(next, accounts.TokenProgram, state.PoolMint)
	require.NoError(t, err)
	require.Equal(t, next, state.Manager)
	require.Equal(t, fees, state.ManagerFeeAccount)
	require.Equal(t, next, state.Staker)
	require.Equal(t, next, state.StakeDepositAuthority)
	require.Equal(t, next, *state.SOLDepositAuthority)
	require.Equal(t, next, *state.SOLWithdrawAuthority)
	require.Empty(t, c.forecast(operator.HandOver(params)).Steps)

	for operation := range params.Authorities {
		params.Authorities[operation] = nil
	}

	// The new manager finishes what is left.
	c.run(operator.HandOver(params))
	state = c.pool().Pool.State
	require.NotEqual(t, next, state.StakeDepositAuthority)
	require.Nil(t, state.SOLDepositAuthority)
	require.Nil(t, state.SOLWithdrawAuthority)
}

// TestHandOver_Refused lists what is foreseen before anything is sent.
func TestHandOver_Refused(t *testing.T) {
	c := newChain(t)
	pool := c.launch(0)
	next := c.other.PublicKey()
	params := operator.HandOverParams{
		Pool:      pool,
		Manager:   next,
		Payer:     c.payer.PublicKey(),
		NewStaker: next,
	}

	require.ErrorIs(t, c.refused(operator.HandOver(params)), operator.ErrNotManager)

	params.Manager, params.NewFeeAccount = c.payer.PublicKey(), solana.PublicKey{88}
	require.ErrorIs(t, c.refused(operator.HandOver(params)), operator.ErrFeeAccount)
	foreign := accounts.TokenAccount{
		Mint:  solana.PublicKey{3},
		Owner: next,
		State: accounts.TokenInitialized,
	}

	c.node.Put(accounts.Account{
		Address:  params.NewFeeAccount,
		Owner:    accounts.TokenProgram,
		Lamports: sol,
		Data:     foreign.Encode(),
	})

	require.ErrorIs(t, c.refused(operator.HandOver(params)), operator.ErrFeeAccount)

	for _, invalid := range []operator.HandOverParams{
		{Pool: pool},
		{Pool: pool, Manager: next},
		{
			Pool:        pool,
			Manager:     next,
			Authorities: map[instructions.StakePoolFunding]*solana.PublicKey{3: nil},
		},
	} {
		_, err := operator.HandOver(invalid)
		require.ErrorIs(t, err, operator.ErrParams)
	}
}

// TestHandOver_ForeignOwner refuses the associated token account of the new
// manager if it belongs to another key now.
func TestHandOver_ForeignOwner(t *testing.T) {
	c := newChain(t)
	pool := c.launch(0)
	state := c.pool().Pool.State
	fees, err := accounts.AssociatedTokenAddress(c.other.PublicKey(), accounts.TokenProgram,
		state.PoolMint)
	require.NoError(t, err)
	params := operator.HandOverParams{
		Pool:       pool,
		Manager:    c.payer.PublicKey(),
		NewManager: c.other.PublicKey(),
	}

	put := func(owner solana.PublicKey) {
		token := accounts.TokenAccount{
			Mint:  state.PoolMint,
			Owner: owner,
			State: accounts.TokenInitialized,
		}

		c.node.Put(accounts.Account{
			Address:  fees,
			Owner:    accounts.TokenProgram,
			Lamports: sol,
			Data:     token.Encode(),
		})
	}

	put(solana.PublicKey{66})
	require.ErrorIs(t, c.refused(operator.HandOver(params)), operator.ErrFeeAccount)

	named := params
	named.NewFeeAccount = fees
	require.Equal(t, 1, c.forecast(operator.HandOver(named)).Transactions, "it was named")

	put(c.other.PublicKey())
	c.run(operator.HandOver(params))
	require.Equal(t, fees, c.pool().Pool.State.ManagerFeeAccount)
}
