package golden_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/internal/golden"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// minimumTrades is how many trades with an outcome the recordings must hold in total, so that none gets lost unnoticed.
const minimumTrades = 500

// unquoted is the limit of recorded trades for an exact amount that no quote was found for at the time.
const unquoted = 1 << 62

// trades loads the recorded trades with controllers' pools by the name of their file.
func trades(t *testing.T) map[string]*golden.Infinities {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "infinity-*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	files := make(map[string]*golden.Infinities)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		f := new(golden.Infinities)
		require.NoError(t, json.Unmarshal(text, f), path)
		files[filepath.Base(path)] = f
	}
	return files
}

// decodedMarket is the market as the decoders read it from the accounts that the figures make, so that a replay covers both. Where
// an LST's stake pool is, no account tells.
func decodedMarket(t *testing.T, m *golden.InfinityMarket, rent accounts.Rent) *golden.InfinityMarket {
	t.Helper()
	f := &m.Infinity
	all, err := f.Accounts(rent)
	require.NoError(t, err)
	set := accounts.NewSet(0)
	for _, a := range all {
		set.Put(a)
	}
	c, err := accounts.NewController(f.Program)
	require.NoError(t, err)
	d := &golden.InfinityMarket{Infinity: figures.Infinity{Program: f.Program, Pool: *load(t, set, c.PoolState, accounts.DecodePoolState)}}
	d.Infinity.LPMint = *load(t, set, d.Infinity.Pool.LPTokenMint, accounts.DecodeMint)
	list := load(t, set, c.LSTStateList, accounts.DecodeLSTStateList)
	for i, entry := range list.All() {
		h := figures.Holding{Symbol: f.Holdings[i].Symbol, Entry: entry, StakePool: f.Holdings[i].StakePool}
		for _, held := range []struct {
			of    func(tokenProgram, mint solana.PublicKey) (solana.PublicKey, error)
			owner solana.PublicKey
			into  *uint64
		}{{c.Reserves, c.PoolState, &h.Reserves}, {c.FeeAccumulator, c.ProtocolFee, &h.FeeAccumulator}} {
			address, err := held.of(accounts.TokenProgram, entry.Mint)
			require.NoError(t, err)
			account := load(t, set, address, accounts.DecodeTokenAccount)
			require.Equal(t, [2]solana.PublicKey{held.owner, entry.Mint}, [2]solana.PublicKey{account.Owner, account.Mint})
			*held.into = account.Amount
		}
		d.Infinity.Holdings = append(d.Infinity.Holdings, h)
	}
	decodePricing(t, set, f, &d.Infinity)
	for _, calculator := range f.Calculators {
		address, err := accounts.CalculatorStateAddress(calculator.Program)
		require.NoError(t, err)
		state := load(t, set, address, accounts.DecodeCalculatorState)
		d.Infinity.Calculators = append(d.Infinity.Calculators, figures.Calculator{Program: calculator.Program, State: *state})
	}
	d.Infinity.Marinade = load(t, set, accounts.MarinadeStateAddress, accounts.DecodeMarinadeState)
	d.Infinity.Lido = load(t, set, accounts.LidoStateAddress, accounts.DecodeLidoState)
	for i := range m.StakePools {
		d.StakePools = append(d.StakePools, *decoded(t, &m.StakePools[i], rent))
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

// TestReplayInfinity quotes and builds what the real controller executed and what the official SDK quoted, from account bytes, and
// expects the same.
func TestReplayInfinity(t *testing.T) {
	total := 0
	made, refused := map[string]int{}, map[string]int{}
	for name, f := range trades(t) {
		t.Run(name, func(t *testing.T) {
			chain := throughBytes(t, f.Chain)
			markets := make([]*golden.InfinityMarket, len(f.Markets))
			for i := range f.Markets {
				markets[i] = decodedMarket(t, &f.Markets[i], chain.Rent)
			}
			for i := range f.Cases {
				c := &f.Cases[i]
				m := markets[c.Market]
				replayTrade(t, i, c, m, chain)
				counts := made
				if c.Outcome == nil {
					counts = refused
				} else {
					total++
				}
				for _, kind := range kindsOf(c, m) {
					counts[kind]++
				}
			}
		})
	}
	if t.Failed() {
		return
	}
	t.Logf("made: %v; refused: %v", made, refused)
	require.GreaterOrEqual(t, total, minimumTrades)
	for _, version := range []string{"version 1", "version 2"} {
		for _, kind := range []string{"flat-fee", "flatslab", "exact in", "exact out", "swap", "liquidity in", "liquidity out"} {
			require.Positive(t, made[version+", "+kind], "%s, %s", version, kind)
		}
		require.Positive(t, refused[version+", exact in"])
		require.Positive(t, refused[version+", exact out"])
	}
}

// kindsOf is what a trade is an example of.
func kindsOf(c *golden.InfinityCase, m *golden.InfinityMarket) []string {
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
	pricing := map[solana.PublicKey]string{accounts.FlatFeeProgram: "flat-fee", accounts.FlatSlabProgram: "flatslab"}[pool.PricingProgram]
	return []string{version + side, version + kind, version + pricing}
}

func replayTrade(t *testing.T, i int, c *golden.InfinityCase, m *golden.InfinityMarket, chain figures.Chain) {
	t.Helper()
	pool := &m.Infinity.Pool
	isLiquidityV1 := pool.Version == accounts.PoolStateV1 && (c.Inp == pool.LPTokenMint || c.Out == pool.LPTokenMint)
	got, err := c.Quote(m, chain)
	paid := got.In
	if err != nil || c.Limit == unquoted {
		paid = c.Amount
	}
	ix, buildErr := c.BuildInstruction(m, paid)
	require.NoError(t, buildErr, "case %d", i)
	built, buildErr := golden.NewInstruction(ix)
	require.NoError(t, buildErr, "case %d", i)
	// The official SDK gives no instruction for what it does not quote.
	if c.Outcome != nil || c.Source == "execution" {
		require.Equal(t, c.Instruction, built, "case %d", i)
	} else {
		require.Zero(t, c.Instruction, "case %d", i)
	}

	missed := err == nil && c.Limit > got.Out
	if c.ExactOut && !isLiquidityV1 {
		missed = err == nil && c.Limit < got.In
	}
	switch {
	case c.Outcome != nil && c.Source == "execution":
		require.NoError(t, err, "case %d: executed %+v", i, *c.Outcome)
		require.False(t, missed, "case %d: the limit was met", i)
		done := golden.InfinityOutcome{
			In: got.In, Out: got.Out, ProtocolFee: got.ProtocolFee, Pool: &got.Pool, LSTs: got.LSTs, LPSupply: got.LPSupply,
		}
		require.Equal(t, *c.Outcome, done, "case %d", i)
	case c.Outcome != nil:
		require.NoError(t, err, "case %d: quoted %+v", i, *c.Outcome)
		require.Equal(t, [2]uint64{c.Outcome.In, c.Outcome.Out}, [2]uint64{got.In, got.Out}, "case %d", i)
	case err == nil:
		require.True(t, missed, "case %d: quoted %+v, refused: %s", i, got, c.Refusal)
		require.Contains(t, c.Refusal, "custom error 21", "case %d: the limit", i)
	case isLiquidityV1 && c.ExactOut:
		// Without a quote the input was made up, so the program met the limit that nothing meets.
		require.NotEmpty(t, c.Refusal, "case %d", i)
	case c.Inp == pool.LPTokenMint && m.Infinity.LPMint.Supply == 0:
		// The program notices first that such tokens would be worth nothing, the quote that there are none.
		require.ErrorIs(t, err, quote.ErrTooLarge, "case %d", i)
		require.Contains(t, c.Refusal, "custom error 31", "case %d", i)
	default:
		requireReason(t, i, c.Refusal, err)
	}
}

// requireReason checks that a quote is refused for what the program or the official SDK said.
func requireReason(t *testing.T, i int, refusal string, err error) {
	t.Helper()
	for pattern, want := range map[string]error{
		`5ocnV1\w+: custom error 14 `: quote.ErrInputDisabled,
		`5ocnV1\w+: custom error 18 `: quote.ErrNoProfit,
		// Version 1 compares with the limit before it notices that there is nothing to receive.
		`5ocnV1\w+: custom error 21 `: quote.ErrTooSmall,
		`5ocnV1\w+: custom error 22 `: quote.ErrInsufficientReserve,
		`5ocnV1\w+: custom error 31 `: quote.ErrTooSmall,
		`mare3S\w+: custom error 1 `:  quote.ErrDisabled,
		`s1b6NR\w+: custom error 3 `:  quote.ErrNoFee,
		`s1b6NR\w+: custom error 5 `:  quote.ErrFeeRange,
		`token: InsufficientFunds`:    quote.ErrInsufficientReserve,
		`^"InpDisabled"`:              quote.ErrInputDisabled,
		`^"NotEnoughLiquidity"`:       quote.ErrInsufficientReserve,
		`^"PoolLoss"`:                 quote.ErrNoProfit,
		`^"ZeroValue"`:                quote.ErrTooSmall,
		`NetNegativeFees"`:            quote.ErrFeeRange,
		`Calc\.\w+\.Ratio"`:           quote.ErrTooLarge,
	} {
		if regexp.MustCompile(pattern).MatchString(refusal) {
			require.ErrorIs(t, err, want, "case %d: %s", i, refusal)
			return
		}
	}
	require.Fail(t, "unknown refusal", "case %d: %s", i, refusal)
}

func TestInfinitiesText(t *testing.T) {
	for name, f := range trades(t) {
		text, err := f.MarshalText()
		require.NoError(t, err, name)
		var again golden.Infinities
		require.NoError(t, json.Unmarshal(text, &again), name)
		require.Equal(t, f, &again, name)
		same, err := again.MarshalText()
		require.NoError(t, err, name)
		require.True(t, bytes.Equal(text, same), name)
		require.Equal(t, 5+len(f.Markets)+len(f.Cases), bytes.Count(text, []byte("\n")), "one a line")
	}
	text, err := (&golden.Infinities{}).MarshalText()
	require.NoError(t, err)
	var empty golden.Infinities
	require.NoError(t, json.Unmarshal(text, &empty))
	require.Empty(t, empty.Markets)
	require.Empty(t, empty.Cases)
}

// TestInfinityCaseBuildErrors: what cannot be built is told rather than left out.
func TestInfinityCaseBuildErrors(t *testing.T) {
	for name, f := range trades(t) {
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
	require.ElementsMatch(t, []string{"infinity-v1.json", "infinity-v2.json"}, slices.Collect(maps.Keys(trades(t))))
}
