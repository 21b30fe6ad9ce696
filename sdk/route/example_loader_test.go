package route_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// exampleToken looks a token up in the registry.
func exampleToken(symbol string) lst.LST {
	token, err := lst.Default().Lookup(symbol)
	if err != nil {
		log.Fatal(err)
	}

	return token
}

// exampleNode is in place of a real RPC node. It serves the embedded market.
func exampleNode() *sdktest.Node {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	return node
}

// fetch copies the requested accounts from the node to the snapshot. A program
// would call getMultipleAccounts here, or read a cache.
func fetch(node *sdktest.Node, snapshot *route.AccountSnapshot, requests []route.AccountRequest) {
	for _, request := range requests {
		account, ok := node.Account(request.Address)
		if !ok {
			snapshot.Accounts.PutMissing(request.Address)
			continue
		}

		if request.Length > 0 {
			account.Data = account.Data[:min(request.Length, len(account.Data))]
		}

		snapshot.Accounts.Put(account)
	}
}

// loadMarket loads a market over RPC.
func loadMarket(node *sdktest.Node, loader *route.Loader) *route.Market {
	client, err := node.Client() // sdk.New("https://…")
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarketWith(context.Background(), loader)
	if err != nil {
		log.Fatal(err)
	}

	return market
}

// A program that has its own source of accounts loads a market in two rounds.
func ExampleLoader() {
	node := exampleNode()
	loader := route.NewLoader(exampleToken("jitoSOL"))
	snapshot := &route.AccountSnapshot{
		Accounts:          accounts.NewSet(342792000),
		MinimumDelegation: 1_000_000_000,
	}

	first := loader.AccountsToLoad()
	fetch(node, snapshot, first.Accounts)

	next, err := loader.AccountsToLoadNext(snapshot)
	if err != nil {
		log.Fatal(err)
	}

	fetch(node, snapshot, next.Accounts)

	market, err := loader.Build(snapshot)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(len(first.Accounts), "accounts, then", len(next.Accounts))
	fmt.Println("market at slot", market.Slot())
	// Output:
	// 23 accounts, then 6
	// market at slot 342792000
}

// A market for trades that move no stake needs no validator lists.
func ExampleLoader_WithoutStake() {
	loader := route.NewLoader(exampleToken("jitoSOL"), exampleToken("bSOL"))
	light := loader.WithoutStake()

	fmt.Println(len(loader.AccountsToLoad().Accounts), "accounts in the first round")
	fmt.Println(len(light.AccountsToLoad().Accounts), "without stake")
	// Output:
	// 28 accounts in the first round
	// 22 without stake
}

// Any lookup table may make large transactions smaller. A table that cannot be
// read is an error.
func ExampleLoader_WithLookupTables() {
	table := solana.PublicKey{7}
	loader := route.NewLoader(exampleToken("jitoSOL")).WithLookupTables(table)

	for _, request := range loader.AccountsToLoad().Accounts {
		if request.Address == table {
			fmt.Println("the table is loaded in the first round")
		}
	}
	// Output: the table is loaded in the first round
}

func ExampleLoader_WithStakeAccounts() {
	node := exampleNode()
	owner := solana.PublicKey{1}
	stake := node.AddStakeAccount(owner, sdktest.DemoValidator(), 5_000_000_000, false)

	loader := route.NewLoader(exampleToken("hubSOL")).WithStakeAccounts(stake)
	market := loadMarket(node, loader)

	best, err := market.Quote(route.Request{
		From:   stake,
		To:     exampleToken("hubSOL").Mint,
		Amount: 5_002_282_880, // the whole account: its stake and its rent
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(best.Venue, exampleToken("hubSOL").Format(best.Out))
	// Output: stake deposit 4.514642712
}

// Two stake accounts of the same validator are deposited as one.
func ExampleLoader_WithMergedStake() {
	node := exampleNode()
	owner := solana.PublicKey{1}
	first := node.AddStakeAccount(owner, sdktest.DemoValidator(), 5_000_000_000, false)
	second := node.AddStakeAccount(owner, sdktest.DemoValidator(), 3_000_000_000, false)

	loader := route.NewLoader(exampleToken("hubSOL")).WithMergedStake(first, second)
	market := loadMarket(node, loader)

	best, err := market.Quote(route.Request{
		From:    first,
		To:      exampleToken("hubSOL").Mint,
		Amount:  8_004_565_760, // both balances
		Options: route.Options{MergeStake: []solana.PublicKey{second}},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(best.Venue, exampleToken("hubSOL").Format(best.Out))
	// Output: stake deposit 7.224252475
}

// With more validators, a withdrawal of stake may use several of them.
func ExampleLoader_WithStakeSources() {
	loader := route.NewLoader(exampleToken("jitoSOL")).WithStakeSources(route.MostStakeAccounts)
	market := loadMarket(exampleNode(), loader)

	best, err := market.Quote(route.Request{
		From:   exampleToken("jitoSOL").Mint,
		To:     route.NativeStake,
		Amount: 10_000_000_000,
	})
	if err != nil {
		log.Fatal(err)
	}

	for _, received := range best.StakeAccounts {
		fmt.Println(received.Stake, "lamports at validator", received.Vote)
	}
	// Output: 12045294527 lamports at validator 323d4ZiSqS1PwGwpJwD88jNPaGqkm7YYW2tJt2T8iFzo
}
