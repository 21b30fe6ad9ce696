package e2e

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TestStakePool_StakeOfSeveralValidators executes withdrawals of stake that no
// single validator of a pool has, as the client loads, builds and sends them:
// random pools of 2 to 8 validators with little stake, with and without a
// preferred validator, an update, a recipient and a sponsor. Every lamport must
// match the quote. At the largest amount, one lamport more from any validator
// must be refused by the program.
func TestStakePool_StakeOfSeveralValidators(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.ReserveProgram) == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := newPartsRun(l)
	for i := range cases {
		r.one(rand.New(rand.NewPCG(seed, uint64(i))), i, fmt.Sprintf("seed %d, case %d", seed, i))
	}

	t.Logf(
		"seed %d: executed by number of stake accounts %v, %d were too large, %d times one more lamport was refused",
		seed,
		r.sizes,
		r.tooLarge,
		r.edges,
	)

	for _, reason := range sortedNames(r.refused) {
		t.Logf("%4d refused: %s", r.refused[reason], reason)
	}

	if path := os.Getenv(recordVariable + "_STAKEPARTS"); path != "" && !t.Failed() {
		text, err := r.recorded.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}

	require.NotZero(t, r.sizes[2])
	require.NotZero(t, r.edges)
}

type partsRun struct {
	*waysRun
	// sizes counts the executions by their number of stake accounts.
	sizes           map[int]int
	tooLarge, edges int
	recorded        golden.StakeParts
}

const (
	// partsTokens is the number of tokens that the user has.
	partsTokens = 1_000_000 * sol
	// mostRecordedParts is the number of executions that are recorded.
	mostRecordedParts = 150
)

func newPartsRun(l *localnet) *partsRun {
	r := &partsRun{waysRun: newWaysRun(l), sizes: make(map[int]int)}
	r.recorded.Chain = r.chain
	// The scene is that of the other tests, with one pair.
	r.pairs = func(s *scene) [][2]solana.PublicKey {
		return [][2]solana.PublicKey{{s.tokens[0].Mint, route.NativeStake}}
	}
	return r
}

// spread replaces the first pool of a scene by one of 2 to 8 validators with
// little stake, and returns the stake that all of them can give.
func (r *partsRun) spread(rng *rand.Rand, s *scene, c *golden.StakePartsCase) (lamports uint64) {
	pool, err := c.Pool(r.chain)
	require.NoError(r.t, err)
	s.pools[0] = pool
	token := &s.tokens[0]
	token.Mint, token.Pool, token.ValidatorList = pool.State.PoolMint, pool.Address,
		pool.State.ValidatorList
	for _, v := range pool.Validators {
		lamports += v.Active.Account.Delegation.Stake - r.chain.MinimumDelegation
	}

	if rng.IntN(4) == 0 {
		(&stakePoolRun{chain: r.chain}).age(rng, pool)
	}

	return lamports
}

// record adds an executed quote to the recordings.
func (r *partsRun) record(s *scene, q route.Quote, c golden.StakePartsCase) {
	t, pool := r.t, s.pools[0]
	if pool.State.LastUpdateEpoch != r.chain.Clock.Epoch || len(q.StakeAccounts) < 2 ||
		len(r.recorded.Cases) >= mostRecordedParts {
		return
	}

	c.Amount, c.ExactOut = q.Request.Amount, q.Request.SwapMode == route.ExactOut
	set := r.get(pool.Address, pool.State.ManagerFeeAccount, r.ata(pool.State.PoolMint))
	after, err := accounts.Load(set, pool.Address, accounts.DecodeStakePool)
	require.NoError(t, err)
	fees, err := accounts.Load(set, pool.State.ManagerFeeAccount, accounts.DecodeTokenAccount)
	require.NoError(t, err)
	held, err := accounts.Load(set, r.ata(pool.State.PoolMint), accounts.DecodeTokenAccount)
	require.NoError(t, err)
	c.ManagerFee, c.Tokens = fees.Amount-pool.FeeAccount.Amount, partsTokens-held.Amount
	c.TotalLamports, c.PoolTokenSupply = after.TotalLamports, after.PoolTokenSupply
	for _, received := range q.StakeAccounts {
		// Executing the quote has compared it with the stake account.
		c.Parts = append(c.Parts, golden.StakePart{Vote: received.Vote, Lamports: received.Stake})
	}

	r.recorded.Cases = append(r.recorded.Cases, c)
}

func (r *partsRun) one(rng *rand.Rand, i int, name string) {
	t, ctx := r.t, context.Background()
	s := r.random(rng)
	c := golden.StakePartsCase{Seed: rng.Uint64(), Program: s.tokens[0].Program}
	c.Build = r.builds[c.Program]
	all := r.spread(rng, s, &c)
	r.recipient = solana.PublicKey{}
	if rng.IntN(4) == 0 {
		r.recipient = solana.NewWallet().PublicKey()
	}

	request := r.request(rng, s, i)
	request.OnlyDirectRoutes = true
	request.Amount = all/8 + rng.Uint64N(all+1)
	r.publish(s, request.To, partsTokens, 0)
	registry, err := lst.Default().With(s.tokens[0])
	require.NoError(t, err)
	client, err := sdk.New(r.endpoint, sdk.WithClock(hurried{}), sdk.WithRegistry(registry))
	require.NoError(t, err)
	market, err := client.LoadMarketForRequest(ctx, request)
	require.NoError(t, err)
	if rng.IntN(3) == 0 {
		request.Amount = edgeOfWay(rng, market, request)
	}

	quotes, rejected := market.Quotes(request)
	for _, no := range rejected {
		r.refused[string(no.Venue)+": "+reason(no.Err)]++
		if errors.Is(no.Err, txn.ErrTransactionTooLarge) {
			r.tooLarge++
		}
	}

	for _, q := range quotes {
		if q.Venue != route.VenueStakeWithdrawal {
			continue
		}

		before := r.executed[string(q.Venue)].count
		r.oneMore(s, q, name)
		r.publish(s, request.To, partsTokens, 0)
		r.execute(client, s, q, i%4 == 3, name)
		if r.executed[string(q.Venue)].count > before {
			r.sizes[len(q.StakeAccounts)]++
			r.record(s, q, c)
		}
	}
}

// oneMore checks that each validator but the last one gives all it can: with
// the tokens of one more lamport in its instruction the program refuses.
func (r *partsRun) oneMore(s *scene, q route.Quote, name string) {
	t := r.t
	parties := route.BuildParams{
		Owner: r.user.PublicKey(),
		Payer: r.user.PublicKey(),
		Seed:  crand.Text()[:10],
	}

	steps, err := q.Steps(parties)
	require.NoError(t, err, name)
	for at := range q.StakeAccounts[:len(q.StakeAccounts)-1] {
		if !r.drained(s, q.StakeAccounts[at]) {
			continue
		}

		plan := txn.Plan{
			Payer:    parties.Payer,
			Tables:   q.Tables,
			Lifetime: lifetime(t, r.batch(latestBlockhash)[0]),
			Budget:   txn.ComputeBudget{ComputeUnitLimit: 1_400_000},
			Steps:    slices.Clone(steps),
		}

		changed, seen := false, 0
		for n, step := range plan.Steps {
			data, err := step.Instruction.Data()
			require.NoError(t, err)
			if len(data) != 17 || data[0] != 24 {
				continue // not WithdrawStakeWithSlippage
			}

			if seen++; seen != at+1 {
				continue
			}

			more := slices.Clone(data)
			binary.LittleEndian.PutUint64(more[1:], binary.LittleEndian.Uint64(data[1:])+3)
			step.Instruction = solana.NewInstruction(step.Instruction.ProgramID(),
				step.Instruction.Accounts(), more)
			plan.Steps[n], changed = step, true
		}

		require.True(t, changed, name)
		unsigned, err := plan.Compile()
		require.NoError(t, err, name)
		signed, err := unsigned.Sign(context.Background(), r.user)
		require.NoError(t, err, name)
		require.Error(t, r.localnet.execute(signed), "%s: validator %d gives more", name, at)
		r.edges++
	}
}

// drained reports whether a withdrawal leaves only what the program keeps with
// a validator.
func (r *partsRun) drained(s *scene, w route.ReceivedStake) bool {
	for _, v := range s.pools[0].Validators {
		if v.Entry.VoteAccount == w.Vote {
			left := v.Active.Account.Delegation.Stake - w.Stake
			return left-r.chain.MinimumDelegation < 3 && v.Transient == nil
		}
	}
	return false
}
