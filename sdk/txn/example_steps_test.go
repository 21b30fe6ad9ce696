package txn_test

import (
	"crypto/ed25519"
	"fmt"
	"log"
	"regexp"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Rents on mainnet, in lamports.
const (
	stakeAccountRent = 2_282_880
	tokenAccountRent = 2_039_280
)

var (
	// stakeAccount is an account with 12 SOL of stake.
	stakeAccount = solana.MPK("HB4Cjyg12VATooVMWLvMszzk5yD562a4aQcfQCoQrtwF")
	jitoSOL      = solana.MPK("J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn")
)

// keyNumbers is the content of a key file: the key of fixedSigner(1).
func keyNumbers() []int {
	var numbers []int
	for _, b := range ed25519.NewKeyFromSeed(append(make([]byte, 31), 1)) {
		numbers = append(numbers, int(b))
	}
	return numbers
}

// longKey matches an address and captures its first four characters.
var longKey = regexp.MustCompile(`\b(\w{4})\w{28,40}\b`)

// describe prints the steps, with the first four characters of addresses.
func describe(steps ...txn.Step) {
	for _, step := range steps {
		fmt.Println(longKey.ReplaceAllString(step.Description, "$1…"))
	}
}

// Five of 12 SOL of stake are split off and deactivated.
func ExampleNewStakeAccount() {
	owner := fixedSigner(1).PublicKey()
	address, create, err := txn.NewStakeAccount(owner, owner, stakeAccountRent, "unstake 1")
	if err != nil {
		log.Fatal(err)
	}

	split, err := txn.SplitStake(stakeAccount, address, owner, 5_000_000_000)
	if err != nil {
		log.Fatal(err)
	}

	deactivate, err := txn.DeactivateStake(address, owner)
	if err != nil {
		log.Fatal(err)
	}

	describe(create, split, deactivate)
	// Output:
	// create the stake account 76vm…
	// split 5000000000 lamports off the stake account HB4C…
	// deactivate the stake account 76vm…
}

func ExampleAuthorizeStake() {
	owner, buyer := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	steps, err := txn.AuthorizeStake(stakeAccount, owner, buyer)
	if err != nil {
		log.Fatal(err)
	}

	describe(steps...)
	// Output:
	// make 8pM1… the staker of the stake account HB4C…
	// make 8pM1… the withdrawer of the stake account HB4C…
}

// Two stake accounts with the same validator become one.
func ExampleMergeStake() {
	owner := fixedSigner(1).PublicKey()
	step, err := txn.MergeStake(stakeAccount, fixedSigner(2).PublicKey(), owner)
	if err != nil {
		log.Fatal(err)
	}

	describe(step)
	// Output: merge the stake account 8pM1… into HB4C…
}

// An inactive stake account is closed by withdrawing all of its lamports.
func ExampleWithdrawStake() {
	owner := fixedSigner(1).PublicKey()
	step, err := txn.WithdrawStake(stakeAccount, owner, owner, 12_002_282_880)
	if err != nil {
		log.Fatal(err)
	}

	describe(step)
	// Output: withdraw 12002282880 lamports from the stake account HB4C… to 6ASf…
}

func ExampleTransferSOL() {
	alice, bob := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	step, err := txn.TransferSOL(alice, bob, 1_000_000)
	if err != nil {
		log.Fatal(err)
	}

	describe(step)
	// Output: transfer 1000000 lamports from 6ASf… to 8pM1…
}

func ExampleCreateTokenAccount() {
	owner := fixedSigner(1).PublicKey()
	describe(txn.CreateTokenAccount(owner, owner, jitoSOL, accounts.TokenProgram))
	// Output: create the token account of 6ASf… for mint J1to…, unless it exists
}

func ExampleCreateTokenAccountAt() {
	owner := fixedSigner(1).PublicKey()
	address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, jitoSOL)
	if err != nil {
		log.Fatal(err)
	}

	step := txn.CreateTokenAccountAt(owner, address, owner, jitoSOL, accounts.TokenProgram)
	fmt.Println(step.ComputeUnits, "compute units")
	// Output: 30000 compute units
}

// The balance check makes a trade fail that pays less than 1.2 JitoSOL.
func ExampleRequireBalance() {
	owner := fixedSigner(1).PublicKey()
	address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, jitoSOL)
	if err != nil {
		log.Fatal(err)
	}

	step, err := txn.RequireBalance(accounts.TokenProgram, address, owner, 1_200_000_000)
	if err != nil {
		log.Fatal(err)
	}

	describe(step)
	// Output: fail unless the token account FFGj… holds at least 1200000000
}

// Pay 0.002 JitoSOL as a fee.
func ExampleTransferTokens() {
	owner := fixedSigner(1).PublicKey()
	source, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, jitoSOL)
	if err != nil {
		log.Fatal(err)
	}

	fees, err := accounts.AssociatedTokenAddress(fixedSigner(2).PublicKey(), accounts.TokenProgram,
		jitoSOL)
	if err != nil {
		log.Fatal(err)
	}

	step, err := txn.TransferTokens(accounts.TokenProgram, jitoSOL, source, fees, owner, 2_000_000,
		9)
	if err != nil {
		log.Fatal(err)
	}

	describe(step)
	// Output: transfer 2000000 base units from the token account FFGj… to 5Pvk…
}

// The balance check makes a transaction fail that leaves less than 2 SOL in the
// wallet.
func ExampleRequireLamports() {
	describe(txn.RequireLamports(fixedSigner(1).PublicKey(), 2_000_000_000))
	// Output: fail unless 6ASf… holds at least 2000000000 lamports
}

// A program that trades wrapped SOL takes 1 SOL from this account.
func ExampleNewFundedWSOLAccount() {
	owner := fixedSigner(1).PublicKey()
	account, err := txn.NewFundedWSOLAccount(owner, owner, 1_000_000_000, tokenAccountRent,
		"swap 1")
	if err != nil {
		log.Fatal(err)
	}

	describe(account.Open...)
	fmt.Println("... swap")
	describe(account.Close...)
	// Output:
	// create a temporary wSOL account
	// initialize it as a token account
	// ... swap
	// close the temporary wSOL account, which unwraps its balance
}

// A program pays at least 0.9 SOL as wrapped SOL to this account.
func ExampleNewTempWSOLAccount() {
	owner := fixedSigner(1).PublicKey()
	account, err := txn.NewTempWSOLAccount(owner, owner, tokenAccountRent, "swap 2")
	if err != nil {
		log.Fatal(err)
	}

	closing, err := account.CloseWith(900_000_000)
	if err != nil {
		log.Fatal(err)
	}

	describe(closing...)
	// Output:
	// fail unless the token account FYRW… holds at least 900000000
	// close the temporary wSOL account, which unwraps its balance
}

// A program that cannot pay token accounts pays at least 0.9 SOL.
func ExampleNewTempSOLAccount() {
	owner, payer := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	account, err := txn.NewTempSOLAccount(payer, owner, tokenAccountRent, "unstake 2")
	if err != nil {
		log.Fatal(err)
	}

	closing, err := account.CloseWith(900_000_000)
	if err != nil {
		log.Fatal(err)
	}

	describe(closing...)
	// Output:
	// assign the temporary account to the token program
	// initialize it as a token account
	// fail unless the token account 3MCa… holds at least 900000000
	// close the temporary wSOL account, which unwraps its balance
	// return the rent of the temporary account to the fee payer
}

// A program pays at least 0.9 wrapped SOL to a recipient.
func ExampleNewRecipientPayoutWSOL() {
	owner, recipient := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	payout, err := txn.NewRecipientPayoutWSOL(owner, owner, recipient, tokenAccountRent, "pay 1")
	if err != nil {
		log.Fatal(err)
	}

	closing, err := payout.Close(900_000_000, 0)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(payout.UpfrontRent, "lamports advanced")
	describe(closing...)
	// Output:
	// 4078560 lamports advanced
	// move the rent of the temporary wSOL account to the second one
	// fail unless at least 900000000 lamports go to 8pM1…
	// close the temporary wSOL account, which pays its balance to 8pM1…
	// close the second account, which returns the rent to the fee payer
}

// A program that cannot pay token accounts pays a recipient. It enforces the
// minimum itself.
func ExampleNewRecipientPayoutSOL() {
	owner, recipient := fixedSigner(1).PublicKey(), fixedSigner(2).PublicKey()
	payout, err := txn.NewRecipientPayoutSOL(owner, owner, recipient, tokenAccountRent, "pay 2")
	if err != nil {
		log.Fatal(err)
	}

	closing, err := payout.Close(0, 0)
	if err != nil {
		log.Fatal(err)
	}

	describe(closing...)
	// Output:
	// return the rent of the temporary account to the fee payer
	// assign the temporary account to the token program
	// initialize it as a token account
	// close the temporary wSOL account, which pays its balance to 8pM1…
}

// Lamports that are paid into a wrapped SOL account count after an update.
func ExampleSyncWSOL() {
	owner, account := fixedSigner(1).PublicKey(), fixedSigner(3).PublicKey()
	pay, err := txn.TransferSOL(owner, account, 1_000_000_000)
	if err != nil {
		log.Fatal(err)
	}

	sync, err := txn.SyncWSOL(account)
	if err != nil {
		log.Fatal(err)
	}

	describe(pay, sync)
	// Output:
	// transfer 1000000000 lamports from 6ASf… to HPYV…
	// add the paid SOL to the balance of the wSOL account HPYV…
}

// A foreign program had the owner's signature: the account must still be the
// owner's and hold 240 USDC.
func ExampleRequireControl() {
	owner := fixedSigner(1).PublicKey()
	usdc := solana.MPK("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v")
	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, usdc)
	if err != nil {
		log.Fatal(err)
	}

	describe(txn.RequireControl(accounts.TokenProgram, account, owner, 240_000_000)...)
	// Output:
	// revoke any delegate of the token account 5Bqb…
	// fail if another key than the owner may close the token account 5Bqb…
	// fail unless the token account 5Bqb… of the owner holds at least 240000000
}

func ExampleRequireWallet() {
	describe(txn.RequireWallet(fixedSigner(1).PublicKey()))
	// Output:
	// fail unless 6ASf… is a wallet
}

// Two SOL are wrapped in the owner's wSOL account, which is closed at the end.
func ExampleWrapSOL() {
	owner := fixedSigner(1).PublicKey()
	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram,
		accounts.NativeMint)
	if err != nil {
		log.Fatal(err)
	}

	describe(txn.CreateTokenAccount(owner, owner, accounts.NativeMint, accounts.TokenProgram))
	describe(txn.WrapSOL(owner, account, 2_000_000_000)...)
	describe(txn.UnwrapSOL(owner, account))
	// Output:
	// create the token account of 6ASf… for mint So11…, unless it exists
	// transfer 2000000000 lamports into the wSOL account
	// wrap them
	// close the wSOL account, which unwraps its balance
}

func ExampleUnwrapSOL() {
	owner := fixedSigner(1).PublicKey()
	account, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram,
		accounts.NativeMint)
	if err != nil {
		log.Fatal(err)
	}

	describe(txn.UnwrapSOL(owner, account))
	// Output:
	// close the wSOL account, which unwraps its balance
}
