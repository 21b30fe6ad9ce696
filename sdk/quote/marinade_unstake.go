package quote

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// ErrTicketNotDue is returned by [MarinadeState.Claim] before the ticket of a
// delayed unstake is due, see [MarinadeState.ClaimableAt].
var ErrTicketNotDue = errors.New("ticket is not due yet")

// marinadeClaimDelay is the delay in seconds after the start of a ticket's due
// epoch before Marinade pays it.
const marinadeClaimDelay = 30 * 60

// MarinadeLiquidUnstake is the outcome of a LiquidUnstake instruction: base
// units of mSOL for lamports from the liquidity pool.
type MarinadeLiquidUnstake struct {
	MSOL     uint64
	Lamports uint64
	// FeeBps is the fee rate in basis points. It depends on the liquidity that
	// remains.
	FeeBps uint32
	// Fee is the part of the mSOL that is not paid for. Treasury is the
	// treasury's part of it, and the liquidity pool receives the rest.
	Fee      uint64
	Treasury uint64
	// ToLeg is the mSOL that the liquidity pool receives: MSOL less Treasury.
	ToLeg uint64
}

// LiquidUnstake quotes the sale of mSOL to the liquidity pool, rounded down.
// The fee rate rises in steps of one basis point with the size of the sale.
// Just above a step, a larger amount pays up to 0.01 % less than the amount
// just below it.
func (m MarinadeState) LiquidUnstake(msol uint64) (MarinadeLiquidUnstake, error) {
	var r Refusal
	u, ok := m.prepare().LiquidUnstake(msol, &r)
	return answer(u, ok, &r)
}

// LiquidUnstakeExactOut quotes the smallest amount of mSOL that pays at least
// lamports, and at least Marinade's minimum withdrawal. A slightly larger
// amount may pay less, as the fee rises in steps. The payout exceeds lamports
// by less than the value of one base unit of mSOL, unless the minimum
// withdrawal applies.
func (m MarinadeState) LiquidUnstakeExactOut(lamports uint64) (MarinadeLiquidUnstake, error) {
	var r Refusal
	u, ok := m.prepare().LiquidUnstakeExactOut(lamports, &r)
	return answer(u, ok, &r)
}

// MarinadeOrder is the outcome of an OrderUnstake instruction: base units of
// mSOL are burned for a ticket over lamports.
type MarinadeOrder struct {
	MSOL uint64
	// Lamports is the value of the ticket.
	Lamports uint64
	// Fee is the part of the mSOL's value that is not paid, in lamports. It
	// raises the value of all other mSOL.
	Fee uint64
	// CreatedEpoch is the creation epoch of the ticket, see
	// [MarinadeState.ClaimableAt].
	CreatedEpoch uint64
	// Rent is the rent of the ticket account, in lamports. The beneficiary
	// receives it with the payment of the ticket.
	Rent uint64
}

// OrderUnstake quotes a ticket for mSOL, rounded down. Marinade would issue a
// ticket over zero lamports, which cannot be claimed; OrderUnstake refuses it
// with [ErrAmountTooSmall].
func (m MarinadeState) OrderUnstake(msol uint64) (MarinadeOrder, error) {
	var r Refusal
	o, ok := m.prepare().OrderUnstake(msol, &r)
	return answer(o, ok, &r)
}

// OrderUnstakeExactOut quotes the smallest amount of mSOL for a ticket over at
// least the given lamports.
func (m MarinadeState) OrderUnstakeExactOut(lamports uint64) (MarinadeOrder, error) {
	var r Refusal
	o, ok := m.prepare().OrderUnstakeExactOut(lamports, &r)
	return answer(o, ok, &r)
}

// ClaimableAt returns when a ticket is due: the epoch, and the seconds after
// its start. In later epochs a ticket is due from the start. The reserve must
// also hold enough lamports, see [MarinadeState.Claim].
func (m MarinadeState) ClaimableAt(
	ticket *accounts.MarinadeTicket,
) (epoch uint64, seconds int64, err error) {
	if ticket == nil {
		return 0, 0, m.fail(opClaim, fmt.Errorf("%w ticket", accounts.ErrNil))
	}

	epoch, err = fixed.Add(ticket.CreatedEpoch, 1)
	if err != nil {
		return 0, 0, m.fail(opClaim,
			fmt.Errorf("%w: the due epoch of the ticket overflows", ErrInvalidState))
	}
	return epoch, marinadeClaimDelay, nil
}

// MarinadeClaim is the outcome of a Claim instruction.
type MarinadeClaim struct {
	// Lamports are paid by the reserve. Rent is paid by the ticket account,
	// which is closed. The beneficiary receives both.
	Lamports uint64
	Rent     uint64
}

// Claim quotes the payment of a ticket whose account holds the given lamports.
// It fails with [ErrTicketNotDue] before the time of
// [MarinadeState.ClaimableAt], and with [ErrInsufficientReserve] until Marinade
// has collected enough stake to pay.
func (m MarinadeState) Claim(
	ticket *accounts.MarinadeTicket,
	lamports uint64,
) (MarinadeClaim, error) {
	if err := m.checkClaim(ticket); err != nil {
		return MarinadeClaim{}, named(opClaim, m.Address, err)
	}
	return MarinadeClaim{Lamports: ticket.Lamports, Rent: lamports}, nil
}

func (m MarinadeState) checkClaim(ticket *accounts.MarinadeTicket) error {
	if ticket == nil {
		return fmt.Errorf("%w ticket", accounts.ErrNil)
	}

	switch {
	case m.State.Paused:
		return errMarinadePaused
	case ticket.State != m.Address:
		return fmt.Errorf("%w: the ticket belongs to the Marinade state %s", ErrInvalidState,
			ticket.State)
	case ticket.Lamports == 0:
		return fmt.Errorf("%w: the ticket is already paid", ErrZeroAmount)
	}

	epoch, wait, err := m.ClaimableAt(ticket)
	passed := m.Clock.UnixTimestamp - m.Clock.EpochStartTimestamp
	switch {
	case err != nil:
		return err
	case m.Clock.Epoch < epoch:
		return fmt.Errorf("%w: it is due in epoch %d", ErrTicketNotDue, epoch)
	case m.Clock.Epoch == epoch && passed < wait:
		return fmt.Errorf("%w: it is due in %d seconds", ErrTicketNotDue, wait-passed)
	}

	s := &m.State
	available := fixed.SaturatingSub(m.ReserveLamports, s.RentExemptForTokenAcc)
	switch {
	case ticket.Lamports > available:
		return fmt.Errorf("%w: %d lamports available, %d needed", ErrInsufficientReserve, available,
			ticket.Lamports)
	case ticket.Lamports > min(s.CirculatingTicketBalance, s.AvailableReserveBalance) ||
		s.CirculatingTicketCount == 0:
		return fmt.Errorf("%w: the ticket exceeds Marinade's counters of open tickets",
			ErrInvalidState)
	}

	return keepsRent(m.Rent, m.ReserveLamports-ticket.Lamports)
}
