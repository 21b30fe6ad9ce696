package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// Marinade has the addresses that the instructions of Marinade share. Create it
// with [NewMarinade].
type Marinade struct {
	Program  solana.PublicKey
	State    solana.PublicKey
	MSOLMint solana.PublicKey

	// SOLLeg and MSOLLeg hold the SOL and the mSOL of the liquidity pool.
	SOLLeg            solana.PublicKey
	MSOLLeg           solana.PublicKey
	MSOLLegAuthority  solana.PublicKey
	Reserve           solana.PublicKey
	MSOLMintAuthority solana.PublicKey

	// Treasury is the mSOL token account that receives Marinade's share of
	// fees.
	Treasury               solana.PublicKey
	ValidatorList          solana.PublicKey
	StakeList              solana.PublicKey
	StakeWithdrawAuthority solana.PublicKey
	StakeDepositAuthority  solana.PublicKey
}

// NewMarinade returns the addresses of Marinade. address is the address of
// state. It returns a [*BuildError] if state is nil, or the error of a
// derivation.
func NewMarinade(
	program, address solana.PublicKey,
	state *accounts.MarinadeState,
) (Marinade, error) {
	if state == nil {
		return Marinade{}, &BuildError{
			Instruction: "Marinade",
			Field:       "state",
			Reason:      accounts.ErrNil,
		}
	}

	m := Marinade{
		Program:       program,
		State:         address,
		MSOLMint:      state.MSOLMint,
		MSOLLeg:       state.LiqPool.MSOLLeg,
		Treasury:      state.TreasuryMSOLAccount,
		ValidatorList: state.ValidatorSystem.ValidatorList.Account,
		StakeList:     state.StakeSystem.StakeList.Account,
	}

	for _, derived := range []struct {
		derive func(program, state solana.PublicKey) (solana.PublicKey, error)
		into   *solana.PublicKey
	}{
		{accounts.MarinadeSOLLeg, &m.SOLLeg},
		{accounts.MarinadeMSOLLegAuthority, &m.MSOLLegAuthority},
		{accounts.MarinadeReserve, &m.Reserve},
		{accounts.MarinadeMSOLMintAuthority, &m.MSOLMintAuthority},
		{accounts.MarinadeStakeWithdrawAuthority, &m.StakeWithdrawAuthority},
		{accounts.MarinadeStakeDepositAuthority, &m.StakeDepositAuthority},
	} {
		var err error
		if *derived.into, err = derived.derive(program, address); err != nil {
			return Marinade{}, err
		}
	}

	return m, nil
}

// MarinadeDeposit deposits SOL for mSOL. It mirrors Deposit.
//
// The program does not check a minimum output. Check the balance of Destination
// in the same transaction, or simulate the transaction before you sign it.
type MarinadeDeposit struct {
	// Marinade has the addresses of Marinade.
	Marinade Marinade

	// From is the system account that pays. It signs.
	From solana.PublicKey

	// Destination is the token account that receives the mSOL.
	Destination solana.PublicKey

	// Lamports is the deposit.
	Lamports uint64
}

// Build returns the instruction, or a [*BuildError].
func (i MarinadeDeposit) Build() (solana.Instruction, error) {
	m := i.Marinade
	b := newBuilder(&idl.MarinadeDeposit, m.Program, 0)
	b.accounts(
		m.State,
		m.MSOLMint,
		m.SOLLeg,
		m.MSOLLeg,
		m.MSOLLegAuthority,
		m.Reserve,
		i.From,
		i.Destination,
		m.MSOLMintAuthority,
	)

	b.amount(i.Lamports)
	return b.build()
}

// MarinadeLiquidUnstake sells mSOL to Marinade's liquidity pool for SOL. It
// mirrors LiquidUnstake.
//
// The program does not check a minimum output. Check the balance of Destination
// in the same transaction, or simulate the transaction before you sign it.
type MarinadeLiquidUnstake struct {
	// Marinade has the addresses of Marinade.
	Marinade Marinade

	// Authority is the owner or the delegate of Source. It signs.
	Authority solana.PublicKey

	// Source is the token account that pays the mSOL.
	Source solana.PublicKey

	// Destination is the system account that receives the SOL.
	Destination solana.PublicKey

	// MSOL is the amount to sell, in base units.
	MSOL uint64
}

// Build returns the instruction, or a [*BuildError].
func (i MarinadeLiquidUnstake) Build() (solana.Instruction, error) {
	m := i.Marinade
	b := newBuilder(&idl.MarinadeLiquidUnstake, m.Program, 0)
	b.accounts(
		m.State,
		m.MSOLMint,
		m.SOLLeg,
		m.MSOLLeg,
		m.Treasury,
		i.Source,
		i.Authority,
		i.Destination,
	)

	b.amount(i.MSOL)
	return b.build()
}

// MarinadeDepositStakeAccount deposits a whole stake account for mSOL. The
// program makes itself the staker and the withdrawer; no authorization before
// is needed. It mirrors DepositStakeAccount.
type MarinadeDepositStakeAccount struct {
	// Marinade has the addresses of Marinade.
	Marinade Marinade

	// Stake is the stake account to deposit.
	Stake solana.PublicKey

	// Owner is the withdrawer of Stake. It signs.
	Owner solana.PublicKey

	// Vote is the vote account to which Stake is delegated, and ValidatorIndex
	// its position in Marinade's validator list.
	Vote           solana.PublicKey
	ValidatorIndex uint32

	// Payer is a system account. It signs, but pays nothing.
	Payer solana.PublicKey

	// Destination is the token account that receives the mSOL.
	Destination solana.PublicKey

	// Addresses, if not nil, caches derived addresses.
	Addresses *accounts.Addresses
}

// Build returns the instruction, or a [*BuildError].
func (i MarinadeDepositStakeAccount) Build() (solana.Instruction, error) {
	m := i.Marinade
	b := newBuilder(&idl.MarinadeDepositStakeAccount, m.Program, 0)
	b.require("vote account", i.Vote)
	b.accounts(m.State, m.ValidatorList, m.StakeList, i.Stake, i.Owner)

	b.derived(i.Addresses.MarinadeDuplicationFlag(m.Program, m.State, i.Vote))
	b.accounts(i.Payer, m.MSOLMint, i.Destination, m.MSOLMintAuthority)

	b.number(uint64(i.ValidatorIndex))

	return b.build()
}

// MarinadeWithdrawStakeAccount burns mSOL for active stake, which is split from
// one of Marinade's stake accounts. It mirrors WithdrawStakeAccount.
//
// The program does not check a minimum output. Check NewStake in the same
// transaction, or simulate the transaction before you sign it.
type MarinadeWithdrawStakeAccount struct {
	// Marinade has the addresses of Marinade.
	Marinade Marinade

	// Authority is the owner or the delegate of Source. It signs.
	Authority solana.PublicKey

	// Source is the token account from which the mSOL is burned.
	Source solana.PublicKey

	// Split is the stake account to split, StakeIndex its position in
	// Marinade's list of stake accounts, and ValidatorIndex the position of its
	// vote account in the validator list.
	Split          solana.PublicKey
	StakeIndex     uint32
	ValidatorIndex uint32

	// NewStake is the new stake account. It must not exist, and signs. The
	// program creates it.
	NewStake solana.PublicKey

	// Payer is the system account that pays the rent of NewStake. It signs.
	Payer solana.PublicKey

	// Beneficiary becomes the staker and the withdrawer of NewStake.
	Beneficiary solana.PublicKey

	// MSOL is the amount to burn, in base units.
	MSOL uint64
}

// Build returns the instruction, or a [*BuildError].
func (i MarinadeWithdrawStakeAccount) Build() (solana.Instruction, error) {
	m := i.Marinade
	b := newBuilder(&idl.MarinadeWithdrawStakeAccount, m.Program, 0)
	b.accounts(
		m.State,
		m.MSOLMint,
		i.Source,
		i.Authority,
		m.Treasury,
		m.ValidatorList,
		m.StakeList,
		m.StakeWithdrawAuthority,
		m.StakeDepositAuthority,
		i.Split,
		i.NewStake,
		i.Payer,
	)

	b.require("beneficiary", i.Beneficiary)
	b.number(uint64(i.StakeIndex))
	b.number(uint64(i.ValidatorIndex))
	b.amount(i.MSOL)
	b.key(i.Beneficiary)

	return b.build()
}

// MarinadeOrderUnstake burns mSOL for a delayed unstake ticket. [MarinadeClaim]
// pays the ticket in SOL from the next epoch on. The beneficiary of the ticket
// is the owner of Source, even if a delegate signs. It mirrors OrderUnstake.
type MarinadeOrderUnstake struct {
	// Marinade has the addresses of Marinade.
	Marinade Marinade

	// Authority is the owner or the delegate of Source. It signs.
	Authority solana.PublicKey

	// Source is the token account from which the mSOL is burned.
	Source solana.PublicKey

	// Ticket is a new account of [accounts.MarinadeTicketSpace] zero bytes,
	// owned by Marinade's program and rent exempt. Create it in the same
	// transaction.
	Ticket solana.PublicKey

	// MSOL is the amount to burn, in base units.
	MSOL uint64
}

// Build returns the instruction, or a [*BuildError].
func (i MarinadeOrderUnstake) Build() (solana.Instruction, error) {
	m := i.Marinade
	b := newBuilder(&idl.MarinadeOrderUnstake, m.Program, 0)
	b.accounts(m.State, m.MSOLMint, i.Source, i.Authority, i.Ticket)

	b.amount(i.MSOL)
	return b.build()
}

// MarinadeClaim pays a delayed unstake ticket and closes it. It needs no
// authority. It mirrors Claim.
type MarinadeClaim struct {
	// Marinade has the addresses of Marinade.
	Marinade Marinade

	// Ticket is the ticket to pay.
	Ticket solana.PublicKey

	// Beneficiary is the beneficiary of the ticket. It receives the SOL of the
	// ticket and its rent.
	Beneficiary solana.PublicKey
}

// Build returns the instruction, or a [*BuildError].
func (i MarinadeClaim) Build() (solana.Instruction, error) {
	m := i.Marinade
	b := newBuilder(&idl.MarinadeClaim, m.Program, 0)
	b.accounts(m.State, m.Reserve, i.Ticket, i.Beneficiary)
	return b.build()
}
