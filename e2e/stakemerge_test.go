package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestStakeProgram_Merge merges random stake accounts of all states with the
// stake program. The account that remains must equal the one that package quote
// computes, and refusals must agree.
func TestStakeProgram_Merge(t *testing.T) {
	r := newWaysRun(connect(t))
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	recorded := golden.StakeMerges{Chain: r.chain}
	merged := map[string]int{}
	refused := 0
	for i := range cases {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		c := golden.StakeMergeCase{Into: r.anyStake(rng)}
		c.From = r.likeStake(rng, c.Into)
		r.merge(&c, fmt.Sprintf("seed %d, case %d", seed, i))
		recorded.Cases = append(recorded.Cases, c)
		if c.Is.Outcome == nil {
			refused++
			continue
		}

		merged[fmt.Sprintf("%s into %s", r.stageOf(c.From), r.stageOf(c.Into))]++
	}

	t.Logf("seed %d: merged %v, refused by the quote and the program %d", seed, merged, refused)
	if path := os.Getenv(recordVariable + "_STAKEMERGES"); path != "" && !t.Failed() {
		text, err := recorded.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}

	require.NotZero(t, refused)
	require.Len(t, merged, 5)
}

// merge executes a case, compares it with the quote, and completes it.
func (r *waysRun) merge(c *golden.StakeMergeCase, name string) {
	t, owner := r.t, r.user.PublicKey()
	into, from := solana.NewWallet().PublicKey(), solana.NewWallet().PublicKey()
	for _, reply := range r.batch(
		setAccount(accounts.Account{
			Address:  owner,
			Owner:    accounts.SystemProgram,
			Lamports: sol,
		}),
		setAccount(stakeAccountAt(into, c.Into)),
		setAccount(stakeAccountAt(from, c.From)),
	) {
		require.Nil(t, reply.Error)
	}

	step, err := txn.MergeStake(into, from, owner)
	require.NoError(t, err)
	plan := txn.Plan{
		Payer:    owner,
		Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Steps:    []txn.Step{step},
		Budget:   txn.ComputeBudget{ComputeUnitLimit: step.ComputeUnits},
	}

	unsigned, err := plan.Compile()
	require.NoError(t, err)
	signed, err := unsigned.Sign(context.Background(), r.user)
	require.NoError(t, err)
	err = r.localnet.execute(signed)
	quoted, refusal := c.Quote(r.chain)
	if c.Into.Account.Staker != owner {
		// The caller's key must be the staker.
		require.Error(t, err, name)
		return
	}

	if err != nil {
		var failed *progerr.TransactionError
		require.ErrorAs(t, err, &failed, name)
		require.NotNil(t, failed.Program, "%s: %v", name, err)
		require.ErrorIs(t, refusal, quote.ErrStakeMerge, "%s: %v", name, err)
		c.Is.Refusal = failed.Program.Name

		return
	}

	require.NoError(t, refusal, name)
	after := r.get(into, from)
	require.False(t, exists(after, from), name)
	left, err := accounts.Load(after, into, accounts.DecodeStakeAccount)
	require.NoError(t, err)
	is := quote.StakeAccountState{Lamports: lamportsIn(after, into), Account: *left}
	require.Equal(t, is, quoted, name)
	c.Is.Outcome = &is
}

func stakeAccountAt(address solana.PublicKey, s quote.StakeAccountState) accounts.Account {
	data := make([]byte, accounts.StakeAccountSpace)
	copy(data, s.Account.Encode())
	return accounts.Account{
		Address:  address,
		Owner:    accounts.StakeProgram,
		Lamports: s.Lamports,
		Data:     data,
	}
}

// anyStake returns a stake account of the user in any state.
func (r *waysRun) anyStake(rng *rand.Rand) quote.StakeAccountState {
	epoch := r.chain.Clock.Epoch
	staked := figures.RandomAmount(rng, 5_000*sol)
	rent := [...]uint64{figures.StoredRent, figures.StoredRent, 1_666_240}[rng.IntN(3)]
	a := figures.Delegated(r.user.PublicKey(), rent, figures.RandomKey(rng), staked,
		epoch-1-rng.Uint64N(9))
	d := &a.Delegation
	d.CreditsObserved, d.Flags = rng.Uint64N(1<<40), uint8(rng.IntN(2))
	switch rng.IntN(9) {
	case 0:
		a.State, a.Delegation = accounts.StakeInitialized, accounts.Delegation{}
	case 1, 2, 3:
		d.ActivationEpoch = epoch
	case 4:
		d.DeactivationEpoch = epoch
	case 5:
		d.DeactivationEpoch = epoch - 1
		d.ActivationEpoch = epoch - 1 - rng.Uint64N(2)
	case 6:
		d.ActivationEpoch = epoch - rng.Uint64N(2)
		d.DeactivationEpoch = d.ActivationEpoch
	}

	if rng.IntN(6) == 0 {
		a.Lockup = r.anyLockup(rng)
	}

	lamports := d.Stake + rent
	if rng.IntN(3) == 0 {
		lamports += rng.Uint64N(sol)
	}

	return quote.StakeAccountState{Lamports: lamports, Account: a}
}

// likeStake returns another account, which often has the validator, the state
// and the lockup of the first one.
func (r *waysRun) likeStake(rng *rand.Rand, s quote.StakeAccountState) quote.StakeAccountState {
	other := r.anyStake(rng)
	a, d := &other.Account, &other.Account.Delegation
	if rng.IntN(3) > 0 && a.State == accounts.StakeDelegated &&
		s.Account.State == accounts.StakeDelegated {
		d.ActivationEpoch = s.Account.Delegation.ActivationEpoch
		d.DeactivationEpoch = s.Account.Delegation.DeactivationEpoch
	}

	if rng.IntN(8) > 0 && a.State == accounts.StakeDelegated {
		d.Voter = s.Account.Delegation.Voter
	}

	if rng.IntN(4) > 0 {
		a.Lockup = s.Account.Lockup
	}

	switch rng.IntN(20) {
	case 0:
		a.Withdrawer = figures.RandomKey(rng)
	case 1:
		a.Staker = figures.RandomKey(rng)
	case 2:
		d.CreditsObserved = s.Account.Delegation.CreditsObserved
	case 3:
		if a.State == accounts.StakeDelegated {
			d.DeactivationEpoch = r.chain.Clock.Epoch + 1
		}
	}

	return other
}

// anyLockup returns a lockup that is in force, ends now, or has ended.
func (r *waysRun) anyLockup(rng *rand.Rand) accounts.Lockup {
	now := r.chain.Clock
	return accounts.Lockup{
		UnixTimestamp: [...]int64{0, 5, now.UnixTimestamp + 100_000}[rng.IntN(3)],
		Epoch:         [...]uint64{0, now.Epoch, now.Epoch + 1}[rng.IntN(3)],
		Custodian:     figures.RandomKey(rng),
	}
}

// stageOf returns the state of stake in words.
func (r *waysRun) stageOf(s quote.StakeAccountState) string {
	switch {
	case s.Account.IsActivating(r.chain.Clock.Epoch):
		return "activating"
	case s.Account.IsActive(r.chain.Clock.Epoch):
		return "active"
	}
	return "inactive"
}
