package e2e

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// Files to record the cases of odd states to as golden vectors, and those while
// rewards are being distributed.
const (
	recordOddVariable     = recordVariable + "_ODD"
	recordRewardsVariable = recordVariable + "_REWARDS"
)

// oddStates put a pool, and the stake that is deposited, into a state that is
// rare on mainnet, but possible.
var oddStates = map[string]func(*oddCase){
	"fee account that requires memos": func(o *oddCase) {
		o.extendFeeAccount(accounts.ExtensionMemoTransfer, []byte{byte(o.rng.IntN(2))})
	},
	"fee account with hidden balances": func(o *oddCase) {
		o.extendFeeAccount(accounts.ExtensionConfidentialTransferAccount, make([]byte, 295))
	},
	"fee account with hidden fees": func(o *oddCase) {
		o.extendFeeAccount(accounts.ExtensionConfidentialTransferFeeAmount, make([]byte, 64))
	},
	"fee account of a transfer hook": func(o *oddCase) {
		o.extendFeeAccount(accounts.ExtensionTransferHookAccount, []byte{1})
	},
	"fee account of a pausable mint": func(o *oddCase) {
		o.extendFeeAccount(accounts.ExtensionPausableAccount, []byte{})
	},
	"fee account behind a guard": func(o *oddCase) {
		o.extendFeeAccount(accounts.ExtensionCPIGuard, []byte{1})
	},
	"lockup of the whole pool": func(o *oddCase) {
		lockup := o.lockup()
		o.pool.State.Lockup, o.pool.Reserve.Account.Lockup = lockup, lockup
		o.lockStake(lockup)
	},
	"lockup of the validators' stake": func(o *oddCase) {
		o.pool.State.Lockup = o.lockup()
		o.lockStake(o.pool.State.Lockup)
	},
	"lockup of the reserve": func(o *oddCase) {
		o.pool.Reserve.Account.Lockup = o.lockup()
	},
	"lockup of the pool alone": func(o *oddCase) {
		o.pool.State.Lockup = o.lockup()
	},
	"deactivated validator": func(o *oddCase) {
		o.addStake()
		o.delegation().DeactivationEpoch = o.chain.Clock.Epoch - 1 - o.rng.Uint64N(3)
		o.delegation().ActivationEpoch = o.chain.Clock.Epoch - 10
	},
	"validator that is being deactivated": func(o *oddCase) {
		o.delegation().DeactivationEpoch = o.chain.Clock.Epoch
	},
	"validator that is being activated": func(o *oddCase) {
		o.delegation().ActivationEpoch = o.chain.Clock.Epoch
	},
	"validator that was never activated": func(o *oddCase) {
		o.addStake()
		o.delegation().ActivationEpoch = o.chain.Clock.Epoch - o.rng.Uint64N(3)
		o.delegation().DeactivationEpoch = o.delegation().ActivationEpoch
	},
}

// oddCase is a case whose pool gets into an odd state.
type oddCase struct {
	rng   *rand.Rand
	chain figures.Chain
	pool  *figures.StakePool
	c     *golden.StakePoolCase
}

func (o *oddCase) extendFeeAccount(kind accounts.ExtensionType, data []byte) {
	toToken2022(o.pool, nil)
	if o.pool.FeeAccount != nil {
		o.pool.FeeAccount.Extensions = append(o.pool.FeeAccount.Extensions,
			accounts.Extension{Type: kind, Data: data})
	}
}

// lockup returns a lockup that is in force or has ended.
func (o *oddCase) lockup() accounts.Lockup {
	l := accounts.Lockup{Custodian: figures.RandomKey(o.rng)}
	clock := o.chain.Clock
	switch o.rng.IntN(4) {
	case 0:
		l.Epoch = clock.Epoch
	case 1:
		l.Epoch = clock.Epoch + 1 + o.rng.Uint64N(5)
	case 2:
		l.UnixTimestamp = clock.UnixTimestamp - int64(o.rng.IntN(1000))
	default:
		l.UnixTimestamp = clock.UnixTimestamp + 1_000_000
	}

	return l
}

// lockStake locks the stake of all validators, and half of the deposits.
func (o *oddCase) lockStake(lockup accounts.Lockup) {
	for i := range o.pool.Validators {
		o.pool.Validators[i].Active.Account.Lockup = lockup
	}
	if o.c.Stake != nil && o.rng.IntN(2) == 0 {
		o.c.Stake.Account.Lockup = lockup
	}
}

// addStake adds stake to the validator of the case, so that it is above the
// threshold of every build: quotes treat smaller ones as exhausted.
func (o *oddCase) addStake() {
	v := &o.pool.Validators[o.c.Validator]
	v.Entry.ActiveStakeLamports += 2 * sol
	v.Active.Lamports += 2 * sol
	v.Active.Account.Delegation.Stake += 2 * sol
	o.pool.State.TotalLamports += 2 * sol
}

// delegation returns the stake of the pool with the validator of the case. The
// stake that is deposited becomes active.
func (o *oddCase) delegation() *accounts.Delegation {
	if o.c.Stake != nil {
		o.c.Stake.Account.Delegation.ActivationEpoch = o.chain.Clock.Epoch - 5
		o.c.Stake.Account.Delegation.DeactivationEpoch = accounts.NeverEpoch
	}
	return &o.pool.Validators[o.c.Validator].Active.Account.Delegation
}

// TestStakePool_OddStates executes random deposits and withdrawals of pools in
// odd states. The output must match the quote to the lamport, and the program
// must refuse what the quote refuses.
func TestStakePool_OddStates(t *testing.T) {
	l := connect(t)
	names := make([]string, 0, len(oddStates))
	for name := range oddStates {
		names = append(names, name)
	}

	slices.Sort(names)
	runOddStates(l, l.chain(), names, recordOddVariable)
}

// TestStakePool_DuringRewards does the same while staking rewards are being
// distributed, in pools without other oddities.
func TestStakePool_DuringRewards(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	chain.RewardsActive = true
	l.batch(setRewards(true))
	defer l.batch(setRewards(false))
	runOddStates(l, chain, []string{"epoch rewards"}, recordRewardsVariable)
}

// runOddStates executes cases of every state, operation and program.
func runOddStates(l *localnet, chain figures.Chain, names []string, variable string) {
	t := l.t
	cases := int(envUint(t, casesVariable, defaultCases))
	seed := envUint(t, seedVariable, rand.Uint64())
	record := golden.StakePools{Chain: chain}
	for _, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		for _, name := range names {
			executed, refused, reasons := 0, 0, map[string]int{}
			for _, op := range []string{golden.DepositSOL, golden.WithdrawSOL, golden.DepositStake,
				golden.WithdrawStake} {
				r := newStakePoolRun(l, chain, program, hash, op)
				r.reasons = reasons
				for i := range max(cases/20, 1) {
					r.odd(name, seed+uint64(i), &record)
				}

				executed, refused = executed+r.executed, refused+r.refused
				require.Zero(t, r.cautious, "%s: %s", name, op)
			}

			t.Logf("build %.8s, %s, seed %d: %d executed as quoted, %d refused by both: %v", hash,
				name, seed, executed, refused, reasons)
		}
	}

	if path := os.Getenv(variable); path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// odd executes the case of a seed in an odd state.
func (r *stakePoolRun) odd(name string, seed uint64, record *golden.StakePools) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 7))
	pool, err := figures.RandomStakePool(rng, r.program, r.chain)
	require.NoError(t, err)
	c := r.randomCase(rng, pool)
	c.Seed = seed
	if change, ok := oddStates[name]; ok {
		change(&oddCase{rng: rng, chain: r.chain, pool: pool, c: c})
	}

	want, exact, quoteErr := c.Quote(pool, r.chain)
	c.Minimum = randomMinimum(rng, want.Received)
	executed, refused := r.executed, r.refused
	r.run(pool, c, want, exact, quoteErr)
	known := slices.ContainsFunc(record.Cases, func(c golden.StakePoolCase) bool {
		return c.Build == r.hash && record.Pools[c.Pool].Program != r.program
	})
	switch {
	case known:
	case r.executed > executed && r.executed == 1, r.refused > refused && oddRefusal(c.Refusal) &&
		!slices.ContainsFunc(record.Cases, func(other golden.StakePoolCase) bool {
			return other.Op == c.Op && other.Build == c.Build && other.Refusal == c.Refusal
		}):
		c.Pool = len(record.Pools)
		record.Pools = append(record.Pools, *pool)
		record.Cases = append(record.Cases, *c)
	}
}

// oddRefusal reports whether the program refused a case because of the odd
// state.
func oddRefusal(text string) bool {
	for _, name := range []string{"EpochRewards", "Lockup", "Custodian", "InsufficientDelegation"} {
		if strings.Contains(text, name) {
			return true
		}
	}
	return false
}

// splitsFreely reports whether the case splits inactive stake, whose delegation
// the stake program copies instead of splitting it.
func (r *stakePoolRun) splitsFreely(pool *figures.StakePool, c *golden.StakePoolCase) bool {
	source := &pool.Validators[c.Validator].Active.Account
	return r.chain.MinimumDelegation > 1 && source.IsInactive(r.chain.Clock.Epoch)
}

// TestStakePoolUpdate_OddStates updates whole pools with a lockup, and pools
// while rewards are being distributed, and compares every account with the
// forecast. Where an update is forecast to fail, the program fails.
func TestStakePoolUpdate_OddStates(t *testing.T) {
	l := connect(t)
	seed := envUint(t, seedVariable, rand.Uint64())
	defer l.batch(setRewards(false))
	for _, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		r := newStakePoolRun(l, l.chain(), program, hash, golden.DepositSOL)
		for i := range max(int(envUint(t, casesVariable, defaultCases))/5, 1) {
			c := golden.PoolUpdateCase{
				Seed:    seed + uint64(i),
				Program: program,
				Build:   hash,
				Most:    12,
			}

			rng := rand.New(rand.NewPCG(c.Seed, 8))
			pool, err := c.Pool(r.chain)
			require.NoError(t, err)
			r.chain.RewardsActive = rng.IntN(2) == 0
			r.batch(setRewards(r.chain.RewardsActive))
			if rng.IntN(2) == 0 {
				lockPool(&oddCase{rng: rng, chain: r.chain, pool: pool})
			}

			if rng.IntN(2) == 0 {
				settlePool(pool, r.chain.Clock.Epoch)
			}

			r.forecastOf(&c, pool)
		}

		t.Logf("build %.8s, seed %d: %d updates as foreseen, %d refused by both, %d by the "+
			"forecast alone: %v", hash, seed, r.executed, r.refused, r.cautious, r.reasons)
	}
}

// lockPool gives a pool, its stake accounts and sometimes its reserve a lockup.
func lockPool(o *oddCase) {
	o.pool.State.Lockup = o.lockup()
	if o.rng.IntN(2) == 0 {
		o.pool.Reserve.Account.Lockup = o.pool.State.Lockup
	}

	for _, v := range o.pool.Validators {
		for _, stake := range []*quote.StakeAccountState{v.Active, v.Transient} {
			if stake != nil {
				stake.Account.Lockup = o.pool.State.Lockup
			}
		}
	}
}

// settlePool leaves an update of a pool no stake to move.
func settlePool(pool *figures.StakePool, epoch uint64) {
	for i := range pool.Validators {
		v := &pool.Validators[i]
		v.Transient, v.Entry.TransientStakeLamports = nil, 0
		v.Entry.Status = accounts.ValidatorActive
		if v.Active == nil || v.Active.Account.State != accounts.StakeDelegated {
			v.Active = nil
			continue
		}

		v.Active.Account.Delegation.ActivationEpoch = epoch - 5
		v.Active.Account.Delegation.DeactivationEpoch = accounts.NeverEpoch
		v.Active.Lamports = v.Active.Account.Delegation.Stake + figures.StoredRent
		v.Entry.ActiveStakeLamports = v.Active.Lamports
	}
}
