package send

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/gagliardetto/solana-go"
)

const (
	// forkMargin is how many slots past the end of the transaction's life an empty status answer must be. Status
	// answers speak for a node's processed tip, which may sit on a minority fork beside the block that holds the
	// transaction. No node follows such a fork for 32 slots, the depth at which a vote is locked in for good.
	forkMargin = 32
	// wakeGap is the shortest pause between a look and the next one that Wake can cause.
	wakeGap = 100 * time.Millisecond
)

var (
	errNoContextSlot = errors.New("answer without a context slot")
	errTooEarly      = errors.New("the told block height is further than time allows")
	errDisputed      = errors.New("nodes disagree about whether it landed")
)

// do is a kind of step.
type do uint8

const (
	doSend   do = iota + 1 // broadcast the bytes
	doStatus               // ask for the signature's status
	doHeight               // ask for the block height
	doNonce                // ask whether the nonce has advanced
	doWait                 // nothing before until
	doStop                 // the result is in
)

// step is what the machine wants done next.
type step struct {
	do      do
	history bool      // doStatus: search history
	proof   bool      // doStatus: asked when the end of life was known already, so that finding nothing is final
	until   time.Time // doWait
}

// life is what bounds the transaction's life and who is asked about it.
type life uint8

const (
	lifeHeight  life = iota + 1 // a block height
	lifeNonce                   // a durable nonce, watched
	lifeForever                 // a durable nonce that nobody watches
)

// machine decides. It is driven by one loop: next, carry the step out, report it with the matching on… method.
type machine struct {
	sig         solana.Signature
	want        Commitment // what counts as landed
	proofAt     Commitment // where the end of life is read
	life        life
	lastValid   uint64
	readSlot    uint64        // where the blockhash or nonce was read
	lifespan    lifespan      // the local witness of the end of life
	slotTime    time.Duration // as last measured
	mute        bool          // never broadcast
	margin      uint64
	pollEvery   time.Duration
	pollMax     time.Duration
	resendEvery time.Duration

	exposed  bool // some copy may be on its way to a leader: from here on no node's refusal is final
	looked   bool // history was searched, or a node has none
	mine     bool // some copy of this call's may be on its way
	sends    int
	nextSend time.Time
	nextPoll time.Time
	lastPoll time.Time
	gap      time.Duration
	askLife  bool    // this round's second question is open
	shallow  bool    // the last history search failed: ask once without, a node may keep no history
	seen     *Status // below the wanted commitment
	over     bool    // life is over…
	overSlot uint64  // …as of this slot
	last     error   // the last call that failed

	done bool
	out  Outcome
	err  error
}

// newMachine starts with a broadcast, or with a look if the transaction was exposed before.
func newMachine(tx Tx, cfg Config, mute, exposed bool) machine {
	m := machine{
		sig:         tx.Signature,
		want:        cfg.Commitment,
		proofAt:     cfg.Commitment,
		life:        lifeHeight,
		lastValid:   tx.LastValidBlockHeight,
		readSlot:    tx.Slot,
		lifespan:    newLifespan(tx, cfg.Clock.Now()),
		slotTime:    cfg.SlotTime(),
		mute:        mute,
		margin:      forkMargin,
		pollEvery:   cfg.PollEvery,
		pollMax:     cfg.PollMax,
		resendEvery: cfg.ResendEvery,
		exposed:     exposed,
		looked:      !exposed,
		gap:         cfg.PollEvery,
	}
	if m.proofAt.rank() < Confirmed.rank() {
		// A processed block above the last valid height may lose to a shorter fork that still takes the transaction.
		m.proofAt = Confirmed
	}
	if exposed {
		m.nextSend = m.nextPoll.Add(1) // it may be done already: look before the first broadcast
	}
	if tx.Nonce {
		m.life = lifeForever
		if cfg.NonceAdvanced != nil {
			m.life = lifeNonce
		}
	}
	return m
}

// next says what to do at time now. It changes nothing.
func (m *machine) next(now time.Time) step {
	sending := !m.mute && !m.over && m.seen == nil
	pollDue := !now.Before(m.nextPoll)
	switch {
	case m.done:
		return step{do: doStop}
	case m.askLife && m.life == lifeHeight:
		return step{do: doHeight}
	case m.askLife && m.life == lifeNonce:
		return step{do: doNonce}
	case sending && !now.Before(m.nextSend) && (!pollDue || !m.nextPoll.Before(m.nextSend)):
		return step{do: doSend}
	case pollDue:
		// Without history a node forgets after a few minutes. A nonce transaction may be older than that, and so
		// may one that was sent before.
		deep := (m.over || m.life != lifeHeight || !m.looked) && !m.shallow
		return step{do: doStatus, history: deep, proof: m.over}
	}
	until := m.nextPoll
	if sending && m.nextSend.Before(until) {
		until = m.nextSend
	}
	return step{do: doWait, until: until}
}

// onSend reports a broadcast.
func (m *machine) onSend(now time.Time, err error) Event {
	m.sends++
	m.nextSend = now.Add(m.resendEvery)
	if m.sends == 1 && !m.exposed {
		m.nextPoll = now.Add(m.gap) // there cannot be anything to see yet
	}
	if err == nil {
		m.exposed, m.mine = true, true
		return m.event(EventSent, nil)
	}
	m.last = err
	m.out.Earlier = m.out.Earlier || !m.mine && processed(err)
	switch refused := refusal(err); {
	case refused == nil:
		m.exposed = true
		m.mine = m.mine || !processed(err)
	case m.exposed:
	case refused.late():
		// The node has not seen the blockhash yet, or no longer. Another one may, and so may this one later.
		m.nextSend = now.Add(m.pollEvery)
	default:
		m.finish(fmt.Errorf("%w: %w", ErrNotSent, refused.public()))
	}
	return m.event(EventSendFailed, err)
}

// onStatus reports the answer to a doStatus step, which it needs to know what the answer is worth.
func (m *machine) onStatus(now time.Time, asked step, answer Answer, err error) Event {
	m.lastPoll = now
	m.nextPoll = now.Add(m.gap)
	m.gap = min(m.gap+m.gap/2, m.pollMax)
	m.shallow = asked.history && err != nil
	m.looked = m.looked || asked.history
	before := m.seen
	st := answer.Status
	if err == nil && answer.Disputed {
		// Neither is it there, nor may it be taken for lost.
		err, st = errDisputed, nil
		m.shallow = false
	} else if err == nil {
		m.seen = st
	}
	m.askLife = m.seen == nil && !m.over && m.lifeMayBeOver(now)

	switch {
	case err != nil:
		m.last = err
		return m.event(EventQueryFailed, err)
	case st == nil && asked.proof && asked.history && m.provesAbsence(answer.Slot):
		m.finish(&ExpiredError{Signature: m.sig, LastValidBlockHeight: m.lastValid, Last: m.last})
		return Event{}
	case st == nil && before == nil:
		return Event{}
	case st == nil:
		m.quicken(now)
		return m.event(EventLost, nil)
	}

	seen := *st
	if len(seen.Err) == 0 || bytes.Equal(seen.Err, []byte("null")) {
		seen.Err = nil // encoding/json stores a null as its four letters
	}
	m.seen = &seen
	m.out.Earlier = m.out.Earlier || !m.mine
	if seen.Commitment.rank() >= m.want.rank() {
		m.out.Slot, m.out.Commitment, m.out.Err = seen.Slot, seen.Commitment, seen.Err
		m.out.Witnesses = answer.Witnesses
		m.finish(nil)
	}
	if before != nil && before.Slot == seen.Slot && before.Commitment == seen.Commitment {
		return Event{}
	}
	m.quicken(now)
	ev := m.event(EventSeen, nil)
	ev.Status = &seen
	return ev
}

// provesAbsence reports whether an answer of a slot that knows nothing of the
// transaction, given after its life was over, is final.
func (m *machine) provesAbsence(slot uint64) bool {
	end := m.overSlot
	if m.life == lifeHeight && m.readSlot != 0 {
		// However small the slot that a node told with the height: as many
		// blocks take at least as many slots.
		end = max(end, m.readSlot+m.lifespan.blocks)
	}
	return slot >= end && slot-end >= m.margin
}

// lifeMayBeOver reports whether to ask for the end of life.
func (m *machine) lifeMayBeOver(now time.Time) bool {
	switch m.life {
	case lifeHeight:
		return m.lifespan.over(now, m.slotTime, several)
	case lifeNonce:
		return true
	}
	return false
}

// onHeight reports the answer to a doHeight step. Of the two witnesses of the
// end of life it is the second one: without the time on our own clock a height
// proves nothing.
func (m *machine) onHeight(now time.Time, told Height, err error) Event {
	over := told.Height > m.lastValid
	if err == nil && over && !m.lifespan.over(now, m.slotTime, told.Witnesses) {
		err = errTooEarly
	}
	return m.onLife(now, over, told.Slot, err)
}

// onNonce reports the answer to a doNonce step.
func (m *machine) onNonce(now time.Time, advanced bool, contextSlot uint64, err error) Event {
	return m.onLife(now, advanced && contextSlot >= m.readSlot, contextSlot, err)
}

// onLife takes note that life is over. That stays true whatever nodes further behind say later, so it is not asked
// again, and what remains is to look once more.
func (m *machine) onLife(now time.Time, over bool, contextSlot uint64, err error) Event {
	m.askLife = false
	if err == nil && contextSlot == 0 {
		err = errNoContextSlot
	}
	if err != nil {
		m.last = err
		return m.event(EventQueryFailed, err)
	}
	if !over {
		return Event{}
	}
	m.over, m.overSlot = true, contextSlot
	m.nextPoll, m.gap = now, m.pollEvery
	return m.event(EventOutlived, nil)
}

// quicken makes the pauses short again: things are moving.
func (m *machine) quicken(now time.Time) {
	m.gap = m.pollEvery
	m.nextPoll = now.Add(m.gap)
}

// onWake makes the next look due.
func (m *machine) onWake(now time.Time) {
	due := m.lastPoll.Add(wakeGap)
	if due.Before(now) {
		due = now
	}
	if due.Before(m.nextPoll) {
		m.nextPoll = due
	}
	m.gap = m.pollEvery
}

// onInterrupt ends the waiting because the caller's context ended.
func (m *machine) onInterrupt(cause error) {
	last := m.last
	if errors.Is(last, cause) {
		last = nil // the call that the same end cut short
	}
	if !m.exposed {
		err := fmt.Errorf("%w: %w", ErrNotSent, cause)
		if refused := refusal(last); refused != nil {
			err = fmt.Errorf("%w: %w: %w", ErrNotSent, cause, refused.public())
		}
		m.finish(err)
		return
	}
	m.finish(&UncertainError{Signature: m.sig, LastValidBlockHeight: m.lastValid, Cause: cause, Last: last})
}

func (m *machine) finish(err error) { m.done, m.err = true, err }

func (m *machine) event(kind EventKind, err error) Event {
	return Event{Kind: kind, Sends: m.sends, Err: err}
}

// result is the end of it; the signature is there whatever happened.
func (m *machine) result() (Outcome, error) {
	m.out.Signature, m.out.Sends = m.sig, m.sends
	return m.out, m.err
}
