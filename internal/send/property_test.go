package send

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"pgregory.net/rapid"
)

// jumpClock is a clock on which every pause is over at once.
type jumpClock struct{ now time.Time }

func (c *jumpClock) Now() time.Time { return c.now }

func (c *jumpClock) After(d time.Duration) (<-chan time.Time, func()) {
	c.now = c.now.Add(d)
	fired := make(chan time.Time, 1)
	fired <- c.now
	return fired, func() {}
}

// network is a cluster with several of a user's transactions, whose every whim
// is drawn by rapid.
type network struct {
	t      *rapid.T
	c      chain
	txs    map[solana.Signature]*entry
	patch  int    // answers left before everything works and time flies
	cancel func() // ends the user's patience
	value  uint64 // how often the user's nonce was read
	waited int    // answers since it was
	clock  *jumpClock
}

// slot is how long one takes, unless the network is slow.
const slot = 200 * time.Millisecond

// birthSlot is the slot at time zero.
const birthSlot = 50

// whim draws one of n, zero once the bad patch is over.
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
	// However slow the network, it makes a block in the time of two slots.
	if least := birthSlot + int(n.clock.now.Sub(time.Time{})/(2*slot)); int(
		n.c.head,
	)+steps < least {
		steps = least - int(n.c.head)
	}

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

	// In the end somebody does: who only looks would wait for ever for a
	// transaction that nobody has any more.
	if n.value != 0 && (n.whim("somebody else", 10) == 9 || n.waited > 200) && n.unused(n.value) {
		n.c.head++
		n.use(n.value, nil)
	}

	if n.whim("patience", 12) == 11 {
		n.cancel()
	}
}

// unused says whether a nonce still has this value.
func (n *network) unused(value uint64) bool {
	for _, e := range n.txs {
		if e.value == value && (e.landed != 0 || e.rival != 0) {
			return false
		}
	}
	return true
}

// use tells all other transactions with the same nonce that it was used up.
func (n *network) use(value uint64, by *entry) {
	for _, e := range n.txs {
		if e.nonce && e != by && e.value == value {
			e.rival = n.c.head
		}
	}
}

// nonceAdvanced is what some node says about the nonce of a transaction, which
// was written in a slot.
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

// tip draws the tip of whichever node answers.
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
	case 5: // a lie
		return Height{Height: block + 1000, Slot: block, Witnesses: 1}, nil
	}
	return Height{Height: block, Slot: block, Witnesses: 1}, nil
}

// TestNeverTwice: a user who signs anew only when told that it is safe never
// pays twice, and is told the truth.
func TestNeverTwice(t *testing.T) {
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
		cfg := Config{Commitment: want, Clock: n.clock,
			SlotTime: func() time.Duration { return slot }}

		var out Outcome
		for try := byte(1); ; try++ {
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
					n.value++ // It is read anew.
					n.waited = 0
				}

				written := blockAt(n.c.head, Confirmed)
				tx.LastValidBlockHeight, tx.Nonce, tx.Slot = 0, true, written
				*e = entry{nonce: true, value: n.value}
				cfg.NonceAdvanced = n.nonceAdvanced(e, written)
			}

			n.txs[sig] = e
			var err error
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
				if out.Signature != sig {
					t.Fatalf("wrong signature: %v", out)
				}
			}

			if err == nil {
				break
			}

			if !errors.Is(err, ErrExpired) && !errors.Is(err, ErrNotSent) {
				t.Fatalf("unexpected: %v", err)
			}
		}

		if e := n.txs[out.Signature]; want != Processed && e.landed != out.Slot {
			t.Fatalf("said to be in slot %d: %+v", out.Slot, *e)
		}

		landed := 0
		for range 10 {
			n.drift()
		}

		for sig, e := range n.txs {
			if e.fits(n.c.head + 1) {
				e.landed = n.c.head + 1
			}

			if e.landed != 0 {
				landed++
				if sig != out.Signature {
					t.Fatalf("another one landed: %+v", *e)
				}
			}
		}

		if landed > 1 {
			t.Fatalf("%d transactions landed", landed)
		}
	})
}
