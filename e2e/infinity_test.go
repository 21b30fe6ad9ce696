package e2e

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

const (
	// infinityRecordVariable names a file to record trades with Infinity to.
	infinityRecordVariable = "SANCTUM_E2E_RECORD_INFINITY"
	// tradesPerMarket is the number of trades in one random market.
	tradesPerMarket = 20
	// userHolds is more of the input token than any trade takes.
	userHolds = 1 << 62
	// Number of recorded trades of each pricing program: executed ones and
	// refused ones.
	recordedTrades   = 154
	recordedRefusals = 56
)

// TestInfinity_RandomTrades executes random trades with the real controller,
// calculators and pricing programs: swaps of all pairs of a pool of wrapped
// SOL, mSOL, stSOL and stake pool LSTs, exact in and exact out, and liquidity
// in and out. Amounts must match the quote, and the pool afterwards the
// predicted one.
func TestInfinity_RandomTrades(t *testing.T) {
	l := connect(t)
	if l.programHash(accounts.InfinityProgram) == "" {
		t.Skip("Infinity is not deployed on this server")
	}

	chain := l.chain()
	cases := int(envUint(t, casesVariable, defaultCases))
	seed := envUint(t, seedVariable, rand.Uint64())
	record := golden.Infinities{Chain: chain}
	for name, pricing := range map[string]solana.PublicKey{"FlatFee": accounts.FlatFeeProgram,
		"FlatSlab": accounts.FlatSlabProgram} {
		t.Run(name, func(t *testing.T) {
			l.t = t
			r := newInfinityRun(l, chain, pricing)
			for i := range cases {
				r.one(seed, i, &record)
			}

			t.Logf(
				"seed %d: %d swaps and %d liquidity trades as quoted, %d refused by quote and program: %v",
				seed,
				r.swaps,
				r.liquidity,
				r.refused,
				r.reasons,
			)
		})
	}

	if path := os.Getenv(infinityRecordVariable); path != "" && !t.Failed() {
		text, err := record.MarshalText()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o600))
	}
}

type infinityRun struct {
	*localnet
	chain       figures.Chain
	pricing     solana.PublicKey
	calculators map[solana.PublicKey]solana.PublicKey
	upgrades    map[solana.PublicKey]uint64
	user, payer *txn.KeySigner

	market *golden.InfinityMarket
	mints  []solana.PublicKey

	recordedMarket, recorded, recordedNo int
	swaps, liquidity, refused            int
	reasons                              map[string]int
}

func newInfinityRun(l *localnet, chain figures.Chain, pricing solana.PublicKey) *infinityRun {
	t := l.t
	r := &infinityRun{
		localnet:    l,
		chain:       chain,
		pricing:     pricing,
		reasons:     map[string]int{},
		calculators: map[solana.PublicKey]solana.PublicKey{},
		upgrades:    map[solana.PublicKey]uint64{},
	}

	for _, calculator := range []solana.PublicKey{
		accounts.SPLCalculator, accounts.SanctumSPLCalculator, accounts.SanctumSPLMultiCalculator,
		accounts.MarinadeCalculator, accounts.LidoCalculator,
	} {
		program, _ := accounts.CalculatorPoolProgram(calculator)
		if l.programHash(calculator) == "" || l.programHash(program) == "" {
			continue
		}

		r.calculators[program] = calculator
		address, err := accounts.ProgramDataAddress(program)
		require.NoError(t, err)
		header, err := accounts.Load(l.get(address), address, accounts.DecodeProgramData)
		require.NoError(t, err)
		r.upgrades[program] = header.DeploySlot
	}

	for _, s := range []**txn.KeySigner{&r.user, &r.payer} {
		key, err := txn.GenerateKeySigner()
		require.NoError(t, err)
		*s = key
		l.batch(setAccount(accounts.Account{Address: key.PublicKey(), Owner: accounts.SystemProgram,
			Lamports: 1_000_000 * sol}))
	}

	return r
}

// newMarket creates a random pool and puts it on chain.
func (r *infinityRun) newMarket(rng *rand.Rand) {
	t := r.t
	options := figures.InfinityOptions{
		Program:      accounts.InfinityProgram,
		Version:      accounts.PoolStateV1,
		Pricing:      r.pricing,
		Calculators:  r.calculators,
		UpgradeSlots: r.upgrades,
	}

	m := &golden.InfinityMarket{}
	for _, program := range []solana.PublicKey{accounts.StakePoolProgram,
		accounts.SanctumMultiStakePoolProgram, accounts.SanctumStakePoolProgram} {
		for range 2 {
			if _, ok := r.calculators[program]; !ok {
				continue
			}

			pool, err := figures.RandomStakePool(rng, program, r.chain)
			require.NoError(t, err)
			// The calculators read only the pool.
			pool.Validators = nil
			m.StakePools = append(m.StakePools, *pool)
		}
	}

	for i := range m.StakePools {
		options.StakePools = append(options.StakePools, &m.StakePools[i])
	}

	f, err := figures.RandomInfinity(rng, r.chain, options)
	require.NoError(t, err)
	r.spoil(rng, f, m)
	m.Infinity = *f
	r.market, r.recordedMarket = m, -1
	r.mints = []solana.PublicKey{f.Pool.LPTokenMint}
	for _, h := range f.Holdings {
		r.mints = append(r.mints, h.Entry.Mint)
	}
}

// spoil breaks some pools.
func (r *infinityRun) spoil(rng *rand.Rand, f *figures.Infinity, m *golden.InfinityMarket) {
	switch rng.IntN(16) {
	case 0:
		m.StakePools[0].State.LastUpdateEpoch--
	case 1:
		f.Lido.ExchangeRate.ComputedInEpoch--
	case 2:
		f.Marinade.Paused = true
	case 3:
		f.Marinade.WithdrawStakeAccountEnabled = false
	case 4:
		f.Pool.IsDisabled = true
	case 5:
		f.Pool.IsRebalancing = true
	case 6:
		if f.FlatFee != nil {
			f.FlatFee.Fees = f.FlatFee.Fees[:len(f.FlatFee.Fees)-1]
		} else {
			f.FlatSlab.Entries = f.FlatSlab.Entries[1:]
		}

	case 7:
		f.LPMint.Supply = 0
	}
}

// one makes a trade, executes it and compares.
func (r *infinityRun) one(seed uint64, i int, record *golden.Infinities) {
	t := r.t
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	if i%tradesPerMarket == 0 {
		r.newMarket(rand.New(rand.NewPCG(seed, 1<<32|uint64(i))))
	}

	f := &r.market.Infinity
	c := &golden.InfinityCase{
		Seed:       seed + uint64(i),
		Inp:        r.mints[rng.IntN(len(r.mints))],
		Out:        r.mints[rng.IntN(len(r.mints))],
		ExactOut:   rng.IntN(2) == 0,
		User:       r.user.PublicKey(),
		InpAccount: figures.RandomKey(rng),
		OutAccount: figures.RandomKey(rng),
		Source:     "execution",
		Slot:       r.chain.Clock.Slot,
	}
	if c.Inp == c.Out {
		c.Out = r.mints[(rng.IntN(len(r.mints)-1)+1)%len(r.mints)]
		if c.Inp == c.Out {
			c.Inp = r.mints[0]
		}
	}

	c.Amount = r.amount(rng, c)
	want, quoteErr := c.Quote(r.market, r.chain)
	lp := f.Pool.LPTokenMint
	isLiquidity := c.Inp == lp || c.Out == lp
	paid := want.In
	if quoteErr != nil {
		paid = c.Amount
	}

	missed := false
	switch {
	case quoteErr != nil && c.ExactOut:
		c.Limit = 1 << 62
	case quoteErr != nil:
		c.Limit = 1
	case c.ExactOut && !isLiquidity:
		c.Limit = want.In
		if missed = rng.IntN(6) == 0 && want.In > 1; missed {
			c.Limit--
		}

	default:
		c.Limit = want.Out
		if missed = rng.IntN(6) == 0; missed {
			c.Limit++
		}
	}

	ix, err := c.BuildInstruction(r.market, paid)
	require.NoError(t, err)
	c.Instruction, err = golden.NewInstruction(ix)
	require.NoError(t, err)
	keys := r.prepare(c)
	failure := r.execute(r.transaction(ix))
	if quoteErr != nil {
		r.reasons[reason(quoteErr)]++
	}

	context := func() []any {
		text, _ := json.Marshal(struct {
			Market *golden.InfinityMarket
			Case   *golden.InfinityCase
		}{r.market, c})

		return []any{"trade %d, seed %d: quote %+v (%v), execution: %v\n%s", i, seed, want,
			quoteErr, failure, text}
	}
	if failure != nil || quoteErr != nil {
		require.Error(t, failure, context()...)
		require.True(t, quoteErr != nil || missed, context()...)
		c.Refusal = failure.Error()
		r.refused++
	} else {
		require.False(t, missed, context()...)
		r.compare(c, want, keys, context)
		if isLiquidity {
			r.liquidity++
		} else {
			r.swaps++
		}
	}

	r.keep(c, record)
}

// keep records some of the trades.
func (r *infinityRun) keep(c *golden.InfinityCase, record *golden.Infinities) {
	if c.Outcome != nil && r.recorded >= recordedTrades ||
		c.Outcome == nil && r.recordedNo >= recordedRefusals {
		return
	}

	if c.Outcome != nil {
		r.recorded++
	} else {
		r.recordedNo++
	}

	if r.recordedMarket < 0 {
		r.recordedMarket = len(record.Markets)
		record.Markets = append(record.Markets, *r.market)
	}

	c.Market = r.recordedMarket
	record.Cases = append(record.Cases, *c)
}

// amount returns any amount up to slightly more than the pool holds of the
// token with the fixed amount.
func (r *infinityRun) amount(rng *rand.Rand, c *golden.InfinityCase) uint64 {
	f := &r.market.Infinity
	fixed := c.Inp
	if c.ExactOut {
		fixed = c.Out
	}

	limit := f.LPMint.Supply / 10
	for _, h := range f.Holdings {
		if h.Entry.Mint == fixed {
			limit = h.Reserves + h.Reserves/50
		}
	}

	if rng.IntN(3) == 0 {
		return 1 + rng.Uint64N(max(limit, 1))
	}

	return figures.RandomAmount(rng, max(limit, 1))
}

// prepare puts the market and the user's accounts on chain.
func (r *infinityRun) prepare(c *golden.InfinityCase) []solana.PublicKey {
	t := r.t
	rent, err := r.chain.Rent.MinimumBalance(accounts.TokenAccountSpace)
	require.NoError(t, err)
	f := &r.market.Infinity
	all, err := f.Accounts(r.chain.Rent)
	require.NoError(t, err)
	for i := range r.market.StakePools {
		pool, err := r.market.StakePools[i].Accounts(r.chain.Rent)
		require.NoError(t, err)
		all = append(all, pool...)
	}

	mint := accounts.Mint{Supply: 1 << 60, Decimals: 9, MintAuthority: &f.Pool.Admin}
	for _, address := range []solana.PublicKey{accounts.MSOLMint, accounts.StSOLMint} {
		all = append(all, accounts.Account{
			Address:  address,
			Owner:    accounts.TokenProgram,
			Lamports: sol,
			Data:     mint.Encode(),
		})
	}

	holds := uint64(userHolds)
	if c.Inp == f.Pool.LPTokenMint {
		holds = f.LPMint.Supply
	}

	all = append(all,
		figures.TokenAccount(c.InpAccount, c.Inp, c.User, holds, rent),
		figures.TokenAccount(c.OutAccount, c.Out, c.User, 0, rent))
	var calls []call
	var keys []solana.PublicKey
	if f.FlatFee != nil {
		// This market may lack a fee account of an earlier market.
		for _, m := range r.mints {
			address, err := accounts.FlatFeeAccountAddress(accounts.FlatFeeProgram, m)
			require.NoError(t, err)
			calls = append(calls, dropAccount(address))
		}
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

func (r *infinityRun) transaction(ix solana.Instruction) *txn.Signed {
	plan := txn.Plan{
		Payer:    r.payer.PublicKey(),
		Lifetime: lifetime(r.t, r.batch(latestBlockhash)[0]),
		Budget:   txn.ComputeBudget{ComputeUnitLimit: 1_400_000},
		Steps:    []txn.Step{{Description: "trade", Instruction: ix}},
	}

	unsigned, err := plan.Compile()
	require.NoError(r.t, err)
	signed, err := unsigned.Sign(context.Background(), r.payer, r.user)
	require.NoError(r.t, err)

	return signed
}

// compare reads the changes of the trade from the accounts.
func (r *infinityRun) compare(
	c *golden.InfinityCase,
	want quote.InfinityTrade,
	_ []solana.PublicKey,
	context func() []any,
) {
	t := r.t
	f := &r.market.Infinity
	controller, err := accounts.NewController(f.Program)
	require.NoError(t, err)
	accumulatorOf := c.Out
	if c.Out == f.Pool.LPTokenMint {
		accumulatorOf = c.Inp
	}

	accumulator, err := controller.FeeAccumulator(accounts.TokenProgram, accumulatorOf)
	require.NoError(t, err)
	set := r.get(controller.PoolState, controller.LSTStateList, f.Pool.LPTokenMint, c.InpAccount,
		c.OutAccount, accumulator)
	amount := func(key solana.PublicKey) uint64 {
		a, err := accounts.Load(set, key, accounts.DecodeTokenAccount)
		require.NoError(t, err)
		return a.Amount
	}

	holds := uint64(userHolds)
	if c.Inp == f.Pool.LPTokenMint {
		holds = f.LPMint.Supply
	}

	var before uint64
	for _, h := range f.Holdings {
		if h.Entry.Mint == accumulatorOf {
			before = h.FeeAccumulator
		}
	}

	pool, err := accounts.Load(set, controller.PoolState, accounts.DecodePoolState)
	require.NoError(t, err)
	list, err := accounts.Load(set, controller.LSTStateList, accounts.DecodeLSTStateList)
	require.NoError(t, err)
	mint, err := accounts.Load(set, f.Pool.LPTokenMint, accounts.DecodeMint)
	require.NoError(t, err)
	got := quote.InfinityTrade{
		In:          holds - amount(c.InpAccount),
		Out:         amount(c.OutAccount),
		InValue:     want.InValue,
		OutValue:    want.OutValue,
		ProtocolFee: amount(accumulator) - before,
		Pool:        *pool,
		LPSupply:    mint.Supply,
	}

	for _, s := range want.LSTs {
		_, entry, ok := list.Find(s.Mint)
		require.True(t, ok)
		got.LSTs = append(got.LSTs, quote.SyncedLST{Mint: s.Mint, SOLValue: entry.SOLValue})
	}

	require.Equal(t, want, got, context()...)
	c.Outcome = &golden.InfinityOutcome{
		In:          got.In,
		Out:         got.Out,
		ProtocolFee: got.ProtocolFee,
		Pool:        pool,
		LSTs:        got.LSTs,
		LPSupply:    got.LPSupply,
	}
}
