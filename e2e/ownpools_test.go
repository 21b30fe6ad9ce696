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
	"github.com/sanctum-go/sanctum/sdk/route"
)

// ownPools are the pairs of tests in which the user has a part in a pool: the
// pool's token is bought and sold, for SOL and by stake.
func ownPools(s *scene) [][2]solana.PublicKey {
	first, second := s.tokens[0].Mint, s.tokens[1].Mint
	mSOL, stSOL := s.tokens[2].Mint, s.tokens[3].Mint
	return [][2]solana.PublicKey{
		{accounts.NativeMint, first}, {first, accounts.NativeMint}, {first, route.NativeStake},
		{s.stake.Address, first}, {second, first}, {first, mSOL}, {stSOL, first}, {mSOL, first},
		{accounts.NativeMint, first}, {first, second},
	}
}

// TestMarket_ManagersOwnPool executes the trades of a user whose token accounts
// are the fee accounts of all stake pools. Every lamport and token must match
// the quote: deposits receive the manager's fee, and withdrawals are free.
func TestMarket_ManagersOwnPool(t *testing.T) {
	more := 0
	r := runOwnPools(t, func(r *waysRun, s *scene, _ *rand.Rand, request *route.Request) {
		for _, pool := range s.pools {
			pool.State.ManagerFeeAccount = r.ata(pool.State.PoolMint)
			pool.FeeAccount.Owner = r.user.PublicKey()
		}
	}, func(plain *route.Market, q route.Quote) {
		request := q.Request
		request.User = solana.PublicKey{}
		strangers, found := venueQuote(plain, request, string(q.Venue))
		if !found {
			return
		}

		require.GreaterOrEqual(t, q.Out, strangers.Out, q.Venue)
		if q.Out > strangers.Out {
			more++
		}
	})

	t.Logf("%d trades pay more than those of others", more)
	require.NotZero(t, more)
	for _, venue := range []route.Venue{route.VenueStakePoolDeposit, route.VenueRouterDeposit,
		route.VenueRouter, route.VenueStakeWithdrawal} {
		require.NotZero(t, r.executed[string(venue)].count, venue)
	}
}

// TestMarket_OwnReferrer executes deposits whose referrer is the user's own
// token account: the referral part is in the output.
func TestMarket_OwnReferrer(t *testing.T) {
	runOwnPools(t, func(r *waysRun, s *scene, _ *rand.Rand, request *route.Request) {
		for _, pool := range s.pools {
			pool.State.SOLReferralFee, pool.State.StakeReferralFee = 40, 60
		}

		if request.To != accounts.NativeMint && request.To != route.NativeStake {
			request.Referrer = r.ata(request.To)
		}
	}, nil)
}

// TestMarket_PrivatePools executes trades with stake pools that reserve all
// operations for an authority: the user, or another signer of the transaction.
// Without them the pools are closed.
func TestMarket_PrivatePools(t *testing.T) {
	r := runOwnPools(t, func(r *waysRun, s *scene, rng *rand.Rand, request *route.Request) {
		authority := r.user.PublicKey()
		if rng.IntN(2) == 0 {
			authority = r.payer.PublicKey()
			request.Signers = []solana.PublicKey{authority}
		}

		for _, pool := range s.pools {
			pool.State.SOLDepositAuthority = &authority
			pool.State.SOLWithdrawAuthority = &authority
			pool.State.StakeDepositAuthority = authority
		}
	}, func(plain *route.Market, q route.Quote) {
		request := q.Request
		request.User, request.Signers = solana.PublicKey{}, nil
		_, found := venueQuote(plain, request, string(q.Venue))
		require.True(t, !found || q.Request.From != accounts.NativeMint, q.Venue)
	})

	for _, venue := range []route.Venue{route.VenueStakePoolDeposit, route.VenueStakePoolWithdrawal,
		route.VenueStakeDeposit, route.VenueStakeWithdrawalToDeposit} {
		require.NotZero(t, r.executed[string(venue)].count, venue)
	}
}

// runOwnPools executes all quotes of random scenes that change prepares. Each
// executed quote is passed to compare, with its market.
func runOwnPools(
	t *testing.T,
	change func(*waysRun, *scene, *rand.Rand, *route.Request),
	compare func(*route.Market, route.Quote),
) *waysRun {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := newWaysRun(l)
	r.pairs, r.ownFees = ownPools, true
	for i := range cases {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		s := r.random(rng)
		for _, pool := range s.pools {
			pool.Reserve.Lamports += 100_000 * sol
			pool.State.TotalLamports += 100_000 * sol
		}

		request := r.request(rng, s, i)
		request.User, request.OnlyDirectRoutes = r.user.PublicKey(), true
		change(r, s, rng, &request)
		r.ownPool(s, request, compare, fmt.Sprintf("seed %d, case %d", seed, i))
	}

	t.Logf("seed %d", seed)
	for _, venue := range sortedNames(r.executed) {
		t.Logf("%-30s %4d executed as quoted", venue, r.executed[venue].count)
	}

	return r
}

func (r *waysRun) ownPool(
	s *scene, request route.Request, compare func(*route.Market, route.Quote), name string,
) {
	t := r.t
	// The owner's wallet holds 10,000 SOL, a part of which is for rents and
	// fees.
	const tokens, purse = 1_000_000 * sol, 9_000 * sol
	r.publish(s, request.To, tokens, 5)
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(context.Background(),
		route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address))
	require.NoError(t, err)
	quotes, rejected := market.Quotes(request)
	for _, no := range rejected {
		r.refused[string(no.Venue)+": "+reason(no.Err)]++
		r.publish(s, request.To, tokens, 5)
		r.refusedByPrograms(market, request, no, name+": "+string(no.Venue))
	}

	for _, q := range quotes {
		if q.Venue == route.VenueInfinity || request.From == accounts.NativeMint && q.In > purse {
			continue
		}

		r.publish(s, request.To, tokens, 5)
		r.execute(client, s, q, len(request.Signers) > 0, name+": "+string(q.Venue))
		if compare != nil {
			compare(market, q)
		}
	}
}
