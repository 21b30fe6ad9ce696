package sdk

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

const (
	testEpoch = 1100
	// lag is the largest error of the Clock sysvar in seconds.
	lag = 2
)

var testSchedule = accounts.EpochSchedule{SlotsPerEpoch: 432_000}

// testChain is a chain with slots of one duration.
type testChain struct {
	slotTime time.Duration
	start    time.Time // time of slot 0 of epoch testEpoch
	random   *rand.Rand
}

func newTestChain(t *testing.T, slotTime time.Duration) *testChain {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return &testChain{
		slotTime: slotTime,
		start:    time.Unix(1_790_000_000, 0),
		random:   rand.New(rand.NewPCG(seed, 0)),
	}
}

// at returns the time of a slot, counted from the first slot of the epoch. It
// may be negative.
func (c *testChain) at(slot int64) time.Time {
	return c.start.Add(time.Duration(slot) * c.slotTime)
}

// clock returns the Clock sysvar at a slot of the epoch or of the one before.
// It has whole seconds and an error.
func (c *testChain) clock(slot int64) accounts.Clock {
	clock := accounts.Clock{
		Slot:                uint64(testEpoch*432_000 + slot),
		Epoch:               testEpoch,
		EpochStartTimestamp: c.start.Unix() + lag,
		UnixTimestamp:       c.at(slot).Unix() + c.random.Int64N(2*lag+1) - lag,
	}
	if slot < 0 {
		clock.Epoch--
		clock.EpochStartTimestamp = c.at(-432_000).Unix()
	}

	return clock
}

// samples returns the performance samples of a node.
func (c *testChain) samples() (s performanceSamples) {
	for i := range s {
		s[i].Seconds = 60
		s[i].Slots = uint64(time.Minute/c.slotTime) + c.random.Uint64N(3) - 1
	}
	return s
}

// requireClose checks that a slot time is within one percent of the true one.
func (c *testChain) requireClose(t *testing.T, got SlotTime, slot int64) {
	t.Helper()
	off := (got.Duration - c.slotTime).Abs()
	if off > c.slotTime/100 {
		t.Fatalf("slot %d: %s by %s, where %s is right", slot, got.Duration, got.Source, c.slotTime)
	}
}

// TestSlotClock_EverySlot estimates the slot time in each slot of an epoch.
func TestSlotClock_EverySlot(t *testing.T) {
	for _, slotTime := range []time.Duration{200 * time.Millisecond, 400 * time.Millisecond} {
		t.Run(fmt.Sprintf("%s, a new client", slotTime), func(t *testing.T) {
			chain := newTestChain(t, slotTime)
			sources := make(map[quote.SlotTimeSource]int)
			for slot := range int64(432_000) {
				var s slotClock
				s.told(chain.samples())
				s.saw(chain.clock(slot), testSchedule, chain.at(slot))
				got := s.estimate()
				chain.requireClose(t, got, slot)
				sources[got.Source]++
			}

			require.Len(t, sources, 2)
			require.NotZero(t, sources[quote.SlotTimeSamples])
			require.NotZero(t, sources[quote.SlotTimeClock])
		})

		t.Run(fmt.Sprintf("%s, a client that lives on, without samples", slotTime),
			func(t *testing.T) {
				chain := newTestChain(t, slotTime)
				sources := make(map[quote.SlotTimeSource]int)
				var s slotClock
				for slot := int64(-3000); slot < 432_000; slot++ {
					s.saw(chain.clock(slot), testSchedule, chain.at(slot))
					if slot < 0 {
						continue
					}

					got := s.estimate()
					chain.requireClose(t, got, slot)
					sources[got.Source]++
				}

				require.Len(t, sources, 2)
				require.NotZero(t, sources[quote.SlotTimeSeen])
				require.NotZero(t, sources[quote.SlotTimeClock])
				require.LessOrEqual(t, len(s.readings), maxReadings)
			})
	}
}

func TestSlotClock_NothingMeasured(t *testing.T) {
	var s slotClock
	require.Equal(t, SlotTime{Duration: 400 * time.Millisecond, Source: quote.SlotTimeAssumed},
		s.estimate())
	require.Equal(t, 400*time.Millisecond, s.longest())

	s.told(performanceSamples{})
	require.Equal(t, quote.SlotTimeAssumed, s.estimate().Source, "a node without samples")
	s.saw(accounts.Clock{}, accounts.EpochSchedule{}, time.Time{})
	require.Equal(t, quote.SlotTimeAssumed, s.estimate().Source, "a clock at zero")
}

// wrongSlotTime is a wrong answer of a node and the expected slot time.
type wrongSlotTime struct {
	name              string
	samples           performanceSamples
	first, last       accounts.Clock
	between           time.Duration
	estimate, longest time.Duration
	source            quote.SlotTimeSource
}

// wrongSlotTimes returns the cases of [TestSlotClock_WrongAnswers].
func wrongSlotTimes() []wrongSlotTime {
	samples := func(slots uint64) (s performanceSamples) {
		for i := range s {
			s[i].Seconds, s[i].Slots = 60, slots
		}

		return s
	}

	clock := func(passed uint64, seconds int64) accounts.Clock {
		return accounts.Clock{
			Slot:                testEpoch*432_000 + passed,
			Epoch:               testEpoch,
			EpochStartTimestamp: 1_790_000_000,
			UnixTimestamp:       1_790_000_000 + seconds,
		}
	}

	return []wrongSlotTime{
		{
			name:     "slots of a millisecond",
			samples:  samples(60_000),
			first:    clock(0, 0),
			last:     clock(400_000, 400),
			between:  400 * time.Second,
			estimate: assumedSlotTime,
			longest:  assumedSlotTime,
			source:   quote.SlotTimeAssumed,
		},
		{
			name:     "slots of 50 ms",
			samples:  samples(1200),
			first:    clock(0, 0),
			last:     clock(20_000, 1000),
			between:  1000 * time.Second,
			estimate: 50 * time.Millisecond,
			longest:  assumedSlotTime / 2,
			source:   quote.SlotTimeClock,
		},
		{
			name:     "the chain's time runs twice as fast",
			samples:  samples(300),
			first:    clock(100, 20),
			last:     clock(1600, 620-21),
			between:  300 * time.Second,
			estimate: 386 * time.Millisecond,
			longest:  386 * time.Millisecond,
			source:   quote.SlotTimeSeen,
		},
		{
			name:     "the chain's time runs half as fast",
			samples:  samples(300),
			first:    clock(100, 20),
			last:     clock(1600, 170),
			between:  300 * time.Second,
			estimate: 200 * time.Millisecond,
			longest:  assumedSlotTime / 2,
			source:   quote.SlotTimeSeen,
		},
		{
			name:     "samples of a node that catches up",
			samples:  samples(1500),
			first:    clock(100, 20),
			last:     clock(101, 20),
			between:  time.Second,
			estimate: 40 * time.Millisecond,
			longest:  assumedSlotTime,
			source:   quote.SlotTimeSamples,
		},
		{
			name:     "slots of a second",
			samples:  samples(60),
			first:    clock(100, 20),
			last:     clock(101, 20),
			between:  time.Second,
			estimate: time.Second,
			longest:  time.Second,
			source:   quote.SlotTimeSamples,
		},
		{
			name:     "slots of an hour",
			samples:  samples(1),
			first:    clock(0, 0),
			last:     clock(1, 3600),
			between:  time.Hour,
			estimate: assumedSlotTime,
			longest:  assumedSlotTime,
			source:   quote.SlotTimeAssumed,
		},
	}
}

// TestSlotClock_WrongAnswers lets a node lie in all its answers: they do not
// shorten the longest slot time, nor extend it without bound.
func TestSlotClock_WrongAnswers(t *testing.T) {
	start := time.Unix(1_790_000_000, 0)
	for _, c := range wrongSlotTimes() {
		t.Run(c.name, func(t *testing.T) {
			var s slotClock
			s.told(c.samples)
			s.saw(c.first, testSchedule, start)
			s.saw(c.last, testSchedule, start.Add(c.between))
			got := s.estimate()
			require.Equal(t, c.source, got.Source)
			require.Equal(t, c.estimate, got.Duration.Truncate(time.Millisecond))
			require.Equal(t, c.longest, s.longest().Truncate(time.Millisecond))
		})
	}
}

// TestSlotClock_Forget checks that data of one cluster has no effect on another
// one, whose slots may be lower.
func TestSlotClock_Forget(t *testing.T) {
	chain := newTestChain(t, 200*time.Millisecond)
	var s slotClock
	s.told(chain.samples())
	s.saw(chain.clock(10_000), testSchedule, chain.at(10_000))
	s.saw(chain.clock(20_000), testSchedule, chain.at(20_000))
	require.True(t, s.estimate().data().Measured())
	s.forget()
	require.Equal(t, quote.SlotTimeAssumed, s.estimate().Source)
	require.Equal(t, assumedSlotTime, s.longest())

	slower := newTestChain(t, 400*time.Millisecond)
	s.saw(slower.clock(0), testSchedule, slower.at(0))
	s.saw(slower.clock(1000), testSchedule, slower.at(1000))
	slower.requireClose(t, s.estimate(), 1000)
	require.Equal(t, quote.SlotTimeSeen, s.estimate().Source)
}

// TestSlotClock_Median checks that a few wrong samples have no effect.
func TestSlotClock_Median(t *testing.T) {
	var s performanceSamples
	for i := range s {
		s[i].Seconds, s[i].Slots = 60, 300
	}
	s[0].Slots, s[3].Slots, s[6].Slots, s[9].Slots = 900, 900, 60, 0
	var c slotClock
	c.told(s)
	require.Equal(t, SlotTime{Duration: 200 * time.Millisecond, Source: quote.SlotTimeSamples},
		c.estimate())
}

// TestSlotClock_Readings checks which readings are kept.
func TestSlotClock_Readings(t *testing.T) {
	chain := newTestChain(t, 200*time.Millisecond)
	var s slotClock
	see := func(slot int64) { s.saw(chain.clock(slot), testSchedule, chain.at(slot)) }

	see(0)
	see(10)
	see(20)
	require.Len(t, s.readings, 2, "the first and the latest")
	require.Equal(t, uint64(testEpoch*432_000+20), s.readings[1].slot)
	see(15)
	require.Equal(t, uint64(testEpoch*432_000+20), s.readings[1].slot, "slots do not go back")
	s.saw(chain.clock(30), testSchedule, chain.at(10))
	require.Equal(t, uint64(testEpoch*432_000+20), s.readings[1].slot, "time does not go back")

	for slot := int64(30); slot < 100_000; slot += 10 {
		see(slot)
	}

	require.Len(t, s.readings, maxReadings)
	span := s.readings[maxReadings-1].local.Sub(s.readings[0].local)
	require.Greater(t, span, time.Hour)
	require.Less(t, span, 66*time.Minute)
}
