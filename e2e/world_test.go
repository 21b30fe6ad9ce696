package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// world is a server with nodes in front of it and a clock of its own. Waiting
// on that clock takes no time: the clock and the slots of the server advance
// together by the awaited time.
type world struct {
	*localnet
	// slot is the duration of a slot of the server.
	slot time.Duration

	mu     sync.Mutex
	start  time.Time
	passed time.Duration
	// due is the time that has passed on the clock and not yet in slots.
	due time.Duration
	// limit, if set, is the time at which giveUp is called.
	limit  time.Duration
	giveUp func()

	// one is locked during a call, so that a fault of the server applies to
	// that call only.
	one sync.Mutex
	// held are the transactions that the nodes accepted and did not forward, if
	// congested.
	congested bool
	held      []string
}

func newWorld(t testing.TB, l *localnet) *world {
	var samples []struct{ NumSlots, SamplePeriodSecs uint64 }
	l.must(&samples, "getRecentPerformanceSamples", []any{1})
	require.NotEmpty(t, samples)
	w := &world{localnet: l, start: time.Now()}
	period := time.Duration(samples[0].SamplePeriodSecs) * time.Second
	w.slot = period / time.Duration(samples[0].NumSlots)

	before := w.now()
	time.Sleep(3 * w.slot)
	if w.now() != before {
		t.Skip("this test needs a server on which only transactions and calls advance the slot")
	}

	return w
}

// now returns the current slot of the server.
func (w *world) now() (slot uint64) {
	w.must(&slot, "getSlot", []any{})
	return slot
}

// Now implements sdk.Clock.
func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.start.Add(w.passed)
}

// After implements sdk.Clock.
func (w *world) After(d time.Duration) (<-chan time.Time, func()) {
	w.pass(d)
	fired := make(chan time.Time, 1)
	fired <- w.Now()
	return fired, func() {}
}

// pass advances the clock.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	w.passed += max(d, 0)
	w.due += max(d, 0)
	slots := uint64(w.due / w.slot)
	w.due %= w.slot
	over := w.giveUp != nil && w.passed >= w.limit
	giveUp := w.giveUp
	w.mu.Unlock()

	if slots > 0 {
		w.one.Lock()
		w.must(nil, "localnet_warpToSlot", map[string]uint64{"slot": w.now() + slots})
		w.one.Unlock()
	}

	if over {
		giveUp()
	}
}

// slots advances the chain by a number of slots.
func (w *world) slots(n int) { w.pass(time.Duration(n) * w.slot) }

// within returns a context that ends after the given time.
func (w *world) within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit, w.giveUp = w.passed+d, cancel
	return ctx
}

// land broadcasts transactions to a leader. Which of them land depends on the
// chain.
func (w *world) land(transactions ...string) {
	for _, tx := range transactions {
		w.one.Lock()
		w.batch(call{Method: "sendTransaction",
			Params: []any{tx, map[string]any{"encoding": "base64", "skipPreflight": true}}})
		w.one.Unlock()
	}
}

// release broadcasts all held transactions.
func (w *world) release() {
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	w.land(held...)
}

// client returns a client of nodes with this world's clock, the first one
// preferred.
func (w *world) client(t testing.TB, nodes []string, opts ...sdk.Option) *sdk.Client {
	t.Helper()
	opts = append([]sdk.Option{sdk.WithClock(w)}, opts...)
	for _, node := range nodes[1:] {
		opts = append(opts, sdk.WithFallback(node))
	}
	client, err := sdk.New(nodes[0], opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

// manner is the fault of a node: it changes a call or its answer, or answers
// itself.
type manner struct {
	// behind is the number of slots that the node lags behind.
	behind int
	// forget makes it accept transactions and never forward them.
	forget bool
	// silent makes it forward a transaction and close the connection without an
	// answer.
	silent bool
	// change, if set, changes the result of a method.
	change func(method string, result json.RawMessage) json.RawMessage
}

// node starts a node and returns its address.
func (w *world) node(t testing.TB, m manner) string {
	server := httptest.NewServer(
		http.HandlerFunc(func(out http.ResponseWriter, request *http.Request) {
			body, err := io.ReadAll(request.Body)
			if err != nil {
				return
			}

			out.Header().Set("Content-Type", "application/json")
			var one jsonCall
			if json.Unmarshal(body, &one) == nil {
				answer, ok := w.answer(m, one)
				if !ok {
					panic(http.ErrAbortHandler)
				}

				_ = json.NewEncoder(out).Encode(answer)
				return
			}

			var several []jsonCall
			if err := json.Unmarshal(body, &several); err != nil {
				w.t.Errorf("invalid request: %v", err)
			}

			var answers []map[string]any
			for _, one := range several {
				answer, _ := w.answer(m, one)
				answers = append(answers, answer)
			}

			_ = json.NewEncoder(out).Encode(answers)
		}),
	)

	t.Cleanup(server.Close)
	return server.URL
}

// jsonCall is one JSON-RPC request.
type jsonCall struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

// answer is the answer of a node, or nil.
func (w *world) answer(m manner, request jsonCall) (answer map[string]any, ok bool) {
	answer = map[string]any{"jsonrpc": "2.0", "id": request.ID}
	c := call{Method: request.Method}
	if len(request.Params) > 0 {
		c.Params = request.Params
	}

	w.one.Lock()
	defer w.one.Unlock()
	sends := request.Method == "sendTransaction"
	var tx string
	if sends && (m.forget || w.congested) {
		var params []json.RawMessage
		if err := json.Unmarshal(request.Params, &params); err != nil ||
			json.Unmarshal(params[0], &tx) != nil {
			w.t.Errorf("invalid transaction: %s", request.Params)
		}

		// The node simulates first, as always.
		c.Method = "simulateTransaction"
		c.Params = []any{tx, map[string]any{"encoding": "base64", "sigVerify": true}}
	}

	if m.behind > 0 {
		w.batch(call{Method: "localnet_setFault",
			Params: map[string]any{"method": "*", "mode": "behind", "slots": m.behind}})
	}

	r := w.batch(c)[0]
	switch {
	case r.Error != nil:
		answer["error"] = map[string]any{"code": r.Error.Code, "message": r.Error.Message,
			"data": r.Error.Data}
		return answer, true

	case c.Method != request.Method:
		return w.keep(m, tx, r, answer), true
	case sends && m.silent:
		return nil, false
	}

	answer["result"] = r.Result
	if m.change != nil {
		answer["result"] = m.change(request.Method, r.Result)
	}

	return answer, true
}

// keep is the answer of a node that accepted a transaction and did not forward
// it.
func (w *world) keep(m manner, tx string, preflight reply, answer map[string]any) map[string]any {
	var simulated struct{ Value struct{ Err, Logs any } }
	if err := json.Unmarshal(preflight.Result, &simulated); err != nil {
		w.t.Errorf("preflight: %v", err)
	}

	if simulated.Value.Err != nil {
		answer["error"] = map[string]any{
			"code": -32002, "message": "Transaction simulation failed",
			"data": map[string]any{"err": simulated.Value.Err, "logs": simulated.Value.Logs},
		}

		return answer
	}

	raw, err := base64.StdEncoding.DecodeString(tx)
	if err != nil || len(raw) < 65 {
		w.t.Errorf("invalid transaction: %v", err)
		return answer
	}

	if !m.forget {
		w.mu.Lock()
		w.held = append(w.held, tx)
		w.mu.Unlock()
	}

	answer["result"] = solana.SignatureFromBytes(raw[1:65]).String()

	return answer
}

// stored is the form in which a program stores a transaction in a file.
type stored struct {
	Transaction string       `json:"transaction"`
	Lifetime    txn.Lifetime `json:"lifetime"`
}

// store stores a transaction and reads it again, as after a restart.
func store(t testing.TB, signed *txn.Signed, change ...func(*stored)) *txn.Signed {
	t.Helper()
	s := stored{Transaction: signed.Base64(), Lifetime: signed.Unsigned().Lifetime()}
	for _, c := range change {
		c(&s)
	}

	text, err := json.Marshal(s)
	require.NoError(t, err)
	var read stored
	require.NoError(t, json.Unmarshal(text, &read))
	partial, err := txn.Parse(read.Transaction, read.Lifetime)
	require.NoError(t, err)
	again, err := partial.Signed()
	require.NoError(t, err)

	return again
}
