package golden_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// minimumTrades is the minimum number of recorded trades with an outcome.
const minimumTrades = 500

// unquoted is the limit of recorded exact-out trades for which there was no
// quote at the time of the recording.
const unquoted = 1 << 62

// decodedMarket encodes the accounts of the market and decodes them, so that a
// replay covers both. The addresses of the stake pools are in no account, and
// are copied.
func decodedMarket(
	t *testing.T,
	m *golden.InfinityMarket,
	rent accounts.Rent,
) *golden.InfinityMarket {
	t.Helper()
	f := &m.Infinity
	set := onChain(t, f, rent)
	c, err := accounts.NewController(f.Program)
	require.NoError(t, err)
	d := &golden.InfinityMarket{Infinity: figures.Infinity{
		Program: f.Program,
		Pool:    *load(t, set, c.PoolState, accounts.DecodePoolState),
	}}

	d.Infinity.LPMint = *load(t, set, d.Infinity.Pool.LPTokenMint, accounts.DecodeMint)
	list := load(t, set, c.LSTStateList, accounts.DecodeLSTStateList)
	for i, entry := range list.All() {
		h := figures.Holding{
			Symbol:    f.Holdings[i].Symbol,
			Entry:     entry,
			StakePool: f.Holdings[i].StakePool,
		}

		for _, held := range []struct {
			of    func(tokenProgram, mint solana.PublicKey) (solana.PublicKey, error)
			owner solana.PublicKey
			into  *uint64
		}{{c.Reserves, c.PoolState, &h.Reserves},
			{c.FeeAccumulator, c.ProtocolFee, &h.FeeAccumulator}} {
			address, err := held.of(accounts.TokenProgram, entry.Mint)
			require.NoError(t, err)
			account := load(t, set, address, accounts.DecodeTokenAccount)
			require.Equal(t, [2]solana.PublicKey{held.owner, entry.Mint},
				[2]solana.PublicKey{account.Owner, account.Mint})
			*held.into = account.Amount
		}

		d.Infinity.Holdings = append(d.Infinity.Holdings, h)
	}

	decodePricing(t, set, f, &d.Infinity)
	for _, calculator := range f.Calculators {
		address, err := accounts.CalculatorStateAddress(calculator.Program)
		require.NoError(t, err)
		state := load(t, set, address, accounts.DecodeCalculatorState)
		d.Infinity.Calculators = append(d.Infinity.Calculators,
			figures.Calculator{Program: calculator.Program, State: *state})
	}

	d.Infinity.Marinade = load(t, set, accounts.MarinadeStateAddress, accounts.DecodeMarinadeState)
	d.Infinity.Lido = load(t, set, accounts.LidoStateAddress, accounts.DecodeLidoState)
	for i := range m.StakePools {
		d.StakePools = append(d.StakePools, *decodedStakePool(t, &m.StakePools[i], rent))
	}

	require.Equal(t, m, d)

	return d
}

func decodePricing(t *testing.T, set *accounts.Set, f, d *figures.Infinity) {
	t.Helper()
	if f.FlatSlab != nil {
		address, err := accounts.FlatSlabAddress(accounts.FlatSlabProgram)
		require.NoError(t, err)
		d.FlatSlab = load(t, set, address, accounts.DecodeFlatSlab)
	}

	if f.FlatFee == nil {
		return
	}

	address, err := accounts.FlatFeeStateAddress(accounts.FlatFeeProgram)
	require.NoError(t, err)
	d.FlatFee = &figures.FlatFee{State: *load(t, set, address, accounts.DecodeFlatFeeState)}
	for _, e := range f.FlatFee.Fees {
		address, err := accounts.FlatFeeAccountAddress(accounts.FlatFeeProgram, e.Mint)
		require.NoError(t, err)
		fee := load(t, set, address, accounts.DecodeFlatFeeAccount)
		d.FlatFee.Fees = append(d.FlatFee.Fees, figures.FlatFeeEntry{Mint: e.Mint, Fee: *fee})
	}
}

// TestInfinityCase_Replay computes and builds the trades from account data, and
// compares with the outcomes of the real controller and with the quotes of the
// official SDK.
func TestInfinityCase_Replay(t *testing.T) {
	n := newTallies()
	for name, f := range recordings[golden.Infinities](t, "infinity-*.json") {
		chain := throughBytes(t, f.Chain)
		markets := make([]*golden.InfinityMarket, len(f.Markets))
		for i := range f.Markets {
			markets[i] = decodedMarket(t, &f.Markets[i], chain.Rent)
		}

		replay(t, name, f.Cases, func(t *testing.T, c golden.InfinityCase) {
			m := markets[c.Market]
			replayTrade(t, &c, m, chain)
			count(n, c.Result, kindsOf(&c, m)...)
		})
	}

	t.Logf("made: %v; refused: %v", n.executed, n.refused)
	atLeast(t, n.executed, minimumTrades, all)
	for _, version := range []string{"version 1, ", "version 2, "} {
		for _, kind := range []string{"flat-fee", "flatslab", "exact in", "exact out", "swap",
			"liquidity in", "liquidity out"} {
			atLeast(t, n.executed, 1, version+kind)
		}

		atLeast(t, n.refused, 1, version+"exact in", version+"exact out")
	}
}

// kindsOf returns the kinds of a trade.
func kindsOf(c *golden.InfinityCase, m *golden.InfinityMarket) []any {
	pool := &m.Infinity.Pool
	version := map[uint8]string{1: "version 1, ", 2: "version 2, "}[pool.Version]
	side, kind := "exact in", "swap"
	if c.ExactOut {
		side = "exact out"
	}

	switch pool.LPTokenMint {
	case c.Out:
		kind = "liquidity in"
	case c.Inp:
		kind = "liquidity out"
	}

	pricing := map[solana.PublicKey]string{
		accounts.FlatFeeProgram:  "flat-fee",
		accounts.FlatSlabProgram: "flatslab",
	}[pool.PricingProgram]

	return []any{version + side, version + kind, version + pricing}
}

func replayTrade(
	t *testing.T,
	c *golden.InfinityCase,
	m *golden.InfinityMarket,
	chain figures.Chain,
) {
	t.Helper()
	pool := &m.Infinity.Pool
	isLiquidityV1 := pool.Version == accounts.PoolStateV1 &&
		(c.Inp == pool.LPTokenMint || c.Out == pool.LPTokenMint)
	got, err := c.Quote(m, chain)
	paid := got.In
	if err != nil || c.Limit == unquoted {
		paid = c.Amount
	}

	ix, buildErr := c.BuildInstruction(m, paid)
	require.NoError(t, buildErr)
	// The official SDK builds no instruction for a trade that it does not
	// quote.
	if c.Outcome != nil || c.Source == "execution" {
		requireInstructions(t, []golden.Instruction{c.Instruction}, ix)
	} else {
		require.Zero(t, c.Instruction)
	}

	done := golden.InfinityOutcome{In: got.In, Out: got.Out}
	missed := false
	if c.Source == "execution" {
		done.ProtocolFee = got.ProtocolFee
		done.Pool = &got.Pool
		done.LSTs = got.LSTs
		done.LPSupply = got.LPSupply
		missed = c.Limit > got.Out
		if c.ExactOut && !isLiquidityV1 {
			missed = c.Limit < got.In
		}
	}

	switch {
	case err == nil && missed:
		err = errLimit
	case err != nil && c.Outcome == nil && isLiquidityV1 && c.ExactOut:
		// There was no quote, so the input is arbitrary, and the program
		// refused the limit, which no trade can satisfy.
		require.NotEmpty(t, c.Refusal)
		return

	case c.Outcome == nil && c.Inp == pool.LPTokenMint && m.Infinity.LPMint.Supply == 0:
		// The program checks first whether the tokens are worth anything, the
		// quote whether there are any.
		require.ErrorIs(t, err, quote.ErrAmountTooLarge)
		require.Contains(t, c.Refusal, "custom error 31")
		return
	}

	requireResult(t, c.Result, done, err)
}

func TestInfinities_MarshalText(t *testing.T) {
	requireText(t, "infinity-*.json",
		func(f *golden.Infinities) int { return len(f.Markets) + len(f.Cases) })
}

// TestInfinityCase_BuildErrors checks that a case that cannot be built is an
// error.
func TestInfinityCase_BuildErrors(t *testing.T) {
	files := recordings[golden.Infinities](t, "infinity-*.json")
	require.ElementsMatch(t, []string{"infinity-v1.json", "infinity-v2.json"},
		slices.Collect(maps.Keys(files)))
	for name, f := range files {
		at := slices.IndexFunc(f.Cases, func(c golden.InfinityCase) bool {
			lp := f.Markets[c.Market].Infinity.Pool.LPTokenMint
			return c.Inp != lp && c.Out != lp
		})

		require.GreaterOrEqual(t, at, 0, name)
		c, m := f.Cases[at], f.Markets[f.Cases[at].Market]
		_, err := c.BuildInstruction(&m, 0)
		require.NoError(t, err)
		for _, mint := range []solana.PublicKey{c.Inp, c.Out} {
			broken := m
			broken.Infinity.Holdings = slices.Clone(m.Infinity.Holdings)
			for i := range broken.Infinity.Holdings {
				if broken.Infinity.Holdings[i].Entry.Mint == mint {
					broken.Infinity.Holdings[i].Entry.Calculator = accounts.StakeProgram
				}
			}

			_, err = c.BuildInstruction(&broken, 0)
			require.ErrorContains(t, err, "unknown calculator")
		}
	}
}
