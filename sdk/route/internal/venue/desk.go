package venue

import (
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// desk is where ways through stake do their sums. A search has one, see
// offer.Ask.
type desk struct {
	drawn    drawn
	crossing crossing
	refusal  quote.Refusal
	lines    lines
	passage  passage
	lido     fromLido
	taker    struct {
		pool     toStakePool
		marinade toMarinade
		reserve  toReserve
	}
	source struct {
		pool     fromStakePool
		account  fromStakeAccount
		marinade fromMarinade
	}
}

// deskOf is the desk of a search, which the first question for it sets up.
func deskOf(a *offer.Ask) *desk {
	if a.Desk == nil {
		return new(desk)
	}

	d, ok := a.Desk.Room.(*desk)
	if !ok {
		d = new(desk)
		a.Desk.Room = d
	}
	return d
}

// sourceOf is where stake comes from.
func (d *desk) sourceOf(s *state.Snapshot, a *offer.Ask) (stakeSource, error) {
	d.source.account = fromStakeAccount{} // It may be that of another search.
	first, end := s.Ledger().StakeAccounts()
	if a.FromToken >= first && a.FromToken < end {
		from, err := s.StakeAccount(a.FromToken)
		if err != nil {
			return nil, err
		}
		d.source.account = fromStakeAccount{from: from, chain: s.Chain(), vote: s.Vote(from.Stake.Account.Delegation.Voter)}
		return &d.source.account, nil
	}

	switch kind := s.Ledger().Kind(a.FromToken); {
	case kind.IsStakePool():
		pool, err := s.StakePoolStake(a.FromToken)
		d.source.pool = fromStakePool{pool}
		return &d.source.pool, err
	case kind == lst.KindMarinade:
		pool, err := s.MarinadeRecords(a.FromToken)
		d.source.marinade = fromMarinade{pool}
		return &d.source.marinade, err
	default:
		pool, err := s.Lido(a.FromToken)
		if err == nil {
			d.lido.set(pool, a.Crank, s.Vote(pool.Vote))
		}
		return &d.lido, err
	}
}

// takerOf is where stake goes to.
func (d *desk) takerOf(s *state.Snapshot, a *offer.Ask) (stakeTaker, error) {
	if a.ToToken == state.SOL {
		pool, err := s.Reserve()
		d.taker.reserve = toReserve{pool: pool, from: d.source.account.from}
		return &d.taker.reserve, err
	}
	if s.Ledger().Kind(a.ToToken) == lst.KindMarinade {
		pool, err := s.MarinadeStake(a.ToToken)
		d.taker.marinade.set(pool)
		return &d.taker.marinade, err
	}
	pool, err := s.StakePoolStake(a.ToToken)
	d.taker.pool = toStakePool{pool: pool, number: a.ToToken, chain: s.Chain(), snap: s}
	return &d.taker.pool, err
}
