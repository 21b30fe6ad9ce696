package jsonrpc

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

var _ rpc.JSONRPCClient = (*Client)(nil)

// call is a request in the view of a scripted server.
type call struct {
	n      int             // 1 for the first request
	id     json.RawMessage // as sent
	method string
	params json.RawMessage // nil if omitted
}

// serve runs a server on the loopback interface and returns its URL.
func serve(t *testing.T, answer func(http.ResponseWriter, *http.Request, call)) string {
	t.Helper()
	var mu sync.Mutex
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			ID     json.RawMessage
			Method string
			Params json.RawMessage
		}

		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &in)
		mu.Lock()
		n++
		c := call{n, in.ID, in.Method, in.Params}
		mu.Unlock()
		answer(w, r, c)
	}))

	t.Cleanup(server.Close)

	return server.URL
}

// naps has a Sleep that returns immediately and records the pauses.
type naps struct{ asked []time.Duration }

func (s *naps) sleep(ctx context.Context, d time.Duration) error {
	s.asked = append(s.asked, d)
	return ctx.Err()
}

func newClient(t *testing.T, endpoint string, o Options) (*Client, *naps) {
	t.Helper()
	s := &naps{}
	if o.Sleep == nil {
		o.Sleep = s.sleep
	}
	c, err := New(endpoint, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c, s
}

func result(w io.Writer, c call, value string) {
	fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, c.id, value)
}

func TestNew_Invalid(t *testing.T) {
	for name, endpoint := range map[string]string{
		"scheme":     "ftp://node.example/secretsecret",
		"no scheme":  "node.example/secretsecret",
		"no host":    "https:///secretsecret",
		"port only":  "https://:8899/secretsecret",
		"opaque":     "https:secretsecret",
		"unparsable": "https://node.example/%zzsecretsecret",
		"control":    "https://secretsecret\x7f@node.example",
		"empty":      "",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(endpoint, Options{})
			require.Error(t, err)
			require.NotContains(t, err.Error(), "secretsecret")
		})
	}

	for name, o := range map[string]Options{
		"timeout":  {Timeout: -1},
		"body":     {MaxBody: -1},
		"attempts": {MaxAttempts: -1},
		"delay":    {BaseDelay: -1},
		"flight":   {MaxInFlight: -1},
		"limiter":  {Limiter: rate.NewLimiter(1, 0)},
	} {
		t.Run("option "+name, func(t *testing.T) {
			_, err := New("https://node.example", o)
			require.Error(t, err)
		})
	}
}

// TestNew_KeyOverHTTP checks that a key is sent unencrypted to this machine
// only.
func TestNew_KeyOverHTTP(t *testing.T) {
	keyed := http.Header{"x-api-key": {"secretsecret"}}
	for _, c := range []struct {
		endpoint string
		header   http.Header
		insecure bool // allowed
		refused  bool
	}{
		{endpoint: "http://node.example", header: keyed, refused: true},
		{endpoint: "http://node.example", header: http.Header{"Authorization": {"x"}},
			refused: true},
		{endpoint: "http://user:secretsecret@node.example", refused: true},
		{endpoint: "http://user@node.example", refused: true},
		{endpoint: "http://node.example/?api-key=secretsecret", refused: true},
		{endpoint: "http://node.example/?secretsecret", refused: true},
		{endpoint: "http://127.0.0.1.node.example", header: keyed, refused: true},
		{endpoint: "http://10.0.0.1:8899", header: keyed, refused: true},
		{endpoint: "http://localhost.node.example", header: keyed, refused: true},
		{endpoint: "HTTP://node.example", header: keyed, refused: true},
		{endpoint: "http://node.example", header: keyed, insecure: true},
		{endpoint: "http://user:secretsecret@node.example/?secretsecret", insecure: true},
		{endpoint: "https://user:secretsecret@node.example/?secretsecret", header: keyed},
		{endpoint: "http://node.example/rpc"},
		{endpoint: "http://node.example",
			header: http.Header{"user-agent": {"us"}, "Accept": {"application/json"}}},
		{endpoint: "http://localhost:8899/?secretsecret", header: keyed},
		{endpoint: "http://LocalHost:8899", header: keyed},
		{endpoint: "http://127.0.0.1:8899", header: keyed},
		{endpoint: "http://127.9.9.9", header: keyed},
		{endpoint: "http://[::1]:8899", header: keyed},
	} {
		_, err := New(c.endpoint, Options{Header: c.header, InsecureHTTP: c.insecure})
		if !c.refused {
			require.NoError(t, err, c.endpoint)
			continue
		}

		require.ErrorIs(t, err, ErrInsecure, c.endpoint)
		require.NotContains(t, err.Error(), "secretsecret")
	}
}

func TestNew_Defaults(t *testing.T) {
	c, err := New("https://node.example", Options{})
	require.NoError(t, err)
	require.Equal(t, 30*time.Second, c.core().opts.Timeout)
	require.EqualValues(t, 64<<20, c.core().opts.MaxBody)
	require.Equal(t, 4, c.core().opts.MaxAttempts)
	require.Equal(t, 16, cap(c.core().slots))
	transport := c.core().http.(*http.Client).Transport.(*http.Transport)
	require.Zero(t, transport.MaxConnsPerHost, "MaxInFlight bounds the connections")
	require.Equal(t, 64, transport.MaxIdleConnsPerHost)
}

// TestNew_SharesConnections makes a client per request and closes none.
func TestNew_SharesConnections(t *testing.T) {
	var mu sync.Mutex
	connections := 0
	server := httptest.NewUnstartedServer(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var in struct{ ID json.RawMessage }
			_ = json.NewDecoder(r.Body).Decode(&in)
			result(w, call{id: in.ID}, "1")
		}),
	)

	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if state == http.StateNew {
			connections++
		}
	}

	server.Start()
	defer server.Close()
	before := runtime.NumGoroutine()
	for range 100 {
		c, err := New(server.URL, Options{Header: http.Header{"X-Key": {"one of many"}}})
		require.NoError(t, err)
		require.NoError(t, c.CallForInto(t.Context(), nil, "getSlot", nil))
	}

	mu.Lock()
	defer mu.Unlock()
	require.LessOrEqual(t, connections, 2)
	require.LessOrEqual(t, runtime.NumGoroutine(), before+10)
}

// TestClient_UnderSolanaGo runs solana-go's typed client on this transport.
func TestClient_UnderSolanaGo(t *testing.T) {
	owner := solana.SystemProgramID
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		switch c.method {
		case "getMultipleAccounts":
			result(w, c, fmt.Sprintf(`{"context":{"apiVersion":"3.0.0","slot":7},"value":[
				{"data":["AQID","base64"],"executable":false,"lamports":%d,"owner":%q,"rentEpoch":%d,"space":3},null]}`,
				uint64(math.MaxUint64-1), owner, uint64(math.MaxUint64)))

		case "getLatestBlockhash":
			if c.n > 2 {
				result(w, c, "null")
				return
			}

			result(
				w,
				c,
				fmt.Sprintf(
					`{"context":{"slot":8},"value":{"blockhash":%q,"lastValidBlockHeight":9}}`,
					solana.Hash{1},
				),
			)

		case "getTransaction", "getBlock":
			result(w, c, "null")
		}
	})

	transport, _ := newClient(t, url, Options{})
	client := rpc.NewWithCustomRPCClient(transport)
	ctx := context.Background()

	accounts, err := client.GetMultipleAccountsWithOpts(ctx, []solana.PublicKey{{1}, {2}},
		&rpc.GetMultipleAccountsOpts{Encoding: solana.EncodingBase64,
			Commitment: rpc.CommitmentConfirmed})
	require.NoError(t, err)
	require.EqualValues(t, 7, accounts.Context.Slot)
	require.Len(t, accounts.Value, 2)
	require.Equal(t, uint64(math.MaxUint64-1), accounts.Value[0].Lamports)
	require.Equal(t, []byte{1, 2, 3}, accounts.Value[0].Data.GetBinary())
	require.Nil(t, accounts.Value[1])

	hash, err := client.GetLatestBlockhash(ctx, rpc.CommitmentConfirmed)
	require.NoError(t, err)
	require.Equal(t, solana.Hash{1}, hash.Value.Blockhash)

	hash, err = client.GetLatestBlockhash(ctx, rpc.CommitmentConfirmed)
	require.ErrorIs(t, err, ErrNoResult)
	require.Nil(t, hash)

	_, err = client.GetTransaction(ctx, solana.Signature{}, nil)
	require.ErrorIs(t, err, rpc.ErrNotFound)
	_, err = client.GetBlock(ctx, 1)
	require.ErrorIs(t, err, rpc.ErrNotConfirmed)
	require.NoError(t, client.Close())
}

func TestClient_NoGoroutineLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		defer server.Close()
		c, err := New(server.URL, Options{
			MaxInFlight: 4,
			Sleep:       func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		})

		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if c.CallForInto(context.Background(), nil, "getSlot", nil) == nil {
					t.Error("a 503 must fail")
				}
			})
		}

		wg.Wait()
		require.NoError(t, c.Close())
	}()

	// Connections end with a delay. require.Eventually would start a goroutine.
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines left:\n%s", runtime.NumGoroutine()-before,
				stacks[:runtime.Stack(stacks, true)])
		}
	}
}
