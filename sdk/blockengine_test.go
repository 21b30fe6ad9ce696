package sdk_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// tipAccount is the tip account of the scripted block engine.
var tipAccount = solana.PublicKey{40}

// engine is a scripted block engine.
type engine struct {
	*httptest.Server
	mu sync.Mutex
	// answer, if not nil, answers instead of the script.
	answer func(http.ResponseWriter, *http.Request) bool
	// requests are the paths with their queries, and auth the keys.
	requests, auth []string
	calls          []call
}

func newEngine(t testing.TB) *engine {
	e := new(engine)
	e.Server = httptest.NewServer(http.HandlerFunc(e.serve))
	t.Cleanup(e.Close)
	return e
}

func (e *engine) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var request struct {
		ID json.RawMessage `json:"id"`
		call
	}

	_ = json.Unmarshal(body, &request)
	e.mu.Lock()
	e.requests = append(e.requests, r.URL.RequestURI())
	e.auth = append(e.auth, r.Header.Get("X-Jito-Auth"))
	e.calls = append(e.calls, request.call)
	answer := e.answer
	e.mu.Unlock()
	if answer != nil && answer(w, r) {
		return
	}

	var result any
	switch request.Method {
	case "getTipAccounts":
		result = []solana.PublicKey{{39}, tipAccount}
	case "sendBundle":
		result = "892b79ed49138bfb3aa5441f0df6e06ef34f9ee8f3976c15b323605bae0cf51d"
	case "sendTransaction":
		var text string
		_ = json.Unmarshal(request.Params[0], &text)
		signed, _, err := txn.ParseLanded(text, nil, nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}

		result = signed.Signature()

	case "getBundleStatuses":
		result = map[string]any{"context": map[string]any{"slot": 9}, "value": []any{
			map[string]any{"bundle_id": "known", "transactions": []solana.Signature{{1}},
				"slot": 8, "confirmation_status": "confirmed", "err": map[string]any{"Ok": nil}},
			nil, map[string]any{"bundle_id": "not asked for"},
		}}
	}

	_ = json.NewEncoder(w).Encode(
		map[string]any{"jsonrpc": "2.0", "id": request.ID, "result": result})
}

// seen returns the requests so far.
func (e *engine) seen() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.requests...)
}

// tipped returns a signed transaction with a tip.
func tipped(t testing.TB, to solana.PublicKey, lamports uint64) *txn.Signed {
	t.Helper()
	signer := newSigner(t)
	return byWallet(t, []txn.Step{must(txn.TransferSOL(signer.PublicKey(), to, lamports))}, signer)
}

func newBlockEngine(t testing.TB, opts sdk.BlockEngineOptions, urls ...string) *sdk.BlockEngine {
	t.Helper()
	b, err := sdk.NewBlockEngine(urls, opts)
	require.NoError(t, err)
	return b
}

// TestBlockEngine_Send checks method, path, parameters and key of each mode.
func TestBlockEngine_Send(t *testing.T) {
	for _, c := range []struct {
		mode sdk.BlockEngineMode
		path string
	}{
		{sdk.BlockEngineBundle, "/api/v1/bundles"},
		{sdk.BlockEngineBundleOnly, "/api/v1/transactions?bundleOnly=true"},
		{sdk.BlockEngineTransaction, "/api/v1/transactions"},
	} {
		e := newEngine(t)
		b := newBlockEngine(t, sdk.BlockEngineOptions{Mode: c.mode, UUID: "the-uuid-of-a-user"},
			e.URL+"/")
		s := tipped(t, tipAccount, 1_000)
		require.NoError(t, b.Send(t.Context(), s))
		require.NoError(t, b.Send(t.Context(), s))
		require.Equal(t, []string{"/api/v1/getTipAccounts", c.path, c.path}, e.seen())
		require.Equal(t, "the-uuid-of-a-user", e.auth[2])
		params := string(e.calls[1].Params[0]) + string(e.calls[1].Params[1])
		want := fmt.Sprintf(`"%s"{"encoding":"base64"}`, s.Base64())
		if c.mode == sdk.BlockEngineBundle {
			want = fmt.Sprintf(`["%s"]{"encoding":"base64"}`, s.Base64())
		}

		require.Equal(t, want, params)
	}
}

// TestBlockEngine_Tip checks which transfers count as a tip, and that a
// transaction without one is refused before anything is sent.
func TestBlockEngine_Tip(t *testing.T) {
	e := newEngine(t)
	b := newBlockEngine(t, sdk.BlockEngineOptions{}, e.URL)
	for _, c := range []struct {
		name     string
		to       solana.PublicKey
		lamports uint64
		tip      uint64
		ok       bool
	}{
		{name: "enough", to: tipAccount, lamports: 1_000, ok: true},
		{name: "a lamport less", to: tipAccount, lamports: 999, tip: 999},
		{name: "to another account", to: solana.PublicKey{41}, lamports: sol},
	} {
		s := tipped(t, c.to, c.lamports)
		err := b.Send(t.Context(), s)
		if c.ok {
			require.NoError(t, err, c.name)
			continue
		}

		var tip *sdk.TipError
		require.ErrorAs(t, err, &tip, c.name)
		require.ErrorIs(t, err, sdk.ErrNoTip)
		require.Equal(t, &sdk.TipError{Paid: c.tip, Minimum: 1_000,
			Accounts: []solana.PublicKey{{39}, tipAccount}}, tip)
		requireLine(t, err)
		require.False(t, s.Exposed(), "nothing was sent")
	}

	require.Len(t, e.seen(), 2, "the tip accounts and one bundle")
	fixed := newBlockEngine(t, sdk.BlockEngineOptions{
		MinTip:      5,
		TipAccounts: []solana.PublicKey{{41}},
	}, e.URL)

	require.NoError(t, fixed.Send(t.Context(), tipped(t, solana.PublicKey{41}, 5)))
	require.Len(t, e.seen(), 3)

	// The client concludes that it is safe to sign another transaction.
	client, _ := connect(t, demoNode(t), sdk.WithSender(b))
	_, err := client.Send(t.Context(), signed(t, client))
	require.ErrorIs(t, err, sdk.ErrNotSent)
	require.ErrorIs(t, err, sdk.ErrNoTip)
	requireLine(t, err)
}

// TestBlockEngine_Hostile checks that no answer of a block engine is taken for
// an acceptance, leaks a key, or takes long; and which ones are a refusal.
func TestBlockEngine_Hostile(t *testing.T) {
	reply := func(status int, text string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
			return true
		}
	}

	other := newEngine(t)
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"an empty body": reply(200, ""),
		"HTML":          reply(200, "<html>the-uuid-of-a-user</html>"),
		"HTML with 502": reply(502, "<html>the-uuid-of-a-user</html>"),
		"another ID":    reply(200, `{"jsonrpc":"2.0","id":99,"result":"abc"}`),
		"null":          reply(200, `{"jsonrpc":"2.0","id":1,"result":null}`),
		"no text":       reply(200, `{"jsonrpc":"2.0","id":1,"result":{"a":1}}`),
		"an oversized body": reply(200,
			`{"jsonrpc":"2.0","id":1,"result":"`+strings.Repeat("a", 1<<20)+`"}`),
		"a long identifier": reply(200,
			`{"jsonrpc":"2.0","id":1,"result":"`+strings.Repeat("a", 1<<10)+`"}`),
		"two lines": reply(200, `{"jsonrpc":"2.0","id":1,"result":"a\nb"}`),
		"a redirect": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
			return true
		},
		"no end": func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return true
		},
	} {
		for _, mode := range []sdk.BlockEngineMode{sdk.BlockEngineBundle,
			sdk.BlockEngineTransaction} {
			e := newEngine(t)
			e.answer = answer
			b := newBlockEngine(t, sdk.BlockEngineOptions{
				Mode:        mode,
				UUID:        "the-uuid-of-a-user",
				TipAccounts: []solana.PublicKey{tipAccount},
				Timeout:     300 * time.Millisecond,
			}, e.URL)

			err := b.Send(t.Context(), tipped(t, tipAccount, 1_000))
			requireLine(t, err)
			require.NotContains(t, err.Error(), "uuid-of", name)
			var refused *sdk.PreflightError
			require.NotErrorAs(t, err, &refused, name+": a copy may have left")
		}
	}

	require.Empty(t, other.seen(), "redirects to another host are not followed")
}

// TestBlockEngine_Refusals checks the errors that the interface defines: a
// malformed transaction is a refusal, and a rate limit leaves the region alone.
func TestBlockEngine_Refusals(t *testing.T) {
	e := newEngine(t)
	status, code := 400, -32602
	e.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		if status == 429 {
			w.Header().Set("Retry-After", "30")
		}

		w.WriteHeader(status)
		fmt.Fprintf(w, `{"jsonrpc":"2.0","error":{"code":%d,"message":"no transaction"},"id":%d}`,
			code, len(e.calls))
		return true
	}

	b := newBlockEngine(t, sdk.BlockEngineOptions{TipAccounts: []solana.PublicKey{tipAccount}},
		e.URL)
	s := tipped(t, tipAccount, 1_000)
	err := b.Send(t.Context(), s)
	var refused *sdk.PreflightError
	require.ErrorAs(t, err, &refused)
	require.True(t, refused.Malformed)
	require.Equal(t, "no transaction", refused.Message, "words of the path are no key")

	status, code = 429, -32097
	for range 3 {
		var limited *sdk.RPCError
		require.ErrorAs(t, b.Send(t.Context(), s), &limited)
		require.Equal(t, 429, limited.HTTPStatus)
		require.Equal(t, 30*time.Second, limited.RetryAfter)
	}

	require.Len(t, e.seen(), 2, "the refused bytes, and one request that met the limit")
}

// TestBlockEngine_AlreadyProcessed checks that a transaction counts as sent if
// the block engine has processed it before, as after a gateway has repeated the
// request. The code is that of a malformed transaction. A caller that signed
// another one would trade twice.
func TestBlockEngine_AlreadyProcessed(t *testing.T) {
	e := newEngine(t)
	e.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"jsonrpc":"2.0","error":{"code":-32602,"message":`+
			`"bundle contains an already processed transaction"},"id":%d}`, len(e.calls))
		return true
	}

	for _, mode := range []sdk.BlockEngineMode{
		sdk.BlockEngineBundle, sdk.BlockEngineBundleOnly, sdk.BlockEngineTransaction,
	} {
		b := newBlockEngine(t, sdk.BlockEngineOptions{
			Mode:        mode,
			TipAccounts: []solana.PublicKey{tipAccount},
		}, e.URL)
		node := demoNode(t)
		client, _ := connect(t, node, sdk.WithSender(b))
		s := tipped(t, tipAccount, 1_000)
		node.SetStatus(s.Signature(), landed(7))
		receipt, err := client.Send(t.Context(), s)
		require.NotErrorIs(t, err, sdk.ErrNotSent)
		require.NoError(t, err)
		require.Equal(t, uint64(7), receipt.Slot)

		var refused *sdk.PreflightError
		_, err = b.SendBundle(t.Context(), s)
		require.Error(t, err)
		require.NotErrorAs(t, err, &refused)
		requireLine(t, err)
	}
}

// TestBlockEngine_Regions checks that all regions get the transaction, that one
// acceptance counts, and that the nodes of the client decide.
func TestBlockEngine_Regions(t *testing.T) {
	broken, healthy := newEngine(t), newEngine(t)
	broken.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}

	b := newBlockEngine(t, sdk.BlockEngineOptions{}, broken.URL, healthy.URL)
	tips, err := b.TipAccounts(t.Context())
	require.NoError(t, err, "from the healthy region")
	require.Equal(t, []solana.PublicKey{{39}, tipAccount}, tips)
	node := demoNode(t)
	s := tipped(t, tipAccount, 1_000)
	require.NoError(t, b.Send(t.Context(), s))
	require.Len(t, broken.seen(), 2)
	require.Len(t, healthy.seen(), 2)

	client, _ := connect(t, node, sdk.WithSender(sdk.Senders{b, new(courier)}))
	node.SetStatus(s.Signature(), landed(7))
	receipt, err := client.Send(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, uint64(7), receipt.Slot)
}

func TestBlockEngine_SendBundle(t *testing.T) {
	e := newEngine(t)
	b := newBlockEngine(t, sdk.BlockEngineOptions{}, e.URL)
	first, second := tipped(t, solana.PublicKey{1}, 1), tipped(t, tipAccount, 1_000)
	id, err := b.SendBundle(t.Context(), first, second)
	require.NoError(t, err)
	require.Len(t, id, 64)
	require.JSONEq(t, fmt.Sprintf(`["%s","%s"]`, first.Base64(), second.Base64()),
		string(e.calls[1].Params[0]))
	_, err = b.SendBundle(t.Context(), first)
	require.ErrorIs(t, err, sdk.ErrNoTip)
	six := slices.Repeat([]*txn.Signed{second}, 6)
	for _, bad := range [][]*txn.Signed{nil, {nil}, six} {
		_, err = b.SendBundle(t.Context(), bad...)
		require.ErrorIs(t, err, sdk.ErrBlockEngine)
	}

	statuses, err := b.BundleStatuses(t.Context(), "known", "unknown")
	require.NoError(t, err)
	require.Equal(t, []sdk.BundleStatus{{ID: "known", Slot: 8, Commitment: "confirmed",
		Signatures: []solana.Signature{{1}}}}, statuses)
	_, err = b.BundleStatuses(t.Context())
	require.ErrorIs(t, err, sdk.ErrBlockEngine)
}

func TestNewBlockEngine_Refusals(t *testing.T) {
	for name, opts := range map[string]sdk.BlockEngineOptions{
		"unknown mode":      {Mode: 3},
		"negative timeout":  {Timeout: -1},
		"zero tip account":  {TipAccounts: []solana.PublicKey{{}}},
		"tip account twice": {TipAccounts: []solana.PublicKey{tipAccount, tipAccount}},
	} {
		_, err := sdk.NewBlockEngine([]string{"https://engine.test"}, opts)
		require.ErrorIs(t, err, sdk.ErrBlockEngine, name)
		requireLine(t, err)
	}

	for _, urls := range [][]string{nil, {""}, {"ftp://engine.test"},
		{"https://engine.test", ":"}} {
		_, err := sdk.NewBlockEngine(urls, sdk.BlockEngineOptions{})
		require.ErrorIs(t, err, sdk.ErrBlockEngine)
	}

	_, err := sdk.NewBlockEngine([]string{"http://engine.test"},
		sdk.BlockEngineOptions{UUID: "the-uuid-of-a-user"})
	require.ErrorIs(t, err, sdk.ErrInsecure)
	require.Error(t, (*sdk.BlockEngine)(nil).Send(t.Context(), tipped(t, tipAccount, 1)))
}

// TestNewRPCSender checks that a transaction reaches a node besides those of
// the client, whose status decides.
func TestNewRPCSender(t *testing.T) {
	_, err := sdk.NewRPCSender("ftp://node.test")
	require.Error(t, err)
	own, fast := demoNode(t), &tap{node: demoNode(t)}
	o := new(outbox)
	fast.node.OnSend(o.take)
	sender, err := sdk.NewRPCSender("https://fast.test", sdk.WithHTTPClient(fast),
		sdk.WithSkipPreflight())
	require.NoError(t, err)
	client, _ := connect(t, own)
	refused := &courier{err: &sdk.PreflightError{Message: "no"}}
	s := signed(t, client)
	o.then = func(int, solana.Signature) *sdktest.Error {
		own.SetStatus(s.Signature(), landed(7))
		return nil
	}

	receipt, err := client.Send(t.Context(), s, sdk.WithSender(sdk.Senders{sender, refused}))
	require.NoError(t, err)
	require.Equal(t, uint64(7), receipt.Slot)
	require.Equal(t, [][]byte{s.Raw()}, o.sent, "the same bytes")
}
