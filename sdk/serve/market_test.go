package serve_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

func TestMarket_IsThatOfTheConfiguration(t *testing.T) {
	w := newWorld(t, nil)
	var got object
	w.get("/v1/market").into(200, &got)
	require.Equal(t, json.Number(fmt.Sprint(w.market.Slot())), got["slot"])
	require.Equal(t, json.Number(fmt.Sprint(w.market.Clock().Epoch)), got["epoch"])
	require.Equal(t, json.Number(fmt.Sprint(len(w.market.Tokens()))), got["tokens"])
	require.Nil(t, got["ageMilliseconds"], "a fixed market has no age")
}

func TestTokens_HavePricesAndYields(t *testing.T) {
	w := newWorld(t, nil)
	var got struct {
		Slot   uint64
		Tokens []struct {
			Mint, Symbol, Kind, APY string
			Price, FloorPrice       *struct{ SOL, Lamports, Tokens string }
			Buy, Sell               *struct{ Venue, In, Out string }
		}
	}

	w.get("/v1/tokens").into(200, &got)
	require.Equal(t, w.market.Slot(), got.Slot)
	require.Len(t, got.Tokens, len(w.market.Tokens())+1, "SOL comes first")
	require.Equal(t, "SOL", got.Tokens[0].Symbol)

	yields, buys := 0, 0
	for i, token := range w.market.Tokens() {
		said := got.Tokens[i+1]
		require.Equal(t, token.Mint.String(), said.Mint)
		price, err := w.market.Price(token.Mint)
		require.NoError(t, err, token.Symbol)
		require.Equal(t, price.String(), said.Price.SOL)
		require.Equal(t, fmt.Sprint(price.Lamports), said.Price.Lamports)
		require.Equal(t, fmt.Sprint(price.Tokens), said.Price.Tokens)

		if token.Kind.IsStakePool() {
			info, err := w.market.TokenInfo(token.Mint)
			require.NoError(t, err)
			require.Equal(t, info.APY.FloatString(9), said.APY, token.Symbol)
			require.Equal(t, info.Floor.String(), said.FloorPrice.SOL)
			yields++
		}

		req := route.Request{From: accounts.NativeMint, To: token.Mint, Amount: 1_000_000_000}
		req.OnlyDirectRoutes = true
		if q, err := w.market.Quote(req); err == nil {
			require.Equal(t, strconv.FormatUint(q.Out, 10), said.Buy.Out, token.Symbol)
			require.Equal(t, string(q.Venue), said.Buy.Venue)
			buys++
		} else {
			require.Nil(t, said.Buy, token.Symbol)
		}
	}

	require.Greater(t, yields, 2)
	require.Greater(t, buys, 4)
}

func TestToken_IsFoundByMintAndSymbol(t *testing.T) {
	w := newWorld(t, nil)
	for _, name := range []string{"jitoSOL", "JITOSOL", w.mint("jitoSOL").String()} {
		var got object
		w.get("/v1/tokens/"+name).into(200, &got)
		require.Equal(t, w.mint("jitoSOL").String(), got["mint"])
		require.Equal(t, "spl", got["kind"])
	}

	w.get("/v1/tokens/nothing").fails(404, "NOT_FOUND")
	w.get("/v1/tokens/"+w.user.PublicKey().String()).fails(404, "NOT_FOUND")
	w.get("/v1/tokens/a/b").fails(404, "NOT_FOUND")
	w.get("/v1/tokens/").fails(404, "NOT_FOUND")
}

func TestInfinity_IsThePoolOfTheMarket(t *testing.T) {
	w := newWorld(t, nil)
	pool, err := w.market.InfinityPool(accounts.InfinityProgram)
	require.NoError(t, err)

	var got struct {
		LPMint, LPSupply, SOLValue, APY string
		Tokens                          []struct{ Mint, Reserves, SOLValue, Share, InputFee string }
	}

	w.get("/v1/infinity").into(200, &got)
	require.Equal(t, accounts.INFMint.String(), got.LPMint)
	require.Equal(t, fmt.Sprint(pool.LPSupply), got.LPSupply)
	require.Equal(t, fmt.Sprint(pool.State.TotalSOLValue), got.SOLValue)
	require.Equal(t, pool.APY.FloatString(9), got.APY)
	require.Len(t, got.Tokens, len(pool.Tokens))
	for i, token := range pool.Tokens {
		require.Equal(t, token.Token.Mint.String(), got.Tokens[i].Mint)
		require.Equal(t, fmt.Sprint(token.Reserves), got.Tokens[i].Reserves)
		require.Equal(t, fmt.Sprint(token.SOLValue), got.Tokens[i].SOLValue)
		require.Equal(t, token.Share.FloatString(9), got.Tokens[i].Share)
	}
}
