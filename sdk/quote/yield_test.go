package quote_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// mainnetEpoch has the relevant fields of mainnet's epoch schedule.
var mainnetEpoch = accounts.EpochSchedule{SlotsPerEpoch: 432_000}

// TestEpochGrowth_RealPools annualizes the growth of real pools at 182.625
// epochs a year. The expected growth and APY were calculated independently in
// floating point.
func TestEpochGrowth_RealPools(t *testing.T) {
	year := quote.EpochsPerYear(quote.SlotTime{Nanos: 400_000_000}, mainnetEpoch)
	require.Equal(t, "182.6250", year.FloatString(4))
	jupsolAt751 := func() quote.StakePoolState {
		s := jupsol()
		s.State.TotalLamports = 4_135_211_783_809_274
		s.State.PoolTokenSupply = 3_792_758_591_416_065
		s.State.LastEpochTotalLamports = 4_131_746_905_851_947
		s.State.LastEpochPoolTokenSupply = 3_791_378_144_970_267

		return s
	}

	for _, test := range []struct {
		name               string
		pool               func() quote.StakePoolState
		price, growth, apy string
	}{
		{"jupSOL at epoch 751", jupsolAt751, "1.0902913234", "0.000474325", "0.09046"},
		{"jupSOL, newer", jupsol, "1.1144210729", "0.000414992", "0.07872"},
		{"bSOL at epoch 802", bsol, "1.2243957941", "0.000385933", "0.07301"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := test.pool()
			require.Equal(t, test.price, s.Price().Rat().FloatString(10))
			require.Equal(t, s.Price().Rat().FloatString(9), s.Price().String())
			g, err := s.EpochGrowth()
			require.NoError(t, err)
			require.Equal(t, test.growth, g.FloatString(9))
			require.Equal(t, test.apy, quote.APY(g, year).FloatString(5))
		})
	}
}

func TestEpochGrowth_Loss(t *testing.T) {
	s := plain()
	s.State.TotalLamports = 999 * sol
	s.State.LastEpochTotalLamports = 1000 * sol
	s.State.LastEpochPoolTokenSupply = 1000 * sol
	g, err := s.EpochGrowth()
	require.NoError(t, err)
	require.Equal(t, big.NewRat(-1, 1000), g)
	require.Equal(t, -1, quote.APY(g, big.NewRat(182, 1)).Sign())
}

func TestEpochGrowth_Refusals(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*quote.StakePoolState)
		want   error
	}{
		{"behind by an epoch", func(s *quote.StakePoolState) { s.Clock.Epoch++ },
			quote.ErrStalePool},
		{"never updated",
			func(s *quote.StakePoolState) {
				s.State.LastEpochTotalLamports, s.State.LastEpochPoolTokenSupply = 0, 0
			},
			quote.ErrNoYield},
		{"no lamports before", func(s *quote.StakePoolState) { s.State.LastEpochTotalLamports = 0 },
			quote.ErrNoYield},
		{"no tokens before", func(s *quote.StakePoolState) { s.State.LastEpochPoolTokenSupply = 0 },
			quote.ErrNoYield},
		{"no tokens now", func(s *quote.StakePoolState) { s.State.PoolTokenSupply = 0 },
			quote.ErrNoYield},
		// picoSOL as dumped and edited in igneous-labs/sanctum-router-sdk.
		{"7.3 % in one epoch", func(s *quote.StakePoolState) {
			s.State.TotalLamports = 128_350_525_083_404
			s.State.PoolTokenSupply = 108_350_525_083_404
			s.State.LastEpochTotalLamports = 119_609_190_508_444
			s.State.LastEpochPoolTokenSupply = 108_350_488_973_931
		}, quote.ErrNoYield},
		{"loss of more than 1 %",
			func(s *quote.StakePoolState) {
				s.State.LastEpochTotalLamports = 1_160_000_000_000_000
			},
			quote.ErrNoYield},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := bsol()
			test.change(&s)
			_, err := s.EpochGrowth()
			requireRefusal(t, err, test.want, s.Address)
		})
	}

	s := plain()
	s.State.TotalLamports = 1010 * sol
	s.State.LastEpochTotalLamports = 1000 * sol
	s.State.LastEpochPoolTokenSupply = 1000 * sol
	g, err := s.EpochGrowth()
	require.NoError(t, err, "1 % is the most that counts as yield")
	require.Equal(t, big.NewRat(1, 100), g)
}

func TestEpochsPerYear_Slots(t *testing.T) {
	millis := func(ms int64) quote.SlotTime {
		return quote.SlotTime{Nanos: ms * 1_000_000, Source: quote.SlotTimeClock}
	}
	for _, test := range []struct {
		name     string
		slot     quote.SlotTime
		schedule accounts.EpochSchedule
		want     string
	}{
		{"slots of 200 ms", millis(200), mainnetEpoch, "365.250"},
		{"slots of 400 ms", millis(400), mainnetEpoch, "182.625"},
		{"slots of 500 ms", millis(500), mainnetEpoch, "146.100"},
		{"short epochs", millis(400), accounts.EpochSchedule{SlotsPerEpoch: 8192}, "9630.615"},
		{"longest epochs", millis(400), accounts.EpochSchedule{SlotsPerEpoch: math.MaxUint64},
			"0.000"},
		{"slot time unknown", quote.SlotTime{}, mainnetEpoch, "0.000"},
		{"negative slot time", millis(-1), mainnetEpoch, "0.000"},
		{"no schedule", millis(200), accounts.EpochSchedule{}, "0.000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want,
				quote.EpochsPerYear(test.slot, test.schedule).FloatString(3))
		})
	}
}

func TestAPY_Growth(t *testing.T) {
	require.Zero(t, quote.APY(new(big.Rat), big.NewRat(365, 2)).Sign(), "no growth")
	require.Zero(t, quote.APY(big.NewRat(1, 100), new(big.Rat)).Sign(), "no epochs")
	require.Equal(t, big.NewRat(1, 1000), quote.APY(big.NewRat(1, 500), big.NewRat(1, 2)),
		"half an epoch counts linearly")
	require.Equal(t, big.NewRat(21, 100), quote.APY(big.NewRat(1, 10), big.NewRat(2, 1)))
	require.Equal(t, big.NewRat(-19, 100), quote.APY(big.NewRat(-1, 10), big.NewRat(2, 1)))
	rapid.Check(t, func(t *rapid.T) {
		growth := big.NewRat(rapid.Int64Range(-100_000, 100_000).Draw(t,
			"growth in millionths of a percent"),
			10_000_000)
		epochs := rapid.Int64Range(0, 400).Draw(t, "epochs")
		exact := big.NewRat(1, 1)
		factor := new(big.Rat).Add(growth, big.NewRat(1, 1))
		for range epochs {
			exact.Mul(exact, factor)
		}

		exact.Sub(exact, big.NewRat(1, 1))
		got := quote.APY(growth, big.NewRat(epochs, 1))
		off, _ := new(big.Rat).Sub(got, exact).Float64()
		require.Less(t, math.Abs(off), 1e-10)
	})
}

func TestStakePoolState_FloorPrice(t *testing.T) {
	s := pico()
	floor, err := s.FloorPrice(10 * sol)
	require.NoError(t, err)
	require.Equal(t, quote.Price{Lamports: 13_320_102_670, Tokens: 10 * sol}, floor,
		"what the program paid as stake for 10 tokens")
	require.Equal(t, "1.332010267", floor.String())
	require.Negative(t, floor.Rat().Cmp(s.Price().Rat()))

	s.Rounding = quote.FeesUnknown
	s.State.StakeWithdrawalFee = accounts.Fee{Numerator: 1, Denominator: 7}
	worst, err := s.FloorPrice(1000)
	require.NoError(t, err)
	require.Equal(t, uint64(1142), worst.Lamports,
		"the least of both roundings: floor(857 * 1000007707999 / 750000000000)")

	s.Clock.Epoch++
	_, err = s.FloorPrice(10 * sol)
	requireRefusal(t, err, quote.ErrStalePool, s.Address)
	require.Equal(t, "0.000000000", quote.Price{Lamports: 5}.String(),
		"a pool without tokens has no price")
}
