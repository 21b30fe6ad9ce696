package state

import (
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Chain is the state of the cluster.
type Chain struct {
	Clock    accounts.Clock
	Rent     accounts.Rent
	Schedule accounts.EpochSchedule

	// MinimumDelegation is the minimum delegation of the stake program, in
	// lamports.
	MinimumDelegation uint64

	// RewardsActive reports whether staking rewards are being distributed.
	RewardsActive bool

	// SlotTime is the duration of a slot, or zero if it is unknown.
	SlotTime quote.SlotTime
}

// TokenRent returns the rent of a token account without extensions, in
// lamports. The error wraps [accounts.ErrUnknownRent].
func (c *Chain) TokenRent() (uint64, error) {
	if c == nil {
		return 0, errNoSnapshot
	}

	return c.Rent.MinimumBalance(accounts.TokenAccountSpace)
}

// StakeRent returns the rent of a stake account, in lamports. The error wraps
// [accounts.ErrUnknownRent].
func (c *Chain) StakeRent() (uint64, error) {
	if c == nil {
		return 0, errNoSnapshot
	}

	return c.Rent.MinimumBalance(accounts.StakeAccountSpace)
}

// addChain adds the sysvars.
func (l *Ledger) addChain() {
	l.sysvars = sysvars{
		clock:    l.need(accounts.ClockSysvar, 0),
		rent:     l.need(accounts.RentSysvar, 0),
		schedule: l.need(accounts.EpochScheduleSysvar, 0),
		rewards:  l.need(accounts.EpochRewardsSysvar, 0),
	}
	l.sysvars.chain = l.part(chainMaker{})
	l.sysvars.epoch = l.part(epochMaker{})
}

// chainMaker prepares the [Chain] of a snapshot.
type chainMaker struct{}

func (chainMaker) prepare(r *reader) (any, error) {
	if r.given == nil {
		return nil, fmt.Errorf("%w account snapshot", accounts.ErrNil)
	}

	v := &r.ledger.sysvars
	clock, err := load(r, v.clock, accounts.DecodeClock)
	if err != nil {
		return nil, err
	}

	rent, err := load(r, v.rent, accounts.DecodeRent)
	if err != nil {
		return nil, err
	}

	schedule, err := load(r, v.schedule, accounts.DecodeEpochSchedule)
	if err != nil {
		return nil, err
	}

	c := &Chain{
		Clock:             *clock,
		Rent:              *rent,
		Schedule:          *schedule,
		MinimumDelegation: r.given.MinimumDelegation,
		SlotTime:          quote.ClockSlotTime(*clock, *schedule),
	}
	if !c.SlotTime.Measured() && r.given.SlotTime.Measured() {
		c.SlotTime = r.given.SlotTime
	}

	// The account does not exist on a cluster that has never distributed
	// rewards.
	if r.account(v.rewards) != nil {
		rewards, err := load(r, v.rewards, accounts.DecodeEpochRewards)
		if err != nil {
			return nil, err
		}

		c.RewardsActive = rewards.Active
	}

	return c, nil
}

// epochMaker prepares the values of the Chain that stay the same within an
// epoch. All parts that do not depend on the slot read this part, so a new
// Clock does not change them.
type epochMaker struct{}

func (epochMaker) prepare(r *reader) (any, error) {
	now, err := read[*Chain](r, r.ledger.sysvars.chain)
	if err != nil {
		return nil, err
	}
	if before, ok := r.before().(*Chain); ok && r.sameEpoch(before, now) {
		return before, nil
	}
	return now, nil
}

// sameEpoch reports whether parts that were prepared with one chain are valid
// for another.
func (r *reader) sameEpoch(a, b *Chain) bool {
	if a.Clock.Epoch != b.Clock.Epoch || a.Rent != b.Rent || a.Schedule != b.Schedule ||
		a.RewardsActive != b.RewardsActive {
		return false
	}

	// A lockup can end between two clocks.
	for _, end := range r.lockups {
		if (end > a.Clock.UnixTimestamp) != (end > b.Clock.UnixTimestamp) {
			return false
		}
	}

	return true
}

// lockup records the end time of a lockup.
func (r *reader) lockup(l accounts.Lockup) {
	if l.UnixTimestamp > 0 {
		r.lockups = append(r.lockups, l.UnixTimestamp)
	}
}

// chain returns the values of the Chain that stay the same within an epoch.
func (r *reader) chain() (*Chain, error) { return read[*Chain](r, r.ledger.sysvars.epoch) }

// Chain returns the state of the cluster.
func (s *Snapshot) Chain() *Chain {
	if s.isZero() {
		return new(Chain)
	}

	c, _ := partOf[*Chain](s, s.ledger.sysvars.chain)
	return c
}
