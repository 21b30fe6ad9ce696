package quote

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// ErrTicketNotDue says that a ticket of a delayed unstake is not paid yet.
var ErrTicketNotDue = errors.New("ticket is not due")

// marinadeClaimDelay is how many seconds into the first epoch in which a ticket
// is due Marinade begins to pay.
const marinadeClaimDelay = 30 * 60

// MarinadeLiquidUnstake is the outcome of LiquidUnstake. Base units of mSOL go
// in, lamports come out of the liquidity pool.
type MarinadeLiquidUnstake struct {
	MSOL     uint64
	Lamports uint64
	// FeeBps is the rate of the fee in basis points, which the liquidity that
	// is left decides.
	FeeBps uint32
	// Fee is the part of the mSOL that is not paid for. Treasury is the
	// treasury's part of it, the rest is for the liquidity pool.
	Fee      uint64
	Treasury uint64
	// ToLeg is what the liquidity pool receives: all mSOL but the treasury's.
	ToLeg uint64
}

// LiquidUnstake quotes the sale of mSOL to the liquidity pool, rounded down.
// The fee rises in steps with the size of the sale. Where it crosses a step,
// the next amounts pay less than the one before, by up to a hundredth of a
// percent.
func (m MarinadeState) LiquidUnstake(msol uint64) (MarinadeLiquidUnstake, error) {
	var r Refusal
	u, ok := m.prepare().LiquidUnstake(msol, &r)
	return answer(u, ok, &r)
}

// LiquidUnstakeExactOut quotes the least mSOL that pays at least so many
// lamports. All less pays less, while some more may pay less, too, for the fee
// rises in steps. The outcome exceeds what was asked for by less than the value
// of a base unit, or is Marinade's least withdrawal.
func (m MarinadeState) LiquidUnstakeExactOut(lamports uint64) (MarinadeLiquidUnstake, error) {
	var r Refusal
	u, ok := m.prepare().LiquidUnstakeExactOut(lamports, &r)
	return answer(u, ok, &r)
}

// MarinadeOrder is the outcome of OrderUnstake. Base units of mSOL are burned
// for a ticket over lamports.
type MarinadeOrder struct {
	MSOL uint64
	// Lamports is what the ticket is worth.
	Lamports uint64
	// Fee is the part of the mSOL's value that is not paid, in lamports. It
	// raises the value of all other mSOL.
	Fee uint64
	// CreatedEpoch is the epoch that the ticket has, see
	// [MarinadeState.ClaimableAt].
	CreatedEpoch uint64
	// Rent is what the account of the ticket has to hold, in lamports. Whoever
	// is paid receives it, too.
	Rent uint64
}

// OrderUnstake quotes a ticket for mSOL, rounded down. Marinade would give a
// ticket over nothing, which cannot be claimed; this is refused here with
// [ErrAmountTooSmall].
func (m MarinadeState) OrderUnstake(msol uint64) (MarinadeOrder, error) {
	var r Refusal
	o, ok := m.prepare().OrderUnstake(msol, &r)
	return answer(o, ok, &r)
}

// OrderUnstakeExactOut quotes the least mSOL for a ticket over at least so many
// lamports.
func (m MarinadeState) OrderUnstakeExactOut(lamports uint64) (MarinadeOrder, error) {
	var r Refusal
	o, ok := m.prepare().OrderUnstakeExactOut(lamports, &r)
	return answer(o, ok, &r)
}

// ClaimableAt is when a ticket is due: in an epoch, so many seconds after it
// began. In any later epoch it is due at once. Whether the reserve can pay it
// then is another matter.
func (m MarinadeState) ClaimableAt(
	ticket *accounts.MarinadeTicket,
) (epoch uint64, seconds int64, err error) {
	if ticket == nil {
		return 0, 0, m.fail(opClaim, fmt.Errorf("%w ticket", accounts.ErrNil))
	}

	epoch, err = fixed.Add(ticket.CreatedEpoch, 1)
	if err != nil {
		return 0, 0, m.fail(opClaim, fmt.Errorf("%w: a ticket without end", ErrInvalidState))
	}
	return epoch, marinadeClaimDelay, nil
}

// MarinadeClaim is the outcome of Claim.
type MarinadeClaim struct {
	// Lamports are paid by the reserve, Rent by the ticket's account, which is
	// closed. The beneficiary receives both.
	Lamports uint64
	Rent     uint64
}

// Claim quotes the payment of a ticket whose account holds so many lamports. It
// fails with [ErrTicketNotDue] before the time that [MarinadeState.ClaimableAt]
// tells, and with [ErrInsufficientReserve] while the reserve cannot pay, which
// passes when Marinade has collected more stake.
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
		return fmt.Errorf("%w: the ticket is of the state %s", ErrInvalidState, ticket.State)
	case ticket.Lamports == 0:
		return fmt.Errorf("%w: the ticket is paid", ErrZeroAmount)
	}

	epoch, wait, err := m.ClaimableAt(ticket)
	passed := m.Clock.UnixTimestamp - m.Clock.EpochStartTimestamp
	switch {
	case err != nil:
		return err
	case m.Clock.Epoch < epoch:
		return fmt.Errorf("%w before epoch %d", ErrTicketNotDue, epoch)
	case m.Clock.Epoch == epoch && passed < wait:
		return fmt.Errorf("%w for another %d seconds", ErrTicketNotDue, wait-passed)
	}

	s := &m.State
	available := fixed.SaturatingSub(m.ReserveLamports, s.RentExemptForTokenAcc)
	switch {
	case ticket.Lamports > available:
		return fmt.Errorf("%w: %d lamports, not %d", ErrInsufficientReserve, available,
			ticket.Lamports)
	case ticket.Lamports > min(s.CirculatingTicketBalance, s.AvailableReserveBalance) ||
		s.CirculatingTicketCount == 0:
		return fmt.Errorf("%w: the ticket is worth more than Marinade's counters hold",
			ErrInvalidState)
	}

	return keepsRent(m.Rent, m.ReserveLamports-ticket.Lamports)
}
