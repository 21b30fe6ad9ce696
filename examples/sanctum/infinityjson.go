package main

import "github.com/sanctum-go/sanctum/sdk/route"

// poolJSON is the pool as one object. Amounts are base units, prices and shares
// exact decimal text.
type poolJSON struct {
	Slot                uint64 `json:"slot"`
	Version             uint8  `json:"version"`
	TotalSolValue       uint64 `json:"total_sol_value"`
	LPSupply            uint64 `json:"inf_supply"`
	LPPrice             string `json:"inf_price"`
	WithheldLamports    uint64 `json:"withheld_lamports"`
	ProtocolFeeLamports uint64 `json:"protocol_fee_lamports"`
	GrowthPerSlot       string `json:"growth_per_slot"`
	// APY and SlotTime are left out while the slot time is not known.
	APY      string      `json:"apy,omitempty"`
	SlotTime string      `json:"slot_time,omitempty"`
	Tokens   []tokenJSON `json:"tokens"`
	// Pairs are there with -matrix.
	Pairs []pairJSON `json:"pairs,omitempty"`
}

type tokenJSON struct {
	Symbol       string `json:"symbol"`
	Mint         string `json:"mint"`
	Index        int    `json:"index"`
	Reserves     uint64 `json:"reserves"`
	SolValue     uint64 `json:"sol_value"`
	Share        string `json:"share"`
	Price        string `json:"price"`
	InpFeeNanos  int64  `json:"inp_fee_nanos"`
	OutFeeNanos  int64  `json:"out_fee_nanos"`
	InputEnabled bool   `json:"input_enabled"`
	Unavailable  string `json:"unavailable,omitempty"`
}

// pairJSON is what a pair that can be traded costs, in billionths.
type pairJSON struct {
	From     string `json:"from"`
	To       string `json:"to"`
	FeeNanos int64  `json:"fee_nanos"`
}

func newPoolJSON(p *route.Pool, pairs bool) poolJSON {
	j := poolJSON{
		Slot:                p.Slot,
		Version:             p.State.Version,
		TotalSolValue:       p.State.TotalSolValue,
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
			SolValue:     t.SolValue,
			Share:        t.Share.FloatString(9),
			Price:        t.Price.String(),
			InpFeeNanos:  t.InpFeeNanos,
			OutFeeNanos:  t.OutFeeNanos,
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

func newPairsJSON(p *route.Pool) (pairs []pairJSON) {
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
