package send

import "time"

// Clock paces polling and rebroadcasting, so that tests need not wait.
type Clock interface {
	// Now never goes back.
	Now() time.Time
	// After delivers once Now has advanced by d, as [time.After] does; stop
	// releases it early.
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
