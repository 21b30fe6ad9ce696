package sdk

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sanctum-go/sanctum/internal/jsonrpc"
)

const (
	testSlotTime = 200 * time.Millisecond
	testSlot     = 400_000_000
)

// cluster is a clock with its slots and the slots that a client has seen.
type cluster struct {
	seenSlots
	start, time time.Time
}

func newCluster() *cluster {
	c := &cluster{start: time.Unix(1_790_000_000, 0)}
	c.time = c.start
	c.now = func() time.Time { return c.time }
	c.slotTime = func() time.Duration { return testSlotTime }
	return c
}

// current returns the slot of the cluster.
func (c *cluster) current() uint64 { return testSlot + uint64(c.time.Sub(c.start)/testSlotTime) }

func (c *cluster) pass(d time.Duration) { c.time = c.time.Add(d) }

// honest adds answers of correct nodes.
func (c *cluster) honest(t require.TestingT, answers int) {
	for range answers {
		c.pass(time.Second)
		require.NoError(t, c.told(c.current()))
	}
}

// TestSeenSlots_Honest checks that nodes up to 64 slots apart are believed at
// any time, while slots take between half and twice the measured time.
func TestSeenSlots_Honest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCluster()
		measured := rapid.SampledFrom([]time.Duration{testSlotTime / 2, testSlotTime,
			2 * testSlotTime}).Draw(t, "measured")
		c.slotTime = func() time.Duration { return measured }
		for range rapid.IntRange(1, 50).Draw(t, "answers") {
			c.pass(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "pause")))
			slot := c.current() - rapid.Uint64Range(0, 64).Draw(t, "lag")
			require.NoError(t, c.told(slot))
			require.True(t, c.plausible(slot))
		}
	})
}

// TestSeenSlots_OneWrongSlot checks that a single wrong slot is refused,
// however often it repeats between others, and has no effect.
func TestSeenSlots_OneWrongSlot(t *testing.T) {
	for _, far := range []uint64{1_000, 20_000, 50_000_000, 1 << 62, ^uint64(0) - 2*testSlot} {
		c := newCluster()
		c.honest(t, 1)
		for range 100 {
			err := c.told(c.current() + far)
			require.ErrorIs(t, err, jsonrpc.ErrNodeAhead)
			require.False(t, c.plausible(c.current()+far))
			c.honest(t, 1)
		}

		require.LessOrEqual(t, c.believed.slot, c.current())
	}
}

// TestSeenSlots_FirstIsWrong checks that a wrong first slot is detected with
// the next answer only.
func TestSeenSlots_FirstIsWrong(t *testing.T) {
	c := newCluster()
	lie := c.current() + 50_000_000
	require.NoError(t, c.told(lie))
	require.True(t, c.plausible(lie))
	c.honest(t, 1)
	require.False(t, c.plausible(lie))
	require.ErrorIs(t, c.told(lie), jsonrpc.ErrNodeAhead)
	c.honest(t, 1)
}

// TestSeenSlots_WrongSlotsDiffer checks that different wrong slots are never
// believed.
func TestSeenSlots_WrongSlotsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCluster()
		c.honest(t, 1)
		far := uint64(0)
		for range 20 {
			c.pass(time.Second)
			far += rapid.Uint64Range(100_000, 1_000_000_000).Draw(t, "further")
			require.ErrorIs(t, c.told(c.current()+far), jsonrpc.ErrNodeAhead)
		}
	})
}

// TestSeenSlots_NodeStoodStill gets answers of a node that stops and later
// returns to the slot of the cluster.
func TestSeenSlots_NodeStoodStill(t *testing.T) {
	// The client sees the node while it stands still, so the elapsed time
	// bounds its slot.
	c := newCluster()
	stands := c.current()
	for range 60 {
		require.NoError(t, c.told(stands))
		c.pass(time.Minute)
	}

	require.NoError(t, c.told(c.current()))

	// The client first sees the node after it has stood still for an hour.
	c = newCluster()
	require.NoError(t, c.told(c.current()-18_000))
	answers := 1
	for ; c.told(c.current()) != nil; answers++ {
		c.pass(testSlotTime)
	}

	require.Equal(t, repeated, answers)
	c.honest(t, 5)
}

// TestSeenSlots_WrongSlotAccepted checks that an accepted wrong slot is not
// permanent: nodes that advance elsewhere are believed in the end, and the
// floor is dropped.
func TestSeenSlots_WrongSlotAccepted(t *testing.T) {
	c := newCluster()
	c.honest(t, 3)
	for c.told(c.current()+50_000_000) != nil {
		c.pass(time.Second)
	}

	c.saw(c.current() + 50_000_000)
	start := c.time
	for c.slot.Load() != 0 {
		c.honest(t, 1)
		require.Less(t, c.time.Sub(start), 2*longestLie)
	}

	require.ErrorIs(t, c.told(c.current()+50_000_000), jsonrpc.ErrNodeAhead)

	// The wrong slot was accepted for the first market.
	c = newCluster()
	for range repeated {
		require.NoError(t, c.told(c.current()+50_000_000))
	}

	c.saw(c.current() + 50_000_000)
	c.honest(t, 40)
	require.Zero(t, c.slot.Load())
}

// TestSeenSlots_FloorHolds checks that the floor stays if nodes lag for any
// time, or stand still far behind.
func TestSeenSlots_FloorHolds(t *testing.T) {
	for name, slot := range map[string]func(*cluster) uint64{
		"five minutes behind": func(c *cluster) uint64 { return c.current() - 1_500 },
		"stands still":        func(*cluster) uint64 { return testSlot - 100_000 },
		"catches up slowly": func(c *cluster) uint64 {
			return testSlot - 100_000 + uint64(c.time.Sub(c.start)/testSlotTime)/10
		},
	} {
		c := newCluster()
		c.honest(t, 5)
		floor := c.current()
		c.saw(floor)
		for range 200 {
			c.pass(time.Second)
			require.NoError(t, c.told(slot(c)), name)
			require.Equal(t, floor, c.slot.Load(), name)
		}
	}

	// One node lags an hour, while the others are silent for some time.
	silent := newCluster()
	silent.honest(t, 5)
	silent.saw(silent.current())
	for range int(longestLie/time.Second) - 5 {
		silent.pass(time.Second)
		require.NoError(t, silent.told(silent.current()-18_000))
		require.NotZero(t, silent.slot.Load())
	}

	// One node lags an hour, but another one does not.
	c := newCluster()
	c.honest(t, 5)
	c.saw(c.current())
	for range 200 {
		c.honest(t, 1)
		require.NoError(t, c.told(c.current()-18_000))
		require.NotZero(t, c.slot.Load())
	}
}

// TestSeenSlots_Forget drops the slots of another cluster.
func TestSeenSlots_Forget(t *testing.T) {
	c := newCluster()
	c.honest(t, 5)
	c.saw(c.current())
	c.forget()
	require.Zero(t, c.slot.Load())
	require.NoError(t, c.told(7))
	require.NoError(t, c.told(8))
}

// TestSeenSlots_SawLanded checks that the slot of a landed transaction raises
// the view unless it is further ahead than the elapsed time allows.
func TestSeenSlots_SawLanded(t *testing.T) {
	c := newCluster()
	require.NoError(t, c.told(c.current()))
	c.sawLanded(c.current())
	require.Equal(t, c.current(), c.slot.Load())
	c.sawLanded(c.current() + 1_000_000)
	require.Equal(t, c.current(), c.slot.Load(), "a node's word alone")
	c.sawLanded(0)
	require.Equal(t, c.current(), c.slot.Load())
}
