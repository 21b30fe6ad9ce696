package sdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// stalePool is a stake pool with everything that its update depends on.
type stalePool struct {
	pool quote.StakePoolState
	keys instructions.StakePool
	list *accounts.ValidatorList
	// behind are the positions of the entries that are out of date.
	behind []int
	// validators are the entries of the list, with the stake accounts that were
	// read.
	validators []quote.ValidatorBalance
	mintSupply uint64
	payer      wallet
	slot       uint64
}

// stale reports whether the pool is out of date.
func (s *stalePool) stale() bool { return s.pool.State.LastUpdateEpoch < s.pool.Clock.Epoch }

// differs reports whether the pool is in another state than before.
func (s *stalePool) differs(before *stalePool) bool {
	return s.pool.Clock.Epoch != before.pool.Clock.Epoch ||
		len(s.behind) != len(before.behind) ||
		len(s.list.Validators) != len(before.list.Validators)
}

// poolLoad is the state of loading a pool for its update.
type poolLoad struct {
	load
	token lst.LST
	payer solana.PublicKey
	// all reports whether to read the stake accounts of all validators, not
	// only of those that are out of date. others are further accounts to read.
	all    bool
	others []solana.PublicKey
	// header is the program data account, which has the slot of the deployment.
	header map[solana.PublicKey]solana.PublicKey
}

// loadStalePool reads a pool in two rounds of parallel requests: the pool with
// its validator list, then the stake accounts of the validators that are out of
// date.
func (c *Client) loadStalePool(
	ctx context.Context, token lst.LST, payer solana.PublicKey,
) (*stalePool, error) {
	l := poolLoad{
		load:  load{client: c, floor: c.seen.slot.Load()},
		token: token,
		payer: payer,
	}

	s, err := l.read(ctx)
	if err != nil {
		return nil, err
	}

	c.seen.saw(l.highest)

	return s, nil
}

func (l *poolLoad) read(ctx context.Context) (*stalePool, error) {
	l.state.Accounts = accounts.NewSet(0)
	l.state.Builds = make(map[solana.PublicKey]string)
	l.header = make(map[solana.PublicKey]solana.PublicKey)
	first := requests(accounts.ClockSysvar, accounts.RentSysvar, accounts.EpochRewardsSysvar,
		l.token.Pool, l.token.Mint, l.token.ValidatorList, l.payer)
	first = append(first, requests(l.others...)...)
	if hash, ok := l.client.pinned[l.token.Program]; ok {
		l.state.Builds[l.token.Program] = hash
	} else {
		address, err := accounts.ProgramDataAddress(l.token.Program)
		if err != nil {
			return nil, err
		}

		l.header[l.token.Program] = address
		first = append(first,
			route.AccountRequest{Address: address, Length: accounts.ProgramDataHeaderSize})
	}

	if err := l.fetchRound(ctx, first, true); err != nil {
		return nil, err
	}

	s, err := l.pool()
	if err != nil {
		return nil, err
	}

	entries := s.behind
	if l.all {
		entries = make([]int, len(s.list.Validators))
		for i := range entries {
			entries[i] = i
		}
	}

	second, stakes, err := l.stakeAccounts(s, entries)
	if err != nil {
		return nil, err
	}

	unknown := l.cachedBuilds(l.header)
	for _, d := range unknown {
		second = append(second, route.AccountRequest{Address: l.header[d.program]})
	}

	if err := l.fetchRound(ctx, second, false); err != nil {
		return nil, err
	}

	if l.highest-l.lowest > maxSlotSpread {
		return nil, fmt.Errorf("%w: %d to %d", ErrSlotSpread, l.lowest, l.highest)
	}

	l.hashBuilds(unknown, l.header)

	return s, l.complete(s, entries, stakes)
}

// requests returns requests for whole accounts.
func requests(keys ...solana.PublicKey) []route.AccountRequest {
	all := make([]route.AccountRequest, len(keys))
	for i, key := range keys {
		all[i].Address = key
	}
	return all
}

// pool decodes the accounts of the first round.
func (l *poolLoad) pool() (*stalePool, error) {
	set, token := l.state.Accounts, l.token
	clock, err := accounts.Load(set, accounts.ClockSysvar, accounts.DecodeClock)
	if err != nil {
		return nil, err
	}

	rent, err := accounts.Load(set, accounts.RentSysvar, accounts.DecodeRent)
	if err != nil {
		return nil, err
	}

	// The account does not exist on a cluster that has never distributed
	// rewards.
	rewards, err := accounts.Load(set, accounts.EpochRewardsSysvar, accounts.DecodeEpochRewards)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return nil, err
	}

	account, err := set.Get(token.Pool)
	if err != nil {
		return nil, err
	}

	state, err := accounts.DecodeStakePoolOf(account, token.Program)
	if err != nil {
		return nil, err
	}

	if state.PoolMint != token.Mint || state.ValidatorList != token.ValidatorList {
		return nil, fmt.Errorf("%w: pool %s has mint %s and validator list %s, not %s and %s",
			route.ErrMismatch, token.Pool, state.PoolMint, state.ValidatorList, token.Mint,
			token.ValidatorList)
	}

	if account, err = set.Get(token.ValidatorList); err != nil {
		return nil, err
	}

	list, err := accounts.DecodeValidatorListOf(account, token.Program)
	if err != nil {
		return nil, err
	}

	keys, err := instructions.NewStakePool(token.Program, token.Pool, state)
	if err != nil {
		return nil, err
	}

	s := &stalePool{
		keys: keys,
		list: list,
		pool: quote.StakePoolState{
			Program:            token.Program,
			Address:            token.Pool,
			State:              *state,
			Clock:              *clock,
			Rent:               *rent,
			EpochRewardsActive: rewards != nil && rewards.Active,
		},
	}

	for i := range list.Validators {
		if s.stale() && list.Validators[i].LastUpdateEpoch < clock.Epoch {
			s.behind = append(s.behind, i)
		}
	}

	return s, nil
}

// stakeAccounts returns the accounts of the second round, and the addresses of
// the two stake accounts of each validator to read.
func (l *poolLoad) stakeAccounts(
	s *stalePool, entries []int,
) (second []route.AccountRequest, stakes []solana.PublicKey, err error) {
	for _, i := range entries {
		entry := &s.list.Validators[i]
		active, err := accounts.ValidatorStakeAddress(l.token.Program, l.token.Pool,
			entry.VoteAccount, entry.ValidatorSeedSuffix)
		if err != nil {
			return nil, nil, err
		}

		transient, err := accounts.TransientStakeAddress(l.token.Program, l.token.Pool,
			entry.VoteAccount, entry.TransientSeedSuffix)
		if err != nil {
			return nil, nil, err
		}

		stakes = append(stakes, active, transient)
	}

	second = requests(s.pool.State.ReserveStake, s.pool.State.ManagerFeeAccount)

	return append(second, requests(stakes...)...), stakes, nil
}

// complete adds the accounts of the second round.
func (l *poolLoad) complete(s *stalePool, entries []int, stakes []solana.PublicKey) error {
	set := l.state.Accounts
	mint, err := accounts.Load(set, l.token.Mint, accounts.DecodeMint)
	if err != nil {
		return err
	}

	reserve, err := stakeIn(set, s.pool.State.ReserveStake)
	if err != nil {
		return err
	}

	if reserve == nil {
		return fmt.Errorf("%w: reserve %s", accounts.ErrNotFound, s.pool.State.ReserveStake)
	}

	fees, err := set.Get(s.pool.State.ManagerFeeAccount)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) {
		return err
	}

	s.slot = l.highest
	s.payer, err = walletOf(set, l.payer)
	if err != nil {
		return err
	}

	build := l.state.Builds[l.token.Program]
	s.pool.MinimumDelegation = l.state.MinimumDelegation
	s.pool.Reserve, s.pool.ReserveLamports = reserve.Account, reserve.Lamports
	s.pool.FeeAccountUsable = quote.FeeAccountUsable(&s.pool.State, fees)
	s.pool.FeeAccountMintable = quote.FeeAccountMintable(&s.pool.State, fees)
	s.pool.Rounding = quote.StakePoolFeeRounding(build)
	s.pool.UpdateKnown = quote.StakePoolUpdateKnown(build)
	s.mintSupply = mint.Supply
	for _, entry := range s.list.Validators {
		s.validators = append(s.validators, quote.ValidatorBalance{Entry: entry})
	}

	for n, i := range entries {
		v := &s.validators[i]
		if v.Active, err = stakeIn(set, stakes[2*n]); err != nil {
			return err
		}

		if v.Transient, err = stakeIn(set, stakes[2*n+1]); err != nil {
			return err
		}
	}

	if s.stale() {
		s.pool.Update = &quote.StakePoolBalances{Validators: s.validators, MintSupply: mint.Supply}
	}

	return nil
}

// stakeIn reads a stake account, or nil if it does not exist. Lamports that
// anyone sent to its address make no stake account.
func stakeIn(set *accounts.Set, address solana.PublicKey) (*quote.StakeAccountState, error) {
	account, err := set.Get(address)
	if errors.Is(err, accounts.ErrNotFound) {
		return nil, nil
	}

	if err != nil {
		return nil, err
	}

	if account.Owner == accounts.SystemProgram && len(account.Data) == 0 {
		return nil, nil
	}

	stake, err := accounts.DecodeStakeAccount(account)
	if err != nil {
		return nil, err
	}

	return &quote.StakeAccountState{Lamports: account.Lamports, Account: *stake}, nil
}
