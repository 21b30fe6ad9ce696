package quote

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// MarinadeVersion is the version of the Marinade program, as far as it decides
// what users get.
type MarinadeVersion uint8

// The versions there are. Version 2.1 is known from its source only: no build
// of it has been executed here.
const (
	// MarinadeVersionUnknown stands for a build nobody has looked at. Fees on
	// deposits are then taken as the state says, and stake is withdrawn where
	// both versions allow it.
	MarinadeVersionUnknown MarinadeVersion = iota
	// MarinadeVersion20 takes no fees on deposits.
	MarinadeVersion20
)

// marinadeBuild20 is the hash of the build of version 2.0 that was executed,
// see accounts.ProgramHash.
const marinadeBuild20 = "d69d4cd7ff7c00df3dfe2191dbb973858de9c36a3114bdbdb65d6cc81c98ed94"

// MarinadeVersionOf tells the version of the build of the program with the
// given hash.
func MarinadeVersionOf(programHash string) MarinadeVersion {
	if programHash == marinadeBuild20 {
		return MarinadeVersion20
	}
	return MarinadeVersionUnknown
}

// MarinadeState is everything that decides what MarinadeState pays at one slot.
type MarinadeState struct {
	Program solana.PublicKey
	// Address is the state, which names it in errors.
	Address solana.PublicKey
	State   accounts.MarinadeState
	Clock   accounts.Clock
	Rent    accounts.Rent
	// SOLLegLamports and MSOLLegAmount are the balances of the liquidity pool,
	// ReserveLamports that of the reserve.
	SOLLegLamports  uint64
	MSOLLegAmount   uint64
	ReserveLamports uint64
	// MintSupply is the supply of mSOL as the mint has it.
	MintSupply uint64
	// TreasuryUsable says whether the treasury can take its part of fees, see
	// [MarinadeTreasuryUsable]. If not, it gets none.
	TreasuryUsable bool
	// StakeListSpace is the size of the stake list's account in bytes, which
	// bounds how many stake accounts can be deposited. Zero means that it is
	// not known, and that there is room.
	StakeListSpace uint64
	// MinimumDelegation of the stake program, in lamports.
	MinimumDelegation uint64
	// EpochRewardsActive says whether staking rewards are being distributed.
	EpochRewardsActive bool
	// Version of the deployed build.
	Version MarinadeVersion
}

// MarinadeTreasuryUsable says whether Marinade's treasury can take fees: a
// token account of the classic token program for mSOL. If it is not, that is
// the treasury's choice, and fees stay elsewhere.
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

// The operations of Marinade, as errors name them. Those that stake pools have,
// too, go by the same names.
const (
	opLiquidUnstake = "liquid unstake"
	opOrderUnstake  = "order unstake"
	opClaim         = "claim"
)

// MarinadeDeposit is the outcome of Deposit. Lamports go in, mSOL comes out.
type MarinadeDeposit struct {
	Lamports uint64
	// Fee is the part of the lamports that no mSOL is given for. It does not go
	// anywhere by itself: it raises the value of all mSOL.
	Fee uint64
	// MSOL is what the depositor receives: FromLeg is sold by the liquidity
	// pool, Minted is new.
	MSOL    uint64
	FromLeg uint64
	Minted  uint64
	// ToLeg and ToReserve make up the lamports: what the liquidity pool
	// receives for its mSOL, and what is to be staked.
	ToLeg     uint64
	ToReserve uint64
}

// Price is what mSOL is worth, before fees. It fails if the state's counters do
// not add up.
func (m MarinadeState) Price() (Price, error) {
	var r Refusal
	price, ok := m.prepare().Price(&r)
	return answer(price, ok, &r)
}

// Deposit quotes a deposit of lamports. Marinade would take a deposit that is
// worth no mSOL and give nothing; this is refused here with
// [ErrAmountTooSmall].
func (m MarinadeState) Deposit(lamports uint64) (MarinadeDeposit, error) {
	var r Refusal
	d, ok := m.prepare().Deposit(lamports, &r)
	return answer(d, ok, &r)
}

// DepositExactOut quotes the smallest deposit for which the depositor receives
// at least so much mSOL. It is more where Marinade's least deposit is.
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
