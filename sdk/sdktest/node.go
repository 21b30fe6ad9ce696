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

// blockhashLife is the number of blocks for which a blockhash is valid.
const blockhashLife = 150

// Node is a JSON-RPC node in memory. [NewNode] and [Demo] return one; the zero
// value is a node without accounts. It is safe for concurrent use.
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
	// sent are the accepted transactions, in base64.
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

// Demo returns a node with the embedded market: the state of real stake pools
// in epoch 793, with Infinity in the format of version 2 of its controller
// program.
func Demo() (*Node, error) {
	market, err := demo.Load()
	if err != nil {
		return nil, err
	}
	return demoNode(market)
}

// DemoV1 is like [Demo], with Infinity in the format of version 1 of its
// controller program, as it was in that epoch.
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
	n.Put(version1Feature())
	n.minimum = market.Chain.MinimumDelegation
	n.builds = demo.Builds()
	return n, nil
}

// Client returns a client whose requests are answered by the node within the
// process. opts are applied after the node's own options. Errors are those of
// [sdk.New], and [accounts.ErrNil] if n is nil.
func (n *Node) Client(opts ...sdk.Option) (*sdk.Client, error) {
	if n == nil {
		return nil, fmt.Errorf("client: %w node", accounts.ErrNil)
	}

	return sdk.New("http://node.invalid",
		append(append([]sdk.Option{sdk.WithHTTPClient(n)}, n.options()...), opts...)...)
}

// options returns the builds of programs, since the node has no program data
// accounts.
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

// Listen serves the node over HTTP on a free port of the loopback interface.
// The endpoint is a URL such as http://127.0.0.1:40123. Call closeNode to stop:
// it closes all connections and waits for the server.
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

// Fund replaces each wallet by a system account with a balance of lamports. A
// build without simulation reads the balance of the payer, so the payer must
// exist.
func (n *Node) Fund(lamports uint64, wallets ...solana.PublicKey) {
	for _, key := range wallets {
		n.Put(accounts.Account{
			Address:  key,
			Owner:    accounts.SystemProgram,
			Lamports: lamports,
		})
	}
}

// Remove deletes an account.
func (n *Node) Remove(address solana.PublicKey) { n.lock(func() { delete(n.accounts, address) }) }

// Account returns an account, and whether the node has it.
func (n *Node) Account(address solana.PublicKey) (a accounts.Account, ok bool) {
	n.lock(func() { a, ok = n.accounts[address] })
	return a, ok
}

// Advance adds slots to the slot of the node, with one block each.
func (n *Node) Advance(slots uint64) { n.lock(func() { n.slot += slots }) }

// SetGenesis sets the answer of getGenesisHash. The default is the genesis hash
// of mainnet.
func (n *Node) SetGenesis(hash solana.Hash) { n.lock(func() { n.genesis = hash }) }

// SetMinimumDelegation sets the answer of getStakeMinimumDelegation, in
// lamports. The default is 1 SOL.
func (n *Node) SetMinimumDelegation(lamports uint64) { n.lock(func() { n.minimum = lamports }) }

// SetFees sets the answer of getRecentPrioritizationFees, in micro-lamports per
// compute unit. By default it is empty.
func (n *Node) SetFees(prices ...uint64) { n.lock(func() { n.fees = slices.Clone(prices) }) }

// SetLatency delays each answer by latency.
func (n *Node) SetLatency(latency time.Duration) { n.lock(func() { n.latency = latency }) }

// SetSlotTime sets the slot time in the answer of getRecentPerformanceSamples,
// which covers ten minutes. With zero, the default, the answer is empty. The
// slot of the node changes with [Node.Advance] only.
func (n *Node) SetSlotTime(slotTime time.Duration) { n.lock(func() { n.slotTime = slotTime }) }

// SetFinality sets how many slots the answer of getSlot at commitment finalized
// is behind the other commitments. The default is 32. Accounts, blockhashes and
// transactions are the same at all commitments.
func (n *Node) SetFinality(slots uint64) { n.lock(func() { n.finality = slots }) }

// OnSimulate sets the function that answers simulateTransaction. raw is the
// serialized transaction. Without a function the node answers with an error.
// The function may call methods of the node.
func (n *Node) OnSimulate(answer func(raw []byte) Simulation) {
	n.lock(func() { n.simulate = answer })
}

// OnSend sets the function that answers sendTransaction. raw is the serialized
// transaction. A nil error accepts it; call [Node.SetStatus] to let it land.
// Without a function the node answers with an error. The function may call
// methods of the node.
func (n *Node) OnSend(answer func(raw []byte) *Error) { n.lock(func() { n.send = answer }) }

// SetStatus sets the status of a transaction for getSignatureStatuses and
// getTransaction.
func (n *Node) SetStatus(signature solana.Signature, status Status) {
	n.lock(func() { n.statuses[signature] = status })
}

// Fail adds faults for the next calls of a method, one fault per call. The
// method "*" stands for all methods.
func (n *Node) Fail(method string, faults ...Fault) {
	n.lock(func() { n.faults[method] = append(n.faults[method], faults...) })
}

// Calls returns the number of calls of a method. The method "*" stands for all
// methods.
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

// Rounds returns the number of times that the node became busy: requests that
// overlap are one round. Set a latency, so that concurrent requests do overlap.
// getSlot and getRecentPerformanceSamples do not count, since clients do not
// wait for their answers.
func (n *Node) Rounds() (rounds int) {
	n.lock(func() { rounds = n.rounds })
	return rounds
}

// ResetCounts sets calls and rounds to zero.
func (n *Node) ResetCounts() { n.lock(func() { n.calls, n.rounds = make(map[string]int), 0 }) }

// prepare makes the zero value usable. The lock must be held.
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

// Simulation is the answer to simulateTransaction.
type Simulation struct {
	// Err is the transaction error as JSON, for example `"AccountNotFound"`.
	// Empty means success.
	Err string
	// Logs are the program logs.
	Logs []string
	// Units is the number of compute units used.
	Units uint64
	// LoadedAccountsDataSize is the size of all loaded accounts and programs,
	// in bytes. Zero leaves it out of the answer.
	LoadedAccountsDataSize uint64
	// After are the accounts that the transaction changes, in their state
	// afterwards. All other accounts are answered with their current state.
	After []accounts.Account
	// Gone are the accounts that the transaction closes.
	Gone []solana.PublicKey
}

// Status is the status of a transaction on the ledger.
type Status struct {
	// Slot is the slot of the block that holds the transaction.
	Slot uint64
	// Err is the transaction error as JSON, for example
	// `{"InstructionError":[0,{"Custom":1}]}`. Empty means success.
	Err string
	// Confirmation is the commitment: processed, confirmed or finalized.
	Confirmation string
	// Logs are the program logs.
	Logs []string
	// Units is the number of compute units used.
	Units uint64
	// Fee is the fee paid, in lamports.
	Fee uint64
	// BlockTime is the time of the block in seconds since 1970, or zero if the
	// node does not know it.
	BlockTime int64
	// PreBalances and PostBalances are the balances before and after the
	// transaction in lamports, one for each of its accounts. Without them a
	// receipt has no outcome.
	PreBalances, PostBalances []uint64
	// PreTokens and PostTokens are the balances of its token accounts.
	PreTokens, PostTokens []TokenBalance
	// LoadedWritable and LoadedReadonly are the accounts from lookup tables.
	LoadedWritable, LoadedReadonly []solana.PublicKey
}

// TokenBalance is the balance of a token account in a transaction.
type TokenBalance struct {
	// Account is the index of the token account in the transaction.
	Account int
	// Mint and Owner are those of the token account.
	Mint, Owner solana.PublicKey
	// Amount is in base units.
	Amount uint64
}

// Error is a JSON-RPC error object.
type Error struct {
	// Code is the error code, for example -32002 for a failed simulation.
	Code int `json:"code"`
	// Message is the text of the error.
	Message string `json:"message"`
	// Data is additional JSON, or nil.
	Data json.RawMessage `json:"data,omitempty"`
}

// Preflight returns the error with which a node refuses a sent transaction
// whose simulation failed. err is the transaction error as JSON, for example
// `"BlockhashNotFound"`, and logs are the program logs.
func Preflight(err string, logs ...string) *Error {
	data, _ := json.Marshal(map[string]any{"err": json.RawMessage(err), "logs": logs})
	return &Error{
		Code:    -32002,
		Message: "Transaction simulation failed",
		Data:    data,
	}
}

// Fault is the failure of one call, see [Node.Fail]. Only the first field that
// is set applies.
type Fault struct {
	// Pass lets the call succeed, so that the next fault applies to the next
	// call.
	Pass bool
	// Hang leaves the call without an answer until its context ends.
	Hang bool
	// Error answers with a JSON-RPC error.
	Error *Error
	// Status answers with an HTTP status, for example 503.
	Status int
	// RetryAfter is the Retry-After header of Status, if not empty.
	RetryAfter string
	// Body answers with this text instead of JSON-RPC. With Status it is the
	// body of that response.
	Body string
	// Result answers with this JSON as the result.
	Result json.RawMessage
}

type request struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
}

// Do answers a request within the process. It implements [sdk.Doer]. It returns
// the context's error if the context ends first.
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
		Status:        http.StatusText(w.status),
		StatusCode:    w.status,
		Header:        w.header,
		Body:          io.NopCloser(&w.body),
		Request:       r,
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

// maxRequest bounds the body of a request, in bytes.
const maxRequest = 1 << 20

// ServeHTTP answers a request. It implements [http.Handler].
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

// pause waits for d and reports whether the context is still valid.
//
// It starts no timer for a zero wait. In a bubble of testing/synctest such a
// timer runs on the goroutine that starts it, and with the race detector all
// timers of a bubble share one context: several concurrent timers corrupt it,
// and the detector crashes (Go 1.26).
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

// unhurried reports whether clients call a method without waiting for its
// answer.
func unhurried(method string) bool {
	return method == "getSlot" || method == "getRecentPerformanceSamples"
}

func (n *Node) leave(method string) {
	if !unhurried(method) {
		n.lock(func() { n.inFlight-- })
	}
}

// enter counts a call and removes the fault that applies to it.
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

// blockhash returns the blockhash of a slot.
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
		"lamports": a.Lamports, "owner": a.Owner, "executable": a.Executable,
		"rentEpoch": uint64(0), "space": len(a.Data),
		"data": []string{base64.StdEncoding.EncodeToString(data), "base64"},
	}
}

type dataSlice struct{ Offset, Length int }
