package route

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
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
	// SlotTime is how long a slot takes as far as was measured outside of the
	// accounts. The market makes use of it at the start of an epoch, when the
	// Clock among its accounts does not tell yet. The zero value, or one that is
	// not a measurement, leaves the yields of such a market unknown.
	SlotTime quote.SlotTime
}

// chain is the state of the network, decoded once.
type chain struct {
	clock             accounts.Clock
	rent              accounts.Rent
	schedule          accounts.EpochSchedule
	minimumDelegation uint64
	rewardsActive     bool
	// slotTime is the zero value if it is not known.
	slotTime quote.SlotTime
}

// get returns an account that was loaded. If it does not exist, the error says
// in which role it was wanted.
func (s *State) get(role string, address solana.PublicKey) (accounts.Account, error) {
	a, err := s.Accounts.Get(address)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		err = &accounts.DecodeError{Account: role, Address: address, Reason: accounts.ErrNotFound}
	case errors.Is(err, accounts.ErrNotLoaded):
		err = &accounts.DecodeError{Account: role, Address: address, Reason: accounts.ErrNotLoaded}
	}
	return a, err
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
	if s == nil {
		return nil, fmt.Errorf("%w state", accounts.ErrNil)
	}

	clock, err := accounts.Load(s.Accounts, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return nil, err
	}
	rent, err := accounts.Load(s.Accounts, accounts.RentSysvar, accounts.DecodeRent)
	if err != nil {
		return nil, err
	}
	schedule, err := accounts.Load(s.Accounts, accounts.EpochScheduleSysvar, accounts.DecodeEpochSchedule)
	if err != nil {
		return nil, err
	}
	c := &chain{
		clock:             *clock,
		rent:              *rent,
		schedule:          *schedule,
		minimumDelegation: s.MinimumDelegation,
		slotTime:          quote.ClockSlotTime(*clock, *schedule),
	}
	if !c.slotTime.Measured() && s.SlotTime.Measured() {
		c.slotTime = s.SlotTime
	}

	// A network that has never distributed rewards has no such account.
	if _, err := s.Accounts.Get(accounts.EpochRewardsSysvar); err == nil {
		rewards, err := accounts.Load(s.Accounts, accounts.EpochRewardsSysvar, accounts.DecodeEpochRewards)
		if err != nil {
			return nil, err
		}
		c.rewardsActive = rewards.Active
	}
	return c, nil
}

// world is what the venues of a market are loaded from: the network, and the state of each protocol, decoded once for all of them.
type world struct {
	*chain
	state      *State
	pools      map[solana.PublicKey]outcome[*loadedStakePool]
	stakePools map[solana.PublicKey]outcome[*loadedStakePoolStake]
	reserves   map[solana.PublicKey]outcome[*loadedReserve]
	marinades  map[solana.PublicKey]outcome[*loadedMarinade]
	// stakes are the loaded stake accounts by the validator they are delegated to.
	stakes map[solana.PublicKey][]solana.PublicKey
}

func newWorld(s *State) (*world, error) {
	c, err := newChain(s)
	if err != nil {
		return nil, err
	}
	return &world{
		chain: c, state: s,
		pools:      make(map[solana.PublicKey]outcome[*loadedStakePool]),
		stakePools: make(map[solana.PublicKey]outcome[*loadedStakePoolStake]),
		reserves:   make(map[solana.PublicKey]outcome[*loadedReserve]),
		marinades:  make(map[solana.PublicKey]outcome[*loadedMarinade]),
	}, nil
}

// outcome is what became of a loading.
type outcome[T any] struct {
	value T
	err   error
}

// once loads what is not in the cache yet.
func once[T any](cache map[solana.PublicKey]outcome[T], key solana.PublicKey, load func() (T, error)) (T, error) {
	known, ok := cache[key]
	if !ok {
		known.value, known.err = load()
		cache[key] = known
	}
	return known.value, known.err
}

// validatorStakes finds the loaded stake accounts by their validators, which is faster than to derive the addresses of all validators of
// a large pool to see which were loaded.
func (w *world) validatorStakes() map[solana.PublicKey][]solana.PublicKey {
	if w.stakes != nil {
		return w.stakes
	}
	w.stakes = make(map[solana.PublicKey][]solana.PublicKey)
	for _, address := range w.state.Accounts.Addresses() {
		stake, err := liveStake(w.state, address)
		if err == nil && stake.Account.State == accounts.StakeDelegated {
			vote := stake.Account.Delegation.Voter
			w.stakes[vote] = append(w.stakes[vote], address)
		}
	}
	return w.stakes
}
