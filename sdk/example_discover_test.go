package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// Find the stake pool of a mint, and look at the warnings before it is traded.
func ExampleClient_Discover() {
	client := demoClient()
	mint := "picobAEvs6w7QEknPce34wAE4gknZA9v5tTonnmHYdX"
	found, err := client.Discover(context.Background(), mint, sdk.DiscoverOptions{})
	if err != nil {
		log.Fatal(err)
	}

	if err := found.Err(); errors.Is(err, sdk.ErrLookAlike) {
		log.Fatal("an imitation: ", err)
	}

	fmt.Println(found.Token.Symbol, "of", found.Token.Kind, "pool", found.Token.Pool)
	fmt.Println("its validator is", found.Token.VoteAccount)
	fmt.Println("warnings:", len(found.Warnings))
	// Output:
	// picoSOL of SanctumSpl pool 8Dv3hNYcEWEaa4qVx9BTN1Wfvtha1z8cWDUXb7KVACVe
	// its validator is 3xjfK9C9YNcta8MvK1US4sQ3bc6DEjoJoR3qLExGf9xE
	// warnings: 0
}

// Find the mint of a pool.
func ExampleClient_DiscoverAddress() {
	client := demoClient()
	pool := solana.MPK("8Dv3hNYcEWEaa4qVx9BTN1Wfvtha1z8cWDUXb7KVACVe")
	found, err := client.DiscoverAddress(context.Background(), pool, sdk.DiscoverOptions{})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(found.Token)
	// Output: picoSOL (picobAEvs6w7QEknPce34wAE4gknZA9v5tTonnmHYdX)
}

// Trade mints that no list has. The client finds the pool of each on chain,
// once, and refuses a token with warnings.
func ExampleWithDiscovery() {
	empty := new(lst.Registry)
	client := demoClient(sdk.WithRegistry(empty), sdk.WithDiscovery(sdk.DiscoveryOptions{}))
	pico, err := lst.Default().Lookup("picoSOL")
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarket(context.Background(), pico.Mint)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("tokens of the market:", len(market.Tokens()))

	// Save the tokens. Another client reads their pools again and asks for no
	// list of pools: DiscoveryOptions{Known: known}.
	var file strings.Builder
	if err := client.Discovered().Write(&file); err != nil {
		log.Fatal(err)
	}

	known, err := lst.Read(strings.NewReader(file.String()))
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("saved:", known.Len())
	// Output:
	// tokens of the market: 1
	// saved: 1
}

// Count the pools of each deployment of the stake pool program.
func ExampleClient_StakePools() {
	client := demoClient()
	for _, program := range accounts.StakePoolPrograms() {
		pools, err := client.StakePools(context.Background(), program)
		if err != nil {
			log.Fatal(err)
		}

		fmt.Printf("%.5s: %d pools\n", program.String(), len(pools))
	}
	// Output:
	// SPoo1: 4 pools
	// SP12t: 10 pools
	// SPMBz: 2 pools
}

// List what Infinity trades, from its own list on chain.
func ExampleClient_InfinityTokens() {
	client := demoClient()
	tokens, err := client.InfinityTokens(context.Background(), accounts.InfinityProgram)
	if err != nil {
		log.Fatal(err)
	}

	unlisted := 0
	for _, token := range tokens {
		if token.Listed == nil {
			unlisted++
		}
	}

	fmt.Println(len(tokens), "tokens,", unlisted, "that the registry does not have")
	// Output:
	// 18 tokens, 0 that the registry does not have
}

// demoClient returns a client of the embedded market.
func demoClient(opts ...sdk.Option) *sdk.Client {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client(opts...)
	if err != nil {
		log.Fatal(err)
	}

	return client
}
