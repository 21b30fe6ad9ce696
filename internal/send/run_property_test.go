package send

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"pgregory.net/rapid"
)

// jumpClock is a clock on which each pause ends immediately.
type jumpClock struct{ now time.Time }

func (c *jumpClock) Now() time.Time { return c.now }

func (c *jumpClock) After(d time.Duration) (<-chan time.Time, func()) {
	c.now = c.now.Add(d)
	fired := make(chan time.Time, 1)
	fired <- c.now
	return fired, func() {}
}

// network is a cluster with several transactions of a user. rapid draws all its
// failures.
type network struct {
	t      *rapid.T
	c      chain
	txs    map[solana.Signature]*entry
	patch  int    // answers left until everything works
	cancel func() // cancels the user's context
	value  uint64 // number of nonce values that the user has read
	waited int    // answers since the last value was read
	clock  *jumpClock
}

// slot is the duration of a slot on a fast network.
const slot = 200 * time.Millisecond

// birthSlot is the slot at time zero.
const birthSlot = 50

// whim draws a number below count. It is zero once everything works.
func (n *network) whim(name string, count int) int {
	if n.patch <= 0 {
		return 0
	}
	return rapid.IntRange(0, count-1).Draw(n.t, name)
}

// drift lets time pass before an answer.
func (n *network) drift() {
	n.patch--
	n.waited++
	steps := []int{1, 0, 2, 9, 40}[n.whim("slots", 5)]
	// Even a slow network makes a block in the time of two slots.
	least := birthSlot + int(n.clock.now.Sub(time.Time{})/(2*slot))
	steps = max(steps, least-int(n.c.head))

	for range steps {
		if n.whim("revert", 4) == 3 {
			for _, e := range n.txs {
				e.revert(n.c)
			}
		}

		n.c.head++
		for _, e := range n.txs {
			if e.fits(n.c.head) && n.whim("land", 3) == 0 {
				e.landed = n.c.head
				n.use(e.value, e)
			} else if n.whim("drop", 6) == 5 {
				e.inflight = false
			}
		}
	}

	// A third party advances the nonce in the end. A call that only queries
	// would otherwise wait forever for a transaction that no node holds.
	if n.value != 0 && (n.whim("third party", 10) == 9 || n.waited > 200) && n.unused(n.value) {
		n.c.head++
		n.use(n.value, nil)
	}

	if n.whim("patience", 12) == 11 {
		n.cancel()
	}
}

// unused reports whether a nonce still has this value.
func (n *network) unused(value uint64) bool {
	for _, e := range n.txs {
		if e.value == value && (e.landed != 0 || e.rival != 0) {
			return false
		}
	}
	return true
}

// use marks the nonce of all other transactions with this value as advanced.
func (n *network) use(value uint64, by *entry) {
	for _, e := range n.txs {
		if e.nonce && e != by && e.value == value {
			e.rival = n.c.head
		}
	}
}

// nonceAdvanced returns the answer of some node about the nonce of a
// transaction, which was written at slot written.
func (n *network) nonceAdvanced(
	e *entry,
	written uint64,
) func(context.Context, Commitment) (bool, uint64, error) {
	return func(_ context.Context, at Commitment) (bool, uint64, error) {
		n.drift()
		if n.whim("nonce", 5) == 4 {
			return false, 0, errLost
		}
		block, used := blockAt(n.tip(), at), max(e.landed, e.rival)
		return block < written || used != 0 && used <= block, block, nil
	}
}

func (n *network) Broadcast(ctx context.Context, raw []byte) error {
	n.drift()
	e := n.txs[solana.SignatureFromBytes(raw[1:65])]
	switch n.whim("broadcast", 7) {
	case 1:
		return errRefused
	case 2:
		return errLost
	case 3:
		e.reach()
		return errLost
	case 4:
		return errors.Join(errRefused, errLost)
	case 5:
		return errInvalid
	case 6:
		e.reach()
		return errors.Join(errInvalid, errLost)
	}

	if e.landed != 0 {
		return &PreflightError{Err: []byte(`"AlreadyProcessed"`)}
	}

	e.reach()

	return nil
}

// tip draws the tip of the node that answers.
func (n *network) tip() uint64 {
	behind := []uint64{0, 1, 3, 35}[n.whim("behind", 4)]
	return n.c.head - min(behind, n.c.head)
}

func (n *network) Status(ctx context.Context, sig solana.Signature, q Query) (Answer, error) {
	n.drift()
	e := n.txs[sig]
	switch n.whim("status", 6) {
	case 1:
		return Answer{}, errLost
	case 2:
		return Answer{Slot: e.blindSlot(n.c)}, nil
	case 3:
		if e.side != 0 {
			return Answer{Status: e.status(e.side, Processed), Slot: n.c.head, Witnesses: 1}, nil
		}

	case 4:
		return Answer{Slot: n.c.head, Disputed: true}, nil
	}

	tip := n.tip()
	return Answer{Status: e.statusAt(tip, q.History), Slot: tip, Witnesses: 1}, nil
}

func (n *network) BlockHeight(ctx context.Context, at Commitment) (Height, error) {
	n.drift()
	block := blockAt(n.tip(), at)
	switch n.whim("height", 6) {
	case 4:
		return Height{}, errLost
	case 5: // a wrong height
		return Height{Height: block + 1000, Slot: block, Witnesses: 1}, nil
	}
	return Height{Height: block, Slot: block, Witnesses: 1}, nil
}

// TestRun_NeverTwice checks that a user who signs a new transaction only when
// that is safe never pays twice, and that all results are true.
func TestRun_NeverTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := &network{
			t:     t,
			c:     chain{head: birthSlot, margin: forkMargin},
			txs:   map[solana.Signature]*entry{},
			clock: &jumpClock{},
		}

		n.patch = rapid.IntRange(0, 60).Draw(t, "patch")
		want := rapid.SampledFrom([]Commitment{Processed, Confirmed, Finalized}).Draw(t,
			"commitment")
		nonce := rapid.Bool().Draw(t, "nonce")
		cfg := Config{
			Commitment: want,
			Clock:      n.clock,
			SlotTime:   func() time.Duration { return slot },
		}

		for try := byte(1); ; try++ {
			out, err := n.runAndResume(n.sign(try, nonce, &cfg), cfg)
			if err == nil {
				n.checkOnly(out, want)
				return
			}

			if !errors.Is(err, ErrExpired) && !errors.Is(err, ErrNotSent) {
				t.Fatalf("unexpected: %v", err)
			}
		}
	})
}

// sign returns a new transaction of the user, with a recent blockhash or with
// the durable nonce.
func (n *network) sign(try byte, nonce bool, cfg *Config) Tx {
	sig := solana.Signature{try}
	tx := Tx{
		Raw:                  append([]byte{1}, sig[:]...),
		Signature:            sig,
		LastValidBlockHeight: n.c.head + blockhashBlocks,
		Slot:                 n.c.head,
		Since:                n.clock.now,
	}

	e := &entry{lastValid: tx.LastValidBlockHeight}
	if nonce {
		if !n.unused(n.value) || n.value == 0 {
			n.value++ // read a new value
			n.waited = 0
		}

		written := blockAt(n.c.head, Confirmed)
		tx.LastValidBlockHeight, tx.Nonce, tx.Slot = 0, true, written
		*e = entry{nonce: true, value: n.value}
		cfg.NonceAdvanced = n.nonceAdvanced(e, written)
	}

	n.txs[sig] = e

	return tx
}

// runAndResume runs a transaction and resumes it until its result is certain.
func (n *network) runAndResume(tx Tx, cfg Config) (out Outcome, err error) {
	for first := true; first || errors.Is(err, ErrUncertain); first = false {
		ctx, cancel := context.WithCancel(context.Background())
		n.cancel = cancel
		if first {
			out, err = Run(ctx, tx, n, n, cfg)
		} else if n.whim("only look", 2) == 1 {
			out, err = Resume(ctx, tx, nil, n, cfg)
		} else {
			out, err = Resume(ctx, tx, n, n, cfg)
		}

		cancel()
		if out.Signature != tx.Signature {
			n.t.Fatalf("wrong signature: %v", out)
		}
	}

	return out, err
}

// checkOnly checks that out is true and that no other transaction of the user
// lands, now or later.
func (n *network) checkOnly(out Outcome, want Commitment) {
	if e := n.txs[out.Signature]; want != Processed && e.landed != out.Slot {
		n.t.Fatalf("reported in slot %d: %+v", out.Slot, *e)
	}

	for range 10 {
		n.drift()
	}

	landed := 0
	for sig, e := range n.txs {
		if e.fits(n.c.head + 1) {
			e.landed = n.c.head + 1
		}

		if e.landed != 0 {
			landed++
			if sig != out.Signature {
				n.t.Fatalf("another transaction landed: %+v", *e)
			}
		}
	}

	if landed > 1 {
		n.t.Fatalf("%d transactions landed", landed)
	}
}
