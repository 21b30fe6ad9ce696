package sdk

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

const (
	// assumedSlotTime is the slot time before the first measurement.
	assumedSlotTime = time.Duration(quote.AssumedSlotNanos)
	// longestSlotTime limits the slot time that any source reports.
	longestSlotTime = 2 * time.Second
	// readingEvery is the interval of the stored readings, and maxReadings
	// their number. Together they cover about an hour.
	readingEvery = time.Minute
	maxReadings  = 64
	// minSeen is the least time of observation. Over this time the differences
	// between nodes are negligible.
	minSeen = 5 * time.Minute
	// maxSamples is the number of requested performance samples, one per
	// minute. The client uses their median.
	maxSamples = 10
)

// SlotTime is the average time of a slot, with the source of the measurement.
type SlotTime struct {
	// Duration is the time of a slot.
	Duration time.Duration
	// Source is the source of the measurement, or [quote.SlotTimeAssumed].
	Source quote.SlotTimeSource
}

// String returns the slot time in milliseconds with its source, for example
// "400.0 ms by the Clock sysvar".
func (s SlotTime) String() string { return s.data().String() }

// data returns the slot time in the form of package quote.
func (s SlotTime) data() quote.SlotTime {
	return quote.SlotTime{Nanos: s.Duration.Nanoseconds(), Source: s.Source}
}

// SlotTime returns the average time of a slot. It makes no request: the client
// learns the slot time from the markets that it loads, and from performance
// samples that it requests along with its first request. It uses the first
// available of these sources:
//
//   - the Clock sysvar, once the epoch is ten minutes old;
//   - the slots that the client has seen, once it has loaded markets for five
//     minutes;
//   - the performance samples of a node, which only one node reports;
//   - the assumption [quote.AssumedSlotNanos].
func (c *Client) SlotTime() SlotTime {
	if c == nil || c.slots == nil {
		return SlotTime{Duration: assumedSlotTime, Source: quote.SlotTimeAssumed}
	}

	return c.slots.estimate()
}

// slotClock estimates the slot time. Its methods make no request and always
// return a value. The zero value is ready to use.
type slotClock struct {
	mu sync.Mutex
	// readings are the observed slots, the oldest first.
	readings []reading
	// epoch is the slot time by the latest Clock sysvar, samples the one by the
	// samples of a node. Both are zero if they are not known.
	epoch, samples quote.SlotTime
}

// reading is an observed slot, with its time on the chain in Unix seconds and
// the local time of the observation.
type reading struct {
	slot  uint64
	chain int64
	local time.Time
}

// estimate returns the best estimate of the slot time.
func (s *slotClock) estimate() SlotTime {
	s.mu.Lock()
	defer s.mu.Unlock()

	best := cmp.Or(s.epoch, s.seen(), s.samples)
	if best.Source == "" {
		return SlotTime{Duration: assumedSlotTime, Source: quote.SlotTimeAssumed}
	}
	return SlotTime{Duration: time.Duration(best.Nanos), Source: best.Source}
}

// longest returns an upper bound of the slot time, for callers that wait for
// proof of expiry. It is the longest value of any source. It is at least the
// assumed value, or half of that if two sources agree that slots are faster, so
// that no node can shorten the wait further. It is at most two seconds.
func (s *slotClock) longest() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()

	told, sources := assumedSlotTime.Nanoseconds()/2, 0
	for _, source := range []quote.SlotTime{s.epoch, s.seen(), s.samples} {
		if source.Measured() {
			told = max(told, source.Nanos)
			sources++
		}
	}

	if sources < 2 {
		told = max(told, assumedSlotTime.Nanoseconds())
	}

	return min(time.Duration(told), longestSlotTime)
}

// seen measures the slot time between the oldest and the latest reading, by the
// time on the chain and by the local time. It uses the longer one: a machine
// that was suspended has missed time, and nodes may report a wrong time.
func (s *slotClock) seen() quote.SlotTime {
	if len(s.readings) < 2 {
		return quote.SlotTime{}
	}

	first, last := s.readings[0], s.readings[len(s.readings)-1]
	local, slots := last.local.Sub(first.local), last.slot-first.slot
	if local < minSeen {
		return quote.SlotTime{}
	}

	byLocal := quote.MeasureSlotTime(local.Nanoseconds(), slots, quote.SlotTimeSeen)
	if chain := last.chain - first.chain; chain > 0 && chain <= math.MaxUint32 {
		byChain := quote.MeasureSlotTime(chain*int64(time.Second), slots, quote.SlotTimeSeen)
		if byChain.Nanos > byLocal.Nanos {
			return byChain
		}
	}

	return byLocal
}

// saw adds a Clock sysvar that was just read.
func (s *slotClock) saw(clock accounts.Clock, schedule accounts.EpochSchedule, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.epoch = quote.ClockSlotTime(clock, schedule)
	next := reading{
		slot:  clock.Slot,
		chain: clock.UnixTimestamp,
		local: now,
	}
	if len(s.readings) == 0 {
		s.readings = append(s.readings, next)
		return
	}

	last := &s.readings[len(s.readings)-1]
	if next.slot <= last.slot || next.local.Before(last.local) {
		return
	}

	// Replace the latest reading until it is a minute after the one before.
	if n := len(s.readings); n > 1 && last.local.Sub(s.readings[n-2].local) < readingEvery {
		*last = next
		return
	}

	s.readings = append(s.readings, next)
	if len(s.readings) > maxReadings {
		s.readings = slices.Delete(s.readings, 0, 1)
	}
}

// forget drops all measurements, which belong to another cluster.
func (s *slotClock) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readings, s.epoch, s.samples = nil, quote.SlotTime{}, quote.SlotTime{}
}

// told adds the performance samples of a node.
func (s *slotClock) told(samples performanceSamples) {
	var measured []int64
	for _, sample := range samples {
		period := int64(sample.Seconds) * int64(time.Second)
		if m := quote.MeasureSlotTime(period, sample.Slots, quote.SlotTimeSamples); m.Measured() {
			measured = append(measured, m.Nanos)
		}
	}

	if len(measured) == 0 {
		return
	}

	slices.Sort(measured)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.samples = quote.SlotTime{Nanos: measured[len(measured)/2], Source: quote.SlotTimeSamples}
}

// performanceSamples is the answer to getRecentPerformanceSamples. The array
// limits the number of decoded samples.
type performanceSamples [maxSamples]struct {
	Slots   uint64 `json:"numSlots"`
	Seconds uint16 `json:"samplePeriodSecs"`
}

// askSamples requests performance samples. Some nodes have none, and no trade
// depends on them.
func (c *Client) askSamples(ctx context.Context) error {
	var answer performanceSamples
	if err := c.transport.CallForInto(ctx, &answer, "getRecentPerformanceSamples",
		[]any{maxSamples}); err != nil {
		return err
	}
	c.slots.told(answer)
	return nil
}
