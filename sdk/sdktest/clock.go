package sdktest

import (
	"sync"
	"time"
)

// Clock is a clock on which no time passes by itself. Waiting on it moves it: every wait ends at once, and later. It is safe for
// concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
	// tick is told about every wait before it ends.
	tick func(time.Duration)
}

// NewClock returns a clock that stands at the given time. The function, if there is one, is called on every wait, for example to
// let a node's slots pass.
func NewClock(now time.Time, onWait func(time.Duration)) *Clock {
	return &Clock{now: now, tick: onWait}
}

// Now implements sdk.Clock.
func (c *Clock) Now() time.Time {
	if c == nil {
		return time.Time{}
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After implements sdk.Clock.
func (c *Clock) After(wait time.Duration) (<-chan time.Time, func()) {
	if c == nil {
		c = new(Clock)
	}

	if c.tick != nil {
		c.tick(wait)
	}
	c.mu.Lock()
	c.now = c.now.Add(wait)
	now := c.now
	c.mu.Unlock()
	done := make(chan time.Time, 1)
	done <- now
	return done, func() {}
}
