package sdk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// received returns a quote after it has travelled as JSON.
func received(t testing.TB, q route.Quote) route.PortableQuote {
	t.Helper()
	text, err := json.Marshal(q)
	require.NoError(t, err)
	var p route.PortableQuote
	require.NoError(t, json.Unmarshal(text, &p), string(text))
	return p
}

// TestClient_Requote quotes all pairs of the embedded market with one client,
// and turns the quotes into transactions with another one. What it loads is the
// market of the route, not that of the sender.
func TestClient_Requote(t *testing.T) {
	node := demoNode(t)
	sender, _ := connect(t, node)
	receiver, _ := connect(t, node)
	mints := []solana.PublicKey{accounts.NativeMint, mint(t, "JitoSOL"), mint(t, "bSOL"),
		accounts.MSOLMint, accounts.StSOLMint, accounts.INFMint}
	market, err := sender.LoadMarket(t.Context(), mints...)
	require.NoError(t, err)
	shapes := make(map[route.Shape]int)
	for _, from := range mints {
		for _, to := range append(mints, route.NativeStake) {
			if from == to || from == accounts.NativeMint && to == route.NativeStake {
				continue
			}

			quotes, _ := market.Quotes(route.Request{
				From:    from,
				To:      to,
				Amount:  50 * sol,
				Options: route.Options{MinGain: 1, SlippageBps: 10},
			})
			for _, q := range quotes {
				again, err := receiver.Requote(t.Context(), received(t, q))
				require.NoError(t, err, q)
				require.Equal(t, q.String(), again.String())
				require.Equal(t, q.Fees, again.Fees, q)
				require.Equal(t, q.StakeAccounts, again.StakeAccounts, q)
				shapes[q.Portable().Shape]++
				unsigned, err := receiver.Build(t.Context(), again, sdk.BuildOptions{
					Owner:          owner,
					SkipSimulation: true,
					SkipPayerCheck: true,
				})
				require.NoError(t, err, q)
				require.NotZero(t, unsigned.Size())
			}
		}
	}

	t.Log(fmt.Sprint(shapes))
	require.NotZero(t, shapes[route.ShapeDirect])
	require.NotZero(t, shapes[route.ShapeTwoHops])
}

// TestClient_RequoteLoads checks that nothing is loaded for a quote that is
// refused anyway, and no validator list for a route that moves no stake.
func TestClient_RequoteLoads(t *testing.T) {
	node := demoNode(t)
	client, wire := connect(t, node)
	jito := mint(t, "JitoSOL")
	market, err := client.LoadMarket(t.Context(), jito)
	require.NoError(t, err)
	quoted := func(r route.Request) route.PortableQuote {
		quotes, rejected := market.Quotes(r)
		require.NotEmpty(t, quotes, rejected)
		for _, q := range quotes {
			if q.Venue == route.VenueStakePoolWithdrawal || q.Venue == route.VenueStakeWithdrawal {
				return received(t, q)
			}
		}
		return received(t, quotes[0])
	}

	p := quoted(route.Request{From: jito, To: accounts.NativeMint, Amount: sol})
	require.Equal(t, route.VenueStakePoolWithdrawal, p.Legs[0].Venue)
	before := len(wire.of("getMultipleAccounts"))
	q, err := client.Requote(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, p.Out, q.Out)
	list := pool(t, "JitoSOL").State.ValidatorList.String()
	for _, c := range wire.of("getMultipleAccounts")[before:] {
		if strings.Contains(string(c.Params[0]), list) {
			require.NotNil(t, c.options().DataSlice, "the whole validator list")
		}
	}

	stake := quoted(route.Request{From: jito, To: route.NativeStake, Amount: 5 * sol})
	require.NotEmpty(t, stake.Legs[0].Validators)
	_, err = client.Requote(t.Context(), stake)
	require.NoError(t, err)

	before = len(wire.of("getMultipleAccounts"))
	for _, c := range []struct {
		name   string
		change func(p *route.PortableQuote)
		want   error
	}{
		{"an added recipient", func(p *route.PortableQuote) {
			p.Request.Recipient = wallets()[0].PublicKey()
		}, route.ErrUnexpectedParty},
		{"a contradiction", func(p *route.PortableQuote) { p.Out++ }, route.ErrPortableQuote},
		{"a token that the registry lacks", func(p *route.PortableQuote) {
			p.Request.To = solana.PublicKey{9}
		}, lst.ErrUnknownLST},
	} {
		changed := p
		c.change(&changed)
		_, err := client.Requote(t.Context(), changed)
		require.ErrorIs(t, err, c.want, c.name)
	}

	require.Len(t, wire.of("getMultipleAccounts"), before, "nothing was loaded")
	p.Request.From = solana.PublicKey{9}
	_, err = client.Requote(t.Context(), p)
	require.ErrorIs(t, err, lst.ErrUnknownLST, "it is no stake account either")
}

// TestClient_RequoteStakeAccount sells a stake account by a quote that
// travelled.
func TestClient_RequoteStakeAccount(t *testing.T) {
	node := demoNode(t)
	client, _ := connect(t, node)
	jito := mint(t, "JitoSOL")
	market, err := client.LoadMarket(t.Context(), jito)
	require.NoError(t, err)
	withdrawal, err := market.Quote(route.Request{From: jito, To: route.NativeStake, Amount: sol})
	require.NoError(t, err)
	stake := node.AddStakeAccount(owner, withdrawal.StakeAccounts[0].Vote, 20*sol, false)

	request := route.Request{From: stake, To: accounts.NativeMint, Amount: 20 * sol}
	own, err := client.LoadMarketForRequest(t.Context(), request)
	require.NoError(t, err)
	known, err := own.StakeAccount(stake)
	require.NoError(t, err)
	request.Amount = known.Lamports
	q, err := own.Quote(request)
	require.NoError(t, err)
	p := received(t, q)
	again, err := client.Requote(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, q.String(), again.String())

	node.Remove(stake)
	_, err = client.Requote(t.Context(), p)
	require.ErrorIs(t, err, accounts.ErrNotFound)
}
