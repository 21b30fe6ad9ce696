package instructions

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Discriminators of Marinade's instructions.
const (
	marinadeDeposit              = "\xf2\x23\xc6\x89\x52\xe1\xf2\xb6"
	marinadeLiquidUnstake        = "\x1e\x1e\x77\xf0\xbf\xe3\x0c\x10"
	marinadeDepositStakeAccount  = "\x6e\x82\x73\x29\xa4\x66\x02\x3b"
	marinadeWithdrawStakeAccount = "\xd3\x55\xb8\x41\xb7\xb1\xe9\xd9"
	marinadeOrderUnstake         = "\x61\xa7\x90\x6b\x75\xbe\x80\x24"
	marinadeClaim                = "\x3e\xc6\xd6\xc1\xd5\x9f\x6c\xd2"
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
	b := newBuilder("Deposit", m.Program)
	b.writable("state", m.State)
	b.writable("mSOL mint", m.MSOLMint)
	b.writable("SOL leg", m.SOLLeg)
	b.writable("mSOL leg", m.MSOLLeg)
	b.readonly("mSOL leg authority", m.MSOLLegAuthority)
	b.writable("reserve", m.Reserve)
	b.payer("lamports source", i.From)
	b.writable("destination token account", i.Destination)
	b.readonly("mSOL mint authority", m.MSOLMintAuthority)
	b.fixed(accounts.SystemProgram)
	b.fixed(accounts.TokenProgram)
	b.data.Raw([]byte(marinadeDeposit))
	b.amount("lamports", i.Lamports)
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
	b := newBuilder("LiquidUnstake", m.Program)
	b.writable("state", m.State)
	b.writable("mSOL mint", m.MSOLMint)
	b.writable("SOL leg", m.SOLLeg)
	b.writable("mSOL leg", m.MSOLLeg)
	b.writable("treasury", m.Treasury)
	b.writable("source token account", i.Source)
	b.signer("token authority", i.Authority)
	b.writable("lamports destination", i.Destination)
	b.fixed(accounts.SystemProgram)
	b.fixed(accounts.TokenProgram)
	b.data.Raw([]byte(marinadeLiquidUnstake))
	b.amount("mSOL", i.MSOL)
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
	b := newBuilder("DepositStakeAccount", m.Program)
	b.require("vote account", i.Vote)
	flag, err := i.Addresses.MarinadeDuplicationFlag(m.Program, m.State, i.Vote)
	b.writable("state", m.State)
	b.writable("validator list", m.ValidatorList)
	b.writable("stake list", m.StakeList)
	b.writable("stake account", i.Stake)
	b.signer("owner", i.Owner)
	b.derived("duplication flag", flag, err)
	b.payer("rent payer", i.Payer)
	b.writable("mSOL mint", m.MSOLMint)
	b.writable("destination token account", i.Destination)
	b.readonly("mSOL mint authority", m.MSOLMintAuthority)
	b.fixed(accounts.ClockSysvar)
	b.fixed(accounts.RentSysvar)
	b.fixed(accounts.SystemProgram)
	b.fixed(accounts.TokenProgram)
	b.fixed(accounts.StakeProgram)
	b.data.Raw([]byte(marinadeDepositStakeAccount))
	b.data.U32(i.ValidatorIndex)
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
	b := newBuilder("WithdrawStakeAccount", m.Program)
	b.writable("state", m.State)
	b.writable("mSOL mint", m.MSOLMint)
	b.writable("source token account", i.Source)
	b.payer("token authority", i.Authority)
	b.writable("treasury", m.Treasury)
	b.writable("validator list", m.ValidatorList)
	b.writable("stake list", m.StakeList)
	b.readonly("stake withdraw authority", m.StakeWithdrawAuthority)
	b.readonly("stake deposit authority", m.StakeDepositAuthority)
	b.writable("stake account to split", i.Split)
	b.payer("new stake account", i.NewStake)
	b.payer("rent payer", i.Payer)
	b.fixed(accounts.ClockSysvar)
	b.fixed(accounts.SystemProgram)
	b.fixed(accounts.TokenProgram)
	b.fixed(accounts.StakeProgram)
	b.require("beneficiary", i.Beneficiary)
	b.data.Raw([]byte(marinadeWithdrawStakeAccount))
	b.data.U32(i.StakeIndex)
	b.data.U32(i.ValidatorIndex)
	b.amount("mSOL", i.MSOL)
	b.data.Key(i.Beneficiary)
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
	b := newBuilder("OrderUnstake", m.Program)
	b.writable("state", m.State)
	b.writable("mSOL mint", m.MSOLMint)
	b.writable("source token account", i.Source)
	b.signer("token authority", i.Authority)
	b.writable("ticket", i.Ticket)
	b.fixed(accounts.ClockSysvar)
	b.fixed(accounts.RentSysvar)
	b.fixed(accounts.TokenProgram)
	b.data.Raw([]byte(marinadeOrderUnstake))
	b.amount("mSOL", i.MSOL)
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
	b := newBuilder("Claim", m.Program)
	b.writable("state", m.State)
	b.writable("reserve", m.Reserve)
	b.writable("ticket", i.Ticket)
	b.writable("beneficiary", i.Beneficiary)
	b.fixed(accounts.ClockSysvar)
	b.fixed(accounts.SystemProgram)
	b.data.Raw([]byte(marinadeClaim))
	return b.build()
}
