package quote_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/quote"
)

var errMade = errors.New("made before")

// TestRefusal_Err compares refusals with their errors.
func TestRefusal_Err(t *testing.T) {
	pool, key := solana.PublicKey{1}, solana.PublicKey{2}
	alone := quote.NewReason(quote.ErrStalePool, "")
	figures := quote.NewReason(quote.ErrAmountTooSmall, "%[1]v: %[3]d of %[2]d and %[4]d")
	named := quote.NewReason(quote.ErrInsufficientReserve, "%[1]v: %[2]d of %[5]v, not %[3]d")
	wraps := quote.NewReason(quote.ErrStalePool, "%[1]v, since: %[6]v")
	for _, c := range []struct {
		name   string
		refuse func(r *quote.Refusal) bool
		want   error
	}{
		{"a condition", func(r *quote.Refusal) bool { return r.Because(alone) },
			quote.ErrStalePool},
		{"figures", func(r *quote.Refusal) bool { return r.Because(figures, 1, 2, 3) },
			fmt.Errorf("%w: 2 of 1 and 3", quote.ErrAmountTooSmall)},
		{
			"a key",
			func(r *quote.Refusal) bool { return r.BecauseOf(named, &key, 7, 8) },
			fmt.Errorf("%w: 7 of %s, not 8", quote.ErrInsufficientReserve, key),
		},
		{"an error", func(r *quote.Refusal) bool { return r.BecauseErr(nil, errMade) }, errMade},
		{"a condition and an error",
			func(r *quote.Refusal) bool { return r.BecauseErr(alone, errMade) },
			fmt.Errorf("%w: %w", quote.ErrStalePool, errMade)},
		{"words and an error", func(r *quote.Refusal) bool { return r.BecauseErr(wraps, errMade) },
			fmt.Errorf("%w, since: %w", quote.ErrStalePool, errMade)},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.False(t, c.refuse(nil), "without a refusal to set")
			var r quote.Refusal
			require.True(t, r.IsZero())
			r.By("swap", &pool)
			require.NoError(t, r.Err(), "nothing is refused yet")
			require.False(t, c.refuse(&r))

			require.Equal(t, c.want.Error(), r.Err().Error())
			var e *quote.Error
			require.NotErrorAs(t, &r, &e)
			r.By("swap", &pool)
			r.By("another", &key)
			want := &quote.Error{Op: "swap", Pool: pool, Reason: c.want}
			for _, err := range []error{&r, r.Err()} {
				require.Equal(t, want.Error(), err.Error())
				require.ErrorAs(t, err, &e)
				require.Equal(t, []any{want.Op, want.Pool, want.Reason.Error()},
					[]any{e.Op, e.Pool, e.Reason.Error()})
				for _, condition := range []error{
					quote.ErrStalePool, quote.ErrAmountTooSmall, quote.ErrInsufficientReserve,
					errMade, quote.ErrDisabled,
				} {
					require.Equal(t, errors.Is(want, condition), errors.Is(err, condition), "%v",
						condition)
					require.Equal(t, errors.Is(want, condition), r.Is(condition), "%v", condition)
				}
			}
		})
	}
}

// TestRefusal_Allocations checks that refusals do not allocate.
func TestRefusal_Allocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	pool := solana.PublicKey{1}
	reason := quote.NewReason(quote.ErrAmountTooSmall, "%[1]v: %[2]d")
	var r quote.Refusal
	require.Zero(t, testing.AllocsPerRun(100, func() {
		r.Because(reason, 5, 6)
		r.By("swap", &pool)
	}))
}
