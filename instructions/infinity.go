package instructions

import (
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// LPIndex stands for the index of the LP token where an index of an LST is asked for, in version 2 of the controller.
const LPIndex = math.MaxUint32

// Group is a program that the controller calls, with the accounts that program wants besides those the controller adds itself. All
// of them are read-only.
type Group struct {
	Program  solana.PublicKey
	Accounts []solana.PublicKey
}

// count is how many accounts the group takes in an instruction.
func (g Group) count() int { return 1 + len(g.Accounts) }

// group appends the accounts of the next group of the table.
func (b *builder) group(g Group) {
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
func (b *builder) count(g Group) {
	if g.count() > math.MaxUint8 && b.field < len(b.table.Fields) {
		reason := fmt.Errorf("%w: %d accounts", ErrContradiction, g.count())
		b.fail(b.table.Fields[b.field].Name, reason)
	}
	b.number(uint64(g.count()))
}

// CalculatorGroup returns the accounts of a SOL value calculator this module knows. The pool is the state of the LST's stake pool;
// the calculator of wrapped SOL takes none. An unknown calculator is an error.
func CalculatorGroup(calculator, pool solana.PublicKey) (Group, error) {
	program, known := accounts.CalculatorPoolProgram(calculator)
	switch {
	case !known:
		return Group{}, &BuildError{Instruction: "calculator group", Field: calculator.String(), Reason: fmt.Errorf("%w: unknown calculator", ErrContradiction)}
	case calculator == accounts.WrappedSOLCalculator:
		return Group{Program: calculator}, nil
	}
	state, err := accounts.CalculatorStateAddress(calculator)
	if err != nil {
		return Group{}, err
	}
	programData, err := accounts.ProgramDataAddress(program)
	if err != nil {
		return Group{}, err
	}
	return Group{Program: calculator, Accounts: []solana.PublicKey{state, pool, program, programData}}, nil
}

// Controller is what the instructions of one controller have in common, under whichever program id. [NewController] fills it.
type Controller struct {
	accounts.Controller
	// LPMint and LPTokenProgram are the LP token and the token program it belongs to.
	LPMint         solana.PublicKey
	LPTokenProgram solana.PublicKey
}

// NewController derives a controller's addresses and takes its LP token from the pool's state.
func NewController(program solana.PublicKey, pool *accounts.PoolState, lpTokenProgram solana.PublicKey) (Controller, error) {
	if pool == nil {
		return Controller{}, &BuildError{Instruction: "controller", Field: "pool state", Reason: accounts.ErrNil}
	}

	c, err := accounts.NewController(program)
	return Controller{Controller: c, LPMint: pool.LPTokenMint, LPTokenProgram: lpTokenProgram}, err
}

// ControllerToken is one side of a trade: a token of the pool, or its LP token.
type ControllerToken struct {
	// Index is the position of the LST in the pool's list, or [LPIndex].
	Index        uint32
	Mint         solana.PublicKey
	TokenProgram solana.PublicKey
	// Account is the user's token account.
	Account solana.PublicKey
	// Calculator is the group of the LST's SOL value calculator. The LP token has none.
	Calculator Group
}

// reserves is where the pool holds the token. The LP token is minted and burned instead.
func (c Controller) reserves(
	b *builder, t ControllerToken, known *accounts.Addresses,
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

func (c Controller) feeAccumulator(
	b *builder, t ControllerToken, known *accounts.Addresses,
) solana.PublicKey {
	b.require("protocol fee authority", c.ProtocolFee)
	address, err := known.AssociatedToken(c.ProtocolFee, t.TokenProgram, t.Mint)
	if err != nil {
		b.fail("protocol fee accumulator", err)
	}
	return address
}

// calculator is the group of a side. For the LP token the program wants one account and looks at none.
func (c Controller) calculator(t ControllerToken) Group {
	if t.Index == LPIndex {
		return Group{Program: c.Program}
	}
	return t.Calculator
}

// SyncSolValue records what the pool's holdings of an LST are worth now. Anybody may call it.
type SyncSolValue struct {
	Controller Controller
	LST        ControllerToken
}

// Build returns the instruction. The user's account of the LST is not needed.
func (i SyncSolValue) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinitySyncSolValue, i.Controller.Program, i.LST.Calculator.count())
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

// ControllerSwap is what all swap instructions have in common.
type ControllerSwap struct {
	Controller Controller
	// Signer may move the tokens of Inp's account.
	Signer   solana.PublicKey
	Inp, Out ControllerToken
	// Pricing is the group of the pool's pricing program.
	Pricing Group
	// Addresses may remember what is derived. Nil derives it.
	Addresses *accounts.Addresses
	// Limit is the least to receive, or the most to pay if the amount is what to receive. It is not zero.
	Limit uint64
	// Amount is what to pay, or what to receive, in base units.
	Amount uint64
}

func (s ControllerSwap) build(table *idl.Instruction, v2 bool) (solana.Instruction, error) {
	inp, out := s.Controller.calculator(s.Inp), s.Controller.calculator(s.Out)
	further := inp.count() + out.count() + s.Pricing.count()
	b := newBuilder(table, s.Controller.Program, further)
	switch {
	case s.Inp.Mint == s.Out.Mint:
		b.fail("output mint", fmt.Errorf("%w: it is the input mint", ErrContradiction))
	case !v2 && (s.Inp.Index == LPIndex || s.Out.Index == LPIndex):
		b.fail("index", fmt.Errorf("%w: only the instructions of version 2 trade the LP token", ErrContradiction))
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

// SwapExactIn trades an amount of one LST for another, in the form that both versions of the controller take.
type SwapExactIn ControllerSwap

// Build returns the instruction.
func (i SwapExactIn) Build() (solana.Instruction, error) {
	return ControllerSwap(i).build(&idl.InfinitySwapExactIn, false)
}

// SwapExactOut trades one LST for an amount of another, in the form that both versions of the controller take.
type SwapExactOut ControllerSwap

// Build returns the instruction.
func (i SwapExactOut) Build() (solana.Instruction, error) {
	return ControllerSwap(i).build(&idl.InfinitySwapExactOut, false)
}

// SwapExactInV2 trades an amount of one token for another, the LP token included, with version 2 of the controller.
type SwapExactInV2 ControllerSwap

// Build returns the instruction.
func (i SwapExactInV2) Build() (solana.Instruction, error) {
	return ControllerSwap(i).build(&idl.InfinitySwapExactInV2, true)
}

// SwapExactOutV2 trades one token for an amount of another, the LP token included, with version 2 of the controller.
type SwapExactOutV2 ControllerSwap

// Build returns the instruction.
func (i SwapExactOutV2) Build() (solana.Instruction, error) {
	return ControllerSwap(i).build(&idl.InfinitySwapExactOutV2, true)
}

// ControllerLiquidity is what adding and removing liquidity have in common, in the form of version 1.
type ControllerLiquidity struct {
	Controller Controller
	// Signer may move the tokens that are paid.
	Signer solana.PublicKey
	LST    ControllerToken
	// LPAccount is the user's account of the LP token.
	LPAccount solana.PublicKey
	// Pricing is the group of the pool's pricing program for this operation.
	Pricing Group
	// Addresses may remember what is derived. Nil derives it.
	Addresses *accounts.Addresses
	// Amount is what to pay: base units of the LST to add, of the LP token to remove.
	Amount uint64
	// MinimumOut is the least to receive, not zero.
	MinimumOut uint64
}

func (l ControllerLiquidity) build(table *idl.Instruction) (solana.Instruction, error) {
	further := l.LST.Calculator.count() + l.Pricing.count()
	b := newBuilder(table, l.Controller.Program, further)
	if l.LST.Index == LPIndex {
		b.fail("index", fmt.Errorf("%w: the LP token is no LST", ErrContradiction))
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

// AddLiquidity gives an LST to the pool for its LP token, in the form of version 1.
type AddLiquidity ControllerLiquidity

// Build returns the instruction.
func (i AddLiquidity) Build() (solana.Instruction, error) {
	return ControllerLiquidity(i).build(&idl.InfinityAddLiquidity)
}

// RemoveLiquidity burns the LP token for an LST of the pool, in the form of version 1.
type RemoveLiquidity ControllerLiquidity

// Build returns the instruction.
func (i RemoveLiquidity) Build() (solana.Instruction, error) {
	return ControllerLiquidity(i).build(&idl.InfinityRemoveLiquidity)
}

// PricingGroup returns the accounts of a pricing program this module knows, for a trade of two tokens with a pool of the given
// version. An unknown pricing program is an error.
func PricingGroup(pool *accounts.PoolState, inp, out solana.PublicKey) (Group, error) {
	return pricingGroup(pool, inp, out, nil)
}

// pricingGroup is PricingGroup with a memo of addresses.
func pricingGroup(
	pool *accounts.PoolState, inp, out solana.PublicKey, known *accounts.Addresses,
) (Group, error) {
	if pool == nil {
		return Group{}, &BuildError{Instruction: "pricing group", Field: "pool state", Reason: accounts.ErrNil}
	}

	program := pool.PricingProgram
	isV1 := pool.Version == accounts.PoolStateV1
	switch {
	case program == accounts.FlatSlabProgram:
		return flatSlabGroup(program, known)
	case program == accounts.FlatFeeProgram && isV1 && out == pool.LPTokenMint:
		return FlatFeeMintGroup(program), nil
	case program == accounts.FlatFeeProgram && isV1 && inp == pool.LPTokenMint:
		return flatFeeRedeemGroup(program, known)
	case program == accounts.FlatFeeProgram:
		return flatFeeSwapGroup(program, inp, out, known)
	}
	return Group{}, &BuildError{Instruction: "pricing group", Field: program.String(), Reason: fmt.Errorf("%w: unknown pricing program", ErrContradiction)}
}

// ControllerTrade is a trade of any two tokens of a pool. It takes the form that the version of the pool wants: a swap, or for the LP
// token of version 1 adding or removing liquidity.
type ControllerTrade struct {
	ControllerSwap
	Pool *accounts.PoolState
	// ExactOut says that Amount is what to receive. Liquidity of version 1 has no such form.
	ExactOut bool
}

// Build returns the instruction. It fills in the pricing group.
func (t ControllerTrade) Build() (solana.Instruction, error) {
	pricing, err := pricingGroup(t.Pool, t.Inp.Mint, t.Out.Mint, t.Addresses)
	if err != nil {
		return nil, err
	}
	s := t.ControllerSwap
	s.Pricing = pricing
	if lp := t.Pool.LPTokenMint; t.ExactOut && t.Pool.Version == accounts.PoolStateV1 && (s.Inp.Mint == lp || s.Out.Mint == lp) {
		reason := fmt.Errorf("%w: liquidity of version 1 takes an exact amount in", ErrContradiction)
		return nil, &BuildError{Instruction: "trade", Field: "exact out", Reason: reason}
	}
	liquidity := ControllerLiquidity{
		Controller: s.Controller,
		Signer:     s.Signer,
		Pricing:    pricing,
		Addresses:  s.Addresses,
		Amount:     s.Amount,
		MinimumOut: s.Limit,
	}
	switch {
	case t.Pool.Version == accounts.PoolStateV2 && t.ExactOut:
		return SwapExactOutV2(s).Build()
	case t.Pool.Version == accounts.PoolStateV2:
		return SwapExactInV2(s).Build()
	case s.Out.Index == LPIndex:
		liquidity.LST, liquidity.LPAccount = s.Inp, s.Out.Account
		return AddLiquidity(liquidity).Build()
	case s.Inp.Index == LPIndex:
		liquidity.LST, liquidity.LPAccount = s.Out, s.Inp.Account
		return RemoveLiquidity(liquidity).Build()
	case t.ExactOut:
		return SwapExactOut(s).Build()
	}
	return SwapExactIn(s).Build()
}
