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
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestMarket_MergedStake trades a stake account together with others of the
// owner, which the transaction merges into it first: whole or in part, to the
// Reserve, to stake pools, to Marinade, and out of the stake program. Every
// lamport must match the quote.
func TestMarket_MergedStake(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.MarinadeProgram) == "" {
		t.Skip("Marinade is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := &mergeRun{waysRun: newWaysRun(l), merges: make(map[int]int)}
	// With pairs, the policy of each quote is checked as well.
	r.pairs = func(s *scene) [][2]solana.PublicKey {
		me, sol := s.stake.Address, accounts.NativeMint
		return [][2]solana.PublicKey{
			{me, sol}, {me, s.tokens[0].Mint}, {me, s.tokens[1].Mint}, {me, s.tokens[2].Mint},
			{me, sol},
		}
	}

	for i := range cases {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), i, fmt.Sprintf("seed %d, case %d", seed, i))
	}

	t.Logf("seed %d: executed by number of merged accounts %v, with a policy; "+
		"%d markets refused the merge; largest inputs executed %d",
		seed, r.merges, r.unmerged, r.largest)
	for _, venue := range sortedNames(r.executed) {
		e := r.executed[venue]
		t.Logf("%-20s %4d, at most %d bytes and %d compute units (%d estimated)", venue, e.count,
			e.size, e.units, e.estimated)
	}

	for _, reason := range sortedNames(r.refused) {
		t.Logf("%4d refused: %s", r.refused[reason], reason)
	}

	for n := 1; n <= 3; n++ {
		require.NotZero(t, r.merges[n], "%d accounts", n)
	}

	require.Len(t, r.executed, 3)
	require.NotZero(t, r.unmerged)
	require.NotZero(t, r.largest)
}

type mergeRun struct {
	*waysRun
	// merges counts the executions by number of merged accounts, unmerged the
	// markets that refuse the merge, and largest the executed largest inputs.
	merges            map[int]int
	unmerged, largest int
}

func (r *mergeRun) one(rng *rand.Rand, i int, name string) {
	t, ctx := r.t, context.Background()
	s := r.random(rng)
	mergeable := r.addMerged(rng, s)
	request := r.request(rng, s, i)
	request.SwapMode, request.OnlyDirectRoutes = route.SwapMode(i/5%2), true
	if request.SwapMode == route.ExactIn && rng.IntN(2) == 0 {
		request.Amount = s.offered()
	}

	for _, other := range s.merged {
		request.MergeStake = append(request.MergeStake, other.Address)
	}

	r.publish(s, request.To, sol, uint64(rng.IntN(2))*5)
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(ctx,
		route.NewLoader(s.tokens...).WithMergedStake(s.stake.Address, request.MergeStake...))
	require.NoError(t, err)
	stake, err := market.StakeAccount(s.stake.Address)
	if !mergeable {
		require.ErrorIs(t, err, quote.ErrStakeMerge, name)
		r.unmerged++
		return
	}

	require.NoError(t, err, name)
	require.Equal(t, s.offered(), stake.Lamports, name)
	quotes, rejected := market.Quotes(request)
	for _, no := range rejected {
		r.refused[string(no.Venue)+": "+reason(no.Err)]++
	}

	for _, q := range quotes {
		r.publish(s, request.To, sol, 0)
		before := r.executed[string(q.Venue)].count
		r.execute(client, s, q, i%4 > 1, name)
		if r.executed[string(q.Venue)].count > before {
			r.merges[len(s.merged)]++
		}
	}

	if request.To == accounts.NativeMint && request.SwapMode == route.ExactIn && i%3 == 0 {
		request.Amount = s.offered()
		whole, _ := market.Quotes(request)
		r.most(client, s, request, whole, name)
	}
}

// most executes the largest input that the client finds.
// whole are the quotes of all that the owner offers.
func (r *mergeRun) most(
	client *sdk.Client, s *scene, request route.Request, whole []route.Quote, name string,
) {
	t, ctx := r.t, context.Background()
	r.publish(s, request.To, sol, 0)
	q, err := client.MaxInput(ctx, request.From, request.To, sdk.TradeOptions{
		Options:      request.Options,
		BuildOptions: sdk.BuildOptions{Owner: r.user.PublicKey(), Seed: crand.Text()[:16]},
	})
	if err != nil {
		r.refused["largest input: "+reason(err)]++
		return
	}

	// If no venue takes the whole, the stake program still pays a surplus.
	if q.In < s.offered() {
		require.Equal(t, route.VenueStakeProgram, q.Venue, name)
		require.Empty(t, whole, name)
	}

	r.execute(client, s, q, false, name)
	r.largest++
}

// addMerged adds one to three accounts like that of the scene, and reports
// whether all of them can be merged into it.
func (r *mergeRun) addMerged(rng *rand.Rand, s *scene) (mergeable bool) {
	stake, err := accounts.DecodeStakeAccount(s.stake)
	require.NoError(r.t, err)
	mergeable = stake.Delegation.DeactivationEpoch != r.chain.Clock.Epoch ||
		stake.State == accounts.StakeInitialized
	for range 1 + rng.IntN(3) {
		other := *stake
		d := &other.Delegation
		if other.State == accounts.StakeDelegated {
			d.Stake = r.chain.MinimumDelegation + figures.RandomAmount(rng, 1_000*sol)
			d.CreditsObserved = rng.Uint64N(1 << 20)
			if rng.IntN(12) == 0 && d.DeactivationEpoch == accounts.NeverEpoch {
				d.Voter, mergeable = figures.RandomKey(rng), false
			}
		}

		surplus := rng.Uint64N(2) * rng.Uint64N(sol)
		s.merged = append(s.merged, stakeAccountAt(figures.RandomKey(rng), quote.StakeAccountState{
			Lamports: d.Stake + figures.StoredRent + surplus,
			Account:  other,
		}))
	}

	return mergeable
}
