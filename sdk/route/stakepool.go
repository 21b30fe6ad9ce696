package route

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrMismatch says that accounts which ought to belong together do not, or not to the token they were loaded for.
var ErrMismatch = errors.New("accounts do not belong together")

// ErrWrongProgram says that a pool belongs to another deployment of its program than the registry says.
var ErrWrongProgram = errors.New("pool of another program")

// ErrUnsupportedMint says that a mint has a token extension that may change what arrives.
var ErrUnsupportedMint = errors.New("mint has an unsupported extension")

// ErrTooManyValidators says that a pool has too many validators to be cranked in the transaction that uses it.
var ErrTooManyValidators = errors.New("too many validators to update in the same transaction")

// maxCrankedValidators is how many validators a pool may have to be cranked in the same transaction: their accounts have to fit
// beside those of the deposit.
const maxCrankedValidators = 6

// Compute units as measured on the builds of 2025, with room: most goes to the searches for derived addresses, whose length
// depends on the address.
const (
	depositSolUnits        = 60_000
	updateListUnits        = 15_000
	updateListEntryUnits   = 60_000
	updatePoolBalanceUnits = 60_000
	cleanupUnits           = 10_000
)

// stakePoolDeposit is SOL -> LST by DepositSol of the LST's own stake pool.
type stakePoolDeposit struct{ lst lst.LST }

func (v stakePoolDeposit) name() string { return "stake pool deposit" }

func (v stakePoolDeposit) serves(from, to solana.PublicKey) bool {
	return from == accounts.NativeMint && to == v.lst.Mint
}

func (v stakePoolDeposit) needs() Needs {
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

func (v stakePoolDeposit) more(c *chain, s *State) []Need {
	pool, err := v.decode(s)
	if err != nil {
		return nil
	}
	needs := []Need{{Address: pool.ReserveStake}, {Address: pool.ManagerFeeAccount}}
	if pool.LastUpdateEpoch >= c.clock.Epoch {
		return needs
	}
	list, err := v.list(s)
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
func (v stakePoolDeposit) decode(s *State) (*accounts.StakePool, error) {
	a, err := s.Accounts.Get(v.lst.Pool)
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

// list reads the validator list, of which only so much was loaded as may be used.
func (v stakePoolDeposit) list(s *State) (*accounts.ValidatorList, error) {
	a, err := s.Accounts.Get(v.lst.ValidatorList)
	if err != nil {
		return nil, err
	}
	list, err := accounts.DecodeValidatorListOf(a, v.lst.Program)
	if errors.Is(err, accounts.ErrLength) {
		return nil, fmt.Errorf("%w: over %d", ErrTooManyValidators, maxCrankedValidators)
	}
	return list, err
}

func (v stakePoolDeposit) stakes(entry accounts.ValidatorStakeInfo) (active, transient solana.PublicKey, err error) {
	active, err = accounts.ValidatorStakeAddress(v.lst.Program, v.lst.Pool, entry.VoteAccount, entry.ValidatorSeedSuffix)
	if err != nil {
		return active, transient, err
	}
	transient, err = accounts.TransientStakeAddress(v.lst.Program, v.lst.Pool, entry.VoteAccount, entry.TransientSeedSuffix)
	return active, transient, err
}

func (v stakePoolDeposit) load(c *chain, s *State) (loaded, error) {
	pool, err := v.decode(s)
	if err != nil {
		return nil, err
	}
	mint, err := v.checkMint(s, pool)
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
	l := &loadedDeposit{
		venue: v,
		keys:  keys,
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

// checkMint refuses a mint that is not what the registry says or may take a part of what arrives.
func (v stakePoolDeposit) checkMint(s *State, pool *accounts.StakePool) (*accounts.Mint, error) {
	a, err := s.Accounts.Get(v.lst.Mint)
	if err != nil {
		return nil, err
	}
	mint, err := accounts.DecodeMint(a)
	if err != nil {
		return nil, err
	}
	switch {
	case a.Owner != pool.TokenProgram:
		return nil, fmt.Errorf("%w: mint %s belongs to token program %s, not %s", ErrMismatch, v.lst.Mint, a.Owner, pool.TokenProgram)
	case mint.Decimals != v.lst.Decimals:
		return nil, fmt.Errorf("%w: mint %s has %d decimals, not %d", ErrMismatch, v.lst.Mint, mint.Decimals, v.lst.Decimals)
	}
	for _, e := range mint.Extensions {
		if e.Type != accounts.ExtensionMetadataPointer && e.Type != accounts.ExtensionTokenMetadata {
			return nil, fmt.Errorf("%w: mint %s, extension type %d", ErrUnsupportedMint, v.lst.Mint, e.Type)
		}
	}
	return mint, nil
}

// liveStake reads a stake account with its balance.
func liveStake(s *State, address solana.PublicKey) (*quote.LiveStake, error) {
	a, err := s.Accounts.Get(address)
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

func (v stakePoolDeposit) loadCrank(s *State, mint *accounts.Mint) (*cranked, error) {
	list, err := v.list(s)
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

// loadedDeposit is a stakePoolDeposit with its state.
type loadedDeposit struct {
	venue stakePoolDeposit
	keys  instructions.StakePool
	pool  quote.StakePool
	read  []solana.PublicKey
	// crank is set for a stale pool that can be updated, crankErr says why another cannot.
	crank    *cranked
	crankErr error
}

func (l *loadedDeposit) quote(r Request) (Quote, error) {
	pool := l.pool
	q := Quote{Accounts: slices.Clone(l.read)}
	stale := pool.State.LastUpdateEpoch < pool.Clock.Epoch
	if stale && r.Crank {
		if l.crankErr != nil {
			return Quote{}, &quote.Error{Op: "update pool balance", Pool: pool.Address, Reason: fmt.Errorf("%w: %w", quote.ErrStale, l.crankErr)}
		}
		pool.Update = l.crank.balances
		q.Accounts = append(q.Accounts, l.crank.read...)
		q.Conditions = append(q.Conditions, "the pool is updated for this epoch in the same transaction")
	}
	d, err := l.deposit(pool, r)
	if err != nil {
		return Quote{}, err
	}
	q.In, q.MaxIn, q.Out, q.Exact, q.Price = d.Lamports, d.Lamports, d.Tokens, d.Exact, pool.Price()
	if updated, err := pool.Updated(); err == nil {
		q.Price = updated.Price()
	}
	if r.Referrer.IsZero() {
		q.Out += d.ReferralFee
	}
	// The program compares the limit with the depositor's tokens alone, so the limit is on these.
	if q.MinOut, err = r.minimum(d.Tokens); err != nil {
		return Quote{}, err
	}
	if r.Side == ExactOut {
		q.MinOut = min(r.Amount, d.Tokens)
	}
	q.Fees = l.fees(r, d)
	if !q.Exact {
		q.Conditions = append(q.Conditions, "the deployed build of the stake pool program is not known: it may round fees in the user's favour")
	}
	q.steps = func(p Parties) ([]txn.Step, error) { return l.steps(r, q, p, stale) }
	return q, nil
}

func (l *loadedDeposit) deposit(pool quote.StakePool, r Request) (quote.SolDeposit, error) {
	if r.Side == ExactOut {
		return pool.DepositSolExactOut(r.Amount)
	}
	return pool.DepositSol(r.Amount)
}

func (l *loadedDeposit) fees(r Request, d quote.SolDeposit) []Fee {
	s := l.pool.State
	var fees []Fee
	if d.ManagerFee > 0 {
		fees = append(fees, Fee{
			Name: "SOL deposit fee", Amount: d.ManagerFee, Mint: s.PoolMint, Rate: feeRate(s.SolDepositFee), Recipient: s.ManagerFeeAccount,
		})
	}
	if d.ReferralFee > 0 && !r.Referrer.IsZero() {
		fees = append(fees, Fee{
			Name: "referral part of the SOL deposit fee", Amount: d.ReferralFee, Mint: s.PoolMint,
			Rate: fmt.Sprintf("%d/100 of %s", s.SolReferralFee, feeRate(s.SolDepositFee)), Recipient: r.Referrer,
		})
	}
	return fees
}

func (l *loadedDeposit) steps(r Request, q Quote, p Parties, stale bool) ([]txn.Step, error) {
	token := l.venue.lst
	destination, err := accounts.AssociatedTokenAddress(p.Owner, l.keys.TokenProgram, l.keys.Mint)
	if err != nil {
		return nil, err
	}
	referrer := r.Referrer
	if referrer.IsZero() {
		referrer = destination
	}
	steps := []txn.Step{txn.CreateTokenAccount(p.Payer, p.Owner, l.keys.Mint, l.keys.TokenProgram)}
	if stale {
		crank, err := l.crankSteps()
		if err != nil {
			return nil, err
		}
		steps = append(steps, crank...)
	}
	deposit, err := instructions.DepositSolWithSlippage{
		DepositSol: instructions.DepositSol{
			Pool: l.keys, From: p.Owner, Destination: destination, Referrer: referrer, Lamports: q.In,
		},
		MinimumTokensOut: q.MinOut,
	}.Build()
	if err != nil {
		return nil, err
	}
	return append(steps, txn.Step{
		Words: fmt.Sprintf("deposit %s SOL into the stake pool of %s for at least %s %s",
			lst.FormatAmount(q.In, 9), token.Symbol, token.Format(q.MinOut), token.Symbol),
		Instruction: deposit,
		Units:       depositSolUnits,
	}), nil
}

func (l *loadedDeposit) crankSteps() ([]txn.Step, error) {
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
