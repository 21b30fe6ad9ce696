package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// rebalanceRecordVariable names a file to record rebalances to.
const rebalanceRecordVariable = "SANCTUM_E2E_RECORD_REBALANCES"

// heldInp is the rebalance authority's balance of the token that comes back.
const heldInp = 1_000_000 * sol

// TestInfinity_Rebalance executes manual rebalances with the real controller:
// random pools and amounts, between SOL, mSOL, stSOL and the LSTs of stake
// pools, each in one transaction that unstakes and stakes. The pool afterwards
// must be the foreseen one to the lamport. One base unit less than required is
// refused by the controller, and by the plan.
func TestInfinity_Rebalance(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.InfinityProgram) == "" {
		t.Skip("Infinity is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := &rebalanceRun{
		waysRun:  newWaysRun(l),
		by:       map[string]int{},
		declined: map[string]int{},
	}

	r.infinity = newInfinityRun(l, r.chain, accounts.FlatSlabProgram)
	r.record.Chain = r.chain
	for i := 0; r.executed < cases; i++ {
		require.Less(t, i, 20*cases+100, "too few rebalances are possible")
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), seed, i)
	}

	t.Logf(
		"seed %d: %d rebalances as foreseen, at most %d bytes and %d compute units; %d topped up",
		seed,
		r.executed,
		r.size,
		r.units,
		r.toppedUp,
	)

	t.Logf("%d refused by plan and controller one base unit below the edge, %d lost more",
		r.edges, r.lost)
	for _, name := range sortedNames(r.by) {
		t.Logf("%4d by %s", r.by[name], name)
	}

	for _, name := range sortedNames(r.declined) {
		t.Logf("%4d not planned: %s", r.declined[name], name)
	}

	require.Positive(t, r.edges)
	require.Positive(t, r.lost)
	if path := os.Getenv(rebalanceRecordVariable); path != "" && !t.Failed() {
		text, err := r.record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

type rebalanceRun struct {
	*waysRun
	infinity *infinityRun

	executed, toppedUp, edges, lost, size int
	units                                 uint64
	// by counts the executions by their venues, and declined the refusals by
	// their reasons.
	by, declined map[string]int
	record       golden.Rebalances
}

// pool adds a random pool of Infinity to a scene. The user may rebalance it.
func (r *rebalanceRun) pool(rng *rand.Rand, s *scene) {
	o := figures.InfinityOptions{
		Program:      accounts.InfinityProgram,
		Version:      accounts.PoolStateV1,
		Pricing:      accounts.FlatSlabProgram,
		Calculators:  r.infinity.calculators,
		UpgradeSlots: r.infinity.upgrades,
		Marinade:     &s.marinade.State,
		Lido:         &s.lido.State,
	}

	s.lido.State.ExchangeRate.ComputedInEpoch = r.chain.Clock.Epoch
	for _, pool := range s.pools {
		if _, ok := r.infinity.calculators[pool.Program]; ok {
			o.StakePools = append(o.StakePools, pool)
		}
	}

	infinity, err := figures.RandomInfinity(rng, r.chain, o)
	require.NoError(r.t, err)
	infinity.Marinade, infinity.Lido = nil, nil
	infinity.Pool.RebalanceAuthority = r.user.PublicKey()
	for n := range infinity.Holdings {
		infinity.Holdings[n].Reserves += rng.Uint64N(20_000 * sol)
	}

	s.infinity = infinity
}

// one plans a rebalance, tries it below its edge, and executes it.
func (r *rebalanceRun) one(rng *rand.Rand, seed uint64, i int) {
	t := r.t
	s := r.random(rng)
	r.pool(rng, s)
	holdings := s.infinity.Holdings
	out, inp := holdings[rng.IntN(len(holdings))], holdings[rng.IntN(len(holdings))]
	params := operator.InfinityRebalanceParams{
		Out:    out.Entry.Mint,
		Inp:    inp.Entry.Mint,
		Amount: 1 + figures.RandomAmount(rng, min(out.Reserves, 5_000*sol)+1),
		Margin: rng.Uint64N(2) * rng.Uint64N(1000),
	}

	r.publish(s, params.Inp, 0, heldInp)
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}))
	require.NoError(t, err)
	market, err := client.LoadMarketWith(context.Background(), route.NewLoader(s.tokens...))
	require.NoError(t, err)

	plan, err := operator.PlanInfinityRebalance(market, params)
	var loss *operator.InfinityLossError
	if errors.As(err, &loss) {
		params.MaxTopUp = loss.TopUp
		plan, err = operator.PlanInfinityRebalance(market, params)
		require.NoError(t, err, "seed %d, case %d", seed, i)
		require.Equal(t, loss.TopUp, plan.TopUp)
	}

	if err != nil {
		r.declined[reason(err)]++
		return
	}

	if plan.TopUp > heldInp || params.Inp == accounts.NativeMint && plan.TopUp > 9_000*sol {
		r.declined["more than the authority has"]++
		return
	}

	r.belowEdge(client, market, plan, seed, i)
	end := r.execute(client, s, plan, seed, i)
	r.keep(market, s, plan, end, seed+uint64(i))
}

// keep records a rebalance, and what the controller refused before it.
func (r *rebalanceRun) keep(
	market *route.Market, s *scene, plan *operator.InfinityRebalance,
	end quote.InfinityRebalanced, seed uint64,
) {
	t := r.t
	pool, err := market.InfinityPool(accounts.InfinityProgram)
	require.NoError(t, err)
	token := func(mint solana.PublicKey) golden.RebalanceToken {
		lst := pool.Prices().LSTs[mint]
		calculation, err := golden.NewCalculation(lst.Value)
		require.NoError(t, err)
		return golden.RebalanceToken{
			Mint:        mint,
			SOLValue:    lst.State.SOLValue,
			Reserves:    lst.Reserves,
			Calculation: calculation,
		}
	}

	c := golden.RebalanceCase{
		Seed:     seed,
		Pool:     s.infinity.Pool,
		Out:      token(plan.Out),
		Inp:      token(plan.Inp),
		Amount:   plan.Amount,
		Returned: end.Returned,
		Outcome: &golden.RebalanceOutcome{
			TotalSOLValue: end.Pool.TotalSOLValue,
			InpValue:      end.LSTs[0].SOLValue,
			OutValue:      end.LSTs[1].SOLValue,
		},
	}
	c.InpAtEnd, err = golden.NewCalculation(r.valueNow(s, plan.Inp))
	require.NoError(t, err)
	r.record.Cases = append(r.record.Cases, c)
	if plan.Required > plan.Received {
		c.Returned, c.Outcome = plan.Required-1, nil
		r.record.Cases = append(r.record.Cases, c)
	}
}

// valueNow reads the calculator of a token from the chain.
func (r *rebalanceRun) valueNow(s *scene, mint solana.PublicKey) quote.SOLValueCalculator {
	t := r.t
	if mint == accounts.NativeMint {
		return quote.WrappedSOLValue{}
	}

	if mint == accounts.MSOLMint {
		set := r.get(s.marinade.Address)
		state, err := accounts.Load(set, s.marinade.Address, accounts.DecodeMarinadeState)
		require.NoError(t, err)
		value, err := quote.NewMarinadeValue(state)
		require.NoError(t, err)
		return value
	}

	at := slices.IndexFunc(s.pools, func(p *figures.StakePool) bool {
		return p.State.PoolMint == mint
	})
	address := s.pools[at].Address
	pool, err := accounts.Load(r.get(address), address, accounts.DecodeStakePool)
	require.NoError(t, err)
	value, err := quote.NewStakePoolValue(pool, r.chain.Clock)
	require.NoError(t, err)
	return value
}

// belowEdge returns one base unit less than required, and half of it: neither
// the plan nor the controller allows it.
func (r *rebalanceRun) belowEdge(
	client *sdk.Client, market *route.Market, plan *operator.InfinityRebalance, seed uint64, i int,
) {
	t := r.t
	if plan.Required <= plan.Received {
		return
	}

	least := plan.Required - plan.Received
	for _, topUp := range []uint64{least - 1, (least - 1) / 2} {
		params := plan.InfinityRebalanceParams
		params.MaxTopUp, params.Margin = topUp, 0
		_, err := operator.PlanInfinityRebalance(market, params)
		require.ErrorIs(t, err, quote.ErrNoProfit, "seed %d, case %d", seed, i)

		short := *plan
		short.TopUp = topUp
		err = r.send(client, &short)
		var failure *progerr.TransactionError
		require.ErrorAs(t, err, &failure, "seed %d, case %d: %d short", seed, i, least-topUp)
		require.ErrorContains(t, err, "PoolWouldLoseSolValue", "seed %d, case %d", seed, i)
		if topUp == least-1 {
			r.edges++
		} else {
			r.lost++
		}
	}
}

// send builds a transaction without a simulation, and executes it.
func (r *rebalanceRun) send(client *sdk.Client, plan *operator.InfinityRebalance) error {
	unsigned, err := plan.Build(context.Background(), client, sdk.BuildOptions{
		Versions:       []txn.Version{txn.Version0, txn.Version1},
		SkipSimulation: true,
		SkipPayerCheck: true,
	})
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.user)
	require.NoError(r.t, err)
	return r.localnet.execute(signed)
}

// execute executes a plan and compares the pool and the authority's accounts
// with the foreseen ones.
func (r *rebalanceRun) execute(
	client *sdk.Client, s *scene, plan *operator.InfinityRebalance, seed uint64, i int,
) quote.InfinityRebalanced {
	t := r.t
	ctx := context.Background()
	unsigned, err := plan.Build(ctx, client, sdk.BuildOptions{
		Versions: []txn.Version{txn.Version0, txn.Version1},
	})
	require.NoError(t, err, "seed %d, case %d: %+v", seed, i, plan)
	signed, err := unsigned.Sign(ctx, r.user)
	require.NoError(t, err)
	wallet := r.lamports(plan.Authority)
	receipt, err := client.Send(ctx, signed)
	require.NoError(t, err, "seed %d, case %d", seed, i)
	require.NoError(t, receipt.Err)

	got := r.poolNow(s, plan)
	require.Equal(t, plan.End, got, "seed %d, case %d: %+v", seed, i, plan.InfinityRebalanceParams)
	r.compareAuthority(plan, receipt, wallet)
	r.executed++
	r.size, r.units = max(r.size, unsigned.Size()), max(r.units, receipt.UnitsConsumed)
	if plan.TopUp > 0 {
		r.toppedUp++
	}

	r.by[routeOf(plan)]++

	return got
}

// routeOf names the venues of a plan.
func routeOf(plan *operator.InfinityRebalance) string {
	name := "SOL"
	if plan.Unstake != nil {
		name = string(plan.Unstake.Venue)
	}

	switch {
	case plan.Stake != nil:
		return name + ", " + string(plan.Stake.Venue)
	case plan.Marinade != nil:
		return name + ", Marinade deposit"
	}

	return name + ", SOL"
}

// poolNow reads the pool as the outcome of a plan.
func (r *rebalanceRun) poolNow(
	s *scene, plan *operator.InfinityRebalance,
) quote.InfinityRebalanced {
	t := r.t
	controller, err := accounts.NewController(s.infinity.Program)
	require.NoError(t, err)
	out, err := controller.Reserves(accounts.TokenProgram, plan.Out)
	require.NoError(t, err)
	inp, err := controller.Reserves(accounts.TokenProgram, plan.Inp)
	require.NoError(t, err)
	set := r.get(controller.PoolState, controller.LSTStateList, out, inp,
		controller.RebalanceRecord)
	pool, err := accounts.Load(set, controller.PoolState, accounts.DecodePoolState)
	require.NoError(t, err)
	list, err := accounts.Load(set, controller.LSTStateList, accounts.DecodeLSTStateList)
	require.NoError(t, err)
	_, err = set.Get(controller.RebalanceRecord)
	require.ErrorIs(t, err, accounts.ErrNotFound, "the record stays")

	left, err := accounts.Load(set, out, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	require.Equal(t, plan.Start.OutReserves-plan.Amount, left.Amount)
	held, err := accounts.Load(set, inp, accounts.DecodeTokenAccount)
	require.NoError(t, err)

	got := quote.InfinityRebalanced{
		Returned: held.Amount - plan.Start.InpReserves,
		Gain:     pool.TotalSOLValue - plan.Start.TotalBefore,
		Pool:     *pool,
	}

	for _, mint := range []solana.PublicKey{plan.Inp, plan.Out} {
		_, entry, ok := list.Find(mint)
		require.True(t, ok)
		got.LSTs = append(got.LSTs, quote.SyncedLST{Mint: mint, SOLValue: entry.SOLValue})
	}

	return got
}

// lamports returns the balance of a wallet.
func (r *rebalanceRun) lamports(wallet solana.PublicKey) uint64 {
	account, err := r.get(wallet).Get(wallet)
	require.NoError(r.t, err)
	return account.Lamports
}

// compareAuthority checks that the authority pays the top-up, the network and
// the rent of a token account, and keeps nothing of the pool.
func (r *rebalanceRun) compareAuthority(
	plan *operator.InfinityRebalance, receipt *sdk.Receipt, wallet uint64,
) {
	t := r.t
	paid := wallet - r.lamports(plan.Authority) - receipt.Fee
	amount := func(mint solana.PublicKey) uint64 {
		account, err := accounts.Load(r.get(r.ata(mint)), r.ata(mint), accounts.DecodeTokenAccount)
		if errors.Is(err, accounts.ErrNotFound) {
			return 0
		}

		require.NoError(t, err)
		return account.Amount
	}

	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	if plan.Out != accounts.NativeMint {
		require.Zero(t, amount(plan.Out), "tokens of the pool stay with the authority")
		paid -= rent
	}

	if plan.Inp == accounts.NativeMint {
		require.Equal(t, plan.TopUp, paid)
		return
	}

	require.Zero(t, paid)
	require.Equal(t, heldInp-plan.TopUp, amount(plan.Inp))
}
