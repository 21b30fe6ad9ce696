package quote

import (
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The scales of Marinade's fees: basis points for the fees of its liquidity
// pool, hundredths of a basis point for all others.
const (
	marinadeBpsScale = fixed.BasisPoints
	marinadeFeeScale = 1_000_000
)

var (
	errMarinadePaused     = fmt.Errorf("%w: Marinade is paused", ErrDisabled)
	errMarinadeTakesAll   = fmt.Errorf("%w: the fee consumes the whole amount", ErrAmountTooLarge)
	errMarinadeKeepsStake = fmt.Errorf("%w: Marinade does not allow withdrawals of stake accounts",
		ErrDisabled)
)

// marinadeRate is the exchange rate of mSOL.
type marinadeRate struct {
	// controlled are all lamports that Marinade controls. lamports are those
	// that belong to mSOL: the others are owed to tickets.
	controlled, lamports uint64
	// supply is the program's own counter of mSOL.
	supply uint64
}

func marinadeRateOf(state *accounts.MarinadeState) (marinadeRate, error) {
	var c fixed.Calc
	total := c.Add(state.ValidatorSystem.TotalActiveBalance,
		state.StakeSystem.DelayedUnstakeCoolingDown, state.EmergencyCoolingDown,
		state.AvailableReserveBalance)
	if err := c.Err(); err != nil {
		return marinadeRate{}, fmt.Errorf("%w: %w", ErrInvalidState, err)
	}

	return marinadeRate{
		controlled: total,
		lamports:   fixed.SaturatingSub(total, state.CirculatingTicketBalance),
		supply:     state.MSOLSupply,
	}, nil
}

// toSOL returns the value of mSOL in lamports, rounded down.
func (r marinadeRate) toSOL(c *fixed.Calc, msol uint64) uint64 {
	if r.supply == 0 {
		return msol
	}
	return c.MulDivFloor(msol, r.lamports, r.supply)
}

// toMSOL returns the mSOL that the program mints for lamports, rounded down.
func (r marinadeRate) toMSOL(c *fixed.Calc, lamports uint64) uint64 {
	if r.supply == 0 || r.lamports == 0 {
		return lamports
	}
	return c.MulDivFloor(lamports, r.supply, r.lamports)
}

// lamportsFor returns the smallest number of lamports that is worth at least
// msol.
func (r marinadeRate) lamportsFor(c *fixed.Calc, msol uint64) uint64 {
	if r.supply == 0 || r.lamports == 0 {
		return msol
	}
	return c.MulDivCeil(msol, r.lamports, r.supply)
}

// msolFor returns the smallest amount of mSOL that is worth at least lamports.
// It fails if mSOL is worthless.
func (r marinadeRate) msolFor(c *fixed.Calc, lamports uint64) uint64 {
	if r.supply == 0 {
		return lamports
	}
	return c.MulDivCeil(lamports, r.supply, r.lamports)
}

// marinadeFee is a fee in parts of scale. Marinade rounds all its fees down.
type marinadeFee struct {
	parts, scale uint64
	// invalid is the error if the program refuses the fee, or nil.
	invalid error
}

func newMarinadeFee(parts uint32, scale uint64) marinadeFee {
	f := marinadeFee{parts: uint64(parts), scale: scale}
	if f.parts > scale {
		f.invalid = fmt.Errorf("%w: a fee of %d/%d", ErrInvalidState, parts, scale)
	}
	return f
}

// of returns the fee on an amount.
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

// before returns the smallest amount that leaves at least net after the fee.
func (f *marinadeFee) before(c *fixed.Calc, net uint64) uint64 {
	switch {
	case net == 0 || f.parts == 0:
		return net
	case f.parts >= f.scale:
		c.Fail(errMarinadeTakesAll)
		return 0
	}
	// The rest is gross*(scale-fee)/scale rounded up. It first reaches net just
	// above gross = (net-1)*scale/(scale-fee).
	return c.Plus(c.MulDivFloor(net-1, f.scale, f.scale-f.parts), 1)
}
