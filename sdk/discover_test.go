package sdk_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// TestClient_Discover discovers random pools of all deployments from their
// mints and from their addresses, with and without metadata.
func TestClient_Discover(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	other := solana.PublicKey{0x0D}
	programs := append(accounts.StakePoolPrograms(), other)
	kinds := []lst.Kind{lst.KindSPL, lst.KindSanctumSPL, lst.KindSanctumSPLMulti, lst.KindSPL}
	for i := range 60 {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		node := demoNode(t)
		p := launch(t, rng, programs[i%4])
		p.embedded = rng.IntN(2) == 0
		if rng.IntN(3) == 0 {
			p.symbol, p.name, p.embedded = "", "", false
		}

		p.put(t, node)
		client, wire := connect(t, node)
		opts := sdk.DiscoverOptions{Programs: []solana.PublicKey{other}}
		got, err := client.Discover(context.Background(), p.State.PoolMint.String(), opts)
		require.NoError(t, err)
		require.Len(t, wire.of("getProgramAccounts"), 4)

		want := lst.LST{
			Symbol:        "brandnewSOL",
			Name:          "Brand New Staked SOL",
			Mint:          p.State.PoolMint,
			Decimals:      9,
			TokenProgram:  p.State.TokenProgram,
			Kind:          kinds[i%4],
			Program:       programs[i%4],
			Pool:          p.Address,
			ValidatorList: p.State.ValidatorList,
		}

		if len(p.Validators) == 1 {
			want.VoteAccount = p.Validators[0].Entry.VoteAccount
		}

		if p.symbol == "" {
			want.Symbol = lst.PlaceholderSymbol(want.Mint)
			want.Name = want.Symbol
		}

		require.Equal(t, want, got.Token)
		require.Equal(t, p.State, *got.Pool)
		require.Equal(t, *p.List(), *got.Validators)
		require.Equal(t, p.Mint, got.Mint)
		require.Equal(t, p.symbol == "", got.Metadata == nil)
		require.NoError(t, got.Err())

		again, err := client.DiscoverAddress(context.Background(), p.Address, opts)
		require.NoError(t, err)
		require.Equal(t, got, again)
		require.Len(t, wire.of("getProgramAccounts"), 4, "the pool names its mint")
	}
}

// hostilePool is a change that makes a pool hostile, and what is found.
type hostilePool struct {
	change func(*newPool)
	want   error
}

// hostilePools are pools that do not belong to their mint, reserve or list. The
// three deployments create none of them; a test sets their accounts.
func hostilePools() map[string]hostilePool {
	stranger := solana.PublicKey{0xEE}
	return map[string]hostilePool{
		"no mint authority": {func(p *newPool) { p.Mint.MintAuthority = nil }, sdk.ErrPoolNotFound},
		"mint authority": {func(p *newPool) { p.Mint.MintAuthority = &stranger },
			sdk.ErrNotPoolMint},
		"bump of another authority": {func(p *newPool) { p.State.StakeWithdrawBumpSeed-- },
			sdk.ErrNotPoolMint},
		"other token program": {func(p *newPool) {
			mint := accounts.Account{Address: p.State.PoolMint, Owner: accounts.TokenProgram,
				Lamports: sol, Data: p.Mint.Encode()}
			p.State.TokenProgram = accounts.Token2022Program
			p.others = append(p.others, mint)
		}, sdk.ErrNotPoolMint},
		"more tokens than issued": {func(p *newPool) { p.Mint.Supply++ }, sdk.ErrNotPoolMint},
		"reserve of a stranger": {func(p *newPool) {
			p.Reserve.Account.Staker = stranger
			p.Reserve.Account.Withdrawer = stranger
		}, sdk.ErrForeignReserve},
		"reserve with another withdrawer": {func(p *newPool) {
			p.Reserve.Account.Withdrawer = stranger
		}, sdk.ErrForeignReserve},
		"reserve with another staker": {func(p *newPool) { p.Reserve.Account.Staker = stranger },
			sdk.ErrForeignReserve},
		"locked reserve": {func(p *newPool) { p.Reserve.Account.Lockup.Epoch = 9_999 },
			sdk.ErrForeignReserve},
		"delegated reserve": {func(p *newPool) {
			p.Reserve.Account = figures.Delegated(*p.Mint.MintAuthority, 1, stranger, sol, 1)
		}, sdk.ErrForeignReserve},
		"reserve without stake": {func(p *newPool) {
			p.others = append(p.others, accounts.Account{Address: p.State.ReserveStake,
				Owner: accounts.SystemProgram, Lamports: sol})
		}, sdk.ErrForeignReserve},
		"list of another pool": {func(p *newPool) {
			for i := range p.Validators {
				p.Validators[i].Active.Account.Staker = stranger
				p.Validators[i].Active.Account.Withdrawer = stranger
			}
		}, sdk.ErrForeignValidators},
		"list of stake that is not there": {func(p *newPool) { p.Validators[0].Active = nil },
			sdk.ErrForeignValidators},
		"list of stake with another validator": {func(p *newPool) {
			p.Validators[0].Active.Account.Delegation.Voter = stranger
		}, sdk.ErrForeignValidators},
		"list of another program": {func(p *newPool) {
			p.others = append(p.others, accounts.Account{Address: p.State.ValidatorList,
				Owner: stranger, Lamports: sol, Data: p.List().Encode()})
		}, sdk.ErrForeignValidators},
		"no list": {func(p *newPool) { p.State.ValidatorList = p.State.ReserveStake },
			sdk.ErrForeignValidators},
		"list with an impossible length": {func(p *newPool) {
			p.others = append(p.others, accounts.Account{Address: p.State.ValidatorList,
				Owner: p.Program, Lamports: sol, Data: []byte{2, 1, 0, 0, 0, 255, 255, 255, 255}})
		}, sdk.ErrForeignValidators},
	}
}

// TestClient_DiscoverHostile checks that each hostile pool is named, from its
// mint and from its address, and not traded by a client that discovers tokens.
func TestClient_DiscoverHostile(t *testing.T) {
	for name, c := range hostilePools() {
		t.Run(name, func(t *testing.T) {
			node := demoNode(t)
			p := launch(t, rand.New(rand.NewPCG(1, 2)), accounts.StakePoolProgram)
			c.change(p)
			p.put(t, node)
			client, _ := connect(t, node, sdk.WithDiscovery(sdk.DiscoveryOptions{}))
			got, err := client.DiscoverAddress(context.Background(), p.State.PoolMint,
				sdk.DiscoverOptions{})
			require.ErrorIs(t, err, c.want)
			require.Nil(t, got)
			require.NotContains(t, err.Error(), "\n")

			got, err = client.DiscoverAddress(context.Background(), p.Address,
				sdk.DiscoverOptions{})
			if errors.Is(c.want, sdk.ErrPoolNotFound) {
				c.want = sdk.ErrNotPoolMint
			}

			require.ErrorIs(t, err, c.want)
			require.Nil(t, got)

			_, err = client.LoadMarket(context.Background(), p.State.PoolMint)
			require.Error(t, err)
			require.Zero(t, client.Discovered().Len())
		})
	}
}

// TestClient_DiscoverImpostor checks that a pool which names the mint of
// another one is found, and that it is not taken for the owner.
func TestClient_DiscoverImpostor(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	node := demoNode(t)
	p := launch(t, rng, accounts.SanctumStakePoolProgram)
	impostor := launch(t, rng, accounts.StakePoolProgram)
	impostor.symbol = ""
	impostor.State.PoolMint = p.State.PoolMint
	impostor.put(t, node)
	p.put(t, node)

	client, _ := connect(t, node)
	got, err := client.DiscoverAddress(context.Background(), p.State.PoolMint,
		sdk.DiscoverOptions{})
	require.NoError(t, err)
	require.Equal(t, p.Address, got.Token.Pool)
	for _, opts := range []sdk.DiscoverOptions{{Pool: impostor.Address}} {
		_, err = client.DiscoverAddress(context.Background(), p.State.PoolMint, opts)
		require.ErrorIs(t, err, sdk.ErrNotPoolMint)
	}

	_, err = client.DiscoverAddress(context.Background(), impostor.Address, sdk.DiscoverOptions{})
	require.ErrorIs(t, err, sdk.ErrNotPoolMint)
}

// TestClient_DiscoverNotToken checks addresses that are neither a mint nor a
// pool, and mints without a pool.
func TestClient_DiscoverNotToken(t *testing.T) {
	node := demoNode(t)
	p := launch(t, rand.New(rand.NewPCG(5, 6)), accounts.StakePoolProgram)
	p.put(t, node)
	foreign := solana.PublicKey{0xF0}
	unknown := launch(t, rand.New(rand.NewPCG(7, 8)), foreign)
	unknown.put(t, node)
	client, _ := connect(t, node)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"missing":           {solana.PublicKey{0xAB}.String(), sdk.ErrNotToken},
		"token account":     {p.State.ManagerFeeAccount.String(), sdk.ErrNotToken},
		"reserve":           {p.State.ReserveStake.String(), sdk.ErrNotToken},
		"validator list":    {p.State.ValidatorList.String(), sdk.ErrNotToken},
		"wallet":            {owner.String(), sdk.ErrNotToken},
		"pool of a program": {unknown.Address.String(), sdk.ErrNotToken},
		"mint of a program": {unknown.State.PoolMint.String(), sdk.ErrPoolNotFound},
		"symbol":            {"noSuchSOL", lst.ErrUnknownLST},
		"empty":             {"", lst.ErrUnknownLST},
		"two tokens":        {"pineSOL", lst.ErrAmbiguous},
	} {
		_, err := client.Discover(context.Background(), c.text, sdk.DiscoverOptions{})
		require.ErrorIs(t, err, c.want, name)
		require.NotContains(t, err.Error(), "\n", name)
	}
}

// TestClient_DiscoverListed discovers the tokens of the embedded market: those
// of the list need no list of the program's accounts.
func TestClient_DiscoverListed(t *testing.T) {
	node := demoNode(t)
	refuseLists(node)
	client, _ := connect(t, node)
	market, err := demo.Load()
	require.NoError(t, err)
	for _, p := range market.StakePools {
		listed, err := lst.Default().ByMint(p.State.PoolMint)
		require.NoError(t, err)
		got, err := client.Discover(context.Background(), listed.Symbol, sdk.DiscoverOptions{})
		require.NoError(t, err, listed.Symbol)
		got.Token.VoteAccount = listed.VoteAccount
		require.Equal(t, listed, got.Token)
		require.NoError(t, got.Err(), listed.Symbol)
	}

	for _, symbol := range []string{"mSOL", "INF"} {
		got, err := client.Discover(context.Background(), symbol, sdk.DiscoverOptions{})
		require.NoError(t, err)
		require.Equal(t, symbol, got.Token.Symbol)
		require.Nil(t, got.Pool)
	}
}

// TestClient_DiscoverMutated changes random bytes of the accounts of a pool.
// What is discovered nevertheless belongs together, and nothing panics.
func TestClient_DiscoverMutated(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	found := 0
	node := demoNode(t)
	client, _ := connect(t, node)
	for i := range 300 {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		p := launch(t, rng, accounts.StakePoolProgram)
		p.embedded = i%2 == 0
		p.put(t, node)
		keys := []solana.PublicKey{p.Address, p.State.PoolMint, p.State.ValidatorList,
			p.State.ReserveStake, p.metaplex(t).Address}
		key := keys[rng.IntN(len(keys))]
		a, ok := node.Account(key)
		if !ok {
			continue
		}

		for range 1 + rng.IntN(3) {
			a.Data[rng.IntN(len(a.Data))] ^= byte(1 << rng.IntN(8))
		}

		a.Data = a.Data[:len(a.Data)-rng.IntN(2)*rng.IntN(len(a.Data))]
		node.Put(a)
		got, err := client.DiscoverAddress(context.Background(), p.Address, sdk.DiscoverOptions{})
		if err != nil {
			require.Nil(t, got)
			require.NotContains(t, err.Error(), "\n")
			continue
		}

		found++
		authority, err := got.Pool.WithdrawAuthority(p.Program, p.Address)
		require.NoError(t, err)
		require.Equal(t, authority, *got.Mint.MintAuthority)
		require.Equal(t, got.Pool.PoolMint, got.Token.Mint)
		require.Equal(t, got.Pool.ValidatorList, got.Token.ValidatorList)
		_, err = new(lst.Registry).With(got.Token)
		require.NoError(t, err)
	}

	require.NotZero(t, found)
}
