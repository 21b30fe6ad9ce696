package sdk

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// surveyEvery is the interval of surveys, and surveyAgain the interval
	// after a failure.
	surveyEvery = 10 * time.Minute
	surveyAgain = time.Minute
	// surveyGrace limits the wait for a survey after all other answers have
	// arrived.
	surveyGrace = 100 * time.Millisecond
)

// surveys schedules questions about the network on which no trade depends. The
// client asks them along with other requests and does not wait for the answers.
type surveys struct {
	mu  sync.Mutex
	due time.Time
	// running is closed when the current survey ends. It is nil if there is
	// none.
	running chan struct{}
}

// survey asks for the slot time and the finality of the network, unless it did
// so recently. The caller must call both returned functions: finish when all
// other answers have arrived, to wait a moment for the survey, and stop at the
// end. Failures are only logged.
func (c *Client) survey(ctx context.Context) (finish, stop func()) {
	s := &c.surveys
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.running != nil {
		return waitBriefly(s.running), func() {}
	}

	now := c.now()
	if now.Before(s.due) {
		return func() {}, func() {}
	}

	done := make(chan struct{})
	s.running, s.due = done, now.Add(surveyAgain)
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(done)
		var group errgroup.Group
		group.Go(func() error { return c.askSamples(ctx) })
		group.Go(func() error { return c.askFinality(ctx) })
		err := group.Wait()
		if err != nil {
			c.logger.DebugContext(ctx, "the survey of the network failed", "error", err)
		}

		s.mu.Lock()
		defer s.mu.Unlock()
		s.running = nil
		if err == nil {
			s.due = now.Add(surveyEvery)
		}
	}()

	return waitBriefly(done), func() {
		cancel()
		<-done
	}
}

// waitBriefly returns a function that waits up to surveyGrace for done.
func waitBriefly(done <-chan struct{}) func() {
	return func() {
		timer := time.NewTimer(surveyGrace)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
		}
	}
}

// now returns the time of the client's clock.
func (c *Client) now() time.Time {
	if c.clock == nil {
		return time.Now()
	}
	return c.clock.Now()
}
