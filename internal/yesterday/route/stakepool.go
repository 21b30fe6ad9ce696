package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/yesterday/quote"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrMismatch says that accounts which ought to belong together do not, or not to the token they were loaded for.
var ErrMismatch = errors.New("accounts do not belong together")

// ErrWrongProgram says that a pool belongs to another deployment of its program than the registry says.
var ErrWrongProgram = errors.New("pool of another program (correct the registry's entry)")

// ErrUnsupportedMint says that a mint has a token extension that may change what arrives.
var ErrUnsupportedMint = errors.New("mint has an unsupported extension")

// ErrWrapped says that a venue trades SOL itself only, not wrapped SOL.
var ErrWrapped = errors.New("venue does not trade wrapped SOL (leave Wrapped off)")

// ErrReferrer says that a venue takes the referral part of a pool's fee for the user, and cannot pay a referrer.
var ErrReferrer = errors.New("venue cannot pay a referrer (leave Referrer out)")

// ErrTooManyValidators says that a pool has too many validators to be cranked in the transaction that uses it.
var ErrTooManyValidators = errors.New("too many validators to update in the same transaction " +
	"(update the pool first, in transactions of its own)")

// maxCrankedValidators is how many validators a pool may have to be cranked in the same transaction: their accounts have to fit
// beside those of the deposit.
const maxCrankedValidators = 6

// Compute units as measured on the builds of 2025, with room: most goes to the searches for derived addresses, whose length
// depends on the address.
const (
	depositSolUnits        = 60_000
	withdrawSolUnits       = 60_000
	updateListUnits        = 15_000
	updateListEntryUnits   = 60_000
	updatePoolBalanceUnits = 60_000
	cleanupUnits           = 10_000
)

// stakePool is the stake pool of an LST, of the SPL family. What it is good for are venues of their own.
type stakePool struct{ lst lst.LST }

func (v stakePool) needs() Needs {
	return Needs{
		Accounts: []Need{
			{Address: v.lst.Pool},
			{Address: v.lst.Mint},
			// The list of a large pool is long, and only that of a small one is ever needed.
			{Address: v.lst.ValidatorList, Length: accounts.ValidatorListHeaderSize + maxCrankedValidators*accounts.ValidatorStakeInfoSize},
		},
		Programs: []solana.PublicKey{v.lst.Program},
	}
}

func (v stakePool) more(w *world) []Need {
	pool, err := v.decode(w.state)
	if err != nil {
		return nil
	}
	needs := []Need{{Address: pool.ReserveStake}, {Address: pool.ManagerFeeAccount}}
	if pool.LastUpdateEpoch >= w.clock.Epoch {
		return needs
	}
	list, err := v.shortList(w.state)
	if err != nil {
		return needs
	}
	for _, entry := range list.Validators {
		active, transient, err := v.stakes(entry)
		if err != nil {
			return needs
		}
		needs = append(needs, Need{Address: active}, Need{Address: transient})
	}
	return needs
}

// decode reads the pool and checks that it is the one of the token.
func (v stakePool) decode(s *State) (*accounts.StakePool, error) {
	a, err := s.get("stake pool", v.lst.Pool)
	if err != nil {
		return nil, err
	}
	if a.Owner != v.lst.Program && slices.Contains(accounts.StakePoolPrograms(), a.Owner) {
		return nil, fmt.Errorf("%w: pool %s is of %s, not %s", ErrWrongProgram, v.lst.Pool, a.Owner, v.lst.Program)
	}
	pool, err := accounts.DecodeStakePoolOf(a, v.lst.Program)
	if err != nil {
		return nil, err
	}
	switch {
	case pool.PoolMint != v.lst.Mint:
		return nil, fmt.Errorf("%w: pool %s is of mint %s, not %s", ErrMismatch, v.lst.Pool, pool.PoolMint, v.lst.Mint)
	case pool.ValidatorList != v.lst.ValidatorList:
		return nil, fmt.Errorf("%w: pool %s has validator list %s, not %s", ErrMismatch, v.lst.Pool, pool.ValidatorList, v.lst.ValidatorList)
	}
	return pool, nil
}

// list reads the validator list.
func (v stakePool) list(s *State) (*accounts.ValidatorList, error) {
	a, err := s.get("validator list", v.lst.ValidatorList)
	if err != nil {
		return nil, err
	}
	return accounts.DecodeValidatorListOf(a, v.lst.Program)
}

// shortList is the list of a pool that can be cranked in the transaction that uses it. Of others only the beginning may be there.
func (v stakePool) shortList(s *State) (*accounts.ValidatorList, error) {
	list, err := v.list(s)
	if errors.Is(err, accounts.ErrLength) || err == nil && len(list.Validators) > maxCrankedValidators {
		return nil, fmt.Errorf("%w: over %d", ErrTooManyValidators, maxCrankedValidators)
	}
	return list, err
}

func (v stakePool) stakes(entry accounts.ValidatorStakeInfo) (active, transient solana.PublicKey, err error) {
	active, err = accounts.ValidatorStakeAddress(v.lst.Program, v.lst.Pool, entry.VoteAccount, entry.ValidatorSeedSuffix)
	if err != nil {
		return active, transient, err
	}
	transient, err = accounts.TransientStakeAddress(v.lst.Program, v.lst.Pool, entry.VoteAccount, entry.TransientSeedSuffix)
	return active, transient, err
}

// load decodes the pool, once for all venues.
func (v stakePool) load(w *world) (*loadedStakePool, error) {
	return once(w.pools, v.lst.Mint, func() (*loadedStakePool, error) { return v.loadPool(w.chain, w.state) })
}

func (v stakePool) loadPool(c *chain, s *State) (*loadedStakePool, error) {
	pool, err := v.decode(s)
	if err != nil {
		return nil, err
	}
	mint, err := plainMint(s, v.lst, pool.TokenProgram)
	if err != nil {
		return nil, err
	}
	reserve, err := liveStake(s, pool.ReserveStake)
	if err != nil {
		return nil, err
	}
	feeAccount, err := s.Accounts.Get(pool.ManagerFeeAccount)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return nil, err
	}
	keys, err := instructions.NewStakePool(v.lst.Program, v.lst.Pool, pool)
	if err != nil {
		return nil, err
	}
	l := &loadedStakePool{
		lst:  v.lst,
		keys: keys,
		pool: quote.StakePool{
			Program: v.lst.Program, Address: v.lst.Pool, State: *pool,
			Clock: c.clock, Rent: c.rent, MinimumDelegation: c.minimumDelegation, EpochRewardsActive: c.rewardsActive,
			Reserve: reserve.Account, ReserveLamports: reserve.Lamports,
			FeeAccountUsable: quote.FeeAccountUsable(pool, feeAccount),
			Rounding:         quote.StakePoolFeeRounding(s.Builds[v.lst.Program]),
		},
		read: []solana.PublicKey{v.lst.Pool, v.lst.Mint, pool.ReserveStake, pool.ManagerFeeAccount},
	}
	if pool.LastUpdateEpoch < c.clock.Epoch {
		l.crank, l.crankErr = v.loadCrank(s, mint)
	}
	return l, nil
}

// plainMint refuses a mint that is not what the registry says or may take a part of what arrives.
func plainMint(s *State, token lst.LST, tokenProgram solana.PublicKey) (*accounts.Mint, error) {
	a, err := s.get("mint", token.Mint)
	if err != nil {
		return nil, err
	}
	mint, err := accounts.DecodeMint(a)
	if err != nil {
		return nil, err
	}
	switch {
	case a.Owner != tokenProgram:
		return nil, fmt.Errorf("%w: mint %s belongs to token program %s, not %s", ErrMismatch, token.Mint, a.Owner, tokenProgram)
	case mint.Decimals != token.Decimals:
		return nil, fmt.Errorf("%w: mint %s has %d decimals, not %d", ErrMismatch, token.Mint, mint.Decimals, token.Decimals)
	}
	for _, e := range mint.Extensions {
		if e.Type != accounts.ExtensionMetadataPointer && e.Type != accounts.ExtensionTokenMetadata {
			return nil, fmt.Errorf("%w: mint %s, extension type %d", ErrUnsupportedMint, token.Mint, e.Type)
		}
	}
	return mint, nil
}

// liveStake reads a stake account with its balance.
func liveStake(s *State, address solana.PublicKey) (*quote.LiveStake, error) {
	a, err := s.get("stake account", address)
	if err != nil {
		return nil, err
	}
	account, err := accounts.DecodeStakeAccount(a)
	if err != nil {
		return nil, err
	}
	return &quote.LiveStake{Lamports: a.Lamports, Account: *account}, nil
}

// optionalStake is liveStake for an account that may not exist.
func optionalStake(s *State, address solana.PublicKey) (*quote.LiveStake, error) {
	stake, err := liveStake(s, address)
	if errors.Is(err, accounts.ErrNotFound) {
		return nil, nil
	}
	return stake, err
}

// cranked is what is needed to update a stale pool and to know what it is worth then.
type cranked struct {
	list     *accounts.ValidatorList
	balances *quote.StakePoolBalances
	read     []solana.PublicKey
}

func (v stakePool) loadCrank(s *State, mint *accounts.Mint) (*cranked, error) {
	list, err := v.shortList(s)
	if err != nil {
		return nil, err
	}
	c := &cranked{list: list, balances: &quote.StakePoolBalances{MintSupply: mint.Supply}, read: []solana.PublicKey{v.lst.ValidatorList}}
	for _, entry := range list.Validators {
		balance := quote.ValidatorBalance{Entry: entry}
		active, transient, err := v.stakes(entry)
		if err != nil {
			return nil, err
		}
		if balance.Active, err = optionalStake(s, active); err != nil {
			return nil, err
		}
		if balance.Transient, err = optionalStake(s, transient); err != nil {
			return nil, err
		}
		c.balances.Validators = append(c.balances.Validators, balance)
		c.read = append(c.read, active, transient)
	}
	return c, nil
}

// loadedStakePool is a stakePool with its state.
type loadedStakePool struct {
	lst  lst.LST
	keys instructions.StakePool
	pool quote.StakePool
	read []solana.PublicKey
	// crank is set for a stale pool that can be updated, crankErr says why another cannot.
	crank    *cranked
	crankErr error
}

// prepare is the pool as a request finds it, cranked if that was asked for and is needed, with the quote begun.
func (l *loadedStakePool) prepare(r Request) (pool quote.StakePool, q Quote, err error) {
	if r.Wrapped {
		return pool, q, ErrWrapped
	}
	pool, q = l.pool, Quote{Accounts: slices.Clone(l.read)}
	if !l.stale() || !r.Crank {
		return pool, q, nil
	}
	if l.crankErr != nil {
		reason := fmt.Errorf("%w: %w", quote.ErrStale, l.crankErr)
		return pool, q, &quote.Error{Op: "update pool balance", Pool: pool.Address, Reason: reason}
	}
	pool.Update = l.crank.balances
	q.Accounts = slices.Concat(l.read, l.crank.read)
	q.Conditions = append(q.Conditions, "the pool is updated for this epoch in the same transaction")
	return pool, q, nil
}

func (l *loadedStakePool) stale() bool { return l.pool.State.LastUpdateEpoch < l.pool.Clock.Epoch }

// unknownBuild is the condition of a quote that is not exact.
const unknownBuild = "the deployed build of the stake pool program is not known: it may pay a little more"

// finish adds to a quote what does not depend on the operation.
func (l *loadedStakePool) finish(q *Quote, pool quote.StakePool) {
	q.Price = pool.Price()
	if updated, err := pool.Updated(); err == nil {
		q.Price = updated.Price()
	}
	if !q.Exact {
		q.Conditions = append(q.Conditions, unknownBuild)
	}
}

// crankSteps update a stale pool for this epoch.
func (l *loadedStakePool) crankSteps() ([]txn.Step, error) {
	if !l.stale() {
		return nil, nil
	}
	built, err := instructions.CrankStakePool(l.keys, l.crank.list, l.pool.Clock.Epoch)
	if err != nil {
		return nil, err
	}
	steps := make([]txn.Step, len(built))
	for i, ix := range built {
		steps[i] = txn.Step{Words: "record the balances of some of the pool's validators", Instruction: ix}
		steps[i].Units = updateListUnits + updateListEntryUnits*uint32(min(len(l.crank.list.Validators), 4))
	}
	balance, cleanup := &steps[len(steps)-2], &steps[len(steps)-1]
	balance.Words, balance.Units = "update the pool's balance for this epoch", updatePoolBalanceUnits
	cleanup.Words, cleanup.Units = "remove validators without stake from the pool's list", cleanupUnits
	return steps, nil
}
