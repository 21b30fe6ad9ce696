package sdk_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// withExtension returns a change that gives a mint an extension of Token-2022.
func withExtension(of accounts.ExtensionType, data []byte) func(*newPool) {
	return func(p *newPool) {
		p.State.TokenProgram = accounts.Token2022Program
		p.Mint.Extensions = []accounts.Extension{{Type: of, Data: data}}
	}
}

func named(symbol, name string) func(*newPool) {
	return func(p *newPool) { p.symbol, p.name = symbol, name }
}

// suspects are tokens that their pool owns and that are not traded silently.
var suspects = map[string]struct {
	change func(*newPool)
	want   error
	other  string // the symbol of the token that it resembles
}{
	"freeze authority": {func(p *newPool) { p.Mint.FreezeAuthority = &owner },
		sdk.ErrFreezeAuthority, ""},
	"six decimals": {func(p *newPool) { p.Mint.Decimals = 6 }, sdk.ErrUnusualDecimals, ""},
	"no decimals":  {func(p *newPool) { p.Mint.Decimals = 0 }, sdk.ErrUnusualDecimals, ""},
	"transfer fee": {withExtension(accounts.ExtensionTransferFeeConfig, make([]byte, 108)),
		sdk.ErrTransferFee, ""},
	"permanent delegate": {withExtension(accounts.ExtensionPermanentDelegate, make([]byte, 32)),
		quote.ErrUnsupportedMint, ""},
	"transfer hook": {withExtension(accounts.ExtensionTransferHook, make([]byte, 64)),
		quote.ErrUnsupportedMint, ""},
	"pausable": {withExtension(accounts.ExtensionPausable, make([]byte, 33)),
		quote.ErrUnsupportedMint, ""},
	"frozen accounts": {withExtension(accounts.ExtensionDefaultAccountState, []byte{2}),
		quote.ErrUnsupportedMint, ""},
	"unknown extension": {withExtension(999, nil), quote.ErrUnsupportedMint, ""},

	"same symbol":       {named("JitoSOL", "Other"), sdk.ErrSameName, "JitoSOL"},
	"other case":        {named("JITOSOL", "Other"), sdk.ErrSameName, "JitoSOL"},
	"same name":         {named("x1SOL", "Jito Staked SOL"), sdk.ErrSameName, "JitoSOL"},
	"SOL itself":        {named("SOL", "Other"), sdk.ErrSameName, "SOL"},
	"zero for o":        {named("Jit0SOL", "Other"), sdk.ErrLookAlike, "JitoSOL"},
	"Cyrillic":          {named("Jit\u043eSOL", "Other"), sdk.ErrLookAlike, "JitoSOL"},
	"Cyrillic is odd":   {named("\u0436SOL", "Other"), sdk.ErrOddSymbol, ""},
	"zero width":        {named("Ji\u200btoSOL", "Other"), sdk.ErrLookAlike, "JitoSOL"},
	"zero width is odd": {named("ab\u200bcSOL", "Other"), sdk.ErrOddSymbol, ""},
	"name alike":        {named("x1SOL", "J\u0456to Staked SOL"), sdk.ErrLookAlike, "JitoSOL"},
	"line break":        {named("a\nb", "Other"), sdk.ErrOddSymbol, ""},
	"zero within":       {named("a\x00b", "Other"), sdk.ErrOddSymbol, ""},
	"INF":               {named("lNF", "Other"), sdk.ErrLookAlike, "INF"},
}

// TestClient_DiscoverWarnings checks that each suspect is named, refused by a
// client that discovers tokens, and traded only if its kind is accepted.
func TestClient_DiscoverWarnings(t *testing.T) {
	for name, c := range suspects {
		t.Run(name, func(t *testing.T) {
			node := demoNode(t)
			p := launch(t, rand.New(rand.NewPCG(1, 2)), accounts.StakePoolProgram)
			c.change(p)
			p.put(t, node)
			mint := p.State.PoolMint
			client, _ := connect(t, node, sdk.WithDiscovery(sdk.DiscoveryOptions{}))
			got, err := client.DiscoverAddress(context.Background(), mint, sdk.DiscoverOptions{})
			require.NoError(t, err)
			require.ErrorIs(t, got.Err(), c.want)
			require.ErrorIs(t, got.Err(), sdk.ErrUntrustedToken)
			require.NotContains(t, got.Err().Error(), "\n")
			requireResembles(t, got, c.want, c.other)

			_, err = client.LoadMarket(context.Background(), mint)
			require.ErrorIs(t, err, c.want)
			require.ErrorIs(t, err, sdk.ErrUntrustedToken)
			require.Zero(t, client.Discovered().Len())

			wrong, _ := connect(t, node, sdk.WithDiscovery(sdk.DiscoveryOptions{
				Accept: []error{lst.ErrAmbiguous, nil}}))
			_, err = wrong.LoadMarket(context.Background(), mint)
			require.ErrorIs(t, err, c.want)

			accepting, _ := connect(t, node, sdk.WithDiscovery(sdk.DiscoveryOptions{
				Accept: []error{c.want, sdk.ErrOddSymbol}}))
			_, err = accepting.LoadMarket(context.Background(), mint)
			require.NoError(t, err)
			require.Equal(t, 1, accepting.Discovered().Len())
			// A name that is another token's never leads to this one.
			if c.other != "" {
				require.Equal(t, lst.PlaceholderSymbol(mint),
					accepting.Discovered().All()[0].Symbol)
			}

			for _, symbol := range []string{"JitoSOL", "JITOSOL", "SOL", "INF"} {
				token, err := accepting.Registry().Lookup(symbol)
				require.NoError(t, err)
				require.NotEqual(t, mint, token.Mint)
			}
		})
	}
}

// requireResembles checks the token that a warning names.
func requireResembles(t *testing.T, got *sdk.Discovery, want error, symbol string) {
	t.Helper()
	if symbol == "" {
		return
	}

	listed, err := lst.Default().Lookup(symbol)
	require.NoError(t, err)
	for _, w := range got.Warnings {
		if errors.Is(w, want) && w.Other == listed.Mint {
			return
		}
	}

	t.Fatalf("no warning names %s: %v", symbol, got.Err())
}

// TestClient_DiscoverHarmless checks extensions and names that are no reason to
// distrust a token.
func TestClient_DiscoverHarmless(t *testing.T) {
	for name, change := range map[string]func(*newPool){
		"interest": withExtension(accounts.ExtensionInterestBearingConfig, make([]byte, 52)),
		"pointer to another program": withExtension(accounts.ExtensionMetadataPointer,
			make([]byte, 63+1)),
		"no metadata": named("", ""),
		"long symbol": named("abcdefghijSOL", "Long"),
	} {
		node := demoNode(t)
		p := launch(t, rand.New(rand.NewPCG(1, 2)), accounts.StakePoolProgram)
		change(p)
		p.put(t, node)
		client, _ := connect(t, node, sdk.WithDiscovery(sdk.DiscoveryOptions{}))
		got, err := client.DiscoverAddress(context.Background(), p.State.PoolMint,
			sdk.DiscoverOptions{})
		require.NoError(t, err, name)
		require.NoError(t, got.Err(), name)
	}
}

// TestClient_DiscoverForeignMetadata checks that metadata of another mint, or
// that a mint does not point to, names nothing.
func TestClient_DiscoverForeignMetadata(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *newPool){
		"of another mint": func(t *testing.T, p *newPool) {
			other := p.metaplex(t)
			other.Data[33] ^= 1 // the mint
			p.others = append(p.others, other)
		},
		"of another program": func(t *testing.T, p *newPool) {
			other := p.metaplex(t)
			other.Owner = owner
			p.others = append(p.others, other)
		},
		"pointed elsewhere": func(_ *testing.T, p *newPool) {
			withExtension(accounts.ExtensionMetadataPointer,
				append(make([]byte, 32), owner[:]...))(p)
		},
		"embedded without a pointer": func(_ *testing.T, p *newPool) {
			withExtension(accounts.ExtensionTokenMetadata, p.embeddedMetadata())(p)
			p.symbol = ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			node := demoNode(t)
			p := launch(t, rand.New(rand.NewPCG(1, 2)), accounts.StakePoolProgram)
			change(t, p)
			p.put(t, node)
			client, _ := connect(t, node)
			got, err := client.DiscoverAddress(context.Background(), p.State.PoolMint,
				sdk.DiscoverOptions{})
			require.NoError(t, err)
			require.Nil(t, got.Metadata)
			require.Equal(t, lst.PlaceholderSymbol(p.State.PoolMint), got.Token.Symbol)
		})
	}
}

// TestClient_DiscoverListDiffers checks that a list with other facts about a
// token is contradicted, whatever the field.
func TestClient_DiscoverListDiffers(t *testing.T) {
	node := demoNode(t)
	listed, err := lst.Default().Lookup("picoSOL")
	require.NoError(t, err)
	for name, change := range map[string]func(*lst.LST){
		"pool": func(l *lst.LST) { l.Pool = owner },
		"list": func(l *lst.LST) { l.ValidatorList = owner },
		"program": func(l *lst.LST) {
			l.Kind, l.Program = lst.KindSPL, accounts.StakePoolProgram
		},
		"decimals":  func(l *lst.LST) { l.Decimals = 6 },
		"token":     func(l *lst.LST) { l.TokenProgram = accounts.Token2022Program },
		"validator": func(l *lst.LST) { l.VoteAccount = owner },
	} {
		wrong := listed
		change(&wrong)
		registry, err := lst.Default().With(wrong)
		require.NoError(t, err)
		client, _ := connect(t, node, sdk.WithRegistry(registry))
		got, err := client.DiscoverAddress(context.Background(), listed.Mint, sdk.DiscoverOptions{})
		require.NoError(t, err, name)
		require.ErrorIs(t, got.Err(), sdk.ErrListDiffers, name)
		require.Equal(t, listed.Pool, got.Token.Pool, name)
	}
}

func TestUntrustedTokenError_Text(t *testing.T) {
	require.Equal(t, "<nil>", (*sdk.UntrustedTokenError)(nil).Error())
	require.Nil(t, (*sdk.UntrustedTokenError)(nil).Unwrap())
	require.ErrorIs(t, (*sdk.Discovery)(nil).Err(), sdk.ErrUntrustedToken)
	warning := sdk.TokenWarning{Kind: sdk.ErrLookAlike, Detail: "as JitoSOL",
		Other: solana.PublicKey{1}}
	err := error(&sdk.UntrustedTokenError{Mint: owner, Warnings: []sdk.TokenWarning{warning}})
	require.EqualError(t, err, "token has warnings (check the mint, then accept them in "+
		"DiscoveryOptions.Accept): mint "+owner.String()+
		"; the token looks like another one: as JitoSOL")
	require.ErrorIs(t, err, sdk.ErrLookAlike)
	var found sdk.TokenWarning
	require.ErrorAs(t, err, &found)
	require.Equal(t, warning, found)
}
