package quote

import (
	"fmt"
	"math/big"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Reserve is everything that decides what the Sanctum Reserve pays for a stake account.
type Reserve struct {
	// Address is the pool, which names it in errors.
	Address     solana.PublicKey
	Pool        accounts.ReservePool
	Fee         accounts.ReserveFee
	ProtocolFee accounts.ReserveProtocolFee
	// Lamports is the balance of the pool's SOL account.
	Lamports uint64
	Rent     accounts.Rent
	Clock    accounts.Clock
	// LPSupply is the supply of the LP token. Only liquidity depends on it.
	LPSupply uint64
	// EpochRewardsActive says whether staking rewards are being distributed.
	EpochRewardsActive bool
}

// Unstake is the outcome of selling a stake account to the Reserve. All amounts are lamports.
type Unstake struct {
	// In is the whole balance of the stake account, Out what its owner receives.
	In, Out uint64
	// Fee is the difference. ProtocolFee is the protocol's part of it, with ReferrerFee in turn a part of that; the rest is for the
	// pool.
	Fee, ProtocolFee, ReferrerFee uint64
	// RecordRent is what the pool pays for its record of the account.
	RecordRent uint64
	// Pool and Lamports are the pool afterwards.
	Pool     accounts.ReservePool
	Lamports uint64
}

const opUnstake = "unstake"

// Unstake quotes the sale of a stake account with so many lamports in all. The record of the account, which the pool creates, may
// hold lamports already; normally it does not exist. With a referrer a part of the protocol's part goes there; the seller receives
// the same.
func (r Reserve) Unstake(lamports, recordLamports uint64, referrer bool) (Unstake, error) {
	u, err := r.unstake(lamports, recordLamports, referrer)
	if err != nil {
		return Unstake{}, &Error{Op: opUnstake, Pool: r.Address, Reason: err}
	}
	return u, nil
}

// UnstakeExactOut quotes the smallest stake account for which its owner receives at least so many lamports, while one lamport less
// would yield fewer. For large amounts the fee's own rounding makes the payout step by some lamports either way, so that a smaller
// account elsewhere may do as well.
func (r Reserve) UnstakeExactOut(lamports, recordLamports uint64, referrer bool) (Unstake, error) {
	if lamports == 0 {
		return Unstake{}, &Error{Op: opUnstake, Pool: r.Address, Reason: ErrZeroAmount}
	}
	balance, err := smallestInput(maxLamports, func(balance uint64) (bool, error) {
		u, err := r.unstake(balance, recordLamports, referrer)
		return u.Out >= lamports, err
	})
	if err != nil {
		return Unstake{}, &Error{Op: opUnstake, Pool: r.Address, Reason: err}
	}
	return r.Unstake(balance, recordLamports, referrer)
}

// Sellable checks that the Reserve takes a stake account from its owner: initialized, not locked up, not even for a custodian, and in
// the owner's hands.
func (r Reserve) Sellable(stake *accounts.StakeAccount, owner solana.PublicKey) error {
	if stake == nil {
		return named(opUnstake, r.Address, fmt.Errorf("%w stake account", accounts.ErrNil))
	}

	reason := OwnedBy(stake, owner)
	switch {
	case stake.State != accounts.StakeInitialized && stake.State != accounts.StakeDelegated:
		reason = ErrStakeUninitialized
	case stake.Lockup.InForce(r.Clock):
		reason = ErrStakeLocked
	}
	return named(opUnstake, r.Address, reason)
}

// OwnedBy checks that a key may withdraw a stake account, which is what it means to own it.
func OwnedBy(stake *accounts.StakeAccount, owner solana.PublicKey) error {
	if stake == nil {
		return fmt.Errorf("%w stake account", accounts.ErrNil)
	}

	if stake.Withdrawer != owner {
		return fmt.Errorf("%w: %s may withdraw it, not %s", ErrStakeOwner, stake.Withdrawer, owner)
	}
	return nil
}

func (r Reserve) unstake(lamports, recordLamports uint64, referrer bool) (Unstake, error) {
	switch {
	case lamports == 0:
		return Unstake{}, ErrZeroAmount
	case r.EpochRewardsActive:
		return Unstake{}, ErrEpochRewards
	}
	recordRent, err := r.Rent.MinimumBalance(accounts.ReserveRecordSpace)
	if err != nil {
		return Unstake{}, err
	}
	// The rent leaves the pool before the fee is computed.
	u := Unstake{In: lamports, RecordRent: fixed.SaturatingSub(recordRent, recordLamports), Pool: r.Pool}
	liquidity, err := fixed.Sub(r.Lamports, u.RecordRent)
	if err != nil {
		return u, fmt.Errorf("%w: %d lamports", ErrInsufficientReserve, r.Lamports)
	}
	if u.Fee, err = r.fee(lamports, liquidity); err != nil {
		return u, err
	}
	var c fixed.Calc
	u.Out = c.Sub(lamports, u.Fee)
	u.ProtocolFee = part(&c, u.Fee, r.ProtocolFee.FeeRatio)
	if referrer {
		u.ReferrerFee = part(&c, u.ProtocolFee, r.ProtocolFee.ReferrerFeeRatio)
	}
	paid := c.Add(u.Out, u.ProtocolFee)
	u.Pool.IncomingStake = c.Add(u.Pool.IncomingStake, lamports)
	u.Pool.RecordRent = c.Add(u.Pool.RecordRent, u.RecordRent)
	if c.Err() != nil {
		return u, tooLargeUnlessInvalid(c.Err())
	}
	if u.ReferrerFee > u.ProtocolFee {
		return u, fmt.Errorf("%w: a referrer's part of %d lamports of %d", ErrInvalidState, u.ReferrerFee, u.ProtocolFee)
	}
	if u.Lamports, err = fixed.Sub(liquidity, paid); err != nil {
		return u, fmt.Errorf("%w: %d lamports, not %d", ErrInsufficientReserve, liquidity, paid)
	}
	return u, keepsRent(r.Rent, u.Lamports)
}

// UnstakeFor is about how many lamports of a stake account the Reserve pays so many for, as the Router reckons it: from the state before
// the rent of the record leaves the pool, and rounded up. The sale may still pay a lamport less if the pool is almost empty.
func (r Reserve) UnstakeFor(out uint64) (uint64, error) {
	in, err := r.unstakeFor(out)
	if err != nil {
		return 0, &Error{Op: opUnstake, Pool: r.Address, Reason: err}
	}
	return in, nil
}

func (r Reserve) unstakeFor(out uint64) (uint64, error) {
	if out == 0 {
		return 0, ErrZeroAmount
	}
	rate, err := r.rateFor(out)
	if err != nil {
		return 0, err
	}
	kept := whole(1).sub(rate)
	if kept.Sign() <= 0 {
		return 0, fmt.Errorf("%w: the fee takes everything", ErrInsufficientReserve)
	}
	in := whole(out).div(kept).ceil()
	if !in.IsUint64() {
		return 0, errTooLarge(fixed.ErrOverflow)
	}
	return in.Uint64(), nil
}

// rateFor is the fee rate for a sale that pays so much: flat, or on the line between the two rates.
func (r Reserve) rateFor(out uint64) (decimal, error) {
	least, slope, err := r.line()
	if err != nil || r.Fee.Kind == accounts.ReserveFeeFlat {
		return least, err
	}
	owned := whole(r.Pool.IncomingStake).add(whole(r.Lamports))
	if owned.Sign() == 0 {
		return decimal{}, fmt.Errorf("%w: it is empty", ErrInsufficientReserve)
	}
	used := whole(r.Pool.IncomingStake).add(whole(out))
	return slope.mul(used).div(owned).add(least), nil
}

// part is a fraction of an amount, rounded down. The program takes fractions above one, too.
func part(c *fixed.Calc, amount uint64, f accounts.Ratio) uint64 {
	if f.Denominator == 0 {
		c.Fail(fmt.Errorf("%w: part of %d/0", ErrInvalidState, f.Numerator))
		return 0
	}
	return c.MulDivFloor(amount, f.Numerator, f.Denominator)
}

// fee is what the Reserve keeps of a stake account, rounded up, given the lamports it can pay with.
func (r Reserve) fee(lamports, liquidity uint64) (uint64, error) {
	rate, err := r.rate(lamports, liquidity)
	if err != nil {
		return 0, err
	}
	fee := whole(lamports).mul(rate).ceil()
	if !fee.IsUint64() || fee.Uint64() > lamports {
		return 0, fmt.Errorf("%w: the fee exceeds the stake account", ErrInsufficientReserve)
	}
	return fee.Uint64(), nil
}

// rate is the fee rate for a stake account: flat, or on the line between the two rates at the point where the trade leaves the pool.
func (r Reserve) rate(lamports, liquidity uint64) (decimal, error) {
	least, slope, err := r.line()
	if err != nil || r.Fee.Kind == accounts.ReserveFeeFlat {
		return least, err
	}
	owned := whole(r.Pool.IncomingStake).add(whole(liquidity))
	n := owned.mul(least).div(slope).add(whole(r.Pool.IncomingStake)).add(whole(lamports))
	return n.div(owned.div(slope).add(whole(lamports))), nil
}

// line is the fee rate while nothing is used, and how much it rises until all is. A flat fee does not rise.
func (r Reserve) line() (least, slope decimal, err error) {
	if r.Fee.Kind == accounts.ReserveFeeFlat {
		least, err = ratioOf(r.Fee.Flat)
		return least, slope, err
	}
	if least, err = ratioOf(r.Fee.MaxLiqRemaining); err != nil {
		return least, slope, err
	}
	most, err := ratioOf(r.Fee.ZeroLiqRemaining)
	if err != nil {
		return least, slope, err
	}
	if slope = most.sub(least); slope.Sign() <= 0 {
		return least, slope, fmt.Errorf("%w: a fee that does not rise", ErrInvalidState)
	}
	return least, slope, nil
}

// decimal is the Reserve's fixed-point number with twelve decimals. Products and quotients are rounded to the nearest in the way the
// program does it.
type decimal struct{ *big.Int }

var (
	decimalOne  = big.NewInt(1_000_000_000_000)
	decimalHalf = big.NewInt(500_000_000_000)
)

func whole(n uint64) decimal {
	return decimal{new(big.Int).Mul(new(big.Int).SetUint64(n), decimalOne)}
}

func ratioOf(r accounts.Ratio) (decimal, error) {
	if r.Denominator == 0 || r.Numerator > r.Denominator {
		return decimal{}, fmt.Errorf("%w: fee of %d/%d", ErrInvalidState, r.Numerator, r.Denominator)
	}
	return whole(r.Numerator).div(whole(r.Denominator)), nil
}

func (d decimal) add(o decimal) decimal { return decimal{new(big.Int).Add(d.Int, o.Int)} }
func (d decimal) sub(o decimal) decimal { return decimal{new(big.Int).Sub(d.Int, o.Int)} }

// mul rounds like the program, though here one factor is always whole, so that nothing is left to round.
func (d decimal) mul(o decimal) decimal {
	n := new(big.Int).Mul(d.Int, o.Int)
	return decimal{n.Quo(n.Add(n, decimalHalf), decimalOne)}
}

// div adds half of one, not half of the divisor, before it rounds down.
func (d decimal) div(o decimal) decimal {
	n := new(big.Int).Mul(d.Int, decimalOne)
	return decimal{n.Quo(n.Add(n, decimalHalf), o.Int)}
}

func (d decimal) ceil() *big.Int {
	n := new(big.Int).Add(d.Int, decimalOne)
	return n.Quo(n.Sub(n, big.NewInt(1)), decimalOne)
}

// owned is all that belongs to the holders of the LP token, in lamports.
func (r Reserve) owned() (uint64, error) {
	var c fixed.Calc
	total := c.Add(r.Lamports, r.Pool.IncomingStake, r.Pool.RecordRent)
	return total, errTooLarge(c.Err())
}

// LPPrice is the value of the LP token.
func (r Reserve) LPPrice() (Price, error) {
	owned, err := r.owned()
	return Price{Lamports: owned, Tokens: r.LPSupply}, err
}

// AddLiquidity is how many LP tokens a deposit of lamports yields, rounded down.
func (r Reserve) AddLiquidity(lamports uint64) (uint64, error) {
	minted, err := r.addLiquidity(lamports)
	if err != nil {
		return 0, &Error{Op: opAddLiquidity, Pool: r.Address, Reason: err}
	}
	return minted, nil
}

func (r Reserve) addLiquidity(lamports uint64) (uint64, error) {
	owned, err := r.owned()
	if err != nil {
		return 0, err
	}
	if lamports == 0 {
		return 0, ErrZeroAmount
	}
	var c fixed.Calc
	var minted uint64
	if owned == 0 || r.LPSupply == 0 {
		minted = c.Sub(c.Add(lamports, owned), r.LPSupply)
	} else {
		minted = c.MulDivFloor(lamports, r.LPSupply, owned)
	}
	held := c.Add(r.Lamports, lamports)
	switch {
	case c.Err() != nil:
		return 0, errTooLarge(c.Err())
	case minted == 0:
		return 0, ErrTooSmall
	}
	// A pool whose SOL account is empty must get its rent with the first deposit: the runtime does not allow less.
	rent, err := r.Rent.MinimumBalance(0)
	if err == nil && held < rent {
		err = fmt.Errorf("%w: the pool would have %d lamports, less than the rent of %d", ErrTooSmall, held, rent)
	}
	return minted, err
}

// RemoveLiquidity is how many lamports LP tokens yield, rounded down.
func (r Reserve) RemoveLiquidity(lp uint64) (uint64, error) {
	lamports, err := r.removeLiquidity(lp)
	if err != nil {
		return 0, &Error{Op: opRemoveLiquidity, Pool: r.Address, Reason: err}
	}
	return lamports, nil
}

func (r Reserve) removeLiquidity(lp uint64) (uint64, error) {
	if lp == 0 {
		return 0, ErrZeroAmount
	}
	owned, err := r.owned()
	if err != nil {
		return 0, err
	}
	if lp > r.LPSupply {
		return 0, fmt.Errorf("%w: only %d LP tokens exist", ErrTooLarge, r.LPSupply)
	}
	lamports, err := fixed.MulDivFloor(lp, owned, r.LPSupply)
	if err != nil {
		return 0, errTooLarge(err)
	}
	left, err := fixed.Sub(r.Lamports, lamports)
	if err != nil {
		return 0, fmt.Errorf("%w: %d lamports, not %d", ErrInsufficientReserve, r.Lamports, lamports)
	}
	return lamports, keepsRent(r.Rent, left)
}
