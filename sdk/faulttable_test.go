package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// secret is part of each endpoint's URL, of a header, and of the errors of
// faulty connections.
const secret = "SECRETSECRET"

// chain is a node with a block every slotTime. It records the transactions it
// gets.
type chain struct {
	node     *sdktest.Node
	born     time.Time
	slotTime time.Duration

	mu     sync.Mutex
	passed uint64
	sent   map[string]int // number of arrivals of each transaction
}

func newChain(t *testing.T) *chain {
	t.Helper()
	c := &chain{
		node:     demoNode(t),
		born:     time.Now(),
		slotTime: 400 * time.Millisecond,
		sent:     make(map[string]int),
	}

	c.node.OnSimulate(succeeds(50_000))
	c.node.OnSend(func(raw []byte) *sdktest.Error {
		c.hand(raw)
		c.node.SetStatus(solana.SignatureFromBytes(raw[1:1+solana.SignatureLength]),
			landed(342792003))
		return nil
	})

	return c
}

func (c *chain) hand(raw []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent[string(raw)]++
}

// Do implements [sdk.Doer].
func (c *chain) Do(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	slots := uint64(time.Since(c.born) / c.slotTime)
	c.node.Advance(slots - c.passed)
	c.passed = slots
	c.mu.Unlock()
	return c.node.Do(r)
}

// faulty is an endpoint of a chain with a fault.
type faulty struct {
	*chain
	fault func(f *faulty, c call, r *http.Request) (*http.Response, error)
	on    bool // the fault is active
	n     int  // number of calls while on
}

// Do implements [sdk.Doer].
func (f *faulty) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}

	r.Body = io.NopCloser(bytes.NewReader(body))
	var c call
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, err
	}

	f.mu.Lock()
	on := f.on
	if on {
		f.n++
	}

	f.mu.Unlock()
	if on {
		if resp, err := f.fault(f, c, r); resp != nil || err != nil {
			return resp, err
		}
	}

	return f.chain.Do(r)
}

type faultFunc = func(*faulty, call, *http.Request) (*http.Response, error)

// answers returns a fault that answers all requests to the methods with a
// status and a body, in which ID stands for the id of the request.
func answers(status int, body string, methods ...string) faultFunc {
	return func(_ *faulty, c call, r *http.Request) (*http.Response, error) {
		if !among(c, methods) {
			return nil, nil
		}

		var in struct{ ID json.RawMessage }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			return nil, err
		}

		text := strings.ReplaceAll(body, "ID", string(in.ID))
		return &http.Response{StatusCode: status, Header: make(http.Header),
			Body: io.NopCloser(strings.NewReader(text))}, nil
	}
}

func among(c call, methods []string) bool {
	for _, m := range methods {
		if m == c.Method {
			return true
		}
	}
	return len(methods) == 0
}

func hangs(methods ...string) faultFunc {
	return func(_ *faulty, c call, r *http.Request) (*http.Response, error) {
		if !among(c, methods) {
			return nil, nil
		}
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
}

// killed returns a fault that loses all answers of the methods. The requests
// arrive.
func killed(methods ...string) faultFunc {
	return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
		if !among(c, methods) {
			return nil, nil
		}
		if _, err := f.chain.Do(r); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("post %s: %w", r.URL, io.ErrUnexpectedEOF)
	}
}

func rpcError(code int, text string, methods ...string) faultFunc {
	return answers(200,
		fmt.Sprintf(`{"jsonrpc":"2.0","id":ID,"error":{"code":%d,"message":%q}}`, code, text),
		methods...)
}

func preflight(reason string) faultFunc {
	return answers(
		200,
		`{"jsonrpc":"2.0","id":ID,"error":{"code":-32002,"message":"Transaction simulation failed","data":{"err":"`+
			reason+
			`","logs":[]}}}`,
		"sendTransaction",
	)
}

// dropped accepts a transaction and drops it.
func dropped(f *faulty, c call, r *http.Request) (*http.Response, error) {
	if c.Method != "sendTransaction" {
		return nil, nil
	}
	tx := message64(c)
	f.hand(tx)
	return answers(200,
		`{"jsonrpc":"2.0","id":ID,"result":"`+solana.SignatureFromBytes(tx[1:65]).String()+`"}`)(f,
		c, r)
}

// processed returns a fault that loses the answer to the first transaction and
// refuses the second copy.
func processed() faultFunc {
	arrived := false
	return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
		if c.Method != "sendTransaction" {
			return nil, nil
		}

		tx := message64(c)
		f.hand(tx)
		if !arrived {
			arrived = true
			return nil, io.ErrUnexpectedEOF
		}

		f.node.SetStatus(solana.SignatureFromBytes(tx[1:65]), landed(342792003))

		return preflight("AlreadyProcessed")(f, c, r)
	}
}

func message64(c call) []byte {
	var raw []byte // encoding/json decodes base64
	_ = json.Unmarshal(c.Params[0], &raw)
	return raw
}

// once returns a fault of the first call to the method only.
func once(method string, fault faultFunc) faultFunc {
	hit := false
	return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
		if c.Method != method || hit {
			return nil, nil
		}
		hit = true
		return fault(f, c, r)
	}
}

// without returns a fault that hides the account at an address.
func without(address solana.PublicKey) faultFunc {
	return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
		if c.Method != "getMultipleAccounts" {
			return nil, nil
		}

		resp, err := f.chain.Do(r)
		if err != nil {
			return nil, err
		}

		var keys []solana.PublicKey
		var body struct {
			JSONRPC string          `json:"jsonrpc"`
			ID      json.RawMessage `json:"id"`
			Result  struct {
				Context json.RawMessage   `json:"context"`
				Value   []json.RawMessage `json:"value"`
			} `json:"result"`
		}

		if err := errors.Join(json.Unmarshal(c.Params[0], &keys),
			json.NewDecoder(resp.Body).Decode(&body)); err != nil {
			return nil, err
		}

		for i, k := range keys {
			if k == address {
				body.Result.Value[i] = json.RawMessage("null")
			}
		}

		text, err := json.Marshal(body)
		resp.Body = io.NopCloser(bytes.NewReader(text))

		return resp, err
	}
}

// stuck returns a fault of a node that stopped 5000 slots ago, which either
// reports its slot or ignores minContextSlot.
func stuck(says bool) faultFunc {
	const slot = 342787000
	return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
		if c.Method != "getMultipleAccounts" && c.Method != "getLatestBlockhash" {
			return nil, nil
		}

		if o := c.options(); says && o.MinContextSlot != nil && *o.MinContextSlot > slot {
			return rpcError(-32016, "Minimum context slot has not been reached")(f, c, r)
		}

		resp, err := f.chain.Do(r)
		if err != nil {
			return nil, err
		}

		return atSlot(resp, "slot", slot)
	}
}

// replicas returns a fault of an endpoint with several nodes, which in turn lag
// by 0 to slots slots.
func replicas(slots uint64) faultFunc {
	request := uint64(0)
	return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
		f.mu.Lock()
		lag := request % (slots + 1)
		request++
		now := demoSlot + uint64(time.Since(f.born)/f.slotTime) - lag
		f.mu.Unlock()
		if o := c.options(); o.MinContextSlot != nil && *o.MinContextSlot > now {
			return answers(200, fmt.Sprintf(
				`{"jsonrpc":"2.0","id":ID,"error":{"code":-32016,"message":"Minimum context slot has not been reached","data":{"contextSlot":%d}}}`,
				now,
			))(f, c, r)
		}

		resp, err := f.chain.Do(r)
		if err != nil {
			return nil, err
		}

		return atSlot(resp, "slot", now)
	}
}

// demoSlot is the first slot of a chain.
const demoSlot = 342792000

// atSlot replaces the slot of an answer.
func atSlot(resp *http.Response, field string, slot uint64) (*http.Response, error) {
	text, err := io.ReadAll(resp.Body)
	head, tail, found := strings.Cut(string(text), `"`+field+`":`)
	if found {
		text = fmt.Appendf(nil, `%s"%s":%d%s`, head, field, slot,
			strings.TrimLeft(tail, "0123456789"))
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, err
}

// The genesis hashes of two clusters.
const (
	mainnet = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
	devnet  = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"
)

// farAhead answers with a slot that no cluster has reached.
func farAhead(f *faulty, c call, r *http.Request) (*http.Response, error) {
	resp, err := f.chain.Do(r)
	if err != nil {
		return nil, err
	}
	return atSlot(resp, "slot", demoSlot+50_000_000)
}

func farAheadWith(method string) faultFunc {
	return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
		if c.Method != method {
			return nil, nil
		}
		return farAhead(f, c, r)
	}
}

// takesFew returns a fault of an endpoint whose plan limits the number of
// accounts in one request.
func takesFew(accounts, status int) faultFunc {
	return func(f *faulty, c call, r *http.Request) (*http.Response, error) {
		var keys []solana.PublicKey
		if c.Method != "getMultipleAccounts" || json.Unmarshal(c.Params[0], &keys) != nil ||
			len(keys) <= accounts {
			return nil, nil
		}

		return answers(
			status,
			`{"jsonrpc":"2.0","id":ID,"error":{"code":-32615,"message":"too many accounts for your plan"}}`,
		)(f, c, r)
	}
}

// compressed answers with accounts in an encoding that was not requested.
func compressed(f *faulty, c call, r *http.Request) (*http.Response, error) {
	if c.Method != "getMultipleAccounts" {
		return nil, nil
	}

	resp, err := f.chain.Do(r)
	if err != nil {
		return nil, err
	}

	text, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(text), `"base64"`,
		`"base64+zstd"`)))

	return resp, err
}

// standsStill is a node that accepts the transaction and then sees no more
// blocks.
func standsStill(f *faulty, c call, r *http.Request) (*http.Response, error) {
	switch c.Method {
	case "getSignatureStatuses":
		return answers(200,
			`{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342792001},"value":[null]}}`)(f,
			c, r)

	case "getEpochInfo":
		return answers(
			200,
			`{"jsonrpc":"2.0","id":ID,"result":{"absoluteSlot":342792001,"blockHeight":342792001}}`,
		)(f, c, r)
	}

	return nil, nil
}

// errRPC stands for any RPCError.
var errRPC = errors.New("an RPCError")

// outcomes are the errors in the spelling of docs/errors.md.
var outcomes = map[error]string{
	sdk.ErrWrongCluster: "`ErrWrongCluster`",
	errRPC:              "`RPCError`", sdk.ErrNoAnswer: "`ErrNoAnswer`",
	sdk.ErrBadAccount: "`ErrBadAccount`",
	nil:               "lands", sdk.ErrNotSent: "`ErrNotSent`", sdk.ErrExpired: "`ErrExpired`",
	sdk.ErrUncertain: "`ErrUncertain`", sdk.ErrNodeBehind: "`ErrNodeBehind`",
	accounts.ErrNotFound: "`accounts.ErrNotFound`", jsonrpc.ErrHTTP: "`RPCError`",
	jsonrpc.ErrBadResponse: "`RPCError`", jsonrpc.ErrIDMismatch: "`RPCError`",
	context.DeadlineExceeded: "`RPCError`",
}

// faultRow is a row of the table in docs/errors.md.
type faultRow struct {
	name  string
	fault func() faultFunc
	// later faults begin after a market was loaded.
	later bool
	// named reports whether the client knows the genesis hash.
	named bool

	// The expected errors with one endpoint, with a second one without the
	// fault, and with two faulty endpoints.
	one, two, both error
	// also is a further condition of one and both.
	also error
}

// endpointFaults returns failures of all methods.
func endpointFaults(t *testing.T) []faultRow {
	t.Helper()
	slowDown := `{"jsonrpc":"2.0","error":{"code":429,"message":"slow down, ` + secret + `"}}`
	return []faultRow{
		{
			name:  "429 with a body",
			fault: always(answers(429, slowDown)),
			one:   jsonrpc.ErrHTTP,
			both:  jsonrpc.ErrHTTP,
		},
		{
			name:  "429 without a body",
			fault: always(answers(429, "")),
			one:   jsonrpc.ErrHTTP,
			both:  jsonrpc.ErrHTTP,
		},
		{
			name:  "503",
			fault: always(answers(503, "<html>"+secret)),
			one:   jsonrpc.ErrHTTP,
			both:  jsonrpc.ErrHTTP,
		},
		{
			name:  "no answer",
			fault: always(hangs()),
			one:   context.DeadlineExceeded,
			both:  context.DeadlineExceeded,
		},
		{
			name:  "JSON cut short",
			fault: always(answers(200, `{"jsonrpc":"2.0","id":ID,"result":{"con`)),
			one:   jsonrpc.ErrBadResponse,
			both:  jsonrpc.ErrBadResponse,
		},
		{
			name:  "the answer to another request",
			fault: always(answers(200, `{"jsonrpc":"2.0","id":1ID1,"result":null}`)),
			one:   jsonrpc.ErrIDMismatch,
			both:  jsonrpc.ErrIDMismatch,
		},
		{
			name: "an answer twice",
			fault: always(answers(200,
				`{"jsonrpc":"2.0","id":ID,"result":1}{"jsonrpc":"2.0","id":ID,"result":1}`)),
			one:  jsonrpc.ErrBadResponse,
			both: jsonrpc.ErrBadResponse,
		},
		{
			name:  "an account that is missing",
			fault: always(without(pool(t, "JitoSOL").Address)),
			one:   accounts.ErrNotFound,
			two:   accounts.ErrNotFound,
			both:  accounts.ErrNotFound,
		},
		{
			name:  "node behind",
			fault: always(rpcError(-32016, "Minimum context slot has not been reached")),
			one:   sdk.ErrNodeBehind,
			both:  sdk.ErrNodeBehind,
		},
		{
			name:  "node falls behind",
			fault: always(stuck(true)),
			later: true,
			one:   sdk.ErrNodeBehind,
			both:  sdk.ErrNodeBehind,
		},
		{
			name:  "node falls behind and does not say so",
			fault: always(stuck(false)),
			later: true,
			one:   sdk.ErrNodeBehind,
			both:  sdk.ErrNodeBehind,
		},
		{
			name:  "node stands still while confirming",
			fault: always(standsStill),
			one:   sdk.ErrUncertain,
			both:  sdk.ErrUncertain,
		},
	}
}

// limitFaults returns refusals by providers, and results without a value.
func limitFaults() []faultRow {
	return []faultRow{
		{
			name:  "429 within 200",
			fault: always(rpcError(429, "slow down")),
			one:   errRPC,
			both:  errRPC,
		},
		{
			name:  "rate limit as -32429",
			fault: always(rpcError(-32429, "no")),
			one:   errRPC,
			both:  errRPC,
		},
		{
			name:  "rate limit as -32007",
			fault: always(rpcError(-32007, "50/second request limit reached")),
			one:   errRPC,
			both:  errRPC,
		},
		{
			name:  "rate limit as -32097",
			fault: always(rpcError(-32097, "no")),
			one:   errRPC,
			both:  errRPC,
		},
		{
			name:  "rate limit as -32029",
			fault: always(rpcError(-32029, "no")),
			one:   errRPC,
			both:  errRPC,
		},
		{
			name:  "plan without getMultipleAccounts, at 200",
			fault: always(takesFew(0, 200)),
			one:   errRPC,
			both:  errRPC,
		},
		{
			name:  "plan without getMultipleAccounts, at 400",
			fault: always(takesFew(0, 400)),
			one:   errRPC,
			both:  errRPC,
		},
		{
			name:  "plan without getMultipleAccounts, at 413",
			fault: always(takesFew(0, 413)),
			one:   errRPC,
			both:  errRPC,
		},
		{name: "plan for 2 accounts at once, at 200", fault: always(takesFew(2, 200))},
		{name: "plan for 2 accounts at once, at 413", fault: always(takesFew(2, 413))},
		{
			name:  "method not found",
			fault: always(rpcError(-32601, "Method not found", "getLatestBlockhash")),
			one:   errRPC,
			both:  errRPC,
		},
		{
			name: "method unsupported, in other words",
			fault: always(answers(405, `{"error":{"code":-32000,"message":"unsupported"}}`,
				"getLatestBlockhash")),
			one:  errRPC,
			both: errRPC,
		},
		{
			name:  "parameters refused",
			fault: always(rpcError(-32602, "Invalid params", "getLatestBlockhash")),
			one:   errRPC,
			both:  errRPC,
		},
		{
			name: "null",
			fault: always(answers(200, `{"jsonrpc":"2.0","id":ID,"result":null}`,
				"getLatestBlockhash")),
			one:  errRPC,
			both: errRPC,
		},
		{
			name: "a blockhash without a value",
			fault: always(answers(200,
				`{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342792000},"value":null}}`,
				"getLatestBlockhash")),
			one:  sdk.ErrNoAnswer,
			both: sdk.ErrNoAnswer,
		},
		{
			name: "accounts without a value",
			fault: always(answers(200,
				`{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342792000},"value":null}}`,
				"getMultipleAccounts")),
			one:  sdk.ErrBadAccount,
			both: sdk.ErrBadAccount,
		},
		{
			name:  "accounts in another encoding",
			fault: always(compressed),
			one:   sdk.ErrBadAccount,
			both:  sdk.ErrBadAccount,
		},
	}
}

// optionalFaults returns failures of single methods, most of which a trade can
// do without.
func optionalFaults() []faultRow {
	return []faultRow{
		{name: "minimum delegation not told",
			fault: always(rpcError(-32601, "Method not found", "getStakeMinimumDelegation"))},
		{name: "minimum delegation without an answer",
			fault: always(hangs("getStakeMinimumDelegation"))},
		{name: "replicas up to 2 slots behind", fault: func() faultFunc { return replicas(2) }},
		{name: "replicas up to 4 slots behind", fault: func() faultFunc { return replicas(4) }},
		{name: "replicas up to 8 slots behind", fault: func() faultFunc { return replicas(8) }},
		{name: "a slot far ahead, once",
			fault: func() faultFunc { return once("getMultipleAccounts", farAhead) }},
		{
			name: "another cluster than WithGenesisHash names",
			fault: always(answers(200, `{"jsonrpc":"2.0","id":ID,"result":"`+devnet+`"}`,
				"getGenesisHash")),
			named: true,
			one:   sdk.ErrWrongCluster,
			both:  sdk.ErrWrongCluster,
		},
		{name: "simulation without a value",
			fault: always(answers(200,
				`{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342792000},"value":null}}`,
				"simulateTransaction"))},
		{name: "simulation without units",
			fault: always(answers(
				200,
				`{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342792000},"value":{"err":null,"logs":[]}}}`,
				"simulateTransaction",
			))},
		{name: "priority fees not told",
			fault: always(rpcError(-32601, "Method not found", "getRecentPrioritizationFees"))},
		{name: "priority fees without an answer",
			fault: always(hangs("getRecentPrioritizationFees"))},
	}
}

// sendFaults returns failures while a transaction is sent and confirmed.
func sendFaults() []faultRow {
	return []faultRow{
		{name: "send dropped", fault: always(dropped), one: sdk.ErrExpired, both: sdk.ErrExpired},
		{
			name:  "send limited",
			fault: always(answers(429, "", "sendTransaction")),
			one:   sdk.ErrExpired,
			both:  sdk.ErrExpired,
		},
		{
			name:  "send without an answer",
			fault: always(hangs("sendTransaction")),
			one:   sdk.ErrExpired,
			both:  sdk.ErrExpired,
		},
		{name: "the answer to a send is lost", fault: always(killed("sendTransaction"))},
		{
			name:  "blockhash expired",
			fault: always(preflight("BlockhashNotFound")),
			one:   sdk.ErrExpired,
			both:  sdk.ErrExpired,
		},
		{
			name: "transaction refused as malformed",
			fault: always(rpcError(
				-32602,
				"invalid transaction: Transaction loads an address table account that doesn't exist",
				"sendTransaction",
			)),
			one:  sdk.ErrNotSent,
			both: sdk.ErrNotSent,
			also: sdk.ErrTransactionRejected,
		},
		{name: "send refused as processed already", fault: processed},
		{name: "connection killed while confirming",
			fault: func() faultFunc { return once("getSignatureStatuses", killed()) }},
		{
			name:  "every connection killed while confirming",
			fault: always(killed("getSignatureStatuses")),
			one:   sdk.ErrUncertain,
			both:  sdk.ErrUncertain,
			also:  context.DeadlineExceeded,
		},
		{
			name:  "every connection killed",
			fault: always(killed()),
			one:   io.ErrUnexpectedEOF,
			both:  io.ErrUnexpectedEOF,
		},
	}
}

// TestFaultTable runs whole trades, from loading the market to the receipt, in
// three setups: one endpoint with a lasting fault, that one with a second one
// without the fault, and two with the fault. At most one transaction is
// broadcast, the error is one line, and neither it nor the log contains a
// secret. synctest checks that no goroutine is left.
func TestFaultTable(t *testing.T) {
	table, err := os.ReadFile("../docs/errors.md")
	require.NoError(t, err)
	rows := slices.Concat(endpointFaults(t), limitFaults(), optionalFaults(), sendFaults())
	for _, c := range rows {
		if c.one == io.ErrUnexpectedEOF {
			outcomes[c.one] = "`RPCError`"
		}

		row := fmt.Sprintf("| %s | %s | %s |", c.name, outcomes[c.one], outcomes[c.two])
		require.Contains(t, string(table), row+"\n", "docs/errors.md has the table")
		for _, setup := range []faultSetup{
			{name: "one", want: c.one},
			{name: "two", second: true, want: c.two},
			{name: "both", second: true, broken: true, want: c.both},
		} {
			t.Run(c.name+"/"+setup.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { c.run(t, setup) })
			})
		}
	}
}

// faultSetup is the number of endpoints of a trade.
type faultSetup struct {
	name   string
	second bool // a second endpoint
	broken bool // with the fault as well
	want   error
}

// run carries out a trade and checks its result.
func (c faultRow) run(t *testing.T, setup faultSetup) {
	t.Helper()
	chain := newChain(t)
	ends := []*faulty{{chain: chain, fault: c.fault()}}
	var log bytes.Buffer
	opts := []sdk.Option{
		sdk.WithHTTPClient(ends[0]), sdk.WithHeader("X-Api-Key", secret),
		sdk.WithTimeout(5 * time.Second),
		sdk.WithLogger(slog.New(slog.NewTextHandler(&log,
			&slog.HandlerOptions{Level: slog.LevelDebug}))),
	}

	var hosts = []string{"first.test"}
	switch {
	case setup.second && setup.broken:
		ends = append(ends, &faulty{chain: chain, fault: c.fault()})
		opts = append(opts,
			sdk.WithFallback("https://second.test/"+secret, sdk.WithHTTPClient(ends[1])))
		hosts = append(hosts, "second.test")

	case setup.second:
		opts = append(opts,
			sdk.WithFallback("https://second.test/"+secret, sdk.WithHTTPClient(chain)))
	}

	if c.named {
		opts = append(opts, sdk.WithGenesisHash(solana.MustHashFromBase58(mainnet)))
	}

	client, err := sdk.New("https://user:"+secret+"@first.test/"+secret+"?api-key="+
		secret,
		opts...)
	require.NoError(t, err)
	if c.later {
		_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.NoError(t, err)
	}

	for _, e := range ends {
		e.on = true
	}

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	signer := newSigner(t)
	receipt, _, err := client.Execute(ctx, stakeRequest(t, "JitoSOL", sol),
		sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
	require.LessOrEqual(t, len(chain.sent), 1, "at most one transaction")
	require.NotZero(t, ends[0].n)
	require.NotContains(t, log.String(), secret)
	if setup.want == nil {
		require.NoError(t, err)
		require.Len(t, chain.sent, 1)
		require.Equal(t, uint64(342792003), receipt.Slot)
		return
	}

	c.checkFailure(t, err, setup.want, receipt, chain, hosts)
}

// checkFailure checks the error of a trade.
func (c faultRow) checkFailure(
	t *testing.T,
	err, want error,
	receipt *sdk.Receipt,
	chain *chain,
	hosts []string,
) {
	t.Helper()
	if want == errRPC {
		require.ErrorAs(t, err, new(*sdk.RPCError))
	} else {
		require.ErrorIs(t, err, want)
	}

	requireLine(t, err)
	require.NotContains(t, err.Error(), secret)
	require.NotContains(t, fmt.Sprintf("%+v", err), secret)
	if c.also != nil {
		require.ErrorIs(t, err, c.also)
	}

	if receipt == nil {
		require.Empty(t, chain.sent, "nothing was signed")
		var refused *sdk.RPCError
		if errors.As(err, &refused) {
			if !errors.As(err, new(*sdk.EndpointsError)) {
				hosts = hosts[:1] // they agree
			}

			for _, host := range hosts {
				require.Contains(t, err.Error(), "https://"+host+": ")
			}
		}

		return
	}

	require.NotZero(t, receipt.Signature)
	if errors.Is(err, sdk.ErrNotSent) {
		require.Empty(t, chain.sent)
	}
}

// TestClient_Replicas makes 200 trades with the defaults, over replicas that
// lag up to 8 slots of 200 ms.
func TestClient_Replicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const trades = 200
		chain := newChain(t)
		chain.slotTime = 200 * time.Millisecond
		client, err := sdk.New("https://first.test",
			sdk.WithHTTPClient(&faulty{chain: chain, fault: replicas(8), on: true}))
		require.NoError(t, err)
		signer, slowest := newSigner(t), time.Duration(0)
		for trade := range trades {
			start := time.Now()
			_, _, err := client.Execute(t.Context(), stakeRequest(t, "JitoSOL", sol+uint64(trade)),
				sdk.BuildOptions{Owner: signer.PublicKey()}, signer)
			require.NoError(t, err, "trade %d", trade)
			slowest = max(slowest, time.Since(start))
		}

		require.Len(t, chain.sent, trades)
		t.Logf("the slowest took %v", slowest)
		require.Less(t, slowest, 30*time.Second, "less than the life of a blockhash")
	})
}

func always(f faultFunc) func() faultFunc { return func() faultFunc { return f } }

// TestClient_Send_OneNodeLags checks that a transaction does not expire while a
// node has not reached the slot of the proof.
func TestClient_Send_OneNodeLags(t *testing.T) {
	both := func(f *faulty, c call, r *http.Request) (*http.Response, error) {
		if c.Method == "getEpochInfo" {
			return nil, nil // it knows the height
		}

		if resp, err := standsStill(f, c, r); resp != nil || err != nil {
			return resp, err
		}

		return dropped(f, c, r)
	}

	for _, c := range []struct {
		name string
		slow faultFunc
		want error
	}{
		{"it stands still", both, sdk.ErrUncertain},
		{"it does not answer", func(f *faulty, c call, r *http.Request) (*http.Response, error) {
			if c.Method == "getSignatureStatuses" {
				return hangs()(f, c, r)
			}

			return dropped(f, c, r)
		}, sdk.ErrExpired},
		{"it has not even seen the blockhash",
			func(f *faulty, c call, r *http.Request) (*http.Response, error) {
				if c.Method == "getSignatureStatuses" {
					return answers(200,
						`{"jsonrpc":"2.0","id":ID,"result":{"context":{"slot":342700000},"value":[null]}}`)(f,
						c, r)
				}

				return dropped(f, c, r)
			}, sdk.ErrExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chain := newChain(t)
				first, second := &faulty{
					chain: chain,
					fault: c.slow,
					on:    true,
				}, &faulty{
					chain: chain,
					fault: dropped,
					on:    true,
				}

				client, err := sdk.New("https://first.test", sdk.WithHTTPClient(first),
					sdk.WithFallback("https://second.test", sdk.WithHTTPClient(second)))
				require.NoError(t, err)
				s := signed(t, client)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				_, err = client.Send(ctx, s)
				require.ErrorIs(t, err, c.want)
				requireLine(t, err)
				require.Len(t, chain.sent, 1)
			})
		})
	}
}
