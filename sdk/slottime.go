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
	// assumedSlotTime is what a slot takes as long as nothing was measured.
	assumedSlotTime = time.Duration(quote.AssumedSlotNanos)
	// longestSlotTime bounds what anything that is told can stretch a slot to.
	longestSlotTime = 2 * time.Second
	// readingEvery is how far apart the remembered readings are, and
	// maxReadings how many there are: together they reach back about an hour.
	readingEvery = time.Minute
	maxReadings  = 64
	// minSeen is how long the slots must have been watched to tell the slot
	// time. Nodes that are some slots apart do not matter then.
	minSeen = 5 * time.Minute
	// maxSamples is how many performance samples, of a minute each, are asked
	// for. Their median counts.
	maxSamples = 10
)

// SlotTime is how long a slot takes on average, and how that is known.
type SlotTime struct {
	// Duration is the time of a slot.
	Duration time.Duration
	// Source tells what it was measured by; it is [quote.SlotTimeAssumed]
	// before anything was.
	Source quote.SlotTimeSource
}

// String is the slot time in milliseconds with its source, for example "400.0 ms
// by blocks".
func (s SlotTime) String() string { return s.data().String() }

// data is the slot time as packages without a clock take it.
func (s SlotTime) data() quote.SlotTime {
	return quote.SlotTime{Nanos: s.Duration.Nanoseconds(), Source: s.Source}
}

// SlotTime returns how long a slot takes as far as the client knows. It asks no
// node: the client learns from what it loads, and asks for performance samples
// along with its first request. These are the sources, the best one first:
//
//   - the Clock sysvar, when ten minutes of the epoch have passed;
//   - the slots that the client has seen itself, when it has loaded markets for
//     five minutes;
//   - the performance samples of a node, which are one node's word;
//   - an assumption, [quote.AssumedSlotNanos].
func (c *Client) SlotTime() SlotTime {
	if c == nil || c.slots == nil {
		return SlotTime{Duration: assumedSlotTime, Source: quote.SlotTimeAssumed}
	}

	return c.slots.estimate()
}

// slotClock finds out how long a slot takes. Its methods do no I/O and always
// have an answer. The zero value is ready to use.
type slotClock struct {
	mu sync.Mutex
	// readings are moments at which a slot was seen, the oldest first.
	readings []reading
	// epoch is by the latest Clock that was read, samples by what a node told.
	// Each is the zero value if it is not known.
	epoch, samples quote.SlotTime
}

// reading is a slot that was seen, the time in that slot as the chain tells it,
// in seconds, and the time at which this machine saw it.
type reading struct {
	slot  uint64
	chain int64
	local time.Time
}

// estimate is the best guess at how long a slot takes.
func (s *slotClock) estimate() SlotTime {
	s.mu.Lock()
	defer s.mu.Unlock()

	best := cmp.Or(s.epoch, s.seen(), s.samples)
	if best.Source == "" {
		return SlotTime{Duration: assumedSlotTime, Source: quote.SlotTimeAssumed}
	}
	return SlotTime{Duration: time.Duration(best.Nanos), Source: best.Source}
}

// longest is how long a slot takes at most, for whoever waits for proof that
// something cannot happen any more. It is the longest that any source tells,
// and never less than what is assumed, or half of that if two sources agree
// that it is less: no node can shorten it further. It is never more than two
// seconds.
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

// seen measures by the oldest and the latest reading, with the time of the
// chain and that of this machine. The longer of the two counts: a machine that
// slept missed some of its time, and the time of the chain is what nodes tell.
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

// saw learns from a Clock that was read just now.
func (s *slotClock) saw(clock accounts.Clock, schedule accounts.EpochSchedule, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.epoch = quote.ClockSlotTime(clock, schedule)
	next := reading{slot: clock.Slot, chain: clock.UnixTimestamp, local: now}
	if len(s.readings) == 0 {
		s.readings = append(s.readings, next)
		return
	}

	last := &s.readings[len(s.readings)-1]
	if next.slot <= last.slot || next.local.Before(last.local) {
		return
	}

	// The latest reading is always kept, the others a minute apart.
	if n := len(s.readings); n > 1 && last.local.Sub(s.readings[n-2].local) < readingEvery {
		*last = next
		return
	}
	s.readings = append(s.readings, next)
	if len(s.readings) > maxReadings {
		s.readings = slices.Delete(s.readings, 0, 1)
	}
}

// forget forgets everything: it was of another cluster.
func (s *slotClock) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readings, s.epoch, s.samples = nil, quote.SlotTime{}, quote.SlotTime{}
}

// told learns from the performance samples of a node.
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

// performanceSamples is the answer to getRecentPerformanceSamples. An array
// holds no more than was asked for, however long the answer is.
type performanceSamples [maxSamples]struct {
	Slots   uint64 `json:"numSlots"`
	Seconds uint16 `json:"samplePeriodSecs"`
}

// askSamples asks a node for its performance samples. They are welcome, not
// needed: some nodes keep none.
func (c *Client) askSamples(ctx context.Context) error {
	var answer performanceSamples
	if err := c.transport.CallForInto(ctx, &answer, "getRecentPerformanceSamples", []any{maxSamples}); err != nil {
		return err
	}
	c.slots.told(answer)
	return nil
}
