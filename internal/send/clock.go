package send

import "time"

// Clock measures the pauses between broadcasts and status queries. Tests
// replace it, so that they need not wait.
type Clock interface {
	// Now returns the current time. It never goes back.
	Now() time.Time
	// After sends the time on c once Now has advanced by d, like [time.After].
	// stop releases the timer early.
	After(d time.Duration) (c <-chan time.Time, stop func())
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) After(d time.Duration) (<-chan time.Time, func()) {
	if d <= 0 {
		now := make(chan time.Time, 1)
		now <- time.Now()
		return now, func() {}
	}

	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}
