package sdk_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

func TestNew_Endpoint(t *testing.T) {
	const secret = "SECRETSECRET"
	for _, endpoint := range []string{
		"", "node", "node.example:8899", "/path", "http://", "ftp://node.example/" + secret,
		"http://%zz/" + secret, "wss://node.example/?key=" + secret,
		"https://" + secret + "@", "http://node.example:port/" + secret,
	} {
		client, err := sdk.New(endpoint)
		require.Nil(t, client)
		requireLine(t, err)
		require.NotContains(t, err.Error(), secret)
	}

	for _, c := range []struct {
		name   string
		option sdk.Option
	}{
		{"commitment", sdk.WithCommitment("recent")},
		{"empty commitment", sdk.WithCommitment("")},
		{"timeout", sdk.WithTimeout(-time.Second)},
		{"batch size", sdk.WithBatchSize(-1)},
		{"a key over http", sdk.WithHeader("X-Api-Key", secret)},
		{"zero genesis hash", sdk.WithGenesisHash(solana.Hash{})},
		{"attempts", sdk.WithMaxAttempts(-1)},
	} {
		client, err := sdk.New("http://node.example", c.option)
		require.Nil(t, client, c.name)
		requireLine(t, err)
		require.NotContains(t, err.Error(), secret)
	}

	_, err := sdk.New("http://node.example/?"+secret, sdk.WithHeader("X-Api-Key", secret))
	require.ErrorIs(t, err, sdk.ErrInsecure)
	_, err = sdk.New("http://node.example/?"+secret, sdk.WithHeader("X-Api-Key", secret),
		sdk.WithInsecureHTTP())
	require.NoError(t, err)
	_, err = sdk.New("https://node.example", sdk.WithInsecureHTTP(),
		sdk.WithFallback("http://other.example/?"+secret))
	require.ErrorIs(t, err, sdk.ErrInsecure, "the option applies to one endpoint")
	_, err = sdk.New("https://node.example",
		sdk.WithFallback("http://other.example/?"+secret, sdk.WithInsecureHTTP()))
	require.NoError(t, err)
	for _, commitment := range []rpc.CommitmentType{rpc.CommitmentProcessed,
		rpc.CommitmentConfirmed, rpc.CommitmentFinalized} {
		client, err := sdk.New("https://node.example", sdk.WithCommitment(commitment))
		require.NoError(t, err)
		require.Same(t, lst.Default(), client.Registry())
	}
}

// TestClient_ShowsNoSecret prints a client in all forms, with a key in each
// place that providers use.
func TestClient_ShowsNoSecret(t *testing.T) {
	const secret = "SECRETSECRET"
	client, err := sdk.New("https://user:"+secret+"@node.example/"+secret+"?api-key="+secret,
		sdk.WithHeader("Authorization", secret))
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q", "%x"} {
		for _, value := range []any{client, struct{ Client *sdk.Client }{client}, []any{client},
			client.RPC()} {
			shown := fmt.Sprintf(verb, value)
			require.NotContains(t, shown, secret, verb)
			require.NotContains(t, shown, fmt.Sprintf("%x", secret))
			require.NotContains(t, shown, fmt.Sprintf("%d", []byte(secret)))
		}
	}
}

func TestNew_Options(t *testing.T) {
	node := demoNode(t)
	headers := make(chan http.Header, 100)
	doer := doer(func(r *http.Request) (*http.Response, error) {
		headers <- r.Header.Clone()
		return node.Do(r)
	})

	var log bytes.Buffer
	own := lst.LST{
		Symbol:        "ownSOL",
		Name:          "Own",
		Mint:          solana.PublicKey{1},
		Decimals:      9,
		TokenProgram:  accounts.TokenProgram,
		Kind:          lst.KindSPL,
		Program:       accounts.StakePoolProgram,
		Pool:          solana.PublicKey{2},
		ValidatorList: solana.PublicKey{3},
	}

	r := registry(t, own)
	client, err := sdk.New("https://node.invalid/path-with-a-key", sdk.WithHTTPClient(doer),
		sdk.WithHeader("X-Key", "one"), sdk.WithHeader("X-Key", "two"),
		sdk.WithRegistry(r),
		sdk.WithLogger(slog.New(slog.NewTextHandler(&log,
			&slog.HandlerOptions{Level: slog.LevelDebug}))),
		sdk.WithRateLimit(1000, 1))

	require.NoError(t, err)
	require.Same(t, r, client.Registry())
	market, err := client.LoadMarket(t.Context(), own.Mint)
	require.NoError(t, err, "a token of the custom registry")
	_, err = market.Quote(stakeRequest(t, "JitoSOL", sol))
	require.Error(t, err)
	require.Equal(t, []string{"one", "two"}, (<-headers).Values("X-Key"))
	require.Contains(t, log.String(), "getMultipleAccounts")
	require.NotContains(t, log.String(), "path-with-a-key")

	height, err := client.RPC().GetEpochInfo(t.Context(), rpc.CommitmentConfirmed)
	require.NoError(t, err)
	require.Equal(t, uint64(793), height.Epoch)

	market, err = client.LoadMarketTokens(t.Context(), own)
	require.NoError(t, err)
	require.Equal(t, []lst.LST{own}, market.Tokens())
}

type doer func(*http.Request) (*http.Response, error)

func (f doer) Do(r *http.Request) (*http.Response, error) { return f(r) }

// transport counts calls and does not answer.
type transport struct {
	rpc.JSONRPCClient
	calls []string
}

func (f *transport) CallForInto(_ context.Context, _ any, method string, _ []any) error {
	f.calls = append(f.calls, method)
	return &jsonrpc.RPCError{Code: -1, Message: "nothing here"}
}

func TestWithTransport_Calls(t *testing.T) {
	f := new(transport)
	client, err := sdk.New("not looked at", sdk.WithTransport(f))
	require.NoError(t, err)
	_, err = client.RPC().GetEpochInfo(t.Context(), rpc.CommitmentConfirmed)
	require.Error(t, err)
	require.Equal(t, []string{"getEpochInfo"}, f.calls)
}

func TestWithTimeout_Hang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		node.SetLatency(time.Minute)
		client, _ := connect(t, node, sdk.WithTimeout(2*time.Second), sdk.WithMaxAttempts(1))
		start := time.Now()
		_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		requireLine(t, err)
		require.Equal(t, 2*time.Second, time.Since(start))
	})
}

func TestWithRateLimit_Pace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		client, _ := connect(t, node, sdk.WithRateLimit(2, 1))
		start := time.Now()
		_, err := client.LoadMarket(t.Context(), mint(t, "JitoSOL"))
		require.NoError(t, err)
		calls := node.Calls("*")
		require.GreaterOrEqual(t, time.Since(start),
			time.Duration(calls-1)*time.Second/2-time.Millisecond)
	})
}

// TestClient_ConcurrentUse uses one client from many goroutines.
func TestClient_ConcurrentUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := demoNode(t)
		deploy(t, node, 1, "code")
		node.OnSimulate(succeeds(50_000))
		client, _ := unpinned(t, node)
		results := make(chan uint64, 16)
		jito := mint(t, "JitoSOL")
		for range cap(results) {
			go func() {
				_, q, err := client.Stake(t.Context(), jito, 1_500_000_000,
					sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner}})
				if err != nil {
					t.Error(err)
				}

				results <- q.Out
			}()
		}

		for range cap(results) {
			require.Equal(t, uint64(1_244_054_262), <-results)
		}
	})
}
