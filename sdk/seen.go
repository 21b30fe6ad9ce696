package sdk

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

const (
	// replicaSpread is how many slots nodes lie apart that are all well.
	replicaSpread = 2 * maxSlotSpread
	// fastest is how many times faster than measured slots may come, for a jump
	// to be believed at once.
	fastest = 4
	// repeated is how many answers that agree it takes to believe a slot.
	repeated = 3
	// longestLag is how far behind a node may be, and longestLie for how long
	// others may go on as if what was believed were wrong, before it is.
	longestLag = 10 * time.Minute
	longestLie = 30 * time.Second
)

// seenSlots is what a client believes of the slot of its cluster. State never
// goes backwards from one market to the next; and no single answer, of a node
// that is confused or of another cluster, moves the client to where no other
// node is.
type seenSlots struct {
	// slot is the highest one that a market was made of: nothing older is asked
	// for.
	slot atomic.Uint64

	now      func() time.Time
	slotTime func() time.Duration

	mu       sync.Mutex
	believed sighting
	agreed   int // answers that agree with it, up to repeated
	doubt    doubt
}

// sighting is a slot that was told at a time.
type sighting struct {
	slot uint64
	at   time.Time
}

// doubt is some answers that agree with each other and not with what is
// believed. It ends with the next one that does.
type doubt struct {
	first, last sighting
	answers     int
}

// saw enters the slot of a market.
func (s *seenSlots) saw(slot uint64) {
	for {
		before := s.slot.Load()
		if slot <= before || s.slot.CompareAndSwap(before, slot) {
			return
		}
	}
}

// forget forgets everything: it was of another cluster.
func (s *seenSlots) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.believed, s.agreed, s.doubt = sighting{}, 0, doubt{}
	s.slot.Store(0)
}

// told takes the slot of an answer. It refuses one that is further ahead than
// time allows, with an error that is ErrNodeAhead, unless that is said again
// and again and nothing else: a node that stood still is where it was, and the
// cluster is not.
//
// An answer from long ago is no error here; those who need a newer one say so.
// But when nodes go on from there, and none from what was believed, then that
// was the mistake.
func (s *seenSlots) told(slot uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := sighting{slot: slot, at: s.now()}
	ahead, behind := s.isAhead(now), s.isFarBehind(now)
	switch {
	case s.agreed == 0:
		s.believe(now, 1)
	case !ahead && !behind:
		s.agree(now)
	case behind && s.agreed < repeated:
		// Of two that nothing is known about the lower one is believed: it does
		// no harm to ask for less than there is.
		s.doubt = doubt{
			first:   s.believed,
			last:    s.believed,
			answers: 1,
		}

		s.believe(now, 1)

	case s.isDoubted(now, ahead):
		s.doubt = doubt{}
		s.believe(now, repeated)
	case ahead:
		return fmt.Errorf("%w: %d, after %d", jsonrpc.ErrNodeAhead, slot, s.believed.slot)
	}

	return nil
}

// plausible reports whether a slot can be that of an answer as far as is known
// by now.
func (s *seenSlots) plausible(slot uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agreed == 0 || !s.isAhead(sighting{slot: slot, at: s.now()})
}

// believe takes an answer for the truth. A floor that cannot be true then is
// gone.
func (s *seenSlots) believe(now sighting, agreed int) {
	s.believed, s.agreed = now, agreed
	if s.isAhead(sighting{slot: s.slot.Load(), at: now.at}) {
		s.slot.Store(0)
	}
}

// agree takes an answer that can be true. It ends the doubt unless the node
// stands still.
func (s *seenSlots) agree(now sighting) {
	s.agreed = min(s.agreed+1, repeated)
	passed := uint64(now.at.Sub(s.believed.at) / s.slotTime())
	if now.slot+replicaSpread/8 >= s.believed.slot+passed/fastest {
		s.doubt = doubt{}
	}
	if now.slot > s.believed.slot {
		s.believed = now
	}
}

// isAhead reports whether a slot is further ahead than time allows.
func (s *seenSlots) isAhead(now sighting) bool {
	return now.slot > s.furthest(s.believed, now.at)
}

// isFarBehind reports whether a slot is further behind than a node can be whose
// answer is worth anything.
func (s *seenSlots) isFarBehind(now sighting) bool {
	lag := uint64(longestLag / s.slotTime())
	return s.believed.slot > lag && now.slot < s.believed.slot-lag
}

// furthest is the slot that can be reached from another one by then.
func (s *seenSlots) furthest(from sighting, at time.Time) uint64 {
	passed := max(at.Sub(from.at), 0)
	slots := uint64(passed/s.slotTime())*fastest + replicaSpread
	if from.slot > ^uint64(0)-slots {
		return ^uint64(0)
	}
	return from.slot + slots
}

// follows reports whether two answers can be of one cluster.
func (s *seenSlots) follows(before, now sighting) bool {
	return now.slot+replicaSpread >= before.slot && now.slot <= s.furthest(before, now.at)
}

// isDoubted adds an answer to the doubt, and reports whether that is enough to
// believe it instead.
func (s *seenSlots) isDoubted(now sighting, ahead bool) bool {
	d := &s.doubt
	if d.answers == 0 || !s.follows(d.last, now) {
		*d = doubt{first: now}
	}

	d.last = now
	d.answers++
	lasted := now.at.Sub(d.first.at)
	if ahead {
		return d.answers >= repeated && lasted >= 2*s.slotTime()
	}

	// What is far behind must go on as a cluster does, for long enough that
	// whoever is ahead would have answered.
	went := now.slot - min(now.slot, d.first.slot)

	return d.answers >= repeated && lasted >= longestLie &&
		went >= uint64(lasted/s.slotTime())/fastest
}
