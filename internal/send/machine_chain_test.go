package send

import "encoding/json"

// chain is the ledger of a small cluster, the oracle of the tests. It has one
// block per slot, and the height of a block equals its slot. The tip is
// unconfirmed and replaceable, the block below it is confirmed, and the next
// one finalized.
type chain struct {
	head   uint64
	margin uint64 // no node is on a minority fork for this many slots
}

// entry is the state of one transaction on the chain.
type entry struct {
	lastValid uint64
	nonce     bool
	value     uint64 // the value of its nonce
	fails     bool

	reached  bool   // some node once accepted a copy
	inflight bool   // some node still holds a copy
	landed   uint64 // its slot on the winning chain
	side     uint64 // its slot on a fork that lost
	rival    uint64 // the slot at which another transaction advanced its nonce
}

const (
	confirmLag  = 1
	finalizeLag = 2
	nonceSlot   = 2 // the slot at which the nonce was written
	cacheSlots  = 3 // the reach of a status query without history
)

// fits reports whether a block at slot can hold the transaction. One block
// above the last valid height is allowed, in favor of the adversary: the proof
// of expiry must not depend on an exact count.
func (e entry) fits(slot uint64) bool {
	if !e.inflight || e.landed != 0 {
		return false
	}
	if e.nonce {
		return e.rival == 0
	}
	return slot <= e.lastValid+1
}

// dead reports whether the transaction did not land and cannot land in any
// future of the chain.
func (e entry) dead(c chain) bool {
	if e.nonce {
		return e.landed == 0 && e.rival != 0 && e.rival+confirmLag <= c.head
	}
	return e.landed == 0 && e.lastValid+1+confirmLag <= c.head
}

func (e *entry) reach() { e.reached, e.inflight = true, true }

// revert replaces the tip by another block at the same slot.
func (e *entry) revert(c chain) {
	if e.landed == c.head {
		e.landed, e.side = 0, c.head
	}
	if e.rival == c.head {
		e.rival = 0
	}
}

// statusAt returns the answer of a node on the winning chain with the given
// tip.
func (e entry) statusAt(tip uint64, history bool) *Status {
	if e.landed == 0 || e.landed > tip || (!history && tip-e.landed > cacheSlots) {
		return nil
	}

	at := Processed
	if tip-e.landed >= confirmLag {
		at = Confirmed
	}

	if tip-e.landed >= finalizeLag {
		at = Finalized
	}

	return e.status(e.landed, at)
}

func (e entry) status(slot uint64, at Commitment) *Status {
	st := &Status{Slot: slot, Commitment: at, Err: json.RawMessage("null")}
	if e.fails {
		st.Err = json.RawMessage(`{"InstructionError":[0,{"Custom":1}]}`)
	}
	return st
}

// blindSlot returns the highest slot at which a node on a minority fork does
// not know the transaction.
func (e entry) blindSlot(c chain) uint64 {
	if e.landed == 0 {
		return c.head
	}
	return min(c.head, e.landed+c.margin-1)
}

// blockAt returns the last block that a node with the given tip has at a
// commitment, or zero.
func blockAt(tip uint64, at Commitment) uint64 {
	lag := uint64(0)
	switch at {
	case Confirmed:
		lag = confirmLag
	case Finalized:
		lag = finalizeLag
	}

	if tip < lag {
		return 0
	}

	return tip - lag
}

// nonceGone returns whether a node at block sees another nonce. A node from
// before the nonce was written has an older one, which differs too.
func (e entry) nonceGone(block uint64) bool {
	used := e.rival
	if e.landed != 0 {
		used = e.landed
	}
	return block < nonceSlot || (used != 0 && used <= block)
}
