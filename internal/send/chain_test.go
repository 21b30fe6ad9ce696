package send

import "encoding/json"

// chain is the ledger of a small cluster: one block per slot, height equal to
// slot, the tip unconfirmed and replaceable, the block below it confirmed and
// the one below that finalized. Tests use it as the oracle.
type chain struct {
	head   uint64
	margin uint64 // no node sits on a minority fork for this many slots
}

// entry is one transaction's place in it.
type entry struct {
	lastValid uint64
	nonce     bool
	value     uint64 // which of several nonces, if there are several
	fails     bool

	reached  bool   // some node has taken a copy, ever
	inflight bool   // some node still holds one
	landed   uint64 // its slot on the winning chain
	side     uint64 // its slot on a fork that lost
	rival    uint64 // the slot where something else used up its nonce
}

const (
	confirmLag  = 1
	finalizeLag = 2
	nonceSlot   = 2 // where the transaction's nonce was written
	cacheSlots  = 3 // a status query without history looks back this far
)

// fits says whether a block at the slot could hold it. One block above the last
// valid height is allowed, in favour of the adversary: the proof must not
// depend on whose counting is off by one.
func (e entry) fits(slot uint64) bool {
	if !e.inflight || e.landed != 0 {
		return false
	}
	if e.nonce {
		return e.rival == 0
	}
	return slot <= e.lastValid+1
}

// dead says that it did not land and no future of the chain can change that.
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

// statusAt is what a node on the winning chain with the given tip answers.
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

// blindSlot is the furthest slot at which a node on a minority fork can still
// say that it knows nothing.
func (e entry) blindSlot(c chain) uint64 {
	if e.landed == 0 {
		return c.head
	}
	return min(c.head, e.landed+c.margin-1)
}

// blockAt is the last block which a node with the given tip holds at a
// commitment; zero if it has none.
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

// nonceGone is what a node whose block is given says about the nonce: a node
// from before the nonce was written holds an older one, which differs too.
func (e entry) nonceGone(block uint64) bool {
	used := e.rival
	if e.landed != 0 {
		used = e.landed
	}
	return block < nonceSlot || (used != 0 && used <= block)
}
