package operator_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// demoPool returns a client for the embedded market, a wallet with 100 SOL and
// a pool. A program has its own client and keys, and handles the errors.
func demoPool(symbol string) (*sdk.Client, *txn.KeySigner, *sdk.StakePool) {
	node, err := sdktest.Demo()
	if err != nil {
		panic(err)
	}

	wallet, err := txn.GenerateKeySigner()
	if err != nil {
		panic(err)
	}

	node.Fund(100_000_000_000, wallet.PublicKey())
	node.AcceptAll()
	node.Put(accounts.Account{Address: vote, Owner: solana.VoteProgramID, Lamports: 1})
	client, err := node.Client()
	if err != nil {
		panic(err)
	}

	token, err := client.Registry().Lookup(symbol)
	if err != nil {
		panic(err)
	}

	pool, err := client.LoadStakePool(context.Background(), token.Pool)
	if err != nil {
		panic(err)
	}

	return client, wallet, pool
}

// vote is the vote account of a validator without a pool.
var vote = solana.PublicKey{4, 2}

// newKey returns the public key of a new account for the examples.
func newKey(number byte) solana.PublicKey { return solana.PublicKey{1, 2, 3, number} }

// The dry run of a launch tells all costs before anything is sent. In a program
// the four new accounts have keys, which sign the transactions of Run.
func ExampleLaunch() {
	client, wallet, _ := demoPool("JupSOL")

	plan, err := operator.Launch(operator.LaunchParams{
		Manager:       wallet.PublicKey(),
		Pool:          newKey(1),
		ValidatorList: newKey(2),
		Reserve:       newKey(3),
		Mint:          newKey(4),
		EpochFee:      accounts.Fee{Numerator: 5, Denominator: 100},
		WithdrawalFee: accounts.Fee{Numerator: 1, Denominator: 1000},
		VoteAccount:   vote,
		Deposit:       2_000_000_000,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	forecast, err := plan.DryRun(context.Background(), client)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("transactions:", forecast.Transactions)
	fmt.Println("rent:", lst.FormatAmount(forecast.Cost.Rent, 9))
	fmt.Println("deposit:", lst.FormatAmount(forecast.Cost.Deposit, 9))
	fmt.Println("total:", lst.FormatAmount(forecast.Cost.Total(), 9))
	// Output:
	// transactions: 2
	// rent: 0.0123888
	// deposit: 3.00228288
	// total: 3.01470168
}

// An operator updates a pool once in each epoch.
func ExampleUpkeep() {
	client, wallet, pool := demoPool("phaseSOL")

	plan, err := operator.Upkeep(operator.UpkeepParams{
		Pool:  pool.Pool.Address,
		Payer: wallet.PublicKey(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	next, err := plan.Next(context.Background(), client, operator.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println(next)
	fmt.Println("instructions:", len(next.Unsigned.Steps()))
	// Output:
	// update the pool for epoch 793
	// instructions: 5
}

// A plan of several epochs waits. The forecast has all its steps.
func ExampleAddValidator() {
	client, _, pool := demoPool("picoSOL")

	plan, err := operator.AddValidator(operator.AddValidatorParams{
		Pool:        pool.Pool.Address,
		Staker:      pool.Pool.State.Staker,
		VoteAccount: pool.Validators[0].Entry.VoteAccount,
		Stake:       pool.Validators[0].Active.Account.Delegation.Stake + 4_000_000_000,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	forecast, err := plan.DryRun(context.Background(), client)
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, step := range forecast.Steps {
		fmt.Println(step.Kind)
	}

	fmt.Println("epochs:", forecast.Epochs())
	// Output:
	// transaction
	// wait
	// pool update
	// epochs: 1
}

// Rebalance tells in advance how much stake moves, and for how many epochs.
func ExampleRebalance() {
	client, _, pool := demoPool("JupSOL")

	var weights []operator.Weight
	for _, v := range pool.Validators {
		weights = append(weights, operator.Weight{VoteAccount: v.Entry.VoteAccount, Weight: 1})
	}

	plan, err := operator.Rebalance(operator.RebalanceParams{
		Pool:             pool.Pool.Address,
		Staker:           pool.Pool.State.Staker,
		Weights:          weights,
		PayTransientRent: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	forecast, err := plan.DryRun(context.Background(), client)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("transactions:", forecast.Transactions)
	fmt.Println("epochs:", forecast.Epochs())
	fmt.Println("gift to the pool:", lst.FormatAmount(forecast.Cost.Gift, 9))
	// Output:
	// transactions: 6
	// epochs: 3
	// gift to the pool: 0
}

func ExampleRetire() {
	client, _, pool := demoPool("JupSOL")

	plan, err := operator.Retire(operator.RetireParams{
		Pool:        pool.Pool.Address,
		Staker:      pool.Pool.State.Staker,
		VoteAccount: pool.Validators[0].Entry.VoteAccount,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	forecast, err := plan.DryRun(context.Background(), client)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("validators:", len(pool.Validators), "to", len(forecast.After.Pool.Validators))
	fmt.Println("epochs:", forecast.Epochs())
	// Output:
	// validators: 3 to 2
	// epochs: 1
}

// A fee that takes effect later is in force after the second pool update.
func ExampleSetFees() {
	client, _, pool := demoPool("JupSOL")

	plan, err := operator.SetFees(operator.SetFeesParams{
		Pool:    pool.Pool.Address,
		Manager: pool.Pool.State.Manager,
		Fees: map[accounts.StakePoolFeeKind]accounts.Fee{
			accounts.StakePoolEpochFee: {Numerator: 3, Denominator: 100}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	forecast, err := plan.DryRun(context.Background(), client)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("now in epoch", forecast.From, "and in force in epoch", forecast.Until)
	// Output:
	// now in epoch 793 and in force in epoch 795
}

func ExampleHandOver() {
	client, wallet, pool := demoPool("JupSOL")

	plan, err := operator.HandOver(operator.HandOverParams{
		Pool:       pool.Pool.Address,
		Manager:    pool.Pool.State.Manager,
		NewManager: wallet.PublicKey(),
		NewStaker:  wallet.PublicKey(),
		Payer:      wallet.PublicKey(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	forecast, err := plan.DryRun(context.Background(), client)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("transactions:", forecast.Transactions)
	fmt.Println("rent:", lst.FormatAmount(forecast.Cost.Rent, 9))
	// Output:
	// transactions: 1
	// rent: 0.00203928
}

// The deposit creates the token account of the wallet, which then shows that
// the deposit was made.
func ExampleDeposit() {
	client, wallet, pool := demoPool("picoSOL")
	plan, err := operator.Deposit(operator.DepositParams{
		Pool:      pool.Pool.Address,
		Depositor: wallet.PublicKey(),
		Lamports:  1_000_000_000,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	next, err := plan.Next(context.Background(), client, operator.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, step := range next.Unsigned.Steps()[1:] {
		fmt.Println(strings.Fields(step.String())[0])
	}

	fmt.Println("rent:", lst.FormatAmount(next.Cost.Rent, 9))
	// Output:
	// create
	// deposit
	// rent: 0.00203928
}

// Run does what the current epoch allows, and tells when to run the plan again.
func ExamplePlan_Run() {
	client, wallet, pool := demoPool("JupSOL")
	plan, err := operator.Upkeep(operator.UpkeepParams{
		Pool:  pool.Pool.Address,
		Payer: wallet.PublicKey(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	before, err := plan.Load(context.Background(), client)
	if err != nil {
		fmt.Println(err)
		return
	}

	report, err := plan.Run(context.Background(), client, operator.Options{}, wallet)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("out of date:", before.Pool.Outdated())
	fmt.Println(report)
	// Output:
	// out of date: false
	// done: 0 transactions, fees 0 SOL
}

// A Plan is the goal, a Forecast what it will do, and a Report what was done.
func ExamplePlan() {
	client, wallet, pool := demoPool("phaseSOL")

	plan, err := operator.Upkeep(operator.UpkeepParams{
		Pool:  pool.Pool.Address,
		Payer: wallet.PublicKey(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	forecast, err := plan.DryRun(context.Background(), client)
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println(plan.String() == forecast.Plan)
	fmt.Println(forecast.String())
	// Output:
	// true
	// update pool phasejkG1akKgqkLvfWzWY17evnH6mSWznnUspmpyeG
	// 1. update the pool for epoch 793
	// transactions: 1, epochs to wait: 0
	// rent 0 SOL, deposit 0 SOL, gift to the pool 0 SOL, network fees 0.000005 SOL
}
