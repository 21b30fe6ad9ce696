package quote

import (
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Units of Marinade's fees: basis points for those of its liquidity pool, hundredths of them for all others.
const (
	marinadeBpsScale = fixed.BasisPoints
	marinadeFeeScale = 1_000_000
)

var (
	errMarinadePaused     = fmt.Errorf("%w: Marinade is paused", ErrDisabled)
	errMarinadeTakesAll   = fmt.Errorf("%w: the fee takes everything", ErrTooLarge)
	errMarinadeKeepsStake = fmt.Errorf("%w: Marinade's stake accounts cannot be withdrawn", ErrDisabled)
)

// marinadeRate is what mSOL is worth.
type marinadeRate struct {
	// controlled are all lamports in Marinade's hands, lamports those of them that belong to mSOL: the others are owed to tickets.
	controlled, lamports uint64
	// supply is the program's own counter of mSOL.
	supply uint64
}

func marinadeRateOf(state *accounts.MarinadeState) (marinadeRate, error) {
	var c fixed.Calc
	total := c.Add(state.ValidatorSystem.TotalActiveBalance, state.StakeSystem.DelayedUnstakeCoolingDown, state.EmergencyCoolingDown,
		state.AvailableReserveBalance)
	if err := c.Err(); err != nil {
		return marinadeRate{}, fmt.Errorf("%w: %w", ErrInvalidState, err)
	}
	return marinadeRate{controlled: total, lamports: fixed.SaturatingSub(total, state.CirculatingTicketBalance), supply: state.MSOLSupply}, nil
}

// toSOL is what the program takes mSOL to be worth, rounded down.
func (r marinadeRate) toSOL(c *fixed.Calc, msol uint64) uint64 {
	if r.supply == 0 {
		return msol
	}
	return c.MulDivFloor(msol, r.lamports, r.supply)
}

// toMSOL is how much mSOL the program gives for lamports, rounded down.
func (r marinadeRate) toMSOL(c *fixed.Calc, lamports uint64) uint64 {
	if r.supply == 0 || r.lamports == 0 {
		return lamports
	}
	return c.MulDivFloor(lamports, r.supply, r.lamports)
}

// lamportsFor is the fewest lamports that are worth at least so much mSOL.
func (r marinadeRate) lamportsFor(c *fixed.Calc, msol uint64) uint64 {
	if r.supply == 0 || r.lamports == 0 {
		return msol
	}
	return c.MulDivCeil(msol, r.lamports, r.supply)
}

// msolFor is the least mSOL that is worth at least so many lamports. Nothing is if mSOL is worthless.
func (r marinadeRate) msolFor(c *fixed.Calc, lamports uint64) uint64 {
	if r.supply == 0 {
		return lamports
	}
	return c.MulDivCeil(lamports, r.supply, r.lamports)
}

// marinadeFee is a fee in parts of scale, rounded down as all of Marinade's are.
type marinadeFee struct {
	parts, scale uint64
	// invalid is set if the program refuses the fee.
	invalid error
}

func newMarinadeFee(parts uint32, scale uint64) marinadeFee {
	f := marinadeFee{parts: uint64(parts), scale: scale}
	if f.parts > scale {
		f.invalid = fmt.Errorf("%w: fee of %d/%d", ErrInvalidState, parts, scale)
	}
	return f
}

// of is the fee on an amount.
func (f *marinadeFee) of(c *fixed.Calc, amount uint64) uint64 {
	switch {
	case f.invalid != nil:
		c.Fail(f.invalid)
		return 0
	case f.parts == 0:
		return 0
	}
	return c.MulDivFloor(amount, f.parts, f.scale)
}

// before is the smallest amount of which at least net is left after the fee.
func (f *marinadeFee) before(c *fixed.Calc, net uint64) uint64 {
	switch {
	case net == 0 || f.parts == 0:
		return net
	case f.parts >= f.scale:
		c.Fail(errMarinadeTakesAll)
		return 0
	}
	// What is left is gross*(scale-fee)/scale rounded up, which first reaches net just above (net-1)*scale/(scale-fee).
	return c.Plus(c.MulDivFloor(net-1, f.scale, f.scale-f.parts), 1)
}
