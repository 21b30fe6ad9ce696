package operator_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// addParams are the parameters of a validator of the payer's pool.
func (c *chain) addParams(vote solana.PublicKey, stake uint64) operator.AddValidatorParams {
	return operator.AddValidatorParams{
		Pool:        c.keys[0].PublicKey(),
		Staker:      c.payer.PublicKey(),
		VoteAccount: vote,
		Stake:       stake,
	}
}

// retire returns the plan that retires the first validator.
func (c *chain) retire() *operator.Plan {
	c.t.Helper()
	plan, err := operator.Retire(operator.RetireParams{
		Pool:        c.keys[0].PublicKey(),
		Staker:      c.payer.PublicKey(),
		VoteAccount: c.votes[0],
	})
	require.NoError(c.t, err)
	return plan
}

// TestAddValidator_IncreasesStake adds a validator with 10 SOL, of which the
// program delegates 1 SOL at once. The rest arrives in the next epoch, after
// the pool update.
func TestAddValidator_IncreasesStake(t *testing.T) {
	c := newChain(t)
	c.launch(30 * sol)
	f := c.forecast(operator.AddValidator(c.addParams(c.votes[1], 10*sol)))
	require.EqualValues(t, 1, f.Epochs())
	require.Equal(t, 3, f.Transactions)
	require.Equal(t, []operator.StepKind{operator.StepTransaction, operator.StepTransaction,
		operator.StepWait, operator.StepPoolUpdate}, kinds(f))

	c.run(operator.AddValidator(c.addParams(c.votes[1], 10*sol)))
	require.Equal(t, uint64(10*sol), c.stakeOf(c.votes[1]))

	// Half a SOL more is less than the program moves.
	f = c.forecast(operator.AddValidator(c.addParams(c.votes[1], 10*sol+sol/2)))
	require.Empty(t, f.Steps)

	err := c.refused(operator.AddValidator(c.addParams(c.votes[2], 50*sol)))
	require.ErrorIs(t, err, quote.ErrInsufficientReserve)
}

func kinds(f *operator.Forecast) (all []operator.StepKind) {
	for _, s := range f.Steps {
		all = append(all, s.Kind)
	}
	return all
}

// TestAddValidator_Replaces replaces the validator of a pool of one: the list
// is full until the first one has left it.
func TestAddValidator_Replaces(t *testing.T) {
	c := newChain(t)
	params := c.launchParams()
	params.MaxValidators, params.Deposit = 1, 5*sol
	c.run(operator.Launch(params))
	require.ErrorIs(t, c.refused(operator.AddValidator(c.addParams(c.votes[1], 0))),
		quote.ErrListFull)

	report, err := c.retire().Run(t.Context(), c.client, c.options(), c.signers()...)
	require.NoError(t, err)
	require.True(t, report.Waits)
	f := c.forecast(operator.AddValidator(c.addParams(c.votes[1], 4*sol)))
	require.Equal(t, operator.StepWait, f.Steps[0].Kind)
	again := c.forecast(operator.AddValidator(c.addParams(c.votes[0], 4*sol)))
	require.Equal(t, operator.StepWait, again.Steps[0].Kind)

	c.run(operator.AddValidator(c.addParams(c.votes[1], 4*sol)))
	require.Equal(t, uint64(4*sol), c.stakeOf(c.votes[1]))
	require.Len(t, c.pool().Validators, 1)
	require.Equal(t, f.After.Pool.Validators, c.pool().Validators)
}

// TestAddValidator_Refused lists what is foreseen before anything is sent.
func TestAddValidator_Refused(t *testing.T) {
	c := newChain(t)
	c.launch(5 * sol)
	params := c.addParams(solana.PublicKey{44}, 0)
	require.ErrorIs(t, c.refused(operator.AddValidator(params)), operator.ErrVoteAccount)

	params = c.addParams(c.votes[1], 0)
	params.Payer, params.Staker = c.payer.PublicKey(), c.other.PublicKey()
	require.ErrorIs(t, c.refused(operator.AddValidator(params)), operator.ErrNotStaker)

	params = c.addParams(c.votes[1], 0)
	address, err := accounts.ValidatorStakeAddress(accounts.SanctumMultiStakePoolProgram,
		params.Pool, params.VoteAccount, 0)
	require.NoError(t, err)
	c.node.Put(accounts.Account{
		Address:  address,
		Owner:    accounts.StakeProgram,
		Lamports: sol,
		Data:     make([]byte, accounts.StakeAccountSpace),
	})

	require.ErrorIs(t, c.refused(operator.AddValidator(params)), operator.ErrAccountTaken)
	params.Seed = 1
	c.run(operator.AddValidator(params))
	require.Len(t, c.pool().Validators, 2)

	_, err = operator.AddValidator(operator.AddValidatorParams{Pool: params.Pool})
	require.ErrorIs(t, err, operator.ErrParams)
}
