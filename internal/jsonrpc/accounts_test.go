package jsonrpc

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"
)

// meter is an endpoint that accepts at most limit accounts in one request and
// refuses more with an error of its own.
type meter struct {
	limit  int
	status int
	body   string // ID stands for the id of the request
	drift  bool   // each answer is one slot later than the previous one

	mu    sync.Mutex
	sizes []int
}

func (m *meter) Do(r *http.Request) (*http.Response, error) {
	var in struct {
		ID     json.RawMessage
		Method string
		Params []json.RawMessage
	}

	var keys []solana.PublicKey
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, err
	}

	if in.Method == genesisMethod {
		return &http.Response{StatusCode: http.StatusOK,
			Body: io.NopCloser(
				strings.NewReader(`{"id":` + string(in.ID) + `,"result":"` + mainnet +
					`"}`),
			)}, nil
	}

	if err := json.Unmarshal(in.Params[0], &keys); err != nil {
		return nil, err
	}

	m.mu.Lock()
	m.sizes = append(m.sizes, len(keys))
	slot := 7
	if m.drift {
		slot += len(m.sizes)
	}

	m.mu.Unlock()
	status, text := m.status, strings.ReplaceAll(m.body, "ID", string(in.ID))
	if len(keys) <= m.limit {
		var values []string
		for _, key := range keys {
			values = append(
				values,
				fmt.Sprintf(
					`{"lamports":%d,"owner":%q,"data":["","base64"],"executable":false,"rentEpoch":0}`,
					key[0],
					key,
				),
			)
		}

		status, text = 200, fmt.Sprintf(`{"id":%s,"result":{"context":{"slot":%d},"value":[%s]}}`,
			in.ID, slot, strings.Join(values, ","))
	}

	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(text))}, nil
}

func (m *meter) taken() []int {
	m.mu.Lock()
	defer m.mu.Unlock()
	sizes := m.sizes
	m.sizes = nil
	return sizes
}

func someKeys(n int) []solana.PublicKey {
	keys := make([]solana.PublicKey, n)
	for i := range keys {
		keys[i][0] = byte(i + 1)
	}
	return keys
}

// requireAccounts checks that each account belongs to its address.
func requireAccounts(t *testing.T, got *rpc.GetMultipleAccountsResult, keys []solana.PublicKey) {
	t.Helper()
	require.Len(t, got.Value, len(keys))
	for i, key := range keys {
		require.Equal(t, key, got.Value[i].Owner)
		require.Equal(t, uint64(key[0]), got.Value[i].Lamports)
	}
}

// tooManyRefusals are refusals of 100 accounts in the words of providers.
var tooManyRefusals = map[string]struct {
	status int
	body   string
}{
	"-32615 at 200": {200,
		`{"id":ID,"error":{"code":-32615,"message":"getMultipleAccounts is limited to 5 accounts on your plan"}}`},
	"-32615 at 400": {400,
		`{"id":ID,"error":{"code":-32615,"message":"too many accounts"}}`},
	"-32615 at 413": {413,
		`{"id":ID,"error":{"code":-32615,"message":"too many accounts"}}`},
	"-32615 at 403": {403, `{"id":ID,"error":{"code":-32615,"message":"upgrade"}}`},
	"-32602 at 200": {200,
		`{"id":ID,"error":{"code":-32602,"message":"Too many inputs provided; max 5"}}`},
	"-32000 at 200":        {200, `{"id":ID,"error":{"code":-32000,"message":"no"}}`},
	"400 with a text":      {400, "payload"},
	"413 without a body":   {413, ""},
	"422 without a body":   {422, ""},
	"-32600 without an id": {400, `{"error":{"code":-32600,"message":"exceeds the plan"}}`},
}

// TestBatchSize_Halves halves the number of accounts until the endpoint accepts
// it, and remembers the number.
func TestBatchSize_Halves(t *testing.T) {
	keys := someKeys(100)
	for name, refusal := range tooManyRefusals {
		for _, limit := range []int{1, 5, 10, 50, 99} {
			t.Run(fmt.Sprintf("%s, limit %d", name, limit), func(t *testing.T) {
				m := &meter{limit: limit, status: refusal.status, body: refusal.body}
				transport, _ := newClient(t, "https://node.example", Options{HTTPClient: m})
				client := rpc.NewWithCustomRPCClient(transport)
				got, err := client.GetMultipleAccounts(t.Context(), keys...)
				require.NoError(t, err)
				requireAccounts(t, got, keys)
				m.taken()

				got, err = client.GetMultipleAccounts(t.Context(), keys...)
				require.NoError(t, err)
				requireAccounts(t, got, keys)
				sizes := m.taken()
				require.LessOrEqual(t, slices.Max(sizes), limit, "no later request is larger")
				require.Greater(t, 2*slices.Max(sizes), min(limit, 50),
					"nor smaller than necessary")
			})
		}
	}
}

// TestBatchSize_PerEndpoint checks that each endpoint has its own batch size.
func TestBatchSize_PerEndpoint(t *testing.T) {
	keys := someKeys(40)
	small, large := &meter{limit: 10, status: 413}, &meter{limit: 100}
	a, err := New("https://a.test", Options{HTTPClient: small})
	require.NoError(t, err)
	b, err := New("https://b.test", Options{HTTPClient: large})
	require.NoError(t, err)
	failover, err := NewFailover([]*Client{a, b}, FailoverOptions{})
	require.NoError(t, err)
	client := rpc.NewWithCustomRPCClient(failover)
	got, err := client.GetMultipleAccounts(t.Context(), keys...)
	require.NoError(t, err)
	requireAccounts(t, got, keys)
	require.Equal(t, []int{40, 20, 10, 10, 10, 10}, small.taken())
	require.Empty(t, large.taken())

	small.limit, small.status = 0, 503 // the endpoint is down
	got, err = client.GetMultipleAccounts(t.Context(), keys...)
	require.NoError(t, err)
	requireAccounts(t, got, keys)
	require.Equal(t, []int{40}, large.taken())
}

// TestBatchSize_Option sets the batch size, so that no request is refused
// first.
func TestBatchSize_Option(t *testing.T) {
	keys := someKeys(12)
	m := &meter{limit: 5, status: 413}
	transport, _ := newClient(t, "https://node.example", Options{HTTPClient: m, BatchSize: 5})
	got, err := rpc.NewWithCustomRPCClient(transport).GetMultipleAccounts(t.Context(), keys...)
	require.NoError(t, err)
	requireAccounts(t, got, keys)
	sizes := m.taken()
	slices.Sort(sizes)
	require.Equal(t, []int{2, 5, 5}, sizes)
}

// TestBatchSize_Unsupported calls an endpoint that refuses any number of
// accounts. Its refusal is the error, and it is not asked again and again.
func TestBatchSize_Unsupported(t *testing.T) {
	m := &meter{limit: 0, status: 400,
		body: `{"id":ID,"error":{"code":-32615,"message":"not on your plan"}}`}
	transport, _ := newClient(t, "https://node.example", Options{HTTPClient: m})
	client := rpc.NewWithCustomRPCClient(transport)
	_, err := client.GetMultipleAccounts(t.Context(), someKeys(100)...)
	require.ErrorContains(t, err, "not on your plan")
	require.Equal(t, []int{100, 50, 25, 13, 7, 4, 2, 1}, m.taken())
	_, err = client.GetMultipleAccounts(t.Context(), someKeys(100)...)
	require.ErrorContains(t, err, "not on your plan")
	require.Equal(t, []int{100}, m.taken())

	// Temporary failures, and refusals of another kind, are not split.
	for _, status := range []int{401, 402, 429, 503} {
		m = &meter{status: status}
		transport, _ = newClient(t, "https://node.example", Options{HTTPClient: m, MaxAttempts: 1})
		_, err = rpc.NewWithCustomRPCClient(transport).GetMultipleAccounts(t.Context(),
			someKeys(100)...)
		require.ErrorIs(t, err, ErrHTTP)
		require.Equal(t, []int{100}, m.taken(), status)
	}
}

// TestBatchSize_TooLargeAnswer splits one request only, since the size depends
// on the accounts.
func TestBatchSize_TooLargeAnswer(t *testing.T) {
	keys := someKeys(20)
	m := &meter{limit: 100}
	transport, _ := newClient(t, "https://node.example", Options{HTTPClient: m, MaxBody: 1500})
	got, err := rpc.NewWithCustomRPCClient(transport).GetMultipleAccounts(t.Context(), keys...)
	require.NoError(t, err)
	requireAccounts(t, got, keys)
	require.Equal(t, []int{20, 10, 10}, m.taken())
	require.EqualValues(t, 100, transport.core().batch.size.Load())
}

// TestBatchSize_Slots checks that a joined answer has the slot of its oldest
// part, and the highest slot of all parts.
func TestBatchSize_Slots(t *testing.T) {
	m := &meter{limit: 100, drift: true}
	transport, _ := newClient(t, "https://node.example", Options{HTTPClient: m, BatchSize: 5})
	var out struct {
		Context struct{ Slot, HighestSlot uint64 }
	}
	require.NoError(t,
		transport.CallForInto(t.Context(), &out, accountsMethod, []any{someKeys(15)}))
	require.Equal(t, uint64(8), out.Context.Slot)
	require.Equal(t, uint64(10), out.Context.HighestSlot)
}

// TestBatchSize_WrongCount gets a part with one account too many or too few,
// which would shift all others.
func TestBatchSize_WrongCount(t *testing.T) {
	for _, value := range []string{`[null]`, `[null,null,null]`, `[]`, `null`, `{}`, `7`} {
		client, _ := newClient(t, "https://node.example", Options{
			BatchSize: 2,
			HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
				var in struct{ ID json.RawMessage }
				if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
					return nil, err
				}

				text := fmt.Sprintf(`{"id":%s,"result":{"context":{"slot":7},"value":%s}}`, in.ID,
					value)
				return &http.Response{StatusCode: http.StatusOK,
					Body: io.NopCloser(strings.NewReader(text))}, nil
			}),
		})

		var out json.RawMessage
		err := client.CallForInto(t.Context(), &out, accountsMethod, []any{someKeys(4)})
		require.ErrorIs(t, err, ErrBadResponse, value)
		require.Empty(t, out)
	}
}
