package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"regexp"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/progerr"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// recordReserveVariable names the file to record executions of the Reserve
	// to.
	recordReserveVariable = "SANCTUM_E2E_RECORD_RESERVE"
	// Number of recorded cases of each instruction and kind of fee: executed
	// ones, and those refused for the same reason with the same text.
	recordReserveExecuted = 16
	recordReserveRefused  = 1
)

// reserveRefusals maps the quote's refusals to the program's error texts, as
// regular expressions. A transfer that the pool cannot pay may fail before the
// check that the quote does first.
var reserveRefusals = map[error]string{
	quote.ErrStakeUninitialized:  `StakeAccountLockupNotRetrievable`,
	quote.ErrStakeLocked:         `StakeAccountLockupInForce`,
	quote.ErrStakeOwner:          `MissingRequiredSignature|EpochRewardsActive|ResultWithNegativeLamports`,
	quote.ErrEpochRewards:        `EpochRewardsActive|ResultWithNegativeLamports`,
	quote.ErrInvalidState:        `InternalError|NotEnoughLiquidity`,
	quote.ErrInsufficientReserve: `NotEnoughLiquidity|ResultWithNegativeLamports|InsufficientFundsForRent`,
	quote.ErrAmountTooSmall:      `LiquidityToAddTooLittle|InsufficientFundsForRent`,
	quote.ErrAmountTooLarge:      `InternalError|ResultWithNegativeLamports|token: InsufficientFunds`,
}

// TestReserve_RandomCases sells random stake accounts to the real Reserve, and
// adds and removes liquidity. Every lamport and LP token must match the quote,
// and the program must refuse what the quote refuses.
func TestReserve_RandomCases(t *testing.T) {
	l := connect(t)
	hash := l.programHash(accounts.ReserveProgram)
	if hash == "" {
		t.Skip("the Reserve is not deployed on this server")
	}

	seed := envUint(t, seedVariable, rand.Uint64())
	cases := int(envUint(t, casesVariable, defaultCases))
	r := &reserveRun{
		localnet: l,
		chain:    l.chain(),
		hash:     hash,
		executed: map[string]int{},
		refused:  map[string]int{},
		recorded: map[string]int{},
	}

	for _, s := range []**txn.KeySigner{&r.user, &r.payer} {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		*s = key
		l.batch(setAccount(accounts.Account{Address: key.PublicKey(), Owner: accounts.SystemProgram,
			Lamports: 1_000_000 * sol}))
	}

	t.Cleanup(func() { l.batch(setClock(r.chain.Clock), setRewards(false)) })
	record := golden.Reserves{Chain: r.chain}
	for i := range cases {
		r.one(seed+uint64(i), &record)
	}

	t.Logf("build %.8s, seed %d: executed as quoted %v, refused by quote and program %v", hash,
		seed, r.executed, r.refused)
	if path := os.Getenv(recordReserveVariable); path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

type reserveRun struct {
	*localnet
	chain       figures.Chain
	hash        string
	user, payer *txn.KeySigner
	// executed and refused count by instruction, refused also by reason,
	// recorded also by kind of fee.
	executed, refused, recorded map[string]int
}

// one makes the case of a seed, executes it and compares.
func (r *reserveRun) one(seed uint64, record *golden.Reserves) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, 0))
	operations := golden.ReserveOperations()
	f := figures.RandomReserve(rng)
	c := &golden.ReserveCase{
		Seed:        seed,
		Op:          operations[seed%uint64(len(operations))],
		User:        r.user.PublicKey(),
		Source:      figures.RandomKey(rng),
		Destination: figures.RandomKey(rng),
		Build:       r.hash,
	}

	r.randomCase(rng, f, c)
	keys := r.publish(rng, f, c)
	want, quoteErr := c.Quote(f, r.chain)
	context := func(err error) []any {
		text, _ := json.Marshal(struct {
			Reserve *figures.Reserve
			Case    *golden.ReserveCase
		}{f, c})

		return []any{"%s, seed %d: quote %+v (%v), execution: %v\n%s", c.Op, seed, want, quoteErr,
			err, text}
	}

	ix, err := c.BuildInstruction(f)
	require.NoError(t, err, context(nil)...)
	c.Instruction, err = golden.NewInstruction(ix)
	require.NoError(t, err)
	before := r.get(keys.all...)
	tx := r.sign(ix)
	failure := r.execute(tx)
	require.Equal(t, quoteErr != nil, failure != nil, context(failure)...)
	kind, most := c.Op, recordReserveExecuted
	if f.Fee.Kind == accounts.ReserveFeeFlat {
		kind += " flat"
	}

	if failure != nil {
		c.Refusal = failure.Error()
		why := reserveReason(quoteErr)
		words := r.requirePlausible(quoteErr, failure, tx, keys, context(failure))
		r.refused[c.Op]++
		r.refused[why]++
		kind, most = kind+why+words, recordReserveRefused
	} else {
		got := r.outcome(f, c, keys, before, r.get(keys.all...))
		require.Equal(t, want, got, context(nil)...)
		c.Outcome = &got
		r.executed[c.Op]++
	}

	if r.recorded[kind]++; r.recorded[kind] <= most {
		c.Reserve = len(record.Reserves)
		record.Reserves = append(record.Reserves, *f)
		record.Cases = append(record.Cases, *c)
	}
}

// requirePlausible checks that the program refuses for the reason of the quote,
// not because of a wrong account in this test. It returns the text of the
// program.
func (r *reserveRun) requirePlausible(
	quoteErr, failure error,
	tx *txn.Signed,
	keys reserveKeys,
	context []any,
) string {
	t := r.t
	var words []string
	for sentinel, expected := range reserveRefusals {
		if errors.Is(quoteErr, sentinel) {
			require.Regexp(t, expected, failure.Error(), context...)
			words = append(words, regexp.MustCompile(expected).FindString(failure.Error()))
		}
	}

	require.Len(t, words, 1, context...)
	var rent *progerr.TransactionError
	if errors.As(failure, &rent) && rent.Kind == "InsufficientFundsForRent" {
		decoded, err := solana.TransactionFromBytes(tx.Raw())
		require.NoError(t, err)
		require.Equal(t, keys.pool.SOL, decoded.Message.AccountKeys[rent.Account], context...)
	}

	return words[0]
}

func reserveReason(err error) string {
	for _, known := range []error{quote.ErrStakeUninitialized, quote.ErrStakeLocked,
		quote.ErrStakeOwner, quote.ErrInvalidState} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return reason(err)
}

// randomCase changes the state at random, and picks the stake account to sell
// or the liquidity to add or remove.
func (r *reserveRun) randomCase(rng *rand.Rand, f *figures.Reserve, c *golden.ReserveCase) {
	spoilReserve(rng, f, r.chain.Rent)
	c.RewardsActive = rng.IntN(20) == 0
	switch c.Op {
	case golden.ReserveUnstake, golden.ReserveUnstakeWsol:
		if rng.IntN(3) == 0 {
			referrer := figures.RandomKey(rng)
			c.Referrer = &referrer
		}

		if rng.IntN(6) == 0 {
			c.Record = rng.Uint64N(2_000_000)
		}

		c.Stake = r.randomSale(rng, f, c)

	case golden.ReserveAddLiquidity:
		c.Source = solana.PublicKey{}
		c.Amount = figures.RandomAmount(rng, 500_000*sol)
		if rng.IntN(4) == 0 {
			// Next to the price of one LP token.
			c.Amount = edge(rng, 500_000*sol, func(amount uint64) bool {
				_, err := f.Quote(r.chain).AddLiquidity(amount)
				return err == nil
			})
		}

	case golden.ReserveRemoveLiquidity:
		c.Amount = figures.RandomAmount(rng, f.LPSupply+1)
		switch rng.IntN(8) {
		case 0:
			c.Amount = max(1, f.LPSupply)
		case 1, 2:
			// Next to the maximum that the pool can pay.
			c.Amount = edge(rng, f.LPSupply, func(amount uint64) bool {
				_, err := f.Quote(r.chain).RemoveLiquidity(amount)
				return errors.Is(err, quote.ErrInsufficientReserve)
			})
		}
	}
}

// spoilReserve changes about every second state.
func spoilReserve(rng *rand.Rand, f *figures.Reserve, rent accounts.Rent) {
	switch rng.IntN(24) {
	case 0:
		// No SOL is lent, so all can be removed.
		f.Pool.IncomingStake, f.Pool.RecordRent = 0, 0
	case 1:
		f.LPSupply = 0
	case 2:
		f.Lamports = 0
	case 3:
		// Nothing is left for the holders of LP tokens, if any.
		f.Lamports, f.Pool.IncomingStake, f.Pool.RecordRent = 0, 0, 0
		f.LPSupply = rng.Uint64N(2) * f.LPSupply

	case 4:
		f.Lamports = 128*rent.LamportsPerByte + rng.Uint64N(2_000_000)
	case 5:
		f.Fee.Kind = accounts.ReserveFeeFlat
		f.Fee.MaxLiqRemaining, f.Fee.ZeroLiqRemaining = accounts.Ratio{}, accounts.Ratio{}
		f.Fee.Flat = accounts.Ratio{Numerator: 2 + rng.Uint64N(2), Denominator: 3}
	case 6:
		f.Fee.Kind = accounts.ReserveFeeFlat
		f.Fee.MaxLiqRemaining, f.Fee.ZeroLiqRemaining = accounts.Ratio{}, accounts.Ratio{}
		f.Fee.Flat = accounts.Ratio{Numerator: rng.Uint64N(3), Denominator: rng.Uint64N(2)}
	case 7:
		f.Fee.MaxLiqRemaining = f.Fee.ZeroLiqRemaining
	case 8:
		full, empty := f.Fee.MaxLiqRemaining, f.Fee.ZeroLiqRemaining
		f.Fee.MaxLiqRemaining, f.Fee.ZeroLiqRemaining = empty, full
	case 9:
		f.ProtocolFee.FeeRatio, f.ProtocolFee.ReferrerFeeRatio = accounts.Ratio{Numerator: 1,
			Denominator: 1}, accounts.Ratio{Numerator: 1, Denominator: 1}
	case 10:
		f.ProtocolFee.FeeRatio.Numerator = 0
	case 11:
		f.Pool.IncomingStake = 1<<64 - 1 - rng.Uint64N(1000*sol)
	case 12:
		// LP tokens are worth a lot, or almost nothing.
		f.LPSupply = max(1, f.LPSupply/1_000_000)
	case 13:
		f.ProtocolFee.FeeRatio = accounts.Ratio{Numerator: rng.Uint64N(3),
			Denominator: rng.Uint64N(2)}
	case 14:
		f.ProtocolFee.ReferrerFeeRatio = accounts.Ratio{Numerator: rng.Uint64N(3),
			Denominator: rng.Uint64N(2)}
	}
}

// edge returns an amount next to the point at which the result differs from
// that of zero.
func edge(rng *rand.Rand, limit uint64, reached func(uint64) bool) uint64 {
	low, high := uint64(1), max(1, limit)
	for low < high {
		if middle := low + (high-low)/2; reached(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return max(1, low+rng.Uint64N(4)-min(low, 2))
}

// randomSale returns a stake account in a random state, with about as much as
// the Reserve can pay, or less.
func (r *reserveRun) randomSale(
	rng *rand.Rand,
	f *figures.Reserve,
	c *golden.ReserveCase,
) *quote.StakeAccountState {
	q, clock := f.Quote(r.chain), r.chain.Clock
	lamports := figures.StoredRent + figures.RandomAmount(rng, f.Lamports+f.Lamports/20)
	switch rng.IntN(8) {
	case 0, 1, 2:
		lamports = figures.StoredRent + rng.Uint64N(f.Lamports+1)
	case 3:
		// Next to leaving the Reserve its rent.
		lamports = max(figures.StoredRent, edge(rng, 2*f.Lamports, func(amount uint64) bool {
			_, err := q.Unstake(amount, c.Record, c.Referrer != nil)
			return err != nil
		}))

	case 4:
		// Next to leaving it nothing: without rent, nothing else stops a sale.
		rent, err := r.chain.Rent.MinimumBalance(accounts.ReserveRecordSpace)
		require.NoError(r.t, err)
		free := q
		free.Rent, free.Lamports = accounts.NewRent(0), f.Lamports-min(f.Lamports,
			rent-min(rent, c.Record))
		lamports = max(figures.StoredRent, edge(rng, 2*f.Lamports, func(amount uint64) bool {
			_, err := free.Unstake(amount, 0, false)
			return err != nil
		}))
	}

	stake := figures.Delegated(c.User, figures.StoredRent, figures.RandomKey(rng),
		lamports-figures.StoredRent, clock.Epoch-rng.Uint64N(9))
	if rng.IntN(4) == 0 {
		// Tips or rewards that are not staked.
		stake.Delegation.Stake -= rng.Uint64N(stake.Delegation.Stake + 1)
	}

	switch rng.IntN(20) {
	case 0, 1:
		stake.State, stake.Delegation = accounts.StakeInitialized, accounts.Delegation{}
	case 2, 3:
		stake.Delegation.DeactivationEpoch = clock.Epoch - rng.Uint64N(2)
	case 4:
		stake.Lockup.Epoch = clock.Epoch + rng.Uint64N(2)
	case 5:
		stake.Lockup.UnixTimestamp = clock.UnixTimestamp + rng.Int64N(2)
	case 6:
		// Not even the custodian can sell locked stake.
		stake.Lockup = accounts.Lockup{Epoch: clock.Epoch + rng.Uint64N(2), Custodian: c.User}
	case 7:
		stake.Withdrawer = figures.RandomKey(rng)
	case 8:
		stake = accounts.StakeAccount{State: accounts.StakeUninitialized}
	case 9:
		stake = accounts.StakeAccount{State: accounts.StakeRewardsPool}
	case 10, 11:
		stake.Staker = figures.RandomKey(rng)
	}

	return &quote.StakeAccountState{Lamports: lamports, Account: stake}
}

// reserveKeys are the accounts that a case may change.
type reserveKeys struct {
	pool   instructions.Reserve
	record solana.PublicKey
	all    []solana.PublicKey
}

// publish puts the Reserve and the user's accounts on chain, and sets clock and
// rewards.
func (r *reserveRun) publish(
	rng *rand.Rand,
	f *figures.Reserve,
	c *golden.ReserveCase,
) reserveKeys {
	t := r.t
	pool, err := instructions.NewReserve(accounts.ReserveProgram, f.Address, &f.Pool,
		&f.ProtocolFee)
	require.NoError(t, err)
	keys := reserveKeys{pool: pool,
		all: []solana.PublicKey{c.User, c.Destination, pool.Pool, pool.SOL, pool.LPMint,
			pool.ProtocolFeeDestination}}
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	system := func(key solana.PublicKey, lamports uint64) accounts.Account {
		return accounts.Account{Address: key, Owner: accounts.SystemProgram, Lamports: lamports}
	}
	all, err := f.Accounts(r.chain.Rent)
	require.NoError(t, err)
	all = append(all, system(c.User, 1_000_000*sol))
	switch c.Op {
	case golden.ReserveUnstakeWsol:
		all = append(all,
			figures.TokenAccount(c.Destination, accounts.NativeMint, figures.RandomKey(rng), 5,
				rent))

	case golden.ReserveAddLiquidity:
		all = append(all, figures.TokenAccount(c.Destination, pool.LPMint, c.User, 0, rent))
	default:
		all = append(all, system(c.Destination, sol))
	}

	if c.Op == golden.ReserveRemoveLiquidity {
		all = append(all, figures.TokenAccount(c.Source, pool.LPMint, c.User, f.LPSupply, rent))
		keys.all = append(keys.all, c.Source)
	}

	if c.Stake != nil {
		data := make([]byte, accounts.StakeAccountSpace)
		copy(data, c.Stake.Account.Encode())
		keys.record, err = accounts.ReserveRecordAddress(pool.Program, pool.Pool, c.Source)
		require.NoError(t, err)
		all = append(all, accounts.Account{
			Address:  c.Source,
			Owner:    accounts.StakeProgram,
			Lamports: c.Stake.Lamports,
			Data:     data,
		},
			system(keys.record, c.Record))

		keys.all = append(keys.all, c.Source, keys.record)
	}

	if c.Referrer != nil {
		all = append(all, system(*c.Referrer, sol))
		keys.all = append(keys.all, *c.Referrer)
	}

	calls := []call{setClock(r.chain.Clock), setRewards(c.RewardsActive)}
	for _, a := range all {
		calls = append(calls, setAccount(a))
	}

	for _, reply := range r.batch(calls...) {
		require.Nil(t, reply.Error)
	}

	return keys
}

func (r *reserveRun) sign(ix solana.Instruction) *txn.Signed {
	plan := txn.Plan{
		Payer:    r.payer.PublicKey(),
		Lifetime: lifetime(r.t, r.batch(latestBlockhash)[0]),
		Steps:    []txn.Step{{Description: "Reserve", Instruction: ix}},
	}
	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user)
	require.NoError(r.t, err)
	return signed
}

// outcome reads the changes of the case from the accounts, and checks that
// nothing else changed.
func (r *reserveRun) outcome(
	f *figures.Reserve,
	c *golden.ReserveCase,
	keys reserveKeys,
	before, after *accounts.Set,
) golden.ReserveOutcome {
	t := r.t
	lamports := func(set *accounts.Set, key solana.PublicKey) uint64 {
		a, err := set.Get(key)
		if errors.Is(err, accounts.ErrNotFound) {
			return 0
		}

		require.NoError(t, err)
		return a.Lamports
	}

	gained := func(key solana.PublicKey) uint64 {
		return lamports(after, key) - lamports(before, key)
	}
	tokens := func(set *accounts.Set, key solana.PublicKey) uint64 {
		a, err := accounts.Load(set, key, accounts.DecodeTokenAccount)
		require.NoError(t, err)
		return a.Amount
	}

	state, err := accounts.Load(after, keys.pool.Pool, accounts.DecodeReservePool)
	require.NoError(t, err)
	mint, err := accounts.Load(after, keys.pool.LPMint, accounts.DecodeMint)
	require.NoError(t, err)
	o := golden.ReserveOutcome{
		IncomingStake:  state.IncomingStake,
		PoolRecordRent: state.RecordRent,
		Lamports:       lamports(after, keys.pool.SOL),
		LPSupply:       mint.Supply,
	}

	state.IncomingStake, state.RecordRent = f.Pool.IncomingStake, f.Pool.RecordRent
	require.Equal(t, f.Pool, *state, "nothing else in the state changes")
	switch c.Op {
	case golden.ReserveAddLiquidity:
		o.Paid, o.Received = -gained(c.User), tokens(after, c.Destination)
		return o
	case golden.ReserveRemoveLiquidity:
		require.Zero(t, gained(c.User))
		o.Paid, o.Received = tokens(before, c.Source)-tokens(after, c.Source), gained(c.Destination)
		return o
	}

	require.Zero(t, gained(c.User))
	require.Zero(t, gained(c.Source), "the stake account keeps its balance")
	o.Paid, o.Received = lamports(after, c.Source), gained(c.Destination)
	if c.Op == golden.ReserveUnstakeWsol {
		require.Equal(t, o.Received, tokens(after, c.Destination)-tokens(before, c.Destination))
	}

	o.Fee, o.RecordRent = o.Paid-o.Received, gained(keys.record)
	o.ProtocolFee = gained(keys.pool.ProtocolFeeDestination)
	if c.Referrer != nil {
		o.ReferrerFee = gained(*c.Referrer)
		o.ProtocolFee += o.ReferrerFee
	}

	stake, err := accounts.Load(after, c.Source, accounts.DecodeStakeAccount)
	require.NoError(t, err)
	sold := c.Stake.Account
	sold.Staker, sold.Withdrawer = keys.pool.SOL, keys.pool.SOL
	require.Equal(t, sold, *stake, "only its owner changes")
	noted, err := accounts.Load(after, keys.record, accounts.DecodeReserveStakeAccountRecord)
	require.NoError(t, err)
	require.Equal(t, o.Paid, noted.LamportsAtCreation)

	return o
}
