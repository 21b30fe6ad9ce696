package send

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
)

func TestContextEndsBeforeTheFirstSend(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.run(ctx, Config{})
		require.ErrorIs(t, err, ErrNotSent)
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, s.calls)

		_, err = Resume(ctx, testTx, s, s, Config{})
		require.ErrorIs(t, err, ErrUncertain, "others may have sent it before")
	})
}

func TestHungCalls(t *testing.T) {
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
		require.ErrorIs(t, err, ErrUncertain, "the bytes may have left before the answer failed to come")
		require.Equal(t, time.Second, time.Since(s.start))
		require.NotContains(t, err.Error(), "last failed call", "the cause is not told twice")
	})
}

// An answer that arrives together with the end of the context is worth more than that end.
func TestAnswerBeatsContext(t *testing.T) {
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

func TestWake(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		wake := make(chan struct{}, 1000)
		s.status = []statusAnswer{none(5), none(5), found(Confirmed, "null")}
		time.AfterFunc(50*time.Millisecond, func() {
			for range cap(wake) {
				wake <- struct{}{} // one event, a thousand notifications
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
		require.Equal(t, []string{"   0 send", " 500 status", " 500 height confirmed", "1000 status"}, s.calls)
	})
}

var nonceTx = Tx{Raw: testTx.Raw, Signature: testSig, Nonce: true, Slot: 50}

func nonceIs(advanced bool, slot uint64, err error) func() (bool, uint64, error) {
	return func() (bool, uint64, error) { return advanced, slot, err }
}

func TestNonce(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.nonces = []func() (bool, uint64, error){
			nonceIs(false, 60, nil), nonceIs(true, 60, errLost),
			nonceIs(true, 49, nil), // a node from before our nonce
			nonceIs(true, 0, nil), nonceIs(true, 70, nil),
		}
		s.status = []statusAnswer{none(99), none(99), none(99), none(99), none(99), none(101), none(102)}
		_, err := Run(t.Context(), nonceTx, s, s, Config{NonceAdvanced: s.nonceAdvanced})
		require.ErrorIs(t, err, ErrExpired)
		require.ErrorContains(t, err, "nonce was used up")
		require.Equal(t, 5, s.count("nonce confirmed"))
		require.Equal(t, 7, s.count("status history"))
		require.Zero(t, s.count("height confirmed"))
	})
	scripted(t, func(t *testing.T, s *script) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour-time.Second)
		defer cancel()
		out, err := Run(ctx, nonceTx, s, s, Config{})
		require.ErrorIs(t, err, ErrUncertain, "nothing but a status or the context ends it")
		require.ErrorContains(t, err, "until its nonce is used up")
		require.Equal(t, 1800, out.Sends)
	})
	scripted(t, func(t *testing.T, s *script) {
		// Its own landing advances the nonce too.
		s.nonces = []func() (bool, uint64, error){nonceIs(true, 70, nil)}
		s.status = []statusAnswer{none(69), none(69), found(Confirmed, "null")}
		_, err := Run(t.Context(), nonceTx, s, s, Config{NonceAdvanced: s.nonceAdvanced})
		require.NoError(t, err)
	})
}

// A node that keeps no history can still report a fresh landing, but never proves expiry.
func TestNoHistory(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.status = []statusAnswer{failedStatus, none(999), failedStatus, none(999), failedStatus, found(Confirmed, "null")}
		_, err := Resume(t.Context(), nonceTx, nil, s, Config{})
		require.NoError(t, err)
		require.Equal(t, 3, s.count("status"))
	})
}

// Slots near the end of the number range must not wrap into a proof.
func TestAbsurdSlots(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s.heights = []func() (uint64, uint64, error){height(1<<64-1, 1<<64-1)}
		s.status = []statusAnswer{none(5), none(31), none(1<<64 - 1)}
		_, err := s.run(ctx, Config{})
		require.ErrorIs(t, err, ErrUncertain)
	})
}

func TestBusyPacesDoNotStarveTheLook(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		slow := func(context.Context) error { time.Sleep(time.Second); return nil }
		s.sends = []sendAnswer{slow}
		s.status = []statusAnswer{none(5), none(5), found(Confirmed, "null")}
		_, err := s.run(t.Context(), Config{PollEvery: time.Nanosecond, ResendEvery: time.Nanosecond})
		require.NoError(t, err)
		require.Less(t, len(s.calls), 12)
	})
}

func TestClock(t *testing.T) {
	s := &script{t: t, start: time.Now(), sends: []sendAnswer{sent(nil)}, heights: []func() (uint64, uint64, error){height(90, 5)}}
	for range 50 {
		s.status = append(s.status, none(5))
	}
	s.status = append(s.status, found(Confirmed, "null"))
	clock := &jumpClock{now: time.Unix(1, 0)}
	before := runtime.NumGoroutine()
	_, err := s.run(t.Context(), Config{Clock: clock})
	require.NoError(t, err)
	require.LessOrEqual(t, runtime.NumGoroutine(), before, "no goroutine stays behind")
	require.Greater(t, clock.now.Unix(), int64(90), "all pauses went through the clock")
}

func TestSystemClockStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, stop := systemClock{}.After(time.Second)
		stop()
		time.Sleep(2 * time.Second)
		require.Empty(t, c)
	})
}

func TestInvalid(t *testing.T) {
	s := &script{t: t}
	change := func(f func(tx *Tx)) Tx { tx := testTx; f(&tx); return tx }
	for name, tc := range map[string]struct {
		tx     Tx
		be     Backend
		cfg    Config
		reason string
	}{
		"backend":    {testTx, nil, Config{}, "no backend"},
		"signature":  {change(func(tx *Tx) { tx.Signature = solana.Signature{} }), s, Config{}, "no signature"},
		"other":      {change(func(tx *Tx) { tx.Signature[0]++ }), s, Config{}, "not part of the transaction"},
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

func TestErrorTexts(t *testing.T) {
	dump := errors.New("a\n  dump\twith " + strings.Repeat("é", 300))
	for _, err := range []error{
		&ExpiredError{Signature: testSig, LastValidBlockHeight: 100, Last: dump},
		&UncertainError{Signature: testSig, LastValidBlockHeight: 100, Cause: context.Canceled, Last: dump},
		&PreflightError{Message: dump.Error(), Err: []byte("{\n}"), Logs: []string{"x\ny"}},
	} {
		require.NotContains(t, err.Error(), "\n")
		require.Less(t, len(err.Error()), 500)
		require.Equal(t, strings.ToValidUTF8(err.Error(), "?"), err.Error())
	}
	sig := testSig.String()
	require.EqualError(t, &ExpiredError{Signature: testSig, LastValidBlockHeight: 100},
		"transaction expired (another one may be signed): "+sig+" did not land and last valid block height 100 has passed")
	require.EqualError(t, &UncertainError{Signature: testSig, LastValidBlockHeight: 100, Cause: context.Canceled, Last: errLost},
		"transaction may still land (do not sign another one, resume it): "+sig+", until block height 100: context canceled (last failed call: connection reset)")
	require.EqualError(t, &PreflightError{Message: "Blockhash not found", Err: []byte(`"BlockhashNotFound"`)},
		`refused in simulation: Blockhash not found ("BlockhashNotFound")`)
}
