package figures

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Chain is the state of the network: the sysvars and the distribution of
// staking rewards.
type Chain struct {
	Clock             accounts.Clock         `json:"clock"`
	Rent              accounts.Rent          `json:"rent"`
	EpochSchedule     accounts.EpochSchedule `json:"epoch_schedule"`
	MinimumDelegation uint64                 `json:"minimum_delegation"`
	// RewardsActive reports whether staking rewards are being distributed.
	RewardsActive bool `json:"rewards_active"`
}

// Accounts returns the accounts of the sysvars.
func (c Chain) Accounts() []accounts.Account {
	sysvar := func(address solana.PublicKey, packed []byte) accounts.Account {
		return account(address, accounts.SysvarProgram, 1, packed, len(packed))
	}
	return []accounts.Account{
		sysvar(accounts.ClockSysvar, c.Clock.Encode()),
		sysvar(accounts.RentSysvar, c.Rent.Encode()),
		sysvar(accounts.EpochScheduleSysvar, c.EpochSchedule.Encode()),
		sysvar(accounts.EpochRewardsSysvar,
			accounts.EpochRewards{Active: c.RewardsActive}.Encode()),
	}
}
