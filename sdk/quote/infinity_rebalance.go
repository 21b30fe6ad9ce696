package quote

import (
	"fmt"
	"math/bits"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

const opRebalance = "rebalance"

// InfinityRebalance is a rebalance that has started: an amount of one LST has
// left the pool, and another LST of at least the same value must come back in
// the same transaction. Create it with [InfinityState.StartRebalance].
type InfinityRebalance struct {
	// Out is the LST that leaves the pool, and Amount the base units of it.
	Out    solana.PublicKey
	Amount uint64
	// Inp is the LST that must come back.
	Inp solana.PublicKey
	// OutReserves and InpReserves are the pool's balances before the start, in
	// base units. They are the tightest limits that StartRebalance accepts as
	// its minimum of Out and its maximum of Inp.
	OutReserves, InpReserves uint64
	// TotalBefore is the pool's total in lamports, with both LSTs valued anew,
	// before anything left. The end fails below it.
	TotalBefore uint64
	// OutValue is the value that left, in lamports: the value of the reserves
	// of Out before, less their value after. It may differ by a lamport from
	// the value of Amount alone.
	OutValue uint64
	// Pool and LSTs are the state of the pool between start and end. LSTs has
	// Inp first.
	Pool accounts.PoolState
	LSTs []SyncedLST

	address solana.PublicKey
	// value is the calculator of Inp at the start.
	value SOLValueCalculator
}

// InfinityRebalanced is the outcome of a rebalance.
type InfinityRebalanced struct {
	// Returned are the base units of Inp that came back.
	Returned uint64
	// Gain is the growth of the pool's total in lamports. In version 2 it is
	// withheld and released like every other gain.
	Gain uint64
	// Pool and LSTs are the state of the pool afterwards. LSTs has Inp first.
	Pool accounts.PoolState
	LSTs []SyncedLST
}

// StartRebalance quotes the start of a manual rebalance, in which amount base
// units of out leave the pool. The pricing program plays no part, so a pool
// whose pricing is unknown can be rebalanced.
//
// It refuses what the program refuses: a pool that is disabled or being
// rebalanced, an input that is disabled, and more than the reserves. It also
// refuses to return the token that left, which would change nothing.
func (i InfinityState) StartRebalance(
	out, inp solana.PublicKey,
	amount uint64,
) (InfinityRebalance, error) {
	head := i.head()
	from, to := i.entry(&inp), i.entry(&out)
	d := deal{
		head: &head,
		from: &from,
		to:   &to,
	}

	var why Refusal
	if !i.rebalances(&d, out, inp, amount, &why) {
		why.By(opRebalance, &i.Address)
		return InfinityRebalance{}, why.Err()
	}

	r := InfinityRebalance{
		Out:         out,
		Amount:      amount,
		Inp:         inp,
		OutReserves: to.reserves,
		InpReserves: from.reserves,
		TotalBefore: d.all,
		Pool:        d.head.pool,
		address:     i.Address,
		value:       i.LSTs[inp].Value,
	}

	left, ok := to.worth(to.reserves-amount, &why)
	if !ok {
		why.By(opRebalance, &i.Address)
		return InfinityRebalance{}, why.Err()
	}

	// A calculator values less at no more than more.
	r.OutValue = fixed.SaturatingSub(d.toValue, left)
	r.Pool.TotalSOLValue = d.all - r.OutValue
	r.Pool.WithheldLamports, r.Pool.ProtocolFeeLamports = d.withheld, d.protocol
	r.Pool.IsRebalancing = true
	r.LSTs = []SyncedLST{{Mint: inp, SOLValue: d.fromValue}, {Mint: out, SOLValue: left}}
	return r, nil
}

// rebalances checks the conditions of a start and values both tokens anew.
func (i *InfinityState) rebalances(
	d *deal, out, inp solana.PublicKey, amount uint64, why *Refusal,
) bool {
	switch {
	case amount == 0:
		return why.Because(reasonZeroAmount)
	case i.Pool.IsRebalancing:
		return why.BecauseErr(nil, ErrRebalancing)
	case i.Pool.IsDisabled:
		return why.BecauseErr(nil, ErrDisabled)
	case out == inp:
		return why.Because(reasonItself)
	case d.from.refused != nil:
		return why.BecauseErr(nil, d.from.refused)
	case d.from.isInputDisabled:
		return why.BecauseOf(reasonInputDisabled, d.from.mint)
	case d.to.refused != nil:
		return why.BecauseErr(nil, d.to.refused)
	case d.head.unreleased != nil:
		return why.BecauseErr(nil, d.head.unreleased)
	case !d.to.covers(amount, why):
		return false
	}

	d.totals = d.head.totals
	if d.head.pool.Version == accounts.PoolStateV2 {
		return d.syncsV2(d.from, &d.fromValue, why) && d.syncsV2(d.to, &d.toValue, why)
	}
	return d.syncs(d.from, &d.fromValue, why) && d.syncs(d.to, &d.toValue, why)
}

// valueAtEnd returns the calculator of Inp at the end.
func (r *InfinityRebalance) valueAtEnd(value SOLValueCalculator) (SOLValueCalculator, error) {
	switch {
	case len(r.LSTs) != 2 || r.value == nil:
		return nil, fmt.Errorf("%w rebalance: get one from InfinityState.StartRebalance",
			accounts.ErrNil)
	case value == nil:
		return r.value, nil
	}
	return value, nil
}

// goal returns the smallest value of the reserves of Inp with which the end
// succeeds, in lamports.
func (r *InfinityRebalance) goal() (uint64, bool) {
	goal, carry := bits.Add64(r.LSTs[0].SOLValue, r.OutValue, 0)
	return goal, carry == 0
}

// Required returns the smallest number of base units of Inp with which the end
// succeeds. value is the calculator of Inp at the end, which differs from that
// at the start if the transaction deposits into the stake pool of Inp, see
// [SOLDeposit.PoolAfter]. A nil value stands for the calculator at the start.
//
// The result is zero if the reserves of Inp have gained enough by a deposit.
func (r InfinityRebalance) Required(value SOLValueCalculator) (uint64, error) {
	value, err := r.valueAtEnd(value)
	if err != nil {
		return 0, r.fail(err)
	}

	goal, ok := r.goal()
	if !ok {
		return 0, r.fail(errTooLarge(fixed.ErrOverflow))
	}

	reaches := func(returned uint64) (bool, error) {
		reserves, err := fixed.Add(r.InpReserves, returned)
		if err != nil {
			return false, errTooLarge(err)
		}

		worth, err := value.LSTToSOL(reserves)
		return worth.Min >= goal, err
	}

	if ok, err := reaches(0); ok || err != nil {
		return 0, r.fail(err)
	}

	least, err := smallestInput(maxLamports, reaches)
	return least, r.fail(err)
}

// End quotes the end of the rebalance after returned base units of Inp came
// back. value is the calculator of Inp at the end, see
// [InfinityRebalance.Required]. It fails with [ErrNoProfit] if the pool would
// lose a single lamport.
func (r InfinityRebalance) End(
	returned uint64,
	value SOLValueCalculator,
) (InfinityRebalanced, error) {
	value, err := r.valueAtEnd(value)
	if err != nil {
		return InfinityRebalanced{}, r.fail(err)
	}

	reserves, err := fixed.Add(r.InpReserves, returned)
	if err != nil {
		return InfinityRebalanced{}, r.fail(errTooLarge(err))
	}

	worth, err := value.LSTToSOL(reserves)
	if err != nil {
		return InfinityRebalanced{}, r.fail(err)
	}

	var c fixed.Calc
	total := c.Add(c.Sub(r.Pool.TotalSOLValue, r.LSTs[0].SOLValue), worth.Min)
	if err := c.Err(); err != nil {
		return InfinityRebalanced{}, r.fail(errTooLarge(err))
	}

	if total < r.TotalBefore {
		return InfinityRebalanced{}, r.fail(fmt.Errorf("%w: %d lamports", ErrNoProfit,
			r.TotalBefore-total))
	}

	books := totals{
		all:      r.TotalBefore,
		withheld: r.Pool.WithheldLamports,
		protocol: r.Pool.ProtocolFeeLamports,
	}

	ended := InfinityRebalanced{
		Returned: returned,
		Gain:     total - r.TotalBefore,
		Pool:     r.Pool,
		LSTs:     []SyncedLST{{Mint: r.Inp, SOLValue: worth.Min}, r.LSTs[1]},
	}

	ended.Pool.TotalSOLValue, ended.Pool.IsRebalancing = total, false
	if r.Pool.Version != accounts.PoolStateV2 {
		return ended, nil
	}

	var why Refusal
	if !books.update(total, &why) {
		return InfinityRebalanced{}, r.fail(why.Err())
	}

	ended.Pool.WithheldLamports, ended.Pool.ProtocolFeeLamports = books.withheld, books.protocol
	return ended, nil
}

// fail names the operation and the pool in an error, or returns nil.
func (r *InfinityRebalance) fail(err error) error { return named(opRebalance, r.address, err) }
