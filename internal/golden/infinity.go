package golden

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// InfinityMarket is the pool of a controller with the stake pools of its LSTs.
type InfinityMarket struct {
	Infinity   figures.Infinity    `json:"infinity"`
	StakePools []figures.StakePool `json:"stake_pools"`
}

// Pools returns the states of the stake pools by address.
func (m *InfinityMarket) Pools() map[solana.PublicKey]*accounts.StakePool {
	pools := make(map[solana.PublicKey]*accounts.StakePool)
	for i := range m.StakePools {
		pools[m.StakePools[i].Address] = &m.StakePools[i].State
	}
	return pools
}

// Infinities is a file of recorded trades with pools of controllers.
type Infinities struct {
	Chain   figures.Chain    `json:"chain"`
	Markets []InfinityMarket `json:"markets"`
	Cases   []InfinityCase   `json:"cases"`
}

// MarshalText returns the file as JSON with one market or case per line.
func (f *Infinities) MarshalText() ([]byte, error) {
	return lines(f.Chain, "markets", f.Markets, f.Cases)
}

// InfinityCase is one trade with a pool.
type InfinityCase struct {
	Seed     uint64           `json:"seed"`
	Market   int              `json:"market"`
	Inp      solana.PublicKey `json:"inp"`
	Out      solana.PublicKey `json:"out"`
	Amount   uint64           `json:"amount"`
	ExactOut bool             `json:"exact_out,omitempty"`
	// Slot is the slot in which the trade executes.
	Slot uint64 `json:"slot"`
	// Limit is the minimum output, or the maximum input if ExactOut is set.
	Limit uint64 `json:"limit"`

	User       solana.PublicKey `json:"user"`
	InpAccount solana.PublicKey `json:"inp_account"`
	OutAccount solana.PublicKey `json:"out_account"`

	// Source is the source of the outcome: an execution of the program, or a
	// quote of Sanctum's own library.
	Source      string      `json:"source"`
	Instruction Instruction `json:"instruction"`
	Result[InfinityOutcome]
}

// InfinityOutcome is the outcome of a trade. The fields from ProtocolFee on are
// set only if the trade was executed.
type InfinityOutcome struct {
	In          uint64              `json:"in"`
	Out         uint64              `json:"out"`
	ProtocolFee uint64              `json:"protocol_fee,omitempty"`
	Pool        *accounts.PoolState `json:"pool,omitempty"`
	LSTs        []quote.SyncedLST   `json:"lsts,omitempty"`
	LPSupply    uint64              `json:"lp_supply,omitempty"`
}

// Quote computes the trade with package quote.
func (c *InfinityCase) Quote(m *InfinityMarket, chain figures.Chain) (quote.InfinityTrade, error) {
	q := m.Infinity.Quote(chain, c.Slot, m.Pools())
	if c.ExactOut {
		return q.SwapExactOut(c.Inp, c.Out, c.Amount)
	}
	return q.Swap(c.Inp, c.Out, c.Amount)
}

// BuildInstruction builds the instruction of the trade. In version 1 liquidity
// has no exact-out form, so the input amount must be set.
func (c *InfinityCase) BuildInstruction(
	m *InfinityMarket,
	amountIn uint64,
) (solana.Instruction, error) {
	f := &m.Infinity
	controller, err := instructions.NewInfinity(f.Program, &f.Pool, accounts.TokenProgram)
	if err != nil {
		return nil, err
	}

	inp, err := c.token(f, c.Inp, c.InpAccount)
	if err != nil {
		return nil, err
	}

	out, err := c.token(f, c.Out, c.OutAccount)
	if err != nil {
		return nil, err
	}

	t := instructions.InfinityTrade{
		InfinitySwap: instructions.InfinitySwap{
			Controller: controller,
			Signer:     c.User,
			Inp:        inp,
			Out:        out,
			Limit:      c.Limit,
			Amount:     c.Amount,
		},
		Pool:     &f.Pool,
		ExactOut: c.ExactOut,
	}

	if lp := f.Pool.LPTokenMint; f.Pool.Version == accounts.PoolStateV1 &&
		(c.Inp == lp || c.Out == lp) {
		t.Amount, t.ExactOut = amountIn, false
	}

	return t.Build()
}

func (c *InfinityCase) token(
	f *figures.Infinity,
	mint, account solana.PublicKey,
) (instructions.InfinityToken, error) {
	t := instructions.InfinityToken{
		Index:        instructions.LPIndex,
		Mint:         mint,
		TokenProgram: accounts.TokenProgram,
		Account:      account,
	}

	for i, h := range f.Holdings {
		if h.Entry.Mint != mint {
			continue
		}

		t.Index = uint32(i)
		pool := h.StakePool
		switch h.Entry.Calculator {
		case accounts.MarinadeCalculator:
			pool = accounts.MarinadeStateAddress
		case accounts.LidoCalculator:
			pool = accounts.LidoStateAddress
		}

		var err error
		t.Calculator, err = instructions.CalculatorAccounts(h.Entry.Calculator, pool)

		return t, err
	}

	return t, nil
}
