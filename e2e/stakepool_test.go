package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/gagliardetto/solana-go"
	stakeprogram "github.com/gagliardetto/solana-go/programs/stake"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// Environment variables of the run: the number of cases of each instruction
// under each program, the seed, and the file to record cases to as golden
// vectors.
const (
	casesVariable  = "SANCTUM_E2E_CASES"
	seedVariable   = "SANCTUM_E2E_SEED"
	recordVariable = "SANCTUM_E2E_RECORD"
)

const (
	sol          = 1_000_000_000
	defaultCases = 1000
	// Number of recorded cases of a run: executed ones and refused ones.
	recordExecuted = 13
	recordRefused  = 3
)

func envUint(t testing.TB, name string, fallback uint64) uint64 {
	s := os.Getenv(name)
	if s == "" {
		return fallback
	}
	n, err := strconv.ParseUint(s, 10, 64)
	require.NoError(t, err, name)
	return n
}

// TestStakePool_RandomCases executes random deposits and withdrawals under each
// deployment of the stake pool program. The output must match the quote to the
// lamport, and the program must refuse what the quote refuses.
func TestStakePool_RandomCases(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	cases := int(envUint(t, casesVariable, defaultCases))
	seed := envUint(t, seedVariable, rand.Uint64())
	record := golden.StakePools{Chain: chain}
	for _, program := range accounts.StakePoolPrograms() {
		hash := l.programHash(program)
		if hash == "" {
			t.Logf("program %s is not deployed on this server", program)
			continue
		}

		require.NotEqual(t, quote.FeesUnknown, quote.StakePoolFeeRounding(hash),
			"build %s is not reviewed", hash)
		for _, op := range []string{golden.DepositSOL, golden.WithdrawSOL, golden.DepositStake,
			golden.WithdrawStake} {
			t.Run(program.String()[:4]+"/"+op, func(t *testing.T) {
				l.t = t
				r := newStakePoolRun(l, chain, program, hash, op)
				for i := range cases {
					r.one(seed+uint64(i), &record)
				}

				t.Logf(
					"build %.8s, seed %d: %d executed as quoted, %d refused by quote and program, %d refused by the quote alone: %v",
					hash,
					seed,
					r.executed,
					r.refused,
					r.cautious,
					r.reasons,
				)
			})
		}
	}

	if path := os.Getenv(recordVariable); path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// stakePoolRun executes cases of one instruction under one program.
type stakePoolRun struct {
	*localnet
	chain     figures.Chain
	program   solana.PublicKey
	hash      string
	op        string
	user      *txn.KeySigner
	payer     *txn.KeySigner
	authority *txn.KeySigner
	// token2022 moves the pools to Token-2022, with random extensions.
	token2022 bool

	executed, refused, cautious int
	reasons                     map[string]int
}

func newStakePoolRun(
	l *localnet,
	chain figures.Chain,
	program solana.PublicKey,
	hash, op string,
) *stakePoolRun {
	r := &stakePoolRun{
		localnet: l,
		chain:    chain,
		program:  program,
		hash:     hash,
		op:       op,
		reasons:  map[string]int{},
	}

	for _, s := range []**txn.KeySigner{&r.user, &r.payer, &r.authority} {
		key, err := txn.GenerateKeySigner()
		require.NoError(l.t, err)
		*s = key
	}

	l.batch(setAccount(accounts.Account{Address: r.payer.PublicKey(), Owner: accounts.SystemProgram,
		Lamports: 1_000_000 * sol}))
	return r
}

// one makes the case of a seed, executes it and compares.
func (r *stakePoolRun) one(seed uint64, record *golden.StakePools) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 0))
	pool, err := figures.RandomStakePool(rng, r.program, r.chain)
	require.NoError(t, err)
	if r.token2022 {
		toToken2022(pool, someExtensions(rng, pool))
	}

	c := r.randomCase(rng, pool)
	c.Seed = seed
	want, exact, quoteErr := c.Quote(pool, r.chain)
	c.Minimum = randomMinimum(rng, want.Received)
	r.run(pool, c, want, exact, quoteErr)
	if c.Outcome != nil && r.executed <= recordExecuted ||
		c.Refusal != "" && r.refused <= recordRefused {
		c.Pool = len(record.Pools)
		record.Pools = append(record.Pools, *pool)
		record.Cases = append(record.Cases, *c)
	}
}

// randomMinimum returns no limit, one that is just met, or one that is just
// missed.
func randomMinimum(rng *rand.Rand, received uint64) *uint64 {
	switch rng.IntN(4) {
	case 0:
		return nil
	case 1:
		missed := received + 1
		return &missed
	}
	return &received
}

// randomCase changes the pool at random, and picks the user, the operation and
// the amount.
func (r *stakePoolRun) randomCase(rng *rand.Rand, pool *figures.StakePool) *golden.StakePoolCase {
	c := &golden.StakePoolCase{
		Op:           r.op,
		Build:        r.hash,
		User:         r.user.PublicKey(),
		TokenAccount: figures.RandomKey(rng),
		StakeAccount: figures.RandomKey(rng),
		Validator:    rng.IntN(len(pool.Validators)),
	}

	r.spoil(rng, pool, c)
	s := pool.State
	referrers := []solana.PublicKey{c.TokenAccount, figures.RandomKey(rng), s.ManagerFeeAccount}
	c.Referrer = referrers[rng.IntN(3)]
	if q := pool.Quote(r.chain, quote.FeesUnknown); c.Referrer == s.ManagerFeeAccount &&
		!q.FeeAccountUsable {
		c.Referrer = c.TokenAccount
	}

	switch r.op {
	case golden.DepositSOL:
		c.Amount = figures.RandomAmount(rng, 20_000_000*sol)
	case golden.WithdrawSOL:
		c.Amount = r.aroundLimit(rng, s.PoolTokenSupply,
			func(q quote.StakePoolState) (uint64, error) {
				w, err := q.WithdrawSOLExactOut(max(1, pool.Reserve.Lamports-figures.StoredRent))
				return w.Tokens, err
			}, pool)

	case golden.WithdrawStake:
		q := pool.Quote(r.chain, quote.StakePoolFeeRounding(r.hash))
		if sources, err := q.Sources(pool.List()); err == nil && rng.IntN(4) > 0 {
			c.Validator = slices.IndexFunc(pool.Validators,
				func(v figures.Validator) bool { return v.Entry == sources[0] })
		}

		v := pool.Validators[c.Validator]
		limits := []uint64{r.chain.MinimumDelegation,
			v.Entry.ActiveStakeLamports - min(v.Entry.ActiveStakeLamports,
				r.chain.MinimumDelegation+figures.StoredRent)}
		c.Amount = r.aroundLimit(rng, s.PoolTokenSupply,
			func(q quote.StakePoolState) (uint64, error) {
				w, err := q.WithdrawStakeExactOut(max(1, limits[rng.IntN(2)]), v.Source())
				return w.Tokens, err
			}, pool)

	case golden.DepositStake:
		c.Stake = r.randomStake(rng, pool, c.Validator)
	}

	return c
}

// aroundLimit returns an amount of tokens below or next to the maximum that the
// pool can pay.
func (r *stakePoolRun) aroundLimit(
	rng *rand.Rand,
	supply uint64,
	limit func(quote.StakePoolState) (uint64, error),
	pool *figures.StakePool,
) uint64 {
	q := pool.Quote(r.chain, quote.StakePoolFeeRounding(r.hash))
	tokens, err := limit(q)
	if err != nil {
		return figures.RandomAmount(rng, supply)
	}

	return [...]uint64{
		max(1, tokens+rng.Uint64N(5)-2),
		1 + rng.Uint64N(tokens),
		figures.RandomAmount(rng, tokens),
		figures.RandomAmount(rng, supply),
	}[rng.IntN(4)]
}

// spoil gives every fourth pool an authority, a preferred validator, a broken
// fee account or a validator about to be removed.
func (r *stakePoolRun) spoil(rng *rand.Rand, pool *figures.StakePool, c *golden.StakePoolCase) {
	s := &pool.State
	authority := r.authority.PublicKey()
	someone := pool.Validators[rng.IntN(len(pool.Validators))].Entry.VoteAccount
	stranger := figures.RandomKey(rng)
	system := accounts.SystemProgram
	switch rng.IntN(28) {
	case 0, 1:
		s.SOLDepositAuthority, s.SOLWithdrawAuthority = &authority, &authority
		s.StakeDepositAuthority = authority
		c.CoSigner = &authority

	case 2:
		s.SOLDepositAuthority, s.SOLWithdrawAuthority = &authority, &authority
	case 3:
		s.SOLDepositAuthority, s.SOLWithdrawAuthority = &system, &system
	case 4:
		s.PreferredDepositValidator, s.PreferredWithdrawValidator = &someone, &someone
	case 5:
		s.PreferredDepositValidator, s.PreferredWithdrawValidator = &stranger, &stranger
	case 6:
		pool.FeeAccount.State = accounts.TokenFrozen
	case 7:
		pool.FeeAccount = nil
	case 8:
		s.LastUpdateEpoch--
	case 9:
		pool.Validators[c.Validator].Entry.Status = accounts.ValidatorDeactivating
	case 10:
		s.TotalLamports, s.PoolTokenSupply = s.TotalLamports+1+rng.Uint64N(sol), max(1,
			s.PoolTokenSupply/2)
		pool.Mint.Supply = s.PoolTokenSupply
	}
}

// randomStake returns a stake account that the pool mostly accepts.
func (r *stakePoolRun) randomStake(
	rng *rand.Rand,
	pool *figures.StakePool,
	validator int,
) *quote.StakeAccountState {
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(r.t, err)
	staked := figures.RandomAmount(rng, 1_000_000*sol)
	unstaked := rent
	if rng.IntN(2) == 0 {
		unstaked += figures.RandomAmount(rng, 100*sol)
	}

	epoch := r.chain.Clock.Epoch
	vote := pool.Validators[validator].Entry.VoteAccount
	stake := &quote.StakeAccountState{Lamports: staked + unstaked,
		Account: figures.Delegated(r.user.PublicKey(), figures.StoredRent, vote, staked,
			epoch-1-rng.Uint64N(50))}
	switch rng.IntN(20) {
	case 0, 1, 2:
		// Both activating: then all lamports count as stake.
		stake.Account.Delegation.ActivationEpoch = epoch
		pool.Validators[validator].Active.Account.Delegation.ActivationEpoch = epoch

	case 3:
		stake.Account.Delegation.ActivationEpoch = epoch
	case 4:
		stake.Account.Delegation.DeactivationEpoch = epoch
	case 5:
		stake.Account.Lockup = accounts.Lockup{Epoch: epoch - 1, Custodian: figures.RandomKey(rng)}
	case 6:
		stake.Account.Delegation.Voter = figures.RandomKey(rng)
	case 7:
		stake.Account.Delegation.ActivationEpoch = accounts.NeverEpoch
	}

	return stake
}

// run executes the case and compares it with the quote.
func (r *stakePoolRun) run(
	pool *figures.StakePool,
	c *golden.StakePoolCase,
	want golden.Outcome,
	exact bool,
	quoteErr error,
) {
	t := r.t
	context := func(err error) []any {
		text, _ := json.Marshal(struct {
			Pool *figures.StakePool
			Case *golden.StakePoolCase
		}{pool, c})

		return []any{"%s under %s, seed %d: quote %+v (%v), execution: %v\n%s", r.op, r.program,
			c.Seed, want, quoteErr, err, text}
	}

	keys := r.prepare(pool, c)
	before := r.get(keys...)
	ix, err := c.BuildInstruction(pool)
	require.NoError(t, err, context(nil)...)
	c.Instruction, err = golden.NewInstruction(ix)
	require.NoError(t, err)

	failure := r.execute(r.transaction(pool, c, ix))
	after := r.get(keys...)
	if quoteErr != nil {
		r.reasons[reason(quoteErr)]++
	}

	switch {
	case failure != nil && quoteErr == nil && c.Minimum != nil && *c.Minimum > want.Received:
		require.ErrorIs(t, failure, progerr.ErrSlippage, context(failure)...)
		c.Refusal = failure.Error()
		r.refused++
		return

	case failure != nil:
		require.Error(t, quoteErr, context(failure)...)
		c.Refusal = failure.Error()
		r.refused++
		return

	case quoteErr != nil:
		// Only if builds differ, the quote may be more careful than this build.
		require.ErrorIs(t, quoteErr, quote.ErrBuildDependent, context(nil)...)
		r.cautious++
		return
	}

	require.True(t, exact, context(nil)...)
	require.False(t, c.Minimum != nil && *c.Minimum > want.Received, context(nil)...)
	got := r.outcome(pool, c, before, after, want)
	require.Equal(t, want, got, context(nil)...)
	c.Outcome = &got
	r.executed++
}

func reason(err error) string {
	for _, known := range []error{
		quote.ErrZeroAmount, quote.ErrAmountTooSmall, quote.ErrAmountTooLarge, quote.ErrStalePool,
		quote.ErrPermissioned, quote.ErrDisabled, quote.ErrInsufficientReserve,
		quote.ErrBelowMinimumDelegation, quote.ErrValidator, quote.ErrNotPreferred,
		quote.ErrStakeAccount, quote.ErrFeeAccount, quote.ErrBuildDependent,
		quote.ErrUpToDate, quote.ErrEpochRewards, quote.ErrStakeInTransit, quote.ErrListFull,
		quote.ErrValidatorListed, quote.ErrFeeRise,
		quote.ErrPrefundGap, quote.ErrRouterFunds, quote.ErrPrefundUnpaid,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}

	return err.Error()
}

// prepare puts the pool and the user's accounts on chain and returns the
// accounts to watch.
func (r *stakePoolRun) prepare(
	pool *figures.StakePool,
	c *golden.StakePoolCase,
) []solana.PublicKey {
	t := r.t
	all, err := pool.Accounts(r.chain.Rent)
	require.NoError(t, err)
	rent, err := r.chain.Rent.MinimumBalance(accounts.StakeAccountSpace)
	require.NoError(t, err)
	token := func(address, owner solana.PublicKey, amount uint64) accounts.Account {
		a := accounts.TokenAccount{
			Mint:       pool.State.PoolMint,
			Owner:      owner,
			Amount:     amount,
			State:      accounts.TokenInitialized,
			Extensions: accountExtensions(pool),
		}

		return accounts.Account{
			Address:  address,
			Owner:    pool.State.TokenProgram,
			Lamports: 10 * sol,
			Data:     a.Encode(),
		}
	}

	holds := uint64(0)
	user := accounts.Account{Address: c.User, Owner: accounts.SystemProgram, Lamports: sol}
	switch c.Op {
	case golden.DepositSOL:
		user.Lamports += c.Amount
	case golden.WithdrawSOL, golden.WithdrawStake:
		holds = c.Amount
	}

	all = append(all, user, token(c.TokenAccount, c.User, holds))
	if c.Referrer != c.TokenAccount && c.Referrer != pool.State.ManagerFeeAccount {
		all = append(all, token(c.Referrer, figures.RandomKey(rand.New(rand.NewPCG(c.Seed, 1))), 0))
	}

	stake := accounts.Account{
		Address:  c.StakeAccount,
		Owner:    accounts.StakeProgram,
		Lamports: rent,
		Data:     make([]byte, accounts.StakeAccountSpace),
	}
	if c.Stake != nil {
		stake.Lamports = c.Stake.Lamports
		copy(stake.Data, c.Stake.Account.Encode())
	}

	all = append(all, stake)
	var calls []call
	var keys []solana.PublicKey
	if pool.FeeAccount == nil {
		calls = append(calls, dropAccount(pool.State.ManagerFeeAccount))
		keys = append(keys, pool.State.ManagerFeeAccount)
	}

	for _, a := range all {
		calls = append(calls, setAccount(a))
		keys = append(keys, a.Address)
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	return keys
}

func (r *stakePoolRun) transaction(
	pool *figures.StakePool,
	c *golden.StakePoolCase,
	ix solana.Instruction,
) *txn.Signed {
	plan := txn.Plan{Payer: r.payer.PublicKey(),
		Lifetime: lifetime(r.t, r.batch(latestBlockhash)[0])}
	if c.Op == golden.DepositStake {
		for _, role := range []stakeprogram.StakeAuthorize{stakeprogram.StakeAuthorizeStaker,
			stakeprogram.StakeAuthorizeWithdrawer} {
			authorize := stakeprogram.NewAuthorizeInstruction(pool.State.StakeDepositAuthority,
				role, c.StakeAccount, c.User).Build()
			plan.Steps = append(plan.Steps,
				txn.Step{Description: "hand the stake account to the pool", Instruction: authorize})
		}
	}

	plan.Steps = append(plan.Steps, txn.Step{Description: c.Op, Instruction: ix})
	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user, r.authority)
	require.NoError(r.t, err)

	return signed
}

// outcome reads the changes of the case from the accounts.
func (r *stakePoolRun) outcome(
	pool *figures.StakePool,
	c *golden.StakePoolCase,
	before, after *accounts.Set,
	want golden.Outcome,
) golden.Outcome {
	t := r.t
	lamports := func(s *accounts.Set, key solana.PublicKey) uint64 {
		a, err := s.Get(key)
		require.NoError(t, err)
		return a.Lamports
	}

	tokens := func(s *accounts.Set, key solana.PublicKey) uint64 {
		a, err := accounts.Load(s, key, accounts.DecodeTokenAccount)
		if errors.Is(err, accounts.ErrNotFound) {
			return 0
		}

		require.NoError(t, err)
		return a.Amount + withheld(a)
	}

	gained := func(key solana.PublicKey) uint64 { return tokens(after, key) - tokens(before, key) }
	state, err := accounts.Load(after, pool.Address, accounts.DecodeStakePool)
	require.NoError(t, err)
	got := golden.Outcome{TotalLamports: state.TotalLamports,
		PoolTokenSupply: state.PoolTokenSupply}
	mint, err := accounts.Load(after, pool.State.PoolMint, accounts.DecodeMint)
	require.NoError(t, err)
	require.Equal(t, state.PoolTokenSupply, mint.Supply, "mint supply")
	switch c.Op {
	case golden.DepositSOL, golden.DepositStake:
		got.Received, got.ManagerFee = gained(c.TokenAccount), gained(pool.State.ManagerFeeAccount)
		switch c.Referrer {
		case c.TokenAccount:
			// The two parts arrive together.
			got.ReferralFee = want.ReferralFee
			got.Received -= want.ReferralFee

		case pool.State.ManagerFeeAccount:
			got.ReferralFee = want.ReferralFee
			got.ManagerFee -= want.ReferralFee
		default:
			got.ReferralFee = gained(c.Referrer)
		}

	case golden.WithdrawSOL:
		got.Received = lamports(after, c.User) - lamports(before, c.User)
		got.ManagerFee = gained(pool.State.ManagerFeeAccount)
		require.Zero(t, tokens(after, c.TokenAccount))

	case golden.WithdrawStake:
		stake, err := accounts.Load(after, c.StakeAccount, accounts.DecodeStakeAccount)
		require.NoError(t, err)
		got.Received = stake.Delegation.Stake
		if r.splitsFreely(pool, c) {
			got.Received = lamports(after, c.StakeAccount) - lamports(before, c.StakeAccount)
		}

		got.ManagerFee = gained(pool.State.ManagerFeeAccount)
		require.Equal(t, got.Received,
			lamports(after, c.StakeAccount)-lamports(before, c.StakeAccount),
			"all of it arrives as stake")
		require.Equal(t, c.User, stake.Withdrawer)
		require.Equal(t, c.User, stake.Staker)
		require.Zero(t, tokens(after, c.TokenAccount))
	}

	return got
}
