// Package sdktest helps to test code that uses this module, without a network: a scriptable JSON-RPC node over any accounts, the
// embedded market of real pools, and a clock that tests move.
//
// A [Node] serves accounts, blockhashes, fees and statuses as a real node does. It executes no programs: what simulateTransaction
// and sendTransaction answer is up to the test.
package sdktest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/sdk"
)

// mainnetGenesis is the genesis hash of mainnet.
var mainnetGenesis = solana.MustHashFromBase58("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d")

// blockhashLife is how many blocks a blockhash is accepted for.
const blockhashLife = 150

// Node is a JSON-RPC node. All methods are safe for concurrent use.
type Node struct {
	mu       sync.Mutex
	accounts map[solana.PublicKey]accounts.Account
	slot     uint64
	epoch    uint64
	genesis  solana.Hash
	minimum  uint64
	fees     []uint64
	builds   map[solana.PublicKey]string
	latency  time.Duration
	slotTime time.Duration
	finality uint64
	faults   map[string][]Fault
	calls    map[string]int
	inFlight int
	rounds   int
	simulate func(raw []byte) Simulation
	send     func(raw []byte) *Error
	statuses map[solana.Signature]Status
	// sent are the transactions it was sent, in base64.
	sent map[solana.Signature]string
}

// NewNode returns a node with the given accounts, at a slot of an epoch.
func NewNode(slot, epoch uint64, all ...accounts.Account) *Node {
	n := &Node{
		accounts: make(map[solana.PublicKey]accounts.Account),
		slot:     slot,
		epoch:    epoch,
		genesis:  mainnetGenesis,
		minimum:  1_000_000_000,
		finality: 32,
		faults:   make(map[string][]Fault),
		calls:    make(map[string]int),
		statuses: make(map[solana.Signature]Status),
		sent:     make(map[solana.Signature]string),
	}
	for _, a := range all {
		n.accounts[a.Address] = a
	}
	return n
}

// Demo returns a node with the embedded market: the figures of real stake pools in epoch 793, and Infinity as version 2 of its
// controller would hold it.
func Demo() (*Node, error) {
	market, err := demo.Load()
	if err != nil {
		return nil, err
	}
	return demoNode(market)
}

// DemoV1 is [Demo] with Infinity as version 1 of its controller held it then.
func DemoV1() (*Node, error) {
	market, err := demo.Load()
	if err != nil {
		return nil, err
	}
	market.Infinity.V2 = nil
	return demoNode(market)
}

func demoNode(market *demo.Market) (*Node, error) {
	all, err := market.Accounts()
	if err != nil {
		return nil, err
	}
	n := NewNode(market.Chain.Clock.Slot, market.Chain.Clock.Epoch, all...)
	n.minimum = market.Chain.MinimumDelegation
	n.builds = demo.Builds()
	return n, nil
}

// Client returns a client whose requests the node answers within the process.
func (n *Node) Client(opts ...sdk.Option) (*sdk.Client, error) {
	if n == nil {
		return nil, fmt.Errorf("client: %w node", accounts.ErrNil)
	}

	return sdk.New("http://node.invalid", append(append([]sdk.Option{sdk.WithHTTPClient(n)}, n.options()...), opts...)...)
}

// options name the builds of programs whose code the node does not have.
func (n *Node) options() []sdk.Option {
	if n == nil {
		return nil
	}

	var opts []sdk.Option
	for program, hash := range n.builds {
		opts = append(opts, sdk.WithProgramBuild(program, hash))
	}
	return opts
}

// Listen serves the node over HTTP on the loopback interface until close is called.
func (n *Node) Listen() (endpoint string, closeNode func() error, err error) {
	if n == nil {
		return "", nil, fmt.Errorf("listen: %w node", accounts.ErrNil)
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: n, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() error {
		err := server.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, nil
}

// Put adds or replaces an account.
func (n *Node) Put(account accounts.Account) {
	n.lock(func() { n.accounts[account.Address] = account })
}

// Fund gives wallets that many lamports each, as a faucet does. A transaction
// that is built without simulation needs a payer who can pay.
func (n *Node) Fund(lamports uint64, wallets ...solana.PublicKey) {
	for _, key := range wallets {
		n.Put(accounts.Account{Address: key, Owner: accounts.SystemProgram, Lamports: lamports})
	}
}

// Remove deletes an account.
func (n *Node) Remove(address solana.PublicKey) { n.lock(func() { delete(n.accounts, address) }) }

// Account returns an account of the node.
func (n *Node) Account(address solana.PublicKey) (a accounts.Account, ok bool) {
	n.lock(func() { a, ok = n.accounts[address] })
	return a, ok
}

// Advance lets slots pass. A block comes with each of them.
func (n *Node) Advance(slots uint64) { n.lock(func() { n.slot += slots }) }

// SetGenesis changes what getGenesisHash answers, which is mainnet's hash by
// default.
func (n *Node) SetGenesis(hash solana.Hash) { n.lock(func() { n.genesis = hash }) }

// SetMinimumDelegation changes what getStakeMinimumDelegation answers, in lamports.
func (n *Node) SetMinimumDelegation(lamports uint64) { n.lock(func() { n.minimum = lamports }) }

// SetFees changes what getRecentPrioritizationFees answers, in micro-lamports per compute unit.
func (n *Node) SetFees(prices ...uint64) { n.lock(func() { n.fees = slices.Clone(prices) }) }

// SetLatency makes each answer take that long.
func (n *Node) SetLatency(latency time.Duration) { n.lock(func() { n.latency = latency }) }

// SetSlotTime makes getRecentPerformanceSamples tell ten minutes of slots that
// are that long. Before that, and with zero, the node has no samples. Slots
// pass with [Node.Advance] only.
func (n *Node) SetSlotTime(slotTime time.Duration) { n.lock(func() { n.slotTime = slotTime }) }

// SetFinality makes getSlot tell finalized slots that lie so many slots behind
// the others, 32 by default. Accounts, blockhashes and transactions are the
// same at all commitments.
func (n *Node) SetFinality(slots uint64) { n.lock(func() { n.finality = slots }) }

// OnSimulate scripts simulateTransaction, which is refused otherwise.
func (n *Node) OnSimulate(answer func(raw []byte) Simulation) {
	n.lock(func() { n.simulate = answer })
}

// OnSend scripts sendTransaction, which is refused otherwise. A nil error accepts the transaction; use SetStatus to let it land.
func (n *Node) OnSend(answer func(raw []byte) *Error) { n.lock(func() { n.send = answer }) }

// SetStatus makes a transaction known to the node.
func (n *Node) SetStatus(signature solana.Signature, status Status) {
	n.lock(func() { n.statuses[signature] = status })
}

// Fail makes the coming calls of a method fail, "*" standing for all methods.
func (n *Node) Fail(method string, faults ...Fault) {
	n.lock(func() { n.faults[method] = append(n.faults[method], faults...) })
}

// Calls is how often a method was called, "*" standing for all methods.
func (n *Node) Calls(method string) (calls int) {
	n.lock(func() {
		if method != "*" {
			calls = n.calls[method]
			return
		}
		for _, c := range n.calls {
			calls += c
		}
	})
	return calls
}

// Rounds is how often the node went from idle to busy: requests that overlap are
// one round. Give the node some latency, so that requests made together do
// overlap. getSlot and getRecentPerformanceSamples do not count: clients ask them
// along with others, and wait for neither.
func (n *Node) Rounds() (rounds int) {
	n.lock(func() { rounds = n.rounds })
	return rounds
}

// ResetCounts sets calls and rounds to zero.
func (n *Node) ResetCounts() { n.lock(func() { n.calls, n.rounds = make(map[string]int), 0 }) }

// prepare makes a zero node an empty one. The lock is held.
func (n *Node) prepare() {
	if n.accounts == nil {
		n.accounts = make(map[solana.PublicKey]accounts.Account)
	}
	if n.statuses == nil {
		n.statuses = make(map[solana.Signature]Status)
	}
	if n.faults == nil {
		n.faults = make(map[string][]Fault)
	}
	if n.calls == nil {
		n.calls = make(map[string]int)
	}
}

func (n *Node) lock(f func()) {
	if n == nil {
		return
	}

	n.mu.Lock()
	defer n.mu.Unlock()
	n.prepare()
	f()
}

// Simulation is an answer to simulateTransaction.
type Simulation struct {
	// Err is the transaction error as JSON, empty for success.
	Err   string
	Logs  []string
	Units uint64
	// LoadedAccountsDataSize is how many bytes of accounts and programs were
	// loaded. Zero leaves it out of the answer.
	LoadedAccountsDataSize uint64
	// After are accounts as the transaction leaves them, and Gone those that it
	// ends. Others are answered as they are.
	After []accounts.Account
	Gone  []solana.PublicKey
}

// Status is what the node knows about a transaction.
type Status struct {
	Slot uint64
	// Err is the transaction error as JSON, empty for success.
	Err string
	// Confirmation is processed, confirmed or finalized.
	Confirmation string
	Logs         []string
	Units        uint64
	Fee          uint64
}

// Error is a JSON-RPC error object.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// Preflight is the error of a node whose simulation of a sent transaction failed.
func Preflight(err string, logs ...string) *Error {
	data, _ := json.Marshal(map[string]any{"err": json.RawMessage(err), "logs": logs})
	return &Error{Code: -32002, Message: "Transaction simulation failed", Data: data}
}

// Fault is one way for one call to fail. The first field that is set counts.
type Fault struct {
	// Pass lets the call through, so that a later fault hits a later call.
	Pass bool
	// Hang never answers.
	Hang bool
	// Error answers with a JSON-RPC error.
	Error *Error
	// Status answers with an HTTP status, and RetryAfter as a header if it is set.
	Status     int
	RetryAfter string
	// Body answers with this text in place of JSON-RPC.
	Body string
	// Result answers with this result.
	Result json.RawMessage
}

type request struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
}

// Do implements sdk.Doer: it answers a request within the process.
func (n *Node) Do(r *http.Request) (*http.Response, error) {
	if n == nil || r == nil {
		return nil, fmt.Errorf("answer a request: %w node or request", accounts.ErrNil)
	}

	w := &recorder{header: make(http.Header), status: http.StatusOK}
	n.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r,
		ContentLength: int64(w.body.Len()),
	}, nil
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }
func (w *recorder) WriteHeader(status int)      { w.status = status }

// maxRequest is more than any request has, in bytes.
const maxRequest = 1 << 20

// ServeHTTP implements http.Handler.
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if w == nil {
		return
	}
	if n == nil || r == nil || r.Body == nil {
		http.Error(w, "no node or no request", http.StatusBadRequest)
		return
	}

	var req request
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil || json.Unmarshal(body, &req) != nil {
		http.Error(w, "not a JSON-RPC request", http.StatusBadRequest)
		return
	}
	fault, latency := n.enter(req.Method)
	defer n.leave(req.Method)
	if !pause(r.Context(), latency) {
		return
	}
	answer := map[string]any{"jsonrpc": "2.0", "id": req.ID}
	switch {
	case fault == nil || fault.Pass:
		result, failure := n.handle(req)
		if failure != nil {
			answer["error"] = failure
		} else {
			answer["result"] = result
		}
	case fault.Hang:
		<-r.Context().Done()
		return
	case fault.Error != nil:
		answer["error"] = fault.Error
	case fault.Status != 0:
		if fault.RetryAfter != "" {
			w.Header().Set("Retry-After", fault.RetryAfter)
		}
		http.Error(w, fault.Body, fault.Status)
		return
	case fault.Body != "":
		_, _ = io.WriteString(w, fault.Body)
		return
	default:
		answer["result"] = fault.Result
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// pause waits for d, and reports whether the context lasted as long.
//
// It starts no timer for no time. Within a bubble of testing/synctest such a
// timer runs on the goroutine that starts it, and with the race detector all of
// a bubble share the one context of its timers: several at once corrupt it, and
// the detector crashes (Go 1.26).
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}

	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// unhurried reports whether clients ask a method along with others, and do not
// wait for its answer.
func unhurried(method string) bool {
	return method == "getSlot" || method == "getRecentPerformanceSamples"
}

func (n *Node) leave(method string) {
	if !unhurried(method) {
		n.lock(func() { n.inFlight-- })
	}
}

// enter counts a call and takes the fault that awaits it.
func (n *Node) enter(method string) (*Fault, time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.prepare()
	n.calls[method]++
	if !unhurried(method) {
		if n.inFlight == 0 {
			n.rounds++
		}
		n.inFlight++
	}
	for _, name := range []string{method, "*"} {
		if waiting := n.faults[name]; len(waiting) > 0 {
			n.faults[name] = waiting[1:]
			return &waiting[0], n.latency
		}
	}
	return nil, n.latency
}

// blockhash is the one of a slot.
func blockhash(slot uint64) solana.Hash {
	return solana.Hash(sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("blockhash"), slot)))
}

func encoded(a accounts.Account, slice *dataSlice) map[string]any {
	data := a.Data
	if slice != nil {
		data = data[min(slice.Offset, len(data)):]
		data = data[:min(slice.Length, len(data))]
	}
	return map[string]any{
		"lamports": a.Lamports, "owner": a.Owner, "executable": a.Executable, "rentEpoch": uint64(0), "space": len(a.Data),
		"data": []string{base64.StdEncoding.EncodeToString(data), "base64"},
	}
}

type dataSlice struct{ Offset, Length int }
