package quote

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The operations of a stake pool, as errors name them.
const (
	opDepositSol    = "deposit SOL"
	opWithdrawSol   = "withdraw SOL"
	opDepositStake  = "deposit stake"
	opWithdrawStake = "withdraw stake"
	opUpdate        = "update pool balance"
)

// calc is the stake pool program's arithmetic on top of checked integers.
type calc struct{ fixed.Calc }

// refusal is the error for a calculation that failed.
func (c *calc) refusal() error {
	if err := c.Err(); !errors.Is(err, fixed.ErrOverflow) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrTooLarge, fixed.ErrOverflow)
}

// tokensFor is what the program mints for lamports, rounded down.
func (c *calc) tokensFor(pool accounts.StakePool, lamports uint64) uint64 {
	if pool.TotalLamports == 0 || pool.PoolTokenSupply == 0 {
		return lamports
	}
	return c.MulDivFloor(lamports, pool.PoolTokenSupply, pool.TotalLamports)
}

// lamportsFor is what the program pays for tokens, rounded down.
func (c *calc) lamportsFor(pool accounts.StakePool, tokens uint64) uint64 {
	if pool.PoolTokenSupply == 0 {
		return 0
	}
	return c.MulDivFloor(tokens, pool.TotalLamports, pool.PoolTokenSupply)
}

// fee is a percentage fee, rounded as the build does.
func (c *calc) fee(s StakePool, f accounts.Fee, amount uint64) uint64 {
	switch {
	case f.Denominator == 0:
		return 0
	case f.Numerator > f.Denominator:
		c.Fail(fmt.Errorf("%w: fee of %d/%d", ErrInvalidState, f.Numerator, f.Denominator))
		return 0
	case s.trial == FeesRoundDown:
		return c.MulDivFloor(amount, f.Numerator, f.Denominator)
	}
	return c.MulDivCeil(amount, f.Numerator, f.Denominator)
}

// referral is the referrer's percentage of a fee, rounded down in all builds.
func (c *calc) referral(percent uint8, fee uint64) uint64 {
	return c.MulDivFloor(fee, uint64(percent), 100)
}

// grows fails if the pool's counters would overflow.
func (c *calc) grows(pool accounts.StakePool, lamports, tokens uint64) {
	c.Add(pool.TotalLamports, lamports)
	c.Add(pool.PoolTokenSupply, tokens)
}

// shrinks fails if the pool's counters would become negative.
func (c *calc) shrinks(pool accounts.StakePool, lamports, tokens uint64) {
	c.Sub(pool.TotalLamports, lamports)
	c.Sub(pool.PoolTokenSupply, tokens)
}

// beforeFee is the smallest amount of which at least net is left after the fee.
func (s StakePool) beforeFee(f accounts.Fee, net uint64) (uint64, error) {
	if f.Denominator == 0 || net == 0 {
		return net, nil
	}
	if f.Numerator >= f.Denominator {
		return 0, fmt.Errorf("%w: the fee takes everything", ErrTooLarge)
	}
	kept := f.Denominator - f.Numerator
	var gross uint64
	var err error
	if s.trial == FeesRoundDown {
		// What is left is ceil(gross*kept/denominator), which first reaches net one above the floor for net-1.
		if gross, err = fixed.MulDivFloor(net-1, f.Denominator, kept); err == nil {
			gross, err = fixed.Add(gross, 1)
		}
	} else {
		// What is left is floor(gross*kept/denominator).
		gross, err = fixed.MulDivCeil(net, f.Denominator, kept)
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	return gross, nil
}

// lamportsForMint is the smallest deposit for which the program mints at least so many tokens.
func (s StakePool) lamportsForMint(tokens uint64) (uint64, error) {
	if s.State.TotalLamports == 0 || s.State.PoolTokenSupply == 0 {
		return tokens, nil
	}
	lamports, err := fixed.MulDivCeil(tokens, s.State.TotalLamports, s.State.PoolTokenSupply)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	return lamports, nil
}

// stakeDepositAuthorized checks the authority over stake deposits, which is an address of the program itself in a pool that
// takes stake from anybody.
func (s StakePool) stakeDepositAuthorized() error {
	permissionless, err := accounts.StakePoolDepositAuthority(s.Program, s.Address)
	if err != nil || s.State.StakeDepositAuthority == permissionless {
		return err
	}
	return s.authorized(&s.State.StakeDepositAuthority)
}
