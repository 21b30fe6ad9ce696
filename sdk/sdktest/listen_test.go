package sdktest_test

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// TestCloseLeavesNoGoroutine closes a node while a request hangs in it.
func TestCloseLeavesNoGoroutine(t *testing.T) {
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

// until waits for a condition. require.Eventually has a goroutine of its own,
// which would be counted.
func until(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "%d goroutines", runtime.NumGoroutine())
	}
}

func TestClock(t *testing.T) {
	start := time.Unix(1_750_000_000, 0)
	var waited []time.Duration
	clock := sdktest.NewClock(start, func(d time.Duration) { waited = append(waited, d) })
	require.Equal(t, start, clock.Now())
	done, stop := clock.After(5 * time.Second)
	require.Equal(t, start.Add(5*time.Second), <-done)
	stop()
	require.Equal(t, start.Add(5*time.Second), clock.Now())
	<-first(clock.After(time.Minute))
	require.Equal(t, start.Add(65*time.Second), clock.Now())
	require.Equal(t, []time.Duration{5 * time.Second, time.Minute}, waited)

	silent := sdktest.NewClock(start, nil)
	<-first(silent.After(time.Hour))
	require.Equal(t, start.Add(time.Hour), silent.Now())
}

func first(c <-chan time.Time, _ func()) <-chan time.Time { return c }
