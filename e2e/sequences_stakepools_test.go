package e2e

import (
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// This file has the effects of the stake pool program.

// pool returns a stake pool as input of package quote.
func (f *forecast) pool(key solana.PublicKey) quote.StakePoolState {
	state := decoded(f, key, accounts.DecodeStakePool)
	reserve := f.stake(state.ReserveStake)
	require.NotNil(f.t, reserve)
	program := f.at(key).Owner

	return quote.StakePoolState{
		Program:           program,
		Address:           key,
		State:             *state,
		Clock:             f.chain.Clock,
		Rent:              f.chain.Rent,
		MinimumDelegation: f.chain.MinimumDelegation,
		Reserve:           reserve.Account,
		ReserveLamports:   reserve.Lamports,
		FeeAccountUsable:  quote.FeeAccountUsable(state, f.at(state.ManagerFeeAccount)),
		Rounding:          quote.StakePoolFeeRounding(f.builds[program]),
		UpdateKnown:       quote.StakePoolUpdateKnown(f.builds[program]),
	}
}

// list returns the validator list of a pool.
func (f *forecast) list(q quote.StakePoolState) *accounts.ValidatorList {
	return decoded(f, q.State.ValidatorList, accounts.DecodeValidatorList)
}

// entryOf returns the entry of a validator.
func (f *forecast) entryOf(
	list *accounts.ValidatorList, vote solana.PublicKey,
) *accounts.ValidatorStakeInfo {
	at := slices.IndexFunc(list.Validators,
		func(v accounts.ValidatorStakeInfo) bool { return v.VoteAccount == vote })
	require.GreaterOrEqual(f.t, at, 0, "validator %s is not in the list", vote)
	return &list.Validators[at]
}

// grow adds lamports and pool tokens to the totals of a pool, modulo 2^64.
func (f *forecast) grow(q quote.StakePoolState, lamports, tokens uint64) {
	q.State.TotalLamports += lamports
	q.State.PoolTokenSupply += tokens
	f.put(q.Address, q.State.Encode())
	f.addSupply(q.State.PoolMint, tokens)
}

// pricesFor returns the prices of a pool for withdrawals from a token account.
// The manager pays no fee.
func pricesFor(q quote.StakePoolState, source solana.PublicKey) *quote.StakePoolPrices {
	if source == q.State.ManagerFeeAccount {
		return q.Prepare().OfManager()
	}
	return q.Prepare()
}

func (b booked) depositSOL() error {
	_, err := b.depositInto(b.key("stake pool"), b.amount("lamports"),
		b.key("destination token account"), b.key("referrer token account"))
	if err == nil {
		b.addLamports(b.key("lamports source"), -b.amount("lamports"))
	}
	return err
}

// depositInto deposits lamports into a pool.
func (f *forecast) depositInto(
	pool solana.PublicKey, lamports uint64, destination, referrer solana.PublicKey,
) (quote.SOLDeposit, error) {
	q := f.pool(pool)
	d, err := q.DepositSOL(lamports)
	if err != nil {
		return d, err
	}

	f.addLamports(q.State.ReserveStake, lamports)
	f.addTokens(destination, d.Tokens)
	f.addTokens(referrer, d.ReferralFee)
	f.addTokens(q.State.ManagerFeeAccount, d.ManagerFee)
	f.grow(q, lamports, d.Tokens+d.ReferralFee+d.ManagerFee)

	return d, nil
}

func (b booked) withdrawSOL() error {
	w, err := b.withdrawFrom(b.key("stake pool"), b.amount("pool tokens"),
		b.key("source token account"))
	if err == nil {
		b.addLamports(b.key("lamports destination"), w.Lamports)
	}
	return err
}

// withdrawFrom takes lamports out of the reserve of a pool.
func (f *forecast) withdrawFrom(
	pool solana.PublicKey, tokens uint64, source solana.PublicKey,
) (quote.SOLWithdrawal, error) {
	q := f.pool(pool)
	var why quote.Refusal
	w, ok := pricesFor(q, source).WithdrawSOL(tokens, &why)
	if !ok {
		return w, why.Err()
	}

	f.addLamports(q.State.ReserveStake, -w.Lamports)
	f.addTokens(source, -w.Tokens)
	f.addTokens(q.State.ManagerFeeAccount, w.ManagerFee)
	f.grow(q, -w.Lamports, w.ManagerFee-w.Tokens)

	return w, nil
}

func (b booked) depositStake() error {
	_, err := b.depositStakeInto(b.key("stake pool"), b.key("stake account"),
		b.key("validator stake account"), b.key("destination token account"),
		b.key("referrer token account"))
	return err
}

// depositStakeInto merges a stake account into the stake of a pool's validator.
// What is not stake goes into the reserve.
func (f *forecast) depositStakeInto(
	pool, stake, validator, destination, referrer solana.PublicKey,
) (quote.StakeDeposit, error) {
	q := f.pool(pool)
	list, part, into := f.list(q), f.stake(stake), f.stake(validator)
	require.NotNil(f.t, part)
	require.NotNil(f.t, into)
	staked, unstaked, err := q.StakeParts(list, *part, *into)
	if err != nil {
		return quote.StakeDeposit{}, err
	}

	d, err := q.DepositStake(staked, unstaked)
	if err != nil {
		return d, err
	}

	into.Lamports += part.Lamports - unstaked
	into.Account.Delegation.Stake += staked
	f.putStake(validator, into)
	f.clear(stake)
	f.addLamports(q.State.ReserveStake, unstaked)
	f.entryOf(list, into.Account.Delegation.Voter).ActiveStakeLamports = into.Lamports
	f.put(q.State.ValidatorList, list.Encode())
	f.addTokens(destination, d.Tokens)
	f.addTokens(referrer, d.ReferralFee)
	f.addTokens(q.State.ManagerFeeAccount, d.ManagerFee)
	f.grow(q, part.Lamports, d.Tokens+d.ReferralFee+d.ManagerFee)

	return d, nil
}

func (b booked) withdrawStake() error {
	_, err := b.withdrawStakeFrom(b.key("stake pool"), b.amount("pool tokens"),
		b.key("source token account"), b.key("stake account to split"),
		b.key("destination stake account"), b.key("new stake authority"))
	return err
}

// withdrawStakeFrom splits stake off the stake of a pool's validator.
func (f *forecast) withdrawStakeFrom(
	pool solana.PublicKey, tokens uint64, source, validator, destination, owner solana.PublicKey,
) (quote.StakeWithdrawal, error) {
	q := f.pool(pool)
	list, from := f.list(q), f.stake(validator)
	require.NotNil(f.t, from)
	entry := f.entryOf(list, from.Account.Delegation.Voter)
	part := q.PrepareSource(quote.ValidatorStakeSource{Entry: *entry, Stake: *from})
	var why quote.Refusal
	w, ok := pricesFor(q, source).WithdrawStake(tokens, part, &why)
	if !ok {
		return w, why.Err()
	}

	f.splitOff(validator, destination, w.Lamports, owner)
	entry.ActiveStakeLamports -= w.Lamports
	f.put(q.State.ValidatorList, list.Encode())
	f.addTokens(source, -w.Tokens)
	f.addTokens(q.State.ManagerFeeAccount, w.ManagerFee)
	f.grow(q, -w.Lamports, w.ManagerFee-w.Tokens)

	return w, nil
}

// splitOff splits stake off an account into another one, which holds its rent,
// and makes owner both its authorities.
func (f *forecast) splitOff(
	stake, destination solana.PublicKey, lamports uint64, owner solana.PublicKey,
) {
	from := f.stake(stake)
	part := *from
	part.Lamports = f.at(destination).Lamports + lamports
	part.Account.Staker, part.Account.Withdrawer = owner, owner
	part.Account.Delegation.Stake = lamports
	from.Lamports -= lamports
	from.Account.Delegation.Stake -= lamports
	f.putStake(stake, from)
	f.putStake(destination, &part)
}

// addressesOf returns all accounts of the instruction in a role.
func (b booked) addressesOf(role string) []solana.PublicKey {
	var keys []solana.PublicKey
	for _, a := range b.Accounts {
		if a.Role == role {
			keys = append(keys, a.Address)
		}
	}
	return keys
}

// updateList forecasts an update of some validators. The validators before and
// after them count as updated.
func (b booked) updateList() error {
	merges := slices.ContainsFunc(b.Values,
		func(v explain.Value) bool { return v.Name == "no merge" && v.Text == "false" })
	require.True(b.t, merges, "an update without merges")
	q := b.pool(b.key("stake pool"))
	list := b.list(q)
	active := b.addressesOf("validator stake account")
	transient := b.addressesOf("transient stake account")
	start, epoch := int(b.amount("start")), b.chain.Clock.Epoch
	all := make([]quote.ValidatorBalance, len(list.Validators))
	for i, entry := range list.Validators {
		all[i].Entry = entry
		all[i].Entry.LastUpdateEpoch = epoch
	}

	for i, key := range active {
		v := &all[start+i]
		v.Entry.LastUpdateEpoch = epoch - 1
		v.Active, v.Transient = b.stake(key), b.stake(transient[i])
	}

	q.Update = &quote.StakePoolBalances{
		Validators: all,
		MintSupply: decoded(b.forecast, q.State.PoolMint, accounts.DecodeMint).Supply,
	}

	u, err := q.AfterUpdate()
	if err != nil {
		return err
	}

	for i, key := range active {
		v := u.Validators[start+i]
		list.Validators[start+i] = v.Entry
		b.putStake(key, v.Active)
		b.putStake(transient[i], v.Transient)
	}

	b.put(q.State.ValidatorList, list.Encode())
	b.addLamports(q.State.ReserveStake, u.Pool.ReserveLamports-q.ReserveLamports)

	return nil
}

func (b booked) updateBalance() error {
	q := b.pool(b.key("stake pool"))
	mint := decoded(b.forecast, q.State.PoolMint, accounts.DecodeMint)
	q.Update = &quote.StakePoolBalances{MintSupply: mint.Supply}
	for _, entry := range b.list(q).Validators {
		require.Equal(b.t, b.chain.Clock.Epoch, entry.LastUpdateEpoch,
			"validator %s is not updated", entry.VoteAccount)
		q.Update.Validators = append(q.Update.Validators, quote.ValidatorBalance{Entry: entry})
	}

	u, err := q.AfterUpdate()
	if err != nil {
		return err
	}

	minted := u.Pool.State.PoolTokenSupply - mint.Supply
	b.put(q.Address, u.Pool.State.Encode())
	b.addSupply(q.State.PoolMint, minted)
	if minted > 0 {
		b.addTokens(q.State.ManagerFeeAccount, minted)
		b.feesOf = append(b.feesOf, b.token(q.State.ManagerFeeAccount).Owner)
	}

	return nil
}

// cleanUp takes removed validators out of the list. The program moves the other
// entries forward and leaves the bytes behind them.
func (b booked) cleanUp() error {
	q := b.pool(b.key("stake pool"))
	list := b.list(q)
	u := quote.UpdatedStakePool{}
	for _, entry := range list.Validators {
		u.Validators = append(u.Validators, quote.ValidatorBalance{Entry: entry})
	}

	list.Validators = u.List()
	b.put(q.State.ValidatorList, list.Encode())
	if !q.UpdateKnown {
		return nil
	}

	// Since October 2025 the program also forgets preferred validators that are
	// not active.
	isActive := func(vote *solana.PublicKey) bool {
		return vote != nil && slices.ContainsFunc(list.Validators,
			func(v accounts.ValidatorStakeInfo) bool {
				return v.VoteAccount == *vote && v.Status == accounts.ValidatorActive
			})
	}

	for _, preferred := range []**solana.PublicKey{
		&q.State.PreferredDepositValidator, &q.State.PreferredWithdrawValidator,
	} {
		if !isActive(*preferred) {
			*preferred = nil
		}
	}

	b.put(q.Address, q.State.Encode())

	return nil
}
