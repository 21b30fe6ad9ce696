package sdk_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
)

// maxHeap is how much memory a client may use for an answer, in bytes, whatever the answer.
const maxHeap = 256 << 20

// asked are the methods that the client calls in a trade.
var asked = []string{
	"getMultipleAccounts", "getStakeMinimumDelegation", "getLatestBlockhash", "simulateTransaction", "getRecentPrioritizationFees",
	"sendTransaction", "getSignatureStatuses", "getEpochInfo", "getTransaction", "getGenesisHash", "getRecentPerformanceSamples",
	"getFeeForMessage",
}

// hostile are answers that take much more memory or time to decode than to send. ID stands for the id of the request.
func hostile() map[string]string {
	const slot = `"context":{"slot":342792000}`
	result := func(text string) string { return `{"jsonrpc":"2.0","id":ID,"result":` + text + `}` }
	filled := func(size int, begin, element, end string) string {
		return begin + strings.Repeat(element+",", (size-len(begin)-len(end))/(len(element)+1)) + element + end
	}
	account := func(data, encoding string) string {
		return `{"lamports":1,"owner":"11111111111111111111111111111111","executable":false,"rentEpoch":0,"data":["` + data + `","` + encoding + `"]}`
	}
	bomb := base64.StdEncoding.EncodeToString(compressedZeros(4 << 30))
	answers := map[string]string{
		"a text":                   result(`"text"`),
		"a number":                 result(`7`),
		"a list":                   result(`[1,"2",{}]`),
		"wrong types":              result(`{"context":{"slot":"x"},"value":{"err":7,"logs":{},"accounts":7},"meta":[]}`),
		"a huge number":            result(`{` + slot + `,"value":` + strings.Repeat("9", 1<<20) + `}`),
		"a huge exponent":          result(`{` + slot + `,"value":1e999999999}`),
		"deep lists":               result(strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20)),
		"deep lists, cut short":    result(strings.Repeat("[", 15<<20)),
		"deep objects":             result(strings.Repeat(`{"value":`, 1<<20) + "1" + strings.Repeat("}", 1<<20)),
		"deep, as deep as allowed": result(`{` + slot + `,"value":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}`),
		"a key a million times":    result(filled(15<<20, `{`+slot+`,`, `"value":[{}]`, `}`)),
		"a long text":              result(`"` + strings.Repeat("1", 15<<20) + `"`),
		"a long owner":             result(`{` + slot + `,"value":[{"owner":"` + strings.Repeat("z", 15<<20) + `"}]}`),
		"a long blockhash":         result(`{` + slot + `,"value":{"blockhash":"` + strings.Repeat("z", 200<<10) + `","lastValidBlockHeight":9}}`),
		"a long hash":              result(`"` + strings.Repeat("z", 200<<10) + `"`),
		"long base58":              result(`{` + slot + `,"value":{"accounts":[` + account(strings.Repeat("z", 15<<20), "base58") + `]}}`),
		"a long message":           `{"jsonrpc":"2.0","id":ID,"error":{"code":-32000,"message":"` + strings.Repeat("x", 15<<20) + `"}}`,
		"much data in an error":    filled(15<<20, `{"jsonrpc":"2.0","id":ID,"error":{"code":-32002,"message":"x","data":[`, `[]`, `]}}`),
		"deep data in an error":    `{"jsonrpc":"2.0","id":ID,"error":{"code":-32002,"message":"x","data":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}}`,
		"beyond any size":          result(`"` + strings.Repeat("x", 65<<20) + `"`),
	}
	for name, element := range map[string]string{"empty objects": `{}`, "null": `null`, "empty texts": `""`, "numbers": `1`, "empty lists": `[]`} {
		answers["millions of "+name] = result(filled(15<<20, `{`+slot+`,"value":[`, element, `]}`))
		answers["millions of "+name+", bare"] = result(filled(15<<20, `[`, element, `]`))
	}
	logs := strings.Repeat(`"Program log: a",`, 900_000) + `"end"`
	answers["a million logs"] = result(`{` + slot + `,"value":{"err":null,"unitsConsumed":1,"logs":[` + logs + `]}}`)
	answers["a million logs in meta"] = result(`{"slot":1,"transaction":["","base64"],"meta":{"err":null,"fee":1,"logMessages":[` + logs + `]}}`)
	answers["a million logs in an error"] = `{"jsonrpc":"2.0","id":ID,"error":{"code":-32002,"message":"x","data":{"err":"AccountNotFound","logs":[` + logs + `]}}}`
	for name, encoding := range map[string]string{"": "base64+zstd", ", spelled otherwise": `base64\u002bzst\u0064`} {
		answers["compressed account in a list"+name] = result(`{` + slot + `,"value":[` + account(bomb, encoding) + `]}`)
		answers["compressed account"+name] = result(`{` + slot + `,"value":` + account(bomb, encoding) + `}`)
		answers["compressed account of a simulation"+name] = result(
			`{` + slot + `,"value":{"err":null,"logs":[],"unitsConsumed":1,"accounts":[` + account(bomb, encoding) + `]}}`)
		answers["compressed return data"+name] = result(
			`{` + slot + `,"value":{"err":null,"logs":[],"unitsConsumed":1,"returnData":{"programId":"11111111111111111111111111111111","data":["` + bomb + `","` + encoding + `"]}}}`)
		answers["compressed transaction"+name] = result(`{"slot":1,"transaction":["` + bomb + `","` + encoding + `"],"meta":{"err":null,"fee":1}}`)
	}
	return answers
}

// compressedZeros are so many zeros in zstd: four bytes stand for 128 KiB.
func compressedZeros(size int) []byte {
	const block = 128 << 10
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3} // magic, no options, a window of 128 KiB
	for size > 0 {
		n := min(size, block)
		size -= n
		header := n<<3 | 1<<1 // n times the byte that follows
		if size == 0 {
			header |= 1 // the last one
		}
		frame = append(frame, byte(header), byte(header>>8), byte(header>>16), 0)
	}
	return frame
}

// TestCompressedZeros: the bomb is one.
func TestCompressedZeros(t *testing.T) {
	var data solana.Data
	text := base64.StdEncoding.EncodeToString(compressedZeros(1_000_000))
	require.NoError(t, json.Unmarshal([]byte(`["`+text+`","base64+zstd"]`), &data))
	require.Len(t, data.Content, 1_000_000)
	require.Less(t, len(text), 100)
}

// peak runs f and returns how far the heap grew meanwhile, in bytes.
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
	return <-highest - before.HeapAlloc
}

// TestHostileAnswers is a trade with a node that answers one of the methods in the most harmful way there is: it ends, with the outcome
// that a node has which does not answer, and takes no more memory than a trade may.
func TestHostileAnswers(t *testing.T) {
	for name, body := range hostile() {
		for _, method := range asked {
			t.Run(name+"/"+method, func(t *testing.T) {
				var err error
				grown := peak(func() {
					synctest.Test(t, func(t *testing.T) {
						chain := newChain(t)
						bad := &faulty{chain: chain, fault: answers(http.StatusOK, body, method), on: true}
						opts := []sdk.Option{sdk.WithHTTPClient(bad), sdk.WithMaxAttempts(2)}
						if method == "getGenesisHash" {
							opts = append(opts, sdk.WithFallback("https://second.test", sdk.WithHTTPClient(bad)))
						}
						client, e := sdk.New("https://first.test", opts...)
						require.NoError(t, e)
						ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
						defer cancel()
						signer := newSigner(t)
						_, _, err = client.Execute(ctx, stakeRequest(t, "JitoSOL", sol), sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
						require.LessOrEqual(t, len(chain.sent), 1)
					})
				})
				require.Less(t, grown, uint64(maxHeap))
				if err != nil {
					requireLine(t, err)
					require.Less(t, len(err.Error()), 2_000)
				}
			})
		}
	}
}
