package e2e

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/operator"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// plannedEpochs is the number of epochs for which a pool is run by plans.
const plannedEpochs = 30

// planRun runs a pool by plans.
type planRun struct {
	*operatorWorld
	ctx    context.Context
	client *sdk.Client
	// user deposits and withdraws between the steps, and holds is its token
	// account.
	user  *txn.KeySigner
	holds solana.PublicKey
	// signers are all keys of the test.
	signers map[solana.PublicKey]txn.Signer
	count   *planCount
	// trace are the steps that were sent.
	trace []string
}

// planCount counts what a test did.
type planCount struct {
	steps, cuts, errors, users map[string]int
	pools, done, forecasts     int
}

func newPlanCount() *planCount {
	return &planCount{
		steps:  make(map[string]int),
		cuts:   make(map[string]int),
		errors: make(map[string]int),
		users:  make(map[string]int),
	}
}

// newPlanRun prepares the keys of a pool.
func newPlanRun(l *localnet, program solana.PublicKey, seed uint64, count *planCount) *planRun {
	t := l.t
	r := &planRun{
		operatorWorld: newOperatorWorld(l, program, seed),
		ctx:           context.Background(),
		signers:       make(map[solana.PublicKey]txn.Signer),
		count:         count,
	}

	var err error
	r.connect()
	r.user, err = txn.GenerateKeySigner()
	require.NoError(t, err)
	for range 3 {
		vote := figures.RandomKey(r.rng)
		r.votes = append(r.votes, vote)
		r.batch(setAccount(voteAccount(vote)))
	}

	for _, key := range append(r.keys[:], r.payer, r.manager, r.staker, r.other, r.user) {
		r.signers[key.PublicKey()] = key
	}

	for _, key := range []*txn.KeySigner{r.manager, r.staker, r.other, r.user} {
		r.batch(setAccount(accounts.Account{Address: key.PublicKey(),
			Owner: accounts.SystemProgram, Lamports: 10_000 * sol}))
	}

	r.holds, err = accounts.AssociatedTokenAddress(r.user.PublicKey(), accounts.TokenProgram,
		r.pool.Mint)
	require.NoError(t, err)
	count.pools++

	return r
}

// connect makes a client. One that has seen another epoch takes the clock of
// the server for wrong at first.
func (r *planRun) connect() {
	r.t.Helper()
	var err error
	r.client, err = sdk.New(r.endpoint, sdk.WithProgramBuild(r.program, r.hash))
	require.NoError(r.t, err)
}

// randomLaunch returns the parameters of a random pool.
func (r *planRun) randomLaunch() operator.LaunchParams {
	params := operator.LaunchParams{
		Program:       r.program,
		Manager:       r.manager.PublicKey(),
		Staker:        r.staker.PublicKey(),
		Payer:         r.payer.PublicKey(),
		Pool:          r.pool.Address,
		ValidatorList: r.pool.ValidatorList,
		Reserve:       r.pool.ReserveStake,
		Mint:          r.pool.Mint,
		EpochFee:      accounts.Fee{Numerator: r.rng.Uint64N(11), Denominator: 100},
		WithdrawalFee: accounts.Fee{Numerator: r.rng.Uint64N(30), Denominator: 10_000},
		DepositFee:    accounts.Fee{Numerator: r.rng.Uint64N(10), Denominator: 10_000},
		ReferralFee:   uint8(r.rng.UintN(101)),
		MaxValidators: 1 + r.rng.Uint32N(5),
		Deposit:       r.rng.Uint64N(40 * sol),
	}

	switch r.rng.IntN(3) {
	case 0: // A single key, as a validator with its own pool has.
		params.Staker, params.Payer = solana.PublicKey{}, solana.PublicKey{}
		r.staker = r.manager
	case 1:
		params.Staker, r.staker = solana.PublicKey{}, r.manager
	}

	if r.rng.IntN(5) > 0 {
		params.VoteAccount = r.votes[0]
	}

	return params
}

// plan makes a plan that must be valid.
func (r *planRun) plan(plan *operator.Plan, err error) *operator.Plan {
	r.t.Helper()
	require.NoError(r.t, err)
	return plan
}

// next returns the next step. An error must be foreseen, not met.
func (r *planRun) next(plan *operator.Plan) (*operator.Step, error) {
	r.t.Helper()
	next, err := plan.Next(r.ctx, r.client, operator.Options{})
	if err != nil {
		var failure *progerr.TransactionError
		require.NotErrorAs(r.t, err, &failure, "%s meets an error", plan)
		require.NotErrorIs(r.t, err, sdk.ErrSimulation)
		requireOneLine(r.t, err)
		r.count.errors[reasonOf(err)]++
	}
	return next, err
}

// requireOneLine checks the form of an error.
func requireOneLine(t testing.TB, err error) {
	t.Helper()
	require.NotContains(t, err.Error(), "\n")
}

// reasonOf returns the innermost error with a text of its own.
func reasonOf(err error) string {
	for _, known := range []error{quote.ErrInsufficientReserve, quote.ErrListFull,
		quote.ErrValidatorListed, quote.ErrFeeRise, operator.ErrDepositUnclear,
		operator.ErrUnlisted, operator.ErrNotManager, operator.ErrNotStaker,
		sdk.ErrPayerCannotPay, quote.ErrPermissioned, quote.ErrBelowMinimumDelegation} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return err.Error()
}

// The cuts that a run survives.
const (
	cutNone = iota
	cutBeforeSending
	cutAfterSending
	cutLostAnswer
	cuts
)

var cutNames = [cuts]string{"none", "before sending", "after sending", "lost answer"}

// carryOut does the steps of a plan that the epoch allows. It makes the plan
// anew before each step, cuts it at random, and compares all accounts after
// each step. It returns the last step, which waits, or nil if the plan is done.
func (r *planRun) carryOut(remake func() *operator.Plan) (*operator.Step, error) {
	r.t.Helper()
	for range 60 {
		next, err := r.next(remake())
		switch {
		case err != nil:
			return nil, err
		case next == nil:
			r.count.done++
			return nil, nil
		case next.Kind == operator.StepWait:
			return next, nil
		}

		r.doStep(remake, next)
	}

	require.Fail(r.t, "the plan does not end", "%s", remake())

	return nil, nil
}

// doStep sends the transaction of a step, with a cut.
func (r *planRun) doStep(remake func() *operator.Plan, next *operator.Step) {
	r.t.Helper()
	require.NotNil(r.t, next.Unsigned, "%s", next)
	cut := r.rng.IntN(cuts)
	r.count.cuts[cutNames[cut]]++
	fees := r.fee(next.Unsigned)
	switch cut {
	case cutNone, cutAfterSending:
		require.NoError(r.t, r.sendStep(next), "%s", next)
	case cutBeforeSending:
		again, err := r.next(remake())
		require.NoError(r.t, err)
		require.Equal(r.t, next.Description, again.Description)
		require.NoError(r.t, r.sendStep(again), "%s", again)
		fees = r.fee(again.Unsigned)

	case cutLostAnswer:
		// Another run builds the same step before the first one lands.
		again, err := r.next(remake())
		require.NoError(r.t, err)
		require.Equal(r.t, next.Description, again.Description)
		require.NoError(r.t, r.sendStep(next), "%s", next)
		if err := r.sendStep(again); err == nil {
			r.count.cuts["landed twice"]++
			fees += r.fee(again.Unsigned)
			require.Zero(r.t, next.Cost.Deposit+next.Cost.Gift+next.Cost.Rent, "%s", next)
		}
	}

	r.count.steps[stepName(next)+", cut "+cutNames[cut]]++
	r.trace = append(r.trace, next.String())
	r.compareStep(next, fees)
}

// stepName returns the first words of a step.
func stepName(s *operator.Step) string {
	words := strings.Fields(s.Description)
	if words[0] == "set" && words[1] == "fee" {
		return "set a fee"
	}
	if words[0] == "deposit" || words[0] == "make" {
		return words[0]
	}
	return strings.Join(words[:min(len(words), 2)], " ")
}

// fee returns the network fee of a transaction.
func (r *planRun) fee(unsigned *txn.Unsigned) uint64 {
	fee, err := unsigned.NetworkFee()
	require.NoError(r.t, err)
	return fee
}

// sendStep signs and sends the transaction of a step.
func (r *planRun) sendStep(s *operator.Step) error {
	r.t.Helper()
	var signers []txn.Signer
	for _, key := range s.Unsigned.Signers() {
		require.Contains(r.t, r.signers, key, "%s", s)
		signers = append(signers, r.signers[key])
	}

	signed, err := s.Unsigned.Sign(r.ctx, signers...)
	require.NoError(r.t, err)

	return r.execute(signed)
}

// compareStep compares all accounts with those that the step predicts.
func (r *planRun) compareStep(s *operator.Step, fees uint64) {
	r.t.Helper()
	if s.After == nil {
		r.count.steps["unpredicted"]++
		return
	}

	r.compareState(s.After, s.String())
	payer := s.Unsigned.Signers()[0]
	require.Equal(r.t, s.After.Payer-fees, r.lamports(payer), "%s: payer", s)
	require.Equal(r.t, s.Before.Payer-s.Cost.Total()+s.Cost.NetworkFee, s.After.Payer, "%s", s)
}

// compareState compares the pool and the other accounts with a prediction.
func (r *planRun) compareState(want *operator.State, name string) {
	t := r.t
	t.Helper()
	set := r.get(slices.Collect(maps.Keys(want.Accounts))...)
	for address, a := range want.Accounts {
		got, err := set.Get(address)
		require.NoError(t, err, "%s: %s", name, address)
		require.Equal(t, a.Lamports, got.Lamports, "%s: %s", name, address)
		require.Equal(t, a.Owner, got.Owner, "%s: %s", name, address)
		require.Len(t, got.Data, a.Space, "%s: %s", name, address)
		compareDecoded(t, name, a.Token, got, accounts.DecodeTokenAccount)
		compareDecoded(t, name, a.Mint, got, accounts.DecodeMint)
		compareDecoded(t, name, a.Stake, got, accounts.DecodeStakeAccount)
	}

	if want.Pool == nil {
		require.Zero(t, r.lamports(r.pool.Address))
		return
	}

	got, validators := r.quoted()
	require.Equal(t, want.Pool.Pool.State, got.State, name)
	require.Equal(t, want.Pool.Pool.ReserveLamports, got.ReserveLamports, name)
	require.Equal(t, want.Pool.Pool.Reserve, got.Reserve, name)
	require.Equal(t, want.Pool.MaxValidators, r.list().MaxValidators, name)
	require.Len(t, validators, len(want.Pool.Validators), name)
	for i := range validators {
		require.Equal(t, withoutCredits(want.Pool.Validators[i]), withoutCredits(validators[i]),
			"%s: validator %d", name, i)
	}

	mint, err := accounts.Load(r.get(r.pool.Mint), r.pool.Mint, accounts.DecodeMint)
	require.NoError(t, err)
	require.Equal(t, want.Pool.MintSupply, mint.Supply, name)
}

// compareDecoded compares an account with a prediction, if there is one.
func compareDecoded[T any](
	t testing.TB, name string, want *T, got accounts.Account,
	decode func(accounts.Account) (*T, error),
) {
	t.Helper()
	if want == nil {
		return
	}
	decoded, err := decode(got)
	require.NoError(t, err, name)
	require.Equal(t, want, decoded, name)
}

// withoutCredits returns a validator without what no quote predicts: the vote
// credits and the reserved bytes of a delegation.
func withoutCredits(v quote.ValidatorBalance) quote.ValidatorBalance {
	for _, s := range []**quote.StakeAccountState{&v.Active, &v.Transient} {
		if *s != nil {
			stake := **s
			stake.Account.Delegation.Reserved = [8]byte{}
			stake.Account.Delegation.CreditsObserved = 0
			*s = &stake
		}
	}
	return v
}

// launchPool launches a random pool as its forecast says.
func (r *planRun) launchPool() {
	t := r.t
	t.Helper()
	params := r.randomLaunch()
	remake := func() *operator.Plan { return r.plan(operator.Launch(params)) }
	r.pool.ManagerFeeAccount = r.tokens

	forecast, err := remake().DryRun(r.ctx, r.client)
	require.NoError(t, err)
	require.Zero(t, forecast.Missing)
	payer := r.payer.PublicKey()
	if params.Payer.IsZero() {
		payer = r.manager.PublicKey()
	}

	before := r.lamports(payer)
	last, err := r.carryOut(remake)
	require.NoError(t, err)
	require.Nil(t, last)
	r.compareState(forecast.After, "forecast")
	require.Equal(t, before-forecast.After.Payer, forecast.Cost.Total()-forecast.Cost.NetworkFee)
	require.LessOrEqual(t, r.lamports(payer), forecast.After.Payer)
	r.count.forecasts++
}

// nextPlanEpoch moves to the next epoch.
func (r *planRun) nextPlanEpoch() {
	r.t.Helper()
	epoch := r.chain().Clock.Epoch + 1
	r.must(nil, "localnet_warpToEpoch", map[string]uint64{"epoch": epoch})
	r.connect()
}

// TestOperator_Launch launches random pools under each deployment.
func TestOperator_Launch(t *testing.T) {
	cases := max(int(envUint(t, casesVariable, defaultCases))/10, 1)
	seed := envUint(t, seedVariable, rand.Uint64())
	forStakePools(t, func(l *localnet, program solana.PublicKey) {
		count := newPlanCount()
		own := seed ^ binary.LittleEndian.Uint64(program[8:])
		for i := range cases {
			newPlanRun(l, program, own+uint64(i), count).launchPool()
		}
		l.t.Logf("seed %d: %+v", seed, *count)
	})
}
