package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// readFault is a failure of a read and the expected error.
type readFault struct {
	name  string
	fault sdktest.Fault
	// recovers reports whether the client tries again.
	recovers bool
	want     error
	code     int
}

// readFaults are the failures of [TestClient_Build_BlockhashFaults].
var readFaults = []readFault{
	{"429 with a body",
		sdktest.Fault{Status: 429,
			Body: `{"jsonrpc":"2.0","error":{"code":429,"message":"slow down"}}`},
		true, jsonrpc.ErrHTTP, 429},
	{"429 without a body", sdktest.Fault{Status: 429}, true, jsonrpc.ErrHTTP, 0},
	{"429 with Retry-After", sdktest.Fault{Status: 429, RetryAfter: "2"}, true, jsonrpc.ErrHTTP,
		0},
	{"429 in an error object",
		sdktest.Fault{Error: &sdktest.Error{Code: 429, Message: "slow down"}},
		true, nil, 429},
	{"503", sdktest.Fault{Status: 503, Body: "<html>upstream is gone</html>"}, true,
		jsonrpc.ErrHTTP, 0},
	{"no answer", sdktest.Fault{Hang: true}, true, context.DeadlineExceeded, 0},
	{"JSON cut short", sdktest.Fault{Body: `{"jsonrpc":"2.0","id":1,"result":{"context":{"sl`},
		true, jsonrpc.ErrBadResponse, 0},
	{"the answer to another request",
		sdktest.Fault{Body: `{"jsonrpc":"2.0","id":987654321,"result":null}`}, true,
		jsonrpc.ErrIDMismatch, 0},
	{"node unhealthy",
		sdktest.Fault{Error: &sdktest.Error{Code: -32005,
			Message: "Node is behind by 42 slots"}},
		true, nil, -32005},
	{"403", sdktest.Fault{Status: 403, Body: "key expired"}, false, jsonrpc.ErrHTTP, 0},
	{"HTML instead of JSON", sdktest.Fault{Body: "<html>welcome</html>"}, true,
		jsonrpc.ErrBadResponse, 0},
	{"invalid parameters",
		sdktest.Fault{Error: &sdktest.Error{Code: -32602, Message: "Invalid param"}}, false,
		nil, -32602},
	{"null", sdktest.Fault{Result: json.RawMessage("null")}, true, jsonrpc.ErrNoResult, 0},
	{"without a value",
		sdktest.Fault{Result: json.RawMessage(`{"context":{"slot":342792000},"value":null}`)},
		true, sdk.ErrNoAnswer, 0},
	{"without a slot",
		sdktest.Fault{
			Result: json.RawMessage(
				`{"value":{"blockhash":"4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi","lastValidBlockHeight":9}}`,
			),
		},
		true, sdk.ErrNoAnswer, 0},
	{"another type", sdktest.Fault{Result: json.RawMessage(`{"context":{"slot":"x"}}`)}, true,
		jsonrpc.ErrBadResponse, 0},
}

// TestClient_Build_BlockhashFaults lets a read fail once, and then every time.
func TestClient_Build_BlockhashFaults(t *testing.T) {
	for _, c := range readFaults {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := demoNode(t)
				client, _ := connect(t, node, sdk.WithTimeout(5*time.Second))
				node.Fail("getLatestBlockhash", c.fault)
				q := quoted(t, client)
				_, err := client.Build(t.Context(), q,
					sdk.BuildOptions{Owner: owner, SkipSimulation: true})
				if c.recovers {
					require.NoError(t, err)
					require.Equal(t, 2, node.Calls("getLatestBlockhash"))
				} else {
					require.Error(t, err)
					require.Equal(t, 1, node.Calls("getLatestBlockhash"), "no second attempt")
				}

				node.ResetCounts()
				node.Fail("getLatestBlockhash", c.fault, c.fault, c.fault, c.fault)
				_, err = client.Build(t.Context(), q,
					sdk.BuildOptions{Owner: owner, SkipSimulation: true})
				requireLine(t, err)
				var refused *sdk.RPCError
				require.ErrorAs(t, err, &refused)
				require.Equal(t, "getLatestBlockhash", refused.Method)
				require.Equal(t, c.code, refused.Code)
				require.Equal(t, c.recovers, refused.Temporary())
				if c.want != nil {
					require.ErrorIs(t, err, c.want)
				}

				if c.recovers {
					require.Equal(t, 4, node.Calls("getLatestBlockhash"))
					require.Equal(t, 4, refused.Attempts)
				}
			})
		})
	}
}

// TestClient_Build_NodeBehind waits for a node that reports its lag and
// catches up.
func TestClient_Build_NodeBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node)
		q := quoted(t, client)
		for slot := range uint64(8) {
			node.Fail("getLatestBlockhash", sdktest.Fault{Error: &sdktest.Error{
				Code: -32016, Message: "Minimum context slot has not been reached",
				Data: fmt.Appendf(nil, `{"contextSlot":%d}`, 342792000-8+slot),
			}})
		}

		_, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, SkipSimulation: true})
		require.NoError(t, err)
		require.Equal(t, 9, node.Calls("getLatestBlockhash"))
	})
}

func TestClient_LoadMarket_RetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node)
		node.Fail("getMultipleAccounts", sdktest.Fault{Status: 429, RetryAfter: "7"})
		start := time.Now()
		_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, time.Since(start), 7*time.Second)
		require.Less(t, time.Since(start), 10*time.Second)
	})
}

func TestWithMaxAttempts_Limit(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node, sdk.WithMaxAttempts(1))
	node.Fail("getMultipleAccounts", sdktest.Fault{Status: 503}, sdktest.Fault{Status: 503})
	_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
	var refused *sdk.RPCError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, 503, refused.HTTPStatus)
	require.LessOrEqual(t, refused.Attempts, 1)
}

// TestClient_LoadMarket_MissingAccount uses a node without one of the pool's
// accounts. Other pools are not affected.
func TestClient_LoadMarket_MissingAccount(t *testing.T) {
	p := pool(t, "JitoSOL")
	for _, address := range []struct {
		name string
		at   func() (a [32]byte)
	}{
		{"pool", func() [32]byte { return p.Address }},
		{"mint", func() [32]byte { return p.State.PoolMint }},
		{"reserve", func() [32]byte { return p.State.ReserveStake }},
	} {
		node := demoNode(t)
		node.Remove(address.at())
		client, _ := connect(t, node)
		market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"), mint(t, "hubSOL"))
		require.NoError(t, err, address.name)
		_, err = market.Quote(stakeRequest(t, "JitoSOL", sol))
		require.ErrorIs(t, err, accounts.ErrNotFound, address.name)
		requireLine(t, err)
		_, err = market.Quote(stakeRequest(t, "hubSOL", sol))
		require.NoError(t, err)
	}

	node := demoNode(t)
	node.Remove(accounts.ClockSysvar)
	client, _ := connect(t, node)
	_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
	require.ErrorIs(t, err, accounts.ErrNotFound, "a market needs the clock")
	requireLine(t, err)
}
