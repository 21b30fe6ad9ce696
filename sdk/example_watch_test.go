package sdk_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// Quote from a market that stays fresh. With WatchOptions.WebSocket, changes
// arrive as the node notifies them.
func ExampleClient_Watch() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	jitoSOL, err := client.Registry().Lookup("jitoSOL")
	if err != nil {
		log.Fatal(err)
	}

	watcher, err := client.Watch(context.Background(), route.NewLoader(jitoSOL),
		sdk.WatchOptions{MaxAge: 10 * time.Second})
	if err != nil {
		log.Fatal(err)
	}

	defer watcher.Close()

	market, err := watcher.Market()
	if err != nil {
		log.Fatal(err)
	}

	quote, err := market.Quote(route.Request{
		From:   accounts.NativeMint,
		To:     jitoSOL.Mint,
		Amount: 1_500_000_000,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(jitoSOL.Format(quote.Out))
	// Output: 1.244054262
}

// Wait for the next market, and react to what changed.
func ExampleWatcher_Next() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client()
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	watcher, err := client.Watch(ctx, route.NewLoader(),
		sdk.WatchOptions{PollInterval: 50 * time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}

	defer watcher.Close()

	market, err := watcher.Next(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}

	first := market.Slot()
	node.Pass(3)
	for market.Slot() == first {
		if market, err = watcher.Next(ctx, market); err != nil {
			log.Fatal(err)
		}
	}

	fmt.Println(market.Slot()-first, "slots later")
	// Output: 3 slots later
}

// Ask how a watcher does, for a health check.
func ExampleWatcher_Status() {
	client, _, err := sdktest.DemoClient()
	if err != nil {
		log.Fatal(err)
	}

	watcher, err := client.Watch(context.Background(), route.NewLoader(), sdk.WatchOptions{})
	if err != nil {
		log.Fatal(err)
	}

	status := watcher.Status()
	fmt.Println(status.Slot, status.Loads, status.Err)
	fmt.Println("older than a minute:", watcher.Age() > time.Minute)

	if err := watcher.Close(); err != nil {
		log.Fatal(err)
	}

	fmt.Println(watcher.Status().Err)
	// Output:
	// 342792000 1 <nil>
	// older than a minute: false
	// the watcher is closed (start another one with Client.Watch)
}

// Derive the address of the WebSocket server from that of the node.
func ExampleWebSocketURL() {
	for _, endpoint := range []string{"https://rpc.example.com", "http://127.0.0.1:8899"} {
		socket, err := sdk.WebSocketURL(endpoint)
		fmt.Println(socket, err)
	}
	// Output:
	// wss://rpc.example.com <nil>
	// ws://127.0.0.1:8900 <nil>
}
