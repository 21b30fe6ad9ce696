package quote_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/demo"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// TestPriceHistory_TenRealPools computes the yields of twelve real pools from
// their accounts of epoch 793: T lamports for P tokens after the update of the
// epoch, T0 for P0 before it.
//
//	growth = (T * P0) / (P * T0) - 1
//	APY    = (1 + growth)^182 * (1 + 0.625 * growth) - 1
//
// at 182.625 epochs a year, which are 432,000 slots of 400 ms. The expected
// figures were calculated independently with 60 decimals.
func TestPriceHistory_TenRealPools(t *testing.T) {
	market, err := demo.Load()
	require.NoError(t, err)
	states := make(map[string]quote.StakePoolState)
	for _, pool := range market.StakePools {
		states[pool.Symbol] = quote.StakePoolState{State: pool.State, Clock: market.Chain.Clock}
	}

	year := quote.EpochsPerYear(quote.SlotTime{Nanos: 400_000_000}, mainnetEpoch)
	for _, test := range []struct {
		symbol       string
		t, p, t0, p0 uint64
		growth, apy  string
	}{
		{"BNSOL", 8_880_602_670_021_470, 8_419_652_204_022_270,
			8_739_352_464_508_322, 8_288_436_383_292_588, "0.000326193032", "0.061371"},
		{"JitoSOL", 18_256_130_561_069_428, 15_141_078_027_404_340,
			18_247_017_133_374_787, 15_139_609_727_946_138, "0.000402424534", "0.076245"},
		{"JupSOL", 5_050_293_127_747_600, 4_539_159_841_212_928,
			5_049_272_764_368_463, 4_540_130_125_545_433, "0.000415883026", "0.078892"},
		{"RoXSOL", 15_718_190_349_761, 12_992_357_929_729,
			15_712_048_913_211, 12_992_104_101_709, "0.000371329974", "0.070153"},
		{"bSOL", 1_141_191_357_510_406, 935_274_706_631_034,
			1_139_078_966_834_791, 933_903_227_305_205, "0.000385361189", "0.072898"},
		{"bbSOL", 1_846_629_694_129_037, 1_702_329_318_636_190,
			1_770_456_289_076_078, 1_632_648_218_227_038, "0.000330811143", "0.062266"},
		{"bonkSOL", 82_940_224_947_511, 74_671_992_652_849,
			80_548_977_668_619, 72_546_230_779_630, "0.000373752906", "0.070626"},
		{"dSOL", 1_646_189_754_215_775, 1_473_752_356_110_456,
			1_644_889_471_597_977, 1_473_200_663_817_743, "0.000415857238", "0.078887"},
		{"fSOL", 1_528_927_463, 1_526_771_709,
			1_502_319_838, 1_500_734_828, "0.000355437453", "0.067053"},
		{"hSOL", 591_535_541_182_126, 539_867_134_777_881,
			591_327_002_328_254, 539_898_360_726_705, "0.000410522952", "0.077837"},
		{"hubSOL", 69_460_294_929_352, 62_689_060_546_047,
			69_433_633_291_412, 62_687_557_636_649, "0.000360004130", "0.067943"},
		{"picoSOL", 205_987_549_559_185, 183_086_132_026_967,
			205_907_539_432_056, 183_089_351_741_322, "0.000406165705", "0.076980"},
	} {
		points := states[test.symbol].PricePoints()
		require.Equal(t, []quote.PricePoint{
			{Epoch: 792, Price: quote.Price{Lamports: test.t0, Tokens: test.p0}},
			{Epoch: 793, Price: quote.Price{Lamports: test.t, Tokens: test.p}},
		}, points, test.symbol)

		growth, err := historyOf(t, points...).Growth()
		require.NoError(t, err)
		require.Equal(t, test.growth, growth.Growth.FloatString(12), test.symbol)
		require.Equal(t, test.apy, growth.APY(year).FloatString(6), test.symbol)
		same, err := states[test.symbol].EpochGrowth()
		require.NoError(t, err)
		require.Zero(t, same.Cmp(growth.Growth), test.symbol)
	}
}

func historyOf(t *testing.T, points ...quote.PricePoint) quote.PriceHistory {
	t.Helper()
	var history quote.PriceHistory
	for _, point := range points {
		require.NoError(t, history.Add(point))
	}
	return history
}

// bsolPoints are prices of bSOL: those of the account of epoch 793, and those
// of the account of epoch 802, a test input of Sanctum's Router SDK.
var bsolPoints = []quote.PricePoint{
	{801, quote.Price{Lamports: 1_143_765_949_243_349, Tokens: 934_507_756_460_400}},
	{792, quote.Price{Lamports: 1_139_078_966_834_791, Tokens: 933_903_227_305_205}},
	{802, quote.Price{Lamports: 1_144_546_482_246_437, Tokens: 934_784_722_219_576}},
	{793, quote.Price{Lamports: 1_141_191_357_510_406, Tokens: 935_274_706_631_034}},
}

// TestPriceHistory_Epochs follows bSOL over ten epochs, of which eight are
// known together only. The figures were calculated independently.
func TestPriceHistory_Epochs(t *testing.T) {
	history := historyOf(t, bsolPoints...)
	var texts []string
	product := big.NewRat(1, 1)
	for _, g := range history.PerEpoch() {
		texts = append(texts, g.Growth.FloatString(12))
		product.Mul(product, new(big.Rat).Add(g.Growth, big.NewRat(1, 1)))
	}

	require.Equal(t, []string{"0.000385361189", "0.003078607284", "0.000385933235"}, texts)
	require.Equal(t, uint64(8), history.PerEpoch()[1].Epochs())

	all, err := history.Growth()
	require.NoError(t, err)
	require.Equal(t, uint64(10), all.Epochs())
	require.Equal(t, "0.003852425401", all.Growth.FloatString(12))
	require.Zero(t, product.Cmp(new(big.Rat).Add(all.Growth, big.NewRat(1, 1))))
	require.Equal(t, "0.072745", all.APY(big.NewRat(182_625, 1000)).FloatString(6))
	require.Nil(t, all.APY(nil))
	require.Zero(t, all.Average().Cmp(new(big.Rat).Quo(all.Growth, big.NewRat(10, 1))))
	require.Nil(t, quote.PriceGrowth{}.Average())
}

func TestPriceHistory_JSON(t *testing.T) {
	history := historyOf(t, bsolPoints...)
	text, err := json.Marshal(history)
	require.NoError(t, err)
	require.Contains(t, string(text),
		`[{"epoch":792,"lamports":1139078966834791,"tokens":933903227305205},{"epoch":793,`)

	var read quote.PriceHistory
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, history.Points(), read.Points())

	for name, text := range map[string]string{
		"conflict":   `[{"epoch":1,"lamports":10,"tokens":10},{"epoch":1,"lamports":11,"tokens":10}]`,
		"no price":   `[{"epoch":1,"lamports":0,"tokens":10}]`,
		"not a list": `{"epoch":1}`,
		"negative":   `[{"epoch":-1,"lamports":10,"tokens":10}]`,
	} {
		require.Error(t, json.Unmarshal([]byte(text), &read), name)
		require.Equal(t, history.Points(), read.Points(), name)
	}
}

// TestPriceHistory_Add tells the rounding of deposits from another price: a
// deposit into a pool of 1,000 SOL raises the price by less than a billionth.
func TestPriceHistory_Add(t *testing.T) {
	history := historyOf(t, quote.PricePoint{Epoch: 5, Price: quote.Price{
		Lamports: 1_000_000_000_000,
		Tokens:   900_000_000_000,
	}})

	require.NoError(t, history.Add(quote.PricePoint{Epoch: 5, Price: quote.Price{
		Lamports: 1_000_000_000_010,
		Tokens:   900_000_000_008,
	}}))

	require.Len(t, history.Points(), 1)
	require.ErrorIs(t, history.Add(quote.PricePoint{Epoch: 5, Price: quote.Price{
		Lamports: 1_000_002_000_000,
		Tokens:   900_000_000_000,
	}}), quote.ErrPriceConflict)

	require.ErrorIs(t, history.Add(quote.PricePoint{Epoch: 6}), quote.ErrNoYield)
	_, err := history.Growth()
	require.ErrorIs(t, err, quote.ErrNoYield)
	require.Empty(t, history.PerEpoch())
}

// TestStakePoolState_PricePoints_OnePrice has one point where the account shows
// no growth of one update.
func TestStakePoolState_PricePoints_OnePrice(t *testing.T) {
	fresh := plain()
	fresh.State.LastEpochTotalLamports, fresh.State.LastEpochPoolTokenSupply = 0, 0
	require.Len(t, fresh.PricePoints(), 1)

	stale := bsol()
	stale.Clock.Epoch += 3
	require.Len(t, stale.PricePoints(), 2, "an old price is that of its own epoch")

	empty := plain()
	empty.State.TotalLamports = 0
	require.Empty(t, empty.PricePoints())
}
