package sdktest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/sdk/sdktest"
)

func TestClock_After(t *testing.T) {
	start := time.Unix(1_750_000_000, 0)
	var waited []time.Duration
	clock := sdktest.NewClock(start, func(d time.Duration) { waited = append(waited, d) })
	require.Equal(t, start, clock.Now())
	done, stop := clock.After(5 * time.Second)
	require.Equal(t, start.Add(5*time.Second), <-done)
	stop()
	require.Equal(t, start.Add(5*time.Second), clock.Now())
	<-first(clock.After(time.Minute))
	require.Equal(t, start.Add(65*time.Second), clock.Now())
	require.Equal(t, []time.Duration{5 * time.Second, time.Minute}, waited)

	silent := sdktest.NewClock(start, nil)
	<-first(silent.After(time.Hour))
	require.Equal(t, start.Add(time.Hour), silent.Now())
}

func first(c <-chan time.Time, _ func()) <-chan time.Time { return c }
