package send

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// rivals are two machines that send two transactions with the same nonce over
// one ledger. A third party may also advance the nonce.
type rivals struct {
	of    [2]universe
	third uint64 // the slot at which the third party did, or zero
}

// newRivals returns two machines at the start of an exploration.
func newRivals(want Commitment, modes [2]string) rivals {
	var r rivals
	for i := range r.of {
		u := universe{c: chain{head: startSlot, margin: 2}, e: entry{nonce: true}}
		tx := Tx{Signature: testSig, Nonce: true, Slot: nonceSlot}
		u.m = smallMachine(tx, want, modes[i] == "look", modes[i] != "run")
		if modes[i] != "run" {
			u.e.reach()
		}

		r.of[i] = u
	}

	return r
}

// after returns a changed copy in which each machine sees the others' effects
// on the nonce.
func (r rivals) after(change func(r *rivals)) rivals {
	change(&r)
	for i := range r.of {
		u := &r.of[i]
		u.e.rival = max(r.third, r.of[1-i].e.landed)
		if m := u.m; m.done {
			u.m = machine{
				sig:  m.sig,
				want: m.want,
				done: true,
				err:  m.err,
				out:  m.out,
			} // its earlier state has no effect
		}
	}

	return r
}

func (r *rivals) extend() {
	for i := range r.of {
		r.of[i].c.head++
	}
}

// moves returns the rivals after each possible change of the ledger.
func (r rivals) moves(limit uint64) (out []rivals) {
	head := r.of[0].c.head
	if head < limit {
		out = append(out, r.after((*rivals).extend))
		if r.third == 0 && r.of[0].e.landed == 0 && r.of[1].e.landed == 0 {
			out = append(out, r.after(func(r *rivals) { r.extend(); r.third = head + 1 }))
		}
	}

	if r.third == head || r.of[0].e.landed == head || r.of[1].e.landed == head {
		out = append(out, r.after(func(r *rivals) {
			for i := range r.of {
				r.of[i].e.revert(r.of[i].c)
			}

			if r.third == head {
				r.third = 0
			}
		}))
	}

	for i := range r.of {
		e := r.of[i].e
		if e.fits(head) {
			out = append(out, r.after(func(r *rivals) { r.of[i].e.landed = head }))
		}

		if head < limit && e.fits(head+1) {
			out = append(out, r.after(func(r *rivals) { r.extend(); r.of[i].e.landed = head + 1 }))
		}

		if e.inflight {
			out = append(out, r.after(func(r *rivals) { r.of[i].e.inflight = false }))
		}
	}

	return out
}

// answers returns the rivals after each possible answer to either machine.
func (r rivals) answers() (out []rivals) {
	for i := range r.of {
		if r.of[i].m.done {
			continue
		}
		for _, u := range r.of[i].answers() {
			out = append(out, r.after(func(r *rivals) { r.of[i] = u }))
		}
	}
	return out
}

// check compares the results of both machines with the ledger.
func (r rivals) check() error {
	landed := 0
	for i := range r.of {
		u := r.of[i]
		if u.e.landed != 0 {
			landed++
		}

		if !u.m.done || u.m.err == nil && u.m.want == Processed {
			continue // a processed status may disappear
		}

		if err := u.verdict(); err != nil {
			return fmt.Errorf("transaction %d: %w", i, err)
		}
	}

	if landed > 1 {
		return errors.New("both landed")
	}

	if a, b := r.of[0].m, r.of[1].m; a.done && b.done && a.err == nil && b.err == nil &&
		a.want != Processed {
		return errors.New("both were reported landed")
	}

	return nil
}

// pairKey holds all parts of rivals that affect their future.
type pairKey struct {
	of    [2]key
	done  [2]string
	third uint64
}

func (r rivals) key() pairKey {
	k := pairKey{of: [2]key{r.of[0].key(), r.of[1].key()}, third: r.third}
	for i := range r.of {
		if m := r.of[i].m; m.done {
			k.done[i] = fmt.Sprint(label(m.err), m.out.Slot)
		}
	}
	return k
}

// TestMachine_TwoOfOneNonce visits all states that two machines and the ledger
// can reach together while two blocks pass. Both transactions never land, and
// neither is reported expired while it may land.
func TestMachine_TwoOfOneNonce(t *testing.T) {
	from := newRivals(Confirmed, [2]string{"look", "look"})
	seen := map[pairKey]bool{from.key(): true}
	results := map[string]int{}
	for queue := []rivals{from}; len(queue) > 0; {
		r := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		require.NoError(t, r.check(), "%+v", r)
		if a, b := r.of[0].m, r.of[1].m; a.done && b.done {
			results[label(a.err)+", "+label(b.err)]++
			continue
		}

		for _, next := range append(r.moves(4), r.answers()...) {
			k := next.key()
			mirrored := pairKey{of: [2]key{k.of[1], k.of[0]}, done: [2]string{k.done[1], k.done[0]},
				third: k.third}
			if !seen[k] && !seen[mirrored] {
				seen[k] = true
				queue = append(queue, next)
			}
		}
	}

	t.Logf("%d states, %v", len(seen), results)
	require.Positive(t, results["landed, expired"]+results["expired, landed"])
}

// TestMachine_TwoOfOneNonceAtRandom takes longer random paths through the same
// states, with machines that send, until everything works again. Both machines
// come to a result, and at most one transaction lands.
func TestMachine_TwoOfOneNonceAtRandom(t *testing.T) {
	modes := []string{"run", "resume", "look"}
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SampledFrom([]Commitment{Processed, Confirmed, Finalized}).Draw(t,
			"commitment")
		r := newRivals(want,
			[2]string{rapid.SampledFrom(modes).Draw(t, "first"),
				rapid.SampledFrom(modes).Draw(t, "second")})
		step := func(all []rivals) {
			if len(all) > 0 {
				r = rapid.SampledFrom(all).Draw(t, "next")
			}

			if err := r.check(); err != nil {
				t.Fatalf("%v: %+v", err, r)
			}
		}

		for range rapid.IntRange(0, 80).Draw(t, "steps") {
			if rapid.IntRange(0, 2).Draw(t, "who") == 0 {
				step(r.moves(12))
			} else {
				step(r.answers())
			}
		}

		for range 100 {
			r.behave()
			if err := r.check(); err != nil {
				t.Fatalf("%v: %+v", err, r)
			}
		}

		for i := range r.of {
			if !r.of[i].m.done {
				t.Fatalf("transaction %d has no end: %+v", i, r)
			}
		}
	})
}

// behave passes a slot in which everything works. A transaction that can land
// does; otherwise the third party advances the nonce.
func (r *rivals) behave() {
	*r = r.after((*rivals).extend)
	head := r.of[0].c.head
	if r.third == 0 && r.of[0].e.landed == 0 && r.of[1].e.landed == 0 {
		*r = r.after(func(r *rivals) {
			switch {
			case r.of[0].e.fits(head):
				r.of[0].e.landed = head
			case r.of[1].e.fits(head):
				r.of[1].e.landed = head
			case r.of[0].m.done || r.of[1].m.done || head > 20:
				r.third = head
			}
		})
	}

	for i := range r.of {
		*r = r.after(func(r *rivals) { r.of[i].answerAll() })
	}
}

// answerAll answers correctly until the machine waits or is done.
func (u *universe) answerAll() {
	for {
		switch s := u.m.next(u.now); s.action {
		case actionStop:
			return
		case actionWait:
			u.now = s.until
			return
		default:
			u.answer(s)
		}
	}
}
