package e2e

import (
	"math/rand/v2"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

const (
	// servedPools is the number of stake pools of a world, and servedVotes the
	// number of validators that several of them share.
	servedPools = 7
	servedVotes = 60
)

// amountBetween returns an amount from least to most. The orders of magnitude
// are equally likely.
func amountBetween(rng *rand.Rand, least, most uint64) uint64 {
	octaves := 0
	for least<<octaves < most {
		octaves++
	}

	low := least << rng.IntN(max(octaves, 1))
	return min(low+rng.Uint64N(low), most)
}

// servedScene draws a world as wallets find it: stake pools of one validator
// and of many with small reserves, Marinade, Lido, the Reserve and Infinity.
// All pools are one epoch behind.
func (r *servedRun) servedScene(rng *rand.Rand) *scene {
	s := &scene{reserve: figures.RandomReserve(rng)}
	s.reserve.Address = accounts.ReservePoolAddress
	s.reserve.Lamports = amountBetween(rng, 2_000*sol, 200_000*sol)
	votes := make([]solana.PublicKey, servedVotes)
	for i := range votes {
		votes[i] = figures.RandomKey(rng)
	}

	for range servedPools {
		r.addPool(rng, s)
		r.settlePool(rng, s.pools[len(s.pools)-1], votes)
	}

	r.addMarinade(rng, s, votes[0])
	m := &s.marinade.State
	m.MinDeposit, m.MinWithdraw, m.StakeSystem.MinStake = 1, 1, sol
	r.addLido(rng, s, votes[1])
	s.lido.State.ExchangeRate.ComputedInEpoch = r.chain.Clock.Epoch - 1
	r.addRouter(s)
	r.addInfinity(rng, s)
	for _, pool := range s.pools {
		r.putBehind(rng, pool)
	}

	return s
}

// settlePool gives a pool the size, the validators and the fees of a pool on
// mainnet.
func (r *servedRun) settlePool(rng *rand.Rand, pool *figures.StakePool, votes []solana.PublicKey) {
	state := &pool.State
	fee := func() accounts.Fee {
		rates := []uint64{0, 0, 0, 10, 30, 100}
		return accounts.Fee{Numerator: rates[rng.IntN(len(rates))], Denominator: 10_000}
	}

	state.SOLDepositFee, state.StakeDepositFee = accounts.Fee{}, accounts.Fee{}
	state.SOLWithdrawalFee, state.StakeWithdrawalFee = fee(), fee()
	state.NextSOLWithdrawalFee, state.NextStakeWithdrawalFee = accounts.FutureFee{},
		accounts.FutureFee{}
	state.EpochFee = accounts.Fee{Numerator: rng.Uint64N(11), Denominator: 100}
	authority := pool.Reserve.Account.Withdrawer
	count := 1
	switch rng.IntN(6) {
	case 0, 1:
		count = 2 + rng.IntN(12)
	case 2:
		count = 20 + rng.IntN(130)
	}

	size := amountBetween(rng, 500*sol, 100_000*sol) * uint64(count+9) / 10
	pool.Reserve.Lamports = figures.StoredRent + amountBetween(rng, sol/100, size/50)
	state.TotalLamports = pool.Reserve.Lamports - figures.StoredRent
	pool.Validators, pool.MaxValidators = nil, uint32(count+10)
	for i := range count {
		vote := figures.RandomKey(rng)
		if i < len(votes) && rng.IntN(2) == 0 {
			vote = votes[i]
		}

		staked := max(r.chain.MinimumDelegation, amountBetween(rng, size/uint64(8*count)+sol,
			size*2/uint64(count)+2*sol))
		pool.Validators = append(pool.Validators, r.servedValidator(rng, authority, vote, staked))
		state.TotalLamports += staked + figures.StoredRent
	}

	state.PoolTokenSupply = state.TotalLamports - state.TotalLamports/100*rng.Uint64N(30)
	state.LastEpochTotalLamports = state.TotalLamports - state.TotalLamports/2_500
	state.LastEpochPoolTokenSupply = state.PoolTokenSupply
	pool.Mint.Supply = state.PoolTokenSupply
	switch rng.IntN(12) {
	case 0:
		vote := pool.Validators[rng.IntN(count)].Entry.VoteAccount
		state.PreferredWithdrawValidator, state.PreferredDepositValidator = &vote, &vote
	case 1:
		state.StakeDepositAuthority = figures.RandomKey(rng)
	}
}

// servedValidator returns a validator with active stake.
func (r *servedRun) servedValidator(
	rng *rand.Rand, authority, vote solana.PublicKey, staked uint64,
) figures.Validator {
	v := figures.Validator{
		Entry: accounts.ValidatorStakeInfo{
			ActiveStakeLamports: staked + figures.StoredRent,
			LastUpdateEpoch:     r.chain.Clock.Epoch,
			VoteAccount:         vote,
		},
		Active: &quote.StakeAccountState{
			Lamports: staked + figures.StoredRent,
			Account: figures.Delegated(authority, figures.StoredRent, vote, staked,
				r.chain.Clock.Epoch-2-rng.Uint64N(100)),
		},
	}
	if rng.IntN(4) == 0 {
		// Tips.
		v.Active.Lamports += amountBetween(rng, 1_000, sol)
	}

	return v
}

// putBehind makes a pool one epoch older: rewards have arrived, and stake that
// the pool was moving has arrived in its reserve or at a validator.
func (r *servedRun) putBehind(rng *rand.Rand, pool *figures.StakePool) {
	epoch := r.chain.Clock.Epoch
	pool.State.LastUpdateEpoch = epoch - 1
	for i := range pool.Validators {
		v := &pool.Validators[i]
		v.Entry.LastUpdateEpoch = epoch - 1
		reward := v.Active.Account.Delegation.Stake / 2_500
		v.Active.Account.Delegation.Stake += reward
		v.Active.Lamports += reward
		if rng.IntN(8) > 0 {
			continue
		}

		staked := amountBetween(rng, r.chain.MinimumDelegation, 2_000*sol)
		account := figures.Delegated(v.Active.Account.Staker, figures.StoredRent,
			v.Entry.VoteAccount, staked, epoch-1)
		if rng.IntN(2) == 0 {
			account.Delegation.ActivationEpoch = epoch - 5
			account.Delegation.DeactivationEpoch = epoch - 1
		}

		lamports := staked + figures.StoredRent
		v.Transient = &quote.StakeAccountState{Lamports: lamports, Account: account}
		v.Entry.TransientStakeLamports = lamports
		pool.State.TotalLamports += lamports
		pool.State.PoolTokenSupply += lamports - lamports/10
		pool.Mint.Supply = pool.State.PoolTokenSupply
	}
}

// addInfinity adds Infinity with most of the LSTs, and INF.
func (r *servedRun) addInfinity(rng *rand.Rand, s *scene) {
	f := r.infinities[rng.IntN(len(r.infinities))]
	o := figures.InfinityOptions{
		Program:      accounts.InfinityProgram,
		Version:      accounts.PoolStateV1,
		Pricing:      f.pricing,
		Calculators:  f.calculators,
		UpgradeSlots: f.upgrades,
	}

	for _, pool := range s.pools {
		if _, ok := f.calculators[pool.Program]; ok && rng.IntN(8) > 0 {
			o.StakePools = append(o.StakePools, pool)
		}
	}

	infinity, err := figures.RandomInfinity(rng, r.chain, o)
	require.NoError(r.t, err)
	infinity.Marinade, infinity.Lido = nil, nil
	for i := range infinity.Holdings {
		infinity.Holdings[i].Reserves = amountBetween(rng, sol, 50_000*sol)
	}

	s.infinity = infinity
	inf, err := lst.Default().ByMint(accounts.INFMint)
	require.NoError(r.t, err)
	s.tokens = append(s.tokens, inf)
}

// worldAccounts returns the accounts of a scene, without those of the user and
// of Infinity.
func (r *servedRun) worldAccounts(s *scene) []accounts.Account {
	var all []accounts.Account
	add := func(of []accounts.Account, err error) {
		require.NoError(r.t, err)
		all = append(all, of...)
	}

	add(s.reserve.Accounts(r.chain.Rent))
	add(s.marinade.Accounts(r.chain.Rent))
	add(s.lido.Accounts(r.chain.Rent))
	for _, pool := range s.pools {
		add(pool.Accounts(r.chain.Rent))
	}

	return append(all, s.others...)
}

// put sets accounts of any number. Those without lamports do not exist.
func (r *servedRun) put(all []accounts.Account) {
	for chunk := range slices.Chunk(all, 100) {
		calls := make([]call, len(chunk))
		for i, a := range chunk {
			if calls[i] = setAccount(a); a.Lamports == 0 {
				calls[i] = dropAccount(a.Address)
			}
		}

		for _, reply := range r.batch(calls...) {
			require.Nil(r.t, reply.Error)
		}
	}
}

// putInfinity puts Infinity on chain, or takes it away.
func (r *servedRun) putInfinity(s *scene, there bool) {
	if there {
		all, err := s.infinity.Accounts(r.chain.Rent)
		require.NoError(r.t, err)
		r.put(all)
		return
	}

	controller, err := accounts.NewController(accounts.InfinityProgram)
	require.NoError(r.t, err)
	r.batch(dropAccount(controller.PoolState))
}

// updated returns the scene after the update of all its pools, which clients
// do, and its accounts.
func (r *servedRun) updated(s *scene) (*scene, []accounts.Account) {
	t := r.t
	client := r.client(s, r.endpoint)
	r.put([]accounts.Account{{Address: r.payer.PublicKey(), Owner: accounts.SystemProgram,
		Lamports: 1_000 * sol}})
	fresh := *s
	fresh.pools = nil
	for i, pool := range s.pools {
		report, err := client.UpdatePool(t.Context(), s.tokens[i].Mint,
			sdk.PoolUpdateOptions{Priority: sdk.PriorityFee{None: true}}, r.payer)
		require.NoError(t, err)
		r.updates[pool.Address] = len(report.Receipts)
		next := *pool
		state, err := accounts.Load(r.get(pool.Address), pool.Address, accounts.DecodeStakePool)
		require.NoError(t, err)
		next.State = *state
		fresh.pools = append(fresh.pools, &next)
	}

	lido := *s.lido
	lido.State.ExchangeRate.ComputedInEpoch = r.chain.Clock.Epoch
	fresh.lido = &lido
	all, err := lido.Accounts(r.chain.Rent)
	require.NoError(t, err)
	r.put(all)

	var keys []solana.PublicKey
	for _, a := range r.worldAccounts(s) {
		keys = append(keys, a.Address)
	}

	set := r.getAll(keys)
	var after []accounts.Account
	for _, key := range keys {
		a, err := set.Get(key)
		if err != nil {
			a = accounts.Account{Address: key}
		}

		after = append(after, a)
	}

	return &fresh, after
}

// poolAccounts returns the accounts of each pool of a scene, by mint, as they
// are in all.
func (r *servedRun) poolAccounts(
	s *scene, all []accounts.Account,
) map[solana.PublicKey][]accounts.Account {
	byAddress := make(map[solana.PublicKey]accounts.Account)
	for _, a := range all {
		byAddress[a.Address] = a
	}

	pools := make(map[solana.PublicKey][]accounts.Account)
	for _, pool := range s.pools {
		own, err := pool.Accounts(r.chain.Rent)
		require.NoError(r.t, err)
		for _, a := range own {
			pools[pool.State.PoolMint] = append(pools[pool.State.PoolMint], byAddress[a.Address])
		}
	}

	return pools
}
