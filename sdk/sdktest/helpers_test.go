package sdktest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func demoNode(t testing.TB) *sdktest.Node {
	t.Helper()
	node, err := sdktest.Demo()
	require.NoError(t, err)
	return node
}

// answer is a JSON-RPC answer.
type answer struct {
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *sdktest.Error  `json:"error"`
}

// post sends a request and returns the response and its body.
func post(
	t testing.TB,
	d sdk.Doer,
	endpoint, method string,
	params ...any,
) (*http.Response, []byte) {
	t.Helper()
	if params == nil {
		params = []any{}
	}

	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 7, "method": method,
		"params": params})
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint,
		bytes.NewReader(body))
	require.NoError(t, err)
	response, err := d.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)

	return response, text
}

// ask sends a request within the process and decodes the answer.
func ask(t testing.TB, node *sdktest.Node, method string, params ...any) answer {
	t.Helper()
	response, text := post(t, node, "http://node.invalid", method, params...)
	require.Equal(t, http.StatusOK, response.StatusCode)
	var a answer
	require.NoError(t, json.Unmarshal(text, &a), string(text))
	require.JSONEq(t, "7", string(a.ID))
	return a
}

// result decodes the value of an answer that has a context.
func result[T any](t testing.TB, a answer) (slot uint64, value T) {
	t.Helper()
	require.Nil(t, a.Error)
	var r struct {
		Context struct{ Slot uint64 }
		Value   T
	}
	require.NoError(t, json.Unmarshal(a.Result, &r))
	return r.Context.Slot, r.Value
}

type object = map[string]any
