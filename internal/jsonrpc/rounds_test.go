package jsonrpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"
)

func unavailable(w http.ResponseWriter, _ *http.Request, _ call) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

func TestClient_RetriesTemporaryFailures(t *testing.T) {
	var ids []string
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		ids = append(ids, string(c.id))
		switch c.n {
		case 1:
			w.WriteHeader(http.StatusTooManyRequests)
		case 2:
			hangUp(w)
		default:
			result(w, c, "5")
		}
	})

	c, slept := newClient(t, url, Options{})
	var slot uint64
	require.NoError(t, c.CallForInto(context.Background(), &slot, "getSlot", nil))
	require.EqualValues(t, 5, slot)
	require.Len(t, slept.asked, 2)
	require.Equal(t, []string{"1", "2", "3"}, ids, "each attempt has its own id")
}

func TestClient_RetriesReadsOnly(t *testing.T) {
	for method, want := range map[string]int32{
		"getSlot": 4, "isBlockhashValid": 4, "simulateTransaction": 4,
		"sendTransaction": 1, "requestAirdrop": 1, "sendBundle": 1, "issueAsset": 1, "getaway": 1,
		"get": 1, "is": 1, "": 1,
	} {
		t.Run(method, func(t *testing.T) {
			var n atomic.Int32
			url := serve(t, func(w http.ResponseWriter, r *http.Request, c call) {
				n.Add(1)
				unavailable(w, r, c)
			})

			c, _ := newClient(t, url, Options{})
			require.ErrorIs(t, c.CallForInto(context.Background(), nil, method, nil), ErrHTTP)
			require.Equal(t, want, n.Load())
			n.Store(0)
			_, err := c.CallBatch(context.Background(),
				upstream.RPCRequests{{Method: "getSlot"}, {Method: method}})
			require.ErrorIs(t, err, ErrHTTP)
			require.Equal(t, want, n.Load())
		})
	}

	// After a lost connection it is unknown whether a sent call arrived.
	var n atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ call) {
		n.Add(1)
		hangUp(w)
	})

	c, _ := newClient(t, url, Options{})
	require.Error(t, c.CallForInto(context.Background(), nil, "sendTransaction", nil))
	require.EqualValues(t, 1, n.Load())
}

func TestClient_MaxAttemptsOne(t *testing.T) {
	c, slept := newClient(t, serve(t, unavailable), Options{MaxAttempts: 1})
	err := c.CallForInto(context.Background(), nil, "getSlot", nil)
	require.ErrorIs(t, err, ErrHTTP)
	require.NotContains(t, err.Error(), "attempts")
	require.Empty(t, slept.asked)
}

func TestClient_Backoff(t *testing.T) {
	c, _ := newClient(t, "http://node.example",
		Options{BaseDelay: time.Second, MaxDelay: 5 * time.Second})
	for n, ceiling := range map[int]time.Duration{1: 1, 2: 2, 3: 4, 4: 5, 40: 5, 1000: 5} {
		for range 200 {
			require.Less(t, c.core().backoff(n, 0), ceiling*time.Second)
		}
	}

	require.Equal(t, 20*time.Second, c.core().backoff(1, 20*time.Second))
	require.Equal(t, 30*time.Second, c.core().backoff(1, time.Hour))
	c, _ = newClient(t, "http://node.example", Options{BaseDelay: time.Hour, MaxDelay: 1<<63 - 1})
	require.Positive(t, c.core().backoff(60, 0))
}

func TestClient_NoRetryPastDeadline(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, _ call) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})

	c, slept := newClient(t, url, Options{})
	ctx, cancel := context.WithTimeout(context.Background(), 25*time.Second)
	defer cancel()
	err := c.CallForInto(ctx, nil, "getSlot", nil)
	require.EqualError(t, err,
		"rpc getSlot at "+url+
			": http 429: Too Many Requests (send fewer requests, or add another endpoint)")
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, slept.asked)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, time.Hour, e.RetryAfter)
}

func TestClient_CancelDuringBackoff(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c, _ := newClient(t, serve(t, unavailable),
		Options{Sleep: func(ctx context.Context, d time.Duration) error {
			cancel()
			return sleep(ctx, time.Hour)
		}})

	err := c.CallForInto(ctx, nil, "getSlot", nil)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "context canceled after http 503: Service Unavailable")
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, 1, e.Attempts)
	require.False(t, e.Temporary())
}

func TestClient_SleepFails(t *testing.T) {
	c, _ := newClient(t, serve(t, unavailable),
		Options{Sleep: func(context.Context, time.Duration) error { return errors.New("no") }})
	require.ErrorIs(t, c.CallForInto(context.Background(), nil, "getSlot", nil), ErrHTTP)
}

func TestClient_Cancelled(t *testing.T) {
	c, _ := newClient(t, "http://127.0.0.1:1", Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := c.CallForInto(ctx, nil, "getSlot", nil)
	require.EqualError(t, err, "rpc getSlot at http://127.0.0.1:1: context canceled")
	require.ErrorIs(t, err, context.Canceled)
}

// late is a Doer for nodes that lag. Each request to its one address reaches
// another node.
type late struct {
	born     time.Time
	slotTime time.Duration
	behind   func(request int) uint64 // in slots
	tells    bool                     // errors contain the node's slot
	heeds    bool                     // checks minContextSlot

	mu    sync.Mutex
	asked int
}

const firstSlot = 1_000_000

// now returns the slot of the cluster.
func (l *late) now() uint64 { return firstSlot + uint64(time.Since(l.born)/l.slotTime) }

func (l *late) Do(r *http.Request) (*http.Response, error) {
	var in struct {
		ID     json.RawMessage
		Params []struct{ MinContextSlot uint64 }
	}

	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, err
	}

	l.mu.Lock()
	slot := l.now() - l.behind(l.asked)
	l.asked++
	l.mu.Unlock()
	body := fmt.Sprintf(`{"id":%s,"result":{"context":{"slot":%d}}}`, in.ID, slot)
	switch wanted := in.Params[0].MinContextSlot; {
	case slot >= wanted || !l.heeds:
	case l.tells:
		body = fmt.Sprintf(
			`{"id":%s,"error":{"code":-32016,"message":"not yet","data":{"contextSlot":%d}}}`,
			in.ID,
			slot,
		)

	default:
		body = fmt.Sprintf(`{"id":%s,"error":{"code":-32016,"message":"not yet"}}`, in.ID)
	}

	return &http.Response{
		StatusCode: http.StatusOK,
		Body:       io.NopCloser(strings.NewReader(body)),
	}, nil
}

// slotted refuses an answer that is older than its slot.
type slotted struct{ wanted, got uint64 }

func (s *slotted) UnmarshalJSON(data []byte) error {
	var r accountsResult
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	if s.got = r.Context.Slot; s.got < s.wanted {
		return &NodeBehindError{At: s.got, Wanted: s.wanted}
	}
	return nil
}

// TestClient_NodeBehind calls a node that lags some slots, or several behind
// one address. The call waits up to ten seconds for them with few requests. A
// node that lags more is asked four times.
func TestClient_NodeBehind(t *testing.T) {
	always := func(slots uint64) func(int) uint64 { return func(int) uint64 { return slots } }
	for _, c := range []struct {
		name     string
		slotTime time.Duration
		behind   func(int) uint64
		wait     time.Duration // at most
		asked    int           // at most
		fails    bool
	}{
		{"a slot, 200 ms", 200 * time.Millisecond, always(1), time.Second, 2, false},
		{"2 slots, 200 ms", 200 * time.Millisecond, always(2), time.Second, 3, false},
		{"8 slots, 200 ms", 200 * time.Millisecond, always(8), 3 * time.Second, 3, false},
		{"8 slots, 400 ms", 400 * time.Millisecond, always(8), 4 * time.Second, 6, false},
		{"20 slots, 400 ms", 400 * time.Millisecond, always(20), 10 * time.Second, 8, false},
		{"replicas up to 8 slots, 200 ms", 200 * time.Millisecond,
			func(n int) uint64 { return uint64(8 - n%9) }, 3 * time.Second, 4, false},
		{"replicas up to 8 slots, in reverse", 200 * time.Millisecond,
			func(n int) uint64 { return uint64(1 + n%8) }, 3 * time.Second, 6, false},
		{"5000 slots", 400 * time.Millisecond, always(5000), 4 * time.Second, 4, true},
		{"stands still", time.Hour, always(8), 11 * time.Second, 40, true},
	} {
		for _, kind := range []struct {
			name         string
			tells, heeds bool
		}{{"reports its lag", true, true}, {"does not report its lag", false, true},
			{"does not heed", false, false}} {
			t.Run(c.name+", "+kind.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					node := &late{
						born:     time.Now(),
						slotTime: c.slotTime,
						behind:   c.behind,
						tells:    kind.tells,
						heeds:    kind.heeds,
					}

					client, err := New("https://node.example", Options{HTTPClient: node})
					require.NoError(t, err)
					out := slotted{wanted: node.now()}
					start := time.Now()
					err = client.CallForInto(t.Context(), &out, "getEpochInfo",
						[]any{map[string]any{"minContextSlot": out.wanted}})
					if c.fails {
						require.ErrorIs(t, err, ErrNodeBehind)
						require.NotContains(t, err.Error(), "\n")
					} else {
						require.NoError(t, err)
						require.GreaterOrEqual(t, out.got, out.wanted)
					}

					if kind.heeds && !kind.tells {
						// It is asked until patience ends, and a few times
						// after that.
						require.LessOrEqual(t, time.Since(start), 12*time.Second)
						return
					}

					require.LessOrEqual(t, time.Since(start), c.wait)
					require.LessOrEqual(t, node.asked, c.asked)
				})
			})
		}
	}
}

// TestClient_NodeBehindDeadline does not wait beyond the deadline.
func TestClient_NodeBehindDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := &late{
			born:     time.Now(),
			slotTime: 400 * time.Millisecond,
			behind:   func(int) uint64 { return 20 },
			tells:    true,
			heeds:    true,
		}

		client, err := New("https://node.example", Options{HTTPClient: node})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		err = client.CallForInto(ctx, nil, "getEpochInfo",
			[]any{map[string]any{"minContextSlot": node.now()}})
		require.ErrorIs(t, err, ErrNodeBehind)
		require.Less(t, time.Since(start), 2*time.Second)

		once, err := New("https://node.example", Options{HTTPClient: node, MaxAttempts: 1})
		require.NoError(t, err)
		node.asked = 0
		err = once.CallForInto(t.Context(), nil, "getEpochInfo",
			[]any{map[string]any{"minContextSlot": node.now()}})
		require.ErrorIs(t, err, ErrNodeBehind)
		require.Equal(t, 1, node.asked)
	})
}
