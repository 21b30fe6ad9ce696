package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
	"github.com/sanctum-go/sanctum/sdk/serve"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// npmClients are clients from the npm registry in a process of Node.
type npmClients struct {
	t   *testing.T
	in  io.WriteCloser
	out *bufio.Scanner
}

// startClients starts the clients, or skips the test if they are not installed.
func startClients(t *testing.T, server, node string, secret []byte) *npmClients {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("install Node 20 or later to run clients from the npm registry")
	}

	if _, err := os.Stat("serve/node_modules"); err != nil {
		t.Skip("run npm ci in e2e/serve to run clients from the npm registry")
	}

	process := exec.CommandContext(t.Context(), program, "clients.mjs")
	process.Dir, process.Stderr = "serve", t.Output()
	in, err := process.StdinPipe()
	require.NoError(t, err)
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		in.Close()
		_ = process.Wait()
	})

	c := &npmClients{t: t, in: in, out: bufio.NewScanner(out)}
	c.out.Buffer(nil, 1<<24)
	numbers := make([]int, len(secret))
	for i, b := range secret {
		numbers[i] = int(b)
	}

	c.send(map[string]any{"server": server, "node": node, "secret": numbers})

	return c
}

func (c *npmClients) send(value any) {
	c.t.Helper()
	text, err := json.Marshal(value)
	require.NoError(c.t, err)
	_, err = c.in.Write(append(text, '\n'))
	require.NoError(c.t, err)
}

// do carries out a task.
func (c *npmClients) do(task map[string]any, result any) {
	c.t.Helper()
	c.send(task)
	require.True(c.t, c.out.Scan(), "the clients ended: %v", c.out.Err())
	require.NoError(c.t, json.Unmarshal(c.out.Bytes(), result), c.out.Text())
}

// serverMarkets is the market of some tokens, loaded for each request.
type serverMarkets struct {
	client *sdk.Client
	mints  []solana.PublicKey
	t      *testing.T
}

// Market implements serve.Markets.
func (s *serverMarkets) Market() (*route.Market, error) {
	return s.client.LoadMarket(s.t.Context(), s.mints...)
}

// serverRun is a server in front of the real programs, and clients that use it.
type serverRun struct {
	*infinityRun
	rng     *rand.Rand
	markets *serverMarkets
	clients *npmClients
	server  *httptest.Server
}

func newServerRun(t *testing.T, rng *rand.Rand) *serverRun {
	t.Helper()
	l := connect(t)
	if l.programHash(accounts.InfinityProgram) == "" {
		t.Skip("Infinity is not deployed on this server")
	}

	r := &serverRun{
		infinityRun: newInfinityRun(l, l.chain(), accounts.FlatSlabProgram),
		rng:         rng,
	}

	secret, err := solana.NewRandomPrivateKey()
	require.NoError(t, err)
	r.user, err = txn.NewKeySigner(secret)
	require.NoError(t, err)

	r.newMarket(rng)
	registry := r.openMarket(rng)
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
	require.NoError(t, err)
	r.markets = &serverMarkets{
		client: client,
		mints:  r.mints,
		t:      t,
	}

	handler, err := serve.New(serve.Config{Markets: r.markets, Client: client})
	require.NoError(t, err)
	r.server = httptest.NewServer(handler)
	t.Cleanup(r.server.Close)
	r.clients = startClients(t, r.server.URL, r.endpoint, secret)

	return r
}

// outcome is the result of a task with a transaction.
type clientOutcome struct {
	Quote struct {
		InAmount, OutAmount, OtherAmountThreshold string
		RoutePlan                                 []struct {
			SwapInfo struct {
				OutputMint solana.PublicKey
				OutAmount  string
			}
		}
	}
	Signature string
	Failure   any
	Error     string
	Body      struct{ ErrorCode, Error string }
	Message   string
	Next      struct{ Type, Title string }
	Valid     bool
	Errors    any
}

func amountOf(t testing.TB, text string) uint64 {
	t.Helper()
	amount, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err)
	return amount
}

// TestServe_JupiterClient trades with Jupiter's own TypeScript client: web3.js
// and kit sign and send what the server builds, and one assembles the
// transaction from its instructions. What lands must be what was quoted, to
// the lamport.
func TestServe_JupiterClient(t *testing.T) {
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := envUint(t, casesVariable, 60)
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	r := newServerRun(t, rng)
	landed := make(map[string]int)
	for i := range int(cases) {
		library := []string{"web3.js", "kit", "instructions"}[i%3]
		if r.swap(i, library) {
			landed[library]++
		}
	}

	t.Logf("landed: %v of %d", landed, cases)
	for _, library := range []string{"web3.js", "kit", "instructions"} {
		require.Greater(t, landed[library], int(cases)/12, library)
	}
}

// swap trades a random pair and reports whether there was a route.
func (r *serverRun) swap(i int, library string) bool {
	t, rng := r.t, r.rng
	from, to := r.mints[rng.IntN(len(r.mints))], r.mints[rng.IntN(len(r.mints))]
	switch rng.IntN(3) {
	case 0:
		from = accounts.NativeMint
	case 1:
		to = accounts.NativeMint
	}

	if from == to {
		return false
	}

	wrapped := rng.IntN(5) == 0
	mode := []string{"ExactIn", "ExactOut"}[rng.IntN(2)]
	balances := r.provide(from, to, wrapped)
	before := balances()
	var got clientOutcome
	r.clients.do(map[string]any{
		"task":    "swap",
		"library": library,
		"quote": map[string]any{
			"inputMint": from, "outputMint": to, "amount": sol + rng.Uint64N(100*sol),
			"slippageBps": 50, "swapMode": mode, "onlyDirectRoutes": rng.IntN(2) == 0,
		},
		"options": map[string]any{
			"wrapAndUnwrapSol": !wrapped,
			"prioritizationFeeLamports": map[string]any{
				"priorityLevelWithMaxLamports": map[string]any{
					"priorityLevel": "high", "maxLamports": 10_000,
				},
			},
		},
	}, &got)

	switch got.Body.ErrorCode {
	case "COULD_NOT_FIND_ANY_ROUTE", "INSUFFICIENT_FUNDS":
		return false // Prices of random pools can be extreme.
	case "LIMIT_MISSED":
		if wrapped {
			return false // The quoted venue takes or pays no wSOL.
		}
	}

	name := fmt.Sprintf("case %d, %s: %s to %s, %s, wSOL %v", i, library, from, to, mode, wrapped)
	require.Empty(t, got.Error, "%s: %s", name, got.Body.Error)
	require.Nil(t, got.Failure, name)
	after := balances()
	paid, received := before.from-after.from, after.to-before.to
	costs := r.feeOf(got.Signature) + after.created
	if from == accounts.NativeMint && !wrapped {
		paid -= costs
	}

	if to == accounts.NativeMint && !wrapped {
		received += costs
	}

	require.Equal(t, amountOf(t, got.Quote.InAmount), paid, name)
	plan := got.Quote.RoutePlan
	arrives := uint64(0)
	for _, step := range plan {
		if step.SwapInfo.OutputMint == to {
			arrives += amountOf(t, step.SwapInfo.OutAmount)
		}
	}

	require.Equal(t, arrives, received, name)
	if mode == "ExactIn" {
		require.Equal(t, amountOf(t, got.Quote.OutAmount), received, name)
	}

	require.LessOrEqual(t, amountOf(t, got.Quote.OutAmount), received, name)

	return true
}

// provide gives the user SOL and tokens of from, and no other token account. It
// returns a function that reads the balances; its created is the rent of the
// accounts that a trade has made, those of tokens between two hops included.
func (r *serverRun) provide(from, to solana.PublicKey, wrapped bool) func() holding {
	owner := r.user.PublicKey()
	calls := []call{setAccount(accounts.Account{
		Address:  owner,
		Owner:    accounts.SystemProgram,
		Lamports: 1_000_000 * sol,
	})}

	var others []solana.PublicKey
	for _, mint := range append([]solana.PublicKey{accounts.NativeMint}, r.mints...) {
		address, err := accounts.AssociatedTokenAddress(owner, accounts.TokenProgram, mint)
		require.NoError(r.t, err)
		calls = append(calls, dropAccount(address))
		if mint != from && mint != to {
			others = append(others, address)
		}
	}

	r.batch(calls...)

	balances := r.fund(owner, from, to, 100_000*sol, wrapped)

	return func() holding {
		h := balances()
		set := r.get(others...)
		for _, address := range others {
			if account, err := set.Get(address); err == nil {
				h.created += account.Lamports
			}
		}

		return h
	}
}

// feeOf returns the fee of a transaction that has landed.
func (r *serverRun) feeOf(signature string) uint64 {
	r.t.Helper()
	parsed, err := solana.SignatureFromBase58(signature)
	require.NoError(r.t, err)
	receipt, err := r.markets.client.Await(r.t.Context(), parsed)
	require.NoError(r.t, err)
	return receipt.Fee
}

// TestServe_ActionsLibrary follows Solana Actions with the official library.
func TestServe_ActionsLibrary(t *testing.T) {
	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	r := newServerRun(t, rand.New(rand.NewPCG(seed, 1)))
	followed := 0
	for _, mint := range r.mints {
		if mint == accounts.NativeMint {
			continue
		}

		for _, path := range []string{"stake?to=", "unstake?from="} {
			from, to := accounts.NativeMint, mint
			if path != "stake?to=" {
				from, to = mint, accounts.NativeMint
			}

			balances := r.provide(from, to, false)
			before := balances()
			var got clientOutcome
			r.clients.do(map[string]any{
				"task": "action", "url": r.server.URL + "/actions/" + path + mint.String(),
			}, &got)
			if got.Error != "" {
				require.Contains(t, got.Error, "no route from", path)
				continue
			}

			require.Nil(t, got.Failure)
			require.NotEmpty(t, got.Next.Type)
			r.checkAction(&got, before, balances(), mint)
			followed++
		}
	}

	t.Logf("followed %d actions", followed)
	require.Greater(t, followed, 2)
}

// checkAction compares the balances with the message of an action, for example
// "Stake 0.1 SOL for 0.083 JitoSOL, at least 0.0829".
func (r *serverRun) checkAction(got *clientOutcome, before, after holding, mint solana.PublicKey) {
	t := r.t
	words := strings.Fields(got.Message)
	require.Greater(t, len(words), 4, got.Message)
	in, err := lst.ParseAmount(words[1], 9)
	require.NoError(t, err)
	out, err := lst.ParseAmount(words[4], 9)
	require.NoError(t, err)

	paid, received := before.from-after.from, after.to-before.to
	costs := r.feeOf(got.Signature) + after.created
	if strings.HasPrefix(got.Message, "Stake") {
		paid -= costs
	} else {
		received += costs
	}

	require.Equal(t, in, paid, "%s, %s", got.Message, mint)
	require.Equal(t, out, received, "%s, %s", got.Message, mint)
}

// TestServe_DocumentIsValid validates the OpenAPI document with a validator
// from the npm registry.
func TestServe_DocumentIsValid(t *testing.T) {
	handler, err := serve.New(serve.Config{Markets: serve.Fixed(nil)})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	secret, err := solana.NewRandomPrivateKey()
	require.NoError(t, err)

	var got clientOutcome
	startClients(t, server.URL, server.URL, secret).do(map[string]any{"task": "document"}, &got)
	require.True(t, got.Valid, "%v %v", got.Errors, got.Error)
}

// schemathesisVariable names the environment variable with the path of the
// fuzzer schemathesis.
const schemathesisVariable = "SANCTUM_SCHEMATHESIS"

// TestServe_FuzzerFindsNoDefect runs the fuzzer schemathesis from the Python
// package index against a server on the embedded market: no request may be
// answered with a defect, or with something that the OpenAPI document does not
// have.
func TestServe_FuzzerFindsNoDefect(t *testing.T) {
	fuzzer := os.Getenv(schemathesisVariable)
	if fuzzer == "" {
		t.Skipf("install e2e/serve/requirements.txt with pip, and set %s to the path of "+
			"schemathesis to run this", schemathesisVariable)
	}

	client, _, err := sdktest.DemoClient()
	require.NoError(t, err)
	market, err := client.LoadMarketTokens(t.Context(), client.Registry().All()...)
	require.NoError(t, err)
	handler, err := serve.New(serve.Config{
		Markets:      serve.Fixed(market),
		Client:       client,
		AllowExecute: true,
	})

	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	run := exec.CommandContext(t.Context(), fuzzer, "run", server.URL+"/openapi.json",
		"--url", server.URL, "--no-color", "--phases", "examples,coverage,fuzzing",
		"--max-examples", strconv.FormatUint(envUint(t, casesVariable, 50), 10),
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"+
			"response_schema_conformance,response_headers_conformance,unsupported_method")

	run.Dir = t.TempDir()
	output, err := run.CombinedOutput()
	require.NoError(t, err, "%s", output)
	t.Logf("%s", output)
}
