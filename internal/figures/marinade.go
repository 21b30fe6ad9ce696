package figures

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// MarinadeStake is one stake account of Marinade: its record and the account
// itself, which may be left out.
type MarinadeStake struct {
	Record accounts.MarinadeStakeRecord `json:"record"`
	Stake  *quote.StakeAccountState     `json:"stake,omitempty"`
}

// Marinade is a Marinade state and the accounts around it.
type Marinade struct {
	Program solana.PublicKey `json:"program"`
	Address solana.PublicKey `json:"address"`
	// Build is the hash of the program; empty if it is not known.
	Build string                 `json:"build,omitempty"`
	State accounts.MarinadeState `json:"state"`
	// SOLLeg and Reserve are lamports, MSOLLeg is base units.
	SOLLeg  uint64        `json:"sol_leg"`
	MSOLLeg uint64        `json:"msol_leg"`
	Reserve uint64        `json:"reserve"`
	Mint    accounts.Mint `json:"mint"`
	// Treasury receives the treasury's part of fees; nil if it does not exist.
	Treasury *accounts.TokenAccount `json:"treasury"`
	// The sizes of the lists' accounts are bytes.
	ValidatorListSpace int                                `json:"validator_list_space"`
	StakeListSpace     int                                `json:"stake_list_space"`
	Validators         []accounts.MarinadeValidatorRecord `json:"validators"`
	Stakes             []MarinadeStake                    `json:"stakes"`
}

// ValidatorList is the list of validators.
func (f *Marinade) ValidatorList() *accounts.MarinadeValidatorList {
	return &accounts.MarinadeValidatorList{Validators: f.Validators}
}

// StakeList is the list of stake accounts.
func (f *Marinade) StakeList() *accounts.MarinadeStakeList {
	list := &accounts.MarinadeStakeList{Stakes: make([]accounts.MarinadeStakeRecord, len(f.Stakes))}
	for i, s := range f.Stakes {
		list.Stakes[i] = s.Record
	}
	return list
}

// Controlled is all lamports that Marinade counts as in its hands, those that
// it owes to tickets among them.
func (f *Marinade) Controlled() uint64 {
	s := &f.State
	return s.ValidatorSystem.TotalActiveBalance + s.StakeSystem.DelayedUnstakeCoolingDown +
		s.EmergencyCoolingDown +
		s.AvailableReserveBalance
}

// Live is the stake account with an address, if it is one of Marinade's and
// there.
func (f *Marinade) Live(address solana.PublicKey) (quote.StakeAccountState, bool) {
	for _, s := range f.Stakes {
		if s.Record.StakeAccount == address && s.Stake != nil {
			return *s.Stake, true
		}
	}
	return quote.StakeAccountState{}, false
}

// Quote is Marinade as package quote sees it.
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

// Accounts are the accounts of Marinade as they are on chain, each with at
// least the rent of its size.
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
