package quote

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrFeesUnknown is returned by [InfinityFees] when two states of a pool do not
// show the fees that it earned in between. The text names the reason. Compare
// states of one epoch and of the same tokens, between two collections of the
// protocol's part.
var ErrFeesUnknown = errors.New("trading fees unknown (compare states of one epoch and of the " +
	"same tokens, between two collections of the protocol's part)")

// InfinityFeesEarned are the fees that Infinity earned between two states, in
// lamports.
type InfinityFeesEarned struct {
	// Flow is the value of the tokens that came in less those that went out. It
	// is negative if more was withdrawn than deposited.
	Flow *big.Int
	// Minted are the LP tokens that were minted less those that were burned, in
	// base units.
	Minted *big.Int
	// Least and Most are the fees: Flow less the value of Minted, at the price
	// of the LP token before and after, rounded down. They are equal if no
	// liquidity was added or removed. If some was, they bound the fees as far
	// as it was only added, or only removed.
	//
	// In version 2 they include the part that the protocol takes on release. In
	// version 1 the protocol's part leaves the pool with each trade, and is not
	// included.
	Least, Most *big.Int
}

// InfinityFees returns the trading fees that a pool earned from one state to a
// later one, from its own accounts: what came in without a claim on it. The two
// states are of one epoch, after the update of every stake pool, for example of
// its first and its last hour. So the growth of the tokens plays no part.
//
// Gifts to the reserves and the gain of a rebalance count as fees. Collecting
// the protocol's part mints LP tokens for nothing: [ErrFeesUnknown] is returned
// if it became smaller, and also if the price of a token changed.
func InfinityFees(before, after InfinityState) (InfinityFeesEarned, error) {
	fail := func(err error) (InfinityFeesEarned, error) {
		return InfinityFeesEarned{}, named("trading fees", after.Address, err)
	}

	if err := checkComparable(before, after); err != nil {
		return fail(err)
	}

	earned := InfinityFeesEarned{
		Flow:   new(big.Int),
		Minted: bigDifference(after.LPSupply, before.LPSupply),
	}

	for mint, lst := range before.LSTs {
		was, is, err := bothValues(lst, after.LSTs[mint])
		if err != nil {
			return fail(fmt.Errorf("%s: %w", mint, err))
		}

		earned.Flow.Add(earned.Flow, bigDifference(is, was))
	}

	var fees [2]*big.Int
	for n, state := range []InfinityState{before, after} {
		price, err := state.lpPrice()
		if err != nil {
			return fail(err)
		}

		claimed := new(big.Rat).SetInt(earned.Minted)
		left := new(big.Rat).SetInt(earned.Flow)
		fees[n] = floorRat(left.Sub(left, claimed.Mul(claimed, price.Rat())))
	}

	earned.Least, earned.Most = fees[0], fees[1]
	if earned.Least.Cmp(earned.Most) > 0 {
		earned.Least, earned.Most = earned.Most, earned.Least
	}
	return earned, nil
}

// bigDifference returns a - b.
func bigDifference(a, b uint64) *big.Int {
	n := new(big.Int).SetUint64(a)
	return n.Sub(n, new(big.Int).SetUint64(b))
}

// checkComparable returns the reason why two states do not show the fees
// between them, or nil.
func checkComparable(before, after InfinityState) error {
	unknown := func(why string) error { return fmt.Errorf("%w: %s", ErrFeesUnknown, why) }
	switch {
	case before.Pool.LPTokenMint != after.Pool.LPTokenMint:
		return unknown("the states are of two pools")
	case before.Pool.Version != after.Pool.Version:
		return unknown("the pool changed its version")
	case after.Slot < before.Slot:
		return unknown("the second state is older")
	case after.Pool.ProtocolFeeLamports < before.Pool.ProtocolFeeLamports:
		return unknown("the protocol collected its part")
	case len(before.LSTs) != len(after.LSTs):
		return unknown("the list of tokens changed")
	}

	for mint := range before.LSTs {
		if _, ok := after.LSTs[mint]; !ok {
			return unknown("the list of tokens changed: " + mint.String())
		}
	}
	return nil
}

// comparedAmount is the amount of a token whose values are compared, so that
// rounding does not show: a million tokens of nine decimals.
const comparedAmount = 1_000_000_000_000_000

// bothValues returns the values of the reserves before and after, both with the
// calculator before. It fails if the price of the token changed by more than
// the rounding of deposits.
func bothValues(before, after InfinityLST) (was, is uint64, err error) {
	for _, lst := range []InfinityLST{before, after} {
		if lst.Value == nil {
			return 0, 0, errorOr(lst.Unavailable, fmt.Errorf("%w calculator", accounts.ErrNil))
		}
	}

	old, err := before.Value.LSTToSOL(comparedAmount)
	if err != nil {
		return 0, 0, err
	}

	now, err := after.Value.LSTToSOL(comparedAmount)
	if err != nil {
		return 0, 0, err
	}

	if difference := max(old.Min, now.Min) - min(old.Min, now.Min); difference > old.Min/samePrice {
		return 0, 0, fmt.Errorf("%w: the price changed", ErrFeesUnknown)
	}

	held := before
	if was, err = held.worth(); err != nil {
		return 0, 0, err
	}

	held.Reserves = after.Reserves
	is, err = held.worth()
	return was, is, err
}

// lpPrice returns the price of the LP token at the slot of the state.
func (i InfinityState) lpPrice() (Price, error) {
	pool, err := ReleaseYield(i.Pool, i.Slot)
	if err != nil {
		return Price{}, err
	}

	due, err := LPDue(pool)
	return Price{Lamports: due, Tokens: i.LPSupply}, err
}
