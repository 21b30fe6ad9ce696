package jsonrpc

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

func TestParseRetryAfter_Forms(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "3": 3 * time.Second, "-1": 0, "1.5": 0, "soon": 0,
		"99999999999999999999":          0,
		"Mon, 02 Jan 2006 15:04:05 GMT": 0,
	} {
		require.Equal(t, want, parseRetryAfter(value), value)
	}
	at := parseRetryAfter(time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
	require.InDelta(t, time.Hour, at, float64(5*time.Second))
}

func TestClient_CancelInFlight(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	url := serve(t, func(_ http.ResponseWriter, r *http.Request, _ call) {
		cancel()
		<-r.Context().Done()
	})
	c, slept := newClient(t, url, Options{})
	err := c.CallForInto(ctx, nil, "getSlot", nil)
	require.EqualError(t, err, "rpc getSlot at "+url+": context canceled")
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, slept.asked)
}

func TestClient_CancelWaitForSlot(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		close(arrived)
		<-release
		result(w, c, "1")
	})

	c, _ := newClient(t, url, Options{MaxInFlight: 1})
	first := make(chan error)
	go func() { first <- c.CallForInto(context.Background(), nil, "getSlot", nil) }()
	<-arrived
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	err := c.CallForInto(ctx, nil, "getSlot", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "free slot")
	close(release)
	require.NoError(t, <-first)
}

func TestClient_CancelWaitForLimiter(t *testing.T) {
	var n atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request, c call) {
		n.Add(1)
		unavailable(w, r, c)
	})

	c, _ := newClient(t, url, Options{Limiter: rate.NewLimiter(rate.Every(time.Hour), 1)})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	// The first attempt takes the only token. The second one would be late, so
	// the failure of the first is returned.
	err := c.CallForInto(ctx, nil, "getSlot", nil)
	require.ErrorIs(t, err, ErrHTTP)
	// A call that sends no request fails with the deadline.
	err = c.CallForInto(ctx, nil, "getSlot", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "rate limiter")
	require.EqualValues(t, 1, n.Load())

	ctx, cancel = context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- c.CallForInto(ctx, nil, "getSlot", nil) }()
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

func TestClient_MaxInFlight(t *testing.T) {
	const limit, callers = 3, 12
	var now, peak atomic.Int32
	arrived, release := make(chan struct{}, callers), make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		n := now.Add(1)
		for p := peak.Load(); n > p && !peak.CompareAndSwap(p, n); {
			p = peak.Load()
		}

		arrived <- struct{}{}
		<-release
		now.Add(-1)
		result(w, c, "1")
	})

	c, _ := newClient(t, url, Options{MaxInFlight: limit})
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if err := c.CallForInto(context.Background(), nil, "getSlot", nil); err != nil {
				t.Error(err)
			}
		})
	}

	for range limit {
		<-arrived
	}

	for i := range callers {
		release <- struct{}{}
		if i+limit < callers {
			<-arrived
		}
	}

	wg.Wait()
	require.EqualValues(t, limit, peak.Load())
}
