package jsonrpc

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	upstream "github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"
)

// compressedZeros returns size zeros in zstd: four bytes stand for 128 KiB.
func compressedZeros(size int) string {
	const block = 128 << 10
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3} // magic, no options, a window of 128 KiB
	for ; size > 0; size -= block {
		header := min(size, block)<<3 | 1<<1 // repeats the next byte this many times
		if size <= block {
			header |= 1 // the last one
		}
		frame = append(frame, byte(header), byte(header>>8), byte(header>>16), 0)
	}
	return base64.StdEncoding.EncodeToString(frame)
}

// requireSmall checks that the heap grows by less than 256 MiB while f runs.
func requireSmall(t *testing.T, f func()) {
	t.Helper()
	if raceDetector {
		t.Skip("the race detector uses too much memory and time")
	}

	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	done, highest := make(chan struct{}), make(chan uint64)
	go func() {
		high := uint64(0)
		for ended := false; !ended; time.Sleep(time.Millisecond) {
			select {
			case <-done:
				ended = true
			default:
			}

			runtime.ReadMemStats(&now)
			high = max(high, now.HeapAlloc)
		}

		highest <- high
	}()

	f()
	close(done)
	high := <-highest
	require.Less(t, high-min(high, before.HeapAlloc), uint64(256<<20))
}

// accountCalls are calls of solana-go whose results hold account data.
var accountCalls = map[string]func(context.Context, *rpc.Client) error{
	"getAccountInfo": func(ctx context.Context, client *rpc.Client) error {
		_, err := client.GetAccountInfo(ctx, solana.PublicKey{1})
		return err
	},
	"getMultipleAccounts": func(ctx context.Context, client *rpc.Client) error {
		_, err := client.GetMultipleAccounts(ctx, solana.PublicKey{1})
		return err
	},
	"getProgramAccounts": func(ctx context.Context, client *rpc.Client) error {
		_, err := client.GetProgramAccounts(ctx, solana.PublicKey{1})
		return err
	},
	"simulateTransaction": func(ctx context.Context, client *rpc.Client) error {
		_, err := client.SimulateRawTransactionWithOpts(ctx, []byte{1}, nil)
		return err
	},
	"getTransaction": func(ctx context.Context, client *rpc.Client) error {
		_, err := client.GetTransaction(ctx, solana.Signature{1}, nil)
		return err
	},
	"batch": func(ctx context.Context, client *rpc.Client) error {
		_, err := client.RPCCallBatch(ctx, upstream.RPCRequests{{Method: "getAccountInfo"}})
		return err
	},
}

// accountJSON is an account with the given data.
func accountJSON(data, encoding string) string {
	return fmt.Sprintf(`{"lamports":1,"owner":"11111111111111111111111111111111",`+
		`"data":["%s","%s"],"executable":false,"rentEpoch":0}`, data, encoding)
}

// answerWithData answers each of accountCalls with an account or a transaction
// of the given data.
func answerWithData(data, encoding string) func(w http.ResponseWriter, _ *http.Request, c call) {
	one := accountJSON(data, encoding)
	return func(w http.ResponseWriter, _ *http.Request, c call) {
		switch c.method {
		case "getAccountInfo":
			result(w, c, `{"context":{"slot":7},"value":`+one+`}`)
		case "getMultipleAccounts":
			result(w, c, `{"context":{"slot":7},"value":[`+one+`]}`)
		case "getProgramAccounts":
			result(w, c, `[{"pubkey":"11111111111111111111111111111111","account":`+one+`}]`)
		case "simulateTransaction":
			result(w, c, `{"context":{"slot":7},"value":{"err":null,"logs":[],`+
				`"unitsConsumed":1,"accounts":[`+one+`]}}`)
		case "getTransaction":
			result(w, c, `{"slot":7,"transaction":["`+data+`","`+encoding+`"],"meta":null}`)
		default:
			fmt.Fprintf(w, `[{"id":0,"result":{"context":{"slot":7},"value":%s}}]`, one)
		}
	}
}

// TestDefuse_SolanaGo decodes into solana-go's own types, which decompress all
// data.
func TestDefuse_SolanaGo(t *testing.T) {
	bomb := compressedZeros(1 << 30)
	for name, data := range map[string][2]string{
		"zstd":         {bomb, "base64+zstd"},
		"zstd escaped": {bomb, `base64\u002bzstd`},
		"zstd fully escaped": {bomb,
			`\u0062\u0061\u0073\u0065\u0036\u0034\u002b\u007a\u0073\u0074\u0064`},
		"base58": {strings.Repeat("z", 300_000), "base58"},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, answerWithData(data[0], data[1]))
			transport, _ := newClient(t, url, Options{MaxAttempts: 1})
			client := rpc.NewWithCustomRPCClient(transport)
			for method, ask := range accountCalls {
				requireSmall(t, func() {
					require.ErrorIs(t, ask(t.Context(), client), ErrBadResponse, method)
				})
			}
		})
	}
}

// TestDefuse_Harmless accepts results that only mention an encoding.
func TestDefuse_Harmless(t *testing.T) {
	for _, text := range []string{
		`{"context":{"slot":7},"value":` + accountJSON("AQID", "base64") + `}`, `"zstd"`,
		`["base64 + zstd"]`, `["111","base58"]`, `["base58"]`,
		`"\u002b"`, `{"logs":["a \u003c b zstd"]}`,
	} {
		require.NoError(t, defuse([]byte(text)), text)
	}
}

// TestClient_GzipBomb gets a body of a few kilobytes that the HTTP client
// decompresses to more than the limit.
func TestClient_GzipBomb(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request, c call) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		fmt.Fprintf(z, `{"id":%s,"result":"`, c.id)
		zeros := strings.Repeat("0", 1<<20)
		for range 128 {
			if _, err := io.WriteString(z, zeros); err != nil {
				return
			}
		}
	})

	transport, _ := newClient(t, url, Options{})
	for _, method := range []string{"getMultipleAccounts", "getLatestBlockhash",
		"simulateTransaction", "sendTransaction", "getProgramAccounts"} {
		requireSmall(t, func() {
			var out any
			require.ErrorIs(t, transport.CallForInto(t.Context(), &out, method, nil),
				ErrBodyTooLarge, method)
		})
	}
}

// TestClient_LargeAnswers checks that concurrent answers of the maximum size
// are not in memory together.
func TestClient_LargeAnswers(t *testing.T) {
	const answers = 10
	body := strings.Repeat("0", 15<<20)
	client, _ := newClient(t, "https://node.example", Options{
		MaxAttempts: 1,
		Timeout:     time.Hour,
		HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
			text, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}

			id := text[strings.Index(string(text), `"id":`)+5:]
			id = id[:strings.IndexByte(string(id), ',')]
			answer := io.MultiReader(strings.NewReader(`{"id":`+string(id)+`,"result":"`),
				strings.NewReader(body), strings.NewReader(`"}`))

			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(answer)}, nil
		}),
	})

	requireSmall(t, func() {
		failures := make(chan error)
		for range answers {
			go func() {
				var length textLength
				failures <- client.CallForInto(t.Context(), &length, accountsMethod, nil)
			}()
		}

		for range answers {
			require.NoError(t, <-failures)
		}
	})
}

// textLength decodes a text into its length.
type textLength int

func (l *textLength) UnmarshalJSON(data []byte) error {
	*l = textLength(len(data))
	return nil
}
