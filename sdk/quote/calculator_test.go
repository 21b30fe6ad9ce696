package quote_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestSOLValueCalculator_DumpedValues checks the values of one token and of one
// SOL, and the intermediate steps, with the dumps of igneous-labs/inf-1.5.
func TestSOLValueCalculator_DumpedValues(t *testing.T) {
	netOfFee := jupsolValue
	netOfFee.WithdrawalFee = accounts.Fee{}
	free := msolValue
	free.FeeCents = 0
	for _, test := range []struct {
		name  string
		value quote.SOLValueCalculator
		lst   uint64
		sol   uint64
		of    uint64
		back  quote.MinMax
	}{
		{"wSOL", quote.WrappedSOLValue{}, sol, sol, 12_345, quote.MinMax{Min: 12_345, Max: 12_345}},
		{"jupSOL", jupsolValue, sol, 1_113_306_651, sol,
			quote.MinMax{Min: 898_225_119, Max: 898_225_122}},
		{"jupSOL before its fee", netOfFee, 999_000_000, 1_113_306_651, sol,
			quote.MinMax{Min: 897_326_894, Max: 897_326_895}},
		{"jupSOL, one unit", jupsolValue, 1, 0, 0, quote.MinMax{Min: 0, Max: 3}},
		{"jupSOL, 1 SOL less 0.3 %", jupsolValue, 7698, 8569, 997_000_000,
			quote.MinMax{Min: 895_530_443, Max: 895_530_447}},
		{"the same before its fee", netOfFee, 6962, 7758, 997_000_000,
			quote.MinMax{Min: 894_634_913, Max: 894_634_915}},
		{"stSOL", stsolValue, sol, 1_212_405_583, sol,
			quote.MinMax{Min: 824_806_495, Max: 824_806_497}},
		{"stSOL, exact out", stsolValue, 6969, 8449, 1_118_901_157,
			quote.MinMax{Min: 922_876_941, Max: 922_876_943}},
		{"mSOL", msolValue, sol, 1_297_435_839, sol,
			quote.MinMax{Min: 770_751_022, Max: 770_751_025}},
		{"mSOL without its fee", free, sol, 1_298_734_573, 1_001_001_002,
			quote.MinMax{Min: 770_751_023, Max: 770_751_025}},
		{"mSOL without its fee, lower end", free, 11_292, 14_665, 1_001_001_000,
			quote.MinMax{Min: 770_751_022, Max: 770_751_023}},
		{"mSOL, holdings", msolValue, 11_292, 14_651, 0, quote.MinMax{Min: 0, Max: 1}},
		{"empty pool", quote.StakePoolValue{}, sol, 0, 0,
			quote.MinMax{Min: 0, Max: math.MaxUint64}},
		{"no tokens", quote.StakePoolValue{TotalLamports: sol}, sol, 0, 0,
			quote.MinMax{Min: 0, Max: math.MaxUint64}},
		{"empty Lido", quote.LidoValue{}, sol, 0, 0, quote.MinMax{Min: 0, Max: math.MaxUint64}},
		{"empty Marinade", quote.MarinadeValue{FeeCents: 1000}, sol, 0, 0,
			quote.MinMax{Min: 0, Max: math.MaxUint64}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.value.LSTToSOL(test.lst)
			require.NoError(t, err)
			require.Equal(t, quote.MinMax{Min: test.sol, Max: test.sol}, got)
			got, err = test.value.SOLToLST(test.of)
			require.NoError(t, err)
			require.Equal(t, test.back, got)
		})
	}
}

// fourPlaces formats a ratio with four decimals.
func fourPlaces(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }

// TestSOLValueCalculator_PublishedExample checks a published example of a swap
// by Infinity: a pool of 2,586,658.749561150 SOL and 2,333,532.553328205 tokens
// with a withdrawal fee of 0.1 %, and the scnSOL for 1 bSOL at 1.1073 and
// 1.1758 SOL. The two ratios of the example are truncated to four decimals, its
// amounts are rounded.
func TestSOLValueCalculator_PublishedExample(t *testing.T) {
	blaze := quote.StakePoolValue{
		TotalLamports:   2_586_658_749_561_150,
		PoolTokenSupply: 2_333_532_553_328_205,
		WithdrawalFee:   accounts.Fee{Numerator: 1, Denominator: 1000},
	}

	whole := blaze
	whole.WithdrawalFee = accounts.Fee{}
	for want, value := range map[uint64]quote.StakePoolValue{11_084: whole, 11_073: blaze} {
		got, err := value.LSTToSOL(1_000_000_000)
		require.NoError(t, err)
		require.Equal(t, want, got.Min/100_000)
	}

	bsol := quote.StakePoolValue{TotalLamports: 11_073, PoolTokenSupply: 10_000}
	scnsol := quote.StakePoolValue{TotalLamports: 11_758, PoolTokenSupply: 10_000}
	for _, test := range []struct {
		name     string
		inp, out quote.StakePoolValue
		fees     [2]int16
		want     string
	}{
		{"without fees", bsol, scnsol, [2]int16{0, 0}, "0.9417"},
		{"2 and 4 basis points", bsol, scnsol, [2]int16{2, 4}, "0.9412"},
		{"10 basis points each", bsol, scnsol, [2]int16{10, 10}, "0.9399"},
		{"the other way, without fees", scnsol, bsol, [2]int16{0, 0}, "1.0619"},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := dumpedV1()
			lst := func(n byte, value quote.StakePoolValue) quote.InfinityLST {
				worth, err := value.LSTToSOL(1000 * sol)
				require.NoError(t, err)
				return quote.InfinityLST{State: accounts.LSTState{Mint: key(n),
					SOLValue: worth.Min},
					Reserves: 1000 * sol, Value: value}
			}

			i.LSTs[key(1)], i.LSTs[key(2)] = lst(1, test.inp), lst(2, test.out)
			fees := dumpedFees()
			fees[key(1)] = accounts.FlatFeeAccount{InputFeeBps: test.fees[0], OutputFeeBps: 500}
			fees[key(2)] = accounts.FlatFeeAccount{InputFeeBps: 600, OutputFeeBps: test.fees[1]}
			i.Pricing = quote.FlatFee{LPMint: infMint, Fees: fees}
			got, err := i.Swap(key(1), key(2), sol)
			require.NoError(t, err)
			require.Equal(t, test.want, fourPlaces(float64(got.Out)/sol))
		})
	}
}

// TestNewStakePoolValue_State checks the calculators from decoded state, and
// the states that their programs refuse.
func TestNewStakePoolValue_State(t *testing.T) {
	pool := accounts.StakePool{
		TotalLamports:      7,
		PoolTokenSupply:    5,
		LastUpdateEpoch:    epoch,
		StakeWithdrawalFee: accounts.Fee{Numerator: 1, Denominator: 2},
		SOLWithdrawalFee:   accounts.Fee{Numerator: 1, Denominator: 3},
	}

	lido := accounts.LidoState{ExchangeRate: accounts.LidoExchangeRate{ComputedInEpoch: epoch,
		StSOLSupply: 5, SOLBalance: 7}}
	spl, err := quote.NewStakePoolValue(&pool, accounts.Clock{Epoch: epoch})
	require.NoError(t, err)
	require.Equal(t,
		quote.StakePoolValue{TotalLamports: 7, PoolTokenSupply: 5,
			WithdrawalFee: pool.StakeWithdrawalFee},
		spl)

	rate, err := quote.NewLidoValue(&lido, accounts.Clock{Epoch: epoch})
	require.NoError(t, err)
	require.Equal(t, quote.LidoValue{SOLBalance: 7, StSOLSupply: 5}, rate)
	// The programs require the current epoch. A later epoch is stale, too.
	for _, now := range []uint64{epoch - 1, epoch + 1} {
		_, err := quote.NewStakePoolValue(&pool, accounts.Clock{Epoch: now})
		require.ErrorIs(t, err, quote.ErrStalePool)
		_, err = quote.NewLidoValue(&lido, accounts.Clock{Epoch: now})
		require.ErrorIs(t, err, quote.ErrStalePool)
	}
}

// TestNewMarinadeValue_State checks the value of mSOL from decoded state, and
// the states that the calculator program refuses.
func TestNewMarinadeValue_State(t *testing.T) {
	state := func(change func(*accounts.MarinadeState)) *accounts.MarinadeState {
		// The five fields of the dump from which mSOL's value is calculated.
		s := &accounts.MarinadeState{
			AvailableReserveBalance:     1_079_913_216_896_623,
			EmergencyCoolingDown:        272_852_434_502_954,
			CirculatingTicketBalance:    757_853_719_175_662,
			MSOLSupply:                  3_708_024_471_418_784,
			WithdrawStakeAccountFee:     1000,
			WithdrawStakeAccountEnabled: true,
		}

		s.ValidatorSystem.TotalActiveBalance = 4_220_827_648_758_128
		change(s)
		return s
	}

	for _, test := range []struct {
		name   string
		change func(*accounts.MarinadeState)
		want   quote.MarinadeValue
		err    error
	}{
		{"as dumped", func(*accounts.MarinadeState) {}, msolValue, nil},
		{
			"stake that cools down",
			func(s *accounts.MarinadeState) { s.StakeSystem.DelayedUnstakeCoolingDown = 5 },
			quote.MarinadeValue{Lamports: msolValue.Lamports + 5, Supply: msolValue.Supply,
				FeeCents: 1000},
			nil,
		},
		{
			"more tickets than there is",
			func(s *accounts.MarinadeState) { s.CirculatingTicketBalance = math.MaxUint64 },
			quote.MarinadeValue{Supply: msolValue.Supply, FeeCents: 1000}, nil,
		},
		{"fee of 100 %",
			func(s *accounts.MarinadeState) { s.WithdrawStakeAccountFee = 1_000_000 },
			quote.MarinadeValue{
				Lamports: msolValue.Lamports,
				Supply:   msolValue.Supply,
				FeeCents: 1_000_000,
			}, nil},
		{"paused", func(s *accounts.MarinadeState) { s.Paused = true }, quote.MarinadeValue{},
			quote.ErrDisabled},
		{"stake not withdrawn",
			func(s *accounts.MarinadeState) { s.WithdrawStakeAccountEnabled = false },
			quote.MarinadeValue{}, quote.ErrDisabled},
		{"fee above all", func(s *accounts.MarinadeState) { s.WithdrawStakeAccountFee = 1_000_001 },
			quote.MarinadeValue{}, quote.ErrInvalidState},
		{"overflow", func(s *accounts.MarinadeState) { s.EmergencyCoolingDown = math.MaxUint64 },
			quote.MarinadeValue{}, quote.ErrInvalidState},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := quote.NewMarinadeValue(state(test.change))
			if test.err != nil {
				require.ErrorIs(t, err, test.err)
				return
			}

			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestSOLValueCalculator_Errors(t *testing.T) {
	allFee := jupsolValue
	allFee.WithdrawalFee = accounts.Fee{Numerator: 5, Denominator: 5}
	got, err := allFee.LSTToSOL(sol)
	require.NoError(t, err)
	require.Zero(t, got)
	_, err = allFee.SOLToLST(0)
	require.ErrorIs(t, err, quote.ErrAmountTooLarge,
		"the maximum for zero is already one token unit")
	aboveAll := jupsolValue
	aboveAll.WithdrawalFee = accounts.Fee{Numerator: 2, Denominator: 1}
	for _, ask := range []func(uint64) (quote.MinMax, error){aboveAll.LSTToSOL, aboveAll.SOLToLST} {
		_, err := ask(1)
		require.ErrorIs(t, err, quote.ErrInvalidState)
	}

	oneToOne := func(feeCents uint32) quote.MarinadeValue {
		return quote.MarinadeValue{Lamports: 1, Supply: 1, FeeCents: feeCents}
	}

	for name, ask := range map[string]func(uint64) (quote.MinMax, error){
		"jupSOL": jupsolValue.LSTToSOL, "stSOL": stsolValue.LSTToSOL, "mSOL": msolValue.LSTToSOL,
		"worthless stake pool": quote.StakePoolValue{}.SOLToLST,
		"worthless Lido":       quote.LidoValue{}.SOLToLST,
		"worthless Marinade":   quote.MarinadeValue{FeeCents: 1}.SOLToLST,
		"fee of 100 %":         oneToOne(1_000_000).SOLToLST,
		"a fee that overflows": oneToOne(999_999).SOLToLST,
		"few tokens for much":  quote.StakePoolValue{TotalLamports: 1, PoolTokenSupply: 2}.SOLToLST,
	} {
		_, err := ask(math.MaxUint64)
		require.ErrorIs(t, err, quote.ErrAmountTooLarge, name)
	}
}

// TestSOLValueCalculator_Inverse checks that the minimum number of tokens for a
// value is worth at most the value, and the maximum at least the value. The
// pool pays the minimum and charges the maximum.
func TestSOLValueCalculator_Inverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := drawInfinity(t, variants()["version 2, flatslab"])
		for _, mint := range sortedMints(i) {
			value := i.LSTs[mint].Value
			y := drawAmount(t, "value", 1_000_000*sol)
			r, err := value.SOLToLST(y)
			if err != nil {
				require.ErrorIs(t, err, quote.ErrAmountTooLarge)
				continue
			}

			require.LessOrEqual(t, r.Min, r.Max)
			low, err := value.LSTToSOL(r.Min)
			require.NoError(t, err)
			require.LessOrEqual(t, low.Min, y)
			if high, err := value.LSTToSOL(r.Max); err == nil {
				require.GreaterOrEqual(t, high.Min, y)
			}
		}
	})
}
