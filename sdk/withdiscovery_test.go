package sdk_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

// newToken puts a pool that no list has on a node.
func newToken(t *testing.T, rng *rand.Rand) (*newPool, func(...sdk.Option) (*sdk.Client, *tap)) {
	t.Helper()
	node, p := newTokenOn(t, rng)
	return p, func(opts ...sdk.Option) (*sdk.Client, *tap) { return connect(t, node, opts...) }
}

// newTokenOn returns the node of newToken.
func newTokenOn(t *testing.T, rng *rand.Rand) (*sdktest.Node, *newPool) {
	t.Helper()
	node := demoNode(t)
	node.AcceptAll()
	p := launch(t, rng, accounts.SanctumStakePoolProgram)
	p.State.SOLDepositFee = accounts.Fee{}
	p.State.SOLWithdrawalFee = accounts.Fee{}
	p.Reserve.Lamports += 1_000 * sol
	p.State.TotalLamports += 1_000 * sol
	p.put(t, node)
	return node, p
}

// TestWithDiscovery_Trades stakes SOL for an unknown mint and sells it: the
// token is discovered once. Without the option it is unknown, and no request is
// made.
func TestWithDiscovery_Trades(t *testing.T) {
	p, connected := newToken(t, rand.New(rand.NewPCG(1, 2)))
	ctx := context.Background()
	opts := sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner}}
	plain, wire := connected()
	_, _, err := plain.Stake(ctx, p.State.PoolMint, sol, opts)
	require.ErrorIs(t, err, lst.ErrUnknownLST)
	_, err = plain.LoadMarket(ctx, p.State.PoolMint)
	require.ErrorIs(t, err, lst.ErrUnknownLST)
	require.Empty(t, wire.of("getProgramAccounts"))

	client, wire := connected(sdk.WithDiscovery(sdk.DiscoveryOptions{}))
	_, quote, err := client.Stake(ctx, p.State.PoolMint, sol, opts)
	require.NoError(t, err)
	require.Equal(t, route.VenueStakePoolDeposit, quote.Venue)
	require.Len(t, wire.of("getProgramAccounts"), 3)

	_, quote, err = client.Unstake(ctx, p.State.PoolMint, sol, opts)
	require.NoError(t, err)
	require.NotZero(t, quote.Out)
	_, err = client.LoadMarket(ctx, p.State.PoolMint)
	require.NoError(t, err)
	require.Len(t, wire.of("getProgramAccounts"), 3, "discovered once")

	token, err := client.Registry().Lookup("brandnewSOL")
	require.NoError(t, err)
	require.Equal(t, p.State.PoolMint, token.Mint)
	require.Equal(t, 240, lst.Default().Len())
}

// TestWithDiscovery_SellsUnknown sells a token that the client has not seen
// before, and a stake account, which needs no discovery.
func TestWithDiscovery_SellsUnknown(t *testing.T) {
	p, connected := newToken(t, rand.New(rand.NewPCG(3, 4)))
	ctx := context.Background()
	client, wire := connected(sdk.WithDiscovery(sdk.DiscoveryOptions{}))
	market, err := client.LoadMarketForRequest(ctx, route.Request{From: p.State.PoolMint,
		To: accounts.NativeMint, Amount: sol})
	require.NoError(t, err)
	require.Equal(t, p.State.PoolMint, market.Tokens()[0].Mint)
	require.Len(t, wire.of("getProgramAccounts"), 3)

	_, err = client.LoadMarketForRequest(ctx, route.Request{From: solana.PublicKey{0xAB},
		To: accounts.NativeMint, Amount: sol})
	require.ErrorIs(t, err, lst.ErrUnknownLST, "neither a stake account nor a token")
	_, err = client.LoadMarketForRequest(ctx, route.Request{From: p.Address,
		To: accounts.NativeMint, Amount: sol})
	require.ErrorIs(t, err, lst.ErrUnknownLST, "the address of a pool is no token")

	stake, _, err := p.StakeAddresses(p.Validators[0].Entry)
	require.NoError(t, err)
	asked := len(wire.of("getProgramAccounts"))
	_, err = client.LoadMarketForRequest(ctx, route.Request{From: stake,
		To: accounts.NativeMint, Amount: sol})
	require.NoError(t, err)
	require.Len(t, wire.of("getProgramAccounts"), asked)
}

// TestWithDiscovery_Together checks that calls at the same time share one
// discovery, and its failure.
func TestWithDiscovery_Together(t *testing.T) {
	p, connected := newToken(t, rand.New(rand.NewPCG(5, 6)))
	client, wire := connected(sdk.WithDiscovery(sdk.DiscoveryOptions{}))
	var group sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		group.Go(func() { _, errs[i] = client.LoadMarket(context.Background(), p.State.PoolMint) })
	}

	group.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}

	require.Len(t, wire.of("getProgramAccounts"), 3)
	require.Equal(t, 1, client.Discovered().Len())
}

// TestWithDiscovery_Ended checks that a call whose context has ended leaves the
// discovery to the next one.
func TestWithDiscovery_Ended(t *testing.T) {
	p, connected := newToken(t, rand.New(rand.NewPCG(7, 8)))
	client, _ := connected(sdk.WithDiscovery(sdk.DiscoveryOptions{}))
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := client.LoadMarket(ended, p.State.PoolMint)
	require.ErrorIs(t, err, context.Canceled)
	_, err = client.LoadMarket(context.Background(), p.State.PoolMint)
	require.NoError(t, err)
}

// TestWithDiscovery_Saved saves the discovered tokens, and loads them into
// another client, which needs no list of accounts, even if they are hostile.
func TestWithDiscovery_Saved(t *testing.T) {
	p, connected := newToken(t, rand.New(rand.NewPCG(9, 10)))
	ctx := context.Background()
	client, _ := connected(sdk.WithDiscovery(sdk.DiscoveryOptions{}))
	_, err := client.LoadMarket(ctx, p.State.PoolMint)
	require.NoError(t, err)
	var file strings.Builder
	require.NoError(t, client.Discovered().Write(&file))

	saved, err := lst.Read(strings.NewReader(file.String()))
	require.NoError(t, err)
	require.Equal(t, client.Discovered().All(), saved.All())
	again, wire := connected(sdk.WithDiscovery(sdk.DiscoveryOptions{Known: saved}))
	require.Zero(t, again.Discovered().Len(), "the file is no registry")
	_, err = again.Registry().Lookup("brandnewSOL")
	require.ErrorIs(t, err, lst.ErrUnknownLST)
	_, err = again.LoadMarket(ctx, p.State.PoolMint)
	require.NoError(t, err)
	require.Empty(t, wire.of("getProgramAccounts"))
	require.Equal(t, saved.All(), again.Discovered().All())
}

// TestWithDiscovery_HostileFile loads tokens from a file that someone changed:
// the client takes nothing from it but the address of the pool, and does not
// take that for true.
func TestWithDiscovery_HostileFile(t *testing.T) {
	p, connected := newToken(t, rand.New(rand.NewPCG(11, 12)))
	client, _ := connected(sdk.WithDiscovery(sdk.DiscoveryOptions{}))
	_, err := client.LoadMarket(context.Background(), p.State.PoolMint)
	require.NoError(t, err)
	want := client.Discovered().All()
	jito, err := lst.Default().Lookup("JitoSOL")
	require.NoError(t, err)

	for name, c := range map[string]struct {
		change func(*lst.LST)
		lists  int
	}{
		"symbol":        {func(l *lst.LST) { l.Symbol = "JitoSOL" }, 0},
		"name":          {func(l *lst.LST) { l.Name = "Jito Staked SOL" }, 0},
		"decimals":      {func(l *lst.LST) { l.Decimals = 0 }, 0},
		"list":          {func(l *lst.LST) { l.ValidatorList = owner }, 0},
		"program":       {func(l *lst.LST) { l.Program = owner }, 0},
		"kind":          {func(l *lst.LST) { l.Kind = lst.KindSPL }, 0},
		"token program": {func(l *lst.LST) { l.TokenProgram = accounts.Token2022Program }, 0},
		"another pool":  {func(l *lst.LST) { l.Pool = jito.Pool }, 3},
		"no pool":       {func(l *lst.LST) { l.Pool = owner }, 3},
		"no stake pool": {func(l *lst.LST) { l.Kind = lst.KindMarinade }, 3},
	} {
		t.Run(name, func(t *testing.T) {
			changed := want[0]
			c.change(&changed)
			file, err := new(lst.Registry).With(changed)
			require.NoError(t, err)
			again, wire := connected(sdk.WithDiscovery(sdk.DiscoveryOptions{Known: file}))
			_, err = again.LoadMarket(context.Background(), p.State.PoolMint)
			require.NoError(t, err)
			require.Equal(t, want, again.Discovered().All())
			require.Len(t, wire.of("getProgramAccounts"), c.lists)
		})
	}
}

// TestWithDiscovery_Unverified checks that an entry which is marked as
// unverified is not traded before it was found on chain.
func TestWithDiscovery_Unverified(t *testing.T) {
	p, connected := newToken(t, rand.New(rand.NewPCG(13, 14)))
	ctx := context.Background()
	entry := lst.LST{
		Symbol:        "claimedSOL",
		Name:          "Claimed",
		Mint:          p.State.PoolMint,
		Decimals:      9,
		TokenProgram:  accounts.TokenProgram,
		Kind:          lst.KindSanctumSPL,
		Pool:          p.Address,
		ValidatorList: p.State.ValidatorList,
		Unverified:    true,
	}

	registry, err := lst.Default().With(entry)
	require.NoError(t, err)
	opts := sdk.TradeOptions{BuildOptions: sdk.BuildOptions{Owner: owner}}
	plain, _ := connected(sdk.WithRegistry(registry))
	_, _, err = plain.Stake(ctx, p.State.PoolMint, sol, opts)
	require.ErrorIs(t, err, sdk.ErrUnverifiedToken)
	_, _, err = plain.Unstake(ctx, p.State.PoolMint, sol, opts)
	require.ErrorIs(t, err, sdk.ErrUnverifiedToken)
	_, err = plain.LoadMarket(ctx, p.State.PoolMint)
	require.ErrorIs(t, err, sdk.ErrUnverifiedToken)

	found, err := plain.Discover(ctx, "claimedSOL", sdk.DiscoverOptions{})
	require.NoError(t, err)
	require.ErrorIs(t, found.Err(), sdk.ErrUnverifiedToken, "the symbol leads to the mint")
	require.Equal(t, "brandnewSOL", found.Token.Symbol)

	client, wire := connected(sdk.WithRegistry(registry), sdk.WithDiscovery(sdk.DiscoveryOptions{}))
	_, _, err = client.Stake(ctx, p.State.PoolMint, sol, opts)
	require.NoError(t, err)
	require.Empty(t, wire.of("getProgramAccounts"), "the entry names the pool")
	token, err := client.Registry().ByMint(p.State.PoolMint)
	require.NoError(t, err)
	require.False(t, token.Unverified)
	require.Equal(t, "brandnewSOL", token.Symbol)

	entry.Pool = owner // a wrong entry
	registry, err = lst.Default().With(entry)
	require.NoError(t, err)
	client, _ = connected(sdk.WithRegistry(registry), sdk.WithDiscovery(sdk.DiscoveryOptions{}))
	_, err = client.LoadMarket(ctx, p.State.PoolMint)
	require.ErrorIs(t, err, sdk.ErrListDiffers)
}

// TestClient_InfinityTokens lists the tokens that the embedded market's
// Infinity pool trades, with the program of each pool.
func TestClient_InfinityTokens(t *testing.T) {
	client, _ := connect(t, demoNode(t))
	got, err := client.InfinityTokens(context.Background(), accounts.InfinityProgram)
	require.NoError(t, err)
	require.NotEmpty(t, got)
	for _, token := range got {
		require.NotNil(t, token.Listed)
		require.Equal(t, token.Mint, token.Listed.Mint)
		if token.Listed.Kind.IsStakePool() {
			require.Equal(t, token.Listed.Program, token.PoolProgram)
			found, err := client.DiscoverAddress(context.Background(), token.Mint,
				sdk.DiscoverOptions{})
			require.NoError(t, err, token.Listed.Symbol)
			require.Equal(t, token.Listed.Pool, found.Token.Pool)
		}
	}

	_, err = client.InfinityTokens(context.Background(), owner)
	require.ErrorIs(t, err, accounts.ErrNotFound)
}

// TestWithDiscovery_Requotes turns the quote of an unknown token into one that
// can be built. The market has the lookup table that the quote names, although
// it is loaded anew once the token is known.
func TestWithDiscovery_Requotes(t *testing.T) {
	node, p := newTokenOn(t, rand.New(rand.NewPCG(15, 16)))
	table := solana.PublicKey{0x77}
	node.Put(accounts.Account{
		Address:  table,
		Owner:    accounts.LookupTableProgram,
		Lamports: 1,
		Data: accounts.LookupTable{
			DeactivationSlot: accounts.NeverEpoch,
			Addresses:        []solana.PublicKey{p.Address},
		}.Encode(),
	})

	discovers := sdk.WithDiscovery(sdk.DiscoveryOptions{})
	sender, _ := connect(t, node, discovers)
	_, err := sender.LoadMarket(t.Context(), p.State.PoolMint)
	require.NoError(t, err)
	token, err := sender.Registry().ByMint(p.State.PoolMint)
	require.NoError(t, err)
	market, err := sender.LoadMarketWith(t.Context(),
		route.NewLoader(token).WithLookupTables(table))
	require.NoError(t, err)
	q, err := market.Quote(route.Request{From: token.Mint, To: accounts.NativeMint, Amount: sol})
	require.NoError(t, err)

	receiver, _ := connect(t, node, discovers)
	again, err := receiver.Requote(t.Context(), received(t, q))
	require.NoError(t, err)
	require.Equal(t, q.String(), again.String())
	require.Len(t, again.Tables, 2)
	require.Equal(t, table, again.Tables[1].Address)
}
