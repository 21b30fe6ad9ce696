package route_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// printed returns requests to the embedded market and the texts of their
// quotes.
func printed(jitoSOL solana.PublicKey) []struct {
	request route.Request
	want    string
} {
	recipient := solana.MustPublicKeyFromBase58("5EUjf4oPLzrA7w7M9EC9fDEyBBjkAVS4QgqrZhRx3G9s")
	return []struct {
		request route.Request
		want    string
	}{
		{
			route.Request{
				From:    accounts.NativeMint,
				To:      jitoSOL,
				Amount:  1_500_000_000,
				Options: route.Options{SlippageBps: 50},
			},
			"swap 1.5 SOL -> 1.244054262 JitoSOL via stake pool deposit, at least 1.237833991 JitoSOL",
		},
		{
			route.Request{
				From:    jitoSOL,
				To:      accounts.MSOLMint,
				Amount:  1_000_000_000,
				Options: route.Options{SwapMode: route.ExactOut, SlippageBps: 50},
			},
			"swap 1.078209066 JitoSOL -> 1 mSOL via stake pool withdrawal, then Marinade deposit, " +
				"at most 1.078209066 JitoSOL",
		},
		{
			route.Request{
				From:    jitoSOL,
				To:      route.NativeStake,
				Amount:  2_000_000_000,
				Options: route.Options{Recipient: recipient, SlippageBps: 50},
			},
			"swap 2 JitoSOL -> 2.409058905 SOL of stake via stake withdrawal, " +
				"at least 2.397013611 SOL of stake, paid to " + recipient.String(),
		},
		{
			route.Request{
				From:    accounts.NativeMint,
				To:      accounts.MSOLMint,
				Amount:  1_000_000_000,
				Options: route.Options{UseWSOL: true},
			},
			"swap 1 wSOL -> 0.769980271 mSOL via Router deposit, at least 0.769980271 mSOL",
		},
	}
}

// Every verb of package fmt prints amounts with symbols, and no closures.
func TestQuote_String(t *testing.T) {
	market := exampleMarket("jitoSOL", "mSOL")
	for _, c := range printed(newWorld(t).token(t, "JitoSOL").Mint) {
		quote, err := market.Quote(c.request)
		require.NoError(t, err, c.request)
		for _, verb := range []string{"%s", "%v", "%+v", "%#v"} {
			require.Equal(t, c.want, fmt.Sprintf(verb, quote))
			require.Equal(t, c.want, fmt.Sprintf(verb, &quote))
		}

		require.Equal(t, "["+c.want+"]", fmt.Sprint([]route.Quote{quote}))
	}
}

// The legs of a quote know the symbols as well.
func TestQuote_LegsPrint(t *testing.T) {
	market := exampleMarket("jitoSOL", "mSOL")
	quote, err := market.Quote(printed(newWorld(t).token(t, "JitoSOL").Mint)[1].request)
	require.NoError(t, err)
	require.Len(t, quote.Legs, 2)
	require.Equal(t, "swap 1.078209066 JitoSOL -> 1.298734575 SOL via stake pool withdrawal, "+
		"at most 1.078209066 JitoSOL", quote.Legs[0].String())
	require.Equal(t, "swap 1.298734574 SOL -> 1 mSOL via Marinade deposit, "+
		"at most 1.298734574 SOL", quote.Legs[1].String())
}

func TestTokenInfo_String(t *testing.T) {
	market := exampleMarket("jitoSOL")
	info, err := market.TokenInfo(newWorld(t).token(t, "JitoSOL").Mint)
	require.NoError(t, err)
	require.Equal(t, "JitoSOL: 1.205735188 SOL, APY 7.62 %, as of epoch 793", info.String())

	info.APY, info.Stale = nil, true
	require.Equal(t, "JitoSOL: 1.205735188 SOL, as of epoch 793, stale", info.String())
}

func TestQuote_StringWithoutMarket(t *testing.T) {
	require.Equal(t, "no quote", route.Quote{}.String())

	mint := solana.PublicKey{1}
	quote := route.Quote{
		Request: route.Request{From: mint, To: accounts.NativeMint},
		Venue:   route.VenueInfinity,
		In:      7,
		Out:     8,
		MinOut:  6,
	}

	require.Equal(t, fmt.Sprintf("swap 7 base units of %s -> 0.000000008 SOL via Infinity, "+
		"at least 0.000000006 SOL", mint), quote.String())
}

func TestRequest_String(t *testing.T) {
	mint := solana.PublicKey{1}
	request := route.Request{
		From:    accounts.NativeMint,
		To:      mint,
		Amount:  1_500_000_000,
		Options: route.Options{SlippageBps: 50},
	}

	require.Equal(t,
		fmt.Sprintf("1.5 SOL for %s, exact in, 50 bps of slippage", mint), request.String())

	request.SwapMode = route.ExactOut
	require.Equal(t, fmt.Sprintf(
		"1500000000 base units of %s for SOL, exact out, 50 bps of slippage", mint),
		request.String())
}

func TestRejection_String(t *testing.T) {
	rejected := route.Rejection{Venue: route.VenueInfinity, Err: errors.New("pool is disabled")}
	require.Equal(t, "Infinity: pool is disabled", rejected.String())
	require.Equal(t, "Infinity", route.Rejection{Venue: route.VenueInfinity}.String())
}
