package serve_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
)

// benchPath returns a handler and the path of a direct quote on it.
func benchPath(b *testing.B) (handler http.Handler, path string) {
	b.Helper()
	client, _, err := sdktest.DemoClient()
	require.NoError(b, err)
	jito, err := client.Registry().Lookup("jitoSOL")
	require.NoError(b, err)
	market, err := client.LoadMarket(b.Context(), jito.Mint)
	require.NoError(b, err)
	handler, err = serve.New(serve.Config{Markets: serve.Fixed(market)})
	require.NoError(b, err)

	return handler, "/swap/v1/quote?inputMint=" + accounts.NativeMint.String() + "&outputMint=" +
		jito.Mint.String() + "&amount=1500000000&slippageBps=50&onlyDirectRoutes=true"
}

// constant answers every request with the same bytes.
func constant(body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
		_, _ = w.Write(body)
	})
}

// discard is a response that nothing reads.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header            { return d.header }
func (d *discard) WriteHeader(int)                {}
func (d *discard) Write(text []byte) (int, error) { return len(text), nil }

// BenchmarkQuote measures a direct quote without the network.
func BenchmarkQuote(b *testing.B) {
	handler, path := benchPath(b)
	r := httptest.NewRequest(http.MethodGet, path, nil)
	w := &discard{header: make(http.Header)}
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(w, r)
	}
}

// BenchmarkQuote_Loopback measures a direct quote over one connection, and
// reports its time as a multiple of that of a handler which answers a constant
// of the same length.
func BenchmarkQuote_Loopback(b *testing.B) {
	handler, path := benchPath(b)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	require.Equal(b, 200, recorder.Code)

	const rounds = 2_000
	base := dial(b, constant(recorder.Body.Bytes()))
	quotes := dial(b, handler)
	var plain, quoted time.Duration
	for b.Loop() {
		// Alternate, so that both meet the same noise.
		plain += base.ask(b, path, rounds)
		quoted += quotes.ask(b, path, rounds)
	}

	b.ReportMetric(float64(quoted.Nanoseconds())/float64(b.N*rounds), "ns/quote")
	b.ReportMetric(float64(plain.Nanoseconds())/float64(b.N*rounds), "ns/constant")
	b.ReportMetric(float64(quoted)/float64(plain), "x-constant")
}

// connection is a kept connection to a server.
type connection struct {
	net.Conn
	reader *bufio.Reader
}

func dial(b *testing.B, handler http.Handler) *connection {
	b.Helper()
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	require.NoError(b, err)
	b.Cleanup(func() { conn.Close() })
	return &connection{conn, bufio.NewReader(conn)}
}

// ask sends requests one after the other and returns how long they took.
func (c *connection) ask(b *testing.B, path string, rounds int) time.Duration {
	b.Helper()
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
	began := time.Now()
	for range rounds {
		_, err := c.Write(request)
		require.NoError(b, err)
		length := 0
		for {
			line, err := c.reader.ReadSlice('\n')
			require.NoError(b, err)
			if value, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
				length, err = strconv.Atoi(strings.TrimSpace(value))
				require.NoError(b, err)
			}

			if len(line) == 2 {
				break
			}
		}

		_, err = io.CopyN(io.Discard, c.reader, int64(length))
		require.NoError(b, err)
	}

	return time.Since(began)
}
