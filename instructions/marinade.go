package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

// Marinade is what the instructions of one Marinade state have in common. [NewMarinade] fills it.
type Marinade struct {
	Program  solana.PublicKey
	State    solana.PublicKey
	MSOLMint solana.PublicKey
	// SOLLeg and MSOLLeg are the two sides of the liquidity pool.
	SOLLeg            solana.PublicKey
	MSOLLeg           solana.PublicKey
	MSOLLegAuthority  solana.PublicKey
	Reserve           solana.PublicKey
	MSOLMintAuthority solana.PublicKey
	// Treasury is the token account that takes Marinade's part of fees in mSOL.
	Treasury               solana.PublicKey
	ValidatorList          solana.PublicKey
	StakeList              solana.PublicKey
	StakeWithdrawAuthority solana.PublicKey
	StakeDepositAuthority  solana.PublicKey
}

// NewMarinade derives the addresses of a Marinade state, and takes those of the mint, the lists, the pool's mSOL and the treasury
// from it.
func NewMarinade(program, address solana.PublicKey, state *accounts.MarinadeState) (Marinade, error) {
	if state == nil {
		return Marinade{}, &BuildError{Instruction: "Marinade", Field: "state", Reason: accounts.ErrNil}
	}

	m := Marinade{
		Program: program, State: address, MSOLMint: state.MSOLMint, MSOLLeg: state.LiqPool.MSOLLeg, Treasury: state.TreasuryMSOLAccount,
		ValidatorList: state.ValidatorSystem.ValidatorList.Account, StakeList: state.StakeSystem.StakeList.Account,
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

// MarinadeDeposit deposits lamports for mSOL. Marinade has no limit on the outcome: simulate before sending, or check the balance in
// the same transaction.
type MarinadeDeposit struct {
	Marinade Marinade
	// From pays and signs. It must be a system account.
	From solana.PublicKey
	// Destination is the token account that receives the mSOL.
	Destination solana.PublicKey
	Lamports    uint64
}

// Build returns the instruction.
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

// MarinadeLiquidUnstake sells mSOL to Marinade's liquidity pool for lamports at once. There is no limit on the outcome: simulate
// before sending, or check the balance in the same transaction.
type MarinadeLiquidUnstake struct {
	Marinade Marinade
	// Authority may move the tokens of Source, as its owner or delegate, and signs.
	Authority solana.PublicKey
	Source    solana.PublicKey
	// Destination is a system account.
	Destination solana.PublicKey
	// MSOL is in base units.
	MSOL uint64
}

// Build returns the instruction.
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

// MarinadeDepositStakeAccount gives a whole stake account to Marinade for mSOL. The program makes itself staker and withdrawer: the
// owner authorizes nothing beforehand.
type MarinadeDepositStakeAccount struct {
	Marinade Marinade
	Stake    solana.PublicKey
	// Owner may withdraw the stake account and signs.
	Owner solana.PublicKey
	// Vote is the vote account the stake is delegated to, ValidatorIndex its position in Marinade's list of validators.
	Vote           solana.PublicKey
	ValidatorIndex uint32
	// Payer must be a system account and signs. Nothing is charged to it.
	Payer solana.PublicKey
	// Destination is the token account that receives the mSOL.
	Destination solana.PublicKey
	// Addresses may remember what is derived. Nil derives it.
	Addresses *accounts.Addresses
}

// Build returns the instruction.
func (i MarinadeDepositStakeAccount) Build() (solana.Instruction, error) {
	m := i.Marinade
	b := newBuilder(&idl.MarinadeDepositStakeAccount, m.Program, 0)
	b.require("vote account", i.Vote)
	b.accounts(
		m.State,
		m.ValidatorList,
		m.StakeList,
		i.Stake,
		i.Owner,
	)
	b.derived(i.Addresses.MarinadeDuplicationFlag(m.Program, m.State, i.Vote))
	b.accounts(
		i.Payer,
		m.MSOLMint,
		i.Destination,
		m.MSOLMintAuthority,
	)
	b.number(uint64(i.ValidatorIndex))
	return b.build()
}

// MarinadeWithdrawStakeAccount burns mSOL for active stake that is split off one of Marinade's stake accounts. There is no limit on
// the outcome: simulate before sending, or check the new account in the same transaction.
type MarinadeWithdrawStakeAccount struct {
	Marinade Marinade
	// Authority may move the tokens of Source, as its owner or delegate, and signs.
	Authority solana.PublicKey
	Source    solana.PublicKey
	// Split is the stake account that is split, StakeIndex its position in Marinade's list of stake accounts, and ValidatorIndex that
	// of its vote account in the list of validators.
	Split          solana.PublicKey
	StakeIndex     uint32
	ValidatorIndex uint32
	// NewStake is the account that receives the stake. It must not exist, and signs; the program creates it.
	NewStake solana.PublicKey
	// Payer pays the rent of NewStake and signs. It must be a system account.
	Payer solana.PublicKey
	// Beneficiary becomes staker and withdrawer of NewStake.
	Beneficiary solana.PublicKey
	// MSOL is in base units.
	MSOL uint64
}

// Build returns the instruction.
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

// MarinadeOrderUnstake burns mSOL for a ticket that is paid in lamports from the next epoch on. The beneficiary of the ticket is the
// owner of the token account, even if a delegate signs.
type MarinadeOrderUnstake struct {
	Marinade Marinade
	// Authority may move the tokens of Source, as its owner or delegate, and signs.
	Authority solana.PublicKey
	Source    solana.PublicKey
	// Ticket is an account of [accounts.MarinadeTicketSpace] zeros that belongs to Marinade's program and has its rent, made right
	// before.
	Ticket solana.PublicKey
	// MSOL is in base units.
	MSOL uint64
}

// Build returns the instruction.
func (i MarinadeOrderUnstake) Build() (solana.Instruction, error) {
	m := i.Marinade
	b := newBuilder(&idl.MarinadeOrderUnstake, m.Program, 0)
	b.accounts(
		m.State,
		m.MSOLMint,
		i.Source,
		i.Authority,
		i.Ticket,
	)
	b.amount(i.MSOL)
	return b.build()
}

// MarinadeClaim pays a ticket that is due and closes it. Anybody may send it.
type MarinadeClaim struct {
	Marinade Marinade
	Ticket   solana.PublicKey
	// Beneficiary is the one of the ticket. It receives what the ticket is worth and its rent.
	Beneficiary solana.PublicKey
}

// Build returns the instruction.
func (i MarinadeClaim) Build() (solana.Instruction, error) {
	m := i.Marinade
	b := newBuilder(&idl.MarinadeClaim, m.Program, 0)
	b.accounts(
		m.State,
		m.Reserve,
		i.Ticket,
		i.Beneficiary,
	)
	return b.build()
}
