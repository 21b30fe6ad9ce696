package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// pair returns a client of two nodes and the requests to each.
func pair(t *testing.T, opts ...sdk.Option) (client *sdk.Client, first, second *tap) {
	t.Helper()
	first, second = &tap{node: demoNode(t)}, &tap{node: demoNode(t)}
	opts = append([]sdk.Option{sdk.WithHTTPClient(first),
		sdk.WithFallback("https://second.test", sdk.WithHTTPClient(second))},
		opts...)
	client, err := first.node.Client(opts...)
	require.NoError(t, err)
	return client, first, second
}

func TestWithFallback_Refusals(t *testing.T) {
	for _, c := range []struct {
		name string
		opts []sdk.Option
	}{
		{"no URL", []sdk.Option{sdk.WithFallback("")}},
		{"bad URL", []sdk.Option{sdk.WithFallback("ftp://node.example/" + secret)}},
		{"the same again", []sdk.Option{sdk.WithFallback("https://node.example/" + secret)}},
		{"the same twice",
			[]sdk.Option{sdk.WithFallback("https://other.example/" + secret),
				sdk.WithFallback("https://other.example/" + secret)}},
		{"bad option",
			[]sdk.Option{sdk.WithFallback("https://other.example", sdk.WithTimeout(-1))}},
		{"limit without a burst",
			[]sdk.Option{sdk.WithFallback("https://other.example", sdk.WithRateLimit(5, 0))}},
		{"own transport",
			[]sdk.Option{sdk.WithTransport(new(transport)),
				sdk.WithFallback("https://other.example")}},
	} {
		client, err := sdk.New("https://node.example/"+secret, c.opts...)
		require.Nil(t, client, c.name)
		requireLine(t, err)
		require.NotContains(t, err.Error(), secret)
	}
}

// TestWithFallback_Options checks that a key goes to its own provider only, and
// that other options of the client apply to the fallback.
func TestWithFallback_Options(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		var mu sync.Mutex
		headers := make(map[string]http.Header)
		var calls atomic.Int32
		at := doer(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			headers[r.URL.Host] = r.Header.Clone()
			mu.Unlock()
			calls.Add(1)
			if r.URL.Host != "third.test" {
				return nil, io.ErrUnexpectedEOF
			}

			return node.Do(r)
		})

		client, err := sdk.New("https://user:pass@first.test", sdk.WithHTTPClient(at),
			sdk.WithHeader("X-Key", "one"), sdk.WithRateLimit(1, 1),
			sdk.WithFallback("https://second.test"),
			sdk.WithFallback("https://third.test", sdk.WithHeader("X-Other", "three"),
				sdk.WithRateLimit(100, 100)))

		require.NoError(t, err)
		start := time.Now()
		_, err = client.RPC().GetEpochInfo(t.Context(), rpc.CommitmentConfirmed)
		require.NoError(t, err)
		require.Zero(t, time.Since(start), "each endpoint has its own limit")
		require.Equal(t, "one", headers["first.test"].Get("X-Key"))
		require.NotEmpty(t, headers["first.test"].Get("Authorization"))
		require.Empty(t, headers["second.test"].Get("X-Key")+headers["third.test"].Get("X-Key"))
		require.Empty(t,
			headers["second.test"].Get("Authorization")+headers["third.test"].Get("Authorization"))
		require.Equal(t, "three", headers["third.test"].Get("X-Other"))
		calls.Store(0)
		for range 50 {
			_, err = client.RPC().GetEpochInfo(t.Context(), rpc.CommitmentConfirmed)
			require.NoError(t, err)
		}

		require.Zero(t, time.Since(start))
		require.Equal(t, int32(50), calls.Load(), "the other endpoint rests")
		require.NoError(t, client.Close())
	})
}

// TestWithFallback_RestByClock checks that rests are measured by the client's
// clock.
func TestWithFallback_RestByClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := sdktest.NewClock(time.Unix(1_750_000_000, 0), nil)
		client, first, second := pair(t, sdk.WithClock(clock))
		first.node.Fail("getEpochInfo", sdktest.Fault{Status: 503})
		ask := func(atFirst, atSecond int) {
			t.Helper()
			_, err := client.RPC().GetEpochInfo(t.Context(), rpc.CommitmentConfirmed)
			require.NoError(t, err)
			require.Len(t, first.of("getEpochInfo"), atFirst)
			require.Len(t, second.of("getEpochInfo"), atSecond)
		}

		ask(1, 1)
		time.Sleep(time.Hour)
		ask(1, 2)
		clock.After(time.Second)
		ask(2, 2)
	})
}

// TestClient_LoadMarket_NeverOlder checks that a later market is not older than
// an earlier one, whichever node answers.
func TestClient_LoadMarket_NeverOlder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, first, second := pair(t)
		first.node.Advance(10)
		market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.NoError(t, err)
		require.Equal(t, uint64(342792010), market.Slot())
		for _, c := range first.of("getMultipleAccounts")[:2] {
			require.Nil(t, c.options().MinContextSlot, "no slot is known yet")
		}

		require.Empty(t, second.of("getMultipleAccounts"))

		// The first node is down, and the second lags ten slots: its answers
		// are too old.
		down := sdktest.Fault{Status: 503}
		first.node.Fail("*", down, down, down, down, down, down, down, down, down, down, down, down,
			down, down, down, down, down, down, down, down)
		_, err = client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.ErrorIs(t, err, sdk.ErrNodeBehind)
		requireLine(t, err)
		require.Contains(t, err.Error(), "slot 342792010 was seen before")
		require.Contains(t, err.Error(), "https://second.test: code -32016")
		require.Contains(t, err.Error(), "http://node.invalid: http 503")
		for _, c := range second.of("getMultipleAccounts") {
			require.Equal(t, uint64(342792010), *c.options().MinContextSlot)
		}

		// Now the second node has caught up.
		second.node.Advance(11)
		market, err = client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.NoError(t, err)
		require.Equal(t, uint64(342792011), market.Slot())
	})
}

// TestClient_LoadMarket_MinContextSlotIgnored uses a node that ignores
// minContextSlot.
func TestClient_LoadMarket_MinContextSlotIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, first, second := pair(t)
		q := quoted(t, client)
		old := sdktest.Fault{
			Result: json.RawMessage(
				`{"context":{"slot":342791999},"value":{"blockhash":"4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi","lastValidBlockHeight":9}}`,
			),
		}

		first.node.Fail("getLatestBlockhash", old, old, old, old)
		u, err := client.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, SkipSimulation: true})
		require.NoError(t, err)
		require.Equal(t, uint64(342792000), u.Lifetime().Slot)
		require.Len(t, second.of("getLatestBlockhash"), 1)

		alone, _ := connect(t, first.node, sdk.WithMaxAttempts(1))
		first.node.Fail("getLatestBlockhash", old, old, old, old)
		_, err = alone.Build(t.Context(), q, sdk.BuildOptions{Owner: owner, SkipSimulation: true})
		require.ErrorIs(t, err, sdk.ErrNodeBehind)
		requireLine(t, err)
		require.Contains(t, err.Error(), "342791999 instead of 342792000")
	})
}

// TestClient_LoadMarket_PartsFarApart loads parts of a market from nodes far
// apart. The parts of the node that lags are requested again from the other
// node.
func TestClient_LoadMarket_PartsFarApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, first, second := pair(t)
		second.node.Advance(100)
		// The first node fails one of the concurrent requests of the first
		// round, which then goes to the second node.
		first.node.SetLatency(10 * time.Millisecond)
		first.node.Fail("getMultipleAccounts", sdktest.Fault{Status: 503})
		market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.NoError(t, err)
		require.Equal(t, uint64(342792100), market.Slot())
		asked := second.of("getMultipleAccounts")
		require.Greater(t, len(asked), 1)
		require.Nil(t, asked[0].options().MinContextSlot)
		for _, c := range asked[1:] {
			require.Equal(t, uint64(342792100), *c.options().MinContextSlot)
		}
	})
}

// TestClient_LoadMarket_SlotFarAhead checks that a single answer from too high
// a slot is requested again, from the other node or the same one, and has no
// lasting effect. A repeated one is believed in the end: the node stood still
// before.
func TestClient_LoadMarket_SlotFarAhead(t *testing.T) {
	far := farAheadWith("getMultipleAccounts")
	for _, setup := range []struct {
		name     string
		fallback bool
		first    bool // it is the very first answer
		lasting  bool
	}{
		{"one node", false, false, false}, {"two nodes", true, false, false},
		{"one node, the first answer", false, true, false},
		{"two nodes, lasting", true, false, true}, {"one node, lasting", false, false, true},
	} {
		t.Run(setup.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chain := newChain(t)
				fault := far
				if !setup.lasting {
					fault = once("getMultipleAccounts", far)
				}

				confused := &faulty{chain: chain, fault: fault, on: setup.first}
				opts := []sdk.Option{sdk.WithHTTPClient(confused)}
				if setup.fallback {
					opts = append(opts,
						sdk.WithFallback("https://second.test", sdk.WithHTTPClient(chain)))
				}

				client, err := sdk.New("https://first.test", opts...)
				require.NoError(t, err)
				load := func() uint64 {
					market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
					require.NoError(t, err)
					return market.Slot()
				}

				near := func(slot uint64) {
					t.Helper()
					require.InDelta(t, demoSlot, slot, 200)
				}

				near(load())
				confused.on = true
				if setup.lasting && !setup.fallback {
					confused.on = false
					chain.node.Advance(50_000_000)
					require.Greater(t, load(), uint64(392792000))
					return
				}

				for range 3 {
					near(load())
					time.Sleep(time.Second)
				}

				confused.on = false
				near(load())
			})
		})
	}
}

// TestWithFallback_RateLimited checks that calls leave a rate-limited endpoint
// immediately, and that it rests for a second.
func TestWithFallback_RateLimited(t *testing.T) {
	for name, fault := range map[string]faultFunc{"429": answers(429, ""),
		"in a code of its own": rpcError(-32429, "no")} {
		synctest.Test(t, func(t *testing.T) {
			chain := newChain(t)
			limited := &faulty{chain: chain, fault: fault, on: true}
			client, err := sdk.New("https://first.test", sdk.WithHTTPClient(limited),
				sdk.WithFallback("https://second.test", sdk.WithHTTPClient(chain)))
			require.NoError(t, err)
			start := time.Now()
			_, _, err = client.Stake(t.Context(), mint(t, "JitoSOL"), sol,
				sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner}})
			require.NoError(t, err, name)
			require.Zero(t, time.Since(start), name)
			t.Logf("%s: %d requests", name, limited.n)
			// How many are under way before the first answer depends on
			// the scheduler: 2 to 20. Four attempts at each would be more.
			require.LessOrEqual(t, limited.n, 24,
				"the concurrent ones, each with a request for the genesis hash")
		})
	}
}

// TestWithFallback_AnotherCluster checks that a fallback on another cluster is
// used at most once and has no lasting effect. The error names its host.
func TestWithFallback_AnotherCluster(t *testing.T) {
	down := func(*faulty, call, *http.Request) (*http.Response, error) {
		return nil, io.ErrUnexpectedEOF
	}
	for _, met := range []string{"the first is down later", "the first is down at first"} {
		t.Run(met, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chain := newChain(t)
				first := &faulty{chain: chain, fault: down, on: met == "the first is down at first"}
				other := demoNode(t)
				other.SetGenesis(solana.MustHashFromBase58(devnet))
				other.Advance(50_000_000)
				client, err := sdk.New("https://first.test", sdk.WithHTTPClient(first),
					sdk.WithFallback("https://other.test/"+secret, sdk.WithHTTPClient(other)))
				require.NoError(t, err)
				_, err = client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
				require.NoError(t, err, "no genesis hash to compare with while the first is down")
				first.on = !first.on
				_, err = client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
				if first.on {
					require.ErrorIs(t, err, sdk.ErrWrongCluster)
					require.ErrorContains(t, err, "https://other.test: ")
					require.NotContains(t, err.Error(), secret)
					requireLine(t, err)
					first.on = false
				}

				time.Sleep(time.Minute)
				market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
				require.NoError(t, err)
				require.InDelta(t, demoSlot, market.Slot(), 200)
			})
		})
	}

	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node, sdk.WithGenesisHash(solana.MustHashFromBase58(devnet)))
		_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.ErrorIs(t, err, sdk.ErrWrongCluster, "a single endpoint is checked")
		require.Empty(t, node.Calls("sendTransaction"))
	})
}

// TestWithFallback_MinimumDelegation checks that nodes without the minimum
// delegation cause no failure.
func TestWithFallback_MinimumDelegation(t *testing.T) {
	unknown := sdktest.Fault{Error: &sdktest.Error{Code: -32601, Message: "method not found"}}
	down := sdktest.Fault{Status: 503}
	for _, faults := range [][2]sdktest.Fault{{unknown, unknown}, {unknown, down}, {down, unknown},
		{down, down}} {
		synctest.Test(t, func(t *testing.T) {
			client, first, second := pair(t)
			for range 4 {
				first.node.Fail("getStakeMinimumDelegation", faults[0])
				second.node.Fail("getStakeMinimumDelegation", faults[1])
			}

			_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
			require.NoError(t, err)
		})
	}
}

// TestClient_Send_AllEndpoints checks that the same bytes go to all nodes that
// do not rest.
func TestClient_Send_AllEndpoints(t *testing.T) {
	refused := func(reason string) func([]byte) *sdktest.Error {
		return func([]byte) *sdktest.Error { return sdktest.Preflight(`"` + reason + `"`) }
	}
	takes := func([]byte) *sdktest.Error { return nil }
	malformed := func([]byte) *sdktest.Error {
		return &sdktest.Error{Code: -32602, Message: "invalid transaction: too large"}
	}
	for _, c := range []struct {
		name          string
		first, second func([]byte) *sdktest.Error
		fault         sdktest.Fault // at the first node
		want          error
	}{
		{"both take it", takes, takes, sdktest.Fault{}, nil},
		{"one refuses", refused("AccountNotFound"), takes, sdktest.Fault{}, nil},
		{"both refuse", refused("AccountNotFound"), refused("BlockhashNotFound"), sdktest.Fault{},
			sdk.ErrNotSent},
		{"malformed to both", malformed, malformed, sdktest.Fault{}, sdk.ErrTransactionRejected},
		{"malformed to one, refused by the other", malformed, refused("AccountNotFound"),
			sdktest.Fault{}, sdk.ErrNotSent},
		{"malformed to one", malformed, takes, sdktest.Fault{}, nil},
		{"one hangs, malformed to the other", takes, malformed, sdktest.Fault{Hang: true},
			sdk.ErrUncertain},
		{"one is down, malformed to the other", takes, malformed, sdktest.Fault{Status: 503},
			sdk.ErrUncertain},
		{"one hangs", takes, takes, sdktest.Fault{Hang: true}, nil},
		{"one hangs, one refuses", takes, refused("AccountNotFound"), sdktest.Fault{Hang: true},
			sdk.ErrUncertain},
		{"one is down, one refuses", takes, refused("AccountNotFound"), sdktest.Fault{Status: 503},
			sdk.ErrUncertain},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, first, second := pair(t)
				s := signed(t, client)
				first.node.OnSend(c.first)
				second.node.OnSend(c.second)
				if c.want == nil {
					first.node.SetStatus(s.Signature(), landed(7))
					second.node.SetStatus(s.Signature(), landed(7))
				}

				if c.fault.Hang || c.fault.Status != 0 {
					first.node.Fail("sendTransaction", c.fault)
				}

				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
				defer cancel()
				start := time.Now()
				receipt, err := client.Send(ctx, s)
				require.ErrorIs(t, err, c.want)
				require.Equal(t, s.Signature(), receipt.Signature)
				if c.want == nil {
					require.Less(t, time.Since(start), 2*time.Second,
						"no wait for the endpoint that hangs")
				} else {
					requireLine(t, err)
				}

				for _, w := range []*tap{first, second} {
					require.NotEmpty(t, w.of("sendTransaction"))
					for _, sent := range w.of("sendTransaction") {
						require.Equal(t, s.Raw(), message64(sent))
						require.Equal(t, uint64(342792000), *sent.options().MinContextSlot)
					}
				}
			})
		})
	}
}

// TestClient_NoGoroutineLeft trades over real connections that fail in various
// ways, and counts goroutines.
func TestClient_NoGoroutineLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	for name, hit := range map[string]func(http.ResponseWriter, call) bool{
		"503": func(w http.ResponseWriter, _ call) bool {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		},
		"cut short": func(w http.ResponseWriter, _ call) bool {
			w.Header().Set("Content-Length", "900")
			_, _ = io.WriteString(w, "{")
			return true
		},
		"killed": func(w http.ResponseWriter, _ call) bool { kill(w); return true },
		"killed while confirming": func(w http.ResponseWriter, c call) bool {
			if c.Method != "getSignatureStatuses" {
				return false
			}

			kill(w)
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			node := demoNode(t)
			node.OnSimulate(succeeds(50_000))
			var mu sync.Mutex
			distinct := make(map[string]bool)
			node.OnSend(func(raw []byte) *sdktest.Error {
				mu.Lock()
				defer mu.Unlock()
				distinct[string(raw)] = true
				node.SetStatus(solana.SignatureFromBytes(raw[1:1+solana.SignatureLength]),
					landed(7))
				return nil
			})

			bad := httptest.NewServer(
				http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					var c call
					_ = json.Unmarshal(body, &c)
					if !hit(w, c) {
						r.Body = io.NopCloser(bytes.NewReader(body))
						node.ServeHTTP(w, r)
					}
				}),
			)

			defer bad.Close()
			good := httptest.NewServer(node)
			defer good.Close()
			signer := newSigner(t)

			client, err := sdk.New(bad.URL+"/"+secret, sdk.WithMaxAttempts(2),
				sdk.WithFallback(good.URL+"/"+secret))
			require.NoError(t, err)
			receipt, _, err := client.Execute(t.Context(), stakeRequest(t, "JitoSOL", sol),
				sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
			require.NoError(t, err)
			require.Equal(t, uint64(7), receipt.Slot)
			require.NoError(t, client.Close())
			require.Len(t, distinct, 1)

			alone, err := sdk.New(bad.URL+"/"+secret, sdk.WithMaxAttempts(2))
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			_, _, err = alone.Execute(ctx, stakeRequest(t, "JitoSOL", sol),
				sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
			requireLine(t, err)
			require.NotContains(t, err.Error(), secret)
			require.Contains(t, err.Error(), strings.TrimPrefix(bad.URL, "http://"))
			require.NoError(t, alone.Close())
			require.LessOrEqual(t, len(distinct), 2, "one more")
		})
	}

	// This goroutine is one of them.
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, 5*time.Second,
		10*time.Millisecond,
		"goroutines are left")
}

// kill closes the connection without an answer.
func kill(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}
