package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestStakeAccount_AsItIs trades stake accounts whose balance is not exactly
// stake and rent: the stake program pays what is beyond them also while the
// stake is active, and before a deposit into Marinade the surplus is withdrawn
// or the missing rent added. Every lamport must match the quote, and one
// lamport more than the surplus must be refused by the stake program.
func TestStakeAccount_AsItIs(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.MarinadeProgram) == "" {
		t.Skip("Marinade is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := &surplusRun{waysRun: newWaysRun(l)}
	// With pairs, the policy of each quote is checked as well.
	r.pairs = func(*scene) [][2]solana.PublicKey {
		return [][2]solana.PublicKey{{accounts.NativeMint, accounts.NativeMint}}
	}

	for i := range cases {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), i, fmt.Sprintf("seed %d, case %d", seed, i))
	}

	t.Logf("seed %d: surplus withdrawn %d times, and one lamport more refused %d times; "+
		"deposits into Marinade: %d after a withdrawal, %d after a top-up, %d as they are",
		seed, r.withdrawn, r.refusedMore, r.returned, r.toppedUp, r.asIs)
	for _, reason := range sortedNames(r.refused) {
		t.Logf("%4d refused: %s", r.refused[reason], reason)
	}

	require.NotZero(t, r.withdrawn)
	require.NotZero(t, r.refusedMore)
	require.NotZero(t, r.returned)
	require.NotZero(t, r.toppedUp)
}

type surplusRun struct {
	*waysRun
	withdrawn, refusedMore, returned, toppedUp, asIs int
}

func (r *surplusRun) one(rng *rand.Rand, i int, name string) {
	t, ctx := r.t, context.Background()
	s := r.random(rng)
	if len(s.marinade.Validators) == 0 {
		return
	}

	vote := s.marinade.Validators[rng.IntN(len(s.marinade.Validators))].VoteAccount
	surplus := r.loosen(rng, s, vote)
	request := route.Request{From: s.stake.Address, To: accounts.NativeMint}
	request.OnlyDirectRoutes = true
	switch {
	case i%2 == 1:
		request.To, request.Amount = s.tokens[2].Mint, s.stake.Lamports
	case surplus > 0:
		request.Amount = max(1,
			[...]uint64{surplus, rng.Uint64N(surplus), surplus + 1}[rng.IntN(3)])
	default:
		request.Amount = s.stake.Lamports
	}

	r.publish(s, request.To, sol, uint64(rng.IntN(2))*5)
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(ctx,
		route.NewLoader(s.tokens...).WithStakeAccounts(s.stake.Address))
	require.NoError(t, err)
	quotes, rejected := market.Quotes(request)
	for _, no := range rejected {
		r.refused[string(no.Venue)+": "+reason(no.Err)]++
		if no.Venue == route.VenueStakeProgram && request.Amount <= surplus {
			require.Fail(t, "refused", "%s: %v", name, no.Err)
		}
	}

	for _, q := range quotes {
		if q.Venue != route.VenueStakeProgram && q.Venue != route.VenueStakeDeposit {
			continue
		}

		r.publish(s, request.To, sol, 0)
		before := r.executed[string(q.Venue)].count
		r.execute(client, s, q, i%4 > 1, name)
		if r.executed[string(q.Venue)].count > before {
			r.count(q)
		}
	}

	r.publish(s, request.To, sol, 0)
	r.oneMore(s, surplus, name)
}

func (r *surplusRun) count(q route.Quote) {
	switch {
	case q.Venue == route.VenueStakeProgram:
		r.withdrawn++
	case q.ReturnedSOL > 0:
		r.returned++
	case len(q.Costs) > 0:
		r.toppedUp++
	default:
		r.asIs++
	}
}

// loosen replaces the stake account of a scene by one with more or less than
// its stake and rent, and returns what is beyond them.
func (r *surplusRun) loosen(rng *rand.Rand, s *scene, vote solana.PublicKey) (surplus uint64) {
	epoch := r.chain.Clock.Epoch
	stake := figures.Delegated(r.user.PublicKey(), figures.StoredRent, vote,
		r.chain.MinimumDelegation+figures.RandomAmount(rng, 5_000*sol), epoch-1-rng.Uint64N(9))
	switch rng.IntN(6) {
	case 0:
		stake.Delegation.ActivationEpoch = epoch
	case 1:
		stake.Delegation.DeactivationEpoch = epoch
	}

	s.stake.Lamports = stake.Delegation.Stake + figures.StoredRent
	switch rng.IntN(4) {
	case 0:
		s.stake.Lamports -= 1 + rng.Uint64N(600_000)
	case 1:
		surplus = 1
	default:
		surplus = figures.RandomAmount(rng, 10*sol)
	}

	s.stake.Lamports += surplus
	s.stake.Data = make([]byte, accounts.StakeAccountSpace)
	copy(s.stake.Data, stake.Encode())

	// The stake program keeps the rent of today, not the one that is stored.
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(r.t, err)
	kept := stake.Delegation.Stake + rent

	return s.stake.Lamports - min(kept, s.stake.Lamports)
}

// oneMore checks that the stake program refuses one lamport beyond the surplus.
func (r *surplusRun) oneMore(s *scene, surplus uint64, name string) {
	t, owner := r.t, r.user.PublicKey()
	withdraw, err := txn.WithdrawStake(s.stake.Address, owner, owner, surplus+1)
	require.NoError(t, err)
	plan := txn.Plan{
		Payer:    owner,
		Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
		Steps:    []txn.Step{withdraw},
	}

	unsigned, err := plan.Compile()
	require.NoError(t, err)
	signed, err := unsigned.Sign(context.Background(), r.user)
	require.NoError(t, err)
	require.Error(t, r.localnet.execute(signed), "%s: more than the surplus", name)
	r.refusedMore++
}
