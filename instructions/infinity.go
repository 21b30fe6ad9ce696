package instructions

import (
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// LPIndex is the index of the LP token in [InfinityToken]. The LP token is not
// in the list of LSTs.
const LPIndex = math.MaxUint32

// ProgramAccounts is a program that the Infinity controller calls, with the
// accounts that this program needs in addition to those that the controller
// passes itself. All accounts are read-only.
type ProgramAccounts struct {
	Program  solana.PublicKey
	Accounts []solana.PublicKey
}

// count returns the number of accounts of g in an instruction.
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

// named appends an account of a group.
func (b *builder) named(group, account string, key solana.PublicKey) {
	if key.IsZero() {
		b.fail(group+account, ErrMissing)
	}
	b.data.Account(key, false, false)
}

// count appends the next field, the length of a group.
func (b *builder) count(g ProgramAccounts) {
	if g.count() > math.MaxUint8 && b.field < len(b.table.Fields) {
		reason := fmt.Errorf("%w: %d accounts", ErrConflictingInput, g.count())
		b.fail(b.table.Fields[b.field].Name, reason)
	}
	b.number(uint64(g.count()))
}

// CalculatorAccounts returns the accounts of a SOL value calculator. pool is
// the stake pool of the LST; the calculator of wrapped SOL ignores it. It
// returns a [*BuildError] if the calculator is unknown.
func CalculatorAccounts(calculator, pool solana.PublicKey) (ProgramAccounts, error) {
	program, known := accounts.CalculatorPoolProgram(calculator)
	switch {
	case !known:
		return ProgramAccounts{}, &BuildError{
			Instruction: "calculator accounts",
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

// Infinity has the addresses that the instructions of an Infinity controller
// share. Create it with [NewInfinity].
type Infinity struct {
	accounts.Controller

	// LPMint is the mint of the LP token, and LPTokenProgram the owner of
	// LPMint.
	LPMint         solana.PublicKey
	LPTokenProgram solana.PublicKey
}

// NewInfinity returns the addresses of the controller with the given program
// id. It returns a [*BuildError] if pool is nil, or the error of a derivation.
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

// InfinityToken is the input or the output of a trade: an LST of the pool or
// its LP token.
type InfinityToken struct {
	// Index is the position of the LST in the pool's list, or [LPIndex].
	Index uint32

	// Mint is the mint of the token.
	Mint solana.PublicKey

	// TokenProgram is the owner of Mint.
	TokenProgram solana.PublicKey

	// Account is the user's token account.
	Account solana.PublicKey

	// Calculator has the accounts of the SOL value calculator of an LST; see
	// [CalculatorAccounts]. It is empty for the LP token.
	Calculator ProgramAccounts
}

// reserves returns the pool's token account of t, or the mint of the LP token,
// which is minted and burned.
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

// feeAccumulator returns the token account of t for protocol fees.
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

// calculator returns the calculator accounts of t. For the LP token the program
// requires one account and ignores it.
func (c Infinity) calculator(t InfinityToken) ProgramAccounts {
	if t.Index == LPIndex {
		return ProgramAccounts{Program: c.Program}
	}
	return t.Calculator
}

// InfinitySyncSOLValue updates the recorded SOL value of the pool's holdings of
// an LST. It needs no authority. It mirrors SyncSolValue.
type InfinitySyncSOLValue struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// LST is the LST to update. Its Account is ignored.
	LST InfinityToken
}

// Build returns the instruction, or a [*BuildError].
func (i InfinitySyncSOLValue) Build() (solana.Instruction, error) {
	b := newBuilder(&idl.InfinitySyncSOLValue, i.Controller.Program, i.LST.Calculator.count())
	b.accounts(i.LST.Mint, i.Controller.PoolState, i.Controller.LSTStateList)
	b.accounts(i.Controller.reserves(&b, i.LST, nil))
	b.group(i.LST.Calculator)
	b.number(uint64(i.LST.Index))
	return b.build()
}

// InfinitySwap has the fields of all swap instructions.
type InfinitySwap struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Signer is the owner or the delegate of Inp.Account. It signs.
	Signer solana.PublicKey

	// Inp is the token to pay and Out the token to receive.
	Inp, Out InfinityToken

	// Pricing has the accounts of the pool's pricing program; see
	// [PricingAccounts].
	Pricing ProgramAccounts

	// Addresses, if not nil, caches derived addresses.
	Addresses *accounts.Addresses

	// Limit is the minimum output of an exact-in swap, or the maximum input of
	// an exact-out swap, in base units. It must not be zero.
	Limit uint64

	// Amount is the input of an exact-in swap, or the output of an exact-out
	// swap, in base units.
	Amount uint64
}

// build returns the swap instruction of the table. v2 reports whether it is one
// of version 2 of the controller.
func (s InfinitySwap) build(table *idl.Instruction, v2 bool) (solana.Instruction, error) {
	inp, out := s.Controller.calculator(s.Inp), s.Controller.calculator(s.Out)
	further := inp.count() + out.count() + s.Pricing.count()
	b := newBuilder(table, s.Controller.Program, further)
	switch {
	case s.Inp.Mint == s.Out.Mint:
		b.fail("output mint", fmt.Errorf("%w: it is also the input mint", ErrConflictingInput))
	case !v2 && (s.Inp.Index == LPIndex || s.Out.Index == LPIndex):
		b.fail("index",
			fmt.Errorf("%w: only the instructions of version 2 can trade the LP token",
				ErrConflictingInput))

	case s.Limit == 0:
		b.fail("limit", ErrZeroAmount)
	}

	b.accounts(s.Signer, s.Inp.Mint, s.Out.Mint, s.Inp.Account, s.Out.Account)
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

// InfinitySwapExactIn swaps an exact amount of an LST for another LST. Both
// versions of the controller accept it. It mirrors SwapExactIn.
type InfinitySwapExactIn InfinitySwap

// Build returns the instruction, or a [*BuildError].
func (i InfinitySwapExactIn) Build() (solana.Instruction, error) {
	return InfinitySwap(i).build(&idl.InfinitySwapExactIn, false)
}

// InfinitySwapExactOut swaps an LST for an exact amount of another LST. Both
// versions of the controller accept it. It mirrors SwapExactOut.
type InfinitySwapExactOut InfinitySwap

// Build returns the instruction, or a [*BuildError].
func (i InfinitySwapExactOut) Build() (solana.Instruction, error) {
	return InfinitySwap(i).build(&idl.InfinitySwapExactOut, false)
}

// InfinitySwapExactInV2 swaps an exact amount of a token for another token.
// Either may be the LP token. It mirrors SwapExactInV2 of version 2 of the
// controller.
type InfinitySwapExactInV2 InfinitySwap

// Build returns the instruction, or a [*BuildError].
func (i InfinitySwapExactInV2) Build() (solana.Instruction, error) {
	return InfinitySwap(i).build(&idl.InfinitySwapExactInV2, true)
}

// InfinitySwapExactOutV2 swaps a token for an exact amount of another token.
// Either may be the LP token. It mirrors SwapExactOutV2 of version 2 of the
// controller.
type InfinitySwapExactOutV2 InfinitySwap

// Build returns the instruction, or a [*BuildError].
func (i InfinitySwapExactOutV2) Build() (solana.Instruction, error) {
	return InfinitySwap(i).build(&idl.InfinitySwapExactOutV2, true)
}

// InfinityLiquidity has the fields of the instructions that add and remove
// liquidity in version 1 of the controller. In version 2, use
// [InfinitySwapExactInV2] with [LPIndex].
type InfinityLiquidity struct {
	// Controller has the addresses of the controller.
	Controller Infinity

	// Signer is the owner or the delegate of the token account that pays. It
	// signs.
	Signer solana.PublicKey

	// LST is the LST to add or to receive.
	LST InfinityToken

	// LPAccount is the user's token account of the LP token.
	LPAccount solana.PublicKey

	// Pricing has the accounts of the pool's pricing program for this
	// operation; see [PricingAccounts].
	Pricing ProgramAccounts

	// Addresses, if not nil, caches derived addresses.
	Addresses *accounts.Addresses

	// Amount is the input in base units: of the LST when liquidity is added, of
	// the LP token when it is removed.
	Amount uint64

	// MinimumOut is the minimum output in base units. It must not be zero.
	MinimumOut uint64
}

// build returns the liquidity instruction of the table.
func (l InfinityLiquidity) build(table *idl.Instruction) (solana.Instruction, error) {
	further := l.LST.Calculator.count() + l.Pricing.count()
	b := newBuilder(table, l.Controller.Program, further)
	if l.LST.Index == LPIndex {
		b.fail("index", fmt.Errorf("%w: the LP token is not an LST", ErrConflictingInput))
	}

	b.accounts(l.Signer, l.LST.Mint, l.LST.Account, l.LPAccount, l.Controller.LPMint)

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

// InfinityAddLiquidity deposits an LST for LP tokens. It mirrors AddLiquidity
// of version 1 of the controller.
type InfinityAddLiquidity InfinityLiquidity

// Build returns the instruction, or a [*BuildError].
func (i InfinityAddLiquidity) Build() (solana.Instruction, error) {
	return InfinityLiquidity(i).build(&idl.InfinityAddLiquidity)
}

// InfinityRemoveLiquidity burns LP tokens for an LST. It mirrors
// RemoveLiquidity of version 1 of the controller.
type InfinityRemoveLiquidity InfinityLiquidity

// Build returns the instruction, or a [*BuildError].
func (i InfinityRemoveLiquidity) Build() (solana.Instruction, error) {
	return InfinityLiquidity(i).build(&idl.InfinityRemoveLiquidity)
}

// PricingAccounts returns the accounts of the pool's pricing program for a
// trade from the mint inp to the mint out. It returns a [*BuildError] if the
// pricing program is unknown or pool is nil.
func PricingAccounts(pool *accounts.PoolState, inp, out solana.PublicKey) (ProgramAccounts, error) {
	return pricingGroup(pool, inp, out, nil)
}

// pricingGroup is [PricingAccounts] with a cache of derived addresses.
func pricingGroup(
	pool *accounts.PoolState, inp, out solana.PublicKey, known *accounts.Addresses,
) (ProgramAccounts, error) {
	if pool == nil {
		return ProgramAccounts{}, &BuildError{
			Instruction: "pricing accounts",
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
		Instruction: "pricing accounts",
		Field:       program.String(),
		Reason:      fmt.Errorf("%w: unknown pricing program", ErrConflictingInput),
	}
}

// InfinityTrade is a trade of two tokens of a pool of either version. Build
// chooses the instruction: a swap, or adding or removing liquidity for the LP
// token of version 1.
type InfinityTrade struct {
	// InfinitySwap describes the trade. Build sets Pricing.
	InfinitySwap

	// Pool is the state of the pool.
	Pool *accounts.PoolState

	// ExactOut reports whether Amount is the output. It is not supported for
	// the LP token of version 1.
	ExactOut bool
}

// Build returns the instruction, or a [*BuildError].
func (t InfinityTrade) Build() (solana.Instruction, error) {
	pricing, err := pricingGroup(t.Pool, t.Inp.Mint, t.Out.Mint, t.Addresses)
	if err != nil {
		return nil, err
	}

	s := t.InfinitySwap
	s.Pricing = pricing
	if lp := t.Pool.LPTokenMint; t.ExactOut && t.Pool.Version == accounts.PoolStateV1 &&
		(s.Inp.Mint == lp || s.Out.Mint == lp) {
		reason := fmt.Errorf("%w: liquidity of version 1 needs an exact input amount",
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
