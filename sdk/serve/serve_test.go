package serve_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
)

// A watcher is what servers quote from.
var (
	_ serve.Markets = (*sdk.Watcher)(nil)
	_ serve.Aged    = (*sdk.Watcher)(nil)
)

func TestNew_RefusesBadConfigurations(t *testing.T) {
	_, err := serve.New(serve.Config{})
	require.ErrorIs(t, err, serve.ErrConfig)

	markets := serve.Fixed(nil)
	for _, base := range []string{"example.org", "ftp://example.org", "https://", "://"} {
		_, err = serve.New(serve.Config{Markets: markets, BaseURL: base})
		require.ErrorIs(t, err, serve.ErrConfig, base)
	}

	registry := prometheus.NewRegistry()
	_, err = serve.New(serve.Config{Markets: markets, Registry: registry})
	require.NoError(t, err)
	_, err = serve.New(serve.Config{Markets: markets, Registry: registry})
	require.ErrorIs(t, err, serve.ErrConfig, "one registry takes the metrics of one handler")
}

func TestHandler_WithoutNew(t *testing.T) {
	for _, h := range []*serve.Handler{nil, new(serve.Handler)} {
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		require.Equal(t, 503, recorder.Code)
		require.Nil(t, h.Registry())
	}
}

func TestHandler_AnswersUnknownPathsAndMethods(t *testing.T) {
	w := newWorld(t, nil)
	for _, path := range []string{"/", "/v1", "/v1/quote", "/swap/v1/quote/", "/v1/tokens/%00/x"} {
		w.get(path).fails(404, "NOT_FOUND")
	}

	for _, method := range []string{"PUT", "DELETE", "PATCH", "TRACE", "QUERY"} {
		response := w.do(httptest.NewRequest(method, "/v1/quotes", nil))
		response.fails(405, "METHOD_NOT_ALLOWED")
		require.Equal(t, "GET, HEAD, OPTIONS", response.Header().Get("Allow"))
	}

	w.post("/v1/quotes", object{}).fails(405, "METHOD_NOT_ALLOWED")
	w.get("/v1/explain").fails(405, "METHOD_NOT_ALLOWED")
}

func TestHandler_PassesOtherPathsOn(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) {
		c.Other = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
		})
	})
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusTeapot, recorder.Code)
	require.Equal(t, 200, w.get("/v1/market").Code)
}

func TestHandler_SetsHeaders(t *testing.T) {
	w := newWorld(t, nil)
	for _, path := range []string{"/v1/market", "/nothing", "/healthz", "/metrics"} {
		header := w.get(path).Header()
		require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"), path)
		require.Equal(t, "no-store", header.Get("Cache-Control"), path)
		require.Contains(t, header.Get("Content-Security-Policy"), "default-src 'none'", path)
	}

	require.Equal(t, "*", w.get("/v1/market").Header().Get("Access-Control-Allow-Origin"))
	require.Empty(t, w.get("/healthz").Header().Get("Access-Control-Allow-Origin"),
		"other sites must not watch the operation")
	require.Empty(t, w.get("/metrics").Header().Get("Access-Control-Allow-Origin"))

	preflight := w.do(httptest.NewRequest(http.MethodOptions, "/swap/v1/swap", nil))
	require.Equal(t, 204, preflight.Code)
	require.Contains(t, preflight.Header().Get("Access-Control-Allow-Methods"), "POST")
	require.Contains(t, preflight.Header().Get("Access-Control-Allow-Headers"), "Content-Type")
}

// failing are Markets that fail with an error which names a secret.
type failing struct{ err error }

func (f failing) Market() (*route.Market, error) { return nil, f.err }

func (f failing) Age() time.Duration { return 90 * time.Second }

const secret = "https://rpc.example/sEcReTkEy12345"

func TestHandler_RefusesWithoutAMarket(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.Markets = failing{errors.New(secret)} })
	for _, path := range []string{
		"/v1/market", "/v1/tokens", "/v1/infinity", "/v1/quotes?from=SOL&to=INF&amount=1",
		"/v1/tokens/SOL", "/swap/v1/quote?amount=1", "/swap/v2/order?amount=1",
	} {
		text := w.get(path).fails(503, "MARKET_TOO_OLD")
		require.NotContains(t, text, "rpc.example")
	}
	w.post("/v1/transactions", w.trade(nil)).fails(503, "MARKET_TOO_OLD")
	require.Equal(t, 503, w.get("/actions/stake").Code)
}

func TestHealth_TellsTheAge(t *testing.T) {
	w := newWorld(t, nil)
	var health object
	w.get("/healthz").into(200, &health)
	require.Equal(t, "ok", health["status"])
	require.Nil(t, health["ageMilliseconds"])

	w = newWorld(t, func(c *serve.Config) { c.Markets = failing{errors.New(secret)} })
	response := w.get("/healthz")
	response.into(503, &health)
	require.Equal(t, "tooOld", health["status"])
	require.Equal(t, "90000", health["ageMilliseconds"].(interface{ String() string }).String())
	require.NotContains(t, response.Body.String(), "rpc.example")

	w = newWorld(t, func(c *serve.Config) { c.Markets = serve.Fixed(nil) })
	w.get("/healthz").into(503, &health)
	require.Equal(t, "unavailable", health["status"])
}

func TestHandler_SurvivesPanics(t *testing.T) {
	w := newWorld(t, nil)
	w.handler.BreakMarket()
	text := w.get("/v1/market").fails(500, "INTERNAL_ERROR")
	require.NotContains(t, text, "broken")
	require.Contains(t, w.get("/metrics").Body.String(), "sanctum_serve_panics_total 1")
	require.Equal(t, 200, w.get("/v1/tokens").Code)
}

func TestMetrics_CountRequests(t *testing.T) {
	w := newWorld(t, nil)
	w.get("/v1/market")
	w.get("/v1/market")
	w.get("/nothing")
	text := w.get("/metrics").Body.String()
	for _, line := range []string{
		`sanctum_serve_requests_total{path="/v1/market",status="200"} 2`,
		`sanctum_serve_requests_total{path="unknown",status="404"} 1`,
		`sanctum_serve_request_duration_seconds_count{path="/v1/market"} 2`,
		`sanctum_serve_market_slot 3.42792e+08`,
		`sanctum_serve_market_age_seconds -1`,
		`sanctum_serve_panics_total 0`,
	} {
		require.Contains(t, text, line)
	}
}

func TestLimits_Body(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.MaxBodyBytes = 100 })
	w.post("/v1/explain", object{"transaction": longText(100)}).fails(413, "BODY_TOO_LARGE")
	w.post("/v1/explain", object{"transaction": longText(60)}).fails(400, "INVALID_REQUEST")
	for name, body := range map[string]string{
		"empty": "", "cut": `{"transaction":"AAAA"`, "two": `{"transaction":""}{}`, "list": "[]",
		"deep": strings.Repeat("[", 90), "null": "null", "text": `"x"`,
	} {
		t.Run(name, func(t *testing.T) {
			w.post("/v1/explain", body).fails(400, "INVALID_REQUEST")
			require.Equal(t, 400, w.post("/swap/v1/swap", body).Code)
		})
	}

	r := httptest.NewRequest(http.MethodPost, "/v1/explain", strings.NewReader("{}"))
	r.Header.Set("Content-Type", "text/plain")
	w.do(r).fails(415, "UNSUPPORTED_MEDIA_TYPE")
}

func TestLimits_Query(t *testing.T) {
	w := newWorld(t, nil)
	w.get("/v1/quotes?from="+longText(5000)).fails(400, "INVALID_REQUEST")
	w.get("/v1/quotes?"+strings.Repeat("a=b&", 65)).fails(400, "INVALID_REQUEST")
	w.get("/swap/v1/quote?amount=%zz").fails(400, "INVALID_REQUEST")
}

func TestLimits_Rate(t *testing.T) {
	var now atomic.Int64
	w := newWorld(t, func(c *serve.Config) { c.RatePerSecond, c.Burst = 1, 2 })
	w.handler.SetClock(func() time.Time { return time.Unix(now.Load(), 0) })

	from := func(remote string) answer {
		r := httptest.NewRequest(http.MethodGet, "/v1/market", nil)
		r.RemoteAddr = remote
		return w.do(r)
	}

	require.Equal(t, 200, from("192.0.2.1:1000").Code)
	require.Equal(t, 200, from("192.0.2.1:1001").Code)
	require.Equal(t, "1", from("192.0.2.1:1002").Header().Get("Retry-After"))
	from("192.0.2.1:1003").fails(429, "TOO_MANY_REQUESTS")
	require.Equal(t, 200, from("192.0.2.2:1000").Code, "another client")

	require.Equal(t, 200, from("[2001:db8::1]:1").Code)
	require.Equal(t, 200, from("[2001:db8::2]:1").Code)
	from("[2001:db8::3]:1").fails(429, "TOO_MANY_REQUESTS")
	require.Equal(t, 200, from("[2001:db8:0:1::1]:1").Code, "another network")

	now.Add(1)
	require.Equal(t, 200, from("192.0.2.1:1004").Code)
	from("192.0.2.1:1005").fails(429, "TOO_MANY_REQUESTS")
	require.Equal(t, 200, w.get("/healthz").Code, "health has no limit")
}

func TestLimits_Concurrency(t *testing.T) {
	reached, leave := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(c *serve.Config) { c.MaxNodeCalls = 1 })
	w.node.OnSimulate(func([]byte) sdktest.Simulation {
		close(reached)
		<-leave
		return sdktest.Simulation{Units: 1000}
	})

	done := make(chan int)
	request := func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/v1/transactions",
			strings.NewReader(`{"owner":"`+w.user.PublicKey().String()+
				`","from":"SOL","to":"jitoSOL","amount":"1000000000"}`))
		r.Header.Set("Content-Type", "application/json")
		return r
	}

	go func() {
		recorder := httptest.NewRecorder()
		w.handler.ServeHTTP(recorder, request())
		done <- recorder.Code
	}()

	<-reached
	w.do(request()).fails(429, "TOO_MANY_REQUESTS")
	require.Equal(t, 200, w.get("/v1/market").Code, "requests without a node have their own limit")
	close(leave)
	require.Equal(t, 200, <-done)
}

// TestLimits_Awaiting checks that a request which waits for a transaction takes
// no place of requests that ask a node.
func TestLimits_Awaiting(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.MaxNodeCalls = 1 })
	path := "/v1/transactions/" + solana.Signature{9}.String()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		w.handler.ServeHTTP(httptest.NewRecorder(), r)
		close(done)
	}()

	require.Eventually(t, func() bool { return w.node.Calls("getSignatureStatuses") > 0 },
		time.Minute, time.Millisecond)
	w.get(path).fails(429, "TOO_MANY_REQUESTS")
	w.post("/v1/transactions", object{
		"owner": w.user.PublicKey(), "from": "SOL", "to": "jitoSOL", "amount": "1500000000",
	}).into(200, &struct{}{})

	cancel()
	<-done
}

// TestLimits_SlowBody leaves a body unfinished: it must not take the place of
// other requests that ask a node.
func TestLimits_SlowBody(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.MaxNodeCalls, c.MaxConcurrent = 1, 1 })
	body, write := io.Pipe()
	slow := httptest.NewRequest(http.MethodPost, "/v1/transactions", body)
	slow.Header.Set("Content-Type", "application/json")
	done := make(chan int)
	go func() {
		recorder := httptest.NewRecorder()
		w.handler.ServeHTTP(recorder, slow)
		done <- recorder.Code
	}()

	_, err := write.Write([]byte("{")) // Returns once the handler reads.
	require.NoError(t, err)
	order := []string{
		"inputMint", w.mint("SOL").String(), "outputMint", w.mint("jitoSOL").String(),
		"amount", "1000000000", "taker", w.user.PublicKey().String(),
	}
	require.Equal(t, 200, w.get("/swap/v2/order", order...).Code)
	require.Equal(t, 200, w.get("/v1/market").Code)
	w.post("/v1/explain", object{}).fails(429, "TOO_MANY_REQUESTS")

	require.NoError(t, write.Close())
	require.Equal(t, 400, <-done)
	w.post("/v1/explain", object{}).fails(400, "INVALID_REQUEST")
}

// TestLimits_BodyThatNeverEnds waits for the handler to give up a body. The
// server has no time limit of its own.
func TestLimits_BodyThatNeverEnds(t *testing.T) {
	w := newWorld(t, func(c *serve.Config) { c.Timeout = 50 * time.Millisecond })
	server := httptest.NewServer(w.handler)
	defer server.Close()

	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp",
		server.Listener.Addr().String())
	require.NoError(t, err)
	defer connection.Close()
	_, err = io.WriteString(connection, "POST /v1/explain HTTP/1.1\r\nHost: localhost\r\n"+
		"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	require.NoError(t, err)

	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, 400, response.StatusCode)
}

// replaced are Markets whose market a test replaces.
type replaced struct{ atomic.Pointer[route.Market] }

func (r *replaced) Market() (*route.Market, error) { return r.Load(), nil }

// TestHandler_FollowsTheMarket replaces the market by one at a later slot, and
// by one with another token.
func TestHandler_FollowsTheMarket(t *testing.T) {
	var markets replaced
	var now atomic.Int64
	w := newWorld(t, func(c *serve.Config) { c.Markets = &markets })
	w.handler.SetClock(func() time.Time { return time.Unix(now.Load(), 0) })
	markets.Store(w.market)
	slot := func() uint64 {
		var got quotesAnswer
		w.get("/v1/quotes", "from", "SOL", "to", "jitoSOL", "amount", "1000000000").into(200, &got)
		return got.Slot
	}

	require.Equal(t, w.market.Slot(), slot())

	next, err := w.market.Updated(w.market.Slot() + 3)
	require.NoError(t, err)
	markets.Store(next)
	require.Equal(t, w.market.Slot()+3, slot(), "the next request has the next market")

	w.get("/v1/tokens/laineSOL").fails(404, "NOT_FOUND")
	other, err := w.client.LoadMarket(t.Context(), w.mint("laineSOL"), w.mint("jitoSOL"))
	require.NoError(t, err)
	markets.Store(other)
	now.Add(1)
	require.Equal(t, 200, w.get("/v1/tokens/laineSOL").Code, "tokens are compared every second")
	w.get("/v1/tokens/hubSOL").fails(404, "NOT_FOUND")
}
