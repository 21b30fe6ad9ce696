package send

import "time"

const (
	// blockhashBlocks is the number of blocks for which the network accepts a
	// blockhash: the maximum processing age of the protocol.
	blockhashBlocks = 150
	// several is the number of nodes from which on their answers count as
	// independent.
	several = 2
)

// lifespan measures the life of a blockhash by the local clock, independently
// of any node. Blocks are not faster than slots, so a blockhash lives for at
// least [blockhashBlocks] slots after it was read: 30 s at 200 ms a slot.
type lifespan struct {
	since  time.Time
	blocks uint64
}

// newLifespan returns the lifespan that began when the blockhash was read. It
// begins now if that time is unknown, or lies in the future because the clock
// was changed.
func newLifespan(tx Tx, now time.Time) lifespan {
	since := tx.Since
	if since.IsZero() || since.After(now) {
		since = now
	}
	return lifespan{since: since, blocks: blockhashBlocks}
}

// over reports whether enough time has passed to believe that the blockhash has
// expired. Skipped slots make blocks slower than slots, and only the nodes know
// of them. One witness is believed after twice the time of 150 slots, several
// that agree after 1.25 times. At 200 ms a slot these are 60 and 37.5 seconds.
func (l lifespan) over(now time.Time, slotTime time.Duration, witnesses int) bool {
	least := time.Duration(l.blocks) * slotTime
	if witnesses >= several {
		least += least / 4
	} else {
		least *= 2
	}
	return now.Sub(l.since) >= least
}
