package serve_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/sanctum-go/sanctum/sdk/serve"
)

// newFuzzWorld returns a server for a fuzz target. It logs nothing: the inputs
// have no test of their own to log to.
func newFuzzWorld(f *testing.F) *world {
	f.Helper()
	return newWorld(f, func(c *serve.Config) { c.Logger = nil })
}

// FuzzQuery sends queries to all endpoints that read one. None may be a defect,
// and every response must be one of the document.
func FuzzQuery(f *testing.F) {
	for _, query := range []string{
		"inputMint=So11111111111111111111111111111111111111112&outputMint=" +
			"J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn&amount=1500000000&slippageBps=50",
		"from=SOL&to=jitoSOL&amount=1&swapMode=exactOut&venues=Infinity&feeBps=10",
		"from=jitoSOL&to=stake&amount=18446744073709551615",
		"amount=1.5&to=jitoSOL&from=%53OL", "a=%zz", "a=b&&=c&=&amount", "dexes=a,,b&dexes=",
		"amount=00&amount=1", "to=" + strings.Repeat("1", 44), "from=\x00&to=\xff",
	} {
		for number := range queryPaths {
			f.Add(number, query)
		}
	}

	w := newFuzzWorld(f)
	f.Fuzz(func(t *testing.T, number int, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: queryPaths[uint(number)%uint(len(queryPaths))], RawQuery: query}
		w.send(t, r)
	})
}

// queryPaths are the paths that read a query.
var queryPaths = []string{
	"/swap/v1/quote", "/v1/quotes", "/actions/stake", "/actions/swap", "/v1/market",
	"/swap/v2/order", "/v1/tokens/x",
}

// bodyPaths are the paths that read a body.
var bodyPaths = []string{
	"/swap/v1/swap", "/swap/v1/swap-instructions", "/v1/transactions", "/v1/explain",
	"/v1/verify", "/actions/stake?amount=1&to=jitoSOL", "/actions/swap/next?to=INF",
	"/swap/v2/execute",
}

// FuzzBody sends bodies to all endpoints that read one.
func FuzzBody(f *testing.F) {
	w := newFuzzWorld(f)
	bodies := []string{
		"", "{}", "null", "[]", `{"transaction":"AAAA"}`, `{"account":"x"}`,
		`{"owner":"","amount":"-1"}`, `{"quoteResponse":{"routePlan":[null]}}`,
		`{"transaction":"AQ==","policy":{"owner":"11111111111111111111111111111111"}}`,
		`{"signedTransaction":"AQAB","requestId":"order-1-2"}`,
	}

	for _, body := range []any{w.seedTrade(), w.seedSwap()} {
		text, err := json.Marshal(body)
		if err != nil {
			f.Fatal(err)
		}

		bodies = append(bodies, string(text))
	}

	for _, body := range bodies {
		for number := range bodyPaths {
			f.Add(number, body)
		}
	}

	f.Fuzz(func(t *testing.T, number int, body string) {
		path := bodyPaths[uint(number)%uint(len(bodyPaths))]
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w.send(t, r)
	})
}

const seedMint = "J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn"

func (w *world) seedTrade() object {
	return object{
		"owner": w.user.PublicKey().String(), "from": "SOL", "to": seedMint, "amount": "1000000000",
		"minOut": "1", "venues": []string{"Infinity"}, "memo": "m", "version": "legacy",
	}
}

func (w *world) seedSwap() object {
	return object{
		"userPublicKey":             w.user.PublicKey().String(),
		"prioritizationFeeLamports": 1000,
		"quoteResponse": object{
			"inputMint": "So11111111111111111111111111111111111111112", "inAmount": "1000000000",
			"outputMint": seedMint, "outAmount": "800000000", "otherAmountThreshold": "790000000",
			"swapMode": "ExactIn", "slippageBps": 50,
			"routePlan": []any{object{"swapInfo": object{"label": "Stake Pool"}}},
		},
	}
}

// send requires a response that the document has and that is no defect.
func (w *world) send(t *testing.T, r *http.Request) {
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	w.doc.checkResponse(t, r, recorder)
	if recorder.Code == http.StatusInternalServerError {
		t.Fatalf("%s %s: %s", r.Method, r.URL, recorder.Body)
	}
}

// FuzzAmount compares the amounts that are read with their text.
func FuzzAmount(f *testing.F) {
	for _, text := range []string{"0", "1", "01", "-1", "+1", "1e3", "18446744073709551615",
		"18446744073709551616", " 1", "１"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := serve.ParseAmount(text)
		if err == nil && serve.Number(value) != text {
			t.Fatalf("%q is read as %d", text, value)
		}
	})
}
