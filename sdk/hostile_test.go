package sdk_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
)

// maxHeap bounds the memory that a client uses for any answer, in bytes.
const maxHeap = 256 << 20

// asked are the methods that a trade calls.
var asked = []string{
	"getMultipleAccounts", "getStakeMinimumDelegation", "getLatestBlockhash", "simulateTransaction",
	"getRecentPrioritizationFees",
	"sendTransaction", "getSignatureStatuses", "getEpochInfo", "getTransaction", "getGenesisHash",
	"getRecentPerformanceSamples",
	"getFeeForMessage",
}

// text is a part of an answer, repeated.
type text struct {
	part  string
	times int
}

// hostile are answers that take much more memory or time to decode than to
// send. ID stands for the id of the request.
func hostile() map[string][]text {
	const slot = `"context":{"slot":342792000}`
	result := func(parts ...text) []text {
		return append(append([]text{{`{"jsonrpc":"2.0","id":ID,"result":`, 1}}, parts...),
			text{"}", 1})
	}

	one := func(part string) text { return text{part, 1} }
	// filled repeats an element up to 15 MiB.
	filled := func(begin, element, end string) []text {
		return []text{{begin, 1}, {element + ",", (15 << 20) / (len(element) + 1)},
			{element + end, 1}}
	}

	account := func(data, encoding string) string {
		return `{"lamports":1,"owner":"11111111111111111111111111111111","executable":false,"rentEpoch":0,"data":["` +
			data +
			`","` +
			encoding +
			`"]}`
	}

	failed := func(code int, parts ...text) []text {
		begin := fmt.Sprintf(`{"jsonrpc":"2.0","id":ID,"error":{"code":%d,"message":`, code)
		return append(append([]text{{begin, 1}}, parts...), text{"}}", 1})
	}

	bomb := base64.StdEncoding.EncodeToString(compressedZeros(1 << 30))
	answers := map[string][]text{
		"a text":   result(one(`"text"`)),
		"a number": result(one(`7`)),
		"a list":   result(one(`[1,"2",{}]`)),
		"wrong types": result(
			one(`{"context":{"slot":"x"},"value":{"err":7,"logs":{},"accounts":7},"meta":[]}`),
		),
		"a huge number":         result(one(`{`+slot+`,"value":`), text{"9", 1 << 20}, one("}")),
		"a huge exponent":       result(one(`{` + slot + `,"value":1e999999999}`)),
		"deep lists":            result(text{"[", 1 << 20}, text{"]", 1 << 20}),
		"deep lists, cut short": result(text{"[", 15 << 20}),
		"deep objects":          result(text{`{"value":`, 1 << 20}, one("1"), text{"}", 1 << 20}),
		"deep, as deep as allowed": result(one(`{`+slot+`,"value":`),
			text{"[", 9_000}, text{"]", 9_000}, one("}")),
		"a key a million times": result(filled(`{`+slot+`,`, `"value":[{}]`, `}`)...),
		"a long text":           result(one(`"`), text{"1", 15 << 20}, one(`"`)),
		"a long owner of getMultipleAccounts": result(one(`{`+slot+`,"value":[{"owner":"`),
			text{"z", 15 << 20}, one(`"}]}`)),
		"a long blockhash of getLatestBlockhash": result(one(`{`+slot+
			`,"value":{"lastValidBlockHeight":9,"blockhash":"`),
			text{"z", 200 << 10}, one(`"}}`)),
		"a long hash":           result(one(`"`), text{"z", 200 << 10}, one(`"`)),
		"a long message":        failed(-32000, one(`"`), text{"x", 15 << 20}, one(`"`)),
		"much data in an error": failed(-32002, filled(`"x","data":[`, `[]`, `]`)...),
		"deep data in an error": failed(-32002, one(`"x","data":`),
			text{"[", 9_000}, text{"]", 9_000}),
		"a million logs in an error": failed(-32002,
			one(`"x","data":{"err":"AccountNotFound","logs":[`),
			text{`"Program log: a",`, 1_000_000}, one(`"end"]}`)),
		"beyond any size": result(one(`"`), text{"x", 65 << 20}, one(`"`)),
		"a million logs of simulateTransaction": result(one(`{`+slot+
			`,"value":{"err":null,"unitsConsumed":1,"logs":[`),
			text{`"Program log",`, 1_000_000}, one(`"end"]}}`)),
		"a million logs of getTransaction": result(
			one(`{"slot":1,"transaction":["","base64"],"meta":{"err":null,"fee":1,"logMessages":[`),
			text{`"Program log",`, 1_000_000},
			one(`"end"]}}`),
		),
	}

	for _, element := range []string{`{}`, `null`, `""`, `1`, `[]`,
		`{"slot":1,"prioritizationFee":1}`} {
		for _, method := range []string{"getMultipleAccounts", "getSignatureStatuses"} {
			answers["millions of "+element+" in the value of "+method] = result(filled(`{`+slot+
				`,"value":[`,
				element, `]}`)...)
		}

		for _, method := range []string{"getRecentPrioritizationFees",
			"getRecentPerformanceSamples"} {
			answers["millions of "+element+" in the result of "+method] = result(filled(`[`,
				element, `]`)...)
		}

		answers["millions of "+element+" in the logs of simulateTransaction"] = result(
			filled(`{`+slot+`,"value":{"err":null,"unitsConsumed":1,"logs":[`, element, `]}}`)...)
		answers["millions of "+element+" in the logs of getTransaction"] = result(
			filled(`{"slot":1,"meta":{"err":null,"fee":1,"logMessages":[`, element, `]}}`)...)
		answers["millions of "+element+" in the balances of getTransaction"] = result(
			filled(`{"slot":1,"meta":{"err":null,"fee":1,"preBalances":[`, element, `]}}`)...)
	}

	for _, encoding := range []string{"base64+zstd", `base64\u002bzst\u0064`} {
		name := ", " + encoding
		answers["account"+name+" of getMultipleAccounts"] = result(one(`{` + slot + `,"value":[` +
			account(bomb, encoding) +
			`]}`))
		answers["account"+name+" of simulateTransaction"] = result(one(
			`{` + slot + `,"value":{"err":null,"logs":[],"unitsConsumed":1,"accounts":[` +
				account(bomb, encoding) +
				`]}}`))

		answers["return data"+name+" of simulateTransaction"] = result(one(
			`{` + slot +
				`,"value":{"err":null,"logs":[],"unitsConsumed":1,"returnData":{"programId":"11111111111111111111111111111111","data":["` +
				bomb +
				`","` +
				encoding +
				`"]}}}`))

		answers["transaction"+name+" of getTransaction"] = result(one(`{"slot":1,"transaction":["` +
			bomb +
			`","` +
			encoding +
			`"],"meta":{"err":null,"fee":1}}`))
	}

	answers["account, base58 of simulateTransaction"] = result(
		one(`{`+slot+
			`,"value":{"err":null,"logs":[],"unitsConsumed":1,"accounts":[{"lamports":1,"owner":"11111111111111111111111111111111","data":["`),
		text{"z", 15 << 20}, one(`","base58"]}]}}`))

	answers["transaction, base58 of getTransaction"] = result(one(`{"slot":1,"transaction":["`),
		text{"z", 15 << 20}, one(`","base58"],"meta":{"err":null,"fee":1}}`))

	return answers
}

// reader streams an answer to a request without a copy.
func reader(answer []text, id []byte) io.Reader {
	var all []io.Reader
	for _, t := range answer {
		part := strings.ReplaceAll(t.part, "ID", string(id))
		if t.times == 1 {
			all = append(all, strings.NewReader(part))
			continue
		}

		// Read a few kilobytes at a time.
		batch := max(1, 4096/len(part))
		some := strings.Repeat(part, batch)
		all = append(all, &repeated{text: some, left: t.times / batch},
			strings.NewReader(strings.Repeat(part, t.times%batch)))
	}

	return io.MultiReader(all...)
}

// repeated is a text that is read several times.
type repeated struct {
	text string
	left int // remaining bytes
	rest string
}

// Read implements [io.Reader].
func (r *repeated) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.rest = r.text
		r.left--
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// compressedZeros returns size zeros in zstd: four bytes stand for 128 KiB.
func compressedZeros(size int) []byte {
	const block = 128 << 10
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3} // magic, no options, a window of 128 KiB
	for size > 0 {
		n := min(size, block)
		size -= n
		header := n<<3 | 1<<1 // repeats the next byte n times
		if size == 0 {
			header |= 1 // the last one
		}

		frame = append(frame, byte(header), byte(header>>8), byte(header>>16), 0)
	}

	return frame
}

// TestClient_CompressedAnswers checks that the compressed test data expands as
// intended.
func TestClient_CompressedAnswers(t *testing.T) {
	var data solana.Data
	text := base64.StdEncoding.EncodeToString(compressedZeros(1_000_000))
	require.NoError(t, json.Unmarshal([]byte(`["`+text+`","base64+zstd"]`), &data))
	require.Len(t, data.Content, 1_000_000)
	require.Less(t, len(text), 100)
}

// streams answers the requests to a method.
func streams(answer []text, method string) faultFunc {
	return func(_ *faulty, c call, r *http.Request) (*http.Response, error) {
		if c.Method != method {
			return nil, nil
		}

		var in struct{ ID json.RawMessage }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			return nil, err
		}

		return &http.Response{StatusCode: http.StatusOK, Header: make(http.Header),
			Body: io.NopCloser(reader(answer, in.ID))}, nil
	}
}

// peak runs f and returns the growth of the heap in bytes.
func peak(f func()) uint64 {
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, highest := make(chan struct{}), make(chan uint64)
	go func() {
		var now runtime.MemStats
		high := uint64(0)
		for {
			runtime.ReadMemStats(&now)
			high = max(high, now.HeapAlloc)
			select {
			case <-stop:
				highest <- high
				return
			default:
				time.Sleep(200 * time.Microsecond)
			}
		}
	}()

	f()
	close(stop)
	high := <-highest

	return high - min(high, before.HeapAlloc)
}

func lastWord(text string) string { return text[strings.LastIndex(text, " ")+1:] }

// TestClient_HostileAnswers trades with a node that gives the most harmful
// answers to one of the methods. The trade ends as with a node that does not
// answer, and uses no more memory than allowed.
func TestClient_HostileAnswers(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory and time of its own")
	}

	for name, body := range hostile() {
		for _, method := range asked {
			if _, only, found := strings.Cut(name, " of "); found &&
				slices.Contains(asked, lastWord(only)) &&
				lastWord(only) != method {
				continue
			}

			t.Run(name+"/"+method, func(t *testing.T) {
				var err error
				grown := peak(func() {
					synctest.Test(t, func(t *testing.T) {
						chain := newChain(t)
						bad := &faulty{chain: chain, fault: streams(body, method), on: true}
						opts := []sdk.Option{sdk.WithHTTPClient(bad), sdk.WithMaxAttempts(1)}
						if method == "getGenesisHash" {
							opts = append(opts,
								sdk.WithFallback("https://second.test", sdk.WithHTTPClient(bad)))
						}

						client, e := sdk.New("https://first.test", opts...)
						require.NoError(t, e)
						ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
						defer cancel()
						signer := newSigner(t)
						_, _, err = client.Execute(ctx, stakeRequest(t, "JitoSOL", sol),
							sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
						require.LessOrEqual(t, len(chain.sent), 1)
					})
				})

				require.Less(t, grown, uint64(maxHeap))
				t.Logf("%d MiB", grown>>20)
				if err != nil {
					requireLine(t, err)
					require.Less(t, len(err.Error()), 2_000)
				}
			})
		}
	}
}
