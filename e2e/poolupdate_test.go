package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// mostValidators is the number of validators of the largest pool.
const mostValidators = 3000

// poolUpdateRun updates whole pools with clients.
type poolUpdateRun struct {
	*stakePoolRun
	kind lst.Kind
	// transactions and validators count what was updated.
	transactions, validators int
	// twice reports whether a validator may be updated twice in the epoch. The
	// pool then has no stake that the first update deactivates and the second
	// one withdraws: stake that was delegated in this epoch. A pool that is out
	// of date cannot have delegated any.
	twice bool
}

// eachPoolUpdateRun calls run for each deployment of the program.
func eachPoolUpdateRun(t *testing.T, run func(r *poolUpdateRun, seed uint64)) {
	l := connect(t)
	chain := l.chain()
	seed := envUint(t, seedVariable, rand.Uint64())
	kinds := []lst.Kind{lst.KindSPL, lst.KindSanctumSPL, lst.KindSanctumSPLMulti}
	for i, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			continue
		}

		t.Run(kinds[i].String(), func(t *testing.T) {
			l.t = t
			r := &poolUpdateRun{
				stakePoolRun: newStakePoolRun(l, chain, program, hash, golden.DepositSOL),
				kind:         kinds[i],
			}

			run(r, seed)
			t.Logf(
				"build %.8s, seed %d: %d pools of %d validators in %d transactions, %d refused: %v",
				hash,
				seed,
				r.executed,
				r.validators,
				r.transactions,
				r.refused,
				r.reasons,
			)
		})
	}
}

// unsettledPool puts a pool on chain that is out of date. It returns a client
// that knows it, and the pool after its update.
func (r *poolUpdateRun) unsettledPool(
	rng *rand.Rand, count int, hostile bool,
) (*figures.StakePool, *poolUpdateClient, quote.UpdatedStakePool, error) {
	pool, token := clientPool(r.t.(*testing.T), r.stakePoolRun, rng, r.kind)
	pool.Unsettle(rng, r.chain, count, hostile)
	for _, v := range pool.Validators {
		for _, stake := range []*quote.StakeAccountState{v.Active, v.Transient} {
			if r.twice && stake != nil &&
				stake.Account.Delegation.ActivationEpoch == r.chain.Clock.Epoch {
				stake.Account.Delegation.ActivationEpoch--
			}
		}
	}

	r.publishLarge(pool)
	q := pool.Quote(r.chain, quote.StakePoolFeeRounding(r.hash))
	q.UpdateKnown, q.Update = quote.StakePoolUpdateKnown(r.hash), pool.Balances()
	want, err := q.AfterUpdate()

	return pool, r.poolClient(token), want, err
}

// publishLarge puts a pool of any size on chain.
func (r *poolUpdateRun) publishLarge(pool *figures.StakePool) {
	all, err := pool.Accounts(r.chain.Rent)
	require.NoError(r.t, err)
	for chunk := range slices.Chunk(all, 100) {
		calls := make([]call, len(chunk))
		for i, a := range chunk {
			calls[i] = setAccount(a)
		}

		for _, reply := range r.batch(calls...) {
			require.Nil(r.t, reply.Error)
		}
	}
}

// poolUpdateClient is a client that knows one pool more.
type poolUpdateClient struct {
	*sdk.Client
	token lst.LST
	run   *poolUpdateRun
}

func (r *poolUpdateRun) poolClient(token lst.LST) *poolUpdateClient {
	registry, err := lst.Default().With(token)
	require.NoError(r.t, err)
	client, err := sdk.New(r.endpoint, sdk.WithRegistry(registry))
	require.NoError(r.t, err)
	return &poolUpdateClient{Client: client, token: token, run: r}
}

func (c *poolUpdateClient) update(
	ctx context.Context, progress func(sdk.PoolUpdateProgress),
) (*sdk.PoolUpdate, error) {
	return c.UpdatePool(ctx, c.token.Mint, sdk.PoolUpdateOptions{Progress: progress}, c.run.payer)
}

// check compares the report of a complete update and all accounts with the
// forecast.
func (r *poolUpdateRun) check(
	seed uint64, pool *figures.StakePool, want quote.UpdatedStakePool, report *sdk.PoolUpdate,
) {
	t := r.t
	r.compareUpdate(seed, pool, &want)
	require.NotNil(t, report.After, "seed %d", seed)
	require.Equal(t, want.Pool.State, report.After.State, "seed %d", seed)
	require.Equal(t, want.Pool.ReserveLamports, report.After.ReserveLamports, "seed %d", seed)
	if report.Forecast != nil {
		require.Equal(t, want.Pool.State, report.Forecast.State, "seed %d", seed)
		require.Equal(t, want.Pool.ReserveLamports, report.Forecast.ReserveLamports, "seed %d",
			seed)
	}
}

// TestClient_UpdatePool updates whole pools of 1 to 400 validators in all
// states. The report and every account are as foreseen, the payer has paid what
// the report states, and a second update finds nothing to do. What the forecast
// refuses is not sent.
func TestClient_UpdatePool(t *testing.T) {
	cases := int(envUint(t, casesVariable, defaultCases))/5 + 1
	eachPoolUpdateRun(t, func(r *poolUpdateRun, seed uint64) {
		for i := range cases {
			r.one(seed + uint64(i))
		}
	})
}

func (r *poolUpdateRun) one(seed uint64) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 5))
	count := int(figures.RandomAmount(rng, mostForecastValidators))
	pool, client, want, refusal := r.unsettledPool(rng, count, rng.IntN(8) == 0)
	payer := r.payer.PublicKey()
	before := lamportsIn(r.get(payer), payer)
	ctx := context.Background()
	var last sdk.PoolUpdateProgress
	report, err := client.update(ctx, func(p sdk.PoolUpdateProgress) { last = p })
	paid := before - lamportsIn(r.get(payer), payer)
	require.Equal(t, report.Fee, paid, "seed %d", seed)
	if errors.Is(refusal, quote.ErrBuildDependent) {
		var program *progerr.TransactionError
		require.True(t, err == nil || errors.As(err, &program), "seed %d: %v", seed, err)
		r.cautious++
		return
	}

	if refusal != nil {
		require.Error(t, err, "seed %d", seed)
		require.EqualError(t, errors.Unwrap(err), refusal.Error(), "seed %d", seed)
		require.Empty(t, report.Receipts, "seed %d", seed)
		require.Equal(t, sdk.PoolUpdateIncomplete, report.Result)
		r.reasons[reason(errors.Unwrap(refusal))]++
		r.refused++

		return
	}

	require.NoError(t, err, "seed %d, %d validators", seed, count)
	require.Equal(t, sdk.PoolUpdateDone, report.Result)
	r.check(seed, pool, want, report)
	behind := 0
	for _, v := range pool.Validators {
		if v.Entry.LastUpdateEpoch < r.chain.Clock.Epoch {
			behind++
		}
	}

	require.Equal(t, behind, report.Validators, "seed %d", seed)
	require.Equal(t, len(report.Receipts), last.Transactions)
	require.Equal(t, last.PlannedTransactions, last.Transactions)
	require.Equal(t, last.PlannedValidators, last.Validators)
	r.executed++
	r.transactions += len(report.Receipts)
	r.validators += behind

	again, err := client.update(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, sdk.PoolUpdateNotNeeded, again.Result)
	require.Empty(t, again.Receipts)
	require.Equal(t, report.After.State, again.After.State)
}

// TestClient_UpdatePoolResumed cuts an update at a random transaction. A second
// one updates only what is still out of date.
func TestClient_UpdatePoolResumed(t *testing.T) {
	cases := int(envUint(t, casesVariable, defaultCases))/20 + 1
	eachPoolUpdateRun(t, func(r *poolUpdateRun, seed uint64) {
		r.twice = true
		for i := range cases {
			r.resumed(seed + uint64(i))
		}
	})
}

func (r *poolUpdateRun) resumed(seed uint64) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 6))
	count := 20 + rng.IntN(200)
	pool, client, want, refusal := r.unsettledPool(rng, count, false)
	if errors.Is(refusal, quote.ErrBuildDependent) {
		r.cautious++
		return
	}

	require.NoError(t, refusal, "seed %d", seed)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cut := rng.IntN(count / 11)
	first, err := client.update(ctx, func(p sdk.PoolUpdateProgress) {
		if p.Transactions == cut {
			cancel()
		}
	})

	require.ErrorIs(t, err, context.Canceled, "seed %d", seed)
	require.Equal(t, sdk.PoolUpdateIncomplete, first.Result)

	second, err := client.update(context.Background(), nil)
	require.NoError(t, err, "seed %d", seed)
	require.Equal(t, sdk.PoolUpdateDone, second.Result, "seed %d", seed)
	r.check(seed, pool, want, second)
	uncertain := 0
	for _, receipt := range first.Receipts {
		if receipt.Slot == 0 {
			uncertain++
		}
	}

	behind := 0
	for _, v := range pool.Validators {
		if v.Entry.LastUpdateEpoch < r.chain.Clock.Epoch {
			behind++
		}
	}

	updated := first.Validators + second.Validators
	require.LessOrEqual(t, updated, behind, "seed %d: nothing is updated twice", seed)
	require.GreaterOrEqual(t, updated+11*uncertain, behind, "seed %d", seed)
	r.executed++
	r.transactions += len(first.Receipts) + len(second.Receipts)
	r.validators += behind
}

// TestClient_UpdatePoolRace updates the same pool with two clients at the same
// time. Neither fails, and the pool is as foreseen.
func TestClient_UpdatePoolRace(t *testing.T) {
	cases := int(envUint(t, casesVariable, defaultCases))/20 + 1
	eachPoolUpdateRun(t, func(r *poolUpdateRun, seed uint64) {
		r.twice = true
		results := make(map[sdk.PoolUpdateResult]int)
		for i := range cases {
			r.race(seed+uint64(i), results)
		}

		t.Log("results of the clients:", results)
	})
}

func (r *poolUpdateRun) race(seed uint64, results map[sdk.PoolUpdateResult]int) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 7))
	count := 1 + rng.IntN(200)
	pool, first, want, refusal := r.unsettledPool(rng, count, false)
	if errors.Is(refusal, quote.ErrBuildDependent) {
		r.cautious++
		return
	}

	require.NoError(t, refusal, "seed %d", seed)
	var group errgroup.Group
	reports := make([]*sdk.PoolUpdate, 2)
	for i, client := range []*poolUpdateClient{first, r.poolClient(first.token)} {
		group.Go(func() (err error) {
			reports[i], err = client.update(context.Background(), nil)
			return err
		})
	}

	require.NoError(t, group.Wait(), "seed %d", seed)
	for _, report := range reports {
		results[report.Result]++
		require.NotEqual(t, sdk.PoolUpdateIncomplete, report.Result, "seed %d", seed)
		require.Equal(t, reports[0].After.State, report.After.State, "seed %d", seed)
		r.transactions += len(report.Receipts)
	}

	reports[0].Forecast = nil // It may have been made between two transactions of the other client.
	r.check(seed, pool, want, reports[0])
	r.executed++
	r.validators += count
}

// TestClient_UpdatePoolLargest updates a pool of 3,000 validators.
func TestClient_UpdatePoolLargest(t *testing.T) {
	eachPoolUpdateRun(t, func(r *poolUpdateRun, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 8))
		pool, client, want, refusal := r.unsettledPool(rng, mostValidators, false)
		if errors.Is(refusal, quote.ErrBuildDependent) {
			return
		}

		require.NoError(r.t, refusal)
		report, err := client.update(context.Background(), nil)
		require.NoError(r.t, err)
		r.check(seed, pool, want, report)
		r.executed++
		r.transactions += len(report.Receipts)
		r.validators += report.Validators
		most, last := uint64(0), report.Receipts[len(report.Receipts)-1]
		for _, receipt := range report.Receipts {
			most = max(most, receipt.UnitsConsumed)
		}

		r.t.Log("most compute units", most, "last", last.UnitsConsumed)
	})
}
