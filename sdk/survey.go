package sdk

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// surveyEvery is how often the client asks how fast the network is, and
	// surveyAgain how soon it asks again where it got no answer.
	surveyEvery = 10 * time.Minute
	surveyAgain = time.Minute
	// surveyGrace is how long a survey is waited for when all else is there.
	surveyGrace = 100 * time.Millisecond
)

// surveys are the questions about the network that no trade depends on. They
// are asked along with other requests, so that nothing waits for their answers.
type surveys struct {
	mu  sync.Mutex
	due time.Time
	// running is closed when the current survey ends; nil if there is none.
	running chan struct{}
}

// survey asks what the network is like, unless that was asked lately. Call both
// functions it returns: finish when all else is there, which waits a moment for
// what is still missing, and stop at the end in any case. Failures are logged
// and no error.
func (c *Client) survey(ctx context.Context) (finish, stop func()) {
	s := &c.surveys
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.running != nil {
		return patience(s.running), func() {}
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
			c.logger.DebugContext(ctx, "the node does not tell all about the network", "error", err)
		}

		s.mu.Lock()
		defer s.mu.Unlock()
		s.running = nil
		if err == nil {
			s.due = now.Add(surveyEvery)
		}
	}()

	return patience(done), func() {
		cancel()
		<-done
	}
}

// patience waits a moment for done.
func patience(done <-chan struct{}) func() {
	return func() {
		timer := time.NewTimer(surveyGrace)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
		}
	}
}

// now is the time by the client's clock.
func (c *Client) now() time.Time {
	if c.clock == nil {
		return time.Now()
	}
	return c.clock.Now()
}
