package send

import "time"

const (
	// blockhashBlocks is the number of blocks for which the network accepts a
	// blockhash: its protocol's maximum processing age.
	blockhashBlocks = 150
	// several is the number of witnesses from which on nodes may be taken to
	// be independent.
	several = 2
)

// lifespan is the witness of the end of a blockhash's life that depends on no
// node: the time that has passed on our own clock since the blockhash was
// read. Blocks do not come faster than slots, so it takes at least
// [blockhashBlocks] slots to outlive it.
type lifespan struct {
	since  time.Time
	blocks uint64
}

// newLifespan begins when the blockhash was read, or now if that is not known
// or lies in the future, as after a change of the clock.
func newLifespan(tx Tx, now time.Time) lifespan {
	since := tx.Since
	if since.IsZero() || since.After(now) {
		since = now
	}
	return lifespan{since: since, blocks: blockhashBlocks}
}

// over reports whether enough time has passed to believe witnesses who tell
// that the blockhash has expired. Skipped slots make blocks slower than slots:
// a single node, which alone would know of them, is believed after twice the
// time, several that agree after a quarter more. At 200 ms a slot these are 60
// and 37.5 seconds.
func (l lifespan) over(now time.Time, slotTime time.Duration, witnesses int) bool {
	least := time.Duration(l.blocks) * slotTime
	if witnesses >= several {
		least += least / 4
	} else {
		least *= 2
	}
	return now.Sub(l.since) >= least
}
