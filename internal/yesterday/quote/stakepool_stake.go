package quote

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// LiveStake is a stake account with its balance, as it is on chain now.
type LiveStake struct {
	Lamports uint64                `json:"lamports"`
	Account  accounts.StakeAccount `json:"account"`
}

// minimumValidatorStake is the least stake the program leaves with a validator, whatever the stake program's minimum, in
// lamports.
const minimumValidatorStake = 1_000_000

// StakeParts checks that the pool takes a stake account and splits its balance into what counts as stake and what counts as SOL
// for [StakePool.DepositStake]. It needs the pool's validator list and the stake account of the same validator in the pool.
func (s StakePool) StakeParts(list *accounts.ValidatorList, deposit, validator LiveStake) (staked, unstaked uint64, err error) {
	fail := func(reason error, format string, args ...any) (uint64, uint64, error) {
		return 0, 0, s.fail(opDepositStake, fmt.Errorf("%w: "+format, append([]any{reason}, args...)...))
	}
	d, v := &deposit.Account, &validator.Account
	switch d.State {
	case accounts.StakeDelegated:
	case accounts.StakeInitialized:
		return 0, 0, s.fail(opDepositStake, ErrStakeUndelegated)
	default:
		return 0, 0, s.fail(opDepositStake, ErrStakeUninitialized)
	}
	vote := d.Delegation.Voter
	if preferred := s.State.PreferredDepositValidator; preferred != nil && *preferred != vote {
		return fail(ErrNotPreferred, "%s, not %s", preferred, vote)
	}
	entry := list.Find(vote)
	if entry == nil || entry.Status != accounts.ValidatorActive {
		return fail(ErrValidator, "%s is not an active validator of the pool", vote)
	}
	if v.State != accounts.StakeDelegated || v.Delegation.Voter != vote {
		return fail(ErrValidator, "its stake account is not delegated to %s", vote)
	}
	if d.Lockup != v.Lockup && (d.Lockup.InForce(s.Clock) || v.Lockup.InForce(s.Clock)) {
		return 0, 0, s.fail(opDepositStake, ErrStakeLocked)
	}
	epoch := s.Clock.Epoch
	switch {
	case d.IsActive(epoch) && v.IsActive(epoch):
		staked = d.Delegation.Stake
	case d.IsActivating(epoch) && v.IsActivating(epoch):
		// The stake program adds all lamports of activating stake to the delegation it is merged into.
		staked = deposit.Lamports
	case d.Delegation.DeactivationEpoch != accounts.NeverEpoch:
		return 0, 0, s.fail(opDepositStake, ErrStakeDeactivating)
	case d.IsActivating(epoch):
		return 0, 0, s.fail(opDepositStake, ErrStakeActivating)
	default:
		return fail(ErrValidator, "its stake is not active like what is deposited")
	}
	if unstaked, err = fixed.Sub(deposit.Lamports, staked); err != nil {
		return fail(ErrStakeAccount, "its balance is below its delegation")
	}
	return staked, unstaked, nil
}

// ValidatorStakeSource is a validator of the pool that stake can be withdrawn from.
type ValidatorStakeSource struct {
	Entry accounts.ValidatorStakeInfo
	// Stake is the validator's stake account in the pool.
	Stake LiveStake
}

// Sources returns the validators that stake can be withdrawn from, the one with the most stake first, by rules that hold for
// all builds of the program. The list's figures are those of the last update: [StakePool.WithdrawStake] checks the stake
// account itself. There may be none: then only the removal of a whole validator or the reserve could serve, whose outcome the
// program does not guard, and WithdrawSol or a swap is the way out.
func (s StakePool) Sources(list *accounts.ValidatorList) ([]accounts.ValidatorStakeInfo, error) {
	if list == nil {
		return nil, s.fail(opWithdrawStake, fmt.Errorf("%w validator list", accounts.ErrNil))
	}

	pools, err := s.candidates(opWithdrawStake)
	if err != nil {
		return nil, err
	}
	limits := make([]withdrawLimits, len(pools))
	for i, p := range pools {
		if limits[i], err = p.withdrawLimits(); err != nil {
			return nil, s.fail(opWithdrawStake, err)
		}
	}
	// With a build unknown the stricter threshold counts.
	strict := limits[0]
	for _, l := range limits[1:] {
		strict.certain = max(strict.certain, l.certain)
		strict.possible = min(strict.possible, l.possible)
	}
	if preferred := s.State.PreferredWithdrawValidator; preferred != nil {
		entry := list.Find(*preferred)
		switch {
		case entry == nil, entry.ActiveStakeLamports <= strict.possible:
			// A preferred validator without stake leaves the choice free.
		case entry.ActiveStakeLamports <= strict.certain:
			return nil, s.fail(opWithdrawStake, fmt.Errorf("%w: the preferred validator %s may count as exhausted", ErrBuildDependent, preferred))
		case entry.Status != accounts.ValidatorActive:
			return nil, s.fail(opWithdrawStake, fmt.Errorf("%w: the preferred validator %s is being removed", ErrValidator, preferred))
		default:
			return []accounts.ValidatorStakeInfo{*entry}, nil
		}
	}
	sources := slices.DeleteFunc(slices.Clone(list.Validators), func(v accounts.ValidatorStakeInfo) bool {
		return v.Status != accounts.ValidatorActive || v.ActiveStakeLamports <= strict.certain
	})
	if len(sources) == 0 {
		return nil, s.fail(opWithdrawStake, fmt.Errorf("%w: none has more than %d lamports", ErrValidator, strict.certain))
	}
	slices.SortStableFunc(sources, func(a, b accounts.ValidatorStakeInfo) int {
		return cmp.Compare(b.ActiveStakeLamports, a.ActiveStakeLamports)
	})
	return sources, nil
}

// withdrawLimits says when a validator counts as able to serve a withdrawal.
type withdrawLimits struct {
	// possible is the balance up to which no build counts a validator, certain the one above which all do.
	possible, certain uint64
}

// withdrawLimits covers builds that ask for the minimum delegation once or twice, and either rent. What the reserve stores as rent
// stands for what the pool's other accounts store.
func (s StakePool) withdrawLimits() (withdrawLimits, error) {
	low, high, err := s.rents(s.Reserve.RentExemptReserve)
	if err != nil {
		return withdrawLimits{}, err
	}
	var c calc
	perToken := uint64(0)
	if s.State.PoolTokenSupply != 0 {
		perToken = c.MulDivCeil(s.State.TotalLamports, 1, s.State.PoolTokenSupply)
	}
	l := withdrawLimits{
		possible: c.Add(low, s.minimumStake(), perToken),
		certain:  c.Add(high, s.minimumStake(), s.MinimumDelegation, perToken),
	}
	if c.Err() != nil {
		return l, c.refusal()
	}
	return l, nil
}

// minimumStake is the least stake that must stay with a validator.
func (s StakePool) minimumStake() uint64 { return max(s.MinimumDelegation, minimumValidatorStake) }

// WithdrawStake quotes a withdrawal of tokens for stake split off a validator, one of [StakePool.Sources].
func (s StakePool) WithdrawStake(tokens uint64, from ValidatorStakeSource) (StakeWithdrawal, error) {
	q, exact, err := worst(s, opWithdrawStake, func(p StakePool) (StakeWithdrawal, error) { return p.withdrawStake(tokens, from) },
		func(a, b StakeWithdrawal) bool { return a.Lamports > b.Lamports })
	q.Exact = exact
	return q, err
}

// WithdrawStakeExactOut quotes the fewest tokens for at least so many lamports of stake. It may be a little more: one base unit of
// the token is worth more than one lamport.
func (s StakePool) WithdrawStakeExactOut(lamports uint64, from ValidatorStakeSource) (StakeWithdrawal, error) {
	q, exact, err := worst(s, opWithdrawStake, func(p StakePool) (StakeWithdrawal, error) {
		tokens, err := p.tokensToWithdraw(p.State.StakeWithdrawalFee, lamports)
		if err != nil {
			return StakeWithdrawal{}, err
		}
		return p.withdrawStake(tokens, from)
	}, func(a, b StakeWithdrawal) bool { return a.Tokens < b.Tokens })
	if err == nil && !exact {
		return s.WithdrawStake(q.Tokens, from)
	}
	q.Exact = exact
	return q, err
}

func (s StakePool) withdrawStake(tokens uint64, from ValidatorStakeSource) (StakeWithdrawal, error) {
	if s.EpochRewardsActive {
		return StakeWithdrawal{}, ErrEpochRewards
	}
	lamports, fee, err := s.burn(s.State.StakeWithdrawalFee, tokens)
	if err != nil {
		return StakeWithdrawal{}, err
	}
	account := &from.Stake.Account
	vote := from.Entry.VoteAccount
	switch {
	case from.Entry.Status != accounts.ValidatorActive:
		return StakeWithdrawal{}, fmt.Errorf("%w: %s is not active in the pool", ErrValidator, vote)
	case !account.IsActive(s.Clock.Epoch) || account.Delegation.Voter != vote:
		return StakeWithdrawal{}, fmt.Errorf("%w: the stake of %s is not active", ErrValidator, vote)
	case lamports < s.MinimumDelegation:
		return StakeWithdrawal{}, fmt.Errorf("%w: %d lamports, not %d", ErrBelowMinimumDelegation, lamports, s.MinimumDelegation)
	}
	_, rent, err := s.rents(account.RentExemptReserve)
	if err != nil {
		return StakeWithdrawal{}, err
	}
	required, err := fixed.Add(rent, s.minimumStake())
	if err != nil {
		return StakeWithdrawal{}, errTooLarge(err)
	}
	// The account may hold lamports that are not delegated, and these cannot be split off.
	most := min(fixed.SaturatingSub(from.Stake.Lamports, required), fixed.SaturatingSub(account.Delegation.Stake, s.MinimumDelegation),
		from.Entry.ActiveStakeLamports)
	if lamports > most {
		return StakeWithdrawal{}, fmt.Errorf("%w: %s can give %d lamports, not %d", ErrValidator, vote, most, lamports)
	}
	return StakeWithdrawal{Tokens: tokens, Lamports: lamports, ManagerFee: fee, Vote: vote}, nil
}
