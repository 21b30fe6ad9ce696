package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestStakeProgram_WithdrawActivating withdraws whole stake accounts and parts
// of them that were delegated in this epoch, before or long ago, by the owner
// or by another key. What the quote serves is executed, with its policy, and
// the owner receives every lamport. What it refuses, the stake program refuses.
func TestStakeProgram_WithdrawActivating(t *testing.T) {
	r := newWaysRun(connect(t))
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	epoch := r.chain.Clock.Epoch
	undone, refused := 0, 0
	for i := range max(cases/5, 12) {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		s := r.anyStake(rng)
		s.Account.State, s.Account.Lockup = accounts.StakeDelegated, accounts.Lockup{}
		d := &s.Account.Delegation
		d.Stake = sol + rng.Uint64N(500*sol)
		d.ActivationEpoch = epoch - [...]uint64{0, 0, 0, 1, 9}[rng.IntN(5)]
		d.DeactivationEpoch = accounts.NeverEpoch
		s.Lamports = d.Stake + s.Account.RentExemptReserve
		amount := s.Lamports - [...]uint64{0, 0, 1, sol / 2}[rng.IntN(4)]
		if r.undelegates(s, amount, fmt.Sprintf("seed %d, case %d", seed, i)) {
			undone++
		} else {
			refused++
		}
	}

	t.Logf("seed %d: undelegated and withdrawn %d times, refused by both %d", seed, undone, refused)
	require.NotZero(t, undone)
	require.NotZero(t, refused)
}

// undelegates executes a withdrawal of stake that may be activating. It reports
// whether the quote serves it.
func (r *waysRun) undelegates(s quote.StakeAccountState, amount uint64, name string) bool {
	t, ctx, owner := r.t, context.Background(), r.user.PublicKey()
	stake := solana.NewWallet().PublicKey()
	for _, reply := range r.batch(
		setAccount(accounts.Account{Address: owner, Owner: accounts.SystemProgram, Lamports: sol}),
		setAccount(stakeAccountAt(stake, s)),
	) {
		require.Nil(t, reply.Error)
	}

	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(ctx, route.NewLoader().WithStakeAccounts(stake))
	require.NoError(t, err)
	q, served := venueQuote(market, route.Request{
		From:   stake,
		To:     accounts.NativeMint,
		Amount: amount,
	}, string(route.VenueStakeProgram))
	if !served {
		// In full activation, or for a part, deactivation leaves nothing to
		// withdraw or takes more stake than asked.
		if amount == s.Lamports {
			require.Error(t, r.localnet.execute(r.undelegation(stake, amount)), name)
		}

		return false
	}

	require.Equal(t, s.Lamports, amount, name)
	o := sdk.BuildOptions{Owner: owner, Priority: sdk.PriorityFee{None: true}}
	unsigned, err := client.Build(ctx, q, o)
	require.NoError(t, err, name)
	policy, err := client.Policy(ctx, q, o)
	require.NoError(t, err, name)
	require.NoError(t, explain.Verify(explain.Transaction(unsigned, nil), policy), name)
	signed, err := unsigned.Sign(ctx, r.user)
	require.NoError(t, err, name)
	require.NoError(t, r.localnet.execute(signed), name)
	require.Equal(t, sol+q.Out-5_000, lamportsIn(r.get(owner), owner), name)
	require.Zero(t, lamportsIn(r.get(stake), stake), name)

	return true
}

// undelegation is a transaction that deactivates a stake account and withdraws
// from it.
func (r *waysRun) undelegation(stake solana.PublicKey, amount uint64) *txn.Signed {
	t, owner := r.t, r.user.PublicKey()
	deactivate, err := txn.DeactivateStake(stake, owner)
	require.NoError(t, err)
	withdraw, err := txn.WithdrawStake(stake, owner, owner, amount)
	require.NoError(t, err)
	plan := txn.Plan{
		Payer:    owner,
		Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Steps:    []txn.Step{deactivate, withdraw},
	}

	unsigned, err := plan.Compile()
	require.NoError(t, err)
	signed, err := unsigned.Sign(context.Background(), r.user)
	require.NoError(t, err)

	return signed
}

// TestStakeProgram_Withdraw withdraws random amounts from stake accounts that
// have cooled down or are not delegated, at and around the rent that must stay.
// The accounts store another rent than that of today. The quote must agree with
// the stake program on each amount.
func TestStakeProgram_Withdraw(t *testing.T) {
	r := newWaysRun(connect(t))
	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)
	withdrawn, refused := 0, 0
	for i := range cases {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		s := r.anyStake(rng)
		s.Account.Lockup = accounts.Lockup{}
		s.Account.RentExemptReserve = [...]uint64{1_666_240, 2_282_880, 3_000_000}[rng.IntN(3)]
		s.Lamports = 3_000_000 + s.Account.Delegation.Stake
		d := &s.Account.Delegation
		if s.Account.State == accounts.StakeDelegated {
			d.ActivationEpoch, d.DeactivationEpoch = r.chain.Clock.Epoch-5, r.chain.Clock.Epoch-1
		}

		least := [...]uint64{rent, rent - 1, rent + 1, s.Account.RentExemptReserve,
			s.Account.RentExemptReserve - 1, 0, rng.Uint64N(s.Lamports)}[rng.IntN(7)]
		amount := max(1, s.Lamports-least)
		name := fmt.Sprintf("seed %d, case %d: %d of %d", seed, i, amount, s.Lamports)
		if r.withdraws(s, amount, name) {
			withdrawn++
		} else {
			refused++
		}
	}

	t.Logf("seed %d, rent %d: withdrawn %d times, refused by the quote and the program %d", seed,
		rent, withdrawn, refused)
	require.NotZero(t, withdrawn)
	require.NotZero(t, refused)
}

// withdraws reports whether the stake program pays an amount, and checks that
// the quote agrees.
func (r *waysRun) withdraws(s quote.StakeAccountState, amount uint64, name string) bool {
	t, ctx, owner := r.t, context.Background(), r.user.PublicKey()
	stake := solana.NewWallet().PublicKey()
	for _, reply := range r.batch(
		setAccount(accounts.Account{
			Address:  owner,
			Owner:    accounts.SystemProgram,
			Lamports: sol,
		}),
		setAccount(stakeAccountAt(stake, s)),
	) {
		require.Nil(t, reply.Error)
	}

	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(ctx, route.NewLoader().WithStakeAccounts(stake))
	require.NoError(t, err)
	_, served := venueQuote(market, route.Request{
		From:   stake,
		To:     accounts.NativeMint,
		Amount: amount,
	}, string(route.VenueStakeProgram))

	withdraw, err := txn.WithdrawStake(stake, owner, owner, amount)
	require.NoError(t, err)
	plan := txn.Plan{
		Payer:    owner,
		Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Steps:    []txn.Step{withdraw},
	}

	unsigned, err := plan.Compile()
	require.NoError(t, err)
	signed, err := unsigned.Sign(ctx, r.user)
	require.NoError(t, err)
	err = r.localnet.execute(signed)
	require.Equal(t, err == nil, served, "%s: %v", name, err)
	if err == nil {
		require.Equal(t, sol+amount-5_000, lamportsIn(r.get(owner), owner), name)
		require.Equal(t, s.Lamports-amount, lamportsIn(r.get(stake), stake), name)
	}

	return err == nil
}
