package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go/rpc"
	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

var _ rpc.JSONRPCClient = (*Failover)(nil)

// farm is a set of endpoints in memory: a.test, b.test and so on, each with a
// key in its path and query.
type farm struct {
	mu     sync.Mutex
	asked  []string // the first letters of the requested hosts, in order
	answer map[string]func(id string) (status int, body string)
	header map[string]http.Header
	failed error // the connection error of a host without an answer
	// genesis is the answer of a host to getGenesisHash, by default mainnet's.
	// These requests do not count in asked.
	genesis map[string]func(id string) (status int, body string)
}

const mainnet = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"

const key = "SECRETSECRET"

func (f *farm) Do(r *http.Request) (*http.Response, error) {
	host := r.URL.Host[:1]
	var in struct {
		ID     json.RawMessage
		Method string
	}

	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &in)
	f.mu.Lock()
	answer, header := f.answer[host], f.header[host]
	if in.Method == genesisMethod {
		header = nil
		if answer = f.genesis[host]; answer == nil {
			answer = gives(`"` + mainnet + `"`)
		}
	} else {
		f.asked = append(f.asked, host)
	}

	f.mu.Unlock()
	if answer == nil {
		return nil, fmt.Errorf("dial %s: %w", r.URL, f.failed)
	}

	status, text := answer(string(in.ID))
	if status == hang {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}

	return &http.Response{StatusCode: status, Header: header,
		Body: io.NopCloser(strings.NewReader(text))}, nil
}

// taken returns the hosts requested since the last call.
func (f *farm) taken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := strings.Join(f.asked, "")
	f.asked = nil
	return all
}

func (f *farm) set(host string, answer func(id string) (int, string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer[host] = answer
}

const hang = -1

func says(status int, body string) func(string) (int, string) {
	return func(string) (int, string) { return status, body }
}

func code(n int) func(string) (int, string) {
	return func(id string) (int, string) {
		return 200, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":"no"}}`, id,
			n)
	}
}

// preflight is the refusal of a transaction for a reason.
func preflight(reason string) func(string) (int, string) {
	return func(id string) (int, string) {
		return 200, fmt.Sprintf(
			`{"jsonrpc":"2.0","id":%s,"error":{"code":-32002,"message":"no","data":{"err":%s}}}`,
			id,
			reason,
		)
	}
}

func gives(result string) func(string) (int, string) {
	return func(id string) (int, string) {
		return 200, `{"jsonrpc":"2.0","id":` + id + `,"result":` + result + `}`
	}
}

// inOrder gives its answers in order and repeats the last one.
func inOrder(answers ...func(string) (int, string)) func(string) (int, string) {
	return func(id string) (int, string) {
		answer := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		return answer(id)
	}
}

var errRefused = errors.New("connection refused")

// plant returns a farm and a transport over its first n endpoints.
func plant(t *testing.T, n int, o Options, fo FailoverOptions) (*farm, *Failover) {
	t.Helper()
	f := &farm{answer: map[string]func(string) (int, string){}, header: map[string]http.Header{},
		failed: errRefused}
	o.HTTPClient = f
	var clients []*Client
	for i := range n {
		client, err := New(fmt.Sprintf("https://user:%s@%c.test/%s?api-key=%s", key, 'a'+i, key,
			key),
			o)
		require.NoError(t, err)
		clients = append(clients, client)
	}

	failover, err := NewFailover(clients, fo)
	require.NoError(t, err)

	return f, failover
}

func slot(ctx context.Context, f *Failover) (n uint64, err error) {
	err = f.CallForInto(ctx, &n, "getSlot", nil)
	return n, err
}

// TestFailover_NextEndpoint checks for each failure of the first endpoint
// whether a read goes to the second one, after how many attempts, and whether
// the first one is the last choice of the next call.
func TestFailover_NextEndpoint(t *testing.T) {
	for _, c := range []struct {
		name  string
		first func(string) (int, string)
		asked string // hosts requested by the first call
		next  string // hosts requested by the second call
	}{
		{"down", nil, "ab", "b"},
		{"503", says(503, "<html>"), "ab", "b"},
		{"limited", says(429, ""), "ab", "b"},
		{"limited in the body", code(429), "ab", "b"},
		{"limited in a code of its own", code(-32429), "ab", "b"},
		{"limited in another code", code(-32097), "ab", "b"},
		{"limited in another code yet", code(-32029), "ab", "b"},
		{"limited in words",
			says(200,
				`{"jsonrpc":"2.0","id":null,"error":{"code":-32007,"message":"50/second request limit reached"}}`),
			"ab", "b"},
		{"plan limit", code(-32615), "ab", "ab"},
		{"plan limit, with a status",
			func(id string) (int, string) { _, body := code(-32615)(id); return 413, body }, "ab",
			"ab"},
		{"code without a meaning", code(12345), "ab", "ab"},
		{"no answer", says(hang, ""), "ab", "b"},
		{"cut short", says(200, `{"jsonrpc":"2.0","id":1,"res`), "ab", "b"},
		{"another id", says(200, `{"jsonrpc":"2.0","id":777,"result":1}`), "ab", "b"},
		{"twice the answer",
			says(200, `{"jsonrpc":"2.0","id":1,"result":1}{"jsonrpc":"2.0","id":1,"result":1}`),
			"ab", "b"},
		{"behind", code(codeMinContextSlot), "ab", "b"},
		{"unhealthy", code(codeNodeUnhealthy), "ab", "b"},
		{"key expired", says(401, "who are you"), "ab", "b"},
		{"forbidden",
			says(403,
				`{"jsonrpc":"2.0","error":{"code":-32052,"message":"API key is not allowed"}}`),
			"ab", "b"},
		{"no payment", says(402, ""), "ab", "b"},
		{"too large a request", says(413, ""), "ab", "ab"},
		{"block not available", code(codeBlockNotAvailable), "ab", "ab"},
		{"no such method", code(codeMethodNotFound), "ab", "ab"},
		{"no history", code(-32011), "ab", "ab"},
		{"internal error", code(-32603), "ab", "ab"},
		{"null", gives("null"), "ab", "ab"},
		{"another type", gives(`"five"`), "ab", "ab"},
		{"invalid parameters", code(-32602), "ab", "ab"},
		{"invalid parameters, with a status",
			func(id string) (int, string) { _, body := code(-32602)(id); return 400, body }, "ab",
			"ab"},
		{"an unknown blockhash", preflight(`"BlockhashNotFound"`), "ab", "ab"},
		{"a refusal without a reason", preflight("null"), "ab", "ab"},
		{"a transaction that fails", preflight(`{"InstructionError":[0,{"Custom":6001}]}`), "a",
			"a"},
		{"an answer", gives("5"), "a", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, failover := plant(t, 2, Options{Timeout: 5 * time.Second},
					FailoverOptions{Rest: time.Hour, MaxRest: time.Hour})
				f.answer["a"], f.answer["b"] = c.first, gives("5")
				for _, want := range []string{c.asked, c.next} {
					got, err := slot(t.Context(), failover)
					require.Equal(t, want, f.taken())
					if strings.Contains(want, "b") || c.name == "an answer" {
						require.NoError(t, err)
						require.Equal(t, uint64(5), got)
						continue
					}

					var e *Error
					require.ErrorAs(t, err, &e)
					require.Equal(t, codePreflight, e.Code)
				}
			})
		})
	}
}

// TestFailover_Rest measures rests by a clock of its own.
func TestFailover_Rest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Unix(1_750_000_000, 0)
		f, failover := plant(t, 2, Options{}, FailoverOptions{Now: func() time.Time { return now }})
		f.answer["b"] = gives("5")
		ask := func(want string) {
			t.Helper()
			_, err := slot(t.Context(), failover)
			require.NoError(t, err)
			require.Equal(t, want, f.taken())
		}

		for _, rest := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			ask("ab")
			ask("b")
			now = now.Add(rest*time.Second - 1)
			ask("b")
			now = now.Add(1)
		}

		f.set("a", gives("5"))
		ask("a")
		f.set("a", nil)
		ask("ab")
		now = now.Add(time.Second)
		ask("ab") // a success resets the rest

		f.set("b", nil)
		f.set("a", gives("5"))
		ask("ba") // a resting endpoint is asked if no other answers
		ask("a")

		// A pause requested by the server counts up to 30 s.
		now = now.Add(time.Hour)
		f.set("b", gives("5"))
		f.set("a", says(503, ""))
		f.header["a"] = http.Header{"Retry-After": {"900"}}
		ask("ab")
		now = now.Add(30*time.Second - 1)
		ask("b")
		now = now.Add(1)
		ask("ab")
	})
}

// TestFailover_ConcurrentFailures checks that concurrent failures count as one.
func TestFailover_ConcurrentFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := plant(t, 2, Options{}, FailoverOptions{})
		f.answer["a"] = func(string) (int, string) { time.Sleep(time.Millisecond); return 503, "" }
		f.answer["b"] = gives("5")
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := slot(t.Context(), failover); err != nil {
					t.Error(err)
				}
			})
		}

		group.Wait()
		f.taken()
		time.Sleep(time.Second)
		_, err := slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, "ab", f.taken(), "the rest of one second is over")
	})
}

// TestFailover_AllFail tries each endpoint as often as allowed, in turns. The
// error names all of them.
func TestFailover_AllFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		f, failover := plant(t, 3, Options{Logger: logger}, FailoverOptions{Logger: logger})
		f.answer["b"] = says(503, "path /"+key+" is unknown")
		f.answer["c"] = code(codeNodeUnhealthy)
		_, err := slot(t.Context(), failover)
		require.Equal(t, "abcabcabcabc", f.taken())
		var all *EndpointsError
		require.ErrorAs(t, err, &all)
		require.Len(t, all.Failures, 3)
		require.True(t, all.Temporary())
		require.ErrorIs(t, err, errRefused)
		require.ErrorIs(t, err, ErrHTTP)
		require.NotContains(t, err.Error(), "\n")
		require.EqualError(
			t,
			err,
			"rpc getSlot failed at https://a.test: [redacted] (4 attempts); at https://b.test: http 503: [redacted] (4 attempts); "+
				"at https://c.test: code -32005: no (4 attempts)",
		)

		for _, shown := range []string{log.String(),
			fmt.Sprintf("%v %+v %#v", failover, failover, failover), fmt.Sprintf("%+v", err)} {
			require.NotContains(t, shown, key)
		}

		require.Contains(t, log.String(),
			`msg="rpc failover" method=getSlot host=b.test status=503`)
		require.Equal(t, "JSON-RPC client of https://a.test, https://b.test, https://c.test",
			failover.String())

		// Endpoints with a permanent refusal are not asked again.
		f, failover = plant(t, 2, Options{}, FailoverOptions{})
		f.answer["a"], f.answer["b"] = code(codeMethodNotFound), inOrder(says(503, ""),
			says(503, ""), gives("9"))
		got, err := slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, uint64(9), got)
		require.Equal(t, "abbb", f.taken())

		f.answer["b"] = code(codeMethodNotFound)
		_, err = slot(t.Context(), failover)
		require.ErrorAs(t, err, &all)
		require.False(t, all.Temporary())
		require.Equal(t, "ab", f.taken())
	})
}

// TestFailover_ShortFailure checks that one short failure per endpoint does not
// fail a call.
func TestFailover_ShortFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := plant(t, 2, Options{}, FailoverOptions{})
		f.answer["a"] = inOrder(says(503, ""), gives("5"))
		_, err := slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, "aba", f.taken())
	})
}

// TestFailover_RetryAfter has an endpoint that requests a pause. The other
// endpoint is asked immediately.
func TestFailover_RetryAfter(t *testing.T) {
	for _, after := range []string{"", "1", "30"} {
		synctest.Test(t, func(t *testing.T) {
			f, failover := plant(t, 2, Options{MaxAttempts: 2}, FailoverOptions{})
			f.answer["a"], f.answer["b"] = says(429, ""), gives("5")
			f.header["a"] = http.Header{"Retry-After": {after}}
			start := time.Now()
			_, err := slot(t.Context(), failover)
			require.NoError(t, err)
			require.Equal(t, "ab", f.taken())
			require.Zero(t, time.Since(start))

			// Both request a pause: the shorter one counts.
			f.set("b", says(429, ""))
			f.header["b"] = http.Header{"Retry-After": {"20"}}
			f.header["a"] = http.Header{"Retry-After": {"30"}}
			time.Sleep(time.Hour)
			start = time.Now()
			_, err = slot(t.Context(), failover)
			require.Error(t, err)
			require.Equal(t, "abab", f.taken())
			require.Equal(t, 20*time.Second, time.Since(start).Truncate(time.Second))
		})
	}
}

// TestFailover_RequestRefused checks that a common refusal of the request is
// the error, and that a refusal by one endpoint comes before the failures of
// others.
func TestFailover_RequestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := plant(t, 2, Options{}, FailoverOptions{})
		f.answer["a"], f.answer["b"] = code(codeInvalidParams), code(codeInvalidParams)
		_, err := slot(t.Context(), failover)
		require.Equal(t, "ab", f.taken())
		require.Equal(t, "*jsonrpc.Error", fmt.Sprintf("%T", err))
		require.EqualError(t, err, "rpc getSlot at https://a.test: code -32602: no")

		f.set("a", says(503, ""))
		_, err = slot(t.Context(), failover)
		var first *Error
		require.ErrorAs(t, err, &first)
		require.Equal(t, codeInvalidParams, first.Code)
		require.ErrorContains(t, err, "https://a.test: http 503")
		require.Equal(t, "abaaa", f.taken(), "only the temporary failure is retried")

		// Both refuse the request, with different codes.
		f.set("a", code(codeInvalidRequest))
		time.Sleep(time.Hour)
		_, err = slot(t.Context(), failover)
		require.Equal(t, "*jsonrpc.EndpointsError", fmt.Sprintf("%T", err))
		require.ErrorContains(t, err, "-32600")
		require.ErrorContains(t, err, "-32602")
	})
}

// TestFailover_SharedDeadline leaves time for the endpoints after one that
// hangs.
func TestFailover_SharedDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := plant(t, 3, Options{}, FailoverOptions{})
		f.answer["a"], f.answer["b"], f.answer["c"] = says(hang, ""), says(hang, ""), gives("5")
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		start := time.Now()
		_, err := slot(ctx, failover)
		require.NoError(t, err)
		require.Equal(t, "abc", f.taken())
		require.Equal(t, 4*time.Second, time.Since(start))

		f.set("c", says(hang, ""))
		ctx, cancel = context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		start = time.Now()
		_, err = slot(ctx, failover)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 6*time.Second, time.Since(start))
		for _, host := range []string{"a.test", "b.test", "c.test"} {
			require.Contains(t, err.Error(), host)
		}

		require.NotContains(t, err.Error(), "\n")
	})
}

func TestFailover_LimiterPerEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &farm{answer: map[string]func(string) (int, string){"a": gives("1"), "b": gives("2")}}
		a, err := New("https://a.test",
			Options{HTTPClient: f, Limiter: rate.NewLimiter(rate.Every(time.Minute), 1)})
		require.NoError(t, err)
		b, err := New("https://b.test", Options{HTTPClient: f})
		require.NoError(t, err)
		failover, err := NewFailover([]*Client{a, b}, FailoverOptions{})
		require.NoError(t, err)
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := slot(ctx, failover)
			cancel()
			require.NoError(t, err)
		}

		require.Equal(t, "abb", f.taken(), "no wait for a limiter beyond the deadline")
		time.Sleep(time.Minute)
		_, err = slot(t.Context(), failover)
		require.NoError(t, err)
		require.Equal(t, "a", f.taken(), "a full limiter is no failure of the endpoint")
	})
}

func TestFailover_ContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := plant(t, 2, Options{}, FailoverOptions{})
		f.answer["b"] = says(hang, "")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := slot(ctx, failover)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errRefused)
		require.Equal(t, "ab", f.taken())
		_, err = slot(ctx, failover)
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, f.taken())

		// A pause beyond the deadline does not begin, and the error names a
		// pause that was cut short.
		f.set("a", says(503, ""))
		f.set("b", says(503, ""))
		f.header["a"] = http.Header{"Retry-After": {"20"}}
		f.header["b"] = f.header["a"]
		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err = slot(ctx, failover)
		require.ErrorIs(t, err, ErrHTTP)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.Zero(t, time.Since(start))
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		_, err = slot(ctx, failover)
		require.ErrorIs(t, err, ErrHTTP)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 5*time.Second, time.Since(start))
		f.taken()
	})
}

// TestFailover_SendOnce checks that a call which is not a read goes to one
// endpoint, and the next call to another one if that failed.
func TestFailover_SendOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := plant(t, 2, Options{}, FailoverOptions{})
		f.answer["b"] = gives(`"done"`)
		require.Error(t, failover.CallForInto(t.Context(), nil, "sendTransaction", nil))
		require.Equal(t, "a", f.taken())
		require.NoError(t, failover.CallForInto(t.Context(), nil, "sendTransaction", nil))
		require.Equal(t, "b", f.taken())

		_, err := failover.CallBatch(t.Context(),
			upstream.RPCRequests{{Method: "getSlot"}, {Method: "sendTransaction"}})
		require.Error(t, err)
		require.Equal(t, "b", f.taken())
	})
}

func TestFailover_Awake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := plant(t, 3, Options{}, FailoverOptions{})
		f.answer["b"], f.answer["c"] = gives("5"), gives("5")
		require.Len(t, failover.Awake(), 3)
		for _, one := range failover.Awake() {
			_ = one.CallForInto(t.Context(), nil, "sendTransaction", nil)
		}

		require.Equal(t, "abc", f.taken())
		require.Len(t, failover.Awake(), 2, "its answers count for the failover")
		require.Len(t, failover.All(), 3)
		require.Equal(t, []bool{true, false, false}, failover.Resting())
		require.NotContains(t, fmt.Sprintf("%+v", failover.Awake()), key)
		f.set("b", nil)
		f.set("c", nil)
		_, err := slot(t.Context(), failover)
		require.Error(t, err)
		require.Len(t, failover.Awake(), 3, "all of them, since all rest")
	})
}

func TestFailover_CallbackAndBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, failover := plant(t, 2, Options{}, FailoverOptions{})
		f.answer["b"] = says(503, "")
		verdict := errors.New("verdict")
		err := failover.CallWithCallback(t.Context(), "getSlot", nil,
			func(r *http.Request, resp *http.Response) error {
				require.Equal(t, 503, resp.StatusCode)
				require.Equal(t, "https://b.test", r.URL.String())
				return verdict
			})

		require.Equal(t, verdict, err)
		require.Equal(t, "ab", f.taken())
		f.set("b", nil)
		require.ErrorIs(t, failover.CallWithCallback(t.Context(), "getSlot", nil, nil), errRefused)

		f, failover = plant(t, 2, Options{}, FailoverOptions{})
		f.answer["b"] = says(200, `[{"id":1,"result":8},{"id":0,"result":7}]`)
		responses, err := failover.CallBatch(t.Context(),
			upstream.RPCRequests{{Method: "getSlot"}, {Method: "getBlockHeight"}})
		require.NoError(t, err)
		require.Len(t, responses, 2)
		require.Equal(t, "ab", f.taken())
		_, err = failover.CallBatch(t.Context(), nil)
		require.Error(t, err)
		require.Error(t, failover.CallForInto(t.Context(), nil, "getSlot", []any{func() {}}),
			"parameters that cannot be encoded are not sent")
		require.Empty(t, f.taken())
	})
}

// TestFailover_PartialAnswer checks that a failed answer leaves no data in the
// next one.
func TestFailover_PartialAnswer(t *testing.T) {
	f, failover := plant(t, 2, Options{}, FailoverOptions{})
	f.answer["a"], f.answer["b"] = gives(`{"value":{"owner":"a","lamports":"many"}}`), gives(`{"value":{"lamports":2}}`)

	var out *struct {
		Value *struct {
			Owner    string
			Lamports uint64
		}
	}

	require.NoError(t, failover.CallForInto(t.Context(), &out, "getAccountInfo", nil))
	require.Empty(t, out.Value.Owner)
	require.Equal(t, uint64(2), out.Value.Lamports)
}

func TestNewFailover_Invalid(t *testing.T) {
	a, err := New("https://a.test/"+key, Options{})
	require.NoError(t, err)
	again, err := New("https://a.test/"+key, Options{})
	require.NoError(t, err)
	for _, c := range []struct {
		clients []*Client
		opts    FailoverOptions
	}{{nil, FailoverOptions{}}, {[]*Client{a, again}, FailoverOptions{}},
		{[]*Client{a}, FailoverOptions{Rest: -1}}, {[]*Client{a}, FailoverOptions{MaxRest: -1}}} {
		failover, err := NewFailover(c.clients, c.opts)
		require.Nil(t, failover)
		require.Error(t, err)
		require.NotContains(t, err.Error(), key)
	}

	failover, err := NewFailover([]*Client{a}, FailoverOptions{})
	require.NoError(t, err)
	require.NoError(t, failover.Close())
}
