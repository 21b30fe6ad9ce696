package quote_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

func TestMeasureSlotTime_Samples(t *testing.T) {
	const second = 1_000_000_000
	for _, test := range []struct {
		name  string
		nanos int64
		slots uint64
		want  int64 // 0: no measurement
	}{
		{"300 slots in a minute", 60 * second, 300, 200_000_000},
		{"150 slots in a minute", 60 * second, 150, 400_000_000},
		{"rounded down", 60 * second, 301, 199_335_548},
		{"shortest", 20_000_000, 1, 20_000_000},
		{"too short", 19_999_999, 1, 0},
		{"longest", 2 * second, 1, 2 * second},
		{"too long", 2*second + 1, 1, 0},
		{"no slots", 60 * second, 0, 0},
		{"no time", 0, 300, 0},
		{"time that goes back", -60 * second, 300, 0},
		{"more slots than nanoseconds", second, math.MaxUint64, 0},
		{"all time there is", math.MaxInt64, 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := quote.MeasureSlotTime(test.nanos, test.slots, quote.SlotTimeSeen)
			require.Equal(t, test.want, got.Nanos)
			require.Equal(t, test.want != 0, got.Measured())
			if got.Measured() {
				require.Equal(t, quote.SlotTimeSeen, got.Source)
			}
		})
	}
}

func TestClockSlotTime_Clocks(t *testing.T) {
	const start = 1_750_000_000
	at := func(epoch, passed uint64, seconds int64) accounts.Clock {
		return accounts.Clock{
			Epoch:               epoch,
			Slot:                epoch*432_000 + passed,
			EpochStartTimestamp: start,
			UnixTimestamp:       start + seconds,
		}
	}

	warmedUp := accounts.EpochSchedule{SlotsPerEpoch: 432_000, FirstNormalEpoch: 14,
		FirstNormalSlot: 524_256}
	inWarmup := accounts.Clock{
		Epoch:               13,
		Slot:                500_000,
		EpochStartTimestamp: start,
		UnixTimestamp:       start + 86_400,
	}

	afterWarmup := accounts.Clock{
		Epoch:               15,
		Slot:                524_256 + 432_000 + 216_000,
		EpochStartTimestamp: start,
		UnixTimestamp:       start + 43_200,
	}

	for _, test := range []struct {
		name     string
		clock    accounts.Clock
		schedule accounts.EpochSchedule
		want     int64 // milliseconds, 0: unknown
	}{
		{"slots of 200 ms", at(900, 216_000, 43_200), mainnetEpoch, 200},
		{"slots of 500 ms", at(900, 100_000, 50_000), mainnetEpoch, 500},
		{"ten minutes of 200 ms", at(900, 3000, 600), mainnetEpoch, 200},
		{"ten minutes of 400 ms", at(900, 1500, 600), mainnetEpoch, 400},
		{"too early", at(900, 2995, 599), mainnetEpoch, 0},
		{"first slot", at(900, 0, 0), mainnetEpoch, 0},
		{"first slot, and time has passed", at(900, 0, 3600), mainnetEpoch, 0},
		{"time stands still", at(900, 216_000, 0), mainnetEpoch, 0},
		{"time goes back", at(900, 216_000, -5), mainnetEpoch, 0},
		{"a network that stood still", at(900, 3000, 86_400), mainnetEpoch, 0},
		{"slots that fly", at(900, 216_000, 3600), mainnetEpoch, 0},
		{"last slot", at(900, 431_999, 86_400), mainnetEpoch, 200},
		{"warming up", inWarmup, warmedUp, 0},
		{"counted from the first normal slot", afterWarmup, warmedUp, 200},
		{"no schedule", at(900, 216_000, 43_200), accounts.EpochSchedule{}, 0},
		{"no clock", accounts.Clock{}, mainnetEpoch, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := quote.ClockSlotTime(test.clock, test.schedule)
			require.Equal(t, test.want, got.Nanos/1_000_000)
			require.Equal(t, test.want != 0, got.Measured())
			if got.Measured() {
				require.Equal(t, quote.SlotTimeClock, got.Source)
			}
		})
	}
}

// TestClockSlotTime_Hostile checks with arbitrary clocks and schedules that it
// does not panic and that measurements are plausible.
func TestClockSlotTime_Hostile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.OneOf(rapid.Int64(), rapid.Int64Range(1_750_000_000, 1_750_100_000))
		clock := accounts.Clock{
			Slot:                rapid.Uint64().Draw(t, "slot"),
			Epoch:               rapid.Uint64().Draw(t, "epoch"),
			EpochStartTimestamp: seconds.Draw(t, "start"),
			UnixTimestamp:       seconds.Draw(t, "now"),
		}

		schedule := accounts.EpochSchedule{
			SlotsPerEpoch: rapid.OneOf(rapid.Uint64(), rapid.Just(uint64(432_000))).Draw(t,
				"slots per epoch"),
			FirstNormalEpoch: rapid.OneOf(rapid.Uint64(), rapid.Just(uint64(0))).Draw(t,
				"first epoch"),
			FirstNormalSlot: rapid.OneOf(rapid.Uint64(), rapid.Just(uint64(0))).Draw(t,
				"first slot"),
		}

		got := quote.ClockSlotTime(clock, schedule)
		if got != (quote.SlotTime{}) {
			require.True(t, got.Measured())
			require.GreaterOrEqual(t, got.Nanos, int64(20_000_000))
			require.LessOrEqual(t, got.Nanos, int64(2_000_000_000))
		}

		require.GreaterOrEqual(t, quote.EpochsPerYear(got, schedule).Sign(), 0)
	})
}

func TestSlotTime_String(t *testing.T) {
	require.Equal(t, "unknown", quote.SlotTime{}.String())
	require.Equal(t, "199.3 ms by the node's performance samples", quote.SlotTime{
		Nanos:  199_335_548,
		Source: quote.SlotTimeSamples,
	}.String())
	require.Equal(t, "400.0 ms by an assumption", quote.SlotTime{
		Nanos:  quote.AssumedSlotNanos,
		Source: quote.SlotTimeAssumed,
	}.String())
}

func TestSlotTime_Measured(t *testing.T) {
	require.False(t, quote.SlotTime{}.Measured())
	require.False(t, quote.SlotTime{Nanos: 200_000_000}.Measured(), "without a source")
	require.False(t, quote.SlotTime{Source: quote.SlotTimeClock}.Measured(), "without a time")
	require.False(t, quote.SlotTime{Nanos: 400_000_000, Source: quote.SlotTimeAssumed}.Measured())
	require.True(t, quote.SlotTime{Nanos: 200_000_000, Source: quote.SlotTimeSamples}.Measured())
}
