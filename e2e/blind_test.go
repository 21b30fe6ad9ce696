package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gagliardetto/solana-go"
)

// blind is a node in front of the server that does not know some accounts of
// the chain. It reports each transaction that it accepts.
type blind struct {
	t        testing.TB
	endpoint string
	to       map[solana.PublicKey]bool
	sent     func()
}

// newBlind starts a node and returns its address.
func (r *legsRun) newBlind(sent func(), to ...solana.PublicKey) string {
	b := blind{r.t, r.endpoint, make(map[solana.PublicKey]bool), sent}
	for _, key := range to {
		b.to[key] = true
	}
	server := httptest.NewServer(b)
	r.t.Cleanup(server.Close)
	return server.URL
}

// ServeHTTP implements http.Handler.
func (b blind) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	text, err := b.answer(request)
	if err != nil {
		b.t.Error(err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(text); err != nil {
		b.t.Error(err)
	}
}

func (b blind) answer(request *http.Request) ([]byte, error) {
	var asked struct {
		Method string
		Params []json.RawMessage
	}

	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}

	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, err
	}

	response, err := http.Post(b.endpoint, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}

	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}

	switch asked.Method {
	case "getMultipleAccounts":
		return b.hide(asked.Params[0], text)
	case "sendTransaction":
		var answer reply
		if err := json.Unmarshal(text, &answer); err != nil {
			return nil, err
		}

		if answer.Error == nil {
			b.sent()
		}
	}

	return text, nil
}

// hide removes accounts from an answer.
func (b blind) hide(addresses json.RawMessage, text []byte) ([]byte, error) {
	var keys []solana.PublicKey
	if err := json.Unmarshal(addresses, &keys); err != nil {
		return nil, err
	}

	var answer struct {
		Version string `json:"jsonrpc"`
		ID      any    `json:"id"`
		Result  struct {
			Context json.RawMessage   `json:"context"`
			Value   []json.RawMessage `json:"value"`
		} `json:"result"`
	}

	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}

	if len(answer.Result.Value) != len(keys) {
		return text, nil // It is a refusal.
	}

	for i, key := range keys {
		if b.to[key] {
			answer.Result.Value[i] = json.RawMessage("null")
		}
	}

	return json.Marshal(answer)
}
