package route

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Compute units as measured on the builds of 2025, with room for lists of a thousand validators.
const (
	withdrawStakeUnits = 120_000
	depositStakeUnits  = 150_000
)

// candidatesPerPair is how many validators of a pool are looked at for each use of its stake. All of them pay the same: the second is
// there in case that the first cannot give as much as the list says.
const candidatesPerPair = 2

// stakePoolStake is a stake pool as source and taker of stake, which takes its whole validator list.
type stakePoolStake struct{ stakePool }

func (v stakePoolStake) needs() Needs {
	n := v.stakePool.needs()
	n.Accounts = append(n.Accounts, Need{Address: v.lst.ValidatorList})
	return n
}

// likely are the active validators of the pool that match, the preferred one first if there is one, then the largest.
func (v stakePoolStake) likely(w *world, match func(solana.PublicKey) bool) []accounts.ValidatorStakeInfo {
	pool, err := v.decode(w.state)
	if err != nil {
		return nil
	}
	list, err := v.list(w.state)
	if err != nil {
		return nil
	}
	first := pool.PreferredWithdrawValidator
	entries := slices.DeleteFunc(list.Validators, func(e accounts.ValidatorStakeInfo) bool {
		return e.Status != accounts.ValidatorActive || !match(e.VoteAccount)
	})
	slices.SortStableFunc(entries, func(a, b accounts.ValidatorStakeInfo) int {
		switch {
		case first != nil && a.VoteAccount == *first:
			return -1
		case first != nil && b.VoteAccount == *first:
			return 1
		}
		return cmp.Compare(b.ActiveStakeLamports, a.ActiveStakeLamports)
	})
	return entries
}

func (v stakePoolStake) moreToDraw(w *world, accepts func(solana.PublicKey) bool) (d drawing, needs []Need) {
	entries := v.likely(w, accepts)
	for _, e := range entries[:min(len(entries), candidatesPerPair)] {
		if active, _, err := v.stakes(e); err == nil {
			d.votes = append(d.votes, e.VoteAccount)
			needs = append(needs, Need{Address: active})
		}
	}
	return d, needs
}

func (v stakePoolStake) accepting(w *world) func(solana.PublicKey) bool {
	nobody := func(solana.PublicKey) bool { return false }
	pool, err := v.decode(w.state)
	if err != nil {
		return nobody
	}
	list, err := v.list(w.state)
	if err != nil {
		return nobody
	}
	return accepting(pool, list)
}

// accepting are the active validators of a pool, or only its preferred one.
func accepting(pool *accounts.StakePool, list *accounts.ValidatorList) func(solana.PublicKey) bool {
	active := make(map[solana.PublicKey]bool)
	for _, e := range list.Validators {
		preferred := pool.PreferredDepositValidator
		active[e.VoteAccount] = e.Status == accounts.ValidatorActive && (preferred == nil || *preferred == e.VoteAccount)
	}
	return func(vote solana.PublicKey) bool { return active[vote] }
}

func (v stakePoolStake) moreToTake(w *world, d drawing) []Need {
	list, err := v.list(w.state)
	if err != nil {
		return nil
	}
	var needs []Need
	for _, vote := range d.votes {
		if e := list.Find(vote); e != nil {
			if active, _, err := v.stakes(*e); err == nil {
				needs = append(needs, Need{Address: active})
			}
		}
	}
	return needs
}

// loadedStakePoolStake is a stakePoolStake with its state.
type loadedStakePoolStake struct {
	*loadedStakePool
	venue stakePoolStake
	chain *chain
	list  *accounts.ValidatorList
	// welcome says whose stake the pool takes.
	welcome func(solana.PublicKey) bool
	// stakes are the validators' stake accounts that were loaded.
	stakes map[solana.PublicKey]validatorStake
}

type validatorStake struct {
	address solana.PublicKey
	source  quote.ValidatorStakeSource
}

func (v stakePoolStake) loadStake(w *world) (*loadedStakePoolStake, error) {
	return once(w.stakePools, v.lst.Mint, func() (*loadedStakePoolStake, error) {
		pool, err := v.load(w)
		if err != nil {
			return nil, err
		}
		list, err := v.list(w.state)
		if err != nil {
			return nil, err
		}
		l := &loadedStakePoolStake{
			loadedStakePool: pool, venue: v, chain: w.chain, list: list, welcome: accepting(&pool.pool.State, list),
			stakes: make(map[solana.PublicKey]validatorStake),
		}
		for vote, addresses := range w.validatorStakes() {
			if err := l.loadValidator(w.state, vote, addresses); err != nil {
				return nil, err
			}
		}
		return l, nil
	})
}

// loadValidator keeps the stake of a validator of the pool, if it is among the stake accounts that were loaded.
func (l *loadedStakePoolStake) loadValidator(s *State, vote solana.PublicKey, loaded []solana.PublicKey) error {
	e := l.list.Find(vote)
	if e == nil || e.Status != accounts.ValidatorActive {
		return nil
	}
	address, _, err := l.venue.stakes(*e)
	if err != nil || !slices.Contains(loaded, address) {
		return err
	}
	stake, err := liveStake(s, address)
	if err != nil {
		return err
	}
	l.stakes[vote] = validatorStake{address, quote.ValidatorStakeSource{Entry: *e, Stake: *stake}}
	return nil
}

func (v stakePoolStake) loadSource(w *world) (stakeSource, error) {
	l, err := v.loadStake(w)
	if err != nil {
		return nil, err
	}
	return stakePoolSource{l}, nil
}

func (v stakePoolStake) loadTaker(w *world) (stakeTaker, error) {
	l, err := v.loadStake(w)
	if err != nil {
		return nil, err
	}
	return stakePoolTaker{l}, nil
}

// stakePoolSource hands out stake by WithdrawStake.
type stakePoolSource struct{ *loadedStakePoolStake }

func (l stakePoolSource) signs() bool { return false }

// cranked is the same: after an update the validators' figures would be others than those the choice is made by.
func (l stakePoolSource) cranked(bool) stakeSource { return l }

func (l stakePoolSource) crankSteps() ([]txn.Step, error) { return nil, nil }

func (l stakePoolSource) token() lst.LST { return l.lst }

func (l stakePoolSource) routerSuffix(vote solana.PublicKey) (instructions.WithdrawStakeSuffix, error) {
	return instructions.StakePoolWithdrawStake(l.keys, l.stakes[vote].address), nil
}

func (l stakePoolSource) votes() ([]solana.PublicKey, error) {
	entries, err := l.pool.Sources(l.list)
	if err != nil {
		return nil, err
	}
	var votes []solana.PublicKey
	for _, e := range entries {
		if _, ok := l.stakes[e.VoteAccount]; ok {
			votes = append(votes, e.VoteAccount)
		}
	}
	if len(votes) == 0 {
		return nil, &quote.Error{Op: "withdraw stake", Pool: l.pool.Address, Reason: fmt.Errorf("%w: none was loaded", quote.ErrValidator)}
	}
	return votes, nil
}

func (l stakePoolSource) draw(tokens uint64, vote solana.PublicKey, rent uint64) (drawn, error) {
	w, err := l.pool.WithdrawStake(tokens, l.stakes[vote].source)
	if err != nil {
		return drawn{}, err
	}
	return l.drawn(w, rent)
}

func (l stakePoolSource) drawExactOut(staked uint64, vote solana.PublicKey, rent uint64) (drawn, error) {
	w, err := l.pool.WithdrawStakeExactOut(max(staked, l.pool.MinimumDelegation), l.stakes[vote].source)
	if err != nil {
		return drawn{}, err
	}
	return l.drawn(w, rent)
}

// drawn is what the stake program makes of a withdrawal: stake that is as active as what it was split off.
func (l stakePoolSource) drawn(w quote.StakeWithdrawal, rent uint64) (drawn, error) {
	account := l.stakes[w.Vote].source.Stake.Account
	account.Delegation.Stake = w.Lamports
	lamports, err := fixed.Add(w.Lamports, rent)
	if err != nil {
		return drawn{}, quote.ErrTooLarge
	}
	d := drawn{in: w.Tokens, stake: quote.LiveStake{Lamports: lamports, Account: account}, rent: rent, exact: w.Exact}
	if w.ManagerFee > 0 {
		s := l.pool.State
		d.fees = []Fee{{
			Name: "stake withdrawal fee", Amount: w.ManagerFee, Mint: s.PoolMint, Rate: feeRate(s.StakeWithdrawalFee), Recipient: s.ManagerFeeAccount,
		}}
	}
	if !w.Exact {
		d.conditions = []string{unknownBuild}
	}
	return d, nil
}

func (l stakePoolSource) steps(p Parties, d drawn, minimum uint64, funder solana.PublicKey) (solana.PublicKey, []txn.Step, error) {
	stake, create, err := txn.NewStakeAccount(funder, p.Owner, d.rent, p.Seed)
	if err != nil {
		return stake, nil, err
	}
	source, err := p.Addresses.AssociatedToken(p.Owner, l.keys.TokenProgram, l.keys.Mint)
	if err != nil {
		return stake, nil, err
	}
	withdraw, err := instructions.WithdrawStakeWithSlippage{
		WithdrawStake: instructions.WithdrawStake{
			Pool: l.keys, Split: l.stakes[d.stake.Account.Delegation.Voter].address, Destination: stake, NewAuthority: cmp.Or(p.authority, p.Owner),
			Authority: p.Owner, Source: source, PoolTokens: d.in,
		},
		MinimumLamportsOut: minimum,
	}.Build()
	if err != nil {
		return stake, nil, err
	}
	return stake, []txn.Step{create, {
		Words: fmt.Sprintf("withdraw stake of at least %s SOL from the stake pool of %s for %s %s",
			lst.FormatAmount(minimum, 9), l.lst.Symbol, l.lst.Format(d.in), l.lst.Symbol),
		Instruction: withdraw,
		Units:       withdrawStakeUnits,
	}}, nil
}

func (l stakePoolSource) accounts(vote solana.PublicKey) []solana.PublicKey { return l.dependsOn(vote) }

func (l *loadedStakePoolStake) dependsOn(vote solana.PublicKey) []solana.PublicKey {
	keys := append(slices.Clone(l.read), l.lst.ValidatorList)
	if s, ok := l.stakes[vote]; ok {
		keys = append(keys, s.address)
	}
	return keys
}

// stakePoolTaker takes stake by DepositStake.
type stakePoolTaker struct{ *loadedStakePoolStake }

func (l stakePoolTaker) accounts(vote solana.PublicKey) []solana.PublicKey { return l.dependsOn(vote) }

func (l stakePoolTaker) token() lst.LST { return l.lst }

func (l stakePoolTaker) routerDeposit(vote, _ solana.PublicKey) instructions.DepositStakeSuffix {
	return instructions.StakePoolDepositStake(l.keys, l.stakes[vote].address)
}

func (l stakePoolTaker) accepts(vote solana.PublicKey) bool { return l.welcome(vote) }

func (l stakePoolTaker) rent() (uint64, error) {
	return l.chain.rent.MinimumBalance(accounts.StakeAccountSpace)
}

func (l stakePoolTaker) take(d drawn) (taken, error) {
	staked, unstaked, err := l.parts(d)
	if err != nil {
		return taken{}, err
	}
	q, err := l.pool.DepositStake(staked, unstaked)
	if err != nil {
		return taken{}, err
	}
	s := l.pool.State
	rate := fmt.Sprintf("%s, %s of what is not staked", feeRate(s.StakeDepositFee), feeRate(s.SolDepositFee))
	t := taken{
		out: q.Tokens, referral: q.ReferralFee, referralRate: fmt.Sprintf("%d/100 of %s", s.StakeReferralFee, rate), exact: q.Exact,
		condition: unknownBuild, price: l.pool.Price(),
		leaves: leaves(l.pool, q.Exact, staked+unstaked, q.Tokens, q.ReferralFee, q.ManagerFee),
	}
	if q.ManagerFee > 0 {
		t.fees = []Fee{{Name: "stake deposit fee", Amount: q.ManagerFee, Mint: s.PoolMint, Rate: rate, Recipient: s.ManagerFeeAccount}}
	}
	return t, nil
}

func (l stakePoolTaker) takeExactOut(out uint64, like drawn) (uint64, error) {
	staked, unstaked, err := l.parts(like)
	if err != nil {
		return 0, err
	}
	q, err := l.pool.DepositStakeExactOut(out, unstaked)
	// The rent of activating stake counts as stake, though it is not delegated.
	beside := fixed.SaturatingSub(staked, like.stake.Account.Delegation.Stake)
	return fixed.SaturatingSub(q.Staked, beside), err
}

func (l stakePoolTaker) parts(d drawn) (staked, unstaked uint64, err error) {
	return l.pool.StakeParts(l.list, d.stake, l.stakes[d.stake.Account.Delegation.Voter].source.Stake)
}

func (l stakePoolTaker) steps(p Parties, h handover) ([]txn.Step, error) {
	destination, create, err := h.request.tokenAccount(p, l.keys.Mint, l.keys.TokenProgram)
	if err != nil {
		return nil, err
	}
	referrer := h.request.Referrer
	if referrer.IsZero() {
		referrer = destination
	}
	deposit, err := instructions.DepositStakeWithSlippage{
		DepositStake: instructions.DepositStake{
			Pool: l.keys, Stake: h.stake, ValidatorStake: l.stakes[h.vote].address, Destination: destination, Referrer: referrer,
		},
		MinimumTokensOut: h.minimum,
	}.Build()
	if err != nil {
		return nil, err
	}
	authorize, err := txn.AuthorizeStake(h.stake, p.Owner, l.keys.StakeDepositAuthority)
	if err != nil {
		return nil, err
	}
	steps := append([]txn.Step{create}, authorize...)
	return append(steps, txn.Step{
		Words: fmt.Sprintf("deposit the stake account %s into the stake pool of %s for at least %s %s",
			h.stake, l.lst.Symbol, l.lst.Format(h.minimum), l.lst.Symbol) + h.request.forWhom(p),
		Instruction: deposit,
		Units:       depositStakeUnits,
	}), nil
}
