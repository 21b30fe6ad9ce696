package sdktest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
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

// fake is a transaction as far as the node looks at it.
func fake(n byte) (raw []byte, signature solana.Signature) {
	signature = solana.Signature{n}
	return append(append([]byte{1}, signature[:]...), 0x80), signature
}

func encoded(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

func TestAccounts(t *testing.T) {
	node := sdktest.NewNode(100, 3, some)
	type account struct {
		Lamports   uint64
		Owner      solana.PublicKey
		Data       []string
		Space      int
		Executable bool
	}

	for _, c := range []struct {
		name  string
		slice any
		want  []byte
	}{
		{"all", nil, []byte{0, 1, 2, 3, 4}},
		{"beginning", object{"offset": 0, "length": 2}, []byte{0, 1}},
		{"middle", object{"offset": 3, "length": 1}, []byte{3}},
		{"beyond the end", object{"offset": 4, "length": 9}, []byte{4}},
		{"behind the end", object{"offset": 9, "length": 9}, []byte{}},
	} {
		slot, list := result[[]*account](t,
			ask(t, node, "getMultipleAccounts", []solana.PublicKey{nowhere, some.Address},
				object{"dataSlice": c.slice}))
		require.Equal(t, uint64(100), slot)
		require.Len(t, list, 2)
		require.Nil(t, list[0])
		require.Equal(t, &account{
			Lamports: 5,
			Owner:    some.Owner,
			Data:     []string{encoded(c.want), "base64"},
			Space:    5,
		}, list[1], c.name)
	}

	keys := make([]solana.PublicKey, 101)
	require.Equal(t, -32602, ask(t, node, "getMultipleAccounts", keys).Error.Code, "as a real node")
	require.Nil(t, ask(t, node, "getMultipleAccounts", keys[:100]).Error)

	a, ok := node.Account(some.Address)
	require.True(t, ok)
	require.Equal(t, some, a)
	node.Remove(some.Address)
	_, ok = node.Account(some.Address)
	require.False(t, ok)
	_, list := result[[]*account](t,
		ask(t, node, "getMultipleAccounts", []solana.PublicKey{some.Address}))
	require.Equal(t, []*account{nil}, list)
	node.Put(some)
	_, ok = node.Account(some.Address)
	require.True(t, ok)
}

func TestMinContextSlot(t *testing.T) {
	node := sdktest.NewNode(100, 3, some)
	raw, _ := fake(1)
	node.OnSend(func([]byte) *sdktest.Error { return nil })
	node.OnSimulate(func([]byte) sdktest.Simulation { return sdktest.Simulation{} })
	for method, params := range map[string][]any{
		"getMultipleAccounts": {[]solana.PublicKey{}}, "getLatestBlockhash": {},
		"simulateTransaction": {encoded(raw)}, "sendTransaction": {encoded(raw)},
	} {
		at := func(slot uint64) answer {
			return ask(t, node, method, append(params, object{"minContextSlot": slot})...)
		}
		require.Nil(t, at(100).Error, method)
		require.Equal(t, -32016, at(101).Error.Code, method)
	}

	node.Advance(1)
	require.Nil(t, ask(t, node, "getLatestBlockhash", object{"minContextSlot": 101}).Error)
}

func TestTime(t *testing.T) {
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

func TestNumbers(t *testing.T) {
	node := sdktest.NewNode(100, 3)
	_, minimum := result[uint64](t, ask(t, node, "getStakeMinimumDelegation"))
	require.Equal(t, uint64(1_000_000_000), minimum)
	node.SetMinimumDelegation(7)
	_, minimum = result[uint64](t, ask(t, node, "getStakeMinimumDelegation"))
	require.Equal(t, uint64(7), minimum)
	require.JSONEq(t, `[]`, string(ask(t, node, "getRecentPrioritizationFees").Result))
	node.SetFees(3, 1)
	require.JSONEq(t, `[{"slot":100,"prioritizationFee":3},{"slot":100,"prioritizationFee":1}]`,
		string(ask(t, node, "getRecentPrioritizationFees").Result))
	require.Equal(t, -32601, ask(t, node, "getBalance").Error.Code)
}

// TestScripts use the node themselves, as a test that lets a transaction land
// would.
func TestScripts(t *testing.T) {
	node := sdktest.NewNode(100, 3)
	raw, signature := fake(1)
	for _, method := range []string{"simulateTransaction", "sendTransaction"} {
		require.Equal(t, -32601, ask(t, node, method, encoded(raw)).Error.Code,
			"not without a script")
		require.Equal(t, -32602, ask(t, node, method, "%").Error.Code)
		require.Equal(t, -32602, ask(t, node, method, 5).Error.Code)
	}

	node.OnSimulate(func(got []byte) sdktest.Simulation {
		require.Equal(t, raw, got)
		node.Advance(1)
		return sdktest.Simulation{Err: `"AccountNotFound"`, Logs: []string{"a log"}, Units: 9}
	})

	slot, simulation := result[object](t, ask(t, node, "simulateTransaction", encoded(raw)))
	require.Equal(t, uint64(101), slot)
	require.Equal(t,
		object{"err": "AccountNotFound", "logs": []any{"a log"}, "accounts": nil,
			"unitsConsumed": 9.0},
		simulation)

	_, statuses := result[[]object](t,
		ask(t, node, "getSignatureStatuses", []solana.Signature{signature}))
	require.Equal(t, []object{nil}, statuses)
	require.Equal(t, "null", string(ask(t, node, "getTransaction", signature).Result))
	node.OnSend(func(got []byte) *sdktest.Error {
		require.Equal(t, raw, got)
		node.SetStatus(signature, sdktest.Status{
			Slot:         102,
			Confirmation: "confirmed",
			Err:          `{"InstructionError":[0,{"Custom":1}]}`,
			Logs:         []string{"x"},
			Units:        8,
			Fee:          7,
		})

		return nil
	})

	require.JSONEq(t, `"`+signature.String()+`"`,
		string(ask(t, node, "sendTransaction", encoded(raw)).Result))
	_, statuses = result[[]object](t,
		ask(t, node, "getSignatureStatuses", []solana.Signature{{9}, signature}))
	require.Nil(t, statuses[0])
	require.EqualValues(t, 102, statuses[1]["slot"])
	require.Equal(t, "confirmed", statuses[1]["confirmationStatus"])
	require.NotNil(t, statuses[1]["err"])
	var landed struct {
		Slot uint64
		Meta struct {
			Fee, ComputeUnitsConsumed uint64
			LogMessages               []string
		}
	}

	require.NoError(t, json.Unmarshal(ask(t, node, "getTransaction", signature).Result, &landed))
	require.Equal(t, uint64(102), landed.Slot)
	require.Equal(t, uint64(7), landed.Meta.Fee)
	require.Equal(t, uint64(8), landed.Meta.ComputeUnitsConsumed)
	require.Equal(t, []string{"x"}, landed.Meta.LogMessages)

	node.OnSend(func([]byte) *sdktest.Error {
		return sdktest.Preflight(`"BlockhashNotFound"`, "a log")
	})
	refused := ask(t, node, "sendTransaction", encoded(raw)).Error
	require.Equal(t, -32002, refused.Code)
	require.JSONEq(t, `{"err":"BlockhashNotFound","logs":["a log"]}`, string(refused.Data))
}

func TestFaultsComeInOrder(t *testing.T) {
	node := sdktest.NewNode(100, 3)
	own := &sdktest.Error{Code: -1, Message: "own"}
	node.Fail("getEpochInfo", sdktest.Fault{Pass: true}, sdktest.Fault{Error: own},
		sdktest.Fault{Result: json.RawMessage(`5`)})
	node.Fail("*", sdktest.Fault{Status: 429, RetryAfter: "3", Body: "slow down"},
		sdktest.Fault{Body: "no JSON"})
	require.Nil(t, ask(t, node, "getEpochInfo").Error, "let through")
	require.Equal(t, own, ask(t, node, "getEpochInfo").Error)
	require.Equal(t, "5", string(ask(t, node, "getEpochInfo").Result))
	response, text := post(t, node, "http://node.invalid", "getEpochInfo")
	require.Equal(t, 429, response.StatusCode)
	require.Equal(t, "3", response.Header.Get("Retry-After"))
	require.Equal(t, "slow down\n", string(text))
	_, text = post(t, node, "http://node.invalid", "getStakeMinimumDelegation")
	require.Equal(t, "no JSON", string(text), "the faults of all methods")
	require.Nil(t, ask(t, node, "getEpochInfo").Error, "no faults are left")
}

func TestHangEndsWithTheContext(t *testing.T) {
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

func TestNoJSON(t *testing.T) {
	node := sdktest.NewNode(100, 3)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://node.invalid",
		strings.NewReader("hello"))
	require.NoError(t, err)
	response, err := node.Do(r)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, response.StatusCode)
}

func TestCountsAndRounds(t *testing.T) {
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

// TestHTTPIsTheSame asks the same within the process and over HTTP.
func TestHTTPIsTheSame(t *testing.T) {
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

	require.Error(t, err, "nobody listens any more")
}

func TestDemo(t *testing.T) {
	client, err := demoNode(t).Client()
	require.NoError(t, err)
	jito, err := client.Registry().Lookup("jitoSOL")
	require.NoError(t, err)
	market, err := client.LoadMarket(t.Context(), jito.Mint)
	require.NoError(t, err)
	require.Equal(t, uint64(793), market.Clock().Epoch)
	require.Equal(t, uint64(342792000), market.Slot())
	_, err = demoNode(t).Client(sdk.WithCommitment("nonsense"))
	require.Error(t, err, "own options count")
}
