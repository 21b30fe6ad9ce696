package quote

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// MarinadeVersion is the version of the Marinade program, as far as quotes
// depend on it.
type MarinadeVersion uint8

// The versions of Marinade. There is no constant for version 2.1: it is known
// from its source only, and no build of it has been executed.
const (
	// MarinadeVersionUnknown stands for an unknown build. Quotes then deduct
	// the deposit fees of the state, which version 2.0 ignores, and withdraw
	// stake only where both versions allow it.
	MarinadeVersionUnknown MarinadeVersion = iota
	// MarinadeVersion20 is version 2.0, which charges no deposit fees.
	MarinadeVersion20
)

// marinadeBuild20 is the hash of the executed build of version 2.0, see
// accounts.ProgramHash.
const marinadeBuild20 = "d69d4cd7ff7c00df3dfe2191dbb973858de9c36a3114bdbdb65d6cc81c98ed94"

// MarinadeVersionOf returns the version of the build with the given program
// hash, see accounts.ProgramHash.
func MarinadeVersionOf(programHash string) MarinadeVersion {
	if programHash == marinadeBuild20 {
		return MarinadeVersion20
	}
	return MarinadeVersionUnknown
}

// MarinadeState holds the state that determines Marinade's payouts at one slot.
type MarinadeState struct {
	Program solana.PublicKey
	// Address is the address of the state account, which names the pool in
	// errors.
	Address solana.PublicKey
	State   accounts.MarinadeState
	Clock   accounts.Clock
	Rent    accounts.Rent
	// SOLLegLamports and MSOLLegAmount are the balances of the liquidity pool,
	// and ReserveLamports is the balance of the reserve.
	SOLLegLamports  uint64
	MSOLLegAmount   uint64
	ReserveLamports uint64
	// MintSupply is the supply of mSOL according to its mint.
	MintSupply uint64
	// TreasuryUsable reports whether the treasury can receive its part of fees,
	// see [MarinadeTreasuryUsable]. If not, it receives no fees.
	TreasuryUsable bool
	// StakeListSpace is the size of the stake list account in bytes, which
	// limits the number of stake accounts that can be deposited. Zero means
	// that the size is unknown and the limit is not checked.
	StakeListSpace uint64
	// MinimumDelegation is the minimum delegation of the stake program, in
	// lamports.
	MinimumDelegation uint64
	// EpochRewardsActive reports whether staking rewards are being distributed.
	EpochRewardsActive bool
	// Version is the version of the deployed build.
	Version MarinadeVersion
}

// MarinadeTreasuryUsable reports whether Marinade's treasury account can
// receive fees: it must be an mSOL account of the classic token program.
// Otherwise the treasury receives no fees.
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

// The names of Marinade's operations in errors. Operations that stake pools
// also have share their names.
const (
	opLiquidUnstake = "liquid unstake"
	opOrderUnstake  = "order unstake"
	opClaim         = "claim"
)

// MarinadeDeposit is the outcome of a Deposit instruction: lamports for mSOL.
type MarinadeDeposit struct {
	Lamports uint64
	// Fee is the part of the lamports for which no mSOL is given. It is not
	// transferred; it raises the value of all mSOL.
	Fee uint64
	// MSOL is the amount that the depositor receives: FromLeg is sold by the
	// liquidity pool and Minted is newly minted.
	MSOL    uint64
	FromLeg uint64
	Minted  uint64
	// ToLeg and ToReserve add up to Lamports. ToLeg is the payment to the
	// liquidity pool for its mSOL. ToReserve is the amount to be staked.
	ToLeg     uint64
	ToReserve uint64
}

// Price returns the value of mSOL before fees. It fails with [ErrInvalidState]
// if the counters of the state overflow.
func (m MarinadeState) Price() (Price, error) {
	var r Refusal
	price, ok := m.prepare().Price(&r)
	return answer(price, ok, &r)
}

// Deposit quotes a deposit of lamports. Marinade accepts a deposit that is
// worth less than one base unit of mSOL and gives nothing for it; Deposit
// refuses it with [ErrAmountTooSmall].
func (m MarinadeState) Deposit(lamports uint64) (MarinadeDeposit, error) {
	var r Refusal
	d, ok := m.prepare().Deposit(lamports, &r)
	return answer(d, ok, &r)
}

// DepositExactOut quotes the smallest deposit for which the depositor receives
// at least msol base units, and at least Marinade's minimum deposit.
func (m MarinadeState) DepositExactOut(msol uint64) (MarinadeDeposit, error) {
	var r Refusal
	d, ok := m.prepare().DepositExactOut(msol, &r)
	return answer(d, ok, &r)
}

func (m MarinadeState) fail(op string, reason error) error {
	return &Error{
		Op:     op,
		Pool:   m.Address,
		Reason: reason,
	}
}
