package e2e

import (
	"fmt"
	"math/rand/v2"
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
	tally sequenceTally
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

// shrinker finds a short sequence that fails.
type shrinker struct {
	play    func(s sequence) *sequenceFailure
	replays int
	// shortest is the shortest sequence so far, and failure its failure.
	shortest sequence
	failure  *sequenceFailure
}

// shrink shortens a sequence that fails. It removes parts of decreasing length,
// then simplifies what is left.
func (r *shrinker) shrink(s sequence, failure *sequenceFailure) {
	r.take(s, failure)
	for length := (len(r.shortest.operations) + 1) / 2; length > 0; length /= 2 {
		for start := 0; start < len(r.shortest.operations); {
			all := slices.Clone(r.shortest.operations)
			end := min(start+length, len(all))
			if !r.fails(slices.Delete(all, start, end)) {
				start = end
			}
		}
	}

	for i := 0; i < len(r.shortest.operations); i++ {
		r.simplify(i)
	}
}

// take makes a sequence the shortest one, without the operations after the one
// that fails.
func (r *shrinker) take(s sequence, failure *sequenceFailure) {
	last := min(failure.at+1, len(s.operations))
	r.shortest = sequence{seed: s.seed, operations: s.operations[:last]}
	r.failure = failure
}

// fails reports whether a sequence fails the same check, and takes it if so.
func (r *shrinker) fails(operations []operation) bool {
	if r.replays >= mostReplays {
		return false
	}

	r.replays++
	shorter := sequence{seed: r.shortest.seed, operations: operations}
	failure := r.play(shorter)
	if failure == nil || failure.stage != r.failure.stage {
		return false
	}

	r.take(shorter, failure)

	return true
}

// simplify turns off the switches of an operation, takes the first quote, and
// rounds the amount, as long as the sequence fails.
func (r *shrinker) simplify(at int) {
	change := func(apply func(o *operation)) bool {
		if at >= len(r.shortest.operations) {
			return false
		}

		changed := slices.Clone(r.shortest.operations)
		apply(&changed[at])
		return changed[at] != r.shortest.operations[at] && r.fails(changed)
	}

	change(func(o *operation) { o.with = 0 })
	for i := range switchLetters {
		change(func(o *operation) { o.with &^= 1 << i })
	}

	change(func(o *operation) { o.pick = 0 })
	for _, size := range []uint64{1_000_000, 500_000, 100_000, 10_000} {
		if s := r.shortest.operations; at < len(s) && s[at].size == size ||
			change(func(o *operation) { o.size = size }) {
			break
		}
	}
}

// report fails the test with a short sequence.
func (r *sequenceRun) report(s sequence, failure *sequenceFailure) {
	r.t.Logf("step %d of seed %d fails, check %q:\n%s\nshrinking …", failure.at, s.seed,
		failure.stage, strings.TrimSpace(failure.text))
	short := shrinker{play: r.play}
	short.shrink(s, failure)
	require.FailNow(r.t, "a sequence differs from its forecast",
		"%s\n\nshrunk from %d to %d steps in %d replays; play it with %s, or add it to %s:\n%s",
		strings.TrimSpace(short.failure.text), failure.at+1, len(short.shortest.operations),
		short.replays, sequenceVariable, "knownSequences", short.shortest)
}

// TestShrinker_FindsTheCause checks that of 100 operations the two remain that
// make a sequence fail, without their options, and that another failure is not
// mistaken for it.
func TestShrinker_FindsTheCause(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := sequence{
		seed:       seed,
		operations: randomOperations(rand.New(rand.NewPCG(seed, 0)), 100),
	}

	for i := range s.operations {
		s.operations[i].with |= wrapped
	}

	play := func(s sequence) *sequenceFailure {
		armed := false
		for i, o := range s.operations {
			switch {
			case o.id == 23:
				armed = true
			case o.id == 71 && armed && o.with.has(wrapped):
				return &sequenceFailure{at: i, stage: "state"}
			case o.id == 71:
				return &sequenceFailure{at: i, stage: "amounts"}
			}
		}

		return nil
	}

	failure := play(s)
	require.Equal(t, 71, failure.at)
	short := shrinker{play: play}
	short.shrink(s, failure)
	require.Len(t, short.shortest.operations, 2)
	require.LessOrEqual(t, short.replays, mostReplays)
	first, last := short.shortest.operations[0], short.shortest.operations[1]
	require.Equal(t, []int{23, 71}, []int{first.id, last.id})
	require.Equal(t, []switches{0, wrapped}, []switches{first.with, last.with})
	require.Equal(t, short.shortest, parseSequence(t, short.shortest.String()))
	require.Equal(t, s, parseSequence(t, s.String()))
}
