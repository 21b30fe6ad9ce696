package quote

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrSlotTime is the reason for a missing APY: the slot time was not measured,
// so the number of epochs in a year is unknown. The performance samples of a
// node give a slot time immediately, the Clock sysvar ten minutes into the
// epoch.
var ErrSlotTime = errors.New("slot time unknown, so there is no APY (ask again later)")

// SlotTimeSource names the source of a slot time.
type SlotTimeSource string

// The sources of a slot time.
const (
	// SlotTimeClock is the Clock sysvar: the time since the start of the epoch
	// divided by the slots since then.
	SlotTimeClock SlotTimeSource = "the Clock sysvar"
	// SlotTimeSeen is a measurement by the client itself, from two observations
	// some minutes apart.
	SlotTimeSeen SlotTimeSource = "the slots seen so far"
	// SlotTimeSamples are the performance samples of a node.
	SlotTimeSamples SlotTimeSource = "the node's performance samples"
	// SlotTimeAssumed is not a measurement: the slot time is
	// [AssumedSlotNanos].
	SlotTimeAssumed SlotTimeSource = "an assumption"
)

const (
	// AssumedSlotNanos is the slot time used while none has been measured: 400
	// ms, the target of mainnet.
	//
	// It errs on the safe side. A slot time that is too long only makes a
	// client wait longer than needed. One that is too short could make it treat
	// a transaction as expired that can still land. No displayed figure is
	// computed from it.
	AssumedSlotNanos int64 = 400_000_000

	// minSlotNanos and maxSlotNanos bound a plausible measurement. A node that
	// catches up replays slots much faster than the network produces them, and
	// a halted network produces none.
	minSlotNanos int64 = 20_000_000
	maxSlotNanos int64 = 2_000_000_000

	// minClockSeconds is the age of an epoch from which the Clock sysvar
	// measures the slot time well enough. The Clock counts in seconds and can
	// be a few seconds off, which is less than 1 % of ten minutes.
	minClockSeconds = 600
	// maxClockSeconds is longer than any epoch. It keeps products in range.
	maxClockSeconds = 1 << 32

	nanosPerSecond = 1_000_000_000
)

// SlotTime is the average duration of a slot, with its source. The zero value
// means that it is unknown.
//
// It serves estimates, such as an APY or a waiting time. No amount depends on
// it.
type SlotTime struct {
	// Nanos is the duration of a slot in nanoseconds, for example 400_000_000.
	Nanos int64
	// Source names the source of the duration.
	Source SlotTimeSource
}

// Measured reports whether the slot time is a measurement.
func (s SlotTime) Measured() bool {
	return s.Nanos > 0 && s.Source != "" && s.Source != SlotTimeAssumed
}

// String returns the slot time in milliseconds and its source, for example
// "400.0 ms by the Clock sysvar".
func (s SlotTime) String() string {
	if s.Nanos <= 0 {
		return "unknown"
	}

	tenths := (s.Nanos + 50_000) / 100_000
	return fmt.Sprintf("%d.%d ms by %s", tenths/10, tenths%10, s.Source)
}

// MeasureSlotTime divides a duration in nanoseconds by the number of slots that
// passed in it. It returns the zero value if the result is not plausible: below
// 20 ms or above 2 s.
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

// ClockSlotTime computes the slot time from the Clock sysvar, as the average of
// the epoch so far. It returns the zero value in the first ten minutes of an
// epoch, when the Clock is too coarse, and in the warm-up epochs of a new
// network, whose length still grows.
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
