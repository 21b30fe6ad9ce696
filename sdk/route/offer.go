package route

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// ask is a request, or a step of one, as venues see it. It is made once for a
// search: the amount comes with each question, and Request.Amount is not used.
type ask struct {
	Request
	from, to token
	// desk is where ways through stake do their sums.
	desk *desk
}

// desk holds what is on its way while an offer is made, so that nothing has to
// be allocated for it.
type desk struct {
	drawn    drawn
	taken    taken
	crossing crossing
	refusal  quote.Refusal
}

// offer is what a venue would do with an amount: numbers without words, which
// cost nothing to make and are compared by the thousand. What is chosen is
// described afterwards, see describe.go.
type offer struct {
	// amount is what was asked for, and after what the leg before it in the
	// same transaction leaves, nil if there is none.
	amount uint64
	after  *effect

	// in, out and the limits are those of the quote.
	in, out       uint64
	minOut, maxIn uint64
	// advance is lent, and lost are costs that do not come back, in lamports.
	advance, lost uint64
	// price is that of the received token.
	price quote.Price
	// at is the slot that the amounts are exact for, and until the one that the
	// limits hold for; both are zero where the price does not change by slot.
	at, until uint64

	guard Guard
	// exact reports that the program pays just out.
	exact bool
	// newAccount reports that a new stake account has to sign.
	newAccount bool
	// pays reports that the venue can pay another recipient than the owner.
	pays bool
	// follows reports that the offer was made from what the leg before leaves.
	follows bool
	// pick is the validator or record that serves, by its position at the
	// venue, and whole that a stake account is traded as it is. Offers of the
	// same ask, pick and whole differ in amounts only: their transactions have
	// the same form.
	pick  uint16
	whole bool

	leaves effect

	// venue is the position of the venue in the market.
	venue int
	// netIn and netOut are in and out with the costs that do not come back, see
	// Quote.NetIn.
	netIn, netOut uint64

	// refusal says why there is no offer.
	refusal quote.Refusal
}

// effect is a stake pool as a deposit leaves it: what follows in the same
// transaction is priced from that.
type effect struct {
	// pool is nil if what is left is not known.
	pool             *loadedStakePool
	lamports, supply uint64
	// cranked reports that the pool was updated for the epoch before.
	cranked bool
}

// address is the stake pool's, zero if there is none.
func (e *effect) address() solana.PublicKey {
	if e == nil || e.pool == nil {
		return solana.PublicKey{}
	}
	return e.pool.lst.Pool
}

// state is the pool's account then, apart from what no price depends on.
func (e *effect) state() accounts.StakePool {
	state := e.pool.pool.State
	if e.cranked {
		state = e.pool.updated
	}
	state.TotalLamports, state.PoolTokenSupply = e.lamports, e.supply
	return state
}

// limit sets the limits of an offer whose input is fixed by the program and
// whose output is, where it is exact, the amount that was asked for.
func (o *offer) limit(a *ask, limited uint64, r *quote.Refusal) bool {
	if a.Side == ExactOut {
		o.minOut = o.amount
		return true
	}

	least, err := a.minimum(limited)
	if err != nil {
		return r.BecauseErr(nil, err)
	}
	o.minOut = least
	return true
}

// gives sets the amounts of an offer that takes in and pays out, neither more.
func (o *offer) gives(in, out uint64) { o.in, o.maxIn, o.out = in, in, out }

// loses adds a cost that does not come back.
func (o *offer) loses(lamports uint64) { o.lost = fixed.SaturatingAdd(o.lost, lamports) }

// refusedAt ends a search at an amount that is refused: who searched asks for it
// again to be told why.
type refusedAt uint64

func (n refusedAt) Error() string { return fmt.Sprintf("refused at %d", uint64(n)) }
