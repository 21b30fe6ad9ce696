package operator_test

import (
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const sol = 1_000_000_000

// firstStake is the least stake of a validator with its rent, which a launch
// deposits in addition.
const firstStake = 1_002_282_880

// chain is a node that executes plans: a transaction has the effect that its
// step predicts. The end-to-end tests compare the predictions with the
// programs.
type chain struct {
	t      *testing.T
	node   *sdktest.Node
	client *sdk.Client
	clock  accounts.Clock
	rent   accounts.Rent
	// payer has all roles, and other is a further key.
	payer, other *txn.KeySigner
	// keys are those of the pool, the list, the reserve and the mint.
	keys [4]*txn.KeySigner
	// votes are the addresses of vote accounts.
	votes []solana.PublicKey
	// stakes are the accounts of the pool on the node.
	stakes []solana.PublicKey
	// step is the step that is being sent, and landed counts transactions.
	step   *operator.Step
	landed int
	// onSend, if not nil, runs after a transaction was executed.
	onSend func()
}

func newChain(t *testing.T) *chain {
	t.Helper()
	market, err := demo.Load()
	require.NoError(t, err)
	node, err := sdktest.Demo()
	require.NoError(t, err)
	c := &chain{
		t:     t,
		node:  node,
		clock: market.Chain.Clock,
		rent:  market.Chain.Rent,
	}

	for i, key := range append([]**txn.KeySigner{&c.payer, &c.other}, &c.keys[0], &c.keys[1],
		&c.keys[2], &c.keys[3]) {
		*key = keyNamed(t, byte(i))
	}

	node.Fund(10_000*sol, c.payer.PublicKey(), c.other.PublicKey())
	for i := range 6 {
		vote := solana.PublicKey{9, byte(i)}
		c.votes = append(c.votes, vote)
		node.Put(accounts.Account{
			Address:  vote,
			Owner:    solana.VoteProgramID,
			Lamports: sol,
			Data:     make([]byte, 3_762),
		})
	}

	node.OnSimulate(func([]byte) sdktest.Simulation { return sdktest.Simulation{Units: 50_000} })
	node.OnSend(c.execute)
	c.connect()

	return c
}

// connect makes a client that has seen nothing.
func (c *chain) connect() {
	var err error
	c.client, err = c.node.Client(sdk.WithClock(sdktest.NewClock(time.Unix(1_750_000_000, 0), nil)))
	require.NoError(c.t, err)
}

// keyNamed returns the same key for the same number.
func keyNamed(t testing.TB, number byte) *txn.KeySigner {
	t.Helper()
	seed := [32]byte{31: number + 1}
	key, err := txn.NewKeySigner(solana.PrivateKey(ed25519.NewKeyFromSeed(seed[:])))
	require.NoError(t, err)
	return key
}

// execute gives a transaction the effect of its step.
func (c *chain) execute(raw []byte) *sdktest.Error {
	tx, err := solana.TransactionFromBytes(raw)
	if err != nil {
		return &sdktest.Error{Message: err.Error()}
	}

	c.landed++
	c.publish(c.step.After)
	c.node.Advance(1)
	c.node.SetStatus(tx.Signatures[0], sdktest.Status{
		Slot:         c.clock.Slot + uint64(c.landed),
		Confirmation: "confirmed",
		Fee:          5_000,
	})

	if c.onSend != nil {
		c.onSend()
	}

	return nil
}

// options are those of a run on this node.
func (c *chain) options() operator.Options {
	return operator.Options{Progress: func(p operator.Progress) { c.step = p.Step }}
}

// publish puts a state on the node.
func (c *chain) publish(s *operator.State) {
	t := c.t
	t.Helper()
	for _, address := range c.stakes {
		c.node.Remove(address)
	}

	c.stakes = nil
	c.node.Put(accounts.Account{
		Address:  c.payer.PublicKey(),
		Owner:    accounts.SystemProgram,
		Lamports: s.Payer,
	})

	for address, a := range s.Accounts {
		data := encoded(a)
		if data != nil {
			c.node.Put(accounts.Account{
				Address:  address,
				Owner:    a.Owner,
				Lamports: a.Lamports,
				Data:     data,
			})
		}
	}

	if s.Pool == nil {
		return
	}

	pool := poolOf(s)
	all, err := pool.Accounts(c.rent)
	require.NoError(t, err)
	for _, a := range all {
		c.node.Put(a)
	}

	for _, v := range pool.Validators {
		active, transient, err := pool.StakeAddresses(v.Entry)
		require.NoError(t, err)
		c.stakes = append(c.stakes, active, transient)
	}
}

// encoded returns the data of an account that a plan knows.
func encoded(a operator.Account) []byte {
	switch {
	case a.Token != nil:
		return a.Token.Encode()
	case a.Mint != nil:
		return a.Mint.Encode()
	case a.Stake != nil:
		return a.Stake.Encode()
	}
	return nil
}

// poolOf returns the pool of a state.
func poolOf(s *operator.State) *figures.StakePool {
	p := s.Pool
	pool := &figures.StakePool{
		Program:       p.Pool.Program,
		Address:       p.Pool.Address,
		State:         p.Pool.State,
		MaxValidators: p.MaxValidators,
	}

	pool.Reserve.Account, pool.Reserve.Lamports = p.Pool.Reserve, p.Pool.ReserveLamports
	pool.Mint = accounts.Mint{Supply: p.MintSupply, Decimals: 9}
	pool.Mint.MintAuthority = &p.Addresses.WithdrawAuthority
	for _, v := range p.Validators {
		pool.Validators = append(pool.Validators, figures.Validator{
			Entry:     v.Entry,
			Active:    v.Active,
			Transient: v.Transient,
		})
	}

	return pool
}

// nextEpoch moves to the next epoch.
func (c *chain) nextEpoch() {
	c.clock.Epoch++
	market := figures.Chain{Clock: c.clock, Rent: c.rent}
	c.node.Put(market.Accounts()[0])
}

// rewards starts or ends the distribution of rewards.
func (c *chain) rewards(active bool) {
	market := figures.Chain{Clock: c.clock, Rent: c.rent, RewardsActive: active}
	c.node.Put(market.Accounts()[3])
}

// run carries out a plan over all its epochs.
func (c *chain) run(plan *operator.Plan, err error) *operator.Report {
	c.t.Helper()
	require.NoError(c.t, err)
	for range 40 {
		report, err := plan.Run(context.Background(), c.client, c.options(), c.signers()...)
		require.NoError(c.t, err)
		if report.Done {
			return report
		}

		require.True(c.t, report.Waits)
		c.nextEpoch()
	}

	require.Fail(c.t, "the plan does not end", "%s", plan)

	return nil
}

func (c *chain) signers() []txn.Signer {
	return []txn.Signer{c.payer, c.other, c.keys[0], c.keys[1], c.keys[2], c.keys[3]}
}

// forecast returns the forecast of a plan.
func (c *chain) forecast(plan *operator.Plan, err error) *operator.Forecast {
	c.t.Helper()
	require.NoError(c.t, err)
	f, err := plan.DryRun(context.Background(), c.client)
	require.NoError(c.t, err)
	return f
}

// refused returns the error of the next step of a plan.
func (c *chain) refused(plan *operator.Plan, err error) error {
	c.t.Helper()
	require.NoError(c.t, err)
	_, err = plan.Next(context.Background(), c.client, operator.Options{})
	require.Error(c.t, err)
	require.NotContains(c.t, err.Error(), "\n")
	return err
}

// launchParams are the parameters of a pool of the payer.
func (c *chain) launchParams() operator.LaunchParams {
	return operator.LaunchParams{
		Program:       accounts.SanctumMultiStakePoolProgram,
		Manager:       c.payer.PublicKey(),
		Pool:          c.keys[0].PublicKey(),
		ValidatorList: c.keys[1].PublicKey(),
		Reserve:       c.keys[2].PublicKey(),
		Mint:          c.keys[3].PublicKey(),
		VoteAccount:   c.votes[0],
		MaxValidators: 4,
	}
}

// launch launches a pool with a deposit.
func (c *chain) launch(deposit uint64) solana.PublicKey {
	c.t.Helper()
	params := c.launchParams()
	params.Deposit = deposit
	c.run(operator.Launch(params))
	return params.Pool
}

// pool returns the pool as it is on the node.
func (c *chain) pool() *sdk.StakePool {
	c.t.Helper()
	pool, err := c.client.LoadStakePool(context.Background(), c.keys[0].PublicKey())
	require.NoError(c.t, err)
	return pool
}

// stakeOf returns the delegation of a validator.
func (c *chain) stakeOf(vote solana.PublicKey) uint64 {
	c.t.Helper()
	for _, v := range c.pool().Validators {
		if v.Entry.VoteAccount == vote {
			return v.Active.Account.Delegation.Stake
		}
	}
	return 0
}
