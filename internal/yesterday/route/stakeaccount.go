package route

import (
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// stakeAccount is a stake account of somebody who wants to trade it. As a source it gives itself, or a part that is split off.
type stakeAccount struct{ address solana.PublicKey }

func (v stakeAccount) needs() Needs { return Needs{Accounts: []Need{{Address: v.address}}} }

func (v stakeAccount) moreToDraw(w *world, _ func(solana.PublicKey) bool) (d drawing, needs []Need) {
	stake, err := liveStake(w.state, v.address)
	if err == nil && stake.Account.State == accounts.StakeDelegated {
		d.votes = []solana.PublicKey{stake.Account.Delegation.Voter}
	}
	d.existing = v.address
	return d, nil
}

func (v stakeAccount) loadSource(w *world) (stakeSource, error) {
	stake, err := liveStake(w.state, v.address)
	if err != nil {
		return nil, err
	}
	return &loadedStakeAccount{address: v.address, stake: *stake, chain: w.chain}, nil
}

// loadedStakeAccount is a stakeAccount with its state.
type loadedStakeAccount struct {
	address solana.PublicKey
	stake   quote.LiveStake
	chain   *chain
}

func (l *loadedStakeAccount) signs() bool { return false }

func (l *loadedStakeAccount) cranked(bool) stakeSource { return l }

func (l *loadedStakeAccount) accounts(solana.PublicKey) []solana.PublicKey {
	return []solana.PublicKey{l.address}
}

func (l *loadedStakeAccount) fail(reason error) error {
	return fmt.Errorf("stake account %s: %w", l.address, reason)
}

// votes is the one it is delegated to; the zero key if it is to none, for takers that do not care.
func (l *loadedStakeAccount) votes() ([]solana.PublicKey, error) {
	switch l.stake.Account.State {
	case accounts.StakeDelegated:
		return []solana.PublicKey{l.stake.Account.Delegation.Voter}, nil
	case accounts.StakeInitialized:
		return []solana.PublicKey{{}}, nil
	}
	return nil, l.fail(quote.ErrStakeUninitialized)
}

func (l *loadedStakeAccount) draw(lamports uint64, _ solana.PublicKey, rent uint64) (drawn, error) {
	if lamports == l.stake.Lamports {
		return drawn{in: lamports, stake: l.stake, existing: l.address, exact: true}, nil
	}
	return l.split(lamports, rent)
}

// drawExactOut always splits, since the whole account may be more than is needed. Where too little would be left, it refuses.
func (l *loadedStakeAccount) drawExactOut(staked uint64, _ solana.PublicKey, rent uint64) (drawn, error) {
	return l.split(max(staked, l.chain.minimumDelegation), rent)
}

// split is what the stake program makes of a part of the account: so much delegated stake in a new account.
func (l *loadedStakeAccount) split(lamports, rent uint64) (drawn, error) {
	s := l.stake.Account
	epoch := l.chain.clock.Epoch
	switch {
	case lamports > l.stake.Lamports:
		return drawn{}, l.fail(fmt.Errorf("%w: it has %d lamports, not %d", quote.ErrTooLarge, l.stake.Lamports, lamports))
	case l.chain.rewardsActive:
		return drawn{}, l.fail(quote.ErrEpochRewards)
	case s.State != accounts.StakeDelegated:
		return drawn{}, l.fail(fmt.Errorf("%w: only delegated stake can be split, sell the whole", quote.ErrStakeUndelegated))
	case s.Delegation.DeactivationEpoch != accounts.NeverEpoch:
		return drawn{}, l.fail(fmt.Errorf("%w: only active stake can be split, sell the whole", quote.ErrStakeDeactivating))
	case !s.IsActive(epoch) && !s.IsActivating(epoch):
		return drawn{}, l.fail(quote.ErrStakeActivating)
	}
	least := l.chain.minimumDelegation
	switch {
	case lamports < least:
		return drawn{}, l.fail(fmt.Errorf("%w: %d lamports, not %d", quote.ErrBelowMinimumDelegation, lamports, least))
	case fixed.SaturatingSub(s.Delegation.Stake, lamports) < least:
		return drawn{}, l.fail(fmt.Errorf("%w: %d of %d delegated lamports would leave less than %d, sell the whole",
			quote.ErrBelowMinimumDelegation, lamports, s.Delegation.Stake, least))
	}
	s.Delegation.Stake = lamports
	balance, err := fixed.Add(lamports, rent)
	return drawn{in: lamports, stake: quote.LiveStake{Lamports: balance, Account: s}, rent: rent, exact: true}, err
}

func (l *loadedStakeAccount) steps(p Parties, d drawn, _ uint64, funder solana.PublicKey) (solana.PublicKey, []txn.Step, error) {
	if err := quote.OwnedBy(&l.stake.Account, p.Owner); err != nil {
		return l.address, nil, l.fail(err)
	}
	if d.rent == 0 {
		return l.address, nil, nil
	}
	if l.stake.Account.Staker != p.Owner {
		return l.address, nil, l.fail(fmt.Errorf("%w: %s must sign to split it", quote.ErrStakeOwner, l.stake.Account.Staker))
	}
	part, create, err := txn.NewStakeAccount(funder, p.Owner, d.rent, p.Seed)
	if err != nil {
		return part, nil, err
	}
	split, err := txn.SplitStake(l.address, part, p.Owner, d.in)
	return part, []txn.Step{create, split}, err
}

// stakeAccountWithdrawal is stake account -> SOL by Withdraw of the stake program, once the stake has cooled down. It costs nothing.
type stakeAccountWithdrawal struct{ stakes []solana.PublicKey }

func (v stakeAccountWithdrawal) name() string { return "stake program" }

func (v stakeAccountWithdrawal) serves(from, to solana.PublicKey) bool {
	return to == accounts.NativeMint && slices.Contains(v.stakes, from)
}

func (v stakeAccountWithdrawal) needs() Needs {
	var n Needs
	for _, address := range v.stakes {
		n.Accounts = append(n.Accounts, Need{Address: address})
	}
	return n
}

func (v stakeAccountWithdrawal) more(*world) []Need { return nil }

func (v stakeAccountWithdrawal) load(w *world) (loaded, error) {
	l := loadedWithdrawals{chain: w.chain, stakes: make(map[solana.PublicKey]outcome[*quote.LiveStake])}
	for _, address := range v.stakes {
		stake, err := liveStake(w.state, address)
		l.stakes[address] = outcome[*quote.LiveStake]{stake, err}
	}
	return l, nil
}

// loadedWithdrawals is a stakeAccountWithdrawal with its state.
type loadedWithdrawals struct {
	chain  *chain
	stakes map[solana.PublicKey]outcome[*quote.LiveStake]
}

func (l loadedWithdrawals) quote(r Request) (Quote, error) {
	from := l.stakes[r.From]
	err := from.err
	if err == nil {
		err = l.withdrawable(from.value, r.Amount)
	}
	switch {
	case err != nil:
		return Quote{}, fmt.Errorf("stake account %s: %w", r.From, err)
	case r.Wrapped:
		return Quote{}, ErrWrapped
	}
	q := Quote{
		In: r.Amount, MaxIn: r.Amount, Out: r.Amount, MinOut: r.Amount, Exact: true, Price: quote.Price{Lamports: 1, Tokens: 1},
		Accounts: []solana.PublicKey{r.From}, pays: r.Recipient,
	}
	if from.value.Account.State == accounts.StakeDelegated {
		q.Conditions = []string{"the stake has cooled down within one epoch, as usual; if not, the transaction fails"}
	}
	q.steps = func(p Parties) ([]txn.Step, error) {
		if err := quote.OwnedBy(&from.value.Account, p.Owner); err != nil {
			return nil, fmt.Errorf("stake account %s: %w", r.From, err)
		}
		withdraw, err := txn.WithdrawStake(r.From, r.receiver(p), p.Owner, r.Amount)
		return []txn.Step{withdraw}, err
	}
	return q, nil
}

// withdrawable checks that so many lamports are free: nothing of them is staked, and what is left pays for the account's storage.
func (l loadedWithdrawals) withdrawable(stake *quote.LiveStake, lamports uint64) error {
	s := &stake.Account
	epoch := l.chain.clock.Epoch
	switch {
	case l.chain.rewardsActive:
		return quote.ErrEpochRewards
	case s.State != accounts.StakeInitialized && s.State != accounts.StakeDelegated:
		return quote.ErrStakeUninitialized
	case s.Lockup.InForce(l.chain.clock):
		return quote.ErrStakeLocked
	case lamports > stake.Lamports:
		return fmt.Errorf("%w: it has %d lamports, not %d", quote.ErrTooLarge, stake.Lamports, lamports)
	}
	if d := s.Delegation; s.State == accounts.StakeDelegated && d.ActivationEpoch != d.DeactivationEpoch && d.DeactivationEpoch >= epoch {
		return fmt.Errorf("%w: it is staked", quote.ErrStakeActive)
	}
	if left := stake.Lamports - lamports; left > 0 && left < s.RentExemptReserve {
		return fmt.Errorf("%w: it must keep %d lamports or none", quote.ErrTooLarge, s.RentExemptReserve)
	}
	return nil
}
