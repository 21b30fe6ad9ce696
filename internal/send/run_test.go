package send

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
)

// script answers each kind of call from a list, repeating the last answer, and
// records all calls with their times. The tests run in a synctest bubble: time
// is fake, and a goroutine that outlives its test fails it.
type script struct {
	t       *testing.T
	start   time.Time
	calls   []string
	events  []string
	sends   []func(ctx context.Context) error
	status  []func(ctx context.Context) (*Status, uint64, error)
	heights []func() (uint64, uint64, error)
	nonces  []func() (bool, uint64, error)
}

// testTx has the age of the oldest valid blockhash, so that the time within a
// test has no effect.
var testTx = Tx{
	Raw:                  append([]byte{1}, testSig[:]...),
	Signature:            testSig,
	LastValidBlockHeight: 100,
	Since:                longAgo,
}

var longAgo = time.Unix(1, 0)

func pop[F any](list *[]F) F {
	f := (*list)[0]
	if len(*list) > 1 {
		*list = (*list)[1:]
	}
	return f
}

func (s *script) note(format string, args ...any) {
	s.calls = append(s.calls,
		fmt.Sprintf("%4d ", time.Since(s.start).Milliseconds())+fmt.Sprintf(format, args...))
}

func (s *script) Broadcast(ctx context.Context, raw []byte) error {
	require.Equal(s.t, append([]byte{1}, testSig[:]...), raw,
		"every broadcast carries the same bytes")
	clear(raw) // a broadcaster may change its argument
	s.note("send")
	return pop(&s.sends)(ctx)
}

func (s *script) Status(ctx context.Context, sig solana.Signature, q Query) (Answer, error) {
	require.Equal(s.t, testSig, sig)
	s.note("status%s", map[bool]string{true: " history"}[q.History])
	status, slot, err := pop(&s.status)(ctx)
	return Answer{Status: status, Slot: slot, Witnesses: 1}, err
}

func (s *script) BlockHeight(ctx context.Context, at Commitment) (Height, error) {
	s.note("height %s", at)
	height, slot, err := pop(&s.heights)()
	return Height{Height: height, Slot: slot, Witnesses: 1}, err
}

func (s *script) nonceAdvanced(ctx context.Context, at Commitment) (bool, uint64, error) {
	s.note("nonce %s", at)
	return pop(&s.nonces)()
}

func (s *script) notify(ev Event) {
	text := string(ev.Kind)
	if ev.Status != nil {
		text += " " + string(ev.Status.Commitment)
	}
	s.events = append(s.events, text)
}

func (s *script) count(call string) int {
	return strings.Count(strings.Join(s.calls, "\n")+"\n", call+"\n")
}

func (s *script) run(ctx context.Context, cfg Config) (Outcome, error) {
	cfg.Notify = s.notify
	return Run(ctx, testTx, s, s, paced(cfg))
}

// paced sets the pauses that the tests expect.
func paced(cfg Config) Config {
	if cfg.PollEvery == 0 {
		cfg.PollEvery = 500 * time.Millisecond
	}
	if cfg.PollMax == 0 {
		cfg.PollMax = 2 * time.Second
	}
	if cfg.ResendEvery == 0 {
		cfg.ResendEvery = 2 * time.Second
	}
	return cfg
}

type (
	sendAnswer   = func(ctx context.Context) error
	statusAnswer = func(ctx context.Context) (*Status, uint64, error)
)

func sent(err error) sendAnswer { return func(context.Context) error { return err } }

func hungSend(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func hungStatus(ctx context.Context) (*Status, uint64, error) {
	<-ctx.Done()
	return nil, 0, ctx.Err()
}

func none(slot uint64) statusAnswer {
	return func(context.Context) (*Status, uint64, error) { return nil, slot, nil }
}

func found(at Commitment, execution string) statusAnswer {
	return func(context.Context) (*Status, uint64, error) {
		return &Status{Slot: 7, Commitment: at, Err: []byte(execution)}, 9, nil
	}
}

func failedStatus(context.Context) (*Status, uint64, error) { return nil, 999, errLost }

func height(h, slot uint64) func() (uint64, uint64, error) {
	return func() (uint64, uint64, error) { return h, slot, nil }
}

// scripted runs a test with a script on which everything works and no
// transaction lands.
func scripted(t *testing.T, test func(t *testing.T, s *script)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, &script{
			t: t, start: time.Now(),
			sends:   []sendAnswer{sent(nil)},
			status:  []statusAnswer{none(5)},
			heights: []func() (uint64, uint64, error){height(90, 5)},
		})
	})
}

func TestRun_Lands(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.status = []statusAnswer{none(5), failedStatus, none(6), found(Processed, "null"),
			found(Processed, "null"), found(Confirmed, "null")}
		out, err := s.run(t.Context(), Config{})
		require.NoError(t, err)
		require.Equal(t, Outcome{
			Signature:  testSig,
			Slot:       7,
			Commitment: Confirmed,
			Sends:      2,
			Witnesses:  1,
		}, out)

		require.Equal(t, []string{
			"   0 send",
			" 500 status", " 500 height confirmed",
			"1000 status", "1000 height confirmed",
			"1750 status", "1750 height confirmed",
			"2000 send",
			"2875 status", // seen: no more broadcasts and heights, and short pauses
			"3375 status",
			"3875 status",
		}, s.calls)

		require.Equal(t,
			[]string{"sent", "query failed", "sent", "seen processed", "seen confirmed"}, s.events)
	})
}

func TestRun_ExecutionError(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.status = []statusAnswer{found(Processed, `"x"`), found(Confirmed, `"x"`),
			found(Finalized, `"x"`)}
		out, err := s.run(t.Context(), Config{Commitment: Finalized})
		require.NoError(t, err)
		require.JSONEq(t, `"x"`, string(out.Err))
		require.Equal(t, Finalized, out.Commitment)
		require.Equal(t, []string{"sent", "seen processed", "seen confirmed", "seen finalized"},
			s.events)
	})
}

func TestRun_DroppedByFork(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.status = []statusAnswer{found(Processed, "null"), failedStatus, failedStatus,
			failedStatus, none(9), found(Confirmed, "null")}
		out, err := s.run(t.Context(), Config{})
		require.NoError(t, err)
		require.Equal(t, 2, out.Sends, "one at the start, one after the loss")
		require.Equal(t,
			[]string{"sent", "seen processed", "query failed", "query failed", "query failed",
				"lost", "sent", "seen confirmed"},
			s.events)
	})
}

func TestRun_DroppedBroadcasts(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.sends = []sendAnswer{sent(errLost), sent(nil), sent(errRefused),
			sent(&PreflightError{Err: []byte(`"AlreadyProcessed"`)}), sent(nil)}
		lands := func(ctx context.Context) (*Status, uint64, error) {
			if s.count("send") < 5 {
				return nil, 5, nil
			}

			return found(Confirmed, "null")(ctx)
		}

		s.status = []statusAnswer{lands}
		out, err := s.run(t.Context(), Config{ResendEvery: time.Second})
		require.NoError(t, err)
		require.Equal(t, 5, out.Sends)
	})
}

func TestRun_Expires(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.heights = []func() (uint64, uint64, error){height(90, 95), height(101, 200),
			height(90, 95)}
		s.status = []statusAnswer{none(300), none(300), failedStatus, none(500), none(231),
			none(232)}
		out, err := s.run(t.Context(), Config{Commitment: Processed})
		require.ErrorIs(t, err, ErrExpired)
		var expired *ExpiredError
		require.ErrorAs(t, err, &expired)
		require.Equal(t,
			&ExpiredError{Signature: testSig, LastValidBlockHeight: 100, Last: errLost}, expired)
		require.Equal(t, testSig, out.Signature)
		require.Equal(t, 2, s.count("height confirmed"),
			"never at processed, and not again after the end")
		require.Equal(t, 1, out.Sends)
		var queries []string
		for _, c := range s.calls {
			if strings.Contains(c, "status") {
				queries = append(queries, c[5:])
			}
		}

		// A plain query follows the failed search, for nodes without history.
		// It proves nothing.
		require.Equal(t,
			[]string{"status", "status", "status history", "status", "status history",
				"status history"},
			queries)

		require.Contains(t, s.events, "outlived")
	})
}

func TestRun_LandsAtTheLastMoment(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.heights = []func() (uint64, uint64, error){height(101, 200)}
		s.status = []statusAnswer{none(200), found(Processed, "null"), none(220),
			found(Confirmed, "null")}
		out, err := s.run(t.Context(), Config{})
		require.NoError(t, err)
		require.Equal(t, uint64(7), out.Slot)
		require.Equal(t, []string{
			"   0 send", " 500 status", " 500 height confirmed",
			" 500 status history", // immediately
			"1000 status history", "1500 status history",
		}, s.calls)
	})
}

func TestRun_Refused(t *testing.T) {
	for name, tc := range map[string]struct {
		answer error
		final  bool
	}{
		"refused":            {errRefused, true},
		"wrapped":            {fmt.Errorf("node a: %w", errRefused), true},
		"by all nodes":       {errors.Join(errRefused, errRefused), true},
		"and a timeout":      {errors.Join(errRefused, context.DeadlineExceeded), false},
		"network error":      {errLost, false},
		"malformed":          {errInvalid, true},
		"malformed, wrapped": {fmt.Errorf("node: %w", errInvalid), true},
		"malformed to all":   {errors.Join(errInvalid, errInvalid), true},
		"or simulated":       {errors.Join(errRefused, errInvalid), true},
		"malformed to one":   {errors.Join(errInvalid, errLost), false},
		"malformed, has it": {errors.Join(errInvalid,
			&PreflightError{Err: []byte(`"AlreadyProcessed"`)}),
			false},
		"because it has it": {&PreflightError{Err: []byte(`"AlreadyProcessed"`)}, false},
		"wrapped, has it": {fmt.Errorf("node: %w",
			&PreflightError{Err: []byte(`"AlreadyProcessed"`)}),
			false},
		"joined, one has it": {errors.Join(errRefused,
			&PreflightError{Err: []byte(`"AlreadyProcessed"`)}),
			false},
		"without any reason": {&PreflightError{}, true},
		"execution would err": {&PreflightError{Err: []byte(`{"InstructionError":[0,"Custom"]}`),
			Logs: []string{"log"}},
			true},
	} {
		t.Run(name, func(t *testing.T) {
			scripted(t, func(t *testing.T, s *script) {
				s.sends = []sendAnswer{sent(tc.answer), sent(errRefused)}
				s.status = []statusAnswer{none(5), none(5), none(5), found(Confirmed, "null")}
				out, err := s.run(t.Context(), Config{})
				require.Equal(t, testSig, out.Signature)
				if !tc.final {
					require.NoError(t, err)
					require.Greater(t, out.Sends, 1, "later refusals have no effect")
					return
				}

				require.ErrorIs(t, err, ErrNotSent)
				require.NotErrorIs(t, err, ErrUncertain)
				var refused *PreflightError
				require.ErrorAs(t, err, &refused)
				require.Len(t, s.calls, 1)
			})
		})
	}
}

func TestResume_AfterContextEnds(t *testing.T) {
	for _, again := range []bool{false, true} {
		scripted(t, func(t *testing.T, s *script) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			out, err := s.run(ctx, Config{})
			require.ErrorIs(t, err, ErrUncertain)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			var uncertain *UncertainError
			require.ErrorAs(t, err, &uncertain)
			require.Equal(t,
				&UncertainError{Signature: testSig, LastValidBlockHeight: 100,
					Cause: context.DeadlineExceeded},
				uncertain)

			require.Equal(t, testSig, out.Signature)
			require.Equal(t, 3*time.Second, time.Since(s.start))

			s.calls = nil
			s.status = []statusAnswer{none(5), none(5), none(5), none(5), found(Confirmed, "null")}
			var b Broadcaster
			tx := Tx{Signature: testSig, LastValidBlockHeight: 100}
			if again {
				b, tx = s, testTx
			}

			out, err = Resume(t.Context(), tx, b, s, Config{})
			require.NoError(t, err)
			require.Equal(t, Confirmed, out.Commitment)
			require.Equal(t, again, out.Sends > 0)
			require.Equal(t, "3000 status history", s.calls[0],
				"a status query with history precedes the broadcast")
			require.Equal(t, out.Sends == 0, out.Earlier)
		})
	}
}

// TestResume_Refused checks that a refusal of the first broadcast does not end
// a resumed transaction, of which copies were sent before.
func TestResume_Refused(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.sends = []sendAnswer{sent(errRefused)}
		s.status = []statusAnswer{none(5), none(5), found(Confirmed, "null")}
		_, err := Resume(t.Context(), testTx, s, s, Config{})
		require.NoError(t, err)
	})
}

// TestRun_RefusedByLaggingNode asks a node that does not know the blockhash. It
// is asked again until the blockhash expires or the context ends.
func TestRun_RefusedByLaggingNode(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.sends = []sendAnswer{sent(errLate), sent(fmt.Errorf("node: %w", errLate)),
			sent(errors.Join(errLate, errLate)), sent(nil)}
		s.status = []statusAnswer{func(ctx context.Context) (*Status, uint64, error) {
			if s.count("send") < 4 {
				return nil, 5, nil
			}

			return found(Confirmed, "null")(ctx)
		}}

		out, err := s.run(t.Context(), Config{})
		require.NoError(t, err)
		require.Equal(t, 4, out.Sends)
		require.Equal(t, 1750*time.Millisecond, time.Since(s.start),
			"broadcasts are as frequent as queries")
	})

	scripted(t, func(t *testing.T, s *script) {
		s.sends = []sendAnswer{sent(errors.Join(errLate, errRefused))}
		_, err := s.run(t.Context(), Config{})
		require.ErrorIs(t, err, ErrNotSent)
		require.ErrorContains(t, err, "InsufficientFundsForFee",
			"the refusal that concerns the transaction")
	})

	scripted(t, func(t *testing.T, s *script) {
		s.sends = []sendAnswer{sent(errLate)}
		s.heights = []func() (uint64, uint64, error){height(101, 300)}
		s.status = []statusAnswer{none(400)}
		_, err := s.run(t.Context(), Config{})
		require.ErrorIs(t, err, ErrExpired)
	})

	scripted(t, func(t *testing.T, s *script) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		s.sends = []sendAnswer{sent(errLate)}
		_, err := s.run(ctx, Config{})
		require.ErrorIs(t, err, ErrNotSent, "all nodes refused it")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "BlockhashNotFound")
	})
}

// TestRun_WrongHeight checks that a height counts only if the local clock
// agrees: after 150 slots, times 1.25 for several witnesses and times 2 for
// one.
func TestRun_WrongHeight(t *testing.T) {
	for _, c := range []struct {
		name      string
		since     time.Duration // between the read of the blockhash and the call
		slotTime  time.Duration
		witnesses int
		earliest  time.Duration
	}{
		{"one witness", 0, 200 * time.Millisecond, 1, 60 * time.Second},
		{"two witnesses", 0, 200 * time.Millisecond, 2, 37500 * time.Millisecond},
		{"slow slots", 0, 400 * time.Millisecond, 1, 120 * time.Second},
		{"read before", 20 * time.Second, 200 * time.Millisecond, 1, 40 * time.Second},
		{"read long before", time.Hour, 200 * time.Millisecond, 1, 0},
		{"read in the future", -time.Hour, 200 * time.Millisecond, 1, 60 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, func(t *testing.T, s *script) {
				s.heights = []func() (uint64, uint64, error){height(1_000_000, 1)}
				s.status = []statusAnswer{none(1_000_000)}
				tx := testTx
				tx.Since = time.Now().Add(-c.since)
				cfg := paced(Config{PollMax: 500 * time.Millisecond,
					SlotTime: func() time.Duration { return c.slotTime }})
				_, err := Run(t.Context(), tx, s, witnessed{s, c.witnesses}, cfg)
				require.ErrorIs(t, err, ErrExpired)
				passed := time.Since(s.start)
				require.GreaterOrEqual(t, passed, c.earliest)
				require.Less(t, passed, c.earliest+time.Second)
			})
		})
	}

	scripted(t, func(t *testing.T, s *script) {
		s.heights = []func() (uint64, uint64, error){height(1_000_000, 1)}
		s.status = []statusAnswer{none(1_000_000)}
		tx := testTx
		tx.Since = time.Time{}
		_, err := Resume(t.Context(), tx, nil, s, paced(Config{}))
		require.ErrorIs(t, err, ErrExpired)
		require.GreaterOrEqual(t, time.Since(s.start), 120*time.Second,
			"without a measurement: 400 ms a slot from now on")
	})
}

// witnessed is a backend whose heights come from several nodes.
type witnessed struct {
	*script
	witnesses int
}

func (w witnessed) BlockHeight(ctx context.Context, at Commitment) (Height, error) {
	told, err := w.script.BlockHeight(ctx, at)
	told.Witnesses = w.witnesses
	return told, err
}

// TestRun_WrongSlot checks that absence is proven no earlier than the life of
// the blockhash ends, whatever slot a node reports with the height.
func TestRun_WrongSlot(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.heights = []func() (uint64, uint64, error){height(101, 1)}
		tx := testTx
		tx.Slot = 1000
		s.status = []statusAnswer{none(1000), none(1000 + 150 + forkMargin - 1),
			none(1000 + 150 + forkMargin - 1), none(1000 + 150 + forkMargin)}
		_, err := Run(t.Context(), tx, s, s, paced(Config{}))
		require.ErrorIs(t, err, ErrExpired)
		require.Equal(t, 4, s.count("status")+s.count("status history"))
	})
}

// TestResume_LandedBefore finds a landed transaction by the first query, before
// any broadcast.
func TestResume_LandedBefore(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.sends = []sendAnswer{sent(errLate)}
		s.status = []statusAnswer{found(Finalized, "null")}
		out, err := Resume(t.Context(), testTx, s, s, Config{})
		require.NoError(t, err)
		require.True(t, out.Earlier)
		require.Equal(t, []string{"   0 status history"}, s.calls)
	})

	scripted(t, func(t *testing.T, s *script) {
		s.sends = []sendAnswer{sent(&PreflightError{Err: []byte(`"AlreadyProcessed"`)})}
		s.status = []statusAnswer{none(5), found(Confirmed, "null")}
		out, err := s.run(t.Context(), Config{})
		require.NoError(t, err)
		require.True(t, out.Earlier, "another call sent it")
	})

	scripted(t, func(t *testing.T, s *script) {
		lost := errors.New("connection lost")
		s.sends = []sendAnswer{sent(errors.Join(lost,
			&PreflightError{Err: []byte(`"AlreadyProcessed"`)}))}
		s.status = []statusAnswer{none(5), found(Confirmed, "null")}
		out, err := s.run(t.Context(), Config{})
		require.NoError(t, err)
		require.False(t, out.Earlier, "the node that did not answer may have passed it on")
	})
}
