package serve

import (
	"math/big"
	"net/http"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// infinityJSON is the response of /v1/infinity.
type infinityJSON struct {
	Slot     uint64              `json:"slot"`
	Epoch    uint64              `json:"epoch"`
	Program  string              `json:"program"`
	LPMint   string              `json:"lpMint"`
	LPSupply uint64              `json:"lpSupply,string"`
	LPPrice  *priceJSON          `json:"lpPrice,omitempty"`
	SOLValue uint64              `json:"solValue,string"`
	Growth   string              `json:"growth"`
	APY      string              `json:"apy,omitempty"`
	Tokens   []infinityTokenJSON `json:"tokens"`
}

type infinityTokenJSON struct {
	Mint        string     `json:"mint"`
	Symbol      string     `json:"symbol"`
	Decimals    uint8      `json:"decimals"`
	Reserves    uint64     `json:"reserves,string"`
	SOLValue    uint64     `json:"solValue,string"`
	Share       string     `json:"share"`
	Price       *priceJSON `json:"price,omitempty"`
	InputFee    string     `json:"inputFee,omitempty"`
	OutputFee   string     `json:"outputFee,omitempty"`
	Unavailable string     `json:"unavailable,omitempty"`
}

// infinity returns the overview of Infinity.
func (v *view) infinity() (*route.InfinityPool, error) {
	return v.market.InfinityPool(accounts.InfinityProgram)
}

// getInfinity answers /v1/infinity.
func getInfinity(x *exchange) error {
	v, err := x.plainView()
	if err != nil {
		return err
	}

	pool, err := v.infinity()
	if err != nil {
		return &failure{
			status:  http.StatusNotFound,
			code:    "NOT_FOUND",
			message: "the market has no Infinity pool",
			cause:   err,
		}
	}

	response := infinityJSON{
		Slot:     pool.Slot,
		Epoch:    v.market.Clock().Epoch,
		Program:  pool.Program.String(),
		LPMint:   pool.State.LPTokenMint.String(),
		LPSupply: pool.LPSupply,
		LPPrice:  priceOf(pool.LPPrice),
		SOLValue: pool.State.TotalSOLValue,
		Growth:   decimal(pool.Growth),
		APY:      decimal(pool.APY),
		Tokens:   make([]infinityTokenJSON, 0, len(pool.Tokens)),
	}

	for i := range pool.Tokens {
		response.Tokens = append(response.Tokens, infinityTokenOf(&pool.Tokens[i]))
	}
	return x.json(response)
}

func infinityTokenOf(t *route.InfinityToken) infinityTokenJSON {
	token := infinityTokenJSON{
		Mint:     t.Token.Mint.String(),
		Symbol:   t.Token.Symbol,
		Decimals: t.Token.Decimals,
		Reserves: t.Reserves,
		SOLValue: t.SOLValue,
		Share:    decimal(t.Share),
		Price:    priceOf(t.Price),
	}

	if t.Unavailable != nil {
		token.Unavailable = t.Unavailable.Error()
		return token
	}

	token.InputFee, token.OutputFee = nanos(t.InputFeeNanos), nanos(t.OutputFeeNanos)
	return token
}

// nanos returns billionths as a decimal.
func nanos(value int64) string { return decimal(big.NewRat(value, impactScale)) }
