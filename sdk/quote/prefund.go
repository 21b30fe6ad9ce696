package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Prefund holds the state that determines the outcome of the Router's prefund
// instructions for a withdrawal of stake.
//
// Those instructions lend the rent of two stake accounts, split a part (the
// "slumdog") off the withdrawn stake, and sell it to the Reserve. The Router's
// prefunder receives all the proceeds. The slumdog is never smaller than the
// minimum delegation, however small the loan: with a minimum of 1 SOL the user
// loses nearly 1 SOL. A user who pays the rent up front loses nothing, so quote
// a prefund only for users who ask for it.
type Prefund struct {
	// Reserve is the state of the Reserve before the prefund.
	Reserve ReserveState
	// MinimumDelegation is the minimum delegation of the stake program, in
	// lamports.
	MinimumDelegation uint64
	// Prefunder is the balance of the Router's prefunder, in lamports.
	Prefunder uint64
	// Record is the balance of the slumdog's record account at the Reserve, in
	// lamports. It is zero unless the account exists already.
	Record uint64
}

// PrefundSlack is a cost, in lamports, up to which a prefund is acceptable for
// [PrefundedStake.Within]. While the minimum delegation was 1 lamport, a
// prefund cost a few thousand lamports.
const PrefundSlack = 1_000_000

// PrefundedStake is the outcome of a withdrawal of stake with a prefund. All
// amounts are lamports.
type PrefundedStake struct {
	// Withdrawn is the stake that the pool pays, and Split the part of it that
	// is split off. Slumdog is the whole balance of the split-off account,
	// which is sold.
	Withdrawn, Split, Slumdog uint64
	// Lent is the loan of the prefunder: the rent of two stake accounts.
	Lent uint64
	// Sale is the sale of the slumdog. The prefunder receives its Out.
	Sale Unstake
	// Gain is the profit of the prefunder: Sale.Out less Lent.
	Gain uint64
	// Staked is the delegation and Unstaked the rent of the bridge stake
	// account that the user owns afterwards.
	Staked, Unstaked uint64
	// Cost is the user's loss compared with paying the rent: Split less the
	// rent that stays in the bridge stake account.
	Cost uint64
	// Reserve is the state of the Reserve afterwards, at which a sale of the
	// bridge stake account is quoted.
	Reserve ReserveState
}

const opPrefund = "prefund"

// Quote quotes a prefund for a withdrawal of stake, in lamports. The bridge,
// slumdog and record accounts must be unused.
//
// It fails with [ErrRouterFunds], [ErrBelowMinimumDelegation], [ErrPrefundGap],
// [ErrPrefundUnpaid], or an error of the sale to the Reserve.
func (p Prefund) Quote(withdrawn uint64) (PrefundedStake, error) {
	q, err := p.quote(withdrawn)
	if err != nil {
		return PrefundedStake{}, named(opPrefund, p.Reserve.Address, err)
	}
	return q, nil
}

func (p Prefund) quote(withdrawn uint64) (PrefundedStake, error) {
	rent, err := p.Reserve.Rent.MinimumBalance(accounts.StakeAccountSpace)
	if err != nil {
		return PrefundedStake{}, err
	}

	var c fixed.Calc
	q := PrefundedStake{
		Withdrawn: withdrawn,
		Lent:      c.Add(rent, rent),
		Unstaked:  rent,
	}
	if c.Err() != nil {
		return q, errTooLarge(c.Err())
	}

	if p.Prefunder < q.Lent {
		return q, fmt.Errorf("%w: its prefunder has %d lamports and needs %d", ErrRouterFunds,
			p.Prefunder, q.Lent)
	}

	if q.Slumdog, err = p.slumdog(rent, q.Lent); err != nil {
		return q, err
	}

	if q.Split, err = fixed.Sub(q.Slumdog, rent); err != nil {
		return q, fmt.Errorf(
			"%w: the split-off stake account of %d lamports does not hold its rent",
			ErrInvalidState,
			q.Slumdog,
		)
	}

	if q.Staked, err = fixed.Sub(withdrawn, q.Split); err != nil ||
		q.Staked < max(1, p.MinimumDelegation) {
		return q, fmt.Errorf("%w: of %d lamports %d are split off, and at least %d must remain",
			ErrBelowMinimumDelegation, withdrawn, q.Split,
			p.MinimumDelegation)
	}

	var why Refusal
	sale, ok := p.Reserve.Prepare().unstake(q.Slumdog, p.Record, false, &why)
	if !ok {
		return q, why.Err()
	}

	q.Sale = p.Reserve.sold(sale)
	if q.Gain, err = fixed.Sub(q.Sale.Out, q.Lent); err != nil {
		return q, fmt.Errorf("%w: the Reserve pays %d lamports for a loan of %d", ErrPrefundUnpaid,
			q.Sale.Out, q.Lent)
	}

	q.Cost = fixed.SaturatingSub(q.Split, rent)
	q.Reserve = p.Reserve
	q.Reserve.Pool, q.Reserve.Lamports = q.Sale.Pool, q.Sale.Lamports

	return q, nil
}

// slumdog returns the balance of the stake account that the Router sells. The
// Router sells just enough to recover its loan if that is no less than the
// minimum delegation. It sells the minimum delegation if that is more than
// twice the loan. In between it tries an amount that the stake program refuses.
func (p Prefund) slumdog(rent, lent uint64) (uint64, error) {
	var c fixed.Calc
	large := c.Add(lent, lent)
	least := c.Add(rent, p.MinimumDelegation)
	if c.Err() != nil {
		return 0, errTooLarge(c.Err())
	}

	target, err := p.Reserve.unstakeFor(lent)
	switch {
	case err != nil:
		return 0, err
	case p.MinimumDelegation > large:
		return least, nil
	case least <= target:
		return target, nil
	}

	return 0, fmt.Errorf("%w: it is %d lamports, and prefunds fail above %d and up to %d lamports",
		ErrPrefundGap,
		p.MinimumDelegation,
		fixed.SaturatingSub(target, rent), large)
}

// Bridge returns the bridge stake account after the prefund. The user owns it,
// and it is delegated like the validator's stake that it comes from.
func (q PrefundedStake) Bridge(
	user solana.PublicKey,
	from ValidatorStakeSource,
) (StakeAccountState, error) {
	return bridge(user, from, q.Staked, q.Unstaked)
}

// Within returns an error that wraps [ErrPrefundCost] if the prefund costs more
// than slack lamports. [PrefundSlack] is a good choice.
func (q PrefundedStake) Within(slack uint64) error {
	if q.Cost > slack {
		return &Error{
			Op:   opPrefund,
			Pool: q.Reserve.Address,
			Reason: fmt.Errorf("%w: %d lamports, at most %d allowed", ErrPrefundCost, q.Cost,
				slack),
		}
	}
	return nil
}
