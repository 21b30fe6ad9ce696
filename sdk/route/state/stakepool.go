package state

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// MaxUpdatedValidators is the number of validators up to which a pool update
// can be in the transaction that uses the pool. The transaction contains two
// accounts of each validator: 7 validators fit without a lookup table.
const MaxUpdatedValidators = 12

// StakePool is the SPL stake pool of a token.
type StakePool struct {
	LST  lst.LST
	Keys instructions.StakePool

	// Pool is the state of the pool. Only the epoch of its Clock is kept up to
	// date.
	Pool quote.StakePoolState

	// Prices are the prepared prices of the pool before a pool update.
	Prices *quote.StakePoolPrices

	// FeeOwner is the wallet that owns the manager's fee account, or zero if
	// the account cannot receive the fees of deposits.
	FeeOwner solana.PublicKey

	// Read are the accounts that its prices depend on.
	Read []solana.PublicKey

	// Update is set for a stale pool that can be updated in the transaction
	// that uses it. UpdateErr is the reason why another stale pool cannot.
	Update    *StakePoolUpdate
	UpdateErr error
}

// PaysFeesTo reports whether the manager's fee account is the associated token
// account of a wallet: the one that trades pay from and into.
func (p *StakePool) PaysFeesTo(wallet solana.PublicKey) bool {
	if p == nil || wallet.IsZero() || p.FeeOwner != wallet {
		return false
	}
	own, err := accounts.AssociatedTokenAddress(wallet, p.Keys.TokenProgram, p.Keys.Mint)
	return err == nil && own == p.Keys.ManagerFeeAccount
}

// StakePoolUpdate has the accounts of a pool update, and the pool after it.
type StakePoolUpdate struct {
	List     *accounts.ValidatorList
	Balances *quote.StakePoolBalances

	// Prices are the prepared prices after the update.
	Prices *quote.StakePoolPrices

	// After is the pool with its validators after the update. AfterErr is the
	// reason if that is uncertain.
	After    quote.UpdatedStakePool
	AfterErr error

	// CleanedUp reports whether After is the pool after
	// CleanupRemovedValidatorEntries, because that resets a preferred validator
	// of the pool which is not active. Deposits of stake need it then if
	// OpensDeposits is set, and withdrawals of stake if OpensWithdrawals is.
	// Other trades never need it.
	CleanedUp, OpensDeposits, OpensWithdrawals bool

	// Read are the accounts that the update depends on.
	Read []solana.PublicKey
}

// Stale reports whether the pool needs a pool update in this epoch.
func (p *StakePool) Stale() bool {
	return p != nil && p.Pool.State.LastUpdateEpoch < p.Pool.Clock.Epoch
}

// StakePool returns the stake pool of a token. The error is the reason why it
// cannot be used.
func (s *Snapshot) StakePool(position Token) (*StakePool, error) {
	token := s.tokenOf(position)
	if token == nil || token.statePart == noPart {
		return nil, errNoPart
	}

	return partOf[*StakePool](s, token.poolPart)
}

// addStakePool adds a stake pool.
func (l *Ledger) addStakePool(t Token) {
	token := &l.tokens[t]
	// The validator list of a large pool is long. Without the routes that move
	// stake, only short lists are needed in full.
	const beginning = accounts.ValidatorListHeaderSize +
		MaxUpdatedValidators*accounts.ValidatorStakeInfoSize

	token.pool = l.need(token.lst.Pool, 0)
	token.mint = l.need(token.lst.Mint, 0)
	token.list = l.need(token.lst.ValidatorList, beginning)
	l.programs = append(l.programs, token.lst.Program)
	token.statePart = l.part(poolStateMaker{token})
	token.poolPart = l.part(stakePoolMaker{token})
	l.addRouterFee(t)
}

// poolState is the decoded state of a stake pool. Its mint can differ from the
// token's.
type poolState struct {
	state *accounts.StakePool
	// err is the error of the decoder.
	err error
}

// poolStateMaker decodes a stake pool, for the pool's own prices and for
// Infinity's.
type poolStateMaker struct{ token *token }

func (m poolStateMaker) prepare(r *reader) (any, error) {
	a := r.account(m.token.pool)
	if a == nil {
		return &poolState{}, nil
	}

	state, err := accounts.DecodeStakePoolOf(*a, m.token.lst.Program)
	return &poolState{state: state, err: err}, nil
}

// stakePoolState returns the stake pool of a token after checking its mint and
// its validator list.
func (r *reader) stakePoolState(token *token) (*accounts.StakePool, error) {
	entry := &token.lst
	known, err := read[*poolState](r, token.statePart)
	if err != nil {
		return nil, err
	}

	pool := known.state
	if pool == nil || known.err != nil {
		return nil, r.noStakePool(token, known.err)
	}

	switch {
	case pool.PoolMint != entry.Mint:
		return nil, fmt.Errorf("%w: pool %s has mint %s, not %s",
			ErrMismatch, entry.Pool, pool.PoolMint, entry.Mint)
	case pool.ValidatorList != entry.ValidatorList:
		return nil, fmt.Errorf("%w: pool %s has validator list %s, not %s",
			ErrMismatch, entry.Pool, pool.ValidatorList, entry.ValidatorList)
	}

	return pool, nil
}

// noStakePool returns the error of a stake pool account that is missing or
// cannot be decoded.
func (r *reader) noStakePool(token *token, err error) error {
	entry := &token.lst
	a, missed := r.get("stake pool", token.pool, entry.Pool)
	if missed != nil {
		return missed
	}
	if a.Owner != entry.Program && slices.Contains(accounts.StakePoolPrograms(), a.Owner) {
		return fmt.Errorf("%w: pool %s belongs to program %s, not %s",
			ErrWrongProgram, entry.Pool, a.Owner, entry.Program)
	}
	return err
}

// stakePoolMaker prepares a [StakePool].
type stakePoolMaker struct{ token *token }

func (m stakePoolMaker) prepare(r *reader) (any, error) {
	chain, err := r.chain()
	if err != nil {
		return nil, err
	}

	pool, err := r.stakePoolState(m.token)
	if err != nil {
		return nil, err
	}

	entry := &m.token.lst
	mint, err := r.plainMint(m.token, pool.TokenProgram)
	if err != nil {
		return nil, err
	}

	reserve, err := r.liveStake(r.at(pool.ReserveStake), pool.ReserveStake)
	if err != nil {
		return nil, err
	}

	usable, mintable, feeOwner, err := r.feeAccount(pool)
	if err != nil {
		return nil, err
	}

	keys, err := m.token.stakePoolKeys(pool)
	if err != nil {
		return nil, err
	}

	p := &StakePool{
		LST:      *entry,
		Keys:     keys,
		FeeOwner: feeOwner,
		Pool: quote.StakePoolState{
			Program:            entry.Program,
			Address:            entry.Pool,
			State:              *pool,
			Clock:              chain.Clock,
			Rent:               chain.Rent,
			MinimumDelegation:  chain.MinimumDelegation,
			EpochRewardsActive: chain.RewardsActive,
			Reserve:            reserve.Account,
			ReserveLamports:    reserve.Lamports,
			FeeAccountUsable:   usable,
			FeeAccountMintable: mintable,
			Rounding:           quote.StakePoolFeeRounding(r.given.Builds[entry.Program]),
			UpdateKnown:        quote.StakePoolUpdateKnown(r.given.Builds[entry.Program]),
		},
		Read: []solana.PublicKey{entry.Pool, entry.Mint, pool.ReserveStake, pool.ManagerFeeAccount},
	}

	p.Prices = m.token.prices(p.Pool)
	if p.Stale() {
		p.Update, p.UpdateErr = r.stakePoolCrank(m.token, mint)
	}

	if p.Update != nil {
		updated := p.Pool
		updated.Update = p.Update.Balances
		p.Update.Prices = m.token.prices(updated)
		p.Update.After, p.Update.AfterErr = updated.AfterUpdate()
		p.Update.cleanUp()
	}

	return p, nil
}

// cleanUp adds the clean-up if it resets a preferred validator.
func (u *StakePoolUpdate) cleanUp() {
	if u.AfterErr != nil {
		return
	}

	before, cleaned := &u.After.Pool.State, u.After.AfterCleanup()
	after := &cleaned.Pool.State
	u.OpensDeposits = before.PreferredDepositValidator != after.PreferredDepositValidator
	if before.PreferredWithdrawValidator != after.PreferredWithdrawValidator {
		// Withdrawals pass over a preferred validator without stake.
		_, err := u.After.Pool.Sources(&accounts.ValidatorList{Validators: u.After.List()})
		u.OpensWithdrawals = err != nil
	}

	if u.OpensDeposits || u.OpensWithdrawals {
		u.After, u.CleanedUp = cleaned, true
	}
}

// prices returns the prepared prices of a pool. The default authority of stake
// deposits is derived only once.
func (t *token) prices(pool quote.StakePoolState) *quote.StakePoolPrices {
	known, err := t.defaultDepositAuthority()
	if err != nil {
		return pool.Prepare()
	}
	return pool.PrepareWith(known)
}

// feeAccount reports whether the manager of a pool can receive fees of
// withdrawals and of deposits, and returns the wallet that receives them.
func (r *reader) feeAccount(
	pool *accounts.StakePool,
) (usable, mintable bool, owner solana.PublicKey, err error) {
	i := r.at(pool.ManagerFeeAccount)
	a := r.account(i)
	if a == nil {
		if !r.isMissing(i) {
			return false, false, owner, r.missed(i, pool.ManagerFeeAccount)
		}

		a = &accounts.Account{}
	}

	usable = quote.FeeAccountUsable(pool, *a)
	mintable = usable || quote.FeeAccountMintable(pool, *a)
	if !mintable {
		return usable, mintable, owner, nil
	}

	held, err := accounts.DecodeTokenAccount(*a)
	if err != nil {
		return false, false, owner, err
	}

	return usable, mintable, held.Owner, nil
}

// stakePoolKeys returns the addresses for a pool's instructions.
func (t *token) stakePoolKeys(pool *accounts.StakePool) (instructions.StakePool, error) {
	known := t.authority.Load()
	if known == nil || known.seed != pool.StakeWithdrawBumpSeed {
		keys, err := instructions.NewStakePool(t.lst.Program, t.lst.Pool, pool)
		if err != nil {
			return keys, err
		}

		t.authority.Store(&authority{seed: pool.StakeWithdrawBumpSeed,
			address: keys.WithdrawAuthority})
		return keys, nil
	}

	return instructions.StakePool{
		Program:               t.lst.Program,
		Address:               t.lst.Pool,
		WithdrawAuthority:     known.address,
		ValidatorList:         pool.ValidatorList,
		ReserveStake:          pool.ReserveStake,
		Mint:                  pool.PoolMint,
		ManagerFeeAccount:     pool.ManagerFeeAccount,
		TokenProgram:          pool.TokenProgram,
		StakeDepositAuthority: pool.StakeDepositAuthority,
		SOLDepositAuthority:   pool.SOLDepositAuthority,
		SOLWithdrawAuthority:  pool.SOLWithdrawAuthority,
	}, nil
}

// plainMint returns the mint of a token. It returns an error if the mint
// differs from the registry, or has an extension that [quote.CheckMint]
// refuses.
func (r *reader) plainMint(token *token, tokenProgram solana.PublicKey) (*accounts.Mint, error) {
	entry := &token.lst
	a, err := r.get("mint", token.mint, entry.Mint)
	if err != nil {
		return nil, err
	}

	mint, err := accounts.DecodeMint(*a)
	if err != nil {
		return nil, err
	}

	switch {
	case a.Owner != tokenProgram:
		return nil, fmt.Errorf("%w: mint %s belongs to token program %s, not %s",
			ErrMismatch, entry.Mint, a.Owner, tokenProgram)
	case mint.Decimals != entry.Decimals:
		return nil, fmt.Errorf("%w: mint %s has %d decimals, not %d",
			ErrMismatch, entry.Mint, mint.Decimals, entry.Decimals)
	}

	if err := quote.CheckMint(mint); err != nil {
		return nil, fmt.Errorf("mint %s: %w", entry.Mint, err)
	}

	return mint, nil
}

// liveStake reads a stake account with its balance.
func (r *reader) liveStake(i Index, address solana.PublicKey) (*quote.StakeAccountState, error) {
	a, err := r.get("stake account", i, address)
	if err != nil {
		return nil, err
	}

	account, err := accounts.DecodeStakeAccount(*a)
	if err != nil {
		return nil, err
	}

	r.lockup(account.Lockup)

	return &quote.StakeAccountState{Lamports: a.Lamports, Account: *account}, nil
}

// optionalStake is liveStake for an account that may not exist. Lamports that
// anyone sent to its address make no stake account.
func (r *reader) optionalStake(address solana.PublicKey) (*quote.StakeAccountState, error) {
	i := r.at(address)
	a, err := r.get("stake account", i, address)
	if isAbsent(err) || err == nil && a.Owner == accounts.SystemProgram && len(a.Data) == 0 {
		return nil, nil
	}
	return r.liveStake(i, address)
}

// shortList returns the validator list of a pool that can be updated in the
// transaction that uses it. Of a longer list only the beginning may be loaded.
func (r *reader) shortList(token *token) (*accounts.ValidatorList, error) {
	a, err := r.get("validator list", token.list, token.lst.ValidatorList)
	if err != nil {
		return nil, err
	}
	list, err := accounts.DecodeValidatorListOf(*a, token.lst.Program)
	if errors.Is(err, accounts.ErrWrongLength) ||
		err == nil && len(list.Validators) > MaxUpdatedValidators {
		return nil, fmt.Errorf("%w: over %d", ErrTooManyValidators, MaxUpdatedValidators)
	}
	return list, err
}

// stakeAddresses returns the addresses of the active and the transient stake
// account of a pool's validator.
func (r *reader) stakeAddresses(
	token *token, entry *accounts.ValidatorStakeInfo,
) (active, transient solana.PublicKey, err error) {
	active, err = r.ledger.validatorStake(token.lst.Program, token.lst.Pool, entry)
	if err != nil {
		return active, transient, err
	}
	transient, err = r.ledger.transientStake(token.lst.Program, token.lst.Pool, entry)
	return active, transient, err
}

// stakePoolCrank returns the accounts of the update of a stale pool.
func (r *reader) stakePoolCrank(token *token, mint *accounts.Mint) (*StakePoolUpdate, error) {
	list, err := r.shortList(token)
	if err != nil {
		return nil, err
	}

	c := &StakePoolUpdate{
		List:     list,
		Balances: &quote.StakePoolBalances{MintSupply: mint.Supply},
		Read:     []solana.PublicKey{token.lst.ValidatorList},
	}

	for i := range list.Validators {
		entry := &list.Validators[i]
		balance := quote.ValidatorBalance{Entry: *entry}
		active, transient, err := r.stakeAddresses(token, entry)
		if err != nil {
			return nil, err
		}

		if balance.Active, err = r.optionalStake(active); err != nil {
			return nil, err
		}

		if balance.Transient, err = r.optionalStake(transient); err != nil {
			return nil, err
		}

		c.Balances.Validators = append(c.Balances.Validators, balance)
		c.Read = append(c.Read, active, transient)
	}

	return c, nil
}

// stakePool adds the accounts that a stake pool contains.
func (w *wants) stakePool(t Token) {
	token := &w.ledger.tokens[t]
	pool, err := w.stakePoolState(token)
	if err != nil {
		return
	}

	w.add(pool.ReserveStake, pool.ManagerFeeAccount)
	if key, ok := token.otherDepositAuthority(pool); ok && !w.ledger.scope.WithoutStake {
		w.add(key)
	}

	chain, err := w.chain()
	if err != nil || pool.LastUpdateEpoch >= chain.Clock.Epoch {
		return
	}

	list, err := w.shortList(token)
	if err != nil {
		return
	}

	for i := range list.Validators {
		active, transient, err := w.stakeAddresses(token, &list.Validators[i])
		if err != nil {
			return
		}

		w.add(active, transient)
	}
}
