package sdk_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// deploy puts code on the node as a build of the stake pool program.
func deploy(t *testing.T, node *sdktest.Node, slot uint64, code string) solana.PublicKey {
	t.Helper()
	address, err := accounts.ProgramDataAddress(accounts.StakePoolProgram)
	require.NoError(t, err)
	data := make([]byte, accounts.ProgramDataHeaderSize, 5000)
	copy(
		data,
		accounts.ProgramData{DeploySlot: slot, UpgradeAuthority: &solana.PublicKey{1}}.Encode(),
	)

	node.Put(accounts.Account{
		Address:  address,
		Owner:    accounts.UpgradeableLoader,
		Lamports: 1,
		Data:     append(data, code...),
	})

	return address
}

// fetches counts the requests for the code at an address, without those for its
// header.
func (w *tap) fetches(t *testing.T, address solana.PublicKey) (n int) {
	t.Helper()
	for _, c := range w.of("getMultipleAccounts") {
		var keys []solana.PublicKey
		require.NoError(t, json.Unmarshal(c.Params[0], &keys))
		if slices.Contains(keys, address) && c.options().DataSlice == nil {
			n++
		}
	}
	return n
}

// oddQuote returns a quote with a rounded fee, which depends on the build of
// the program.
func oddQuote(t *testing.T, client *sdk.Client) route.Quote {
	t.Helper()
	market, err := client.LoadMarket(t.Context(), mint(t, "bSOL"))
	require.NoError(t, err)
	q, err := market.Quote(stakeRequest(t, "bSOL", 1_234_567_891))
	require.NoError(t, err)
	return q
}

func TestClient_LoadMarket_BuildsFetchedOnce(t *testing.T) {
	node := demoNode(t)
	client, wire := unpinned(t, node)
	address := deploy(t, node, 100, "unknown code")
	q := oddQuote(t, client)
	require.False(t, q.Exact)
	require.Len(t, q.Assumptions, 1)
	require.Equal(t, 1, wire.fetches(t, address))

	for range 3 {
		require.False(t, oddQuote(t, client).Exact)
	}

	require.Equal(t, 1, wire.fetches(t, address), "the header is unchanged")

	deploy(t, node, 101, "other unknown code")
	require.False(t, oddQuote(t, client).Exact)
	require.Equal(t, 2, wire.fetches(t, address), "deployed anew")
	oddQuote(t, client)
	require.Equal(t, 2, wire.fetches(t, address))
}

func TestWithProgramBuild_NotFetched(t *testing.T) {
	node := demoNode(t)
	address := deploy(t, node, 100, "unknown code")
	for _, c := range []struct {
		hash  string
		exact bool
	}{{demo.Builds()[accounts.StakePoolProgram], true}, {"unheard of", false}} {
		client, wire := unpinned(t, node, sdk.WithProgramBuild(accounts.StakePoolProgram, c.hash))
		require.Equal(t, c.exact, oddQuote(t, client).Exact)
		require.Zero(t, wire.fetches(t, address))
	}
}

func TestClient_LoadMarket_UnreadableBuilds(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, node *sdktest.Node, address solana.PublicKey)
		fetches int
	}{
		{"no program data",
			func(t *testing.T, node *sdktest.Node, address solana.PublicKey) {
				node.Remove(address)
			},
			0},
		{"another loader", func(t *testing.T, node *sdktest.Node, address solana.PublicKey) {
			change(t, node, address, func(a *accounts.Account) { a.Owner = accounts.SystemProgram })
		}, 0},
		{"cut short", func(t *testing.T, node *sdktest.Node, address solana.PublicKey) {
			change(t, node, address, func(a *accounts.Account) { a.Data = a.Data[:10] })
		}, 0},
		{"no code", func(t *testing.T, node *sdktest.Node, address solana.PublicKey) {
			change(t, node, address,
				func(a *accounts.Account) { a.Data = a.Data[:accounts.ProgramDataHeaderSize] })
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := demoNode(t)
			address := deploy(t, node, 100, "code")
			c.prepare(t, node, address)
			client, wire := unpinned(t, node)
			q := oddQuote(t, client)
			require.False(t, q.Exact, "a program that cannot be read is unknown, not an error")
			require.Equal(t, c.fetches, wire.fetches(t, address))
		})
	}
}

// TestClient_LoadMarket_DeployedWhileLoading deploys between the two rounds, so
// that the code differs from its header.
func TestClient_LoadMarket_DeployedWhileLoading(t *testing.T) {
	node := demoNode(t)
	address := deploy(t, node, 100, "old")
	client, wire := unpinned(t, node)
	wire.before = func(c call) {
		if secondRound(c) {
			deploy(t, node, 101, "new")
		}
	}

	require.False(t, oddQuote(t, client).Exact)
	require.Equal(t, 1, wire.fetches(t, address))
	wire.before = nil
	oddQuote(t, client)
	require.Equal(t, 2, wire.fetches(t, address), "the code in between is not cached")
	oddQuote(t, client)
	require.Equal(t, 2, wire.fetches(t, address))
}
