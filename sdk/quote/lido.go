package quote

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
)

// What the Solido program has built in, in lamports.
const (
	// lidoShareAtOnce: one withdrawal may take a tenth of a stake account, rounded down,
	lidoShareAtOnce = 10
	// lidoAmountAtOnce and so much on top.
	lidoAmountAtOnce = 10_000_000_000
	// lidoStakeMinimum is what a withdrawal must leave in a stake account: 1 SOL and what rent used to be.
	lidoStakeMinimum = 1_002_282_880
)

const opUpdateRate = "update exchange rate"

// Lido is everything that decides what a withdrawal from Lido pays at one slot. Lido is closed: it takes no deposits that anybody
// should make, and its stSOL can be turned into stake at a rate without fee.
type Lido struct {
	// Address is Lido's state, which names it in errors.
	Address solana.PublicKey
	State   accounts.LidoState
	List    *accounts.LidoValidatorList
	Clock   accounts.Clock
	Rent    accounts.Rent
	// MinimumDelegation of the stake program, in lamports.
	MinimumDelegation uint64
	// EpochRewardsActive says whether staking rewards are being distributed.
	EpochRewardsActive bool
	// Update, if set, says that the exchange rate is updated right before, and from which balances. If the rate is of this epoch
	// already, the program refuses to update it.
	Update *LidoBalances
}

// LidoBalances is what an update of the exchange rate finds beside the validator list.
type LidoBalances struct {
	// ReserveLamports is the balance of the reserve, rent included.
	ReserveLamports uint64
	// MintSupply is the supply of stSOL.
	MintSupply uint64
}

// LidoSource is the validator that a withdrawal must come from.
type LidoSource struct {
	// Index is the validator's position in the list, by which the instruction names it.
	Index uint32
	Entry accounts.LidoValidator
}

// LidoWithdrawal is the outcome of WithdrawV2. stSOL is burned, delegated stake comes out; there is no fee.
type LidoWithdrawal struct {
	StSOL uint64
	// Lamports arrive as delegated stake, on top of the rent the receiving account already holds.
	Lamports uint64
	// Vote is the vote account the stake is delegated to and Index its position in the list.
	Vote  solana.PublicKey
	Index uint32
	// Activating says that the stake was delegated in this epoch and becomes active with the next one.
	Activating bool
}

func (l Lido) fail(op string, reason error) error { return named(op, l.Address, reason) }

// Updated is Lido after UpdateExchangeRateV2 with the balances of Update. The error wraps [ErrUpToDate] if the rate is of this epoch
// already, and [ErrInsufficientReserve] if the reserve holds less than its rent.
func (l Lido) Updated() (Lido, error) {
	updated, err := l.updated()
	return updated, l.fail(opUpdateRate, err)
}

func (l Lido) updated() (Lido, error) {
	if l.State.ExchangeRate.ComputedInEpoch >= l.Clock.Epoch {
		return l, fmt.Errorf("%w: exchange rate of epoch %d", ErrUpToDate, l.State.ExchangeRate.ComputedInEpoch)
	}
	if l.Update == nil {
		return l, fmt.Errorf("%w: exchange rate of epoch %d, now %d", ErrStale, l.State.ExchangeRate.ComputedInEpoch, l.Clock.Epoch)
	}
	rent, err := l.Rent.MinimumBalance(0)
	if err != nil {
		return l, err
	}
	balance, err := fixed.Sub(l.Update.ReserveLamports, rent)
	if err != nil {
		return l, fmt.Errorf("%w: %d lamports, less than the rent of %d", ErrInsufficientReserve, l.Update.ReserveLamports, rent)
	}
	var c fixed.Calc
	for _, v := range l.validators() {
		balance = c.Add(balance, v.StakeAccountsBalance)
	}
	if c.Err() != nil {
		return l, errTooLarge(c.Err())
	}
	l.State.ExchangeRate = accounts.LidoExchangeRate{ComputedInEpoch: l.Clock.Epoch, StSOLSupply: l.Update.MintSupply, SOLBalance: balance}
	l.Update = nil
	return l, nil
}

// current is Lido with the rate that a withdrawal is reckoned with.
func (l Lido) current() (Lido, error) {
	if l.Update == nil && l.State.ExchangeRate.ComputedInEpoch >= l.Clock.Epoch {
		return l, nil
	}
	return l.updated()
}

// Price is what stSOL is worth by the stored rate, which withdrawals pay in full.
func (l Lido) Price() Price {
	return Price{Lamports: l.State.ExchangeRate.SOLBalance, Tokens: l.State.ExchangeRate.StSOLSupply}
}

func (l Lido) validators() []accounts.LidoValidator {
	if l.List == nil {
		return nil
	}
	return l.List.Validators
}

// Source returns the validator that a withdrawal must come from: the one with the highest effective stake balance, whether it is
// active or not, and of several the first. The others with as much would do as well, see [Lido.Withdraw]. The error wraps
// [ErrValidator] if no validator has stake.
func (l Lido) Source() (LidoSource, error) {
	source, err := l.source()
	return source, l.fail(opWithdrawStake, err)
}

func (l Lido) source() (LidoSource, error) {
	var best LidoSource
	for i, v := range l.validators() {
		if v.EffectiveStakeBalance > best.Entry.EffectiveStakeBalance {
			best = LidoSource{Index: uint32(i), Entry: v}
		}
	}
	if best.Entry.EffectiveStakeBalance == 0 {
		return LidoSource{}, fmt.Errorf("%w: none of %d has stake", ErrValidator, len(l.validators()))
	}
	return best, nil
}

// accept finds the validator of a stake account in the list, if a withdrawal may come from there.
func (l Lido) accept(from *LiveStake) (LidoSource, error) {
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
		return best, fmt.Errorf("%w: the stake account is of none of Lido's", ErrValidator)
	}
	entry := l.List.Validators[index]
	switch {
	case entry.EffectiveStakeBalance < best.Entry.EffectiveStakeBalance:
		return best, fmt.Errorf("%w: withdrawals come from %s, which has %d lamports, not from %s with %d", ErrNotPreferred,
			best.Entry.VoteAccount, best.Entry.EffectiveStakeBalance, vote, entry.EffectiveStakeBalance)
	case !from.Account.IsActive(l.Clock.Epoch) && !from.Account.IsActivating(l.Clock.Epoch):
		return best, fmt.Errorf("%w: the stake of %s is not active", ErrValidator, vote)
	}
	return LidoSource{Index: uint32(index), Entry: entry}, nil
}

// Limit is the most lamports that one withdrawal can take from the stake account of the validator [Lido.Source] returns. Whoever has
// more stSOL withdraws several times, each time from the validator that has the most stake by then, see [Lido.After].
func (l Lido) Limit(from LiveStake) (uint64, error) {
	source, err := l.accept(&from)
	if err != nil {
		return 0, l.fail(opWithdrawStake, err)
	}
	most, err := l.limit(source.Entry, &from)
	return most, l.fail(opWithdrawStake, err)
}

func (l Lido) limit(entry accounts.LidoValidator, from *LiveStake) (uint64, error) {
	rent, err := l.Rent.MinimumBalance(accounts.StakeAccountSpace)
	if err != nil {
		return 0, err
	}
	delegated := from.Account.Delegation.Stake
	if besides := fixed.SaturatingSub(from.Lamports, delegated); besides < rent {
		// Newer builds of the stake program ask for today's rent in lamports that are not delegated.
		return 0, fmt.Errorf("%w: %s keeps %d lamports besides its stake, for rent of %d", ErrBuildDependent, entry.VoteAccount, besides, rent)
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

// Withdraw quotes a withdrawal of stSOL for stake split off a validator's stake account: that of the validator [Lido.Source]
// returns, or of another one with as much stake. The receiving account must hold the rent of a stake account already.
func (l Lido) Withdraw(stSOL uint64, from LiveStake) (LidoWithdrawal, error) {
	var r Refusal
	w, ok := l.Prepare().Withdraw(stSOL, l.prepareSource(&from), &r)
	return answer(w, ok, &r)
}

// WithdrawExactOut quotes the least stSOL for at least so many lamports of stake. It may be a little more: one base unit of stSOL is
// worth more than one lamport.
func (l Lido) WithdrawExactOut(lamports uint64, from LiveStake) (LidoWithdrawal, error) {
	var r Refusal
	w, ok := l.Prepare().WithdrawExactOut(lamports, l.prepareSource(&from), &r)
	return answer(w, ok, &r)
}

// WithdrawMost quotes the largest withdrawal there can be from the stake account at once, see [Lido.Limit]. The error wraps
// [ErrValidator] if there can be none.
func (l Lido) WithdrawMost(from LiveStake) (LidoWithdrawal, error) {
	most, err := l.Limit(from)
	if err != nil {
		return LidoWithdrawal{}, err
	}
	if least := max(l.MinimumDelegation, 1); most < least {
		return LidoWithdrawal{}, l.fail(opWithdrawStake, fmt.Errorf("%w: it can give %d lamports at once, not %d", ErrValidator, most, least))
	}
	// One base unit less than what is worth more.
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

// After is Lido after a withdrawal that it quoted, so that the next one can be quoted. The stake account it came from then holds
// fewer lamports, and its delegation is smaller, both by those of the withdrawal.
func (l Lido) After(withdrawal LidoWithdrawal) (Lido, error) {
	l, err := l.current()
	if err != nil {
		return l, l.fail(opWithdrawStake, err)
	}
	if int64(withdrawal.Index) >= int64(len(l.validators())) {
		return l, l.fail(opWithdrawStake,
			fmt.Errorf("%w: there is no validator %d", ErrValidator, withdrawal.Index))
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
