package sdktest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

var (
	some = accounts.Account{
		Address:  solana.PublicKey{1},
		Owner:    accounts.SystemProgram,
		Lamports: 5,
		Data:     []byte{0, 1, 2, 3, 4},
	}
	nowhere = solana.PublicKey{2}
)

// fake returns bytes that the node accepts as a transaction.
func fake(n byte) (raw []byte, signature solana.Signature) {
	signature = solana.Signature{n}
	return append(append([]byte{1}, signature[:]...), 0x80), signature
}

func encoded(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

func TestNode_Advance(t *testing.T) {
	node := sdktest.NewNode(100, 3)
	type latest struct {
		Blockhash            solana.Hash
		LastValidBlockHeight uint64
	}

	_, first := result[latest](t, ask(t, node, "getLatestBlockhash"))
	_, again := result[latest](t, ask(t, node, "getLatestBlockhash"))
	require.Equal(t, first, again)
	require.Equal(t, uint64(250), first.LastValidBlockHeight)
	node.Advance(10)
	slot, later := result[latest](t, ask(t, node, "getLatestBlockhash"))
	require.Equal(t, uint64(110), slot)
	require.NotEqual(t, first.Blockhash, later.Blockhash)
	require.Equal(t, uint64(260), later.LastValidBlockHeight)
	var info struct{ AbsoluteSlot, BlockHeight, Epoch uint64 }
	require.NoError(t, json.Unmarshal(ask(t, node, "getEpochInfo").Result, &info))
	require.Equal(t, struct{ AbsoluteSlot, BlockHeight, Epoch uint64 }{110, 110, 3}, info)
}

func TestNode_FaultOrder(t *testing.T) {
	node := sdktest.NewNode(100, 3)
	own := &sdktest.Error{Code: -1, Message: "own"}
	node.Fail("getEpochInfo", sdktest.Fault{Pass: true}, sdktest.Fault{Error: own},
		sdktest.Fault{Result: json.RawMessage(`5`)})
	node.Fail("*", sdktest.Fault{Status: 429, RetryAfter: "3", Body: "slow down"},
		sdktest.Fault{Body: "no JSON"})
	require.Nil(t, ask(t, node, "getEpochInfo").Error, "the first fault passes")
	require.Equal(t, own, ask(t, node, "getEpochInfo").Error)
	require.Equal(t, "5", string(ask(t, node, "getEpochInfo").Result))
	response, text := post(t, node, "http://node.invalid", "getEpochInfo")
	require.Equal(t, 429, response.StatusCode)
	require.Equal(t, "3", response.Header.Get("Retry-After"))
	require.Equal(t, "slow down\n", string(text))
	_, text = post(t, node, "http://node.invalid", "getStakeMinimumDelegation")
	require.Equal(t, "no JSON", string(text), "faults of all methods apply")
	require.Nil(t, ask(t, node, "getEpochInfo").Error, "no faults are left")
}

func TestNode_HangEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := sdktest.NewNode(100, 3)
		node.Fail("getEpochInfo", sdktest.Fault{Hang: true})
		node.SetLatency(time.Second)
		for _, wait := range []time.Duration{5 * time.Second, 300 * time.Millisecond} {
			ctx, cancel := context.WithTimeout(t.Context(), wait)
			start := time.Now()
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://node.invalid",
				strings.NewReader(`{"id":1,"method":"getEpochInfo"}`))
			require.NoError(t, err)
			_, err = node.Do(r)
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, wait, time.Since(start))
		}

		require.Nil(t, ask(t, node, "getEpochInfo").Error)
	})
}

func TestNode_InvalidRequest(t *testing.T) {
	node := sdktest.NewNode(100, 3)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://node.invalid",
		strings.NewReader("hello"))
	require.NoError(t, err)
	response, err := node.Do(r)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, response.StatusCode)
}

func TestNode_Counts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := sdktest.NewNode(100, 3)
		node.SetLatency(30 * time.Millisecond)
		together := func(methods ...string) {
			var group sync.WaitGroup
			for _, m := range methods {
				group.Go(func() { ask(t, node, m) })
			}

			group.Wait()
		}

		start := time.Now()
		together("getEpochInfo", "getEpochInfo", "getLatestBlockhash")
		together("getEpochInfo")
		require.Equal(t, 60*time.Millisecond, time.Since(start))
		require.Equal(t, 2, node.Rounds())
		require.Equal(t, 3, node.Calls("getEpochInfo"))
		require.Equal(t, 1, node.Calls("getLatestBlockhash"))
		require.Equal(t, 4, node.Calls("*"))
		require.Zero(t, node.Calls("getBalance"))
		node.ResetCounts()
		require.Zero(t, node.Rounds())
		require.Zero(t, node.Calls("*"))
	})
}

// TestNode_ListenAnswersAlike sends the same requests within the process and
// over HTTP.
func TestNode_ListenAnswersAlike(t *testing.T) {
	node := demoNode(t)
	endpoint, stop, err := node.Listen()
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	raw, signature := fake(1)
	node.SetStatus(signature, sdktest.Status{Slot: 1, Confirmation: "finalized"})
	node.OnSend(func([]byte) *sdktest.Error { return nil })
	for method, params := range map[string][]any{
		"getMultipleAccounts":  {[]solana.PublicKey{accounts.ClockSysvar, nowhere}},
		"getLatestBlockhash":   {},
		"getEpochInfo":         {},
		"getSignatureStatuses": {[]solana.Signature{signature}},
		"sendTransaction":      {encoded(raw)},
		"getBalance":           {},
	} {
		in, want := post(t, node, endpoint, method, params...)
		over, got := post(t, client, endpoint, method, params...)
		require.Equal(t, in.StatusCode, over.StatusCode)
		require.JSONEq(t, string(want), string(got))
		require.Equal(t, in.Header.Get("Content-Type"), over.Header.Get("Content-Type"))
	}

	node.Fail("*", sdktest.Fault{Status: 503}, sdktest.Fault{Status: 503})
	in, _ := post(t, node, endpoint, "getEpochInfo")
	over, _ := post(t, client, endpoint, "getEpochInfo")
	require.Equal(t, in.StatusCode, over.StatusCode)

	require.NoError(t, stop())
	client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint,
		strings.NewReader("{}"))
	require.NoError(t, err)
	response, err := client.Do(r)
	if err == nil {
		response.Body.Close()
	}

	require.Error(t, err, "the server is closed")
}

// TestNode_CloseLeavesNoGoroutine closes a node during a request that hangs.
func TestNode_CloseLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	node := sdktest.NewNode(100, 3)
	endpoint, stop, err := node.Listen()
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	post(t, client, endpoint, "getEpochInfo")
	node.Fail("getEpochInfo", sdktest.Fault{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint,
			strings.NewReader(`{"id":1,"method":"getEpochInfo"}`))
		if err == nil {
			var response *http.Response
			if response, err = client.Do(r); err == nil {
				response.Body.Close()
			}
		}

		ended <- err
	}()

	until(t, func() bool { return node.Calls("getEpochInfo") == 2 })
	require.NoError(t, stop())
	require.Error(t, <-ended)
	client.CloseIdleConnections()
	until(t, func() bool { return runtime.NumGoroutine() <= before })
}

// until waits for a condition. require.Eventually would start a goroutine,
// which would count.
func until(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "%d goroutines", runtime.NumGoroutine())
	}
}
