package jsonrpc

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"
)

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

// faultCase is a failure of a server and the error that it causes.
type faultCase struct {
	answer func(http.ResponseWriter, *http.Request, call)
	want   wantError
}

// wantError describes the expected [Error].
type wantError struct {
	is        error // nil: not checked
	status    int
	code      int
	text      string // part of Error()
	attempts  int    // number of requests, at most 3
	temporary bool
	after     time.Duration
}

// respond answers with a status and a body, in which $id is the request's id.
func respond(status int, body string) func(http.ResponseWriter, *http.Request, call) {
	return func(w http.ResponseWriter, _ *http.Request, c call) {
		w.WriteHeader(status)
		fmt.Fprint(w, strings.ReplaceAll(body, "$id", string(c.id)))
	}
}

func ok(body string) func(http.ResponseWriter, *http.Request, call) { return respond(200, body) }

// statusFaults are responses with an HTTP status other than 200, or with a rate
// limit.
var statusFaults = map[string]faultCase{
	"429 without body": {respond(429, ""), wantError{
		is:        ErrHTTP,
		status:    429,
		text:      "http 429: Too Many Requests (3 attempts)",
		attempts:  3,
		temporary: true,
	}},
	"429 with text": {respond(429, "slow\r\ndown"), wantError{
		is:        ErrHTTP,
		status:    429,
		text:      "http 429: slow down (3 attempts)",
		attempts:  3,
		temporary: true,
	}},
	"429 with JSON-RPC": {respond(429,
		`{"jsonrpc":"2.0","error":{"code":429,"message":"rate limited"},"id":$id}`),
		wantError{
			is:        ErrHTTP,
			status:    429,
			code:      429,
			text:      "http 429: rate limited (3 attempts)",
			attempts:  3,
			temporary: true,
		}},
	"429 in an error object": {
		ok(`{"jsonrpc":"2.0","error":{"code":429,"message":"rate limited"},"id":$id}`),
		wantError{
			status:    200,
			code:      429,
			text:      "code 429: rate limited",
			attempts:  3,
			temporary: true,
		},
	},
	"429 with Retry-After": {func(w http.ResponseWriter, _ *http.Request, _ call) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	}, wantError{is: ErrHTTP, status: 429, attempts: 3, temporary: true, after: 7 * time.Second}},
	"503 with an HTML page": {respond(503, "<html>sorry</html>"), wantError{
		is:        ErrHTTP,
		status:    503,
		text:      "http 503: Service Unavailable",
		attempts:  3,
		temporary: true,
	}},
	"500 without body": {respond(500, ""), wantError{
		is:        ErrHTTP,
		status:    500,
		attempts:  3,
		temporary: true,
	}},
	"500 with an error object": {respond(500,
		`{"error":{"code":-32602,"message":"Invalid param"}}`),
		wantError{
			is:       ErrHTTP,
			status:   500,
			code:     -32602,
			text:     "http 500: code -32602: Invalid param",
			attempts: 1,
		}},
	"502 with an error object": {respond(502,
		`{"error":{"code":-32602,"message":"Invalid param"}}`),
		wantError{is: ErrHTTP, status: 502, code: -32602, attempts: 3, temporary: true}},
	"401 with text": {respond(401, `{"message":"no \u006bey"}`), wantError{
		is:       ErrHTTP,
		status:   401,
		text:     `http 401: {"message":"no key"}`,
		attempts: 1,
	}},
	"403 error string": {respond(403, `{"error":"blocked"}`), wantError{
		is:       ErrHTTP,
		status:   403,
		text:     "http 403: blocked",
		attempts: 1,
	}},
	"400 with a result": {respond(400, `{"id":$id,"result":1}`),
		wantError{is: ErrHTTP, status: 400, attempts: 1}},
}

// errorFaults are responses with an error object.
var errorFaults = map[string]faultCase{
	"node that lags": {
		ok(
			`{"jsonrpc":"2.0","error":{"code":-32005,"message":"Node is behind by 42 slots","data":{"numSlotsBehind":42}},"id":$id}`,
		),
		wantError{
			status:    200,
			code:      -32005,
			text:      "code -32005: Node is behind by 42 slots",
			attempts:  3,
			temporary: true,
		},
	},
	"block unavailable": {ok(`{"error":{"code":-32004,"message":"x"},"id":$id}`), wantError{
		status:    200,
		code:      -32004,
		attempts:  3,
		temporary: true,
	}},
	"block status unavailable": {ok(`{"error":{"code":-32014,"message":"x"},"id":$id}`), wantError{
		status:    200,
		code:      -32014,
		attempts:  3,
		temporary: true,
	}},
	"code in quotes": {ok(`{"error":{"code":"-32005","message":"x"},"id":$id}`), wantError{
		status:    200,
		code:      -32005,
		attempts:  3,
		temporary: true,
	}},
	"error without an id": {ok(`{"error":{"code":-32700,"message":"parse error"},"id":null}`),
		wantError{status: 200, code: -32700, attempts: 1}},
	"error with another id": {ok(`{"error":{"code":-32602,"message":"x"},"id":999}`), wantError{
		is:        ErrIDMismatch,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"empty error": {ok(`{"error":{},"id":$id}`),
		wantError{status: 200, text: "error without message", attempts: 1}},
	"unknown field in error": {
		ok(`{"extra":1,"error":{"code":-32602,"message":"x","hint":[1],"data":null},"id":$id}`),
		wantError{status: 200, code: -32602, attempts: 1},
	},
	"error beats result": {ok(`{"error":{"code":-1,"message":"x"},"result":1,"id":$id}`),
		wantError{status: 200, code: -1, attempts: 1}},
}

// bodyFaults are responses whose body is not a valid result.
var bodyFaults = map[string]faultCase{
	"truncated JSON": {ok(`{"jsonrpc":"2.0","id":$id,"resu`), wantError{
		is:        ErrBadResponse,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"interrupted body": {func(w http.ResponseWriter, _ *http.Request, _ call) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"jsonrpc"`)
	}, wantError{is: io.ErrUnexpectedEOF, status: 200, attempts: 3, temporary: true}},
	"empty body": {ok(""), wantError{
		is:        ErrBadResponse,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"HTML page": {ok("<html>"), wantError{
		is:        ErrBadResponse,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"list": {ok(`[]`), wantError{
		is:        ErrBadResponse,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"two values": {ok(`{"id":$id,"result":1}{}`), wantError{
		is:        ErrBadResponse,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"wrong id": {ok(`{"id":999,"result":1}`), wantError{
		is:        ErrIDMismatch,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"no id": {ok(`{"result":1}`), wantError{
		is:        ErrIDMismatch,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"no result": {ok(`{"id":$id}`), wantError{
		is:        ErrNoResult,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"null result": {ok(`{"id":$id,"result":null,"error":null}`), wantError{
		is:        ErrNoResult,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"result of another type": {ok(`{"id":$id,"result":"seven"}`), wantError{
		is:        ErrBadResponse,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"result out of u64": {ok(`{"id":$id,"result":18446744073709551616}`), wantError{
		is:        ErrBadResponse,
		status:    200,
		attempts:  3,
		temporary: true,
	}},
	"huge body": {ok(`{"id":$id,"result":"` + strings.Repeat("x", 5000) + `"}`), wantError{
		is:       ErrBodyTooLarge,
		status:   200,
		text:     "exceeds 4096 bytes",
		attempts: 1,
	}},
	"huge error body": {respond(503, strings.Repeat("x", 5000)), wantError{
		is:        ErrHTTP,
		status:    503,
		attempts:  3,
		temporary: true,
	}},
	"gzip bomb": {func(w http.ResponseWriter, _ *http.Request, c call) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		result(z, c, `"`+strings.Repeat("x", 1<<20)+`"`)
		z.Close()
	}, wantError{is: ErrBodyTooLarge, status: 200, attempts: 1}},
}

// connectionFaults are connections that end without a response.
var connectionFaults = map[string]faultCase{
	"closed connection": {func(w http.ResponseWriter, _ *http.Request, _ call) { hangUp(w) },
		wantError{is: io.EOF, attempts: 3, temporary: true}},
	"timeout": {func(_ http.ResponseWriter, r *http.Request, _ call) { <-r.Context().Done() },
		wantError{
			is:        context.DeadlineExceeded,
			text:      "timed out (3 attempts)",
			attempts:  3,
			temporary: true,
		}},
}

func TestClient_HTTPStatus(t *testing.T) { testFaults(t, statusFaults) }

func TestClient_ErrorObject(t *testing.T) { testFaults(t, errorFaults) }

func TestClient_BadBody(t *testing.T) { testFaults(t, bodyFaults) }

func TestClient_NoResponse(t *testing.T) { testFaults(t, connectionFaults) }

// testFaults makes a call to a server with each of the faults.
func testFaults(t *testing.T, faults map[string]faultCase) {
	for name, tc := range faults {
		t.Run(name, func(t *testing.T) {
			seen := make(chan struct{}, 10)
			url := serve(t, func(w http.ResponseWriter, r *http.Request, c call) {
				seen <- struct{}{}
				tc.answer(w, r, c)
			})

			o := Options{MaxAttempts: 3, MaxBody: 4096}
			if name == "timeout" {
				o.Timeout = 20 * time.Millisecond
			}

			c, slept := newClient(t, url, o)
			var slot uint64
			err := c.CallForInto(context.Background(), &slot, "getSlot", nil)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Zero(t, slot)
			if tc.want.is != nil {
				require.ErrorIs(t, err, tc.want.is)
			}

			require.Equal(t, tc.want.status, e.HTTPStatus)
			require.Equal(t, tc.want.code, e.Code)
			require.Contains(t, err.Error(), tc.want.text)
			require.True(t, strings.HasPrefix(err.Error(), "rpc getSlot at "+url+": "), err)
			require.NotContains(t, err.Error(), "\n")
			require.Len(t, seen, tc.want.attempts)
			require.Equal(t, tc.want.attempts, e.Attempts)
			require.Len(t, slept.asked, tc.want.attempts-1)
			require.Equal(t, tc.want.temporary, e.Temporary())
			require.Equal(t, tc.want.after, e.RetryAfter)
			for _, d := range slept.asked {
				require.GreaterOrEqual(t, d, tc.want.after)
			}
		})
	}
}

func TestClient_ConnectionRefused(t *testing.T) {
	c, slept := newClient(t, "http://127.0.0.1:1/secretsecret", Options{})
	err := c.CallForInto(context.Background(), nil, "getSlot", nil)
	if runtime.GOOS != "windows" { // Windows has another error number
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	}
	require.NotContains(t, err.Error(), "secretsecret")
	require.Len(t, slept.asked, 3)
}

func TestClient_LenientResponses(t *testing.T) {
	for name, format := range map[string]string{
		"unknown field": `{"jsonrpc":"2.0","id":%s,"result":18446744073709551615,"gateway":{"region":"x"}}`,
		"id as string":  `{"jsonrpc":"2.0","id":"%s","result":18446744073709551615}`,
		"null error":    `{"id":%s,"error":null,"result":18446744073709551615}`,
		"space":         " \n{\"id\": %s ,\"result\": 18446744073709551615 }\n",
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t,
				func(w http.ResponseWriter, _ *http.Request, c call) {
					fmt.Fprintf(w, format, c.id)
				})

			c, _ := newClient(t, url, Options{})
			var slot uint64
			require.NoError(t, c.CallForInto(context.Background(), &slot, "getSlot", nil))
			require.Equal(t, uint64(math.MaxUint64), slot)
		})
	}
}

func TestClient_Request(t *testing.T) {
	var got []call
	var header http.Header
	url := serve(t, func(w http.ResponseWriter, r *http.Request, c call) {
		got, header = append(got, c), r.Header
		result(w, c, "1")
	})

	c, _ := newClient(t, url,
		Options{Header: http.Header{"x-token": {"one", "two"}, "Accept-Encoding": {"br"}}})
	ctx := context.Background()
	require.NoError(t, c.CallForInto(ctx, nil, "getSlot", nil))
	require.NoError(t, c.CallForInto(ctx, nil, "getSlot", []any{}))
	require.NoError(t,
		c.CallForInto(ctx, nil, "getSlot",
			[]any{map[string]any{"minContextSlot": uint64(math.MaxUint64)}}))
	require.Nil(t, got[0].params)
	require.JSONEq(t, `[]`, string(got[1].params))
	require.Equal(t, `[{"minContextSlot":18446744073709551615}]`, string(got[2].params))
	require.NotEqual(t, got[0].id, got[1].id)
	require.Equal(t, []string{"one", "two"}, header["X-Token"])
	require.Equal(t, "gzip", header.Get("Accept-Encoding"))
	require.Equal(t, "application/json", header.Get("Content-Type"))

	err := c.CallForInto(ctx, nil, "getSlot", []any{func() {}})
	require.ErrorContains(t, err, "encode params")
	require.Len(t, got, 3)
}

func TestClient_CallWithCallback(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		if c.n == 1 {
			hangUp(w)
			return
		}

		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, strings.Repeat("x", 20))
	})

	c, _ := newClient(t, url+"/secretsecret?api-key=secretsecret", Options{MaxBody: 20})
	ran := 0
	err := c.CallWithCallback(context.Background(), "getSlot", nil,
		func(req *http.Request, resp *http.Response) error {
			ran++
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Len(t, body, 20)
			require.Equal(t, 418, resp.StatusCode)

			return fmt.Errorf("made of %s: %s", req.URL, resp.Request.URL)
		})

	require.EqualError(t, err, "made of "+url+": "+url)
	require.Equal(t, 1, ran)

	c, _ = newClient(t, url, Options{MaxBody: 19})
	err = c.CallWithCallback(context.Background(), "getSlot", nil,
		func(_ *http.Request, resp *http.Response) error {
			body, err := io.ReadAll(resp.Body)
			require.Len(t, body, 19)
			_, again := resp.Body.Read(make([]byte, 1))
			require.ErrorIs(t, again, ErrBodyTooLarge)
			return err
		})

	require.ErrorIs(t, err, ErrBodyTooLarge)
}

func TestClient_CallBatch(t *testing.T) {
	requests := upstream.RPCRequests{{Method: "getSlot"}, {Method: "getBlock", Params: []any{7}},
		{Method: "isBlockhashValid", ID: "mine"}}
	for name, tc := range map[string]struct {
		body string
		is   error
		text string
	}{
		"unordered": {body: `[{"id":2,"error":{"code":-32602,"message":"bad"}},{"id":"1","result":null},{"id":0,"result":18446744073709551615}]`},
		"one error": {body: `{"id":null,"error":{"code":-32600,"message":"batch forbidden"}}`,
			text: "rpc batch at %s: code -32600: batch forbidden"},
		"missing": {body: `[{"id":0,"result":1},{"id":1,"result":1}]`, is: ErrIDMismatch},
		"twice": {body: `[{"id":0,"result":1},{"id":0,"result":1},{"id":2,"result":1}]`,
			is: ErrIDMismatch},
		"out of range": {body: `[{"id":3,"result":1}]`, is: ErrIDMismatch},
		"negative":     {body: `[{"id":-1,"result":1}]`, is: ErrIDMismatch},
		"null item":    {body: `[null]`, is: ErrIDMismatch},
		"no result":    {body: `[{"id":0}]`, is: ErrNoResult},
		"object":       {body: `{"id":1,"result":1}`, is: ErrBadResponse},
		"truncated":    {body: `[{"id":0,`, is: ErrBadResponse},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t,
				func(w http.ResponseWriter, _ *http.Request, _ call) { fmt.Fprint(w, tc.body) })
			c, _ := newClient(t, url, Options{})
			responses, err := c.CallBatch(context.Background(), requests)
			switch {
			case tc.is != nil:
				require.ErrorIs(t, err, tc.is)
			case tc.text != "":
				require.EqualError(t, err, fmt.Sprintf(tc.text, url))
			default:
				require.NoError(t, err)
				require.Len(t, responses, 3)
				require.Equal(t, "18446744073709551615", string(responses.GetByID(0).Result))
				require.Nil(t, responses[1].Result)
				require.Equal(t, -32602, responses.AsMap()[2].Error.Code)
				require.Equal(t, "mine", requests[2].ID, "requests are not modified")
			}
		})
	}

	c, _ := newClient(t, "http://127.0.0.1:1", Options{})
	for _, bad := range []upstream.RPCRequests{nil, {nil},
		{{Method: "getSlot", Params: func() {}}}} {
		_, err := c.CallBatch(context.Background(), bad)
		var e *Error
		require.ErrorAs(t, err, &e)
		require.Zero(t, e.Attempts)
	}
}

func TestClient_CustomDoer(t *testing.T) {
	c, _ := newClient(t, "http://node.example",
		Options{HTTPClient: doer(func(*http.Request) (*http.Response, error) { return nil, nil })})
	require.ErrorContains(t, c.CallForInto(context.Background(), nil, "getSlot", nil),
		"no response")
	require.NoError(t, c.Close())

	boom := errors.New("boom")
	c, _ = newClient(t, "http://node.example",
		Options{HTTPClient: doer(func(*http.Request) (*http.Response, error) { return nil, boom })})
	require.ErrorIs(t, c.CallForInto(context.Background(), nil, "getSlot", nil), boom)
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
