package sdk

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/sanctum-go/sanctum/internal/send"
)

// vote is the answer of one of several nodes about a transaction.
type vote struct {
	// status is nil if the node does not know the transaction.
	status *send.Status
	// slot is the current slot of the node.
	slot uint64
	// still reports whether the node has stopped following the chain.
	still bool
}

// agree combines the votes of several nodes into one answer.
//
// The answer has the firmest commitment that a majority of the nodes reports,
// or that quorum nodes report if the quorum is higher than the majority. A node
// that stands still at a slot before the block of the transaction does not
// count. If too few nodes report the transaction, the answer is disputed. For
// example, with quorum 0 and three nodes that report confirmed, processed and
// nothing, the answer is processed with two witnesses.
func agree(votes []vote, quorum int) send.Answer {
	claims := largestGroup(votes)
	if len(claims) == 0 {
		return send.Answer{Slot: lowestSlot(votes)}
	}

	slot := commonSlot(claims)
	voters := 0
	for _, v := range votes {
		if v.status != nil || !v.still || v.slot >= slot {
			voters++
		}
	}

	need := max(voters/2+1, quorum)
	if len(claims) < need {
		return send.Answer{Slot: lowestSlot(votes), Disputed: true}
	}

	slices.SortStableFunc(claims, func(a, b *send.Status) int {
		switch {
		case a.Commitment.Firmer(b.Commitment):
			return -1
		case b.Commitment.Firmer(a.Commitment):
			return 1
		}

		return 0
	})

	weakest := claims[need-1]
	witnesses := 0
	for _, c := range claims {
		if !weakest.Commitment.Firmer(c.Commitment) {
			witnesses++
		}
	}

	return send.Answer{
		Status: &send.Status{
			Slot:       slot,
			Commitment: weakest.Commitment,
			Err:        weakest.Err,
		},
		Slot:      lowestSlot(votes),
		Witnesses: witnesses,
	}
}

// largestGroup returns the statuses of the largest group of nodes that report
// the same result. Of two groups of equal size it returns the first one, which
// has no majority then.
func largestGroup(votes []vote) []*send.Status {
	groups := make(map[string][]*send.Status)
	var largest []*send.Status
	for _, v := range votes {
		if v.status == nil {
			continue
		}

		key := outcomeKey(v.status.Err)
		groups[key] = append(groups[key], v.status)
		if len(groups[key]) > len(largest) {
			largest = groups[key]
		}
	}

	return slices.Clone(largest)
}

// outcomeKey returns equal keys for equal execution errors, and an empty key
// for success.
func outcomeKey(err json.RawMessage) string {
	var compact bytes.Buffer
	if json.Compact(&compact, err) != nil {
		return string(err)
	}
	if compact.String() == "null" {
		return ""
	}
	return compact.String()
}

// commonSlot returns the slot that a majority of the statuses report, or zero.
func commonSlot(claims []*send.Status) uint64 {
	count := make(map[uint64]int)
	for _, c := range claims {
		count[c.Slot]++
		if 2*count[c.Slot] > len(claims) {
			return c.Slot
		}
	}
	return 0
}

func lowestSlot(votes []vote) (slot uint64) {
	for i, v := range votes {
		if i == 0 || v.slot < slot {
			slot = v.slot
		}
	}
	return slot
}

// pace is the slot of a node at the time of its first answer.
type pace struct {
	since time.Time
	from  uint64
}

const (
	// paceTime is the least time of observation after which a node can count as
	// standing still.
	paceTime = 5 * time.Second
	// slowest is the factor by which a node may be slower than the slot time
	// without counting as standing still.
	slowest = 4
)

// still reports whether a node at the given slot has stopped following the
// chain.
func (p pace) still(now time.Time, slot uint64, slotTime time.Duration) bool {
	passed := now.Sub(p.since)
	if passed < paceTime || slotTime <= 0 {
		return false
	}
	return slot-min(p.from, slot) < uint64(passed/slotTime)/slowest
}
