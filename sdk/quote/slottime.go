package quote

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrSlotTime is the reason for a yield in a year that is left open: how long a
// slot takes was not measured, so neither is how many epochs a year has. The
// performance samples of a node tell at once, the Clock ten minutes into the
// epoch.
var ErrSlotTime = errors.New("slot time unknown, so the yield of a year is too: ask again later")

// SlotTimeSource names what a slot time was measured by.
type SlotTimeSource string

// The sources of a slot time.
const (
	// SlotTimeClock is the Clock sysvar: the time since the epoch began,
	// shared out over the slots since then.
	SlotTimeClock SlotTimeSource = "the Clock sysvar"
	// SlotTimeSeen is what a client has seen itself, at two moments that lie
	// minutes apart.
	SlotTimeSeen SlotTimeSource = "the slots seen so far"
	// SlotTimeSamples are the performance samples of a node.
	SlotTimeSamples SlotTimeSource = "the node's performance samples"
	// SlotTimeAssumed is no measurement: the time is [AssumedSlotNanos].
	SlotTimeAssumed SlotTimeSource = "an assumption"
)

const (
	// AssumedSlotNanos stands for the time of a slot while nothing was
	// measured: 400 ms, as long as a slot of mainnet was ever meant to be.
	//
	// A slot time that is too long makes a client wait longer than it must. One
	// that is too short would make it take a transaction for dead that can
	// still land. This is the only place in the module that names a slot time
	// of any network; no figure that is shown is made of it.
	AssumedSlotNanos int64 = 400_000_000

	// minSlotNanos and maxSlotNanos bound what counts as a measurement. A node
	// that catches up replays slots much faster than the network makes them,
	// and a network that stands still makes none.
	minSlotNanos int64 = 20_000_000
	maxSlotNanos int64 = 2_000_000_000

	// minClockSeconds is how old an epoch must be for its Clock to tell the
	// slot time. The Clock counts in seconds and strays by a few of them: over
	// ten minutes that is less than one percent.
	minClockSeconds = 600
	// maxClockSeconds is longer than any epoch; it keeps products in range.
	maxClockSeconds = 1 << 32

	nanosPerSecond = 1_000_000_000
)

// SlotTime is how long a slot takes on average, and how that is known. The zero
// value says that it is not known.
//
// It is data for estimates, such as a yield in a year or how long to wait. No
// amount depends on it.
type SlotTime struct {
	// Nanos is the time of a slot in nanoseconds.
	Nanos int64
	// Source is what it was measured by.
	Source SlotTimeSource
}

// Measured reports whether the slot time is a measurement.
func (s SlotTime) Measured() bool {
	return s.Nanos > 0 && s.Source != "" && s.Source != SlotTimeAssumed
}

// String is the slot time in milliseconds with its source.
func (s SlotTime) String() string {
	if s.Nanos <= 0 {
		return "unknown"
	}

	tenths := (s.Nanos + 50_000) / 100_000
	return fmt.Sprintf("%d.%d ms by %s", tenths/10, tenths%10, s.Source)
}

// MeasureSlotTime shares out a time in nanoseconds over the slots that passed
// in it. It returns the zero value, which is no measurement, if the result is
// not plausible: below 20 ms or above 2 s.
func MeasureSlotTime(nanos int64, slots uint64, source SlotTimeSource) SlotTime {
	if nanos <= 0 || slots == 0 || slots > uint64(nanos) {
		return SlotTime{}
	}

	perSlot := int64(uint64(nanos) / slots)
	if perSlot < minSlotNanos || perSlot > maxSlotNanos {
		return SlotTime{}
	}
	return SlotTime{Nanos: perSlot, Source: source}
}

// ClockSlotTime measures the slot time by the Clock sysvar, as the average of
// the epoch so far. It returns the zero value during the first ten minutes of
// an epoch, in which the Clock is too coarse, and in the epochs of growing
// length that a new network begins with.
func ClockSlotTime(clock accounts.Clock, schedule accounts.EpochSchedule) SlotTime {
	normal := clock.Epoch >= schedule.FirstNormalEpoch && clock.Slot >= schedule.FirstNormalSlot
	if !normal || schedule.SlotsPerEpoch == 0 {
		return SlotTime{}
	}

	if clock.EpochStartTimestamp <= 0 || clock.UnixTimestamp <= clock.EpochStartTimestamp {
		return SlotTime{}
	}

	seconds := clock.UnixTimestamp - clock.EpochStartTimestamp
	if seconds < minClockSeconds || seconds > maxClockSeconds {
		return SlotTime{}
	}

	passed := (clock.Slot - schedule.FirstNormalSlot) % schedule.SlotsPerEpoch

	return MeasureSlotTime(seconds*nanosPerSecond, passed, SlotTimeClock)
}
