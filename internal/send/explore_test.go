package send

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
)

var (
	errLost    = errors.New("connection reset")
	errRefused = &PreflightError{Err: []byte(`"InsufficientFundsForFee"`)}
	errLate    = &PreflightError{Err: []byte(`"BlockhashNotFound"`)}
	errInvalid = &PreflightError{Message: "invalid transaction", Malformed: true}
	testSig    = solana.Signature{1, 2, 3}
)

// universe is a joint state of the ledger and a machine.
type universe struct {
	c     chain
	e     entry
	m     machine
	now   time.Time
	limit uint64 // the last block of the exploration
}

const (
	startSlot = 2 // the slot at which the blockhash was read, at time zero
	// lifeSlots is the life of the blockhash, with one block in favor of the
	// adversary and one until it is confirmed.
	lifeSlots = 3
)

// key holds all parts of a universe that affect its future.
type key struct {
	head, overSlot, seenSlot         uint64
	e                                entry
	seenAt                           Commitment
	nextSend, nextPoll               time.Duration
	maybeSent, first, askLife, blind bool
	over, searched                   bool
	age                              time.Duration
}

func (u universe) key() key {
	due := func(t time.Time) time.Duration { return max(t.Sub(u.now), 0) }
	k := key{
		head:      u.c.head,
		e:         u.e,
		overSlot:  u.m.overSlot,
		over:      u.m.over,
		nextSend:  due(u.m.nextSend),
		nextPoll:  due(u.m.nextPoll),
		maybeSent: u.m.maybeSent,
		first:     u.m.sends == 0,
		askLife:   u.m.askLife,
		blind:     u.m.shallow,
		searched:  u.m.searched,
	}
	if u.m.life == lifeHeight {
		// From then on the time affects neither the machine nor the number of
		// blocks.
		k.age = min(u.now.Sub(time.Time{}), time.Duration(2*max(lifeSlots, u.limit-startSlot)))
	}

	if k.nextSend == 0 && k.nextPoll == 0 && u.m.nextPoll.Before(u.m.nextSend) {
		k.nextSend = -1 // the order of two due steps matters
	}

	if u.m.seen != nil {
		k.seenSlot, k.seenAt = u.m.seen.Slot, u.m.seen.Commitment
	}

	return k
}

// moves returns the universes after each possible change of the ledger.
func (u universe) moves(limit uint64) []universe {
	var out []universe
	add := func(change func(v *universe)) {
		v := u
		change(&v)
		out = append(out, v)
	}
	if u.c.head < limit {
		add(func(v *universe) { v.c.head++ })
		if u.e.fits(u.c.head + 1) {
			add(func(v *universe) { v.c.head++; v.e.landed = v.c.head })
		}

		if u.e.nonce && u.e.rival == 0 && u.e.landed == 0 {
			add(func(v *universe) { v.c.head++; v.e.rival = v.c.head })
		}
	}

	if u.e.landed == u.c.head || u.e.rival == u.c.head {
		add(func(v *universe) { v.e.revert(v.c) })
	}

	if u.e.fits(u.c.head) {
		add(func(v *universe) { v.e.landed = v.c.head })
	}

	if u.e.inflight {
		add(func(v *universe) { v.e.inflight = false })
	}

	return out
}

// answers returns the universes after each possible answer to the machine's
// next step.
func (u universe) answers() []universe {
	var out []universe
	add := func(change func(v *universe)) {
		v := u
		change(&v)
		out = append(out, v)
	}

	s := u.m.next(u.now)
	switch s.action {
	case actionWait:
		if u.inTime(s.until) {
			add(func(v *universe) { v.now = s.until })
		}

	case actionSend:
		add(func(v *universe) { v.e.reach(); v.m.onSend(v.now, nil) })
		// The bytes are accepted and then dropped.
		add(func(v *universe) { v.e.reached = true; v.m.onSend(v.now, nil) })
		add(func(v *universe) { v.e.reach(); v.m.onSend(v.now, errLost) })
		add(func(v *universe) { v.m.onSend(v.now, errLost) })
		add(func(v *universe) { v.m.onSend(v.now, errRefused) })
		add(func(v *universe) { v.m.onSend(v.now, errInvalid) })
		add(func(v *universe) { v.m.onSend(v.now, errLate) })
		add(func(v *universe) { v.m.onSend(v.now, errors.Join(errInvalid, errRefused)) })
		add(func(v *universe) { v.e.reach(); v.m.onSend(v.now, errors.Join(errInvalid, errLost)) })
		if u.e.landed != 0 {
			add(func(v *universe) {
				v.m.onSend(v.now, &PreflightError{Err: []byte(`"AlreadyProcessed"`)})
			})
		}

	case actionStatus:
		for tip := uint64(0); tip <= u.c.head; tip++ {
			add(func(v *universe) { v.told(s, v.e.statusAt(tip, s.history), tip) })
		}

		add(func(v *universe) { v.told(s, nil, v.e.blindSlot(v.c)) })
		if u.e.side != 0 {
			add(func(v *universe) { v.told(s, v.e.status(v.e.side, Processed), v.e.side) })
		}

		add(func(v *universe) { v.m.onStatus(v.now, s, Answer{}, errLost) })
		// One node reports a landing that no other node confirms.
		add(func(v *universe) { v.m.onStatus(v.now, s, Answer{Slot: 1, Disputed: true}, nil) })

	case actionHeight, actionNonce:
		for tip := uint64(0); tip <= u.c.head; tip++ {
			block := blockAt(tip, u.m.proofAt)
			if s.action == actionHeight {
				add(func(v *universe) { v.m.onHeight(v.now, Height{block, block, 1}, nil) })
				// A node reports a wrong height at its own slot.
				add(func(v *universe) { v.m.onHeight(v.now, Height{99, block, 1}, nil) })
			} else {
				add(func(v *universe) { v.m.onNonce(v.now, v.e.nonceGone(block), block, nil) })
			}
		}

		add(func(v *universe) { v.m.onLife(v.now, true, 99, errLost) })
	}

	return out
}

// told passes the status known to a node to the machine.
func (u *universe) told(s step, st *Status, slot uint64) {
	u.m.onStatus(u.now, s, Answer{Status: st, Slot: slot, Witnesses: 1}, nil)
}

// inTime reports whether time may pass without another block. Even a slow
// network makes a block in the time of two slots.
func (u universe) inTime(now time.Time) bool {
	return u.c.head >= u.limit || u.c.head-startSlot >= uint64(now.Sub(time.Time{}))/2
}

// verdict compares the machine's result with the ledger.
func (u universe) verdict() error {
	out, err := u.m.result()
	switch {
	case out.Signature != testSig:
		return errors.New("result without the signature")
	case errors.Is(err, ErrExpired):
		if !u.e.dead(u.c) {
			return errors.New("reported expired, but it landed or may land")
		}

	case errors.Is(err, ErrNotSent):
		if u.e.reached {
			return errors.New("reported not sent, but a node has it")
		}

	case err != nil:
		return fmt.Errorf("unexpected error: %w", err)
	case out.Slot == 0 ||
		(out.Slot != u.e.landed && (u.m.want != Processed || out.Slot != u.e.side)):
		return errors.New("reported landed, but it is not there")
	case (out.Err != nil) != u.e.fails:
		return errors.New("wrong execution result")
	case u.m.want == Confirmed && out.Slot+confirmLag > u.c.head, u.m.want == Finalized &&
		out.Slot+finalizeLag > u.c.head:
		return errors.New("reported landed too early")
	}

	return nil
}

// ends reports whether the machine comes to a true result if everything works
// from now on.
func (u universe) ends() bool {
	for range 100 {
		switch s := u.m.next(u.now); s.action {
		case actionStop:
			return u.verdict() == nil
		case actionWait:
			u.now = s.until
			u.c.head++
			if u.e.fits(u.c.head) {
				u.e.landed = u.c.head
			} else if u.e.nonce && u.e.landed == 0 && u.e.rival == 0 {
				u.e.rival = u.c.head
			}

		default:
			u.answer(s)
		}
	}

	return false
}

// answer passes the answer of a correct node to the machine.
func (u *universe) answer(s step) {
	switch s.action {
	case actionSend:
		u.e.reach()
		u.m.onSend(u.now, nil)
	case actionStatus:
		u.told(s, u.e.statusAt(u.c.head, s.history), u.c.head)
	case actionHeight:
		block := blockAt(u.c.head, u.m.proofAt)
		u.m.onHeight(u.now, Height{block, block, 1}, nil)
	case actionNonce:
		block := blockAt(u.c.head, u.m.proofAt)
		u.m.onNonce(u.now, u.e.nonceGone(block), block, nil)
	}
}

// TestMachine_AllStates visits all states that the ledger and a machine can
// reach together, in any order of events. It checks each result against the
// ledger, and that the machine can finish from each state.
func TestMachine_AllStates(t *testing.T) {
	for _, want := range []Commitment{Processed, Confirmed, Finalized} {
		for _, mode := range []string{"run", "resume", "look"} {
			for _, nonce := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s nonce=%t", mode, want, nonce), func(t *testing.T) {
					t.Parallel()
					u := universe{
						c:     chain{head: startSlot, margin: 2},
						e:     entry{lastValid: 3, nonce: nonce, fails: mode == "look"},
						limit: 7,
					}

					tx := Tx{Signature: testSig, LastValidBlockHeight: 3, Slot: startSlot}
					if nonce {
						tx = Tx{Signature: testSig, Nonce: true, Slot: nonceSlot}
					}

					u.m = smallMachine(tx, want, mode == "look", mode != "run")
					if mode != "run" {
						u.e.reach()
					}

					states, results := explore(t, u)
					require.Positive(t, results["landed"])
					require.Positive(t, results["expired"])
					require.Equal(t, mode == "run", results["not sent"] > 0)
					t.Logf("%d states, %v", states, results)
				})
			}
		}
	}
}

// smallMachine returns a machine for a small chain, on which a slot takes a
// nanosecond.
func smallMachine(tx Tx, want Commitment, readOnly, maybeSent bool) machine {
	cfg := Config{
		Commitment: want, PollEvery: 1, PollMax: 1, ResendEvery: 2,
		Clock:    &jumpClock{},
		SlotTime: func() time.Duration { return 1 },
	}
	if tx.Nonce {
		cfg.NonceAdvanced = (&script{}).nonceAdvanced
	}

	m := newMachine(tx, cfg, readOnly, maybeSent)
	m.margin, m.lifespan.blocks = 2, lifeSlots
	return m
}

func explore(t *testing.T, from universe) (int, map[string]int) {
	t.Helper()
	seen := map[key]bool{from.key(): true}
	results := map[string]int{}
	for queue := []universe{from}; len(queue) > 0; {
		u := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if u.m.done {
			require.NoError(t, u.verdict(), "%+v", u)
			results[label(u.m.err)]++
			continue
		}

		require.True(t, u.ends(), "a trap: %+v", u)
		for _, v := range append(u.moves(u.limit), u.answers()...) {
			if k := v.key(); v.m.done || !seen[k] {
				seen[k] = true
				queue = append(queue, v)
			}
		}
	}

	return len(seen), results
}

func label(err error) string {
	switch {
	case err == nil:
		return "landed"
	case errors.Is(err, ErrExpired):
		return "expired"
	case errors.Is(err, ErrNotSent):
		return "not sent"
	}
	return "other"
}

// letter is one possible answer of a node, true or not.
type letter struct {
	name string
	// result is the decision after this answer if the machine was undecided
	// before, subject to the earlier answers.
	result string
	apply  func(m *machine, now time.Time, s step)
}

// TestMachine_AllAnswerSequences passes all sequences of seven answers to a
// machine, without a ledger. It compares the result with a short statement of
// the rules: only the listed answers, in the listed circumstances, end the
// machine.
func TestMachine_AllAnswerSequences(t *testing.T) {
	send := func(err error) func(*machine, time.Time, step) {
		return func(m *machine, now time.Time, _ step) { m.onSend(now, err) }
	}
	status := func(st *Status, slot uint64, err error) func(*machine, time.Time, step) {
		return func(m *machine, now time.Time, s step) {
			m.onStatus(now, s, Answer{Status: st, Slot: slot, Witnesses: 1}, err)
		}
	}

	height := func(h, slot uint64, err error) func(*machine, time.Time, step) {
		return func(m *machine, now time.Time, _ step) { m.onHeight(now, Height{h, slot, 1}, err) }
	}
	alphabet := map[action][]letter{
		actionSend: {
			{"ok", "", send(nil)}, {"lost", "", send(errLost)},
			{"refused", "not sent", send(errRefused)}, {"invalid", "not sent", send(errInvalid)},
			{"late", "", send(errLate)},
		},
		actionStatus: {
			{"none, behind", "", status(nil, 10+forkMargin-1, nil)},
			{"none, ahead", "expired", status(nil, 10+forkMargin, nil)},
			{"processed", "", status(&Status{Slot: 9, Commitment: Processed}, 99, nil)},
			{"confirmed", "landed", status(&Status{Slot: 9, Commitment: Confirmed}, 99, nil)},
			{"failed", "landed",
				status(&Status{Slot: 9, Commitment: Confirmed, Err: []byte(`"x"`)}, 99, nil)},
			{"unknown word", "", status(&Status{Slot: 9, Commitment: "rooted?"}, 99, nil)},
			{"error", "", status(nil, 99, errLost)},
			{"disputed", "",
				func(m *machine, now time.Time, s step) {
					m.onStatus(now, s, Answer{Slot: 99, Disputed: true}, nil)
				}},
		},
		actionHeight: {
			{"below", "", height(7, 10, nil)}, {"above", "", height(8, 10, nil)},
			{"no slot", "", height(8, 0, nil)}, {"error", "", height(8, 10, errLost)},
		},
	}

	words := 0
	var walk func(m machine, now time.Time, maybeSent, above bool, depth int, word string)
	walk = func(m machine, now time.Time, maybeSent, above bool, depth int, word string) {
		if depth == 0 {
			words++
			return
		}

		s := m.next(now)
		for s.action == actionWait {
			now = s.until
			s = m.next(now)
		}

		for _, l := range alphabet[s.action] {
			n := m
			l.apply(&n, now, s)
			path := word + " / " + l.name
			want := l.result
			if (want == "not sent" && maybeSent) || (want == "expired" && (!above || !s.history)) {
				want = ""
			}

			require.Equal(t, want != "", n.done, path)
			if n.done {
				require.Equal(t, want, label(n.err), path)
				words++
				continue
			}

			walk(n, now, maybeSent || s.action == actionSend && l.name != "late",
				above || l.name == "above",
				depth-1, path)
		}
	}

	m := smallMachine(Tx{Signature: testSig, LastValidBlockHeight: 7}, Confirmed, false, false)
	m.margin, m.lifespan.blocks = forkMargin, 0
	walk(m, time.Time{}, false, false, 7, "")
	t.Logf("%d words", words)
}
