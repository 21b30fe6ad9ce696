package sdk_test

import (
	"encoding/json"
	"fmt"
	"slices"
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

// joined returns the portable quote of two hops, one after the other.
func joined(first, second route.PortableQuote) route.PortableQuote {
	p := first
	p.Request.To, p.Through = second.Request.To, second.Request.From
	p.Shape, p.Legs = route.ShapeTwoHops, slices.Concat(first.Legs, second.Legs)
	p.Out, p.MinOut, p.NetOut = second.Out, second.MinOut, second.NetOut
	p.IntermediateDust = first.Out - second.In
	return p
}

// TestClient_RequoteValidators sends routes whose second hop withdraws the
// stake of a validator that the receiver does not load by itself: he loads each
// validator that a quote names.
func TestClient_RequoteValidators(t *testing.T) {
	client, _ := connect(t, demoNode(t))
	middle := mint(t, "JupSOL")
	tokens := []lst.LST{registryToken(t, accounts.INFMint), registryToken(t, middle)}
	plain, err := client.LoadMarketWith(t.Context(), route.NewLoader(tokens...))
	require.NoError(t, err)
	quoted := func(r route.Request, venue route.Venue) route.PortableQuote {
		r.OnlyDirectRoutes, r.SlippageBps = true, 10
		quotes, rejected := plain.Quotes(r)
		for _, q := range quotes {
			if q.Venue == venue {
				return q.Portable()
			}
		}

		require.Fail(t, "no quote", "%s %v", venue, rejected)
		return route.PortableQuote{}
	}

	first := quoted(route.Request{From: accounts.INFMint, To: middle, Amount: 5 * sol},
		route.VenueInfinity)
	second := quoted(route.Request{From: middle, To: accounts.NativeMint, Amount: first.MinOut},
		route.VenueStakeWithdrawalToReserve)
	sent := joined(first, second)
	_, err = client.Requote(t.Context(), sent)
	require.NoError(t, err)

	notLoaded := 0
	for _, v := range pool(t, "JupSOL").Validators {
		sent.Legs[1].Validators = []solana.PublicKey{v.Entry.VoteAccount}
		if _, err := plain.Requote(sent); err != nil {
			require.ErrorIs(t, err, route.ErrRouteGone)
			notLoaded++
		}

		q, err := client.Requote(t.Context(), sent)
		require.NoError(t, err)
		require.Equal(t, sent.Legs[1].Validators, q.Portable().Legs[1].Validators)
	}

	require.NotZero(t, notLoaded)
}
