package foreign_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/foreign"
)

// request is the request that the scripted responses answer.
var request = foreign.Request{Owner: owner, InMint: inKey, OutMint: out, In: 100, SlippageBps: 200}

// serve returns the URL of a scripted API.
func serve(t *testing.T, handlers map[string]http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, handler := range handlers {
		mux.HandleFunc(pattern, handler)
	}

	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	return server.URL
}

// answers returns a handler that answers with a body.
func answers(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
}

// TestJupiter_Leg_Versions requests a leg in both versions and checks what is
// sent.
func TestJupiter_Leg_Versions(t *testing.T) {
	var sent []string
	record := func(body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			sent = append(sent, r.URL.RawQuery)
			if key := r.Header.Get("x-api-key"); key != "secret" {
				t.Errorf("the key is %q", key)
			}

			_, _ = w.Write(body)
		}
	}

	var posted map[string]json.RawMessage
	url := serve(t, map[string]http.HandlerFunc{
		"GET /v1/quote": record(quote.text(t)),
		"POST /v1/swap-instructions": func(w http.ResponseWriter, r *http.Request) {
			data, err := io.ReadAll(r.Body)
			if err == nil {
				err = json.Unmarshal(data, &posted)
			}

			if err != nil {
				t.Error(err)
			}

			record(instructions.text(t))(w, r)
		},
		"GET /v2/build": record(build.text(t)),
	})

	first, err := (&foreign.Jupiter{BaseURL: url + "/v1/", Key: "secret"}).Leg(t.Context(), request)
	require.NoError(t, err)
	second, err := (&foreign.Jupiter{BaseURL: url + "/v2", Key: "secret"}).Leg(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.JSONEq(t, string(quote.text(t)), string(posted["quoteResponse"]))
	require.Equal(t, `"`+owner.String()+`"`, string(posted["userPublicKey"]))
	query := "amount=100&inputMint=" + inKey.String() + "&maxAccounts=32&outputMint=" +
		out.String() + "&slippageBps=200"
	require.Equal(t, []string{query, "", query + "&taker=" + owner.String()}, sent)
}

// TestJupiter_Leg_Refuses checks answers about another swap, and failures.
func TestJupiter_Leg_Refuses(t *testing.T) {
	leaked := make(chan string, 1)
	elsewhere := serve(t, map[string]http.HandlerFunc{
		"/": func(_ http.ResponseWriter, r *http.Request) { leaked <- r.Header.Get("x-api-key") },
	})
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", elsewhere)
			w.WriteHeader(code)
		}
	}

	var refused *foreign.StatusError
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		least   uint64
		want    any
	}{
		"another amount": {handler: answers(build.with(object{"inAmount": "101"}).text(t)),
			want: foreign.ErrResponse},
		"another token": {
			handler: answers(build.with(object{"outputMint": inKey.String()}).text(t)),
			want:    foreign.ErrResponse,
		},
		"too little": {handler: answers(build.text(t)), least: 50, want: foreign.ErrTooLittle},
		"no JSON":    {handler: answers([]byte("<html>")), want: foreign.ErrResponse},
		"endless":    {handler: answers(make([]byte, 2<<20)), want: foreign.ErrResponse},
		"no route":   {handler: status(400), want: &refused},
		"redirect":   {handler: status(307), want: &refused},
	} {
		wanted := request
		wanted.MinOut = c.least
		url := serve(t, map[string]http.HandlerFunc{"/key-in-path/v2/build": c.handler})
		for _, doer := range []foreign.Doer{nil, &http.Client{}} {
			api := foreign.Jupiter{BaseURL: url + "/key-in-path/v2", Key: "secret", HTTP: doer}
			_, err := api.Leg(t.Context(), wanted)
			if target, ok := c.want.(error); ok && !errors.As(err, &refused) {
				require.ErrorIs(t, err, target, name)
			} else {
				require.ErrorAs(t, err, c.want, name)
			}

			require.NotContains(t, err.Error(), "key-in-path")
		}
	}

	require.Empty(t, leaked)
}

// TestJupiter_Leg_Transport checks that errors of the transport contain no part
// of the URL and keep the end of the context.
func TestJupiter_Leg_Transport(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, base := range []string{"http://key.invalid/v2", "http://key.invalid/v1", "key\x7f"} {
		_, err := (&foreign.Jupiter{BaseURL: base}).Leg(ctx, request)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "key")
		if base[:4] == "http" {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
}
