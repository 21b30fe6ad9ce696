package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// recordInterceptorVariable names the file to record cases of the interceptor
// to.
const recordInterceptorVariable = "SANCTUM_E2E_RECORD_INTERCEPTOR"

// Number of recorded cases of the interceptor: executed ones and refused ones.
const (
	recordReceipts        = 60
	recordReceiptRefusals = 20
)

// TestInterceptor_RandomCases deposits random stake accounts in random pools
// for receipts, claims the receipts at random times, and compares with the
// quotes.
func TestInterceptor_RandomCases(t *testing.T) {
	l := connect(t)
	chain := l.chain()
	build := l.programHash(accounts.InterceptorProgram)
	program := accounts.StakePoolProgram
	if build == "" {
		t.Skip("the interceptor is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	r := &interceptorRun{
		stakePoolRun: newStakePoolRun(l, chain, program, l.programHash(program),
			golden.DepositStake),
		build: build,
	}

	record := golden.Interceptors{Chain: chain}
	for i := range envUint(t, casesVariable, defaultCases) {
		r.one(seed+i, &record)
	}

	r.batch(setClock(chain.Clock))
	t.Logf("build %.8s, seed %d: %d executed as quoted, %d of them with a refused claim, "+
		"%d refused by quote and program: %v", build, seed, r.executed, r.early, r.refused,
		r.reasons)
	if path := os.Getenv(recordInterceptorVariable); path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

// interceptorRun executes cases of the interceptor. early is the number of
// claims that the program refused because the owner did not sign.
type interceptorRun struct {
	*stakePoolRun
	build string
	early int
}

// one makes the case of a seed, executes it and compares.
func (r *interceptorRun) one(seed uint64, record *golden.Interceptors) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 0))
	pool, err := figures.RandomStakePool(rng, r.program, r.chain)
	require.NoError(t, err)
	plain := r.randomCase(rng, pool)
	plain.Seed = seed
	c := &golden.InterceptorCase{
		Seed:         seed,
		Authority:    r.randomAuthority(rng, pool),
		Validator:    plain.Validator,
		Stake:        *plain.Stake,
		Unsigned:     rng.IntN(4) == 0,
		User:         plain.User,
		Base:         []solana.PublicKey{r.user.PublicKey(), r.authority.PublicKey()}[rng.IntN(2)],
		TokenAccount: plain.TokenAccount,
		Referrer:     plain.Referrer,
		StakeAccount: plain.StakeAccount,
		Build:        r.hash,
		Interceptor:  r.build,
	}

	cool := int64(c.Authority.CoolDownSeconds)
	c.Seconds = [...]int64{0, 1, cool / 2, cool - 1, cool, cool + 1,
		rng.Int64N(cool + 2)}[rng.IntN(7)]
	c.Seconds = max(c.Seconds, 0)
	want, quoteErr := c.Quote(pool, r.chain)
	c.Minimum = randomMinimum(rng, want.Tokens)
	if c.Minimum != nil && *c.Minimum == 0 {
		c.Minimum = nil
	}

	r.run(pool, plain, c, want, quoteErr)
	if c.Outcome != nil && r.executed <= recordReceipts ||
		c.Refusal != "" && r.refused <= recordReceiptRefusals {
		c.Pool = len(record.Pools)
		record.Pools = append(record.Pools, *pool)
		record.Cases = append(record.Cases, *c)
	}
}

// randomAuthority makes the interceptor the stake deposit authority of a pool,
// on random terms.
func (r *interceptorRun) randomAuthority(
	rng *rand.Rand, pool *figures.StakePool,
) accounts.InterceptorAuthority {
	t := r.t
	a := accounts.InterceptorAuthority{
		Base:             figures.RandomKey(rng),
		StakePool:        pool.Address,
		PoolMint:         pool.State.PoolMint,
		Authority:        figures.RandomKey(rng),
		StakePoolProgram: pool.Program,
		CoolDownSeconds:  []uint64{0, 1, 36_000, rng.Uint64N(1_000_000)}[rng.IntN(4)],
		InitialFeeBPS:    []uint32{0, 1, 1_000, 10_000, uint32(rng.IntN(10_001))}[rng.IntN(5)],
		FeeWallet:        figures.RandomKey(rng),
	}

	address, bump, err := solana.FindProgramAddress([][]byte{[]byte("deposit_stake_authority"),
		pool.Address[:], a.Base[:]}, accounts.InterceptorProgram)
	require.NoError(t, err)
	a.BumpSeed = bump
	a.Vault, err = accounts.AssociatedTokenAddress(address, pool.State.TokenProgram, a.PoolMint)
	require.NoError(t, err)
	pool.State.StakeDepositAuthority = address

	return a
}

// execute executes a step with the signatures of the run.
func (r *interceptorRun) send(steps ...txn.Step) error {
	plan := txn.Plan{Payer: r.payer.PublicKey(), Steps: steps,
		Lifetime: lifetime(r.t, r.batch(latestBlockhash)[0])}
	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user, r.authority)
	require.NoError(r.t, err)

	return r.execute(signed)
}

// prepareCase puts the pool, the interceptor's accounts and the user's accounts
// on chain, and returns the accounts to watch.
func (r *interceptorRun) prepareCase(
	pool *figures.StakePool, plain *golden.StakePoolCase, c *golden.InterceptorCase,
) []solana.PublicKey {
	t := r.t
	keys := r.prepare(pool, plain)
	authority := pool.State.StakeDepositAuthority
	fees, err := accounts.AssociatedTokenAddress(c.Authority.FeeWallet, pool.State.TokenProgram,
		c.Authority.PoolMint)
	require.NoError(t, err)
	receipt, err := accounts.InterceptorReceiptAddress(accounts.InterceptorProgram, pool.Address,
		c.Base)
	require.NoError(t, err)
	_, rent := rents(t, r.chain)
	for _, reply := range r.batch(
		setClock(r.chain.Clock),
		dropAccount(receipt),
		setAccount(accounts.Account{Address: authority, Owner: accounts.InterceptorProgram,
			Lamports: sol, Data: c.Authority.Encode()}),
		setAccount(figures.TokenAccount(c.Authority.Vault, c.Authority.PoolMint, authority, 0,
			rent)),
		setAccount(figures.TokenAccount(fees, c.Authority.PoolMint, c.Authority.FeeWallet, 0,
			rent)),
	) {
		require.Nil(t, reply.Error)
	}

	return append(keys, c.Authority.Vault, fees, receipt)
}

// run executes the deposit and the claim, and compares them with the quote.
func (r *interceptorRun) run(
	pool *figures.StakePool,
	plain *golden.StakePoolCase,
	c *golden.InterceptorCase,
	want golden.InterceptorOutcome,
	quoteErr error,
) {
	t := r.t
	keys := r.prepareCase(pool, plain, c)
	text, err := json.Marshal(c)
	require.NoError(t, err)
	context := []any{"%s", text}
	before := r.get(keys...)
	deposit, claim, err := c.BuildInstructions(pool)
	require.NoError(t, err)
	for _, ix := range []solana.Instruction{deposit, claim} {
		recorded, err := golden.NewInstruction(ix)
		require.NoError(t, err)
		c.Instructions = append(c.Instructions, recorded)
	}

	steps, err := txn.AuthorizeStake(c.StakeAccount, c.User, pool.State.StakeDepositAuthority)
	require.NoError(t, err)
	failure := r.send(append(steps, txn.Step{Description: "deposit", Instruction: deposit})...)
	if failure != nil {
		c.Refusal = failure.Error()
		r.refused++
		if quoteErr != nil {
			r.reasons[reason(quoteErr)]++
			return
		}

		require.ErrorIs(t, failure, progerr.ErrSlippage, context...)
		require.Greater(t, *c.Minimum, want.Tokens, context...)

		return
	}

	require.NoError(t, quoteErr, context...)
	after := r.get(keys...)
	r.checkReceipt(pool, c, after)
	r.batch(setClock(laterBy(r.chain.Clock, c.Seconds)))
	failure = r.send(txn.Step{Description: "claim", Instruction: claim})
	claimed := r.get(keys...)
	require.Equal(t, want, r.outcomeOf(pool, c, want, failure, before, after, claimed), context...)
	c.Outcome = &want
	r.executed++
}

func laterBy(clock accounts.Clock, seconds int64) accounts.Clock {
	clock.UnixTimestamp += seconds
	return clock
}

// checkReceipt compares the whole receipt with the quote.
func (r *interceptorRun) checkReceipt(
	pool *figures.StakePool, c *golden.InterceptorCase, after *accounts.Set,
) {
	t := r.t
	d, err := c.Deposit(pool, r.chain)
	require.NoError(t, err)
	require.True(t, d.Exact)
	address, bump, err := solana.FindProgramAddress([][]byte{[]byte("deposit_receipt"),
		pool.Address[:], c.Base[:]}, accounts.InterceptorProgram)
	require.NoError(t, err)
	want := d.Receipt
	want.Base, want.Owner, want.BumpSeed = c.Base, c.User, bump
	got, err := accounts.Load(after, address, accounts.DecodeInterceptorReceipt)
	require.NoError(t, err)
	require.Equal(t, want, *got)
	account, err := after.Get(address)
	require.NoError(t, err)
	require.Equal(t, got.Encode(), account.Data)
}

// outcomeOf reads the changes of the case from the accounts before, after the
// deposit, and after the claim.
func (r *interceptorRun) outcomeOf(
	pool *figures.StakePool, c *golden.InterceptorCase, want golden.InterceptorOutcome,
	failure error, before, after, claimed *accounts.Set,
) golden.InterceptorOutcome {
	t := r.t
	tokens := func(s *accounts.Set, key solana.PublicKey) uint64 {
		a, err := accounts.Load(s, key, accounts.DecodeTokenAccount)
		if errors.Is(err, accounts.ErrNotFound) {
			return 0
		}

		require.NoError(t, err)

		return a.Amount
	}

	lamports := func(s *accounts.Set, key solana.PublicKey) uint64 {
		a, err := s.Get(key)
		require.NoError(t, err)

		return a.Lamports
	}

	gained := func(key solana.PublicKey) uint64 { return tokens(after, key) - tokens(before, key) }
	state, err := accounts.Load(after, pool.Address, accounts.DecodeStakePool)
	require.NoError(t, err)
	got := golden.InterceptorOutcome{
		Tokens:          gained(c.Authority.Vault),
		ReferralFee:     want.ReferralFee,
		ManagerFee:      gained(pool.State.ManagerFeeAccount),
		TotalLamports:   state.TotalLamports,
		PoolTokenSupply: state.PoolTokenSupply,
		Rent:            lamports(before, c.User) - lamports(after, c.User),
	}

	if c.Referrer == pool.State.ManagerFeeAccount {
		got.ManagerFee -= want.ReferralFee
	} else {
		got.ReferralFee = gained(c.Referrer)
	}

	if failure != nil {
		var refused *progerr.ProgramError
		require.ErrorAs(t, failure, &refused)
		require.Equal(t, "ActiveCooldown", refused.Name)
		got.ClaimRefused = true
		r.early++

		return got
	}

	fees, err := accounts.AssociatedTokenAddress(c.Authority.FeeWallet, pool.State.TokenProgram,
		c.Authority.PoolMint)
	require.NoError(t, err)
	got.Claimed = tokens(claimed, c.TokenAccount) - tokens(after, c.TokenAccount)
	got.Fee = tokens(claimed, fees)
	require.Zero(t, tokens(claimed, c.Authority.Vault))
	require.Equal(t, lamports(before, c.User), lamports(claimed, c.User), "the rent came back")

	return got
}
