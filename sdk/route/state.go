package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Need is an account that a market has to know.
type Need struct {
	Address solana.PublicKey
	// Length is how many bytes from the beginning are enough; zero asks for all.
	Length int
}

// Needs is what one round of loading has to bring.
type Needs struct {
	Accounts []Need
	// Programs are programs whose deployed build matters, see State.Builds.
	Programs []solana.PublicKey
}

// State is what a market is made of: accounts at one slot and what the network said beside them.
type State struct {
	Accounts *accounts.Set
	// MinimumDelegation is what the stake program answered, in lamports.
	MinimumDelegation uint64
	// Builds holds the hash of the deployed build of each program, see accounts.ProgramHash. A program that is not in it counts
	// as unknown.
	Builds map[solana.PublicKey]string
}

// chain is the state of the network, decoded once.
type chain struct {
	clock             accounts.Clock
	rent              accounts.Rent
	schedule          accounts.EpochSchedule
	minimumDelegation uint64
	rewardsActive     bool
}

// sysvars are the accounts that every market needs.
func sysvars() []Need {
	return []Need{
		{Address: accounts.ClockSysvar},
		{Address: accounts.RentSysvar},
		{Address: accounts.EpochScheduleSysvar},
		{Address: accounts.EpochRewardsSysvar},
	}
}

func newChain(s *State) (*chain, error) {
	clock, err := accounts.Load(s.Accounts, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return nil, fmt.Errorf("load market: %w", err)
	}
	rent, err := accounts.Load(s.Accounts, accounts.RentSysvar, accounts.DecodeRent)
	if err != nil {
		return nil, fmt.Errorf("load market: %w", err)
	}
	schedule, err := accounts.Load(s.Accounts, accounts.EpochScheduleSysvar, accounts.DecodeEpochSchedule)
	if err != nil {
		return nil, fmt.Errorf("load market: %w", err)
	}
	c := &chain{clock: *clock, rent: *rent, schedule: *schedule, minimumDelegation: s.MinimumDelegation}
	// A network that has never distributed rewards has no such account.
	if _, err := s.Accounts.Get(accounts.EpochRewardsSysvar); err == nil {
		rewards, err := accounts.Load(s.Accounts, accounts.EpochRewardsSysvar, accounts.DecodeEpochRewards)
		if err != nil {
			return nil, fmt.Errorf("load market: %w", err)
		}
		c.rewardsActive = rewards.Active
	}
	return c, nil
}
