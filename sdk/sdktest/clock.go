package sdktest

import (
	"sync"
	"time"
)

// Clock is a clock whose time passes only by [Clock.After]: each wait moves the
// clock forward and ends immediately. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
	// tick receives the duration of each wait before the wait ends.
	tick func(time.Duration)
}

// NewClock returns a clock that shows now. onWait, if not nil, is called with
// the duration of each wait, for example to let slots of a node pass.
func NewClock(now time.Time, onWait func(time.Duration)) *Clock {
	return &Clock{now: now, tick: onWait}
}

// Now returns the current time of the clock. It implements [sdk.Clock].
func (c *Clock) Now() time.Time {
	if c == nil {
		return time.Time{}
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After moves the clock forward by wait and sends the new time on the returned
// channel. The returned function has no effect. It implements [sdk.Clock].
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
