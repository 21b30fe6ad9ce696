package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

const latency = 30 * time.Millisecond

// TestClient_LoadMarket_TwoRounds counts rounds of requests. The latency of the
// node makes concurrent requests overlap.
func TestClient_LoadMarket_TwoRounds(t *testing.T) {
	for _, c := range []struct {
		name  string
		mints []solana.PublicKey
		pin   bool
	}{
		{"one token", []solana.PublicKey{mint(t, "JitoSOL")}, true},
		{"all tokens", allMints(t), true},
		{"all tokens, builds unknown", allMints(t), false},
		{"SOL alone", []solana.PublicKey{accounts.NativeMint}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := demoNode(t)
				node.SetLatency(latency)
				client, _ := connect(t, node)
				if !c.pin {
					client, _ = unpinned(t, node)
				}

				start := time.Now()
				market, err := client.LoadMarket(t.Context(), c.mints...)
				require.NoError(t, err)
				require.Equal(t, 2*latency, time.Since(start))
				require.Equal(t, 2, node.Rounds())
				// One request per length and round, since the tokens need fewer
				// than 100 accounts of each length.
				require.LessOrEqual(t, node.Calls("getMultipleAccounts"), 5)
				require.Equal(t, 1, node.Calls("getStakeMinimumDelegation"))
				optional := node.Calls("getRecentPerformanceSamples") + node.Calls("getSlot")
				require.Equal(t, 3, optional, "getSlot for two commitments")
				require.Equal(t, node.Calls("getMultipleAccounts")+1+optional, node.Calls("*"))
				require.Equal(t, uint64(342792000), market.Slot())
			})
		})
	}
}

func TestClient_LoadMarket_OverHTTP(t *testing.T) {
	node := demoNode(t)
	endpoint, stop, err := node.Listen()
	require.NoError(t, err)
	defer func() { require.NoError(t, stop()) }()
	client, err := sdk.New(endpoint)
	require.NoError(t, err)
	market, err := client.LoadMarket(t.Context(), allMints(t)...)
	require.NoError(t, err)
	q, err := market.Quote(stakeRequest(t, "JitoSOL", 1_500_000_000))
	require.NoError(t, err)
	require.Equal(t, uint64(1_244_054_262), q.Out)
}

func TestClient_LoadMarket_QuotesAllTokens(t *testing.T) {
	client, _ := connect(t, demoNode(t))
	market, err := client.LoadMarket(t.Context(), append(allMints(t), accounts.NativeMint)...)
	require.NoError(t, err)
	require.Len(t, market.Tokens(), len(allMints(t)))
	for _, to := range allMints(t) {
		r := stakeRequest(t, "JitoSOL", 1_500_000_000)
		r.To = to
		q, err := market.Quote(r)
		if to == mint(t, "phaseSOL") {
			require.ErrorIs(t, err, quote.ErrStalePool)
			continue
		}

		require.NoError(t, err)
		require.True(t, q.Exact)
	}
}

func TestClient_LoadMarket_UnknownToken(t *testing.T) {
	client, wire := connect(t, demoNode(t))
	_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"), solana.PublicKey{1})
	require.ErrorIs(t, err, lst.ErrUnknownLST)
	requireLine(t, err)
	require.Empty(t, wire.calls, "no requests")
}

func TestClient_LoadMarket_Requests(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node, sdk.WithCommitment("finalized"))
	_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
	require.NoError(t, err)
	calls := wire.of("getMultipleAccounts")
	second, slices := 0, 0
	for i, c := range calls {
		o := c.options()
		require.Equal(t, "finalized", o.Commitment)
		require.Equal(t, "base64", o.Encoding)
		if secondRound(c) {
			require.Equal(t, uint64(342792000), *o.MinContextSlot, "no older than the first round")
			second++
		} else {
			require.Zero(t, second, "request %d of the first round comes after the second", i)
		}

		if o.DataSlice != nil {
			slices++
		}
	}

	require.Positive(t, second)
	require.Positive(t, slices, "only the start of the validator list")
	require.Equal(t, "finalized", wire.of("getStakeMinimumDelegation")[0].options().Commitment)
}

// TestClient_LoadMarket_ManyTokens loads more accounts than fit into one
// request.
func TestClient_LoadMarket_ManyTokens(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node)
	var mints []solana.PublicKey
	for _, token := range lst.Default().All() {
		if token.Kind.IsStakePool() && len(mints) < 120 {
			mints = append(mints, token.Mint)
		}
	}

	require.Len(t, mints, 120)
	market, err := client.LoadMarket(t.Context(), append(mints, mint(t, "JitoSOL"))...)
	require.NoError(t, err)
	_, err = market.Quote(stakeRequest(t, "JitoSOL", sol))
	require.NoError(t, err)
	asked := 0
	for _, c := range wire.of("getMultipleAccounts") {
		var keys []solana.PublicKey
		require.NoError(t, json.Unmarshal(c.Params[0], &keys))
		require.LessOrEqual(t, len(keys), 100)
		asked += len(keys)
	}

	require.Greater(t, asked, 300)
}

// logs collects log records.
type logs struct {
	mu    sync.Mutex
	lines []string
}

func (l *logs) Enabled(context.Context, slog.Level) bool { return true }
func (l *logs) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logs) WithGroup(string) slog.Handler            { return l }
func (l *logs) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += fmt.Sprintf(" %s=%v", a.Key, a.Value); return true })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	return nil
}

func TestClient_LoadMarket_MinimumDelegation(t *testing.T) {
	const assumed = "the node does not tell the minimum delegation assumed=1000000000"
	four := func(f sdktest.Fault) []sdktest.Fault { return []sdktest.Fault{f, f, f, f} }
	for _, c := range []struct {
		name    string
		faults  []sdktest.Fault
		assumed bool
	}{
		{"told", nil, false},
		{"method missing",
			[]sdktest.Fault{{Error: &sdktest.Error{Code: -32601, Message: "Method not found"}}},
			true},
		{"not on the plan",
			[]sdktest.Fault{{Status: 400,
				Body: `{"error":{"code":-32602,"message":"not on your plan"}}`}},
			true},
		{"blocked by a proxy", []sdktest.Fault{{Status: 403, Body: "method not allowed"}}, true},
		{"null", four(sdktest.Fault{Result: json.RawMessage("null")}), true},
		{"without a value",
			four(sdktest.Fault{Result: json.RawMessage(`{"context":{"slot":342792000}}`)}), true},
		{"told at the second try", []sdktest.Fault{{Status: 503}}, false},
		{"node overloaded", four(sdktest.Fault{Status: 503}), true},
		{"node silent", four(sdktest.Fault{Hang: true}), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := demoNode(t)
				node.Fail("getStakeMinimumDelegation", c.faults...)
				var l logs
				client, _ := connect(t, node, sdk.WithLogger(slog.New(&l)))
				start := time.Now()
				_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
				require.NoError(t, err, "the market loads")
				require.Less(t, time.Since(start), 2*time.Second, "without waiting")
				require.Equal(t, c.assumed, strings.Contains(strings.Join(l.lines, "\n"), assumed),
					l.lines)
			})
		})
	}
}

func TestClient_LoadMarket_MalformedAccounts(t *testing.T) {
	const value = `{"lamports":1,"owner":"11111111111111111111111111111111","executable":false,"data":%s}`
	answer := func(values ...string) json.RawMessage {
		return json.RawMessage(`{"context":{"slot":342792000},"value":[` + strings.Join(values,
			",") +
			`]}`)
	}

	full := func(data string) json.RawMessage {
		v := fmt.Sprintf(value, data)
		return answer(v, v, v, v, v, v)
	}

	for _, c := range []struct {
		name   string
		result json.RawMessage
		want   error
	}{
		{"compressed", full(`["KLUv/QBYAQAA","base64+zstd"]`), sdk.ErrBadAccount},
		{"base58", full(`["11","base58"]`), sdk.ErrBadAccount},
		{"without encoding", full(`["AA=="]`), sdk.ErrBadAccount},
		{"not base64 at all", full(`["%%%","base64"]`), sdk.ErrBadAccount},
		{"parsed", full(`{"program":"stake"}`), jsonrpc.ErrBadResponse},
		{"too few", answer("null"), sdk.ErrBadAccount},
		{"too many", answer("null", "null", "null", "null", "null", "null", "null", "null"),
			sdk.ErrBadAccount},
		{"none", json.RawMessage(`{"context":{"slot":342792000}}`), sdk.ErrBadAccount},
		{"null", json.RawMessage("null"), jsonrpc.ErrNoResult},
		{"bad owner", answer(strings.Repeat(`{"owner":"x"},`, 5) + `{"owner":"x"}`),
			jsonrpc.ErrBadResponse},
		{"an array", json.RawMessage("[]"), jsonrpc.ErrBadResponse},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := demoNode(t)
				f := sdktest.Fault{Result: c.result}
				client, _ := connect(t, node)
				// All attempts of both requests of the first round. The one for
				// the list requests a single account.
				node.Fail("getMultipleAccounts", f, f, f, f, f, f, f, f)
				_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
				require.ErrorIs(t, err, c.want)
				requireLine(t, err)
			})
		})
	}
}

func TestClient_LoadMarket_SlotSpread(t *testing.T) {
	for _, c := range []struct {
		advance uint64
		want    error
	}{{0, nil}, {64, nil}, {65, sdk.ErrSlotSpread}} {
		node := demoNode(t)
		client, wire := connect(t, node)
		wire.before = func(c0 call) {
			if secondRound(c0) {
				node.Advance(c.advance)
			}
		}

		market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.ErrorIs(t, err, c.want)
		if c.want == nil {
			require.Equal(t, 342792000+c.advance, market.Slot())
			continue
		}

		requireLine(t, err)
	}
}

func TestClient_LoadMarket_EpochChange(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node)
	wire.before = func(c call) {
		if !secondRound(c) {
			return
		}

		a, _ := node.Account(accounts.ClockSysvar)
		clock, err := accounts.DecodeClock(a)
		if err == nil {
			clock.Epoch++
			a.Data = clock.Encode()
			node.Put(a)
		}
	}

	_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
	require.ErrorIs(t, err, sdk.ErrEpochChanged)
	requireLine(t, err)
	wire.before = nil
	market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
	require.NoError(t, err, "a second load succeeds")
	require.Equal(t, uint64(794), market.Clock().Epoch)
}

func TestClient_LoadMarket_ContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		for range 20 {
			node.Fail("*", sdktest.Fault{Hang: true})
		}

		client, _ := connect(t, node)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		_, err := client.LoadMarket(ctx, mint(t, "JitoSOL"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(start))
		requireLine(t, err)
	})
}
