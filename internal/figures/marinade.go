package figures

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// MarinadeStake is one stake account of Marinade: its record and the account,
// which may be nil.
type MarinadeStake struct {
	Record accounts.MarinadeStakeRecord `json:"record"`
	Stake  *quote.StakeAccountState     `json:"stake,omitempty"`
}

// Marinade is the state of Marinade and of its other accounts.
type Marinade struct {
	Program solana.PublicKey `json:"program"`
	Address solana.PublicKey `json:"address"`
	// Build is the hash of the program, or empty if it is not known.
	Build string                 `json:"build,omitempty"`
	State accounts.MarinadeState `json:"state"`
	// SOLLeg and Reserve are in lamports, MSOLLeg in base units.
	SOLLeg  uint64        `json:"sol_leg"`
	MSOLLeg uint64        `json:"msol_leg"`
	Reserve uint64        `json:"reserve"`
	Mint    accounts.Mint `json:"mint"`
	// Treasury receives the treasury's share of fees. It is nil if the account
	// does not exist.
	Treasury *accounts.TokenAccount `json:"treasury"`
	// The sizes of the list accounts are in bytes.
	ValidatorListSpace int                                `json:"validator_list_space"`
	StakeListSpace     int                                `json:"stake_list_space"`
	Validators         []accounts.MarinadeValidatorRecord `json:"validators"`
	Stakes             []MarinadeStake                    `json:"stakes"`
}

// ValidatorList returns the list of validators.
func (f *Marinade) ValidatorList() *accounts.MarinadeValidatorList {
	return &accounts.MarinadeValidatorList{Validators: f.Validators}
}

// StakeList returns the list of stake accounts.
func (f *Marinade) StakeList() *accounts.MarinadeStakeList {
	list := &accounts.MarinadeStakeList{Stakes: make([]accounts.MarinadeStakeRecord, len(f.Stakes))}
	for i, s := range f.Stakes {
		list.Stakes[i] = s.Record
	}
	return list
}

// Controlled returns the lamports that Marinade controls, including those that
// it owes to tickets.
func (f *Marinade) Controlled() uint64 {
	s := &f.State
	return s.ValidatorSystem.TotalActiveBalance + s.StakeSystem.DelayedUnstakeCoolingDown +
		s.EmergencyCoolingDown +
		s.AvailableReserveBalance
}

// Live returns the stake account at an address. The result is false if Marinade
// does not have the account, or if it does not exist.
func (f *Marinade) Live(address solana.PublicKey) (quote.StakeAccountState, bool) {
	for _, s := range f.Stakes {
		if s.Record.StakeAccount == address && s.Stake != nil {
			return *s.Stake, true
		}
	}
	return quote.StakeAccountState{}, false
}

// Quote returns Marinade as input of package quote.
func (f *Marinade) Quote(chain Chain) quote.MarinadeState {
	return quote.MarinadeState{
		Program:         f.Program,
		Address:         f.Address,
		State:           f.State,
		Clock:           chain.Clock,
		Rent:            chain.Rent,
		SOLLegLamports:  f.SOLLeg,
		MSOLLegAmount:   f.MSOLLeg,
		ReserveLamports: f.Reserve,
		MintSupply:      f.Mint.Supply,
		TreasuryUsable: f.Treasury != nil &&
			quote.MarinadeTreasuryUsable(&f.State, f.treasury()),
		StakeListSpace:     uint64(f.StakeListSpace),
		MinimumDelegation:  chain.MinimumDelegation,
		EpochRewardsActive: chain.RewardsActive,
		Version:            quote.MarinadeVersionOf(f.Build),
	}
}

func (f *Marinade) treasury() accounts.Account {
	return account(f.State.TreasuryMSOLAccount, accounts.TokenProgram, 0, f.Treasury.Encode(),
		accounts.TokenAccountSpace)
}

// Accounts returns the accounts of Marinade. Each has at least its rent-exempt
// minimum.
func (f *Marinade) Accounts(rent accounts.Rent) ([]accounts.Account, error) {
	s := &f.State
	solLeg, err := accounts.MarinadeSOLLeg(f.Program, f.Address)
	if err != nil {
		return nil, err
	}

	legAuthority, err := accounts.MarinadeMSOLLegAuthority(f.Program, f.Address)
	if err != nil {
		return nil, err
	}

	reserve, err := accounts.MarinadeReserve(f.Program, f.Address)
	if err != nil {
		return nil, err
	}

	all := []accounts.Account{
		account(f.Address, f.Program, 0, s.Encode(), accounts.MarinadeStateSpace),
		account(s.ValidatorSystem.ValidatorList.Account, f.Program, 0, f.ValidatorList().Encode(),
			f.ValidatorListSpace),
		account(s.StakeSystem.StakeList.Account, f.Program, 0, f.StakeList().Encode(),
			f.StakeListSpace),
		account(s.MSOLMint, accounts.TokenProgram, 0, f.Mint.Encode(), accounts.MintSpace),
		TokenAccount(s.LiqPool.MSOLLeg, s.MSOLMint, legAuthority, f.MSOLLeg, 0),
		account(solLeg, accounts.SystemProgram, f.SOLLeg, nil, 0),
		account(reserve, accounts.SystemProgram, f.Reserve, nil, 0),
	}
	if f.Treasury != nil {
		all = append(all, f.treasury())
	}

	for _, s := range f.Stakes {
		if s.Stake != nil {
			all = append(all, stake(s.Record.StakeAccount, s.Stake))
		}
	}

	return withRent(all, rent)
}
