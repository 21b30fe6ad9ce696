package sdk_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// TestClient_DiscoverRefusedList checks a node that does not list the accounts
// of a program: the pool must be named.
func TestClient_DiscoverRefusedList(t *testing.T) {
	node := demoNode(t)
	p := launch(t, rand.New(rand.NewPCG(1, 2)), accounts.SanctumStakePoolProgram)
	p.put(t, node)
	refuseLists(node)
	client, wire := connect(t, node)
	ctx := context.Background()
	_, err := client.DiscoverAddress(ctx, p.State.PoolMint, sdk.DiscoverOptions{})
	require.ErrorIs(t, err, sdk.ErrPoolsNotListed)
	var refused *sdk.RPCError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, -32010, refused.Code)
	_, err = client.StakePools(ctx)
	require.ErrorIs(t, err, sdk.ErrPoolsNotListed)

	asked := len(wire.of("getProgramAccounts"))
	got, err := client.DiscoverAddress(ctx, p.State.PoolMint, sdk.DiscoverOptions{Pool: p.Address})
	require.NoError(t, err)
	require.Equal(t, p.Address, got.Token.Pool)
	_, err = client.DiscoverAddress(ctx, p.State.PoolMint, sdk.DiscoverOptions{Pool: owner})
	require.ErrorIs(t, err, sdk.ErrPoolNotFound, "the named pool is no pool")
	require.Len(t, wire.of("getProgramAccounts"), asked)
}

// answering returns a client of a node, with other answers to
// getProgramAccounts where answer returns a result or an error object.
func answering(t *testing.T, node *sdktest.Node, answer func(request string) string) *sdk.Client {
	t.Helper()
	client, err := node.Client(sdk.WithHTTPClient(doer(
		func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}

			r.Body = io.NopCloser(strings.NewReader(string(body)))
			text := ""
			if strings.Contains(string(body), "getProgramAccounts") {
				text = answer(string(body))
			}

			if text == "" {
				return node.Do(r)
			}

			_, id, _ := strings.Cut(string(body), `"id":`)
			id = id[:strings.IndexAny(id, ",}")]
			text = fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, id, text)

			return &http.Response{
				StatusCode: http.StatusOK,
				Header:     http.Header{"Content-Type": {"application/json"}},
				Body:       io.NopCloser(strings.NewReader(text)),
			}, nil
		})))

	require.NoError(t, err)

	return client
}

// TestClient_DiscoverOneListRefused checks that the refusal of one deployment
// does not hide the pool of another, and is told if no pool is found.
func TestClient_DiscoverOneListRefused(t *testing.T) {
	node := demoNode(t)
	p := launch(t, rand.New(rand.NewPCG(1, 2)), accounts.SanctumStakePoolProgram)
	p.put(t, node)
	for _, refused := range accounts.StakePoolPrograms() {
		client := answering(t, node, func(request string) string {
			if strings.Contains(request, refused.String()) {
				return `"error":{"code":-32600,"message":"not for you"}`
			}

			return ""
		})

		_, err := client.DiscoverAddress(context.Background(), p.State.PoolMint,
			sdk.DiscoverOptions{})
		if refused == p.Program {
			require.ErrorIs(t, err, sdk.ErrPoolsNotListed)
		} else {
			require.NoError(t, err)
		}
	}
}

// TestClient_StakePools lists all pools of the node, those of one program, and
// one that does not decode.
func TestClient_StakePools(t *testing.T) {
	node := demoNode(t)
	ctx := context.Background()
	client, _ := connect(t, node)
	before, err := client.StakePools(ctx)
	require.NoError(t, err)
	require.Len(t, before, 16, "the embedded market has 16 stake pools")
	for _, p := range before {
		require.NoError(t, p.Err)
		require.NotNil(t, p.Pool)
	}

	added := make(map[solana.PublicKey]bool)
	for i := range 230 { // more than two pages
		p := launch(t, rand.New(rand.NewPCG(9, uint64(i))), accounts.SanctumStakePoolProgram)
		p.put(t, node)
		added[p.Address] = true
	}

	broken := accounts.Account{Address: owner, Owner: accounts.SanctumStakePoolProgram,
		Lamports: 1, Data: append([]byte{1}, make([]byte, 50)...)}
	node.Put(broken)
	after, err := client.StakePools(ctx, accounts.SanctumStakePoolProgram)
	require.NoError(t, err)
	for i, p := range after {
		if i > 0 {
			require.Negative(t, accounts.CompareKeys(after[i-1].Address, p.Address))
		}

		require.Equal(t, p.Address == owner, p.Err != nil)
		require.Equal(t, p.Pool == nil, p.Err != nil)
		delete(added, p.Address)
	}

	require.Empty(t, added)
}

// TestClient_StakePoolsBounded checks that a list of very many accounts is
// refused before any of them is read.
func TestClient_StakePoolsBounded(t *testing.T) {
	for name, n := range map[string]int{"over the limit": 20_001, "far over it": 70_000} {
		t.Run(name, func(t *testing.T) {
			node := demoNode(t)
			client := answering(t, node, func(string) string { return longList(n) })
			_, err := client.StakePools(context.Background())
			require.ErrorIs(t, err, sdk.ErrPoolsNotListed)
			require.NotContains(t, err.Error(), "\n")

			p := launch(t, rand.New(rand.NewPCG(1, 2)), accounts.StakePoolProgram)
			p.put(t, node)
			before := node.Calls("getMultipleAccounts")
			_, err = client.DiscoverAddress(context.Background(), p.State.PoolMint,
				sdk.DiscoverOptions{})
			require.ErrorIs(t, err, sdk.ErrPoolsNotListed)
			require.Equal(t, before+1, node.Calls("getMultipleAccounts"), "only the mint is read")
		})
	}
}

// longList is a result of getProgramAccounts with n accounts.
func longList(n int) string {
	var b strings.Builder
	b.WriteString(`"result":[`)
	for i := range n {
		key := solana.PublicKey{byte(i), byte(i >> 8), byte(i >> 16), 1}
		if i > 0 {
			b.WriteString(",")
		}

		fmt.Fprintf(&b, `{"pubkey":"%s","account":{"data":["","base64"]}}`, key)
	}

	return b.String() + "]"
}
