package quote

import (
	"fmt"

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
	p := r.Prepare()
	var why Refusal
	u, ok := p.Unstake(lamports, recordLamports, referrer, &why)
	return answer(r.sold(u), ok, &why)
}

// UnstakeExactOut quotes the smallest stake account for which its owner receives at least so many lamports, while one lamport less
// would yield fewer. For large amounts the fee's own rounding makes the payout step by some lamports either way, so that a smaller
// account elsewhere may do as well.
func (r Reserve) UnstakeExactOut(lamports, recordLamports uint64, referrer bool) (Unstake, error) {
	p := r.Prepare()
	var why Refusal
	u, ok := p.UnstakeExactOut(lamports, recordLamports, referrer, &why)
	return answer(r.sold(u), ok, &why)
}

// sold is a sale with the pool afterwards.
func (r *Reserve) sold(u UnstakePrice) Unstake {
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

// Sellable checks that the Reserve takes a stake account from its owner: initialized, not locked up, not even for a custodian, and in
// the owner's hands.
func (r Reserve) Sellable(stake *accounts.StakeAccount, owner solana.PublicKey) error {
	var why Refusal
	r.Prepare().Sellable(stake, owner, &why)
	return why.Err()
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
	line, err := newReserveLine(r.Fee)
	if err != nil || line.flat {
		return part12(line.least), err
	}
	least, slope := part12(line.least), part12(line.slope)
	owned := whole(r.Pool.IncomingStake).add(whole(r.Lamports))
	if owned.Sign() == 0 {
		return decimal{}, fmt.Errorf("%w: it is empty", ErrInsufficientReserve)
	}
	used := whole(r.Pool.IncomingStake).add(whole(out))
	return slope.mul(used).div(owned).add(least), nil
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
func (r Reserve) RemoveLiquidity(lpTokens uint64) (uint64, error) {
	lamports, err := r.removeLiquidity(lpTokens)
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
