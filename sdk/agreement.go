package sdk

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/sanctum-go/sanctum/internal/send"
)

// vote is what one of several nodes says of a transaction.
type vote struct {
	// status is nil if the node knows nothing.
	status *send.Status
	// slot is where the node is.
	slot uint64
	// still says that the node does not follow the chain any more.
	still bool
}

// agree makes one answer of the votes of several nodes.
//
// A status counts at the firmest commitment for which a majority of the nodes
// vouches, or quorum of them if that is more. A node that stands still before
// the block in question has no say. Where some node knows of the transaction
// and too few others do, the answer is disputed.
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

// largestGroup returns the statuses of the nodes that agree on how the
// transaction ended. Of two groups of one size it is the first, which then has
// no majority.
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

// outcomeKey is the same for the same execution error, and empty for success.
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

// commonSlot is the slot that a majority of the statuses name, zero if there is
// none.
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

// pace is how a node has followed the chain since it was first asked.
type pace struct {
	since time.Time
	from  uint64
}

const (
	// paceTime is how long a node is observed before it may be found to stand
	// still.
	paceTime = 5 * time.Second
	// slowest is by what factor a node, or the chain, may be slower than the
	// slot time without that.
	slowest = 4
)

// still reports whether a node at a slot has stopped following the chain.
func (p pace) still(now time.Time, slot uint64, slotTime time.Duration) bool {
	passed := now.Sub(p.since)
	if passed < paceTime || slotTime <= 0 {
		return false
	}
	return slot-min(p.from, slot) < uint64(passed/slotTime)/slowest
}
