package send

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
)

func TestRun_ContextEndsFirst(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.run(ctx, Config{})
		require.ErrorIs(t, err, ErrNotSent)
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, s.calls)

		_, err = Resume(ctx, testTx, s, s, Config{})
		require.ErrorIs(t, err, ErrUncertain, "another call may have sent it")
	})
}

func TestRun_HangingCalls(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.sends = []sendAnswer{hungSend, sent(errRefused)}
		s.status = []statusAnswer{hungStatus, none(5), found(Confirmed, "null")}
		out, err := s.run(t.Context(), Config{})
		require.NoError(t, err)
		require.Equal(t, Confirmed, out.Commitment)
		require.Equal(t, []string{"   0 send", "5500 status"}, s.calls[:2])
	})

	scripted(t, func(t *testing.T, s *script) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s.sends = []sendAnswer{hungSend}
		_, err := s.run(ctx, Config{})
		require.ErrorIs(t, err, ErrUncertain, "the bytes may have left without an answer")
		require.Equal(t, time.Second, time.Since(s.start))
		require.NotContains(t, err.Error(), "last failed call", "the cause is named once")
	})
}

// TestRun_AnswerBeatsContext gets an answer while the context ends. The answer
// counts.
func TestRun_AnswerBeatsContext(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		ctx, cancel := context.WithCancel(t.Context())
		s.status = []statusAnswer{func(ctx context.Context) (*Status, uint64, error) {
			cancel()
			return found(Confirmed, "null")(ctx)
		}}
		out, err := s.run(ctx, Config{})
		require.NoError(t, err)
		require.Equal(t, Confirmed, out.Commitment)
	})
}

func TestRun_Wake(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		wake := make(chan struct{}, 1000)
		s.status = []statusAnswer{none(5), none(5), found(Confirmed, "null")}
		time.AfterFunc(50*time.Millisecond, func() {
			for range cap(wake) {
				wake <- struct{}{} // many notifications of one event
			}
		})

		_, err := s.run(t.Context(), Config{Wake: wake})
		require.NoError(t, err)
		require.Equal(t, []string{
			"   0 send",
			"  50 status", "  50 height confirmed",
			" 150 status", " 150 height confirmed",
			" 650 status",
		}, s.calls)
	})

	scripted(t, func(t *testing.T, s *script) {
		wake := make(chan struct{})
		close(wake)
		s.status = []statusAnswer{none(5), found(Confirmed, "null")}
		_, err := s.run(t.Context(), Config{Wake: wake})
		require.NoError(t, err)
		require.Equal(t,
			[]string{"   0 send", " 500 status", " 500 height confirmed", "1000 status"}, s.calls)
	})
}

var nonceTx = Tx{Raw: testTx.Raw, Signature: testSig, Nonce: true, Slot: 50}

// TestRun_HugeSlots checks that slots near the maximum do not overflow into a
// proof.
func TestRun_HugeSlots(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s.heights = []func() (uint64, uint64, error){height(1<<64-1, 1<<64-1)}
		s.status = []statusAnswer{none(5), none(31), none(1<<64 - 1)}
		_, err := s.run(ctx, Config{})
		require.ErrorIs(t, err, ErrUncertain)
	})
}

func TestRun_ShortPauses(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		slow := func(context.Context) error { time.Sleep(time.Second); return nil }
		s.sends = []sendAnswer{slow}
		s.status = []statusAnswer{none(5), none(5), found(Confirmed, "null")}
		_, err := s.run(t.Context(),
			Config{PollEvery: time.Nanosecond, ResendEvery: time.Nanosecond})
		require.NoError(t, err)
		require.Less(t, len(s.calls), 12)
	})
}

func TestRun_Clock(t *testing.T) {
	s := &script{
		t:       t,
		start:   time.Now(),
		sends:   []sendAnswer{sent(nil)},
		heights: []func() (uint64, uint64, error){height(90, 5)},
	}

	for range 50 {
		s.status = append(s.status, none(5))
	}

	s.status = append(s.status, found(Confirmed, "null"))
	clock := &jumpClock{now: time.Unix(1, 0)}
	before := runtime.NumGoroutine()
	_, err := s.run(t.Context(), Config{Clock: clock})
	require.NoError(t, err)
	require.LessOrEqual(t, runtime.NumGoroutine(), before, "no goroutine is left")
	require.Greater(t, clock.now.Unix(), int64(90), "all pauses went through the clock")
}

func TestRun_InvalidInput(t *testing.T) {
	s := &script{t: t}
	change := func(f func(tx *Tx)) Tx { tx := testTx; f(&tx); return tx }
	for name, tc := range map[string]struct {
		tx     Tx
		be     Backend
		cfg    Config
		reason string
	}{
		"backend": {testTx, nil, Config{}, "no backend"},
		"signature": {change(func(tx *Tx) { tx.Signature = solana.Signature{} }), s, Config{},
			"no signature"},
		"other": {change(func(tx *Tx) { tx.Signature[0]++ }), s, Config{},
			"not that of the transaction"},
		"no life":    {change(func(tx *Tx) { tx.LastValidBlockHeight = 0 }), s, Config{}, "either"},
		"two lives":  {change(func(tx *Tx) { tx.Nonce = true }), s, Config{}, "either"},
		"commitment": {testTx, s, Config{Commitment: "max"}, `unknown commitment "max"`},
		"bytes":      {change(func(tx *Tx) { tx.Raw = nil }), s, Config{}, "no bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := Run(t.Context(), tc.tx, s, tc.be, tc.cfg)
			require.ErrorIs(t, err, ErrNotSent)
			require.ErrorContains(t, err, tc.reason)
			require.Equal(t, tc.tx.Signature, out.Signature)

			out, err = Resume(t.Context(), tc.tx, s, tc.be, tc.cfg)
			require.ErrorContains(t, err, "cannot resume: ")
			require.ErrorContains(t, err, tc.reason)
			require.NotErrorIs(t, err, ErrNotSent)
			require.Equal(t, tc.tx.Signature, out.Signature)
		})
	}

	_, err := Run(t.Context(), testTx, nil, s, Config{})
	require.ErrorIs(t, err, ErrNotSent)
	require.Empty(t, s.calls)
}
