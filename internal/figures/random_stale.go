package figures

import (
	"math/rand/v2"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// RandomStalePool returns a stake pool that needs a pool update, with 1 to most
// validators whose stake accounts are in every state. In one of eight pools,
// some validators have stake that makes the update fail or that the pool does
// not own.
func RandomStalePool(
	rng *rand.Rand,
	program solana.PublicKey,
	chain Chain,
	most uint64,
) (*StakePool, error) {
	pool, err := RandomStakePool(rng, program, chain)
	if err != nil {
		return nil, err
	}

	epoch, state := chain.Clock.Epoch, &pool.State
	count := int(RandomAmount(rng, most))
	pool.MaxValidators = uint32(count)
	authority := pool.Reserve.Account.Staker
	hostile := rng.IntN(8) == 0
	pool.Validators, state.TotalLamports = nil, pool.Reserve.Lamports-StoredRent
	pool.Reserve.Lamports += rng.Uint64N(sol)
	for range count {
		v := randomStaleValidator(rng, authority, epoch, hostile)
		state.TotalLamports += v.Entry.ActiveStakeLamports + v.Entry.TransientStakeLamports
		pool.Validators = append(pool.Validators, v)
	}

	state.LastUpdateEpoch = epoch - 1 - rng.Uint64N(2)
	state.PoolTokenSupply = max(state.TotalLamports/2, 1)
	pool.Mint.Supply = state.PoolTokenSupply
	prefer := func() *solana.PublicKey {
		if rng.IntN(3) > 0 {
			return nil
		}

		return &pool.Validators[rng.IntN(count)].Entry.VoteAccount
	}

	state.PreferredDepositValidator, state.PreferredWithdrawValidator = prefer(), prefer()

	return pool, nil
}

// randomStaleValidator returns a validator of a stale pool.
func randomStaleValidator(
	rng *rand.Rand,
	authority solana.PublicKey,
	epoch uint64,
	hostile bool,
) Validator {
	vote := RandomKey(rng)
	v := Validator{Entry: accounts.ValidatorStakeInfo{
		VoteAccount:         vote,
		LastUpdateEpoch:     epoch - 1,
		Status:              accounts.ValidatorStatus(max(rng.IntN(15)-10, 0)),
		TransientSeedSuffix: rng.Uint64N(3),
	}}
	if rng.IntN(8) == 0 {
		v.Entry.LastUpdateEpoch = epoch
	}

	v.Active = randomStaleStake(rng, authority, vote, epoch, hostile)
	if v.Active != nil {
		v.Entry.ActiveStakeLamports = v.Active.Lamports - rng.Uint64N(sol/1000)
	}

	if rng.IntN(2) == 0 {
		v.Transient = randomStaleStake(rng, authority, vote, epoch, hostile)
	}

	if v.Transient == nil {
		return v
	}

	if rng.IntN(8) > 0 {
		v.Entry.TransientStakeLamports = v.Transient.Lamports
	}

	deactivated := v.Active != nil && v.Active.Account.Delegation.DeactivationEpoch < epoch
	if deactivated && v.Transient.Account.State == accounts.StakeDelegated && !hostile {
		v.Transient.Account.Delegation.DeactivationEpoch = epoch - 1
	}

	return v
}

// randomStaleStake returns a stake account in any state, or nil.
func randomStaleStake(
	rng *rand.Rand,
	authority, vote solana.PublicKey,
	epoch uint64,
	hostile bool,
) *quote.StakeAccountState {
	staked := sol + rng.Uint64N(1000*sol)
	account := Delegated(authority, StoredRent, vote, staked, epoch-1-rng.Uint64N(5))
	account.Delegation.CreditsObserved = rng.Uint64N(1 << 40)
	s := &quote.StakeAccountState{Lamports: staked + StoredRent, Account: account}
	d := &s.Account.Delegation
	switch kind := rng.IntN(12); {
	case kind < 2:
		d.DeactivationEpoch = epoch - 1
	case kind == 2:
		s.Account.State, s.Account.Delegation = accounts.StakeInitialized, accounts.Delegation{}
	case kind == 3:
		s.Lamports += rng.Uint64N(2 * sol)
	case kind == 4:
		return nil
	case kind == 5:
		d.ActivationEpoch = epoch
	case kind == 6 && hostile:
		d.DeactivationEpoch = epoch
	case kind == 7 && hostile:
		s.Account.Withdrawer = RandomKey(rng)
	case kind == 8 && hostile:
		s.Account.Lockup.Epoch = epoch + 1
	}

	return s
}
