package send

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/gagliardetto/solana-go"
)

const (
	// forkMargin is the number of slots between the end of the transaction's
	// life and an empty status answer that proves absence. A status answer
	// reflects the processed tip of a node, which may be on a minority fork
	// without the block that holds the transaction. No node follows such a fork
	// for 32 slots: at that depth a vote is locked in.
	forkMargin = 32
	// wakeGap is the shortest pause between two status queries when Wake asks
	// for the second one.
	wakeGap = 100 * time.Millisecond
)

var (
	errNoContextSlot = errors.New("the answer has no context slot")
	errTooEarly      = errors.New(
		"the reported block height is higher than the elapsed time allows",
	)
	errDisputed = errors.New("nodes disagree about whether the transaction landed")
)

// action is the kind of a step.
type action uint8

const (
	actionSend   action = iota + 1 // broadcast the bytes
	actionStatus                   // ask for the signature's status
	actionHeight                   // ask for the block height
	actionNonce                    // ask whether the nonce has advanced
	actionWait                     // do nothing until step.until
	actionStop                     // the result is known
)

// step is the next thing to do.
type step struct {
	action action
	// history makes actionStatus search the whole ledger.
	history bool
	// proof marks an actionStatus after the end of the transaction's life: an
	// empty answer is final.
	proof bool
	// until ends actionWait.
	until time.Time
}

// life is the kind of limit on the transaction's life.
type life uint8

const (
	lifeHeight  life = iota + 1 // it ends at a block height
	lifeNonce                   // it ends when the durable nonce advances
	lifeForever                 // it has a durable nonce that is not watched
)

// machine decides what to do next. A loop drives it: it calls next, carries out
// the step, and reports the result with the matching on… method.
type machine struct {
	sig         solana.Signature
	want        Commitment // the commitment at which the transaction counts as landed
	proofAt     Commitment // the commitment at which the end of life is read
	life        life
	lastValid   uint64
	readSlot    uint64        // the slot at which the blockhash or nonce was read
	lifespan    lifespan      // the life of the blockhash by the local clock
	slotTime    time.Duration // the last measured slot time
	readOnly    bool          // query only, never broadcast
	margin      uint64
	pollEvery   time.Duration
	pollMax     time.Duration
	resendEvery time.Duration

	// maybeSent means that a copy of the transaction may be on its way to a
	// leader. From then on no node's refusal is final.
	maybeSent bool
	searched  bool // history was searched, or the node keeps none
	mine      bool // a copy that this call broadcast may be on its way
	sends     int
	nextSend  time.Time
	nextPoll  time.Time
	lastPoll  time.Time
	gap       time.Duration
	askLife   bool // the end of life is to be queried next
	// shallow means that the last history search failed. The next query goes
	// without, since the node may keep no history.
	shallow bool
	seen    *Status // the last known status, below the wanted commitment
	// over means that the life of the transaction is over, as of overSlot.
	over     bool
	overSlot uint64
	last     error // the last failed call

	done bool
	out  Outcome
	err  error
}

// newMachine returns a machine whose first step is a broadcast, or a status
// query if the transaction may have been sent before.
func newMachine(tx Tx, cfg Config, readOnly, maybeSent bool) machine {
	m := machine{
		sig:         tx.Signature,
		want:        cfg.Commitment,
		proofAt:     cfg.Commitment,
		life:        lifeHeight,
		lastValid:   tx.LastValidBlockHeight,
		readSlot:    tx.Slot,
		lifespan:    newLifespan(tx, cfg.Clock.Now()),
		slotTime:    cfg.SlotTime(),
		readOnly:    readOnly,
		margin:      forkMargin,
		pollEvery:   cfg.PollEvery,
		pollMax:     cfg.PollMax,
		resendEvery: cfg.ResendEvery,
		maybeSent:   maybeSent,
		searched:    !maybeSent,
		gap:         cfg.PollEvery,
	}
	if m.proofAt.rank() < Confirmed.rank() {
		// A processed block above the last valid height may lose to a shorter
		// fork that can still include the transaction.
		m.proofAt = Confirmed
	}

	if maybeSent {
		// The transaction may have landed: query its status before the first
		// broadcast.
		m.nextSend = m.nextPoll.Add(1)
	}

	if tx.Nonce {
		m.life = lifeForever
		if cfg.NonceAdvanced != nil {
			m.life = lifeNonce
		}
	}

	return m
}

// next returns the step to take at time now. It does not change the machine.
func (m *machine) next(now time.Time) step {
	sending := !m.readOnly && !m.over && m.seen == nil
	pollDue := !now.Before(m.nextPoll)
	switch {
	case m.done:
		return step{action: actionStop}
	case m.askLife && m.life == lifeHeight:
		return step{action: actionHeight}
	case m.askLife && m.life == lifeNonce:
		return step{action: actionNonce}
	case sending && !now.Before(m.nextSend) && (!pollDue || !m.nextPoll.Before(m.nextSend)):
		return step{action: actionSend}
	case pollDue:
		// Without history a node forgets a status after a few minutes. A
		// transaction with a durable nonce, or one that was sent before, may be
		// older than that.
		deep := (m.over || m.life != lifeHeight || !m.searched) && !m.shallow
		return step{
			action:  actionStatus,
			history: deep,
			proof:   m.over,
		}
	}

	until := m.nextPoll
	if sending && m.nextSend.Before(until) {
		until = m.nextSend
	}

	return step{action: actionWait, until: until}
}

// onSend records the result of a broadcast.
func (m *machine) onSend(now time.Time, err error) Event {
	m.sends++
	m.nextSend = now.Add(m.resendEvery)
	if m.sends == 1 && !m.maybeSent {
		// The transaction cannot have a status yet.
		m.nextPoll = now.Add(m.gap)
	}

	if err == nil {
		m.maybeSent, m.mine = true, true
		return m.event(EventSent, nil)
	}

	m.last = err
	m.out.Earlier = m.out.Earlier || !m.mine && processed(err)
	switch refused := refusal(err); {
	case refused == nil:
		m.maybeSent = true
		m.mine = m.mine || !processed(err)
	case m.maybeSent:
	case refused.late():
		// The node has not seen the blockhash yet, or no longer knows it.
		// Another node, or this one later, may accept the transaction.
		m.nextSend = now.Add(m.pollEvery)

	default:
		m.finish(fmt.Errorf("%w: %w", ErrNotSent, refused.public()))
	}

	return m.event(EventSendFailed, err)
}

// onStatus records the answer to the actionStatus step asked.
func (m *machine) onStatus(now time.Time, asked step, answer Answer, err error) Event {
	m.lastPoll = now
	m.nextPoll = now.Add(m.gap)
	m.gap = min(m.gap+m.gap/2, m.pollMax)
	m.shallow = asked.history && err != nil
	m.searched = m.searched || asked.history
	before := m.seen
	st := answer.Status
	if err == nil && answer.Disputed {
		// The transaction neither counts as landed nor as lost.
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
		m.finish(&ExpiredError{
			Signature:            m.sig,
			LastValidBlockHeight: m.lastValid,
			Last:                 m.last,
		})

		return Event{}

	case st == nil && before == nil:
		return Event{}
	case st == nil:
		m.resetBackoff(now)
		return m.event(EventLost, nil)
	}

	seen := *st
	if len(seen.Err) == 0 || bytes.Equal(seen.Err, []byte("null")) {
		seen.Err = nil // json.RawMessage keeps a null as text
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

	m.resetBackoff(now)
	ev := m.event(EventSeen, nil)
	ev.Status = &seen

	return ev
}

// provesAbsence reports whether an empty status answer at slot, given after the
// transaction's life was over, is final.
func (m *machine) provesAbsence(slot uint64) bool {
	end := m.overSlot
	if m.life == lifeHeight && m.readSlot != 0 {
		// A node may report the height with too low a slot: the blocks of a
		// lifespan take at least as many slots.
		end = max(end, m.readSlot+m.lifespan.blocks)
	}
	return slot >= end && slot-end >= m.margin
}

// lifeMayBeOver reports whether to query the end of life.
func (m *machine) lifeMayBeOver(now time.Time) bool {
	switch m.life {
	case lifeHeight:
		return m.lifespan.over(now, m.slotTime, several)
	case lifeNonce:
		return true
	}
	return false
}

// onHeight records the answer to an actionHeight step. A height alone proves
// nothing: the time by the local clock must agree.
func (m *machine) onHeight(now time.Time, told Height, err error) Event {
	over := told.Height > m.lastValid
	if err == nil && over && !m.lifespan.over(now, m.slotTime, told.Witnesses) {
		err = errTooEarly
	}
	return m.onLife(now, over, told.Slot, err)
}

// onNonce records the answer to an actionNonce step.
func (m *machine) onNonce(now time.Time, advanced bool, contextSlot uint64, err error) Event {
	return m.onLife(now, advanced && contextSlot >= m.readSlot, contextSlot, err)
}

// onLife records whether the life of the transaction is over. Later answers of
// nodes that lag do not change that, so it is not queried again. One status
// query remains.
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

// resetBackoff shortens the pauses again after a change of status.
func (m *machine) resetBackoff(now time.Time) {
	m.gap = m.pollEvery
	m.nextPoll = now.Add(m.gap)
}

// onWake makes the next status query due.
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

// onInterrupt ends the wait because the caller's context ended.
func (m *machine) onInterrupt(cause error) {
	last := m.last
	if errors.Is(last, cause) {
		last = nil // the same end of the context cut this call short
	}

	if !m.maybeSent {
		err := fmt.Errorf("%w: %w", ErrNotSent, cause)
		if refused := refusal(last); refused != nil {
			err = fmt.Errorf("%w: %w: %w", ErrNotSent, cause, refused.public())
		}

		m.finish(err)
		return
	}

	m.finish(&UncertainError{
		Signature:            m.sig,
		LastValidBlockHeight: m.lastValid,
		Cause:                cause,
		Last:                 last,
	})
}

func (m *machine) finish(err error) { m.done, m.err = true, err }

func (m *machine) event(kind EventKind, err error) Event {
	return Event{
		Kind:  kind,
		Sends: m.sends,
		Err:   err,
	}
}

// result returns the outcome. Its Signature is always set.
func (m *machine) result() (Outcome, error) {
	m.out.Signature, m.out.Sends = m.sig, m.sends
	return m.out, m.err
}
