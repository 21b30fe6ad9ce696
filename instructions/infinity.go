package instructions

import (
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// LPIndex stands for the index of the LP token where an index of an LST is
// asked for, in version 2 of the controller.
const LPIndex = math.MaxUint32

// ProgramAccounts is a program that the controller calls, with the accounts
// that program wants besides those the controller adds itself. All of them are
// read-only.
type ProgramAccounts struct {
	Program  solana.PublicKey
	Accounts []solana.PublicKey
}

// count is how many accounts the group takes in an instruction.
func (g ProgramAccounts) count() int { return 1 + len(g.Accounts) }

// group appends the accounts of the next group of the table.
func (b *builder) group(g ProgramAccounts) {
	b.fixed()
	if b.further == len(b.table.Rest.Groups) {
		b.fail("groups", errTable)
		return
	}

	name := b.table.Rest.Groups[b.further]
	b.further++
	b.named(name, " program", g.Program)
	for _, a := range g.Accounts {
		b.named(name, " account", a)
	}
}

// named appends an account whose name has two parts.
func (b *builder) named(group, account string, key solana.PublicKey) {
	if key.IsZero() {
		b.fail(group+account, ErrMissing)
	}
	b.data.Account(key, false, false)
}

// count appends the next field, which is the length of a group.
func (b *builder) count(g ProgramAccounts) {
	if g.count() > math.MaxUint8 && b.field < len(b.table.Fields) {
		reason := fmt.Errorf("%w: %d accounts", ErrConflictingInput, g.count())
		b.fail(b.table.Fields[b.field].Name, reason)
	}
	b.number(uint64(g.count()))
}

// CalculatorAccounts returns the accounts of a SOL value calculator this module
// knows. The pool is the state of the LST's stake pool; the calculator of
// wrapped SOL takes none. An unknown calculator is an error.
func CalculatorAccounts(calculator, pool solana.PublicKey) (ProgramAccounts, error) {
	program, known := accounts.CalculatorPoolProgram(calculator)
	switch {
	case !known:
		return ProgramAccounts{}, &BuildError{
			Instruction: "calculator group",
			Field:       calculator.String(),
			Reason:      fmt.Errorf("%w: unknown calculator", ErrConflictingInput),
		}

	case calculator == accounts.WrappedSOLCalculator:
		return ProgramAccounts{Program: calculator}, nil
	}

	state, err := accounts.CalculatorStateAddress(calculator)
	if err != nil {
		return ProgramAccounts{}, err
	}

	programData, err := accounts.ProgramDataAddress(program)
	if err != nil {
		return ProgramAccounts{}, err
	}

	return ProgramAccounts{Program: calculator,
		Accounts: []solana.PublicKey{state, pool, program, programData}}, nil
}

// Infinity is what the instructions of one controller have in common, under
// whichever program id. [NewInfinity] fills it.
type Infinity struct {
	accounts.Controller
	// LPMint and LPTokenProgram are the LP token and the token program it
	// belongs to.
	LPMint         solana.PublicKey
	LPTokenProgram solana.PublicKey
}

// NewInfinity derives a controller's addresses and takes its LP token from the
// pool's state.
func NewInfinity(
	program solana.PublicKey,
	pool *accounts.PoolState,
	lpTokenProgram solana.PublicKey,
) (Infinity, error) {
	if pool == nil {
		return Infinity{}, &BuildError{
			Instruction: "controller",
			Field:       "pool state",
			Reason:      accounts.ErrNil,
		}
	}

	c, err := accounts.NewController(program)
	return Infinity{
		Controller:     c,
		LPMint:         pool.LPTokenMint,
		LPTokenProgram: lpTokenProgram,
	}, err
}

// InfinityToken is one side of a trade: a token of the pool, or its LP token.
type InfinityToken struct {
	// Index is the position of the LST in the pool's list, or [LPIndex].
	Index        uint32
	Mint         solana.PublicKey
	TokenProgram solana.PublicKey
	// Account is the user's token account.
	Account solana.PublicKey
	// Calculator is the group of the LST's SOL value calculator. The LP token
	// has none.
	Calculator ProgramAccounts
}

// reserves is where the pool holds the token. The LP token is minted and burned
// instead.
func (c Infinity) reserves(
	b *builder, t InfinityToken, known *accounts.Addresses,
) solana.PublicKey {
	if t.Index == LPIndex {
		return t.Mint
	}
	b.require("token program", t.TokenProgram)
	address, err := known.AssociatedToken(c.PoolState, t.TokenProgram, t.Mint)
	if err != nil {
		b.fail("pool reserves", err)
	}
	return address
}

func (c Infinity) feeAccumulator(
	b *builder, t InfinityToken, known *accounts.Addresses,
) solana.PublicKey {
	b.require("protocol fee authority", c.ProtocolFee)
	address, err := known.AssociatedToken(c.ProtocolFee, t.TokenProgram, t.Mint)
	if err != nil {
		b.fail("protocol fee accumulator", err)
	}
	return address
}

// calculator is the group of a side. For the LP token the program wants one
// account and looks at none.
func (c Infinity) calculator(t InfinityToken) ProgramAccounts {
	if t.Index == LPIndex {
		return ProgramAccounts{Program: c.Program}
	}
	return t.Calculator
}

// InfinitySyncSOLValue records what the pool's holdings of an LST are worth
// now. Anybody may call it.
type InfinitySyncSOLValue struct {
	Controller Infinity
	LST        InfinityToken
}

// Build returns the instruction. The user's account of the LST is not needed.
func (i InfinitySyncSOLValue) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinitySyncSOLValue, i.Controller.Program, i.LST.Calculator.count())
	b.accounts(
		i.LST.Mint,
		i.Controller.PoolState,
		i.Controller.LSTStateList,
	)
	b.accounts(i.Controller.reserves(&b, i.LST, nil))
	b.group(i.LST.Calculator)
	b.number(uint64(i.LST.Index))
	return b.build()
}

// InfinitySwap is what all swap instructions have in common.
type InfinitySwap struct {
	Controller Infinity
	// Signer may move the tokens of Inp's account.
	Signer   solana.PublicKey
	Inp, Out InfinityToken
	// Pricing is the group of the pool's pricing program.
	Pricing ProgramAccounts
	// Addresses may remember what is derived. Nil derives it.
	Addresses *accounts.Addresses
	// Limit is the least to receive, or the most to pay if the amount is what
	// to receive. It is not zero.
	Limit uint64
	// Amount is what to pay, or what to receive, in base units.
	Amount uint64
}

func (s InfinitySwap) build(table *idl.Instruction, v2 bool) (solana.Instruction, error) {
	inp, out := s.Controller.calculator(s.Inp), s.Controller.calculator(s.Out)
	further := inp.count() + out.count() + s.Pricing.count()
	b := newBuilder(table, s.Controller.Program, further)
	switch {
	case s.Inp.Mint == s.Out.Mint:
		b.fail("output mint", fmt.Errorf("%w: it is the input mint", ErrConflictingInput))
	case !v2 && (s.Inp.Index == LPIndex || s.Out.Index == LPIndex):
		b.fail("index",
			fmt.Errorf("%w: only the instructions of version 2 trade the LP token",
				ErrConflictingInput))

	case s.Limit == 0:
		b.fail("limit", ErrZeroAmount)
	}

	b.accounts(
		s.Signer,
		s.Inp.Mint,
		s.Out.Mint,
		s.Inp.Account,
		s.Out.Account,
	)
	if !v2 {
		b.accounts(s.Controller.feeAccumulator(&b, s.Out, s.Addresses))
	}

	b.accounts(
		s.Inp.TokenProgram,
		s.Out.TokenProgram,
		s.Controller.PoolState,
		s.Controller.LSTStateList,
	)

	b.accounts(s.Controller.reserves(&b, s.Inp, s.Addresses))
	b.accounts(s.Controller.reserves(&b, s.Out, s.Addresses))
	b.group(inp)
	b.group(out)
	b.group(s.Pricing)
	b.count(inp)
	b.count(out)
	b.number(uint64(s.Inp.Index))
	b.number(uint64(s.Out.Index))
	b.number(s.Limit)
	b.amount(s.Amount)

	return b.build()
}

// InfinitySwapExactIn trades an amount of one LST for another, in the form that
// both versions of the controller take.
type InfinitySwapExactIn InfinitySwap

// Build returns the instruction.
func (i InfinitySwapExactIn) Build() (solana.Instruction, error) {
	return InfinitySwap(i).build(&idl.InfinitySwapExactIn, false)
}

// InfinitySwapExactOut trades one LST for an amount of another, in the form
// that both versions of the controller take.
type InfinitySwapExactOut InfinitySwap

// Build returns the instruction.
func (i InfinitySwapExactOut) Build() (solana.Instruction, error) {
	return InfinitySwap(i).build(&idl.InfinitySwapExactOut, false)
}

// InfinitySwapExactInV2 trades an amount of one token for another, the LP token
// included, with version 2 of the controller.
type InfinitySwapExactInV2 InfinitySwap

// Build returns the instruction.
func (i InfinitySwapExactInV2) Build() (solana.Instruction, error) {
	return InfinitySwap(i).build(&idl.InfinitySwapExactInV2, true)
}

// InfinitySwapExactOutV2 trades one token for an amount of another, the LP
// token included, with version 2 of the controller.
type InfinitySwapExactOutV2 InfinitySwap

// Build returns the instruction.
func (i InfinitySwapExactOutV2) Build() (solana.Instruction, error) {
	return InfinitySwap(i).build(&idl.InfinitySwapExactOutV2, true)
}

// InfinityLiquidity is what adding and removing liquidity have in common, in
// the form of version 1.
type InfinityLiquidity struct {
	Controller Infinity
	// Signer may move the tokens that are paid.
	Signer solana.PublicKey
	LST    InfinityToken
	// LPAccount is the user's account of the LP token.
	LPAccount solana.PublicKey
	// Pricing is the group of the pool's pricing program for this operation.
	Pricing ProgramAccounts
	// Addresses may remember what is derived. Nil derives it.
	Addresses *accounts.Addresses
	// Amount is what to pay: base units of the LST to add, of the LP token to
	// remove.
	Amount uint64
	// MinimumOut is the least to receive, not zero.
	MinimumOut uint64
}

func (l InfinityLiquidity) build(table *idl.Instruction) (solana.Instruction, error) {
	further := l.LST.Calculator.count() + l.Pricing.count()
	b := newBuilder(table, l.Controller.Program, further)
	if l.LST.Index == LPIndex {
		b.fail("index", fmt.Errorf("%w: the LP token is no LST", ErrConflictingInput))
	}

	b.accounts(
		l.Signer,
		l.LST.Mint,
		l.LST.Account,
		l.LPAccount,
		l.Controller.LPMint,
	)

	b.accounts(l.Controller.feeAccumulator(&b, l.LST, l.Addresses))
	b.accounts(
		l.LST.TokenProgram,
		l.Controller.LPTokenProgram,
		l.Controller.PoolState,
		l.Controller.LSTStateList,
	)

	b.accounts(l.Controller.reserves(&b, l.LST, l.Addresses))
	b.group(l.LST.Calculator)
	b.group(l.Pricing)
	b.count(l.LST.Calculator)
	b.number(uint64(l.LST.Index))
	b.amount(l.Amount)
	b.amount(l.MinimumOut)

	return b.build()
}

// InfinityAddLiquidity gives an LST to the pool for its LP token, in the form
// of version 1.
type InfinityAddLiquidity InfinityLiquidity

// Build returns the instruction.
func (i InfinityAddLiquidity) Build() (solana.Instruction, error) {
	return InfinityLiquidity(i).build(&idl.InfinityAddLiquidity)
}

// InfinityRemoveLiquidity burns the LP token for an LST of the pool, in the
// form of version 1.
type InfinityRemoveLiquidity InfinityLiquidity

// Build returns the instruction.
func (i InfinityRemoveLiquidity) Build() (solana.Instruction, error) {
	return InfinityLiquidity(i).build(&idl.InfinityRemoveLiquidity)
}

// PricingAccounts returns the accounts of a pricing program this module knows,
// for a trade of two tokens with a pool of the given version. An unknown
// pricing program is an error.
func PricingAccounts(pool *accounts.PoolState, inp, out solana.PublicKey) (ProgramAccounts, error) {
	return pricingGroup(pool, inp, out, nil)
}

// pricingGroup is PricingAccounts with a memo of addresses.
func pricingGroup(
	pool *accounts.PoolState, inp, out solana.PublicKey, known *accounts.Addresses,
) (ProgramAccounts, error) {
	if pool == nil {
		return ProgramAccounts{}, &BuildError{
			Instruction: "pricing group",
			Field:       "pool state",
			Reason:      accounts.ErrNil,
		}
	}

	program := pool.PricingProgram
	isV1 := pool.Version == accounts.PoolStateV1
	switch {
	case program == accounts.FlatSlabProgram:
		return flatSlabGroup(program, known)
	case program == accounts.FlatFeeProgram && isV1 && out == pool.LPTokenMint:
		return FlatFeeMintAccounts(program), nil
	case program == accounts.FlatFeeProgram && isV1 && inp == pool.LPTokenMint:
		return flatFeeRedeemGroup(program, known)
	case program == accounts.FlatFeeProgram:
		return flatFeeSwapGroup(program, inp, out, known)
	}

	return ProgramAccounts{}, &BuildError{
		Instruction: "pricing group",
		Field:       program.String(),
		Reason:      fmt.Errorf("%w: unknown pricing program", ErrConflictingInput),
	}
}

// InfinityTrade is a trade of any two tokens of a pool. It takes the form that
// the version of the pool wants: a swap, or for the LP token of version 1
// adding or removing liquidity.
type InfinityTrade struct {
	InfinitySwap
	Pool *accounts.PoolState
	// ExactOut says that Amount is what to receive. Liquidity of version 1 has
	// no such form.
	ExactOut bool
}

// Build returns the instruction. It fills in the pricing group.
func (t InfinityTrade) Build() (solana.Instruction, error) {
	pricing, err := pricingGroup(t.Pool, t.Inp.Mint, t.Out.Mint, t.Addresses)
	if err != nil {
		return nil, err
	}

	s := t.InfinitySwap
	s.Pricing = pricing
	if lp := t.Pool.LPTokenMint; t.ExactOut && t.Pool.Version == accounts.PoolStateV1 &&
		(s.Inp.Mint == lp || s.Out.Mint == lp) {
		reason := fmt.Errorf("%w: liquidity of version 1 takes an exact amount in",
			ErrConflictingInput)
		return nil, &BuildError{
			Instruction: "trade",
			Field:       "exact out",
			Reason:      reason,
		}
	}

	liquidity := InfinityLiquidity{
		Controller: s.Controller,
		Signer:     s.Signer,
		Pricing:    pricing,
		Addresses:  s.Addresses,
		Amount:     s.Amount,
		MinimumOut: s.Limit,
	}

	switch {
	case t.Pool.Version == accounts.PoolStateV2 && t.ExactOut:
		return InfinitySwapExactOutV2(s).Build()
	case t.Pool.Version == accounts.PoolStateV2:
		return InfinitySwapExactInV2(s).Build()
	case s.Out.Index == LPIndex:
		liquidity.LST, liquidity.LPAccount = s.Inp, s.Out.Account
		return InfinityAddLiquidity(liquidity).Build()
	case s.Inp.Index == LPIndex:
		liquidity.LST, liquidity.LPAccount = s.Out, s.Inp.Account
		return InfinityRemoveLiquidity(liquidity).Build()
	case t.ExactOut:
		return InfinitySwapExactOut(s).Build()
	}

	return InfinitySwapExactIn(s).Build()
}
