package sdk_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const sol = 1_000_000_000

func demoNode(t testing.TB) *sdktest.Node {
	t.Helper()
	node, err := sdktest.Demo()
	require.NoError(t, err)
	node.Fund(10_000*sol, owner)
	for _, w := range wallets() {
		node.Fund(10_000*sol, w.PublicKey())
	}
	return node
}

// wallets are signers with SOL on the nodes of the embedded market.
var wallets = sync.OnceValue(func() []*txn.KeySigner {
	all := make([]*txn.KeySigner, 64)
	for i := range all {
		signer, err := txn.GenerateKeySigner()
		if err != nil {
			panic(err)
		}

		all[i] = signer
	}

	return all
})

// walletsTaken counts the used wallets.
var walletsTaken atomic.Uint64

// connect returns a client of a node and the requests between them.
func connect(t testing.TB, node *sdktest.Node, opts ...sdk.Option) (*sdk.Client, *tap) {
	t.Helper()
	wire := &tap{node: node}
	client, err := node.Client(append([]sdk.Option{sdk.WithHTTPClient(wire)}, opts...)...)
	require.NoError(t, err)
	return client, wire
}

// unpinned is like connect for a client that must read the builds of programs.
func unpinned(t testing.TB, node *sdktest.Node, opts ...sdk.Option) (*sdk.Client, *tap) {
	t.Helper()
	wire := &tap{node: node}
	client, err := sdk.New("http://node.invalid",
		append([]sdk.Option{sdk.WithHTTPClient(wire)}, opts...)...)
	require.NoError(t, err)
	return client, wire
}

// call is a request to the node.
type call struct {
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
}

// options are the parameters that tests examine.
type options struct {
	Commitment          string  `json:"commitment"`
	PreflightCommitment string  `json:"preflightCommitment"`
	Encoding            string  `json:"encoding"`
	MinContextSlot      *uint64 `json:"minContextSlot"`
	MaxRetries          *uint   `json:"maxRetries"`
	// ReplaceRecentBlockhash is an option of simulateTransaction.
	ReplaceRecentBlockhash bool `json:"replaceRecentBlockhash"`
	DataSlice              *struct {
		Offset, Length int
	} `json:"dataSlice"`
}

// options returns the last parameter, which holds the options of all methods.
func (c call) options() (o options) {
	if len(c.Params) > 0 {
		_ = json.Unmarshal(c.Params[len(c.Params)-1], &o)
	}
	return o
}

// tap records the requests of a client.
type tap struct {
	node *sdktest.Node
	// before, if not nil, is called before each request.
	before func(call)

	mu    sync.Mutex
	calls []call
}

func (w *tap) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}

	var c call
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, err
	}

	w.mu.Lock()
	w.calls = append(w.calls, c)
	w.mu.Unlock()
	if w.before != nil {
		w.before(c)
	}

	r.Body = io.NopCloser(bytes.NewReader(body))

	return w.node.Do(r)
}

// of returns the recorded calls of a method.
func (w *tap) of(method string) []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.calls), func(c call) bool { return c.Method != method })
}

// secondRound reports whether a call belongs to the second round of loading a
// market.
func secondRound(c call) bool {
	return c.Method == "getMultipleAccounts" && c.options().MinContextSlot != nil
}

// embedded is the embedded market, read-only.
var embedded = sync.OnceValues(demo.Load)

// pool returns a pool of the embedded market, read-only.
func pool(t testing.TB, symbol string) *figures.StakePool {
	t.Helper()
	market, err := embedded()
	require.NoError(t, err)
	p := market.StakePool(symbol)
	require.NotNil(t, p)
	return p
}

func mint(t testing.TB, symbol string) solana.PublicKey { return pool(t, symbol).State.PoolMint }

// allMints returns the mints of the embedded market.
func allMints(t testing.TB) []solana.PublicKey {
	t.Helper()
	market, err := embedded()
	require.NoError(t, err)
	var mints []solana.PublicKey
	for _, p := range market.StakePools {
		mints = append(mints, p.State.PoolMint)
	}
	return mints
}

// change replaces an account of a node by a changed copy.
func change(t testing.TB, node *sdktest.Node, address solana.PublicKey, f func(*accounts.Account)) {
	t.Helper()
	a, ok := node.Account(address)
	require.True(t, ok)
	a.Data = bytes.Clone(a.Data)
	f(&a)
	node.Put(a)
}

// newSigner returns a wallet that the test has not used yet, if there are
// enough.
func newSigner(t testing.TB) *txn.KeySigner {
	t.Helper()
	return wallets()[walletsTaken.Add(1)%uint64(len(wallets()))]
}

func stakeRequest(t testing.TB, symbol string, amount uint64) route.Request {
	return route.Request{From: accounts.NativeMint, To: mint(t, symbol), Amount: amount}
}

// quoted returns a quote to stake SOL for JitoSOL.
func quoted(t testing.TB, client *sdk.Client) route.Quote {
	t.Helper()
	market, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
	require.NoError(t, err)
	q, err := market.Quote(stakeRequest(t, "JitoSOL", 1_500_000_000))
	require.NoError(t, err)
	return q
}

// succeeds makes simulations succeed.
func succeeds(units uint64) func([]byte) sdktest.Simulation {
	return func([]byte) sdktest.Simulation { return sdktest.Simulation{Units: units} }
}

// message decodes a transaction.
func message(t testing.TB, raw []byte) *solana.Transaction {
	t.Helper()
	tx, err := solana.TransactionFromBase64(base64.StdEncoding.EncodeToString(raw))
	require.NoError(t, err)
	return tx
}

// requireLine checks that an error is one line.
func requireLine(t testing.TB, err error) {
	t.Helper()
	require.Error(t, err)
	require.NotEmpty(t, err.Error())
	require.False(t, strings.ContainsAny(err.Error(), "\n\r"), err.Error())
}

func registry(t testing.TB, more ...lst.LST) *lst.Registry {
	t.Helper()
	r, err := lst.Default().With(more...)
	require.NoError(t, err)
	return r
}
