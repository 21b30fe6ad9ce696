package send

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func nonceIs(advanced bool, slot uint64, err error) func() (bool, uint64, error) {
	return func() (bool, uint64, error) { return advanced, slot, err }
}

func TestRun_Nonce(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.nonces = []func() (bool, uint64, error){
			nonceIs(false, 60, nil), nonceIs(true, 60, errLost),
			nonceIs(true, 49, nil), // a node that lags has an older nonce
			nonceIs(true, 0, nil), nonceIs(true, 70, nil),
		}

		s.status = []statusAnswer{none(99), none(99), none(99), none(99), none(99), none(101),
			none(102)}
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
		// The transaction itself advances the nonce when it lands.
		s.nonces = []func() (bool, uint64, error){nonceIs(true, 70, nil)}
		s.status = []statusAnswer{none(69), none(69), found(Confirmed, "null")}
		_, err := Run(t.Context(), nonceTx, s, s, Config{NonceAdvanced: s.nonceAdvanced})
		require.NoError(t, err)
	})
}

// TestResume_NoHistory queries a node that keeps no history. It can report a
// fresh landing but never proves expiry.
func TestResume_NoHistory(t *testing.T) {
	scripted(t, func(t *testing.T, s *script) {
		s.status = []statusAnswer{failedStatus, none(999), failedStatus, none(999), failedStatus,
			found(Confirmed, "null")}
		_, err := Resume(t.Context(), nonceTx, nil, s, Config{})
		require.NoError(t, err)
		require.Equal(t, 3, s.count("status"))
	})
}
