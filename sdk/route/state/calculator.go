package state

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// addCalculators adds the calculators of the pools whose tokens can be traded.
// The accounts of a calculator are loaded if a token needs it.
func (l *Ledger) addCalculators() {
	for _, program := range []solana.PublicKey{
		accounts.SPLCalculator,
		accounts.SanctumSPLCalculator,
		accounts.SanctumSPLMultiCalculator,
		accounts.MarinadeCalculator,
		accounts.LidoCalculator,
	} {
		c := &calculator{
			program:    program,
			stateIndex: NoIndex,
			dataIdx:    NoIndex,
		}

		c.pools, _ = accounts.CalculatorPoolProgram(program)
		c.state, c.stateErr = accounts.CalculatorStateAddress(program)
		c.data, c.dataErr = accounts.ProgramDataAddress(c.pools)
		c.part = l.part(c)
		l.calculators[program] = c
	}
}

// need adds the calculator's accounts if it usually values the token.
func (c *calculator) need(l *Ledger, t *token) {
	pool, program := poolOf(&t.lst)
	if program != c.pools {
		return
	}

	if !c.wanted && c.stateErr == nil && c.dataErr == nil {
		c.wanted = true
		c.stateIndex = l.need(c.state, 0)
		c.dataIdx = l.need(c.data, accounts.ProgramDataHeaderSize)
	}

	if c.wanted {
		t.calculator = c.program
		t.group = instructions.ProgramAccounts{
			Program:  c.program,
			Accounts: []solana.PublicKey{c.state, pool, c.pools, c.data},
		}
	}
}

// upToDate is the part of a usable calculator.
var upToDate = new(calculator)

// prepare checks that the calculator knows the deployed build of its pool
// program.
func (c *calculator) prepare(r *reader) (any, error) {
	if !c.wanted {
		return nil, errNoPart
	}

	state, err := load(r, c.stateIndex, c.decodeState)
	if err != nil {
		return nil, err
	}

	data, err := load(r, c.dataIdx, accounts.DecodeProgramData)
	if err != nil {
		return nil, err
	}

	return c.compare(state, data)
}

func (c *calculator) decodeState(a accounts.Account) (*accounts.CalculatorState, error) {
	return accounts.DecodeCalculatorStateOf(a, c.program)
}

// compare returns an error if the pool program was deployed after the
// calculator was updated.
func (c *calculator) compare(
	state *accounts.CalculatorState, data *accounts.ProgramData,
) (*calculator, error) {
	if state.LastUpgradeSlot != data.DeploySlot {
		return nil, fmt.Errorf("%w: %s was deployed in slot %d, not %d",
			quote.ErrOutdatedCalculator, c.pools, data.DeploySlot, state.LastUpgradeSlot)
	}
	return upToDate, nil
}

// calculatorGroup returns the accounts of the calculator that values a token.
func (t *token) calculatorGroup(calculator solana.PublicKey) (instructions.ProgramAccounts, error) {
	if calculator == t.calculator && !calculator.IsZero() {
		return t.group, nil
	}
	pool, _ := poolOf(&t.lst)
	return instructions.CalculatorAccounts(calculator, pool)
}

// solValue returns the calculator of a token. It returns an error if the
// calculator is unknown or would fail on chain.
func (r *reader) solValue(
	chain *Chain, t *token, entry *accounts.LSTState,
) (quote.SOLValueCalculator, error) {
	program, known := accounts.CalculatorPoolProgram(entry.Calculator)
	_, poolProgram := poolOf(&t.lst)
	switch {
	case !known:
		return nil, fmt.Errorf("%w %s", quote.ErrUnknownCalculator, entry.Calculator)
	case program != poolProgram:
		return nil, fmt.Errorf("%w: calculator %s is not for pools of %s",
			ErrMismatch, entry.Calculator, poolProgram)
	case entry.Calculator == accounts.WrappedSOLCalculator:
		return quote.WrappedSOLValue{}, nil
	}

	c := r.ledger.calculators[entry.Calculator]
	if _, err := read[*calculator](r, c.part); err != nil {
		return nil, err
	}

	mint, value, err := r.poolValue(chain, t, entry.Calculator, program)
	if err != nil && value == nil {
		return nil, err
	}

	if mint != t.lst.Mint {
		return nil, fmt.Errorf("%w: pool %s has mint %s, not %s",
			ErrMismatch, t.lst.Pool, mint, t.lst.Mint)
	}

	return value, err
}

// poolValue returns the mint and the value of a token's pool. If the pool
// belongs to another program, the value is nil. If only its state is unusable,
// the value is set together with the error.
func (r *reader) poolValue(
	chain *Chain, t *token, calculator, program solana.PublicKey,
) (mint solana.PublicKey, value quote.SOLValueCalculator, err error) {
	if t.statePart != noPart {
		known, err := read[*poolState](r, t.statePart)
		if err != nil {
			return mint, nil, err
		}

		if known.state != nil && known.err == nil {
			value, err := quote.NewStakePoolValue(known.state, chain.Clock)
			return known.state.PoolMint, value, err
		}
	}

	a, err := r.get("pool of "+t.lst.Symbol, t.pool, t.lst.Pool)
	if err != nil {
		return mint, nil, err
	}

	switch calculator {
	case accounts.MarinadeCalculator:
		state, err := accounts.DecodeMarinadeState(*a)
		if err != nil {
			return mint, nil, err
		}

		value, err := quote.NewMarinadeValue(state)
		return state.MSOLMint, value, err

	case accounts.LidoCalculator:
		state, err := accounts.DecodeLidoState(*a)
		if err != nil {
			return mint, nil, err
		}

		value, err := quote.NewLidoValue(state, chain.Clock)
		return state.StSOLMint, value, err
	}

	state, err := accounts.DecodeStakePoolOf(*a, program)
	if err != nil {
		return mint, nil, err
	}

	poolValue, err := quote.NewStakePoolValue(state, chain.Clock)

	return state.PoolMint, poolValue, err
}

// poolOf returns the account and the program that value a token. They are zero
// for SOL.
func poolOf(t *lst.LST) (pool, program solana.PublicKey) {
	if t.Mint == accounts.NativeMint {
		return solana.PublicKey{}, solana.PublicKey{}
	}
	return t.Pool, t.Program
}
