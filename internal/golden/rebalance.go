package golden

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Rebalances is a file of recorded manual rebalances of Infinity.
type Rebalances struct {
	Chain figures.Chain   `json:"chain"`
	Cases []RebalanceCase `json:"cases"`
}

// MarshalText returns the file as JSON with one case per line.
func (f *Rebalances) MarshalText() ([]byte, error) {
	return lines(f.Chain, "pools", []struct{}{}, f.Cases)
}

// RebalanceCase is one rebalance in a transaction that the controller executed
// or refused.
type RebalanceCase struct {
	Seed uint64             `json:"seed"`
	Pool accounts.PoolState `json:"pool"`
	// Out and Inp are the two tokens before the start. InpAtEnd is the
	// calculator of Inp when the rebalance ended.
	Out      RebalanceToken `json:"out"`
	Inp      RebalanceToken `json:"inp"`
	InpAtEnd Calculation    `json:"inp_at_end"`
	// Amount left the pool, and Returned came back.
	Amount   uint64 `json:"amount"`
	Returned uint64 `json:"returned"`
	// Outcome is nil if the controller refused with PoolWouldLoseSolValue.
	Outcome *RebalanceOutcome `json:"outcome,omitempty"`
}

// RebalanceToken is a token of a [RebalanceCase].
type RebalanceToken struct {
	Mint        solana.PublicKey `json:"mint"`
	SOLValue    uint64           `json:"sol_value"`
	Reserves    uint64           `json:"reserves"`
	Calculation Calculation      `json:"calculation"`
}

// RebalanceOutcome has the values that the controller recorded at the end.
type RebalanceOutcome struct {
	TotalSOLValue uint64 `json:"total_sol_value"`
	OutValue      uint64 `json:"out_value"`
	InpValue      uint64 `json:"inp_value"`
}

// Calculation is a SOL value calculator with its figures.
type Calculation struct {
	// Kind is "SOL", "stake pool", "Lido" or "Marinade".
	Kind     string `json:"kind"`
	Lamports uint64 `json:"lamports,omitempty"`
	Tokens   uint64 `json:"tokens,omitempty"`
	// Fee is the withdrawal fee of a stake pool, and FeeCents that of Marinade.
	Fee      accounts.Fee `json:"fee"`
	FeeCents uint32       `json:"fee_cents,omitempty"`
}

// NewCalculation returns the figures of a calculator.
func NewCalculation(value quote.SOLValueCalculator) (Calculation, error) {
	switch v := value.(type) {
	case quote.WrappedSOLValue:
		return Calculation{Kind: "SOL"}, nil
	case quote.StakePoolValue:
		return Calculation{
			Kind:     "stake pool",
			Lamports: v.TotalLamports,
			Tokens:   v.PoolTokenSupply,
			Fee:      v.WithdrawalFee,
		}, nil
	case quote.LidoValue:
		return Calculation{Kind: "Lido", Lamports: v.SOLBalance, Tokens: v.StSOLSupply}, nil
	case quote.MarinadeValue:
		return Calculation{
			Kind:     "Marinade",
			Lamports: v.Lamports,
			Tokens:   v.Supply,
			FeeCents: v.FeeCents,
		}, nil
	}
	return Calculation{}, fmt.Errorf("unknown calculator %T", value)
}

// Value returns the calculator.
func (c Calculation) Value() (quote.SOLValueCalculator, error) {
	switch c.Kind {
	case "SOL":
		return quote.WrappedSOLValue{}, nil
	case "stake pool":
		return quote.StakePoolValue{
			TotalLamports:   c.Lamports,
			PoolTokenSupply: c.Tokens,
			WithdrawalFee:   c.Fee,
		}, nil
	case "Lido":
		return quote.LidoValue{SOLBalance: c.Lamports, StSOLSupply: c.Tokens}, nil
	case "Marinade":
		return quote.MarinadeValue{
			Lamports: c.Lamports,
			Supply:   c.Tokens,
			FeeCents: c.FeeCents,
		}, nil
	}
	return nil, fmt.Errorf("unknown calculator %q", c.Kind)
}

// token returns a token as input of package quote.
func (t RebalanceToken) token(index uint32) (quote.InfinityLST, error) {
	value, err := t.Calculation.Value()
	return quote.InfinityLST{
		Index:    index,
		State:    accounts.LSTState{Mint: t.Mint, SOLValue: t.SOLValue},
		Reserves: t.Reserves,
		Value:    value,
	}, err
}

// Quote returns the outcome that package quote computes.
func (c *RebalanceCase) Quote() (*RebalanceOutcome, error) {
	state := quote.InfinityState{
		Pool: c.Pool,
		LSTs: make(map[solana.PublicKey]quote.InfinityLST),
	}
	for index, t := range []RebalanceToken{c.Out, c.Inp} {
		token, err := t.token(uint32(index))
		if err != nil {
			return nil, err
		}
		state.LSTs[t.Mint] = token
	}

	start, err := state.StartRebalance(c.Out.Mint, c.Inp.Mint, c.Amount)
	if err != nil {
		return nil, err
	}

	value, err := c.InpAtEnd.Value()
	if err != nil {
		return nil, err
	}

	end, err := start.End(c.Returned, value)
	if err != nil {
		return nil, err
	}

	return &RebalanceOutcome{
		TotalSOLValue: end.Pool.TotalSOLValue,
		InpValue:      end.LSTs[0].SOLValue,
		OutValue:      end.LSTs[1].SOLValue,
	}, nil
}
