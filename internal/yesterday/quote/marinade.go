package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// MarinadeVersion is the version of the Marinade program, as far as it decides what users get.
type MarinadeVersion uint8

// The versions there are. Version 2.1 is known from its source only: no build of it has been executed here.
const (
	// MarinadeVersionUnknown stands for a build nobody has looked at. Fees on deposits are then taken as the state says, and stake is
	// withdrawn where both versions allow it.
	MarinadeVersionUnknown MarinadeVersion = iota
	// MarinadeVersion20 takes no fees on deposits.
	MarinadeVersion20
)

// marinadeBuild20 is the hash of the build of version 2.0 that was executed, see accounts.ProgramHash.
const marinadeBuild20 = "d69d4cd7ff7c00df3dfe2191dbb973858de9c36a3114bdbdb65d6cc81c98ed94"

// MarinadeVersionOf tells the version of the build of the program with the given hash.
func MarinadeVersionOf(programHash string) MarinadeVersion {
	if programHash == marinadeBuild20 {
		return MarinadeVersion20
	}
	return MarinadeVersionUnknown
}

// Marinade is everything that decides what Marinade pays at one slot.
type Marinade struct {
	Program solana.PublicKey
	// Address is the state, which names it in errors.
	Address solana.PublicKey
	State   accounts.MarinadeState
	Clock   accounts.Clock
	Rent    accounts.Rent
	// SOLLegLamports and MSOLLegAmount are the balances of the liquidity pool, ReserveLamports that of the reserve.
	SOLLegLamports  uint64
	MSOLLegAmount   uint64
	ReserveLamports uint64
	// MintSupply is the supply of mSOL as the mint has it.
	MintSupply uint64
	// TreasuryUsable says whether the treasury can take its part of fees, see [MarinadeTreasuryUsable]. If not, it gets none.
	TreasuryUsable bool
	// StakeListSpace is the size of the stake list's account in bytes, which bounds how many stake accounts can be deposited. Zero
	// means that it is not known, and that there is room.
	StakeListSpace uint64
	// MinimumDelegation of the stake program, in lamports.
	MinimumDelegation uint64
	// EpochRewardsActive says whether staking rewards are being distributed.
	EpochRewardsActive bool
	// Version of the deployed build.
	Version MarinadeVersion
}

// MarinadeTreasuryUsable says whether Marinade's treasury can take fees: a token account of the classic token program for mSOL. If it
// is not, that is the treasury's choice, and fees stay elsewhere.
func MarinadeTreasuryUsable(state *accounts.MarinadeState, treasury accounts.Account) bool {
	if state == nil {
		return false
	}

	if treasury.Owner != accounts.TokenProgram {
		return false
	}
	t, err := accounts.DecodeTokenAccount(treasury)
	return err == nil && t.Mint == state.MSOLMint
}

// The operations of Marinade, as errors name them. Those that stake pools have, too, go by the same names.
const (
	opLiquidUnstake = "liquid unstake"
	opOrderUnstake  = "order unstake"
	opClaim         = "claim"
)

// MarinadeDeposit is the outcome of Deposit. Lamports go in, mSOL comes out.
type MarinadeDeposit struct {
	Lamports uint64
	// Fee is the part of the lamports that no mSOL is given for. It does not go anywhere by itself: it raises the value of all mSOL.
	Fee uint64
	// MSOL is what the depositor receives: FromLeg is sold by the liquidity pool, Minted is new.
	MSOL    uint64
	FromLeg uint64
	Minted  uint64
	// ToLeg and ToReserve make up the lamports: what the liquidity pool receives for its mSOL, and what is to be staked.
	ToLeg     uint64
	ToReserve uint64
}

// Price is what mSOL is worth, before fees. It fails if the state's counters do not add up.
func (m Marinade) Price() (Price, error) {
	rate, err := marinadeRateOf(&m.State)
	if err != nil {
		return Price{}, m.fail("price", err)
	}
	return Price{Lamports: rate.lamports, Tokens: rate.supply}, nil
}

// Deposit quotes a deposit of lamports. Marinade would take a deposit that is worth no mSOL and give nothing; this is refused here
// with [ErrTooSmall].
func (m Marinade) Deposit(lamports uint64) (MarinadeDeposit, error) {
	d, err := m.deposit(lamports)
	if err != nil {
		return MarinadeDeposit{}, m.fail(opDepositSol, err)
	}
	return d, nil
}

// DepositExactOut quotes the smallest deposit for which the depositor receives at least so much mSOL. It is more where Marinade's
// least deposit is.
func (m Marinade) DepositExactOut(msol uint64) (MarinadeDeposit, error) {
	d, err := m.depositExactOut(msol)
	if err != nil {
		return MarinadeDeposit{}, m.fail(opDepositSol, err)
	}
	return d, nil
}

func (m Marinade) depositExactOut(msol uint64) (MarinadeDeposit, error) {
	lamports, err := m.lamportsFor(msol, m.State.DepositSOLFee, m.State.MinDeposit)
	if err != nil {
		return MarinadeDeposit{}, err
	}
	return m.deposit(lamports)
}

// lamportsFor is the smallest deposit, and at least least, that yields at least so much mSOL after a fee of version 2.1.
func (m Marinade) lamportsFor(msol uint64, fee uint32, least uint64) (uint64, error) {
	if msol == 0 {
		return 0, ErrZeroAmount
	}
	rate, err := m.rate()
	if err != nil {
		return 0, err
	}
	var c fixed.Calc
	lamports := beforeMarinadeFee(&c, rate.lamportsFor(&c, msol), m.depositFee(fee), marinadeFeeScale)
	return max(lamports, least), errTooLarge(c.Err())
}

func (m Marinade) deposit(lamports uint64) (MarinadeDeposit, error) {
	rate, err := m.rate()
	if err == nil {
		err = m.checkMint()
	}
	switch {
	case err != nil:
		return MarinadeDeposit{}, err
	case lamports == 0:
		return MarinadeDeposit{}, ErrZeroAmount
	case lamports < m.State.MinDeposit:
		return MarinadeDeposit{}, fmt.Errorf("%w: Marinade takes at least %d lamports", ErrTooSmall, m.State.MinDeposit)
	}
	var c fixed.Calc
	d := MarinadeDeposit{Lamports: lamports, Fee: marinadeFee(&c, lamports, m.depositFee(m.State.DepositSOLFee), marinadeFeeScale)}
	d.MSOL = rate.toMSOL(&c, c.Sub(lamports, d.Fee))
	d.FromLeg = min(d.MSOL, m.MSOLLegAmount)
	d.Minted = c.Sub(d.MSOL, d.FromLeg)
	if d.Minted == 0 {
		// The pool sells all of it and keeps whatever rounding leaves.
		d.ToLeg = lamports
	} else {
		d.ToLeg = rate.toSOL(&c, d.FromLeg)
	}
	d.ToReserve = c.Sub(lamports, d.ToLeg)
	c.Add(m.State.MSOLSupply, d.Minted)
	controlled, leg, reserve := c.Add(rate.controlled, d.ToReserve), c.Add(m.SOLLegLamports, d.ToLeg), c.Add(m.ReserveLamports, d.ToReserve)
	switch {
	case c.Err() != nil:
		return MarinadeDeposit{}, tooLargeUnlessInvalid(c.Err())
	case d.MSOL == 0:
		return MarinadeDeposit{}, fmt.Errorf("%w: worth less than a base unit of mSOL", ErrTooSmall)
	case d.ToReserve > 0 && controlled > m.State.StakingSOLCap:
		return MarinadeDeposit{}, m.capped()
	}
	if err := keepsRent(m.Rent, leg, reserve); err != nil {
		return MarinadeDeposit{}, err
	}
	return d, nil
}

// depositFee is a fee of version 2.1, which version 2.0 does not know.
func (m Marinade) depositFee(fee uint32) uint32 {
	if m.Version == MarinadeVersion20 {
		return 0
	}
	return fee
}

// rate is the value of mSOL while users may use Marinade.
func (m Marinade) rate() (marinadeRate, error) {
	if m.State.Paused {
		return marinadeRate{}, errMarinadePaused
	}
	return marinadeRateOf(&m.State)
}

// checkMint refuses what cannot be: more mSOL than Marinade minted.
func (m Marinade) checkMint() error {
	if m.MintSupply > m.State.MSOLSupply {
		return fmt.Errorf("%w: there is more mSOL than Marinade minted", ErrInvalidState)
	}
	return nil
}

func (m Marinade) capped() error {
	return fmt.Errorf("%w: Marinade's cap is %d lamports", ErrTooLarge, m.State.StakingSOLCap)
}

func (m Marinade) fail(op string, reason error) error {
	return &Error{Op: op, Pool: m.Address, Reason: reason}
}
