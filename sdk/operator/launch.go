package operator

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// LaunchParams are the parameters of [Launch]. Manager, Pool, ValidatorList,
// Reserve and Mint are required.
type LaunchParams struct {
	// Program is the deployment of the stake pool program. The default is
	// [accounts.SanctumStakePoolProgram].
	Program solana.PublicKey
	// Manager becomes the manager of the pool, and its associated token account
	// receives the fees. It signs.
	Manager solana.PublicKey
	// Staker becomes the staker. It signs if VoteAccount is set. The default is
	// Manager.
	Staker solana.PublicKey
	// Payer pays for all accounts and signs. The default is Manager.
	Payer solana.PublicKey
	// Pool, ValidatorList, Reserve and Mint are the addresses of the new
	// accounts. Their keys sign once, and are not needed any more afterwards.
	// Keep them until the plan is done: with others, another pool is launched.
	Pool, ValidatorList, Reserve, Mint solana.PublicKey
	// EpochFee is the manager's share of rewards. WithdrawalFee and DepositFee
	// are those of SOL and of stake. A zero fee is none.
	EpochFee, WithdrawalFee, DepositFee accounts.Fee
	// ReferralFee is the share of deposit fees for a referrer, in percent.
	ReferralFee uint8
	// MaxValidators is the number of entries of the validator list, which never
	// grows. Zero means 1.
	MaxValidators uint32
	// VoteAccount is the vote account of the first validator. Zero adds none.
	VoteAccount solana.PublicKey
	// Deposit is the first deposit, in lamports. It is free of fees: the pool
	// mints the same number of base units to the manager's token account. The
	// least stake of the first validator with its rent is deposited in
	// addition, for example 1,002,282,880 lamports.
	Deposit uint64
	// DepositAuthority, if not nil, must sign all deposits.
	DepositAuthority *solana.PublicKey
}

// storedStakeRent is the rent, in lamports, that the stake program stores in
// new stake accounts, whatever the current rent is. The pool needs at least
// this balance in its reserve. If a later stake program stores more, the plan
// adds it once the account exists.
const storedStakeRent = 2_282_880

// Launch returns the plan that launches a stake pool, by default a pool of one
// validator. Its first transaction creates the reserve, the mint and the
// manager's token account; the second one creates and initializes the pool and
// its list, and adds the validator.
//
// Example with a rent of 6,960 lamports a byte: accounts for 12,388,800
// lamports, and 1,002,282,880 lamports of stake for which the manager receives
// the tokens.
//
// The plan does not name the token: send
// [instructions.StakePoolCreateTokenMetadata] afterwards.
func Launch(params LaunchParams) (*Plan, error) {
	l := launch{LaunchParams: params}
	if err := l.complete(); err != nil {
		return nil, fmt.Errorf("launch: %w", err)
	}

	l.plan = &Plan{
		name:     fmt.Sprintf("launch pool %s", l.Pool),
		pool:     l.Pool,
		program:  l.Program,
		payer:    l.Payer,
		launches: true,
		reads:    l.reads,
		next:     l.next,
	}

	return l.plan, nil
}

// launch is the goal of [Launch].
type launch struct {
	LaunchParams
	plan      *Plan
	addresses instructions.StakePool
}

// complete checks the parameters and derives the addresses.
func (l *launch) complete() error {
	if err := required(
		named{"Manager", l.Manager},
		named{"Pool", l.Pool},
		named{"ValidatorList", l.ValidatorList},
		named{"Reserve", l.Reserve},
		named{"Mint", l.Mint},
	); err != nil {
		return err
	}

	if err := different(l.Pool, l.ValidatorList, l.Reserve, l.Mint); err != nil {
		return err
	}

	if l.Program.IsZero() {
		l.Program = accounts.SanctumStakePoolProgram
	}

	l.Staker = orDefault(l.Staker, l.Manager)
	l.Payer = orDefault(l.Payer, l.Manager)
	l.MaxValidators = max(l.MaxValidators, 1)

	var err error
	a := instructions.StakePool{
		Program:       l.Program,
		Address:       l.Pool,
		ValidatorList: l.ValidatorList,
		ReserveStake:  l.Reserve,
		Mint:          l.Mint,
		TokenProgram:  accounts.TokenProgram,
	}

	if a.WithdrawAuthority, err = accounts.StakePoolWithdrawAuthority(l.Program,
		l.Pool); err != nil {
		return err
	}

	if a.StakeDepositAuthority, err = accounts.StakePoolDepositAuthority(l.Program,
		l.Pool); err != nil {
		return err
	}

	if a.ManagerFeeAccount, err = accounts.AssociatedTokenAddress(l.Manager,
		accounts.TokenProgram, l.Mint); err != nil {
		return err
	}

	l.addresses = a
	_, err = l.initialize()

	return err
}

// reads returns the accounts of the pool, and the vote account.
func (l *launch) reads(*sdk.StakePool) ([]solana.PublicKey, error) {
	all := []solana.PublicKey{l.Pool, l.ValidatorList, l.Reserve, l.Mint,
		l.addresses.ManagerFeeAccount}
	if !l.VoteAccount.IsZero() {
		all = append(all, l.VoteAccount)
	}
	return all, nil
}

func (l *launch) next(s *State) (*move, error) {
	if s.Pool == nil {
		if err := l.checkVote(s); err != nil {
			return nil, err
		}

		if m, err := l.prepare(s); m != nil || err != nil {
			return m, err
		}

		return l.create(s)
	}

	state := &s.Pool.Pool.State
	if s.Pool.Pool.Program != l.Program || state.PoolMint != l.Mint ||
		state.ReserveStake != l.Reserve || state.ValidatorList != l.ValidatorList {
		return nil, fmt.Errorf("%w: pool %s with mint %s", ErrAccountTaken, l.Pool, state.PoolMint)
	}

	if l.VoteAccount.IsZero() || s.position(l.VoteAccount) >= 0 {
		return nil, nil
	}

	if m, err := l.plan.update(s); m != nil || err != nil {
		return m, err
	}

	return addValidator(s, l.Staker, l.VoteAccount, 0)
}

// checkVote checks the vote account before anything is paid.
func (l *launch) checkVote(s *State) error {
	if l.VoteAccount.IsZero() {
		return nil
	}
	return checkVote(s, l.VoteAccount)
}

// stake returns the lamports of the reserve that become the first stake.
func (l *launch) stake(s *State) (uint64, error) {
	if l.VoteAccount.IsZero() {
		return 0, nil
	}
	rent, err := s.stakeRent()
	return fixed.SaturatingAdd(rent, s.leastStake()), err
}

// prepare returns the move that creates the reserve, the mint and the fee
// account, or nil if they exist.
func (l *launch) prepare(s *State) (*move, error) {
	var steps []txn.Step
	var cost Cost
	after := s.clone()
	for _, part := range []func(before, after *State) ([]txn.Step, Cost, error){
		l.createReserve, l.createMint, l.createFeeAccount,
	} {
		more, paid, err := part(s, after)
		if err != nil {
			return nil, err
		}

		steps, cost = append(steps, more...), cost.plus(paid)
	}

	if len(steps) == 0 {
		return nil, nil
	}

	return transaction("create the reserve, the mint and the manager's token account", after,
		cost, steps...), nil
}

func (l *launch) createReserve(s, after *State) ([]txn.Step, Cost, error) {
	authority := l.addresses.WithdrawAuthority
	want := accounts.StakeAccount{
		State:             accounts.StakeInitialized,
		RentExemptReserve: storedStakeRent,
		Staker:            authority,
		Withdrawer:        authority,
	}

	if a, ok := s.Accounts[l.Reserve]; ok && a.Owner == accounts.StakeProgram {
		if a.Stake != nil {
			want.RentExemptReserve = a.Stake.RentExemptReserve
		}

		if a.Stake == nil || *a.Stake != want {
			return nil, Cost{}, fmt.Errorf("%w: reserve %s", ErrAccountTaken, l.Reserve)
		}

		return nil, Cost{}, nil
	}

	rent, err := s.stakeRent()
	if err != nil {
		return nil, Cost{}, err
	}

	stake, err := l.stake(s)
	if err != nil {
		return nil, Cost{}, err
	}

	kept := max(rent, storedStakeRent)
	c := creation{
		name:     "reserve",
		address:  l.Reserve,
		owner:    accounts.StakeProgram,
		space:    accounts.StakeAccountSpace,
		lamports: fixed.SaturatingAdd(kept, fixed.SaturatingAdd(stake, l.Deposit)),
	}

	steps, paid, err := c.steps(s, l.Payer)
	if err != nil {
		return nil, Cost{}, err
	}

	after.Accounts[l.Reserve] = Account{
		Lamports: max(c.lamports, s.Accounts[l.Reserve].Lamports),
		Owner:    c.owner,
		Space:    accounts.StakeAccountSpace,
		Stake:    &want,
	}

	rentPaid := min(paid, fixed.SaturatingSub(kept, s.Accounts[l.Reserve].Lamports))

	return append(steps, initializeStake(l.Reserve, authority)),
		Cost{Rent: rentPaid, Deposit: paid - rentPaid}, nil
}

func (l *launch) createMint(s, after *State) ([]txn.Step, Cost, error) {
	authority := l.addresses.WithdrawAuthority
	if a, ok := s.Accounts[l.Mint]; ok && a.Owner == accounts.TokenProgram {
		m := a.Mint
		if m == nil || m.MintAuthority == nil || *m.MintAuthority != authority ||
			m.FreezeAuthority != nil || m.Supply != 0 || m.Decimals != poolDecimals {
			return nil, Cost{}, fmt.Errorf("%w: mint %s", ErrAccountTaken, l.Mint)
		}

		return nil, Cost{}, nil
	}

	rent, err := s.Rent.MinimumBalance(accounts.MintSpace)
	if err != nil {
		return nil, Cost{}, err
	}

	c := creation{
		name:     "mint",
		address:  l.Mint,
		owner:    accounts.TokenProgram,
		space:    accounts.MintSpace,
		lamports: rent,
	}

	steps, paid, err := c.steps(s, l.Payer)
	if err != nil {
		return nil, Cost{}, err
	}

	after.Accounts[l.Mint] = Account{
		Lamports: max(rent, s.Accounts[l.Mint].Lamports),
		Owner:    accounts.TokenProgram,
		Space:    accounts.MintSpace,
		Mint:     &accounts.Mint{MintAuthority: &authority, Decimals: poolDecimals},
	}

	return append(steps, initializeMint(l.Mint, authority)), Cost{Rent: paid}, nil
}

func (l *launch) createFeeAccount(s, after *State) ([]txn.Step, Cost, error) {
	address := l.addresses.ManagerFeeAccount
	if a, ok := s.Accounts[address]; ok && a.Token != nil {
		if a.Token.Owner != l.Manager || a.Token.Mint != l.Mint {
			return nil, Cost{}, fmt.Errorf("%w: fee account %s", ErrAccountTaken, address)
		}
		return nil, Cost{}, nil
	}

	steps, cost, err := s.openTokenAccount(after, l.Payer, address, l.Manager, l.Mint)
	return steps, cost, err
}

// openTokenAccount creates an associated token account of the token program.
// Lamports that were sent to its address in advance count for its rent.
func (s *State) openTokenAccount(
	after *State, payer, address, owner, mint solana.PublicKey,
) ([]txn.Step, Cost, error) {
	rent, err := s.Rent.MinimumBalance(accounts.TokenAccountSpace)
	if err != nil {
		return nil, Cost{}, err
	}

	held := s.Accounts[address].Lamports
	after.Accounts[address] = Account{
		Lamports: max(rent, held),
		Owner:    accounts.TokenProgram,
		Space:    accounts.TokenAccountSpace,
		Token: &accounts.TokenAccount{
			Mint:  mint,
			Owner: owner,
			State: accounts.TokenInitialized,
		},
	}

	return []txn.Step{createTokenAccount(payer, address, owner, mint, accounts.TokenProgram)},
		Cost{Rent: fixed.SaturatingSub(rent, held)}, nil
}

// initialize returns the step that initializes the pool.
func (l *launch) initialize() (txn.Step, error) {
	return step("initialize the pool", instructions.StakePoolInitialize{
		Pool:             l.addresses,
		Manager:          l.Manager,
		Staker:           l.Staker,
		EpochFee:         l.EpochFee,
		WithdrawalFee:    l.WithdrawalFee,
		DepositFee:       l.DepositFee,
		ReferralFee:      l.ReferralFee,
		MaxValidators:    l.MaxValidators,
		DepositAuthority: l.DepositAuthority,
	})
}

// create returns the move that creates the pool and its list and initializes
// them, and adds the validator if the transaction has room for it.
func (l *launch) create(s *State) (*move, error) {
	after := s.clone()
	steps, cost, err := l.topUp(s, after)
	if err != nil {
		return nil, err
	}

	list := accounts.ValidatorList{MaxValidators: l.MaxValidators}
	for _, c := range []creation{
		{
			name:    "pool",
			address: l.Pool,
			space:   accounts.StakePoolSpace,
		},
		{
			name:    "validator list",
			address: l.ValidatorList,
			space:   uint64(list.Space()),
		},
	} {
		c.owner = l.Program
		if c.lamports, err = s.Rent.MinimumBalance(c.space); err != nil {
			return nil, err
		}

		more, paid, err := c.steps(s, l.Payer)
		if err != nil {
			return nil, err
		}

		steps, cost = append(steps, more...), cost.plus(Cost{Rent: paid})
		delete(after.Accounts, c.address)
	}

	initialize, err := l.initialize()
	if err != nil {
		return nil, err
	}

	steps = append(steps, initialize)
	l.initialized(after)
	after.Payer = fixed.SaturatingSub(after.Payer, cost.Total())
	m := &move{
		kind:  StepTransaction,
		text:  "create and initialize the pool and its validator list",
		parts: [][]txn.Step{steps},
		cost:  cost,
		after: after,
	}

	if l.VoteAccount.IsZero() {
		return m, nil
	}

	added, err := addValidator(after, l.Staker, l.VoteAccount, 0)
	if err != nil {
		return nil, err
	}

	together := slices.Concat(steps, added.parts[0])
	if _, err := compile(l.Payer, together); errors.Is(err, txn.ErrTransactionTooLarge) {
		return m, nil
	}

	m.text += ", and " + added.text
	m.parts, m.after = [][]txn.Step{together}, added.after

	return m, nil
}

// topUp returns the transfer to the reserve that is missing if the stake
// program stores more rent than the plan assumed, or if the rent has risen.
func (l *launch) topUp(s, after *State) ([]txn.Step, Cost, error) {
	reserve := s.Accounts[l.Reserve]
	rent, err := s.stakeRent()
	if err != nil {
		return nil, Cost{}, err
	}

	stake, err := l.stake(s)
	if err != nil {
		return nil, Cost{}, err
	}

	needed := fixed.SaturatingAdd(max(rent, reserve.Stake.RentExemptReserve),
		fixed.SaturatingAdd(stake, l.Deposit))
	missing := fixed.SaturatingSub(needed, reserve.Lamports)
	if missing == 0 {
		return nil, Cost{}, nil
	}

	transfer, err := txn.TransferSOL(l.Payer, l.Reserve, missing)
	reserve.Lamports = needed
	after.Accounts[l.Reserve] = reserve

	return []txn.Step{transfer}, Cost{Deposit: missing}, err
}

// initialized puts the new pool into a state.
func (l *launch) initialized(after *State) {
	a := l.addresses
	reserve := after.Accounts[l.Reserve]
	minted := fixed.SaturatingSub(reserve.Lamports, reserve.Stake.RentExemptReserve)
	state := accounts.StakePool{
		Manager:               l.Manager,
		Staker:                l.Staker,
		StakeDepositAuthority: a.StakeDepositAuthority,
		ValidatorList:         l.ValidatorList,
		ReserveStake:          l.Reserve,
		PoolMint:              l.Mint,
		ManagerFeeAccount:     a.ManagerFeeAccount,
		TokenProgram:          accounts.TokenProgram,
		TotalLamports:         minted,
		PoolTokenSupply:       minted,
		LastUpdateEpoch:       after.Clock.Epoch,
		EpochFee:              l.EpochFee,
		StakeDepositFee:       l.DepositFee,
		StakeWithdrawalFee:    l.WithdrawalFee,
		StakeReferralFee:      l.ReferralFee,
		SOLDepositFee:         l.DepositFee,
		SOLReferralFee:        l.ReferralFee,
		SOLWithdrawalFee:      l.WithdrawalFee,
	}

	if l.DepositAuthority != nil {
		key := *l.DepositAuthority
		state.StakeDepositAuthority, state.SOLDepositAuthority = key, &key
		a.StakeDepositAuthority, a.SOLDepositAuthority = key, &key
	}

	_, state.StakeWithdrawBumpSeed, _ = solana.FindProgramAddress(
		[][]byte{l.Pool[:], []byte("withdraw")}, l.Program)

	after.Pool = &sdk.StakePool{
		Pool: quote.StakePoolState{
			Program:            l.Program,
			Address:            l.Pool,
			State:              state,
			Clock:              after.Clock,
			Rent:               after.Rent,
			MinimumDelegation:  after.MinimumDelegation,
			Reserve:            *reserve.Stake,
			ReserveLamports:    reserve.Lamports,
			FeeAccountUsable:   true,
			FeeAccountMintable: true,
			EpochRewardsActive: after.EpochRewardsActive,
		},
		Addresses:     a,
		MaxValidators: l.MaxValidators,
		MintSupply:    minted,
	}

	after.addTokens(a.ManagerFeeAccount, minted)
	delete(after.Accounts, l.Reserve)
	delete(after.Accounts, l.Mint)
}
