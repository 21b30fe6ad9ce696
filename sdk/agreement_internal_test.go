package sdk

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/send"
)

// says returns a vote for a status at slot 100, from a node at slot 110.
func says(at send.Commitment, err string) vote {
	return vote{status: &send.Status{Slot: 100, Commitment: at, Err: json.RawMessage(err)},
		slot: 110}
}

func knowsNothing(slot uint64) vote { return vote{slot: slot} }

// agreeCase is a set of votes and the expected answer.
type agreeCase struct {
	name      string
	votes     []vote
	quorum    int
	want      send.Commitment // commitment of the status, if any
	witnesses int
	disputed  bool
}

// agreeCases returns the cases of [TestAgree_Votes].
func agreeCases() []agreeCase {
	success, failure := "null", `{"InstructionError":[0,{"Custom":1}]}`
	still := vote{slot: 99, still: true}

	return []agreeCase{
		{
			name:      "one node",
			votes:     []vote{says(send.Confirmed, success)},
			want:      send.Confirmed,
			witnesses: 1,
		},
		{name: "no node knows it", votes: []vote{knowsNothing(110), knowsNothing(111)}},
		{name: "one of two", votes: []vote{says(send.Finalized, success), knowsNothing(110)},
			disputed: true},
		{name: "one of two, the other lags",
			votes: []vote{says(send.Finalized, success), knowsNothing(90)}, disputed: true},
		{
			name:      "one of two, the other stands still",
			votes:     []vote{says(send.Finalized, success), still},
			want:      send.Finalized,
			witnesses: 1,
		},
		{name: "one of two, the other stands still behind it",
			votes: []vote{says(send.Finalized, success), {slot: 100, still: true}}, disputed: true},
		{
			name: "two of three",
			votes: []vote{says(send.Confirmed, success), knowsNothing(110),
				says(send.Confirmed, success)},
			want:      send.Confirmed,
			witnesses: 2,
		},
		{name: "one of three",
			votes:    []vote{knowsNothing(110), knowsNothing(110), says(send.Finalized, success)},
			disputed: true},
		{name: "two of four",
			votes: []vote{says(send.Finalized, success), says(send.Finalized, success),
				knowsNothing(110), knowsNothing(110)},
			disputed: true},
		{
			name:      "the weaker of two",
			votes:     []vote{says(send.Finalized, success), says(send.Processed, success)},
			want:      send.Processed,
			witnesses: 2,
		},
		{
			name: "the commitment of the majority",
			votes: []vote{says(send.Finalized, success), says(send.Confirmed, success),
				says(send.Processed, success)},
			want:      send.Confirmed,
			witnesses: 2,
		},
		{
			name:      "unknown commitment",
			votes:     []vote{says("rooted", success), says(send.Confirmed, success)},
			want:      "rooted",
			witnesses: 2,
		},
		{name: "success and failure",
			votes:    []vote{says(send.Finalized, success), says(send.Finalized, failure)},
			disputed: true},
		{
			name: "two report a failure",
			votes: []vote{says(send.Finalized, success), says(send.Finalized, failure),
				says(send.Finalized, failure)},
			want:      send.Finalized,
			witnesses: 2,
		},
		{
			name: "the same error in other spelling",
			votes: []vote{says(send.Confirmed, `{ "InstructionError" : [0,{"Custom":1}] }`),
				says(send.Confirmed, failure)},
			want:      send.Confirmed,
			witnesses: 2,
		},
		{
			name:      "no error in two spellings",
			votes:     []vote{says(send.Confirmed, ""), says(send.Confirmed, success)},
			want:      send.Confirmed,
			witnesses: 2,
		},
		{
			name:     "a quorum of two with one",
			votes:    []vote{says(send.Confirmed, success)},
			quorum:   2,
			disputed: true,
		},
		{
			name: "a quorum of three with two",
			votes: []vote{says(send.Confirmed, success), says(send.Confirmed, success),
				knowsNothing(110)},
			quorum:   3,
			disputed: true,
		},
		{
			name:     "a quorum of one is no less than a majority",
			votes:    []vote{says(send.Confirmed, success), knowsNothing(110)},
			quorum:   1,
			disputed: true,
		},
	}
}

func TestAgree_Votes(t *testing.T) {
	for _, c := range agreeCases() {
		t.Run(c.name, func(t *testing.T) {
			got := agree(c.votes, c.quorum)
			require.Equal(t, c.disputed, got.Disputed)
			require.Equal(t, c.witnesses, got.Witnesses)
			if c.want == "" {
				require.Nil(t, got.Status)
				return
			}

			require.NotNil(t, got.Status)
			require.Equal(t, c.want, got.Status.Commitment)
			require.Equal(t, uint64(100), got.Status.Slot)
		})
	}

	require.Equal(t, uint64(90), agree([]vote{knowsNothing(120), knowsNothing(90)}, 0).Slot,
		"the lowest slot counts")
}

// TestAgree_WrongMinority lets fewer than half of the nodes answer anything.
// The result is that of the honest nodes, or disputed.
func TestAgree_WrongMinority(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		commitments := []send.Commitment{send.Processed, send.Confirmed, send.Finalized, "rooted"}
		honest := rapid.IntRange(1, 4).Draw(t, "honest")
		liars := rapid.IntRange(0, honest-1).Draw(t, "liars")
		landed := rapid.Bool().Draw(t, "landed")
		firmest := rapid.IntRange(0, 2).Draw(t, "firmest")
		var votes []vote
		for range honest {
			v := knowsNothing(110)
			if landed && rapid.Bool().Draw(t, "seen") {
				v = says(commitments[rapid.IntRange(0, firmest).Draw(t, "at")], "null")
			}

			votes = append(votes, v)
		}

		for range liars {
			v := knowsNothing(rapid.Uint64Range(0, 1000).Draw(t, "slot"))
			if rapid.Bool().Draw(t, "claims") {
				v = says(rapid.SampledFrom(commitments).Draw(t, "claim"),
					rapid.SampledFrom([]string{"null", `"x"`}).Draw(t, "err"))
				v.status.Slot = rapid.Uint64Range(90, 200).Draw(t, "block")
			}

			votes = append(votes, v)
		}

		votes = rapid.Permutation(votes).Draw(t, "order")
		got := agree(votes, 0)
		switch {
		case got.Status == nil:
		case !landed:
			t.Fatalf("landed by the word of %d of %d", liars, honest+liars)
		case outcomeKey(got.Status.Err) != "":
			t.Fatalf("failed by the word of %d of %d", liars, honest+liars)
		case got.Status.Commitment.Firmer(commitments[firmest]):
			t.Fatalf("%s, where no honest node has it firmer than %s", got.Status.Commitment,
				commitments[firmest])
		}
	})
}

func TestPace_Still(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	for _, c := range []struct {
		name   string
		passed time.Duration
		slot   uint64
		want   bool
	}{
		{"just asked", 0, 100, false},
		{"not long enough", 4 * time.Second, 100, false},
		{"stands still", 5 * time.Second, 100, true},
		{"went back", 5 * time.Second, 90, true},
		{"a quarter of the slots", 5 * time.Second, 100 + 25/4, false},
		{"fewer", 5 * time.Second, 100 + 25/4 - 1, true},
		{"all of them", time.Minute, 400, false},
	} {
		p := pace{since: start, from: 100}
		require.Equal(t, c.want, p.still(start.Add(c.passed), c.slot, 200*time.Millisecond), c.name)
	}

	require.False(t, pace{since: start}.still(start.Add(time.Hour), 0, 0))
}
