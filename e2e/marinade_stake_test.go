package e2e

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestMarinade_StakeRoutes executes every route from mSOL to a stake account
// and to the LST of a stake pool, for the owner and for a recipient, as
// TestMarket_StakeRoutes does.
func TestMarinade_StakeRoutes(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.MarinadeProgram) == "" {
		t.Skip("Marinade is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := newWaysRun(l)
	r.pairs = func(s *scene) [][2]solana.PublicKey {
		mSOL := s.tokens[2].Mint
		return [][2]solana.PublicKey{{mSOL, route.NativeStake}, {mSOL, s.tokens[0].Mint}}
	}

	for i := range cases {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		r.recipient = solana.PublicKey{}
		if rng.IntN(3) == 0 {
			r.recipient = solana.NewWallet().PublicKey()
		}

		r.one(rng, seed, i)
	}

	t.Logf("seed %d", seed)
	for _, venue := range sortedNames(r.executed) {
		t.Logf("%-30s %4d executed as quoted", venue, r.executed[venue].count)
	}

	require.NotZero(t, r.executed[string(route.VenueStakeWithdrawal)].count)
	require.NotZero(t, r.executed[string(route.VenueStakeWithdrawalToDeposit)].count)
}

// TestMarinade_HighestStakeFee checks that a withdrawal of stake gives the
// minimum output even if Marinade raises its fee to the most that its program
// allows after the quote.
func TestMarinade_HighestStakeFee(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.MarinadeProgram) == "" {
		t.Skip("Marinade is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r, executed := newWaysRun(l), 0
	for i := range cases {
		name := fmt.Sprintf("seed %d, case %d", seed, i)
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		if r.withHighestFee(rng, route.SwapMode(i%2), name) {
			executed++
		}
	}

	t.Logf("seed %d: %d executed", seed, executed)
	require.NotZero(t, executed)
}

// withHighestFee executes one withdrawal for which the fee was raised. It
// returns false if there is no quote.
func (r *waysRun) withHighestFee(rng *rand.Rand, mode route.SwapMode, name string) bool {
	const highest = 2_000
	t, ctx := r.t, context.Background()
	s := r.random(rng)
	r.publish(s, route.NativeStake, 1_000_000*sol, 0)
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(ctx, route.NewLoader(s.tokens...))
	require.NoError(t, err)
	q, found := venueQuote(market, route.Request{
		From:    s.tokens[2].Mint,
		To:      route.NativeStake,
		Amount:  2*sol + rng.Uint64N(1_000*sol),
		Options: route.Options{SwapMode: mode, OnlyDirectRoutes: true},
	}, string(route.VenueStakeWithdrawal))
	if !found {
		return false
	}

	key, err := txn.GenerateKeySigner()
	require.NoError(t, err)
	unsigned, err := client.Build(ctx, q, sdk.BuildOptions{
		Owner:        r.user.PublicKey(),
		Seed:         crand.Text()[:16],
		StakeKeypair: key,
	})

	require.NoError(t, err, name)

	raised := s.marinade.State.WithdrawStakeAccountFee < highest
	s.marinade.State.WithdrawStakeAccountFee = highest
	r.publish(s, route.NativeStake, 1_000_000*sol, 0)
	signed, err := unsigned.Sign(ctx, r.user)
	require.NoError(t, err, name)
	_, err = client.Send(ctx, signed)
	require.NoError(t, err, name)

	after := r.get(key.PublicKey())
	stake, err := accounts.Load(after, key.PublicKey(), accounts.DecodeStakeAccount)
	require.NoError(t, err, name)
	require.GreaterOrEqual(t, stake.Delegation.Stake, q.MinOut, name)
	if mode == route.ExactIn {
		require.Equal(t, q.MinOut, stake.Delegation.Stake, name)
	} else {
		require.Equal(t, q.Request.Amount, q.MinOut, name)
	}

	require.True(t, !raised || stake.Delegation.Stake < q.Out, "%s: the fee was not raised", name)

	return true
}
