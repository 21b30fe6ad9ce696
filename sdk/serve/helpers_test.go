package serve_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// symbols are the tokens of the test market.
var symbols = []string{"jitoSOL", "hubSOL", "jupSOL", "bSOL", "mSOL", "stSOL", "INF"}

// world is a server on the embedded market.
type world struct {
	t       testing.TB
	node    *sdktest.Node
	client  *sdk.Client
	market  *route.Market
	user    *txn.KeySigner
	handler *serve.Handler
	doc     *document
}

// newWorld returns a server. change may alter its configuration.
func newWorld(t testing.TB, change func(*serve.Config)) *world {
	t.Helper()
	node, err := sdktest.Demo()
	require.NoError(t, err)
	node.AcceptAll()

	w := &world{t: t, node: node, doc: readDocument(t)}
	w.client, err = node.Client()
	require.NoError(t, err)
	w.user, err = txn.GenerateKeySigner()
	require.NoError(t, err)
	node.Fund(1_000_000_000_000, w.user.PublicKey())

	var mints []solana.PublicKey
	for _, symbol := range symbols {
		mints = append(mints, w.mint(symbol))
	}

	w.market, err = w.client.LoadMarket(t.Context(), mints...)
	require.NoError(t, err)

	config := serve.Config{
		Markets: serve.Fixed(w.market),
		Client:  w.client,
		Logger:  slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if change != nil {
		change(&config)
	}

	w.handler, err = serve.New(config)
	require.NoError(t, err)

	return w
}

// mint returns the mint of a symbol.
func (w *world) mint(symbol string) solana.PublicKey {
	w.t.Helper()
	if symbol == "SOL" {
		return accounts.NativeMint
	}
	token, err := w.client.Registry().Lookup(symbol)
	require.NoError(w.t, err)
	return token.Mint
}

// answer is the response to a request.
type answer struct {
	*httptest.ResponseRecorder
	t testing.TB
}

// get requests a path, and checks the response against the document.
func (w *world) get(path string, query ...string) answer {
	w.t.Helper()
	values := make(url.Values)
	for i := 0; i+1 < len(query); i += 2 {
		values.Add(query[i], query[i+1])
	}
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return w.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// post posts a value as JSON, and checks the response against the document.
func (w *world) post(path string, body any) answer {
	w.t.Helper()
	text, ok := body.(string)
	if !ok {
		encoded, err := json.Marshal(body)
		require.NoError(w.t, err)
		text = string(encoded)
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	return w.do(r)
}

// do sends a request, and checks the response against the document.
func (w *world) do(r *http.Request) answer {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	w.doc.checkResponse(w.t, r, recorder)
	return answer{recorder, w.t}
}

// into decodes a response with a status.
func (a answer) into(status int, value any) {
	a.t.Helper()
	require.Equal(a.t, status, a.Code, a.Body.String())
	decoder := json.NewDecoder(bytes.NewReader(a.Body.Bytes()))
	decoder.UseNumber()
	require.NoError(a.t, decoder.Decode(value), a.Body.String())
}

// fails requires an error with a code.
func (a answer) fails(status int, code string) string {
	a.t.Helper()
	var failure struct {
		Code  string `json:"errorCode"`
		Error string `json:"error"`
	}
	a.into(status, &failure)
	require.Equal(a.t, code, failure.Code, failure.Error)
	require.NotContains(a.t, failure.Error, "\n")
	return failure.Error
}

// object is decoded JSON.
type object = map[string]any
