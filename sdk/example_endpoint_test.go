package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// The second endpoint answers while the first one fails. It has a key and a
// rate limit of its own.
func ExampleWithFallback() {
	first, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	second, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := first.Client( // sdk.New("https://first.example", …)
		sdk.WithFallback("https://second.example",
			sdk.WithHTTPClient(second),
			sdk.WithHeader("X-Api-Key", "secret"),
			sdk.WithRateLimit(10, 5)))
	if err != nil {
		log.Fatal(err)
	}

	first.Fail("getMultipleAccounts", sdktest.Fault{Status: 503})
	market, err := client.LoadMarket(context.Background())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("slot", market.Slot())
	// Output: slot 342792000
}

// Refuse an endpoint of another cluster. The embedded market is on mainnet.
func ExampleWithGenesisHash() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	devnet := solana.MustHashFromBase58("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG")
	client, err := node.Client(sdk.WithGenesisHash(devnet))
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.LoadMarket(context.Background())
	fmt.Println(errors.Is(err, sdk.ErrWrongCluster))
	// Output: true
}

// An API key must not travel unencrypted.
func ExampleWithInsecureHTTP() {
	_, err := sdk.New("http://rpc.example/?api-key=secret")
	fmt.Println(errors.Is(err, sdk.ErrInsecure))
	_, err = sdk.New("http://rpc.example/?api-key=secret", sdk.WithInsecureHTTP())
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

// Read, simulate and confirm at finalized.
func ExampleWithCommitment() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client(sdk.WithCommitment(rpc.CommitmentFinalized))
	if err != nil {
		log.Fatal(err)
	}

	market, err := client.LoadMarket(context.Background())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("finalized slot", market.Slot())
	// Output: finalized slot 342792000
}

// Log each request.
func ExampleWithLogger() {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			// The times differ between runs, and the level is always DEBUG.
			if a.Key == slog.TimeKey || a.Key == "duration" || a.Key == slog.LevelKey {
				return slog.Attr{}
			}

			return a
		},
	})

	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client(sdk.WithLogger(slog.New(handler)))
	if err != nil {
		log.Fatal(err)
	}

	if _, err := client.RPC().GetSlot(context.Background(), rpc.CommitmentConfirmed); err != nil {
		log.Fatal(err)
	}
	// Output:
	// msg="rpc attempt" method=getSlot host=node.invalid attempt=1 status=200 code=0 ok=true
}

// tracing is a transport that prints the method of each call.
type tracing struct{ rpc.JSONRPCClient }

func (t tracing) CallForInto(ctx context.Context, out any, method string, params []any) error {
	fmt.Println(method)
	return t.JSONRPCClient.CallForInto(ctx, out, method, params)
}

// Replace the transport. Timeouts and retries are then up to it.
func ExampleWithTransport() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	endpoint, closeNode, err := node.Listen()
	if err != nil {
		log.Fatal(err)
	}

	client, err := sdk.New(endpoint, sdk.WithTransport(tracing{jsonrpc.NewClient(endpoint)}))
	if err != nil {
		log.Fatal(err)
	}

	slot, err := client.RPC().GetSlot(context.Background(), rpc.CommitmentConfirmed)
	fmt.Println(slot, err, client.Close(), closeNode())
	// Output:
	// getSlot
	// 342792000 <nil> <nil> <nil>
}

// Repeat a request if its failure may be temporary.
func ExampleRPCError_Temporary() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client(sdk.WithMaxAttempts(1))
	if err != nil {
		log.Fatal(err)
	}

	node.Fail("*", sdktest.Fault{Status: 429})
	_, err = client.RPC().GetSlot(context.Background(), rpc.CommitmentConfirmed)
	var failure *sdk.RPCError
	if errors.As(err, &failure) {
		fmt.Println(failure.HTTPStatus, "temporary:", failure.Temporary())
	}
	// Output: 429 temporary: true
}

// All endpoints have failed.
func ExampleEndpointsError_Temporary() {
	node, err := sdktest.Demo()
	if err != nil {
		log.Fatal(err)
	}

	client, err := node.Client(sdk.WithMaxAttempts(1), sdk.WithFallback("https://second.example"))
	if err != nil {
		log.Fatal(err)
	}

	for range 10 {
		node.Fail("*", sdktest.Fault{Status: 503})
	}

	_, err = client.RPC().GetSlot(context.Background(), rpc.CommitmentConfirmed)
	var failures *sdk.EndpointsError
	if errors.As(err, &failures) {
		fmt.Println(len(failures.Failures), "endpoints, temporary:", failures.Temporary())
	}
	// Output: 2 endpoints, temporary: true
}
