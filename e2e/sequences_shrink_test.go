package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostReplays is the number of replays that shrinking a sequence may take.
const mostReplays = 250

// sequenceFailure is the first step of a sequence that fails.
type sequenceFailure struct {
	// at is the number of operations before it, and stage the check that
	// failed.
	at    int
	stage string
	text  string
}

// attempt is a test in which a failure ends a function, not the test.
type attempt struct {
	testing.TB
	text string
}

// errAttemptFailed is the panic that ends a failed attempt.
type errAttemptFailed struct{}

// Helper, Errorf and FailNow replace those of the test.
func (a *attempt) Helper() {}

// Errorf records a failure.
func (a *attempt) Errorf(format string, args ...any) { a.text += fmt.Sprintf(format, args...) }

// FailNow ends the attempt.
func (a *attempt) FailNow() { panic(errAttemptFailed{}) }

// sequenceRun plays sequences on a server.
type sequenceRun struct {
	*legsRun
	tally   sequenceTally
	replays int
}

// play plays a sequence in a new world. It returns nil if all steps agree with
// the forecast.
func (r *sequenceRun) play(s sequence) (failure *sequenceFailure) {
	try := &attempt{TB: r.t}
	server := *r.localnet
	server.t = try
	var w *sequenceWorld
	at := 0
	defer func() {
		caught := recover()
		if caught == nil {
			return
		}

		if _, expected := caught.(errAttemptFailed); !expected {
			panic(caught)
		}

		failure = &sequenceFailure{
			at:   at,
			text: try.text,
		}
		if w != nil {
			failure.stage = w.stage
		}
	}()

	w = newSequenceWorld(&server, r.legsRun, s.seed, &r.tally)
	w.compareAll()
	for i, o := range s.operations {
		at = i
		result := w.play(o)
		r.tally.count(o, result)
	}

	w.compareAll()

	return nil
}

// shrink returns a short sequence that fails at the same stage. It removes
// parts of decreasing length, then simplifies what is left.
func (r *sequenceRun) shrink(s sequence, failure *sequenceFailure) (sequence, *sequenceFailure) {
	cut := func(s sequence, failure *sequenceFailure) sequence {
		last := min(failure.at+1, len(s.operations))
		return sequence{seed: s.seed, operations: s.operations[:last]}
	}

	s = cut(s, failure)
	fails := func(operations []operation) bool {
		if r.replays >= mostReplays {
			return false
		}

		r.replays++
		shorter := sequence{seed: s.seed, operations: operations}
		now := r.play(shorter)
		if now == nil || now.stage != failure.stage {
			return false
		}

		s, failure = cut(shorter, now), now

		return true
	}

	for length := (len(s.operations) + 1) / 2; length > 0; length /= 2 {
		for start := 0; start < len(s.operations); {
			end := min(start+length, len(s.operations))
			if !fails(slices.Delete(slices.Clone(s.operations), start, end)) {
				start = end
			}
		}
	}

	for i := 0; i < len(s.operations); i++ {
		r.simplify(&s, i, fails)
	}

	return s, failure
}

// simplify turns off the switches of an operation one by one, and takes the
// first quote, as long as the sequence fails.
func (r *sequenceRun) simplify(s *sequence, at int, fails func([]operation) bool) {
	change := func(apply func(o *operation)) {
		if at >= len(s.operations) {
			return
		}

		changed := slices.Clone(s.operations)
		apply(&changed[at])
		if changed[at] != s.operations[at] {
			fails(changed)
		}
	}

	change(func(o *operation) { o.with = 0 })
	for i := range switchLetters {
		change(func(o *operation) { o.with &^= 1 << i })
	}

	change(func(o *operation) { o.pick = 0 })
	for _, size := range []uint64{1_000_000, 500_000, 100_000, 10_000} {
		change(func(o *operation) {
			if o.size != 1_000_000 && o.size != 500_000 && o.size != 100_000 {
				o.size = size
			}
		})
	}
}

// report fails the test with the shortest sequence.
func (r *sequenceRun) report(s sequence, failure *sequenceFailure) {
	before := failure.at + 1
	r.t.Logf("step %d of seed %d fails, check %q:\n%s\nshrinking …", failure.at, s.seed,
		failure.stage, strings.TrimSpace(failure.text))
	shortest, last := r.shrink(s, failure)
	require.FailNow(r.t, "a sequence differs from its forecast",
		"%s\n\nshrunk from %d to %d steps in %d replays; play it with %s, or add it to %s:\n%s",
		strings.TrimSpace(last.text), before, len(shortest.operations), r.replays,
		sequenceVariable, "knownSequences", shortest)
}
