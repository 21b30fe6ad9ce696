package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// ReserveState holds the state that determines the Sanctum Reserve's price of a
// stake account.
type ReserveState struct {
	// Address is the address of the pool, which names it in errors.
	Address     solana.PublicKey
	Pool        accounts.ReservePool
	Fee         accounts.ReserveFee
	ProtocolFee accounts.ReserveProtocolFee
	// Lamports is the balance of the pool's SOL account.
	Lamports uint64
	Rent     accounts.Rent
	Clock    accounts.Clock
	// LPSupply is the supply of the LP token. Only quotes of liquidity use it.
	LPSupply uint64
	// EpochRewardsActive reports whether staking rewards are being distributed.
	EpochRewardsActive bool
}

// Unstake is the outcome of the sale of a stake account to the Reserve. All
// amounts are lamports.
type Unstake struct {
	// In is the whole balance of the stake account. Out is the amount that its
	// owner receives.
	In, Out uint64
	// Fee is In less Out. ProtocolFee is the protocol's part of Fee, and
	// ReferrerFee the referrer's part of ProtocolFee. The pool keeps the rest.
	Fee, ProtocolFee, ReferrerFee uint64
	// RecordRent is the rent that the pool pays for its record of the account.
	RecordRent uint64
	// Pool and Lamports are the state of the pool after the sale.
	Pool     accounts.ReservePool
	Lamports uint64
}

const opUnstake = "unstake"

// Unstake quotes the sale of a stake account with a balance of lamports.
// recordLamports is the balance of the record account that the pool creates for
// it, normally zero because the account does not exist. With a referrer, a part
// of the protocol's fee goes to the referrer; the seller receives the same
// amount.
func (r ReserveState) Unstake(lamports, recordLamports uint64, referrer bool) (Unstake, error) {
	p := r.Prepare()
	var why Refusal
	u, ok := p.Unstake(lamports, recordLamports, referrer, &why)
	return answer(r.sold(u), ok, &why)
}

// UnstakeExactOut quotes the smallest stake account for which its owner
// receives at least lamports, while an account with one lamport less yields
// fewer. For large amounts the rounding of the fee rate makes the payout
// fluctuate by a few lamports, so an even smaller account may also yield
// enough.
func (r ReserveState) UnstakeExactOut(
	lamports, recordLamports uint64,
	referrer bool,
) (Unstake, error) {
	p := r.Prepare()
	var why Refusal
	u, ok := p.UnstakeExactOut(lamports, recordLamports, referrer, &why)
	return answer(r.sold(u), ok, &why)
}

// sold returns a sale with the state of the pool after it.
func (r *ReserveState) sold(u UnstakePrice) Unstake {
	pool := r.Pool
	pool.IncomingStake += u.In
	pool.RecordRent += u.RecordRent
	return Unstake{
		In:          u.In,
		Out:         u.Out,
		Fee:         u.Fee,
		ProtocolFee: u.ProtocolFee,
		ReferrerFee: u.ReferrerFee,
		RecordRent:  u.RecordRent,
		Pool:        pool,
		Lamports:    u.Lamports,
	}
}

// Sellable checks that the Reserve accepts a stake account from its owner. The
// account must be initialized, without a lockup in force, and have the owner as
// its withdraw authority. A custodian's signature does not lift the lockup. The
// error wraps one of the ErrStake… sentinels.
func (r ReserveState) Sellable(stake *accounts.StakeAccount, owner solana.PublicKey) error {
	var why Refusal
	r.Prepare().Sellable(stake, owner, &why)
	return why.Err()
}

// OwnedBy checks that owner is the withdraw authority of a stake account. The
// error wraps [ErrStakeOwner].
func OwnedBy(stake *accounts.StakeAccount, owner solana.PublicKey) error {
	if stake == nil {
		return fmt.Errorf("%w stake account", accounts.ErrNil)
	}

	if stake.Withdrawer != owner {
		return fmt.Errorf("%w: the withdraw authority is %s, the owner is %s", ErrStakeOwner,
			stake.Withdrawer, owner)
	}
	return nil
}

// UnstakeFor returns the approximate balance of a stake account for which the
// Reserve pays out lamports, by the Router's calculation: from the state before
// the rent of the record leaves the pool, rounded up. If the pool is almost
// empty, the sale may pay one lamport less.
func (r ReserveState) UnstakeFor(out uint64) (uint64, error) {
	in, err := r.unstakeFor(out)
	if err != nil {
		return 0, &Error{
			Op:     opUnstake,
			Pool:   r.Address,
			Reason: err,
		}
	}
	return in, nil
}

func (r ReserveState) unstakeFor(out uint64) (uint64, error) {
	if out == 0 {
		return 0, ErrZeroAmount
	}

	rate, err := r.rateFor(out)
	if err != nil {
		return 0, err
	}

	kept := whole(1).sub(rate)
	if kept.Sign() <= 0 {
		return 0, fmt.Errorf("%w: the fee consumes the whole amount", ErrInsufficientReserve)
	}

	in := whole(out).div(kept).ceil()
	if !in.IsUint64() {
		return 0, errTooLarge(fixed.ErrOverflow)
	}

	return in.Uint64(), nil
}

// rateFor returns the fee rate of a sale that pays out lamports: the flat rate,
// or a point on the line between the two rates.
func (r ReserveState) rateFor(out uint64) (decimal, error) {
	line, err := newReserveLine(r.Fee)
	if err != nil || line.flat {
		return part12(line.least), err
	}

	least, slope := part12(line.least), part12(line.slope)
	owned := whole(r.Pool.IncomingStake).add(whole(r.Lamports))
	if owned.Sign() == 0 {
		return decimal{}, fmt.Errorf("%w: the reserve is empty", ErrInsufficientReserve)
	}

	used := whole(r.Pool.IncomingStake).add(whole(out))

	return slope.mul(used).div(owned).add(least), nil
}

// owned returns all lamports that belong to the holders of the LP token.
func (r ReserveState) owned() (uint64, error) {
	var c fixed.Calc
	total := c.Add(r.Lamports, r.Pool.IncomingStake, r.Pool.RecordRent)
	return total, errTooLarge(c.Err())
}

// LPPrice returns the value of the LP token.
func (r ReserveState) LPPrice() (Price, error) {
	owned, err := r.owned()
	return Price{Lamports: owned, Tokens: r.LPSupply}, err
}

// AddLiquidity returns the number of LP tokens that a deposit of lamports
// yields, in base units, rounded down.
func (r ReserveState) AddLiquidity(lamports uint64) (uint64, error) {
	minted, err := r.addLiquidity(lamports)
	if err != nil {
		return 0, &Error{
			Op:     opAddLiquidity,
			Pool:   r.Address,
			Reason: err,
		}
	}
	return minted, nil
}

func (r ReserveState) addLiquidity(lamports uint64) (uint64, error) {
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
		return 0, ErrAmountTooSmall
	}

	// The first deposit into an empty SOL account must cover its rent: the
	// runtime does not allow a smaller balance.
	rent, err := r.Rent.MinimumBalance(0)
	if err == nil && held < rent {
		err = fmt.Errorf("%w: the pool would hold %d lamports, less than the rent of %d lamports",
			ErrAmountTooSmall, held, rent)
	}

	return minted, err
}

// RemoveLiquidity returns the lamports that LP tokens yield, rounded down.
// lpTokens are base units.
func (r ReserveState) RemoveLiquidity(lpTokens uint64) (uint64, error) {
	lamports, err := r.removeLiquidity(lpTokens)
	if err != nil {
		return 0, &Error{
			Op:     opRemoveLiquidity,
			Pool:   r.Address,
			Reason: err,
		}
	}
	return lamports, nil
}

func (r ReserveState) removeLiquidity(lp uint64) (uint64, error) {
	if lp == 0 {
		return 0, ErrZeroAmount
	}

	owned, err := r.owned()
	if err != nil {
		return 0, err
	}

	if lp > r.LPSupply {
		return 0, fmt.Errorf("%w: the supply of LP tokens is %d base units", ErrAmountTooLarge,
			r.LPSupply)
	}

	lamports, err := fixed.MulDivFloor(lp, owned, r.LPSupply)
	if err != nil {
		return 0, errTooLarge(err)
	}

	left, err := fixed.Sub(r.Lamports, lamports)
	if err != nil {
		return 0, fmt.Errorf("%w: %d lamports available, %d needed", ErrInsufficientReserve,
			r.Lamports,
			lamports)
	}

	return lamports, keepsRent(r.Rent, left)
}
