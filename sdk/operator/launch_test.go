package operator_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/operator"
)

// TestLaunch_DryRun has the figures of section 3 of the specification, executed
// with the program of October 2025 at 6,960 lamports a byte: rents of
// 12,388,800 lamports, and 1,002,282,880 of stake.
func TestLaunch_DryRun(t *testing.T) {
	c := newChain(t)
	params := c.launchParams()
	params.MaxValidators = 0
	f := c.forecast(operator.Launch(params))
	require.Equal(t, operator.Cost{
		Rent:       12_388_800,
		Deposit:    firstStake,
		NetworkFee: 30_000,
	}, f.Cost)

	require.Equal(t, 2, f.Transactions)
	require.Len(t, f.Steps, 2)
	require.Zero(t, f.Epochs())
	require.Zero(t, f.Missing)

	pool := f.After.Pool
	require.EqualValues(t, firstStake, pool.Pool.State.TotalLamports)
	require.EqualValues(t, firstStake, pool.MintSupply)
	require.EqualValues(t, 2_282_880, pool.Pool.ReserveLamports)
	require.EqualValues(t, firstStake, pool.Validators[0].Active.Lamports)
	require.EqualValues(t, 1, pool.MaxValidators)

	tokens := f.After.Accounts[pool.Pool.State.ManagerFeeAccount].Token
	require.EqualValues(t, firstStake, tokens.Amount)
	require.Zero(t, c.landed, "a dry run sends nothing")

	params.Deposit = 20_000 * sol
	f = c.forecast(operator.Launch(params))
	rent, err := c.rent.MinimumBalance(0)
	require.NoError(t, err)
	require.Equal(t, f.Cost.Total()+rent-10_000*sol, f.Missing)
}

// TestLaunch_Runs launches a pool and finds nothing to do afterwards.
func TestLaunch_Runs(t *testing.T) {
	c := newChain(t)
	pool := c.launch(5 * sol)
	require.Equal(t, 2, c.landed)
	require.Equal(t, uint64(firstStake+5*sol), c.pool().Pool.State.TotalLamports)
	require.Equal(t, pool, c.pool().Pool.Address)

	report := c.run(operator.Launch(c.launchParams()))
	require.True(t, report.Done)
	require.Empty(t, report.Receipts)
	require.Equal(t, 2, c.landed)

	params := c.launchParams()
	params.Mint = c.other.PublicKey()
	require.ErrorIs(t, c.refused(operator.Launch(params)), operator.ErrAccountTaken)
}

// TestLaunch_SeparateKeys launches a pool whose keys are all different. If the
// second transaction also has to complete accounts that hold lamports, it has
// no room for the validator.
func TestLaunch_SeparateKeys(t *testing.T) {
	c := newChain(t)
	params := c.launchParams()
	params.Manager, params.Payer = c.other.PublicKey(), c.payer.PublicKey()
	params.Staker = keyNamed(t, 77).PublicKey()
	f := c.forecast(operator.Launch(params))
	require.Equal(t, 2, f.Transactions)
	require.EqualValues(t, (3+5)*5_000, f.Cost.NetworkFee)
	require.Len(t, f.After.Pool.Validators, 1)

	for _, address := range []solana.PublicKey{params.Pool, params.ValidatorList} {
		c.node.Put(accounts.Account{
			Address:  address,
			Owner:    accounts.SystemProgram,
			Lamports: 1,
		})
	}

	f = c.forecast(operator.Launch(params))
	require.Equal(t, 3, f.Transactions)
	require.EqualValues(t, (3+4+2)*5_000, f.Cost.NetworkFee)
	require.Len(t, f.After.Pool.Validators, 1)
}

// TestLaunch_Prefunded launches a pool although others have sent lamports to
// its addresses, which the system program would refuse to create.
func TestLaunch_Prefunded(t *testing.T) {
	c := newChain(t)
	params := c.launchParams()
	for _, address := range []solana.PublicKey{params.Pool, params.ValidatorList, params.Reserve,
		params.Mint} {
		c.node.Put(accounts.Account{
			Address:  address,
			Owner:    accounts.SystemProgram,
			Lamports: 1_000_000,
		})
	}

	params.MaxValidators = 1
	f := c.forecast(operator.Launch(params))
	require.EqualValues(t, 12_388_800-4_000_000, f.Cost.Rent)
	require.EqualValues(t, firstStake, f.After.Pool.Pool.State.TotalLamports)
}

// TestLaunch_LowerRent has the figures of 5,080 lamports a byte: the reserve
// keeps the rent that the stake program stores, and the validator's stake
// account gets the current one.
func TestLaunch_LowerRent(t *testing.T) {
	c := newChain(t)
	c.rent = accounts.NewRent(5_080)
	c.node.Put(figures.Chain{Rent: c.rent}.Accounts()[1])
	params := c.launchParams()
	params.MaxValidators = 1
	f := c.forecast(operator.Launch(params))
	require.EqualValues(t, 3_754_120+1_066_800+2_282_880+1_066_800+1_488_440, f.Cost.Rent)
	require.EqualValues(t, 1_001_666_240, f.Cost.Deposit)
	require.EqualValues(t, 2_282_880, f.After.Pool.Pool.ReserveLamports)
	require.EqualValues(t, 1_001_666_240, f.After.Pool.Validators[0].Active.Lamports)
}

// TestLaunch_TopsUp adds to a reserve that exists what a stake program which
// stores more rent needs.
func TestLaunch_TopsUp(t *testing.T) {
	c := newChain(t)
	params := c.launchParams()
	authority, err := accounts.StakePoolWithdrawAuthority(params.Program, params.Pool)
	require.NoError(t, err)
	c.node.Put(accounts.Account{
		Address:  params.Reserve,
		Owner:    accounts.StakeProgram,
		Lamports: 2_282_880 + firstStake,
		Data: accounts.StakeAccount{
			State:             accounts.StakeInitialized,
			RentExemptReserve: 3_000_000,
			Staker:            authority,
			Withdrawer:        authority,
		}.Encode(),
	})

	f := c.forecast(operator.Launch(params))
	require.EqualValues(t, 3_000_000-2_282_880, f.Cost.Deposit)
	require.EqualValues(t, firstStake, f.After.Pool.Pool.State.TotalLamports)
	require.EqualValues(t, 3_000_000, f.After.Pool.Pool.ReserveLamports)
}

// TestLaunch_Refused lists accounts with which a launch cannot begin.
func TestLaunch_Refused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*chain, *operator.LaunchParams)
		want   error
	}{
		"no vote account": {func(_ *chain, p *operator.LaunchParams) {
			p.VoteAccount = solana.PublicKey{123}
		}, operator.ErrVoteAccount},
		"identity for vote account": {func(c *chain, p *operator.LaunchParams) {
			p.VoteAccount = c.other.PublicKey()
		}, operator.ErrVoteAccount},
		"foreign mint": {func(c *chain, p *operator.LaunchParams) {
			foreign := c.other.PublicKey()
			c.node.Put(accounts.Account{
				Address:  p.Mint,
				Owner:    accounts.TokenProgram,
				Lamports: sol,
				Data:     accounts.Mint{MintAuthority: &foreign, Decimals: 9}.Encode(),
			})
		}, operator.ErrAccountTaken},
		"freeze authority": {func(c *chain, p *operator.LaunchParams) {
			authority, err := accounts.StakePoolWithdrawAuthority(p.Program, p.Pool)
			require.NoError(t, err)
			freezes := c.other.PublicKey()
			c.node.Put(accounts.Account{
				Address:  p.Mint,
				Owner:    accounts.TokenProgram,
				Lamports: sol,
				Data: accounts.Mint{
					MintAuthority:   &authority,
					FreezeAuthority: &freezes,
					Decimals:        9,
				}.Encode(),
			})
		}, operator.ErrAccountTaken},
		"foreign reserve": {func(c *chain, p *operator.LaunchParams) {
			c.node.Put(accounts.Account{
				Address:  p.Reserve,
				Owner:    accounts.StakeProgram,
				Lamports: sol,
				Data: accounts.StakeAccount{
					State:  accounts.StakeInitialized,
					Staker: c.other.PublicKey(),
				}.Encode(),
			})
		}, operator.ErrAccountTaken},
		"pool of another program": {func(c *chain, p *operator.LaunchParams) {
			c.node.Put(accounts.Account{
				Address:  p.Pool,
				Owner:    accounts.TokenProgram,
				Lamports: sol,
				Data:     make([]byte, 82),
			})
		}, operator.ErrAccountTaken},
		"poor payer": {func(c *chain, _ *operator.LaunchParams) {
			c.node.Fund(sol, c.payer.PublicKey())
		}, sdk.ErrPayerCannotPay},
	} {
		c := newChain(t)
		params := c.launchParams()
		test.change(c, &params)
		plan, err := operator.Launch(params)
		require.NoError(t, err, name)
		_, err = plan.Run(t.Context(), c.client, c.options(), c.signers()...)
		require.ErrorIs(t, err, test.want, name)
		if name != "pool of another program" {
			require.Zero(t, c.landed, name)
		}
	}
}

// TestLaunch_ForeignFeeAccount refuses the associated token account of the
// manager if it belongs to another key.
func TestLaunch_ForeignFeeAccount(t *testing.T) {
	c := newChain(t)
	params := c.launchParams()
	fees, err := accounts.AssociatedTokenAddress(params.Manager, accounts.TokenProgram, params.Mint)
	require.NoError(t, err)
	token := accounts.TokenAccount{
		Mint:  params.Mint,
		Owner: c.other.PublicKey(),
		State: accounts.TokenInitialized,
	}

	c.node.Put(accounts.Account{
		Address:  fees,
		Owner:    accounts.TokenProgram,
		Lamports: sol,
		Data:     token.Encode(),
	})

	require.ErrorIs(t, c.refused(operator.Launch(params)), operator.ErrAccountTaken)
}

// TestLaunch_Params lists parameters that are refused before any request.
func TestLaunch_Params(t *testing.T) {
	for name, change := range map[string]func(*operator.LaunchParams){
		"manager":    func(p *operator.LaunchParams) { p.Manager = solana.PublicKey{} },
		"pool":       func(p *operator.LaunchParams) { p.Pool = solana.PublicKey{} },
		"list":       func(p *operator.LaunchParams) { p.ValidatorList = solana.PublicKey{} },
		"reserve":    func(p *operator.LaunchParams) { p.Reserve = solana.PublicKey{} },
		"mint":       func(p *operator.LaunchParams) { p.Mint = solana.PublicKey{} },
		"named once": func(p *operator.LaunchParams) { p.Mint = p.Reserve },
	} {
		params := newChain(t).launchParams()
		change(&params)
		_, err := operator.Launch(params)
		require.ErrorIs(t, err, operator.ErrParams, name)
	}

	params := newChain(t).launchParams()
	params.EpochFee = accounts.Fee{Numerator: 2, Denominator: 1}
	_, err := operator.Launch(params)
	require.Error(t, err)
}
