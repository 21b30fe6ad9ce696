package main

import (
	"math/big"

	"github.com/sanctum-go/sanctum/sdk/route"
)

// poolJSON describes the pool. Amounts are base units; prices and shares are
// exact decimals as text.
type poolJSON struct {
	Slot                uint64 `json:"slot"`
	Version             uint8  `json:"version"`
	TotalSOLValue       uint64 `json:"total_sol_value"`
	LPSupply            uint64 `json:"inf_supply"`
	LPPrice             string `json:"inf_price"`
	WithheldLamports    uint64 `json:"withheld_lamports"`
	ProtocolFeeLamports uint64 `json:"protocol_fee_lamports"`
	GrowthPerSlot       string `json:"growth_per_slot"`
	// APY and SlotTime are omitted if the slot time is unknown.
	APY      string      `json:"apy,omitempty"`
	SlotTime string      `json:"slot_time,omitempty"`
	Tokens   []tokenJSON `json:"tokens"`
	// Pairs is present with -matrix.
	Pairs []pairJSON `json:"pairs,omitempty"`
}

type tokenJSON struct {
	Symbol       string `json:"symbol"`
	Mint         string `json:"mint"`
	Index        int    `json:"index"`
	Reserves     uint64 `json:"reserves"`
	SOLValue     uint64 `json:"sol_value"`
	Share        string `json:"share"`
	Price        string `json:"price"`
	InpFeeNanos  int64  `json:"inp_fee_nanos"`
	OutFeeNanos  int64  `json:"out_fee_nanos"`
	InputEnabled bool   `json:"input_enabled"`
	Unavailable  string `json:"unavailable,omitempty"`
}

// pairJSON has the fees of a tradable pair, in billionths.
type pairJSON struct {
	From     string `json:"from"`
	To       string `json:"to"`
	FeeNanos int64  `json:"fee_nanos"`
}

func newPoolJSON(p *route.InfinityPool, pairs bool) poolJSON {
	j := poolJSON{
		Slot:                p.Slot,
		Version:             p.State.Version,
		TotalSOLValue:       p.State.TotalSOLValue,
		LPSupply:            p.LPSupply,
		LPPrice:             p.LPPrice.String(),
		WithheldLamports:    p.State.WithheldLamports,
		ProtocolFeeLamports: p.State.ProtocolFeeLamports,
		GrowthPerSlot:       p.Growth.FloatString(15),
	}
	if p.APY != nil {
		j.APY, j.SlotTime = p.APY.FloatString(6), p.SlotTime.String()
	}

	for _, t := range p.Tokens {
		token := tokenJSON{
			Symbol:       t.Token.Symbol,
			Mint:         t.Token.Mint.String(),
			Index:        t.Index,
			Reserves:     t.Reserves,
			SOLValue:     t.SOLValue,
			Share:        t.Share.FloatString(9),
			Price:        t.Price.String(),
			InpFeeNanos:  t.InputFeeNanos,
			OutFeeNanos:  t.OutputFeeNanos,
			InputEnabled: !t.Listed.IsInputDisabled,
		}
		if t.Unavailable != nil {
			token.Unavailable = t.Unavailable.Error()
		}

		j.Tokens = append(j.Tokens, token)
	}

	if pairs {
		j.Pairs = newPairsJSON(p)
	}

	return j
}

func newPairsJSON(p *route.InfinityPool) (pairs []pairJSON) {
	for _, from := range p.Tokens {
		for _, to := range p.Tokens {
			if fee := pairFee(p, from, to); fee == "x" || fee == "-" {
				continue
			}

			nanos, err := p.FeeNanos(from.Token.Mint, to.Token.Mint)
			if err != nil {
				continue
			}

			pairs = append(pairs, pairJSON{
				From:     from.Token.Mint.String(),
				To:       to.Token.Mint.String(),
				FeeNanos: nanos,
			})
		}
	}

	return pairs
}

// earningsJSON has the yields of the pool. Growth is per epoch, exact decimals
// as text; amounts are lamports. What is not known is omitted.
type earningsJSON struct {
	Slot           uint64          `json:"slot"`
	Growth         string          `json:"growth,omitempty"`
	ExpectedGrowth string          `json:"expected_growth,omitempty"`
	ReleaseGrowth  string          `json:"release_growth"`
	Released       uint64          `json:"released"`
	EpochsPerYear  string          `json:"epochs_per_year,omitempty"`
	Tokens         []partJSON      `json:"tokens"`
	Fees           *feesEarnedJSON `json:"fees,omitempty"`
}

type partJSON struct {
	Symbol   string `json:"symbol"`
	Mint     string `json:"mint"`
	SOLValue uint64 `json:"sol_value"`
	Growth   string `json:"growth,omitempty"`
	Drift    string `json:"drift,omitempty"`
	Unknown  string `json:"unknown,omitempty"`
}

// feesEarnedJSON has the trading fees since a slot, in lamports.
type feesEarnedJSON struct {
	FromSlot uint64 `json:"from_slot"`
	Least    string `json:"least"`
	Most     string `json:"most"`
}

func newEarningsJSON(e poolEarnings) earningsJSON {
	j := earningsJSON{
		Slot:           e.Pool.Slot,
		Growth:         exactText(e.Basket.Growth),
		ExpectedGrowth: exactText(e.Expected),
		ReleaseGrowth:  exactText(e.Release.Growth),
		Released:       e.Release.Released,
		EpochsPerYear:  exactText(e.EpochsPerYear),
	}

	for _, part := range e.Basket.Parts {
		token := partJSON{
			Symbol:   e.Token(part.Mint).Symbol,
			Mint:     part.Mint.String(),
			SOLValue: part.Value,
			Growth:   exactText(part.Growth),
			Drift:    exactText(e.Basket.Drift(part)),
		}
		if part.Unknown != nil {
			token.Unknown = part.Unknown.Error()
		}

		j.Tokens = append(j.Tokens, token)
	}

	if e.fees != nil {
		j.Fees = &feesEarnedJSON{
			FromSlot: e.from,
			Least:    e.fees.Least.String(),
			Most:     e.fees.Most.String(),
		}
	}

	return j
}

// exactText formats a fraction with 15 decimals, or as nothing if it is not
// known.
func exactText(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return r.FloatString(15)
}
