package quote

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// The constants of the Solido program, in lamports where they are amounts.
const (
	// lidoShareAtOnce is the divisor of the share that one withdrawal may take:
	// a tenth of the stake account's balance, rounded down,
	lidoShareAtOnce = 10
	// plus lidoAmountAtOnce.
	lidoAmountAtOnce = 10_000_000_000
	// lidoStakeMinimum is the balance that a withdrawal must leave in a stake
	// account: 1 SOL plus the rent of a stake account at the time of the
	// program's release.
	lidoStakeMinimum = 1_002_282_880
)

const opUpdateRate = "update exchange rate"

// LidoState holds the state that determines the outcome of a withdrawal from
// Lido at one slot. Lido has been shut down: deposits are not supported, and
// stSOL can be exchanged for stake without a fee.
type LidoState struct {
	// Address is the address of the Lido state account, which names the pool in
	// errors.
	Address solana.PublicKey
	State   accounts.LidoState
	List    *accounts.LidoValidatorList
	Clock   accounts.Clock
	Rent    accounts.Rent
	// MinimumDelegation is the minimum delegation of the stake program, in
	// lamports.
	MinimumDelegation uint64
	// EpochRewardsActive reports whether staking rewards are being distributed.
	EpochRewardsActive bool
	// Update, if set, holds the balances for an update of the exchange rate
	// just before the withdrawal. The program refuses the update if the rate is
	// already of this epoch.
	Update *LidoBalances
}

// LidoBalances holds the balances that an update of the exchange rate uses in
// addition to the validator list.
type LidoBalances struct {
	// ReserveLamports is the balance of the reserve in lamports, including
	// rent.
	ReserveLamports uint64
	// MintSupply is the supply of stSOL in base units.
	MintSupply uint64
}

// LidoSource is the validator that a withdrawal must come from.
type LidoSource struct {
	// Index is the validator's position in the list, by which the instruction
	// names it.
	Index uint32
	Entry accounts.LidoValidator
}

// LidoWithdrawal is the outcome of a WithdrawV2 instruction: stSOL is burned
// for delegated stake, without a fee.
type LidoWithdrawal struct {
	StSOL uint64
	// Lamports is the delegation that the receiving account gets, in addition
	// to the rent it already holds.
	Lamports uint64
	// Vote is the vote account that the stake is delegated to, and Index its
	// position in the list.
	Vote  solana.PublicKey
	Index uint32
	// Activating reports whether the stake was delegated in this epoch, so that
	// it becomes active in the next.
	Activating bool
}

func (l LidoState) fail(op string, reason error) error { return named(op, l.Address, reason) }

// Updated returns the state after UpdateExchangeRateV2 with the balances of
// Update. The error wraps [ErrUpToDate] if the rate is already of this epoch,
// and [ErrInsufficientReserve] if the reserve holds less than its rent.
func (l LidoState) Updated() (LidoState, error) {
	updated, err := l.updated()
	return updated, l.fail(opUpdateRate, err)
}

func (l LidoState) updated() (LidoState, error) {
	if l.State.ExchangeRate.ComputedInEpoch >= l.Clock.Epoch {
		return l, fmt.Errorf("%w: exchange rate of epoch %d", ErrUpToDate,
			l.State.ExchangeRate.ComputedInEpoch)
	}

	if l.Update == nil {
		return l, fmt.Errorf("%w: exchange rate of epoch %d, now epoch %d", ErrStalePool,
			l.State.ExchangeRate.ComputedInEpoch, l.Clock.Epoch)
	}

	rent, err := l.Rent.MinimumBalance(0)
	if err != nil {
		return l, err
	}

	balance, err := fixed.Sub(l.Update.ReserveLamports, rent)
	if err != nil {
		return l, fmt.Errorf("%w: %d lamports, less than the rent of %d lamports",
			ErrInsufficientReserve,
			l.Update.ReserveLamports, rent)
	}

	var c fixed.Calc
	for _, v := range l.validators() {
		balance = c.Add(balance, v.StakeAccountsBalance)
	}

	if c.Err() != nil {
		return l, errTooLarge(c.Err())
	}

	l.State.ExchangeRate = accounts.LidoExchangeRate{
		ComputedInEpoch: l.Clock.Epoch,
		StSOLSupply:     l.Update.MintSupply,
		SOLBalance:      balance,
	}

	l.Update = nil

	return l, nil
}

// current returns the state with the exchange rate that a withdrawal uses.
func (l LidoState) current() (LidoState, error) {
	if l.Update == nil && l.State.ExchangeRate.ComputedInEpoch >= l.Clock.Epoch {
		return l, nil
	}
	return l.updated()
}

// Price returns the value of stSOL at the stored exchange rate. Withdrawals pay
// it in full.
func (l LidoState) Price() Price {
	return Price{Lamports: l.State.ExchangeRate.SOLBalance,
		Tokens: l.State.ExchangeRate.StSOLSupply}
}

func (l LidoState) validators() []accounts.LidoValidator {
	if l.List == nil {
		return nil
	}
	return l.List.Validators
}

// Source returns the validator that a withdrawal must come from: the one with
// the highest effective stake balance, active or not, and the first of several
// equal ones. [LidoState.Withdraw] also accepts the other equal ones. The error
// wraps [ErrValidator] if no validator has stake.
func (l LidoState) Source() (LidoSource, error) {
	source, err := l.source()
	return source, l.fail(opWithdrawStake, err)
}

func (l LidoState) source() (LidoSource, error) {
	var best LidoSource
	for i, v := range l.validators() {
		if v.EffectiveStakeBalance > best.Entry.EffectiveStakeBalance {
			best = LidoSource{Index: uint32(i), Entry: v}
		}
	}

	if best.Entry.EffectiveStakeBalance == 0 {
		return LidoSource{}, fmt.Errorf("%w: none of Lido's %d validators has stake", ErrValidator,
			len(l.validators()))
	}

	return best, nil
}

// accept returns the validator of a stake account if a withdrawal may come from
// it.
func (l LidoState) accept(from *StakeAccountState) (LidoSource, error) {
	best, err := l.source()
	if err != nil {
		return best, err
	}

	vote := from.Account.Delegation.Voter
	index := -1
	if from.Account.State == accounts.StakeDelegated {
		index = l.List.Index(vote)
	}

	if index < 0 {
		return best, fmt.Errorf("%w: the stake account is not delegated to a validator of Lido",
			ErrValidator)
	}

	entry := l.List.Validators[index]
	switch {
	case entry.EffectiveStakeBalance < best.Entry.EffectiveStakeBalance:
		return best, fmt.Errorf(
			"%w: withdrawals come from %s with %d lamports, not from %s with %d",
			ErrNotPreferred,
			best.Entry.VoteAccount,
			best.Entry.EffectiveStakeBalance,
			vote,
			entry.EffectiveStakeBalance,
		)

	case !from.Account.IsActive(l.Clock.Epoch) && !from.Account.IsActivating(l.Clock.Epoch):
		return best, fmt.Errorf("%w: the stake of %s is not active", ErrValidator, vote)
	}

	return LidoSource{Index: uint32(index), Entry: entry}, nil
}

// Limit returns the largest number of lamports that one withdrawal can take
// from the stake account of a validator, see [LidoState.Source]. To withdraw
// more, withdraw several times, each time from the validator that then has the
// most stake, see [LidoState.After].
func (l LidoState) Limit(from StakeAccountState) (uint64, error) {
	source, err := l.accept(&from)
	if err != nil {
		return 0, l.fail(opWithdrawStake, err)
	}
	most, err := l.limit(source.Entry, &from)
	return most, l.fail(opWithdrawStake, err)
}

func (l LidoState) limit(entry accounts.LidoValidator, from *StakeAccountState) (uint64, error) {
	rent, err := l.Rent.MinimumBalance(accounts.StakeAccountSpace)
	if err != nil {
		return 0, err
	}

	delegated := from.Account.Delegation.Stake
	if besides := fixed.SaturatingSub(from.Lamports, delegated); besides < rent {
		// Newer builds of the stake program require the current rent in
		// lamports that are not delegated.
		return 0, fmt.Errorf(
			"%w: the stake account of %s holds %d lamports besides its stake, and the rent is %d",
			ErrBuildDependent,
			entry.VoteAccount,
			besides,
			rent,
		)
	}

	var c fixed.Calc
	kept := c.Add(max(rent, from.Account.RentExemptReserve), l.MinimumDelegation)
	atOnce := c.Add(from.Lamports/lidoShareAtOnce, lidoAmountAtOnce)
	if c.Err() != nil {
		return 0, errTooLarge(c.Err())
	}

	return min(
		atOnce,
		fixed.SaturatingSub(from.Lamports, max(kept, lidoStakeMinimum)),
		fixed.SaturatingSub(delegated, l.MinimumDelegation),
		fixed.SaturatingSub(entry.StakeAccountsBalance, entry.UnstakeAccountsBalance),
	), nil
}

// Withdraw quotes a withdrawal of stSOL for stake that is split off a
// validator's stake account: the validator of [LidoState.Source], or another
// one with as much stake. The receiving account must already hold the rent of a
// stake account.
func (l LidoState) Withdraw(stSOL uint64, from StakeAccountState) (LidoWithdrawal, error) {
	var r Refusal
	w, ok := l.Prepare().Withdraw(stSOL, l.prepareSource(&from), &r)
	return answer(w, ok, &r)
}

// WithdrawExactOut quotes the smallest amount of stSOL for at least the given
// lamports of stake. The stake may be slightly more, as one base unit of stSOL
// is worth more than one lamport.
func (l LidoState) WithdrawExactOut(
	lamports uint64,
	from StakeAccountState,
) (LidoWithdrawal, error) {
	var r Refusal
	w, ok := l.Prepare().WithdrawExactOut(lamports, l.prepareSource(&from), &r)
	return answer(w, ok, &r)
}

// WithdrawMost quotes the largest possible withdrawal from the stake account,
// see [LidoState.Limit]. The error wraps [ErrValidator] if the account cannot
// serve any withdrawal.
func (l LidoState) WithdrawMost(from StakeAccountState) (LidoWithdrawal, error) {
	most, err := l.Limit(from)
	if err != nil {
		return LidoWithdrawal{}, err
	}

	if least := max(l.MinimumDelegation, 1); most < least {
		return LidoWithdrawal{}, l.fail(
			opWithdrawStake,
			fmt.Errorf(
				"%w: the stake account can give %d lamports per withdrawal, at least %d are needed",
				ErrValidator,
				most,
				least,
			),
		)
	}

	// The result is one base unit less than the smallest amount that is worth
	// more than the limit.
	p := l.Prepare()
	var r Refusal
	stSOL, ok := p.tokensFor(most+1, &r)
	if !ok {
		r.by(opWithdrawStake, &p.address)
		return LidoWithdrawal{}, r.Err()
	}

	w, ok := p.Withdraw(stSOL-1, l.prepareSource(&from), &r)

	return answer(w, ok, &r)
}

// After returns the state after a withdrawal, for the quote of the next one.
// The caller must reduce the balance and the delegation of the stake account by
// the withdrawn lamports.
func (l LidoState) After(withdrawal LidoWithdrawal) (LidoState, error) {
	l, err := l.current()
	if err != nil {
		return l, l.fail(opWithdrawStake, err)
	}

	if int64(withdrawal.Index) >= int64(len(l.validators())) {
		return l, l.fail(opWithdrawStake,
			fmt.Errorf("%w: the validator index %d is out of range", ErrValidator,
				withdrawal.Index))
	}

	var c fixed.Calc
	list := *l.List
	list.Validators = slices.Clone(list.Validators)
	v := &list.Validators[withdrawal.Index]
	v.StakeAccountsBalance = c.Sub(v.StakeAccountsBalance, withdrawal.Lamports)
	v.EffectiveStakeBalance = c.Sub(v.StakeAccountsBalance, v.UnstakeAccountsBalance)
	m := &l.State.Metrics
	m.WithdrawStSOLTotal = c.Add(m.WithdrawStSOLTotal, withdrawal.StSOL)
	m.WithdrawSOLTotal = c.Add(m.WithdrawSOLTotal, withdrawal.Lamports)
	m.WithdrawCount = c.Add(m.WithdrawCount, 1)
	l.List = &list

	return l, l.fail(opWithdrawStake, errTooLarge(c.Err()))
}
