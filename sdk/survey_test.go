package sdk_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// TestSurvey_FailsNoTrade lets performance samples fail in various ways. Only
// the first market waits for them, for a moment.
func TestSurvey_FailsNoTrade(t *testing.T) {
	for _, c := range []struct {
		name string
		sdktest.Fault
		wait time.Duration
	}{
		{"not known",
			sdktest.Fault{Error: &sdktest.Error{Code: -32601, Message: "method not found"}}, 0},
		{"forbidden", sdktest.Fault{Status: 403}, 0},
		{"too many requests", sdktest.Fault{Status: 429, RetryAfter: "20"}, 100 * time.Millisecond},
		{"out of order", sdktest.Fault{Status: 500}, 100 * time.Millisecond},
		{"no answer", sdktest.Fault{Hang: true}, 100 * time.Millisecond},
		{"no JSON", sdktest.Fault{Body: "<html>"}, 100 * time.Millisecond},
		{"nothing", sdktest.Fault{Result: json.RawMessage(`null`)}, 100 * time.Millisecond},
		{"something else", sdktest.Fault{Result: json.RawMessage(`{"numSlots":300}`)},
			100 * time.Millisecond},
		{"negative",
			sdktest.Fault{Result: json.RawMessage(`[{"numSlots":-1,"samplePeriodSecs":-60}]`)},
			100 * time.Millisecond},
		{"not whole",
			sdktest.Fault{Result: json.RawMessage(`[{"numSlots":1.5,"samplePeriodSecs":60}]`)},
			100 * time.Millisecond},
		{"huge",
			sdktest.Fault{Result: json.RawMessage(`[{"numSlots":18446744073709551615,"samplePeriodSecs":65535}]`)},
			0},
		{"empty", sdktest.Fault{Result: json.RawMessage(`[]`)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chain := newPacedChain(t, 200*time.Millisecond)
				chain.SetLatency(latency)
				for range 50 {
					chain.Fail("getRecentPerformanceSamples", c.Fault)
				}

				client, _ := connect(t, chain.Node)
				start := time.Now()
				market := jito(t, client)
				require.LessOrEqual(t, time.Since(start), 2*latency+c.wait)
				require.False(t, market.SlotTime().Measured())
				require.Equal(t, quote.SlotTimeAssumed, client.SlotTime().Source)

				start = time.Now()
				jito(t, client)
				require.Equal(t, 2*latency, time.Since(start), "no second request")
			})
		})
	}
}

// TestSurvey_IsRepeated counts the requests for performance samples.
func TestSurvey_IsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chain := newPacedChain(t, 200*time.Millisecond)
		clock := sdktest.NewClock(time.Unix(1_790_000_000, 0), nil)
		client, _ := connect(t, chain.Node, sdk.WithClock(clock))
		asked := func(after time.Duration) int {
			clock.After(after)
			chain.ResetCounts()
			jito(t, client)
			return chain.Calls("getRecentPerformanceSamples")
		}

		require.Equal(t, 1, asked(0))
		require.Equal(t, 0, asked(0))
		require.Equal(t, 0, asked(9*time.Minute))
		require.Equal(t, 1, asked(time.Minute))
		chain.Fail("getRecentPerformanceSamples", sdktest.Fault{Status: 403})
		require.Equal(t, 1, asked(10*time.Minute))
		require.Equal(t, 0, asked(59*time.Second))
		require.Equal(t, 1, asked(time.Second), "earlier after a failure")
		require.Equal(t, 0, asked(9*time.Minute))
	})
}

// TestSurvey_IsShared loads many markets concurrently: they share one request
// and its answer.
func TestSurvey_IsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chain := newPacedChain(t, 200*time.Millisecond)
		chain.SetLatency(latency)
		client, _ := connect(t, chain.Node)
		token := mint(t, "JitoSOL")
		markets := make(chan *route.Market, 8)
		for range cap(markets) {
			go func() {
				market, err := client.LoadMarket(t.Context(), token)
				if err != nil {
					t.Error(err)
				}

				markets <- market
			}()
		}

		for range cap(markets) {
			market := <-markets
			require.NotNil(t, market)
			require.Equal(t, quote.SlotTimeSamples, market.SlotTime().Source)
		}

		require.Equal(t, 1, chain.Calls("getRecentPerformanceSamples"))
	})
}
