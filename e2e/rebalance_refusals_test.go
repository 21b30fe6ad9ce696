package e2e

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// TestInfinity_RebalanceRefusals plans a rebalance, spoils the pool, and sends
// the plan all the same. The controller refuses for the reason that a new plan
// tells.
func TestInfinity_RebalanceRefusals(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.InfinityProgram) == "" {
		t.Skip("Infinity is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	t.Logf("seed %d", seed)
	r := &rebalanceRun{waysRun: newWaysRun(l)}
	r.infinity = newInfinityRun(l, r.chain, accounts.FlatSlabProgram)
	for name, test := range map[string]struct {
		spoil   func(s *scene, plan *operator.InfinityRebalance)
		want    error
		refusal string
	}{
		"disabled": {func(s *scene, _ *operator.InfinityRebalance) {
			s.infinity.Pool.IsDisabled = true
		}, quote.ErrDisabled, "PoolDisabled"},
		"in a rebalance": {func(s *scene, _ *operator.InfinityRebalance) {
			s.infinity.Pool.IsRebalancing = true
		}, quote.ErrRebalancing, "PoolRebalancing"},
		"input disabled": {func(s *scene, plan *operator.InfinityRebalance) {
			s.holding(plan.Inp).Entry.IsInputDisabled = true
		}, quote.ErrInputDisabled, "LstInputDisabled"},
		"too little left": {func(s *scene, plan *operator.InfinityRebalance) {
			s.holding(plan.Out).Reserves = plan.Amount - 1
			plan.MinOutReserves = 0
		}, quote.ErrInsufficientReserve, "InsufficientFunds"},
		"below the least reserves": {func(s *scene, plan *operator.InfinityRebalance) {
			plan.MinOutReserves = s.holding(plan.Out).Reserves + 1
		}, nil, "SlippageToleranceExceeded"},
		"above the most reserves": {func(s *scene, plan *operator.InfinityRebalance) {
			plan.MaxInpReserves = s.holding(plan.Inp).Reserves - 1
		}, nil, "SlippageToleranceExceeded"},
		"another authority": {func(s *scene, _ *operator.InfinityRebalance) {
			s.infinity.Pool.RebalanceAuthority = r.payer.PublicKey()
		}, nil, "InvalidArgument"},
		"a pool that is not updated": {func(s *scene, plan *operator.InfinityRebalance) {
			for _, pool := range s.pools {
				if pool.State.PoolMint == plan.Inp {
					pool.State.LastUpdateEpoch--
				}
			}
		}, quote.ErrStalePool, "PoolNotUpdated"},
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			s, market, plan := r.possible(rand.New(rand.NewPCG(seed, 1)))
			require.NotNil(t, market)
			test.spoil(s, plan)
			r.publish(s, plan.Inp, 0, heldInp)
			client, again := r.load(s)
			if test.want != nil {
				_, err := operator.PlanInfinityRebalance(again, plan.InfinityRebalanceParams)
				require.ErrorIs(t, err, test.want)
			}

			err := r.send(client, plan)
			var failure *progerr.TransactionError
			require.ErrorAs(t, err, &failure)
			require.ErrorContains(t, err, test.refusal)
		})
	}
}

// holding returns the pool's holding of a token.
func (s *scene) holding(mint solana.PublicKey) *figures.Holding {
	at := slices.IndexFunc(s.infinity.Holdings, func(h figures.Holding) bool {
		return h.Entry.Mint == mint
	})
	return &s.infinity.Holdings[at]
}

// load returns a client and the market of a scene.
func (r *rebalanceRun) load(s *scene) (*sdk.Client, *route.Market) {
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(r.t, err)
	market, err := client.LoadMarketWith(r.t.Context(), route.NewLoader(s.tokens...))
	require.NoError(r.t, err)
	return client, market
}

// possible returns a scene with a rebalance of SOL into a stake pool's LST.
func (r *rebalanceRun) possible(
	rng *rand.Rand,
) (*scene, *route.Market, *operator.InfinityRebalance) {
	for range 100 {
		s := r.random(rng)
		r.pool(rng, s)
		for n := range s.infinity.Holdings {
			s.infinity.Holdings[n].Entry.IsInputDisabled = false
		}

		inp := s.pools[0].State.PoolMint
		if !slices.ContainsFunc(s.infinity.Holdings, func(h figures.Holding) bool {
			return h.Entry.Mint == inp
		}) {
			continue
		}

		s.holding(accounts.NativeMint).Reserves += 100 * sol
		r.publish(s, inp, 0, heldInp)
		_, market := r.load(s)
		plan, err := operator.PlanInfinityRebalance(market, operator.InfinityRebalanceParams{
			Out:      accounts.NativeMint,
			Inp:      inp,
			Amount:   10 * sol,
			MaxTopUp: heldInp,
		})
		if err == nil {
			return s, market, plan
		}
	}

	r.t.Fatal("no rebalance is possible")

	return nil, nil, nil
}
