package quote

import (
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// Prefund is everything that decides what the Router's prefund instructions
// take from a withdrawal of stake.
//
// They lend the rent of two stake accounts, split the "slumdog" off the
// withdrawn stake, and sell it to the Reserve. Everything it brings goes to the
// Router's prefunder. The slumdog is no smaller than the minimum delegation,
// however little was lent: with a minimum of 1 SOL the user loses nearly that
// much. Whoever pays the rent up front loses nothing; so quote this only for
// those who ask for it.
type Prefund struct {
	// Reserve is its state before.
	Reserve ReserveState
	// MinimumDelegation of the stake program, in lamports.
	MinimumDelegation uint64
	// Prefunder is the balance of the Router's prefunder.
	Prefunder uint64
	// Record is the balance of the slumdog's record at the Reserve. Normally it
	// does not exist.
	Record uint64
}

// PrefundSlack is the cost up to which a prefund does no harm, in lamports.
// While the minimum delegation was 1 lamport it cost some thousands.
const PrefundSlack = 1_000_000

// PrefundedStake is the outcome of a withdrawal of stake with prefund. All
// amounts are lamports.
type PrefundedStake struct {
	// Withdrawn is the stake that the pool pays, Split the part of it that is
	// split off. Slumdog is all that the account split off holds, which is
	// sold.
	Withdrawn, Split, Slumdog uint64
	// Lent is what the prefunder pays, the rent of two stake accounts.
	Lent uint64
	// Sale is that of the slumdog. The prefunder receives its Out.
	Sale Unstake
	// Gain is what the prefunder keeps.
	Gain uint64
	// Staked and Unstaked make up the bridge stake account that the user owns
	// afterwards: its delegation, and the rent.
	Staked, Unstaked uint64
	// Cost is by how much the user is worse off than with rent of their own:
	// what was split off, less the rent that stays in the bridge.
	Cost uint64
	// Reserve is its state afterwards, which a sale of the bridge meets.
	Reserve ReserveState
}

const opPrefund = "prefund"

// Quote quotes a prefund for a withdrawal of so much stake. The bridge, slumdog
// and record accounts must be unused.
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
		return q, fmt.Errorf("%w: its prefunder has %d lamports, not %d", ErrRouterFunds,
			p.Prefunder, q.Lent)
	}

	if q.Slumdog, err = p.slumdog(rent, q.Lent); err != nil {
		return q, err
	}

	if q.Split, err = fixed.Sub(q.Slumdog, rent); err != nil {
		return q, fmt.Errorf("%w: a slumdog of %d lamports does not even hold its rent",
			ErrInvalidState, q.Slumdog)
	}

	if q.Staked, err = fixed.Sub(withdrawn, q.Split); err != nil ||
		q.Staked < max(1, p.MinimumDelegation) {
		return q, fmt.Errorf("%w: %d lamports, of which %d are split off, must leave %d",
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
		return q, fmt.Errorf("%w: the Reserve pays %d lamports, not %d", ErrPrefundUnpaid,
			q.Sale.Out, q.Lent)
	}

	q.Cost = fixed.SaturatingSub(q.Split, rent)
	q.Reserve = p.Reserve
	q.Reserve.Pool, q.Reserve.Lamports = q.Sale.Pool, q.Sale.Lamports

	return q, nil
}

// slumdog is how many lamports the Router wants to sell. The Router takes the
// stake that brings back what it lent if that is no less than the minimum
// delegation, and the minimum delegation if it is a good deal more. In between
// it tries what the stake program refuses.
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

	return 0, fmt.Errorf("%w: %d lamports, more than %d and no more than %d", ErrPrefundGap,
		p.MinimumDelegation,
		fixed.SaturatingSub(target, rent), large)
}

// Bridge is the bridge stake account afterwards. It belongs to the user, and is
// delegated as the validator's stake is that it comes from.
func (q PrefundedStake) Bridge(
	user solana.PublicKey,
	from ValidatorStakeSource,
) (StakeAccountState, error) {
	return bridge(user, from, q.Staked, q.Unstaked)
}

// Within refuses a prefund that costs more than so many lamports, for which
// [PrefundSlack] is a good choice.
func (q PrefundedStake) Within(slack uint64) error {
	if q.Cost > slack {
		return &Error{
			Op:     opPrefund,
			Pool:   q.Reserve.Address,
			Reason: fmt.Errorf("%w: %d lamports, not %d", ErrPrefundCost, q.Cost, slack),
		}
	}
	return nil
}
