package sdk

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

const (
	// replicaSpread is the largest difference between the slots of healthy
	// nodes.
	replicaSpread = 2 * maxSlotSpread
	// fastest is the factor by which slots may come faster than measured, for a
	// jump to be accepted without doubt.
	fastest = 4
	// repeated is the number of consistent answers that confirm a slot.
	repeated = 3
	// A node that lags behind by more than longestLag is not healthy. Answers
	// must contradict the believed slot for longestLie before they replace it.
	longestLag = 10 * time.Minute
	longestLie = 30 * time.Second
)

// seenSlots is the client's view of the current slot of its cluster. It ensures
// that a market is never older than the one before, and that no single answer,
// of a faulty node or of another cluster, raises the minimum slot beyond what
// other nodes have reached.
type seenSlots struct {
	// slot is the highest slot of a loaded market. Requests use it as
	// minContextSlot.
	slot atomic.Uint64

	now      func() time.Time
	slotTime func() time.Duration

	mu       sync.Mutex
	believed sighting
	agreed   int // consistent answers, at most repeated
	doubt    doubt
}

// sighting is a slot and the time at which a node reported it.
type sighting struct {
	slot uint64
	at   time.Time
}

// doubt is a series of answers that agree with each other but contradict the
// believed slot. The next answer that agrees with the believed slot ends it.
type doubt struct {
	first, last sighting
	answers     int
}

// saw records the slot of a loaded market.
func (s *seenSlots) saw(slot uint64) {
	for {
		before := s.slot.Load()
		if slot <= before || s.slot.CompareAndSwap(before, slot) {
			return
		}
	}
}

// sawLanded records the slot in which a node says that a transaction landed,
// unless it is further ahead than the elapsed time allows.
func (s *seenSlots) sawLanded(slot uint64) {
	if slot > 0 && s.told(slot) == nil {
		s.saw(slot)
	}
}

// forget drops all slots, which belong to another cluster.
func (s *seenSlots) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.believed, s.agreed, s.doubt = sighting{}, 0, doubt{}
	s.slot.Store(0)
}

// told records the slot of an answer. It returns ErrNodeAhead for a slot that
// is further ahead than the elapsed time allows, unless several answers in a
// row agree on it. In that case the believed slot was that of a node that stood
// still.
//
// An old slot is no error here, because requests set their own minimum slot.
// But if all answers continue from an old slot, it replaces the believed one.
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
		// Of two unconfirmed slots the lower one is believed. A low minimum
		// slot does no harm.
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

// plausible reports whether an answer can have the given slot.
func (s *seenSlots) plausible(slot uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agreed == 0 || !s.isAhead(sighting{slot: slot, at: s.now()})
}

// believe replaces the believed slot. It drops a minimum slot that has become
// impossible.
func (s *seenSlots) believe(now sighting, agreed int) {
	s.believed, s.agreed = now, agreed
	if s.isAhead(sighting{slot: s.slot.Load(), at: now.at}) {
		s.slot.Store(0)
	}
}

// agree records a slot that is possible. It ends the doubt unless the node
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

// isAhead reports whether a slot is further ahead than the elapsed time allows.
func (s *seenSlots) isAhead(now sighting) bool {
	return now.slot > s.furthest(s.believed, now.at)
}

// isFarBehind reports whether a slot is further behind than a healthy node can
// be.
func (s *seenSlots) isFarBehind(now sighting) bool {
	lag := uint64(longestLag / s.slotTime())
	return s.believed.slot > lag && now.slot < s.believed.slot-lag
}

// furthest returns the highest slot that can follow a sighting by the given
// time.
func (s *seenSlots) furthest(from sighting, at time.Time) uint64 {
	passed := max(at.Sub(from.at), 0)
	slots := uint64(passed/s.slotTime())*fastest + replicaSpread
	if from.slot > ^uint64(0)-slots {
		return ^uint64(0)
	}
	return from.slot + slots
}

// follows reports whether two sightings can be of one cluster.
func (s *seenSlots) follows(before, now sighting) bool {
	return now.slot+replicaSpread >= before.slot && now.slot <= s.furthest(before, now.at)
}

// isDoubted adds an answer to the doubt. It reports whether the doubt suffices
// to replace the believed slot.
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

	// Lower slots must advance like a cluster, for long enough that a node
	// ahead would have answered.
	went := now.slot - min(now.slot, d.first.slot)

	return d.answers >= repeated && lasted >= longestLie &&
		went >= uint64(lasted/s.slotTime())/fastest
}
