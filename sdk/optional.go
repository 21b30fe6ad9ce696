package sdk

import (
	"context"
	"time"
)

// feeGrace limits the wait for recent fees and the network fee after all other
// answers have arrived.
const feeGrace = 3 * time.Second

// optional is an answer that a trade does not depend on.
type optional[T any] struct {
	done   chan struct{}
	cancel context.CancelFunc
	value  T
	err    error
}

// askFor starts a request. The caller must call stop.
func askFor[T any](ctx context.Context, ask func(context.Context) (T, error)) *optional[T] {
	ctx, cancel := context.WithCancel(ctx)
	o := &optional[T]{done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(o.done)
		o.value, o.err = ask(ctx)
	}()
	return o
}

// wait returns the answer, or an error if it does not arrive within the grace.
func (o *optional[T]) wait(grace time.Duration) (T, error) {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-o.done:
	case <-timer.C:
		o.stop()
	}
	return o.value, o.err
}

// stop cancels the request and waits for its goroutine.
func (o *optional[T]) stop() {
	o.cancel()
	<-o.done
}
