package venue

import (
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route/internal/offer"
	"github.com/sanctum-go/sanctum/sdk/route/state"
)

// scratch is the memory in which stake trades are calculated. Each search has
// one, see offer.Scratch.
type scratch struct {
	withdrawn  withdrawnStake
	result     routeResult
	parts      []quote.StakeWithdrawal
	refusal    quote.Refusal
	lines      lines
	stakeRoute stakeRoute
	// direct reports whether the signers of the transaction sign for the pools,
	// which they do not in instructions of the Router.
	direct bool
	lido   fromLido
	buyer  struct {
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

// scratchOf returns the scratch of a search and creates it on first use.
func scratchOf(a *offer.Ask) *scratch {
	if a.Scratch == nil {
		return new(scratch)
	}

	d, ok := a.Scratch.Room.(*scratch)
	if !ok {
		d = new(scratch)
		a.Scratch.Room = d
	}
	return d
}

// sourceOf returns the source of the stake of an ask.
func (d *scratch) sourceOf(s *state.Snapshot, a *offer.Ask) (stakeSource, error) {
	d.source.account = fromStakeAccount{} // Clear the account of an earlier search.
	first, end := s.Ledger().StakeAccounts()
	if a.FromToken >= first && a.FromToken < end {
		from, err := s.StakeAccount(a.FromToken)
		if err != nil {
			return nil, err
		}

		d.source.account = fromStakeAccount{
			from:  from,
			chain: s.Chain(),
			vote:  s.Vote(from.Stake.Account.Delegation.Voter),
		}

		return &d.source.account, nil
	}

	switch kind := s.Ledger().Kind(a.FromToken); {
	case kind.IsStakePool():
		pool, stale, err := stakePoolFor(s, a, a.FromToken, d.direct)
		d.source.pool = fromStakePool{pool: pool, stale: stale}
		return &d.source.pool, err

	case kind == lst.KindMarinade:
		pool, err := s.MarinadeRecords(a.FromToken)
		d.source.marinade = fromMarinade{pool}
		return &d.source.marinade, err

	default:
		pool, err := s.Lido(a.FromToken)
		if err == nil {
			d.lido.set(pool, a.AllowPoolUpdate, s.Vote(pool.Vote))
		}

		return &d.lido, err
	}
}

// buyerOf returns the buyer of the stake of an ask.
func (d *scratch) buyerOf(s *state.Snapshot, a *offer.Ask) (stakeBuyer, error) {
	if a.ToToken == state.SOL {
		pool, err := s.Reserve()
		d.buyer.reserve = toReserve{
			pool:    pool,
			from:    d.source.account.from,
			wrapped: a.PaysOwnWSOL(),
		}
		return &d.buyer.reserve, err
	}

	if s.Ledger().Kind(a.ToToken) == lst.KindMarinade {
		pool, err := s.MarinadeStake(a.ToToken)
		d.buyer.marinade.set(pool)
		return &d.buyer.marinade, err
	}

	pool, stale, err := stakePoolFor(s, a, a.ToToken, d.direct)
	d.buyer.pool = toStakePool{
		pool:     pool,
		stale:    stale,
		own:      err == nil && receivesFees(pool.StakePool, a),
		withheld: d.source.account.from != nil && !a.AcceptReceipt,
		number:   a.ToToken,
		chain:    s.Chain(),
		snap:     s,
	}

	return &d.buyer.pool, err
}

// stakePoolFor returns the stake pool of a token as an ask finds it. For a pool
// that the trade updates first, that is the pool after the update; stale is
// then the pool before it, and nil for any other pool.
func stakePoolFor(
	s *state.Snapshot,
	a *offer.Ask,
	token state.Token,
	direct bool,
) (pool *state.StakePoolStake, stale *state.StakePool, err error) {
	pool, err = s.StakePoolStake(token)
	if err != nil || !updatesPool(pool.StakePool, a) {
		return forUser(pool, a, token, direct), nil, err
	}

	stale = pool.StakePool
	if pool.Updated != nil {
		return forUser(pool.Updated, a, token, direct), stale, nil
	}

	if stale.Update != nil {
		return pool, stale, stale.Update.AfterErr
	}

	return pool, stale, notUpdatable(stale, stale.UpdateErr)
}
